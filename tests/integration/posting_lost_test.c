/* posting_lost_test.c - answers that are lost, effects that come late, documents that are gone:
 * nothing is posted twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/postings.h"
#include "support/proc.h"

/* ---- nothing twice ---- */

static bool settled(void *state)
{
    struct house *house = state;
    struct ran ran = house_run(house, "sales-orders.post", CREATED);
    assert_true(ran.ok || ran.err.kind == ERR_UNCERTAIN);
    return ran.ok;
}

static const struct {
    const char *name, *action;
    int times;
    bool waits; /* the run that met it could not say how it ended */
} LOSSES[] = {
  /* clang-format off */
    {"the answer is lost", "{\"kind\":\"reset_after\"}", 1, true},
    {"it never arrives", "{\"kind\":\"reset_before\"}", 1, true},
    {"twice in a row", "{\"kind\":\"reset_before\"}", 2, true},
    {"the server fails after", "{\"kind\":\"internal_after\"}", 1, true},
    {"the server fails before", "{\"kind\":\"internal_before\"}", 1, true},
    {"the answer is garbled", "{\"kind\":\"status_after\",\"status\":502}", 1, true},
    {"it comes after we have looked", "{\"kind\":\"later\",\"match\":\"salesOrders\"}", 1, true},
    {"it comes after we have looked twice", "{\"kind\":\"later\",\"looks\":2,\"match\":\"salesOrders\"}", 1, true},
    {"it takes the server's eight minutes", "{\"kind\":\"later\",\"looks\":1000,\"bucket_ms\":480000}", 1, true},
    {"cancelled by the server", "{\"kind\":\"status\",\"status\":408}", 1, true},
    {"a lock is lost", "{\"kind\":\"status\",\"status\":409}", 1, false},
    {"locked by another user", "{\"kind\":\"locked\"}", 2, false},
    {"too many calls", "{\"kind\":\"throttled\"}", 1, false},
    {"the token has expired", "{\"kind\":\"revoke_token\"}", 1, false},
  /* clang-format on */
};

static void a_lost_answer_posts_nothing_twice(void **state)
{
    struct house *house = *state;
    for (size_t i = 0; i < COUNT(LOSSES); i++) {
        OWN_TEXT char *first = mem_printf("#90%02zu", 2 * i + 1);
        OWN_TEXT char *second = mem_printf("#90%02zu", 2 * i + 2);
        print_message("%s\n", LOSSES[i].name);
        house_place(house, first, "");
        house_place(house, second, "");
        house_good(house, "orders.sync", NINES);
        house_good(house, "orders.process", NINES);
        fault_posting(house, LOSSES[i].times, LOSSES[i].action);
        struct ran ran = house_run(house, "sales-orders.post", CREATED);
        if (LOSSES[i].waits) {
            assert_false(ran.ok);
            assert_int_equal(ran.err.kind, ERR_UNCERTAIN);
            assert_true(ran.err.retry_after_ms > 0);
            assert_int_equal(ran.counts.created, LOSSES[i].times == 1 ? 1 : 0);
        } else {
            assert_true(ran.ok);
            assert_int_equal(ran.counts.created, 2);
        }
        assert_true(wait_for(settled, house, 30000));
        assert_int_equal(invoices(house, first), 1);
        assert_int_equal(invoices(house, second), 1);
        expect_state(house, first, "posted", "");
        expect_state(house, second, "posted", "");
    }
    assert_int_equal(invoices(house, NULL), 2 * COUNT(LOSSES));
}

static int open_patient(void **state)
{
    const char *const shopify[] = {"--data", "synthetic", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "synthetic", NULL};
    *state = house_open(shopify, bc, 510);
    return 0;
}

/* As long as the server may be at work on it, it is looked for and not sent, by whichever run. */
static void nothing_is_sent_again_too_early(void **state)
{
    static const char POST[] = "POST salesOrders"; /* what arrived: the one that made it */
    struct house *house = *state;
    make_orders(house, 1, "");
    fault_posting(house, 1, "{\"kind\":\"reset_before\"}");
    for (int i = 0; i < 3; i++) {
        struct ran ran = house_run_as(house, "sales-orders.post", CREATED,
                                      i == 2 ? TICKET_IMMEDIATE : TICKET_SCHEDULED);
        assert_false(ran.ok);
        assert_int_equal(ran.err.kind, ERR_UNCERTAIN);
        assert_true(ran.err.retry_after_ms > 20000);
        assert_int_equal(ran.counts.created + ran.counts.updated + ran.counts.failed, 0);
        assert_int_equal(peers_calls(house->peers, "bc", POST), 1);
    }
    expect_state(house, "#9001", "skipped", "posting-in-flight");
    OWN_BUF struct buf names = {0};
    assert_int_equal(preview(house, "sales-orders.post", CREATED, &names), 1);
    document_told(house, "#9001", "{\"post\":true}"); /* a person does it meanwhile */
    assert_int_equal(house_good(house, "sales-orders.post", CREATED).updated, 1);
    assert_int_equal(invoices(house, "#9001"), 1);
    assert_int_equal(peers_calls(house->peers, "bc", POST), 1);
}

/* A part that took effect is not followed by the rest in the same breath: once it is shipped, the
 * company proposes all that is left, and only the next run may take that. */
static void a_lost_part_is_not_followed_by_the_rest(void **state)
{
    struct house *house = *state;
    make_orders(house, 1, "");
    person_sets(house, "#9001", "{\"shipQuantity\":1}");
    fault_posting(house, 1, "{\"kind\":\"reset_after\"}");
    struct ran ran = house_run(house, "sales-orders.post", CREATED);
    assert_false(ran.ok);
    assert_int_equal(ran.err.kind, ERR_UNCERTAIN);
    struct counts counts = house_good(house, "sales-orders.post", CREATED);
    assert_int_equal(counts.created, 0);
    assert_int_equal(counts.updated, 1);
    assert_int_equal(invoices(house, "#9001"), 1);
    expect_state(house, "#9001", "partly", "");
    assert_int_equal(house_good(house, "sales-orders.post", CREATED).created, 1);
    assert_int_equal(invoices(house, "#9001"), 2);
}

static void a_person_ships_a_part(void **state)
{
    struct house *house = *state;
    make_orders(house, 1, "");
    person_sets(house, "#9001", "{\"shipQuantity\":1}");
    house_good(house, "sales-orders.post", "{\"post_when\":\"created\",\"invoice\":false}");
    expect_state(house, "#9001", "partly", "");
    OWN_TEXT char *left = line_field(house, "#9001", "shippedQuantity");
    assert_string_equal(left, "1");
}

static void a_document_that_is_gone_is_told_apart(void **state)
{
    struct house *house = *state;
    make_orders(house, 3, "");
    document_told(house, "#9001", "{\"post\":true}"); /* by a person */
    OWN_TEXT char *number = number_of(house, "#9002");
    OWN_TEXT char *path = mem_printf("documents/%s", number);
    json_free(house_ask(house, "bc", "DELETE", path, NULL));
    struct counts counts = house_good(house, "sales-orders.post", CREATED);
    assert_int_equal(counts.created, 1);
    assert_int_equal(counts.updated, 1);
    assert_int_equal(counts.skipped, 1);
    expect_state(house, "#9001", "posted", "");
    expect_state(house, "#9002", "skipped", "document-gone");
    assert_int_equal(invoices(house, "#9001"), 1);
    OWN_JSON json *row = posting_of(house, "#9001");
    assert_true(*json_text(row, "invoice_number"));
    assert_int_equal(house_good(house, "sales-orders.post", CREATED).read, 0);
}

static void a_document_that_somebody_changes_is_looked_at_again(void **state)
{
    struct house *house = *state;
    make_orders(house, 1, "");
    fault_posting(house, 1,
                  "{\"kind\":\"status\",\"status\":409,\"body\":\"{\\\"error\\\":{\\\"code\\\":"
                  "\\\"Request_EntityChanged\\\",\\\"message\\\":\\\"Another user has already "
                  "changed the record.\\\"}}\"}");
    struct ran ran = house_run(house, "sales-orders.post", CREATED);
    assert_false(ran.ok);
    assert_int_equal(ran.err.kind, ERR_RETRY);
    assert_int_equal(house_good(house, "sales-orders.post", CREATED).created, 1);
    assert_int_equal(invoices(house, "#9001"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(a_lost_answer_posts_nothing_twice),
        cmocka_unit_test_setup_teardown(nothing_is_sent_again_too_early, open_patient,
                                        close_postings),
        RUN(a_lost_part_is_not_followed_by_the_rest),
        RUN(a_person_ships_a_part),
        RUN(a_document_that_is_gone_is_told_apart),
        RUN(a_document_that_somebody_changes_is_looked_at_again),
    };
    return cmocka_run_group_tests_name("posting_lost", tests, NULL, NULL);
}

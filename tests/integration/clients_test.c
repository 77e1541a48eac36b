/* clients_test.c - the typed clients against the two simulated peers and a real Redis. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "bc/bc.h"
#include "shopify/shopify.h"
#include "support/peers.h"

static struct peers *peers;
static struct err err;

#define OK(what)                                                                                   \
    do {                                                                                           \
        if (!(what))                                                                               \
            fail_msg("%s", err.text);                                                              \
    } while (0)

static void a_store_tells_who_it_is(void **state)
{
    (void)state;
    struct desk desk;
    struct shopify_call call = {.document = "shop-info"};
    desk_open(peers, NULL, &desk);

    OK(shopify_ask(desk.attempt, &call, &err));
    assert_string_equal("demo.myshopify.com",
                        json_string(json_path(call.data, "shop.myshopifyDomain")));
    assert_int_equal(4, call.requested);
    assert_int_equal(1, desk.attempt->counts.calls);
    assert_int_equal(call.actual, desk.attempt->counts.points);
    shopify_call_drop(&call);
    desk_close(&desk);
}

static void an_environment_tells_its_companies(void **state)
{
    (void)state;
    struct desk desk;
    struct bc_call call = {.method = "GET", .path = "/companies"};
    struct bc *bc;
    desk_open(peers, NULL, &desk);

    OK(bc_ask(desk.attempt, &call, &err));
    assert_string_equal("CRONUS UK Ltd.", json_string(json_path(call.answer, "value.0.name")));
    OK(bc_of(desk.attempt, &bc, &err));
    assert_string_equal("CRONUS UK Ltd.", bc_company_name(bc));
    assert_true(bc_has(bc, "salesOrder", "externalDocumentNumber"));
    assert_true(bc_has(bc, "salesOrder", "salesOrderLines"));
    assert_false(bc_has(bc, "salesOrder", "noSuchProperty"));
    bc_call_drop(&call);
    desk_close(&desk);
}

static int open_all(void **state)
{
    (void)state;
    peers = peers_open(NULL, NULL);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    peers_free(peers);
    return 0;
}

static int calm(void **state)
{
    (void)state;
    json_free(peers_admin(peers, "shopify", "DELETE", "faults", NULL));
    json_free(peers_admin(peers, "bc", "DELETE", "faults", NULL));
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_store_tells_who_it_is, calm),
        cmocka_unit_test_teardown(an_environment_tells_its_companies, calm),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}

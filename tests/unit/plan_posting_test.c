/* plan_posting_test.c - which documents are posted, what is set on them before, and which entries
 * may ask for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/operations.h"
#include "operations/posting.h"
#include "plan/posting_plan.h"
#include "wire/json.h"

/* ---- what is set and posted ---- */

struct line_case {
    int quantity, shipped, invoiced, to_ship, to_invoice;
};

/* One or two lines; want: changes in order as "s<line>=<quantity>" and "i<line>=...", then what is
 * posted. */
static const struct {
    const char *name;
    struct line_case lines[2];
    const char *status;
    bool ship, invoice;
    enum posting_step step;
    const char *changes;
    bool ships, invoices, whole;
} ORDERS[] = {
  /* clang-format off */
    {"a new order, as it stands", {{2, 0, 0, 2, 2}, {1, 0, 0, 1, 1}}, "Draft", true, true,
     POSTING_SEND, "", true, true, true},
    {"a released one too", {{2, 0, 0, 2, 2}}, "Released", true, true,
     POSTING_SEND, "", true, true, true},
    {"one in review waits", {{2, 0, 0, 2, 2}}, "In Review", true, true,
     POSTING_APPROVAL, "", false, false, false},
    {"what a person has set stays", {{5, 0, 0, 3, 3}}, "Draft", true, true,
     POSTING_SEND, "", true, true, false},
    {"a person may ship more than is invoiced", {{5, 0, 0, 5, 2}}, "Draft", true, true,
     POSTING_SEND, "", true, true, false},
    {"quantities left blank mean all", {{2, 0, 0, 0, 0}, {3, 0, 0, 0, 0}}, "Draft", true, true,
     POSTING_SEND, "s0=2 s1=3", true, true, true},
    {"one line at nothing is a person's choice", {{2, 0, 0, 0, 0}, {3, 0, 0, 3, 3}}, "Draft", true,
     true, POSTING_SEND, "", true, true, false},
    {"ship only: nothing is invoiced", {{2, 0, 0, 2, 2}, {1, 0, 0, 1, 1}}, "Draft", true, false,
     POSTING_SEND, "i0=0 i1=0", true, false, false},
    {"ship only, quantities blank: shipping first, for it resets the other", {{2, 0, 0, 0, 0}},
     "Draft", true, false, POSTING_SEND, "s0=2 i0=0", true, false, false},
    {"ship only, all shipped: nothing", {{2, 2, 0, 0, 2}}, "Released", true, false,
     POSTING_NOTHING, "i0=0", false, false, false},
    {"invoice only, nothing shipped: nothing", {{2, 0, 0, 2, 2}}, "Draft", false, true,
     POSTING_NOTHING, "s0=0", false, false, false},
    {"invoice only: what is shipped and not invoiced", {{5, 3, 1, 2, 4}}, "Released", false, true,
     POSTING_SEND, "s0=0", false, true, false},
    {"invoice only completes what is shipped", {{5, 5, 0, 0, 0}}, "Released", false, true,
     POSTING_SEND, "i0=5", false, true, true},
    {"both, and all that is left is to invoice", {{5, 5, 0, 0, 0}}, "Released", true, true,
     POSTING_SEND, "i0=5", false, true, true},
    {"shipped by a ship-only run, then both", {{5, 5, 0, 0, 5}}, "Released", true, true,
     POSTING_SEND, "", false, true, true},
    {"all is posted and it stands: nothing", {{5, 5, 5, 0, 0}}, "Released", true, true,
     POSTING_NOTHING, "", false, false, true},
    {"goods that come back", {{-2, 0, 0, -2, -2}}, "Draft", true, true,
     POSTING_SEND, "", true, true, true},
  /* clang-format on */
};

static void changes_text(const struct posting_document *document, const struct posting_plan *plan,
                         struct buf *out)
{
    char text[DECIMAL_TEXT];
    for (size_t i = 0; i < plan->ship_count; i++) {
        decimal_format(plan->ship[i].quantity, text);
        buf_printf(out, "%ss%d=%s", out->size ? " " : "",
                   (int)(plan->ship[i].line - document->lines), text);
    }
    for (size_t i = 0; i < plan->invoice_count; i++) {
        decimal_format(plan->invoice[i].quantity, text);
        buf_printf(out, "%si%d=%s", out->size ? " " : "",
                   (int)(plan->invoice[i].line - document->lines), text);
    }
}

static void orders_are_posted_as_they_stand_and_as_is_asked_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ORDERS); i++) {
        OWN(arena) struct arena *arena = arena_new();
        OWN_BUF struct buf changes = {0};
        struct posting_line lines[2];
        struct posting_document document = {.kind = POSTING_ORDER,
                                            .status = ORDERS[i].status,
                                            .posting_date = "2026-01-01",
                                            .document_date = "2026-01-01",
                                            .lines = lines};
        struct posting_wish wish = {.ship = ORDERS[i].ship, .invoice = ORDERS[i].invoice};
        struct posting_plan plan;
        for (size_t k = 0; k < 2 && ORDERS[i].lines[k].quantity; k++) {
            const struct line_case *line = &ORDERS[i].lines[k];
            lines[document.line_count++] = (struct posting_line){
                .id = "",
                .etag = "",
                .quantity = decimal_from_int(line->quantity),
                .shipped = decimal_from_int(line->shipped),
                .invoiced = decimal_from_int(line->invoiced),
                .to_ship = decimal_from_int(line->to_ship),
                .to_invoice = decimal_from_int(line->to_invoice),
            };
        }
        posting_plan(&document, &wish, arena, &plan);
        changes_text(&document, &plan, &changes);
        if (plan.step != ORDERS[i].step || strcmp(buf_str(&changes), ORDERS[i].changes) != 0 ||
            plan.ships != ORDERS[i].ships || plan.invoices != ORDERS[i].invoices ||
            (plan.step == POSTING_SEND && plan.whole != ORDERS[i].whole))
            fail_msg("%s: step %d, changes \"%s\", ships %d, invoices %d, whole %d", ORDERS[i].name,
                     plan.step, buf_str(&changes), plan.ships, plan.invoices, plan.whole);
    }
}

static const struct {
    const char *status;
    enum posting_kind kind;
    enum posting_step step;
} OTHERS[] = {
    {"Draft",     POSTING_INVOICE, POSTING_SEND    },
    {"In Review", POSTING_INVOICE, POSTING_APPROVAL},
    {"Open",      POSTING_INVOICE, POSTING_DONE    },
    {"Paid",      POSTING_INVOICE, POSTING_DONE    },
    {"Canceled",  POSTING_INVOICE, POSTING_DONE    },
    {"Draft",     POSTING_MEMO,    POSTING_SEND    },
    {"Open",      POSTING_MEMO,    POSTING_DONE    },
};

static void invoices_and_memos_are_posted_from_drafts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(OTHERS); i++) {
        OWN(arena) struct arena *arena = arena_new();
        struct posting_document document = {
            .kind = OTHERS[i].kind, .status = OTHERS[i].status, .posting_date = ""};
        struct posting_wish wish = {.ship = true, .invoice = true};
        struct posting_plan plan;
        posting_plan(&document, &wish, arena, &plan);
        if (plan.step != OTHERS[i].step)
            fail_msg("%s: step %d", OTHERS[i].status, plan.step);
    }
}

static void dates_are_replaced_where_they_differ(void **state)
{
    (void)state;
    OWN(arena) struct arena *arena = arena_new();
    struct posting_document document = {.kind = POSTING_INVOICE,
                                        .status = "Draft",
                                        .posting_date = "2026-01-01",
                                        .document_date = "2026-01-31"};
    struct posting_wish wish = {true, true, "2026-01-31", "2026-01-31"};
    struct posting_plan plan;
    posting_plan(&document, &wish, arena, &plan);
    assert_string_equal(plan.posting_date, "2026-01-31");
    assert_null(plan.document_date);
    wish = (struct posting_wish){true, true, NULL, NULL};
    posting_plan(&document, &wish, arena, &plan);
    assert_null(plan.posting_date);
}

static void what_was_posted_shows_in_two_figures(void **state)
{
    (void)state;
    char text[POSTING_PROGRESS];
    struct posting_line lines[] = {
        {.shipped = decimal_from_int(2), .invoiced = decimal_from_int(1)},
        {.shipped = {15, 1},             .invoiced = DECIMAL_ZERO       },
    };
    struct posting_document document = {.lines = lines, .line_count = 2};
    posting_progress(&document, text);
    assert_string_equal(text, "3.5/1");
}

/* ---- filters ---- */

static const struct {
    const char *arguments;
    bool fits;
} FILTERS[] = {
    {"{\"number\":\"101001..101099\"}",                          true },
    {"{\"number\":\"2*\"}",                                      false},
    {"{\"status\":\"Draft|Released\"}",                          true },
    {"{\"status\":\"Released\"}",                                false},
    {"{\"customer\":\"10000\"}",                                 true },
    {"{\"customer\":\"<>10000\"}",                               false},
    {"{\"filter_posting_date\":\"..today\"}",                    true },
    {"{\"filter_posting_date\":\"..2026-02-28\"}",               false},
    {"{\"filter_posting_date\":\"2026-03-01..2026-03-31\"}",     true },
    {"{\"filter_document_date\":\"today\"}",                     false},
    {"{\"filter_document_date\":\"<=2026-02-01&>=2026-01-01\"}", true },
    {"{\"amount\":\"<=100\"}",                                   true },
    {"{\"amount\":\">99.5\"}",                                   false},
    {"{\"external_document_number\":\"WEB*\"}",                  true },
    {"{\"external_document_number\":\"X*\"}",                    false},
    {"{\"order_no\":\"<>''\"}",                                  true },
    {"{\"order_no\":\"#1001|#1002\"}",                           true },
    {"{\"order_no\":\"#1003..\"}",                               false},
    {"{\"customer\":\"10000\",\"amount\":\">=1000\"}",           false},
};

static void filters_ask_for_the_documents_fields(void **state)
{
    (void)state;
    struct posting_document document = {
        .number = "101001",
        .status = "Draft",
        .customer = "10000",
        .external = "WEB#1001",
        .posting_date = "2026-03-15",
        .document_date = "2026-02-01",
        .amount = {995, 1}
    };
    for (size_t i = 0; i < COUNT(FILTERS); i++) {
        OWN(posting_filters) struct posting_filters *filters = NULL;
        OWN_JSON json *arguments = NULL;
        struct err err;
        if (!json_parse(FILTERS[i].arguments, strlen(FILTERS[i].arguments), &arguments, &err) ||
            !posting_filters_open(arguments, "2026-03-15", &filters, &err))
            fail_msg("%s", err.text);
        if (posting_filters_fit(filters, &document, "#1001") != FILTERS[i].fits)
            fail_msg("%s %s", FILTERS[i].arguments, FILTERS[i].fits ? "leaves it out" : "takes it");
    }
}

/* ---- what an entry may ask for ---- */

static const struct {
    const char *operation, *arguments, *says; /* NULL = taken */
} ARGUMENTS[] = {
  /* clang-format off */
    {"296", "{}", "argument post_when is missing"},
    {"296", "{\"shop\":\"demo\"}", "argument post_when is missing"},
    {"297", "{\"ship\":\"true\"}", "has no argument \"ship\""},
    {"296", "{\"all\":\"false\"}", "argument post_when is missing"},
    {"296", "{\"all\":true}", NULL},
    {"297", "{\"all\":true,\"credit_memos\":false}", NULL},
    {"296", "{\"all\":true,\"shop\":\"DEMO\"}", "argument shop: does not go with all"},
    {"296", "{\"all\":true,\"post_when\":\"paid\"}", "argument post_when: does not go with all"},
    {"296", "{\"all\":true,\"order_no\":\"#1*\"}", "argument order_no: does not go with all"},
    {"296", "{\"all\":true,\"amount\":\"<10\"}", NULL},
    {"296", "{\"post_when\":\"paid\"}", NULL},
    {"296", "{\"post_when\":\"sometime\"}", "argument post_when: want one of created|paid|fulfilled|manual"},
    {"296", "{\"post_when\":\"pai\"}", "argument post_when: want one of"},
    {"296", "{\"order_no\":\"<>''\"}", NULL},
    {"296", "{\"number\":\"'1\"}", "argument number: filter: a quote"},
    {"296", "{\"amount\":\"much\"}", "argument amount: filter: \"much\" is no number"},
    {"296", "{\"status\":\"Open\"}", "argument status: Open is a draft"},
    {"296", "{\"status\":\"Released|Draft\"}", NULL},
    {"296", "{\"customer\":\"1*\",\"ship\":false,\"invoice\":false}", "argument invoice: neither"},
    {"296", "{\"customer\":\"1*\",\"ship\":false}", NULL},
    {"296", "{\"customer\":\"1*\",\"replace_posting_date\":true}", "argument posting_date is missing"},
    {"296", "{\"customer\":\"1*\",\"replace_document_date\":true}", "argument posting_date is missing"},
    {"296", "{\"customer\":\"1*\",\"posting_date\":\"2027-01-31\"}", "argument posting_date: replaces nothing"},
    {"296", "{\"customer\":\"1*\",\"posting_date\":\"2027-02-29\",\"replace_posting_date\":true}", "argument posting_date: want a date"},
    {"296", "{\"customer\":\"1*\",\"posting_date\":\"31.01.2027\",\"replace_posting_date\":true}", "argument posting_date: want a date"},
    {"296", "{\"customer\":\"1*\",\"posting_date\":\"today\",\"replace_posting_date\":true}", NULL},
    {"297", "{\"customer\":\"1*\",\"posting_date\":\"2028-02-29\",\"replace_document_date\":true}", NULL},
    {"296", "{\"customer\":\"1*\",\"replace_vat_date\":true}", "argument vat_date is missing"},
  /* clang-format on */
};

static void an_entry_says_which_documents_it_means(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ARGUMENTS); i++) {
        OWN_BUF struct buf canonical = {0};
        struct err err;
        err_clear(&err);
        bool taken = operation_arguments(operation_by_name(ARGUMENTS[i].operation),
                                         ARGUMENTS[i].arguments, &canonical, &err);
        if (taken != !ARGUMENTS[i].says ||
            (!taken && (!strstr(err.text, ARGUMENTS[i].says) || err.code != 400)))
            fail_msg("%s %s: %s", ARGUMENTS[i].operation, ARGUMENTS[i].arguments,
                     taken ? "was taken" : err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_are_posted_as_they_stand_and_as_is_asked_for),
        cmocka_unit_test(invoices_and_memos_are_posted_from_drafts),
        cmocka_unit_test(dates_are_replaced_where_they_differ),
        cmocka_unit_test(what_was_posted_shows_in_two_figures),
        cmocka_unit_test(filters_ask_for_the_documents_fields),
        cmocka_unit_test(an_entry_says_which_documents_it_means),
    };
    return cmocka_run_group_tests_name("plan_posting", tests, NULL, NULL);
}

/* orders_documents_test.c - invoices, credit memos, both currencies, totals, and what goes back to
 * Shopify: orders.process against both simulated peers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "store/store.h"
#include "support/house.h"

static const char NINES[] = "{\"shop\":\"DEMO\",\"order_no\":\"#90*\"}";
static const char ACCOUNTS[] =
    ",\"gift_card_account\":\"5420\",\"tip_account\":\"6620\",\"refund_account\":\"6130\","
    "\"refund_account_non_restock\":\"6130\",\"return_and_refund_process\":\"auto-create\"";

static int open_demo(void **state)
{
    const char *const shopify[] = {"--data", "synthetic", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "synthetic", NULL};
    *state = house_open(shopify, bc, 1);
    return 0;
}

/* The company has the app in extension/. */
static int open_extension(void **state)
{
    const char *const shopify[] = {"--data", "synthetic", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "synthetic", "--level", "extension", NULL};
    *state = house_open(shopify, bc, 1);
    return 0;
}

static int close_demo(void **state)
{
    house_free(*state);
    return 0;
}

/* ---- furniture ---- */

static struct counts sync_and_process(struct house *house)
{
    house_good(house, "orders.sync", NINES);
    return house_good(house, "orders.process", NINES);
}

static char *field(struct house *house, const char *key, const char *name)
{
    const char *const keys[] = {key}, *const names[] = {name};
    OWN(store_rows) struct store_rows *rows = NULL;
    struct err err;
    if (!store_read(house->ledger, HOUSE_COMPANY, keys, 1, names, 1, &rows, &err))
        fail_msg("%s", err.text);
    return mem_text(store_text(rows, 0, 0));
}

static void expect_field(struct house *house, const char *key, const char *name, const char *want)
{
    OWN_TEXT char *got = field(house, key, name);
    if (strcmp(got, want) != 0)
        fail_msg("%s %s: \"%s\" instead of \"%s\"", key, name, got, want);
}

static char *order_key(struct house *house, const char *name)
{
    OWN_TEXT char *id = house_order_id(house, name);
    return mem_printf("order:%s", id);
}

/* Documents whose external number starts so; *last gets the last one, a copy. */
static size_t documents_of(struct house *house, const char *external, json **last)
{
    OWN_JSON json *answer = house_ask(house, "bc", "GET", "documents", NULL);
    const json *list = json_get(answer, "documents");
    size_t found = 0;
    for (size_t i = 0; i < json_count(list); i++) {
        const json *row = json_at(list, i);
        if (strncmp(json_text(row, "externalDocumentNumber"), external, strlen(external)) != 0)
            continue;
        found++;
        if (last) {
            json_free(*last);
            *last = json_copy(row);
        }
    }
    return found;
}

static void expect_document(struct house *house, const char *external, const char *kind,
                            const char *total)
{
    OWN_JSON json *row = NULL;
    struct decimal got = DECIMAL_ZERO, want = DECIMAL_ZERO;
    size_t found = documents_of(house, external, &row);
    if (found != 1)
        fail_msg("%s: %zu documents", external, found);
    assert_string_equal(json_text(row, "kind"), kind);
    assert_true(json_decimal(row, "totalAmountIncludingTax", &got) && decimal_parse(total, &want));
    if (decimal_cmp(got, want) != 0) {
        char text[DECIMAL_TEXT];
        decimal_format(got, text);
        fail_msg("%s: %s instead of %s", external, text, total);
    }
}

static bool is_in(struct house *house, const char *index, const char *member)
{
    OWN_IDS struct store_ids ids = {0};
    struct err err;
    if (!store_zset(house->ledger, HOUSE_COMPANY, index, INT64_MAX, 1000, &ids, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < ids.count; i++)
        if (strcmp(ids.items[i], member) == 0)
            return true;
    return false;
}

static void expect_reason(struct house *house, const char *record, const char *reason)
{
    OWN_JSON json *list = NULL;
    struct err err;
    const char *got = "";
    if (!store_skips(house->ledger, HOUSE_COMPANY, "DEMO", NULL, 1000, &list, NULL, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < json_count(list); i++)
        if (strncmp(json_text(json_at(list, i), "record"), record, strlen(record)) == 0)
            got = json_text(json_at(list, i), "reason");
    if (strcmp(got, reason) != 0)
        fail_msg("%s: reason \"%s\" instead of \"%s\"", record, got, reason);
}

/* ---- invoices ---- */

static void delivered_orders_are_invoices(void **state)
{
    struct house *house = *state;
    house_place(house, "#9001", ",\"fulfillmentStatus\":\"FULFILLED\",\"poNumber\":\"PO 7\"");
    house_place(house, "#9002", ",\"fulfillmentStatus\":\"FULFILLED\"");
    house_place(house, "#9003", "");
    struct counts made = sync_and_process(house);
    assert_int_equal(made.created, 3);
    expect_document(house, "#9001", "invoice", "25");
    expect_document(house, "#9002", "invoice", "25");
    expect_document(house, "#9003", "order", "25");
    OWN_TEXT char *id = house_order_id(house, "#9001");
    OWN_TEXT char *link = mem_printf("link:order:%s", id);
    expect_field(house, link, "kind", "salesInvoice");
    assert_true(is_in(house, "ready:DEMO", id));
    OWN_JSON json *row = NULL;
    documents_of(house, "#9001", &row);
    assert_string_equal(json_text(row, "customerPurchaseOrderReference"), "PO 7");
    /* off: it is an order whatever was delivered */
    house_put_shop(house, "DEMO", ",\"create_fulfilled_orders_as_invoices\":false");
    house_place(house, "#9004", ",\"fulfillmentStatus\":\"FULFILLED\"");
    sync_and_process(house);
    expect_document(house, "#9004", "order", "25");
}

/* This customer's invoices hold prices without tax: the first draft says so, the next ones are
 * right at once, and what such prices cannot make is an order. */
static void prices_are_as_the_customers_invoices_have_them(void **state)
{
    struct house *house = *state;
    static const char CHEAP[] = "{\"name\":\"#9003\",\"customer\":\"7300000000000\",\"lines\":[{"
                                "\"sku\":\"1896-S\",\"quantity\":1,\"price\":\"0.03\"}],"
                                "\"fulfillmentStatus\":\"FULFILLED\"}";
    house_tell(house, "bc", "customers/10000", "{\"pricesIncludeTax\":false}");
    house_place(house, "#9001", ",\"fulfillmentStatus\":\"FULFILLED\"");
    struct counts made = sync_and_process(house);
    assert_int_equal(made.created, 1);
    int64_t deleted = peers_calls(house->peers, "bc", "DELETE salesInvoices");
    assert_int_equal(deleted, 1);
    OWN_JSON json *row = NULL;
    documents_of(house, "#9001", &row);
    assert_false(json_flag(row, "pricesIncludeTax", true));
    expect_document(house, "#9001", "invoice", "25");
    house_tell(house, "shopify", "orders", CHEAP);
    sync_and_process(house);
    expect_document(house, "#9003", "order", "0.03");
    OWN_TEXT char *key = order_key(house, "#9001");
    expect_field(house, key, "difference", "");
}

/* Killed between the draft with wrong prices and its successor: the next run finds the draft. */
static void a_draft_with_wrong_prices_is_made_again_by_the_next_run(void **state)
{
    struct house *house = *state;
    house_tell(house, "bc", "customers/10000", "{\"pricesIncludeTax\":false}");
    house_place(house, "#9001", ",\"fulfillmentStatus\":\"FULFILLED\"");
    house_good(house, "orders.sync", NINES);
    peers_fault(house->peers, "bc", "{\"method\":\"DELETE\"}", 1,
                "{\"kind\":\"status\",\"status\":500}");
    struct ran ran = house_run(house, "orders.process", NINES);
    if (!ran.ok)
        house_good(house, "orders.process", NINES);
    expect_document(house, "#9001", "invoice", "25");
    OWN_TEXT char *key = order_key(house, "#9001");
    expect_field(house, key, "state", "processed");
}

/* ---- money ---- */

static void defect_6_the_currency_of_the_document_is_remembered(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *both = mem_printf("%s,\"currency_handling\":\"presentment\"", ACCOUNTS);
    house_put_shop(house, "DEMO", both);
    house_place(house, "#9001", ",\"presentment\":{\"currency\":\"EUR\",\"rate\":\"1.20\"}");
    sync_and_process(house);
    expect_document(house, "#9001", "order", "30");
    OWN_TEXT char *key = order_key(house, "#9001");
    expect_field(house, key, "currency_used", "EUR");
    expect_field(house, key, "handling_used", "presentment");
    /* the refund uses the same, whatever the shop does by then */
    house_put_shop(house, "DEMO", ACCOUNTS);
    house_tell(house, "shopify", "orders/%239001/refund",
               "{\"lines\":[{\"line\":0,\"quantity\":1,\"restock\":\"RETURN\"}]}");
    sync_and_process(house);
    OWN_JSON json *row = NULL;
    assert_int_equal(documents_of(house, "#9001-R", &row), 1);
    assert_string_equal(json_text(row, "currencyCode"), "EUR");
    expect_document(house, "#9001-R", "credit_memo", "15");
}

static void what_nothing_explains_is_an_error(void **state)
{
    struct house *house = *state;
    /* Shopify takes 17.5 percent on top, the ERP is set up with 20 */
    house_place(house, "#9001", ",\"taxesIncluded\":false,\"taxRate\":17.5");
    house_place(house, "#9002", ",\"taxesIncluded\":false,\"taxRate\":20");
    house_good(house, "orders.sync", NINES);
    struct ran ran = house_run(house, "orders.process", NINES);
    assert_false(ran.ok);
    assert_int_equal(ran.err.kind, ERR_FATAL);
    assert_non_null(strstr(ran.err.text, "#9001"));
    assert_int_equal(ran.counts.created, 2);
    OWN_TEXT char *key = order_key(house, "#9001"), *good = order_key(house, "#9002");
    expect_field(house, key, "difference_reason", "unexplained");
    expect_field(house, good, "difference_reason", "");
    OWN_TEXT char *id = house_order_id(house, "#9001"), *ready = house_order_id(house, "#9002");
    assert_false(is_in(house, "ready:DEMO", id));
    assert_true(is_in(house, "ready:DEMO", ready));
    assert_true(is_in(house, "differences:DEMO", id));
    house_good(house, "orders.process", NINES); /* said once */
}

static void roundings_are_shown_or_posted(void **state)
{
    struct house *house = *state;
    static const char LINES[] =
        "{\"name\":\"#%s\",\"customer\":\"7300000000000\",\"taxesIncluded\":"
        "false,\"taxRate\":20,\"lines\":[{\"sku\":\"1896-S\",\"quantity\":1,"
        "\"price\":\"0.12\"},{\"sku\":\"1900-S\",\"quantity\":1,\"price\":"
        "\"0.12\"}]}";
    OWN_TEXT char *first = mem_printf(LINES, "9001"), *second = mem_printf(LINES, "9002");
    house_tell(house, "shopify", "orders", first);
    sync_and_process(house);
    expect_document(house, "#9001", "order", "0.29");
    OWN_TEXT char *key = order_key(house, "#9001"), *id = house_order_id(house, "#9001");
    expect_field(house, key, "difference_reason", "tax-by-group");
    expect_field(house, key, "difference", "Shopify 0.28, Business Central 0.29");
    assert_true(is_in(house, "ready:DEMO", id));
    assert_false(is_in(house, "differences:DEMO", id));
    house_put_shop(house, "DEMO", ",\"rounding_account\":\"9140\"");
    house_tell(house, "shopify", "orders", second);
    sync_and_process(house);
    expect_document(house, "#9002", "order", "0.28");
    OWN_TEXT char *evened = order_key(house, "#9002");
    expect_field(house, evened, "difference_reason", "tax-by-group");
    expect_field(house, evened, "difference", "-0.01 posted to the rounding account");
}

static void an_unknown_code_of_a_setting_waits_for_its_cure(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", ",\"shipment_methods\":{\"Standard\":\"NOPE\"}");
    house_place(house, "#9001", ",\"shipping\":[{\"title\":\"Standard\",\"price\":\"4.95\"}]");
    struct counts counts = sync_and_process(house);
    assert_int_equal(counts.created, 0);
    expect_reason(house, "#9001", "code-unknown");
    house_put_shop(house, "DEMO", ",\"shipment_methods\":{\"Standard\":\"pickup\"}");
    house_good(house, "orders.process", NINES);
    OWN_JSON json *row = NULL;
    assert_int_equal(documents_of(house, "#9001", &row), 1);
    assert_true(*json_text(row, "shipmentMethodId") &&
                strncmp(json_text(row, "shipmentMethodId"), "00000000", 8) != 0);
    expect_document(house, "#9001", "order", "29.95");
}

/* ---- refunds ---- */

static void refunds_are_credit_memos(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", ACCOUNTS);
    house_place(house, "#9001", ",\"shipping\":[{\"title\":\"Standard\",\"price\":\"4.95\"}]");
    sync_and_process(house);
    expect_document(house, "#9001", "order", "29.95");
    house_tell(
        house, "shopify", "orders/%239001/refund",
        "{\"lines\":[{\"line\":0,\"quantity\":1,\"restock\":\"RETURN\"}],\"shipping\":\"1.20\"}");
    struct counts made = sync_and_process(house);
    assert_int_equal(made.created, 1);
    expect_document(house, "#9001-R", "credit_memo", "13.7");
    int64_t posts = peers_calls(house->peers, "bc", "POST salesCreditMemos");
    made = sync_and_process(house);
    assert_int_equal(made.created, 0);
    assert_int_equal(peers_calls(house->peers, "bc", "POST salesCreditMemos"), posts);
    OWN_IDS struct store_ids ready = {0};
    struct err err;
    assert_true(store_zset(house->ledger, HOUSE_COMPANY, "ready-refunds:DEMO", INT64_MAX, 10,
                           &ready, &err));
    assert_int_equal(ready.count, 1);
    OWN_TEXT char *link = mem_printf("link:refund:%s", ready.items[0]);
    expect_field(house, link, "kind", "salesCreditMemo");
}

/* Given back before a document was made: the order is sold whole, and the refund is a memo. */
static void an_order_refunded_before_its_document_has_both(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", ACCOUNTS);
    house_place(house, "#9001",
                ",\"refunds\":[{\"createdAt\":\"2026-11-02T07:00:00Z\",\"lines\":[{\"line\":0,"
                "\"quantity\":2,\"restock\":\"NO_RESTOCK\"}]}]");
    struct counts made = sync_and_process(house);
    assert_int_equal(made.created, 2);
    OWN_JSON json *memo = NULL;
    assert_int_equal(documents_of(house, "#9001", NULL), 2);
    assert_int_equal(documents_of(house, "#9001-R", &memo), 1);
    expect_document(house, "#9001-R", "credit_memo", "25");
}

/* Goods that do not come back stand on an account, which the ERP taxes in its own way. */
static void a_memo_is_what_was_given_back_however_its_accounts_are_taxed(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", ACCOUNTS);
    house_tell(house, "bc", "customers/10000", "{\"pricesIncludeTax\":false}");
    house_place(house, "#9001", ",\"taxesIncluded\":false,\"taxRate\":5");
    house_good(house, "orders.sync", NINES);
    struct ran ran = house_run(house, "orders.process", NINES);
    assert_false(ran.ok); /* there it is 20 percent */
    house_tell(house, "shopify", "orders/%239001/refund",
               "{\"lines\":[{\"line\":0,\"quantity\":1,\"restock\":\"NO_RESTOCK\"}]}");
    sync_and_process(house);
    expect_document(house, "#9001-R", "credit_memo", "13.12");
    sync_and_process(house);
    expect_document(house, "#9001-R", "credit_memo", "13.12");
    /* 26.25 is no whole number of pence and 20 percent on it: a penny is left, and its reason said
     */
    house_place(house, "#9002", ",\"taxesIncluded\":false,\"taxRate\":5");
    house_good(house, "orders.sync", NINES);
    ran = house_run(house, "orders.process", NINES);
    assert_false(ran.ok);
    house_tell(house, "shopify", "orders/%239002/refund",
               "{\"lines\":[{\"line\":0,\"quantity\":2,\"restock\":\"NO_RESTOCK\"}]}");
    sync_and_process(house);
    OWN_JSON json *row = NULL;
    struct decimal total = DECIMAL_ZERO, penny = {1, 2};
    assert_int_equal(documents_of(house, "#9002-R", &row), 1);
    assert_true(json_decimal(row, "totalAmountIncludingTax", &total));
    struct decimal apart = decimal_abs(decimal_sub(total, (struct decimal){2625, 2}));
    assert_int_equal(decimal_cmp(apart, penny), 0);
}

static void a_memo_that_got_no_answer_is_found(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", ACCOUNTS);
    house_place(house, "#9001", "");
    sync_and_process(house);
    house_tell(house, "shopify", "orders/%239001/refund",
               "{\"lines\":[{\"line\":0,\"quantity\":1,\"restock\":\"RETURN\"}]}");
    house_good(house, "orders.sync", NINES);
    peers_fault(house->peers, "bc", "{\"method\":\"POST\",\"path\":\"salesCreditMemos\"}", 1,
                "{\"kind\":\"reset_after\"}");
    struct ran ran = house_run(house, "orders.process", NINES);
    assert_false(ran.ok);
    assert_int_equal(ran.err.kind, ERR_UNCERTAIN);
    expect_reason(house, "#9001-R", "in-flight");
    house_good(house, "orders.process", NINES);
    expect_document(house, "#9001-R", "credit_memo", "12.5");
    expect_reason(house, "#9001-R", "");
}

static void refunds_wait_for_accounts_and_for_people(void **state)
{
    struct house *house = *state;
    house_place(house, "#9001", "");
    sync_and_process(house);
    house_tell(house, "shopify", "orders/%239001/refund",
               "{\"lines\":[{\"line\":0,\"quantity\":1,\"restock\":\"NO_RESTOCK\"}]}");
    sync_and_process(house);
    expect_reason(house, "#9001-R", "refund-by-hand");
    house_put_shop(house, "DEMO", ",\"return_and_refund_process\":\"auto-create\"");
    house_good(house, "orders.process", NINES);
    expect_reason(house, "#9001-R", "refund-account");
    assert_int_equal(documents_of(house, "#9001-R", NULL), 0);
    house_put_shop(house, "DEMO", ACCOUNTS);
    house_good(house, "orders.process", NINES);
    expect_document(house, "#9001-R", "credit_memo", "12.5");
}

/* Defect 7 of the original: one shop's run made the credit memos of all. */
static void defect_7_a_run_makes_its_own_shops_memos_only(void **state)
{
    struct house *house = *state;
    house_place(house, "#9001", "");
    sync_and_process(house);
    house_tell(house, "shopify", "orders/%239001/refund",
               "{\"lines\":[{\"line\":0,\"quantity\":1,\"restock\":\"RETURN\"}]}");
    house_good(house, "orders.sync", NINES);
    house_put_shop(house, "OTHER", ACCOUNTS);
    house_good(house, "orders.process", "{\"shop\":\"OTHER\"}");
    assert_int_equal(documents_of(house, "#9001-R", NULL), 0);
    house_good(house, "orders.process", NINES);
    assert_int_equal(documents_of(house, "#9001-R", NULL), 0);
    expect_reason(house, "#9001-R", "refund-by-hand");
}

/* ---- what the extension adds ---- */

static void orders_carry_what_the_api_lacks(void **state)
{
    struct house *house = *state;
    house_put_shop(
        house, "DEMO",
        ",\"payment_methods\":{\"shopify_payments\":\"BANK\",\"shopify_payments/Visa\":"
        "\"CARD\",\"cash\":\"CASH\"},\"payment_priorities\":{\"shopify_payments/Visa\":1},"
        "\"shipment_agents\":{\"Standard\":\"DHL\"},\"use_shopify_order_no\":true");
    house_place(
        house, "#9001",
        ",\"discount\":\"2.50\",\"poNumber\":\"PO 7\",\"shipping\":[{\"title\":\"Standard\","
        "\"price\":\"4.95\"}],\"payments\":[{\"kind\":\"SALE\",\"status\":\"SUCCESS\",\"gateway\":"
        "\"cash\",\"amount\":\"20.00\"},{\"kind\":\"SALE\",\"status\":\"SUCCESS\",\"gateway\":"
        "\"shopify_payments\",\"amount\":\"7.45\",\"card\":{\"company\":\"Visa\"}}]");
    house_place(house, "@9002", "");
    house_good(house, "orders.sync", "{\"shop\":\"DEMO\",\"order_no\":\"*900*\"}");
    struct counts made =
        house_good(house, "orders.process", "{\"shop\":\"DEMO\",\"order_no\":\"*900*\"}");
    assert_int_equal(made.created, 1);
    assert_int_equal(peers_calls(house->peers, "bc", "POST orderImports"), 1);
    assert_int_equal(peers_calls(house->peers, "bc", "POST salesOrders"), 0);
    expect_document(house, "#9001", "order", "27.45");
    expect_reason(house, "@9002", "order-number");
    OWN_JSON json *row = NULL;
    documents_of(house, "#9001", &row);
    assert_string_equal(json_text(row, "number"), "#9001");
    assert_string_equal(json_text(row, "paymentMethodCode"), "CARD");
    OWN_TEXT char *id = house_order_id(house, "#9001"), *key = mem_printf("order:%s", id);
    expect_field(house, key, "document", "#9001");
    expect_field(house, key, "difference", "");
    assert_true(is_in(house, "ready:DEMO", id));
}

static const char MAPPED[] =
    ",\"payment_methods\":{\"shopify_payments\":\"CARD\"},\"shipment_agents\":{\"Standard\":"
    "\"DHL\"},\"shipment_agent_services\":{\"Standard\":\"NEXT DAY\"},\"tax_areas\":{\"GB-ENG\":"
    "\"EXPORT\"},\"tax_area_priority\":\"ship-sell-bill\"";

static void expect_text(const json *row, const char *field, const char *want)
{
    if (strcmp(json_text(row, field), want) != 0)
        fail_msg("%s: \"%s\" instead of \"%s\"", field, json_text(row, field), want);
}

static void invoices_and_memos_carry_it_too(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *settings = mem_printf("%s%s", ACCOUNTS, MAPPED);
    OWN_JSON json *invoice = NULL, *memo = NULL;
    house_put_shop(house, "DEMO", settings);
    house_place(house, "#9001",
                ",\"fulfillmentStatus\":\"FULFILLED\",\"poNumber\":\"PO 7\",\"shipping\":[{"
                "\"title\":\"Standard\",\"price\":\"4.95\"}],\"shippingAddress\":{\"firstName\":"
                "\"Nora\",\"lastName\":\"New\",\"company\":null,\"address1\":\"1 Long Lane\","
                "\"address2\":null,\"city\":\"London\",\"zip\":\"N1 1AA\",\"provinceCode\":\"ENG\","
                "\"countryCode\":\"GB\",\"phone\":null}");
    house_good(house, "orders.sync", NINES);
    house_run(house, "orders.process", NINES); /* another tax than Shopify's is an error to see */
    assert_int_equal(peers_calls(house->peers, "bc", "POST salesInvoices"), 0);
    documents_of(house, "#9001", &invoice);
    expect_text(invoice, "kind", "invoice");
    expect_text(invoice, "paymentMethodCode", "CARD");
    expect_text(invoice, "shippingAgentCode", "DHL");
    expect_text(invoice, "shippingAgentServiceCode", "NEXT DAY");
    expect_text(invoice, "taxAreaCode", "EXPORT");
    expect_text(invoice, "customerPurchaseOrderReference", "PO 7");
    house_tell(house, "shopify", "orders/%239001/refund",
               "{\"lines\":[{\"line\":0,\"quantity\":1,\"restock\":\"RETURN\"}]}");
    house_good(house, "orders.sync", NINES);
    house_run(house, "orders.process", NINES);
    assert_int_equal(peers_calls(house->peers, "bc", "POST salesCreditMemos"), 0);
    documents_of(house, "#9001-R", &memo);
    expect_text(memo, "kind", "credit_memo");
    expect_text(memo, "paymentMethodCode", "CARD");
    expect_text(memo, "taxAreaCode", "EXPORT");
    expect_document(house, "#9001-R", "credit_memo", "12.5");
}

/* Who is called what, and where: by the sources that the shop names. */
static void names_and_counties_follow_their_sources(void **state)
{
    static const char *const WANT[][2] = {
        {"shipToName",    "New Nora"},
        {"shipToName2",   "New Ltd" },
        {"sellToName2",   "New Ltd" },
        {"billToName2",   "New Ltd" },
        {"shipToContact", "Nora New"},
        {"shipToState",   "England" },
        {"sellToState",   "England" },
    };
    struct house *house = *state;
    OWN_JSON json *row = NULL;
    house_put_shop(house, "DEMO",
                   ",\"name_source\":\"last-first\",\"name_2_source\":\"company\","
                   "\"contact_source\":\"first-last\",\"county_source\":\"name\"");
    house_place(house, "#9001",
                ",\"shippingAddress\":{\"firstName\":\"Nora\",\"lastName\":\"New\",\"company\":"
                "\"New Ltd\",\"address1\":\"1 Long Lane\",\"address2\":null,\"city\":\"London\","
                "\"zip\":\"N1 "
                "1AA\",\"province\":\"England\",\"provinceCode\":\"ENG\",\"countryCode\":\"GB\","
                "\"phone\":null}");
    sync_and_process(house);
    documents_of(house, "#9001", &row);
    for (size_t i = 0; i < COUNT(WANT); i++)
        expect_text(row, WANT[i][0], WANT[i][1]);
}

/* The app is uninstalled while the process remembers it: no order is refused for that. */
static void orders_go_on_without_an_app_that_was_taken_away(void **state)
{
    struct house *house = *state;
    house_place(house, "#9001", "");
    sync_and_process(house);
    assert_int_equal(peers_calls(house->peers, "bc", "POST orderImports"), 1);
    house_tell(house, "bc", "settings", "{\"level\":\"api\"}");
    house_place(house, "#9002", "");
    house_good(house, "orders.sync", NINES);
    struct ran ran = house_run(house, "orders.process", NINES);
    assert_int_equal(ran.err.kind, ERR_RETRY);
    expect_reason(house, "#9002", "");
    assert_int_equal(house_good(house, "orders.process", NINES).created, 1);
    assert_int_equal(documents_of(house, "#9002", NULL), 1);
    assert_int_equal(peers_calls(house->peers, "bc", "POST salesOrders"), 1);
}

/* Without the app these settings are refused by name, and nothing is made. */
static void what_a_level_lacks_is_refused_and_not_dropped(void **state)
{
    static const char *const ROWS[][2] = {
        {"payment_methods",      ",\"payment_methods\":{\"shopify_payments\":\"CARD\"}"},
        {"shipment_agents",      ",\"shipment_agents\":{\"Standard\":\"DHL\"}"         },
        {"name_2_source",        ",\"name_2_source\":\"first-last\""                   },
        {"tax_area_priority",    ",\"tax_area_priority\":\"ship-sell-bill\""           },
        {"use_shopify_order_no", ",\"use_shopify_order_no\":true"                      },
    };
    struct house *house = *state;
    house_place(house, "#9001", "");
    house_good(house, "orders.sync", NINES);
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        house_put_shop(house, "DEMO", ROWS[i][1]);
        struct ran ran = house_run(house, "orders.process", NINES);
        assert_false(ran.ok);
        assert_int_equal(ran.err.kind, ERR_FATAL);
        assert_non_null(strstr(ran.err.text, ROWS[i][0]));
        assert_non_null(strstr(ran.err.text, "access level api"));
    }
    assert_int_equal(documents_of(house, "#9001", NULL), 0);
}

/* ---- back to Shopify ---- */

static char *attribute(struct house *house, const char *name, const char *key)
{
    OWN_JSON json *order = house_order(house, name);
    return mem_text(house_value(json_get(order, "attributes"), key));
}

static void the_documents_number_goes_to_shopify(void **state)
{
    struct house *house = *state;
    house_place(house, "#9001", ",\"attributes\":{\"Gift\":\"yes\"}");
    sync_and_process(house);
    OWN_TEXT char *key = order_key(house, "#9001"), *number = field(house, key, "document");
    OWN_TEXT char *written = attribute(house, "#9001", "BC Doc. No."),
                  *kept = attribute(house, "#9001", "Gift");
    assert_string_equal(written, number);
    assert_string_equal(kept, "yes");
    OWN_TEXT char *echo = field(house, key, "echo");
    assert_true(*echo != 0);
    /* our own write is nothing to read */
    int64_t loads = peers_calls(house->peers, "shopify", "OrdersByIds");
    int64_t writes = peers_calls(house->peers, "shopify", "OrderUpdate");
    sync_and_process(house);
    assert_int_equal(peers_calls(house->peers, "shopify", "OrdersByIds"), loads);
    assert_int_equal(peers_calls(house->peers, "shopify", "OrderUpdate"), writes);
}

/* Defect 14 of the original: the attribute was written before the document was safe, and a refusal
 * of it failed the order. */
static void defect_14_the_attribute_comes_last_and_fails_no_order(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *id = NULL;
    house_place(house, "#9001", "");
    id = house_order_id(house, "#9001");
    house_good(house, "orders.sync", NINES);
    /* refused by the ERP: Shopify hears of no number */
    peers_fault(house->peers, "bc", "{\"method\":\"POST\",\"path\":\"salesOrders\"}", 1,
                "{\"kind\":\"status\",\"status\":400,\"body\":\"{\\\"error\\\":{\\\"code\\\":"
                "\\\"Application_DialogException\\\",\\\"message\\\":\\\"No.\\\"}}\"}");
    house_good(house, "orders.process", NINES);
    OWN_TEXT char *none = attribute(house, "#9001", "BC Doc. No.");
    assert_string_equal(none, "");
    /* Shopify away: the order is processed all the same, and the next run writes */
    peers_fault(house->peers, "shopify", "{\"operation\":\"OrderUpdate\"}", 0,
                "{\"kind\":\"status\",\"status\":502}");
    struct ran ran = house_run_as(house, "orders.process", NINES, TICKET_MANUAL);
    if (!ran.ok)
        fail_msg("%s", ran.err.text);
    assert_int_equal(ran.counts.created, 1);
    OWN_TEXT char *key = mem_printf("order:%s", id);
    expect_field(house, key, "state", "processed");
    assert_true(is_in(house, "attributes:DEMO", id));
    json_free(house_ask(house, "shopify", "DELETE", "faults", NULL));
    house_good(house, "orders.process", NINES);
    OWN_TEXT char *written = attribute(house, "#9001", "BC Doc. No.");
    assert_true(*written != 0);
    assert_false(is_in(house, "attributes:DEMO", id));
}

static void without_writes_to_shopify_there_is_one_skip(void **state)
{
    struct house *house = *state;
    house_put_shop(house, "DEMO", ",\"allow_writes\":false");
    house_place(house, "#9001", "");
    house_place(house, "#9002", "");
    struct counts counts = sync_and_process(house);
    assert_int_equal(counts.created, 2);
    assert_int_equal(counts.skipped, 1);
    assert_int_equal(peers_calls(house->peers, "shopify", "OrderUpdate"), 0);
    house_put_shop(house, "DEMO", "");
    house_good(house, "orders.process", NINES);
    assert_int_equal(peers_calls(house->peers, "shopify", "OrderUpdate"), 2);
    house_put_shop(house, "DEMO", ",\"order_attributes_to_shopify\":false");
    house_place(house, "#9003", "");
    sync_and_process(house);
    assert_int_equal(peers_calls(house->peers, "shopify", "OrderUpdate"), 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_demo, close_demo)
    const struct CMUnitTest tests[] = {
        TEST(delivered_orders_are_invoices),
        TEST(prices_are_as_the_customers_invoices_have_them),
        TEST(a_draft_with_wrong_prices_is_made_again_by_the_next_run),
        TEST(defect_6_the_currency_of_the_document_is_remembered),
        TEST(what_nothing_explains_is_an_error),
        TEST(roundings_are_shown_or_posted),
        TEST(an_unknown_code_of_a_setting_waits_for_its_cure),
        TEST(refunds_are_credit_memos),
        TEST(an_order_refunded_before_its_document_has_both),
        TEST(a_memo_is_what_was_given_back_however_its_accounts_are_taxed),
        TEST(a_memo_that_got_no_answer_is_found),
        TEST(refunds_wait_for_accounts_and_for_people),
        TEST(defect_7_a_run_makes_its_own_shops_memos_only),
        cmocka_unit_test_setup_teardown(orders_carry_what_the_api_lacks, open_extension,
                                        close_demo),
        cmocka_unit_test_setup_teardown(invoices_and_memos_carry_it_too, open_extension,
                                        close_demo),
        cmocka_unit_test_setup_teardown(names_and_counties_follow_their_sources, open_extension,
                                        close_demo),
        cmocka_unit_test_setup_teardown(orders_go_on_without_an_app_that_was_taken_away,
                                        open_extension, close_demo),
        TEST(what_a_level_lacks_is_refused_and_not_dropped),
        TEST(the_documents_number_goes_to_shopify),
        TEST(defect_14_the_attribute_comes_last_and_fails_no_order),
        TEST(without_writes_to_shopify_there_is_one_skip),
    };
    return cmocka_run_group_tests_name("orders_documents", tests, NULL, NULL);
}

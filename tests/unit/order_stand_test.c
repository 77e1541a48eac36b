/* order_stand_test.c - the one thing an order waits for, and what cures it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "admin/order_links.h"
#include "base/own.h"
#include "model/order_stand.h"

/* clang-format off */
static const struct {
    const char *name;
    struct order_stand stand;
    const char *text, *cure; /* a part of each; "" = nothing is said at all */
} ROWS[] = {
    {"claimed, not read yet", {.state = ""}, "the next run of orders.sync", "cartage order sync '#1' --shop MAIN"},
    {"could not be staged", {.detail = "no id"}, "could not be staged: no id", "cartage order sync '#1' --shop MAIN"},
    {"nobody's", {.shop = "", .reason = "filtered-out", .detail = "argument tags"}, "filters have asked for the order: argument tags",
     "cartage order sync '#1'"},
    {"archived before it was read", {.shop = "", .reason = "closed"}, "archived in Shopify", "cartage order sync '#1'"},
    {"staged", {.state = "new"}, "orders.process makes its document", "cartage sync orders.process --shop MAIN"},
    {"half done", {.state = "creating", .document = "S1"}, "not yet as it should be", "cartage sync orders.process"},
    {"no customer", {.state = "waiting", .reason = "customer-unmapped", .detail = "Ann", .waits = "customer:73 product:81"},
     "not known in Business Central: Ann", "cartage map customer 73 NUMBER"},
    {"no product", {.state = "waiting", .reason = "product-unmapped", .waits = "product:81"}, "a product", "cartage map product 81 NUMBER"},
    {"refused", {.state = "waiting", .reason = "erp-refused", .detail = "VAT is missing"}, "refused the document: VAT is missing",
     "cartage sync orders.process --shop MAIN  # do what its message says"},
    {"by hand", {.state = "skipped", .reason = "channel-tax"}, "the sales channel pays the tax itself", "make this document by hand"},
    {"a company", {.state = "waiting", .reason = "company", .detail = "Adatum", .waits = "company:21"}, "Adatum", "cartage map company 21 NUMBER"},
    {"changed since", {.state = "processed", .update = "2 of 3 are left", .difference = "x", .document = "S1"},
     "changed it since its document was made: 2 of 3 are left", "cartage order resolve '#1'  # once document S1"},
    {"shipment failed", {.state = "processed", .document = "S1", .shipment = "101", .shipment_why = "the order is gone", .shipment_failed = true, .difference = "x"},
     "not told of shipment 101: the order is gone", "cartage shipment retry 101"},
    {"shipment due", {.state = "processed", .document = "S1", .shipment = "101"}, "shipment 101 is to be told to Shopify", "cartage sync shipments.sync --shop MAIN"},
    {"not posted, and why", {.state = "processed", .document = "S1", .reason = "approval", .detail = "wf 3"}, "must be approved before it is posted: wf 3",
     "cartage post '#1'  # approve it"},
    {"totals", {.state = "processed", .difference = "Shopify 5.00", .document = "S1"}, "no rule explains it: Shopify 5.00", "document S1"},
    {"to be posted", {.state = "processed", .document = "S1"}, "document S1 is to be posted", "cartage post '#1'"},
    {"all done", {.state = "processed", .document = "S1", .posted = true}, "", ""},
};
/* clang-format on */

static const char *or_text(const char *text, const char *otherwise)
{
    return text ? text : otherwise;
}

/* Rows leave out what is empty, and the shop. */
static struct order_stand filled(const struct order_stand *row)
{
    return (struct order_stand){
        .name = "#1",
        .shop = or_text(row->shop, "MAIN"),
        .state = or_text(row->state, ""),
        .reason = or_text(row->reason, ""),
        .detail = or_text(row->detail, ""),
        .waits = or_text(row->waits, ""),
        .update = or_text(row->update, ""),
        .difference = or_text(row->difference, ""),
        .document = or_text(row->document, ""),
        .posted = row->posted,
        .shipment = or_text(row->shipment, ""),
        .shipment_why = or_text(row->shipment_why, ""),
        .shipment_failed = row->shipment_failed,
    };
}

static void it_waits_for_one_thing(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        OWN_BUF struct buf text = {0}, cure = {0};
        struct order_stand stand = filled(&ROWS[i].stand);
        order_waits_for(&stand, &text, &cure);
        if (!strstr(buf_str(&text), ROWS[i].text) || (!*ROWS[i].text && text.size))
            fail_msg("%s: waits for \"%s\"", ROWS[i].name, buf_str(&text));
        if (!strstr(buf_str(&cure), ROWS[i].cure) || (!*ROWS[i].text && cure.size))
            fail_msg("%s: the cure is \"%s\"", ROWS[i].name, buf_str(&cure));
    }
}

static void links_lead_to_the_record(void **state)
{
    static const struct {
        const char *settings, *kind, *number, *want;
    } LINKS[] = {
        {"{\"name\":\"CRONUS UK Ltd.\",\"bc_web\":\"https://businesscentral.dynamics.com\","
         "\"bc_tenant\":\"t1\",\"bc_environment\":\"Production\"}",                   "salesOrder", "S-1",
         "https://businesscentral.dynamics.com/t1/Production/?company=CRONUS%20UK%20Ltd.&page=42"
         "&filter=%27No.%27%20IS%20%27S-1%27"                                                                         },
        {"{\"name\":\"A&B\",\"bc_web\":\"https://erp.example.com/BC/\",\"bc_tenant\":\"t1\"}",
         "postedInvoice",                                                                                    "I 1",
         "https://erp.example.com/BC/?company=A%26B&page=132&filter=%27No.%27%20IS%20%27I%201%27"                     },
        {"{\"bc_web\":\"https://erp.example.com\"}",                                           "nothing",    "1",   ""},
        {"{\"bc_web\":\"https://erp.example.com\"}",                                           "salesOrder", "",    ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(LINKS); i++) {
        OWN_JSON json *settings = NULL;
        OWN_BUF struct buf link = {0};
        struct err err;
        assert_true(json_parse(LINKS[i].settings, strlen(LINKS[i].settings), &settings, &err));
        link_erp(settings, LINKS[i].kind, LINKS[i].number, &link);
        assert_string_equal(buf_str(&link), LINKS[i].want);
    }
    OWN_BUF struct buf link = {0};
    link_shopify_order("demo", "5900000000001", &link);
    assert_string_equal(buf_str(&link),
                        "https://admin.shopify.com/store/demo/orders/5900000000001");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_waits_for_one_thing),
        cmocka_unit_test(links_lead_to_the_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

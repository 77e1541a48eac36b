/* plan_customers_test.c - what a customer of the ERP is to be at Shopify, and what of it differs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "plan/customer_plan.h"
#include "plan/phone.h"

static const struct shop *shop_of(struct arena *arena, const char *more)
{
    const struct shop *shop;
    struct err err;
    char *text = arena_printf(arena, "{\"code\":\"A\",\"store\":\"demo.myshopify.com\"%s}", more);
    if (!settings_shop_parse(text, arena, &shop, &err))
        fail_msg("%s: %s", more, err.text);
    return shop;
}

static struct erp_customer one_there(void)
{
    return (struct erp_customer){.id = "1",
                                 .number = "10000",
                                 .name = "Anna Maria Smith",
                                 .address1 = "1 Road",
                                 .address2 = "",
                                 .city = "Bath",
                                 .county = "",
                                 .zip = "BA1",
                                 .country = "GB",
                                 .phone = "",
                                 .email = "a@x.com"};
}

static struct shopper one_here(void)
{
    return (struct shopper){
        .id = "7",
        .updated = "",
        .first = "Anna",
        .last = "Maria Smith",
        .email = "a@x.com",
        .phone = "",
        .address_id = "gid://shopify/MailingAddress/1",
        .address = {"", "", "", "", "1 Road", "", "Bath", "BA1", "", "", "GB", "", true}
    };
}

/* One change a row: what differs then, as "field=value field=value". */
#define PERSON ",\"name_source\":\"first-last\""
static const struct {
    const char *name, *settings;
    size_t field;     /* of erp_customer, a text */
    const char *text; /* what it becomes */
    bool company;
    const char *differs;
} ROWS[] = {
  /* clang-format off */
    {"nothing", PERSON, offsetof(struct erp_customer, city), "Bath", false, ""},
    {"another town", PERSON, offsetof(struct erp_customer, city), "Wells", false, "city=Wells"},
    {"a line that is cleared is cleared", PERSON, offsetof(struct erp_customer, address1), "", false, "address1="},
    {"first and last name", PERSON, offsetof(struct erp_customer, name), "Eva Marie Stone", false, "firstName=Eva lastName=Marie Stone"},
    {"last name first", ",\"name_source\":\"last-first\"", offsetof(struct erp_customer, name), "Van Stone Eva", false, "firstName=Eva lastName=Van Stone"},
    {"one word is the first name", PERSON, offsetof(struct erp_customer, name), "Cher", false, "firstName=Cher lastName="},
    {"a company stands at the address", "", offsetof(struct erp_customer, name), "Adatum", true, "company=Adatum"},
    {"a person is none, whatever the source", "", offsetof(struct erp_customer, name), "Eva Stone", false, "firstName=Eva lastName=Stone"},
    {"no source, no name", ",\"name_source\":\"none\"", offsetof(struct erp_customer, name), "Eva Stone", false, ""},
    {"the first of several addresses", PERSON, offsetof(struct erp_customer, email), " b@x.com ; a@x.com", false, "email=b@x.com"},
    {"case of an e-mail is nothing", PERSON, offsetof(struct erp_customer, email), "A@X.com", false, ""},
    {"no e-mail leaves the one there", PERSON, offsetof(struct erp_customer, email), "", false, ""},
    {"a phone", PERSON, offsetof(struct erp_customer, phone), "0117 9004242", false, "phone=0117 9004242"},
    {"a state only where tax_areas has it", PERSON, offsetof(struct erp_customer, county), "CA", false, ""},
    {"a state that it has", PERSON ",\"tax_areas\":{\"GB-ENG\":\"X\"}", offsetof(struct erp_customer, county), "ENG", false, "provinceCode=ENG"},
    {"Greece is EL there", PERSON, offsetof(struct erp_customer, country), "EL", false, "countryCode=GR"},
    {"blank is the company's own", PERSON, offsetof(struct erp_customer, country), "", false, "countryCode=DK"},
  /* clang-format on */
};

static void each_change_is_told_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        OWN(arena) struct arena *arena = arena_new();
        OWN_BUF struct buf told = {0}, detail = {0};
        struct erp_customer customer = one_there();
        struct shopper now = one_here();
        struct shopper_target target;
        bool differs[SHOPPER_FIELDS];
        *(const char **)((char *)&customer + ROWS[i].field) = ROWS[i].text;
        customer.company = ROWS[i].company;
        assert_int_equal(shopper_target(&customer, shop_of(arena, ROWS[i].settings), "DK", &now,
                                        arena, &target, &detail),
                         REASON_NONE);
        shopper_differs(&target, &now, differs);
        for (int k = 0; k < SHOPPER_FIELDS; k++)
            if (differs[k])
                buf_printf(&told, "%s%s=%s", told.size ? " " : "", SHOPPER_NAMES[k],
                           target.fields[k]);
        if (strcmp(buf_str(&told), ROWS[i].differs) != 0)
            fail_msg("%s: %s", ROWS[i].name, buf_str(&told));
    }
}

static void a_country_without_a_code_is_a_reason(void **state)
{
    OWN(arena) struct arena *arena = arena_new();
    OWN_BUF struct buf detail = {0};
    struct erp_customer customer = one_there();
    struct shopper_target target;
    (void)state;
    customer.country = "UNKNOWN";
    assert_int_equal(
        shopper_target(&customer, shop_of(arena, ""), "GB", NULL, arena, &target, &detail),
        REASON_CUSTOMER_COUNTRY);
    assert_string_equal(buf_str(&detail), "country UNKNOWN");
}

/* Where the number was taken from is where it is written. */
static void the_phone_of_the_address_is_changed_there(void **state)
{
    OWN(arena) struct arena *arena = arena_new();
    OWN_BUF struct buf detail = {0};
    struct erp_customer customer = one_there();
    struct shopper now = one_here();
    struct shopper_target target;
    (void)state;
    now.address.phone = "0117 1";
    customer.phone = "0117 9004242";
    assert_int_equal(
        shopper_target(&customer, shop_of(arena, ""), "GB", &now, arena, &target, &detail),
        REASON_NONE);
    assert_null(target.fields[SHOPPER_PHONE]);
    assert_string_equal(target.fields[SHOPPER_ADDRESS_PHONE], "0117 9004242");
}

static const struct {
    const char *left, *right;
    bool match;
} PHONES[] = {
    {"+44 (20) 7946-0100",   "0044 20 79460100", true },
    {"+441179004242",        "0117 900 4242",    true },
    {"12345",                "12345",            false}, /* too few to say */
    {"91 02 93 04 95 06 97", "1234567",          false}, /* a subsequence is no end */
    {"0117 900 4242",        "0117 900 4243",    false},
};

static void phones_are_compared_by_their_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(PHONES); i++)
        if (phones_match(PHONES[i].left, PHONES[i].right) != PHONES[i].match ||
            phones_match(PHONES[i].right, PHONES[i].left) != PHONES[i].match)
            fail_msg("%s and %s", PHONES[i].left, PHONES[i].right);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_change_is_told_alone),
        cmocka_unit_test(a_country_without_a_code_is_a_reason),
        cmocka_unit_test(the_phone_of_the_address_is_changed_there),
        cmocka_unit_test(phones_are_compared_by_their_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

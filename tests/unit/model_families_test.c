/* model_families_test.c - which entries collide, in what, and what ends it. The row of
 * customers.sync stands here as the operation will declare it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/families.h"

/* "PLAIN" reads and makes documents; "MAKES" makes customers, too; "ALL" in the same run. */
static const struct shop SHOPS[] = {
    {.code = "PLAIN",               .store = "one.myshopify.com" },
    { .code = "MAKES", .store = "one.myshopify.com", .auto_create_customers = true},
    { .code = "ALL",
     .store = "one.myshopify.com",
     .auto_create_customers = true,
     .auto_create_orders = true},
    {                                     .code = "OTHER",               .store = "two.myshopify.com" },
    {.code = "OTHER-MAKES", .store = "two.myshopify.com", .auto_create_customers = true},
};

static const struct shop *shop(const char *code)
{
    for (size_t i = 0; i < COUNT(SHOPS); i++)
        if (strcmp(SHOPS[i].code, code) == 0)
            return &SHOPS[i];
    return NULL; /* "" */
}

/* A category "…+" has more than one permit, as none has. */
struct side {
    const char *operation, *category, *shop;
};
static const struct {
    const char *name;
    struct side a, b;
    const char *family;   /* NULL = they do not collide */
    const char *switches; /* "setting@SHOP ..." */
} ROWS[] = {
  /* clang-format off */
    {"the default entries: reading and making", {"orders.sync", "SHPFY", "ALL"},
     {"orders.process", "SHPFY", "ALL"}, NULL, ""},
    {"the default entries: making and posting", {"orders.process", "SHPFY", "ALL"},
     {"sales-orders.post", "POST", "ALL"}, NULL, ""},
    {"the default entries: shipments and posting", {"shipments.sync", "SHPFY", "ALL"},
     {"sales-invoices.post", "POST", ""}, NULL, ""},
    {"orders in A, customers in B, none are made", {"orders.process", "A", "PLAIN"},
     {"customers.sync", "B", "PLAIN"}, NULL, ""},
    {"orders in A, customers in B, unknown ones are made", {"orders.process", "A", "MAKES"},
     {"customers.sync", "B", "MAKES"}, "customers", "auto_create_customers@MAKES"},
    {"of two shops, either switch ends it", {"orders.process", "A", "MAKES"},
     {"customers.sync", "B", "OTHER-MAKES"}, "customers",
     "auto_create_customers@MAKES auto_create_customers@OTHER-MAKES"},
    {"the same in one category", {"orders.process", "A", "MAKES"},
     {"customers.sync", "A", "MAKES"}, NULL, ""},
    {"reading makes no documents, so no customers", {"orders.sync", "A", "MAKES"},
     {"customers.sync", "B", "MAKES"}, NULL, ""},
    {"reading that makes documents makes customers", {"orders.sync", "A", "ALL"},
     {"customers.sync", "B", "MAKES"}, "customers",
     "auto_create_customers@ALL auto_create_customers@MAKES"},
    {"customers are the company's, whatever the store", {"orders.process", "A", "MAKES"},
     {"orders.process", "B", "OTHER-MAKES"}, "customers",
     "auto_create_customers@MAKES auto_create_customers@OTHER-MAKES"},
    {"two stores share no orders", {"orders.process", "A", "MAKES"},
     {"orders.process", "B", "OTHER"}, NULL, ""},
    {"two shops of one store do", {"orders.process", "A", "MAKES"},
     {"orders.process", "B", "PLAIN"}, "orders", ""},
    {"what no switch ends goes first", {"orders.process", "A", "MAKES"},
     {"orders.process", "B", "MAKES"}, "orders", ""},
    {"reading and shipping", {"orders.sync", "A", "PLAIN"}, {"shipments.sync", "B", "PLAIN"},
     "orders", ""},
    {"posting in two places", {"sales-orders.post", "POST", ""},
     {"sales-invoices.post", "POST-2", "OTHER"}, "postings", ""},
    {"without a category nobody waits", {"orders.process", "", "PLAIN"},
     {"orders.process", "", "PLAIN"}, "orders", ""},
    {"in a category of several permits nobody waits either", {"orders.process", "A+", "PLAIN"},
     {"orders.process", "A+", "PLAIN"}, "orders", ""},
    {"and it is another's, too", {"orders.process", "A+", "PLAIN"}, {"orders.sync", "B", "PLAIN"},
     "orders", ""},
    {"several permits are no harm where nothing is shared", {"orders.process", "A+", "PLAIN"},
     {"orders.process", "A+", "OTHER"}, NULL, ""},
    {"counting changes nothing", {"sync.count", "", "PLAIN"}, {"orders.sync", "A", "PLAIN"}, NULL,
     ""},
  /* clang-format on */
};

static struct queued queued(struct side side, const char *id)
{
    const struct operation *found = operation_by_name(side.operation);
    if (!found)
        fail_msg("no operation %s", side.operation);
    return (struct queued){.id = id,
                           .name = side.operation,
                           .category = side.category,
                           .abreast = !*side.category || strchr(side.category, '+'),
                           .operation = found,
                           .shop = shop(side.shop)};
}

static void each_pair_collides_as_its_row_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        const struct queued entries[] = {queued(ROWS[i].a, "1"), queued(ROWS[i].b, "2")};
        const struct queued turned[] = {entries[1], entries[0]};
        struct conflict conflicts[4];
        OWN_BUF struct buf switches = {0}, text = {0};
        size_t count = conflicts_find(entries, 2, SIZE_MAX, conflicts, COUNT(conflicts));
        assert_int_equal(conflicts_find(turned, 2, SIZE_MAX, conflicts, COUNT(conflicts)), count);
        if (count != (ROWS[i].family != NULL))
            fail_msg("%s: %zu conflicts", ROWS[i].name, count);
        if (!count)
            continue;
        (void)conflicts_find(entries, 2, SIZE_MAX, conflicts, COUNT(conflicts));
        for (size_t k = 0; k < conflicts[0].switch_count; k++)
            buf_printf(&switches, "%s%s@%s", k ? " " : "", conflicts[0].switches[k].setting,
                       conflicts[0].switches[k].shop->code);
        if (strcmp(family_name(conflicts[0].family), ROWS[i].family) != 0 ||
            strcmp(buf_str(&switches), ROWS[i].switches) != 0)
            fail_msg("%s: %s by %s", ROWS[i].name, family_name(conflicts[0].family),
                     buf_str(&switches));
        assert_true(conflicts[0].first == 0 && conflicts[0].second == 1);
        conflict_text(entries, &conflicts[0], &text);
        assert_non_null(strstr(buf_str(&text), ROWS[i].a.operation));
        assert_non_null(strstr(buf_str(&text), ROWS[i].b.operation));
    }
}

static void entries_that_are_alike_are_told_once(void **state)
{
    const struct queued entries[] = {
        queued((struct side){"orders.process", "A", "PLAIN"}, "1"),
        queued((struct side){"orders.process", "A", "PLAIN"}, "2"),
        queued((struct side){"orders.sync", "B", "PLAIN"}, "3"),
        queued((struct side){"orders.process", "A", "PLAIN"}, "4"),
        queued((struct side){"shipments.sync", "C", "PLAIN"}, "5"),
    };
    struct conflict conflicts[8];
    (void)state;
    assert_int_equal(conflicts_find(entries, 5, SIZE_MAX, conflicts, COUNT(conflicts)), 3);
    /* The one that is asked about is named, not its like. */
    assert_int_equal(conflicts_find(entries, 5, 3, conflicts, COUNT(conflicts)), 2);
    assert_true(conflicts[0].first == 2 && conflicts[0].second == 3);
    assert_true(conflicts[1].first == 3 && conflicts[1].second == 4);
    assert_int_equal(conflicts_find(entries, 5, SIZE_MAX, conflicts, 1), 1);
    assert_int_equal(conflicts_find(entries, 0, SIZE_MAX, conflicts, COUNT(conflicts)), 0);
}

/* Without a category, and yet with one permit. */
static void who_takes_turns_does_not_collide(void **state)
{
    struct queued entries[] = {queued((struct side){"orders.process", "", "PLAIN"}, "1"),
                               queued((struct side){"orders.process", "", "PLAIN"}, "2")};
    struct conflict conflicts[2];
    (void)state;
    entries[0].abreast = entries[1].abreast = false;
    assert_int_equal(conflicts_find(entries, 2, SIZE_MAX, conflicts, COUNT(conflicts)), 0);
}

/* Every switch stands on the shop card, as a switch. */
static void each_switch_is_a_switch(void **state)
{
    size_t count;
    const struct setting *rows = settings_shop_table(&count);
    (void)state;
    for (size_t i = 0; i < OPERATION_COUNT; i++)
        for (size_t u = 0; u < OPERATIONS[i].use_count; u++)
            for (size_t s = 0; s < USE_SETTINGS; s++) {
                const char *name = OPERATIONS[i].uses[u].on[s];
                bool found = !name;
                for (size_t k = 0; !found && k < count; k++)
                    found = strcmp(rows[k].name, name) == 0 && rows[k].type == SETTING_BOOL;
                if (!found)
                    fail_msg("%s: %s is no switch", OPERATIONS[i].name, name);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_pair_collides_as_its_row_says),
        cmocka_unit_test(entries_that_are_alike_are_told_once),
        cmocka_unit_test(who_takes_turns_does_not_collide),
        cmocka_unit_test(each_switch_is_a_switch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

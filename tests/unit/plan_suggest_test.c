/* plan_suggest_test.c - whom a person is shown first is the right one, and nobody is offered as
 * sure where two fit alike. A thousand customers and a thousand products, of which it is known who
 * is who.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/suggest.h"

enum { PAIRS = 1000, TWINS = 40, LEAST_RIGHT = PAIRS * 95 / 100, LEAST_SURE = PAIRS * 35 / 100 };

static uint64_t state_of_chance;

static unsigned chance(unsigned below)
{
    state_of_chance = state_of_chance * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state_of_chance >> 33) % below;
}

/* ---- one edit ---- */

static char *typo(const char *text, struct arena *arena)
{
    size_t size = strlen(text), at = 1 + chance((unsigned)size - 2);
    char *out = arena_text(arena, text);
    switch (chance(3)) {
    case 0: /* left out */
        memmove(out + at, out + at + 1, size - at);
        break;
    case 1: /* another one */
        out[at] = out[at] == 'q' ? 'x' : 'q';
        break;
    default: { /* two that have changed places */
        char kept = out[at];
        out[at] = out[at - 1];
        out[at - 1] = kept;
    }
    }
    return out;
}

static char *upper(const char *text, struct arena *arena)
{
    char *out = arena_text(arena, text);
    for (char *at = out; *at; at++)
        *at = (char)toupper((unsigned char)*at);
    return out;
}

static char *lower(const char *text, struct arena *arena)
{
    char *out = arena_text(arena, text);
    for (char *at = out; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return out;
}

/* ---- people ---- */

static const char *const FIRSTS[] = {"Anna",  "Ben",   "Clara", "David", "Emma",  "Felix",  "Grace",
                                     "Henry", "Ida",   "Jack",  "Karen", "Liam",  "Mia",    "Noah",
                                     "Olga",  "Peter", "Quinn", "Rosa",  "Simon", "Thérèse"};
static const char *const LASTS[] = {
    "Adams",  "Baker",   "Clark",    "Davies", "Evans",     "Fischer", "Green",  "Hughes",
    "Irwin",  "Jones",   "Kowalski", "Lewis",  "Müller",    "Nielsen", "Owen",   "Parker",
    "Quirke", "Roberts", "Smith",    "Taylor", "Underwood", "Vance",   "Walker", "Young"};

static struct suggest_record NOBODY = {"", "", "", "", "", "", "", ""};

static struct suggest_record card(unsigned n, struct arena *arena)
{
    struct suggest_record one = NOBODY;
    const char *first = FIRSTS[chance(COUNT(FIRSTS))], *last = LASTS[chance(COUNT(LASTS))];
    one.name = arena_printf(arena, "%s %s", first, last);
    one.emails = arena_printf(arena, "%s.%s%u@example%u.com", first, last, n * 37, chance(9));
    one.phone = arena_printf(arena, "+44 %u %06u", 100 + n, 100000 + chance(800000));
    one.street = arena_printf(arena, "%u %s Street", 1 + chance(200), LASTS[chance(COUNT(LASTS))]);
    one.zip = arena_printf(arena, "BA%u %uAB", 1 + n % 20, 1 + n % 9);
    return one;
}

/* The same person as the store knows him. */
static struct suggest_record shopper(const struct suggest_record *from, unsigned kind,
                                     struct arena *arena)
{
    struct suggest_record one = *from;
    const char *local = strchr(from->phone, ' ') + 1;
    if (chance(2))
        one.street = one.zip = "";
    switch (kind) {
    case 0: /* as it is there, with other letters */
        one.emails = upper(from->emails, arena);
        one.phone = "";
        break;
    case 1: /* a slip in the address; moved */
        one.emails = typo(from->emails, arena);
        one.phone = one.street = one.zip = "";
        break;
    case 2: /* no address; his number as one dials it at home */
        one.emails = "";
        one.phone = arena_printf(arena, "0%s", local);
        break;
    case 3: /* an address that nobody knows, written last name first */
        one.emails = arena_printf(arena, "private%u@other.example", chance(1000000));
        one.name = arena_printf(arena, "%s, %.*s", strchr(from->name, ' ') + 1,
                                (int)strcspn(from->name, " "), from->name);
        break;
    default: /* a slip in the name, the household's number */
        one.emails = "";
        one.name = typo(from->name, arena);
    }
    return one;
}

struct tally {
    int right, sure, sure_wrong;
};

static void count(const struct suggest_index *index, const struct suggest_record *record,
                  size_t who, struct tally *tally)
{
    struct suggestions found;
    suggest(index, record, &found);
    bool right = found.count > 0 && found.items[0].record == who;
    tally->right += right;
    tally->sure += found.sure;
    tally->sure_wrong += found.sure && !right;
}

static void expect_good(const char *what, const struct tally *tally)
{
    print_message("%s: of %d the first is right in %d, sure in %d, sure and wrong in %d\n", what,
                  PAIRS, tally->right, tally->sure, tally->sure_wrong);
    assert_true(tally->right >= LEAST_RIGHT);
    assert_true(tally->sure >= LEAST_SURE); /* a test of what is never sure says nothing */
    assert_int_equal(tally->sure_wrong, 0);
}

static void of_a_thousand_customers_the_first_is_right(void **state)
{
    (void)state;
    OWN(arena) struct arena *arena = arena_new();
    static struct suggest_record cards[PAIRS];
    struct tally tally = {0};
    state_of_chance = 7;
    for (unsigned i = 0; i < PAIRS; i++)
        cards[i] = card(i, arena);
    for (unsigned i = 0; i + 1 < PAIRS; i += 10) /* two of one household */
        cards[i + 1].phone = cards[i].phone;
    struct suggest_index *index = suggest_index_new(cards, PAIRS, arena);
    for (unsigned i = 0; i < PAIRS; i++) {
        struct suggest_record one = shopper(&cards[i], i % 5, arena);
        count(index, &one, i, &tally);
    }
    expect_good("customers", &tally);
}

static void where_two_cards_fit_alike_none_is_sure(void **state)
{
    (void)state;
    OWN(arena) struct arena *arena = arena_new();
    static struct suggest_record cards[2 * TWINS];
    state_of_chance = 11;
    for (unsigned i = 0; i < TWINS; i++)
        cards[2 * i] = cards[2 * i + 1] = card(i, arena);
    struct suggest_index *index = suggest_index_new(cards, 2 * TWINS, arena);
    for (unsigned i = 0; i < TWINS; i++) {
        struct suggestions found;
        struct suggest_record one = shopper(&cards[2 * i], i % 5, arena);
        suggest(index, &one, &found);
        assert_true(found.count >= 2);
        assert_int_equal(found.items[0].record / 2, i);
        assert_false(found.sure);
    }
}

static void who_is_not_there_is_nobody_for_sure(void **state)
{
    (void)state;
    OWN(arena) struct arena *arena = arena_new();
    static struct suggest_record cards[PAIRS];
    struct tally tally = {0};
    state_of_chance = 17;
    for (unsigned i = 0; i < PAIRS; i++)
        cards[i] = card(i, arena);
    struct suggest_index *index = suggest_index_new(cards, PAIRS, arena);
    for (unsigned i = 0; i < PAIRS; i++) {
        struct suggest_record one = card(PAIRS + i, arena);
        if (i % 3 == 0) { /* somebody else at the same place, with the same telephone */
            one.phone = cards[i].phone;
            one.street = cards[i].street;
            one.zip = cards[i].zip;
        }
        if (i % 9 == 0) { /* who is called after his father */
            one.name = cards[i].name;
        }
        count(index, &one, PAIRS, &tally);
    }
    assert_int_equal(tally.sure, 0);
}

/* ---- goods ---- */

static const char *const KINDS[] = {"Shirt", "Lamp", "Chair", "Desk", "Bowl", "Scarf", "Kettle"};
static const char *const LOOKS[] = {"oak", "steel", "blue linen", "red wool", "glass", "walnut"};
static const char *const SIZES[] = {"S", "M", "L", "XL"};

static void items_of(struct suggest_record items[], struct arena *arena)
{
    for (unsigned i = 0; i < PAIRS; i++) {
        items[i] = NOBODY; /* sizes of one thing have numbers that differ in a letter */
        unsigned thing = i / COUNT(SIZES), number = 1000 + thing * 37;
        items[i].codes = arena_printf(arena, "%c%c%u-%s", 'A' + thing % 26, 'A' + thing / 26 % 26,
                                      number, SIZES[i % COUNT(SIZES)]);
        items[i].barcodes = arena_printf(arena, "40%011u", i * 7919u + 13u);
        items[i].name = arena_printf(arena, "%s %s %u, size %s", KINDS[thing % COUNT(KINDS)],
                                     LOOKS[thing % COUNT(LOOKS)], number, SIZES[i % COUNT(SIZES)]);
    }
}

static struct suggest_record product(const struct suggest_record *from, unsigned kind,
                                     struct arena *arena)
{
    struct suggest_record one = *from;
    switch (kind) {
    case 0: /* its number in other letters, called as the shop likes it */
        one.codes = lower(from->codes, arena);
        one.barcodes = "";
        one.name = "Something nice";
        break;
    case 1: { /* without the stroke */
        char *code = arena_text(arena, from->codes);
        *strchr(code, '-') = '_';
        one.codes = code;
        one.barcodes = one.name = "";
        break;
    }
    case 2: /* no number, only what stands on it */
        one.codes = "";
        one.name = "Another nice thing";
        break;
    case 3: /* a slip in the number, the name as it is there */
        one.codes = typo(from->codes, arena);
        one.barcodes = "";
        break;
    default: /* a slip in the name, and several variants, one of which is it */
        one.codes = arena_printf(arena, "X-1\n%s\nX-3", from->codes);
        one.name = typo(from->name, arena);
        one.barcodes = "";
    }
    return one;
}

static void of_a_thousand_products_the_first_is_right(void **state)
{
    (void)state;
    OWN(arena) struct arena *arena = arena_new();
    static struct suggest_record items[PAIRS];
    struct tally tally = {0};
    state_of_chance = 13;
    items_of(items, arena);
    struct suggest_index *index = suggest_index_new(items, PAIRS, arena);
    for (unsigned i = 0; i < PAIRS; i++) {
        struct suggest_record one = product(&items[i], i % 5, arena);
        count(index, &one, i, &tally);
    }
    expect_good("products", &tally);
}

/* ---- reasons ---- */

static void each_reason_is_told(void **state)
{
    (void)state;
    const struct {
        const char *name;
        struct suggest_record there, here;
        unsigned why;
        bool sure;
    } CASES[] = {
        {"e-mail, one of several",
         {"", "x@y.example\nANN@a.example", "", "", "", "", "", ""},
         {"", "ann@a.example", "", "", "", "", "", ""},
         1u << WHY_EMAIL,
         true },
        {"e-mail with a slip",
         {"", "annabel@a.example", "", "", "", "", "", ""},
         {"", "anabel@a.example", "", "", "", "", "", ""},
         1u << WHY_EMAIL_LIKE,
         false},
        {"phone, dialled from home",
         {"", "", "+44 117 900 4242", "", "", "", "", ""},
         {"", "", "0117 9004242", "", "", "", "", ""},
         1u << WHY_PHONE,
         false},
        {"phone and name",
         {"Ann Lee", "", "0117 900 4242", "", "", "", "", ""},
         {"LEE, Ann", "", "0117 900 4242", "", "", "", "", ""},
         1u << WHY_PHONE | 1u << WHY_NAME,
         true },
        {"tax id, its points left out",
         {"", "", "", "GB 123.456.789", "", "", "", ""},
         {"", "", "", "gb123456789", "", "", "", ""},
         1u << WHY_TAX_ID,
         true },
        {"SKU in other letters",
         {"", "", "", "", "", "", "1896-S", ""},
         {"", "", "", "", "", "", "1896 s", ""},
         1u << WHY_SKU,
         true },
        {"SKU with a slip",
         {"", "", "", "", "", "", "AB12345", ""},
         {"", "", "", "", "", "", "AB12354", ""},
         1u << WHY_SKU_LIKE,
         false},
        {"bar code",
         {"", "", "", "", "", "", "", "4006381333931"},
         {"", "", "", "", "", "", "", "4006381333931"},
         1u << WHY_BARCODE,
         true },
        {"place and name",
         {"Ann Lee", "", "", "", "1 Old Road", "BA1 5AQ", "", ""},
         {"Ann Lee", "", "", "", "1, OLD ROAD", "ba15aq", "", ""},
         1u << WHY_NAME | 1u << WHY_STREET | 1u << WHY_POST_CODE,
         false},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        OWN(arena) struct arena *arena = arena_new();
        struct suggestions found;
        struct suggest_index *index = suggest_index_new(&CASES[i].there, 1, arena);
        suggest(index, &CASES[i].here, &found);
        if (found.count != 1 || found.items[0].why != CASES[i].why || found.sure != CASES[i].sure)
            fail_msg("%s: %zu found, why %x, %s", CASES[i].name, found.count, found.items[0].why,
                     found.sure ? "sure" : "not sure");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_reason_is_told),
        cmocka_unit_test(of_a_thousand_customers_the_first_is_right),
        cmocka_unit_test(where_two_cards_fit_alike_none_is_sure),
        cmocka_unit_test(who_is_not_there_is_nobody_for_sure),
        cmocka_unit_test(of_a_thousand_products_the_first_is_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* plan_stock_test.c - what a location of Shopify is given: units, calculations, what orders have
 * done, other shops; and a world in which orders are placed, imported, shipped, told, cancelled and
 * returned in any order, with a run of inventory.sync between any two.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/stock_plan.h"

static struct decimal dec(const char *text)
{
    struct decimal value;
    if (!decimal_parse(text, &value))
        fail_msg("%s is no decimal", text);
    return value;
}

static const struct {
    const char *name;
    enum stock_calculation calculation;
    const char *inventory, *reserved, *projected, *per_unit;
    int64_t want;
} PIECES[] = {
  /* clang-format off */
    {"what lies there", STOCK_NON_RESERVED, "10", "0", "99", "0", 10},
    {"what is reserved is not free", STOCK_NON_RESERVED, "10", "4", "99", "0", 6},
    {"the balance is Business Central's own", STOCK_PROJECTED, "10", "4", "7", "0", 7},
    {"a box of six", STOCK_NON_RESERVED, "20", "0", "0", "6", 3},
    {"a third of a box is none", STOCK_NON_RESERVED, "2", "0", "0", "6", 0},
    {"half a metre is sold as two units", STOCK_NON_RESERVED, "3", "0", "0", "0.5", 6},
    {"rounded down, not to the nearest", STOCK_NON_RESERVED, "10.9", "0", "0", "1", 10},
    {"below nothing is rounded down, too", STOCK_PROJECTED, "0", "0", "-0.5", "1", -1},
    {"what a division does not hold exactly", STOCK_NON_RESERVED, "9", "0", "0", "3", 3},
  /* clang-format on */
};

static void pieces_are_whole_units(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(PIECES); i++) {
        struct stock_figures figures = {dec(PIECES[i].inventory), dec(PIECES[i].reserved),
                                        DECIMAL_ZERO, dec(PIECES[i].projected)};
        int64_t got = stock_pieces(PIECES[i].calculation, &figures, dec(PIECES[i].per_unit));
        if (got != PIECES[i].want)
            fail_msg("%s: %lld", PIECES[i].name, (long long)got);
    }
}

static const struct {
    const char *name;
    enum stock_calculation calculation;
    enum stock_quantity quantity;
    struct stock_line line;
    int64_t pieces, safety, want; /* pieces: what Business Central says by now */
    int64_t twice;                /* and what it has reserved for orders of Shopify */
} TARGETS[] = {
  /* clang-format off */
    {"an open order is committed, so it stays on hand", STOCK_NON_RESERVED, STOCK_ON_HAND, {0, 2, 0, 0, true}, 10, 0, 10, 0},
    {"fulfilled at a till, not posted", STOCK_NON_RESERVED, STOCK_ON_HAND, {2, 0, 0, 0, false}, 10, 0, 8, 0},
    {"fulfilled and posted", STOCK_NON_RESERVED, STOCK_ON_HAND, {2, 0, 0, 2, false}, 8, 0, 8, 0},
    {"an order that is not imported yet", STOCK_PROJECTED, STOCK_AVAILABLE, {0, 2, 0, 0, false}, 10, 0, 8, 0},
    {"an imported one is in the balance", STOCK_PROJECTED, STOCK_AVAILABLE, {0, 2, 0, 0, true}, 8, 0, 8, 0},
    {"as the connector does it: twice", STOCK_PROJECTED, STOCK_ON_HAND, {0, 2, 0, 0, true}, 8, 0, 8, 0},
    {"what is free, as available", STOCK_NON_RESERVED, STOCK_AVAILABLE, {0, 2, 0, 0, true}, 10, 0, 8, 0},
    {"shipped in part", STOCK_NON_RESERVED, STOCK_AVAILABLE, {0, 3, 0, 1, true}, 9, 0, 7, 0},
    {"cancelled after it was shipped", STOCK_NON_RESERVED, STOCK_ON_HAND, {0, 0, 0, 2, true}, 8, 0, 8, 0},
    {"safety stock", STOCK_NON_RESERVED, STOCK_ON_HAND, {0, 0, 0, 0, false}, 10, 3, 7, 0},
    {"never below nothing", STOCK_NON_RESERVED, STOCK_ON_HAND, {0, 0, 0, 0, false}, 2, 3, 0, 0},
    {"reserved for an open order of the shop", STOCK_NON_RESERVED, STOCK_ON_HAND, {0, 2, 0, 0, true}, 8, 0, 10, 2},
    {"the same, as available", STOCK_NON_RESERVED, STOCK_AVAILABLE, {0, 2, 0, 0, true}, 8, 0, 8, 2},
    {"fulfilled, and still reserved", STOCK_NON_RESERVED, STOCK_ON_HAND, {2, 0, 0, 0, true}, 8, 0, 8, 2},
    {"reserved for an order that is cancelled at Shopify", STOCK_NON_RESERVED, STOCK_ON_HAND, {0, 0, 0, 0, true}, 8, 0, 8, 2},
    {"reserved for orders of another shop, that nobody counts", STOCK_NON_RESERVED, STOCK_ON_HAND, {0, 1, 0, 0, true}, 7, 0, 8, 3},
  /* clang-format on */
};

static void orders_correct_what_business_central_says(void **state)
{
    static const struct stock_others ALONE = {0};
    (void)state;
    for (size_t i = 0; i < COUNT(TARGETS); i++) {
        struct stock_level level = {.quantity = TARGETS[i].quantity};
        stock_sold_line(&level.sold, &TARGETS[i].line);
        const struct stock_base base = {TARGETS[i].pieces, TARGETS[i].twice, TARGETS[i].safety};
        int64_t got = stock_target(TARGETS[i].calculation, &level, &base, &ALONE);
        if (got != TARGETS[i].want)
            fail_msg("%s: %lld", TARGETS[i].name, (long long)got);
    }
}

static void levels_are_kept_as_text(void **state)
{
    OWN_BUF struct buf text = {0}, again = {0};
    struct stock_levels levels = {0};
    (void)state;
    *stock_level_of(&levels, "82000000001") = (struct stock_level){
        .known = true,
        .doubt = true,
        .quantity = STOCK_AVAILABLE,
        .believed = -3,
        .odd = 2,
        .odd_ms = 17,
        .offered = 8,
        .offered_ms = 9,
        .sold = {1, 2, 3, 4, 5, 6, 7}
    };
    stock_level_of(&levels, "82000000002")->believed = 7;
    stock_levels_write(&levels, &text);
    stock_levels_read(buf_str(&text), &levels);
    stock_levels_write(&levels, &again);
    assert_string_equal(buf_str(&again), buf_str(&text));
    assert_int_equal(levels.count, 2);
    assert_int_equal(levels.items[0].level.quantity, STOCK_AVAILABLE);
    stock_levels_read("82000000001=1:0:5:0:0:5:0:0:0:0:0:0:0:0:0;8200=nonsense", &levels);
    assert_int_equal(levels.count, 1);
    assert_int_equal(levels.items[0].level.believed, 5);
}

/* ---- a world ---- */

enum { ORDERS = 4, PHYSICAL = 10 };

struct sale {
    int64_t open, fulfilled;    /* at Shopify */
    int64_t asked, shipped;     /* of the sales order; posted */
    int64_t returned, unposted; /* came back to Shopify's stock, not to the ERP's yet */
    bool placed, demanded;
    int64_t known_open, known_fulfilled, known_back, known_shipped; /* as last read */
    bool known_demanded;
    struct stock_sold counted;
    int64_t counted_at; /* Shopify was asked for it, or it was placed */
};
struct world {
    enum stock_calculation calculation;
    int64_t on_hand, committed, inventory;
    struct sale sales[ORDERS];
    struct stock_level level;
    int64_t now, looked;
    bool reserves; /* Business Central reserves for each order */
    uint64_t seed;
};

static uint64_t chance(struct world *world, uint64_t below)
{
    world->seed = world->seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (world->seed >> 33) % below;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t above_zero(int64_t number)
{
    return number > 0 ? number : 0;
}

static int64_t owed(const struct world *world)
{
    int64_t sum = 0;
    for (size_t i = 0; i < ORDERS; i++) {
        const struct sale *sale = &world->sales[i];
        int64_t left = sale->open + sale->fulfilled - sale->shipped;
        sum += above_zero(left);
    }
    return sum;
}

static int64_t demand(const struct world *world)
{
    int64_t sum = 0;
    for (size_t i = 0; i < ORDERS; i++)
        sum += world->sales[i].asked;
    return sum;
}

/* What stands on a shelf and nobody has bought. */
static int64_t physically_free(const struct world *world)
{
    int64_t back = 0;
    for (size_t i = 0; i < ORDERS; i++)
        back += world->sales[i].unposted;
    return world->inventory + back - owed(world);
}

/* `own`: by a call of ours, so at this very time. */
static void count(struct world *world, struct sale *sale, bool own)
{
    struct stock_sold now = {0};
    const struct stock_line line = {sale->known_fulfilled, sale->known_open, sale->known_back,
                                    sale->known_shipped, sale->known_demanded};
    stock_sold_line(&now, &line);
    stock_order(&world->level, &sale->counted, &now, own ? world->now : sale->counted_at);
    sale->counted = now;
    if (!own)
        sale->counted_at = world->now;
}

static void read_orders(struct world *world)
{
    for (size_t i = 0; i < ORDERS; i++) {
        struct sale *sale = &world->sales[i];
        sale->known_open = sale->open;
        sale->known_fulfilled = sale->fulfilled;
        sale->known_back = sale->returned;
        count(world, sale, false);
    }
    world->looked = world->now;
}

static void import(struct world *world, struct sale *sale)
{
    if (sale->known_open == 0 || sale->demanded)
        return;
    sale->demanded = sale->known_demanded = true;
    sale->asked = sale->known_open;
    count(world, sale, true);
}

static void ship(struct world *world, struct sale *sale)
{
    int64_t units = least(sale->asked, 1 + (int64_t)chance(world, 2));
    sale->asked -= units;
    sale->shipped += units;
    world->inventory -= units;
}

static void tell(struct world *world)
{
    for (size_t i = 0; i < ORDERS; i++) {
        struct sale *sale = &world->sales[i];
        int64_t units = least(sale->shipped - sale->fulfilled, sale->open);
        sale->known_shipped = sale->shipped;
        if (units > 0) {
            sale->open -= units;
            sale->fulfilled += units;
            world->on_hand -= units;
            world->committed -= units;
            sale->known_fulfilled += units;
            sale->known_open -= least(units, sale->known_open);
        }
        count(world, sale, true);
    }
}

static void cancel(struct world *world, struct sale *sale)
{
    world->committed -= sale->open;
    sale->open = 0;
}

/* Whoever keeps the books deletes what is left of the order, and posts what came back. */
static void keep_books(struct world *world, struct sale *sale)
{
    if (sale->open == 0)
        sale->asked = 0;
    world->inventory += sale->unposted;
    sale->unposted = 0;
}

static void give_back(struct world *world, struct sale *sale)
{
    if (least(sale->fulfilled, sale->shipped) <= sale->returned)
        return;
    sale->returned++;
    sale->unposted++;
    world->on_hand++;
}

static void place(struct world *world, struct sale *sale, bool at_a_till)
{
    int64_t units = 1 + (int64_t)chance(world, 3);
    if (sale->placed || world->on_hand - world->committed < units)
        return;
    sale->placed = true;
    sale->counted_at = world->now;
    if (at_a_till) {
        sale->fulfilled = units;
        world->on_hand -= units;
    } else {
        sale->open = units;
        world->committed += units;
    }
}

/* A sale at a till is invoiced: posted without ever having been demand, and known to be. */
static void invoice(struct world *world, struct sale *sale)
{
    if (sale->demanded || sale->known_fulfilled == 0 || sale->shipped > 0)
        return;
    sale->shipped = sale->known_shipped = sale->known_fulfilled;
    world->inventory -= sale->shipped;
    count(world, sale, true);
}

static int64_t shown(const struct world *world)
{
    return world->level.quantity == STOCK_ON_HAND ? world->on_hand
                                                  : world->on_hand - world->committed;
}

static int64_t wanted(const struct world *world)
{
    static const struct stock_others ALONE = {0};
    struct stock_base base = {.pieces = world->inventory};
    if (world->calculation == STOCK_PROJECTED)
        base.pieces -= demand(world);
    else if (world->reserves) { /* as far as there is something, and others have nothing */
        base.twice = least(demand(world), world->inventory);
        base.pieces -= base.twice;
    }
    return stock_target(world->calculation, &world->level, &base, &ALONE);
}

/* Shopify is asked whether any order has changed since orders were read: where none has, nothing is
 * left that could explain what is odd. */
static void see(struct world *world)
{
    bool quiet = true;
    for (size_t i = 0; i < ORDERS; i++)
        quiet = quiet && world->sales[i].open == world->sales[i].known_open &&
                world->sales[i].fulfilled == world->sales[i].known_fulfilled &&
                world->sales[i].returned == world->sales[i].known_back;
    stock_seen(&world->level, shown(world), wanted(world), world->now);
    if (quiet)
        stock_quiet(&world->level);
}

static void run(struct world *world)
{
    world->now++;
    stock_explained(&world->level, world->looked);
    if (!world->level.known || world->level.doubt)
        see(world);
    for (int round = 0; wanted(world) != world->level.believed && round < 3; round++) {
        if (shown(world) == world->level.believed) { /* compare-and-set */
            int64_t target = wanted(world);
            world->on_hand += target - shown(world);
            stock_given(&world->level, target, world->now);
        } else
            see(world);
    }
}

/* The one case that shows nowhere: what came back hides what was sold at a till. */
static bool hidden(const struct world *world)
{
    bool back = false, sold = false;
    for (size_t i = 0; i < ORDERS; i++) {
        back = back || world->sales[i].returned > world->sales[i].known_back;
        sold = sold || world->sales[i].fulfilled > world->sales[i].known_fulfilled;
    }
    return back && sold;
}

static void event(struct world *world)
{
    struct sale *sale = &world->sales[chance(world, ORDERS)];
    world->now++;
    switch (chance(world, 10)) {
    case 0:
    case 1:
        place(world, sale, false);
        break;
    case 2:
        place(world, sale, true);
        break;
    case 3:
        read_orders(world);
        break;
    case 4:
        import(world, sale);
        break;
    case 5:
        ship(world, sale);
        break;
    case 6:
        tell(world);
        break;
    case 7:
        cancel(world, sale);
        break;
    case 8:
        keep_books(world, sale);
        break;
    default:
        if (chance(world, 2))
            give_back(world, sale);
        else
            invoice(world, sale);
    }
}

static void all_is_read(struct world *world)
{
    world->now++;
    read_orders(world);
    for (size_t i = 0; i < ORDERS; i++) {
        keep_books(world, &world->sales[i]);
        invoice(world, &world->sales[i]);
    }
    tell(world);
    world->now++;
    read_orders(world);
    run(world);
    run(world);
}

/* On hand is safe whatever has not been read; available counts what Shopify gives back by itself,
 * so it holds once orders are read. */
static void live(enum stock_calculation calculation, enum stock_quantity quantity, bool reserves,
                 uint64_t seed)
{
    enum { EVENTS = 40 };
    bool exact = !(calculation == STOCK_PROJECTED && quantity == STOCK_ON_HAND);
    struct world world = {.calculation = calculation,
                          .on_hand = PHYSICAL,
                          .inventory = PHYSICAL,
                          .level = {.quantity = quantity},
                          .reserves = reserves,
                          .seed = seed};
    for (int i = 0; i < EVENTS; i++) {
        event(&world);
        run(&world);
        int64_t available = world.on_hand - world.committed, left = physically_free(&world);
        bool holds = quantity == STOCK_ON_HAND || world.looked == world.now - 1;
        if (holds && !hidden(&world) && available > above_zero(left))
            fail_msg("calculation %d, quantity %d, seed %llu, event %d: %lld are available, %lld "
                     "are free",
                     (int)calculation, (int)quantity, (unsigned long long)seed, i,
                     (long long)available, (long long)left);
    }
    all_is_read(&world);
    int64_t available = world.on_hand - world.committed, left = physically_free(&world);
    if (exact ? above_zero(available) != above_zero(left) : available > above_zero(left))
        fail_msg("calculation %d, quantity %d, seed %llu: all is read, %lld are available, %lld "
                 "are free",
                 (int)calculation, (int)quantity, (unsigned long long)seed, (long long)available,
                 (long long)left);
}

static void no_piece_is_offered_twice(void **state)
{
    enum { WORLDS = 20000 };
    (void)state;
    for (uint64_t seed = 1; seed <= WORLDS; seed++) {
        live(STOCK_NON_RESERVED, STOCK_ON_HAND, seed % 2, seed);
        live(STOCK_NON_RESERVED, STOCK_AVAILABLE, seed % 2, seed);
        live(STOCK_PROJECTED, STOCK_AVAILABLE, false, seed);
        live(STOCK_PROJECTED, STOCK_ON_HAND, false, seed);
    }
}

/* ---- two shops on one company ---- */

struct shops {
    int64_t inventory;
    struct stock_level levels[2];
    int64_t on_hand[2], committed[2];
    int64_t now, looked[2];
    bool reserves; /* Business Central, for each order that has been read */
};

static void run_shop(struct shops *shops, int me, int64_t reserve)
{
    shops->now++;
    stock_explained(&shops->levels[me], shops->looked[me]);
    struct stock_level *mine = &shops->levels[me], *other = &shops->levels[1 - me];
    const struct stock_others others = {reserve, stock_burden(STOCK_NON_RESERVED, &other->sold),
                                        stock_promised(other)};
    struct stock_base base = {.pieces = shops->inventory};
    if (shops->reserves) {
        int64_t asked = mine->sold.unshipped + other->sold.unshipped;
        base.twice = least(asked, shops->inventory);
        base.pieces -= base.twice;
    }
    int64_t target = stock_target(STOCK_NON_RESERVED, mine, &base, &others);
    shops->on_hand[me] = target;
    stock_given(mine, target, shops->now);
}

static void sell(struct shops *shops, int me, int64_t units)
{
    if (shops->on_hand[me] - shops->committed[me] < units)
        return;
    shops->committed[me] += units;
}

static void read_shop(struct shops *shops, int me)
{
    struct stock_sold now = {0};
    const struct stock_line line = {0, shops->committed[me], 0, 0, true};
    stock_sold_line(&now, &line);
    const struct stock_sold before = shops->levels[me].sold;
    stock_order(&shops->levels[me], &before, &now, 0);
    shops->looked[me] = ++shops->now;
}

static void two_shops_do_not_sell_the_same_piece(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20000; seed++) {
        struct shops shops = {
            .inventory = PHYSICAL,
            .levels = {{.known = true}, {.known = true}},
            .reserves = seed % 2,
        };
        struct world dice = {.seed = seed};
        for (int i = 0; i < 30; i++) {
            int me = (int)chance(&dice, 2);
            switch (chance(&dice, 3)) {
            case 0:
                run_shop(&shops, me, 50);
                break;
            case 1:
                sell(&shops, me, 1 + (int64_t)chance(&dice, 3));
                break;
            default:
                read_shop(&shops, me);
            }
            if (shops.committed[0] + shops.committed[1] > PHYSICAL)
                fail_msg("seed %llu: %lld and %lld are sold of %d", (unsigned long long)seed,
                         (long long)shops.committed[0], (long long)shops.committed[1], PHYSICAL);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_whole_units),
        cmocka_unit_test(orders_correct_what_business_central_says),
        cmocka_unit_test(levels_are_kept_as_text),
        cmocka_unit_test(no_piece_is_offered_twice),
        cmocka_unit_test(two_shops_do_not_sell_the_same_piece),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* inventory_lives_test.c - no order counts twice: orders are placed, imported, shipped in parts,
 * told, cancelled and returned in any order, with a run of inventory.sync after each event. What
 * Shopify offers was never sold before, and nothing is held back once both sides have been read:
 * for each calculation, and where Business Central reserves for the shop's own orders. LIVES_SEED=N
 * plays others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/stocked.h"

#define SHOP "{\"shop\":\"DEMO\"}"
#define SKU "1896-S"
#define PLACE "Main Warehouse"
static const char ONLY[] = "{\"shop\":\"DEMO\",\"order_no\":\"#90*\"}";

enum { LIVES = 5, STEPS = 22, PIECES = 10, SOLD = 2 };

struct way { /* how a company and its shop keep stock */
    const char *name, *level, *settings;
    bool reserves;
    int safety;
};
static const struct way WAYS[] = {
  /* clang-format off */
    {"what is not reserved", "api", "", false, 0},
    {"what is projected", "api", ",\"stock_calculation\":\"projected-available\"", false, 0},
    {"reserved for each order", "extension", "", true, 0},
    {"reserved, and written as available", "extension", ",\"stock_quantities\":{\"70000000001\":\"available\"}", true, 0},
    {"with a safety stock", "extension", ",\"safety_stock\":{\"1896-S@70000000001\":3}", true, 3},
  /* clang-format on */
};

struct lived {
    char name[8];
    bool placed, cancelled, deleted;
    int64_t shipped, back;
};
struct life {
    const struct way *way;
    struct house *house;
    struct lived orders[LIVES];
    int64_t on_shelf; /* came back, and is not in the books of Business Central yet */
    uint64_t seed;
};

static uint64_t chance(struct life *life, uint64_t below)
{
    life->seed = life->seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (life->seed >> 33) % below;
}

static void order_told(struct house *house, const char *name, const char *what, const char *body)
{
    OWN_TEXT char *path = mem_printf("orders/%%23%s/%s", name + 1, what);
    house_tell(house, "shopify", path, body);
}

/* Units of an order that Shopify has fulfilled, and those that it still is to. */
static void units_of(struct life *life, const struct lived *order, int64_t *fulfilled,
                     int64_t *open)
{
    OWN_JSON json *node = house_order(life->house, order->name);
    const json *list = json_get(node, "fulfillmentOrders");
    *fulfilled = *open = 0;
    for (size_t i = 0; i < json_count(list); i++) {
        const json *lines = json_get(json_at(list, i), "lines");
        bool closed = strcmp(json_text(json_at(list, i), "status"), "CLOSED") == 0;
        for (size_t k = 0; k < json_count(lines); k++) {
            int64_t left = json_int(json_at(lines, k), "remaining", 0);
            *fulfilled += json_int(json_at(lines, k), "total", 0) - left;
            *open += closed || order->cancelled ? 0 : left;
        }
    }
}

static bool shows_places(const struct life *life)
{
    return strcmp(life->way->level, "extension") == 0;
}

static int64_t inventory(struct life *life)
{
    struct decimal pieces = DECIMAL_ZERO;
    bool places = shows_places(life), found = false;
    OWN_JSON json *answer = places ? house_ask(life->house, "bc", "GET", "stock?item=" SKU, NULL)
                                   : house_ask(life->house, "bc", "POST", "items/" SKU, "{}");
    const json *rows = json_get(answer, "places");
    for (size_t i = 0; i < json_count(rows); i++)
        if (strcmp(json_text(json_at(rows, i), "locationCode"), "MAIN") == 0)
            found = json_decimal(json_at(rows, i), "inventory", &pieces);
    assert_true(found || (!places && json_decimal(answer, "inventory", &pieces)));
    return (int64_t)decimal_round(pieces, 0).digits;
}

static void lie_in_erp(struct life *life, int64_t pieces)
{
    OWN_TEXT char *at_place = mem_printf(
        "{\"item\":\"" SKU "\",\"location\":\"MAIN\",\"inventory\":%" PRId64 "}", pieces);
    if (shows_places(life))
        house_tell(life->house, "bc", "stock", at_place);
    else
        stocked_in_erp(life->house, SKU, (int)pieces);
}

/* What stands on a shelf and nobody has bought. */
static int64_t free_pieces(struct life *life)
{
    int64_t pieces = inventory(life) + life->on_shelf;
    for (size_t i = 0; i < LIVES; i++) {
        int64_t fulfilled = 0, open = 0;
        if (life->orders[i].placed)
            units_of(life, &life->orders[i], &fulfilled, &open);
        int64_t owed = fulfilled + open - life->orders[i].shipped;
        pieces -= owed > 0 ? owed : 0;
    }
    return pieces;
}

static char *document_of(struct life *life, const struct lived *order)
{
    OWN_TEXT char *id = house_order_id(life->house, order->name);
    OWN_TEXT char *key = mem_printf("order:%s", id);
    return house_field(life->house, key, "document");
}

static void ship_one(struct life *life, struct lived *order)
{
    OWN_TEXT char *number = document_of(life, order);
    OWN_TEXT char *path = mem_printf("documents/%s", number);
    if (!*number || order->deleted || order->shipped == SOLD)
        return;
    house_tell(life->house, "bc", path, "{\"ship\":{\"10000\":1}}");
    order->shipped++;
}

static void give_back(struct life *life, struct lived *order)
{
    int64_t fulfilled, open;
    units_of(life, order, &fulfilled, &open);
    if (fulfilled <= order->back || order->shipped <= order->back)
        return;
    order_told(life->house, order->name, "refund",
               "{\"lines\":[{\"line\":0,\"quantity\":1,\"restock\":\"RETURN\"}]}");
    order->back++;
    life->on_shelf++;
}

/* Whoever keeps the books posts what came back, and deletes what is left of a cancelled order. */
static void keep_books(struct life *life)
{
    if (life->on_shelf > 0)
        lie_in_erp(life, inventory(life) + life->on_shelf);
    life->on_shelf = 0;
    for (size_t i = 0; i < LIVES; i++) {
        struct lived *order = &life->orders[i];
        if (!order->cancelled || order->deleted)
            continue;
        OWN_TEXT char *number = document_of(life, order);
        OWN_TEXT char *path = mem_printf("documents/%s", number);
        order->deleted = *number;
        if (order->deleted)
            json_free(house_ask(life->house, "bc", "DELETE", path, NULL));
    }
}

static void cancel(struct life *life, struct lived *order)
{
    if (!order->placed || order->cancelled || order->shipped > 0)
        return;
    order_told(life->house, order->name, "cancel", "{\"reason\":\"CUSTOMER\",\"restock\":true}");
    order->cancelled = true;
}

static void happens(struct life *life)
{
    struct lived *order = &life->orders[chance(life, LIVES)];
    switch (chance(life, 9)) {
    case 0:
    case 1:
        if (!order->placed)
            house_place(life->house, order->name, "");
        order->placed = true;
        break;
    case 2:
        house_good(life->house, "orders.sync", ONLY);
        break;
    case 3:
        house_good(life->house, "orders.process", ONLY);
        break;
    case 4:
        if (order->placed)
            ship_one(life, order);
        break;
    case 5:
        house_good(life->house, "shipments.sync", SHOP);
        break;
    case 6:
        if (order->placed)
            give_back(life, order);
        break;
    case 7:
        keep_books(life);
        break;
    default:
        cancel(life, order);
    }
    house_later(life->house);
}

static void check(struct life *life, int step, bool equal)
{
    int64_t available = stocked_level(life->house, SKU, PLACE, "available");
    int64_t left = free_pieces(life) - life->way->safety;
    int64_t most = left > 0 ? left : 0;
    if (equal ? available != most && available != left : available > most)
        fail_msg("%s, step %d: %" PRId64 " available, %" PRId64 " free", life->way->name, step,
                 available, left);
}

static void read_both(struct life *life)
{
    keep_books(life);
    house_good(life->house, "orders.sync", ONLY);
    house_good(life->house, "shipments.sync", SHOP);
    house_later(life->house);
    house_good(life->house, "orders.sync", ONLY);
    for (int i = 0; i < 2; i++)
        house_good(life->house, "inventory.sync", SHOP);
}

static struct house *open_way(const struct way *way)
{
    const char *const shopify[] = {"--data", "none", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "none", "--replica-lag", "0", "--level", way->level, NULL};
    struct house *house = house_open(shopify, bc, 1);
    OWN_TEXT char *settings =
        mem_printf(",\"late_s\":1,\"locations\":{\"70000000001\":\"MAIN\"}%s", way->settings);
    house_put_shop(house, "DEMO", settings);
    house_tell(house, "bc", "setup",
               way->reserves ? "{\"reserve\":\"always\"}" : "{\"reserve\":\"never\"}");
    return house;
}

static void no_order_of_events_offers_a_piece_twice(void **state)
{
    const char *again = getenv("LIVES_SEED");
    uint64_t seed = again ? strtoull(again, NULL, 10) : 7;
    (void)state;
    for (size_t i = 0; i < COUNT(WAYS); i++) {
        struct life life = {.way = &WAYS[i], .house = open_way(&WAYS[i]), .seed = seed + i};
        lie_in_erp(&life, PIECES);
        stocked_link(life.house, SKU, PLACE);
        house_good(life.house, "inventory.sync", SHOP);
        for (size_t k = 0; k < LIVES; k++)
            snprintf(life.orders[k].name, sizeof life.orders[k].name, "#900%d", (int)k + 1);
        for (int step = 0; step < STEPS; step++) {
            happens(&life);
            house_good(life.house, "inventory.sync", SHOP);
            check(&life, step, false);
        }
        read_both(&life);
        check(&life, STEPS, true);
        house_free(life.house);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_order_of_events_offers_a_piece_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

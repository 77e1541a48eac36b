/* catalogue_stock.c - what lies where, in base units.
 *
 * Level extension: itemStocks, a row of item, variant and location, with what is reserved and what
 * will be left of it today. Level odata-page: the query Inventory by Location (37015), split by
 * lot, so added up by whoever gets the rows. Level api: the item's sum alone. Where no level says
 * what is on order, the open sales orders are read and taken off; open purchases are not read
 * there, so that the balance is rather too small than too large. A line may be by the box: where
 * published pages say what a box holds, it asks for as many pieces.
 */
#include <stdlib.h>
#include <string.h>

#include "bc/catalogue_room.h"

enum { STOCK_PAGE = 2000, ORDERS_PAGE = 100 };

/* What open orders ask for: of an item, or of an item, a variant and a location. */
struct demand {
    char key[3 * 37]; /* ids, blank between */
    struct decimal quantity;
    bool told; /* its stock has come by */
};
struct held {     /* base units in a unit of an item, where it is not one */
    char key[40]; /* number and code, blank between */
    struct decimal quantity;
};
struct reading {
    struct attempt *attempt;
    const struct bc_stock_want *want;
    bool (*row)(void *state, const struct bc_stock *stock, struct err *err);
    void *state;
    bool places;
    struct demand *demands;
    size_t demand_count, demand_room;
    struct held *units; /* sorted */
    size_t unit_count, unit_room;
};

static const char NO_ID[] = "00000000-0000-0000-0000-000000000000";

static const char *id_or_none(const json *row, const char *name)
{
    const char *id = json_text(row, name);
    return strcmp(id, NO_ID) == 0 ? "" : id;
}

static struct decimal decimal_of(const json *row, const char *name)
{
    struct decimal value;
    return json_decimal(row, name, &value) ? value : DECIMAL_ZERO;
}

/* ---- open orders ---- */

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct demand *)a)->key, ((const struct demand *)b)->key);
}

static void make_key(const struct reading *reading, const char *item, const char *variant,
                     const char *location, char out[static 3 * 37])
{
    if (reading->places)
        snprintf(out, 3 * 37, "%.36s %.36s %.36s", item, variant, location);
    else
        snprintf(out, 3 * 37, "%.36s", item);
}

static int by_unit(const void *a, const void *b)
{
    return strcmp(((const struct held *)a)->key, ((const struct held *)b)->key);
}

static bool take_held(void *state, const json *row, struct err *err)
{
    struct reading *reading = state;
    struct held held = {.quantity = decimal_of(row, "Qty_per_Unit_of_Measure")};
    (void)err;
    if (decimal_cmp(held.quantity, decimal_from_int(1)) == 0 || decimal_sign(held.quantity) <= 0)
        return true;
    snprintf(held.key, sizeof held.key, "%.20s %.10s", json_text(row, "Item_No"),
             json_text(row, "Code"));
    if (reading->unit_count == reading->unit_room) {
        size_t room = reading->unit_room ? reading->unit_room * 2 : 64;
        reading->units = mem_grow(reading->units, reading->unit_room, room, sizeof *reading->units);
        reading->unit_room = room;
    }
    reading->units[reading->unit_count++] = held;
    return true;
}

static bool read_units(struct reading *reading, struct err *err)
{
    if (!bc_list_pages(reading->attempt, BC_PAGES, "ItemUnitsOfMeasure", STOCK_PAGE, false,
                       take_held, reading, NULL, err))
        return err_wrap(err, "read the units of items");
    if (reading->unit_count > 1)
        qsort(reading->units, reading->unit_count, sizeof *reading->units, by_unit);
    return true;
}

static struct decimal in_base_units(const struct reading *reading, const json *line,
                                    struct decimal quantity)
{
    struct held key;
    snprintf(key.key, sizeof key.key, "%.20s %.10s", json_text(line, "lineObjectNumber"),
             json_text(line, "unitOfMeasureCode"));
    const struct held *found =
        reading->unit_count
            ? bsearch(&key, reading->units, reading->unit_count, sizeof *reading->units, by_unit)
            : NULL;
    return found ? decimal_mul(quantity, found->quantity) : quantity;
}

static bool add_order(void *state, const json *order, struct err *err)
{
    struct reading *reading = state;
    const json *lines = json_get(order, "salesOrderLines");
    (void)err;
    for (size_t i = 0; i < json_count(lines); i++) {
        const json *line = json_at(lines, i);
        struct decimal open =
            decimal_sub(decimal_of(line, "quantity"), decimal_of(line, "shippedQuantity"));
        const char *item = id_or_none(line, "itemId");
        if (!*item || decimal_sign(open) == 0)
            continue;
        if (reading->demand_count == reading->demand_room) {
            size_t room = reading->demand_room ? reading->demand_room * 2 : 64;
            reading->demands =
                mem_grow(reading->demands, reading->demand_room, room, sizeof *reading->demands);
            reading->demand_room = room;
        }
        struct demand *demand = &reading->demands[reading->demand_count++];
        *demand = (struct demand){.quantity = in_base_units(reading, line, open)};
        make_key(reading, item, id_or_none(line, "itemVariantId"), id_or_none(line, "locationId"),
                 demand->key);
    }
    return true;
}

static bool read_orders(struct reading *reading, struct err *err)
{
    if (!bc_list_pages(reading->attempt, BC_API,
                       "salesOrders?$select=id&$expand=salesOrderLines($select=itemId,"
                       "itemVariantId,locationId,lineObjectNumber,unitOfMeasureCode,quantity,"
                       "shippedQuantity)",
                       ORDERS_PAGE, true, add_order, reading, NULL, err))
        return err_wrap(err, "read what is on order");
    if (reading->demand_count > 1)
        qsort(reading->demands, reading->demand_count, sizeof *reading->demands, by_key);
    size_t kept = 0;
    for (size_t i = 0; i < reading->demand_count; i++) {
        struct demand *demand = &reading->demands[i];
        if (kept > 0 && strcmp(reading->demands[kept - 1].key, demand->key) == 0)
            reading->demands[kept - 1].quantity =
                decimal_add(reading->demands[kept - 1].quantity, demand->quantity);
        else
            reading->demands[kept++] = *demand;
    }
    reading->demand_count = kept;
    return true;
}

static struct decimal on_orders(struct reading *reading, const char *item, const char *variant,
                                const char *location_id)
{
    struct demand key;
    if (reading->demand_count == 0)
        return DECIMAL_ZERO;
    make_key(reading, item, variant, location_id, key.key);
    struct demand *found =
        bsearch(&key, reading->demands, reading->demand_count, sizeof *reading->demands, by_key);
    if (!found || found->told)
        return DECIMAL_ZERO; /* a place may have several rows: it is on order once */
    found->told = true;
    return found->quantity;
}

/* ---- level extension ---- */

static bool take_stock(void *state, const json *row, struct err *err)
{
    struct reading *reading = state;
    struct bc_stock stock = {
        .item_id = json_text(row, "itemId"),
        .variant_id = id_or_none(row, "variantId"),
        .location_code = json_text(row, "locationCode"),
        .inventory = decimal_of(row, "inventory"),
        .has_reserved = true,
        .reserved = decimal_of(row, "reservedQuantity"),
        .reserved_for_shops = decimal_of(row, "reservedForShopify"),
        .has_projected = true,
        .projected = decimal_of(row, "available"),
        .on_orders = decimal_of(row, "quantityOnSalesOrders"),
    };
    return reading->row(reading->state, &stock, err);
}

/* ---- level api ---- */

static bool take_item(void *state, const json *row, struct err *err)
{
    struct reading *reading = state;
    struct bc_stock stock = {
        .item_id = json_text(row, "id"),
        .inventory = decimal_of(row, "inventory"),
        .has_projected = reading->want->projected,
    };
    stock.on_orders = on_orders(reading, stock.item_id, "", "");
    stock.projected = decimal_sub(stock.inventory, stock.on_orders);
    return reading->row(reading->state, &stock, err);
}

/* ---- level odata-page ---- */

/* Its rows name numbers and codes: which ids these are was read before. */
struct known_variant {
    char item[37], variant[37]; /* ids; variant "" = of the item itself */
    char number[24], code[16];
};
struct map {
    struct reading *reading;
    struct known_variant *rows; /* sorted by number and code */
    size_t count, room;
    const struct bc_location *locations;
    size_t location_count;
};

static int by_number_and_code(const void *a, const void *b)
{
    const struct known_variant *left = a, *right = b;
    int difference = strcmp(left->number, right->number);
    return difference ? difference : strcmp(left->code, right->code);
}

static void know(struct map *map, const char *item, const char *number, const char *variant,
                 const char *code)
{
    if (map->count == map->room) {
        size_t room = map->room ? map->room * 2 : 256;
        map->rows = mem_grow(map->rows, map->room, room, sizeof *map->rows);
        map->room = room;
    }
    struct known_variant *row = &map->rows[map->count++];
    snprintf(row->item, sizeof row->item, "%s", item);
    snprintf(row->variant, sizeof row->variant, "%s", variant);
    snprintf(row->number, sizeof row->number, "%s", number);
    snprintf(row->code, sizeof row->code, "%s", code);
}

static bool know_item(void *state, const json *row, struct err *err)
{
    struct map *map = state;
    const json *variants = json_get(row, "itemVariants");
    const char *id = json_text(row, "id"), *number = json_text(row, "number");
    (void)err;
    know(map, id, number, "", "");
    for (size_t i = 0; i < json_count(variants); i++)
        know(map, id, number, json_text(json_at(variants, i), "id"),
             json_text(json_at(variants, i), "code"));
    return true;
}

static bool take_place_of_page(void *state, const json *row, struct err *err)
{
    struct map *map = state;
    struct reading *reading = map->reading;
    struct known_variant key;
    const char *code = json_text(row, "Location_Code"), *location = "";
    snprintf(key.number, sizeof key.number, "%s", json_text(row, "Item_No"));
    snprintf(key.code, sizeof key.code, "%s", json_text(row, "Variant_Code"));
    const struct known_variant *known =
        bsearch(&key, map->rows, map->count, sizeof *map->rows, by_number_and_code);
    if (!known)
        return true; /* of another item, or made since */
    for (size_t i = 0; i < map->location_count; i++)
        if (strcmp(map->locations[i].code, code) == 0)
            location = map->locations[i].id;
    struct bc_stock stock = {
        .item_id = known->item,
        .variant_id = known->variant,
        .location_code = code,
        .inventory = decimal_of(row, "Remaining_Quantity"),
        .has_reserved = true,
        .reserved = decimal_of(row, "Reserved_Quantity"),
        .has_projected = reading->want->projected,
    };
    stock.on_orders = on_orders(reading, stock.item_id, stock.variant_id, location);
    stock.projected = decimal_sub(stock.inventory, stock.on_orders);
    return reading->row(reading->state, &stock, err);
}

static bool is_wanted(const struct bc_stock_want *want, const char *item)
{
    for (size_t i = 0; i < want->item_count; i++)
        if (strcmp(want->item_ids[i], item) == 0)
            return true;
    return !want->item_ids;
}

/* Ordered where nothing lies. */
static bool take_the_rest(struct map *map, struct err *err)
{
    struct reading *reading = map->reading;
    for (size_t i = 0; i < reading->demand_count; i++) {
        const struct demand *demand = &reading->demands[i];
        char item[37] = "", variant[37] = "", location[37] = "";
        const char *blank = strchr(demand->key, ' '), *second = strchr(blank + 1, ' ');
        snprintf(item, sizeof item, "%.*s", (int)(blank - demand->key), demand->key);
        snprintf(variant, sizeof variant, "%.*s", (int)(second - blank - 1), blank + 1);
        snprintf(location, sizeof location, "%s", second + 1);
        if (demand->told || !is_wanted(reading->want, item))
            continue;
        struct bc_stock stock = {
            .item_id = item,
            .variant_id = variant,
            .location_code = "",
            .has_reserved = true,
            .has_projected = true,
            .projected = decimal_neg(demand->quantity),
            .on_orders = demand->quantity,
        };
        for (size_t place = 0; place < map->location_count; place++)
            if (strcmp(map->locations[place].id, location) == 0)
                stock.location_code = map->locations[place].code;
        if (!reading->row(reading->state, &stock, err))
            return false;
    }
    return true;
}

static bool list(struct reading *reading, enum bc_root root, const char *question,
                 const char *property, bool (*row)(void *, const json *, struct err *), void *state,
                 struct err *err)
{
    const struct bc_stock_want *want = reading->want;
    if (!want->item_ids)
        return bc_list_pages(reading->attempt, root, question, STOCK_PAGE, true, row, state, NULL,
                             err);
    for (size_t at = 0; at < want->item_count; at += BC_IDS_A_CALL) {
        OWN_BUF struct buf path = {0};
        size_t left = want->item_count - at;
        buf_printf(&path, "%s%c$filter=", question, strchr(question, '?') ? '&' : '?');
        bc_filter_ids(&path, property, want->item_ids + at,
                      left < BC_IDS_A_CALL ? left : BC_IDS_A_CALL);
        if (!bc_list_pages(reading->attempt, root, buf_str(&path), STOCK_PAGE, true, row, state,
                           NULL, err))
            return false;
    }
    return true;
}

/* The rows of all items, or of a few: a page of that query takes no ids. */
static bool list_page_of_places(struct map *map, struct err *err)
{
    const struct bc_stock_want *want = map->reading->want;
    if (!want->item_ids)
        return bc_list_pages(map->reading->attempt, BC_PAGES, "InventoryByLocation", STOCK_PAGE,
                             false, take_place_of_page, map, NULL, err);
    for (size_t at = 0; at < map->count;) {
        OWN_BUF struct buf path = {0};
        buf_text(&path, "InventoryByLocation?$filter=");
        for (size_t asked = 0; at < map->count && asked < BC_IDS_A_CALL; at++) {
            if (*map->rows[at].code)
                continue; /* its item has a row of its own */
            buf_text(&path, asked++ > 0 ? "%20or%20" : "");
            bc_filter_text(&path, "Item_No", map->rows[at].number);
        }
        if (buf_str(&path)[path.size - 1] != '=' &&
            !bc_list_pages(map->reading->attempt, BC_PAGES, buf_str(&path), STOCK_PAGE, true,
                           take_place_of_page, map, NULL, err))
            return false;
    }
    return true;
}

static bool read_pages(struct reading *reading, bool units, struct err *err)
{
    struct map map = {.reading = reading};
    reading->places = true;
    bool ok = bc_locations(reading->attempt, &map.locations, &map.location_count, err) &&
              list(reading, BC_API, "items?$select=id,number&$expand=itemVariants($select=id,code)",
                   "id", know_item, &map, err) &&
              (!reading->want->projected ||
               ((!units || read_units(reading, err)) && read_orders(reading, err)));
    if (ok && map.count > 0) {
        qsort(map.rows, map.count, sizeof *map.rows, by_number_and_code);
        ok = list_page_of_places(&map, err) && take_the_rest(&map, err);
    }
    free(map.rows);
    return ok;
}

bool bc_stock_each(struct attempt *attempt, const struct bc_stock_want *want,
                   bool (*row)(void *state, const struct bc_stock *stock, struct err *err),
                   void *state, struct err *err)
{
    struct reading reading = {.attempt = attempt, .want = want, .row = row, .state = state};
    struct bc_shows shows;
    bool ok = bc_shows(attempt, &shows, err);
    bool extension = ok && shows.level == BC_LEVEL_EXTENSION && shows.stock_places;
    if (ok && extension)
        /* Rows as they are: an older app has one property less, and would refuse to be asked for
         * it.
         */
        ok = list(&reading, BC_EXTENSION, "itemStocks", "itemId", take_stock, &reading, err);
    else if (ok && shows.stock_places)
        ok = read_pages(&reading, shows.units, err);
    else if (ok)
        ok = (!want->projected || read_orders(&reading, err)) &&
             list(&reading, BC_API, "items?$select=id,inventory", "id", take_item, &reading, err);
    free(reading.demands);
    free(reading.units);
    return ok || err_wrap(err, "read the stock");
}

/* ---- places ---- */

struct places {
    struct arena *arena;
    struct bc_location *rows;
    size_t count, room;
};

static bool take_place(void *state, const json *row, struct err *err)
{
    struct places *places = state;
    (void)err;
    if (places->count == places->room) {
        size_t room = places->room ? places->room * 2 : 32;
        struct bc_location *rows = arena_array(places->arena, room, sizeof *rows);
        if (places->count > 0)
            memcpy(rows, places->rows, places->count * sizeof *rows);
        places->rows = rows;
        places->room = room;
    }
    places->rows[places->count++] = (struct bc_location){
        .id = arena_text(places->arena, json_text(row, "id")),
        .code = arena_text(places->arena, json_text(row, "code")),
        .name = arena_text(places->arena, json_text(row, "displayName")),
    };
    return true;
}

bool bc_locations(struct attempt *attempt, const struct bc_location **out, size_t *count,
                  struct err *err)
{
    struct places places = {.arena = attempt->arena};
    if (!bc_list(attempt, "locations?$select=id,code,displayName", false, take_place, &places, err))
        return err_wrap(err, "read the locations");
    *out = places.rows;
    *count = places.count;
    return true;
}

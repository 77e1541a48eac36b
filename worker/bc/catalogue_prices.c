/* catalogue_prices.c - what the shop sells at.
 *
 * The best source that there is: the price lists themselves, a quote that Business Central prices,
 * the card's price. Blocked items are asked of nobody: a quote refuses them whole. What is the same
 * for all items (rates of VAT and exchange, discounts of item groups) is asked once in an attempt.
 */
#include <stdlib.h>
#include <string.h>

#include "bc/catalogue_engine.h"

/* ---- what can be priced ---- */

static const struct bc_unit *unit_of(const struct bc_price *price)
{
    const struct bc_item *item = price->item;
    const char *code = price->unit;
    if (!*code)
        code = item->sales_unit && *item->sales_unit ? item->sales_unit : item->base_unit;
    for (size_t i = 0; i < item->unit_count; i++)
        if (strcmp(item->units[i].code, code) == 0)
            return &item->units[i];
    return NULL;
}

static bool sift(struct bc_price *price)
{
    const struct bc_item *item = price->item;
    const struct bc_variant *variant = price->variant;
    bool blocked = item->blocked || item->sales_blocked ||
                   (variant && (variant->blocked || variant->sales_blocked));
    price->skip = blocked ? BC_PRICE_BLOCKED : !unit_of(price) ? BC_PRICE_NO_UNIT : BC_PRICED;
    price->price = price->compare_at = price->cost = DECIMAL_ZERO;
    return price->skip == BC_PRICED;
}

/* ---- what is the same for all ---- */

struct bc_price_room {
    struct arena *arena;
    char currency[16], date[16]; /* of the rate */
    struct bc_rate rate;
    bool has_rate, has_lists;
    struct bc_vat_rate *vat;
    struct bc_price_line *groups;
    size_t vat_count, vat_size, group_count, group_size;
};

static struct decimal decimal_of(const json *row, const char *name)
{
    struct decimal value;
    return json_decimal(row, name, &value) ? value : DECIMAL_ZERO;
}

static void *grown(struct arena *arena, void *rows, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return rows;
    size_t more = *room ? *room * 2 : 32;
    void *wider = arena_array(arena, more, size);
    if (count > 0)
        memcpy(wider, rows, count * size);
    *room = more;
    return wider;
}

static bool ask_rate(struct attempt *attempt, const struct bc_terms *terms, struct bc_rate *out,
                     struct err *err)
{
    OWN_BUF struct buf rates = {0}, currency = {0};
    *out = (struct bc_rate){decimal_from_int(1), decimal_from_int(1), 2};
    if (!*terms->currency)
        return true;
    buf_text(&rates, "currencyExchangeRates?$filter=");
    bc_filter_text(&rates, "currencyCode", terms->currency);
    buf_printf(&rates, "%%20and%%20startingDate%%20le%%20%s&$orderby=startingDate%%20desc&$top=1",
               terms->date);
    buf_text(&currency, "currencies?$select=amountDecimalPlaces&$filter=");
    bc_filter_text(&currency, "code", terms->currency);
    struct bc_call calls[] = {
        {.method = "GET", .path = buf_str(&rates)   },
        {.method = "GET", .path = buf_str(&currency)}
    };
    bool ok = bc_batch(attempt, calls, COUNT(calls), err);
    for (size_t i = 0; ok && i < COUNT(calls); i++)
        if (calls[i].err.kind != ERR_NONE) {
            *err = calls[i].err;
            ok = false;
        }
    const json *row = json_at(json_get(calls[0].answer, "value"), 0);
    const json *card = json_at(json_get(calls[1].answer, "value"), 0);
    if (ok) {
        const char *places = json_text(card, "amountDecimalPlaces"); /* "2:2" */
        out->amount = decimal_of(row, "exchangeRateAmount");
        out->local = decimal_of(row, "relationalExchangeRateAmount");
        out->places = *places >= '0' && *places <= '9' ? *places - '0' : 2;
        if (decimal_sign(out->local) <= 0 || decimal_sign(out->amount) <= 0)
            ok = err_set(err, ERR_FATAL, 0, "there is no exchange rate of currency %s on %s",
                         terms->currency, terms->date);
    }
    for (size_t i = 0; i < COUNT(calls); i++)
        bc_call_drop(&calls[i]);
    return ok;
}

static bool read_rate(struct attempt *attempt, struct bc_price_room *room,
                      const struct bc_terms *terms, struct err *err)
{
    if (room->has_rate && strcmp(room->currency, terms->currency) == 0 &&
        strcmp(room->date, terms->date) == 0)
        return true;
    if (!ask_rate(attempt, terms, &room->rate, err))
        return false;
    snprintf(room->currency, sizeof room->currency, "%s", terms->currency);
    snprintf(room->date, sizeof room->date, "%s", terms->date);
    room->has_rate = true;
    return true;
}

static bool take_vat(void *state, const json *row, struct err *err)
{
    struct bc_price_room *room = state;
    (void)err;
    room->vat = grown(room->arena, room->vat, room->vat_count, &room->vat_size, sizeof *room->vat);
    room->vat[room->vat_count++] = (struct bc_vat_rate){
        .business = arena_text(room->arena, json_text(row, "businessGroup")),
        .product = arena_text(room->arena, json_text(row, "productGroup")),
        .percent = decimal_of(row, "percent"),
    };
    return true;
}

static bool take_group(void *state, const json *row, struct err *err)
{
    struct bc_price_room *room = state;
    (void)err;
    room->groups = grown(room->arena, room->groups, room->group_count, &room->group_size,
                         sizeof *room->groups);
    if (bc_price_line_read(room->arena, row, &room->groups[room->group_count]))
        room->group_count++;
    return true;
}

static bool read_lists(struct attempt *attempt, struct bc_price_room *room, struct err *err)
{
    if (room->has_lists)
        return true;
    room->has_lists = bc_list_at(attempt, BC_EXTENSION, "vatRates", false, take_vat, room, err) &&
                      bc_list_at(attempt, BC_EXTENSION,
                                 "priceListLines?$filter=assetType%20eq%20"
                                 "'Item_x0020_Discount_x0020_Group'%20and%20status%20eq%20'Active'",
                                 false, take_group, room, err);
    return room->has_lists;
}

static struct bc_price_room *room_of(struct attempt *attempt)
{
    if (!attempt->bc->price_room) {
        attempt->bc->price_room = arena_alloc(attempt->arena, sizeof(struct bc_price_room));
        attempt->bc->price_room->arena = attempt->arena;
    }
    return attempt->bc->price_room;
}

/* ---- a line of a price list ---- */

static const char *date_of(struct arena *arena, const json *row, const char *name)
{
    const char *date = json_text(row, name);
    return strcmp(date, "0001-01-01") == 0 ? "" : arena_text(arena, date);
}

bool bc_price_line_read(struct arena *arena, const json *row, struct bc_price_line *out)
{
    const char *kind = bc_member(arena, json_text(row, "amountType"));
    bool of_group =
        strcmp(bc_member(arena, json_text(row, "assetType")), "Item Discount Group") == 0;
    if (strcmp(json_text(row, "status"), "Active") != 0)
        return false;
    *out = (struct bc_price_line){
        .source_type = bc_member(arena, json_text(row, "assignTo")),
        .source = arena_text(arena, json_text(row, "assignToNumber")),
        .variant_code = arena_text(arena, json_text(row, "variantCode")),
        .unit = arena_text(arena, json_text(row, "unitOfMeasureCode")),
        .currency = arena_text(arena, json_text(row, "currencyCode")),
        .from = date_of(arena, row, "startingDate"),
        .to = date_of(arena, row, "endingDate"),
        .group = of_group ? arena_text(arena, json_text(row, "assetNumber")) : "",
        .vat_group = arena_text(arena, json_text(row, "vatBusinessGroup")),
        .has_price = !of_group && strcmp(kind, "Discount") != 0,
        .has_discount = strcmp(kind, "Price") != 0,
        .includes_vat = json_flag(row, "priceIncludesTax", false),
        .line_discounts = json_flag(row, "allowLineDiscount", true),
        .least = decimal_of(row, "minimumQuantity"),
        .price = decimal_of(row, "unitPrice"),
        .discount = decimal_of(row, "lineDiscountPercent"),
    };
    return true;
}

/* ---- the sources ---- */

/* A quote's or a card's amounts are rounded here no further than Business Central rounds. */
static void price_by_card(const struct bc_rate *rate, struct bc_price *price)
{
    price->source = BC_PRICE_CARD;
    price->price = decimal_round(
        bc_in_currency(rate, decimal_mul(price->item->unit_price, unit_of(price)->quantity)),
        rate->places);
    price->compare_at = DECIMAL_ZERO;
}

static void cost_of(const struct bc_rate *rate, struct bc_price *price)
{
    price->cost =
        bc_in_currency(rate, decimal_mul(price->item->unit_cost, unit_of(price)->quantity));
}

/* Items are best read with their lines (bc_items_want.prices); those that were not are asked for
 * here. */
struct missing {
    struct arena *arena;
    struct bc_item **items; /* copies that get their lines, sorted by id */
    size_t count;
};

static int by_item_id(const void *a, const void *b)
{
    return strcmp((*(struct bc_item *const *)a)->id, (*(struct bc_item *const *)b)->id);
}

static struct bc_item *missing_item(const struct missing *missing, const char *id)
{
    struct bc_item wanted = {.id = id}, *key = &wanted;
    struct bc_item **found = missing->count == 0 ? NULL
                                                 : bsearch(&key, missing->items, missing->count,
                                                           sizeof(struct bc_item *), by_item_id);
    return found ? *found : NULL;
}

static bool take_line(void *state, const json *row, struct err *err)
{
    struct missing *missing = state;
    struct bc_item *item = missing_item(missing, json_text(row, "itemId"));
    (void)err;
    if (!item)
        return true;
    struct bc_price_line *lines =
        arena_array(missing->arena, item->price_line_count + 1, sizeof *lines);
    if (item->price_line_count > 0)
        memcpy(lines, item->price_lines, item->price_line_count * sizeof *lines);
    if (bc_price_line_read(missing->arena, row, &lines[item->price_line_count]))
        item->price_line_count++;
    item->price_lines = lines;
    return true;
}

static void gather_missing(struct missing *missing, struct bc_price *const prices[], size_t count)
{
    missing->items = arena_array(missing->arena, count + 1, sizeof(struct bc_item *));
    for (size_t i = 0; i < count; i++) {
        const struct bc_item *item = prices[i]->item;
        bool again = i > 0 && prices[i - 1]->item == item; /* its variants stand together */
        if (item->price_lines_read || again)
            continue;
        struct bc_item *copy = arena_alloc(missing->arena, sizeof *copy);
        *copy = *item;
        missing->items[missing->count++] = copy;
    }
    if (missing->count > 1)
        qsort(missing->items, missing->count, sizeof(struct bc_item *), by_item_id);
}

static bool read_missing(struct attempt *attempt, struct missing *missing,
                         struct bc_price *const prices[], size_t count, struct err *err)
{
    gather_missing(missing, prices, count);
    for (size_t at = 0; at < missing->count; at += BC_IDS_A_CALL) {
        const char *ids[BC_IDS_A_CALL];
        size_t asked = 0;
        OWN_BUF struct buf path = {0};
        for (; asked < BC_IDS_A_CALL && at + asked < missing->count; asked++)
            ids[asked] = missing->items[at + asked]->id;
        buf_text(&path, "priceListLines?$filter=");
        bc_filter_ids(&path, "itemId", ids, asked);
        if (!bc_list_at(attempt, BC_EXTENSION, buf_str(&path), false, take_line, missing, err))
            return false;
    }
    return true;
}

static bool by_lists(struct attempt *attempt, const struct bc_terms *terms,
                     const struct bc_price_room *room, struct bc_price *const prices[],
                     size_t count, struct err *err)
{
    struct missing missing = {.arena = attempt->arena};
    struct bc_engine engine = {
        .terms = terms,
        .groups = room->groups,
        .group_count = room->group_count,
        .vat = room->vat,
        .vat_count = room->vat_count,
        .rate = room->rate,
    };
    if (!read_missing(attempt, &missing, prices, count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct bc_item *item = prices[i]->item,
                             *whole =
                                 item->price_lines_read ? item : missing_item(&missing, item->id);
        prices[i]->source = BC_PRICE_LISTS;
        prices[i]->item = whole;
        bc_engine_price(&engine, unit_of(prices[i]), prices[i]);
        prices[i]->item = item;
    }
    return true;
}

static size_t choose(struct attempt *attempt, struct bc_price *prices, size_t count,
                     struct bc_price ***out)
{
    struct bc_price **chosen = arena_array(attempt->arena, count + 1, sizeof *chosen);
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        if (sift(&prices[i]))
            chosen[found++] = &prices[i];
    *out = chosen;
    return found;
}

bool bc_prices(struct attempt *attempt, const struct bc_terms *terms, struct bc_price *prices,
               size_t count, struct err *err)
{
    struct bc *bc;
    struct bc_shows shows;
    struct bc_price **chosen;
    if (!bc_of(attempt, &bc, err) || !bc_shows(attempt, &shows, err))
        return false;
    struct bc_price_room *room = room_of(attempt);
    size_t found = choose(attempt, prices, count, &chosen);
    bool lists = shows.level == BC_LEVEL_EXTENSION && shows.price_lists;
    bool ok = read_rate(attempt, room, terms, err) && (!lists || read_lists(attempt, room, err));
    if (ok && lists)
        ok = by_lists(attempt, terms, room, chosen, found, err);
    else if (ok && *terms->customer)
        ok = bc_quote(attempt, terms, chosen, found, err);
    for (size_t i = 0; ok && i < found; i++) {
        if (!lists && !*terms->customer)
            price_by_card(&room->rate, chosen[i]);
        cost_of(&room->rate, chosen[i]);
    }
    return ok || err_wrap(err, "price %zu variants", count);
}

bool bc_prices_by_quote(struct attempt *attempt, const struct bc_terms *terms,
                        struct bc_price *prices, size_t count, struct err *err)
{
    struct bc *bc;
    struct bc_price **chosen;
    if (!bc_of(attempt, &bc, err))
        return false;
    struct bc_price_room *room = room_of(attempt);
    size_t found = choose(attempt, prices, count, &chosen);
    bool ok = read_rate(attempt, room, terms, err) && bc_quote(attempt, terms, chosen, found, err);
    for (size_t i = 0; ok && i < found; i++)
        cost_of(&room->rate, chosen[i]);
    return ok || err_wrap(err, "price %zu variants by quotes", count);
}

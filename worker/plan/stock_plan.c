/* stock_plan.c - see stock_plan.h. */
#include "plan/stock_plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t above_zero(int64_t number)
{
    return number > 0 ? number : 0;
}

/* ---- what Business Central has ---- */

void stock_figures_add(struct stock_figures *sum, const struct stock_figures *one)
{
    sum->inventory = decimal_add(sum->inventory, one->inventory);
    sum->reserved = decimal_add(sum->reserved, one->reserved);
    sum->of_shops = decimal_add(sum->of_shops, one->of_shops);
    sum->projected = decimal_add(sum->projected, one->projected);
}

static int64_t rounded_down(struct decimal value)
{
    struct decimal whole = decimal_round(value, 0);
    return (int64_t)whole.digits - (decimal_cmp(whole, value) > 0);
}

static int64_t in_units(struct decimal pieces, struct decimal per_unit)
{
    enum { PLACES = 10 };
    bool base = decimal_sign(per_unit) <= 0;
    return rounded_down(base ? pieces : decimal_div(pieces, per_unit, PLACES));
}

int64_t stock_pieces(enum stock_calculation calculation, const struct stock_figures *figures,
                     struct decimal per_unit)
{
    return in_units(calculation == STOCK_PROJECTED
                        ? figures->projected
                        : decimal_sub(figures->inventory, figures->reserved),
                    per_unit);
}

int64_t stock_reserved_twice(enum stock_calculation calculation,
                             const struct stock_figures *figures, struct decimal per_unit)
{
    bool more = decimal_cmp(figures->of_shops, figures->reserved) > 0;
    return calculation == STOCK_PROJECTED
               ? 0
               : above_zero(in_units(more ? figures->reserved : figures->of_shops, per_unit));
}

/* ---- what orders have done ---- */

void stock_sold_line(struct stock_sold *sum, const struct stock_line *line)
{
    int64_t unposted = above_zero(line->fulfilled - line->shipped);
    int64_t unshipped = above_zero(line->fulfilled + line->open - line->shipped);
    sum->fulfilled += line->fulfilled;
    sum->open += line->open;
    sum->back += line->back;
    sum->unposted += unposted;
    sum->unshipped += unshipped;
    sum->unposted_free += line->demanded ? 0 : unposted;
    sum->unshipped_free += line->demanded ? 0 : unshipped;
}

void stock_sold_add(struct stock_sold *sum, const struct stock_sold *more, int sign)
{
    sum->fulfilled += sign * more->fulfilled;
    sum->open += sign * more->open;
    sum->back += sign * more->back;
    sum->unposted += sign * more->unposted;
    sum->unshipped += sign * more->unshipped;
    sum->unposted_free += sign * more->unposted_free;
    sum->unshipped_free += sign * more->unshipped_free;
}

int64_t stock_correction(enum stock_calculation calculation, enum stock_quantity quantity,
                         const struct stock_sold *sold)
{
    bool projected = calculation == STOCK_PROJECTED;
    if (quantity == STOCK_AVAILABLE)
        return -(projected ? sold->unshipped_free : sold->unshipped);
    /* Demand is off the projected balance already, and open orders are so twice: as the connector
     * has it. */
    return -(projected ? sold->unposted_free : sold->unposted);
}

int64_t stock_burden(enum stock_calculation calculation, const struct stock_sold *sold)
{
    return calculation == STOCK_PROJECTED ? sold->unshipped_free : sold->unshipped;
}

/* By so much has Shopify lowered the quantity by itself. */
static int64_t moved(enum stock_quantity quantity, const struct stock_sold *sold)
{
    return sold->fulfilled - sold->back + (quantity == STOCK_AVAILABLE ? sold->open : 0);
}

/* ---- a level ---- */

static int64_t committed(const struct stock_level *level)
{
    return level->quantity == STOCK_ON_HAND ? level->sold.open : 0;
}

void stock_counts(struct stock_level *level, enum stock_quantity quantity)
{
    if (level->quantity == quantity)
        return;
    level->quantity = quantity;
    level->known = level->doubt = false;
    level->believed = level->odd = level->odd_ms = level->offered = level->offered_ms = 0;
}

int64_t stock_promised(const struct stock_level *level)
{
    return level->known ? above_zero(level->offered - committed(level)) : 0;
}

/* Of the pieces reserved for orders of Shopify those that are taken off here once more: what our
 * orders ask for, and what the other shops' burden holds. */
static int64_t put_back(const struct stock_level *level, int64_t twice,
                        const struct stock_others *others)
{
    int64_t asked = above_zero(level->sold.unshipped - level->sold.unshipped_free);
    return least(twice, asked + (others->reserve > 0 ? above_zero(others->burden) : 0));
}

int64_t stock_target(enum stock_calculation calculation, const struct stock_level *level,
                     const struct stock_base *base, const struct stock_others *others)
{
    int64_t correction = stock_correction(calculation, level->quantity, &level->sold);
    int64_t target = base->pieces + put_back(level, base->twice, others) + correction -
                     above_zero(base->safety) - level->odd;
    if (others->reserve > 0) {
        int64_t left = target - committed(level) - others->burden;
        int64_t share = above_zero(left) * (100 - others->reserve) / 100;
        target = committed(level) + above_zero(least(share, left - others->promised));
    }
    if (level->known && level->odd > 0) /* what is odd may be the rest of something larger */
        target = least(target, level->believed);
    return above_zero(target);
}

void stock_order(struct stock_level *level, const struct stock_sold *before,
                 const struct stock_sold *now, int64_t since_ms)
{
    int64_t lowered = moved(level->quantity, now) - moved(level->quantity, before);
    if (level->known && lowered != 0) {
        level->believed -= lowered;
        level->offered -= lowered;
        level->doubt = level->doubt || since_ms <= level->confirmed_ms;
    }
    stock_sold_add(&level->sold, before, -1);
    stock_sold_add(&level->sold, now, 1);
}

void stock_given(struct stock_level *level, int64_t quantity, int64_t now_ms)
{
    if (!level->known || quantity >= level->offered) {
        level->offered = quantity;
        level->offered_ms = 0;
    } else
        level->offered_ms = now_ms;
    level->known = true;
    level->refused = 0;
    level->doubt = false;
    level->confirmed_ms = now_ms;
    level->believed = quantity;
}

void stock_seen(struct stock_level *level, int64_t actual, int64_t would, int64_t now_ms)
{
    int64_t missing = (level->known ? level->believed : above_zero(would)) - actual;
    level->odd = above_zero(level->odd + missing);
    level->odd_ms = level->odd == 0 ? 0 : missing > 0 ? now_ms : level->odd_ms;
    stock_given(level, actual, now_ms);
}

void stock_explained(struct stock_level *level, int64_t looked_ms)
{
    if (level->odd_ms && looked_ms > level->odd_ms)
        level->odd = level->odd_ms = 0;
    if (level->offered_ms && looked_ms > level->offered_ms) {
        level->offered = level->believed;
        level->offered_ms = 0;
    }
}

void stock_quiet(struct stock_level *level)
{
    level->odd = level->odd_ms = 0;
}

/* ---- as kept in Redis ---- */

struct stock_level *stock_level_of(struct stock_levels *levels, const char *location)
{
    for (size_t i = 0; i < levels->count; i++)
        if (strcmp(levels->items[i].location, location) == 0)
            return &levels->items[i].level;
    if (levels->count == STOCK_LOCATIONS || strlen(location) >= STOCK_ID)
        return NULL;
    snprintf(levels->items[levels->count].location, STOCK_ID, "%s", location);
    levels->items[levels->count].level = (struct stock_level){0};
    return &levels->items[levels->count++].level;
}

enum { NUMBERS = 15 };

/* The numbers of a level, in the order in which they are written. */
static void numbers_of(const struct stock_level *level, int64_t out[static NUMBERS])
{
    const int64_t numbers[NUMBERS] = {
        level->known ? 1 + (int)level->quantity + (level->doubt ? 2 : 0) : 0,
        level->confirmed_ms,
        level->believed,
        level->odd,
        level->odd_ms,
        level->offered,
        level->offered_ms,
        level->sold.fulfilled,
        level->sold.open,
        level->sold.back,
        level->sold.unposted,
        level->sold.unshipped,
        level->sold.unposted_free,
        level->sold.unshipped_free,
        level->refused,
    };
    memcpy(out, numbers, sizeof numbers);
}

static struct stock_level level_of(const int64_t numbers[static NUMBERS])
{
    return (struct stock_level){
        .known = numbers[0] > 0,
        .doubt = numbers[0] > 2,
        .quantity = numbers[0] > 0 && numbers[0] % 2 == 0 ? STOCK_AVAILABLE : STOCK_ON_HAND,
        .confirmed_ms = numbers[1],
        .believed = numbers[2],
        .odd = numbers[3],
        .odd_ms = numbers[4],
        .offered = numbers[5],
        .offered_ms = numbers[6],
        .sold = {numbers[7], numbers[8], numbers[9], numbers[10], numbers[11], numbers[12],
                 numbers[13]},
        .refused = numbers[14],
    };
}

void stock_levels_read(const char *text, struct stock_levels *out)
{
    out->count = 0;
    while (*text) {
        char location[STOCK_ID];
        int64_t numbers[NUMBERS];
        int used = 0;
        if (sscanf(text, "%23[0-9]%n", location, &used) != 1)
            return;
        text += used;
        for (size_t i = 0; i < NUMBERS; i++, text += used) {
            used = 0;
            if (sscanf(text, i == 0 ? "=%" SCNd64 "%n" : ":%" SCNd64 "%n", &numbers[i], &used) != 1)
                return;
        }
        if (*text++ != ';')
            return;
        struct stock_level *level = stock_level_of(out, location);
        if (level)
            *level = level_of(numbers);
    }
}

void stock_levels_write(const struct stock_levels *levels, struct buf *out)
{
    for (size_t i = 0; i < levels->count; i++) {
        int64_t numbers[NUMBERS];
        numbers_of(&levels->items[i].level, numbers);
        buf_text(out, levels->items[i].location);
        for (size_t k = 0; k < NUMBERS; k++)
            buf_printf(out, "%c%" PRId64, k ? ':' : '=', numbers[k]);
        buf_text(out, ";");
    }
}

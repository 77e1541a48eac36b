/* exact.c - fractions of 128-bit integers. */
#include "pricing/exact.h"

static int128 power10(int exponent)
{
    int128 power = 1;
    while (exponent-- > 0)
        power *= 10;
    return power;
}

static int128 common_factor(int128 a, int128 b)
{
    if (a < 0)
        a = -a;
    while (b != 0 && (a > INT64_MAX || b > INT64_MAX)) {
        int128 rest = a % b;
        a = b;
        b = rest;
    }
    int64_t low = (int64_t)a, by = (int64_t)b; /* most of them: a division of 64 bits is cheap */
    if (b == 0)
        return a;
    while (by != 0) {
        int64_t rest = low % by;
        low = by;
        by = rest;
    }
    return low;
}

static bool multiply(int128 *value, int128 by)
{
    return !__builtin_mul_overflow(*value, by, value);
}

struct exact exact_of(struct decimal value)
{
    return (struct exact){value.digits, power10(value.scale)};
}

/* Multiplies by above / below, both above 0 or value 0, and keeps the terms small. */
static bool scale(struct exact *value, int128 above, int128 below)
{
    int128 factor = common_factor(value->above, below);
    value->above /= factor;
    below /= factor;
    factor = common_factor(above, value->below);
    above /= factor;
    value->below /= factor;
    return multiply(&value->above, above) && multiply(&value->below, below);
}

bool exact_scale(struct exact *value, struct decimal by, struct decimal per)
{
    int lift = per.scale - by.scale;
    return scale(value, by.digits, per.digits) &&
           scale(value, lift > 0 ? power10(lift) : 1, lift < 0 ? power10(-lift) : 1);
}

bool exact_round(const struct exact *value, struct decimal step, struct decimal *out)
{
    struct exact steps = *value;
    bool negative = steps.above < 0;
    if (!exact_scale(&steps, decimal_from_int(1), step))
        return false;
    int128 above = negative ? -steps.above : steps.above;
    int128 whole = above / steps.below, rest = above % steps.below;
    if (rest >= steps.below - rest)
        whole++;
    *out = (struct decimal){negative ? -whole : whole, step.scale};
    return multiply(&out->digits, step.digits);
}

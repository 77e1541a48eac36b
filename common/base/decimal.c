/* decimal.c - fixed point on 128 bits. */
#include "base/decimal.h"

#include <stdio.h>
#include <string.h>

enum { MAX_SCALE = 18, MAX_DIGITS = 30 };

static int128 power10(int exponent)
{
    int128 power = 1;
    assert(exponent >= 0 && exponent <= 38);
    while (exponent-- > 0)
        power *= 10;
    return power;
}

static struct decimal trimmed(struct decimal value)
{
    while (value.scale > 0 && value.digits % 10 == 0) {
        value.digits /= 10;
        value.scale--;
    }
    return value;
}

static int128 divide_rounded(int128 dividend, int128 divisor)
{
    assert(divisor != 0);
    bool negative = (dividend < 0) != (divisor < 0);
    int128 a = dividend < 0 ? -dividend : dividend, b = divisor < 0 ? -divisor : divisor;
    int128 quotient = a / b, rest = a % b;
    if (rest >= b - rest)
        quotient++;
    return negative ? -quotient : quotient;
}

static int128 scaled(struct decimal value, int scale)
{
    int128 digits;
    bool overflow = __builtin_mul_overflow(value.digits, power10(scale - value.scale), &digits);
    assert(!overflow);
    return digits;
}

bool decimal_parse(const char *text, struct decimal *out)
{
    struct decimal value = {0};
    int count = 0, exponent = 0;
    bool negative = *text == '-', point = false, any = false;
    if (*text == '-' || *text == '+')
        text++;
    for (; *text; text++) {
        if (*text == '.' && !point) {
            point = true;
        } else if (*text >= '0' && *text <= '9') {
            any = true;
            if ((count || *text != '0') && ++count > MAX_DIGITS)
                return false;
            value.digits = value.digits * 10 + (*text - '0');
            value.scale += point;
        } else {
            break;
        }
    }
    if (!any)
        return false;
    if (*text == 'e' || *text == 'E') {
        int used = 0;
        if (sscanf(text + 1, "%3d%n", &exponent, &used) != 1 || text[1 + used])
            return false;
        value.scale -= exponent;
    } else if (*text) {
        return false;
    }
    value = trimmed(value);
    if (value.digits == 0)
        value.scale = 0;
    if (value.scale < 0) {
        if (count - value.scale > MAX_DIGITS)
            return false;
        value.digits *= power10(-value.scale);
        value.scale = 0;
    }
    if (value.scale > MAX_SCALE)
        return false;
    if (negative)
        value.digits = -value.digits;
    *out = value;
    return true;
}

static void format_scaled(int128 digits, int scale, char out[static DECIMAL_TEXT])
{
    char reversed[DECIMAL_TEXT];
    int used = 0, at = 0;
    bool negative = digits < 0;
    if (negative)
        digits = -digits;
    while (digits > 0 || used <= scale) {
        if (used == scale && scale > 0 && !memchr(reversed, '.', (size_t)at))
            reversed[at++] = '.';
        reversed[at++] = (char)('0' + (int)(digits % 10));
        digits /= 10;
        used++;
    }
    if (negative)
        reversed[at++] = '-';
    assert(at < DECIMAL_TEXT);
    for (int i = 0; i < at; i++)
        out[i] = reversed[at - 1 - i];
    out[at] = 0;
}

void decimal_format(struct decimal value, char out[static DECIMAL_TEXT])
{
    value = trimmed(value);
    format_scaled(value.digits, value.scale, out);
}

void decimal_format_fixed(struct decimal value, int places, char out[static DECIMAL_TEXT])
{
    value = decimal_round(value, places);
    format_scaled(scaled(value, places > value.scale ? places : value.scale),
                  places > value.scale ? places : value.scale, out);
}

struct decimal decimal_from_int(int64_t whole)
{
    return (struct decimal){whole, 0};
}

struct decimal decimal_add(struct decimal a, struct decimal b)
{
    struct decimal sum = {0, a.scale > b.scale ? a.scale : b.scale};
    bool overflow = __builtin_add_overflow(scaled(a, sum.scale), scaled(b, sum.scale), &sum.digits);
    assert(!overflow);
    return sum;
}

struct decimal decimal_sub(struct decimal a, struct decimal b)
{
    return decimal_add(a, decimal_neg(b));
}

struct decimal decimal_mul(struct decimal a, struct decimal b)
{
    a = trimmed(a);
    b = trimmed(b);
    struct decimal product = {0, a.scale + b.scale};
    bool overflow = __builtin_mul_overflow(a.digits, b.digits, &product.digits);
    assert(!overflow);
    return product.scale > MAX_SCALE ? decimal_round(product, MAX_SCALE) : product;
}

struct decimal decimal_div(struct decimal a, struct decimal b, int places)
{
    a = trimmed(a);
    b = trimmed(b);
    int lift = places + b.scale - a.scale;
    int128 dividend = a.digits, divisor = b.digits;
    bool overflow = lift >= 0 ? __builtin_mul_overflow(dividend, power10(lift), &dividend)
                              : __builtin_mul_overflow(divisor, power10(-lift), &divisor);
    assert(!overflow);
    return (struct decimal){divide_rounded(dividend, divisor), places};
}

struct decimal decimal_round(struct decimal value, int places)
{
    if (value.scale <= places)
        return value;
    return (struct decimal){divide_rounded(value.digits, power10(value.scale - places)), places};
}

struct decimal decimal_neg(struct decimal value)
{
    return (struct decimal){-value.digits, value.scale};
}

struct decimal decimal_abs(struct decimal value)
{
    return value.digits < 0 ? decimal_neg(value) : value;
}

int decimal_cmp(struct decimal a, struct decimal b)
{
    int scale = a.scale > b.scale ? a.scale : b.scale;
    int128 left = scaled(a, scale), right = scaled(b, scale);
    return (left > right) - (left < right);
}

int decimal_sign(struct decimal value)
{
    return (value.digits > 0) - (value.digits < 0);
}

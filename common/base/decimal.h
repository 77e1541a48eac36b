/* decimal.h - money and quantities: a 128-bit integer and a scale, never a double.
 *
 * value = digits / 10^scale, scale 0..18. Rounding is half away from zero, as Business Central
 * rounds amounts. Overflow of 38 digits is a bug in the caller's limits and asserts; parsing
 * checks.
 */
#ifndef CARTAGE_DECIMAL_H
#define CARTAGE_DECIMAL_H

#include "base/own.h"

__extension__ typedef __int128 int128;

struct decimal {
    int128 digits;
    int scale;
};

#define DECIMAL_ZERO ((struct decimal){0, 0})
#define DECIMAL_TEXT 48 /* room for any decimal as text */

/* "-12.50", "1e-3" too (JSON numbers), at most 18 decimals and 30 digits in all. */
MUST_USE bool decimal_parse(const char *text, struct decimal *out);
/* Shortest form that keeps the value: "12.5", "0", "-3". */
void decimal_format(struct decimal value, char out[static DECIMAL_TEXT]);
/* With exactly `places` decimals, rounded: "12.50". */
void decimal_format_fixed(struct decimal value, int places, char out[static DECIMAL_TEXT]);

struct decimal decimal_from_int(int64_t whole);
struct decimal decimal_add(struct decimal a, struct decimal b);
struct decimal decimal_sub(struct decimal a, struct decimal b);
struct decimal decimal_mul(struct decimal a, struct decimal b);
/* a / b to `places` decimals, rounded half away from zero; b must not be 0. */
struct decimal decimal_div(struct decimal a, struct decimal b, int places);
struct decimal decimal_round(struct decimal value, int places);
struct decimal decimal_neg(struct decimal value);
struct decimal decimal_abs(struct decimal value);
int decimal_cmp(struct decimal a, struct decimal b); /* -1, 0, 1 */
int decimal_sign(struct decimal value);

#endif

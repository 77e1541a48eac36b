/* formula.h - Business Central's date formulas, language-neutral: "1M+CM", "-WD2", "D15". Pure.
 *
 * Up to three terms, evaluated left to right on the running date: number and unit adds (months,
 * quarters and years keep the day and clamp it), C and a unit is the period's last day (-C its
 * first), WD1..WD7 and D1..D31 go to the next such day, strictly later (with a minus: earlier).
 */
#ifndef CARTAGE_FORMULA_H
#define CARTAGE_FORMULA_H

#include "base/err.h"

enum { FORMULA_TEXT = 24, FORMULA_TERMS = 3 };

struct formula {
    int count;
    struct formula_term {
        enum { FORMULA_ADD, FORMULA_CURRENT, FORMULA_NEXT } kind;
        char unit; /* D W M Q Y, and 'w' for WD */
        int sign, number;
    } terms[FORMULA_TERMS];
};

/* ERR_FATAL, code 400, naming what is wrong in it. */
MUST_USE bool formula_parse(const char *text, struct formula *out, struct err *err);
/* Days since 1970; false when the date leaves the years 1 to 9999. */
MUST_USE bool formula_apply(const struct formula *formula, int64_t day, int64_t *out);
/* Does it move forward, 400 times in a row from `day` and once from each day of eight years? One
 * that does not would run again and again on the spot. *stuck = a day from which it does not. */
MUST_USE bool formula_advances(const struct formula *formula, int64_t day, int64_t *stuck);

#endif

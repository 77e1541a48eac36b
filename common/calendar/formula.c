/* formula.c - reading and applying date formulas; the grammar is job-queue.md 6.4. */
#include "calendar/formula.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "calendar/days.h"

enum { BAD = 400, TYPED_MOST = 20, NUMBER_MOST = 9999, TRIALS = 400, TRIAL_DAYS = 2922 };

/* ---- reading ---- */

static bool take_number(const char **at, int *number)
{
    *number = 0;
    if (!isdigit((unsigned char)**at))
        return false;
    for (; isdigit((unsigned char)**at); ++*at)
        *number = *number > NUMBER_MOST ? *number : *number * 10 + (**at - '0');
    return true;
}

static bool take_unit(const char **at, char *unit)
{
    if ((*at)[0] == 'W' && (*at)[1] == 'D') {
        *unit = 'w';
        *at += 2;
        return true;
    }
    if (!**at || !strchr("DWMQY", **at))
        return false;
    *unit = *(*at)++;
    return true;
}

static const char *take_term(const char **at, struct formula_term *term)
{
    term->sign = **at == '-' ? -1 : 1;
    *at += **at == '-' || **at == '+';
    if (**at == 'C') {
        ++*at;
        term->kind = FORMULA_CURRENT;
        if (!take_unit(at, &term->unit) || term->unit == 'w')
            return "behind C stands D, W, M, Q or Y";
        return NULL;
    }
    if (take_number(at, &term->number)) {
        term->kind = FORMULA_ADD;
        if (term->number > NUMBER_MOST)
            return "a number is at most 9999";
        if (!take_unit(at, &term->unit) || term->unit == 'w')
            return "behind a number stands D, W, M, Q or Y";
        return NULL;
    }
    term->kind = FORMULA_NEXT;
    if (!take_unit(at, &term->unit))
        return "a term is like 10D, CM, WD1 or D15";
    if (term->unit != 'D' && term->unit != 'w')
        return "only D and WD take a number behind them";
    int most = term->unit == 'D' ? 31 : 7;
    if (!take_number(at, &term->number) || term->number < 1 || term->number > most)
        return term->unit == 'D' ? "behind D stands a day, 1 to 31"
                                 : "behind WD stands a weekday, 1 (Monday) to 7";
    return NULL;
}

bool formula_parse(const char *text, struct formula *out, struct err *err)
{
    char plain[FORMULA_TEXT] = "";
    size_t size = 0;
    const char *wrong = NULL, *at = plain;
    *out = (struct formula){0};
    for (const char *from = text; *from && !wrong; from++) {
        if (isspace((unsigned char)*from) || (from == text && *from == '<') ||
            (*from == '>' && !from[1]))
            continue; /* <...> marks the form that knows no language: ours is always that */
        if (size == TYPED_MOST)
            wrong = "it holds at most 20 characters";
        else
            plain[size++] = (char)toupper((unsigned char)*from);
    }
    if (!wrong && !size)
        wrong = "it is empty";
    while (!wrong && *at) {
        if (out->count == FORMULA_TERMS)
            wrong = "it has at most three terms";
        else
            wrong = take_term(&at, &out->terms[out->count++]);
    }
    if (wrong)
        return err_set(err, ERR_FATAL, BAD, "formula \"%.40s\": %s; write one like 1M or 1D+CM",
                       text, wrong);
    return true;
}

/* ---- applying ---- */

static int at_most(int day, int most)
{
    return day < most ? day : most;
}

/* The month `months` later, its day `day` or its last one. */
static int64_t in_month(struct date date, int64_t months, int day)
{
    int64_t index = (int64_t)date.year * 12 + date.month - 1 + months;
    int year = (int)floor_div(index, 12), month = (int)(index - (int64_t)year * 12) + 1;
    return days_of(year, month, at_most(day, month_days(year, month)));
}

static int64_t add(int64_t day, char unit, int64_t n)
{
    static const char UNITS[] = "MQY";
    static const int MONTHS[] = {1, 3, 12};
    if (unit == 'D')
        return day + n;
    if (unit == 'W')
        return day + 7 * n;
    struct date date = days_date(day);
    return in_month(date, n * MONTHS[strchr(UNITS, unit) - UNITS], date.day);
}

static int64_t current(int64_t day, char unit, int sign)
{
    struct date date = days_date(day);
    int from = unit == 'M' ? date.month : unit == 'Q' ? (date.month - 1) / 3 * 3 + 1 : 1;
    int to = unit == 'M' ? from : unit == 'Q' ? from + 2 : 12;
    if (unit == 'D')
        return day;
    if (unit == 'W')
        return sign < 0 ? day - days_weekday(day) + 1 : day + 7 - days_weekday(day);
    return sign < 0 ? days_of(date.year, from, 1)
                    : days_of(date.year, to, month_days(date.year, to));
}

/* Strict: the day itself does not count. */
static int64_t next(int64_t day, const struct formula_term *term)
{
    if (term->unit == 'w') {
        int away = (term->sign * (term->number - days_weekday(day)) + 7) % 7;
        return day + term->sign * (away ? away : 7);
    }
    struct date date = days_date(day);
    int64_t here = in_month(date, 0, term->number);
    bool there = term->sign > 0 ? here > day : here < day;
    return there ? here : in_month(date, term->sign, term->number);
}

bool formula_apply(const struct formula *formula, int64_t day, int64_t *out)
{
    const int64_t FIRST = days_of(1, 1, 1), LAST = days_of(9999, 12, 31);
    for (int i = 0; i < formula->count; i++) {
        const struct formula_term *term = &formula->terms[i];
        if (term->kind == FORMULA_ADD)
            day = add(day, term->unit, (int64_t)term->sign * term->number);
        else if (term->kind == FORMULA_CURRENT)
            day = current(day, term->unit, term->sign);
        else
            day = next(day, term);
        if (day < FIRST || day > LAST)
            return false;
    }
    *out = day;
    return true;
}

bool formula_advances(const struct formula *formula, int64_t day, int64_t *stuck)
{
    int64_t at = day, then;
    for (int i = 0; i < TRIALS; i++, at = then) {
        /* The end of the calendar is far enough: 400 occurrences of 9999Y do not exist. */
        if (!formula_apply(formula, at, &then)) {
            *stuck = at;
            return i > 0 && at > day;
        }
        if (then <= at) {
            *stuck = at;
            return false;
        }
    }
    for (*stuck = day; *stuck < day + TRIAL_DAYS; ++*stuck)
        if (!formula_apply(formula, *stuck, &then) || then <= *stuck)
            return false;
    return true;
}

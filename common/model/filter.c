/* filter.c - parses a filter into alternatives of conditions, and tests values.
 *
 * A filter is a list of terms; a term belongs to an alternative (the parts between `|`), and fits
 * when its condition does. A value fits when all terms of one alternative do.
 */
#include "model/filter.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/decimal.h"

enum { MOST_TERMS = 200, MOST_TEXT = 1000 };
enum test { TEST_LIKE, TEST_NOT, TEST_RANGE, TEST_LESS, TEST_LESS_SAME, TEST_MORE, TEST_MORE_SAME };

struct term {
    int alternative;
    enum test test;
    bool no_case;
    char *low, *high; /* LIKE, NOT and comparisons use low; a range's open end is NULL */
    bool *literal;    /* for each letter of low: stands in quotes, so `*` is a star */
};

struct filter {
    enum filter_kind kind;
    struct term *terms;
    size_t count;
};

void filter_free(struct filter *filter)
{
    if (!filter)
        return;
    for (size_t i = 0; i < filter->count; i++) {
        free(filter->terms[i].low);
        free(filter->terms[i].high);
        free(filter->terms[i].literal);
    }
    free(filter->terms);
    free(filter);
}

/* ---- parsing ---- */

/* A part's text without its quotes, and which letters stood in them. */
static char *unquoted(const char *text, size_t size, bool **literal)
{
    char *plain = mem_new(size + 1);
    bool *marks = mem_array(size + 1, sizeof *marks), inside = false;
    size_t used = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\'' && inside && i + 1 < size && text[i + 1] == '\'')
            i++;
        else if (text[i] == '\'') {
            inside = !inside;
            continue;
        }
        marks[used] = inside;
        plain[used++] = text[i];
    }
    if (literal)
        *literal = marks;
    else
        free(marks);
    return plain;
}

static const char *outside_quotes(const char *text, const char *end, const char *wanted)
{
    bool inside = false;
    size_t size = strlen(wanted);
    for (; text < end; text++) {
        inside ^= *text == '\'';
        if (!inside && (size_t)(end - text) >= size && strncmp(text, wanted, size) == 0)
            return text;
    }
    return NULL;
}

static bool number_ok(enum filter_kind kind, const char *text, struct err *err)
{
    struct decimal value;
    if (kind != FILTER_NUMBER || !text || decimal_parse(text, &value))
        return true;
    return err_set(err, ERR_FATAL, 400, "filter: \"%.60s\" is no number", text);
}

static const struct {
    const char *sign;
    enum test test;
} SIGNS[] = {
  /* longer ones first */
    {"<>", TEST_NOT      },
    {">=", TEST_MORE_SAME},
    {"<=", TEST_LESS_SAME},
    {">",  TEST_MORE     },
    {"<",  TEST_LESS     },
};

static bool parse_term(enum filter_kind kind, const char *text, const char *end, struct term *term,
                       struct err *err)
{
    while (text < end && *text == ' ')
        text++;
    while (end > text && end[-1] == ' ')
        end--;
    for (size_t i = 0; i < COUNT(SIGNS) && term->test == TEST_LIKE; i++)
        if (strncmp(text, SIGNS[i].sign, strlen(SIGNS[i].sign)) == 0) {
            term->test = SIGNS[i].test;
            text += strlen(SIGNS[i].sign);
        }
    if (text < end && *text == '@') {
        term->no_case = true;
        text++;
    }
    const char *dots = outside_quotes(text, end, "..");
    if (dots && term->test == TEST_LIKE) {
        term->test = TEST_RANGE;
        term->low = dots > text ? unquoted(text, (size_t)(dots - text), NULL) : NULL;
        term->high = end > dots + 2 ? unquoted(dots + 2, (size_t)(end - dots - 2), NULL) : NULL;
        if (!term->low && !term->high)
            return err_set(err, ERR_FATAL, 400, "filter: a range needs a bound, 1..9");
    } else {
        term->low = unquoted(text, (size_t)(end - text), &term->literal);
        bool nothing = text == end; /* '' is the empty text, nothing at all a slip */
        if (nothing)
            return err_set(err, ERR_FATAL, 400, "filter: nothing stands behind an operator");
    }
    return number_ok(kind, term->low, err) && number_ok(kind, term->high, err);
}

bool filter_parse(const char *text, enum filter_kind kind, struct filter **out, struct err *err)
{
    OWN(filter) struct filter *filter = mem_new(sizeof *filter);
    const char *end = text + strlen(text);
    bool inside = false;
    int alternative = 0;
    filter->kind = kind;
    for (const char *at = text; at < end; at++)
        inside ^= *at == '\'';
    if (inside || end - text > MOST_TEXT)
        return err_set(err, ERR_FATAL, 400,
                       inside ? "filter: a quote is not closed"
                              : "filter: longer than 1000 characters");
    for (const char *from = text; from <= end;) {
        const char * or = outside_quotes(from, end, "|"), *and = outside_quotes(from, end, "&");
        const char *to = and&&(! or || and < or) ? and : or ? or : end;
        if (filter->count == MOST_TERMS)
            return err_set(err, ERR_FATAL, 400, "filter: more than %d parts", MOST_TERMS);
        filter->terms =
            mem_grow(filter->terms, filter->count, filter->count + 1, sizeof *filter->terms);
        struct term *term = &filter->terms[filter->count++];
        *term = (struct term){.alternative = alternative};
        if (!parse_term(kind, from, to, term, err))
            return false;
        alternative += to == or ;
        from = to + 1;
    }
    *out = GIVE(filter);
    return true;
}

/* ---- testing ---- */

static char folded(char letter, bool no_case)
{
    return no_case ? (char)tolower((unsigned char)letter) : letter;
}

/* `*` and `?` outside of quotes; one backtrack suffices, to the last star. */
static bool like(const struct term *term, const char *value)
{
    const char *pattern = term->low, *star = NULL, *resume = NULL;
    while (*value) {
        bool special = !term->literal[pattern - term->low];
        if (*pattern == '*' && special) {
            star = pattern++;
            resume = value;
        } else if (*pattern && ((*pattern == '?' && special) ||
                                folded(*pattern, term->no_case) == folded(*value, term->no_case))) {
            pattern++;
            value++;
        } else if (star) {
            pattern = star + 1;
            value = ++resume;
        } else
            return false;
    }
    while (*pattern == '*' && !term->literal[pattern - term->low])
        pattern++;
    return !*pattern;
}

static int compare(enum filter_kind kind, bool no_case, const char *a, const char *b)
{
    struct decimal x, y;
    if (kind == FILTER_NUMBER && decimal_parse(a, &x) && decimal_parse(b, &y))
        return decimal_cmp(x, y);
    return no_case ? strcasecmp(a, b) : strcmp(a, b);
}

static bool term_fits(enum filter_kind kind, const struct term *term, const char *value)
{
    struct decimal ignored;
    if (kind == FILTER_NUMBER && !decimal_parse(value, &ignored))
        return term->test == TEST_NOT; /* no number equals nothing, and lies in no range */
    if (term->test == TEST_LIKE || term->test == TEST_NOT) {
        bool same =
            kind == FILTER_NUMBER ? compare(kind, false, value, term->low) == 0 : like(term, value);
        return same == (term->test == TEST_LIKE);
    }
    if (term->test == TEST_RANGE)
        return (!term->low || compare(kind, term->no_case, value, term->low) >= 0) &&
               (!term->high || compare(kind, term->no_case, value, term->high) <= 0);
    int order = compare(kind, term->no_case, value, term->low);
    return term->test == TEST_LESS        ? order < 0
           : term->test == TEST_LESS_SAME ? order <= 0
           : term->test == TEST_MORE      ? order > 0
                                          : order >= 0;
}

bool filter_fits(const struct filter *filter, const char *value)
{
    if (!filter)
        return true;
    for (size_t i = 0; i < filter->count;) {
        int alternative = filter->terms[i].alternative;
        bool fits = true;
        for (; i < filter->count && filter->terms[i].alternative == alternative; i++)
            fits = fits && term_fits(filter->kind, &filter->terms[i], value);
        if (fits)
            return true;
    }
    return false;
}

void filter_word(const char *word, char out[static FILTER_WORD])
{
    size_t i = 0;
    bool start = true, constant = true;
    for (const char *at = word; *at; at++)
        constant =
            constant && (isupper((unsigned char)*at) || *at == '_' || isdigit((unsigned char)*at));
    for (; word[i] && i + 1 < FILTER_WORD; i++) {
        out[i] = !constant        ? word[i]
                 : word[i] == '_' ? ' '
                 : start          ? word[i]
                                  : (char)tolower(word[i]);
        start = word[i] == '_';
    }
    out[i] = 0;
}

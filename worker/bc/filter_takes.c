/* filter_takes.c - Business Central's filter expressions over codes: "EAST|WEST", "A*", "B1..B9",
 * "<>OUT&<>IN". | is the weakest, & the next; parentheses are not taken. Pure. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "bc/catalogue.h"

struct part {
    const char *text;
    size_t size;
};

static struct part trimmed(const char *text, size_t size)
{
    while (size > 0 && *text == ' ')
        text++, size--;
    while (size > 0 && text[size - 1] == ' ')
        size--;
    return (struct part){text, size};
}

/* Takes the part up to `mark` off `rest`; what stands in quotes is no mark. */
static struct part cut(struct part *rest, char mark)
{
    size_t at = 0;
    for (bool quoted = false; at < rest->size && (quoted || rest->text[at] != mark); at++)
        if (rest->text[at] == '\'')
            quoted = !quoted;
    struct part part = trimmed(rest->text, at);
    at += at < rest->size;
    *rest = (struct part){rest->text + at, rest->size - at};
    return part;
}

/* * stands for any characters, ? for one; the case of letters does not count, as in codes. */
static bool fits(struct part pattern, const char *code)
{
    if (pattern.size == 0)
        return !*code;
    if (*pattern.text == '*') {
        struct part behind = {pattern.text + 1, pattern.size - 1};
        return fits(behind, code) || (*code && fits(pattern, code + 1));
    }
    bool one = *pattern.text == '?' ||
               toupper((unsigned char)*pattern.text) == toupper((unsigned char)*code);
    return *code && one && fits((struct part){pattern.text + 1, pattern.size - 1}, code + 1);
}

static int compared(struct part part, const char *code)
{
    int difference = strncasecmp(code, part.text, part.size);
    return difference ? difference : code[strnlen(code, part.size)] != 0;
}

static struct part unquoted(struct part part)
{
    if (part.size >= 2 && part.text[0] == '\'' && part.text[part.size - 1] == '\'')
        return (struct part){part.text + 1, part.size - 2};
    return part;
}

static bool starts(struct part *part, const char *with)
{
    size_t size = strlen(with);
    if (part->size < size || strncmp(part->text, with, size) != 0)
        return false;
    *part = trimmed(part->text + size, part->size - size);
    return true;
}

static bool term_takes(struct part term, const char *code)
{
    const char *dots = memmem(term.text, term.size, "..", 2);
    if (dots && *term.text != '\'') {
        struct part from = trimmed(term.text, (size_t)(dots - term.text));
        struct part to = trimmed(dots + 2, term.size - (size_t)(dots - term.text) - 2);
        return (from.size == 0 || compared(unquoted(from), code) >= 0) &&
               (to.size == 0 || compared(unquoted(to), code) <= 0);
    }
    if (starts(&term, "<>"))
        return !fits(unquoted(term), code);
    if (starts(&term, ">="))
        return compared(unquoted(term), code) >= 0;
    if (starts(&term, "<="))
        return compared(unquoted(term), code) <= 0;
    if (starts(&term, ">"))
        return compared(unquoted(term), code) > 0;
    if (starts(&term, "<"))
        return compared(unquoted(term), code) < 0;
    (void)starts(&term, "=");
    (void)starts(&term, "@"); /* "whatever the case" is what codes are anyway */
    return fits(unquoted(term), code);
}

bool bc_filter_takes(const char *filter, const char *code)
{
    struct part rest = trimmed(filter, strlen(filter));
    if (rest.size == 0)
        return true;
    while (rest.size > 0) {
        struct part all = cut(&rest, '|');
        bool takes = true;
        do
            takes = term_takes(cut(&all, '&'), code) && takes;
        while (all.size > 0);
        if (takes)
            return true;
    }
    return false;
}

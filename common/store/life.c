/* life.c - an order's life as it is written, and by which texts it is found. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "store/staging.h"

enum { DETAIL_MOST = 400, TERM_MOST = 254 }; /* the longest e-mail address there is */

/* Cut where a character begins: half of one would spoil the answer that it is printed in. */
static void cut(char *text, size_t most)
{
    if (strlen(text) <= most)
        return;
    while (most > 0 && ((unsigned char)text[most] & 0xC0) == 0x80)
        most--;
    text[most] = 0;
}

void stage_life(struct write *write, const char *order, const char *event, const char *detail, ...)
{
    char line[DETAIL_MOST + 8];
    va_list args;
    va_start(args, detail);
    vsnprintf(line, sizeof line, detail, args);
    va_end(args);
    cut(line, DETAIL_MOST);
    for (char *c = line; *c; c++)
        *c = *c == '\t' || *c == '\n' ? ' ' : *c; /* they stand between the parts of an event */
    write_life(write, order, event, line);
}

void stage_posted(struct write *write, const char *link, const char *order, const char *document,
                  const char *number, bool cancelled)
{
    write_add(write, "HSET", link, "posted_invoice", document, "posted_number", number, NULL);
    stage_find(write, order, number);
    if (!cancelled) {
        write_add(write, "HDEL", link, "cancelled", NULL);
        return;
    }
    write_add(write, "HSET", link, "cancelled", number, NULL);
    stage_life(write, order, "posting-cancelled", "%s", number);
}

bool find_digest(const char *text, char out[static FIND_DIGEST])
{
    char term[TERM_MOST + 1];
    text += strspn(text, " ");
    size_t size = strlen(text);
    while (size > 0 && text[size - 1] == ' ')
        size--;
    if (size == 0 || size > TERM_MOST)
        return false;
    for (size_t i = 0; i < size; i++)
        term[i] = (char)toupper((unsigned char)text[i]);
    digest_hex(term, size, (FIND_DIGEST - 1) / 2, out);
    return true;
}

void stage_find_in(struct write *write, const char *index, const char *id, const char *text)
{
    char digest[FIND_DIGEST];
    if (!find_digest(text, digest))
        return;
    OWN_TEXT char *member = mem_printf("%s:%s", digest, id);
    write_add(write, "ZADD", index, "0", member, NULL);
}

void stage_find(struct write *write, const char *order, const char *text)
{
    stage_find_in(write, "find", order, text);
}

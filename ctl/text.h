/* text.h - times, spans and tables for people. */
#ifndef CARTAGE_CTL_TEXT_H
#define CARTAGE_CTL_TEXT_H

#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"

/* "5 minutes", "1 hour", "30s", "2d": milliseconds. */
MUST_USE bool span_parse(const char *text, int64_t *ms, struct err *err);
/* "in 34 s", "12 min ago", "now"; "-" for 0. */
void when_text(int64_t at_ms, int64_t now_ms, char out[static 32]);
void span_text(int64_t ms, char out[static 32]); /* "412 ms", "3.4 s", "5 min" */

/* Columns as wide as their widest cell; the first row is the head. */
struct table {
    size_t columns, cells;
    char **texts;
};
void table_cell(struct table *table, const char *format, ...) PRINTF(2, 3);
void table_print(struct table *table, FILE *out); /* and empties it */

#endif

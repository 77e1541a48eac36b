/* bulk_file.h - the texts of a bulk operation: what is sent to Shopify's storage, and the lines
 * that come back. Pure.
 */
#ifndef CARTAGE_SHOPIFY_BULK_FILE_H
#define CARTAGE_SHOPIFY_BULK_FILE_H

#include "shopify/document.h"
#include "shopify/shopify.h"

enum { BULK_BOUNDARY = 24 + 1, BULK_MOST_PAUSE_MS = 60000 };

/* What stands around a file in the body of a multipart POST to an upload target: its parameters in
 * their order, the file last. `boundary` occurs nowhere inside: it is random. */
void bulk_form(const json *parameters, const char *boundary, struct buf *before,
               struct buf *behind);

/* A parameter of an upload target, "" = it has none of that name. */
const char *bulk_parameter(const json *parameters, const char *name);

/* A document's text with `mark` behind its operation's name, and `where` in the place of the string
 * "WHERE": Shopify shows of an operation which text it runs, and no other thing that we
 * could know it by. `verb` = what it is, "mutation" or "query". */
void bulk_marked(const char *text, size_t size, const char *verb, const char *mark,
                 const char *where, struct buf *out);

/* One line of a result: what that line of the file was answered, as if it had been sent alone.
 * -1 = no such line: it has no number, or is cut off. */
int64_t bulk_answer(const char *line, size_t size, const char *user_errors_at,
                    struct shopify_call *out);

/* How long until an operation is looked at again that was looked at so many times. */
int64_t bulk_pause_ms(int64_t looks);
/* How long it will still take, when `done` of `all` lines have taken so long; -1 = it cannot be
 * told. */
int64_t bulk_left_ms(int64_t done, int64_t all, int64_t passed_ms);

#endif

/* fields.h - JSON objects into structs and back, by a table of rows. Of this room only. */
#ifndef CARTAGE_FIELDS_H
#define CARTAGE_FIELDS_H

#include "model/settings.h"

enum { FIELDS_MAX_TEXT = 1000, FIELDS_MAX_JSON = 64 << 10, FIELDS_MAX_PAIRS = 200 };

/* `record` gets every row's value or default. A number or boolean where text is wanted becomes its
 * text: an account number needs no quotes in YAML. */
MUST_USE bool fields_parse(const char *json_text, const struct setting *rows, size_t count,
                           struct arena *arena, void *record, struct err *err);
void fields_write(const struct setting *rows, size_t count, const void *record, struct buf *json);
void fields_json_text(struct buf *json, const char *text); /* quoted and escaped */

struct json_object;
/* An object, at most FIELDS_MAX_JSON bytes. */
MUST_USE bool fields_object(const char *json_text, struct json_object **out, struct err *err);
void fields_object_cleanup_(struct json_object **object);
#define OWN_FIELDS __attribute__((cleanup(fields_object_cleanup_)))

#endif

/* json.h - JSON as a tree, over json-c; a number keeps its own text ("19.9" stays "19.9").
 *
 * A tree is owned by its root: json_free(root). Nodes reached from it are borrowed. Every getter
 * takes NULL and the wrong type and answers its default, so that a chain of lookups needs no
 * checks; whoever cannot do without a field says so in words of its own.
 */
#ifndef CARTAGE_JSON_H
#define CARTAGE_JSON_H

#include "base/buf.h"
#include "base/decimal.h"
#include "base/err.h"

struct json_object; /* json-c's */
typedef struct json_object json;

MUST_USE bool json_parse(const char *text, size_t size, json **out, struct err *err);
void json_free(json *root);
void json_cleanup_(json **root);
#define OWN_JSON __attribute__((cleanup(json_cleanup_)))

json *json_get(const json *object, const char *name);        /* NULL = absent or null */
json *json_path(const json *object, const char *dotted);     /* "order.lines.0.id" */
bool json_has(const json *object, const char *name);         /* present, null counts */
const char *json_text(const json *object, const char *name); /* "" = absent or no string */
int64_t json_int(const json *object, const char *name, int64_t otherwise);
bool json_flag(const json *object, const char *name, bool otherwise);
bool json_decimal(const json *object, const char *name, struct decimal *out); /* string or number */
const char *json_string(const json *node);                                    /* "" = no string */
size_t json_count(const json *array);
json *json_at(const json *array, size_t index);
bool json_is_object(const json *node);
bool json_is_array(const json *node);

/* Building. Each set and add takes the child. */
json *json_new_object(void);
json *json_new_array(void);
void json_set(json *object, const char *name, json *child);           /* child NULL = JSON null */
void json_set_text(json *object, const char *name, const char *text); /* NULL text = null */
void json_set_int(json *object, const char *name, int64_t number);
void json_set_bool(json *object, const char *name, bool value);
void json_set_decimal(json *object, const char *name, struct decimal value); /* as a number */
void json_add(json *array, json *child);
void json_add_text(json *array, const char *text);
void json_add_int(json *array, int64_t number);
json *json_copy(const json *node); /* deep */
/* A copy of an object, less these members; a NULL ends the names. */
json *json_without(const json *object, const char *const names[]);
/* Lays `patch` over an object (RFC 7396): a member that is null takes away, an object goes into the
 * object that stands there, anything else takes its place. */
void json_merge(json *into, const json *patch);
json *json_share(json *node); /* the same node in a second tree: neither may change it */
const char *json_write(const json *root); /* compact text; valid until the tree changes or goes */

#define JSON_EACH(name_, child_, object_)                                                          \
    for (struct json_cursor child_##_cursor = json_first(object_);                                 \
         json_next(&child_##_cursor, &name_, &child_);)
struct json_cursor {
    void *entry;
};
struct json_cursor json_first(const json *object);
bool json_next(struct json_cursor *cursor, const char **name, json **child);

#endif

/* json.c - json-c behind the promise of json.h. Depth is bounded (json-c's 32 levels). */
#include "wire/json.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

bool json_parse(const char *text, size_t size, json **out, struct err *err)
{
    struct json_tokener *tokener = json_tokener_new();
    assert(tokener);
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    json *root = json_tokener_parse_ex(tokener, text, (int)size);
    enum json_tokener_error problem = json_tokener_get_error(tokener);
    size_t end = json_tokener_get_parse_end(tokener);
    if (problem == json_tokener_continue && size > 0) { /* a bare number needs its end shown */
        root = json_tokener_parse_ex(tokener, " ", 1);
        problem = json_tokener_get_error(tokener);
        end = size;
    }
    json_tokener_free(tokener);
    while (problem == json_tokener_success && end < size && strchr(" \t\r\n", text[end]))
        end++;
    if (problem != json_tokener_success || end < size || !root) {
        json_object_put(root);
        return err_set(err, ERR_FATAL, 0, "not JSON at byte %zu: %s", end,
                       problem == json_tokener_success    ? "more text behind the value"
                       : problem == json_tokener_continue ? "it ends too soon"
                                                          : json_tokener_error_desc(problem));
    }
    *out = root;
    return true;
}

void json_free(json *root)
{
    json_object_put(root);
}

void json_cleanup_(json **root)
{
    json_object_put(*root);
}

json *json_get(const json *object, const char *name)
{
    json *child = NULL;
    if (!json_object_is_type(object, json_type_object))
        return NULL;
    json_object_object_get_ex(object, name, &child);
    return child;
}

bool json_has(const json *object, const char *name)
{
    return json_object_is_type(object, json_type_object) &&
           json_object_object_get_ex(object, name, NULL);
}

json *json_path(const json *object, const char *dotted)
{
    const json *at = object;
    char part[128];
    while (at && *dotted) {
        size_t length = strcspn(dotted, ".");
        assert(length < sizeof part);
        memcpy(part, dotted, length);
        part[length] = 0;
        dotted += length + (dotted[length] == '.');
        at = json_is_array(at) ? json_at(at, (size_t)strtoul(part, NULL, 10)) : json_get(at, part);
    }
    return (json *)at;
}

const char *json_string(const json *node)
{
    return json_object_is_type(node, json_type_string) ? json_object_get_string((json *)node) : "";
}

const char *json_text(const json *object, const char *name)
{
    return json_string(json_get(object, name));
}

int64_t json_int(const json *object, const char *name, int64_t otherwise)
{
    json *child = json_get(object, name);
    if (json_object_is_type(child, json_type_int))
        return json_object_get_int64(child);
    if (json_object_is_type(child, json_type_double)) { /* "100.0" is a whole number to Shopify */
        double value = json_object_get_double(child);
        return value >= -9e15 && value <= 9e15 ? (int64_t)value : otherwise;
    }
    return otherwise;
}

bool json_flag(const json *object, const char *name, bool otherwise)
{
    json *child = json_get(object, name);
    return json_object_is_type(child, json_type_boolean) ? json_object_get_boolean(child)
                                                         : otherwise;
}

bool json_decimal(const json *object, const char *name, struct decimal *out)
{
    json *child = json_get(object, name);
    if (!child || json_is_object(child) || json_is_array(child))
        return false;
    return decimal_parse(json_object_get_string(child), out);
}

size_t json_count(const json *array)
{
    return json_is_array(array) ? json_object_array_length(array) : 0;
}

json *json_at(const json *array, size_t index)
{
    return index < json_count(array) ? json_object_array_get_idx(array, index) : NULL;
}

bool json_is_object(const json *node)
{
    return node && json_object_is_type(node, json_type_object);
}

bool json_is_array(const json *node)
{
    return node && json_object_is_type(node, json_type_array);
}

json *json_new_object(void)
{
    json *node = json_object_new_object();
    assert(node);
    return node;
}

json *json_new_array(void)
{
    json *node = json_object_new_array();
    assert(node);
    return node;
}

void json_set(json *object, const char *name, json *child)
{
    json_object_object_add(object, name, child);
}

void json_set_text(json *object, const char *name, const char *text)
{
    json_set(object, name, text ? json_object_new_string(text) : NULL);
}

void json_set_int(json *object, const char *name, int64_t number)
{
    json_set(object, name, json_object_new_int64(number));
}

void json_set_bool(json *object, const char *name, bool value)
{
    json_set(object, name, json_object_new_boolean(value));
}

void json_set_decimal(json *object, const char *name, struct decimal value)
{
    char text[DECIMAL_TEXT];
    decimal_format(value, text);
    json_set(object, name, json_object_new_double_s(0, text)); /* the text is what is written */
}

void json_add(json *array, json *child)
{
    json_object_array_add(array, child);
}

void json_add_int(json *array, int64_t number)
{
    json_add(array, json_object_new_int64(number));
}

void json_add_text(json *array, const char *text)
{
    json_add(array, json_object_new_string(text));
}

json *json_share(json *node)
{
    return json_object_get(node);
}

json *json_copy(const json *node)
{
    json *copy = NULL;
    if (node && json_object_deep_copy((json *)node, &copy, NULL) != 0)
        assert(!"a tree in memory copies");
    return copy;
}

const char *json_write(const json *root)
{
    return json_object_to_json_string_ext((json *)root,
                                          JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

struct json_cursor json_first(const json *object)
{
    struct lh_table *table = json_is_object(object) ? json_object_get_object(object) : NULL;
    return (struct json_cursor){table ? table->head : NULL};
}

bool json_next(struct json_cursor *cursor, const char **name, json **child)
{
    struct lh_entry *entry = cursor->entry;
    if (!entry)
        return false;
    *name = lh_entry_k(entry);
    *child = lh_entry_v(entry);
    cursor->entry = entry->next;
    return true;
}

json *json_without(const json *object, const char *const names[])
{
    json *out = json_new_object(), *child;
    const char *name;
    JSON_EACH(name, child, object)
    {
        bool left_out = false;
        for (size_t i = 0; names[i]; i++)
            left_out |= strcmp(names[i], name) == 0;
        if (!left_out)
            json_set(out, name, json_copy(child));
    }
    return out;
}

void json_merge(json *into, const json *patch)
{
    const char *name;
    json *child;
    JSON_EACH(name, child, patch)
    {
        if (!child) {
            json_object_object_del(into, name);
        } else if (json_is_object(child)) {
            if (!json_is_object(json_get(into, name)))
                json_set(into, name, json_new_object());
            json_merge(json_get(into, name), child);
        } else {
            json_set(into, name, json_copy(child));
        }
    }
}

/* fits.c - the part of JSON Schema that openapi.json uses, with refusals for people. */
#include "admin/fits.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "base/embed.h"

struct description {
    json *document; /* only read once it stands, so threads share it */
};

struct description *description_read(void)
{
    struct description *description = mem_new(sizeof *description);
    const struct embedded *file = embed_find(EMBED_openapi_documents, "openapi.json");
    struct err err = {0};
    if (file && !json_parse(file->text, file->size, &description->document, &err))
        assert(!"openapi.json is not JSON");
    return description;
}

void description_free(struct description *description)
{
    if (!description)
        return;
    json_free(description->document);
    free(description);
}

static const json *resolved(const struct description *description, const json *schema)
{
    const char *ref = json_text(schema, "$ref");
    if (!*ref)
        return schema;
    OWN_TEXT char *dotted = mem_text(ref + strlen("#/"));
    for (char *c = dotted; *c; c++)
        *c = *c == '/' ? '.' : *c;
    return json_path(description->document, dotted);
}

/* ---- one value ---- */

static const struct {
    const char *name, *wanted;
    enum json_type type;
} TYPES[] = {
    {"string",  "a text",         json_type_string },
    {"integer", "a whole number", json_type_int    },
    {"number",  "a number",       json_type_double },
    {"boolean", "true or false",  json_type_boolean},
    {"object",  "an object",      json_type_object },
    {"array",   "a list",         json_type_array  },
};

static bool is_type(const json *value, const char *name)
{
    enum json_type type = json_object_get_type(value);
    for (size_t i = 0; i < COUNT(TYPES); i++)
        if (strcmp(TYPES[i].name, name) == 0)
            return type == TYPES[i].type || (type == json_type_int && i == 2);
    return true;
}

static const char *kind_of(const json *value)
{
    for (size_t i = 0; i < COUNT(TYPES); i++)
        if (json_object_get_type(value) == TYPES[i].type)
            return TYPES[i].wanted;
    return "that";
}

static void add_wanted(struct buf *out, const char *name)
{
    for (size_t i = 0; i < COUNT(TYPES); i++)
        if (strcmp(TYPES[i].name, name) == 0)
            buf_printf(out, "%s%s", out->size ? " or " : "", TYPES[i].wanted);
}

static bool type_fits(const json *schema, const json *value, const char *at, struct err *err)
{
    const json *type = json_get(schema, "type");
    OWN_BUF struct buf wanted = {0};
    if (!type)
        return true;
    for (size_t i = 0; i < json_count(type); i++) {
        if (is_type(value, json_string(json_at(type, i))))
            return true;
        add_wanted(&wanted, json_string(json_at(type, i)));
    }
    if (!json_is_array(type)) {
        if (is_type(value, json_string(type)))
            return true;
        add_wanted(&wanted, json_string(type));
    }
    /* Not what came instead: it may be a secret in the wrong place. */
    return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST, "%s: want %s, not %s", at,
                   buf_str(&wanted), kind_of(value));
}

static bool word_fits(const json *schema, const json *value, const char *at, struct err *err)
{
    const json *words = json_get(schema, "enum");
    OWN_BUF struct buf list = {0};
    if (!words)
        return true;
    for (size_t i = 0; i < json_count(words); i++) {
        const char *word = json_string(json_at(words, i));
        if (strcmp(word, json_string(value)) == 0)
            return true;
        buf_printf(&list, "%s%s", !i ? "" : i + 1 < json_count(words) ? ", " : " or ", word);
    }
    return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST, "%s \"%.40s\": want %s", at,
                   json_string(value), buf_str(&list));
}

/* `count` stands between the bounds of these names. */
static bool within(const json *schema, const char *least, const char *most, int64_t count,
                   const char *unit, const char *at, struct err *err)
{
    int64_t low = json_int(schema, least, INT64_MIN), high = json_int(schema, most, INT64_MAX);
    if (count >= low && count <= high)
        return true;
    if (high == INT64_MAX)
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST, "%s: want at least %" PRId64 "%s", at,
                       low, unit);
    return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST, "%s: want %" PRId64 " to %" PRId64 "%s",
                   at, low == INT64_MIN ? 0 : low, high, unit);
}

static bool size_fits(const json *schema, const json *value, const char *at, struct err *err)
{
    switch (json_object_get_type(value)) {
    case json_type_int:
        return within(schema, "minimum", "maximum", json_object_get_int64(value), "", at, err);
    case json_type_string:
        return within(schema, "minLength", "maxLength", json_object_get_string_len(value),
                      " characters", at, err);
    case json_type_array:
        return within(schema, "minItems", "maxItems", (int64_t)json_count(value), " items", at,
                      err);
    default:
        return true;
    }
}

/* ---- trees ---- */

static bool fits(const struct description *description, const json *given, const json *value,
                 const char *at, struct err *err);

static bool is_known(const json *properties, const char *name, const char *holder, const char *at,
                     struct err *err)
{
    const char *known;
    json *child;
    OWN_BUF struct buf list = {0};
    if (json_has(properties, name))
        return true;
    JSON_EACH(known, child, properties)
    buf_printf(&list, "%s%s", list.size ? ", " : "", known);
    return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST, "%.80s is not known%s%s; want some of %s",
                   at, *holder ? " in " : "", holder, buf_str(&list));
}

static bool members_fit(const struct description *description, const json *schema,
                        const json *value, const char *at, struct err *err)
{
    const json *properties = json_get(schema, "properties"),
               *required = json_get(schema, "required"),
               *more = json_get(schema, "additionalProperties");
    bool closed = json_has(schema, "additionalProperties") &&
                  !json_flag(schema, "additionalProperties", true) && !json_is_object(more);
    const char *name;
    json *child;
    for (size_t i = 0; i < json_count(required); i++)
        if (!json_get(value, json_string(json_at(required, i))))
            return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST, "%s%s%s is missing", at,
                           *at ? "." : "", json_string(json_at(required, i)));
    JSON_EACH(name, child, value)
    {
        OWN_TEXT char *inner = mem_printf("%s%s%.80s", at, *at ? "." : "", name);
        if (closed && !is_known(properties, name, at, inner, err))
            return false;
        const json *schema_of = json_get(properties, name);
        if (!schema_of && json_is_object(more))
            schema_of = more;
        if (child && schema_of && !fits(description, schema_of, child, inner, err))
            return false;
    }
    return true;
}

static bool items_fit(const struct description *description, const json *schema, const json *value,
                      const char *at, struct err *err)
{
    const json *items = json_get(schema, "items");
    for (size_t i = 0; items && i < json_count(value); i++) {
        OWN_TEXT char *inner = mem_printf("%s[%zu]", at, i);
        if (!json_at(value, i))
            return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST, "%s is null", inner);
        if (!fits(description, items, json_at(value, i), inner, err))
            return false;
    }
    return true;
}

static bool fits(const struct description *description, const json *given, const json *value,
                 const char *at, struct err *err)
{
    const json *schema = resolved(description, given);
    if (!type_fits(schema, value, at, err) || !word_fits(schema, value, at, err) ||
        !size_fits(schema, value, at, err))
        return false;
    if (json_is_object(value))
        return members_fit(description, schema, value, at, err);
    return !json_is_array(value) || items_fit(description, schema, value, at, err);
}

bool body_fits(const struct description *description, const char *method, const char *path,
               const json *body, struct err *err)
{
    char lower[16];
    size_t size = strnlen(method, sizeof lower - 1);
    for (size_t i = 0; i < size; i++)
        lower[i] = method[i] >= 'A' && method[i] <= 'Z' ? (char)(method[i] + 32) : method[i];
    lower[size] = 0;
    const json *operation =
        json_get(json_get(json_get(description->document, "paths"), path), lower);
    const json *content = json_get(json_get(operation, "requestBody"), "content");
    const json *schema = json_get(json_get(content, "application/json"), "schema");
    return !schema || fits(description, schema, body, "", err);
}

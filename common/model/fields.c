/* fields.c - JSON objects into structs and back, by a table of rows.
 *
 * json-c is used as it is: this room lies below wire, whose tree is for what peers answer.
 */
#include "model/fields.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

void fields_object_cleanup_(struct json_object **object)
{
    json_object_put(*object);
}

bool fields_object(const char *json_text, struct json_object **out, struct err *err)
{
    if (!json_text || strlen(json_text) > FIELDS_MAX_JSON)
        return err_set(err, ERR_FATAL, 400, "want a JSON object of at most %d KiB",
                       FIELDS_MAX_JSON >> 10);
    struct json_tokener *tokener = json_tokener_new();
    assert(tokener);
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    struct json_object *root =
        json_tokener_parse_ex(tokener, json_text, (int)strlen(json_text) + 1);
    bool ok = json_tokener_get_error(tokener) == json_tokener_success &&
              json_object_is_type(root, json_type_object);
    json_tokener_free(tokener);
    if (!ok) {
        json_object_put(root);
        return err_set(err, ERR_FATAL, 400, "want a JSON object");
    }
    *out = root;
    return true;
}

/* ---- the nearest names ---- */

static size_t distance(const char *a, const char *b)
{
    enum { MOST = 40 };
    size_t row[MOST + 1], n = strlen(b);
    if (n > MOST || strlen(a) > MOST)
        return MOST;
    for (size_t k = 0; k <= n; k++)
        row[k] = k;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t k = 1; k <= n; k++) {
            size_t swap = corner + (a[i - 1] != b[k - 1]);
            size_t step = 1 + (row[k] < row[k - 1] ? row[k] : row[k - 1]);
            corner = row[k];
            row[k] = swap < step ? swap : step;
        }
    }
    return row[n];
}

static bool alike(const char *wrong, const char *name)
{
    size_t far = distance(wrong, name);
    return far <= 1 + strlen(wrong) / 3 || (strlen(wrong) >= 3 && strstr(name, wrong));
}

void settings_nearest(const char *wrong, const char *const names[], size_t count, struct buf *out)
{
    size_t found = 0;
    for (size_t far = 0; far < 40 && found < 2; far++)
        for (size_t i = 0; i < count && found < 2; i++)
            if (distance(wrong, names[i]) == far && alike(wrong, names[i]))
                buf_printf(out, "%s%s", found++ ? " or " : "; did you mean ", names[i]);
    if (found)
        buf_text(out, "?");
}

static bool unknown(const char *name, const struct setting *rows, size_t count, struct err *err)
{
    OWN_BUF struct buf near = {0};
    const char **names = mem_array(count, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = rows[i].name;
    settings_nearest(name, names, count, &near);
    free(names);
    return err_set(err, ERR_FATAL, 400, "there is no field \"%.60s\"%s", name,
                   near.size ? buf_str(&near) : "; see cartage.yaml(5) for those that are");
}

/* ---- one value ---- */

static bool wrong_value(const struct setting *row, const char *text, struct err *err)
{
    OWN_BUF struct buf want = {0};
    buf_text(&want, row->type == SETTING_BOOL      ? "true or false"
                    : row->type == SETTING_INT     ? "a whole number"
                    : row->type == SETTING_DECIMAL ? "an amount, 0.05"
                    : row->type == SETTING_MAP     ? "an object of texts"
                    : row->type == SETTING_TEXT    ? "a text of at most 1000 characters"
                                                   : "one of");
    for (size_t i = 0; row->type == SETTING_CHOICE && row->choices[i]; i++)
        buf_printf(&want, "%s %s", i ? "," : "", row->choices[i]);
    return err_set(err, ERR_FATAL, 400, "%s: \"%.60s\" does not fit, want %s", row->name, text,
                   buf_str(&want));
}

static bool set_text(const struct setting *row, const char *text, struct arena *arena, char *field,
                     struct err *err)
{
    struct decimal amount;
    char *end;
    switch (row->type) {
    case SETTING_TEXT:
        if (strlen(text) > FIELDS_MAX_TEXT)
            return wrong_value(row, "...", err);
        *(const char **)(void *)field = arena_text(arena, text);
        return true;
    case SETTING_BOOL:
        if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
            return wrong_value(row, text, err);
        *(bool *)field = text[0] == 't';
        return true;
    case SETTING_INT:
        *(int64_t *)(void *)field = strtoll(text, &end, 10);
        return (*text && !*end) || wrong_value(row, text, err);
    case SETTING_CHOICE:
        for (int i = 0; row->choices[i]; i++)
            if (strcmp(text, row->choices[i]) == 0) {
                *(int *)(void *)field = i;
                return true;
            }
        return wrong_value(row, text, err);
    case SETTING_DECIMAL:
        if (!decimal_parse(text, &amount))
            return wrong_value(row, text, err);
        *(struct decimal *)(void *)field = amount;
        return true;
    case SETTING_MAP:
        break; /* its default is the empty map of zeroed memory */
    }
    return !*text || wrong_value(row, text, err);
}

static bool set_map(const struct setting *row, struct json_object *value, struct arena *arena,
                    struct setting_map *map, struct err *err)
{
    size_t count = (size_t)json_object_object_length(value);
    if (count > FIELDS_MAX_PAIRS)
        return err_set(err, ERR_FATAL, 400, "%s: at most %d rows", row->name, FIELDS_MAX_PAIRS);
    struct setting_pair *pairs = arena_array(arena, count + 1, sizeof *pairs);
    json_object_object_foreach(value, key, child)
    {
        if (!child || json_object_is_type(child, json_type_object) ||
            json_object_is_type(child, json_type_array))
            return err_set(err, ERR_FATAL, 400, "%s.%.60s: want a text", row->name, key);
        pairs[map->count++] = (struct setting_pair){
            arena_text(arena, key), arena_text(arena, json_object_get_string(child))};
    }
    map->pairs = pairs;
    return true;
}

static bool set_value(const struct setting *row, struct json_object *value, struct arena *arena,
                      char *field, struct err *err)
{
    bool is_object = json_object_is_type(value, json_type_object);
    if (row->type == SETTING_MAP && is_object)
        return set_map(row, value, arena, (struct setting_map *)(void *)field, err);
    const char *text = json_object_get_string(value);
    if (is_object || json_object_is_type(value, json_type_array))
        return wrong_value(row, text, err);
    return set_text(row, text, arena, field, err);
}

bool fields_parse(const char *json_text, const struct setting *rows, size_t count,
                  struct arena *arena, void *record, struct err *err)
{
    OWN_FIELDS struct json_object *object = NULL;
    if (!fields_object(json_text, &object, err))
        return false;
    json_object_object_foreach(object, name, ignored)
    {
        size_t i = 0;
        (void)ignored;
        while (i < count && strcmp(rows[i].name, name) != 0)
            i++;
        if (i == count)
            return unknown(name, rows, count, err);
    }
    for (size_t i = 0; i < count; i++) {
        struct json_object *value = NULL;
        char *field = (char *)record + rows[i].offset;
        bool required = !rows[i].otherwise;
        json_object_object_get_ex(object, rows[i].name, &value);
        if (required && (!value || !*json_object_get_string(value)))
            return err_set(err, ERR_FATAL, 400, "%s is missing: %s", rows[i].name, rows[i].help);
        if (value ? !set_value(&rows[i], value, arena, field, err)
                  : !set_text(&rows[i], rows[i].otherwise, arena, field, err))
            return false;
    }
    return true;
}

/* ---- and back ---- */

void fields_json_text(struct buf *json, const char *text)
{
    buf_text(json, "\"");
    for (; *text; text++) {
        unsigned char letter = (unsigned char)*text;
        if (letter == '"' || letter == '\\')
            buf_printf(json, "\\%c", letter);
        else if (letter < 0x20)
            buf_printf(json, "\\u%04x", letter);
        else
            buf_add(json, text, 1);
    }
    buf_text(json, "\"");
}

static void write_value(const struct setting *row, const char *field, struct buf *json)
{
    char amount[DECIMAL_TEXT];
    const struct setting_map *map;
    switch (row->type) {
    case SETTING_TEXT:
        fields_json_text(json, *(const char *const *)(const void *)field);
        return;
    case SETTING_BOOL:
        buf_text(json, *(const bool *)field ? "true" : "false");
        return;
    case SETTING_INT:
        buf_printf(json, "%lld", (long long)*(const int64_t *)(const void *)field);
        return;
    case SETTING_CHOICE:
        fields_json_text(json, row->choices[*(const int *)(const void *)field]);
        return;
    case SETTING_DECIMAL:
        decimal_format(*(const struct decimal *)(const void *)field, amount);
        fields_json_text(json, amount);
        return;
    case SETTING_MAP:
        map = (const struct setting_map *)(const void *)field;
        buf_text(json, "{");
        for (size_t i = 0; i < map->count; i++) {
            buf_text(json, i ? "," : "");
            fields_json_text(json, map->pairs[i].key);
            buf_text(json, ":");
            fields_json_text(json, map->pairs[i].value);
        }
        buf_text(json, "}");
        return;
    }
}

void fields_write(const struct setting *rows, size_t count, const void *record, struct buf *json)
{
    buf_text(json, "{");
    for (size_t i = 0; i < count; i++) {
        buf_text(json, i ? "," : "");
        fields_json_text(json, rows[i].name);
        buf_text(json, ":");
        write_value(&rows[i], (const char *)record + rows[i].offset, json);
    }
    buf_text(json, "}");
}

/* credentials.c - what a credential is made of: its kinds and their fields. */
#include <json-c/json.h>
#include <string.h>

#include "model/fields.h"

struct credential_row {
    const char *kind, *field;
    bool secret, required;
};
static const struct credential_row ROWS[] = {
    {"shopify-client-credentials", "client_id",       false, true },
    {"shopify-client-credentials", "client_secret",   true,  true },
    {"shopify-client-credentials", "previous_secret", true,  false},
    {"shopify-token",              "token",           true,  true },
    {"shopify-token",              "webhook_secret",  true,  false},
    {"shopify-token",              "previous_secret", true,  false},
    {"bc-oauth",                   "tenant",          false, false},
    {"bc-oauth",                   "client_id",       false, true },
    {"bc-oauth",                   "client_secret",   true,  true },
    {"bc-basic",                   "user",            false, true },
    {"bc-basic",                   "key",             true,  true },
};
static const char KINDS[] = "shopify-client-credentials, shopify-token, bc-oauth or bc-basic";

static bool secret_ok(const char *field, struct json_object *value, struct buf *json,
                      struct err *err)
{
    static const char *const WAYS[] = {"env", "file", "sealed"};
    if (json_object_is_type(value, json_type_object) && json_object_object_length(value) == 1)
        for (size_t i = 0; i < COUNT(WAYS); i++) {
            struct json_object *text = NULL;
            if (json_object_object_get_ex(value, WAYS[i], &text) &&
                json_object_is_type(text, json_type_string) && json_object_get_string_len(text)) {
                buf_printf(json, "{\"%s\":", WAYS[i]);
                fields_json_text(json, json_object_get_string(text));
                buf_text(json, "}");
                return true;
            }
        }
    /* What stands there may be the secret itself: it is not repeated. */
    return err_set(
        err, ERR_FATAL, 400,
        "%s: want a reference, {\"env\": VARIABLE} or {\"file\": PATH}, never the secret", field);
}

static bool field_ok(const struct credential_row *row, struct json_object *value, struct buf *json,
                     struct err *err)
{
    buf_printf(json, ",\"%s\":", row->field);
    if (row->secret)
        return secret_ok(row->field, value, json, err);
    if (!json_object_is_type(value, json_type_string) || !json_object_get_string_len(value))
        return err_set(err, ERR_FATAL, 400, "%s: want a text", row->field);
    fields_json_text(json, json_object_get_string(value));
    return true;
}

static bool name_ok(const char *name)
{
    static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    return *name && strlen(name) <= 64 && name[strspn(name, PLAIN)] == 0;
}

bool settings_credential_check(const char *name, const char *json_text, struct buf *json,
                               struct err *err)
{
    OWN_FIELDS struct json_object *object = NULL;
    struct json_object *kind = NULL;
    const char *names[COUNT(ROWS)];
    size_t known = 0;
    if (!name_ok(name))
        return err_set(err, ERR_FATAL, 400,
                       "credential \"%.64s\": want a name of letters, digits, '-', '_' and '.'",
                       name);
    if (!fields_object(json_text, &object, err))
        return err_wrap(err, "credential %s", name);
    json_object_object_get_ex(object, "kind", &kind);
    const char *text = kind ? json_object_get_string(kind) : "";
    buf_text(json, "{\"kind\":");
    fields_json_text(json, text);
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct json_object *value = NULL;
        if (strcmp(ROWS[i].kind, text) != 0)
            continue;
        names[known++] = ROWS[i].field;
        if (json_object_object_get_ex(object, ROWS[i].field, &value) && value) {
            if (!field_ok(&ROWS[i], value, json, err))
                return err_wrap(err, "credential %s", name);
        } else if (ROWS[i].required)
            return err_set(err, ERR_FATAL, 400, "credential %s: %s is missing, %s needs it", name,
                           ROWS[i].field, text);
    }
    buf_text(json, "}");
    if (!known)
        return err_set(err, ERR_FATAL, 400, "credential %s: kind \"%.40s\" is none; want %s", name,
                       text, KINDS);
    json_object_object_foreach(object, field, ignored)
    {
        bool found = strcmp(field, "kind") == 0 || strcmp(field, "name") == 0;
        (void)ignored;
        for (size_t i = 0; i < known; i++)
            found = found || strcmp(field, names[i]) == 0;
        OWN_BUF struct buf near = {0};
        settings_nearest(field, names, known, &near);
        if (!found)
            return err_set(err, ERR_FATAL, 400, "credential %s: %s has no field \"%.40s\"%s", name,
                           text, field, buf_str(&near));
    }
    return true;
}

/* connect_save.c - what was checked, as a piece of the apply file, and stored when a person says
 * so.
 */
#include <ctype.h>
#include <string.h>

#include "commands.h"
#include "connect.h"

static const char *const OF_SHOP[] = {"store", "origin", "api_version", "credential"};
static const char *const OF_COMPANY[] = {"bc_origin",      "bc_login",    "bc_tenant",
                                         "bc_environment", "bc_instance", "bc_credential"};

/* "my-store.myshopify.com" -> "MY-STORE", at most 20. */
static void code_of(const json *given, char out[static 24])
{
    const char *code = json_text(given, "code"), *store = json_text(given, "store");
    const char *from = *code ? code : store;
    size_t size = *code ? strlen(code) : strcspn(store, ".");
    snprintf(out, 24, "%.*s", (int)(size < 20 ? size : 20), from);
    for (char *at = out; *at; at++)
        *at = (char)toupper((unsigned char)*at);
}

static void show_fields(struct ctl *ctl, const json *given, const char *const fields[],
                        size_t count, const char *indent)
{
    for (size_t i = 0; i < count; i++)
        if (*json_text(given, fields[i]))
            fprintf(ctl->out, "%s%s: \"%s\"\n", indent, fields[i], json_text(given, fields[i]));
}

static void show_credential(struct ctl *ctl, const json *credential)
{
    const char *field;
    json *value;
    fprintf(ctl->out, "credentials:\n  - name: \"%s\"\n", json_text(credential, "name"));
    JSON_EACH(field, value, credential)
    {
        const char *env = json_text(value, "env"), *file = json_text(value, "file");
        if (strcmp(field, "name") == 0)
            continue;
        if (!json_is_object(value))
            fprintf(ctl->out, "    %s: \"%s\"\n", field, json_string(value));
        else if (*env || *file)
            fprintf(ctl->out, "    %s: { %s: \"%s\" }\n", field, *env ? "env" : "file",
                    *env ? env : file);
        else
            fprintf(ctl->out,
                    "    # %s was typed, and is stored sealed: leave this credential out "
                    "of the file\n",
                    field);
    }
}

void connect_show(struct ctl *ctl, bool bc, const json *given, const json *credential,
                  const json *answer)
{
    char code[24];
    const json *company = json_get(json_get(answer, "found"), "company");
    fputs("\nIn the apply file:\n\n", ctl->out);
    if (credential)
        show_credential(ctl, credential);
    if (bc) {
        fprintf(ctl->out, "companies:\n  - name: \"%s\"\n    id: \"%s\"\n",
                json_text(company, "name"), json_text(company, "id"));
        show_fields(ctl, given, OF_COMPANY, COUNT(OF_COMPANY), "    ");
        return;
    }
    code_of(given, code);
    fprintf(ctl->out, "    shops:            # of its company\n      - code: \"%s\"\n", code);
    show_fields(ctl, given, OF_SHOP, COUNT(OF_SHOP), "        ");
    fputs("        enabled: true\n", ctl->out);
}

/* What stands there already, or nothing. */
static json *standing(struct ctl *ctl, const char *path)
{
    struct client_answer answer = {0};
    struct err err = {0};
    json *record = NULL;
    if (client_call(ctl->client, "GET", path, NULL, NULL, NULL, &answer, &err) &&
        answer.status == 200)
        record = json_copy(answer.body);
    client_answer_drop(&answer);
    return record ? record : json_new_object();
}

static int put(struct ctl *ctl, const char *path, json *record, const json *given,
               const char *const fields[], size_t count, const char *what)
{
    OWN_JSON json *answer = NULL;
    for (size_t i = 0; i < count; i++)
        if (*json_text(given, fields[i]))
            json_set_text(record, fields[i], json_text(given, fields[i]));
    int code = ctl_ask(ctl, "PUT", path, record, &answer);
    if (code == EXIT_OK && !ctl->json)
        fprintf(ctl->out, "%s: %s\n", what, json_text(answer, "change"));
    return code;
}

int connect_save(struct ctl *ctl, bool bc, const json *given, const json *answer)
{
    char code[24];
    OWN_BUF struct buf path = {0};
    const json *company = json_get(json_get(answer, "found"), "company");
    if (bc) {
        buf_printf(&path, "/v1/companies/%s", json_text(company, "id"));
        OWN_JSON json *record = standing(ctl, buf_str(&path));
        if (!*json_text(record, "name"))
            json_set_text(record, "name", json_text(company, "name"));
        json_set_text(record, "id", json_text(company, "id"));
        return put(ctl, buf_str(&path), record, given, OF_COMPANY, COUNT(OF_COMPANY), "company");
    }
    code_of(given, code);
    buf_text(&path, "/v1/shops/");
    ctl_escape(&path, code);
    ctl_scope(ctl, &path, false);
    OWN_JSON json *record = standing(ctl, buf_str(&path));
    int result = put(ctl, buf_str(&path), record, given, OF_SHOP, COUNT(OF_SHOP), "shop");
    if (result == EXIT_OK && !json_flag(record, "enabled", false) && !ctl->json)
        fprintf(ctl->out, "It is off; `cartage shop enable %s` lets its tasks run.\n", code);
    return result;
}

/* apply.c - a file of settings, record by record, in an order in which each finds what it names:
 * credentials, then each company with its shops and entries. The server says what changed; the
 * whole file is read and its shape checked before the first record goes out.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "text.h"
#include "yaml_tree.h"

enum { FILE_MAX = 1 << 20 };

struct apply {
    struct ctl *ctl;
    json *changes; /* [{"kind","name","change"}] */
    size_t changed;
};

static int read_file(struct ctl *ctl, const char *path, struct buf *out)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdin : fopen(path, "re");
    if (!file)
        return ctl_fail(ctl, EXIT_USAGE, "%s: %s", path, strerror(errno));
    char bytes[8192];
    size_t size;
    while (out->size <= FILE_MAX && (size = fread(bytes, 1, sizeof bytes, file)) > 0)
        buf_add(out, bytes, size);
    bool failed = ferror(file);
    if (!standard)
        fclose(file);
    if (failed)
        return ctl_fail(ctl, EXIT_USAGE, "%s: %s", path, strerror(errno));
    if (out->size > FILE_MAX)
        return ctl_fail(ctl, EXIT_USAGE, "%s: larger than %d bytes", path, FILE_MAX);
    return EXIT_OK;
}

static const char *variable(const char *name)
{
    return getenv(name);
}

/* ---- shape ---- */

/* A list of mappings, each with a text under `key`. */
static bool list_fits(const json *parent, const char *where, const char *name, const char *key,
                      struct err *err)
{
    const json *list = json_get(parent, name);
    if (list && !json_is_array(list))
        return err_set(err, ERR_FATAL, 0, "%s%s: must be a list, each item beginning with \"-\"",
                       where, name);
    for (size_t i = 0; i < json_count(list); i++) {
        const json *item = json_at(list, i);
        if (!json_is_object(item) || !*json_text(item, key))
            return err_set(err, ERR_FATAL, 0,
                           "%s%s, item %zu: \"%s\" is missing or no text (quote it)", where, name,
                           i + 1, key);
    }
    return true;
}

static bool file_fits(const json *file, struct err *err)
{
    const char *name;
    json *child;
    JSON_EACH(name, child, file)
    {
        if (strcmp(name, "credentials") != 0 && strcmp(name, "companies") != 0)
            return err_set(err, ERR_FATAL, 0,
                           "\"%s\" is not known here; a file has credentials and companies", name);
    }
    if (!list_fits(file, "", "credentials", "name", err) ||
        !list_fits(file, "", "companies", "name", err))
        return false;
    const json *companies = json_get(file, "companies");
    for (size_t i = 0; i < json_count(companies); i++) {
        const json *company = json_at(companies, i);
        char where[128];
        snprintf(where, sizeof where, "company %.100s: ", json_text(company, "name"));
        if (!*json_text(company, "id"))
            return err_set(err, ERR_FATAL, 0,
                           "%sid is missing: the company's GUID in Business Central", where);
        if (!list_fits(company, where, "shops", "code", err) ||
            !list_fits(company, where, "entries", "name", err) ||
            !list_fits(company, where, "categories", "name", err))
            return false;
    }
    return json_count(companies) || json_count(json_get(file, "credentials")) ||
           err_set(err, ERR_FATAL, 0, "it names no company and no credential");
}

/* A file says `every: 5 minutes` and `start: TIME`; the API takes milliseconds. */
static bool time_field(json *body, const char *name, const json *value, bool *taken,
                       struct err *err)
{
    static const struct {
        const char *name, *field;
        bool is_span;
    } ROWS[] = {
        {"every",   "every_ms",   true },
        {"retry",   "retry_ms",   true },
        {"timeout", "timeout_ms", true },
        {"grace",   "grace_ms",   true },
        {"idle",    "idle_ms",    true },
        {"start",   "start_ms",   false},
        {"expires", "expires_ms", false},
    };
    const char *text = json_string(value);
    int64_t ms = 0;
    *taken = false;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        if (strcmp(ROWS[i].name, name) != 0)
            continue;
        if (ROWS[i].is_span && !span_parse(text, &ms, err))
            return err_wrap(err, "%s", name);
        if (!ROWS[i].is_span && !time_parse(text, &ms))
            return err_set(err, ERR_FATAL, 0, "%s: write a time like 2027-01-01T06:00:00Z", name);
        json_set_int(body, ROWS[i].field, ms);
        *taken = true;
    }
    return true;
}

static bool entry_body(const json *entry, json **out, struct err *err)
{
    OWN_JSON json *body = json_new_object();
    const char *name;
    json *child;
    JSON_EACH(name, child, entry)
    {
        bool taken = false;
        if (!time_field(body, name, child, &taken, err))
            return err_wrap(err, "entry %s", json_text(entry, "name"));
        if (!taken)
            json_set(body, name, json_copy(child));
    }
    *out = GIVE(body);
    return true;
}

/* ---- sending ---- */

static int send_record(struct apply *apply, const char *method, const char *path, const char *kind,
                       const char *name, const json *body)
{
    OWN_JSON json *answer = NULL;
    int code = ctl_ask(apply->ctl, method, path, body, &answer);
    if (code != EXIT_OK)
        return ctl_fail(apply->ctl, code,
                        "%s %s was not applied; what stands before it in the file was", kind, name);
    const char *change = json_text(answer, "change");
    bool changed = strcmp(change, "unchanged") != 0;
    apply->changed += changed;
    tell_warnings(apply->ctl, json_get(answer, "warnings"));
    json *row = json_new_object();
    json_set_text(row, "kind", kind);
    json_set_text(row, "name", name);
    json_set_text(row, "change", change);
    json_add(apply->changes, row);
    if (changed && !apply->ctl->json)
        fprintf(apply->ctl->out, "%s %s %s\n", change, kind, name);
    return EXIT_OK;
}

static int send_credentials(struct apply *apply, const json *list)
{
    for (size_t i = 0; i < json_count(list); i++) {
        const json *record = json_at(list, i);
        OWN_JSON json *body = json_without(record, (const char *const[]){"name", NULL});
        OWN_BUF struct buf path = {0};
        buf_text(&path, "/v1/credentials/");
        ctl_escape(&path, json_text(record, "name"));
        int code = send_record(apply, "PUT", buf_str(&path), "credential",
                               json_text(record, "name"), body);
        if (code != EXIT_OK)
            return code;
    }
    return EXIT_OK;
}

static int send_company(struct apply *apply, const json *company)
{
    const char *id = json_text(company, "id");
    OWN_JSON json *body =
        json_without(company, (const char *const[]){"shops", "entries", "categories", NULL});
    OWN_BUF struct buf path = {0};
    buf_text(&path, "/v1/companies/");
    ctl_escape(&path, id);
    int code =
        send_record(apply, "PUT", buf_str(&path), "company", json_text(company, "name"), body);

    const json *shops = json_get(company, "shops");
    for (size_t i = 0; code == EXIT_OK && i < json_count(shops); i++) {
        const json *shop = json_at(shops, i);
        buf_clear(&path);
        buf_text(&path, "/v1/shops/");
        ctl_escape(&path, json_text(shop, "code"));
        buf_printf(&path, "?company=%s", id);
        code = send_record(apply, "PUT", buf_str(&path), "shop", json_text(shop, "code"), shop);
    }
    const json *categories = json_get(company, "categories");
    for (size_t i = 0; code == EXIT_OK && i < json_count(categories); i++) {
        const char *name = json_text(json_at(categories, i), "name");
        OWN_JSON json *category =
            json_without(json_at(categories, i), (const char *const[]){"name", NULL});
        buf_clear(&path);
        buf_text(&path, "/v1/categories/");
        ctl_escape(&path, name);
        buf_printf(&path, "?company=%s", id);
        code = send_record(apply, "PATCH", buf_str(&path), "category", name, category);
    }
    const json *entries = json_get(company, "entries");
    for (size_t i = 0; code == EXIT_OK && i < json_count(entries); i++) {
        OWN_JSON json *entry = NULL;
        struct err err = {0};
        buf_clear(&path);
        buf_printf(&path, "/v1/entries?company=%s", id);
        if (!entry_body(json_at(entries, i), &entry, &err))
            return ctl_fail(apply->ctl, EXIT_USAGE, "%s", err.text);
        code = send_record(apply, "POST", buf_str(&path), "entry", json_text(entry, "name"), entry);
    }
    return code;
}

/* Spans and times of every entry are read before the first record is sent. */
static bool entries_fit(const json *file, struct err *err)
{
    const json *companies = json_get(file, "companies");
    for (size_t i = 0; i < json_count(companies); i++) {
        const json *entries = json_get(json_at(companies, i), "entries");
        for (size_t k = 0; k < json_count(entries); k++) {
            OWN_JSON json *body = NULL;
            if (!entry_body(json_at(entries, k), &body, err))
                return false;
        }
    }
    return true;
}

int command_apply(struct ctl *ctl)
{
    OWN_BUF struct buf text = {0};
    OWN_JSON json *file = NULL, *changes = json_new_array();
    struct err err = {0};
    if (!ctl->file)
        return ctl_fail(ctl, EXIT_USAGE, "which file? cartage apply -f FILE");
    int code = read_file(ctl, ctl->file, &text);
    if (code != EXIT_OK)
        return code;
    if (!yaml_tree_read(ctl->file, buf_str(&text), text.size, variable, &file, &err))
        return ctl_fail(ctl, EXIT_USAGE, "%s", err.text);
    if (!file_fits(file, &err) || !entries_fit(file, &err))
        return ctl_fail(ctl, EXIT_USAGE, "%s: %s", ctl->file, err.text);

    struct apply apply = {.ctl = ctl, .changes = changes};
    code = send_credentials(&apply, json_get(file, "credentials"));
    const json *companies = json_get(file, "companies");
    for (size_t i = 0; code == EXIT_OK && i < json_count(companies); i++)
        code = send_company(&apply, json_at(companies, i));
    if (ctl->json) {
        OWN_JSON json *answer = json_new_object();
        json_set_bool(answer, "ok", code == EXIT_OK);
        json_set_int(answer, "changed", (int64_t)apply.changed);
        json_set(answer, "records", json_copy(changes));
        ctl_print_json(ctl, answer);
    } else if (code == EXIT_OK && !apply.changed) {
        fprintf(ctl->out, "nothing changed (%zu records)\n", json_count(changes));
    }
    return code;
}

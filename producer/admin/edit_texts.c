/* edit_texts.c - records as the audit log tells them. */
#include "admin/edit_texts.h"

#include <inttypes.h>
#include <string.h>

#include "admin/routes.h"

enum { LONG = 300 };

/* ---- fields ---- */

static bool listed(const char *name, const char *const names[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static bool changes_by_itself(const char *name)
{
    static const char *const NAMES[] = {
        "attempt",     "attempts", "begun_ms", "counts",  "due_ms",  "epoch",     "error",
        "events",      "failures", "holders",  "last",    "lost",    "parks",     "preview",
        "progress",    "ready_ms", "rev",      "retries", "run",     "slot_ms",   "started_ms",
        "finished_ms", "sub",      "task",     "version", "waiting", "waits_for", "worker"};
    return listed(name, NAMES, COUNT(NAMES));
}

static bool is_secret(const char *name)
{
    static const char *const NAMES[] = {"client_secret",   "hash",          "key",    "password",
                                        "previous_secret", "sealed",        "secret", "token",
                                        "value",           "webhook_secret"};
    return listed(name, NAMES, COUNT(NAMES));
}

/* A copy in which texts of these names are hidden; what only refers to a secret is not one. */
static json *without_secrets(const json *node)
{
    const char *name;
    json *child;
    if (json_is_array(node)) {
        json *list = json_new_array();
        for (size_t i = 0; i < json_count(node); i++)
            json_add(list, without_secrets(json_at(node, i)));
        return list;
    }
    if (!json_is_object(node))
        return json_copy(node);
    json *object = json_new_object();
    JSON_EACH(name, child, node)
    if (is_secret(name) && child && !json_is_object(child))
        json_set_text(object, name, "hidden");
    else
        json_set(object, name, child ? without_secrets(child) : NULL);
    return object;
}

static json *told(const char *name, const json *value)
{
    OWN_JSON json *holder = json_new_object();
    json_set(holder, name, json_copy(value));
    OWN_JSON json *hidden = without_secrets(holder);
    json *shown = json_copy(json_get(hidden, name));
    size_t size = strlen(json_write(shown));
    if (size <= LONG)
        return shown;
    json_free(shown);
    OWN_TEXT char *length = mem_printf("(%zu characters)", size);
    json_set_text(holder, name, length);
    return json_copy(json_get(holder, name));
}

json *record_steady(const json *record)
{
    json *steady = json_new_object();
    const char *name;
    json *child;
    JSON_EACH(name, child, record)
    if (!changes_by_itself(name))
        json_set(steady, name, json_copy(child));
    return steady;
}

static bool differ(const json *one, const json *two)
{
    if (!one || !two)
        return one != two;
    OWN_TEXT char *text = mem_text(json_write(one));
    return strcmp(text, json_write(two)) != 0;
}

static void add_difference(json *out, const char *name, const json *before, const json *after)
{
    if (!differ(before, after))
        return;
    json *pair = json_new_object();
    if (before)
        json_set(pair, "before", told(name, before));
    if (after)
        json_set(pair, "after", told(name, after));
    json_set(out, name, pair);
}

json *record_difference(const json *before, const json *after)
{
    OWN_JSON json *was = record_steady(before), *is = record_steady(after);
    json *out = json_new_object();
    const char *name;
    json *child;
    JSON_EACH(name, child, was)
    add_difference(out, name, child, json_get(is, name));
    JSON_EACH(name, child, is)
    if (!json_get(was, name))
        add_difference(out, name, NULL, child);
    struct json_cursor any = json_first(out);
    if (json_next(&any, &name, &child))
        return out;
    json_free(out);
    return NULL;
}

json *asked_of(const json *body)
{
    struct json_cursor any = json_first(body);
    const char *name;
    json *child;
    if (!json_next(&any, &name, &child))
        return NULL;
    json *asked = json_new_object();
    JSON_EACH(name, child, body)
    json_set(asked, name, child ? told(name, child) : NULL);
    return asked;
}

/* ---- names ---- */

/* "entries" is a list of records called entry. */
static void add_singular(struct buf *out, const char *list, size_t size)
{
    if (size > 3 && strncmp(list + size - 3, "ies", 3) == 0)
        buf_printf(out, "%.*sy", (int)size - 3, list);
    else if (size > 1 && list[size - 1] == 's')
        buf_printf(out, "%.*s", (int)size - 1, list);
    else
        buf_printf(out, "%.*s", (int)size, list);
}

/* What people call it, rather than its id: a run by its number. */
static void name_of(const json *record, const char *parameter, const char *otherwise,
                    char out[static 128])
{
    static const char *const NAMES[] = {"description", "name", "code", "category"};
    snprintf(out, 128, "%s", otherwise);
    for (size_t i = COUNT(NAMES); i-- > 0;)
        if (*json_text(record, NAMES[i]))
            snprintf(out, 128, "%.127s", json_text(record, NAMES[i]));
    if (strncmp(parameter, "{run}", 5) == 0 && json_has(record, "no"))
        snprintf(out, 128, "%" PRId64, json_int(record, "no", 0));
}

/* The parameters that follow a word of the path: "shops/{shop}/times/{time}". */
static void add_parameters(const struct api_call *call, const struct route *reads,
                           const json *record, struct buf *out)
{
    int param = 0;
    const char *segment = call->route->path + strlen("/v1/");
    for (const char *end; *segment; segment = *end ? end + 1 : end) {
        char known[128];
        end = segment + strcspn(segment, "/");
        if (*segment != '{') {
            if (*end != '/' || end[1] != '{')
                continue;
            buf_text(out, out->size ? ", " : "");
            add_singular(out, segment, (size_t)(end - segment));
            continue;
        }
        /* The record is the one that the reader's last parameter names. */
        size_t depth = (size_t)(end - call->route->path);
        bool own = reads && strlen(reads->path) == depth;
        name_of(own ? record : NULL, segment, call->params[param++], known);
        buf_printf(out, " %s", known);
    }
}

char *record_name(const struct api_call *call, const struct route *reads, const json *record)
{
    OWN_BUF struct buf out = {0};
    add_parameters(call, reads, record, &out);
    if (out.size)
        return mem_text(buf_str(&out));
    /* Something new: the list it goes to, and what its body calls it. */
    static const char *const NAMES[] = {"name", "description", "record", "reason", "operation"};
    const char *list = call->route->path + strlen("/v1/");
    add_singular(&out, list, strcspn(list, "/"));
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        if (!*json_text(call->body, NAMES[i]))
            continue;
        buf_printf(&out, " %.80s", json_text(call->body, NAMES[i]));
        break;
    }
    return mem_text(buf_str(&out));
}

void record_company(struct api_call *call, const json *record, json *row)
{
    char company[UUID_TEXT];
    unsigned char bytes[16];
    struct err ignored = {0};
    const char *of = json_text(record, "company");
    if (!*of && strncmp(call->route->path, "/v1/companies/", 14) == 0)
        of = json_text(record, "id");
    if (*of && uuid_parse(of, bytes))
        json_set_text(row, "company", of);
    else if (api_company(call, company, &ignored))
        json_set_text(row, "company", company);
}

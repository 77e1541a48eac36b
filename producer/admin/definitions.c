/* definitions.c - an entry's definition out of a JSON body. */
#include "admin/definitions.h"

#include <ctype.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <string.h>

#include "admin/schedules.h"
#include "ledger/commands.h"

enum { BAD = 400, NAME_MAX_BYTES = 100, BC_MAX_RETRY = 10 };
#define LETTERS_AND_DASH "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"

void wanted_drop(struct wanted *wanted)
{
    buf_drop(&wanted->arguments);
}

bool wanted_operation(const json *body, const struct operation **out, struct err *err)
{
    char number[24];
    const char *name = json_text(body, "operation");
    if (!*name && json_int(body, "operation", 0) > 0) {
        snprintf(number, sizeof number, "%" PRId64, json_int(body, "operation", 0));
        name = number;
    }
    if (!*name)
        return err_set(err, ERR_FATAL, BAD,
                       "operation is missing: a name or report number of `cartage operations`");
    *out = operation_by_name(name);
    if (*out)
        return true;
    OWN_BUF struct buf near = {0};
    operation_near(name, &near);
    return err_set(err, ERR_FATAL, BAD,
                   "operation \"%.60s\" is none%s; `cartage operations` lists them", name,
                   buf_str(&near));
}

bool wanted_arguments(const json *body, struct wanted *out, struct err *err)
{
    OWN_JSON json *arguments = NULL, *canonical = NULL;
    if (!wanted_operation(body, &out->operation, err))
        return false;
    const json *given = json_get(body, "arguments");
    if (given && !json_is_object(given))
        return err_set(err, ERR_FATAL, BAD, "arguments: want an object, {\"shop\": CODE, ...}");
    arguments = given ? json_copy(given) : json_new_object();
    if (*json_text(body, "shop"))
        json_set_text(arguments, "shop", json_text(body, "shop"));
    if (!operation_arguments(out->operation, json_write(arguments), &out->arguments, err) ||
        !json_parse(buf_str(&out->arguments), out->arguments.size, &canonical, err))
        return false;
    snprintf(out->shop, sizeof out->shop, "%s", json_text(canonical, "shop"));
    return true;
}

bool entry_named(struct ledger *ledger, const char *company, const char *id, json **out,
                 struct err *err)
{
    unsigned char bytes[16];
    char known[UUID_TEXT];
    if (uuid_parse(id, bytes)) {
        uuid_format(bytes, known);
    } else {
        OWN_TEXT char *full = mem_printf("%s/%s", company, id);
        uuid_from_name(full, known);
    }
    if (ledger_entry(ledger, company, known, out, err))
        return true;
    if (err->code == MHD_HTTP_NOT_FOUND) /* by the name that was given, not the id made of it */
        err_set(err, ERR_FATAL, MHD_HTTP_NOT_FOUND,
                "there is no entry %.80s in this company; `cartage entry list` shows them", id);
    return false;
}

/* ---- the fields of a definition ---- */

static const char *const KNOWN[] = {
    "company",    "name",       "operation",    "arguments",    "shop",      "description",
    "category",   "priority",   "every_ms",     "start_ms",     "max_retry", "retry_ms",
    "timeout_ms", "expires_ms", "on_hold",      "on_exhausted", "days",      "window",
    "zone",       "formula",    "at_time",      "catch_up",     "grace_ms",  "max_backlog",
    "mode",       "idle_ms",    "run_at_start", "manual",       "backoff",   "credential",
    "lang",       "notify",
};

bool fields_known(const json *body, const char *what, const char *const known[], size_t count,
                  struct err *err)
{
    const char *name;
    json *child;
    JSON_EACH(name, child, body)
    {
        bool found = false;
        for (size_t i = 0; i < count; i++)
            found |= strcmp(known[i], name) == 0;
        if (!found) {
            OWN_BUF struct buf near = {0};
            settings_nearest(name, known, count, &near);
            return err_set(err, ERR_FATAL, BAD, "%s has no field \"%.60s\"%s", what, name,
                           buf_str(&near));
        }
    }
    return true;
}

static bool number(const json *body, const char *name, int64_t lowest, int64_t highest,
                   int64_t otherwise, int64_t *out, struct err *err)
{
    *out = json_int(body, name, otherwise);
    if (json_get(body, name) && (*out < lowest || *out > highest))
        return err_set(err, ERR_FATAL, BAD, "%s: want a number from %" PRId64 " to %" PRId64, name,
                       lowest, highest);
    return true;
}

static bool read_times(const json *body, struct wanted *out, struct err *err)
{
    static const int64_t YEAR_MS = 366LL * 86400000, LAST_MS = 4102444800000; /* 2100 */
    struct entry_definition *definition = &out->definition;
    int64_t max_retry = 0;
    out->starts = json_get(body, "start_ms") != NULL;
    if (!number(body, "every_ms", 1000, YEAR_MS, 0, &definition->every_ms, err) ||
        !number(body, "start_ms", 0, LAST_MS, 0, &definition->start_ms, err) ||
        !number(body, "expires_ms", 0, LAST_MS, 0, &definition->expires_ms, err) ||
        !number(body, "timeout_ms", 0, 7 * 86400000LL, 0, &definition->timeout_ms, err) ||
        !number(body, "retry_ms", 0, 3600000, 0, &definition->retry_ms, err) ||
        !number(body, "max_retry", -1, 100, -1, &max_retry, err))
        return false;
    definition->max_retry = (int)max_retry;
    return schedule_read(body, definition, err);
}

bool category_read(const char *text, char out[static CATEGORY_TEXT], struct err *err)
{
    size_t size = strlen(text);
    if (size > CATEGORY_MAX || strspn(text, LETTERS_AND_DASH) != size)
        return err_set(err, ERR_FATAL, BAD,
                       "category \"%.40s\": want at most %d letters, digits and '-'", text,
                       CATEGORY_MAX);
    if (strcmp(text, "-") == 0)
        size = 0;
    for (size_t i = 0; i < size; i++)
        out[i] = (char)toupper((unsigned char)text[i]);
    out[size] = 0;
    return true;
}

static bool read_category(const json *body, struct wanted *out, struct err *err)
{
    return category_read(json_get(body, "category") ? json_text(body, "category")
                                                    : out->operation->category,
                         out->definition.category, err);
}

static bool read_backoff(const json *body, struct entry_definition *out, struct err *err)
{
    const char *word = json_text(body, "backoff");
    out->backoff_bc = strcmp(word, "bc") == 0;
    if (json_get(body, "backoff") && !out->backoff_bc && strcmp(word, "exp") != 0)
        return err_set(err, ERR_FATAL, BAD,
                       "backoff \"%.40s\": want exp (5 s doubling to an hour) or bc (10 ms to 6 "
                       "hours, as Business Central waits)",
                       word);
    if (out->backoff_bc && out->max_retry > BC_MAX_RETRY)
        return err_set(err, ERR_FATAL, BAD,
                       "max_retry: with backoff bc want at most %d, as in Business Central",
                       BC_MAX_RETRY);
    return true;
}

/* Who it is at Business Central, and in which language that answers. */
static bool read_peer(const json *body, struct entry_definition *out, struct err *err)
{
    const char *lang = json_text(body, "lang");
    size_t size = strlen(lang);
    out->credential = json_text(body, "credential");
    out->lang = lang;
    if (size && (size < 2 || size > 12 || strspn(lang, LETTERS_AND_DASH) != size))
        return err_set(err, ERR_FATAL, BAD, "lang \"%.20s\": want a language like de-DE", lang);
    return true;
}

bool wanted_read(const json *body, const char *company, struct wanted *out, struct err *err)
{
    struct entry_definition *definition = &out->definition;
    const char *name = json_text(body, "name"), *priority = json_text(body, "priority"),
               *exhausted = json_text(body, "on_exhausted");
    if (!fields_known(body, "an entry", KNOWN, COUNT(KNOWN), err) ||
        !wanted_arguments(body, out, err) || !read_category(body, out, err) ||
        !read_times(body, out, err))
        return false;
    if (strlen(name) > NAME_MAX_BYTES || strchr(name, '/'))
        return err_set(err, ERR_FATAL, BAD, "name: want at most %d characters and no '/'",
                       NAME_MAX_BYTES);
    definition->priority = out->operation->priority;
    if (*priority && !priority_parse(priority, &definition->priority))
        return err_set(err, ERR_FATAL, BAD, "priority \"%.40s\": want high, normal or low",
                       priority);
    if (json_get(body, "on_exhausted") && strcmp(exhausted, "resume") != 0 &&
        strcmp(exhausted, "stop") != 0)
        return err_set(err, ERR_FATAL, BAD,
                       "on_exhausted \"%.40s\": want resume (after its last retry it runs again at "
                       "its next time) or stop (it rests in error until a person sets it ready)",
                       exhausted);
    definition->stop_on_exhausted = strcmp(exhausted, "stop") == 0;
    if (!read_peer(body, definition, err) || !read_backoff(body, definition, err))
        return false;
    snprintf(definition->company, sizeof definition->company, "%s", company);
    snprintf(definition->operation, sizeof definition->operation, "%s", out->operation->name);
    if (*name) {
        OWN_TEXT char *full = mem_printf("%s/%s", company, name);
        uuid_from_name(full, definition->id);
    }
    definition->arguments = buf_str(&out->arguments);
    definition->description = *json_text(body, "description") ? json_text(body, "description")
                              : *name                         ? name
                                                              : out->operation->title;
    definition->run_as = "api";
    definition->notify = *json_text(body, "notify") ? json_text(body, "notify") : NULL;
    if (definition->notify && definition->schedule != SCHEDULE_AT)
        return err_set(err, ERR_FATAL, BAD,
                       "notify: it belongs to an entry that runs once; of entries that recur the "
                       "company's section notify says who is told");
    definition->on_hold = json_flag(body, "on_hold", false);
    definition->kind = definition->schedule == SCHEDULE_AT ? TICKET_MANUAL : TICKET_SCHEDULED;
    return true;
}

/* A due time that went by is no difference, and neither is a hold: a person's, or the queue's. */
bool wanted_stands(const struct wanted *wanted, const json *entry)
{
    const struct entry_definition *want = &wanted->definition;
    const struct {
        const char *name, *text;
    } TEXTS[] = {
        {"operation",   want->operation                         },
        {"category",    want->category                          },
        {"description", want->description                       },
        {"priority",    priority_name(want->priority)           },
        {"backoff",     want->backoff_bc ? "bc" : ""            },
        {"credential",  want->credential ? want->credential : ""},
        {"lang",        want->lang ? want->lang : ""            },
        {"notify",      want->notify ? want->notify : ""        },
    };
    const struct {
        const char *name;
        int64_t number;
    } NUMBERS[] = {
        {"retry_ms",   want->retry_ms  },
        {"expires_ms", want->expires_ms},
    };
    for (size_t i = 0; i < COUNT(TEXTS); i++)
        if (strcmp(json_text(entry, TEXTS[i].name), TEXTS[i].text) != 0)
            return false;
    for (size_t i = 0; i < COUNT(NUMBERS); i++)
        if (json_int(entry, NUMBERS[i].name, 0) != NUMBERS[i].number)
            return false;
    if (!schedule_stands(want, entry))
        return false;
    /* Left out, the queue's own defaults stand there. */
    if (want->timeout_ms && json_int(entry, "timeout_ms", 0) != want->timeout_ms)
        return false;
    if (want->max_retry >= 0 && json_int(entry, "max_retry", -1) != want->max_retry)
        return false;
    if ((strcmp(json_text(entry, "on_exhausted"), "stop") == 0) != want->stop_on_exhausted)
        return false;
    if (wanted->starts && json_int(entry, "start_ms", 0) != want->start_ms)
        return false;
    /* The table's order on both sides, so the same arguments are the same text. */
    struct wanted stands = {0};
    struct err ignored = {0};
    bool same = wanted_arguments(entry, &stands, &ignored) &&
                strcmp(buf_str(&stands.arguments), want->arguments) == 0;
    wanted_drop(&stands);
    return same;
}

/* What the ledger answers as empty is left out, as in a body; how often it is tried again may be 0.
 */
static bool is_said(const json *entry, const char *name)
{
    const json *value = json_get(entry, name);
    const char *text = json_string(value);
    return value && (*text || json_is_object(value) || json_flag(entry, name, false) ||
                     json_int(entry, name, 0) != 0 || strcmp(name, "max_retry") == 0);
}

bool wanted_of(const json *entry, json **body, struct wanted *out, struct err *err)
{
    OWN_JSON json *said = json_new_object();
    bool once = strcmp(json_text(entry, "schedule"), "at") == 0;
    for (size_t i = 0; i < COUNT(KNOWN); i++)
        if (strcmp(KNOWN[i], "company") != 0 && is_said(entry, KNOWN[i]) &&
            (once || strcmp(KNOWN[i], "start_ms") != 0)) /* slots stay where they are */
            json_set(said, KNOWN[i], json_copy(json_get(entry, KNOWN[i])));
    if (!*json_text(entry, "category")) /* else it would be the operation's */
        json_set_text(said, "category", "-");
    if (strcmp(json_text(entry, "schedule"), "manual") == 0)
        json_set_bool(said, "manual", true);
    *body = GIVE(said);
    if (!wanted_read(*body, json_text(entry, "company"), out, err))
        return false;
    return wanted_stands(out, entry) ||
           err_set(err, ERR_FATAL, 409,
                   "this entry was not made in this form; send the whole of it (PUT)");
}

/* thresholds.c - when a cue changes its colour: read, set, and put to use. */
#include <inttypes.h>
#include <microhttpd.h>
#include <string.h>

#include "admin/routes.h"
#include "admin/thresholds.h"

enum { HIGHEST = 1000000000 };

struct threshold {
    int64_t yellow_from, red_from;
    const char *of; /* "user", "company", "default" */
};

/* A person is known by the name of his token. */
static const char *user_of(const struct api_call *call)
{
    return call->caller.name;
}

/* ---- which ones count ---- */

static void take(const json *set, const char *of, struct threshold *out)
{
    if (!set)
        return;
    out->yellow_from = json_int(set, "yellow_from", out->yellow_from);
    out->red_from =
        json_has(set, "red_from") ? json_int(set, "red_from", CUE_NEVER) : out->red_from;
    out->of = of;
}

/* Of several companies the one that asks soonest. */
static struct threshold which(const struct cue *cue, const json *set)
{
    struct threshold usual = {cue->yellow_from, cue->red_from, "default"}, out = usual;
    const json *companies = json_get(set, "companies");
    for (size_t i = 0; i < json_count(companies); i++) {
        struct threshold of = usual;
        take(json_get(json_at(companies, i), cue->name), "company", &of);
        if (strcmp(of.of, "default") == 0)
            continue;
        bool first = strcmp(out.of, "default") == 0;
        if (first || of.yellow_from < out.yellow_from)
            out.yellow_from = of.yellow_from;
        if (first || of.red_from < out.red_from)
            out.red_from = of.red_from;
        out.of = "company";
    }
    take(json_get(json_get(set, "user"), cue->name), "user", &out);
    return out;
}

static void set_threshold(json *object, int64_t yellow_from, int64_t red_from)
{
    json_set_int(object, "yellow_from", yellow_from);
    if (red_from < CUE_NEVER)
        json_set_int(object, "red_from", red_from);
}

void thresholds_colour(const struct cue *cue, const json *set, json *object)
{
    struct threshold threshold = which(cue, set);
    int64_t value = json_int(object, "value", 0);
    json *thresholds = json_new_object();
    set_threshold(object, threshold.yellow_from, threshold.red_from);
    set_threshold(thresholds, threshold.yellow_from, threshold.red_from);
    json_set_text(thresholds, "of", threshold.of);
    json_set(object, "thresholds", thresholds);
    json_set_text(object, "colour",
                  value >= threshold.red_from      ? "red"
                  : value >= threshold.yellow_from ? "yellow"
                                                   : "green");
}

bool thresholds_read(struct api_call *call, const struct scopes *scopes, json **out,
                     struct err *err)
{
    OWN_JSON json *set = json_new_object();
    json *user = NULL, *settings, *companies = json_new_array();
    const char *company;
    json_set(set, "companies", companies);
    if (!ledger_thresholds_get(call->ledger, user_of(call), &user, err))
        return false;
    json_set(set, "user", user ? user : json_new_object());
    JSON_EACH(company, settings, scopes->trees)
    {
        json *own = json_get(settings, "thresholds");
        json_add(companies, own ? json_share(own) : json_new_object());
    }
    *out = GIVE(set);
    return true;
}

/* ---- routes ---- */

static json *shown(const struct cue *cue, const json *set)
{
    struct threshold threshold = which(cue, set);
    json *row = json_new_object();
    json_set_text(row, "cue", cue->name);
    json_set_text(row, "title", cue->title);
    set_threshold(row, threshold.yellow_from, threshold.red_from);
    json_set_text(row, "of", threshold.of);
    return row;
}

bool thresholds_list(struct api_call *call, struct err *err)
{
    OWN_SCOPES struct scopes scopes = {0};
    OWN_JSON json *set = NULL;
    if (!scopes_read(call, &scopes, err) || !thresholds_read(call, &scopes, &set, err))
        return false;
    json *answer = json_new_object(), *rows = json_new_array();
    json_set_text(answer, "user", user_of(call));
    json_set(answer, "thresholds", rows);
    for (const struct cue *cue = CUES; cue->name; cue++)
        if (cue->kind != CUE_LEFT)
            json_add(rows, shown(cue, set));
    return api_answer(call, MHD_HTTP_OK, answer);
}

static bool number_of(const json *value, const char *cue, const char *field, int64_t lowest,
                      json *out, struct err *err)
{
    OWN_TEXT char *text =
        json_get(value, field) ? mem_text(json_write(json_get(value, field))) : NULL;
    if (!text)
        return true;
    int64_t number = json_int(value, field, -1);
    if (strspn(text, "0123456789") != strlen(text) || number < lowest || number > HIGHEST)
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "%s of %s: want a whole number from %" PRId64 " to %d", field, cue, lowest,
                       HIGHEST);
    json_set_int(out, field, number);
    return true;
}

/* One cue's part of a body into what is stored; null takes it back. */
static bool change(json *stored, const char *name, const json *value, struct err *err)
{
    const struct cue *cue = cue_by_name(name);
    if (!cue || cue->kind == CUE_LEFT)
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "\"%.40s\" is no cue; `cartage cues` names them", name);
    if (!value) {
        json_set(stored, name, NULL);
        return true;
    }
    OWN_JSON json *kept = json_new_object();
    int64_t yellow = json_int(value, "yellow_from", cue->yellow_from);
    if (!json_is_object(value) || !number_of(value, name, "yellow_from", 1, kept, err) ||
        !number_of(value, name, "red_from", yellow, kept, err))
        return err->kind != ERR_NONE
                   ? false
                   : err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                             "%s: want {\"yellow_from\": NUMBER, \"red_from\": NUMBER} or null",
                             name);
    if (json_int(kept, "red_from", cue->red_from) < yellow)
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "%s would be red from %" PRId64 " on and yellow only from %" PRId64
                       "; give red_from, too",
                       name, json_int(kept, "red_from", cue->red_from), yellow);
    json_set(stored, name, GIVE(kept));
    return true;
}

static bool put(struct api_call *call, const char *company, const json *cues, bool *changed,
                struct err *err)
{
    OWN_JSON json *stored = NULL;
    const char *name;
    json *value;
    bool good = *company ? ledger_settings_get(call->ledger, company, "thresholds", &stored, err)
                         : ledger_thresholds_get(call->ledger, user_of(call), &stored, err);
    if (!good)
        return false;
    if (!stored)
        stored = json_new_object();
    JSON_EACH(name, value, cues)
    {
        if (!change(stored, name, value, err))
            return false;
    }
    return *company ? ledger_settings_put(call->ledger, company, "thresholds", json_write(stored),
                                          changed, err)
                    : ledger_thresholds_put(call->ledger, user_of(call), json_write(stored),
                                            changed, err);
}

bool thresholds_put(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT] = "";
    const json *cues = json_get(call->body, "cues");
    bool changed = false;
    bool of_company = api_query(call, "company") || *json_text(call->body, "company");
    if (!json_is_object(cues))
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "cues is missing: {CUE: {\"yellow_from\": NUMBER, \"red_from\": NUMBER}}");
    if (of_company)
        call->needed = ROLE_OPERATE;
    if (of_company && call->caller.role < ROLE_OPERATE)
        return err_set(err, ERR_FATAL, MHD_HTTP_FORBIDDEN,
                       "thresholds of a company take the role operate; without a company they are "
                       "your own");
    if ((of_company && !api_company(call, company, err)) ||
        !put(call, company, cues, &changed, err))
        return false;
    return api_changed(call, changed ? "changed" : "unchanged", *company ? company : user_of(call));
}

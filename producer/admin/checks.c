/* checks.c - a look at the peers that a person waits for: connect.* before anything is stored,
 * doctor.probe and webhooks.check of what is.
 *
 * The producer asks no peer: each look is an operation, a foreground entry that is not left behind.
 * Secrets never travel with it: arguments name a stored credential.
 */
#include <microhttpd.h>
#include <string.h>
#include <strings.h>

#include "admin/definitions.h"
#include "admin/doctor_peers.h"
#include "admin/routes.h"
#include "base/log.h"
#include "companies.h"
#include "ledger/alive.h"
#include "ledger/commands.h"
#include "store/probes.h"

enum { WAIT_MS = 120000, LOOK_MS = 100, LOOKS_MOST = 200 };
/* Where no company is stored yet, a check belongs to this one. */

struct look {
    char company[UUID_TEXT], entry[UUID_TEXT];
    bool over;
};

static bool start(struct api_call *call, const char *company, const struct operation *operation,
                  const char *arguments, struct look *out, struct err *err)
{
    bool existing = false;
    struct entry_definition definition = {
        .arguments = arguments,
        .description = operation->title,
        .run_as = "api",
        .schedule = SCHEDULE_AT,
        .priority = PRIORITY_HIGH,
        .max_retry = 0,
        .foreground = true,
        .kind = TICKET_FOREGROUND,
    };
    snprintf(definition.company, sizeof definition.company, "%s", company);
    snprintf(definition.operation, sizeof definition.operation, "%s", operation->name);
    snprintf(definition.category, sizeof definition.category, "%s", operation->category);
    *out = (struct look){0};
    snprintf(out->company, sizeof out->company, "%s", company);
    bool good = ledger_add(call->ledger, &definition, out->entry, &existing, &call->granted, err);
    if (call->granted.count)
        call->config->publish(call->config->state, &call->granted);
    tickets_drop(&call->granted);
    call->config->kick(call->config->state);
    return good;
}

/* A foreground entry is gone when its run is over. */
static bool is_over(struct api_call *call, struct look *look, struct err *err)
{
    OWN_JSON json *entry = NULL;
    if (ledger_entry(call->ledger, look->company, look->entry, &entry, err))
        return true;
    look->over = err->code == MHD_HTTP_NOT_FOUND;
    if (look->over)
        err_clear(err);
    return look->over;
}

static void take_back(struct api_call *call, const struct look *look)
{
    struct err err = {0};
    if (!look->over &&
        !ledger_delete(call->ledger, look->company, look->entry, &call->granted, &err) &&
        err.code != MHD_HTTP_NOT_FOUND)
        log_warn("api.take_back", TEXT("entry", look->entry), TEXT("error", err.text));
}

static bool wait_for(struct api_call *call, struct look *looks, size_t count, struct err *err)
{
    int64_t until = clock_mono_ms(call->config->clock) + WAIT_MS;
    for (;;) {
        size_t over = 0;
        for (size_t i = 0; i < count; i++) {
            if (!looks[i].over && !is_over(call, &looks[i], err))
                return false;
            over += looks[i].over;
        }
        if (over == count)
            return true;
        if (clock_mono_ms(call->config->clock) > until || !admin_pause(call->admin, LOOK_MS))
            return err_set(err, ERR_RETRY, 0,
                           "no worker has ended the check within two minutes; is one running that "
                           "serves entries without a category? `cartage doctor` says so");
    }
}

/* Why the run of an entry failed that is gone. */
static bool failure_of(struct api_call *call, const struct look *look, struct err *err)
{
    OWN_JSON json *rows = NULL;
    if (!ledger_runs(call->ledger, look->company, &(struct runs_query){.most = 50}, &rows, err))
        return false;
    for (size_t i = 0; i < json_count(rows); i++)
        if (strcmp(json_text(json_at(rows, i), "entry"), look->entry) == 0)
            return err_set(err, ERR_FATAL, MHD_HTTP_UNPROCESSABLE_CONTENT, "%s",
                           json_text(json_at(rows, i), "error"));
    return err_set(err, ERR_RETRY, 0, "the check is gone, and so is its run; ask again");
}

static json *answer_of(struct doctor *doctor)
{
    json *answer = json_new_object();
    json_set_text(answer, "state", doctor_state(doctor->rows));
    json_set(answer, "checks", doctor->rows);
    return answer;
}

/* ---- what is stored ---- */

/* Operations that look at whatever is stored, each at the company and at each of its shops. */
static const struct stored_look {
    const char *operation;
    void (*rows)(struct doctor *doctor);
} STORED[] = {
    {"doctor.probe",   doctor_peers   },
    {"webhooks.check", doctor_webhooks},
};

static const struct stored_look *stored_look(const char *operation)
{
    for (size_t i = 0; i < COUNT(STORED); i++)
        if (strcmp(STORED[i].operation, operation) == 0)
            return &STORED[i];
    return NULL;
}

/* `shop` NULL = the company itself; what else the operation takes was asked for. */
static bool start_stored(struct api_call *call, const char *company,
                         const struct operation *operation, const char *shop, struct look *out,
                         struct err *err)
{
    OWN_JSON json *arguments = json_copy(json_get(call->body, "arguments"));
    OWN_BUF struct buf canonical = {0};
    if (!arguments)
        arguments = json_new_object();
    if (shop)
        json_set_text(arguments, "shop", shop);
    return operation_arguments(operation, json_write(arguments), &canonical, err) &&
           start(call, company, operation, buf_str(&canonical), out, err);
}

static bool start_company(struct api_call *call, const char *company,
                          const struct operation *operation, struct look *looks, size_t *count,
                          struct err *err)
{
    OWN_JSON json *settings = NULL;
    const char *field, *only = json_text(json_get(call->body, "arguments"), "shop");
    json *child;
    if (!ledger_settings_all(call->ledger, company, &settings, err) ||
        (!*only && !start_stored(call, company, operation, NULL, &looks[(*count)++], err)))
        return false;
    JSON_EACH(field, child, settings)
    {
        const char *code = json_text(child, "code");
        if (strncmp(field, "shop:", 5) != 0 || *count == LOOKS_MOST ||
            (*only && strcasecmp(only, code) != 0))
            continue;
        if (!start_stored(call, company, operation, code, &looks[(*count)++], err))
            return false;
    }
    return true;
}

/* What was kept of each company: {GUID: {...}}. */
static json *kept_of(struct api_call *call, const json *companies)
{
    json *kept = json_new_object();
    for (size_t i = 0; i < json_count(companies); i++) {
        const char *company = json_string(json_at(companies, i));
        struct err ignored = {0};
        json *facts = NULL;
        if (store_probes(call->ledger, company, &facts, &ignored))
            json_set(kept, company, facts);
    }
    return kept;
}

static bool probe(struct api_call *call, const struct stored_look *stored, struct err *err)
{
    OWN_JSON json *companies = NULL;
    struct look looks[LOOKS_MOST];
    const struct operation *operation = operation_by_name(stored->operation);
    size_t count = 0;
    bool good = true;
    if (*json_text(call->body, "company")) {
        char company[UUID_TEXT];
        if (!api_company(call, company, err))
            return false;
        companies = json_new_array();
        json_add_text(companies, company);
    } else if (!ledger_companies(call->ledger, &companies, err)) {
        return false;
    }
    for (size_t i = 0; good && i < json_count(companies) && count < LOOKS_MOST; i++)
        good =
            start_company(call, json_string(json_at(companies, i)), operation, looks, &count, err);
    good = good && wait_for(call, looks, count, err);
    for (size_t i = 0; !good && i < count; i++)
        take_back(call, &looks[i]);
    if (!good)
        return false;
    struct doctor doctor = {
        .config = call->config, .ledger = call->ledger, .rows = json_new_array()};
    stored->rows(&doctor);
    json *answer = answer_of(&doctor);
    json_set(answer, "found", kept_of(call, companies));
    return api_answer(call, MHD_HTTP_OK, answer);
}

/* ---- what is not stored yet ---- */

static bool whose(struct api_call *call, char company[static UUID_TEXT], struct err *err)
{
    OWN_JSON json *companies = NULL;
    if (*json_text(call->body, "company") && api_company(call, company, err))
        return true;
    if (*json_text(call->body, "company") || !ledger_companies(call->ledger, &companies, err))
        return false;
    snprintf(company, UUID_TEXT, "%s",
             json_count(companies) ? json_string(json_at(companies, 0)) : COMPANY_NONE);
    return true;
}

static bool settings_ok(const struct wanted *wanted, const json *facts, struct doctor *doctor,
                        struct err *err)
{
    OWN(arena) struct arena *arena = arena_new();
    OWN_JSON json *settings = NULL, *shops = json_new_object();
    const struct shop *shop = NULL;
    struct peer peer = {.doctor = doctor,
                        .facts = facts,
                        .company = "",
                        .shop = "",
                        .label = "",
                        .suffix = "",
                        .shops = shops,
                        .now_ms = clock_now_ms(doctor->config->clock)};
    if (!json_parse(buf_str(&wanted->arguments), wanted->arguments.size, &settings, err))
        return false;
    if (strcmp(wanted->operation->name, "connect.bc") == 0) {
        doctor_bc(&peer);
        return true;
    }
    json_set_text(settings, "code", "CHECK");
    if (!settings_shop_parse(json_write(settings), arena, &shop, err))
        return false;
    peer.settings = shop;
    doctor_shopify(&peer);
    return true;
}

static bool check(struct api_call *call, struct wanted *wanted, struct err *err)
{
    struct look look;
    OWN_JSON json *facts = NULL;
    char company[UUID_TEXT];
    if (!whose(call, company, err) ||
        !start(call, company, wanted->operation, buf_str(&wanted->arguments), &look, err))
        return false;
    if (!wait_for(call, &look, 1, err)) {
        take_back(call, &look);
        return false;
    }
    if (!store_check(call->ledger, look.company, look.entry, &facts, err))
        return false;
    if (!facts)
        return failure_of(call, &look, err);
    struct doctor doctor = {
        .config = call->config, .ledger = call->ledger, .rows = json_new_array()};
    if (!settings_ok(wanted, facts, &doctor, err)) {
        json_free(doctor.rows);
        return false;
    }
    json *answer = answer_of(&doctor);
    json_set(answer, "found", GIVE(facts));
    return api_answer(call, MHD_HTTP_OK, answer);
}

/* Nobody would answer: said at once, not after minutes. */
static bool somebody_lives(struct api_call *call, const struct operation *operation,
                           struct err *err)
{
    OWN_JSON json *alive = NULL;
    if (!ledger_alive(call->ledger, &alive, err))
        return false;
    return doctor_serving(alive, operation->category) ||
           err_set(err, ERR_FATAL, MHD_HTTP_CONFLICT,
                   "the peers are asked by a worker, and none lives that serves entries without a "
                   "category; start one: cartage-worker");
}

bool checks_post(struct api_call *call, struct err *err)
{
    static const char *const KNOWN[] = {"operation", "arguments", "company"};
    OWN_WANTED struct wanted wanted = {0};
    if (!fields_known(call->body, "a check", KNOWN, COUNT(KNOWN), err) ||
        !wanted_arguments(call->body, &wanted, err))
        return false;
    const struct stored_look *stored = stored_look(wanted.operation->name);
    if (!stored && !wanted.operation->anywhere)
        return err_set(
            err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
            "operation: want doctor.probe, webhooks.check, connect.shopify or connect.bc, "
            "not %s",
            wanted.operation->name);
    const char *name = json_text(json_get(call->body, "arguments"),
                                 strcmp(wanted.operation->name, "connect.bc") == 0 ? "bc_credential"
                                                                                   : "credential");
    if (!stored && !credential_known(call, "credential", name, err))
        return false;
    if (!somebody_lives(call, wanted.operation, err))
        return false;
    return stored ? probe(call, stored, err) : check(call, &wanted, err);
}

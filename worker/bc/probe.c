/* probe.c - what of the way to a company works, step by step. Reads only. */
#include <string.h>
#include <strings.h>

#include "bc/room.h"

enum { REACH_TIMEOUT_MS = 15000, COMPANIES_MOST = 50, SETS_MOST = 32 };

static void fail_at(json *facts, const char *step, const struct err *why)
{
    json_set_text(facts, "step", step);
    json_set_text(facts, "error", why->text);
    json_set_int(facts, "error_code", why->code);
    json_set_text(facts, "peer_code", why->peer_code);
}

static bool ends(const struct err *why, struct err *err)
{
    if (why->kind != ERR_CANCELLED && why->kind != ERR_THROTTLED)
        return false;
    *err = *why;
    return true;
}

/* One call without a token, and not again: a server that is there refuses it. */
static bool reach(struct bc *bc, json *facts, bool *there, struct err *err)
{
    static const char *const HEADERS[] = {"Accept: application/json", NULL};
    OWN_TEXT char *url = bc_url(bc, BC_API, "/companies");
    struct http_call call = {
        .method = "GET",
        .url = url,
        .headers = HEADERS,
        .timeout_ms = REACH_TIMEOUT_MS,
        .max_answer = 64 << 10,
        .label = "bc probe",
    };
    bool ok = attempt_exchange(bc->attempt, &call, err);
    *there = ok && call.err.kind == ERR_NONE;
    if (*there) {
        json_set_int(facts, "status", call.status);
        json_set_int(facts, "date_ms", http_date_ms(&call));
        json_set_int(facts, "our_ms", clock_now_ms(bc->attempt->clock));
    } else if (ok) {
        fail_at(facts, "address", &call.err);
    }
    http_call_drop(&call);
    return ok;
}

/* The companies there are, and ours among them. */
static bool companies(struct bc *bc, const char *wanted, json *facts, bool *found, struct err *err)
{
    struct bc_call call = {.method = "GET", .path = "/companies"};
    if (!bc_run(bc, &call, 1, err)) {
        bc_call_drop(&call);
        return false;
    }
    if (call.err.kind != ERR_NONE) {
        *err = call.err;
        bc_call_drop(&call);
        return false;
    }
    const json *rows = json_get(call.answer, "value");
    json *list = json_new_array();
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        bool ours = strcasecmp(json_text(row, "id"), wanted) == 0;
        json *company = json_new_object();
        json_set_text(company, "id", json_text(row, "id"));
        json_set_text(company, "name", json_text(row, "name"));
        json_set_text(company, "version", json_text(row, "systemVersion"));
        if (ours)
            json_set(facts, "company", json_copy(company));
        *found |= ours;
        if (i < COMPANIES_MOST)
            json_add(list, company);
        else
            json_free(company);
    }
    json_set(facts, "companies", list);
    bc_call_drop(&call);
    return true;
}

/* A row of each set: what is refused names the permission that is missing. */
static bool ask_sets(struct attempt *attempt, const char *const sets[], size_t count, json *facts,
                     struct err *err)
{
    struct bc_call calls[SETS_MOST] = {0};
    char *paths[SETS_MOST];
    json *answers = json_new_object();
    assert(count <= SETS_MOST);
    json_set(facts, "sets", answers);
    for (size_t i = 0; i < count; i++) {
        paths[i] = mem_printf("%s?$top=1&$select=id", sets[i]);
        calls[i] = (struct bc_call){.method = "GET", .path = paths[i]};
    }
    bool ok = bc_call_all(attempt, calls, count, err);
    for (size_t i = 0; i < count; i++) {
        if (ok)
            json_set_text(answers, sets[i], calls[i].err.kind == ERR_NONE ? "" : calls[i].err.text);
        bc_call_drop(&calls[i]);
        free(paths[i]);
    }
    return ok;
}

static void add_token(struct bc *bc, json *facts)
{
    struct token_name name = {bc->token_name, bc->credential.secret};
    struct token token = {0};
    struct err ignored;
    json_set_text(facts, "credential", bc->credential.name);
    json_set_text(facts, "credential_kind", bc->credential.kind);
    if (credential_is(&bc->credential, "bc-basic") ||
        !limiter_token_get(bc->attempt->limiter, &name, NULL, &token, &ignored))
        return;
    if (token.fence[0] && !limiter_token_abandon(bc->attempt->limiter, &name, &token, &ignored))
        token.left_ms = 0; /* the lock ends by itself */
    if (token.left_ms > 0)
        json_set_int(facts, "token_left_ms", token.left_ms);
    token_drop(&token);
}

/* From the token on; *why is set where a step fails. */
static const char *walk(struct bc *bc, json *facts, bool *kept, struct err *why)
{
    const char *wanted = bc->attempt->company->bc_company;
    bool found = false;
    if (!bc_token(bc, false, why))
        return "token";
    if (!companies(bc, wanted, facts, &found, why))
        return why->code == 401 || why->code == 403 ? "access"
               : why->code == 404                   ? "environment"
                                                    : "companies";
    add_token(bc, facts);
    if (!found) {
        err_set(why, ERR_FATAL, 404, "this environment has no company %s", wanted);
        return "company";
    }
    if (!bc_discover(bc, wanted, why))
        return "metadata";
    bc_keep(bc);
    *kept = true;
    return NULL;
}

bool bc_probe(struct attempt *attempt, const char *const sets[], size_t count, json *facts,
              struct err *err)
{
    struct bc *bc;
    struct err why = {0};
    bool there = false, kept = false;
    enum bc_level level = BC_LEVEL_API;
    json_set_text(facts, "address", attempt->company->bc_base);
    if (!bc_bare(attempt, &bc, &why)) {
        fail_at(facts, "credential", &why);
        return !ends(&why, err);
    }
    if (!reach(bc, facts, &there, err) || !there) {
        bc_free(bc);
        return there || *json_text(facts, "step");
    }
    const char *step = walk(bc, facts, &kept, &why);
    if (!kept)
        bc_free(bc);
    if (!step)
        bc_level_forget(bc); /* what is there now, whatever is remembered */
    if (!step && !bc_level_of(attempt, &level, &why))
        step = "level";
    if (!step)
        json_set_text(facts, "level", bc_level_name(level));
    if (!step && !ask_sets(attempt, sets, count, facts, &why))
        step = "sets";
    if (step)
        fail_at(facts, step, &why);
    else
        json_set_text(facts, "step", "done");
    return !step || !ends(&why, err);
}

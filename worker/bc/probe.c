/* probe.c - what of the way to a company works, step by step. Reads only. */
#include <string.h>
#include <strings.h>

#include "attempt_finding.h"
#include "bc/room.h"

enum { REACH_TIMEOUT_MS = 15000, COMPANIES_MOST = 50, SETS_MOST = 32 };

/* One call without a token, and not again: a server that is there refuses it. */
static bool reach(struct bc *bc, json *facts, struct err *why, struct err *err)
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
    bool ok = finding_reach(bc->attempt, &call, facts, err);
    *why = call.err;
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

/* From the token on; *why is set where a step fails. */
static const char *walk(struct bc *bc, const char *const sets[], size_t count, json *facts,
                        struct err *why)
{
    const char *wanted = bc->attempt->company->bc_company;
    enum bc_level level;
    bool found = false;
    if (!bc_token(bc, false, why))
        return "token";
    if (!companies(bc, wanted, facts, &found, why))
        return why->code == 401 || why->code == 403 ? "access"
               : why->code == 404                   ? "environment"
                                                    : "companies";
    finding_token(bc->attempt, &bc->credential, bc->token_name, "bc-basic", facts);
    if (!found) {
        if (wanted[strspn(wanted, "0-")])
            err_set(why, ERR_FATAL, 404, "this environment has no company %s", wanted);
        else
            err_set(why, ERR_FATAL, 404,
                    "which of the environment's companies is meant is not said");
        return "company";
    }
    if (!bc_discover(bc, wanted, why))
        return "metadata";
    bc_keep(bc);
    bc_level_forget(bc); /* what is there now, whatever is remembered */
    if (!bc_level_of(bc->attempt, &level, why))
        return "level";
    json_set_text(facts, "level", bc_level_name(level));
    return ask_sets(bc->attempt, sets, count, facts, why) ? NULL : "sets";
}

static bool failed(json *facts, const char *step, const struct err *why, struct err *err)
{
    json_set_text(facts, "peer_code", why->peer_code);
    return finding_failed(facts, step, why, err);
}

bool bc_probe(struct attempt *attempt, const char *const sets[], size_t count, json *facts,
              struct err *err)
{
    struct bc *bc;
    struct err why = {0};
    json_set_text(facts, "address", attempt->company->bc_base);
    if (!bc_bare(attempt, &bc, &why))
        return failed(facts, "credential", &why, err);
    bool ok = reach(bc, facts, &why, err);
    const char *step = !ok                    ? NULL
                       : why.kind != ERR_NONE ? "address"
                                              : walk(bc, sets, count, facts, &why);
    if (attempt->bc != bc)
        bc_free(bc);
    if (!ok || step)
        return ok && failed(facts, step, &why, err);
    json_set_text(facts, "step", "done");
    return true;
}

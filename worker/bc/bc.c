/* bc.c - the Business Central of an attempt: opened on first use, asked by one call or a listing.
 */
#include "bc/bc.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "bc/room.h"

enum { LIST_PAGE = 500, LIST_PAGES = 100000 };

void bc_free(void *what)
{
    struct bc *bc = what;
    if (!bc)
        return;
    credential_drop(&bc->credential);
    secret_free(bc->token);
    secret_free(bc->auth_header);
    free(bc->origin);
    free(bc->tenant);
    for (int root = 0; root < BC_ROOTS; root++) {
        free(bc->roots[root]);
        free(bc->below[root]);
    }
    free(bc->grant_url);
    free(bc->token_name);
    free(bc->seats);
    free(bc->company_name);
    free(bc);
}

/* ---- opening ---- */

static bool check_settings(const struct company *company, struct err *err)
{
    if (!*company->bc_base)
        return err_set(err, ERR_FATAL, 0, "no address of Business Central is set");
    if (!*company->bc_instance && (!*company->bc_tenant || !*company->bc_environment))
        return err_set(err, ERR_FATAL, 0, "set tenant and environment, or the server instance");
    return true;
}

bool bc_bare(struct attempt *attempt, struct bc **out, struct err *err)
{
    const struct company *company = attempt->company;
    if (!check_settings(company, err))
        return err_wrap(err, "company %s", company->name);
    struct bc *bc = mem_new(sizeof *bc);
    bc->attempt = attempt;
    bc_set_addresses(bc, company);
    const char *own = attempt->sheet->credential; /* the entry's goes before the company's */
    if (!credential_load(attempt->ledger, own && *own ? own : company->bc_credential, "bc",
                         &bc->credential, err)) {
        bc_free(bc);
        return err_wrap(err, "company %s", company->name);
    }
    bc_set_names(bc, company);
    const char *lang = attempt->sheet->lang;
    snprintf(bc->language_header, sizeof bc->language_header, "Accept-Language: %s",
             lang && *lang ? lang : "en-US");
    *out = bc;
    return true;
}

void bc_keep(struct bc *bc)
{
    bc->attempt->bc = bc;
    attempt_leave(bc->attempt, bc_free, bc);
}

bool bc_of(struct attempt *attempt, struct bc **out, struct err *err)
{
    const struct company *company = attempt->company;
    unsigned char id[16];
    struct bc *bc;
    if (attempt->bc) {
        *out = attempt->bc;
        return true;
    }
    if (!uuid_parse(company->bc_company, id)) {
        err_set(err, ERR_FATAL, 0, "company id \"%s\" is no GUID", company->bc_company);
        return err_wrap(err, "company %s", company->name);
    }
    if (!bc_bare(attempt, &bc, err))
        return false;
    if (!bc_token(bc, false, err) || !bc_discover(bc, company->bc_company, err)) {
        bc_free(bc);
        return err_wrap(err, "company %s", company->name);
    }
    bc_keep(bc);
    *out = bc;
    return true;
}

/* ---- asking ---- */

bool bc_call_all(struct attempt *attempt, struct bc_call *calls, size_t count, struct err *err)
{
    struct bc *bc = NULL;
    return bc_of(attempt, &bc, err) && bc_run(bc, calls, count, err);
}

bool bc_ask(struct attempt *attempt, struct bc_call *call, struct err *err)
{
    if (!bc_call_all(attempt, call, 1, err))
        return false;
    if (call->err.kind != ERR_NONE)
        *err = call->err;
    return call->err.kind == ERR_NONE;
}

static bool list_page(struct attempt *attempt, struct bc_call *call, char **next,
                      bool (*row)(void *state, const json *entity, struct err *err), void *state,
                      struct err *err)
{
    if (!bc_ask(attempt, call, err))
        return false;
    const json *rows = json_get(call->answer, "value");
    if (!json_is_array(rows))
        return err_set(err, ERR_FATAL, 0, "%.100s: the answer is no listing", call->path);
    for (size_t i = 0; i < json_count(rows); i++)
        if (!row(state, json_at(rows, i), err))
            return false;
    const char *link = json_text(call->answer, "@odata.nextLink");
    return !*link || bc_next_path(attempt->bc->roots[call->root], link, next, err);
}

bool bc_list(struct attempt *attempt, const char *path, bool primary,
             bool (*row)(void *state, const json *entity, struct err *err), void *state,
             struct err *err)
{
    return bc_list_at(attempt, BC_API, path, primary, row, state, err);
}

static bool list(struct attempt *attempt, struct bc_call question, int64_t *date_ms,
                 bool (*row)(void *state, const json *entity, struct err *err), void *state,
                 struct err *err)
{
    OWN_TEXT char *at = mem_text(question.path);
    for (int page = 0; at; page++) {
        OWN_TEXT char *next = NULL;
        struct bc_call call = question;
        call.path = at;
        bool ok = list_page(attempt, &call, &next, row, state, err);
        if (ok && page == 0 && date_ms)
            *date_ms = call.date_ms;
        bc_call_drop(&call);
        if (!ok)
            return false;
        /* A server that answers the same page for ever must not keep us for ever. */
        if (next && (strcmp(next, at) == 0 || page >= LIST_PAGES))
            return err_set(err, ERR_FATAL, 0, "%.100s: the next page is this page", question.path);
        free(at);
        at = GIVE(next);
    }
    return true;
}

bool bc_list_at(struct attempt *attempt, enum bc_root root, const char *path, bool primary,
                bool (*row)(void *state, const json *entity, struct err *err), void *state,
                struct err *err)
{
    struct bc_call question = {
        .method = "GET", .root = root, .path = path, .primary = primary, .page_size = LIST_PAGE};
    return list(attempt, question, NULL, row, state, err);
}

bool bc_list_pages(struct attempt *attempt, enum bc_root root, const char *path, int page,
                   bool primary, bool (*row)(void *state, const json *entity, struct err *err),
                   void *state, int64_t *date_ms, struct err *err)
{
    struct bc_call question = {
        .method = "GET", .root = root, .path = path, .primary = primary, .page_size = page};
    return list(attempt, question, date_ms, row, state, err);
}

bool bc_has(const struct bc *bc, const char *entity, const char *property)
{
    return metadata_has(bc->metadata, entity, property);
}

const char *bc_company_name(const struct bc *bc)
{
    return bc->company_name;
}

/* bc.c - the Business Central of an attempt: where it is, who we are there, its addresses. */
#include "bc/bc.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "bc/room.h"

enum { LIST_PAGE = 500, LIST_PAGES = 100000 };

static void bc_free(void *what)
{
    struct bc *bc = what;
    if (!bc)
        return;
    credential_drop(&bc->credential);
    secret_free(bc->token);
    secret_free(bc->auth_header);
    free(bc->origin);
    free(bc->root);
    free(bc->tenant);
    free(bc->below);
    free(bc->grant_url);
    free(bc->token_name);
    free(bc->seats);
    free(bc->company_name);
    free(bc);
}

/* ---- addresses ---- */

void bc_encode(struct buf *out, const char *text)
{
    static const char PLAIN[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~'(),:$@";
    for (; *text; text++) {
        if (strchr(PLAIN, *text))
            buf_add(out, text, 1);
        else
            buf_printf(out, "%%%02X", (unsigned char)*text);
    }
}

void bc_filter_text(struct buf *filter, const char *field, const char *text)
{
    OWN_BUF struct buf plain = {0};
    buf_printf(&plain, "%s eq '", field);
    for (; *text; text++)
        buf_printf(&plain, *text == '\'' ? "''" : "%c", *text);
    buf_text(&plain, "'");
    bc_encode(filter, buf_str(&plain));
}

char *bc_url(const struct bc *bc, const char *path)
{
    bool below_root = path[0] == '/';
    const char *mark = strchr(path, '?') ? "&" : "?";
    return mem_printf("%s%s%s%s%s%s%s", bc->origin, bc->root, below_root ? "" : bc->below, path,
                      bc->tenant ? mark : "", bc->tenant ? "tenant=" : "",
                      bc->tenant ? bc->tenant : "");
}

bool bc_next_path(const char *root, const char *next_link, char **out, struct err *err)
{
    const char *host = strstr(next_link, "://");
    const char *path = host ? strchr(host + 3, '/') : next_link;
    size_t length = strlen(root);
    if (!path || strncasecmp(path, root, length) != 0 || path[length] != '/')
        return err_set(err, ERR_FATAL, 0,
                       "the next page lies outside of %s; is the server's public address right?",
                       root);
    *out = mem_text(path + length);
    return true;
}

static char *encoded(const char *text)
{
    OWN_BUF struct buf out = {0};
    bc_encode(&out, text);
    return mem_text(buf_str(&out));
}

static void set_addresses(struct bc *bc, const struct company *company)
{
    size_t length = strlen(company->bc_base);
    while (length > 0 && company->bc_base[length - 1] == '/')
        length--;
    bc->origin = mem_text_n(company->bc_base, length);
    OWN_TEXT char *tenant = encoded(company->bc_tenant);
    if (*company->bc_instance) {
        OWN_TEXT char *instance = encoded(company->bc_instance);
        bc->root = mem_printf("/%s/api/v2.0", instance);
        bc->tenant = *tenant ? GIVE(tenant) : NULL;
    } else {
        OWN_TEXT char *environment = encoded(company->bc_environment);
        bc->root = mem_printf("/v2.0/%s/%s/api/v2.0", tenant, environment);
    }
    bc->below = mem_printf("/companies(%s)/", company->bc_company);
}

/* ---- opening ---- */

static bool check_settings(const struct company *company, struct err *err)
{
    unsigned char id[16];
    if (!*company->bc_base)
        return err_set(err, ERR_FATAL, 0, "no address of Business Central is set");
    if (!uuid_parse(company->bc_company, id))
        return err_set(err, ERR_FATAL, 0, "company id \"%s\" is no GUID", company->bc_company);
    if (!*company->bc_instance && (!*company->bc_tenant || !*company->bc_environment))
        return err_set(err, ERR_FATAL, 0, "set tenant and environment, or the server instance");
    return true;
}

bool bc_of(struct attempt *attempt, struct bc **out, struct err *err)
{
    const struct company *company = attempt->company;
    if (attempt->bc) {
        *out = attempt->bc;
        return true;
    }
    if (!check_settings(company, err))
        return err_wrap(err, "company %s", company->name);
    struct bc *bc = mem_new(sizeof *bc);
    bc->attempt = attempt;
    set_addresses(bc, company);
    if (!credential_load(attempt->ledger, company->bc_credential, "bc", &bc->credential, err)) {
        bc_free(bc);
        return err_wrap(err, "company %s", company->name);
    }
    const char *tenant = *bc->credential.tenant ? bc->credential.tenant : company->bc_tenant;
    OWN_TEXT char *tenant_path = encoded(tenant);
    bc->grant_url = mem_printf("%s/%s/oauth2/v2.0/token", company->bc_login, tenant_path);
    bc->token_name = mem_printf("bc/%s/%s", tenant, bc->credential.id);
    bc->seats = mem_printf("%s/%s/%s", bc->origin, tenant, bc->credential.id);
    if (!bc_token(bc, false, err) || !bc_discover(bc, company->bc_company, err)) {
        bc_free(bc);
        return err_wrap(err, "company %s", company->name);
    }
    attempt->bc = bc;
    attempt_leave(attempt, bc_free, bc);
    *out = bc;
    return true;
}

static void set_basic(struct bc *bc)
{
    OWN_SECRET char *pair = mem_printf("%s:%s", bc->credential.id, bc->credential.secret);
    size_t size = strlen(pair);
    size_t most = sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL);
    OWN_SECRET char *text = mem_new(most);
    sodium_bin2base64(text, most, (unsigned char *)pair, size, sodium_base64_VARIANT_ORIGINAL);
    bc->auth_header = mem_printf("Authorization: Basic %s", text);
}

bool bc_token(struct bc *bc, bool refused, struct err *err)
{
    OWN_SECRET char *old = NULL;
    if (bc->auth_header && !refused)
        return true;
    if (credential_is(&bc->credential, "bc-basic")) {
        if (refused)
            return err_set(err, ERR_FATAL, 401,
                           "user or access key is refused; replace credential %s",
                           bc->credential.name);
        set_basic(bc);
        return true;
    }
    struct grant grant = {
        .token = bc->token_name,
        .url = bc->grant_url,
        .scope = "https://api.businesscentral.dynamics.com/.default",
        .label = "bc oauth",
        .credential = &bc->credential,
    };
    old = GIVE(bc->token);
    if (!grant_token(bc->attempt, &grant, refused ? old : NULL, &bc->token, err))
        return false;
    secret_free(bc->auth_header);
    bc->auth_header = mem_printf("Authorization: Bearer %s", bc->token);
    return true;
}

/* ---- asking ---- */

bool bc_call_all(struct attempt *attempt, struct bc_call *calls, size_t count, struct err *err)
{
    struct bc *bc;
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

void bc_call_drop(struct bc_call *call)
{
    json_free(call->body);
    json_free(call->answer);
    call->body = call->answer = NULL;
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
    return !*link || bc_next_path(attempt->bc->root, link, next, err);
}

bool bc_list(struct attempt *attempt, const char *path, bool primary,
             bool (*row)(void *state, const json *entity, struct err *err), void *state,
             struct err *err)
{
    OWN_TEXT char *at = mem_text(path);
    for (int page = 0; at; page++) {
        OWN_TEXT char *next = NULL;
        struct bc_call call = {
            .method = "GET", .path = at, .primary = primary, .page_size = LIST_PAGE};
        bool ok = list_page(attempt, &call, &next, row, state, err);
        bc_call_drop(&call);
        if (!ok)
            return false;
        /* A server that answers the same page for ever must not keep us for ever. */
        if (next && (strcmp(next, at) == 0 || page >= LIST_PAGES))
            return err_set(err, ERR_FATAL, 0, "%.100s: the next page is this page", path);
        free(at);
        at = GIVE(next);
    }
    return true;
}

bool bc_has(const struct bc *bc, const char *entity, const char *property)
{
    return metadata_has(bc->metadata, entity, property);
}

const char *bc_company_name(const struct bc *bc)
{
    return bc->company_name;
}

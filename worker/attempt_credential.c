/* attempt_credential.c - resolving a stored credential, and asking for tokens. */
#include "attempt_credential.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "ledger/commands.h"

enum { GRANT_TIMEOUT_MS = 15000, GRANT_PATIENCE_MS = 45000, GRANT_TRIES = 3, GRANT_PAUSE_MS = 500 };

struct kind {
    const char *name, *family;
    const char *id, *secret; /* fields of the stored JSON; id NULL = none */
};
static const struct kind KINDS[] = {
    {"shopify-client-credentials", "shopify", "client_id", "client_secret"},
    {"shopify-token",              "shopify", NULL,        "token"        },
    {"bc-oauth",                   "bc",      "client_id", "client_secret"},
    {"bc-basic",                   "bc",      "user",      "key"          },
};

bool credential_is(const struct credential *credential, const char *kind)
{
    return strcmp(credential->kind, kind) == 0;
}

void credential_drop(struct credential *credential)
{
    free(credential->name);
    free(credential->kind);
    free(credential->id);
    free(credential->tenant);
    secret_free(credential->secret);
    memset(credential, 0, sizeof *credential);
}

static bool resolve(const json *stored, const char *field, char **out, struct err *err)
{
    static const char *const WAYS[] = {"env", "file", "sealed"};
    const json *reference = json_get(stored, field);
    for (size_t i = 0; i < COUNT(WAYS); i++)
        if (*json_text(reference, WAYS[i]))
            return secret_resolve(WAYS[i], json_text(reference, WAYS[i]), out, err) ||
                   err_wrap(err, "%s", field);
    return err_set(err, ERR_FATAL, 0,
                   "%s: want {\"env\": ...}, {\"file\": ...} or {\"sealed\": ...}", field);
}

bool credential_read(const json *stored, const char *name, const char *family,
                     struct credential *out, struct err *err)
{
    const char *kind = json_text(stored, "kind");
    const struct kind *row = NULL;
    for (size_t i = 0; i < COUNT(KINDS); i++)
        if (strcmp(kind, KINDS[i].name) == 0 && strcmp(family, KINDS[i].family) == 0)
            row = &KINDS[i];
    if (!row)
        return err_set(err, ERR_FATAL, 0, "credential %s is of kind \"%s\", which is none for %s",
                       name, kind, strcmp(family, "bc") == 0 ? "Business Central" : "Shopify");
    if (row->id && !*json_text(stored, row->id))
        return err_set(err, ERR_FATAL, 0, "credential %s has no %s", name, row->id);
    struct credential made = {0};
    if (!resolve(stored, row->secret, &made.secret, err))
        return err_wrap(err, "credential %s", name);
    made.name = mem_text(name);
    made.kind = mem_text(kind);
    made.id = mem_text(row->id ? json_text(stored, row->id) : "");
    made.tenant = mem_text(json_text(stored, "tenant"));
    *out = made;
    return true;
}

bool credential_load(struct ledger *ledger, const char *name, const char *family,
                     struct credential *out, struct err *err)
{
    OWN_JSON json *stored = NULL;
    if (!name || !*name)
        return err_set(err, ERR_FATAL, 0, "no credential is set; name one in the settings");
    if (!ledger_credential_get(ledger, name, &stored, err))
        return err_wrap(err, "read credential %s", name);
    if (!stored)
        return err_set(err, ERR_FATAL, 0, "there is no credential %s; add it with `cartage apply`",
                       name);
    return credential_read(stored, name, family, out, err);
}

/* ---- the grant ---- */

static void add_field(struct buf *form, const char *name, const char *value)
{
    buf_printf(form, "%s%s=", form->size ? "&" : "", name);
    buf_escape(form, value);
}

bool grant_read(const struct http_call *call, const char *label, char **token, int64_t *life_ms,
                struct err *err)
{
    OWN_JSON json *answer = NULL;
    struct err ignored;
    bool parsed = json_parse(buf_str(&call->answer), call->answer.size, &answer, &ignored);
    const char *value = json_text(answer, "access_token");

    if (call->status == 200 && *value) {
        *life_ms = json_int(answer, "expires_in", 3600) * 1000;
        *token = mem_text(value);
        return true;
    }
    if (call->status == 429 || call->status >= 500)
        return err_set(err, ERR_RETRY, call->status, "%s: no token now, status %d", label,
                       call->status);
    const char *error = json_text(answer, "error");
    const char *text = json_text(answer, "error_description");
    err_set(err, ERR_FATAL, call->status,
            "%s: the credential is refused: %s%s%.200s, status %d; check its id and its secret",
            label,
            *error   ? error
            : parsed ? "the answer says no more"
                     : "the answer is no JSON",
            *text ? ", " : "", text, call->status);
    snprintf(err->peer_code, sizeof err->peer_code, "%s", error);
    return false;
}

static bool ask_once(struct attempt *attempt, const struct grant *grant, const struct buf *form,
                     char **token, int64_t *life_ms, struct err *err)
{
    static const char *const HEADERS[] = {"Content-Type: application/x-www-form-urlencoded",
                                          "Accept: application/json", NULL};
    struct http_call call = {
        .method = "POST",
        .url = grant->url,
        .connect_to = grant->connect_to,
        .headers = HEADERS,
        .body = buf_str(form),
        .body_size = form->size,
        .timeout_ms = GRANT_TIMEOUT_MS,
        .max_answer = 64 << 10,
        .label = grant->label,
    };
    bool ok = attempt_exchange(attempt, &call, err);
    if (ok && call.err.kind != ERR_NONE) { /* asking twice for a token harms nobody */
        *err = call.err;
        err->kind = ERR_RETRY;
        ok = false;
    } else if (ok) {
        ok = grant_read(&call, grant->label, token, life_ms, err);
    }
    http_call_drop(&call);
    return ok;
}

static bool ask_peer(struct attempt *attempt, const struct grant *grant, char **token,
                     int64_t *life_ms, struct err *err)
{
    OWN_BUF struct buf form = {0};
    add_field(&form, "grant_type", "client_credentials");
    add_field(&form, "client_id", grant->credential->id);
    add_field(&form, "client_secret", grant->credential->secret);
    if (grant->scope)
        add_field(&form, "scope", grant->scope);

    bool ok = false;
    for (int i = 1; !(ok = ask_once(attempt, grant, &form, token, life_ms, err)) &&
                    err->kind == ERR_RETRY && i < GRANT_TRIES;
         i++)
        if (!attempt_wait_ms(attempt, GRANT_PAUSE_MS << i, err))
            break;
    explicit_bzero(form.data, form.size);
    return ok;
}

static bool refresh(struct attempt *attempt, const struct grant *grant,
                    const struct token_name *name, const struct token *token, char **out,
                    struct err *err)
{
    int64_t life_ms = 0;
    struct err ignored;
    OWN_SECRET char *fresh = NULL;

    if (!ask_peer(attempt, grant, &fresh, &life_ms, err)) {
        if (!limiter_token_abandon(attempt->limiter, name, token, &ignored))
            log_warn("token.abandon", TEXT("why", ignored.text));
        if (!token->value || err->kind == ERR_CANCELLED)
            return false;
        log_warn("token.refresh", TEXT("why", err->text)); /* the old one is still good */
        *out = mem_text(token->value);
        return true;
    }
    if (!limiter_token_put(attempt->limiter, name, token, fresh,
                           limiter_real_ms(attempt->limiter, life_ms), &ignored))
        log_warn("token.put", TEXT("why", ignored.text)); /* good for us, the next one asks again */
    log_info("token.refreshed", TEXT("token", name->name), NUM("life_ms", life_ms));
    *out = GIVE(fresh);
    return true;
}

bool grant_token(struct attempt *attempt, const struct grant *grant, const char *refused,
                 char **out, struct err *err)
{
    struct token_name name = {grant->token, grant->credential->secret};
    struct patience patience = {0};
    int64_t until = clock_mono_ms(attempt->clock) + GRANT_PATIENCE_MS;

    for (;;) {
        struct token token = {0};
        int64_t wait_ms = ATTEMPT_PAUSE_MS;
        if (limiter_token_get(attempt->limiter, &name, refused, &token, err)) {
            bool ok = true;
            if (token.fence[0])
                ok = refresh(attempt, grant, &name, &token, out, err);
            else if (token.refused)
                ok = err_set(err, ERR_FATAL, 401,
                             "%s: the token is refused, and so was the one before it a moment ago; "
                             "check the app's installation and access",
                             grant->label);
            else if (token.value)
                *out = GIVE(token.value);
            wait_ms = token.wait_ms;
            token_drop(&token);
            if (wait_ms == 0)
                return ok;
        } else if (!attempt_patient(attempt, &patience, err)) {
            return err_wrap(err, "fetch the token of %s", grant->label);
        }
        if (clock_mono_ms(attempt->clock) >= until)
            return err_set(err, ERR_RETRY, 0,
                           "%s: another worker asks for a token and does not end", grant->label);
        if (!attempt_wait_ms(attempt, wait_ms, err))
            return false;
    }
}

/* attempt_finding.c - findings that both peers have. */
#include "attempt_finding.h"

bool finding_failed(json *facts, const char *step, const struct err *why, struct err *err)
{
    json_set_text(facts, "step", step);
    json_set_text(facts, "error", why->text);
    json_set_int(facts, "error_code", why->code);
    if (why->kind != ERR_CANCELLED && why->kind != ERR_THROTTLED)
        return true;
    *err = *why;
    return false;
}

bool finding_reach(struct attempt *attempt, struct http_call *call, json *facts, struct err *err)
{
    if (!attempt_exchange(attempt, call, err))
        return false;
    if (call->err.kind == ERR_NONE) {
        json_set_int(facts, "status", call->status);
        json_set_int(facts, "date_ms", http_date_ms(call));
        json_set_int(facts, "our_ms", clock_now_ms(attempt->clock));
    }
    return true;
}

void finding_token(struct attempt *attempt, const struct credential *credential,
                   const char *token_name, const char *lasting, json *facts)
{
    struct token_name name = {token_name, credential->secret};
    struct token token = {0};
    struct err ignored;
    json_set_text(facts, "credential", credential->name);
    json_set_text(facts, "credential_kind", credential->kind);
    if (credential_is(credential, lasting) ||
        !limiter_token_get(attempt->limiter, &name, NULL, &token, &ignored))
        return;
    if (token.fence[0] && !limiter_token_abandon(attempt->limiter, &name, &token, &ignored))
        token.left_ms = 0; /* the lock ends by itself */
    if (token.left_ms > 0)
        json_set_int(facts, "token_left_ms", token.left_ms);
    token_drop(&token);
}

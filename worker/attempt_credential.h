/* attempt_credential.h - who we are at a peer: a credential with its secrets resolved, and the
 * access token it mints, shared by the fleet.
 *
 * Kinds (the "kind" of the stored JSON, secrets as {"env"|"file"|"sealed": text}):
 *   shopify-client-credentials  client_id, client_secret
 *   shopify-token               token
 *   bc-oauth                    tenant (optional), client_id, client_secret
 *   bc-basic                    user, key
 */
#ifndef CARTAGE_ATTEMPT_CREDENTIAL_H
#define CARTAGE_ATTEMPT_CREDENTIAL_H

#include "attempt.h"
#include "limiter/limiter.h"

struct credential {
    char *name, *kind;
    char *id;     /* client_id or user; "" for shopify-token */
    char *tenant; /* "" = none */
    char *secret; /* client_secret, token or key */
};
/* family "shopify" or "bc": another kind of credential is an error that says so. */
MUST_USE bool credential_load(struct ledger *ledger, const char *name, const char *family,
                              struct credential *out, struct err *err);
MUST_USE bool credential_read(const json *stored, const char *name, const char *family,
                              struct credential *out, struct err *err); /* the part without Redis */
void credential_drop(struct credential *credential);                    /* wipes */
bool credential_is(const struct credential *credential, const char *kind);

/* An OAuth client-credentials grant; texts borrowed. */
struct grant {
    const char *token; /* the token's name in the limiter */
    const char *url, *connect_to;
    const char *scope; /* NULL = none */
    const char *label; /* "shopify oauth" */
    const struct credential *credential;
};
/* A token that is good now; `refused` = the one the peer answered 401 to, NULL = none. *out by
 * secret_free. One process of the fleet asks, the others wait for its answer. ERR_FATAL when the
 * peer refuses the credential or has refused a token that was fetched less than a minute ago. */
MUST_USE bool grant_token(struct attempt *attempt, const struct grant *grant, const char *refused,
                          char **out, struct err *err);
/* What a token endpoint's answer means; pure. */
MUST_USE bool grant_read(const struct http_call *call, const char *label, char **token,
                         int64_t *life_ms, struct err *err);

#endif

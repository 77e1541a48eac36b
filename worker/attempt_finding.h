/* attempt_finding.h - what a look at the way to a peer has found, step by step
 * (schemas/staging/probe.md).
 */
#ifndef CARTAGE_ATTEMPT_FINDING_H
#define CARTAGE_ATTEMPT_FINDING_H

#include "attempt_credential.h"

/* The step that failed, and why. False = that ends the attempt instead of telling something about
 * the peer. */
MUST_USE bool finding_failed(json *facts, const char *step, const struct err *why, struct err *err);
/* One exchange: what it answered with, and what the peer's clock shows. */
MUST_USE bool finding_reach(struct attempt *attempt, struct http_call *call, json *facts,
                            struct err *err);
/* The credential by its name, and how long its token still lives. `lasting` = the kind whose tokens
 * do not end. What another process refreshes meanwhile is left alone. */
void finding_token(struct attempt *attempt, const struct credential *credential,
                   const char *token_name, const char *lasting, json *facts);

#endif

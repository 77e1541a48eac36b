/* tokens.h - the tokens that people and programs made for the HTTP API, by name.
 *
 * A record is a JSON text of its caller's; it holds a hash of the token, never the token. All of an
 * environment are one hash, `ct:<env>:tokens`: a name, and beside it `<name>:used`.
 */
#ifndef CARTAGE_LEDGER_TOKENS_H
#define CARTAGE_LEDGER_TOKENS_H

#include "ledger/ledger.h"

/* *added = false: the name is taken, nothing changed. */
MUST_USE bool ledger_token_add(struct ledger *ledger, const char *name, const char *json_text,
                               bool *added, struct err *err);
/* NULL tree = none of this name; *used_ms = when it was last used, 0 = never. */
MUST_USE bool ledger_token_get(struct ledger *ledger, const char *name, json **out,
                               int64_t *used_ms, struct err *err);
MUST_USE bool ledger_token_used(struct ledger *ledger, const char *name, int64_t now_ms,
                                struct err *err);
MUST_USE bool ledger_token_remove(struct ledger *ledger, const char *name, bool *removed,
                                  struct err *err);
/* {name: record with "used_ms" where it was used} */
MUST_USE bool ledger_tokens(struct ledger *ledger, json **out, struct err *err);

#endif

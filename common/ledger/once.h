/* once.h - answers kept under the key of their request, for the API's Idempotency-Key. */
#ifndef CARTAGE_LEDGER_ONCE_H
#define CARTAGE_LEDGER_ONCE_H

#include "ledger/ledger.h"

enum { ONCE_KEPT_S = 86400, ONCE_PENDING_S = 120 };

/* *first: nobody has this key, and `mark` stands for the request now. Otherwise *kept is what
 * stands: a mark, or an answer; an empty object when it ended just now. */
MUST_USE bool ledger_once_take(struct ledger *ledger, const char *key, const char *mark,
                               bool *first, json **kept, struct err *err);
/* The answer, for a day; NULL frees the key. */
MUST_USE bool ledger_once_keep(struct ledger *ledger, const char *key, const char *answer,
                               struct err *err);

#endif

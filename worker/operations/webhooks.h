/* webhooks.h - what peers tell us by themselves: compared with what they should, and mended. */
#ifndef CARTAGE_OPERATIONS_WEBHOOKS_H
#define CARTAGE_OPERATIONS_WEBHOOKS_H

#include "attempt.h"

/* Into `facts` (schemas/staging/probe.md): step and topics. `mend` = what is missing is registered,
 * what is wrong deleted. The company has a public address. */
MUST_USE bool webhooks_look_bc(struct attempt *attempt, bool mend, json *facts, struct err *err);
/* Where they come in, without the key; `shop` "" = Business Central's. */
void webhooks_base(const struct attempt *attempt, const char *shop, struct buf *out);
MUST_USE bool webhooks_look_shopify(struct attempt *attempt, bool mend, json *facts,
                                    struct err *err);

#endif

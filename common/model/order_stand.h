/* order_stand.h - where an order stands, and the one thing it waits for. Pure.
 *
 * What comes first is what a person has to deal with first: an order that Shopify has changed is
 * not posted, one that is not staged has no document.
 */
#ifndef CARTAGE_ORDER_STAND_H
#define CARTAGE_ORDER_STAND_H

#include <stdbool.h>

#include "base/buf.h"

struct order_stand {
    const char *name, *shop; /* shop "" = nobody has claimed it */
    const char *state;       /* of schemas/staging/order.md; "" = not staged */
    const char *reason;      /* code of docs/skips.md, "" = none */
    const char *detail;      /* what exactly; of an order not staged, why it could not be */
    const char *waits;       /* "customer:1 product:2" */
    const char *update;      /* how Shopify has changed it since its document, "" = not */
    const char *difference;  /* of the totals, where nobody can explain it */
    const char *document;    /* number */
    bool posted;             /* nothing of the document is left to post */
    const char *shipment;    /* number of one that Shopify was not told of, "" = none */
    const char *shipment_why;
    bool shipment_failed; /* a person must have it tried again */
};

/* A sentence, and the command or deed that cures it; both stay empty where nothing is waited for.
 */
void order_waits_for(const struct order_stand *stand, struct buf *text, struct buf *cure);

#endif

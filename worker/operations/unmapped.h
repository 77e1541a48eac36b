/* unmapped.h - records of Shopify without a partner in Business Central, and those that have found
 * one: commands for the lists that people look at. Of this room only.
 */
#ifndef CARTAGE_OPERATIONS_UNMAPPED_H
#define CARTAGE_OPERATIONS_UNMAPPED_H

#include "ledger/write.h"

struct unmapped {
    const char *kind, *id; /* "customer", "product" */
    const char *order;     /* that waits for it; "" = none */
    const char *shops, *name, *sku, *email, *phone;
    const char *code, *text; /* why: a word of schemas/staging/mapping.md; a sentence */
};
void unmapped_write(struct write *write, const char *shop, const struct unmapped *unmapped);
/* `shops`: those that its record has named so far; `erp_id` "" unless a person has mapped it. */
void mapped_write(struct write *write, const char *shop, const char *kind, const char *id,
                  const char *shops, const char *name, const char *sku, const char *erp_id,
                  const char *number);

#endif

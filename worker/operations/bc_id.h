/* bc_id.h - the store's definition of metafield cartage.bc_id, by which a record of Business
 * Central is found at Shopify.
 */
#ifndef CARTAGE_BC_ID_H
#define CARTAGE_BC_ID_H

#include "attempt.h"
#include "store/staging.h"

/* Once a store: field `defined` of the staged hash `mark` remembers which one has it. `owner` is
 * Shopify's kind of record, PRODUCT. ERR_UNCERTAIN = it may be defined; asking again harms nobody.
 */
MUST_USE bool bc_id_define(struct attempt *attempt, struct write *write, const char *company,
                           const char *mark, const char *owner, const char *name, struct err *err);

#endif

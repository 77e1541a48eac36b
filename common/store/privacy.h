/* privacy.h - what is kept of a customer of Shopify's: all of it as one file, or gone.
 *
 * Asked for by Shopify's privacy webhooks and by `cartage forget`. Staged records, lists, skips and
 * the indexes that a person is found by go at once; an hour later once more, in case a run had read
 * them before and written them since. What is left of an order is what it was worth: names,
 * addresses, notes and attributes are blank, now and in whatever Shopify says of it later. A mark
 * of its number alone stays, so that the customer is not staged, linked or added again. The books
 * of Business Central are left alone.
 */
#ifndef CARTAGE_STORE_PRIVACY_H
#define CARTAGE_STORE_PRIVACY_H

#include "store/store.h"

/* What Shopify sends on "customers/redact", "shop/redact" or "customers/data_request" to the card
 * `shop` of the company: done when it answers true. A shop is erased by privacy_round. ERR_FATAL
 * 400 = the body names nobody. */
bool privacy_topic(const char *topic); /* is it one of these? */
MUST_USE bool privacy_webhook(struct ledger *ledger, const char *company, const char *shop,
                              const char *topic, const json *body, struct err *err);

/* The customer with this number at Shopify; `orders` are numbers of more orders of his, [1001, ...]
 * or NULL. *erased = how many orders are blank now. */
MUST_USE bool privacy_forget(struct ledger *ledger, const char *company, const char *customer,
                             const json *orders, size_t *erased, struct err *err);
/* All that is kept of him: {"customer","links":[],"skips":[],"orders":[]}. */
MUST_USE bool privacy_gather(struct ledger *ledger, const char *company, const char *customer,
                             const json *orders, json **out, struct err *err);

/* Files that data requests have produced, for PRIVACY_FILE_DAYS: [{"id","customer","at_ms"}], the
 * newest first; one of them, ERR_FATAL 404 = there is none. */
enum { PRIVACY_FILE_DAYS = 60 };
MUST_USE bool privacy_files(struct ledger *ledger, const char *company, json **out,
                            struct err *err);
MUST_USE bool privacy_file(struct ledger *ledger, const char *company, const char *id, json **out,
                           struct err *err);

/* Producers call it now and then: erases what is due. */
MUST_USE bool privacy_round(struct ledger *ledger, const char *company, struct err *err);

/* When each of these customers, or who they are in Business Central, was erased, 0 = was not; at
 * most STORE_PAGE, "" = nobody. */
MUST_USE bool privacy_erased(struct ledger *ledger, const char *company, const char *const ids[],
                             size_t count, int64_t out_ms[], struct err *err);
/* Takes from Shopify's answer about an order what is personal; the order says that it is erased. */
void privacy_blank(json *order);
bool privacy_is_blank(const json *order);

#endif

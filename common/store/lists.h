/* lists.h - lists of what needs a person: how long they are, and a page of one (schemas/staging).
 *
 * A list is a sorted set of the company's staged data: its members are records, its scores times.
 * Each call is one round trip, whatever the list's length. Blocks: as long as one Redis call.
 */
#ifndef CARTAGE_STORE_LISTS_H
#define CARTAGE_STORE_LISTS_H

#include "store/store.h"

enum { LIST_ID = 128 };
struct list_place { /* of a record in a list */
    char id[LIST_ID];
    int64_t at_ms;
};
struct list_page {
    struct list_place places[STORE_PAGE];
    size_t count;
};

/* Their lengths, 0 = there is none; at most STORE_PAGE lists. */
MUST_USE bool list_counts(struct ledger *ledger, const char *company, const char *const keys[],
                          size_t count, int64_t *out, struct err *err);
/* The newest `most` behind a place; NULL = from the beginning. */
MUST_USE bool list_read(struct ledger *ledger, const char *company, const char *key,
                        const struct list_place *after, size_t most, struct list_page *out,
                        struct err *err);
/* Which of these records stand in the list, and where. */
MUST_USE bool list_places(struct ledger *ledger, const char *company, const char *key,
                          const struct store_ids *ids, struct list_page *out, struct err *err);

/* Orders that wait for each of these records: {"count", "orders": [{"id", "name"}], at
 * most `most`}, in its order.
 */
MUST_USE bool list_waiting(struct ledger *ledger, const char *company, enum mapping kind,
                           const struct store_ids *ids, size_t most, json **out, struct err *err);

/* ---- search: ids of records that people may mean by a text, at most STORE_PAGE ---- */

/* Orders by number, e-mail address or document; the first `most` behind a place (NULL = from the
 * beginning). Unless it is NULL, *next is where the page behind begins; id "" = there is none. */
MUST_USE bool list_find_orders(struct ledger *ledger, const char *company, const char *text,
                               const struct list_place *after, size_t most, struct store_ids *out,
                               struct list_place *next, struct err *err);
/* Skips of refunds, shipments and documents, by the number people know them by. */
MUST_USE bool list_find_skips(struct ledger *ledger, const char *company, const char *text,
                              struct store_ids *out, struct err *err);
/* Documents that were posted, or not: by their order, their number, that of an invoice or shipment.
 */
MUST_USE bool list_find_postings(struct ledger *ledger, const char *company, const char *text,
                                 struct store_ids *out, struct err *err);
/* Records without a partner that have each of the text's words, or words that begin so; by an
 * e-mail address, too. Of a word that hundreds have only some are found: another word narrows it.
 */
MUST_USE bool list_find_unmapped(struct ledger *ledger, const char *company, enum mapping kind,
                                 const char *shop, const char *text, struct store_ids *out,
                                 struct err *err);
/* Those that have any of these words whole, as find_words and its like write them, a blank
 * between. */
MUST_USE bool list_unmapped_having(struct ledger *ledger, const char *company, enum mapping kind,
                                   const char *shop, const char *words, struct store_ids *out,
                                   struct err *err);

#endif

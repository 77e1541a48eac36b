/* store.h - what is staged of a company: keys, reads, and the mapping that people do.
 *
 * Keys stand below `s:<company>:` of the company's bucket (schemas/staging). Workers write through
 * attempt_write (staging.h builds the commands); people map through one script of their own,
 * because they hold no task. Blocks: as long as one Redis call. Lists are read in pages of at most
 * STORE_PAGE keys.
 */
#ifndef CARTAGE_STORE_H
#define CARTAGE_STORE_H

#include "ledger/ledger.h"
#include "wire/json.h"

enum { STORE_PAGE = 250, STORE_FIELDS = 20 };

/* ---- single reads ---- */

/* Fields of many hashes in one round trip. */
struct store_rows;
MUST_USE bool store_read(struct ledger *ledger, const char *company, const char *const keys[],
                         size_t count, const char *const fields[], size_t field_count,
                         struct store_rows **out, struct err *err);
void store_rows_free(struct store_rows *rows);
OWNABLE(store_rows)
const char *store_text(const struct store_rows *rows, size_t row, size_t field); /* "" = absent */
int64_t store_int(const struct store_rows *rows, size_t row, size_t field);
bool store_bytes(const struct store_rows *rows, size_t row, size_t field, const char **bytes,
                 size_t *size); /* false = absent */

/* Members of a sorted set, lowest score first, with scores up to `most_score`; of a set. */
struct store_ids {
    char **items;
    size_t count;
};
void store_ids_drop(struct store_ids *ids);
/* Where it does not stand yet, and there is room: `items` is the caller's array of `most`. */
void store_ids_add(struct store_ids *ids, const char *id, size_t most);
void store_ids_sort(struct store_ids *ids);                      /* by text, to be searched */
void store_ids_each_once(struct store_ids *ids);                 /* sorted, too; none empty */
bool store_ids_has(const struct store_ids *ids, const char *id); /* they are sorted */
#define OWN_IDS __attribute__((cleanup(store_ids_drop)))
MUST_USE bool store_zset(struct ledger *ledger, const char *company, const char *key,
                         int64_t most_score, size_t most, struct store_ids *out, struct err *err);
MUST_USE bool store_zset_between(struct ledger *ledger, const char *company, const char *key,
                                 int64_t least, int64_t most_score, size_t most,
                                 struct store_ids *out, struct err *err);
MUST_USE bool store_set(struct ledger *ledger, const char *company, const char *key,
                        struct store_ids *out, struct err *err);
/* Fields of the hashes `<prefix><id>`, one row an id; at most STORE_PAGE. */
MUST_USE bool store_read_ids(struct ledger *ledger, const char *company, const char *prefix,
                             const struct store_ids *ids, const char *const fields[],
                             size_t field_count, struct store_rows **out, struct err *err);
/* Plain texts of many keys: which shop has claimed an order. Absent = "". */
MUST_USE bool store_values(struct ledger *ledger, const char *company, const char *const keys[],
                           size_t count, struct store_ids *out, struct err *err);

/* ---- for people: lists of one shop ---- */

/* A company of Shopify's (B2B) is mapped to a customer. The hash `company:<Shopify's number>` says
 * which, by the fields erp_id and number. Who has neither stands in the lists of the unmapped
 * (schemas/staging/mapping.md, schemas/staging/company.md). */
enum mapping { MAPPING_CUSTOMER, MAPPING_PRODUCT, MAPPING_COMPANY };
MUST_USE bool mapping_parse(const char *word, enum mapping *out); /* "customer", "products" */
const char *mapping_word(enum mapping mapping);
const char *mapping_words(enum mapping mapping); /* of several; in keys of lists */

/* Lists come in pages: the newest `most` behind `after` (NULL = from the beginning); *next, unless
 * it is NULL, is the place of the last one, id "" = nothing stands behind it. */
struct list_place; /* lists.h */

/* [{"id","shop","name","reason","blocks":["#1004"],"blocked","cure","suggestions"}], at most
 * STORE_PAGE; "blocked" counts the orders that wait for it, "blocks" names some. */
MUST_USE bool store_unmapped(struct ledger *ledger, const char *company, const char *shop,
                             enum mapping kind, const struct list_place *after, size_t most,
                             json **out, struct list_place *next, struct err *err);
/* Who the record might be, as its field `suggested` says (schemas/staging/mapping.md); [] = nobody.
 */
json *suggestions_of(const char *text);
/* [{"shop","record","id","reason","detail","text","cure","class","count","first_ms","last_ms"}] */
MUST_USE bool store_skips(struct ledger *ledger, const char *company, const char *shop,
                          const struct list_place *after, size_t most, json **out,
                          struct list_place *next, struct err *err);
/* A person has dealt with this record: it stays in the list and leaves the cue, until the order
 * changes. *changed false = it was in no cue. */
MUST_USE bool store_skip_done(struct ledger *ledger, const char *company, const char *id,
                              bool *changed, struct err *err);

/* Settles an order that stands among the updates: its document has been put right, so what the
 * order is now is what the document knows; later changes are compared with that. Of one that
 * stands only among the differences: its total is left as it is. *changed false = it stood in
 * neither. ERR_FATAL 404 = no such order. */
MUST_USE bool store_update_resolve(struct ledger *ledger, const char *company, const char *id,
                                   bool *changed, struct err *err);
/* Takes a processed order's document from it: the next orders.process looks for one in Business
 * Central, and makes it where none is found. Documents there stay as they are. */
MUST_USE bool store_order_unlink(struct ledger *ledger, const char *company, const char *id,
                                 bool *changed, struct err *err);

/* Posted shipments of one order, by number: [{"id","number","external","order","order_name",
 * "posted","marker","reason","detail","text","cure","warning","fulfillments"}]. Marker: "0" = to
 * do, "-1" = failed, "-2" = nothing to ship, else the latest fulfillment. */
MUST_USE bool store_shipments(struct ledger *ledger, const char *company, const char *order,
                              json **out, struct err *err);
/* By hand: a shipment that failed or had nothing to ship (marker -1, -2) is due again; by its
 * number or SystemId. ERR_FATAL 404 = the shop has no such shipment. */
MUST_USE bool store_shipment_retry(struct ledger *ledger, const char *company, const char *shop,
                                   const char *number, bool *changed, struct err *err);
/* By hand: there is nothing to tell Shopify of a shipment that failed or waits (marker -2).
 * ERR_FATAL 404 as above, 409 = a fulfillment of it may be on its way. */
MUST_USE bool store_shipment_done(struct ledger *ledger, const char *company, const char *shop,
                                  const char *number, bool *changed, struct err *err);

/* By hand: the record is this number in Business Central; the next orders.process finds its id
 * there, or says that there is none. Orders that waited for it are due at once. ERR_FATAL 404 = no
 * such record. */
MUST_USE bool store_map(struct ledger *ledger, const char *company, enum mapping kind,
                        const char *id, const char *number, bool *changed, struct err *err);
MUST_USE bool store_unmap(struct ledger *ledger, const char *company, enum mapping kind,
                          const char *id, bool *changed, struct err *err);

#endif

/* staging.h - commands that stage orders, skips and links; they go out with attempt_write.
 *
 * Fields and indexes are described in schemas/staging. An order stands in one of
 *   unprocessed:<shop> (score = when it is looked at next), processed:<shop> (score = placed at)
 * or, when cartage leaves it alone, in neither; skips:<shop> lists all that have a reason.
 */
#ifndef CARTAGE_STAGING_H
#define CARTAGE_STAGING_H

#include "base/arena.h"
#include "ledger/write.h"
#include "model/order.h"
#include "model/reasons.h"
#include "wire/json.h"

enum { STAGED_MAX_BYTES = 4 << 20, STAGED_DEFLATE_BYTES = 4 << 10, STAGED_PACKED_MAX = 200 << 10 };

/* The whole of a record: its JSON text, deflated above STAGED_DEFLATE_BYTES. False = larger than
 * may be staged. */
MUST_USE bool staged_pack(const char *text, size_t size, struct buf *out);
MUST_USE bool staged_unpack(const char *bytes, size_t size, struct buf *text, struct err *err);

/* One order's JSON as Shopify answers it (schemas/shopify/orders-by-ids) -> the record that
 * decisions see; texts are borrowed from the tree or live in the arena. */
MUST_USE bool staged_order(const json *node, struct arena *arena, struct order *out,
                           struct err *err);

/* "gid://shopify/Order/123?x" -> "123", in the arena; "" = none. */
const char *staged_id(const char *gid, struct arena *arena);

/* Of a payment's receipt only which gift card has paid: {"gift_card_id": ...} or NULL; yours. */
json *staged_receipt(const json *receipt);

/* What a skip was before: what is the same again is not written. */
struct skip_before {
    const char *reason, *detail, *version;
    int64_t first_ms, count;
};
/* The fields of a skip's record that it is read from, and the shop behind them. Texts live as long
 * as the rows. */
enum { SKIP_FIELDS = 5, SKIP_SHOP = SKIP_FIELDS };
extern const char *const SKIP_RECORD[SKIP_FIELDS + 1];
struct store_rows;
struct skip_before skip_before_read(const struct store_rows *rows, size_t row);
/* Records why an order has no document. The same reason for the same version of the order counts
 * once: then nothing is written, and the answer is false. */
bool stage_skip(struct write *write, const char *shop, const char *id, const char *name,
                const char *version, enum reason reason, const char *detail,
                const struct skip_before *before);
/* Does it ask for a person, who finds it in no other list? */
bool skip_asks(const char *id, enum reason reason);
void stage_skip_gone(struct write *write, const char *id);

/* Refunds of the order that are documents of their own, into the list of those without one: a run
 * of orders.process takes out what it has dealt with. */
void stage_refunds(struct write *write, const char *shop, const struct order *order);
/* The order may be archived as soon as nothing is left to do: the next orders.sync looks. To be
 * called by whoever changes that. */
void stage_archive(struct write *write, const char *shop, const char *order);
/* The same for stock: what the order has taken from it is looked at by the next inventory.sync. Of
 * stage_archive, too. */
void stage_stock(struct write *write, const char *shop, const char *order);

/* What has happened to an order, for people: with the time, and the number of the run that says it.
 * Goes into the WRITE that does it. The same event and detail of a run stand once, however often
 * they are written. Events are the words of schemas/staging/life.md. */
void stage_life(struct write *write, const char *order, const char *event, const char *detail, ...)
    PRINTF(4, 5);
/* The order is found by this text: its name, an e-mail address, the number of a document; in any
 * case of letters. "" is fine. */
void stage_find(struct write *write, const char *order, const char *text);
/* The same of another kind of record, in its own index. */
void stage_find_in(struct write *write, const char *index, const char *id, const char *text);

/* At the link of an order or a refund: its document stands posted, under this number;
 * cancelled = somebody has taken it back there since. */
void stage_posted(struct write *write, const char *link, const char *order, const char *document,
                  const char *number, bool cancelled);

/* The words by which a record without a partner is found, behind those that are there, a blank
 * between: of its name; a number as one word; the digest of an e-mail address. Letters are upper
 * case, of Latin, Greek and Cyrillic. */
void find_words(const char *text, struct buf *words);
void find_word(const char *text, struct buf *words);
void find_address(const char *email, struct buf *words);
/* The digest of its last digits: numbers that match have the same, whatever country's code. */
void find_phone(const char *phone, struct buf *words);

enum { FIND_DIGEST = 24 + 1 };
/* What stands in the index for a text. False = nothing could be found by it. */
bool find_digest(const char *text, char out[static FIND_DIGEST]);

#endif

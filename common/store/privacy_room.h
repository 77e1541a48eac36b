/* privacy_room.h - what the files of privacy share. Of this room only. */
#ifndef CARTAGE_STORE_PRIVACY_ROOM_H
#define CARTAGE_STORE_PRIVACY_ROOM_H

#include "base/arena.h"
#include "ledger/write.h"
#include "store/privacy.h"

struct person { /* a customer of Shopify's, and all that stands here under his number */
    struct ledger *ledger;
    const char *company, *id;
    struct arena *arena;
    struct store_ids shops;   /* codes of the company's shops */
    struct store_ids records; /* "7300000000001", and one of each address he was billed at */
    struct store_ids orders;
    const char **erp_ids; /* of each shop, "" = is linked to nobody */
    const char **sold_to; /* of each record, "" = none: whom his orders were sold to there */
};
MUST_USE bool person_open(struct ledger *ledger, const char *company, const char *id,
                          const json *orders, struct person *out, struct err *err);
void person_close(struct person *person);

/* Sends what `write` holds. `order` NULL = whatever stands there; else only if its `updated` is
 * still so: *moved otherwise. */
MUST_USE bool erase_send(struct ledger *ledger, const char *company, struct write *write,
                         const char *order, const char *updated, bool *moved, struct err *err);
/* *erased false = it is blank already, or not staged. `last`: nobody looks for it by its customer
 * again. */
MUST_USE bool erase_order(struct ledger *ledger, const char *company, const char *order,
                          const char *customer, bool last, bool *erased, struct err *err);
/* The order as it is staged; NULL = it is not. */
MUST_USE bool order_whole(struct ledger *ledger, const char *company, const char *order,
                          char updated[static 32], json **out, struct err *err);
/* What is kept of him, under this id of a request, for PRIVACY_FILE_DAYS. */
MUST_USE bool file_keep(struct ledger *ledger, const char *company, const char *id,
                        const char *customer, const json *orders, struct err *err);
MUST_USE bool erase_files(struct ledger *ledger, const char *company, const char *customer,
                          struct err *err);

#endif

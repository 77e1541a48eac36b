/* orders_told.h - what Shopify answers to what is written to orders once they have their documents:
 * the document's number, and that they are closed. One by one or as a bulk operation, an answer is
 * taken the same way. Of orders.sync and orders.process only.
 */
#ifndef CARTAGE_ORDERS_TOLD_H
#define CARTAGE_ORDERS_TOLD_H

#include "shopify/bulk.h"

struct told {
    struct attempt *attempt;
    struct write *write;
};

/* Records are the orders' ids. */
extern const struct bulk_job TOLD_NUMBERS, TOLD_CLOSED;
MUST_USE bool told_numbers(void *told, const char *const ids[], const char *const kept[],
                           struct shopify_call answers[], size_t count, struct err *err);
MUST_USE bool told_closed(void *told, const char *const ids[], const char *const kept[],
                          struct shopify_call answers[], size_t count, struct err *err);

/* The order needs its number no longer: Shopify has it, or never will. */
void told_number(const struct told *told, const char *id);
/* The order is not to be closed any more; or it is looked at again after so long. */
void told_close(const struct told *told, const char *id);
void told_close_later(const struct told *told, const char *id, int64_t wait_ms);

/* Sends the calls of these orders one by one, and takes the answers that came; drops the calls. */
MUST_USE bool told_singly(struct told *told, const char *const ids[], struct shopify_call calls[],
                          size_t count, bulk_take take, struct err *err);

/* What is under way at Shopify for the orders of a shop; a list, our own shop first. */
struct under_way {
    char shop[24];
    struct bulk *numbers, *closing;
    struct under_way *next;
};
/* Our own: takes the answers of what has ended. */
MUST_USE bool told_look(struct told *told, struct under_way **out, struct err *err);
/* The same of any shop of the store, as it stands; `list` keeps it. */
MUST_USE bool told_peek(struct attempt *attempt, struct under_way *list, const char *shop,
                        struct under_way **out, struct err *err);
void under_way_free(struct under_way *list);
OWNABLE(under_way)

enum { TOLD_AGAIN_MS = 3600 * 1000 };

#endif

/* categories.h - what people say about a category of a company: how many of its entries may run at
 * once, in which order they do, and whether any may begin now.
 */
#ifndef CARTAGE_CATEGORIES_H
#define CARTAGE_CATEGORIES_H

#include "ledger/ledger.h"
#include "wire/json.h"

enum { CATEGORY_PERMITS = 1, CATEGORY_PERMITS_BLANK = 5, CATEGORY_PERMITS_MOST = 100 };
enum category_order {
    ORDER_AS_IS,   /* no change */
    ORDER_BOUNDED, /* a later entry passes an earlier one by its priority, by 30 minutes at most */
    ORDER_STRICT,  /* by priority, then by age of the entry, as in Business Central */
};
struct category_change {
    int permits; /* 0 = no change */
    enum category_order order;
    enum { PAUSE_AS_IS, PAUSE_ON, PAUSE_OFF } pause;
};
/* What runs goes on in any case; what a change sets free is granted. */
MUST_USE bool ledger_category_set(struct ledger *ledger, const char *company, const char *category,
                                  const struct category_change *change, bool *changed,
                                  struct tickets *granted, struct err *err);
/* {"category", "permits", "order", "paused", "waiting": n, "holders": [{"run", "operation",
 * "state", "task"}]} of one, whether entries use it or not; and a list of those that are or were
 * used. */
MUST_USE bool ledger_category(struct ledger *ledger, const char *company, const char *category,
                              json **out, struct err *err);
MUST_USE bool ledger_categories(struct ledger *ledger, const char *company, json **out,
                                struct err *err);

#endif

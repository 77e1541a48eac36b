/* plans.h - plans that wait until a person approves them (schemas/staging/stock.md). */
#ifndef CARTAGE_STORE_PLANS_H
#define CARTAGE_STORE_PLANS_H

#include "store/store.h"

/* {"plan","run","at","brakes":[{"what","hits","records","percent","rows":[...]}]} of an entry; NULL
 * = none waits. */
MUST_USE bool store_plan(struct ledger *ledger, const char *company, const char *entry, json **out,
                         struct err *err);
/* Lets exactly this one through. ERR_FATAL 409 = it is another by now, 404 = none waits. */
MUST_USE bool store_plan_approve(struct ledger *ledger, const char *company, const char *entry,
                                 const char *plan, struct err *err);

#endif

/* plan_gate.h - what the plan of a shop at Shopify does not have: one skip of the shop for each
 * such thing, and never a failed run.
 *
 * An operation asks before it begins with what it needs, does the rest, and ends ok. What Shopify
 * says of the plan is believed for six hours where it has all that is wanted, else asked again, so
 * that the first run after an upgrade goes on (10 points). Shopify says it from API version 2026-07
 * on; a shop that stays with an older one is taken to have it all. Rules: tasks-customers 3.10 and
 * 3.11.
 */
#ifndef CARTAGE_PLAN_GATE_H
#define CARTAGE_PLAN_GATE_H

#include "attempt.h"
#include "ledger/write.h"

enum plan_feature {
    PLAN_B2B,              /* companies, their locations, orders of theirs */
    PLAN_COMPANY_CATALOGS, /* catalogs assigned straight to company locations */
    PLAN_MARKET_CATALOGS,
    PLAN_STAFF, /* who has sold an order; known by the plan's name, so plan_tell only */
    PLAN_FEATURES
};

/* has[i] = the plan has wanted[i]. What it lacks counts as skipped, and its skip stands; the skip
 * of what it has now is gone. The skips are in `write`, not flushed. */
MUST_USE bool plan_gate(struct attempt *attempt, struct write *write,
                        const enum plan_feature wanted[], size_t count, bool has[],
                        struct err *err);
/* A mutation's userErrors: does one of them say that the plan does not have this? Then its skip
 * stands, nothing is to be recorded of the record itself, and the next run asks for the plan. */
bool plan_refused(struct attempt *attempt, struct write *write, const json *refusals);
/* For who knows already whether a plan of that name has it: the skip stands, or is gone. */
void plan_tell(struct attempt *attempt, struct write *write, enum plan_feature feature, bool has,
               const char *plan);

/* Of the store, whatever its shops: schemas/staging/discovery.md. The caller's. */
char *shop_info_key(const struct shop *shop);

#endif

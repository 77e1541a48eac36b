/* operations_table.h - the run functions, and how they begin and end. Of this room only. */
#ifndef CARTAGE_OPERATIONS_TABLE_H
#define CARTAGE_OPERATIONS_TABLE_H

#include "attempt.h"
#include "model/filter.h"
#include "model/reasons.h"

bool orders_sync_run(struct attempt *attempt, struct err *err);
bool orders_process_run(struct attempt *attempt, struct err *err);
bool sales_orders_post_run(struct attempt *attempt, struct err *err);
bool sales_invoices_post_run(struct attempt *attempt, struct err *err);
bool payouts_sync_run(struct attempt *attempt, struct err *err);
bool disputes_sync_run(struct attempt *attempt, struct err *err);
bool catalogs_sync_run(struct attempt *attempt, struct err *err);
bool catalog_prices_sync_run(struct attempt *attempt, struct err *err);
bool sync_count_run(struct attempt *attempt, struct err *err);
bool doctor_probe_run(struct attempt *attempt, struct err *err);
bool webhooks_check_run(struct attempt *attempt, struct err *err);
bool connect_shopify_run(struct attempt *attempt, struct err *err);
bool connect_bc_run(struct attempt *attempt, struct err *err);
bool products_sync_run(struct attempt *attempt, struct err *err);
bool products_add_variants_run(struct attempt *attempt, struct err *err);
bool products_add_run(struct attempt *attempt, struct err *err);
bool shipments_sync_run(struct attempt *attempt, struct err *err);
bool inventory_sync_run(struct attempt *attempt, struct err *err);
bool customers_sync_run(struct attempt *attempt, struct err *err);
bool customers_add_run(struct attempt *attempt, struct err *err);
bool unmapped_suggest_run(struct attempt *attempt, struct err *err);
bool companies_sync_run(struct attempt *attempt, struct err *err);
bool companies_add_run(struct attempt *attempt, struct err *err);
bool companies_add_locations_run(struct attempt *attempt, struct err *err);
bool images_sync_run(struct attempt *attempt, struct err *err);

/* There is a shop, and it is enabled; ERR_FATAL otherwise. */
MUST_USE bool shop_ready(struct attempt *attempt, struct err *err);
/* A person asked for this run, so it looks at what is put off, too. */
bool started_by_hand(const struct attempt *attempt);
/* The end of a run that writes to Shopify what its records are known by there: they stand, and who
 * is left is listed. So only what parks or ends the attempt fails the run; false = that. */
MUST_USE bool or_later(const struct attempt *attempt, const char *event, const struct err *why,
                       struct err *err);
/* The skip of one record that is read by itself; whoever has a page of records reads theirs at
 * once and calls stage_skip. False = what it was before could not be read, so it counts anew. */
bool skip_one(const struct attempt *attempt, struct write *write, const char *id, const char *name,
              enum reason reason, const char *detail, struct err *err);

/* The filter that the argument `name` is, of texts; *out stays where there is none. */
MUST_USE bool argument_filter(const json *args, const char *name, struct filter **out,
                              struct err *err);

/* Recurring entries of an operation for the attempt's shop: [{"id", "arguments"}]; yours. */
MUST_USE bool entries_of_shop(const struct attempt *attempt, const char *operation, json **out,
                              struct err *err);

#endif

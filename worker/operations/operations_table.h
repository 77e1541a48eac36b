/* operations_table.h - the run functions, and what they all begin with. Of this room only. */
#ifndef CARTAGE_OPERATIONS_TABLE_H
#define CARTAGE_OPERATIONS_TABLE_H

#include "attempt.h"

bool orders_sync_run(struct attempt *attempt, struct err *err);
bool orders_process_run(struct attempt *attempt, struct err *err);
bool sales_orders_post_run(struct attempt *attempt, struct err *err);
bool sales_invoices_post_run(struct attempt *attempt, struct err *err);
bool sync_count_run(struct attempt *attempt, struct err *err);
bool shipments_sync_run(struct attempt *attempt, struct err *err);

/* There is a shop, and it is enabled; ERR_FATAL otherwise. */
MUST_USE bool shop_ready(struct attempt *attempt, struct err *err);

#endif

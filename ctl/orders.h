/* orders.h - orders as people name them. */
#ifndef CARTAGE_CTL_ORDERS_H
#define CARTAGE_CTL_ORDERS_H

#include "ctl.h"

/* All that are known by this text. `orders` is borrowed from the answer. */
int orders_found(struct ctl *ctl, const char *text, json **answer, const json **orders);
/* The only one (OrderFound of the API, owned), or the exit code after telling why not. */
int order_named(struct ctl *ctl, const char *text, json **order);

#endif

/* order_read.h - what the readers of an order's parts share. Of this room only. */
#ifndef CARTAGE_STORE_ORDER_READ_H
#define CARTAGE_STORE_ORDER_READ_H

#include "store/staging.h"

struct money_pair read_money(const json *object, const char *set);
/* The number in node.<name>.id, "" = none. */
const char *read_id(const json *node, const char *name, struct arena *arena);
struct order_taxes read_taxes(const json *object, struct arena *arena);

void read_transactions(const json *node, struct arena *arena, struct order *out);
/* Before the refunds: those hold what was exchanged. */
void read_returns(const json *node, struct arena *arena, struct order *out);
void read_refunds(const json *node, struct arena *arena, struct order *out);
void read_fulfillments(const json *node, struct arena *arena, struct order *out);

#endif

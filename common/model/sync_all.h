/* sync_all.h - what "sync all" runs, in which order, and what it leaves to others. Pure.
 *
 * Order and content are those of the Shopify Connector's action of this name: master data first,
 * what refers to it later. Orders, shipments and money have entries of their own.
 */
#ifndef CARTAGE_MODEL_SYNC_ALL_H
#define CARTAGE_MODEL_SYNC_ALL_H

struct sync_step {
    const char *operation;
    const char *argument; /* a switch that is on for this step; NULL = none */
};
extern const struct sync_step SYNC_ALL[];   /* the last row has no operation */
extern const char *const SYNC_ALL_LEAVES[]; /* names of operations; NULL-ended */

#endif

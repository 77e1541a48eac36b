/* inventory_read.c - what Shopify has of given inventory items at one location. */
#include <stdio.h>
#include <string.h>

#include "operations/inventory_sync.h"
#include "shopify/shopify.h"

int64_t inventory_quantity(struct inventory *run, const json *level, enum stock_quantity quantity)
{
    const char *updated = json_text(level, "updatedAt");
    if (strcmp(updated, run->newest) > 0)
        snprintf(run->newest, sizeof run->newest, "%s", updated);
    const char *want = quantity == STOCK_AVAILABLE ? "available" : "on_hand";
    const json *list = json_get(level, "quantities");
    for (size_t i = 0; i < json_count(list); i++)
        if (strcmp(json_text(json_at(list, i), "name"), want) == 0)
            return json_int(json_at(list, i), "quantity", 0);
    return 0;
}

bool inventory_read(struct inventory *run, size_t place, const char *const items[], size_t count,
                    int64_t actual[], bool stocked[], struct err *err)
{
    const struct inventory_place *at = &run->places[place];
    for (size_t from = 0; from < count; from += LEVEL_IDS) {
        OWN(arena) struct arena *arena = arena_new();
        struct shopify_call call = {.document = "inventory-levels-by-items",
                                    .variables = json_new_object()};
        json *ids = json_new_array();
        for (size_t i = from; i < count && i < from + LEVEL_IDS; i++)
            json_add_text(ids, inventory_gid(arena, "InventoryItem", items[i]));
        json_set(call.variables, "ids", ids);
        json_set_text(call.variables, "locationId", inventory_gid(arena, "Location", at->id));
        bool ok = shopify_ask(run->attempt, &call, err);
        const json *nodes = json_get(call.data, "nodes");
        for (size_t i = from; ok && i < count && i < from + LEVEL_IDS; i++) {
            const json *level = json_get(json_at(nodes, i - from), "inventoryLevel");
            stocked[i] = json_flag(level, "isActive", false);
            actual[i] = inventory_quantity(run, level, at->quantity);
        }
        shopify_call_drop(&call);
        if (!ok)
            return err_wrap(err, "read Shopify's stock at %s", at->name);
    }
    return true;
}

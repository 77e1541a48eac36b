/* inventory_activate.c - items that Shopify does not stock at a location yet, and that have stock
 * there.
 *
 * Idempotency: the key is made of the task, item, location and quantity. After a lost answer the
 * level is read again by the next run, and is there or not.
 */
#include <inttypes.h>
#include <string.h>

#include "base/ids.h"
#include "base/log.h"
#include "operations/inventory_sync.h"
#include "shopify/shopify.h"

enum { AT_ONCE = 16 };

static struct shopify_call make_call(const struct inventory *run, const struct stock_change *row)
{
    OWN(arena) struct arena *arena = arena_new();
    char key[UUID_TEXT];
    json *variables = json_new_object();
    const char *place = run->places[row->place].id;
    uuid_from_name(arena_printf(arena, "%s|stock|%s|%s|%" PRId64, run->attempt->sheet->ticket.task,
                                row->item, place, row->to),
                   key);
    json_set_text(variables, "inventoryItemId", inventory_gid(arena, "InventoryItem", row->item));
    json_set_text(variables, "locationId", inventory_gid(arena, "Location", place));
    json_set_int(variables, "onHand", row->to);
    json_set_text(variables, "key", key);
    return (struct shopify_call){.document = "inventory-activate",
                                 .variables = variables,
                                 .user_errors_at = "inventoryActivate"};
}

static bool take_answer(struct inventory *run, const struct stock_change *row,
                        const struct shopify_call *call, struct err *err)
{
    OWN(arena) struct arena *arena = arena_new();
    struct inventory_variant *variant = arena_alloc(arena, sizeof *variant);
    const struct inventory_place *place = &run->places[row->place];
    const json *refusal = json_at(call->user_errors, 0);
    bool there;
    if (call->not_allowed) {
        run->attempt->counts.skipped++;
        return true;
    }
    if (refusal || call->err.kind != ERR_NONE) {
        log_warn("inventory.not_stocked", TEXT("item", row->name), TEXT("location", place->name),
                 TEXT("why", refusal ? json_text(refusal, "message") : call->err.text));
        run->attempt->counts.failed++;
        return true;
    }
    if (!inventory_variants(run, &row->variant, 1, arena, variant, &there, err))
        return false;
    struct stock_level *level = stock_level_of(&variant->levels, place->id);
    run->attempt->counts.created++;
    if (!level)
        return true;
    stock_counts(level, place->quantity);
    stock_given(level, row->to, inventory_now_ms(run));
    level->doubt = true; /* it may have been there by now, with another quantity */
    inventory_keep(run, variant);
    return inventory_flush(run, true, err);
}

static bool activate_some(struct inventory *run, const struct stock_change *const rows[],
                          size_t count, struct err *err)
{
    struct shopify_call calls[AT_ONCE];
    for (size_t i = 0; i < count; i++)
        calls[i] = make_call(run, rows[i]);
    bool ok = shopify_call_all(run->attempt, calls, count, err), taken = true;
    for (size_t i = 0; i < count; i++) {
        taken = taken && (!ok || take_answer(run, rows[i], &calls[i], err));
        shopify_call_drop(&calls[i]);
    }
    return ok && taken;
}

bool inventory_activate(struct inventory *run, struct err *err)
{
    const struct stock_change *rows[AT_ONCE];
    size_t count = 0;
    for (size_t i = 0; i < run->change_count; i++) {
        if (run->changes[i].missing)
            rows[count++] = &run->changes[i];
        if (count == 0 || (count < AT_ONCE && i + 1 < run->change_count))
            continue;
        if (!activate_some(run, rows, count, err))
            return err_wrap(err, "stock items at locations");
        count = 0;
    }
    return true;
}

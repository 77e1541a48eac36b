/* orders_named.c - orders that events have named, by their ids.
 *
 * They go the way of all others (who claims them, filters, staging), but need no search to be found
 * and are loaded once. The watermark does not move: the walk comes after.
 */
#include <string.h>

#include "base/log.h"
#include "operations/orders_group.h"

/* A person who has asked for it is told; events are nobody. */
static void not_done(struct orders_sync *sync, const char *name, const char *why, const char *shop)
{
    if (sync->asked)
        buf_printf(&sync->asked->not_done, "%s%s: %s%s", sync->asked->not_done.size ? "; " : "",
                   name, why, shop);
}

/* Which of the loaded orders are this shop's to stage; a shop that was first, a filter, a version
 * that is staged already leave the others out. */
static bool keep_ours(struct group *group, struct loads *loads, struct store_rows **rows,
                      struct err *err)
{
    const char *keys[GROUP];
    OWN_IDS struct store_ids owners = {0};
    struct orders_sync *sync = group->sync;
    size_t count = group->count;
    for (size_t i = 0; i < count; i++)
        keys[i] = arena_printf(group->arena, "claim:%s", group->ids[i]);
    bool wants[GROUP];
    if (!group_rows(group, rows, err) || !group_wants(group, *rows, wants, err) ||
        !store_values(sync->attempt->ledger, sync->company, keys, count, &owners, err))
        return false;
    group->count = 0;
    for (size_t i = 0; i < count; i++) {
        bool waits = *store_text(*rows, i, FACT_UPDATED) != 0;
        if (waits && wants[i] && strcmp(owners.items[i], sync->shop->code) == 0) {
            loads->nodes[group->count] = loads->nodes[i];
            loads->whys[group->count] = loads->whys[i];
            group_keep(group, *rows, i);
        } else {
            if (*owners.items[i] && strcmp(owners.items[i], sync->shop->code) != 0)
                not_done(sync, json_text(loads->nodes[i], "name"), "it is of shop ",
                         owners.items[i]);
            subject_done(sync, group->subjects[i]);
        }
    }
    return true;
}

/* Only what was answered goes on: an order that is gone is done, a call that failed is for the next
 * run, but for one that would fail again. */
static void keep_loaded(struct group *group, struct loads *loads)
{
    size_t count = group->count;
    group->count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct err *why = &loads->whys[i];
        if (loads->nodes[i]) {
            size_t at = group->count++;
            loads->nodes[at] = loads->nodes[i];
            loads->whys[at] = loads->whys[i];
            group->ids[at] = group->ids[i];
            group->subjects[at] = group->subjects[i];
            continue;
        }
        group->sync->attempt->counts.failed += why->kind != ERR_NONE;
        not_done(group->sync, group->ids[i],
                 why->kind == ERR_NONE ? "Shopify has no such order" : why->text, "");
        log_info("order.not_read", TEXT("order", group->ids[i]),
                 TEXT("why", why->kind == ERR_NONE ? "there is none" : why->text));
        if (why->kind == ERR_NONE || why->kind == ERR_FATAL)
            subject_done(group->sync, group->subjects[i]);
    }
}

static bool named_group(struct group *group, struct err *err)
{
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN_LOADS struct loads *loads = mem_new(sizeof *loads);
    if (!load_orders(group, loads, err))
        return false;
    keep_loaded(group, loads);
    return (group->count == 0 ||
            (orders_claim_page(group->sync, loads->nodes, group->count, NULL, err) &&
             keep_ours(group, loads, &rows, err) && stage_group(group, loads, err))) &&
           sync_flush(group->sync, true, err);
}

/* Shopify's numbers; what else an event named is nothing that could be read here. */
static bool is_number(const char *id)
{
    size_t size = strlen(id);
    return size >= 1 && size <= 20 && strspn(id, "0123456789") == size;
}

bool orders_import_named(struct orders_sync *sync, struct err *err)
{
    OWN_SUBJECTS struct store_subjects named = {0};
    if (!store_subjects(sync->attempt->ledger, sync->company, sync->attempt->sheet->ticket.entry,
                        &named, err))
        return false;
    for (size_t i = 0; i < named.count;) {
        OWN_GROUP struct group group = {.sync = sync, .arena = arena_new()};
        attempt_progress(sync->attempt, "loading orders that events named", (int64_t)i,
                         (int64_t)named.count);
        for (; i < named.count && group.count < GROUP; i++) {
            const struct store_subject *subject = &named.items[i];
            if (!is_number(subject->id)) { /* "*" too: the walk brings all */
                subject_done(sync, subject);
                continue;
            }
            group.subjects[group.count] = subject;
            group.ids[group.count++] = subject->id;
        }
        if (!named_group(&group, err))
            return err_wrap(err, "load orders that events named");
        if (!attempt_checkpoint(sync->attempt, "", 0, err))
            return false;
    }
    return true;
}

bool orders_import_ids(struct orders_sync *sync, const struct store_ids *ids, struct err *err)
{
    for (size_t from = 0; from < ids->count; from += GROUP) {
        OWN_GROUP struct group group = {.sync = sync, .arena = arena_new()};
        attempt_progress(sync->attempt, "loading orders", (int64_t)from, (int64_t)ids->count);
        for (size_t i = from; i < ids->count && group.count < GROUP; i++)
            group.ids[group.count++] = ids->items[i];
        if (!named_group(&group, err))
            return err_wrap(err, "load orders");
        if (!attempt_checkpoint(sync->attempt, "", 0, err))
            return false;
    }
    return true;
}

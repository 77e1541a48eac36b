/* shipments_adopt.c - fulfillments of ours that only Shopify remembers.
 *
 * Records and notes may be lost with Redis, or be a day old: then a shipment looks as if nobody had
 * told of it, while its fulfillment stands. So in a data set that a person has adopted, a shipment
 * of the time before takes over what stands: each fulfillment of its order that no record of ours
 * has, and whose units are all among those still to tell. What is left is told. Elsewhere
 * nothing is taken over: what a merchant ships by hand is not what the ERP has posted.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operations/shipments_sync.h"
#include "shopify/shopify.h"

static int64_t adopted_ms(const struct shipments *run) /* UTC */
{
    const struct attempt *attempt = run->attempt;
    return shipments_now_ms(run) - (clock_mono_ms(attempt->clock) - attempt->adopted_ms);
}

int64_t shipments_strays_until_ms(const struct shipments *run)
{
    if (run->attempt->adopted_ms == NEVER_ADOPTED)
        return 0;
    int64_t until_ms = adopted_ms(run) + run->shop->late_s * 1000;
    return until_ms > shipments_now_ms(run) ? until_ms : 0;
}

static bool may_be_told(const struct shipments *run, const struct ship_work *work)
{
    return work->picked && work->reason == REASON_NONE && *work->known && !*work->fulfillments &&
           work->modified_ms <= adopted_ms(run);
}

/* Which of the order's fulfillments belong to no record of ours. */
static bool read_owners(struct shipments *run, const json *list, struct arena *arena,
                        bool *free_ones, struct err *err)
{
    static const char *const FIELDS[] = {"shipment"};
    const char *keys[STORE_PAGE];
    OWN(store_rows) struct store_rows *rows = NULL;
    size_t count = json_count(list) < STORE_PAGE ? json_count(list) : STORE_PAGE;
    for (size_t i = 0; i < count; i++)
        keys[i] = arena_printf(arena, "fulfillment:%s",
                               staged_id(json_text(json_at(list, i), "id"), arena));
    if (!store_read(run->attempt->ledger, run->company, keys, count, FIELDS, 1, &rows, err))
        return false;
    for (size_t i = 0; i < count; i++)
        free_ones[i] = !*store_text(rows, i, 0) &&
                       strcmp(json_text(json_at(list, i), "status"), "CANCELLED") != 0;
    return true;
}

static bool take_over(struct shipments *run, struct ship_work *work, const json *order,
                      struct arena *arena, struct err *err)
{
    bool free_ones[STORE_PAGE] = {false};
    const json *list = json_get(order, "fulfillments");
    if (json_count(list) == 0)
        return true;
    if (!read_owners(run, list, arena, free_ones, err))
        return false;
    for (size_t i = 0; i < json_count(list) && i < STORE_PAGE; i++) {
        struct shipped *held;
        size_t count = fulfillment_lines(json_at(list, i), arena, &held);
        const char *id = staged_id(json_text(json_at(list, i), "id"), arena);
        if (!free_ones[i] || count == 0 ||
            !shipped_take(work->lines, work->line_count, held, count))
            continue;
        work->sent_count =
            shipped_both(work->sent, work->sent_count, held, count, arena, &work->sent);
        work->fulfillments =
            arena_printf(arena, "%s%s%s", work->fulfillments, *work->fulfillments ? "," : "", id);
        log_info("shipment.adopted", TEXT("shipment", work->number), TEXT("fulfillment", id));
        write_sent(run, work, id);
        run->attempt->counts.updated++;
    }
    return shipments_flush(run, true, err);
}

bool shipments_adopt(struct shipments *run, struct ship_window *window, struct err *err)
{
    struct ship_work *works[SHIP_WINDOW];
    size_t count = 0;
    bool ok = true;
    if (run->attempt->adopted_ms == NEVER_ADOPTED)
        return true;
    for (size_t i = 0; i < window->count; i++)
        if (may_be_told(run, &window->works[i]))
            works[count++] = &window->works[i];
    for (size_t from = 0; ok && from < count; from += SHIP_IDS) {
        json *ids = json_new_array(), *variables = json_new_object();
        for (size_t i = from; i < count && i < from + SHIP_IDS; i++)
            json_add_text(ids,
                          arena_printf(window->arena, "gid://shopify/Order/%s", works[i]->order));
        json_set(variables, "ids", ids);
        struct shopify_call call = {.document = "fulfillments-by-order-ids",
                                    .variables = variables};
        ok = shopify_ask(run->attempt, &call, err);
        for (size_t i = from; ok && i < count && i < from + SHIP_IDS; i++)
            ok = take_over(run, works[i], json_at(json_get(call.data, "nodes"), i - from),
                           window->arena, err);
        shopify_call_drop(&call);
    }
    return ok || err_wrap(err, "look for fulfillments that stand");
}

/* shipments_send.c - the calls that make fulfillments, each under its note.
 *
 * What keeps a fulfillment from standing twice at Shopify, which takes no key for it:
 *  1. A note stands in Redis before the call leaves, one an order: the shipment, the lines the call
 *     is to tell, its tracking number, and which fulfillments stood before. It goes in the same
 *     WRITE that records the answer. Another run's note is a lock.
 *  2. After an unknown outcome nothing of that order is sent: a fulfillment that did not stand
 *     before and holds those lines is the one (shipments_settle.c). The effect may come after we
 *     looked, so only when the shop's late_s have passed without it is it sent again, from what
 *     Shopify then has open.
 *  3. Each plan is made from what is open now, less what this shipment's own fulfillments hold.
 *
 * A shipment from several locations, or of more than 250 lines, is several calls: one after the
 * other, each recorded, so that whoever takes over sends the rest alone.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "attempt_fresh.h"
#include "base/log.h"
#include "operations/shipments_sync.h"
#include "shopify/shopify.h"

/* ---- requests to our own service ---- */

struct accept {
    struct ship_work *work;
    const char *order;
};

static bool accept_requests(struct shipments *run, struct ship_window *window, struct err *err)
{
    size_t count = 0, used = 0;
    for (size_t i = 0; i < window->count; i++)
        count += window->works[i].picked ? window->works[i].plan.accept_count : 0;
    if (count == 0)
        return true;
    struct accept *accepts = arena_array(window->arena, count, sizeof *accepts);
    struct shopify_call *calls = arena_array(window->arena, count, sizeof *calls);
    for (size_t i = 0; i < window->count; i++)
        for (size_t k = 0; window->works[i].picked && k < window->works[i].plan.accept_count; k++)
            accepts[used++] =
                (struct accept){&window->works[i], window->works[i].plan.accepts[k]->id};
    for (size_t i = 0; i < count; i++) {
        OWN_TEXT char *gid = mem_printf("gid://shopify/FulfillmentOrder/%s", accepts[i].order);
        json *variables = json_new_object();
        json_set_text(variables, "id", gid);
        calls[i] =
            (struct shopify_call){.document = "fulfillment-request-accept",
                                  .variables = variables,
                                  .user_errors_at = "fulfillmentOrderAcceptFulfillmentRequest"};
    }
    bool ok = shopify_call_all(run->attempt, calls, count, err);
    for (size_t i = 0; i < count; i++) {
        struct ship_work *work = accepts[i].work;
        const json *refusal = json_at(calls[i].user_errors, 0);
        if (ok && (refusal || calls[i].err.kind != ERR_NONE))
            work->next_call = work->plan.call_count;
        if (ok && refusal)
            ship_stop(work, REASON_FULFILLMENT_REFUSED, "the request to our service: %s",
                      json_text(refusal, "message"));
        else if (ok && calls[i].err.kind != ERR_NONE) /* accepted or not: the next run sees it */
            ship_stop(work, REASON_SHOPIFY_LATER, "%s", calls[i].err.text);
        shopify_call_drop(&calls[i]);
    }
    return ok;
}

/* ---- one call ---- */

static struct shopify_call make_call(const struct shipments *run, const struct ship_work *work,
                                     struct arena *arena)
{
    const struct ship_call *call = &work->plan.calls[work->next_call];
    json *fulfillment = json_new_object(), *orders = json_new_array();
    json *variables = json_new_object(), *lines = NULL;
    for (size_t i = 0; i < call->count; i++) {
        const struct ship_piece *piece = &call->pieces[i];
        if (i == 0 || call->pieces[i - 1].order != piece->order) {
            json *order = json_new_object();
            OWN_TEXT char *gid = mem_printf("gid://shopify/FulfillmentOrder/%s", piece->order->id);
            lines = json_new_array();
            json_set_text(order, "fulfillmentOrderId", gid);
            json_set(order, "fulfillmentOrderLineItems", lines);
            json_add(orders, order);
        }
        json *line = json_new_object();
        OWN_TEXT char *gid =
            mem_printf("gid://shopify/FulfillmentOrderLineItem/%s", piece->line->id);
        json_set_text(line, "id", gid);
        json_set_int(line, "quantity", piece->quantity);
        json_add(lines, line);
    }
    json_set_bool(fulfillment, "notifyCustomer", run->shop->send_shipping_confirmation);
    if (*work->tracking.number)
        json_set(fulfillment, "trackingInfo", tracking_json(run, &work->tracking, arena));
    json_set(fulfillment, "lineItemsByFulfillmentOrder", orders);
    json_set(variables, "fulfillment", fulfillment);
    return (struct shopify_call){.document = "fulfillment-create",
                                 .variables = variables,
                                 .user_errors_at = "fulfillmentCreate"};
}

static void write_call_note(struct shipments *run, const struct ship_work *work,
                            const struct shipped *lines, size_t count, int64_t until_ms)
{
    OWN_BUF struct buf planned = {0};
    OWN_TEXT char *record = mem_printf("fulfillment:%s", work->order);
    OWN_TEXT char *key = mem_printf("shipment:%s", work->id);
    shipped_write(lines, count, &planned);
    write_add(run->write, "HSET", key, "planned", buf_str(&planned), "planned_known", work->known,
              "planned_tracking", work->tracking.number, NULL);
    write_note(run->write, record, "shopify", "create fulfillment", work->id, until_ms);
}

void ship_clear_note(struct shipments *run, const struct ship_work *work)
{
    OWN_TEXT char *record = mem_printf("fulfillment:%s", work->order);
    OWN_TEXT char *key = mem_printf("shipment:%s", work->id);
    write_note_clear(run->write, record);
    write_add(run->write, "HDEL", key, "planned", "planned_known", "planned_tracking", NULL);
}

/* ---- answers ---- */

static void fulfilled(struct shipments *run, struct ship_window *window, struct ship_work *work,
                      const json *fulfillment)
{
    struct shipped *lines;
    size_t count = ship_call_lines(&work->plan.calls[work->next_call], window->arena, &lines);
    const char *id = staged_id(json_text(fulfillment, "id"), window->arena);
    const json *order = json_get(fulfillment, "order");
    work->status = arena_text(window->arena, json_text(order, "displayFulfillmentStatus"));
    work->updated = arena_text(window->arena, json_text(order, "updatedAt"));
    work->known = arena_printf(window->arena, "%s%s%s", work->known, *work->known ? "," : "", id);
    work->sent_count =
        shipped_both(work->sent, work->sent_count, lines, count, window->arena, &work->sent);
    work->fulfillments = arena_printf(window->arena, "%s%s%s", work->fulfillments,
                                      *work->fulfillments ? "," : "", id);
    ship_clear_note(run, work);
    write_sent(run, work, id);
    attempt_fresh(run->attempt, FRESH_SHIPMENTS, AT_BC, work->modified_ms);
    run->attempt->counts.created++;
}

static void take_answer(struct shipments *run, struct ship_window *window, struct ship_work *work,
                        const struct shopify_call *call)
{
    const json *fulfillment = json_path(call->data, "fulfillmentCreate.fulfillment");
    const json *refusal = json_at(call->user_errors, 0);
    if (call->err.kind == ERR_UNCERTAIN) {
        ship_stop(work, REASON_FULFILLMENT_IN_FLIGHT, "%s", call->err.text);
        work->next_call = work->plan.call_count;
        return; /* under its note */
    }
    if (call->err.kind == ERR_NONE && fulfillment && !refusal) {
        fulfilled(run, window, work, fulfillment);
        work->next_call++;
        return;
    }
    ship_clear_note(run, work);
    if (call->err.kind == ERR_NONE) { /* other locations may take theirs all the same */
        ship_stop(work, REASON_FULFILLMENT_REFUSED, "%s",
                  refusal ? json_text(refusal, "message") : "the answer holds no fulfillment");
        work->next_call++;
        return;
    }
    ship_stop(work, call->err.kind == ERR_FATAL ? REASON_FULFILLMENT_REFUSED : REASON_SHOPIFY_LATER,
              "%s", call->err.text);
    work->next_call = work->plan.call_count;
}

static bool has_call(const struct ship_work *work)
{
    bool stopped = work->reason != REASON_NONE && work->reason != REASON_FULFILLMENT_REFUSED;
    return work->picked && !stopped && work->next_call < work->plan.call_count;
}

/* Notes of all calls of this round, as few WRITEs as they fit into. *refused = another run's note
 * stands on one of the orders. */
static bool write_notes(struct shipments *run, struct ship_window *window,
                        struct ship_work *const works[], size_t count, bool *refused,
                        struct err *err)
{
    int64_t until_ms = shipments_now_ms(run) + run->shop->late_s * 1000;
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        bool blocked = false;
        struct shipped *lines;
        size_t line_count =
            ship_call_lines(&works[i]->plan.calls[works[i]->next_call], window->arena, &lines);
        write_call_note(run, works[i], lines, line_count, until_ms);
        if (i + 1 < count && write_size(run->write) < WRITE_MAX_BYTES / 4)
            continue;
        ok = attempt_write(run->attempt, run->write, &blocked, err);
        write_clear(run->write);
        *refused = *refused || blocked;
    }
    return ok;
}

/* The works of this round whose note stands now. */
static bool note_round(struct shipments *run, struct ship_window *window, struct ship_work *works[],
                       size_t *count, struct err *err)
{
    bool refused = false;
    size_t kept = 0;
    if (!shipments_flush(run, true, err) || !write_notes(run, window, works, *count, &refused, err))
        return false;
    if (!refused)
        return true;
    for (size_t i = 0; i < *count; i++) {
        struct ship_work *one[] = {works[i]};
        refused = false;
        if (!write_notes(run, window, one, 1, &refused, err))
            return false;
        if (refused)
            ship_stop(works[i], REASON_FULFILLMENT_IN_FLIGHT, "another run is at order %s",
                      works[i]->order_name);
        else
            works[kept++] = works[i];
    }
    *count = kept;
    return true;
}

static bool send_round(struct shipments *run, struct ship_window *window, struct ship_work *works[],
                       size_t count, struct err *err)
{
    struct shopify_call calls[SHIP_WINDOW];
    struct err why;
    if (!note_round(run, window, works, &count, err))
        return false;
    if (count == 0)
        return true;
    for (size_t i = 0; i < count; i++)
        calls[i] = make_call(run, works[i], window->arena);
    bool ok = shopify_call_all(run->attempt, calls, count, err);
    /* Also where the attempt ends: what was answered is recorded, and what never left has no note.
     */
    for (size_t i = 0; i < count; i++) {
        take_answer(run, window, works[i], &calls[i]);
        shopify_call_drop(&calls[i]);
    }
    if (shipments_flush(run, true, ok ? err : &why))
        return ok;
    if (!ok)
        log_warn("shipments.not_recorded", TEXT("why", why.text));
    return false;
}

bool shipments_send(struct shipments *run, struct ship_window *window, struct err *err)
{
    if (!accept_requests(run, window, err))
        return err_wrap(err, "accept fulfillment requests");
    for (;;) {
        struct ship_work *works[SHIP_WINDOW];
        size_t count = 0;
        for (size_t i = 0; i < window->count; i++)
            if (has_call(&window->works[i]))
                works[count++] = &window->works[i];
        if (count == 0)
            return true;
        if (!send_round(run, window, works, count, err))
            return err_wrap(err, "create fulfillments");
    }
}

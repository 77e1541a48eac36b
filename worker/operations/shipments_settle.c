/* shipments_settle.c - calls whose answer we do not have: did the fulfillment come?
 *
 * Each note names a shipment, whose record holds what was to be told. A fulfillment of the order
 * that did not stand before the call, holds exactly those lines and carries that tracking number is
 * the one. When there is none and it can no longer come, the note goes and the shipment is due
 * again; until then its order is busy, and the run parks when everything else is done.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operations/shipments_sync.h"
#include "shopify/shopify.h"

static const char NOTE[] = "fulfillment:";
enum { R_SHOP, R_NUMBER, R_PLANNED, R_KNOWN, R_TRACKING, R_SENT, R_FULFILLMENTS };
static const char *const RECORD[] = {
    "shop", "number", "planned", "planned_known", "planned_tracking", "sent", "fulfillments"};

struct noted { /* one call without an answer */
    const char *order, *shipment;
    int64_t look_until_ms;
    size_t row;
};
struct settling {
    struct shipments *run;
    struct arena *arena;
    struct noted items[STORE_PAGE];
    size_t count;
    struct store_rows *notes, *records;
};

static void settling_drop(struct settling *settling)
{
    store_rows_free(settling->notes);
    store_rows_free(settling->records);
    arena_free(settling->arena);
}

/* ---- reading ---- */

static bool read_notes(struct settling *settling, char *const names[], size_t count,
                       struct err *err)
{
    static const char *const FIELDS[] = {"key", "look_until"};
    const char *keys[STORE_PAGE], *records[STORE_PAGE];
    struct shipments *run = settling->run;
    for (size_t i = 0; i < count; i++)
        keys[i] = arena_printf(settling->arena, "note:%s", names[i]);
    if (!store_read(run->attempt->ledger, run->company, keys, count, FIELDS, COUNT(FIELDS),
                    &settling->notes, err))
        return false;
    for (size_t i = 0; i < count; i++)
        records[i] =
            arena_printf(settling->arena, "shipment:%s", store_text(settling->notes, i, 0));
    if (!store_read(run->attempt->ledger, run->company, records, count, RECORD, COUNT(RECORD),
                    &settling->records, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (strcmp(store_text(settling->records, i, R_SHOP), run->shop->code) == 0)
            settling->items[settling->count++] = (struct noted){
                .order = arena_text(settling->arena, names[i] + sizeof NOTE - 1),
                .shipment = store_text(settling->notes, i, 0),
                .look_until_ms = store_int(settling->notes, i, 1),
                .row = i,
            };
    return true;
}

/* ---- deciding ---- */

size_t fulfillment_lines(const json *fulfillment, struct arena *arena, struct shipped **out)
{
    const json *lines = json_get(fulfillment, "fulfillmentLineItems");
    const json *nodes = json_get(lines, "nodes");
    bool more = json_flag(json_get(lines, "pageInfo"), "hasNextPage", false);
    size_t count = more ? 0 : json_count(nodes);
    *out = arena_array(arena, count + 1, sizeof **out);
    for (size_t i = 0; i < count; i++) {
        const json *node = json_at(nodes, i);
        (*out)[i] = (struct shipped){
            .line_item = staged_id(json_text(json_get(node, "lineItem"), "id"), arena),
            .quantity = json_int(node, "quantity", 0),
            .firm = true,
        };
    }
    return count;
}

static bool is_the_one(const struct settling *settling, const struct noted *noted,
                       const json *fulfillment, const struct shipped *planned, size_t planned_count)
{
    struct shipped *held;
    const char *number = json_text(json_at(json_get(fulfillment, "trackingInfo"), 0), "number");
    const char *id = staged_id(json_text(fulfillment, "id"), settling->arena);
    if (ids_hold(store_text(settling->records, noted->row, R_KNOWN), id) ||
        strcmp(json_text(fulfillment, "status"), "CANCELLED") == 0 ||
        strcmp(number, store_text(settling->records, noted->row, R_TRACKING)) != 0)
        return false;
    size_t count = fulfillment_lines(fulfillment, settling->arena, &held);
    return shipped_same(held, count, planned, planned_count);
}

static void came(struct settling *settling, const struct noted *noted, const json *order,
                 const char *fulfillment, const struct shipped *planned, size_t planned_count)
{
    struct ship_work work = {
        .id = noted->shipment,
        .number = store_text(settling->records, noted->row, R_NUMBER),
        .order = noted->order,
        .fulfillments = store_text(settling->records, noted->row, R_FULFILLMENTS),
        .tracking = {.number = store_text(settling->records, noted->row, R_TRACKING)},
        .status = json_text(order, "displayFulfillmentStatus"),
        .updated = json_text(order, "updatedAt"),
    };
    struct shipped *sent;
    size_t sent_count =
        shipped_read(store_text(settling->records, noted->row, R_SENT), settling->arena, &sent);
    work.sent_count =
        shipped_both(sent, sent_count, planned, planned_count, settling->arena, &work.sent);
    work.fulfillments = arena_printf(settling->arena, "%s%s%s", work.fulfillments,
                                     *work.fulfillments ? "," : "", fulfillment);
    log_info("shipment.found", TEXT("shipment", noted->shipment), TEXT("fulfillment", fulfillment));
    ship_clear_note(settling->run, &work);
    write_sent(settling->run, &work, fulfillment);
    settling->run->attempt->counts.updated++;
}

/* Not there, or not to be read: as long as it may come, nothing of this order is sent. */
static void still_open(struct settling *settling, const struct noted *noted, bool read)
{
    struct shipments *run = settling->run;
    bool late = shipments_now_ms(run) >= noted->look_until_ms;
    if (read && late) {
        const struct ship_work work = {.id = noted->shipment, .order = noted->order};
        ship_clear_note(run, &work);
        return;
    }
    ship_busy(run, noted->order, store_text(settling->records, noted->row, R_NUMBER),
              noted->look_until_ms);
}

static void decide(struct settling *settling, const struct noted *noted, const json *order)
{
    struct shipped *planned;
    const json *list = json_get(order, "fulfillments");
    size_t count = shipped_read(store_text(settling->records, noted->row, R_PLANNED),
                                settling->arena, &planned);
    for (size_t i = 0; i < json_count(list); i++)
        if (is_the_one(settling, noted, json_at(list, i), planned, count)) {
            const char *id = staged_id(json_text(json_at(list, i), "id"), settling->arena);
            came(settling, noted, order, id, planned, count);
            return;
        }
    still_open(settling, noted, true);
}

static bool look(struct settling *settling, struct err *err)
{
    struct shopify_call calls[STORE_PAGE / SHIP_IDS + 1];
    size_t call_count = 0;
    for (size_t from = 0; from < settling->count; from += SHIP_IDS) {
        json *ids = json_new_array(), *variables = json_new_object();
        for (size_t i = from; i < settling->count && i < from + SHIP_IDS; i++) {
            OWN_TEXT char *gid = mem_printf("gid://shopify/Order/%s", settling->items[i].order);
            json_add_text(ids, gid);
        }
        json_set(variables, "ids", ids);
        calls[call_count++] =
            (struct shopify_call){.document = "fulfillments-by-order-ids", .variables = variables};
    }
    bool ok = shopify_call_all(settling->run->attempt, calls, call_count, err);
    for (size_t i = 0; i < call_count; i++) {
        const json *nodes = json_get(calls[i].data, "nodes");
        for (size_t k = i * SHIP_IDS; ok && k < settling->count && k < (i + 1) * SHIP_IDS; k++) {
            if (calls[i].err.kind == ERR_NONE)
                decide(settling, &settling->items[k], json_at(nodes, k - i * SHIP_IDS));
            else
                still_open(settling, &settling->items[k], false);
        }
        shopify_call_drop(&calls[i]);
    }
    return ok;
}

static bool settle_page(struct shipments *run, char *const names[], size_t count, struct err *err)
{
    __attribute__((cleanup(settling_drop))) struct settling settling = {.run = run,
                                                                        .arena = arena_new()};
    return read_notes(&settling, names, count, err) &&
           (settling.count == 0 || (look(&settling, err) && shipments_flush(run, true, err)));
}

bool shipments_settle(struct shipments *run, struct err *err)
{
    OWN_IDS struct store_ids notes = {0};
    size_t count = 0;
    store_ids_drop(&run->busy);
    run->awaited = (struct undone){0};
    if (!store_set(run->attempt->ledger, run->company, "notes", &notes, err))
        return false;
    for (size_t i = 0; i < notes.count; i++) /* ours to the front */
        if (strncmp(notes.items[i], NOTE, sizeof NOTE - 1) == 0) {
            char *name = notes.items[i];
            notes.items[i] = notes.items[count];
            notes.items[count++] = name;
        }
    for (size_t from = 0; from < count; from += STORE_PAGE)
        if (!settle_page(run, notes.items + from,
                         count - from < STORE_PAGE ? count - from : STORE_PAGE, err))
            return err_wrap(err, "look for fulfillments without an answer");
    return true;
}

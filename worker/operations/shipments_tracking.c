/* shipments_tracking.c - how a parcel is followed: where the ERP can say so, and telling Shopify
 * when it becomes known after the fulfillment.
 *
 * API v2.0 knows no tracking number. The extension's contract does, and so does the page of posted
 * shipments where an administrator has published it; at level `api` shipments go without. An update
 * sets what a fulfillment carries, so it may be sent twice.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "bc/bc.h"
#include "operations/shipments_sync.h"
#include "shopify/shopify.h"

enum { NUMBERS_A_CALL = 20, MOST = 1000 };

/* ---- from the ERP ---- */

static const struct source {
    enum bc_root root;
    const char *set, *number, *agent, *tracking, *url; /* url NULL = it has none */
} SOURCES[] = {
    [BC_LEVEL_API] = {.set = NULL   },
    [BC_LEVEL_PAGES] = { BC_PAGES,     "PostedSalesShipments", "No",     "Shipping_Agent_Code",
                      "Package_Tracking_No", NULL},
    [BC_LEVEL_EXTENSION] = {          BC_EXTENSION, "postedShipments",      "number", "shippingAgentCode",
                      "trackingNumber", "trackingUrl"},
};

struct asking {
    const struct source *source;
    struct arena *arena;
    const char *const *numbers;
    struct tracking *out;
    size_t count;
};

static bool take_row(void *state, const json *row, struct err *err)
{
    struct asking *asking = state;
    const struct source *source = asking->source;
    (void)err;
    for (size_t i = 0; i < asking->count; i++)
        if (strcmp(asking->numbers[i], json_text(row, source->number)) == 0)
            asking->out[i] = (struct tracking){
                .number = arena_text(asking->arena, json_text(row, source->tracking)),
                .agent = arena_text(asking->arena, json_text(row, source->agent)),
                .url = source->url ? arena_text(asking->arena, json_text(row, source->url)) : "",
            };
    return true;
}

bool shipments_read_tracking(struct shipments *run, const char *const numbers[], size_t count,
                             struct arena *arena, struct tracking *out, struct err *err)
{
    enum bc_level level;
    for (size_t i = 0; i < count; i++)
        out[i] = (struct tracking){"", "", ""};
    if (count == 0)
        return true;
    if (!bc_level_of(run->attempt, &level, err))
        return false;
    const struct source *source = &SOURCES[level];
    struct asking asking = {source, arena, numbers, out, count};
    for (size_t from = 0; source->set && from < count; from += NUMBERS_A_CALL) {
        OWN_BUF struct buf path = {0};
        buf_printf(&path, "%s?$filter=", source->set);
        for (size_t i = from; i < count && i < from + NUMBERS_A_CALL; i++) {
            buf_text(&path, i > from ? "%20or%20" : "");
            bc_filter_text(&path, source->number, numbers[i]);
        }
        buf_printf(&path, "&$select=%s,%s,%s%s%s", source->number, source->agent, source->tracking,
                   source->url ? "," : "", source->url ? source->url : "");
        if (!bc_list_at(run->attempt, source->root, buf_str(&path), false, take_row, &asking, err))
            return err_wrap(err, "read tracking numbers");
    }
    return true;
}

/* ---- to Shopify ---- */

json *tracking_json(const struct shipments *run, const struct tracking *tracking,
                    struct arena *arena)
{
    json *out = json_new_object();
    const char *company = setting_map_get(&run->shop->tracking_companies, tracking->agent);
    const char *template = setting_map_get(&run->shop->tracking_urls, tracking->agent);
    const char *url = *tracking->url ? tracking->url
                      : template     ? tracking_url(template, tracking->number, arena)
                                     : "";
    json_set_text(out, "number", tracking->number);
    if (*tracking->agent)
        json_set_text(out, "company", company && *company ? company : tracking->agent);
    if (*url)
        json_set_text(out, "url", url);
    return out;
}

struct late { /* one shipment whose number has come since */
    const char *id, *number, *fulfillments;
    struct tracking tracking;
    bool failed, refused;
};

static struct shopify_call tell(const struct shipments *run, const struct late *late,
                                const char *fulfillment, struct arena *arena)
{
    json *variables = json_new_object();
    OWN_TEXT char *gid = mem_printf("gid://shopify/Fulfillment/%s", fulfillment);
    json_set_text(variables, "id", gid);
    json_set(variables, "tracking", tracking_json(run, &late->tracking, arena));
    json_set_bool(variables, "notify", run->shop->send_shipping_confirmation);
    return (struct shopify_call){.document = "fulfillment-tracking-update",
                                 .variables = variables,
                                 .user_errors_at = "fulfillmentTrackingInfoUpdate"};
}

static void take_answer(struct shipments *run, struct late *late, const char *order,
                        const struct shopify_call *call)
{
    const json *refusal = json_at(call->user_errors, 0);
    const json *at = json_path(call->data, "fulfillmentTrackingInfoUpdate.fulfillment.order");
    OWN_TEXT char *key = mem_printf("shipment:%s", late->id), *of = mem_printf("order:%s", order);
    late->failed = late->failed || call->err.kind != ERR_NONE;
    if (refusal || call->err.kind == ERR_FATAL) {
        const char *why = refusal ? json_text(refusal, "message") : call->err.text;
        OWN_TEXT char *warning = mem_printf("tracking number refused: %s", why);
        late->refused = true;
        log_warn("shipment.tracking", TEXT("shipment", late->number), TEXT("why", why));
        write_add(run->write, "HSET", key, "warning", warning, NULL);
    } else if (*json_text(at, "updatedAt")) {
        write_add(run->write, "HSET", of, "echo", json_text(at, "updatedAt"), NULL);
    }
}

static bool tell_one(struct shipments *run, struct late *late, const char *order,
                     struct arena *arena, struct err *err)
{
    OWN_TEXT char *index = mem_printf("shipments-tracking:%s", run->shop->code);
    OWN_TEXT char *key = mem_printf("shipment:%s", late->id);
    bool ok = true;
    for (const char *at = late->fulfillments; ok && *at;) {
        size_t size = strcspn(at, ",");
        OWN_TEXT char *fulfillment = mem_text_n(at, size);
        struct shopify_call call = tell(run, late, fulfillment, arena);
        ok = shopify_call_all(run->attempt, &call, 1, err);
        if (ok)
            take_answer(run, late, order, &call);
        shopify_call_drop(&call);
        at += size + (at[size] == ',');
    }
    if (ok && (!late->failed || late->refused)) {
        write_add(run->write, "HSET", key, "told", late->tracking.number, NULL);
        write_add(run->write, "ZREM", index, late->id, NULL);
        run->attempt->counts.updated += !late->refused;
        run->attempt->counts.failed += late->refused;
    }
    return ok && shipments_flush(run, true, err);
}

bool shipments_tell_tracking(struct shipments *run, struct err *err)
{
    static const char *const FIELDS[] = {"number", "fulfillments",   "tracking_number",
                                         "order",  "tracking_agent", "tracking_url"};
    OWN_TEXT char *index = mem_printf("shipments-tracking:%s", run->shop->code);
    OWN_IDS struct store_ids ids = {0};
    if (!store_zset(run->attempt->ledger, run->company, index, INT64_MAX, MOST, &ids, err))
        return false;
    for (size_t i = 0; i < ids.count; i++) {
        OWN(arena) struct arena *arena = arena_new();
        OWN(store_rows) struct store_rows *rows = NULL;
        const char *const keys[] = {arena_printf(arena, "shipment:%s", ids.items[i])};
        if (!store_read(run->attempt->ledger, run->company, keys, 1, FIELDS, COUNT(FIELDS), &rows,
                        err))
            return false;
        struct late late = {
            .id = ids.items[i],
            .number = store_text(rows, 0, 0),
            .fulfillments = store_text(rows, 0, 1),
            .tracking = {store_text(rows, 0, 2), store_text(rows, 0, 4), store_text(rows, 0, 5)},
        };
        attempt_progress(run->attempt, "telling tracking numbers", (int64_t)i, (int64_t)ids.count);
        if (!run->shop->allow_writes)
            run->attempt->counts.skipped++;
        else if (!tell_one(run, &late, store_text(rows, 0, 3), arena, err))
            return err_wrap(err, "tracking number of shipment %s", late.number);
        if (!attempt_checkpoint(run->attempt, "", 0, err))
            return false;
    }
    return true;
}

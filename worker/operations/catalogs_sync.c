/* catalogs_sync.c - report 30115: catalogs for company locations and for markets, as Shopify has
 * them.
 *
 * Reads only; staging is keyed by Shopify's numbers, so a run that is killed is simply done again.
 * There is no update time to ask by: all are listed, with their contexts inside, 100 or 250 a call,
 * and those that are not seen any more are marked gone. What a person says of a catalog's prices
 * stands in the shop's settings, so nothing of it is overwritten here. Catalogs of a kind that the
 * plan does not have (Shopify archives them) are none: nothing is read, and they are marked gone.
 */
#include <string.h>

#include "base/log.h"
#include "bc/catalogue.h"
#include "operations/operations_table.h"
#include "operations/plan_gate.h"
#include "shopify/shopify.h"
#include "store/catalogs.h"

struct kind {
    const char *type, *document, *contexts;
    int page;
    enum plan_feature needs;
};
static const struct kind KINDS[] = {
    {"company", "catalogs-company", "companyLocations", 100, PLAN_COMPANY_CATALOGS},
    {"market",  "catalogs-market",  "markets",          250, PLAN_MARKET_CATALOGS },
};

struct reading {
    struct attempt *attempt;
    struct write *write;
    const char *local; /* currency */
    int64_t now_ms;
    bool seen[COUNT(KINDS)]; /* all catalogs of this kind */
};

static const char *number_of(const json *node)
{
    const char *slash = strrchr(json_text(node, "id"), '/');
    return slash ? slash + 1 : "";
}

static void take_catalog(struct reading *reading, const struct kind *kind, const json *node)
{
    OWN_BUF struct buf contexts = {0};
    const json *list = json_get(node, "priceList"), *where = json_get(node, kind->contexts);
    const json *rows = json_get(where, "nodes");
    const char *currency = json_text(list, "currency");
    for (size_t i = 0; i < json_count(rows); i++)
        buf_printf(&contexts, "%s%s", i ? "," : "", number_of(json_at(rows, i)));
    if (json_flag(json_get(where, "pageInfo"), "hasNextPage", false))
        buf_text(&contexts, ",...");
    const struct staged_catalog catalog = {
        .id = number_of(node),
        .title = json_text(node, "title"),
        .type = kind->type,
        .status = json_text(node, "status"),
        .list = number_of(list),
        .currency = currency,
        .erp_currency = strcmp(currency, reading->local) == 0 ? "" : currency,
        .publication = number_of(json_get(node, "publication")),
        .contexts = buf_str(&contexts),
    };
    stage_catalog(reading->write, reading->attempt->shop->code, &catalog, reading->now_ms);
    reading->attempt->counts.read++;
}

static bool read_kind(struct reading *reading, const struct kind *kind, struct err *err)
{
    OWN_TEXT char *after = NULL;
    bool more = true;
    while (more) {
        struct shopify_call call = {.document = kind->document, .variables = json_new_object()};
        json_set_int(call.variables, "first", kind->page);
        if (after)
            json_set_text(call.variables, "after", after);
        attempt_progress(reading->attempt, "reading catalogs", reading->attempt->counts.read, 0);
        bool ok = shopify_ask(reading->attempt, &call, err);
        const json *page = json_get(call.data, "catalogs"), *info = json_get(page, "pageInfo");
        const json *nodes = json_get(page, "nodes");
        for (size_t i = 0; ok && i < json_count(nodes); i++)
            take_catalog(reading, kind, json_at(nodes, i));
        more = ok && json_flag(info, "hasNextPage", false);
        own_text_cleanup_(&after);
        after = more ? mem_text(json_text(info, "endCursor")) : NULL;
        ok = ok && attempt_flush(reading->attempt, reading->write, WRITE_FLUSH_BYTES / 2, err);
        shopify_call_drop(&call);
        if (!ok)
            return err_wrap(err, "read catalogs of %s", kind->type);
    }
    return true;
}

/* What this run has not staged has an older time in the index. */
static bool mark_gone(struct reading *reading, struct err *err)
{
    const struct attempt *attempt = reading->attempt;
    OWN(catalog_rows) struct catalog_rows *rows = NULL;
    OWN_TEXT char *key = mem_printf("catalogs:%s", attempt->shop->code);
    OWN_IDS struct store_ids old = {0};
    if (!attempt_flush(reading->attempt, reading->write, 0, err) ||
        !store_zset(attempt->ledger, attempt->company->id, key, reading->now_ms - 1, CATALOGS_MOST,
                    &old, err) ||
        !store_catalogs(attempt->ledger, attempt->company->id, attempt->shop->code, &rows, err))
        return false;
    for (size_t i = 0; i < catalog_rows_count(rows); i++) {
        const struct staged_catalog catalog = catalog_row(rows, i);
        bool asked = false, unseen = false;
        for (size_t k = 0; k < COUNT(KINDS); k++)
            asked = asked || (reading->seen[k] && strcmp(KINDS[k].type, catalog.type) == 0);
        for (size_t k = 0; k < old.count && !unseen; k++)
            unseen = strcmp(old.items[k], catalog.id) == 0;
        if (asked && unseen && !catalog.gone) {
            log_info("catalog.gone", TEXT("catalog", catalog.title), TEXT("id", catalog.id));
            stage_catalog_gone(reading->write, attempt->shop->code, catalog.id);
        }
    }
    return attempt_flush(reading->attempt, reading->write, 0, err);
}

bool catalogs_sync_run(struct attempt *attempt, struct err *err)
{
    OWN(write) struct write *write = write_new();
    struct reading reading = {.attempt = attempt, .write = write};
    const struct kind *kinds[COUNT(KINDS)];
    enum plan_feature needs[COUNT(KINDS)];
    bool has[COUNT(KINDS)];
    size_t count = 0;
    const char *type = json_text(attempt->args, "type");
    if (!shop_ready(attempt, err) || !bc_local_currency(attempt, &reading.local, err))
        return false;
    reading.now_ms = clock_now_ms(attempt->clock);
    for (size_t i = 0; i < COUNT(KINDS); i++) {
        reading.seen[i] = !*type || strcmp(type, KINDS[i].type) == 0;
        needs[count] = KINDS[i].needs;
        kinds[count] = &KINDS[i];
        count += reading.seen[i];
    }
    if (!plan_gate(attempt, write, needs, count, has, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (has[i] && !read_kind(&reading, kinds[i], err))
            return false;
    return mark_gone(&reading, err);
}

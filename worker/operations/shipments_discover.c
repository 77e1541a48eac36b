/* shipments_discover.c - posted shipments of the ERP into records of ours.
 *
 * The walk goes by the time of change, oldest first; its mark moves in the same WRITE as the rows
 * before it, and starts five minutes early next time: a long posting commits older times after our
 * look. A row that is known as it is writes nothing.
 *
 * The ERP's shipment knows no Shopify order. Its external document number leads to ours, which the
 * sales order was given and posting hands on. Where the shop has no prefix, such numbers may be
 * anybody's: those that lead nowhere are kept aside for a month, in no cue, in case their order is
 * still to come.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bc/bc.h"
#include "operations/shipments_sync.h"
#include "store/marks.h"

enum { OVERLAP_MS = 5 * 60 * 1000, PAGE = 100, ASIDE_MOST = 10000, IDS_A_CALL = 20 };
static const int64_t ASIDE_MS = (int64_t)30 * 24 * 3600 * 1000;

struct posted { /* a row of the ERP, copied */
    const char *id, *number, *external, *order_number, *customer, *date, *modified, *rows;
    int64_t modified_ms;
    const char *order; /* Shopify's, "" = unknown */
    struct tracking tracking;
};
struct page {
    struct shipments *run;
    struct arena *arena;
    struct posted rows[PAGE];
    size_t count;
    bool walk; /* the mark moves */
    struct store_rows *records, *orders, *links;
};

static void page_empty(struct page *page)
{
    store_rows_free(GIVE(page->records));
    store_rows_free(GIVE(page->orders));
    store_rows_free(GIVE(page->links));
    arena_free(page->arena);
    page->arena = arena_new();
    page->count = 0;
}

static void page_drop(struct page *page)
{
    page_empty(page);
    arena_free(page->arena);
}

/* ---- whose shipment it is ---- */

static bool read_before(struct page *page, struct err *err)
{
    static const char *const RECORD[] = {"modified", "fulfillments", "told"};
    static const char *const ORDER[] = {"name", "shop"}, *const LINK[] = {"order_number"};
    const char *externals[PAGE], *records[PAGE], *orders[PAGE], *links[PAGE];
    struct ledger *ledger = page->run->attempt->ledger;
    const char *company = page->run->company;
    OWN_IDS struct store_ids found = {0};
    for (size_t i = 0; i < page->count; i++)
        externals[i] = arena_printf(page->arena, "external:%s", page->rows[i].external);
    if (!store_values(ledger, company, externals, page->count, &found, err))
        return false;
    for (size_t i = 0; i < page->count; i++) {
        struct posted *posted = &page->rows[i];
        posted->order = *posted->external ? arena_text(page->arena, found.items[i]) : "";
        records[i] = arena_printf(page->arena, "shipment:%s", posted->id);
        orders[i] = arena_printf(page->arena, "order:%s", posted->order);
        links[i] = arena_printf(page->arena, "link:order:%s", posted->order);
    }
    return store_read(ledger, company, records, page->count, RECORD, COUNT(RECORD), &page->records,
                      err) &&
           store_read(ledger, company, orders, page->count, ORDER, COUNT(ORDER), &page->orders,
                      err) &&
           store_read(ledger, company, links, page->count, LINK, COUNT(LINK), &page->links, err);
}

enum whose { OURS, OTHERS, UNKNOWN };

/* The number of the sales order tells a shipment of ours from one whose buyer happens to use the
 * same reference. A link of an invoice that was found posted has the number of its order, too. */
static enum whose whose(const struct page *page, size_t at)
{
    const struct posted *posted = &page->rows[at];
    const struct shop *shop = page->run->shop;
    const char *prefix = shop->external_document_prefix, *number = store_text(page->links, at, 0);
    if (!*posted->order)
        return *prefix && strncasecmp(posted->external, prefix, strlen(prefix)) == 0 ? OURS
                                                                                     : UNKNOWN;
    if (strcmp(store_text(page->orders, at, 1), shop->code) != 0)
        return OTHERS;
    bool another = *posted->order_number && *number && strcmp(posted->order_number, number) != 0;
    return another ? OTHERS : OURS;
}

/* ---- writing ---- */

static void write_shipment(struct shipments *run, const struct posted *posted, const char *name,
                           bool known)
{
    char score[32], now[32];
    OWN_TEXT char *key = mem_printf("shipment:%s", posted->id);
    OWN_TEXT char *all = mem_printf("shipments:%s", run->shop->code);
    OWN_TEXT char *due = mem_printf("shipments-due:%s", run->shop->code);
    OWN_TEXT char *by_number = mem_printf("shipment-no:%s", posted->number);
    int64_t now_ms = shipments_now_ms(run); /* the ERP's clock may be ahead of ours */
    snprintf(score, sizeof score, "%" PRId64,
             posted->modified_ms < now_ms ? posted->modified_ms : now_ms);
    snprintf(now, sizeof now, "%" PRId64, now_ms);
    write_add(run->write, "HSET", key, "number", posted->number, "external", posted->external,
              "customer", posted->customer, "posted", posted->date, "modified", posted->modified,
              "rows", posted->rows, "tracking_number", posted->tracking.number, "tracking_agent",
              posted->tracking.agent, "tracking_url", posted->tracking.url, "read", now, NULL);
    if (*posted->order)
        stage_stock(run->write, run->shop->code, posted->order);
    if (known)
        return;
    write_add(run->write, "HSET", key, "marker", "0", "shop", run->shop->code, NULL);
    write_add(run->write, "SET", by_number, posted->id, NULL);
    write_add(run->write, "ZADD", all, score, posted->id, NULL);
    write_add(run->write, "ZADD", due, score, posted->id, NULL);
    if (*posted->order) {
        OWN_TEXT char *of = mem_printf("shipments-of:%s", posted->order);
        write_add(run->write, "HSET", key, "order", posted->order, "order_name", name, NULL);
        write_add(run->write, "SADD", of, posted->id, NULL);
        stage_life(run->write, posted->order, "shipped", "%s, %s", posted->number, posted->date);
    }
}

static void write_aside(struct shipments *run, const struct posted *posted, const char *verb)
{
    char score[32];
    OWN_TEXT char *index = mem_printf("shipments-aside:%s", run->shop->code);
    OWN_TEXT char *member = mem_printf("%s %s", posted->id, posted->external);
    snprintf(score, sizeof score, "%" PRId64, posted->modified_ms);
    if (strcmp(verb, "ZADD") == 0)
        write_add(run->write, verb, index, score, member, NULL);
    else
        write_add(run->write, verb, index, member, NULL);
}

/* A number that has come, or changed, since the fulfillment was told. */
static void write_late_tracking(struct page *page, size_t at)
{
    char now[32];
    const struct posted *posted = &page->rows[at];
    OWN_TEXT char *index = mem_printf("shipments-tracking:%s", page->run->shop->code);
    snprintf(now, sizeof now, "%" PRId64, shipments_now_ms(page->run));
    if (*store_text(page->records, at, 1) && *posted->tracking.number &&
        strcmp(store_text(page->records, at, 2), posted->tracking.number) != 0)
        write_add(page->run->write, "ZADD", index, now, posted->id, NULL);
}

static bool is_news(const struct page *page, size_t at)
{
    bool changed = strcmp(store_text(page->records, at, 0), page->rows[at].modified) != 0;
    return whose(page, at) == OURS && (changed || !page->walk);
}

static bool read_tracking(struct page *page, struct err *err)
{
    const char *numbers[PAGE];
    struct tracking tracking[PAGE];
    size_t rows[PAGE], count = 0;
    for (size_t i = 0; i < page->count; i++)
        if (is_news(page, i)) {
            numbers[count] = page->rows[i].number;
            rows[count++] = i;
        }
    if (count > 0 &&
        !shipments_read_tracking(page->run, numbers, count, page->arena, tracking, err))
        return false;
    for (size_t i = 0; i < count; i++)
        page->rows[rows[i]].tracking = tracking[i];
    return true;
}

static void write_row(struct page *page, size_t at)
{
    const struct posted *posted = &page->rows[at];
    const char *modified = store_text(page->records, at, 0);
    enum whose owner = whose(page, at);
    if (is_news(page, at)) {
        write_shipment(page->run, posted, store_text(page->orders, at, 0), *modified != 0);
        write_late_tracking(page, at);
    }
    if (owner == UNKNOWN && *posted->external)
        write_aside(page->run, posted, "ZADD");
    else if (!page->walk)
        write_aside(page->run, posted, "ZREM");
}

static bool flush_page(struct page *page, struct err *err)
{
    struct shipments *run = page->run;
    if (page->count == 0)
        return true;
    if (!read_before(page, err) || !read_tracking(page, err))
        return false;
    for (size_t i = 0; i < page->count; i++) {
        write_row(page, i);
        if (!shipments_flush(run, false, err))
            return false;
    }
    if (page->walk) {
        OWN_TEXT char *key = mem_printf("mark:shipments:%s", run->shop->code);
        write_add(run->write, "HSET", key, "at", page->rows[page->count - 1].modified, NULL);
    }
    page_empty(page);
    return shipments_flush(run, true, err) && attempt_checkpoint(run->attempt, "", 0, err);
}

/* ---- reading ---- */

static const char *copy(struct page *page, const json *entity, const char *name)
{
    return arena_text(page->arena, json_text(entity, name));
}

/* [[sequence, "number", "quantity", item?]...]: what the plan needs of a line. */
static const char *rows_of(struct page *page, const json *entity)
{
    OWN_JSON json *rows = json_new_array();
    const json *lines = json_get(entity, "salesShipmentLines");
    for (size_t i = 0; i < json_count(lines); i++) {
        const json *line = json_at(lines, i);
        struct decimal quantity;
        char text[DECIMAL_TEXT];
        if (!json_decimal(line, "quantity", &quantity) || decimal_sign(quantity) == 0)
            continue;
        json *row = json_new_object();
        decimal_format(quantity, text);
        json_set_int(row, "s", json_int(line, "sequence", 0));
        json_set_text(row, "n", json_text(line, "lineObjectNumber"));
        json_set_text(row, "q", text);
        json_set_bool(row, "i", strcmp(json_text(line, "lineType"), "Item") == 0);
        json_add(rows, row);
    }
    return arena_text(page->arena, json_write(rows));
}

static bool take_row(void *state, const json *entity, struct err *err)
{
    struct page *page = state;
    struct posted posted = {
        .id = copy(page, entity, "id"),
        .number = copy(page, entity, "number"),
        .external = copy(page, entity, "externalDocumentNumber"),
        .order_number = copy(page, entity, "orderNumber"),
        .customer = copy(page, entity, "customerNumber"),
        .date = copy(page, entity, "postingDate"),
        .modified = copy(page, entity, "lastModifiedDateTime"),
        .rows = rows_of(page, entity),
    };
    if (!*posted.id || !time_parse(posted.modified, &posted.modified_ms))
        return err_set(err, ERR_RETRY, 0, "a listed shipment has no id or time of change");
    page->rows[page->count++] = posted;
    return page->count < PAGE || flush_page(page, err);
}

static void select_rows(struct buf *path)
{
    buf_text(path, "&$select=id,number,externalDocumentNumber,orderNumber,customerNumber,"
                   "postingDate,lastModifiedDateTime&$expand=salesShipmentLines($select=sequence,"
                   "lineType,lineObjectNumber,quantity)");
}

static bool walk_start(struct shipments *run, char from[static 32], struct err *err)
{
    OWN_TEXT char *key = mem_printf("mark:shipments:%s", run->shop->code);
    OWN_TEXT char *first = mem_printf("%.10sT00:00:00Z", run->shop->order_history_start);
    return store_walk_start(run->attempt->ledger, run->company, key, OVERLAP_MS, first, run->write,
                            from, err) &&
           shipments_flush(run, true, err);
}

static bool walk(struct shipments *run, struct err *err)
{
    char from[32];
    const char *prefix = run->shop->external_document_prefix;
    OWN_BUF struct buf path = {0}, filter = {0};
    __attribute__((cleanup(page_drop))) struct page page = {
        .run = run, .arena = arena_new(), .walk = true};
    if (!walk_start(run, from, err))
        return false;
    buf_printf(&filter, "lastModifiedDateTime gt %s", from);
    if (*prefix) {
        buf_text(&filter, " and startswith(externalDocumentNumber,'");
        for (; *prefix; prefix++) /* a Code field: upper case */
            buf_printf(&filter, *prefix == '\'' ? "''" : "%c", toupper((unsigned char)*prefix));
        buf_text(&filter, "')");
    }
    buf_text(&path, "salesShipments?$filter=");
    bc_encode(&path, buf_str(&filter));
    buf_text(&path, "&$orderby=lastModifiedDateTime");
    select_rows(&path);
    return (bc_list(run->attempt, buf_str(&path), false, take_row, &page, err) &&
            flush_page(&page, err)) ||
           err_wrap(err, "look for shipments posted or changed since %s", from);
}

/* ---- by their ids ---- */

bool shipments_read_again(struct shipments *run, const char *const ids[], size_t count,
                          struct err *err)
{
    __attribute__((cleanup(page_drop))) struct page page = {.run = run, .arena = arena_new()};
    for (size_t from = 0; from < count; from += IDS_A_CALL) {
        OWN_BUF struct buf path = {0};
        buf_text(&path, "salesShipments?$filter=");
        for (size_t i = from; i < count && i < from + IDS_A_CALL; i++)
            buf_printf(&path, "%sid%%20eq%%20%s", i > from ? "%20or%20" : "", ids[i]);
        select_rows(&path);
        if (!bc_list(run->attempt, buf_str(&path), false, take_row, &page, err))
            return err_wrap(err, "read shipments again");
    }
    return flush_page(&page, err);
}

/* Those that were kept aside, and whose order has come since. */
static bool take_aside(struct shipments *run, struct err *err)
{
    OWN_TEXT char *key = mem_printf("shipments-aside:%s", run->shop->code);
    OWN_IDS struct store_ids aside = {0};
    OWN(arena) struct arena *arena = arena_new();
    if (!store_zset(run->attempt->ledger, run->company, key, INT64_MAX, ASIDE_MOST, &aside, err))
        return false;
    for (size_t from = 0; from < aside.count; from += STORE_PAGE) {
        const char *keys[STORE_PAGE], *ids[STORE_PAGE];
        size_t count = aside.count - from < STORE_PAGE ? aside.count - from : STORE_PAGE, used = 0;
        OWN_IDS struct store_ids orders = {0};
        for (size_t i = 0; i < count; i++)
            keys[i] = arena_printf(arena, "external:%s", strchr(aside.items[from + i], ' ') + 1);
        if (!store_values(run->attempt->ledger, run->company, keys, count, &orders, err))
            return false;
        for (size_t i = 0; i < count; i++)
            if (*orders.items[i])
                ids[used++] =
                    arena_text_n(arena, aside.items[from + i], strcspn(aside.items[from + i], " "));
        if (used > 0 && !shipments_read_again(run, ids, used, err))
            return false;
    }
    char before[32];
    snprintf(before, sizeof before, "%" PRId64, shipments_now_ms(run) - ASIDE_MS);
    if (aside.count > 0)
        write_add(run->write, "ZREMRANGEBYSCORE", key, "-inf", before, NULL);
    return shipments_flush(run, true, err);
}

bool shipments_discover(struct shipments *run, struct err *err)
{
    attempt_progress(run->attempt, "looking for posted shipments", 0, 0);
    return walk(run, err) && take_aside(run, err);
}

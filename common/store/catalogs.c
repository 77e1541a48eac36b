/* catalogs.c - see catalogs.h. */
#include "store/catalogs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const FIELDS[] = {"title",    "type",         "status",      "list",
                                     "currency", "erp_currency", "publication", "contexts",
                                     "gone",     "basis",        "unsure"};
enum {
    TITLE,
    TYPE,
    STATUS,
    LIST,
    CURRENCY,
    ERP_CURRENCY,
    PUBLICATION,
    CONTEXTS,
    GONE,
    BASIS,
    UNSURE
};

void stage_catalog(struct write *write, const char *shop, const struct staged_catalog *catalog,
                   int64_t now_ms)
{
    char now[32];
    OWN_TEXT char *key = mem_printf("catalog:%s:%s", shop, catalog->id);
    OWN_TEXT char *all = mem_printf("catalogs:%s", shop);
    snprintf(now, sizeof now, "%" PRId64, now_ms);
    write_add(write, "HSET", key, "title", catalog->title, "type", catalog->type, "status",
              catalog->status, "list", catalog->list, "currency", catalog->currency, "erp_currency",
              catalog->erp_currency, "publication", catalog->publication, "contexts",
              catalog->contexts, "gone", "", NULL);
    write_add(write, "ZADD", all, now, catalog->id, NULL);
}

void stage_catalog_gone(struct write *write, const char *shop, const char *id)
{
    OWN_TEXT char *key = mem_printf("catalog:%s:%s", shop, id);
    write_add(write, "HSET", key, "gone", "1", "basis", "", NULL);
}

void stage_catalog_basis(struct write *write, const char *shop, const char *id, const char *basis)
{
    OWN_TEXT char *key = mem_printf("catalog:%s:%s", shop, id);
    write_add(write, "HSET", key, "basis", basis, NULL);
}

void stage_catalog_unsure(struct write *write, const char *shop, const char *id, int64_t until_ms)
{
    char until[32];
    OWN_TEXT char *key = mem_printf("catalog:%s:%s", shop, id);
    snprintf(until, sizeof until, "%" PRId64, until_ms);
    write_add(write, "HSET", key, "unsure", until_ms > 0 ? until : "", NULL);
}

/* ---- reading ---- */

struct catalog_rows {
    struct store_ids ids;
    struct store_rows **pages; /* of STORE_PAGE each */
    size_t count;
};

void catalog_rows_free(struct catalog_rows *rows)
{
    if (!rows)
        return;
    for (size_t i = 0; i < rows->count; i++)
        store_rows_free(rows->pages[i]);
    free(rows->pages);
    store_ids_drop(&rows->ids);
    free(rows);
}

bool store_catalogs(struct ledger *ledger, const char *company, const char *shop,
                    struct catalog_rows **out, struct err *err)
{
    OWN(catalog_rows) struct catalog_rows *rows = mem_new(sizeof *rows);
    OWN_TEXT char *all = mem_printf("catalogs:%s", shop);
    OWN_TEXT char *prefix = mem_printf("catalog:%s:", shop);
    if (!store_zset(ledger, company, all, INT64_MAX, CATALOGS_MOST, &rows->ids, err))
        return err_wrap(err, "read catalogs of shop %s", shop);
    rows->pages = mem_array(rows->ids.count / STORE_PAGE + 1, sizeof(struct store_rows *));
    for (size_t from = 0; from < rows->ids.count; from += STORE_PAGE) {
        size_t left = rows->ids.count - from;
        const struct store_ids page = {rows->ids.items + from,
                                       left < STORE_PAGE ? left : STORE_PAGE};
        if (!store_read_ids(ledger, company, prefix, &page, FIELDS, COUNT(FIELDS),
                            &rows->pages[rows->count], err))
            return err_wrap(err, "read catalogs of shop %s", shop);
        rows->count++;
    }
    *out = GIVE(rows);
    return true;
}

size_t catalog_rows_count(const struct catalog_rows *rows)
{
    return rows->ids.count;
}

struct staged_catalog catalog_row(const struct catalog_rows *rows, size_t row)
{
    const struct store_rows *page = rows->pages[row / STORE_PAGE];
    size_t at = row % STORE_PAGE;
    return (struct staged_catalog){
        .id = rows->ids.items[row],
        .title = store_text(page, at, TITLE),
        .type = store_text(page, at, TYPE),
        .status = store_text(page, at, STATUS),
        .list = store_text(page, at, LIST),
        .currency = store_text(page, at, CURRENCY),
        .erp_currency = store_text(page, at, ERP_CURRENCY),
        .publication = store_text(page, at, PUBLICATION),
        .contexts = store_text(page, at, CONTEXTS),
        .gone = *store_text(page, at, GONE) != 0,
        .basis = store_text(page, at, BASIS),
        .unsure_ms = store_int(page, at, UNSURE),
    };
}

/* postings.c - records of posted documents: written by runs, read by people. */
#include "store/postings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/reasons.h"
#include "store/lists.h"
#include "store/room.h"
#include "store/staging.h"

enum { PREVIEW_DAY_S = 86400, ALL = 1000000, LOOKS = 4 };

static const char *const STATES[] = {"posted", "partly", "skipped", "failed"};

/* ---- written by runs ---- */

void stage_posting(struct write *write, const struct posting_record *record, int64_t now_ms)
{
    char attempts[24], tries[24], due[24], now[24];
    OWN_TEXT char *key = mem_printf("posting:%s", record->id);
    snprintf(attempts, sizeof attempts, "%" PRId64, record->attempts);
    snprintf(tries, sizeof tries, "%" PRId64, record->tries);
    snprintf(due, sizeof due, "%" PRId64, record->due_ms);
    snprintf(now, sizeof now, "%" PRId64, now_ms);
    write_add(write, "HSET", key, "kind", record->kind, "number", record->number, "order",
              record->order, "name", record->name, "refund", record->refund, "shop", record->shop,
              "state", record->state, "invoice", record->invoice, "invoice_number",
              record->invoice_number, "shipment_number", record->shipment_number, "reason",
              record->reason, "error", record->error, "attempts", attempts, "tries", tries, "due",
              due, "at", now, NULL);
    write_add(write, "ZADD", "postings", now, record->id, NULL);
    for (size_t i = 0; i < COUNT(STATES); i++) {
        OWN_TEXT char *list = mem_printf("postings-of:%s", STATES[i]);
        if (strcmp(STATES[i], record->state) == 0)
            write_add(write, "ZADD", list, now, record->id, NULL);
        else
            write_add(write, "ZREM", list, record->id, NULL);
    }
    const char *const names[] = {record->order, record->name, record->number,
                                 record->invoice_number, record->shipment_number};
    for (size_t i = 0; i < COUNT(names); i++)
        stage_find_in(write, "find-posting", record->id, names[i]);
}

void stage_preview(struct write *write, const char *task, const char *document, const char *row)
{
    OWN_TEXT char *key = mem_printf("posting-preview:%s", task);
    write_add(write, "HSET", key, document, row, NULL);
    write_expire(write, key, PREVIEW_DAY_S);
}

/* ---- lists ---- */

static const char *const FIELDS[] = {"order",   "name",           "shop",
                                     "kind",    "number",         "state",
                                     "invoice", "invoice_number", "shipment_number",
                                     "reason",  "error",          "attempts",
                                     "at"};
enum { AT_SHOP = 2, AT_REASON = 9, AT_ATTEMPTS = 11, AT_AT = 12 };

static void add_row(json *list, const struct store_rows *rows, size_t i, const char *id)
{
    json *row = json_new_object();
    json_set_text(row, "id", id);
    for (size_t k = 0; k < AT_ATTEMPTS; k++)
        json_set_text(row, FIELDS[k], store_text(rows, i, k));
    json_set_text(row, "cure", reason_row(reason_by_code(store_text(rows, i, AT_REASON)))->cure);
    json_set_int(row, "attempts", store_int(rows, i, AT_ATTEMPTS));
    json_set_int(row, "at_ms", store_int(rows, i, AT_AT));
    json_add(list, row);
}

static bool of_shop(const struct posting_query *query, const struct store_rows *rows, size_t i)
{
    return !query->shop || strcasecmp(store_text(rows, i, AT_SHOP), query->shop) == 0;
}

/* All of a state, or of any, stand in one list, newest first. */
static char *list_of(const struct posting_query *query)
{
    return query->state ? mem_printf("postings-of:%s", query->state) : mem_text("postings");
}

static bool add_rows(struct ledger *ledger, const char *company, const struct posting_query *query,
                     const struct list_page *page, json *list, struct list_place *last,
                     struct err *err)
{
    OWN_IDS struct store_ids ids = {mem_array(STORE_PAGE, sizeof *ids.items), 0};
    OWN(store_rows) struct store_rows *rows = NULL;
    for (size_t i = 0; i < page->count; i++)
        ids.items[ids.count++] = mem_text(page->places[i].id);
    if (ids.count &&
        !store_read_ids(ledger, company, "posting:", &ids, FIELDS, COUNT(FIELDS), &rows, err))
        return false;
    for (size_t i = 0; i < ids.count && json_count(list) < query->most; i++) {
        *last = page->places[i];
        if (of_shop(query, rows, i))
            add_row(list, rows, i, ids.items[i]);
    }
    return true;
}

/* A page, or as much of one as so many looks find. */
static bool read_list(struct ledger *ledger, const char *company, const struct posting_query *query,
                      json *list, struct list_place *last, struct err *err)
{
    OWN_TEXT char *key = list_of(query);
    struct list_page *page = mem_new(sizeof *page);
    bool good = true, more = true;
    for (int look = 0; good && more && look < LOOKS && json_count(list) < query->most; look++) {
        size_t left = query->most - json_count(list);
        size_t most = query->shop || left >= STORE_PAGE ? STORE_PAGE : left + 1;
        good = list_read(ledger, company, key, *last->id ? last : NULL, most, page, err) &&
               add_rows(ledger, company, query, page, list, last, err);
        more = page->count == STORE_PAGE ||
               (page->count && strcmp(last->id, page->places[page->count - 1].id) != 0);
    }
    if (!more)
        last->id[0] = 0;
    free(page);
    return good;
}

static int newest_first(const void *one, const void *two)
{
    const struct list_place *a = one, *b = two;
    return a->at_ms < b->at_ms ? 1 : a->at_ms > b->at_ms ? -1 : strcmp(b->id, a->id);
}

/* What has this name or number: few, which are read at once, and given by the page. */
static bool find_list(struct ledger *ledger, const char *company, const struct posting_query *query,
                      json *list, struct list_place *last, struct err *err)
{
    OWN_TEXT char *key = list_of(query);
    OWN_IDS struct store_ids ids = {0};
    struct list_page *page = mem_new(sizeof *page);
    bool good = list_find_postings(ledger, company, query->text, &ids, err) &&
                (!ids.count || list_places(ledger, company, key, &ids, page, err));
    size_t shown = 0;
    qsort(page->places, page->count, sizeof *page->places, newest_first);
    while (*last->id && shown < page->count && newest_first(&page->places[shown], last) <= 0)
        shown++;
    page->count -= shown;
    memmove(page->places, page->places + shown, page->count * sizeof *page->places);
    good = good && add_rows(ledger, company, query, page, list, last, err);
    if (!page->count || strcmp(last->id, page->places[page->count - 1].id) == 0)
        last->id[0] = 0;
    free(page);
    return good;
}

bool store_postings(struct ledger *ledger, const char *company, const struct posting_query *query,
                    json **out, struct list_place *next, struct err *err)
{
    OWN_JSON json *list = json_new_array();
    struct list_place end = query->after ? *query->after : (struct list_place){0};
    if (!(query->text ? find_list : read_list)(ledger, company, query, list, &end, err))
        return err_wrap(err, "posted documents");
    if (next)
        *next = end;
    *out = GIVE(list);
    return true;
}

static int by_number(const void *a, const void *b)
{
    return strcmp(json_text(*(json *const *)a, "number"), json_text(*(json *const *)b, "number"));
}

bool store_posting_preview(struct ledger *ledger, const char *company, const char *task, json **out,
                           struct err *err)
{
    OWN_TEXT char *rest = mem_printf("posting-preview:%s", task);
    OWN_TEXT char *key = store_key(ledger, company, rest);
    OWN_REPLY redisReply *reply = NULL;
    const char *const argv[] = {"HVALS", key};
    if (!redis_command(ledger_redis(ledger), COUNT(argv), argv, NULL, &reply, err))
        return err_wrap(err, "preview of %s", task);
    if (reply->elements == 0)
        return err_set(err, ERR_FATAL, 404,
                       "run %s left no preview; they are kept for a day, see `cartage post preview "
                       "--help`",
                       task);
    json **rows = mem_array(reply->elements, sizeof *rows);
    OWN_JSON json *answer = json_new_object();
    json *list = json_new_array();
    int64_t post = 0;
    size_t count = 0;
    bool ok = true;
    for (size_t i = 0; i < reply->elements && ok; i++)
        if (*reply->element[i]->str == '{') /* "" says that nothing matched */
            ok = json_parse(reply->element[i]->str, reply->element[i]->len, &rows[count++], err);
    qsort(rows, count, sizeof *rows, by_number);
    for (size_t i = 0; i < count; i++) {
        post += ok && json_flag(rows[i], "post", false);
        json_add(list, rows[i]);
    }
    free(rows);
    json_set_int(answer, "post", post);
    json_set(answer, "documents", list);
    if (ok)
        *out = GIVE(answer);
    return ok;
}

/* ---- marking by hand ---- */

static bool command(struct ledger *ledger, int argc, const char *const argv[], struct err *err)
{
    OWN_REPLY redisReply *reply = NULL;
    return redis_command(ledger_redis(ledger), argc, argv, NULL, &reply, err);
}

/* What is ready stands in two lists: orders, and refunds beside them, which are named by their
 * order. */
static const struct ready_list {
    const char *index, *record, *link, *mark; /* prefixes of keys; of the member of post-marks */
} READY[] = {
    {"ready",         "order:",  "link:order:",  ""       },
    {"ready-refunds", "refund:", "link:refund:", "refund:"},
};

/* A refusal first: were the mark alone written, the order would be taken no sooner. Both may be
 * done twice. */
static bool mark(struct ledger *ledger, const char *company, const char *shop,
                 const struct ready_list *list, const char *id, struct err *err)
{
    static const char *const ID[] = {"id"};
    OWN_TEXT char *link = mem_printf("%s%s", list->link, id);
    OWN_TEXT char *marks = mem_printf("post-marks:%s", shop);
    OWN_TEXT char *member = mem_printf("%s%s", list->mark, id);
    const char *const links[] = {link};
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!store_read(ledger, company, links, 1, ID, 1, &rows, err))
        return false;
    OWN_TEXT char *rest = mem_printf("posting:%s", store_text(rows, 0, 0));
    OWN_TEXT char *posting = store_key(ledger, company, rest);
    OWN_TEXT char *set = store_key(ledger, company, marks);
    const char *const wake[] = {"HDEL", posting, "due", "tries"};
    const char *const add[] = {"SADD", set, member};
    return command(ledger, COUNT(wake), wake, err) && command(ledger, COUNT(add), add, err);
}

/* "#1001" names the order, and its refunds, which are called "#1001-R<id>". */
static bool is_named(const struct store_rows *rows, size_t i, const char *id, const char *text)
{
    const char *name = store_text(rows, i, 0);
    size_t size = strlen(text);
    return strcasecmp(store_text(rows, i, 1), text) == 0 || strcmp(id, text) == 0 ||
           (strncasecmp(name, text, size) == 0 &&
            (!name[size] || strncmp(name + size, "-R", 2) == 0));
}

static bool mark_list(struct ledger *ledger, const char *company, const char *shop,
                      const struct ready_list *list, const char *text, json *marked,
                      struct err *err)
{
    static const char *const FIELDS_OF[] = {"name", "document"};
    OWN_TEXT char *ready = mem_printf("%s:%s", list->index, shop);
    OWN_IDS struct store_ids all = {0};
    if (!store_zset(ledger, company, ready, INT64_MAX, ALL, &all, err))
        return false;
    for (size_t from = 0; from < all.count; from += STORE_PAGE) {
        size_t left = all.count - from;
        struct store_ids page = {all.items + from, left < STORE_PAGE ? left : STORE_PAGE};
        OWN(store_rows) struct store_rows *rows = NULL;
        if (!store_read_ids(ledger, company, list->record, &page, FIELDS_OF, COUNT(FIELDS_OF),
                            &rows, err))
            return false;
        for (size_t i = 0; i < page.count; i++) {
            if (!is_named(rows, i, page.items[i], text))
                continue;
            if (!mark(ledger, company, shop, list, page.items[i], err))
                return false;
            json *row = json_new_object();
            json_set_text(row, "id", page.items[i]);
            json_set_text(row, "name", store_text(rows, i, 0));
            json_set_text(row, "shop", shop);
            json_set_text(row, "document", store_text(rows, i, 1));
            json_add(marked, row);
        }
    }
    return true;
}

bool store_post_mark(struct ledger *ledger, const char *company, const char *shop, const char *text,
                     json *marked, struct err *err)
{
    for (size_t i = 0; i < COUNT(READY); i++)
        if (!mark_list(ledger, company, shop, &READY[i], text, marked, err))
            return err_wrap(err, "name order %s of shop %s for posting", text, shop);
    return true;
}

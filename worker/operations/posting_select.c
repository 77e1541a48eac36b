/* posting_select.c - which documents a run is about.
 *
 * Usually those of Shopify orders that our own record hands over as ready: totals agree, and no
 * change of the order is open. `all` means every document that Business Central lists, less those
 * of Shopify orders that are not ready.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "ledger/commands.h"
#include "operations/posting.h"

enum { MOST = 100000, PAGE = 50 }; /* a page holds so many orders whole */

static struct posting_work *add_work(struct posting *posting)
{
    posting->works =
        mem_grow(posting->works, posting->count, posting->count + 1, sizeof *posting->works);
    struct posting_work *work = &posting->works[posting->count++];
    *work = (struct posting_work){.kind = posting->kind,
                                  .id = "",
                                  .number = "",
                                  .external = "",
                                  .order = "",
                                  .name = "",
                                  .shop = "",
                                  .refund = "",
                                  .invoice = "",
                                  .invoice_number = "",
                                  .shipment_number = "",
                                  .state = "",
                                  .before = "",
                                  .note_fence = ""};
    return work;
}

static char *copy(struct posting *posting, const char *text)
{
    return arena_text(posting->attempt->arena, text);
}

/* ---- orders that are ready ---- */

enum { O_NAME, O_FULFILLMENT, O_UPDATE, O_WHOLE };
static const char *const ORDER[] = {"name", "fulfillment", "update", "whole"};
static const char *const LINK[] = {"kind", "id", "number", "external"};

/* An order whose data cannot be read is not known to be paid. */
static bool fully_paid(const struct store_rows *rows, size_t i)
{
    const char *bytes;
    size_t size;
    struct err err;
    OWN_BUF struct buf text = {0};
    OWN_JSON json *tree = NULL;
    return store_bytes(rows, i, O_WHOLE, &bytes, &size) &&
           staged_unpack(bytes, size, &text, &err) &&
           json_parse(buf_str(&text), text.size, &tree, &err) &&
           json_flag(tree, "fullyPaid", false);
}

static bool is_time(const struct posting *posting, const struct store_rows *orders, size_t i,
                    bool marked)
{
    switch (posting->when) {
    case POST_PAID:
        return fully_paid(orders, i);
    case POST_FULFILLED:
        return strcmp(store_text(orders, i, O_FULFILLMENT), "FULFILLED") == 0;
    case POST_MANUAL:
        return marked;
    case POST_CREATED:
        break;
    }
    return true;
}

static bool kind_of(const char *word, enum posting_kind *out)
{
    for (int kind = POSTING_ORDER; kind <= POSTING_MEMO; kind++)
        if (strcmp(word, posting_kind_word((enum posting_kind)kind)) == 0) {
            *out = (enum posting_kind)kind;
            return true;
        }
    return false;
}

/* Is this kind of document this report's? */
static bool is_ours(const struct posting *posting, enum posting_kind kind)
{
    return kind == posting->kind ||
           (kind == POSTING_MEMO && posting->kind == POSTING_INVOICE && posting->credit_memos);
}

struct page {
    char *const *ids;
    size_t count;
    struct store_rows *rows, *links;
};

static bool read_page(struct posting *posting, struct page *page, const char *prefix,
                      const char *const fields[], size_t field_count, struct store_rows **out,
                      struct err *err)
{
    const char *keys[PAGE];
    for (size_t i = 0; i < page->count; i++)
        keys[i] = arena_printf(posting->attempt->arena, "%s%s", prefix, page->ids[i]);
    return store_read(posting->attempt->ledger, posting->company, keys, page->count, fields,
                      field_count, out, err);
}

static bool has_id(const struct store_ids *ids, const char *id)
{
    for (size_t i = 0; i < ids->count; i++)
        if (strcmp(ids->items[i], id) == 0)
            return true;
    return false;
}

static void add_ready(struct posting *posting, const char *shop, const char *order,
                      const char *refund, const struct store_rows *orders,
                      const struct store_rows *links, size_t i, bool marked)
{
    enum posting_kind kind;
    const char *name = store_text(orders, i, O_NAME);
    bool open = *store_text(orders, i, O_UPDATE) != 0;
    if (!kind_of(store_text(links, i, 0), &kind) || !is_ours(posting, kind))
        return;
    if (!*refund && (open || !is_time(posting, orders, i, marked)))
        return;
    if (*refund && posting->when == POST_MANUAL && !marked)
        return;
    if (!posting_filters_may_fit(posting->filters, store_text(links, i, 2), store_text(links, i, 3),
                                 name))
        return;
    struct posting_work *work = add_work(posting);
    work->kind = kind;
    work->order = copy(posting, order);
    work->refund = copy(posting, refund);
    work->name = copy(posting, name);
    work->shop = copy(posting, shop);
    work->id = copy(posting, store_text(links, i, 1));
    work->number = copy(posting, store_text(links, i, 2));
    work->external = copy(posting, store_text(links, i, 3));
}

static bool select_orders(struct posting *posting, const char *shop, const struct store_ids *marks,
                          struct err *err)
{
    OWN_TEXT char *key = mem_printf("ready:%s", shop);
    OWN_IDS struct store_ids ids = {0};
    size_t fields = posting->when == POST_PAID ? COUNT(ORDER) : COUNT(ORDER) - 1;
    if (!store_zset(posting->attempt->ledger, posting->company, key, INT64_MAX, MOST, &ids, err))
        return false;
    for (size_t from = 0; from < ids.count; from += PAGE) {
        struct page page = {ids.items + from, ids.count - from < PAGE ? ids.count - from : PAGE,
                            NULL, NULL};
        OWN(store_rows) struct store_rows *orders = NULL;
        OWN(store_rows) struct store_rows *links = NULL;
        if (!read_page(posting, &page, "order:", ORDER, fields, &orders, err) ||
            !read_page(posting, &page, "link:order:", LINK, COUNT(LINK), &links, err))
            return false;
        for (size_t i = 0; i < page.count; i++)
            add_ready(posting, shop, page.ids[i], "", orders, links, i, has_id(marks, page.ids[i]));
    }
    return true;
}

/* A refund stands with its order: the money is out, so only `manual` still asks for something. */
static bool select_refunds(struct posting *posting, const char *shop, const struct store_ids *marks,
                           struct err *err)
{
    static const char *const OF[] = {"order"};
    OWN_TEXT char *key = mem_printf("ready-refunds:%s", shop);
    OWN_IDS struct store_ids ids = {0};
    if (posting->kind != POSTING_INVOICE || !posting->credit_memos)
        return true;
    if (!store_zset(posting->attempt->ledger, posting->company, key, INT64_MAX, MOST, &ids, err))
        return false;
    for (size_t from = 0; from < ids.count; from += PAGE) {
        struct page page = {ids.items + from, ids.count - from < PAGE ? ids.count - from : PAGE,
                            NULL, NULL};
        char *names[PAGE];
        OWN(store_rows) struct store_rows *refunds = NULL;
        OWN(store_rows) struct store_rows *links = NULL;
        OWN(store_rows) struct store_rows *orders = NULL;
        if (!read_page(posting, &page, "refund:", OF, 1, &refunds, err) ||
            !read_page(posting, &page, "link:refund:", LINK, COUNT(LINK), &links, err))
            return false;
        for (size_t i = 0; i < page.count; i++)
            names[i] = copy(posting, store_text(refunds, i, 0));
        struct page of = {names, page.count, NULL, NULL};
        if (!read_page(posting, &of, "order:", ORDER, COUNT(ORDER) - 1, &orders, err))
            return false;
        for (size_t i = 0; i < page.count; i++)
            add_ready(
                posting, shop, names[i], page.ids[i], orders, links, i,
                has_id(marks, arena_printf(posting->attempt->arena, "refund:%s", page.ids[i])));
    }
    return true;
}

static bool select_shop(struct posting *posting, const char *shop, struct err *err)
{
    OWN_TEXT char *key = mem_printf("post-marks:%s", shop);
    OWN_IDS struct store_ids marks = {0};
    if (posting->when == POST_MANUAL &&
        !store_set(posting->attempt->ledger, posting->company, key, &marks, err))
        return false;
    return select_orders(posting, shop, &marks, err) && select_refunds(posting, shop, &marks, err);
}

static bool select_ready(struct posting *posting, struct err *err)
{
    OWN_JSON json *settings = NULL;
    const char *field;
    json *shop;
    if (posting->attempt->shop)
        return select_shop(posting, posting->attempt->shop->code, err);
    if (!ledger_settings_all(posting->attempt->ledger, posting->company, &settings, err))
        return false;
    JSON_EACH(field, shop, settings)
    {
        if (strncmp(field, "shop:", 5) == 0 && json_flag(shop, "enabled", false) &&
            !select_shop(posting, field + 5, err))
            return false;
    }
    return true;
}

/* ---- every document there is ---- */

struct listing {
    struct posting *posting;
    enum posting_kind kind;
    json *known; /* ids */
};

static bool list_row(void *state, const json *row, struct err *err)
{
    struct listing *listing = state;
    struct posting *posting = listing->posting;
    (void)err;
    if (json_has(listing->known, json_text(row, "id")))
        return true; /* ready, or listed twice */
    json_set_bool(listing->known, json_text(row, "id"), true);
    struct posting_work *work = add_work(posting);
    work->kind = listing->kind;
    work->id = copy(posting, json_text(row, "id"));
    work->number = copy(posting, json_text(row, "number"));
    work->external = copy(posting, json_text(row, "externalDocumentNumber"));
    return true;
}

/* Drafts of invoices and memos only: the same lists hold all that was ever posted. */
static bool list_documents(struct posting *posting, enum posting_kind kind, json *known,
                           struct err *err)
{
    struct listing listing = {posting, kind, known};
    OWN_TEXT char *path =
        mem_printf("%s?$select=id,number,externalDocumentNumber%s", posting_kind_set(kind),
                   kind == POSTING_ORDER ? "" : "&$filter=status%20eq%20'Draft'");
    return bc_list(posting->attempt, path, true, list_row, &listing, err);
}

/* A document that is a Shopify order's and not ready stays out; so does one of which no link is
 * known yet, because the call that made it is still without an answer. */
static bool leave_unready(struct posting *posting, size_t ready, struct err *err)
{
    static const char *const OF[] = {"order"}, *const KEY[] = {"key"};
    OWN_IDS struct store_ids notes = {0};
    OWN_JSON json *flying = json_new_object();
    size_t kept = ready;
    if (!store_set(posting->attempt->ledger, posting->company, "notes", &notes, err))
        return false;
    for (size_t from = 0; from < notes.count; from += PAGE) {
        struct page page = {notes.items + from,
                            notes.count - from < PAGE ? notes.count - from : PAGE, NULL, NULL};
        OWN(store_rows) struct store_rows *rows = NULL;
        if (!read_page(posting, &page, "note:", KEY, 1, &rows, err))
            return false;
        for (size_t i = 0; i < page.count; i++)
            if (strncmp(page.ids[i], "posting:", 8) != 0)
                json_set_bool(flying, store_text(rows, i, 0), true);
    }
    for (size_t from = ready; from < posting->count; from += PAGE) {
        char *ids[PAGE];
        struct page page = {ids, posting->count - from < PAGE ? posting->count - from : PAGE, NULL,
                            NULL};
        OWN(store_rows) struct store_rows *rows = NULL;
        for (size_t i = 0; i < page.count; i++)
            ids[i] = copy(posting, posting->works[from + i].id);
        if (!read_page(posting, &page, "document:", OF, 1, &rows, err))
            return false;
        for (size_t i = 0; i < page.count; i++) {
            struct posting_work work = posting->works[from + i];
            if (!*store_text(rows, i, 0) && !json_has(flying, work.external))
                posting->works[kept++] = work;
        }
    }
    posting->count = kept;
    return true;
}

static bool select_all(struct posting *posting, struct err *err)
{
    size_t ready = posting->count;
    OWN_JSON json *known = json_new_object();
    for (size_t i = 0; i < ready; i++)
        json_set_bool(known, posting->works[i].id, true);
    if (!list_documents(posting, posting->kind, known, err) ||
        (posting->kind == POSTING_INVOICE && posting->credit_memos &&
         !list_documents(posting, POSTING_MEMO, known, err)))
        return false;
    return leave_unready(posting, ready, err);
}

/* ---- what is known of them ---- */

static const char *const RECORD[] = {
    "attempts", "tries", "due", "state", "before", "invoice", "invoice_number", "shipment_number"};
static const char *const NOTE[] = {"fence", "look_until"};

static void take_record(struct posting *posting, struct posting_work *work,
                        const struct store_rows *records, const struct store_rows *notes,
                        const struct store_rows *skips, size_t i)
{
    work->attempts = store_int(records, i, 0);
    work->tries = store_int(records, i, 1);
    work->due_ms = store_int(records, i, 2);
    work->state = copy(posting, store_text(records, i, 3));
    work->before = copy(posting, store_text(records, i, 4));
    work->invoice = copy(posting, store_text(records, i, 5));
    work->invoice_number = copy(posting, store_text(records, i, 6));
    work->shipment_number = copy(posting, store_text(records, i, 7));
    work->note_fence = copy(posting, store_text(notes, i, 0));
    work->look_until_ms = store_int(notes, i, 1);
    work->skip = skip_before_read(skips, i);
    work->skip.reason = copy(posting, work->skip.reason);
    work->skip.detail = copy(posting, work->skip.detail);
    work->skip.version = copy(posting, work->skip.version);
}

/* What Business Central has refused is put off; a person's run takes it at once. */
static bool is_due(const struct posting *posting, struct posting_work *work)
{
    bool due = *work->note_fence || work->due_ms <= posting_now_ms(posting);
    work->later = posting->preview && !due;
    return due || posting->by_hand || posting->preview;
}

static bool read_records(struct posting *posting, struct err *err)
{
    size_t kept = 0;
    for (size_t from = 0; from < posting->count; from += PAGE) {
        char *ids[PAGE];
        struct page page = {ids, posting->count - from < PAGE ? posting->count - from : PAGE, NULL,
                            NULL};
        OWN(store_rows) struct store_rows *records = NULL;
        OWN(store_rows) struct store_rows *notes = NULL;
        OWN(store_rows) struct store_rows *skips = NULL;
        for (size_t i = 0; i < page.count; i++)
            ids[i] = copy(posting, posting->works[from + i].id);
        if (!read_page(posting, &page, "posting:", RECORD, COUNT(RECORD), &records, err) ||
            !read_page(posting, &page, "note:posting:", NOTE, COUNT(NOTE), &notes, err) ||
            !read_page(posting, &page, "skip:", SKIP_RECORD, SKIP_FIELDS, &skips, err))
            return false;
        for (size_t i = 0; i < page.count; i++) {
            struct posting_work work = posting->works[from + i];
            take_record(posting, &work, records, notes, skips, i);
            if (is_due(posting, &work))
                posting->works[kept++] = work;
        }
    }
    posting->count = kept;
    return true;
}

bool posting_select(struct posting *posting, struct err *err)
{
    if (!select_ready(posting, err) || (posting->all && !select_all(posting, err)) ||
        !read_records(posting, err))
        return err_wrap(err, "list documents to post");
    return true;
}

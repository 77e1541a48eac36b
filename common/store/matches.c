/* matches.c - the lists that runs take their records from, through the runs' own filters. */
#include "store/matches.h"

#include <stdlib.h>
#include <string.h>

#include "store/lists.h"
#include "store/staging.h"

enum { PAGE = 50 }; /* of orders that are read whole */
enum verdict { FITS, MISSES, UNDECIDED };

static const char *const SHIPMENT_FILTERS[] = {"shipment_no", "customer_no", "posting_date"};
static const char *const SHIPMENT[] = {"number", "customer", "posted"}; /* in their order */
static const char *const ORDER[] = {"name", "whole"};

struct matches {
    struct ledger *ledger;
    const char *company, *store, *shop;
    const struct operation *operation;
    const json *arguments;
    bool filtered; /* is there any argument beside the shop? */
    struct order_filters *orders;
    struct filter *shipments[COUNT(SHIPMENT_FILTERS)];
    size_t looked;
    int64_t count, unseen, undecided;
    json *sample;
};

static void matches_drop(struct matches *matches)
{
    order_filters_free(matches->orders);
    for (size_t i = 0; i < COUNT(matches->shipments); i++)
        filter_free(matches->shipments[i]);
    json_free(matches->sample);
}

/* ---- one record ---- */

typedef enum verdict judge_fn(const struct matches *matches, const char *id,
                              const struct store_rows *rows, size_t row);

static enum verdict judge_order(const struct matches *matches, const char *id,
                                const struct store_rows *rows, size_t row)
{
    OWN(arena) struct arena *arena = arena_new();
    OWN_BUF struct buf text = {0};
    OWN_JSON json *tree = NULL;
    struct order order;
    struct order_facts facts;
    struct err unreadable;
    const char *bytes;
    size_t size;
    (void)id;
    if (!store_bytes(rows, row, 1, &bytes, &size) ||
        !staged_unpack(bytes, size, &text, &unreadable) ||
        !json_parse(buf_str(&text), text.size, &tree, &unreadable) ||
        !staged_order(tree, arena, &order, &unreadable))
        return UNDECIDED; /* the run says so, too, with the reason */
    order_facts_of(&order, "", arena, &facts);
    return order_filters_miss(matches->orders, &facts) ? MISSES : FITS;
}

static enum verdict judge_row(const struct matches *matches, const char *id,
                              const struct store_rows *rows, size_t row)
{
    struct order_facts facts;
    order_facts_of_row(id, rows, row, &facts);
    if (order_filters_need_all(matches->orders) && !facts.complete)
        return UNDECIDED;
    return order_filters_miss(matches->orders, &facts) ? MISSES : FITS;
}

static enum verdict judge_shipment(const struct matches *matches, const char *id,
                                   const struct store_rows *rows, size_t row)
{
    (void)id;
    for (size_t i = 0; i < COUNT(matches->shipments); i++)
        if (!filter_fits(matches->shipments[i], store_text(rows, row, i)))
            return MISSES;
    return FITS;
}

/* ---- a list ---- */

struct list { /* of records; its hashes begin with what people call them by */
    const char *key, *prefix;
    const char *const *fields;
    size_t field_count;
    judge_fn *judge;
};

static void take(struct matches *matches, enum verdict verdict, const char *name)
{
    matches->undecided += verdict == UNDECIDED;
    if (verdict != FITS)
        return;
    matches->count += matches->filtered;
    if (json_count(matches->sample) < MATCHES_SAMPLE)
        json_add_text(matches->sample, name);
}

static bool look(struct matches *matches, const struct list *list, struct err *err)
{
    int64_t listed;
    OWN_IDS struct store_ids ids = {0};
    size_t most = MATCHES_LOOKED_MOST - matches->looked;
    if (!matches->filtered) /* all fit: only the sample is read */
        most = MATCHES_SAMPLE - json_count(matches->sample);
    if (!list_counts(matches->ledger, matches->company, &list->key, 1, &listed, err) ||
        (most > 0 &&
         !store_zset(matches->ledger, matches->company, list->key, INT64_MAX, most, &ids, err)))
        return false;
    matches->looked += ids.count;
    if (!matches->filtered)
        matches->count += listed;
    else if (listed > (int64_t)ids.count)
        matches->unseen += listed - (int64_t)ids.count;
    for (size_t from = 0; from < ids.count; from += PAGE) {
        OWN(store_rows) struct store_rows *rows = NULL;
        struct store_ids page = {ids.items + from,
                                 ids.count - from < PAGE ? ids.count - from : PAGE};
        if (!store_read_ids(matches->ledger, matches->company, list->prefix, &page, list->fields,
                            list->field_count, &rows, err))
            return false;
        for (size_t i = 0; i < page.count; i++)
            take(matches, matches->filtered ? list->judge(matches, page.items[i], rows, i) : FITS,
                 store_text(rows, i, 0));
    }
    return true;
}

/* ---- operations ---- */

static bool count_unprocessed(struct matches *matches, struct err *err)
{
    OWN_TEXT char *key = mem_printf("unprocessed:%s", matches->shop);
    const struct list list = {key, "order:", ORDER, COUNT(ORDER), judge_order};
    return order_filters_open(matches->operation, matches->arguments, &matches->orders, err) &&
           look(matches, &list, err);
}

/* What the shop has, and what no shop has taken yet: the next run tests both. */
static bool count_discovered(struct matches *matches, struct err *err)
{
    OWN_TEXT char *claimed = mem_printf("claimed:%s", matches->shop);
    OWN_TEXT char *left = mem_printf("filtered:%s", matches->store);
    const struct list lists[] = {
        {claimed, "row:", FACT_FIELDS, FACT_COUNT, judge_row},
        {left,    "row:", FACT_FIELDS, FACT_COUNT, judge_row}
    };
    return order_filters_open(matches->operation, matches->arguments, &matches->orders, err) &&
           look(matches, &lists[0], err) && look(matches, &lists[1], err);
}

static bool count_due(struct matches *matches, struct err *err)
{
    OWN_TEXT char *key = mem_printf("shipments-due:%s", matches->shop);
    const struct list list = {key, "shipment:", SHIPMENT, COUNT(SHIPMENT), judge_shipment};
    for (size_t i = 0; i < COUNT(SHIPMENT_FILTERS); i++) {
        const char *text = json_text(matches->arguments, SHIPMENT_FILTERS[i]);
        if (*text && !filter_parse(text, FILTER_TEXT, &matches->shipments[i], err))
            return err_wrap(err, "argument %s", SHIPMENT_FILTERS[i]);
    }
    return look(matches, &list, err);
}

static const struct counting {
    const char *operation, *of, *code;
    bool (*count)(struct matches *matches, struct err *err);
} COUNTINGS[] = {
  /* clang-format off */
    {"orders.process",      "orders",    "unprocessed",               count_unprocessed},
    {"orders.sync",         "orders",    "discovered",                count_discovered},
    {"shipments.sync",      "shipments", "shipments-due",             count_due},
    {"sales-orders.post",   "documents", "asked-of-business-central", NULL},
    {"sales-invoices.post", "documents", "asked-of-business-central", NULL},
  /* clang-format on */
};
static const struct counting OTHERS = {"", "records", "asked-of-peers", NULL};
static const struct counting BY_NAME = {"", "orders", "asked-of-shopify", NULL};

static const struct counting *counting_of(const struct operation *operation, const json *arguments)
{
    static const char *const NAMED[] = {"named", "from_time", "to_time"};
    for (size_t i = 0; i < COUNT(NAMED); i++)
        if (strcmp(operation->name, "orders.sync") == 0 && *json_text(arguments, NAMED[i]))
            return &BY_NAME; /* read anew, whatever is known of them */
    for (size_t i = 0; i < COUNT(COUNTINGS); i++)
        if (strcmp(COUNTINGS[i].operation, operation->name) == 0)
            return &COUNTINGS[i];
    return &OTHERS;
}

static bool has_filters(const json *arguments)
{
    const char *name;
    json *child;
    JSON_EACH(name, child, arguments)
    {
        (void)child;
        if (strcmp(name, "shop") != 0)
            return true;
    }
    return false;
}

bool store_matches(struct ledger *ledger, const char *company, const char *store,
                   const struct operation *operation, const json *arguments, json **out,
                   struct err *err)
{
    __attribute__((cleanup(matches_drop))) struct matches matches = {
        .ledger = ledger,
        .company = company,
        .store = store,
        .shop = json_text(arguments, "shop"),
        .operation = operation,
        .arguments = arguments,
        .filtered = has_filters(arguments),
        .sample = json_new_array(),
    };
    const struct counting *counting = counting_of(operation, arguments);
    if (counting->count && !counting->count(&matches, err))
        return err_wrap(err, "count what %s would take", operation->name);
    OWN_JSON json *answer = json_new_object();
    json_set_text(answer, "of", counting->of);
    json_set_text(answer, "code", counting->code);
    if (counting->count) {
        json_set_int(answer, "count", matches.count);
        json_set(answer, "sample", GIVE(matches.sample));
        json_set_int(answer, "unseen", matches.unseen);
        json_set_int(answer, "undecided", matches.undecided);
    }
    *out = GIVE(answer);
    return true;
}

/* order_filters.c - arguments into tests. */
#include "store/order_filters.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *argument;
    size_t offset; /* of a text in order_facts */
    bool word;     /* a status: PARTIALLY_PAID fits "Partially Paid" */
    bool more;     /* a list of orders does not say it */
} TEXTS[] = {
  /* clang-format off */
    {"financial_status",   offsetof(struct order_facts, financial),   true,  false},
    {"fulfillment_status", offsetof(struct order_facts, fulfillment), true,  false},
    {"import_action",      offsetof(struct order_facts, action),      true,  false},
    {"order_no",           offsetof(struct order_facts, name),        false, false},
    {"order_id",           offsetof(struct order_facts, id),          false, false},
    {"tags",               offsetof(struct order_facts, tags),        false, false},
    {"amount",             offsetof(struct order_facts, amount),      false, false},
    {"vat_amount",         offsetof(struct order_facts, vat),         false, false},
    {"channel",            offsetof(struct order_facts, channel),     false, true },
    {"sell_to_country",    offsetof(struct order_facts, sell_to),     false, true },
    {"ship_to_country",    offsetof(struct order_facts, ship_to),     false, true },
    {"bill_to_country",    offsetof(struct order_facts, bill_to),     false, true },
  /* clang-format on */
};
static const struct {
    const char *argument;
    size_t offset;
    bool more;
} FLAGS[] = {
  /* clang-format off */
    {"fully_paid",     offsetof(struct order_facts, fully_paid),     false},
    {"confirmed",      offsetof(struct order_facts, confirmed),      false},
    {"test",           offsetof(struct order_facts, test),           false},
    {"high_risk",      offsetof(struct order_facts, high_risk),      true },
    {"channel_liable", offsetof(struct order_facts, channel_liable), true },
  /* clang-format on */
};

struct order_filters {
    struct filter *texts[COUNT(TEXTS)];
    int flags[COUNT(FLAGS)]; /* -1 = either */
    struct filter *attribute;
    bool attribute_exists; /* an attribute whose key fits must be there, or must not */
};

void order_filters_free(struct order_filters *filters)
{
    if (!filters)
        return;
    for (size_t i = 0; i < COUNT(TEXTS); i++)
        filter_free(filters->texts[i]);
    filter_free(filters->attribute);
    free(filters);
}

static enum filter_kind kind_of(const struct operation *operation, const char *argument)
{
    for (size_t i = 0; i < operation->parameter_count; i++)
        if (strcmp(operation->parameters[i].name, argument) == 0)
            return operation->parameters[i].kind;
    return FILTER_TEXT;
}

/* PARTIALLY_PAID|PAID -> Partially Paid|Paid: people write statuses either way, orders are tested
 * by words. */
static char *in_words(const char *text)
{
    char word[FILTER_WORD];
    OWN_BUF struct buf out = {0};
    while (*text) {
        size_t size = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
        if (size > 1 && size < sizeof word) {
            OWN_TEXT char *constant = mem_text_n(text, size);
            filter_word(constant, word);
            buf_text(&out, word);
        } else
            buf_add(&out, text, size = size ? size : 1);
        text += size;
    }
    return mem_text(buf_str(&out));
}

static bool parse(const struct operation *operation, const json *arguments, const char *argument,
                  bool word, struct filter **out, struct err *err)
{
    const char *given = json_text(arguments, argument);
    OWN_TEXT char *text = word ? in_words(given) : mem_text(given);
    return !*text || filter_parse(text, kind_of(operation, argument), out, err) ||
           err_wrap(err, "argument %s", argument);
}

bool order_filters_open(const struct operation *operation, const json *arguments,
                        struct order_filters **out, struct err *err)
{
    OWN(order_filters) struct order_filters *filters = mem_new(sizeof *filters);
    for (size_t i = 0; i < COUNT(TEXTS); i++)
        if (!parse(operation, arguments, TEXTS[i].argument, TEXTS[i].word, &filters->texts[i], err))
            return false;
    if (!parse(operation, arguments, "attribute_key", false, &filters->attribute, err))
        return false;
    filters->attribute_exists = json_flag(arguments, "attribute_exists", true);
    for (size_t i = 0; i < COUNT(FLAGS); i++)
        filters->flags[i] = json_has(arguments, FLAGS[i].argument)
                                ? json_flag(arguments, FLAGS[i].argument, false)
                                : -1;
    *out = GIVE(filters);
    return true;
}

static bool has_attribute(const struct filter *filter, const char *keys)
{
    for (const char *at = keys; *at; at += *at == '\n') {
        size_t size = strcspn(at, "\n");
        OWN_TEXT char *key = mem_text_n(at, size);
        if (filter_fits(filter, key))
            return true;
        at += size;
    }
    return false;
}

const char *order_filters_miss(const struct order_filters *filters, const struct order_facts *facts)
{
    const char *base = (const char *)facts;
    for (size_t i = 0; i < COUNT(TEXTS); i++) {
        char word[FILTER_WORD];
        const char *value = *(const char *const *)(const void *)(base + TEXTS[i].offset);
        if (TEXTS[i].word)
            filter_word(value, word);
        if (!filter_fits(filters->texts[i], TEXTS[i].word ? word : value))
            return TEXTS[i].argument;
    }
    for (size_t i = 0; i < COUNT(FLAGS); i++)
        if (filters->flags[i] >= 0 && filters->flags[i] != *(const bool *)(base + FLAGS[i].offset))
            return FLAGS[i].argument;
    if (filters->attribute &&
        has_attribute(filters->attribute, facts->attributes) != filters->attribute_exists)
        return "attribute_key";
    return NULL;
}

bool order_filters_need_all(const struct order_filters *filters)
{
    bool need = filters->attribute != NULL;
    for (size_t i = 0; i < COUNT(TEXTS); i++)
        need = need || (TEXTS[i].more && filters->texts[i]);
    for (size_t i = 0; i < COUNT(FLAGS); i++)
        need = need || (FLAGS[i].more && filters->flags[i] >= 0);
    return need;
}

void order_facts_of(const struct order *order, const char *action, struct arena *arena,
                    struct order_facts *out)
{
    OWN_BUF struct buf keys = {0};
    char amount[DECIMAL_TEXT], vat[DECIMAL_TEXT];
    for (size_t i = 0; i < order->attributes.count; i++)
        buf_printf(&keys, "%s%s", i ? "\n" : "", order->attributes.items[i].key);
    decimal_format(order->current.total.shop, amount);
    decimal_format(order->sold.tax.shop, vat);
    *out = (struct order_facts){
        .id = order->id,
        .name = order->name,
        .financial = order->financial,
        .fulfillment = order->fulfillment,
        .tags = order->tags,
        .action = action,
        .amount = arena_text(arena, amount),
        .vat = arena_text(arena, vat),
        .fully_paid = order->fully_paid,
        .confirmed = order->confirmed,
        .test = order->test,
        .complete = true,
        .channel = order->channel,
        .sell_to = order->sell_to.country,
        .ship_to = order->ship_to.country,
        .bill_to = order->bill_to.country,
        .attributes = arena_text(arena, buf_str(&keys)),
        .high_risk = strcmp(order->risk, "HIGH") == 0,
        .channel_liable = order->channel_tax,
    };
}

const char *const FACT_FIELDS[FACT_COUNT] = {
    "name",      "updated", "financial",  "fulfillment", "tags",  "amount",  "paid",
    "confirmed", "test",    "action",     "vat",         "facts", "channel", "sell_to",
    "ship_to",   "bill_to", "attributes", "risk",        "liable"};

void order_facts_of_row(const char *id, const struct store_rows *rows, size_t row,
                        struct order_facts *out)
{
    *out = (struct order_facts){
        .id = id,
        .name = store_text(rows, row, 0),
        .financial = store_text(rows, row, 2),
        .fulfillment = store_text(rows, row, 3),
        .tags = store_text(rows, row, 4),
        .amount = store_text(rows, row, 5),
        .fully_paid = store_int(rows, row, 6) != 0,
        .confirmed = store_int(rows, row, 7) != 0,
        .test = store_int(rows, row, 8) != 0,
        .action = store_text(rows, row, 9),
        .vat = store_text(rows, row, 10),
        .complete = store_int(rows, row, 11) != 0,
        .channel = store_text(rows, row, 12),
        .sell_to = store_text(rows, row, 13),
        .ship_to = store_text(rows, row, 14),
        .bill_to = store_text(rows, row, 15),
        .attributes = store_text(rows, row, 16),
        .high_risk = store_int(rows, row, 17) != 0,
        .channel_liable = store_int(rows, row, 18) != 0,
    };
}

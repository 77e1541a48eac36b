/* order_filters.c - arguments into tests. */
#include "operations/order_filters.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *argument;
    size_t offset; /* of a text in order_facts */
    bool word;     /* a status: PARTIALLY_PAID fits "Partially Paid" */
} TEXTS[] = {
    {"financial_status",   offsetof(struct order_facts, financial),   true },
    {"fulfillment_status", offsetof(struct order_facts, fulfillment), true },
    {"import_action",      offsetof(struct order_facts, action),      true },
    {"order_no",           offsetof(struct order_facts, name),        false},
    {"order_id",           offsetof(struct order_facts, id),          false},
    {"tags",               offsetof(struct order_facts, tags),        false},
    {"amount",             offsetof(struct order_facts, amount),      false},
};
static const struct {
    const char *argument;
    size_t offset;
} FLAGS[] = {
    {"fully_paid", offsetof(struct order_facts, fully_paid)},
    {"confirmed",  offsetof(struct order_facts, confirmed) },
    {"test",       offsetof(struct order_facts, test)      },
    {"high_risk",  offsetof(struct order_facts, high_risk) },
};

struct order_filters {
    struct filter *texts[COUNT(TEXTS)];
    int flags[COUNT(FLAGS)]; /* -1 = either */
};

void order_filters_free(struct order_filters *filters)
{
    if (!filters)
        return;
    for (size_t i = 0; i < COUNT(TEXTS); i++)
        filter_free(filters->texts[i]);
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

bool order_filters_open(const struct operation *operation, const json *arguments,
                        struct order_filters **out, struct err *err)
{
    OWN(order_filters) struct order_filters *filters = mem_new(sizeof *filters);
    for (size_t i = 0; i < COUNT(TEXTS); i++) {
        const char *given = json_text(arguments, TEXTS[i].argument);
        OWN_TEXT char *text = TEXTS[i].word ? in_words(given) : mem_text(given);
        if (*text &&
            !filter_parse(text, kind_of(operation, TEXTS[i].argument), &filters->texts[i], err))
            return err_wrap(err, "argument %s", TEXTS[i].argument);
    }
    for (size_t i = 0; i < COUNT(FLAGS); i++)
        filters->flags[i] = json_has(arguments, FLAGS[i].argument)
                                ? json_flag(arguments, FLAGS[i].argument, false)
                                : -1;
    *out = GIVE(filters);
    return true;
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
    return NULL;
}

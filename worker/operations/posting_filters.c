/* posting_filters.c - the filters of both reports, tested on one document.
 *
 * They are tested here and not by Business Central: one language for all fields, also for those
 * that its filters cannot be relied on, and each document is looked at before it is posted anyway.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "operations/posting.h"

enum {
    FILTER_NUMBER_OF,
    FILTER_STATUS,
    FILTER_CUSTOMER,
    FILTER_POSTING,
    FILTER_DOCUMENT,
    FILTER_AMOUNT,
    FILTER_EXTERNAL,
    FILTER_ORDER,
    FILTERS
};

static const struct {
    const char *argument;
    enum filter_kind kind;
    bool dates; /* `today` stands for a date */
} ROWS[FILTERS] = {
    [FILTER_NUMBER_OF] = {"number",                   FILTER_TEXT,   false},
    [FILTER_STATUS] = {"status",                   FILTER_TEXT,   false},
    [FILTER_CUSTOMER] = {"customer",                 FILTER_TEXT,   false},
    [FILTER_POSTING] = {"filter_posting_date",      FILTER_TEXT,   true },
    [FILTER_DOCUMENT] = {"filter_document_date",     FILTER_TEXT,   true },
    [FILTER_AMOUNT] = {"amount",                   FILTER_NUMBER, false},
    [FILTER_EXTERNAL] = {"external_document_number", FILTER_TEXT,   false},
    [FILTER_ORDER] = {"order_no",                 FILTER_TEXT,   false},
};

struct posting_filters {
    struct filter *filters[FILTERS];
};

void posting_filters_free(struct posting_filters *filters)
{
    if (!filters)
        return;
    for (size_t i = 0; i < FILTERS; i++)
        filter_free(filters->filters[i]);
    free(filters);
}

static char *with_today(const char *text, const char *today)
{
    OWN_BUF struct buf out = {0};
    while (*text) {
        if (strncasecmp(text, "today", 5) == 0) {
            buf_text(&out, today);
            text += 5;
        } else {
            buf_add(&out, text++, 1);
        }
    }
    return mem_text(buf_str(&out));
}

bool posting_filters_open(const json *arguments, const char *today, struct posting_filters **out,
                          struct err *err)
{
    OWN(posting_filters) struct posting_filters *filters = mem_new(sizeof *filters);
    for (size_t i = 0; i < FILTERS; i++) {
        const char *given = json_text(arguments, ROWS[i].argument);
        OWN_TEXT char *text = ROWS[i].dates ? with_today(given, today) : mem_text(given);
        if (*text && !filter_parse(text, ROWS[i].kind, &filters->filters[i], err))
            return err_wrap(err, "argument %s", ROWS[i].argument);
    }
    *out = GIVE(filters);
    return true;
}

bool posting_filters_may_fit(const struct posting_filters *filters, const char *number,
                             const char *external, const char *name)
{
    return filter_fits(filters->filters[FILTER_NUMBER_OF], number) &&
           filter_fits(filters->filters[FILTER_EXTERNAL], external) &&
           filter_fits(filters->filters[FILTER_ORDER], name);
}

bool posting_filters_fit(const struct posting_filters *filters,
                         const struct posting_document *document, const char *name)
{
    char amount[DECIMAL_TEXT];
    decimal_format(document->amount, amount);
    const char *const values[FILTERS] = {
        [FILTER_NUMBER_OF] = document->number,       [FILTER_STATUS] = document->status,
        [FILTER_CUSTOMER] = document->customer,      [FILTER_POSTING] = document->posting_date,
        [FILTER_DOCUMENT] = document->document_date, [FILTER_AMOUNT] = amount,
        [FILTER_EXTERNAL] = document->external,      [FILTER_ORDER] = name,
    };
    for (size_t i = 0; i < FILTERS; i++)
        if (!filter_fits(filters->filters[i], values[i]))
            return false;
    return true;
}

/* gauges.c - one script a bucket and hundred companies, added up by category. */
#include "ledger/gauges.h"

#include <stdio.h>
#include <string.h>

#include "ledger/call.h"
#include "ledger/commands.h"

enum { COMPANIES_A_CALL = 100, ROW = 7 };

static struct category_gauge *category_of(struct queue_gauges *out, const char *name)
{
    for (size_t i = 0; i < out->count; i++)
        if (strcmp(out->categories[i].category, name) == 0)
            return &out->categories[i];
    if (out->count == GAUGE_CATEGORIES && strcmp(name, "other") != 0)
        return category_of(out, "other");
    struct category_gauge *category = &out->categories[out->count++];
    snprintf(category->category, sizeof category->category, "%s", name);
    return category;
}

static void grow(int64_t *age, int64_t now_ms, int64_t since_ms)
{
    if (since_ms > 0 && now_ms - since_ms > *age)
        *age = now_ms - since_ms;
}

static void add_rows(const redisReply *flat, int64_t now_ms, struct queue_gauges *out)
{
    for (size_t i = 0; i + ROW <= flat->elements; i += ROW) {
        struct category_gauge *category = category_of(out, reply_text(flat, i));
        category->waiting += reply_number(flat, i + 1);
        grow(&category->waiting_age, now_ms, reply_number(flat, i + 2));
        category->permits += reply_number(flat, i + 3);
        category->held += reply_number(flat, i + 4);
        category->ready += reply_number(flat, i + 5);
        grow(&category->ready_age, now_ms, reply_number(flat, i + 6));
    }
}

static bool add_bucket(struct ledger *ledger, int bucket, const char *const companies[],
                       size_t count, struct queue_gauges *out, struct err *err)
{
    for (size_t from = 0; from == 0 || from < count; from += COMPANIES_A_CALL) {
        OWN_CALL struct call call;
        OWN_REPLY redisReply *reply = NULL;
        call_begin(&call, ledger, bucket);
        call_text(&call, from == 0 ? "1" : "0");
        for (size_t i = from; i < count && i < from + COMPANIES_A_CALL; i++)
            call_text(&call, companies[i]);
        if (!call_run(ledger, "gauges", &call, &reply, err))
            return err_wrap(err, "count the queue");
        const redisReply *of = reply->element[0];
        int64_t now_ms = reply_number(of, 0);
        out->due += reply_number(of, 1);
        grow(&out->due_age, now_ms, reply_number(of, 2));
        out->leases += reply_number(of, 3);
        out->over += reply_number(of, 4);
        out->failed += reply_number(of, 5);
        add_rows(reply->element[1], now_ms, out);
    }
    return true;
}

bool ledger_gauges(struct ledger *ledger, struct queue_gauges *out, struct err *err)
{
    OWN_JSON json *all = NULL;
    OWN(arena) struct arena *arena = arena_new();
    *out = (struct queue_gauges){0};
    if (!ledger_companies(ledger, &all, err))
        return false;
    const char **companies = arena_array(arena, json_count(all) + 1, sizeof *companies);
    for (int bucket = 0; bucket < ledger_buckets(ledger); bucket++) {
        size_t count = 0;
        for (size_t i = 0; i < json_count(all); i++)
            if (ledger_bucket(ledger, json_string(json_at(all, i))) == bucket)
                companies[count++] = json_string(json_at(all, i));
        if (!add_bucket(ledger, bucket, companies, count, out, err))
            return false;
    }
    return true;
}

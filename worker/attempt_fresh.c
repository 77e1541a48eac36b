/* attempt_fresh.c - ages of changes, of one run. */
#include "attempt_fresh.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "metrics/series.h"
#include "store/store.h"

enum { HOUR_MS = 3600000, KEEP_S = 3 * 3600, CLOCK_STEP_MS = 2000 };

/* Date is of whole seconds: what is less than two of them apart is the same. */
void attempt_note_clock(struct attempt *attempt, const struct http_call *call)
{
    bool shopify = strncmp(call->label, "shopify ", 8) == 0;
    int64_t date_ms = http_date_ms(call);
    if (date_ms < 0 || strstr(call->label, " storage ") || strstr(call->label, " oauth") ||
        strstr(call->label, " image "))
        return; /* another machine's clock */
    int64_t ahead_ms = date_ms + 500 - clock_now_ms(attempt->clock);
    attempt->ahead_ms[shopify ? AT_SHOPIFY : AT_BC] =
        llabs(ahead_ms) < CLOCK_STEP_MS ? 0 : ahead_ms;
}

static void arrived(struct attempt *attempt, enum fresh_kind kind, int64_t age_ms)
{
    const struct shop *shop = attempt->shop;
    if (!shop || age_ms > FRESH_MOST_MS)
        return;
    if (age_ms < 0)
        age_ms = 0;
    bool late = age_ms > shop->freshness_target_s * 1000;
    const char *company = attempt->sheet->ticket.company, *name = fresh_kind_name(kind);
    attempt->fresh[kind].steps[fresh_step(age_ms)]++;
    attempt->fresh[kind].late += late;
    series_observe(SERIES_FRESHNESS, age_ms, LABELS(company, shop->code, name));
    series_count(SERIES_FRESH, 1, LABELS(company, shop->code, name, late ? "no" : "yes"));
}

void attempt_fresh(struct attempt *attempt, enum fresh_kind kind, enum attempt_peer made_at,
                   int64_t changed_ms)
{
    if (changed_ms > 0)
        arrived(attempt, kind,
                clock_now_ms(attempt->clock) + attempt->ahead_ms[made_at] - changed_ms);
}

void attempt_fresh_since(struct attempt *attempt, enum fresh_kind kind, int64_t looked_ms,
                         int64_t changed_ms)
{
    int64_t ours_ms = changed_ms > 0 ? changed_ms - attempt->ahead_ms[AT_BC] : 0;
    if (looked_ms > 0)
        arrived(attempt, kind,
                clock_now_ms(attempt->clock) - (ours_ms > looked_ms ? ours_ms : looked_ms));
}

static char *looks_key(const struct attempt *attempt)
{
    return mem_printf("looks:%s", attempt->shop->code);
}

bool attempt_last_look(struct attempt *attempt, const char *what, int64_t *looked_ms,
                       struct err *err)
{
    OWN_TEXT char *key = looks_key(attempt);
    const char *const keys[] = {key}, *const fields[] = {what};
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!store_read(attempt->ledger, attempt->sheet->ticket.company, keys, 1, fields, 1, &rows,
                    err))
        return err_wrap(err, "read when it was looked last");
    *looked_ms = strtoll(store_text(rows, 0, 0), NULL, 10);
    attempt->looks_for = what;
    attempt->looks_ms = clock_now_ms(attempt->clock);
    return true;
}

static void add_tally(const struct attempt *attempt, enum fresh_kind kind, struct write *write)
{
    const struct fresh_tally *tally = &attempt->fresh[kind];
    char step[24], number[24];
    OWN_TEXT char *key = mem_printf("fresh:%s:%s:%" PRId64, attempt->shop->code,
                                    fresh_kind_name(kind), clock_now_ms(attempt->clock) / HOUR_MS);
    if (fresh_count(tally) == 0)
        return;
    for (size_t i = 0; i < FRESH_STEPS; i++) {
        if (!tally->steps[i])
            continue;
        snprintf(step, sizeof step, "%zu", i);
        snprintf(number, sizeof number, "%" PRId64, tally->steps[i]);
        write_add(write, "HINCRBY", key, step, number, NULL);
    }
    snprintf(number, sizeof number, "%" PRId64, tally->late);
    write_add(write, "HINCRBY", key, "late", number, NULL);
    write_expire(write, key, KEEP_S);
}

/* A figure that cannot be kept fails no run and holds none up: it is written once or lost. */
static void keep(struct attempt *attempt, const struct write *write)
{
    const struct ticket *ticket = &attempt->sheet->ticket;
    bool fenced = false, refused = false;
    struct err err = {0};
    if (write_count(write) &&
        !ledger_write(attempt->ledger, ledger_bucket(attempt->ledger, ticket->company),
                      ticket->task, attempt->sheet->fence, write, &fenced, &refused, &err))
        log_info("freshness.lost", TEXT("task", ticket->task), TEXT("reason", err.text));
}

void attempt_fresh_end(struct attempt *attempt, bool good)
{
    OWN(write) struct write *write = write_new();
    char now[24];
    if (!attempt->shop)
        return;
    OWN_TEXT char *looks = looks_key(attempt);
    for (size_t kind = 0; kind < FRESH_KINDS; kind++)
        add_tally(attempt, (enum fresh_kind)kind, write);
    if (good && attempt->looks_ms) {
        snprintf(now, sizeof now, "%" PRId64, attempt->looks_ms);
        write_add(write, "HSET", looks, attempt->looks_for, now, NULL);
    }
    keep(attempt, write);
}

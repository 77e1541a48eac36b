/* brake.c - see brake.h. */
#include "operations/brake.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "base/log.h"
#include "ledger/write.h"
#include "store/store.h"

enum { ROWS = 20, DIGEST_BYTES = 16, DIGEST = 2 * DIGEST_BYTES + 1 };

struct row {
    char *record, *before, *after;
    int64_t weight;
};
struct brake {
    char *what;
    int64_t percent, least;
    size_t records, hits;
    struct row rows[ROWS]; /* the biggest, biggest first */
    size_t row_count;
    uint64_t sum[2]; /* of the digests of all hits: the same for any order of them */
};

struct brake *brake_new(const char *what, int64_t percent, int64_t least)
{
    struct brake *brake = mem_new(sizeof *brake);
    brake->what = mem_text(what);
    brake->percent = percent;
    brake->least = least;
    return brake;
}

static void row_drop(struct row *row)
{
    free(row->record);
    free(row->before);
    free(row->after);
}

void brake_free(struct brake *brake)
{
    if (!brake)
        return;
    for (size_t i = 0; i < brake->row_count; i++)
        row_drop(&brake->rows[i]);
    free(brake->what);
    free(brake);
}

void brake_of(struct brake *brake, size_t records)
{
    brake->records += records;
}

static void keep_row(struct brake *brake, const char *record, const char *before, const char *after,
                     int64_t weight)
{
    size_t at = brake->row_count;
    while (at > 0 && brake->rows[at - 1].weight < weight)
        at--;
    if (at == ROWS)
        return;
    if (brake->row_count == ROWS)
        row_drop(&brake->rows[--brake->row_count]);
    memmove(&brake->rows[at + 1], &brake->rows[at],
            (brake->row_count - at) * sizeof brake->rows[0]);
    brake->rows[at] = (struct row){mem_text(record), mem_text(before), mem_text(after), weight};
    brake->row_count++;
}

void brake_hit(struct brake *brake, const char *record, const char *before, const char *after,
               int64_t weight)
{
    char hex[DIGEST], half[17];
    OWN_TEXT char *text = mem_printf("%s|%s|%s|%s", brake->what, record, before, after);
    digest_hex(text, strlen(text), DIGEST_BYTES, hex);
    for (size_t i = 0; i < COUNT(brake->sum); i++) {
        snprintf(half, sizeof half, "%.16s", hex + 16 * i);
        brake->sum[i] += strtoull(half, NULL, 16);
    }
    brake->hits++;
    keep_row(brake, record, before, after, weight);
}

static bool holds(const struct brake *brake)
{
    return brake->percent > 0 && (int64_t)brake->hits >= brake->least &&
           (int64_t)brake->hits * 100 > brake->percent * (int64_t)brake->records;
}

static json *rows_json(const struct brake *brake)
{
    json *rows = json_new_array();
    for (size_t i = 0; i < brake->row_count; i++) {
        json *row = json_new_object();
        json_set_text(row, "record", brake->rows[i].record);
        json_set_text(row, "before", brake->rows[i].before);
        json_set_text(row, "after", brake->rows[i].after);
        json_add(rows, row);
    }
    return rows;
}

static json *brake_json(const struct brake *brake)
{
    json *out = json_new_object();
    json_set_text(out, "what", brake->what);
    json_set_int(out, "hits", (int64_t)brake->hits);
    json_set_int(out, "records", (int64_t)brake->records);
    json_set_int(out, "percent", brake->percent);
    json_set(out, "rows", rows_json(brake));
    return out;
}

static bool approved(struct attempt *attempt, const char *key, const char *plan, bool *yes,
                     struct err *err)
{
    static const char *const FIELDS[] = {"approved"};
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!store_read(attempt->ledger, attempt->sheet->ticket.company, &key, 1, FIELDS, 1, &rows,
                    err))
        return false;
    *yes = strcmp(store_text(rows, 0, 0), plan) == 0;
    return true;
}

static bool keep_plan(struct attempt *attempt, const char *key, const char *plan, const json *list,
                      struct err *err)
{
    char now[32], no[32];
    OWN(write) struct write *write = write_new();
    snprintf(now, sizeof now, "%" PRId64, clock_now_ms(attempt->clock));
    snprintf(no, sizeof no, "%" PRId64, attempt->sheet->no);
    write_add(write, "DEL", key, NULL);
    write_add(write, "HSET", key, "plan", plan, "run", no, "at", now, "brakes", json_write(list),
              NULL);
    return attempt_write(attempt, write, NULL, err);
}

bool brake_ask(struct attempt *attempt, struct brake *const brakes[], size_t count, struct err *err)
{
    OWN_TEXT char *key = mem_printf("brake:%s", attempt->sheet->ticket.entry);
    OWN_BUF struct buf plan = {0};
    OWN_JSON json *list = json_new_array();
    const struct brake *first = NULL;
    bool yes;
    for (size_t i = 0; i < count; i++)
        if (holds(brakes[i])) {
            first = first ? first : brakes[i];
            buf_printf(&plan, "%016" PRIx64 "%016" PRIx64, brakes[i]->sum[0], brakes[i]->sum[1]);
            json_add(list, brake_json(brakes[i]));
        }
    if (!first)
        return true;
    if (!approved(attempt, key, buf_str(&plan), &yes, err))
        return false;
    if (yes) { /* once: what is left of it after a break is another plan */
        OWN(write) struct write *write = write_new();
        write_add(write, "DEL", key, NULL);
        log_info("brake.approved", TEXT("what", first->what), NUM("hits", first->hits));
        return attempt_write(attempt, write, NULL, err);
    }
    if (!keep_plan(attempt, key, buf_str(&plan), list, err))
        return false;
    err_set(err, ERR_THROTTLED, 0,
            "%zu of %zu %s, more than %" PRId64
            " percent, so nothing was written; look at the plan, then `cartage run approve %" PRId64
            "`, or correct what is wrong and run it again",
            first->hits, first->records, first->what, first->percent, attempt->sheet->no);
    err->retry_after_ms = PARK_NEVER;
    return false;
}

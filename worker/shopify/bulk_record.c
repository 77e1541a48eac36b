/* bulk_record.c - what stands in Redis of an operation at Shopify (schemas/staging/bulk.md). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "shopify/bulk_file.h"
#include "shopify/bulk_room.h"
#include "store/staging.h"

enum { REST_MS = 3600 * 1000, AGAIN_MS = 30000 };
enum { PART_LINES = 1000, PART_BYTES = 128 << 10 }; /* a part fits into one WRITE, packed or not */

static const char *const STATES[] = {"", "starting", "running", "waiting", "resting"};

enum { STATE, DUE, LOOKS, MARKED, OPERATION, BEGAN, SINCE, PARTS, FIELDS };
static const char *const FIELD[FIELDS] = {"state",     "due",   "looks", "mark",
                                          "operation", "began", "since", "parts"};
static const char *const PART_FIELD[] = {"records", "kept"};

int64_t bulk_now_ms(const struct bulk *bulk)
{
    return clock_now_ms(bulk->attempt->clock);
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void drop_records(struct bulk *bulk)
{
    free(bulk->records);
    free(bulk->in_file);
    free(bulk->sorted);
}

void bulk_set_records(struct bulk *bulk, const char *records)
{
    size_t room = 0;
    drop_records(bulk);
    bulk->records = mem_text(records);
    bulk->count = 0;
    for (const char *at = bulk->records; *at; at++)
        room += *at == '\n';
    bulk->in_file = mem_array(room + 1, sizeof *bulk->in_file);
    bulk->sorted = mem_array(room + 1, sizeof *bulk->sorted);
    for (char *at = bulk->records, *end; (end = strchr(at, '\n')); at = end + 1) {
        *end = 0;
        bulk->in_file[bulk->count++] = at;
    }
    memcpy(bulk->sorted, bulk->in_file, bulk->count * sizeof *bulk->sorted);
    qsort(bulk->sorted, bulk->count, sizeof *bulk->sorted, by_text);
}

struct bulk *bulk_new(struct attempt *attempt, const char *shop, const struct bulk_job *job)
{
    struct bulk *bulk = mem_new(sizeof *bulk);
    bulk->attempt = attempt;
    bulk->job = job;
    bulk->key = mem_printf("bulk:%s:%s", shop, job->purpose);
    bulk->place = mem_printf("%s/%s/%s", attempt->sheet->ticket.company, shop, job->purpose);
    return bulk;
}

void bulk_free(struct bulk *bulk)
{
    if (!bulk)
        return;
    free(bulk->key);
    free(bulk->place);
    free(bulk->mark);
    free(bulk->operation);
    free(bulk->chunks);
    drop_records(bulk);
    free(bulk);
}

/* ---- the parts ---- */

static char *part_key(const struct bulk *bulk, size_t part)
{
    return mem_printf("%s:%zu", bulk->key, part);
}

static void add_part(struct bulk *bulk, size_t first)
{
    bulk->chunks =
        mem_grow(bulk->chunks, bulk->chunk_count, bulk->chunk_count + 1, sizeof *bulk->chunks);
    bulk->chunks[bulk->chunk_count++] = first;
}

/* "0,1000,2000," */
static void parse_parts(struct bulk *bulk, const char *text)
{
    char *end;
    bulk->chunk_count = 0;
    for (const char *at = text; *at; at = *end ? end + 1 : end) {
        long first = strtol(at, &end, 10);
        if (end == at || first < 0)
            return;
        add_part(bulk, (size_t)first);
    }
}

static void write_parts_field(const struct bulk *bulk, struct buf *out)
{
    for (size_t i = 0; i < bulk->chunk_count; i++)
        buf_printf(out, "%zu,", bulk->chunks[i]);
}

static bool read_part(struct bulk *bulk, size_t part, const char *field, struct buf *out,
                      struct err *err)
{
    OWN_TEXT char *key = part_key(bulk, part);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    struct err broken;
    const char *bytes;
    size_t size;
    if (!store_read(bulk->attempt->ledger, bulk->attempt->sheet->ticket.company, keys, 1, &field, 1,
                    &rows, err))
        return err_wrap(err, "read what is under way at Shopify");
    if (store_bytes(rows, 0, 0, &bytes, &size) && !staged_unpack(bytes, size, out, &broken))
        log_warn("bulk.part", TEXT("key", key), TEXT("why", broken.text));
    return true;
}

bool bulk_read_kept(struct bulk *bulk, size_t line, size_t *first, struct buf *out, struct err *err)
{
    size_t part = bulk->chunk_count;
    while (part > 0 && bulk->chunks[part - 1] > line)
        part--;
    buf_clear(out);
    *first = part > 0 ? bulk->chunks[part - 1] : 0;
    return part == 0 || read_part(bulk, part - 1, PART_FIELD[1], out, err);
}

static bool flush_part(struct bulk *bulk, size_t part, struct buf *records, struct buf *kept,
                       struct err *err)
{
    OWN(write) struct write *write = write_new();
    OWN_TEXT char *key = part_key(bulk, part);
    struct buf *texts[] = {records, kept};
    write_add(write, "DEL", key, NULL);
    for (size_t i = 0; i < COUNT(texts); i++) {
        OWN_BUF struct buf packed = {0};
        if (texts[i]->size == 0)
            continue;
        if (!staged_pack(buf_str(texts[i]), texts[i]->size, &packed))
            return err_set(err, ERR_FATAL, 0, "lines too long to be kept");
        const char *const fields[] = {PART_FIELD[i], buf_str(&packed)};
        const size_t sizes[] = {strlen(PART_FIELD[i]), packed.size};
        write_add_bytes(write, "HSET", key, COUNT(fields), fields, sizes);
        buf_clear(texts[i]);
    }
    return attempt_write(bulk->attempt, write, NULL, err);
}

bool bulk_write_parts(struct bulk *bulk, const struct bulk_lines *lines, struct err *err)
{
    OWN_BUF struct buf records = {0}, kept = {0};
    char *text = NULL;
    size_t room = 0, part = 0, from = 0;
    bool ok = true, has_kept = false;
    rewind(lines->kept);
    for (size_t i = 0; ok && i < bulk->count; i++) {
        ssize_t size = getline(&text, &room, lines->kept);
        buf_printf(&records, "%s\n", bulk->in_file[i]);
        has_kept = has_kept || size > 1;
        if (size > 0)
            buf_add(&kept, text, (size_t)size);
        bool last = i + 1 == bulk->count;
        if (!last && i + 1 - from < PART_LINES && records.size + kept.size < PART_BYTES)
            continue;
        if (!has_kept)
            buf_clear(&kept);
        add_part(bulk, from);
        ok = flush_part(bulk, part++, &records, &kept, err);
        from = i + 1;
        has_kept = false;
    }
    free(text);
    if (!ok)
        return false;
    OWN_BUF struct buf parts = {0};
    OWN(write) struct write *write = write_new();
    write_parts_field(bulk, &parts);
    write_add(write, "HSET", bulk->key, "parts", buf_str(&parts), NULL);
    return attempt_write(bulk->attempt, write, NULL, err);
}

/* ---- the record ---- */

bool bulk_read(struct bulk *bulk, struct err *err)
{
    const char *const keys[] = {bulk->key};
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN_BUF struct buf records = {0};
    if (!store_read(bulk->attempt->ledger, bulk->attempt->sheet->ticket.company, keys, 1, FIELD,
                    FIELDS, &rows, err))
        return err_wrap(err, "read what is under way at Shopify");
    for (size_t i = 0; i < COUNT(STATES); i++)
        if (strcmp(store_text(rows, 0, STATE), STATES[i]) == 0)
            bulk->state = (enum bulk_state)i;
    bulk->due_ms = store_int(rows, 0, DUE);
    bulk->looks = store_int(rows, 0, LOOKS);
    bulk->began_ms = store_int(rows, 0, BEGAN);
    bulk->since_ms = store_int(rows, 0, SINCE);
    bulk->mark = mem_text(store_text(rows, 0, MARKED));
    bulk->operation = mem_text(store_text(rows, 0, OPERATION));
    parse_parts(bulk, store_text(rows, 0, PARTS));
    for (size_t part = 0; part < bulk->chunk_count; part++)
        if (!read_part(bulk, part, PART_FIELD[0], &records, err))
            return false;
    bulk_set_records(bulk, buf_str(&records));
    return true;
}

static void drop_parts(struct bulk *bulk, struct write *write)
{
    for (size_t part = 0; part < bulk->chunk_count; part++) {
        OWN_TEXT char *key = part_key(bulk, part);
        write_add(write, "DEL", key, NULL);
    }
    bulk->chunk_count = bulk->count = 0;
}

void bulk_set_state(struct bulk *bulk, struct write *write, enum bulk_state state, int64_t wait_ms)
{
    char due[32], looks[32];
    bulk->state = state;
    bulk->due_ms = bulk_now_ms(bulk) + wait_ms;
    snprintf(due, sizeof due, "%" PRId64, bulk->due_ms);
    snprintf(looks, sizeof looks, "%" PRId64, bulk->looks);
    write_add(write, "HSET", bulk->key, "state", STATES[state], "due", due, "looks", looks, NULL);
    if (state != BULK_STARTING)
        write_note_clear(write, bulk->key);
    if (state == BULK_WAITING || state == BULK_RESTING) {
        write_add(write, "HDEL", bulk->key, "operation", "mark", "began", "since", "parts", NULL);
        drop_parts(bulk, write);
    }
}

void bulk_place_give(struct bulk *bulk)
{
    struct shopify *shopify;
    struct err why;
    if (!shopify_of(bulk->attempt, &shopify, &why) ||
        !limiter_place_give(bulk->attempt->limiter, shopify->bucket,
                            bulk_is_query(bulk) ? "query" : "mutation", bulk->place, &why))
        log_debug("bulk.place", TEXT("why", why.text)); /* its lease ends by itself */
}

bool bulk_place_take(struct bulk *bulk, bool *taken, struct err *err)
{
    struct shopify *shopify;
    return shopify_of(bulk->attempt, &shopify, err) &&
           limiter_place_take(bulk->attempt->limiter, shopify->bucket,
                              bulk_is_query(bulk) ? "query" : "mutation", bulk->place, taken, err);
}

bool bulk_forget(struct bulk *bulk, struct err *err)
{
    OWN(write) struct write *write = write_new();
    write_add(write, "DEL", bulk->key, NULL);
    write_note_clear(write, bulk->key);
    drop_parts(bulk, write);
    bulk->state = BULK_NONE;
    bulk_place_give(bulk);
    return attempt_write(bulk->attempt, write, NULL, err);
}

bool bulk_stand(struct bulk *bulk, enum bulk_state state, int64_t wait_ms, struct err *err)
{
    OWN(write) struct write *write = write_new();
    bulk_set_state(bulk, write, state, wait_ms);
    if (state == BULK_WAITING || state == BULK_RESTING)
        bulk_place_give(bulk);
    return attempt_write(bulk->attempt, write, NULL, err);
}

bool bulk_rest(struct bulk *bulk, const char *why, struct err *err)
{
    log_warn("bulk.failed", TEXT("shop", bulk->attempt->shop->code),
             TEXT("purpose", bulk->job->purpose), TEXT("why", why),
             TEXT("next", "its records go one by one for an hour"));
    return bulk_stand(bulk, BULK_RESTING, REST_MS, err);
}

bool bulk_is_known(struct bulk *bulk, const json *operation, struct err *err)
{
    char began[32], since[32];
    OWN(write) struct write *write = write_new();
    free(bulk->operation);
    bulk->operation = mem_text(json_text(operation, "id"));
    if (!time_parse(json_text(operation, "createdAt"), &bulk->began_ms))
        bulk->began_ms = 0;
    bulk->since_ms = bulk_now_ms(bulk);
    snprintf(began, sizeof began, "%" PRId64, bulk->began_ms);
    snprintf(since, sizeof since, "%" PRId64, bulk->since_ms);
    write_add(write, "HSET", bulk->key, "operation", bulk->operation, "began", began, "since",
              since, NULL);
    bulk_set_state(bulk, write, BULK_RUNNING, bulk_next_look_ms(bulk, -1));
    log_info("bulk.started", TEXT("shop", bulk->attempt->shop->code),
             TEXT("purpose", bulk->job->purpose), TEXT("operation", bulk->operation),
             NUM("records", bulk->count));
    return attempt_write(bulk->attempt, write, NULL, err);
}

int64_t bulk_next_look_ms(struct bulk *bulk, int64_t done)
{
    const struct limiter *limiter = bulk->attempt->limiter;
    int64_t pause_ms = limiter_real_ms(limiter, bulk_pause_ms(bulk->looks++));
    int64_t passed_ms = bulk_now_ms(bulk) - bulk->since_ms;
    int64_t left_ms = bulk_left_ms(done, (int64_t)bulk->count, passed_ms);
    int64_t most_ms = limiter_real_ms(limiter, BULK_MOST_PAUSE_MS);
    if (left_ms < 0)
        return pause_ms;
    left_ms += limiter_real_ms(limiter, 1000);
    return left_ms < most_ms ? left_ms : most_ms;
}

/* ---- what stands ---- */

bool bulk_is_under_way(const struct bulk *bulk)
{
    return bulk && (bulk->state == BULK_STARTING || bulk->state == BULK_RUNNING);
}

int64_t bulk_age_ms(const struct bulk *bulk)
{
    return bulk->since_ms > 0 ? bulk_now_ms(bulk) - bulk->since_ms : 0;
}

bool bulk_answered(const struct bulk *bulk, size_t *records)
{
    *records = bulk->answered_records;
    return bulk->answered;
}

bool bulk_holds(const struct bulk *bulk, const char *record)
{
    return bulk_is_under_way(bulk) &&
           bsearch(&record, bulk->sorted, bulk->count, sizeof *bulk->sorted, by_text);
}

bool bulk_may_have_changed(const struct bulk *bulk, const char *record, int64_t changed_ms)
{
    return bulk_holds(bulk, record) && changed_ms >= bulk->began_ms;
}

enum bulk_road bulk_road(const struct bulk *bulk, size_t records)
{
    int64_t from = bulk->attempt->shop->bulk_from;
    if (from == 0 || (int64_t)records < from)
        return BULK_SINGLY;
    if (bulk_is_under_way(bulk))
        return BULK_LATER;
    if (bulk_now_ms(bulk) >= bulk->due_ms)
        return BULK_TOGETHER;
    return bulk->state == BULK_WAITING   ? BULK_LATER
           : bulk->state == BULK_RESTING ? BULK_SINGLY
                                         : BULK_TOGETHER;
}

bool bulk_wait(const struct bulk *bulk, const char *what, struct err *err)
{
    bool waits = bulk_is_under_way(bulk) || bulk->state == BULK_WAITING;
    int64_t left_ms = bulk->due_ms - bulk_now_ms(bulk);
    int64_t wait_ms = bulk->state == BULK_RESTING ? 1
                      : !waits                    ? AGAIN_MS
                      : left_ms > 0               ? left_ms
                                                  : 1;
    err_set(err, ERR_THROTTLED, 0,
            "%s as one operation at Shopify; looked at again in %" PRId64 " s", what,
            (wait_ms + 999) / 1000);
    snprintf(err->peer_code, sizeof err->peer_code, PARK_BULK);
    err->retry_after_ms = wait_ms;
    return false;
}

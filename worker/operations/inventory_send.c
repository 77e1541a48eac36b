/* inventory_send.c - levels are stocked and set, in batches.
 *
 * Idempotency: each quantity carries the one that it replaces, so what has changed meanwhile is
 * refused and read again, and a batch that comes late changes nothing. A batch stands in Redis with
 * its key, made of the task, its number and its variables, before it is sent. Whoever finds it
 * there sends the very same again: Shopify remembers a key for a day and answers what it answered.
 * Older ones are forgotten, and their levels read.
 *
 * A refusal names one quantity and leaves the others undone, too: that one is taken out, and the
 * rest goes again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attempt_fresh.h"
#include "base/ids.h"
#include "base/log.h"
#include "operations/inventory_sync.h"
#include "operations/operations_table.h"
#include "shopify/shopify.h"

enum { AT_ONCE = 8, ROUNDS = 4, BATCHES = 1000 };
static const int64_t KEY_MS = (int64_t)23 * 3600 * 1000;

struct batch {
    char key[UUID_TEXT];
    enum stock_quantity quantity;
    struct stock_change rows[STOCK_BATCH];
    size_t count;
    bool stale[STOCK_BATCH];
    const json *why[STOCK_BATCH]; /* refused alone, and for good */
};

struct sending {
    struct inventory *run;
    struct stock_change *again; /* of the next round */
    size_t again_count;
    struct stock_change *stale; /* Shopify has another quantity than we thought */
    size_t stale_count;
    size_t unanswered;
};

static const char *word(enum stock_quantity quantity)
{
    return quantity == STOCK_AVAILABLE ? "available" : "on_hand";
}

/* ---- the call ---- */

static json *quantities(const struct inventory *run, const struct batch *batch)
{
    json *list = json_new_array();
    OWN(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < batch->count; i++) {
        const struct stock_change *row = &batch->rows[i];
        json *one = json_new_object();
        json_set_text(one, "inventoryItemId", inventory_gid(arena, "InventoryItem", row->item));
        json_set_text(one, "locationId",
                      inventory_gid(arena, "Location", run->places[row->place].id));
        json_set_int(one, "quantity", row->to);
        json_set_int(one, "changeFromQuantity", row->from);
        json_add(list, one);
    }
    return list;
}

static struct shopify_call make_call(const struct inventory *run, const struct batch *batch)
{
    json *input = json_new_object(), *variables = json_new_object();
    json_set_text(input, "name", word(batch->quantity));
    json_set_text(input, "reason", "correction");
    json_set(input, "quantities", quantities(run, batch));
    json_set(variables, "input", input);
    json_set_text(variables, "key", batch->key);
    return (struct shopify_call){.document = "inventory-set",
                                 .variables = variables,
                                 .user_errors_at = "inventorySetQuantities"};
}

/* ---- the note ---- */

static void note_text(const struct inventory *run, const struct batch *batch, struct buf *out)
{
    for (size_t i = 0; i < batch->count; i++) {
        const struct stock_change *row = &batch->rows[i];
        buf_printf(out, "%s %s %s %" PRId64 " %" PRId64 "\n", row->variant, row->item,
                   run->places[row->place].id, row->from, row->to);
    }
}

static void write_note_of(struct inventory *run, struct batch *batch)
{
    char now[32];
    OWN_BUF struct buf rows = {0};
    note_text(run, batch, &rows);
    OWN_TEXT char *name = mem_printf("%s|%zu|%s|%s", run->attempt->sheet->ticket.task, ++run->batch,
                                     word(batch->quantity), buf_str(&rows));
    uuid_from_name(name, batch->key);
    OWN_TEXT char *note = mem_printf("stock-batch:%s:%s", run->shop->code, batch->key);
    OWN_TEXT char *all = mem_printf("stock-batches:%s", run->shop->code);
    snprintf(now, sizeof now, "%" PRId64, inventory_now_ms(run));
    write_add(run->write, "HSET", note, "quantity", word(batch->quantity), "at", now, "rows",
              buf_str(&rows), NULL);
    write_add(run->write, "ZADD", all, now, batch->key, NULL);
}

static void drop_note(struct inventory *run, const char *key)
{
    OWN_TEXT char *note = mem_printf("stock-batch:%s:%s", run->shop->code, key);
    OWN_TEXT char *all = mem_printf("stock-batches:%s", run->shop->code);
    write_add(run->write, "DEL", note, NULL);
    write_add(run->write, "ZREM", all, key, NULL);
}

/* ---- what came of it ---- */

/* Levels of the batch's rows: set (given), to be read again (doubt), as they were (left, refused).
 */
enum outcome_of_row { ROW_GIVEN, ROW_DOUBT, ROW_LEFT, ROW_REFUSED };

static char *skip_of(const struct inventory *run, const struct stock_change *row)
{
    return mem_printf("stock-%s-%s", row->variant, run->places[row->place].id);
}

static void skip_gone(struct inventory *run, const struct stock_change *row)
{
    OWN_TEXT char *id = skip_of(run, row);
    stage_skip_gone(run->write, id);
}

/* It is left as it is, for a person to see, and not sent again until it is to be another quantity.
 */
static bool skip(struct inventory *run, const struct stock_change *row, const char *name,
                 const json *why, struct err *err)
{
    OWN_TEXT char *id = skip_of(run, row);
    const char *place = run->places[row->place].name;
    OWN_TEXT char *detail = mem_printf("%s: %s", place, json_text(why, "message"));
    if (!skip_one(run->attempt, run->write, id, name, REASON_STOCK_REFUSED, detail, err))
        return false;
    log_warn("inventory.refused", TEXT("item", name), TEXT("location", place),
             TEXT("code", json_text(why, "code")), TEXT("why", json_text(why, "message")));
    run->attempt->counts.failed++;
    return true;
}

static bool take_rows(struct inventory *run, const struct batch *batch,
                      const enum outcome_of_row outcomes[], struct err *err)
{
    OWN(arena) struct arena *arena = arena_new();
    struct inventory_variant *variants = arena_array(arena, STOCK_BATCH, sizeof *variants);
    const char *ids[STOCK_BATCH];
    bool there[STOCK_BATCH];
    size_t of[STOCK_BATCH], count = 0;
    for (size_t i = 0; i < batch->count; i++) { /* a variant at several places is one record */
        for (of[i] = 0; of[i] < count && strcmp(ids[of[i]], batch->rows[i].variant) != 0;)
            of[i]++;
        if (of[i] == count)
            ids[count++] = batch->rows[i].variant;
    }
    if (!inventory_variants(run, ids, count, arena, variants, there, err))
        return false;
    for (size_t i = 0; i < batch->count; i++) {
        const struct stock_change *row = &batch->rows[i];
        const struct inventory_place *place = &run->places[row->place];
        struct stock_level *level = stock_level_of(&variants[of[i]].levels, place->id);
        if (!level || outcomes[i] == ROW_LEFT)
            continue;
        stock_counts(level, batch->quantity);
        if (level->refused && outcomes[i] == ROW_GIVEN)
            skip_gone(run, row);
        if (outcomes[i] == ROW_GIVEN)
            stock_given(level, row->to, inventory_now_ms(run));
        else if (outcomes[i] == ROW_DOUBT)
            level->doubt = true;
        else
            level->refused = row->to + 1;
        if (outcomes[i] == ROW_REFUSED && !skip(run, row, variants[of[i]].name, batch->why[i], err))
            return false;
    }
    for (size_t i = 0; i < count; i++)
        inventory_keep(run, &variants[i]);
    drop_note(run, batch->key);
    return inventory_flush(run, true, err);
}

/* ["input","quantities","3","locationId"] -> 3; -1 = it names none. */
static int64_t row_of(const json *error, size_t count)
{
    const json *field = json_get(error, "field");
    const char *at = json_string(json_at(field, 2));
    char *end;
    long row = strtol(at, &end, 10);
    return *at && !*end && row >= 0 && (size_t)row < count ? row : -1;
}

/* Which rows are in the way; false = none is named, or the key is. */
static bool sort_errors(struct batch *batch, const json *errors)
{
    bool any = false;
    for (size_t i = 0; i < json_count(errors); i++) {
        const json *error = json_at(errors, i);
        int64_t row = row_of(error, batch->count);
        if (row < 0)
            continue;
        any = true;
        if (strcmp(json_text(error, "code"), "CHANGE_FROM_QUANTITY_STALE") == 0)
            batch->stale[row] = true;
        else
            batch->why[row] = error;
    }
    return any;
}

static bool has_code(const json *errors, const char *code)
{
    for (size_t i = 0; i < json_count(errors); i++)
        if (strcmp(json_text(json_at(errors, i), "code"), code) == 0)
            return true;
    return false;
}

static void add_row(struct stock_change **list, size_t *count, const struct stock_change *row)
{
    *list = mem_grow(*list, *count, *count + 1, sizeof **list);
    (*list)[(*count)++] = *row;
}

static bool outcome_of_errors(struct sending *sending, struct batch *batch, const json *errors,
                              struct err *err)
{
    struct inventory *run = sending->run;
    enum outcome_of_row outcomes[STOCK_BATCH];
    if (has_code(errors, "IDEMPOTENCY_CONCURRENT_REQUEST")) {
        sending->unanswered++; /* the same call is at work: the next run sends it again */
        return true;
    }
    bool any = sort_errors(batch, errors);
    bool fresh = has_code(errors, "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED");
    for (size_t i = 0; i < batch->count; i++) {
        bool left = any && !batch->stale[i] && !batch->why[i];
        if (!any)
            batch->why[i] = json_at(errors, 0);
        outcomes[i] = batch->why[i] ? ROW_REFUSED : ROW_DOUBT;
        if (left || fresh) {
            outcomes[i] = ROW_LEFT;
            add_row(&sending->again, &sending->again_count, &batch->rows[i]);
        } else if (batch->stale[i])
            add_row(&sending->stale, &sending->stale_count, &batch->rows[i]);
    }
    return take_rows(run, batch, outcomes, err);
}

static bool outcome_of(struct sending *sending, struct batch *batch,
                       const struct shopify_call *call, struct err *err)
{
    struct inventory *run = sending->run;
    enum outcome_of_row outcomes[STOCK_BATCH];
    if (call->not_allowed) {
        run->attempt->counts.skipped += (int64_t)batch->count;
        drop_note(run, batch->key);
        return inventory_flush(run, true, err);
    }
    if (call->err.kind == ERR_FATAL) {
        log_warn("inventory.refused", TEXT("shop", run->shop->code), TEXT("why", call->err.text));
        run->attempt->counts.failed += (int64_t)batch->count;
        drop_note(run, batch->key);
        return inventory_flush(run, true, err);
    }
    if (call->err.kind != ERR_NONE) {
        log_warn("inventory.unanswered", TEXT("key", batch->key), TEXT("why", call->err.text));
        sending->unanswered++;
        return true;
    }
    if (call->user_errors)
        return outcome_of_errors(sending, batch, call->user_errors, err);
    for (size_t i = 0; i < batch->count; i++)
        outcomes[i] = ROW_GIVEN;
    run->attempt->counts.updated += (int64_t)batch->count;
    for (size_t i = 0; i < batch->count; i++)
        attempt_fresh_since(run->attempt, FRESH_STOCK, run->last_look_ms, 0);
    return take_rows(run, batch, outcomes, err);
}

/* ---- rounds ---- */

static bool send_batches(struct sending *sending, struct batch batches[], size_t count,
                         struct err *err)
{
    struct shopify_call calls[AT_ONCE];
    struct inventory *run = sending->run;
    struct err why;
    if (!inventory_flush(run, true, err))
        return false;
    for (size_t i = 0; i < count; i++)
        calls[i] = make_call(run, &batches[i]);
    bool ok = shopify_call_all(run->attempt, calls, count, err), taken = true;
    for (size_t i = 0; i < count; i++) {
        if (ok || calls[i].err.kind == ERR_NONE)
            taken = outcome_of(sending, &batches[i], &calls[i], ok && taken ? err : &why) && taken;
        shopify_call_drop(&calls[i]);
    }
    return ok && taken;
}

static bool send_round(struct sending *sending, const struct stock_change rows[], size_t count,
                       struct err *err)
{
    struct inventory *run = sending->run;
    OWN(arena) struct arena *arena = arena_new();
    struct batch *batches = arena_array(arena, AT_ONCE, sizeof *batches);
    for (int quantity = STOCK_ON_HAND; quantity <= STOCK_AVAILABLE; quantity++) {
        size_t used = 0;
        for (size_t i = 0; i <= count; i++) {
            bool end = i == count;
            if (!end && (rows[i].missing ||
                         run->places[rows[i].place].quantity != (enum stock_quantity)quantity))
                continue;
            if (used > 0 && (end || batches[used - 1].count == STOCK_BATCH)) {
                write_note_of(run, &batches[used - 1]);
                if ((end || used == AT_ONCE) && !send_batches(sending, batches, used, err))
                    return false;
                used = end || used == AT_ONCE ? 0 : used;
            }
            if (end)
                break;
            if (used == 0 || batches[used - 1].count == STOCK_BATCH)
                batches[used++] = (struct batch){.quantity = (enum stock_quantity)quantity};
            batches[used - 1].rows[batches[used - 1].count++] = rows[i];
        }
    }
    return true;
}

/* ---- what was stale ---- */

/* Rows of one place: read again, and what it is to have now. */
static bool read_stale(struct sending *sending, const struct stock_change rows[], size_t count,
                       struct err *err)
{
    struct inventory *run = sending->run;
    OWN(arena) struct arena *arena = arena_new();
    struct inventory_variant *variants = arena_array(arena, count, sizeof *variants);
    const char *ids[STOCK_BATCH], *items[STOCK_BATCH];
    bool there[STOCK_BATCH], stocked[STOCK_BATCH];
    int64_t actual[STOCK_BATCH], target;
    size_t place = rows[0].place;
    for (size_t i = 0; i < count; i++) {
        ids[i] = rows[i].variant;
        items[i] = rows[i].item;
    }
    if (!inventory_variants(run, ids, count, arena, variants, there, err) ||
        !inventory_read(run, place, items, count, actual, stocked, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct stock_change row = rows[i];
        struct stock_level *level = stock_level_of(&variants[i].levels, run->places[place].id);
        if (!stocked[i] || !there[i] || !level)
            continue;
        if (!inventory_seen(run, &variants[i], place, actual[i], err))
            return false;
        inventory_keep(run, &variants[i]);
        if (!inventory_target(run, &variants[i], place, level, &target) ||
            target == level->believed)
            continue;
        row.from = level->believed;
        row.to = target;
        add_row(&sending->again, &sending->again_count, &row);
    }
    return inventory_flush(run, true, err);
}

static int by_place(const void *left, const void *right)
{
    const struct stock_change *a = left, *b = right;
    return (a->place > b->place) - (a->place < b->place);
}

static bool read_all_stale(struct sending *sending, struct err *err)
{
    struct stock_change *rows = sending->stale;
    if (sending->stale_count > 0)
        qsort(rows, sending->stale_count, sizeof *rows, by_place);
    for (size_t from = 0, count; from < sending->stale_count; from += count) {
        count = 1;
        while (count < STOCK_BATCH && from + count < sending->stale_count &&
               rows[from + count].place == rows[from].place)
            count++;
        if (!read_stale(sending, rows + from, count, err))
            return err_wrap(err, "read stock that has changed at Shopify");
    }
    sending->stale_count = 0;
    return true;
}

/* ---- batches of a run before ---- */

static bool place_of(const struct inventory *run, const char *id, size_t *place)
{
    for (*place = 0; *place < run->place_count; ++*place)
        if (strcmp(run->places[*place].id, id) == 0)
            return true;
    return false;
}

/* False = a location takes no part any more: the batch is forgotten. */
static bool read_note(const struct inventory *run, const char *text, struct arena *arena,
                      struct batch *batch)
{
    for (int used = 0; *text; text += used) {
        char variant[STOCK_ID], item[STOCK_ID], place[STOCK_ID];
        struct stock_change row = {0};
        used = 0;
        sscanf(text, "%23s %23s %23s %" SCNd64 " %" SCNd64 " %n", variant, item, place, &row.from,
               &row.to, &used);
        if (used == 0 || batch->count == STOCK_BATCH || !place_of(run, place, &row.place))
            return false;
        row.variant = arena_text(arena, variant);
        row.item = arena_text(arena, item);
        batch->rows[batch->count++] = row;
    }
    return batch->count > 0;
}

static bool resend_one(struct inventory *run, const char *key, struct err *err)
{
    static const char *const FIELDS[] = {"quantity", "at", "rows"};
    OWN(arena) struct arena *arena = arena_new();
    OWN(store_rows) struct store_rows *rows = NULL;
    struct batch *batch = arena_alloc(arena, sizeof *batch);
    struct sending sending = {.run = run};
    const char *note = arena_printf(arena, "stock-batch:%s:%s", run->shop->code, key);
    if (!store_read(run->attempt->ledger, run->company, &note, 1, FIELDS, COUNT(FIELDS), &rows,
                    err))
        return false;
    bool old = inventory_now_ms(run) - store_int(rows, 0, 1) > KEY_MS;
    snprintf(batch->key, sizeof batch->key, "%s", key);
    batch->quantity =
        strcmp(store_text(rows, 0, 0), "available") == 0 ? STOCK_AVAILABLE : STOCK_ON_HAND;
    if (!read_note(run, store_text(rows, 0, 2), arena, batch)) {
        drop_note(run, key);
        return inventory_flush(run, true, err);
    }
    if (old) {
        enum outcome_of_row doubts[STOCK_BATCH];
        for (size_t i = 0; i < batch->count; i++)
            doubts[i] = ROW_DOUBT;
        return take_rows(run, batch, doubts, err);
    }
    bool ok = send_batches(&sending, batch, 1, err);
    free(sending.again); /* these stand in the levels as they are, and are compared again */
    free(sending.stale);
    return ok;
}

bool inventory_resend(struct inventory *run, struct err *err)
{
    OWN_TEXT char *all = mem_printf("stock-batches:%s", run->shop->code);
    OWN_IDS struct store_ids keys = {0};
    if (!store_zset(run->attempt->ledger, run->company, all, INT64_MAX, BATCHES, &keys, err))
        return false;
    for (size_t i = 0; i < keys.count; i++)
        if (!resend_one(run, keys.items[i], err))
            return err_wrap(err, "send a batch of stock again");
    return true;
}

bool inventory_send(struct inventory *run, struct err *err)
{
    struct sending sending = {.run = run};
    struct stock_change *rows = NULL;
    size_t count = run->change_count;
    bool ok = inventory_activate(run, err);
    for (int round = 0; ok && round < ROUNDS && count > 0; round++) {
        sending.again = NULL;
        sending.again_count = 0;
        ok = send_round(&sending, rows ? rows : run->changes, count, err) &&
             read_all_stale(&sending, err);
        free(rows);
        rows = sending.again;
        count = sending.again_count;
    }
    free(rows);
    free(sending.stale);
    run->attempt->counts.skipped += ok ? (int64_t)count : 0; /* too busy: the next run has them */
    if (ok && sending.unanswered > 0)
        return err_set(err, ERR_RETRY, 0,
                       "%zu batches of stock got no answer; they are sent again as they are",
                       sending.unanswered);
    return ok;
}

/* payments.c - records of Shopify Payments: answer to fields, compared with what is staged. */
#include "operations/payments.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shopify/shopify.h"
#include "store/staging.h"

enum { CHUNK = 100 }; /* records of one WRITE: well below its limit */

void payments_open(struct attempt *attempt, struct write *write, struct payments *out)
{
    *out = (struct payments){
        .attempt = attempt,
        .company = attempt->sheet->ticket.company,
        .write = write,
        .now_ms = clock_now_ms(attempt->clock),
    };
    snprintf(out->store, sizeof out->store, "%.*s", (int)strcspn(attempt->shop->store, "."),
             attempt->shop->store);
}

const char *payments_key(const struct payments *payments, const char *index)
{
    return arena_printf(payments->attempt->arena, "%s:%s", index, payments->store);
}

static const char *field_text(const json *node, const struct payment_field *field,
                              struct arena *arena)
{
    const json *value = json_path(node, field->path);
    if (field->kind == FIELD_FLAG)
        return json_flag(node, field->path, false) ? "1" : "0";
    const char *text = value ? json_string(value) : "";
    return field->kind == FIELD_ID ? staged_id(text, arena) : text;
}

/* ---- staging ---- */

static void write_record(struct payments *payments, const struct payment_kind *kind,
                         const struct payment_record *record)
{
    const char *argv[2 * PAYMENT_FIELDS_MOST + 2];
    size_t sizes[COUNT(argv)];
    int argc = 0;
    OWN_TEXT char *key = mem_printf("%s%s", kind->prefix, record->id);
    argv[argc++] = "store";
    argv[argc++] = payments->store;
    for (size_t i = 0; i < kind->count; i++) {
        if (strcmp(record->now[i], record->before[i]) == 0)
            continue;
        argv[argc++] = kind->fields[i].name;
        argv[argc++] = record->now[i];
    }
    for (int i = 0; i < argc; i++)
        sizes[i] = strlen(argv[i]);
    write_add_bytes(payments->write, "HSET", key, argc, argv, sizes);
    kind->index(payments, record);
}

static bool stage_chunk(struct payments *payments, const struct payment_kind *kind,
                        const struct payment_record records[], size_t count, struct err *err)
{
    const char *keys[CHUNK], *fields[PAYMENT_FIELDS_MOST];
    struct arena *arena = payments->attempt->arena;
    OWN(store_rows) struct store_rows *rows = NULL;
    for (size_t i = 0; i < count; i++)
        keys[i] = arena_printf(arena, "%s%s", kind->prefix, records[i].id);
    for (size_t f = 0; f < kind->count; f++)
        fields[f] = kind->fields[f].name;
    if (!store_read(payments->attempt->ledger, payments->company, keys, count, fields, kind->count,
                    &rows, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct payment_record record = records[i];
        bool differs = false;
        record.created = !*store_text(rows, i, 0);
        for (size_t f = 0; f < kind->count; f++) {
            record.before[f] = store_text(rows, i, f);
            differs = differs || strcmp(record.before[f], record.now[f]) != 0;
        }
        if (!differs)
            continue;
        write_record(payments, kind, &record);
        if (record.created)
            payments->attempt->counts.created++;
        else
            payments->attempt->counts.updated++;
    }
    return attempt_flush(payments->attempt, payments->write, 0, err);
}

static struct payment_record record_of(const struct payment_kind *kind, const json *node,
                                       struct arena *arena)
{
    struct payment_record record = {.id = staged_id(json_text(node, "id"), arena)};
    for (size_t f = 0; f < kind->count; f++)
        record.now[f] = field_text(node, &kind->fields[f], arena);
    return record;
}

bool payments_stage(struct payments *payments, const struct payment_kind *kind, const json *nodes,
                    int64_t *highest, bool *ascending, struct err *err)
{
    size_t total = json_count(nodes);
    struct arena *arena = payments->attempt->arena;
    int64_t last = highest ? *highest : 0;
    bool ok = true;
    for (size_t from = 0; ok && from < total; from += CHUNK) {
        struct arena_mark mark = arena_mark(arena); /* a first run may read a million lines */
        struct payment_record records[CHUNK];
        size_t count = 0;
        for (size_t i = from; i < total && i < from + CHUNK; i++) {
            const json *node = json_at(nodes, i);
            if (!node || !*json_text(node, "id"))
                continue;
            records[count] = record_of(kind, node, arena);
            int64_t id = strtoll(records[count++].id, NULL, 10);
            if (id <= last && ascending)
                *ascending = false;
            if (id > last)
                last = id;
        }
        payments->attempt->counts.read += (int64_t)count;
        ok = count == 0 || stage_chunk(payments, kind, records, count, err);
        arena_reset(arena, mark);
    }
    if (ok && highest)
        *highest = last;
    return ok;
}

/* ---- by ids ---- */

static bool again_page(struct payments *payments, const struct payment_kind *kind,
                       const char *document, const char *type, const struct store_ids *page,
                       struct err *err)
{
    json *ids = json_new_array();
    struct shopify_call call = {.document = document, .variables = json_new_object()};
    for (size_t i = 0; i < page->count; i++) {
        OWN_TEXT char *gid = mem_printf("gid://shopify/%s/%s", type, page->items[i]);
        json_add_text(ids, gid);
    }
    json_set(call.variables, "ids", ids);
    bool ok = shopify_ask(payments->attempt, &call, err) &&
              payments_stage(payments, kind, json_get(call.data, "nodes"), NULL, NULL, err);
    shopify_call_drop(&call);
    return ok;
}

bool payments_again(struct payments *payments, const struct payment_kind *kind,
                    const char *document, const char *type, const struct store_ids *ids,
                    struct err *err)
{
    for (size_t from = 0; from < ids->count; from += STORE_PAGE) {
        size_t left = ids->count - from;
        struct store_ids page = {ids->items + from, left < STORE_PAGE ? left : STORE_PAGE};
        attempt_progress(payments->attempt, "reading again", (int64_t)from, (int64_t)ids->count);
        if (!again_page(payments, kind, document, type, &page, err) ||
            !attempt_checkpoint(payments->attempt, "", 0, err))
            return false;
    }
    return true;
}

/* ---- lists ---- */

static bool move_mark(struct payments *payments, const char *key, const char *mark, int64_t to,
                      struct err *err)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRId64, to);
    write_add(payments->write, "HSET", key, mark, text, NULL);
    return attempt_flush(payments->attempt, payments->write, 0, err);
}

bool payments_walk_page(struct payments *payments, struct payments_walk *walk, const char *mark_key,
                        const json *list, struct err *err)
{
    const json *page = json_get(list, "pageInfo");
    int64_t before = walk->highest;
    bool ascending = true;
    if (!payments_stage(payments, walk->kind, json_get(list, "nodes"), &walk->highest, &ascending,
                        err))
        return false;
    own_text_cleanup_(&walk->after);
    walk->ended = !json_flag(page, "hasNextPage", false);
    walk->after = walk->ended ? NULL : mem_text(json_text(page, "endCursor"));
    walk->disordered = walk->disordered || !ascending;
    if (!walk->mark || walk->highest == before || (walk->disordered && !walk->ended))
        return true;
    return move_mark(payments, mark_key, walk->mark, walk->highest, err);
}

/* freshness.c - how long changes took to arrive, by shop and kind, in this hour and the one before.
 */
#include <inttypes.h>
#include <microhttpd.h>
#include <string.h>

#include "admin/cues.h"
#include "admin/routes.h"
#include "model/freshness.h"
#include "store/store.h"

enum { HOUR_MS = 3600000, HOURS = 2, FIELDS = FRESH_STEPS + 1 };

/* All kinds of a shop in one question: the page asks every second. */
static bool read_tallies(struct api_call *call, const struct scope *scope,
                         struct fresh_tally out[static FRESH_KINDS], struct err *err)
{
    OWN(arena) struct arena *arena = arena_new();
    OWN(store_rows) struct store_rows *rows = NULL;
    int64_t hour = clock_now_ms(call->config->clock) / HOUR_MS;
    const char *keys[HOURS * FRESH_KINDS], *fields[FIELDS];
    for (size_t i = 0; i < COUNT(keys); i++)
        keys[i] = arena_printf(arena, "fresh:%s:%s:%" PRId64, scope->code,
                               fresh_kind_name((enum fresh_kind)(i % FRESH_KINDS)),
                               hour - (int64_t)i / FRESH_KINDS);
    for (size_t i = 0; i < FRESH_STEPS; i++)
        fields[i] = arena_printf(arena, "%zu", i);
    fields[FRESH_STEPS] = "late";
    if (!store_read(call->ledger, scope->company, keys, COUNT(keys), fields, FIELDS, &rows, err))
        return err_wrap(err, "read how fast changes arrive at %s", scope->code);
    memset(out, 0, FRESH_KINDS * sizeof *out);
    for (size_t row = 0; row < COUNT(keys); row++) {
        struct fresh_tally *tally = &out[row % FRESH_KINDS];
        for (size_t i = 0; i < FRESH_STEPS; i++)
            tally->steps[i] += store_int(rows, row, i);
        tally->late += store_int(rows, row, FRESH_STEPS);
    }
    return true;
}

static void add_row(const struct scope *scope, enum fresh_kind kind,
                    const struct fresh_tally *tally, json *rows)
{
    json *row = json_new_object();
    json_set_text(row, "company", scope->company);
    json_set_text(row, "shop", scope->code);
    json_set_text(row, "kind", fresh_kind_name(kind));
    json_set_int(row, "count", fresh_count(tally));
    json_set_int(row, "late", tally->late);
    json_set_int(row, "p50_ms", fresh_percentile(tally, 50));
    json_set_int(row, "p99_ms", fresh_percentile(tally, 99));
    json_set_int(row, "target_ms",
                 json_int(scope->settings, "freshness_target_s", FRESH_TARGET_S) * 1000);
    json_set_text(row, "colour", fresh_colour(tally));
    json_add(rows, row);
}

bool freshness_list(struct api_call *call, struct err *err)
{
    OWN_SCOPES struct scopes scopes = {0};
    OWN_JSON json *rows = json_new_array();
    if (!scopes_read(call, &scopes, err))
        return false;
    for (size_t i = 0; i < scopes.count; i++) {
        const struct scope *scope = &scopes.items[i];
        struct fresh_tally tallies[FRESH_KINDS];
        if (!*scope->code) /* what belongs to no shop */
            continue;
        if (!read_tallies(call, scope, tallies, err))
            return false;
        for (size_t kind = 0; kind < FRESH_KINDS; kind++)
            if (fresh_count(&tallies[kind]))
                add_row(scope, (enum fresh_kind)kind, &tallies[kind], rows);
    }
    json *answer = json_new_object();
    json_set(answer, "freshness", GIVE(rows));
    return api_answer(call, MHD_HTTP_OK, answer);
}

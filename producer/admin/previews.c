/* previews.c - when an entry of this definition would run, before anybody has stored it.
 *
 * The tick itself is asked (queue_decide), on an entry that ends its runs the moment they begin: so
 * the form shows what the queue will do, windows, gaps of summer time and expiry included.
 */
#include <microhttpd.h>
#include <string.h>

#include "admin/definitions.h"
#include "admin/routes.h"
#include "ledger/commands.h"

enum { RUNS = 10, STEPS = 1000 }; /* of the tick; each either plans, skips or runs */

struct preview {
    json *runs;
    const char *end; /* why there are fewer, "" = there are more than shown */
};

static void add_run(struct preview *preview, int64_t at_ms)
{
    json *run = json_new_object();
    json_set_int(run, "at_ms", at_ms);
    json_add(preview->runs, run);
}

static void run_now(struct entry *entry, int64_t now_ms)
{
    entry->planned = false;
    entry->last_slot_ms = entry->slot_ms;
    entry->ended_ms = now_ms;
}

/* The first run of an entry whose start is no slot: at its own time, or at once. */
static bool starts_off_calendar(const struct entry_definition *definition)
{
    return definition->schedule == SCHEDULE_AT || definition->run_at_start;
}

static void look_ahead(struct entry *entry, int64_t now_ms, struct preview *out)
{
    const struct entry_definition *definition = &entry->definition;
    if (definition->schedule == SCHEDULE_MANUAL) {
        out->end = "manual";
        return;
    }
    if (starts_off_calendar(definition)) {
        int64_t at_ms = definition->start_ms > now_ms ? definition->start_ms : now_ms;
        add_run(out, at_ms);
        entry->slot_ms = at_ms;
        run_now(entry, at_ms);
    }
    if (definition->schedule == SCHEDULE_AT) {
        out->end = "once";
        return;
    }
    for (int step = 0; step < STEPS && json_count(out->runs) < RUNS; step++) {
        struct decision decision = queue_decide(entry, now_ms);
        switch (decision.kind) {
        case DECIDE_RUN:
            add_run(out, now_ms);
            run_now(entry, now_ms);
            break;
        case DECIDE_NEXT:
        case DECIDE_SKIP:
            entry->planned = true;
            entry->slot_ms = decision.slot_ms;
            now_ms = decision.due_ms > now_ms ? decision.due_ms : now_ms;
            break;
        case DECIDE_EXPIRE:
            out->end = "expires";
            return;
        case DECIDE_FAIL:
            out->end = "none";
            return;
        }
    }
}

/* The entry's zone, else the company's; its name goes into the answer. */
static bool zone_of(struct api_call *call, const struct entry_definition *definition,
                    struct zone **out, json *answer, struct err *err)
{
    OWN_JSON json *company = NULL;
    const char *name = definition->zone ? definition->zone : "";
    if (!*name) {
        if (!ledger_settings_get(call->ledger, definition->company, "company", &company, err))
            return false;
        name = company ? json_text(company, "time_zone") : "";
    }
    if (!*name)
        name = "UTC";
    json_set_text(answer, "zone", name);
    return strcmp(name, "UTC") == 0 || zone_open(name, out, err);
}

bool entries_preview(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    OWN_WANTED struct wanted wanted = {0};
    OWN(zone) struct zone *zone = NULL;
    OWN_JSON json *answer = json_new_object();
    if (!api_company(call, company, err) || !wanted_read(call->body, company, &wanted, err) ||
        !zone_of(call, &wanted.definition, &zone, answer, err))
        return false;
    int64_t now_ms = clock_now_ms(call->config->clock);
    /* As the script add leaves it: slots that passed before are nobody's. */
    struct entry entry = {
        .definition = wanted.definition, .zone = zone, .last_slot_ms = now_ms - 1};
    if (!entry.definition.start_ms && entry.definition.schedule == SCHEDULE_EVERY)
        entry.definition.start_ms = now_ms;
    struct preview preview = {.runs = json_new_array(), .end = ""};
    look_ahead(&entry, now_ms, &preview);
    json_set(answer, "runs", preview.runs);
    json_set_text(answer, "end", preview.end);
    return api_answer(call, MHD_HTTP_OK, GIVE(answer));
}

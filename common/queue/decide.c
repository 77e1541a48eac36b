/* decide.c - what the tick does with an entry that is due. Pure: the entry and a time go in. */
#include "calendar/slots.h"
#include "queue/entry.h"

static struct decision run_at(const struct entry *entry, int64_t slot_ms)
{
    return (struct decision){
        .kind = DECIDE_RUN, .slot_ms = slot_ms, .until_ms = entry->definition.expires_ms};
}

/* Policy `skip`: a late slot runs once, the latest; the ones before it are recorded as skipped. */
static struct decision decide_every(const struct entry *entry, int64_t now_ms)
{
    const struct entry_definition *definition = &entry->definition;
    struct slots slots = {definition->start_ms, definition->every_ms};
    int64_t slot = entry->planned ? entry->slot_ms : slots_next(&slots, entry->last_slot_ms);

    if (slot > now_ms)
        return (struct decision){.kind = DECIDE_NEXT, .slot_ms = slot, .due_ms = slot};
    int64_t latest = slots_last(&slots, now_ms);
    struct decision decision = run_at(entry, latest > slot ? latest : slot);
    if (latest - definition->every_ms >= slot) {
        decision.skipped_from_ms = slot;
        decision.skipped_to_ms = latest - definition->every_ms;
    }
    return decision;
}

struct decision queue_decide(const struct entry *entry, int64_t now_ms)
{
    const struct entry_definition *definition = &entry->definition;

    if (entry->resumed) {
        struct decision decision = run_at(entry, entry->slot_ms);
        decision.until_ms = 0;
        return decision;
    }
    if (definition->expires_ms && now_ms >= definition->expires_ms)
        return (struct decision){.kind = DECIDE_EXPIRE};
    if (definition->schedule == SCHEDULE_AT || entry->begun || entry->named)
        return run_at(entry, entry->slot_ms);
    return decide_every(entry, now_ms);
}

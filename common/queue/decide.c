/* decide.c - what the tick does with an entry that is due. Pure: the entry and a time go in. */
#include "calendar/bc.h"
#include "queue/entry.h"

enum { BC_FLOOR_MS = 1000, BC_IDLE_MS = 300000 }; /* job-queue.md 5, 10.1 */

/* 0 = no bound. */
static int64_t earlier(int64_t a, int64_t b)
{
    if (!a || !b)
        return a ? a : b;
    return a < b ? a : b;
}

static struct decision fail(const char *why)
{
    return (struct decision){.kind = DECIDE_FAIL, .why = why};
}

static struct decision run_at(const struct entry *entry, int64_t slot_ms, int64_t until_ms)
{
    const int64_t expires = entry->definition.expires_ms; /* nothing begins from then on */
    return (struct decision){.kind = DECIDE_RUN,
                             .slot_ms = slot_ms,
                             .until_ms = earlier(until_ms, expires ? expires - 1 : 0)};
}

/* Where the entry goes on; one whose next slot lies beyond its expiry has no next slot. */
static struct decision go_on(const struct entry *entry, enum decision_kind kind, int64_t slot_ms,
                             int64_t due_ms)
{
    const int64_t expires = entry->definition.expires_ms;
    if (!slot_ms || !due_ms)
        return fail("its schedule names no further time");
    if (expires && (slot_ms >= expires || due_ms >= expires))
        return (struct decision){.kind = DECIDE_EXPIRE};
    return (struct decision){.kind = kind, .slot_ms = slot_ms, .due_ms = due_ms};
}

static struct decision skip(const struct entry *entry, int64_t from_ms, int64_t to_ms,
                            int64_t next_ms, const char *why)
{
    struct decision decision = go_on(entry, DECIDE_SKIP, next_ms, next_ms);
    decision.skipped_from_ms = from_ms;
    decision.skipped_to_ms = to_ms;
    decision.why = decision.why ? decision.why : why;
    return decision;
}

/* ---- a task that has its id: waited for its category, or waits for a retry ---- */

static bool late_by_policy(const struct entry *entry, int64_t slot_ms, int64_t now_ms)
{
    return entry->definition.catch_up == CATCH_UP_NONE && !entry->begun && !entry->woken &&
           now_ms - slot_ms > entry->definition.grace_ms;
}

/* Until when this slot may start; a retry and a wake are no lateness of the slot. */
static int64_t last_start(const struct entry *entry, int64_t slot_ms, int64_t window_end_ms)
{
    if (entry->definition.catch_up != CATCH_UP_NONE || entry->begun || entry->woken)
        return window_end_ms;
    return earlier(window_end_ms, slot_ms + entry->definition.grace_ms);
}

/* Its window: that of the slot, not the next day's. A slot ahead of its time was woken now. */
static bool window_open(const struct entry *entry, const struct slots *slots, int64_t slot_ms,
                        int64_t now_ms, int64_t *until_ms)
{
    bool own = entry->definition.catch_up != CATCH_UP_ALL && slot_ms < now_ms;
    if (entry->definition.bc)
        return bc_open(slots, now_ms, until_ms);
    return slots_open(slots, own ? slot_ms : now_ms, until_ms) &&
           (!*until_ms || now_ms <= *until_ms);
}

/* Slots from this one up to, not with, `slot_ms` do not run: they lay in a rest. */
static void skip_before(struct decision *decision, const struct slots *slots, int64_t from_ms,
                        int64_t slot_ms)
{
    if (!from_ms || from_ms >= slot_ms)
        return;
    decision->skipped_from_ms = from_ms;
    decision->skipped_to_ms = slots_backlog(slots, from_ms, slot_ms - 1, 1).latest_ms;
}

static struct decision decide_named(const struct entry *entry, const struct slots *slots,
                                    int64_t now_ms)
{
    const struct entry_definition *definition = &entry->definition;
    const int64_t slot = entry->slot_ms;
    struct decision decision;
    int64_t until;
    if (entry->manual)
        return run_at(entry, slot, 0);
    bool open = window_open(entry, slots, slot, now_ms, &until);
    if (open && (definition->bc || !late_by_policy(entry, slot, now_ms))) {
        decision = run_at(entry, slot, definition->bc ? until : last_start(entry, slot, until));
        if (entry->woken && !definition->bc) /* out of a rest, perhaps */
            skip_before(&decision, slots, slots_next(slots, entry->last_slot_ms), slot);
        return decision;
    }
    if (!definition->bc && definition->catch_up == CATCH_UP_ALL)
        return go_on(entry, DECIDE_NEXT, slot, slots_next(slots, now_ms));
    int64_t next =
        definition->bc ? bc_initial(slots, now_ms + BC_FLOOR_MS, 0) : slots_next(slots, now_ms);
    return skip(entry, slot, slot, next,
                open ? "it would have begun later than its grace allows"
                     : "its window closed before it could start");
}

/* ---- slots on their calendar ---- */

static struct decision decide_late(const struct entry *entry, const struct slots *slots,
                                   int64_t first, int64_t now_ms)
{
    const struct entry_definition *definition = &entry->definition;
    const bool all = definition->catch_up == CATCH_UP_ALL;
    int64_t most = definition->max_backlog ? definition->max_backlog : MAX_BACKLOG_DEFAULT, until;
    struct backlog backlog = slots_backlog(slots, first, now_ms, all ? most : 1);
    bool rested = entry->status == STATUS_INACTIVE && entry->planned;
    int64_t from = rested ? slots_next(slots, entry->last_slot_ms) : first;
    struct decision decision;

    bool open = window_open(entry, slots, backlog.keep_ms, now_ms, &until);
    if (open && !late_by_policy(entry, backlog.keep_ms, now_ms)) {
        decision = run_at(entry, backlog.keep_ms, last_start(entry, backlog.keep_ms, until));
        decision.caught_up = backlog.keep_ms < backlog.latest_ms;
    } else if (all) { /* none is given up: the rest waits for the next window */
        decision = go_on(entry, DECIDE_NEXT, backlog.keep_ms, slots_next(slots, now_ms));
    } else {
        return skip(entry, from, backlog.latest_ms, slots_next(slots, now_ms),
                    open ? "it was late by more than its grace" : "its window has closed");
    }
    skip_before(&decision, slots, from, first);
    if (backlog.before_ms) {
        decision.skipped_from_ms = from;
        decision.skipped_to_ms = backlog.before_ms;
    }
    return decision;
}

/* After a run that found nothing to do the entry rests. The slots in between are skipped when the
 * rest is over and not before: an event may end it, and then the entry runs on at its times. */
static struct decision decide_slots(const struct entry *entry, const struct slots *slots,
                                    int64_t now_ms)
{
    int64_t first = entry->planned ? entry->slot_ms : slots_next(slots, entry->last_slot_ms);
    int64_t rest_ms = entry->status == STATUS_INACTIVE ? entry->definition.idle_ms : 0;
    if (first && rest_ms && !entry->planned && first < entry->ended_ms + rest_ms)
        first = slots_next(slots, entry->ended_ms + rest_ms - 1);
    else if (first && first <= now_ms)
        return decide_late(entry, slots, first, now_ms);
    return go_on(entry, DECIDE_NEXT, first, first);
}

/* ---- as Business Central ---- */

static struct decision decide_bc(const struct entry *entry, const struct slots *slots,
                                 int64_t now_ms)
{
    const struct entry_definition *definition = &entry->definition;
    const int64_t floor_ms = now_ms + BC_FLOOR_MS, ended = entry->ended_ms;
    int64_t next, until;
    if (entry->planned && entry->slot_ms <= now_ms) {
        if (bc_open(slots, now_ms, &until))
            return run_at(entry, entry->slot_ms, until);
        next = bc_initial(slots, now_ms, 0);
        return skip(entry, entry->slot_ms, entry->slot_ms, next < floor_ms ? floor_ms : next,
                    "its window has closed");
    }
    if (entry->planned)
        next = entry->slot_ms;
    else if (!ended)
        next = bc_initial(slots, now_ms, definition->start_ms);
    else if (entry->status == STATUS_INACTIVE)
        next = bc_inactivity(slots, ended, definition->idle_ms ? definition->idle_ms : BC_IDLE_MS);
    else
        next = bc_next(slots, ended, 0);
    if (next && next < floor_ms && !entry->planned)
        next = floor_ms;
    if (next && next <= entry->last_slot_ms)
        next = entry->last_slot_ms + 1;
    return go_on(entry, DECIDE_NEXT, next, next);
}

/* It waits for an event, or for its expiry. */
static struct decision decide_manual(const struct entry *entry)
{
    const int64_t expires = entry->definition.expires_ms;
    if (entry->begun || entry->named)
        return run_at(entry, entry->slot_ms, 0);
    return (struct decision){.kind = DECIDE_NEXT,
                             .slot_ms = ENTRY_NEVER_MS,
                             .due_ms =
                                 expires && expires < ENTRY_NEVER_MS ? expires : ENTRY_NEVER_MS};
}

struct decision queue_decide(const struct entry *entry, int64_t now_ms)
{
    const struct entry_definition *definition = &entry->definition;
    struct formula formula;
    struct slots slots;
    struct err err;

    if (entry->resumed)
        return (struct decision){.kind = DECIDE_RUN, .slot_ms = entry->slot_ms};
    if (definition->expires_ms && now_ms >= definition->expires_ms)
        return (struct decision){.kind = DECIDE_EXPIRE};
    if (definition->schedule == SCHEDULE_AT)
        return run_at(entry, entry->slot_ms, 0);
    if (definition->schedule == SCHEDULE_MANUAL)
        return decide_manual(entry);
    if (!definition_slots(definition, entry->zone, &formula, &slots, &err))
        return fail("its date formula cannot be read; change the entry");
    if (entry->begun || entry->named)
        return decide_named(entry, &slots, now_ms);
    return definition->bc ? decide_bc(entry, &slots, now_ms) : decide_slots(entry, &slots, now_ms);
}

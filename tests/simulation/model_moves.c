/* model_moves.c - where each event may lead, and who comes first. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model_inside.h"

static bool is(const struct record *record, const char *event)
{
    return strcmp(record->event, event) == 0;
}

/* ---- the table of legal moves ---- */

static bool parse_place(const char *text, enum entry_status *status, enum entry_sub *sub)
{
    *status = (enum entry_status)(text[0] - '0');
    for (enum entry_sub i = SUB_DUE; i <= SUB_GONE; i++) {
        if (text[0] && text[1] == '/' && strcmp(text + 2, entry_sub_name(i)) == 0) {
            *sub = i;
            return true;
        }
    }
    return false;
}

/* An event of the history that is one of the table's. */
static const struct {
    const char *event;
    enum entry_event on;
} EVENTS[] = {
    {"next",     ON_PLAN    },
    {"fire",     ON_FIRE    },
    {"fail",     ON_FAIL    },
    {"expire",   ON_EXPIRE  },
    {"grant",    ON_GRANT   },
    {"late",     ON_LATE    },
    {"claim",    ON_CLAIM   },
    {"retry",    ON_RETRY   },
    {"lost",     ON_LOST    },
    {"hold",     ON_HOLD    },
    {"ready",    ON_READY   },
    {"restart",  ON_RESTART },
    {"wake",     ON_WAKE    },
    {"rerun",    ON_WAKE    },
    {"priority", ON_PRIORITY},
    {"delete",   ON_DELETE  },
};
/* How a run ended, where its entry was held meanwhile: all of them lead to the same place. */
static const struct {
    const char *outcome;
    enum entry_event on;
} HELD[] = {
    {"idle",    ON_IDLE     },
    {"retry",   ON_RETRY    },
    {"timeout", ON_RETRY    },
    {"park",    ON_PARK     },
    {"fatal",   ON_EXHAUSTED},
    {"lost",    ON_LOST     },
};

static enum entry_event end_of(const struct model *model, const struct record *record)
{
    if (strcmp(record->to, "4/gone") == 0)
        return ON_END;
    if (strcmp(record->to, "5/due") == 0)
        return ON_IDLE;
    if (strcmp(record->to, "2/rest") == 0)
        return ON_EXHAUSTED;
    for (size_t i = 0; strcmp(record->to, "3/rest") == 0 && i < COUNT(HELD); i++)
        if (strcmp(HELD[i].outcome, record->outcome) == 0)
            return HELD[i].on == ON_PARK && model->approval ? ON_APPROVAL : HELD[i].on;
    return ON_FINISH;
}

/* False = it is none of the table: it tells something, and leaves its entry where it is. */
static bool event_of(const struct model *model, const struct record *record, enum entry_event *on)
{
    if (is(record, "finish"))
        *on = end_of(model, record);
    else if (is(record, "park"))
        *on = strcmp(record->to, "3/rest") == 0 ? ON_APPROVAL : ON_PARK;
    else if (is(record, "cancel"))
        *on = strcmp(record->to, "4/gone") == 0 || (record->defined && record->once) ? ON_DROP
                                                                                     : ON_CANCEL;
    else if (is(record, "edit") && record->matters)
        *on = ON_EDIT;
    else {
        for (size_t i = 0; i < COUNT(EVENTS); i++) {
            if (is(record, EVENTS[i].event)) {
                *on = EVENTS[i].on;
                return true;
            }
        }
        return false;
    }
    return true;
}

static void check_table(struct model *model, const struct record *record)
{
    enum entry_status from, to, want;
    enum entry_sub from_sub, to_sub, want_sub;
    enum entry_event on;
    if (!parse_place(record->from, &from, &from_sub) || !parse_place(record->to, &to, &to_sub))
        return; /* a new entry */
    if (event_of(model, record, &on) && entry_move(from, from_sub, on, &want, &want_sub) &&
        want == to && want_sub == to_sub)
        tally_move(model->tally, from, from_sub, on);
    else if (strcmp(record->from, record->to) != 0 || event_of(model, record, &on))
        model_breach(model, "I13", "%s: %s leads from %s to %s, which is no row of the table",
                     record->entry, record->event, record->from, record->to);
}

void model_quiet_move(struct model *model, const char *stands, enum entry_event on)
{
    enum entry_status from, to;
    enum entry_sub from_sub, to_sub;
    if (parse_place(stands, &from, &from_sub) && entry_move(from, from_sub, on, &to, &to_sub) &&
        from == to && from_sub == to_sub)
        tally_move(model->tally, from, from_sub, on);
}

/* A ticket of before is stale from then on. */
static void check_epoch(struct model *model, const struct record *record, const struct place *place)
{
    static const char *const RAISE[] = {"hold", "ready", "restart", "cancel"};
    bool waits = strstr(record->from, "/running") == NULL && *record->from != '-';
    if (record->epoch < place->epoch)
        model_breach(model, "I13", "%s: the epoch falls from %" PRId64 " to %" PRId64,
                     record->entry, place->epoch, record->epoch);
    for (size_t i = 0; i < COUNT(RAISE); i++)
        if (is(record, RAISE[i]) && waits && strcmp(record->to, "4/gone") != 0 &&
            record->epoch == place->epoch && !(is(record, "ready") && place->waits))
            model_breach(model, "I13", "%s: its epoch stays %" PRId64 " at a %s", record->entry,
                         record->epoch, record->event);
}

/* I8: what is planned anew lies behind what has been. */
static void check_slot(struct model *model, const struct record *record, const struct place *place)
{
    if (is(record, "fire") && record->attempt == 1 && record->slot <= place->resolved)
        model_breach(model, "I8", "%s: slot %" PRId64 " is fired, %" PRId64 " has been",
                     record->entry, record->slot, place->resolved);
}

/* ---- what a finish leads to ---- */

/* When events may start an entry again whose last run ended then: a tenth of a second for each of
 * them since that run began, from one second to thirty. */
static int64_t edge(const struct record *record, int64_t ended_ms)
{
    int64_t quiet = record->woken * EVENT_MS;
    quiet = quiet < QUIET_LEAST_MS ? QUIET_LEAST_MS : quiet;
    quiet = quiet > QUIET_MOST_MS ? QUIET_MOST_MS : quiet;
    return record->at > ended_ms + quiet ? record->at : ended_ms + quiet;
}

/* I21: who asked for one more run during this one gets it, as soon as events may start one. */
static void check_wish(struct model *model, const struct record *record, struct place *place)
{
    if (is(record, "rerun"))
        place->wish = true;
    if (is(record, "delete") || strncmp(record->to, "3/", 2) == 0 ||
        (is(record, "claim") && record->attempt == 1) || is(record, "cancel") || is(record, "edit"))
        place->wish = false;
    if (!is(record, "finish") || !place->wish || place->deleting)
        return;
    place->wish = false;
    if (strcmp(record->to, "0/due") != 0 || record->due > edge(record, record->at))
        model_breach(model, "I21", "%s ends, one more run was asked for, and it goes to %s",
                     record->task, record->to);
    if (record->due < edge(record, record->at))
        model_breach(model, "I21", "%s ends, and runs once more after %" PRId64 " ms", record->task,
                     record->due - record->at);
}

static void check_finish(struct model *model, const struct record *record,
                         const struct place *place)
{
    static const char *const FAILED[] = {"retry", "fatal", "timeout", "lost"};
    const bool gone = strcmp(record->to, "4/gone") == 0,
               ran_on = strcmp(record->from, "1/running") == 0;
    bool failed = false;
    if (!is(record, "finish"))
        return;
    for (size_t i = 0; i < COUNT(FAILED); i++)
        failed |= strcmp(record->outcome, FAILED[i]) == 0;
    if (place->deleting && !gone)
        model_breach(model, "I13", "%s ends, its entry was deleted, and goes to %s", record->task,
                     record->to);
    if (!record->defined || !ran_on || place->deleting)
        return;
    if (record->stops && failed && !record->once && strcmp(record->to, "2/rest") != 0 &&
        strcmp(record->to, "0/due") != 0)
        model_breach(model, "I10", "%s failed and goes to %s", record->task, record->to);
    if (record->once && !failed && strcmp(record->to, "0/due") != 0)
        model_breach(model, "I5", "%s is done, and its entry stays at %s", record->task,
                     record->to);
    if (record->stops && failed && strcmp(record->to, "0/due") == 0 &&
        record->due < record->at + QUIET_LEAST_MS)
        model_breach(model, "I10", "%s failed at last, its entry stops on that, and goes on",
                     record->task);
}

static void check_debounce(struct model *model, const struct record *record,
                           const struct place *place)
{
    if (is(record, "wake") && place->ended_ms && record->due != edge(record, place->ended_ms))
        model_breach(model, "I21", "%s is woken %" PRId64 " ms after its last end", record->entry,
                     record->due - place->ended_ms);
}

void model_check_move(struct model *model, const struct record *record, struct place *place)
{
    check_table(model, record);
    check_epoch(model, record, place);
    check_slot(model, record, place);
    check_wish(model, record, place);
    check_debounce(model, record, place);
    if (is(record, "delete"))
        place->deleting = true;
    check_finish(model, record, place);
}

/* ---- order ---- */

static int64_t penalty(int64_t priority)
{
    return priority == PRIORITY_HIGH ? 0 : priority == PRIORITY_NORMAL ? 300000 : 1800000;
}

static int64_t order_key(const struct place *place, bool strict)
{
    return strict ? place->priority * 1000000000 + place->no
                  : place->ready + penalty(place->priority);
}

void model_check_order(struct model *model, const struct record *record, const struct place *chosen)
{
    bool strict = false;
    for (size_t i = 0; i < model->lane_count; i++)
        if (strcmp(model->lanes[i].name, record->lane) == 0)
            strict = model->lanes[i].strict;
    if (model_paused(model, record->lane))
        model_breach(model, "I15", "lane %s is paused: %s is granted", record->lane, record->entry);
    for (size_t i = 0; i < model->place_count; i++) {
        const struct place *place = &model->places[i];
        if (place != chosen && place->gated && strcmp(place->lane, record->lane) == 0 &&
            order_key(place, strict) < order_key(chosen, strict))
            model_breach(model, "I15", "lane %s: %s is granted, %s was in front of it",
                         record->lane, record->entry, place->id);
    }
}

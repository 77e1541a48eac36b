/* schedules.c - the calendar of an entry; what the tick could not use is refused here. */
#include "admin/schedules.h"

#include <inttypes.h>
#include <string.h>

#include "calendar/days.h"
#include "calendar/words.h"

enum { BAD = 400, TRIAL_DAY = 20454 }; /* 1 January 2026; eight years from there are tried */

/* NULL = absent. */
static bool text(const json *body, const char *name, const char **out, struct err *err)
{
    const json *given = json_get(body, name);
    *out = given ? json_string(given) : NULL;
    if (given && !**out)
        return err_set(err, ERR_FATAL, BAD, "%s: want a text (quote it)", name);
    return true;
}

static bool span(const json *body, const char *name, int64_t most, int64_t *out, struct err *err)
{
    *out = json_int(body, name, 0);
    if (json_get(body, name) && (*out < 1 || *out > most))
        return err_set(err, ERR_FATAL, BAD, "%s: want a number from 1 to %" PRId64, name, most);
    return true;
}

static bool refuse(struct err *err, const char *field, const char *next)
{
    return err_set(err, ERR_FATAL, BAD, "%s: %s", field, next);
}

/* ---- single fields ---- */

static bool read_mode(const json *body, struct entry_definition *out, struct err *err)
{
    const char *mode;
    if (!text(body, "mode", &mode, err))
        return false;
    out->bc = mode && strcmp(mode, "bc") == 0;
    if (mode && !out->bc && strcmp(mode, "slot") != 0)
        return err_set(err, ERR_FATAL, BAD, "mode \"%.40s\": want slot or bc", mode);
    return true;
}

static bool read_window(const json *body, struct entry_definition *out, struct err *err)
{
    const char *days, *window, *at_time;
    if (!text(body, "days", &days, err) || !text(body, "window", &window, err) ||
        !text(body, "at_time", &at_time, err))
        return false;
    if (days && !weekdays_parse(days, &out->days, err))
        return err_wrap(err, "days");
    if (window && !window_parse(window, &out->from_ms, &out->to_ms, err))
        return err_wrap(err, "window");
    if (at_time && out->schedule != SCHEDULE_FORMULA)
        return refuse(err, "at_time",
                      "it is a formula's time of day; with every write window: 06:00-, else start");
    if (at_time && !clock_parse(at_time, &out->from_ms, err))
        return err_wrap(err, "at_time");
    if ((days || window) && out->schedule != SCHEDULE_EVERY)
        return refuse(err, days ? "days" : "window",
                      out->schedule == SCHEDULE_FORMULA
                          ? "a formula goes from date to date; leave it out, or name every instead"
                          : "only an entry with every has them; name it, say 15 minutes");
    if (window && out->to_ms && out->from_ms == out->to_ms && !out->bc)
        return refuse(err, "window", "its end is its start; write 08:00- for \"from 08:00 on\"");
    return true;
}

static bool read_zone(const json *body, struct entry_definition *out, struct err *err)
{
    OWN(zone) struct zone *zone = NULL;
    if (!text(body, "zone", &out->zone, err))
        return false;
    if (out->zone && !zone_open(out->zone, &zone, err))
        return err_wrap(err, "zone");
    return true;
}

static bool has_slots(const struct entry_definition *definition)
{
    return definition->schedule == SCHEDULE_EVERY || definition->schedule == SCHEDULE_FORMULA;
}

static bool read_catch_up(const json *body, struct entry_definition *out, struct err *err)
{
    const char *policy;
    int64_t backlog;
    if (!text(body, "catch_up", &policy, err) ||
        !span(body, "grace_ms", 7 * DAY_MS, &out->grace_ms, err) ||
        !span(body, "max_backlog", MAX_BACKLOG_MOST, &backlog, err) ||
        !span(body, "idle_ms", 30 * DAY_MS, &out->idle_ms, err))
        return false;
    out->max_backlog = (int)backlog;
    if (policy && !catch_up_parse(policy, &out->catch_up))
        return err_set(err, ERR_FATAL, BAD, "catch_up \"%.40s\": want skip, none or all", policy);
    if (out->catch_up == CATCH_UP_NONE && !out->grace_ms)
        return refuse(err, "grace",
                      "catch_up none needs one: how late a run may begin, say 10 minutes");
    if (out->catch_up != CATCH_UP_NONE && out->grace_ms)
        return refuse(err, "grace", "it belongs to catch_up: none; leave it out, or say so");
    if (out->catch_up != CATCH_UP_ALL && out->max_backlog)
        return refuse(err, "max_backlog", "it belongs to catch_up: all; leave it out, or say so");
    if (!has_slots(out) && (policy || out->idle_ms || out->bc))
        return refuse(err,
                      policy         ? "catch_up"
                      : out->idle_ms ? "idle"
                                     : "mode",
                      "it is of slots, and without every or formula there are none");
    return true;
}

/* ---- one against another ---- */

static bool formula_fits(const struct entry_definition *out, struct err *err)
{
    struct formula formula;
    int64_t stuck, day = out->start_ms ? floor_div(out->start_ms, DAY_MS) : TRIAL_DAY;
    if (!formula_parse(out->formula, &formula, err))
        return false;
    if (formula_advances(&formula, day, &stuck))
        return true;
    struct date date = days_date(stuck);
    return err_set(
        err, ERR_FATAL, BAD,
        "formula \"%s\": from %04d-%02d-%02d it leads to no later date and would run again "
        "and again; write 1D+CM for the end of each month, CM+1D for the first of the next",
        out->formula, date.year, date.month, date.day);
}

static bool every_fits(struct entry_definition *out, struct err *err)
{
    if (out->every_ms > DAY_MS && out->every_ms % DAY_MS &&
        (out->days || out->from_ms || out->to_ms))
        return refuse(err, "every",
                      "with days or window, more than a day must be whole days; write 2 days");
    if (!out->bc)
        return true;
    if (out->every_ms % 60000)
        return refuse(err, "every", "in mode bc it is whole minutes");
    if (!out->days)
        out->days = EVERY_DAY; /* there an entry recurs by its weekdays */
    return true;
}

bool schedule_read(const json *body, struct entry_definition *out, struct err *err)
{
    if (!text(body, "formula", &out->formula, err))
        return false;
    if (out->formula && out->every_ms)
        return refuse(err, "formula", "it says when; leave every out, or the formula");
    bool manual = json_flag(body, "manual", false);
    if (manual && (out->formula || out->every_ms || json_get(body, "start_ms")))
        return refuse(err, "manual",
                      "it has no time of its own; leave every, formula and start out, or manual");
    out->schedule = manual          ? SCHEDULE_MANUAL
                    : out->formula  ? SCHEDULE_FORMULA
                    : out->every_ms ? SCHEDULE_EVERY
                                    : SCHEDULE_AT;
    if (!read_mode(body, out, err) || !read_window(body, out, err) || !read_zone(body, out, err) ||
        !read_catch_up(body, out, err))
        return false;
    out->run_at_start = json_flag(body, "run_at_start", false);
    if (out->run_at_start && out->schedule == SCHEDULE_AT)
        return refuse(err, "run_at_start",
                      "an entry that runs once does so at its start; leave it out, or name every "
                      "or formula");
    if (out->run_at_start && out->start_ms)
        return refuse(err, "run_at_start", "start says when it begins; leave one of both out");
    if (out->expires_ms && out->start_ms >= out->expires_ms)
        return refuse(err, "expires", "it lies before the start; name a later time");
    if (out->bc && out->catch_up != CATCH_UP_SKIP)
        return refuse(err, "catch_up", "mode bc has no slots to catch up; leave it out");
    if (out->schedule == SCHEDULE_FORMULA)
        return formula_fits(out, err);
    return !has_slots(out) || every_fits(out, err);
}

bool schedule_stands(const struct entry_definition *want, const json *entry)
{
    char days[DAYS_TEXT], window[WINDOW_TEXT] = "", at_time[WINDOW_TEXT] = "";
    weekdays_text(want->days, days);
    if (want->schedule == SCHEDULE_FORMULA)
        clock_text(want->from_ms, at_time);
    else
        window_text(want->from_ms, want->to_ms, window);
    const struct {
        const char *name, *text;
    } TEXTS[] = {
        {"days",     days                                               },
        {"window",   window                                             },
        {"at_time",  at_time                                            },
        {"formula",  want->formula                                      },
        {"zone",     want->zone                                         },
        {"catch_up", want->catch_up ? catch_up_name(want->catch_up) : ""},
        {"mode",     want->bc ? "bc" : ""                               },
    };
    const struct {
        const char *name;
        int64_t number;
    } NUMBERS[] = {
        {"every_ms",    want->every_ms   },
        {"grace_ms",    want->grace_ms   },
        {"max_backlog", want->max_backlog},
        {"idle_ms",     want->idle_ms    },
    };
    for (size_t i = 0; i < COUNT(TEXTS); i++)
        if (strcmp(json_text(entry, TEXTS[i].name), TEXTS[i].text ? TEXTS[i].text : "") != 0)
            return false;
    for (size_t i = 0; i < COUNT(NUMBERS); i++)
        if (json_int(entry, NUMBERS[i].name, 0) != NUMBERS[i].number)
            return false;
    return json_flag(entry, "run_at_start", false) == want->run_at_start &&
           (strcmp(json_text(entry, "schedule"), "manual") == 0) ==
               (want->schedule == SCHEDULE_MANUAL);
}

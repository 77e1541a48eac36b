/* doctor_fleet.c - the processes of the fleet: who lives, what they serve, how their clocks go, and
 * by which rules of the time zones they plan.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/doctor.h"
#include "calendar/zone.h"
#include "ledger/alive.h"
#include "ledger/categories.h"
#include "ledger/commands.h"

/* Redis' time decides everything; a clock that is off shows in logs, dates and tokens' lives. */
enum { AHEAD_WARN_MS = 2000, AHEAD_BAD_MS = 60000 };

/* ---- clocks ---- */

static void clock_is_off(struct doctor *doctor, const json *process, int64_t ahead_ms)
{
    const char *kind = json_text(process, "kind"), *host = json_text(process, "host");
    int64_t off_ms = ahead_ms > 0 ? ahead_ms : -ahead_ms;
    json *row = doctor_add(doctor, "clocks", off_ms >= AHEAD_BAD_MS ? CHECK_BAD : CHECK_WARN,
                           "the clock of %s %s on %s is %" PRId64 ".%03d s %s of Redis'", kind,
                           json_text(process, "process"), host, off_ms / 1000, (int)(off_ms % 1000),
                           ahead_ms > 0 ? "ahead" : "behind");
    json_set_text(doctor_values(row), "kind", kind);
    json_set_text(doctor_values(row), "process", json_text(process, "process"));
    json_set_text(doctor_values(row), "host", host);
    json_set_int(doctor_values(row), "ahead_ms", ahead_ms);
    doctor_advise(row,
                  "Let one time service set the clocks of Redis' machine and of %s (chrony, "
                  "systemd-timesyncd), then restart the %s.",
                  host, kind);
    doctor_command(row, "What sets the clock there", "timedatectl timesync-status");
}

void doctor_clocks(struct doctor *doctor)
{
    size_t off = 0, count = json_count(doctor->alive);
    int64_t most_ms = 0;
    for (size_t i = 0; i < count; i++) {
        const json *process = json_at(doctor->alive, i);
        int64_t ahead_ms = json_int(process, "ahead_ms", 0);
        if (llabs(ahead_ms) > most_ms)
            most_ms = llabs(ahead_ms);
        if (llabs(ahead_ms) < AHEAD_WARN_MS)
            continue;
        clock_is_off(doctor, process, ahead_ms);
        off++;
    }
    if (off)
        return;
    json *row = doctor_add(doctor, "clocks", CHECK_OK,
                           "the clocks of %zu processes go with Redis' (%" PRId64 " ms at most)",
                           count, most_ms);
    json_set_int(doctor_values(row), "processes", (int64_t)count);
    json_set_int(doctor_values(row), "ahead_ms", most_ms);
}

/* ---- workers ---- */

size_t doctor_serving(const json *alive, const char *category)
{
    size_t count = 0;
    for (size_t i = 0; i < json_count(alive); i++) {
        const json *process = json_at(alive, i);
        count += category ? alive_serves(process, category)
                          : strcmp(json_text(process, "kind"), "worker") == 0;
    }
    return count;
}

static json *count_in(json *categories, const char *name)
{
    json *count = json_get(categories, name);
    if (!count) {
        count = json_new_object();
        json_set(categories, name, count);
    }
    return count;
}

static void count_one(json *categories, const char *name, const char *what, int64_t more)
{
    json *count = count_in(categories, name);
    json_set_int(count, what, json_int(count, what, 0) + more);
}

/* Categories that have entries: how many, and how many of them wait for their turn. */
static bool add_categories(struct doctor *doctor, const char *company, json *categories,
                           struct err *err)
{
    OWN_JSON json *entries = NULL, *lanes = NULL;
    if (!ledger_entries(doctor->ledger, company, &entries, err) ||
        !ledger_categories(doctor->ledger, company, &lanes, err))
        return false;
    for (size_t i = 0; i < json_count(entries); i++)
        count_one(categories, json_text(json_at(entries, i), "category"), "entries", 1);
    for (size_t i = 0; i < json_count(lanes); i++) {
        const json *lane = json_at(lanes, i);
        int64_t waiting =
            json_int(lane, "waiting", 0) + (int64_t)json_count(json_get(lane, "holders"));
        if (waiting)
            count_one(categories, json_text(lane, "category"), "waiting", waiting);
    }
    return true;
}

static void add_unserved(struct doctor *doctor, const char *category, const json *count)
{
    const char *name = *category ? category : "-";
    json *row = doctor_add(doctor, "workers", CHECK_BAD,
                           "no worker that lives serves category %s, which has %" PRId64
                           " entries, %" PRId64 " of them waiting",
                           name, json_int(count, "entries", 0), json_int(count, "waiting", 0));
    json_set_text(doctor_values(row), "category", category);
    json_set_int(doctor_values(row), "entries", json_int(count, "entries", 0));
    json_set_int(doctor_values(row), "waiting", json_int(count, "waiting", 0));
    doctor_advise(row, "Start a worker that serves it; without --categories it serves all.");
    if (*category)
        doctor_command(row, "Start a worker", "cartage-worker --categories %s", category);
    else
        doctor_command(row, "Start a worker", "cartage-worker");
}

void doctor_workers(struct doctor *doctor)
{
    OWN_JSON json *companies = NULL, *categories = json_new_object();
    struct err err = {0};
    const char *name;
    json *count;
    size_t unserved = 0, workers = doctor_serving(doctor->alive, NULL), all = 0;
    bool good = ledger_companies(doctor->ledger, &companies, &err);
    for (size_t i = 0; good && i < json_count(companies); i++)
        good = add_categories(doctor, json_string(json_at(companies, i)), categories, &err);
    if (!good) {
        doctor_unseen(doctor, "workers", &err);
        return;
    }
    JSON_EACH(name, count, categories)
    {
        all++;
        if (doctor_serving(doctor->alive, name))
            continue;
        add_unserved(doctor, name, count);
        unserved++;
    }
    if (unserved)
        return;
    if (!workers) {
        json *row = doctor_add(doctor, "workers", CHECK_WARN,
                               "no worker lives; nothing would run, and nothing waits");
        json_set_int(doctor_values(row), "workers", 0);
        doctor_advise(row, "Start a worker.");
        doctor_command(row, "Start a worker", "cartage-worker");
        return;
    }
    json *row = doctor_add(doctor, "workers", CHECK_OK, "%zu workers serve all %zu categories",
                           workers, all);
    json_set_int(doctor_values(row), "workers", (int64_t)workers);
    json_set_int(doctor_values(row), "categories", (int64_t)all);
}

/* ---- zones ---- */

/* A country that moved its clocks since is planned an hour wrong. */
void doctor_zones(struct doctor *doctor)
{
    struct zone_data data;
    char day[32];
    if (!zone_data(&data)) {
        json *row = doctor_add(doctor, "zones", CHECK_WARN,
                               "the rules of the time zones do not say how old they are");
        doctor_case(row, "undated");
        doctor_advise(row,
                      "Install the system's package tzdata on the producers' machines, or name "
                      "its folder in TZDIR; then restart them.");
        doctor_command(row, "Install it", "apt-get install tzdata");
        return;
    }
    bool old = zone_data_old(&data, clock_now_ms(doctor->config->clock));
    time_format(data.released_ms, false, day);
    json *row = doctor_add(doctor, "zones", old ? CHECK_WARN : CHECK_OK,
                           "the rules of the time zones are %s, of %.10s%s", data.version, day,
                           old ? ": some country has moved its clocks since" : "");
    json_set_text(doctor_values(row), "version", data.version);
    json_set_int(doctor_values(row), "released_ms", data.released_ms);
    if (!old)
        return;
    doctor_advise(row,
                  "Upgrade the system's package tzdata on the producers' machines; they read it "
                  "again within the hour.");
    doctor_command(row, "Upgrade it", "apt-get install --only-upgrade tzdata");
}

/* why_calendar.c - the window of an entry, looked at as its tick would. */
#include "admin/why_calendar.h"

#include <stdio.h>
#include <string.h>

#include "calendar/bc.h"
#include "calendar/zones.h"
#include "ledger/commands.h"

/* The entry's own zone, else the company's. */
static bool zone_of(struct ledger *ledger, const char *company, const json *entry,
                    struct why_window *out, struct err *err)
{
    OWN_JSON json *settings = NULL;
    const char *zone = json_text(entry, "zone");
    if (!*zone && !ledger_settings_get(ledger, company, "company", &settings, err))
        return false;
    if (!*zone)
        zone = json_text(settings, "time_zone");
    snprintf(out->zone, sizeof out->zone, "%s", *zone ? zone : "UTC");
    return true;
}

bool why_window(struct ledger *ledger, const char *company, const json *entry, int64_t now_ms,
                struct why_window *out, struct err *err)
{
    OWN(zones) struct zones *zones = zones_new();
    int64_t until_ms;
    struct slots slots = {.anchor_ms = json_int(entry, "start_ms", 0),
                          .period_ms = json_int(entry, "every_ms", 0)};
    *out = (struct why_window){0};
    snprintf(out->days, sizeof out->days, "%s", json_text(entry, "days"));
    snprintf(out->hours, sizeof out->hours, "%s", json_text(entry, "window"));
    if (!*out->days && !*out->hours)
        return true;
    if (!zone_of(ledger, company, entry, out, err) ||
        !zones_get(zones, out->zone, &slots.zone, err) ||
        (*out->days && !weekdays_parse(out->days, &slots.days, err)) ||
        (*out->hours && !window_parse(out->hours, &slots.from_ms, &slots.to_ms, err)))
        return false;
    out->closed = strcmp(json_text(entry, "mode"), "bc") == 0
                      ? !bc_open(&slots, now_ms, &until_ms)
                      : !slots_open(&slots, now_ms, &until_ms);
    return true;
}

/* notices_plan.c - thresholds, causes and delays; no clock, no connection. */
#include "notices_plan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "base/log.h"
#include "notices_text.h"
#include "wire/json.h"

enum { MINUTE_MS = 60000, SECOND_MS = 1000, DELAY_MOST_MS = 900000 };

/* ---- who hears of it ---- */

static bool names(const char *list, const char *name)
{
    size_t size = strlen(name);
    while (*list) {
        size_t item = strcspn(list, ",");
        if (item == size && strncmp(list, name, size) == 0)
            return true;
        list += item + (list[item] == ',');
    }
    return false;
}

static bool window_is_full(const struct notify_target *target, int64_t at_ms,
                           const int64_t failures[], size_t count)
{
    int64_t from_ms = at_ms - target->window_minutes * MINUTE_MS, within = 0;
    for (size_t i = 0; i < count; i++)
        within += failures[i] > from_ms && failures[i] <= at_ms;
    return target->window_failures && within >= target->window_failures;
}

unsigned notice_why(const struct notify_target *target, const struct outbox_event *event,
                    const int64_t failures[], size_t count)
{
    if ((target->on & NOTIFY_MANUAL) && names(event->notify, target->name))
        return NOTIFY_MANUAL;
    if (event->failed)
        return (target->on & NOTIFY_FAILURE) &&
                       (event->fails >= target->after ||
                        window_is_full(target, event->at_ms, failures, count))
                   ? NOTIFY_FAILURE
                   : 0;
    return event->recovered ? target->on & NOTIFY_RECOVERY : 0;
}

const char *notice_why_name(unsigned why)
{
    return why == NOTIFY_MANUAL ? "manual" : why == NOTIFY_RECOVERY ? "recovery" : "failure";
}

/* ---- what is one message ---- */

void notice_cause(const struct notify_target *target, const struct outbox_event *event,
                  unsigned why, char out[static NOTICE_CAUSE_TEXT])
{
    OWN_BUF struct buf text = {0};
    buf_printf(&text, "%s\n%s\n%s\n", event->company, target->name, notice_why_name(why));
    if (why == NOTIFY_MANUAL)
        buf_printf(&text, "%s\n", event->id); /* whoever asked hears of each */
    if (why == NOTIFY_FAILURE) {
        buf_printf(&text, "%s\n", event->operation);
        for (const char *c = event->error; *c; c++)
            if (!isdigit((unsigned char)*c))
                buf_add(&text, c, 1);
            else if (!isdigit((unsigned char)c[1]))
                buf_text(&text, "0");
    }
    digest_hex(text.data, text.size, 16, out);
}

static const char *row_of(const struct outbox_event *event, struct arena *arena)
{
    OWN_JSON json *row = json_new_object();
    json_set_int(row, "no", event->no);
    json_set_text(row, "operation", event->operation);
    json_set_text(row, "description", utf8_clean(event->description, arena));
    /* The last attempt's own word may be `retry`: there is none left. */
    json_set_text(row, "outcome", event->failed ? "failed" : event->outcome);
    json_set_text(row, "error", utf8_clean(event->error, arena));
    json_set_int(row, "failures", event->failed ? event->fails : 0);
    json_set_int(row, "at_ms", event->at_ms);
    json_set_text(row, "entry", event->entry);
    json_set_text(row, "task", event->task);
    return arena_text(arena, json_write(row));
}

static const struct outbox_company *company_of(const struct outbox_look *look, const char *id)
{
    for (size_t i = 0; i < look->company_count; i++)
        if (strcmp(look->companies[i].id, id) == 0)
            return &look->companies[i];
    return NULL;
}

/* NULL = nobody is told: none was asked for, or the section cannot be read and the API would not
 * have taken it. */
static const struct notify *notify_of(const struct outbox_company *company, struct arena *arena)
{
    const struct notify *notify = NULL;
    struct err err;
    if (!company || !*company->notify)
        return NULL;
    if (!notify_parse(company->notify, arena, &notify, &err)) {
        log_warn("notices.settings", TEXT("company", company->id), TEXT("error", err.text));
        return NULL;
    }
    return notify;
}

static void plan_event(const struct outbox_event *event, const struct outbox_company *company,
                       const struct notify *notify, struct arena *arena, struct outbox_notice *out,
                       size_t *count)
{
    const char *row = NULL;
    for (size_t i = 0; i < notify->count; i++) {
        const struct notify_target *target = &notify->targets[i];
        unsigned why = notice_why(target, event, company->failures, company->failure_count);
        char cause[NOTICE_CAUSE_TEXT];
        if (!why)
            continue;
        row = row ? row : row_of(event, arena);
        notice_cause(target, event, why, cause);
        out[(*count)++] = (struct outbox_notice){
            .company = event->company,
            .target = target->name,
            .why = notice_why_name(why),
            .cause = arena_text(arena, cause),
            .entry = event->entry,
            .operation = event->operation,
            .row = row,
            .collect_ms = why == NOTIFY_MANUAL ? 0 : notify->collect_seconds * SECOND_MS,
            .hold_ms = why == NOTIFY_FAILURE ? notify->group_minutes * MINUTE_MS : 0,
        };
    }
}

size_t notices_plan(const struct outbox_look *look, struct arena *arena, struct outbox_notice **out)
{
    size_t count = 0;
    *out = arena_array(arena, look->event_count * NOTIFY_TARGETS_MOST + 1, sizeof **out);
    for (size_t i = 0; i < look->event_count; i++) {
        const struct outbox_company *company = company_of(look, look->events[i].company);
        const struct notify *notify = notify_of(company, arena);
        if (notify)
            plan_event(&look->events[i], company, notify, arena, *out, &count);
    }
    return count;
}

int64_t notice_delay_ms(int64_t tries)
{
    int64_t delay = 2 * SECOND_MS;
    while (--tries > 0 && delay < DELAY_MOST_MS)
        delay *= 2;
    return delay < DELAY_MOST_MS ? delay : DELAY_MOST_MS;
}

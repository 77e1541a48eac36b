/* triggers.c - POST /v1/triggers: CloudEvents in their three forms, or the bare data of a wake. */
#include "triggers.h"

#include <microhttpd.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "admin/routes.h"
#include "base/log.h"
#include "metrics/metrics.h"

static const char *header(const struct api_call *call, const char *name)
{
    return MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, name);
}

bool triggers_are_raw(const struct api_call *call)
{
    const char *type = header(call, MHD_HTTP_HEADER_CONTENT_TYPE);
    return call->route->handle == triggers_post && type &&
           strncasecmp(type, "application/cloudevents", 23) == 0;
}

/* ---- attributes in headers ---- */

struct headers {
    const struct api_call *call;
    struct arena *arena;
};

static int hex(char digit)
{
    return digit >= '0' && digit <= '9'   ? digit - '0'
           : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
           : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10
                                          : -1;
}

/* Percent-encoded, as the HTTP binding has it; %00 ends nothing. */
static const char *decode(const char *text, struct arena *arena)
{
    char *out = arena_text(arena, text);
    size_t size = 0;
    for (const char *c = text; *c; c++) {
        int high = *c == '%' ? hex(c[1]) : -1, low = high >= 0 ? hex(c[2]) : -1;
        if (low < 0 || high + low == 0) {
            out[size++] = *c;
        } else {
            out[size++] = (char)(high * 16 + low);
            c += 2;
        }
    }
    out[size] = 0;
    return out;
}

static const char *event_attribute(void *state, const char *attribute)
{
    const struct headers *headers = state;
    const char *value = header(headers->call, arena_printf(headers->arena, "ce-%s", attribute));
    return value ? decode(value, headers->arena) : NULL;
}

/* ---- one event ---- */

static json *event_answer(const struct cloud_event *event, struct triggered *done)
{
    json *answer = json_new_object();
    if (event) {
        json_set_text(answer, "id", event->id);
        json_set_text(answer, "source", event->source);
    }
    json_set(answer, "woken", GIVE(done->woken));
    return answer;
}

/* What was granted is published whatever became of the rest. */
static void hand_over(struct api_call *call, const struct triggered *done)
{
    for (size_t i = 0; i < done->granted.count; i++)
        tickets_add(&call->granted, &done->granted.items[i]);
}

static bool take(struct api_call *call, const struct cloud_event *event, json **out,
                 struct err *err)
{
    OWN_TRIGGERED struct triggered done = {.traceparent = header(call, "traceparent")};
    const char *company = api_query(call, "company");
    bool good = event ? triggers_take(call->ledger, event, company, &done, err)
                      : triggers_wake(call->ledger, call->body, company, &done, err);
    hand_over(call, &done);
    if (!good || triggered_refused(&done, err))
        return false;
    *out = event_answer(event, &done);
    return true;
}

static bool answer_one(struct api_call *call, const struct cloud_event *event, struct err *err)
{
    json *answer = NULL;
    return take(call, event, &answer, err) && api_answer(call, MHD_HTTP_ACCEPTED, answer);
}

/* An event that is wrong, not one that nobody wants or nobody could take. */
static void tell_bad(const char *source, const char *id, const struct err *err)
{
    if (err->kind != ERR_FATAL || err->code == MHD_HTTP_CONFLICT)
        return;
    metric_add(METRIC_EVENTS_BAD, 1);
    log_warn("event.bad", TEXT("source", source), TEXT("id", id), TEXT("reason", err->text));
}

/* ---- a batch ---- */

/* Each event has its own answer; only a Redis that is away is everybody's, and the sender repeats.
 */
static bool take_member(struct api_call *call, const json *member, json *answers, size_t *good,
                        struct err *err)
{
    OWN_EVENT struct cloud_event event = {0};
    json *answer = NULL;
    if (cloud_event_member(member, &event, err) && take(call, &event, &answer, err)) {
        json_set_int(answer, "status", MHD_HTTP_ACCEPTED);
        ++*good;
    } else if (err->kind == ERR_FATAL && err->code >= 400 && err->code < 500) {
        tell_bad(json_text(member, "source"), json_text(member, "id"), err);
        answer = json_new_object();
        json_set_text(answer, "id", json_text(member, "id"));
        json_set_text(answer, "source", json_text(member, "source"));
        json_set_int(answer, "status", err->code);
        json_set_text(answer, "detail", err->text);
    } else {
        return false;
    }
    json_add(answers, answer);
    return true;
}

static bool answer_batch(struct api_call *call, struct err *err)
{
    OWN_JSON json *batch = NULL, *answers = json_new_array();
    size_t good = 0;
    if (!cloud_event_batch(call->text, call->size, &batch, err))
        return false;
    for (size_t i = 0; i < json_count(batch); i++)
        if (!take_member(call, json_at(batch, i), answers, &good, err))
            return false;
    bool none = json_count(batch) > 0 && good == 0;
    json *answer = json_new_object();
    json_set(answer, "events", GIVE(answers));
    /* Of a batch that is wrong as a whole its sender shall hear. */
    return api_answer(call, none ? MHD_HTTP_UNPROCESSABLE_CONTENT : MHD_HTTP_ACCEPTED, answer);
}

/* ---- the route ---- */

static bool read_event(struct api_call *call, enum event_form form, struct arena *arena,
                       struct cloud_event *out, struct err *err)
{
    struct headers headers = {call, arena};
    if (form == EVENT_STRUCTURED)
        return cloud_event_structured(call->text, call->size, out, err);
    return cloud_event_binary(event_attribute, &headers, header(call, MHD_HTTP_HEADER_CONTENT_TYPE),
                              call->text, call->size, out, err);
}

bool triggers_post(struct api_call *call, struct err *err)
{
    OWN(arena) struct arena *arena = arena_new();
    OWN_EVENT struct cloud_event event = {0};
    enum event_form form;
    bool good = cloud_event_form(header(call, MHD_HTTP_HEADER_CONTENT_TYPE),
                                 header(call, "ce-specversion") != NULL, &form, err);
    if (good && form == EVENT_BATCH)
        return answer_batch(call, err);
    good = good && (form == EVENT_NONE || read_event(call, form, arena, &event, err)) &&
           answer_one(call, form == EVENT_NONE ? NULL : &event, err);
    if (!good)
        tell_bad(event.tree ? event.source : "", event.tree ? event.id : "", err);
    return good;
}

/* stream.c - runs as they change, until they end: JSON lines for whoever waits for them (toggle
 * off), server-sent events for whoever asks for those, or looks at one run.
 *
 * The connection is the caller: when it breaks before the end, what has not ended is cancelled,
 * unless the caller said that it goes on; who only looks changes nothing. A blank line every second
 * (of events: a comment) makes a broken connection known even while nothing changes.
 */
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "admin/routes.h"
#include "admin/runs.h"
#include "admin/why.h"
#include "base/log.h"
#include "ledger/commands.h"

enum { LOOK_MS = 200, ALIVE_MS = 1000, TROUBLE_MS = 15000 };
static const char EVENTS_TYPE[] = "text/event-stream";

struct stream {
    struct admin *admin;
    const struct admin_config *config;
    struct ledger *ledger; /* its own: the call is over long before the stream is */
    char company[UUID_TEXT], version[17];
    char **tasks; /* told of in this order, each until it ends */
    size_t at, count;
    bool goes_on; /* also without its caller */
    bool events;  /* server-sent ones, each with all that is known of why the run waits */
    struct buf line;
    size_t sent;
    int64_t quiet_ms;   /* monotonic time of the last byte */
    int64_t trouble_ms; /* since when Redis does not answer, 0 = it does */
};

/* An event's id is what its listener has seen: it says it again after the connection broke. */
static void tell(struct stream *stream, const char *text)
{
    if (stream->events)
        buf_printf(&stream->line, "event: run\nid: %s\ndata: %s\n\n", stream->version, text);
    else
        buf_printf(&stream->line, "%s\n", text);
}

/* A line when the run differs from what the caller knows, nothing otherwise. */
static bool look(struct stream *stream, struct err *err)
{
    OWN_JSON json *run = NULL, *why = NULL;
    if (!run_read(stream->ledger, stream->company, stream->tasks[stream->at], &run, err))
        return false;
    const char *state = json_text(run, "state");
    bool ended = run_ended(run);
    if (!ended && strcmp(state, "running") != 0 &&
        why_run(stream->config, stream->ledger, stream->company, stream->tasks[stream->at], &why,
                err))
        json_set_text(run, "waits_for", json_text(why, "text"));
    if (stream->events && why)
        json_set(run, "waits", GIVE(why));
    char version[17];
    const char *text = json_write(run);
    digest_hex(text, strlen(text), 8, version);
    if (strcmp(version, stream->version) != 0) {
        memcpy(stream->version, version, sizeof version);
        tell(stream, text);
    }
    stream->at += ended;
    return true;
}

static ssize_t next_bytes(void *state, uint64_t at, char *out, size_t room)
{
    struct stream *stream = state;
    const struct clock *clock = stream->config->clock;
    (void)at;
    while (stream->sent >= stream->line.size) {
        buf_clear(&stream->line);
        stream->sent = 0;
        if (stream->at == stream->count)
            return MHD_CONTENT_READER_END_OF_STREAM;
        struct err err = {0};
        int64_t now_ms = clock_mono_ms(clock);
        if (look(stream, &err))
            stream->trouble_ms = 0;
        else if (!stream->trouble_ms)
            stream->trouble_ms = now_ms;
        else if (err.kind == ERR_FATAL || now_ms - stream->trouble_ms > TROUBLE_MS)
            return MHD_CONTENT_READER_END_WITH_ERROR;
        if (stream->line.size)
            break;
        if (now_ms - stream->quiet_ms >= ALIVE_MS)
            buf_text(&stream->line, stream->events ? ":\n\n" : "\n");
        else if (!admin_pause(stream->admin, LOOK_MS))
            return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    size_t size = stream->line.size - stream->sent;
    size = size < room ? size : room;
    memcpy(out, stream->line.data + stream->sent, size);
    stream->sent += size;
    stream->quiet_ms = clock_mono_ms(clock);
    return (ssize_t)size;
}

static void cancel_left_run(struct stream *stream, const char *task)
{
    struct tickets granted = {0};
    struct err err = {0};
    if (ledger_cancel(stream->ledger, stream->company, task, &granted, &err))
        log_info("api.caller_left", TEXT("task", task));
    else if (err.code != MHD_HTTP_NOT_FOUND && err.code != MHD_HTTP_CONFLICT)
        log_warn("api.cancel_failed", TEXT("task", task), TEXT("error", err.text));
    if (granted.count)
        stream->config->publish(stream->config->state, &granted);
    tickets_drop(&granted);
}

static void stream_free(void *state)
{
    struct stream *stream = state;
    /* The last first: none of them begins because the one before it was cancelled. */
    for (size_t i = stream->count; i-- > stream->at && !stream->goes_on;)
        cancel_left_run(stream, stream->tasks[i]);
    for (size_t i = 0; i < stream->count; i++)
        free(stream->tasks[i]);
    free(stream->tasks);
    ledger_free(stream->ledger);
    buf_drop(&stream->line);
    free(stream);
}

/* What stands in `before` is told first. */
static struct stream *stream_new(struct api_call *call, struct ledger *ledger, const char *company,
                                 const json *before, const json *tasks)
{
    struct stream *stream = mem_new(sizeof *stream);
    *stream = (struct stream){.admin = call->admin, .config = call->config, .ledger = ledger};
    const char *wanted =
        MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
    snprintf(stream->company, sizeof stream->company, "%s", company);
    stream->events = wanted && strstr(wanted, EVENTS_TYPE);
    stream->tasks = mem_array(json_count(tasks) + 1, sizeof *stream->tasks);
    for (; stream->count < json_count(tasks); stream->count++)
        stream->tasks[stream->count] = mem_text(json_string(json_at(tasks, stream->count)));
    for (size_t i = 0; i < json_count(before); i++)
        tell(stream, json_write(json_at(before, i)));
    stream->quiet_ms = clock_mono_ms(call->config->clock);
    return stream;
}

static bool open_ledger(struct api_call *call, struct ledger **out, struct err *err)
{
    OWN(ledger) struct ledger *ledger = NULL;
    struct incarnation incarnation;
    if (!ledger_open(&call->config->ledger, &ledger, err) ||
        !ledger_incarnation(ledger, &incarnation, err))
        return false;
    *out = GIVE(ledger);
    return true;
}

/* Takes the stream. */
static bool answer(struct api_call *call, struct stream *stream)
{
    call->status = MHD_HTTP_OK;
    call->response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 8192, next_bytes, stream, stream_free);
    assert(call->response);
    MHD_add_response_header(call->response, MHD_HTTP_HEADER_CONTENT_TYPE,
                            stream->events ? EVENTS_TYPE : "application/x-ndjson");
    return true;
}

bool run_stream(struct api_call *call, const char *company, const json *before, const json *tasks,
                bool goes_on, struct err *err)
{
    struct ledger *ledger = NULL;
    if (!open_ledger(call, &ledger, err))
        return false;
    struct stream *stream = stream_new(call, ledger, company, before, tasks);
    stream->goes_on = goes_on;
    call->streamed = json_new_object();
    json_set_text(call->streamed, "company", company);
    json_set(call->streamed, "tasks", json_copy(tasks));
    json_set_bool(call->streamed, "goes_on", goes_on);
    return answer(call, stream);
}

/* A listener that comes back says what it has seen; told all, it is told to stay away (204). */
bool runs_events(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    OWN_JSON json *run = NULL, *tasks = json_new_array();
    struct ledger *ledger = NULL;
    const char *seen =
        MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, "Last-Event-ID");
    if (!api_holder(call, call->params[0], ledger_run, company, &run, err) ||
        !open_ledger(call, &ledger, err))
        return false;
    json_add_text(tasks, json_text(run, "task"));
    struct stream *stream = stream_new(call, ledger, company, NULL, tasks);
    stream->goes_on = stream->events = true;
    snprintf(stream->version, sizeof stream->version, "%s", seen ? seen : "");
    if (!look(stream, err)) {
        stream_free(stream);
        return false;
    }
    if (stream->at < stream->count || stream->line.size)
        return answer(call, stream);
    stream_free(stream);
    call->status = MHD_HTTP_NO_CONTENT;
    call->response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    assert(call->response);
    return true;
}

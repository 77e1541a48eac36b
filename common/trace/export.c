/* export.c - a ring that spans wait in, and the thread that posts them.
 *
 * What does not fit is dropped, and so is what the collector does not take: spans are for people
 * who look into something, and work never waits for them.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "base/mailbox.h"
#include "http/http.h"
#include "metrics/metrics.h"
#include "metrics/outage.h"
#include "trace/room.h"

enum { RING = 4096, A_POST = 256, PAUSE_MS = 500, POST_MS = 5000, LAST_MS = 2000, HEADERS = 16 };

static struct {
    pthread_mutex_t lock; /* guards the ring */
    struct span *ring;    /* NULL = nobody sends */
    size_t first, count;
    pthread_t thread;
    struct mailbox *end; /* never holds anything; closed when the thread shall end */
    _Atomic bool ending;
    const struct clock *clock;
    struct trace_service service;
    char *url, *header_text;
    const char *headers[HEADERS + 2];
    struct http *http;
} to = {.lock = PTHREAD_MUTEX_INITIALIZER};

void export_put(const struct span *span)
{
    bool fits;
    pthread_mutex_lock(&to.lock);
    bool wanted = to.ring != NULL;
    fits = wanted && to.count < RING;
    if (fits)
        to.ring[(to.first + to.count++) % RING] = *span;
    pthread_mutex_unlock(&to.lock);
    if (wanted && !fits)
        metric_add(METRIC_SPANS_DROPPED, 1);
}

static size_t take(struct span *out)
{
    pthread_mutex_lock(&to.lock);
    size_t count = to.count < A_POST ? to.count : A_POST;
    for (size_t i = 0; i < count; i++)
        out[i] = to.ring[(to.first + i) % RING];
    to.first = (to.first + count) % RING;
    to.count -= count;
    pthread_mutex_unlock(&to.lock);
    return count;
}

/* False = the collector did not take them; they are gone, and counted. */
static bool post(const struct span *spans, size_t count, int timeout_ms, struct err *err)
{
    OWN_BUF struct buf body = {0};
    otlp_body(spans, count, &to.service, &body);
    struct http_call call = {.method = "POST",
                             .url = to.url,
                             .headers = to.headers,
                             .body = body.data,
                             .body_size = body.size,
                             .timeout_ms = timeout_ms,
                             .label = "collector"};
    http_start(to.http, &call);
    while (!http_wait(to.http, timeout_ms))
        ;
    bool good = call.status >= 200 && call.status < 300;
    metric_add(good ? METRIC_SPANS_SENT : METRIC_SPANS_REFUSED, (int64_t)count);
    if (!good && call.status)
        err_set(err, ERR_RETRY, call.status, "the collector of traces answers %d", call.status);
    else if (!good)
        *err = call.err;
    http_call_drop(&call);
    return good;
}

static void *export_loop(void *none)
{
    struct span *spans = mem_array(A_POST, sizeof *spans);
    struct outage outage = {.loop = "traces"};
    struct err err = {0};
    int64_t left_ms = POST_MS;
    bool ending = false;
    (void)none;
    do {
        void *nothing = mailbox_take(to.end, PAUSE_MS);
        assert(!nothing);
        if (!ending && atomic_load(&to.ending)) {
            ending = true;
            left_ms = LAST_MS;
        }
        for (size_t count; left_ms > 0 && (count = take(spans)) > 0;) {
            int64_t began_ms = clock_mono_ms(to.clock);
            if (post(spans, count, (int)left_ms, &err))
                outage_end(&outage);
            else
                outage_begin(&outage, &err);
            if (ending)
                left_ms -= clock_mono_ms(to.clock) - began_ms;
        }
    } while (!ending);
    free(spans);
    return NULL;
}

/* ---- start and stop ---- */

static int hex(char digit)
{
    const char *digits = "0123456789abcdef", *at = digit ? strchr(digits, digit | 32) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* "api-key=a%20b,x=y", as OpenTelemetry has it, becomes lines of a request. */
static bool read_headers(const char *text, struct err *err)
{
    size_t count = 0;
    to.headers[count++] = "Content-Type: application/json";
    to.header_text = mem_new(2 * strlen(text) + 3);
    char *out = to.header_text;
    while (*text) {
        size_t name = strcspn(text, "=,"), size = strcspn(text, ",");
        if (!name || text[name] != '=' || count > HEADERS)
            return err_set(err, ERR_FATAL, 0,
                           "OTLP_HEADERS takes at most %d NAME=VALUE with commas between; see "
                           "docs/observability.md",
                           HEADERS);
        to.headers[count++] = out;
        memcpy(out, text, name);
        out += name;
        *out++ = ':';
        *out++ = ' ';
        for (const char *at = text + name + 1; at < text + size; at++) {
            int high = *at == '%' ? hex(at[1]) : -1, low = high >= 0 ? hex(at[2]) : -1;
            char byte = low >= 0 ? (char)(high * 16 + low) : *at;
            at += low >= 0 ? 2 : 0;
            if ((unsigned char)byte < ' ')
                return err_set(err, ERR_FATAL, 0, "OTLP_HEADERS: a value has no line ends");
            *out++ = byte;
        }
        *out++ = 0;
        text += size + (text[size] == ',');
    }
    to.headers[count] = NULL;
    return true;
}

static char *traces_url(const char *endpoint)
{
    size_t size = strlen(endpoint);
    while (size && endpoint[size - 1] == '/')
        size--;
    return mem_printf("%.*s/v1/traces", (int)size, endpoint);
}

static void forget(void)
{
    pthread_mutex_lock(&to.lock);
    free(GIVE(to.ring));
    to.first = to.count = 0;
    pthread_mutex_unlock(&to.lock);
    http_free(GIVE(to.http));
    mailbox_free(GIVE(to.end));
    free(GIVE(to.url));
    free(GIVE(to.header_text));
    free(GIVE(to.service.name));
    free(GIVE(to.service.environment));
}

bool trace_start(const struct trace_config *config, struct err *err)
{
    trace_set_clock(config->clock);
    if (!*config->endpoint)
        return true;
    if (strchr(config->endpoint, '@'))
        return err_set(err, ERR_FATAL, 0,
                       "OTLP_ENDPOINT is an address alone; a name and password go into "
                       "OTLP_HEADERS, as authorization=Basic%%20...");
    random_hex(8, to.service.instance);
    to.clock = config->clock;
    to.service.name = mem_text(config->service);
    to.service.environment = mem_text(config->environment);
    to.url = traces_url(config->endpoint);
    atomic_store(&to.ending, false);
    if (!read_headers(config->headers, err) ||
        !http_open("cartage/" CARTAGE_VERSION, &to.http, err)) {
        forget();
        return false;
    }
    to.end = mailbox_new(1);
    to.ring = mem_array(RING, sizeof *to.ring);
    int code = pthread_create(&to.thread, NULL, export_loop, NULL);
    if (code) {
        forget();
        return err_set(err, ERR_RETRY, code, "start the thread that sends traces");
    }
    return true;
}

void trace_stop(void)
{
    if (!to.end)
        return;
    atomic_store(&to.ending, true);
    mailbox_close(to.end);
    pthread_join(to.thread, NULL);
    forget();
}

/* http.c - libcurl's multi interface behind the promise of http.h. HTTP/1.1 with kept connections:
 * one request on one connection, so that what was sent and what was not is never in doubt. */
#include "http/http.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { KEPT_CONNECTIONS = 32, CONNECT_TIMEOUT_MS = 10000, MAX_IDLE_HANDLES = 32 };
enum { LEAST_TIMEOUT_MS = 1000 };

struct flight {
    struct http_call *call;
    CURL *easy;
    struct curl_slist *headers, *connect_to;
    size_t body_sent, taken;
    bool too_large, no_room;
    struct flight *next;
    char problem[CURL_ERROR_SIZE];
};

struct http {
    CURLM *multi;
    char *user_agent;
    int64_t time_scale;
    struct flight *flights;
    CURL *idle[MAX_IDLE_HANDLES];
    int idle_count;
};

static const char *ca_file; /* set once, before threads */

void http_ca_file(const char *path)
{
    ca_file = path;
}

static void curl_start(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

bool http_open(const char *user_agent, struct http **out, struct err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, curl_start);

    OWN(http) struct http *http = mem_new(sizeof *http);
    http->multi = curl_multi_init();
    if (!http->multi)
        return err_set(err, ERR_FATAL, 0, "libcurl did not start");
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)KEPT_CONNECTIONS);
    http->user_agent = mem_text(user_agent);
    http->time_scale = 1;
    *out = GIVE(http);
    return true;
}

void http_set_time_scale(struct http *http, int64_t scale)
{
    http->time_scale = scale;
}

static long timeout_here(const struct http *http, int timeout_ms)
{
    int64_t scaled = timeout_ms / http->time_scale;
    int64_t least = timeout_ms < LEAST_TIMEOUT_MS ? timeout_ms : LEAST_TIMEOUT_MS;
    return (long)(scaled < least ? least : scaled);
}

static void flight_free(struct http *http, struct flight *flight)
{
    curl_multi_remove_handle(http->multi, flight->easy);
    curl_slist_free_all(flight->headers);
    curl_slist_free_all(flight->connect_to);
    if (http->idle_count < MAX_IDLE_HANDLES) {
        curl_easy_reset(flight->easy);
        http->idle[http->idle_count++] = flight->easy;
    } else {
        curl_easy_cleanup(flight->easy);
    }
    free(flight);
}

/* Forgets all calls in flight: their outcome is unknown. */
static void http_abort(struct http *http)
{
    while (http->flights) {
        struct flight *flight = http->flights;
        http->flights = flight->next;
        flight_free(http, flight);
    }
}

void http_free(struct http *http)
{
    if (!http)
        return;
    if (http->multi)
        http_abort(http);
    while (http->idle_count > 0)
        curl_easy_cleanup(http->idle[--http->idle_count]);
    if (http->multi)
        curl_multi_cleanup(http->multi);
    free(http->user_agent);
    free(http);
}

/* ---- one exchange ---- */

static bool file_answer(struct flight *flight, const char *bytes, size_t size)
{
    while (size > 0 && !flight->no_room) {
        ssize_t done = write(flight->call->answer_file, bytes, size);
        flight->no_room = done <= 0;
        bytes += done;
        size -= (size_t)done;
    }
    return !flight->no_room;
}

static size_t take_answer(char *bytes, size_t one, size_t count, void *state)
{
    struct flight *flight = state;
    size_t limit = flight->call->max_answer ? flight->call->max_answer : HTTP_MAX_ANSWER;
    flight->taken += one * count;
    flight->too_large = flight->taken > limit;
    if (flight->too_large)
        return 0;
    if (flight->call->answer_file > 0)
        return file_answer(flight, bytes, one * count) ? one * count : 0;
    buf_add(&flight->call->answer, bytes, one * count);
    return one * count;
}

static size_t take_header(char *bytes, size_t one, size_t count, void *state)
{
    struct flight *flight = state;
    if (flight->call->header_lines.size + one * count > HTTP_MAX_HEADERS) {
        flight->too_large = true;
        return 0;
    }
    buf_add(&flight->call->header_lines, bytes, one * count);
    return one * count;
}

/* The body is read, not given as a whole, and cannot be rewound: so libcurl has to give up where it
 * would silently send the request a second time (CURLE_SEND_FAIL_REWIND). */
static size_t give_body(char *out, size_t one, size_t count, void *state)
{
    struct flight *flight = state;
    size_t left = flight->call->body_size - flight->body_sent;
    size_t size = one * count < left ? one * count : left;
    if (flight->call->body_file > 0) {
        off_t from = (off_t)(flight->call->body_from + (int64_t)flight->body_sent);
        ssize_t had = size > 0 ? pread(flight->call->body_file, out, size, from) : 0;
        if (had < 0 || (size > 0 && had == 0))
            return CURL_READFUNC_ABORT;
        size = (size_t)had;
    } else {
        memcpy(out, flight->call->body + flight->body_sent, size);
    }
    flight->body_sent += size;
    return size;
}

static int no_rewind(void *state, curl_off_t offset, int origin)
{
    struct flight *flight = state;
    bool untouched = flight->body_sent == 0 && offset == 0 && origin == SEEK_SET;
    return untouched ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

static void set_body(struct flight *flight)
{
    CURL *easy = flight->easy;
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)flight->call->body_size);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_body);
    curl_easy_setopt(easy, CURLOPT_READDATA, flight);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, no_rewind);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, flight);
    /* Without this libcurl waits a second for "100 Continue" before larger bodies. */
    flight->headers = curl_slist_append(flight->headers, "Expect:");
}

/* A peer on this machine is never behind a proxy, whatever the environment says of others. */
static bool is_direct(const struct http_call *call)
{
    const char *host = strstr(call->url, "://");
    return call->connect_to ||
           (host && (strncmp(host + 3, "127.", 4) == 0 || strncmp(host + 3, "localhost", 9) == 0));
}

void http_start(struct http *http, struct http_call *call)
{
    struct flight *flight = mem_new(sizeof *flight);
    CURL *easy = http->idle_count > 0 ? http->idle[--http->idle_count] : curl_easy_init();
    assert(easy && call->method && call->url && call->timeout_ms > 0);

    buf_clear(&call->answer);
    buf_clear(&call->header_lines);
    err_clear(&call->err);
    call->status = 0;
    if (call->answer_file > 0) /* of an earlier try; where it fails, so does writing */
        flight->no_room =
            ftruncate(call->answer_file, 0) != 0 || lseek(call->answer_file, 0, SEEK_SET) != 0;
    flight->call = call;
    flight->easy = easy;
    for (const char *const *line = call->headers; line && *line; line++)
        flight->headers = curl_slist_append(flight->headers, *line);
    if (*call->traceparent) {
        OWN_TEXT char *line = mem_printf("traceparent: %s", call->traceparent);
        flight->headers = curl_slist_append(flight->headers, line);
    }

    curl_easy_setopt(easy, CURLOPT_URL, call->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, http->user_agent);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, 50L); /* peers drop idle connections at 60 s */
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_here(http, call->timeout_ms));
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, flight->problem);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, flight);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, flight);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, flight);
    if (ca_file && *ca_file) /* beside the system's folder of them, which stays */
        curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
    if (is_direct(call))
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (call->connect_to) {
        OWN_TEXT char *rule = mem_printf("::%s", call->connect_to);
        flight->connect_to = curl_slist_append(NULL, rule);
        curl_easy_setopt(easy, CURLOPT_CONNECT_TO, flight->connect_to);
    }
    bool has_body = call->body || call->body_file > 0;
    if (has_body)
        set_body(flight);
    if (has_body || strcmp(call->method, "GET") != 0)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call->method);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, flight->headers);

    flight->next = http->flights;
    http->flights = flight;
    curl_multi_add_handle(http->multi, easy);
}

/* Names the host, never the query: that may hold an address or a name. */
const char *http_host(const struct http_call *call, char *out, size_t size)
{
    const char *start = strstr(call->url, "://");
    start = start ? start + 3 : call->url;
    size_t length = strcspn(start, "/?");
    length = length < size ? length : size - 1;
    memcpy(out, start, length);
    out[length] = 0;
    return out;
}

static void judge(struct flight *flight, CURLcode code)
{
    struct http_call *call = flight->call;
    long status = 0, sent = 0;
    curl_off_t took = 0;
    char host[128];

    curl_easy_getinfo(flight->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(flight->easy, CURLINFO_REQUEST_SIZE, &sent);
    curl_easy_getinfo(flight->easy, CURLINFO_TOTAL_TIME_T, &took);
    call->ms = took / 1000;
    if (code == CURLE_OK) {
        call->status = (int)status;
        return;
    }
    const char *problem = flight->problem[0] ? flight->problem : curl_easy_strerror(code);
    http_host(call, host, sizeof host);
    if (flight->too_large)
        err_set(&call->err, ERR_FATAL, 0,
                "the answer of %s is larger than %zu bytes; ask for a smaller page", host,
                call->max_answer ? call->max_answer : (size_t)HTTP_MAX_ANSWER);
    else if (flight->no_room)
        err_set(&call->err, ERR_FATAL, 0,
                "no room for the answer of %s in the folder for temporary files", host);
    else if (sent == 0 && call->header_lines.size == 0)
        err_set(&call->err, ERR_RETRY, (int)code, "no connection to %s: %s%s", host, problem,
                code == CURLE_PEER_FAILED_VERIFICATION
                    ? "; CA_FILE names who is trusted beside the system's authorities"
                    : "");
    else
        err_set(&call->err, ERR_UNCERTAIN, (int)code, "no answer from %s: %s", host, problem);
}

static struct http_call *take_finished(struct http *http)
{
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(http->multi, &left));) {
        if (message->msg != CURLMSG_DONE)
            continue;
        struct flight *flight = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&flight);
        judge(flight, message->data.result);
        for (struct flight **at = &http->flights; *at; at = &(*at)->next) {
            if (*at == flight) {
                *at = flight->next;
                break;
            }
        }
        struct http_call *call = flight->call;
        flight_free(http, flight);
        return call;
    }
    return NULL;
}

struct http_call *http_wait(struct http *http, int wait_ms)
{
    int running;
    curl_multi_perform(http->multi, &running);
    struct http_call *call = take_finished(http);
    if (call || wait_ms <= 0)
        return call;
    curl_multi_poll(http->multi, NULL, 0, wait_ms, NULL);
    curl_multi_perform(http->multi, &running);
    return take_finished(http);
}

/* ---- reading an answer ---- */

const char *http_header(const struct http_call *call, const char *name, char *out, size_t size)
{
    size_t length = strlen(name);
    for (const char *line = buf_str(&call->header_lines); *line;) {
        size_t end = strcspn(line, "\r\n");
        if (end > length && line[length] == ':' && strncasecmp(line, name, length) == 0) {
            const char *value = line + length + 1, *last = line + end;
            while (value < last && (*value == ' ' || *value == '\t'))
                value++;
            while (last > value && (last[-1] == ' ' || last[-1] == '\t'))
                last--;
            size_t count = (size_t)(last - value) < size ? (size_t)(last - value) : size - 1;
            memcpy(out, value, count);
            out[count] = 0;
            return out;
        }
        line += end;
        line += strspn(line, "\r\n");
    }
    return NULL;
}

int64_t http_date_ms(const struct http_call *call)
{
    char text[64];
    time_t sent = http_header(call, "Date", text, sizeof text) ? curl_getdate(text, NULL) : -1;
    return sent < 0 ? -1 : (int64_t)sent * 1000;
}

int64_t http_retry_after_ms(const struct http_call *call)
{
    char text[64], *end;
    if (!http_header(call, "Retry-After", text, sizeof text))
        return -1;
    double seconds = strtod(text, &end);
    if (end != text && *end == 0)
        return seconds < 0 ? 0 : seconds > 86400 ? 86400000 : (int64_t)(seconds * 1000);
    int64_t sent_ms = http_date_ms(call), then_ms = (int64_t)curl_getdate(text, NULL) * 1000;
    return then_ms < 0 || sent_ms < 0 ? -1 : then_ms <= sent_ms ? 0 : then_ms - sent_ms;
}

void http_call_drop(struct http_call *call)
{
    buf_drop(&call->answer);
    buf_drop(&call->header_lines);
}

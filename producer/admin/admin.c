/* admin.c - the HTTP server: connections, bodies, the token, and one way out for every answer.
 *
 * One thread a connection, not a fixed pool: a caller may wait for a run, and must hold up nobody.
 * Ledgers are kept in a pool instead, so that a call costs no new connection to Redis.
 */
#include "admin/admin.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/directory.h"
#include "admin/edits.h"
#include "admin/fits.h"
#include "admin/hooks.h"
#include "admin/once.h"
#include "admin/packed.h"
#include "admin/routes.h"
#include "admin/shared.h"
#include "admin/tls.h"
#include "base/ids.h"
#include "base/log.h"

enum { MAX_CONNECTIONS = 128, IDLE_S = 90, KEPT_LEDGERS = 32, PACKED_FROM = 1400 };

struct admin {
    const struct admin_config *config;
    struct MHD_Daemon *daemon;
    struct tls *tls; /* NULL = plain HTTP */
    struct description *description;
    char token[TOKEN_HASH]; /* of the token in TOKEN_FILE */
    char address[300];
    pthread_mutex_t lock;
    pthread_cond_t ends;
    bool ending;
    struct ledger *ledgers[KEPT_LEDGERS];
    size_t ledger_count;
    struct directory *directory; /* of entries */
    struct shared_reads *shared;
};

struct request {  /* a call while its body still comes in */
    char *target; /* as it was sent, with its query */
    char *path;   /* as it was sent: what is escaped may be a slash */
    bool begun;
    struct api_call call;
    struct buf body;
    struct err refused; /* known before the body: kind ERR_NONE = none */
    char allow[64];
    int64_t started_ms;
};

/* ---- ledgers ---- */

static bool take_ledger(struct admin *admin, struct ledger **out, struct err *err)
{
    pthread_mutex_lock(&admin->lock);
    *out = admin->ledger_count ? admin->ledgers[--admin->ledger_count] : NULL;
    pthread_mutex_unlock(&admin->lock);
    if (*out)
        return true;
    OWN(ledger) struct ledger *ledger = NULL;
    struct incarnation incarnation;
    if (!ledger_open(&admin->config->ledger, &ledger, err) ||
        !ledger_incarnation(ledger, &incarnation, err))
        return false;
    *out = GIVE(ledger);
    return true;
}

static void give_ledger(struct admin *admin, struct ledger *ledger)
{
    pthread_mutex_lock(&admin->lock);
    if (ledger && admin->ledger_count < KEPT_LEDGERS)
        admin->ledgers[admin->ledger_count++] = GIVE(ledger);
    pthread_mutex_unlock(&admin->lock);
    ledger_free(ledger);
}

bool admin_pause(struct admin *admin, int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&admin->lock);
    while (!admin->ending && pthread_cond_timedwait(&admin->ends, &admin->lock, &until) == 0) {
    }
    bool goes_on = !admin->ending;
    pthread_mutex_unlock(&admin->lock);
    return goes_on;
}

/* ---- answers ---- */

static const char *status_title(int status)
{
    static const struct {
        int status;
        const char *title;
    } TITLES[] = {
        {400, "Not understood"        },
        {401, "Token missing or wrong"},
        {403, "Not allowed"           },
        {404, "Not found"             },
        {405, "No such method here"   },
        {409, "Not possible now"      },
        {412, "Changed meanwhile"     },
        {413, "Too large"             },
        {422, "Does not fit"          },
        {503, "Not reachable"         },
    };
    for (size_t i = 0; i < COUNT(TITLES); i++)
        if (TITLES[i].status == status)
            return TITLES[i].title;
    return "Failed";
}

static int status_of(const struct err *err)
{
    if (err->kind == ERR_FATAL)
        return err->code >= 400 && err->code <= 599 ? err->code : MHD_HTTP_INTERNAL_SERVER_ERROR;
    return MHD_HTTP_SERVICE_UNAVAILABLE;
}

/* A list is a tenth of its size this way, and a browser on a slow line reads it again each second.
 * Nothing secret stands in an answer, so its size tells nobody anything. */
static struct MHD_Response *packed_response(const char *text)
{
    OWN_BUF struct buf packed = {0};
    if (!gzip_pack(text, strlen(text), PACK_FAST, &packed))
        return NULL;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(packed.size, packed.data, MHD_RESPMEM_MUST_COPY);
    assert(response);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
    return response;
}

static struct MHD_Response *json_response(const char *text, const char *type)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
    assert(response);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    return response;
}

/* Whoever reads a list again and again has an empty answer as long as it is the same. A record's
 * own tag (edits.c) says less than its answer does, so it is none of these. */
static struct MHD_Response *read_response(struct api_call *call, const char *text, int *status)
{
    const char *known = MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND,
                                                    MHD_HTTP_HEADER_IF_NONE_MATCH);
    char digest[17], tag[24];
    digest_hex(text, strlen(text), 8, digest);
    snprintf(tag, sizeof tag, "W/\"%s\"", digest);
    struct MHD_Response *response = NULL;
    if (known && strstr(known, tag)) {
        *status = MHD_HTTP_NOT_MODIFIED;
        response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
        assert(response);
    } else if (strlen(text) > PACKED_FROM && gzip_taken(call->connection)) {
        response = packed_response(text);
    }
    if (!response)
        response = json_response(text, "application/json");
    MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, tag);
    MHD_add_response_header(response, MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT_ENCODING);
    return response;
}

static struct MHD_Response *problem_response(const struct api_call *call, const struct err *err,
                                             int status)
{
    OWN_JSON json *tree = json_new_object();
    json_set_text(tree, "type", "about:blank");
    json_set_text(tree, "title", status_title(status));
    json_set_int(tree, "status", status);
    json_set_text(tree, "detail", err->text);
    if (status == MHD_HTTP_FORBIDDEN)
        json_set_text(tree, "role", role_name(call->needed ? call->needed : call->route->role));
    const char *name;
    json *child;
    JSON_EACH(name, child, call->problem)
    {
        json_set(tree, name, json_copy(child));
    }
    return json_response(json_write(tree), "application/problem+json");
}

/* What a browser may do with our answers: nothing but show them. */
static void harden(struct MHD_Response *response, bool of_api)
{
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
    MHD_add_response_header(response, "Content-Security-Policy",
                            "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; "
                            "base-uri 'none'; form-action 'none'");
    if (!MHD_get_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL))
        MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL,
                                of_api ? "no-store" : "no-cache");
}

/* What is read and may be told to others who ask for the same: no page, no stream, no record that
 * has a tag of its own. */
static bool is_plain(const struct api_call *call)
{
    return !call->response && call->status == MHD_HTTP_OK && !*call->tag &&
           strcmp(call->method, "GET") == 0;
}

/* `text` = the plain answer of whoever has read it, NULL = the call's own. */
static enum MHD_Result send_answer(struct request *request, const char *text,
                                   const struct err *refused)
{
    struct api_call *call = &request->call;
    int status = refused ? status_of(refused) : call->status;
    struct MHD_Response *response = call->response;
    if (refused) {
        if (response) /* a handler that built an answer and then failed */
            MHD_destroy_response(response);
        response = problem_response(call, refused, status);
    } else if (is_plain(call)) {
        response = read_response(call, text ? text : json_write(call->answer), &status);
    } else if (!response) {
        response = json_response(json_write(call->answer), "application/json");
    }
    call->response = NULL;
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, request->allow);
    if (status == MHD_HTTP_UNAUTHORIZED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
    if (*call->tag)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, call->tag);
    if (call->repeated)
        MHD_add_response_header(response, "Idempotency-Replayed", "true");
    harden(response, strncmp(call->path, "/v", 2) == 0);

    int64_t ms = clock_mono_ms(call->config->clock) - request->started_ms;
    const char *path = call_is_hook(call) ? call->route->path : call->path;
    if (refused && status >= 500)
        log_warn("api.failed", TEXT("method", call->method), TEXT("path", path),
                 TEXT("who", call->caller.name), TEXT("from", call->caller.from),
                 NUM("status", status), NUM("ms", ms), TEXT("error", refused->text));
    else if (strcmp(call->method, "GET") != 0)
        log_info("api.call", TEXT("method", call->method), TEXT("path", path),
                 TEXT("who", call->caller.name), TEXT("from", call->caller.from),
                 NUM("status", status), NUM("ms", ms));
    enum MHD_Result result = MHD_queue_response(call->connection, (unsigned)status, response);
    MHD_destroy_response(response);
    return result;
}

/* ---- who asks ---- */

static bool borrow_ledger(void *admin, struct ledger **out, struct err *err)
{
    return take_ledger(admin, out, err);
}

static void give_ledger_back(void *admin, struct ledger *ledger, bool sound)
{
    if (sound)
        give_ledger(admin, ledger);
    else
        ledger_free(ledger);
}

static bool may_enter(struct admin *admin, struct api_call *call, struct err *err)
{
    const struct gate gate = {admin->token, borrow_ledger, give_ledger_back, admin};
    caller_address(call->connection, &call->caller);
    if (call->route->role == ROLE_ANYBODY)
        return true;
    if (!caller_known(&gate, call->connection, &call->caller, err))
        return false;
    return call->caller.role >= call->route->role ||
           err_set(err, ERR_FATAL, MHD_HTTP_FORBIDDEN,
                   "%s %s takes a token with role %s, and %s has role %s; have an admin make one "
                   "with `cartage token add NAME --role %s`",
                   call->method, call->route->path, role_name(call->route->role), call->caller.name,
                   role_name(call->caller.role), role_name(call->route->role));
}

/* ---- a request, from its first line to its answer ---- */

/* Called with the first line, before anything is unescaped. */
static void *request_new(void *state, const char *target, struct MHD_Connection *connection)
{
    struct request *request = mem_new(sizeof *request);
    (void)state, (void)connection;
    request->target = mem_text(target);
    request->path = mem_printf("%.*s", (int)strcspn(target, "?"), target);
    return request;
}

static void request_begin(struct request *request, struct admin *admin,
                          struct MHD_Connection *connection, const char *method)
{
    struct api_call *call = &request->call;
    const char *path = request->path;
    request->begun = true;
    call->admin = admin;
    call->config = admin->config;
    call->connection = connection;
    call->method = method; /* valid as long as the request is */
    call->path = path;
    call->status = MHD_HTTP_OK;
    request->started_ms = clock_mono_ms(admin->config->clock);
    switch (route_find(method, path, &call->route, call->params, request->allow)) {
    case MATCH_ROUTE:
        (void)!may_enter(admin, call, &request->refused);
        break;
    case MATCH_PATH_ONLY:
        err_set(&request->refused, ERR_FATAL, MHD_HTTP_METHOD_NOT_ALLOWED, "%s takes %s, not %s",
                path, request->allow, method);
        break;
    case MATCH_NONE:
        err_set(&request->refused, ERR_FATAL, MHD_HTTP_NOT_FOUND,
                "%s is no route; /openapi.json lists them", path);
    }
}

static void request_free(struct request *request)
{
    if (request->call.response)
        MHD_destroy_response(request->call.response);
    json_free(request->call.answer);
    json_free(request->call.streamed);
    json_free(request->call.problem);
    json_free(request->call.body);
    tickets_drop(&request->call.granted);
    if (request->body.data) /* it may have held a secret */
        sodium_memzero(request->body.data, request->body.size);
    buf_drop(&request->body);
    free(request->target);
    free(request->path);
    free(request);
}

/* Not our JSON: an event, or what a peer sends. */
static bool is_raw(const struct api_call *call)
{
    return triggers_are_raw(call) || call_is_hook(call);
}

static bool read_body(struct request *request, struct err *err)
{
    request->call.text = buf_str(&request->body);
    request->call.size = request->body.size;
    if (!request->body.size || is_raw(&request->call)) {
        request->call.body = json_new_object();
        return true;
    }
    struct err parse = {0};
    if (!json_parse(request->body.data, request->body.size, &request->call.body, &parse))
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST, "the body is not JSON: %s",
                       parse.text);
    if (!json_is_object(request->call.body))
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST, "the body must be a JSON object");
    if (strstr(request->call.text, "\\u0000"))
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "the body holds the character NUL, which no text here can hold");
    return true;
}

/* The handler, once for each Idempotency-Key, between If-Match and the audit log. */
static bool carry_out(struct api_call *call, struct err *err)
{
    struct edit edit = {0};
    bool repeated = false;
    if (!once_begin(call, &repeated, err) || repeated)
        return repeated;
    bool good = edit_begin(call, &edit, err) && call->route->handle(call, err);
    edit_end(call, &edit, good);
    once_end(call, good);
    if (good && strcmp(call->method, "GET") == 0)
        edit_tag_answer(call);
    return good;
}

static bool request_carry_out(struct admin *admin, struct request *request, struct err *err)
{
    struct api_call *call = &request->call;
    bool good = read_body(request, err);
    if (good && !is_raw(call))
        good = body_fits(admin->description, call->method, call->route->path, call->body, err);
    if (good && call->route->wants_ledger)
        good = take_ledger(admin, &call->ledger, err);
    if (good)
        good = carry_out(call, err);
    if (call->granted.count)
        admin->config->publish(admin->config->state, &call->granted);
    /* A change may have made something due: the tick looks at once, not at its next turn. */
    if (strcmp(call->method, "GET") != 0)
        admin->config->kick(admin->config->state);
    if (call->ledger) {
        if (good || err->kind == ERR_FATAL) /* refused by us; its connection is sound */
            give_ledger(admin, call->ledger);
        else
            ledger_free(call->ledger);
        call->ledger = NULL;
    }
    return good;
}

/* What asks the ledger and waits for nothing; thresholds, say, are the caller's own. */
static struct shared_read *share(struct admin *admin, const struct request *request, bool *leads)
{
    const struct api_call *call = &request->call;
    *leads = true;
    if (strcmp(call->method, "GET") != 0 || !call->route->wants_ledger ||
        call->route->role == ROLE_ANYBODY || api_query(call, "wait"))
        return NULL;
    OWN_TEXT char *key =
        mem_printf("%d %s %s", (int)call->caller.role, call->caller.name, request->target);
    return shared_begin(admin->shared, key, leads);
}

static enum MHD_Result request_answer(struct admin *admin, struct request *request)
{
    struct err err = request->refused;
    if (err.kind != ERR_NONE)
        return send_answer(request, NULL, &err);
    bool leads = true, good = true;
    struct shared_read *read = share(admin, request, &leads);
    const char *text = leads ? NULL : shared_text(read);
    if (!text)
        good = request_carry_out(admin, request, &err);
    if (good && !text && is_plain(&request->call))
        text = json_write(request->call.answer);
    if (read && leads)
        shared_end(admin->shared, read, text);
    enum MHD_Result result = send_answer(request, text, good ? NULL : &err);
    shared_leave(admin->shared, read);
    return result;
}

static enum MHD_Result on_request(void *state, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *data,
                                  size_t *size, void **kept)
{
    (void)version, (void)path;
    struct admin *admin = state;
    struct request *request = *kept;
    if (!request->begun) {
        request_begin(request, admin, connection, method);
        return MHD_YES;
    }
    if (*size) {
        /* Too much is read and forgotten: an answer before the end would be lost at many clients.
         */
        size_t most = call_is_hook(&request->call) ? HOOK_MAX_BODY : CALL_MAX_BODY;
        if (request->refused.kind == ERR_NONE && request->body.size + *size > most)
            err_set(&request->refused, ERR_FATAL, MHD_HTTP_CONTENT_TOO_LARGE,
                    "a body has at most %zu bytes", most);
        if (request->refused.kind == ERR_NONE)
            buf_add(&request->body, data, *size);
        *size = 0;
        return MHD_YES;
    }
    return request_answer(admin, request);
}

static void on_done(void *state, struct MHD_Connection *connection, void **kept,
                    enum MHD_RequestTerminationCode how)
{
    (void)state, (void)connection, (void)how;
    if (*kept)
        request_free(*kept);
    *kept = NULL;
}

/* ---- start and stop ---- */

struct endpoint {
    char host[256];
    struct sockaddr_storage address;
};

static bool endpoint_parse(const char *listen, struct endpoint *out, struct err *err)
{
    const char *colon = strrchr(listen, ':');
    if (!colon || (size_t)(colon - listen) >= sizeof out->host)
        return err_set(err, ERR_FATAL, 0, "LISTEN takes HOST:PORT, not \"%s\"", listen);
    snprintf(out->host, sizeof out->host, "%.*s", (int)(colon - listen), listen);
    char bare[256];
    size_t size = strlen(out->host);
    if (size > 2 && out->host[0] == '[' && out->host[size - 1] == ']')
        snprintf(bare, sizeof bare, "%.*s", (int)size - 2, out->host + 1);
    else
        snprintf(bare, sizeof bare, "%s", out->host);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int code = getaddrinfo(*bare ? bare : NULL, colon + 1, &hints, &found);
    if (code)
        return err_set(err, ERR_FATAL, code, "LISTEN %s: %s", listen, gai_strerror(code));
    memcpy(&out->address, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return true;
}

static bool daemon_start(struct admin *admin, struct err *err)
{
    struct endpoint at = {0};
    if (!endpoint_parse(admin->config->listen, &at, err) ||
        !tls_read(admin->config->tls_cert_file, admin->config->tls_key_file, &admin->tls, err))
        return false;
    bool tls = admin->tls != NULL;
    unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL;
    if (at.address.ss_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    if (tls)
        flags |= MHD_USE_TLS;
    errno = 0;
    admin->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, admin, MHD_OPTION_SOCK_ADDR,
        (struct sockaddr *)&at.address, MHD_OPTION_URI_LOG_CALLBACK, request_new, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, on_done, NULL, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)MAX_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
        tls ? MHD_OPTION_ARRAY : MHD_OPTION_END, tls_options(admin->tls), MHD_OPTION_END);
    if (!admin->daemon)
        return err_set(err, ERR_FATAL, errno, "listen at %s: %s", admin->config->listen,
                       errno ? strerror(errno) : "refused");
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(admin->daemon, MHD_DAEMON_INFO_BIND_PORT);
    snprintf(admin->address, sizeof admin->address, "%s://%s:%u", tls ? "https" : "http", at.host,
             info ? info->port : 0);
    return true;
}

bool admin_start(const struct admin_config *config, struct admin **out, struct err *err)
{
    struct admin *admin = mem_new(sizeof *admin);
    ids_start();
    admin->config = config;
    admin->directory = directory_new();
    admin->shared = shared_new();
    admin->description = description_read();
    pthread_mutex_init(&admin->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&admin->ends, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (!token_file_read(config->token_file, admin->token, err) || !daemon_start(admin, err)) {
        admin_stop(admin);
        return false;
    }
    log_info("api.listens", TEXT("address", admin->address));
    *out = admin;
    return true;
}

void admin_stop(struct admin *admin)
{
    if (!admin)
        return;
    pthread_mutex_lock(&admin->lock);
    admin->ending = true;
    pthread_cond_broadcast(&admin->ends);
    pthread_mutex_unlock(&admin->lock);
    if (admin->daemon)
        MHD_stop_daemon(admin->daemon);
    tls_free(admin->tls);
    while (admin->ledger_count)
        ledger_free(admin->ledgers[--admin->ledger_count]);
    description_free(admin->description);
    directory_free(admin->directory);
    shared_free(admin->shared);
    pthread_cond_destroy(&admin->ends);
    pthread_mutex_destroy(&admin->lock);
    free(admin);
}

const char *admin_address(const struct admin *admin)
{
    return admin->address;
}

struct directory *admin_directory(const struct admin *admin)
{
    return admin->directory;
}

/* serve.c - one thread of libmicrohttpd. */
#include "metrics/serve.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "metrics/metrics.h"

enum { MAX_CONNECTIONS = 16, IDLE_S = 10, HOST_TEXT = 256 };

struct metrics_server {
    struct MHD_Daemon *daemon;
};

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *type,
                              const struct buf *text)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        text->size, (void *)(uintptr_t)buf_str(text), MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result on_request(void *none, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **state)
{
    OWN_BUF struct buf text = {0};
    (void)none, (void)version, (void)upload, (void)state;
    if (*upload_size) { /* nobody wants it */
        *upload_size = 0;
        return MHD_YES;
    }
    if (strcmp(method, "GET") == 0 && strcmp(url, "/metrics") == 0) {
        metrics_write(&text);
        return answer(connection, MHD_HTTP_OK, METRICS_TYPE, &text);
    }
    buf_text(&text, "GET /metrics is all there is\n");
    return answer(connection, MHD_HTTP_NOT_FOUND, "text/plain", &text);
}

/* Without the brackets of an IPv6 address. */
static void split(const char *listen, char host[static HOST_TEXT], const char **port)
{
    const char *colon = strrchr(listen, ':');
    bool brackets = *listen == '[' && colon > listen && colon[-1] == ']';
    snprintf(host, HOST_TEXT, "%.*s", (int)(colon - listen) - 2 * brackets, listen + brackets);
    *port = colon + 1;
}

bool metrics_serve(const char *listen, struct metrics_server **out, struct err *err)
{
    char host[HOST_TEXT];
    const char *port;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    *out = NULL;
    if (!*listen)
        return true;
    split(listen, host, &port);
    int code = getaddrinfo(host, port, &hints, &found);
    if (code)
        return err_set(err, ERR_FATAL, code, "METRICS %s: %s", listen, gai_strerror(code));
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL;
    if (found->ai_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    struct metrics_server *server = mem_new(sizeof *server);
    errno = 0;
    server->daemon =
        MHD_start_daemon(flags, 0, NULL, NULL, on_request, NULL, MHD_OPTION_SOCK_ADDR,
                         found->ai_addr, MHD_OPTION_CONNECTION_LIMIT, (unsigned)MAX_CONNECTIONS,
                         MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S, MHD_OPTION_END);
    code = errno;
    freeaddrinfo(found);
    if (!server->daemon) {
        free(server);
        return err_set(err, ERR_FATAL, code, "METRICS: listen at %s: %s", listen,
                       code ? strerror(code) : "refused");
    }
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
    log_info("metrics.listening", TEXT("host", host), NUM("port", info ? info->port : 0));
    *out = server;
    return true;
}

void metrics_server_free(struct metrics_server *server)
{
    if (!server)
        return;
    MHD_stop_daemon(server->daemon);
    free(server);
}

/* redis_tls.c - GnuTLS below, hiredis' parser above. */
#include "ledger/redis_tls.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { PIECE = 16 << 10 };

struct redis_tls {
    redisContext *context;
    int timeout_ms;
    gnutls_certificate_credentials_t trust;
    gnutls_session_t session;
    struct buf out; /* commands not sent yet */
    bool unnamed;   /* we show no certificate, and it has answered nothing yet */
};

void redis_tls_free(struct redis_tls *tls)
{
    if (!tls)
        return;
    if (tls->session)
        gnutls_deinit(tls->session); /* no goodbye: the connection may be broken */
    if (tls->trust)
        gnutls_certificate_free_credentials(tls->trust);
    buf_drop(&tls->out);
    free(tls);
}

/* ---- the handshake ---- */

static bool trust_set(struct redis_tls *tls, const struct redis_access *access, struct err *err)
{
    const char *ca = access ? access->ca_file : "", *cert = access ? access->cert_file : "";
    const char *key = access ? access->key_file : "";
    int code = gnutls_certificate_allocate_credentials(&tls->trust);
    assert(code == 0);
    code = *ca ? gnutls_certificate_set_x509_trust_file(tls->trust, ca, GNUTLS_X509_FMT_PEM)
               : gnutls_certificate_set_x509_system_trust(tls->trust);
    if (code <= 0)
        return err_set(err, ERR_FATAL, code, "REDIS_CA_FILE %s: %s; it wants a PEM file",
                       *ca ? ca : "(the system's)",
                       code ? gnutls_strerror(code) : "there is no certificate in it");
    tls->unnamed = !*cert;
    if (tls->unnamed)
        return true;
    code = gnutls_certificate_set_x509_key_file(tls->trust, cert, key, GNUTLS_X509_FMT_PEM);
    return code == 0 || err_set(err, ERR_FATAL, code,
                                "REDIS_CERT_FILE %s and REDIS_KEY_FILE %s: %s; both are PEM files "
                                "that belong together",
                                cert, key, gnutls_strerror(code));
}

/* Why the handshake failed, and which setting is to be looked at. */
static bool refused(struct redis_tls *tls, const char *where, int code, struct err *err)
{
    gnutls_datum_t why = {0};
    switch (code) {
    case GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR:
        gnutls_certificate_verification_status_print(
            gnutls_session_get_verify_cert_status(tls->session), GNUTLS_CRT_X509, &why, 0);
        err_set(err, ERR_FATAL, code,
                "Redis at %s shows a certificate that is not trusted: %s REDIS_CA_FILE names the "
                "authorities to trust; REDIS the host that it was made for",
                where, why.data ? (const char *)why.data : "");
        gnutls_free(why.data);
        return false;
    case GNUTLS_E_UNEXPECTED_PACKET_LENGTH:
    case GNUTLS_E_UNEXPECTED_PACKET:
    case GNUTLS_E_UNSUPPORTED_VERSION_PACKET:
        return err_set(err, ERR_FATAL, code,
                       "Redis at %s does not speak TLS there: REDIS wants the port of its "
                       "tls-port, or redis:// for the plain one",
                       where);
    case GNUTLS_E_FATAL_ALERT_RECEIVED:
        return err_set(err, ERR_FATAL, code,
                       "Redis at %s refuses TLS with us (%s): REDIS_CERT_FILE and REDIS_KEY_FILE "
                       "say who we are, where it asks",
                       where, gnutls_alert_get_name(gnutls_alert_get(tls->session)));
    default:
        return err_set(err, ERR_RETRY, code, "Redis at %s: TLS: %s", where, gnutls_strerror(code));
    }
}

static bool is_name(const char *host)
{
    return strspn(host, "0123456789.") != strlen(host) && !strchr(host, ':');
}

bool redis_tls_open(redisContext *context, const char *host, const struct redis_access *access,
                    int timeout_ms, struct redis_tls **out, struct err *err)
{
    OWN(redis_tls) struct redis_tls *tls = mem_new(sizeof *tls);
    OWN_TEXT char *where = mem_printf("%s:%d", host, context->tcp.port);
    int code;
    tls->context = context;
    tls->timeout_ms = timeout_ms;
    if (!trust_set(tls, access, err))
        return false;
    code = gnutls_init(&tls->session, GNUTLS_CLIENT);
    assert(code == 0);
    gnutls_priority_set_direct(tls->session, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2", NULL);
    gnutls_credentials_set(tls->session, GNUTLS_CRD_CERTIFICATE, tls->trust);
    if (is_name(host))
        gnutls_server_name_set(tls->session, GNUTLS_NAME_DNS, host, strlen(host));
    gnutls_session_set_verify_cert(tls->session, host, 0);
    gnutls_transport_set_int(tls->session, context->fd);
    gnutls_handshake_set_timeout(tls->session, (unsigned)timeout_ms);
    do
        code = gnutls_handshake(tls->session);
    while (code == GNUTLS_E_INTERRUPTED ||
           (code < 0 && !gnutls_error_is_fatal(code) && code != GNUTLS_E_AGAIN));
    if (code < 0)
        return refused(tls, where, code, err);
    *out = GIVE(tls);
    return true;
}

/* ---- commands and replies ---- */

void redis_tls_put(struct redis_tls *tls, char *command, int size)
{
    assert(size >= 0);
    buf_add(&tls->out, command, (size_t)size);
    redisFreeCommand(command);
}

static bool broke(struct redis_tls *tls, const char *why)
{
    tls->context->err = REDIS_ERR_IO;
    snprintf(tls->context->errstr, sizeof tls->context->errstr, "TLS: %.120s", why);
    return false;
}

/* With TLS 1.3 a server says only now that it wants to know who we are; or it has closed before we
 * came to read that. */
static bool broke_by(struct redis_tls *tls, int code)
{
    char why[128];
    bool told = code == GNUTLS_E_FATAL_ALERT_RECEIVED;
    const char *what = told        ? gnutls_alert_get_name(gnutls_alert_get(tls->session))
                       : code == 0 ? "Server closed the connection"
                                   : gnutls_strerror(code);
    if (!told && !tls->unnamed)
        return broke(tls, what);
    snprintf(why, sizeof why, "%.60s; REDIS_CERT_FILE and REDIS_KEY_FILE say who we are", what);
    return broke(tls, why);
}

static bool ready(struct redis_tls *tls, short what)
{
    struct pollfd on = {.fd = tls->context->fd, .events = what};
    int got;
    do
        got = poll(&on, 1, tls->timeout_ms);
    while (got < 0 && errno == EINTR);
    return got > 0 || broke(tls, "no answer in time");
}

static bool flush(struct redis_tls *tls)
{
    size_t sent = 0;
    while (sent < tls->out.size) {
        ssize_t code = gnutls_record_send(tls->session, tls->out.data + sent, tls->out.size - sent);
        if (code > 0)
            sent += (size_t)code;
        else if (code == GNUTLS_E_AGAIN && !ready(tls, POLLOUT))
            return false;
        else if (code != GNUTLS_E_AGAIN && code != GNUTLS_E_INTERRUPTED)
            return broke_by(tls, (int)code);
    }
    buf_clear(&tls->out);
    return true;
}

static bool feed(struct redis_tls *tls)
{
    char piece[PIECE];
    if (gnutls_record_check_pending(tls->session) == 0 && !ready(tls, POLLIN))
        return false;
    ssize_t got = gnutls_record_recv(tls->session, piece, sizeof piece);
    /* Not every record carries bytes for us (a session ticket): then again. */
    if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED)
        return true;
    if (got <= 0)
        return broke_by(tls, (int)got);
    tls->unnamed = false;
    return redisReaderFeed(tls->context->reader, piece, (size_t)got) == REDIS_OK ||
           broke(tls, tls->context->reader->errstr);
}

redisReply *redis_tls_get(struct redis_tls *tls)
{
    void *reply = NULL;
    if (!flush(tls))
        return NULL;
    while (redisGetReplyFromReader(tls->context, &reply) == REDIS_OK) {
        if (reply)
            return reply;
        if (!feed(tls))
            return NULL;
    }
    return NULL;
}

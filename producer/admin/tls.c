/* tls.c - two PEM files, read again when they change, and what is not spoken any more. */
#include "admin/tls.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <pthread.h>
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/log.h"

enum { PEM_MAX = 256 << 10, CHAIN_MOST = 16 };

struct stamp { /* of a file; another one is another file, or another content */
    dev_t device;
    ino_t node;
    off_t size;
    struct timespec changed;
};
struct tls {
    const char *cert_file, *key_file;
    struct stamp cert_stamp, key_stamp;
    struct buf cert, key;
    struct MHD_OptionItem options[3];
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct tls *serving;

/* ---- two files ---- */

static struct stamp stamp_of(const char *path)
{
    struct stat found;
    if (stat(path, &found) != 0)
        return (struct stamp){0};
    return (struct stamp){found.st_dev, found.st_ino, found.st_size, found.st_mtim};
}

static bool is_same(struct stamp one, struct stamp two)
{
    return one.device == two.device && one.node == two.node && one.size == two.size &&
           one.changed.tv_sec == two.changed.tv_sec && one.changed.tv_nsec == two.changed.tv_nsec;
}

static void wipe(struct buf *key)
{
    if (key->data)
        sodium_memzero(key->data, key->size);
    buf_drop(key);
}

static bool read_pem(const char *path, const char *option, struct buf *out, struct err *err)
{
    char bytes[4096];
    FILE *file = fopen(path, "re");
    if (!file)
        return err_set(err, ERR_FATAL, errno, "%s %s: %s", option, path, strerror(errno));
    for (size_t size; out->size <= PEM_MAX && (size = fread(bytes, 1, sizeof bytes, file)) > 0;)
        buf_add(out, bytes, size);
    sodium_memzero(bytes, sizeof bytes);
    fclose(file);
    return (out->size <= PEM_MAX && strstr(buf_str(out), "-----BEGIN ")) ||
           err_set(err, ERR_FATAL, 0, "%s %s: want a PEM file (-----BEGIN ...)", option, path);
}

static gnutls_datum_t datum(const struct buf *text)
{
    return (gnutls_datum_t){(unsigned char *)text->data, (unsigned)text->size};
}

static bool go_together(const struct buf *cert, const struct buf *key, struct err *err)
{
    gnutls_certificate_credentials_t both;
    const gnutls_datum_t certificate = datum(cert), private = datum(key);
    int code = gnutls_certificate_allocate_credentials(&both);
    if (code == 0) {
        code = gnutls_certificate_set_x509_key_mem2(both, &certificate, &private,
                                                    GNUTLS_X509_FMT_PEM, NULL, 0);
        gnutls_certificate_free_credentials(both);
    }
    return code >= 0 ||
           err_set(err, ERR_FATAL, code,
                   "TLS_CERT_FILE and TLS_KEY_FILE: %s; does the key belong to the certificate?",
                   gnutls_strerror(code));
}

/* Stamps first: what changes while it is read is read again. */
static bool read_both(struct tls *tls, struct err *err)
{
    struct buf cert = {0}, key = {0};
    tls->cert_stamp = stamp_of(tls->cert_file);
    tls->key_stamp = stamp_of(tls->key_file);
    bool good = read_pem(tls->cert_file, "TLS_CERT_FILE", &cert, err) &&
                read_pem(tls->key_file, "TLS_KEY_FILE", &key, err) && go_together(&cert, &key, err);
    struct buf old_cert = tls->cert, old_key = tls->key;
    if (good) {
        tls->cert = cert;
        tls->key = key;
    }
    buf_drop(good ? &old_cert : &cert);
    wipe(good ? &old_key : &key);
    return good;
}

/* ---- a connection begins ---- */

static void renew(struct tls *tls)
{
    struct err err = {0};
    if (is_same(tls->cert_stamp, stamp_of(tls->cert_file)) &&
        is_same(tls->key_stamp, stamp_of(tls->key_file)))
        return;
    if (read_both(tls, &err))
        log_info("api.certificate_renewed", TEXT("file", tls->cert_file));
    else
        log_warn("api.certificate_kept", TEXT("file", tls->cert_file), TEXT("error", err.text));
}

/* What it gives is GnuTLS's from then on. */
static int present(gnutls_session_t session, const struct gnutls_cert_retr_st *asked,
                   gnutls_pcert_st **chain, unsigned *count, gnutls_ocsp_data_st **ocsp,
                   unsigned *ocsp_count, gnutls_privkey_t *key, unsigned *flags)
{
    gnutls_pcert_st *list = gnutls_calloc(CHAIN_MOST, sizeof *list);
    (void)session;
    (void)asked;
    *count = CHAIN_MOST;
    *ocsp = NULL;
    *ocsp_count = 0;
    pthread_mutex_lock(&mutex);
    renew(serving);
    const gnutls_datum_t certificate = datum(&serving->cert), private = datum(&serving->key);
    bool good = list && gnutls_privkey_init(key) == 0;
    if (good && (gnutls_pcert_list_import_x509_raw(list, count, &certificate, GNUTLS_X509_FMT_PEM,
                                                   0) != 0 ||
                 gnutls_privkey_import_x509_raw(*key, &private, GNUTLS_X509_FMT_PEM, NULL, 0))) {
        gnutls_privkey_deinit(*key);
        good = false;
    }
    pthread_mutex_unlock(&mutex);
    if (!good) {
        gnutls_free(list);
        return -1;
    }
    *chain = list;
    *flags = GNUTLS_CERT_RETR_DEINIT_ALL;
    return 0;
}

/* ---- the API's ---- */

bool tls_read(const char *cert_file, const char *key_file, struct tls **out, struct err *err)
{
    bool cert = cert_file && *cert_file, key = key_file && *key_file;
    if (!cert && !key)
        return true;
    if (cert != key)
        return err_set(err, ERR_FATAL, 0, "%s is missing: TLS takes a certificate and its key",
                       cert ? "TLS_KEY_FILE" : "TLS_CERT_FILE");
    if (MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES)
        return err_set(err, ERR_FATAL, 0,
                       "TLS_CERT_FILE: this libmicrohttpd was built without TLS; put a proxy that "
                       "speaks it in front");
    OWN(tls) struct tls *tls = mem_new(sizeof *tls);
    tls->cert_file = cert_file;
    tls->key_file = key_file;
    if (!read_both(tls, err))
        return false;
    static const char SPOKEN[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
    gnutls_certificate_retrieve_function3 *call = present;
    /* libmicrohttpd takes the text without const, and does not write through it. */
    const struct MHD_OptionItem options[] = {
        {MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, (void *)call             },
        {MHD_OPTION_HTTPS_PRIORITIES,     0, (void *)(uintptr_t)SPOKEN},
        {MHD_OPTION_END,                  0, NULL                     },
    };
    memcpy(tls->options, options, sizeof options);
    pthread_mutex_lock(&mutex);
    serving = tls;
    pthread_mutex_unlock(&mutex);
    *out = GIVE(tls);
    return true;
}

void tls_free(struct tls *tls)
{
    if (!tls)
        return;
    pthread_mutex_lock(&mutex);
    if (serving == tls)
        serving = NULL;
    pthread_mutex_unlock(&mutex);
    buf_drop(&tls->cert);
    wipe(&tls->key);
    free(tls);
}

struct MHD_OptionItem *tls_options(struct tls *tls)
{
    return tls ? tls->options : NULL;
}

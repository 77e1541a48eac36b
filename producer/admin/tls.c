/* tls.c - two PEM files, and what is not spoken any more. */
#include "admin/tls.h"

#include <errno.h>
#include <microhttpd.h>
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { PEM_MAX = 256 << 10 };

struct tls {
    struct buf cert, key;
    struct MHD_OptionItem options[4];
};

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
    if (!read_pem(cert_file, "TLS_CERT_FILE", &tls->cert, err) ||
        !read_pem(key_file, "TLS_KEY_FILE", &tls->key, err))
        return false;
    static const char SPOKEN[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
    /* libmicrohttpd takes the pointers without const, and does not write through them. */
    const struct MHD_OptionItem options[] = {
        {MHD_OPTION_HTTPS_MEM_CERT,   0, (void *)(uintptr_t)buf_str(&tls->cert)},
        {MHD_OPTION_HTTPS_MEM_KEY,    0, (void *)(uintptr_t)buf_str(&tls->key) },
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)SPOKEN             },
        {MHD_OPTION_END,              0, NULL                                  },
    };
    memcpy(tls->options, options, sizeof options);
    *out = GIVE(tls);
    return true;
}

void tls_free(struct tls *tls)
{
    if (!tls)
        return;
    if (tls->key.data)
        sodium_memzero(tls->key.data, tls->key.size);
    buf_drop(&tls->cert);
    buf_drop(&tls->key);
    free(tls);
}

struct MHD_OptionItem *tls_options(struct tls *tls)
{
    return tls ? tls->options : NULL;
}

/* secret.c - references to secrets, and the box that keeps them. */
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void secret_free(char *secret)
{
    if (!secret)
        return;
    sodium_memzero(secret, strlen(secret));
    free(secret);
}

void secret_cleanup_(char **secret)
{
    secret_free(*secret);
}

static bool read_file(const char *path, char **out, struct err *err)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return err_set(err, ERR_FATAL, errno, "secret file %s: %s", path, strerror(errno));
    char bytes[SECRET_MAX + 1];
    size_t size = 0;
    ssize_t got = 1;
    while (size < sizeof bytes && (got = read(file, bytes + size, sizeof bytes - size)) > 0)
        size += (size_t)got;
    int problem = got < 0 ? errno : 0;
    close(file);
    while (size > 0 && (bytes[size - 1] == '\n' || bytes[size - 1] == '\r'))
        size--;
    bool text = size > 0 && size <= SECRET_MAX && !memchr(bytes, 0, size);
    if (!problem && text)
        *out = mem_text_n(bytes, size);
    sodium_memzero(bytes, sizeof bytes);
    if (problem)
        return err_set(err, ERR_FATAL, problem, "secret file %s: %s", path, strerror(problem));
    return text || err_set(err, ERR_FATAL, 0, "secret file %s is empty or no text", path);
}

static const char *key_file; /* set once, before threads */

void secret_key_file(const char *path)
{
    key_file = path;
}

static bool seal_key(unsigned char key[static 32], struct err *err)
{
    const char *path = key_file;
    OWN_SECRET char *text = NULL;
    if (!path || !*path)
        return err_set(err, ERR_FATAL, 0,
                       "a secret is sealed, but no key file is named; set CARTAGE_SEAL_KEY_FILE");
    if (!read_file(path, &text, err))
        return err_wrap(err, "read the seal key");
    if (strlen(text) < 16)
        return err_set(err, ERR_FATAL, 0, "seal key file %s: want at least 16 characters", path);
    secret_key_from("seal", text, key);
    return true;
}

void secret_key_from(const char *purpose, const char *secret, unsigned char key[static 32])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, SECRET_KEY_BYTES);
    crypto_generichash_update(&state, (const unsigned char *)purpose, strlen(purpose) + 1);
    crypto_generichash_update(&state, (const unsigned char *)secret, strlen(secret));
    crypto_generichash_final(&state, key, SECRET_KEY_BYTES);
}

char *secret_box(const char *secret, const unsigned char key[static 32])
{
    size_t size = strlen(secret), boxed = size + crypto_secretbox_MACBYTES;
    size_t whole = crypto_secretbox_NONCEBYTES + boxed;
    unsigned char *bytes = mem_new(whole);
    randombytes_buf(bytes, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(bytes + crypto_secretbox_NONCEBYTES, (const unsigned char *)secret, size,
                          bytes, key);
    size_t length = sodium_base64_encoded_len(whole, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *text = mem_new(length);
    sodium_bin2base64(text, length, bytes, whole, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    free(bytes);
    return text;
}

bool secret_unbox(const char *sealed, const unsigned char key[static 32], char **out)
{
    size_t most = strlen(sealed), whole = 0;
    unsigned char *bytes = mem_new(most + 1);
    bool ok = sodium_base642bin(bytes, most, sealed, most, NULL, &whole, NULL,
                                sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
              whole >= crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
    if (ok) {
        size_t boxed = whole - crypto_secretbox_NONCEBYTES;
        char *text = mem_new(boxed - crypto_secretbox_MACBYTES + 1);
        ok = crypto_secretbox_open_easy((unsigned char *)text, bytes + crypto_secretbox_NONCEBYTES,
                                        boxed, bytes, key) == 0;
        if (ok)
            *out = GIVE(text);
        free(text);
    }
    free(bytes);
    return ok;
}

bool secret_seal(const char *secret, char **out, struct err *err)
{
    unsigned char key[SECRET_KEY_BYTES];
    if (!seal_key(key, err))
        return false;
    *out = secret_box(secret, key);
    sodium_memzero(key, sizeof key);
    return true;
}

static bool unseal(const char *sealed, char **out, struct err *err)
{
    unsigned char key[SECRET_KEY_BYTES];
    if (!seal_key(key, err))
        return false;
    bool ok = secret_unbox(sealed, key, out);
    sodium_memzero(key, sizeof key);
    return ok || err_set(err, ERR_FATAL, 0,
                         "a sealed secret does not open with this key file; seal it again");
}

bool secret_resolve(const char *kind, const char *value, char **out, struct err *err)
{
    if (strcmp(kind, "file") == 0)
        return read_file(value, out, err);
    if (strcmp(kind, "sealed") == 0)
        return unseal(value, out, err);
    if (strcmp(kind, "env") != 0)
        return err_set(err, ERR_FATAL, 0, "a secret is given by env, file or sealed, not by %s",
                       kind);
    const char *found = getenv(value);
    if (!found || !*found)
        return err_set(err, ERR_FATAL, 0, "environment variable %s is not set", value);
    *out = mem_text(found);
    return true;
}

static void hmac(const char *secret, const void *bytes, size_t size,
                 unsigned char out[static crypto_auth_hmacsha256_BYTES])
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
    crypto_auth_hmacsha256_update(&state, bytes, size);
    crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof state);
}

void secret_sign(const char *secret, const void *bytes, size_t size,
                 char out[static SECRET_SIGNED_TEXT])
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    hmac(secret, bytes, size, mac);
    sodium_bin2base64(out, SECRET_SIGNED_TEXT, mac, sizeof mac, sodium_base64_VARIANT_ORIGINAL);
}

void secret_sign_hex(const char *secret, const void *bytes, size_t size,
                     char out[static SECRET_SIGNED_HEX])
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    hmac(secret, bytes, size, mac);
    sodium_bin2hex(out, SECRET_SIGNED_HEX, mac, sizeof mac);
}

bool secret_same(const char *one, const char *two)
{
    size_t size = strlen(one);
    return strlen(two) == size && sodium_memcmp(one, two, size) == 0;
}

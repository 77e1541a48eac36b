/* ids.c - thin over libsodium. */
#include "base/ids.h"

#include <sodium.h>
#include <string.h>

void ids_start(void)
{
    if (sodium_init() < 0)
        assert(!"libsodium does not start");
}

static void mark(unsigned char bytes[static 16], int version)
{
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | version << 4);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
}

void uuid_format(const unsigned char bytes[static 16], char out[static UUID_TEXT])
{
    static const char HEX[] = "0123456789abcdef";
    char *at = out;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = HEX[bytes[i] >> 4];
        *at++ = HEX[bytes[i] & 15];
    }
    *at = 0;
}

void uuid_random(char out[static UUID_TEXT])
{
    unsigned char bytes[16];
    randombytes_buf(bytes, sizeof bytes);
    mark(bytes, 4);
    uuid_format(bytes, out);
}

void uuid_from_name(const char *name, char out[static UUID_TEXT])
{
    unsigned char bytes[16];
    crypto_generichash(bytes, sizeof bytes, (const unsigned char *)name, strlen(name), NULL, 0);
    mark(bytes, 5);
    uuid_format(bytes, out);
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool uuid_parse(const char *text, unsigned char out[static 16])
{
    if (strlen(text) != UUID_TEXT - 1)
        return false;
    for (int i = 0, at = 0; i < 16; i++) {
        if (at == 8 || at == 13 || at == 18 || at == 23) {
            if (text[at++] != '-')
                return false;
        }
        int high = nibble(text[at]), low = nibble(text[at + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (unsigned char)(high << 4 | low);
        at += 2;
    }
    return true;
}

void digest_hex(const void *bytes, size_t size, size_t digest_bytes, char *out)
{
    unsigned char digest[crypto_generichash_BYTES_MAX];
    assert(digest_bytes >= 1 && digest_bytes <= sizeof digest);
    /* libsodium asks for 16 bytes at least; a shorter digest is the beginning of one of 32. */
    crypto_generichash(digest, digest_bytes < 32 ? 32 : digest_bytes, bytes, size, NULL, 0);
    sodium_bin2hex(out, digest_bytes * 2 + 1, digest, digest_bytes);
}

void random_hex(size_t bytes, char *out)
{
    unsigned char raw[64];
    assert(bytes <= sizeof raw);
    randombytes_buf(raw, bytes);
    sodium_bin2hex(out, bytes * 2 + 1, raw, bytes);
}

uint64_t random_u64(void)
{
    uint64_t value;
    randombytes_buf(&value, sizeof value);
    return value;
}

/* secret.h - secrets by reference: from the environment, from a file, or sealed.
 *
 * Sealed texts (libsodium secretbox, base64) open with the key file that main names (option
 * SEAL_KEY_FILE), shared by all processes. Errors name the reference, never the secret.
 */
#ifndef CARTAGE_SECRET_H
#define CARTAGE_SECRET_H

#include "base/err.h"

enum { SECRET_MAX = 16 << 10, SECRET_KEY_BYTES = 32 };

/* Called by main before threads start; the text is kept. NULL or "" = nothing can be sealed. */
void secret_key_file(const char *path);
/* kind "env" (value = a variable's name), "file" (a path; closing line ends are cut) or "sealed".
 */
MUST_USE bool secret_resolve(const char *kind, const char *value, char **out, struct err *err);
void secret_free(char *secret); /* wipes it */
void secret_cleanup_(char **secret);
#define OWN_SECRET __attribute__((cleanup(secret_cleanup_)))

/* Seals with the key file; for `cartage` and the API, which never store a secret as it came. */
MUST_USE bool secret_seal(const char *secret, char **out, struct err *err);

/* The same box under a key of the caller's. */
void secret_key_from(const char *purpose, const char *secret, unsigned char key[static 32]);
char *secret_box(const char *secret, const unsigned char key[static 32]);
MUST_USE bool secret_unbox(const char *sealed, const unsigned char key[static 32], char **out);

/* What peers sign with: HMAC-SHA256 of bytes under a secret, as base64 and as hexadecimals. */
enum { SECRET_SIGNED_TEXT = 45, SECRET_SIGNED_HEX = 65 };
void secret_sign(const char *secret, const void *bytes, size_t size,
                 char out[static SECRET_SIGNED_TEXT]);
void secret_sign_hex(const char *secret, const void *bytes, size_t size,
                     char out[static SECRET_SIGNED_HEX]);
/* Takes as long wherever the two differ; only their lengths show. */
bool secret_same(const char *one, const char *two);

#endif

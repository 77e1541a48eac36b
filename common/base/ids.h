/* ids.h - UUIDs, digests, random hex. Digests are BLAKE2b (libsodium). */
#ifndef CARTAGE_IDS_H
#define CARTAGE_IDS_H

#include "base/own.h"

#define UUID_TEXT 37 /* 36 characters and NUL, lower case */

void ids_start(void);                         /* once per process, before anything else here */
void uuid_random(char out[static UUID_TEXT]); /* version 4 */
void uuid_from_name(const char *name, char out[static UUID_TEXT]); /* version 5 form, by digest */
MUST_USE bool uuid_parse(const char *text, unsigned char out[static 16]); /* any case, no braces */
void uuid_format(const unsigned char bytes[static 16], char out[static UUID_TEXT]);

void digest_hex(const void *bytes, size_t size, size_t digest_bytes, char *out); /* 2n + 1 chars */
void random_hex(size_t bytes, char *out);                                        /* 2n + 1 chars */
uint64_t random_u64(void);

#endif

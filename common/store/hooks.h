/* hooks.h - where a peer's notices come in, and what they are signed with.
 *
 * Each shop has an address of its own, and each company one for Business Central. Its last part is
 * made of the secret, so that it needs no place to be kept, and nobody who saw one can guess the
 * next. Both secrets of a credential are good: Shopify signs with the older one for up to an hour
 * after a new one was made.
 */
#ifndef CARTAGE_STORE_HOOKS_H
#define CARTAGE_STORE_HOOKS_H

#include "ledger/ledger.h"

#define HOOKS_SHOPIFY "/v1/hooks/shopify/"
#define HOOKS_BC "/v1/hooks/bc/"

enum { HOOK_SECRETS = 2, HOOK_KEY = 33 };
struct hook_secrets {
    char *texts[HOOK_SECRETS]; /* the present one first */
    size_t count;
};
void hook_secrets_drop(struct hook_secrets *secrets);
#define OWN_HOOK_SECRETS __attribute__((cleanup(hook_secrets_drop)))
/* Of a credential: client_secret, key, or webhook_secret beside a static token; previous_secret.
 * ERR_FATAL names the credential and what it lacks. */
MUST_USE bool hook_secrets_read(struct ledger *ledger, const char *credential,
                                struct hook_secrets *out, struct err *err);

/* The last part of the address; `shop` "" = Business Central's. */
void hook_key(const char *secret, const char *company, const char *shop, char out[static HOOK_KEY]);
/* What Business Central sends along with each of its notices. */
void hook_client_state(const char *secret, const char *company, char out[static HOOK_KEY]);
/* "/v1/hooks/shopify/COMPANY/SHOP/" or "/v1/hooks/bc/COMPANY/"; the key follows. */
void hook_path(const char *company, const char *shop, struct buf *out);

#endif

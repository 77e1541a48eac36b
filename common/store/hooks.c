/* hooks.c - secrets of peers that send notices, and the addresses made of them. */
#include "store/hooks.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "ledger/commands.h"

void hook_secrets_drop(struct hook_secrets *secrets)
{
    while (secrets->count)
        secret_free(secrets->texts[--secrets->count]);
}

static bool resolve(const json *credential, const char *field, struct hook_secrets *out,
                    struct err *err)
{
    static const char *const WAYS[] = {"env", "file", "sealed"};
    const json *reference = json_get(credential, field);
    for (size_t i = 0; i < COUNT(WAYS); i++) {
        const char *value = json_text(reference, WAYS[i]);
        if (!*value)
            continue;
        if (!secret_resolve(WAYS[i], value, &out->texts[out->count], err))
            return err_wrap(err, "%s", field);
        out->count++;
    }
    return true;
}

static const char *signing_field(const json *credential)
{
    const char *kind = json_text(credential, "kind");
    return strcmp(kind, "shopify-token") == 0 ? "webhook_secret"
           : strcmp(kind, "bc-basic") == 0    ? "key"
                                              : "client_secret";
}

bool hook_secrets_read(struct ledger *ledger, const char *credential, struct hook_secrets *out,
                       struct err *err)
{
    OWN_JSON json *stored = NULL;
    OWN_HOOK_SECRETS struct hook_secrets read = {0};
    if (!ledger_credential_get(ledger, credential, &stored, err))
        return false;
    if (!stored)
        return err_set(err, ERR_FATAL, 0, "there is no credential %s; add it with `cartage apply`",
                       credential);
    const char *field = signing_field(stored);
    if (!json_get(stored, field))
        return err_set(err, ERR_FATAL, 404,
                       "credential %s has no %s, which webhooks are signed with; add the app's API "
                       "secret key with `cartage apply`",
                       credential, field);
    if (!resolve(stored, field, &read, err) || !resolve(stored, "previous_secret", &read, err))
        return err_wrap(err, "credential %s", credential);
    *out = read;
    read.count = 0;
    return true;
}

static void made_of(const char *secret, const char *purpose, const char *company, const char *shop,
                    char out[static HOOK_KEY])
{
    char hex[SECRET_SIGNED_HEX];
    OWN_TEXT char *text = mem_printf("cartage %s %s %s", purpose, company, shop);
    secret_sign_hex(secret, text, strlen(text), hex);
    snprintf(out, HOOK_KEY, "%.32s", hex);
}

void hook_key(const char *secret, const char *company, const char *shop, char out[static HOOK_KEY])
{
    made_of(secret, "hook", company, shop, out);
}

void hook_client_state(const char *secret, const char *company, char out[static HOOK_KEY])
{
    made_of(secret, "state", company, "", out);
}

void hook_path(const char *company, const char *shop, struct buf *out)
{
    if (*shop)
        buf_printf(out, HOOKS_SHOPIFY "%s/%s/", company, shop);
    else
        buf_printf(out, HOOKS_BC "%s/", company);
}

/* shopify.c - the store of an attempt: where it is, who we are there, what documents cost. */
#include "shopify/shopify.h"

#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "shopify/room.h"

static void shopify_free(void *what)
{
    struct shopify *shopify = what;
    if (!shopify)
        return;
    credential_drop(&shopify->credential);
    secret_free(shopify->token);
    secret_free(shopify->token_header);
    free(shopify->url);
    free(shopify->grant_url);
    free(shopify->connect_to);
    free(shopify->bucket);
    free(shopify->token_name);
    free(shopify);
}

/* The store's name becomes part of a URL that carries a token: nothing but a myshopify.com name. */
static bool store_name_ok(const char *store)
{
    static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    size_t length = strspn(store, PLAIN);
    return length > 0 && store[0] != '-' && strcmp(store + length, ".myshopify.com") == 0;
}

static bool version_ok(const char *version)
{
    return strlen(version) == strspn(version, "0123456789-abcdefghijklmnopqrstuvwxyz") && *version;
}

/* "http://127.0.0.1:4000" is where to talk to; the URL and the Host header keep the store's name.
 */
static bool set_address(struct shopify *shopify, const char *origin, struct err *err)
{
    const char *scheme = "https";
    if (origin && *origin) {
        const char *rest = strstr(origin, "://");
        scheme = strncmp(origin, "http://", 7) == 0 ? "http" : "https";
        if (!rest || !strchr(rest + 3, ':') || strchr(rest + 3, '/'))
            return err_set(err, ERR_FATAL, 0, "origin %s: want http://HOST:PORT", origin);
        shopify->connect_to = mem_text(rest + 3);
    }
    shopify->url =
        mem_printf("%s://%s/admin/api/%s/graphql.json", scheme, shopify->store, shopify->version);
    shopify->grant_url = mem_printf("%s://%s/admin/oauth/access_token", scheme, shopify->store);
    return true;
}

/* The reserve that a task leaves for those whom somebody waits for. */
static int floor_of(enum ticket_kind kind)
{
    switch (kind) {
    case TICKET_FOREGROUND:
    case TICKET_WAKE:
        return 0;
    case TICKET_CATCH_UP:
        return 50;
    case TICKET_SCHEDULED:
    case TICKET_IMMEDIATE:
    case TICKET_MANUAL:
        break;
    }
    return 20;
}

bool shopify_of(struct attempt *attempt, struct shopify **out, struct err *err)
{
    if (attempt->shopify) {
        *out = attempt->shopify;
        return true;
    }
    const struct shop *shop = attempt->shop;
    if (!shop)
        return err_set(err, ERR_FATAL, 0, "this operation wants a shop; give argument \"shop\"");
    if (!shop->enabled) /* a copied data set must not talk to the store of its original */
        return err_set(err, ERR_FATAL, 0, "shop %s is off; `cartage shop enable %s` turns it on",
                       shop->code, shop->code);
    if (!store_name_ok(shop->store))
        return err_set(err, ERR_FATAL, 0, "store \"%s\": want NAME.myshopify.com", shop->store);
    if (!version_ok(shop->api_version))
        return err_set(err, ERR_FATAL, 0, "API version \"%s\": want one like 2026-10",
                       shop->api_version);

    struct shopify *shopify = mem_new(sizeof *shopify);
    shopify->attempt = attempt;
    shopify->store = shop->store;
    shopify->version = shop->api_version;
    shopify->floor_percent = floor_of(attempt->sheet->ticket.kind);
    if (!set_address(shopify, shop->origin, err) ||
        !credential_load(attempt->ledger, shop->credential, "shopify", &shopify->credential, err)) {
        shopify_free(shopify);
        return err_wrap(err, "shop %s", shop->code);
    }
    shopify->bucket = mem_printf("%s/%s", shopify->store, shopify->credential.id);
    shopify->token_name = mem_printf("shopify/%s", shopify->bucket);
    attempt->shopify = shopify;
    attempt_leave(attempt, shopify_free, shopify);
    *out = shopify;
    return true;
}

bool shopify_token(struct shopify *shopify, bool refused, struct err *err)
{
    OWN_SECRET char *old = NULL;
    if (shopify->token && !refused)
        return true;
    if (credential_is(&shopify->credential, "shopify-token")) {
        if (refused)
            return err_set(err, ERR_FATAL, 401,
                           "%s: the static token is refused; replace credential %s", shopify->store,
                           shopify->credential.name);
        shopify->token = mem_text(shopify->credential.secret);
    } else {
        struct grant grant = {
            .token = shopify->token_name,
            .url = shopify->grant_url,
            .connect_to = shopify->connect_to,
            .label = "shopify oauth",
            .credential = &shopify->credential,
        };
        old = GIVE(shopify->token);
        if (!grant_token(shopify->attempt, &grant, refused ? old : NULL, &shopify->token, err))
            return false;
    }
    secret_free(shopify->token_header);
    shopify->token_header = mem_printf("X-Shopify-Access-Token: %s", shopify->token);
    return true;
}

/* ---- costs ---- */

static void remember_cost(struct shopify *shopify, const char *key, int cost)
{
    size_t at = 0;
    while (at < shopify->known_count && strcmp(shopify->known[at].key, key) != 0)
        at++;
    if (at == SHOPIFY_KNOWN_COSTS) /* full: the oldest guess is as good as any to lose */
        at = (size_t)cost % SHOPIFY_KNOWN_COSTS;
    else if (at == shopify->known_count)
        shopify->known_count++;
    snprintf(shopify->known[at].key, COST_KEY_TEXT, "%s", key);
    shopify->known[at].cost = cost;
}

int shopify_cost(struct shopify *shopify, const struct document *document, const char *key)
{
    int cost = 0;
    struct err err;
    for (size_t i = 0; i < shopify->known_count; i++)
        if (strcmp(shopify->known[i].key, key) == 0)
            return shopify->known[i].cost;
    if (!limiter_cost_known(shopify->attempt->limiter, key, &cost, &err))
        return document->cost; /* Redis is away: the take that follows says so */
    if (cost <= 0)
        cost = document->cost;
    remember_cost(shopify, key, cost);
    return cost;
}

void shopify_cost_seen(struct shopify *shopify, const struct document *document, const char *key,
                       int cost)
{
    struct err err;
    if (cost <= 0 || shopify_cost(shopify, document, key) == cost)
        return;
    log_info("shopify.cost", TEXT("document", document->name), NUM("written", document->cost),
             NUM("requested", cost));
    remember_cost(shopify, key, cost);
    if (!limiter_cost_learn(shopify->attempt->limiter, key, cost, &err))
        log_warn("shopify.cost.learn", TEXT("why", err.text));
}

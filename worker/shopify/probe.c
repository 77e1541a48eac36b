/* probe.c - what of the way to a store works, step by step. Reads only. */
#include <string.h>

#include "shopify/room.h"

enum { REACH_TIMEOUT_MS = 15000 };

static void fail_at(json *facts, const char *step, const struct err *why)
{
    json_set_text(facts, "step", step);
    json_set_text(facts, "error", why->text);
    json_set_int(facts, "error_code", why->code);
}

/* What ends the attempt instead of telling something about the store. */
static bool ends(const struct err *why, struct err *err)
{
    if (why->kind != ERR_CANCELLED && why->kind != ERR_THROTTLED)
        return false;
    *err = *why;
    return true;
}

/* A call without a token: a store that is there answers 401. */
static bool reach(struct shopify *shopify, json *facts, bool *there, struct err *err)
{
    static const char *const HEADERS[] = {"Content-Type: application/json",
                                          "Accept: application/json", NULL};
    struct http_call call = {
        .method = "POST",
        .url = shopify->url,
        .connect_to = shopify->connect_to,
        .headers = HEADERS,
        .body = "{}",
        .body_size = 2,
        .timeout_ms = REACH_TIMEOUT_MS,
        .max_answer = 64 << 10,
        .label = "shopify probe",
    };
    struct err why = {0};
    bool ok = attempt_exchange(shopify->attempt, &call, err);
    *there = ok && call.err.kind == ERR_NONE && call.status != 404;
    if (ok && call.err.kind != ERR_NONE) {
        fail_at(facts, "address", &call.err);
    } else if (ok && call.status == 404) {
        err_set(&why, ERR_FATAL, 404, "there is no store %s", shopify->store);
        fail_at(facts, "address", &why);
    }
    if (ok && call.err.kind == ERR_NONE) {
        json_set_int(facts, "status", call.status);
        json_set_int(facts, "date_ms", http_date_ms(&call));
        json_set_int(facts, "our_ms", clock_now_ms(shopify->attempt->clock));
    }
    http_call_drop(&call);
    return ok;
}

/* How long the token still lives; what another process refreshes meanwhile is left alone. */
static void add_token(struct shopify *shopify, json *facts)
{
    struct token_name name = {shopify->token_name, shopify->credential.secret};
    struct token token = {0};
    struct err ignored;
    json_set_text(facts, "credential", shopify->credential.name);
    json_set_text(facts, "credential_kind", shopify->credential.kind);
    if (credential_is(&shopify->credential, "shopify-token") ||
        !limiter_token_get(shopify->attempt->limiter, &name, NULL, &token, &ignored))
        return;
    if (token.fence[0] &&
        !limiter_token_abandon(shopify->attempt->limiter, &name, &token, &ignored))
        token.left_ms = 0; /* the lock ends by itself */
    if (token.left_ms > 0)
        json_set_int(facts, "token_left_ms", token.left_ms);
    token_drop(&token);
}

static void add_store(const json *data, json *facts)
{
    const json *scopes = json_get(json_get(data, "currentAppInstallation"), "accessScopes");
    json *granted = json_new_array();
    for (size_t i = 0; i < json_count(scopes); i++)
        json_add_text(granted, json_text(json_at(scopes, i), "handle"));
    json_set(facts, "scopes", granted);
    json_set(facts, "shop", json_copy(json_get(data, "shop")));
}

static bool ask(struct shopify *shopify, const char *document, json **data, struct err *err)
{
    struct shopify_call call = {.document = document, .variables = json_new_object()};
    bool ok = shopify_ask(shopify->attempt, &call, err);
    if (ok)
        *data = json_copy(call.data);
    shopify_call_drop(&call);
    return ok;
}

bool shopify_probe(struct attempt *attempt, json *facts, struct err *err)
{
    struct shopify *shopify;
    struct err why = {0};
    bool there = false;
    OWN_JSON json *store = NULL, *versions = NULL;
    json_set_text(facts, "store", attempt->shop->store);
    json_set_text(facts, "asked", attempt->shop->api_version);
    if (!shopify_of(attempt, &shopify, &why)) {
        fail_at(facts, "credential", &why);
        return !ends(&why, err);
    }
    if (!reach(shopify, facts, &there, err))
        return false;
    if (!there)
        return true;
    if (!shopify_token(shopify, false, &why)) {
        fail_at(facts, "token", &why);
        return !ends(&why, err);
    }
    if (!ask(shopify, "shop-info", &store, &why)) {
        bool version = *shopify->served && strcmp(shopify->served, shopify->version) != 0;
        json_set_text(facts, "served", shopify->served);
        fail_at(facts, version ? "version" : why.code == 401 ? "token" : "store", &why);
        return !ends(&why, err);
    }
    add_token(shopify, facts);
    add_store(store, facts);
    json_set_text(facts, "served", shopify->served);
    if (!ask(shopify, "api-versions", &versions, &why)) {
        fail_at(facts, "versions", &why);
        return !ends(&why, err);
    }
    json_set(facts, "versions", json_copy(json_get(versions, "publicApiVersions")));
    json_set_text(facts, "step", "done");
    return true;
}

/* probe.c - what of the way to a store works, step by step. Reads only. */
#include <string.h>

#include "attempt_finding.h"
#include "shopify/room.h"

enum { REACH_TIMEOUT_MS = 15000 };

/* A call without a token: a store that is there answers 401. */
static bool reach(struct shopify *shopify, json *facts, struct err *why, struct err *err)
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
    bool ok = finding_reach(shopify->attempt, &call, facts, err);
    *why = call.err;
    if (ok && why->kind == ERR_NONE && call.status == 404)
        err_set(why, ERR_FATAL, 404, "there is no store %s", shopify->store);
    http_call_drop(&call);
    return ok;
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
    OWN_JSON json *store = NULL, *versions = NULL;
    json_set_text(facts, "store", attempt->shop->store);
    json_set_text(facts, "asked", attempt->shop->api_version);
    if (!shopify_of(attempt, &shopify, &why))
        return finding_failed(facts, "credential", &why, err);
    if (!reach(shopify, facts, &why, err))
        return false;
    if (why.kind != ERR_NONE)
        return finding_failed(facts, "address", &why, err);
    if (!shopify_token(shopify, false, &why))
        return finding_failed(facts, "token", &why, err);
    if (!ask(shopify, "shop-info", &store, &why)) {
        bool version = *shopify->served && strcmp(shopify->served, shopify->version) != 0;
        json_set_text(facts, "served", shopify->served);
        return finding_failed(facts,
                              version           ? "version"
                              : why.code == 401 ? "token"
                                                : "store",
                              &why, err);
    }
    finding_token(attempt, &shopify->credential, shopify->token_name, "shopify-token", facts);
    add_store(store, facts);
    json_set_text(facts, "served", shopify->served);
    if (!ask(shopify, "api-versions", &versions, &why))
        return finding_failed(facts, "versions", &why, err);
    json_set(facts, "versions", json_copy(json_get(versions, "publicApiVersions")));
    json_set_text(facts, "step", "done");
    return true;
}

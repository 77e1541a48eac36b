/* products_publish.c - new products on the shop's sales channels. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operations/products_run.h"

enum { MOST = 50 };

static bool named(const char *list, const char *handle)
{
    size_t size = strlen(handle);
    for (const char *at = list; *at && size > 0; at += strspn(at, ", ")) {
        size_t part = strcspn(at, ", ");
        if (part == size && strncmp(at, handle, size) == 0)
            return true;
        at += part;
    }
    return false;
}

bool products_channels(struct products *run, struct err *err)
{
    if (run->channels)
        return true;
    struct shopify_call call = {.document = "publications-list"};
    if (!shopify_ask(run->attempt, &call, err))
        return err_wrap(err, "list sales channels");
    json *input = json_new_array();
    const json *nodes = json_path(call.data, "publications.nodes");
    for (size_t i = 0; i < json_count(nodes); i++) {
        const json *node = json_at(nodes, i);
        const json *app = json_path(node, "catalog.apps.nodes.0");
        if (!named(run->shop->sales_channels, json_text(app, "handle")))
            continue;
        json *row = json_new_object();
        json_set_text(row, "publicationId", json_text(node, "id"));
        json_add(input, row);
    }
    shopify_call_drop(&call);
    run->channels = input;
    return true;
}

void product_published_log(const char *product, const struct shopify_call *call)
{
    const json *refusal = json_at(call->user_errors, 0);
    if (refusal || call->err.kind != ERR_NONE)
        log_warn("product.not_published", TEXT("product", product),
                 TEXT("why", refusal ? json_text(refusal, "message") : call->err.text));
}

bool products_publish(struct products *run, const char *const gids[], size_t count, struct err *err)
{
    struct shopify_call calls[MOST];
    assert(count <= MOST);
    if (count == 0 || !*run->shop->sales_channels)
        return true;
    if (!products_channels(run, err))
        return false;
    if (json_count(run->channels) == 0)
        return true;
    for (size_t i = 0; i < count; i++) {
        json *variables = json_new_object();
        json_set_text(variables, "id", gids[i]);
        json_set(variables, "input", json_copy(run->channels));
        calls[i] = (struct shopify_call){.document = "product-publish",
                                         .variables = variables,
                                         .user_errors_at = "publishablePublish"};
    }
    bool ok = shopify_call_all(run->attempt, calls, count, err);
    for (size_t i = 0; i < count; i++) {
        if (ok)
            product_published_log(gids[i], &calls[i]);
        shopify_call_drop(&calls[i]);
    }
    return ok || err_wrap(err, "publish products");
}

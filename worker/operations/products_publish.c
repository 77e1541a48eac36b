/* products_publish.c - new products on the shop's sales channels.
 *
 * Idempotency: publishing twice is publishing once. What is created stands in `publish:<shop>`
 * until Shopify has answered that it is published, or that it refuses to: whoever comes next
 * publishes what a killed run has left there.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operations/products_run.h"

static size_t pack_size(size_t left)
{
    return left < PUBLISH_A_CALL ? left : PUBLISH_A_CALL;
}

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

static void product_not_published(const char *product, const char *why)
{
    log_warn("product.not_published", TEXT("product", product), TEXT("why", why));
}

void product_published_log(const char *product, const struct shopify_call *call)
{
    const json *refusal = json_at(call->user_errors, 0);
    if (refusal || call->err.kind != ERR_NONE)
        product_not_published(product, refusal ? json_text(refusal, "message") : call->err.text);
}

/* ---- what is to be published ---- */

char *products_publish_key(const struct products *run)
{
    return mem_printf("publish:%s", run->shop->code);
}

static const char *id_of(const char *gid)
{
    const char *id = strrchr(gid, '/');
    return id ? id + 1 : gid;
}

void products_publish_note(struct products *run, const char *gid)
{
    char now[32];
    OWN_TEXT char *key = products_publish_key(run);
    snprintf(now, sizeof now, "%" PRId64, products_now_ms(run));
    if (*run->shop->sales_channels)
        write_add(run->write, "ZADD", key, now, id_of(gid), NULL);
}

static void over(struct products *run, const char *gid)
{
    OWN_TEXT char *key = products_publish_key(run);
    write_add(run->write, "ZREM", key, id_of(gid), NULL);
}

/* ---- publishing ---- */

/* The document is of so many products; it repeats its first where there are fewer. */
static struct shopify_call pack_call(const struct products *run, const char *const gids[],
                                     size_t count)
{
    json *variables = json_new_object();
    json_set(variables, "input", json_copy(run->channels));
    for (size_t i = 0; i < PUBLISH_A_CALL; i++) {
        OWN_TEXT char *name = mem_printf("p%zu", i), *has = mem_printf("has%zu", i);
        json_set_text(variables, name, gids[i < count ? i : 0]);
        if (i > 0)
            json_set_bool(variables, has, i < count);
    }
    return (struct shopify_call){
        .document = "products-publish", .variables = variables, .user_errors_at = "p0"};
}

static void pack_done(struct products *run, const struct shopify_call *call,
                      const char *const gids[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        OWN_TEXT char *errors = mem_printf("p%zu.userErrors", i);
        const json *refusal = json_at(json_path(call->data, errors), 0);
        if (refusal)
            product_not_published(gids[i], json_text(refusal, "message"));
        over(run, gids[i]);
    }
}

/* One that is gone fails its whole document, so each goes by itself. */
static bool publish_singly(struct products *run, const char *const gids[], size_t count,
                           struct err *err)
{
    struct shopify_call calls[PUBLISH_A_CALL];
    assert(count <= PUBLISH_A_CALL);
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
        product_published_log(gids[i], &calls[i]);
        if (calls[i].err.kind == ERR_NONE || calls[i].err.kind == ERR_FATAL)
            over(run, gids[i]);
        shopify_call_drop(&calls[i]);
    }
    return ok;
}

bool publish_calls(struct products *run, const char *const gids[], size_t count,
                   struct shopify_call out[], size_t *used, struct err *err)
{
    *used = 0;
    if (count == 0 || !*run->shop->sales_channels)
        return true;
    if (!products_channels(run, err))
        return false;
    for (size_t i = 0; i < count && json_count(run->channels) == 0; i++)
        over(run, gids[i]);
    for (size_t i = 0; i < count && json_count(run->channels) > 0; i += PUBLISH_A_CALL)
        out[(*used)++] = pack_call(run, gids + i, pack_size(count - i));
    return true;
}

bool publish_answered(struct products *run, const char *const gids[], size_t count,
                      struct shopify_call calls[], size_t used, bool ok, struct err *err)
{
    for (size_t i = 0; i < used; i++) {
        const char *const *pack = gids + i * PUBLISH_A_CALL;
        size_t size = pack_size(count - i * PUBLISH_A_CALL);
        bool answered = calls[i].err.kind == ERR_NONE;
        if (answered)
            pack_done(run, &calls[i], pack, size);
        shopify_call_drop(&calls[i]);
        ok = ok && (answered || publish_singly(run, pack, size, err));
    }
    return ok || err_wrap(err, "publish products");
}

bool products_publish(struct products *run, const char *const gids[], size_t count, struct err *err)
{
    struct shopify_call *calls = mem_array(count / PUBLISH_A_CALL + 1, sizeof *calls);
    size_t used;
    bool ok = publish_calls(run, gids, count, calls, &used, err);
    if (ok && used > 0)
        ok = shopify_call_all(run->attempt, calls, used, err);
    ok = publish_answered(run, gids, count, calls, used, ok, err);
    free(calls);
    return ok;
}

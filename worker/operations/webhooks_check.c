/* webhooks_check.c - compares the webhooks that a store sends us with those that should come, and
 * registers what is missing.
 *
 * A subscription has no key of ours: its topic and address are one, and Shopify refuses a second
 * of the same. So all are listed first, and whatever is created or deleted twice is refused without
 * harm. Only subscriptions at this shop's address are ours; those at another host stay, because a
 * copy of this data set may wait there.
 */
#include <string.h>

#include "base/log.h"
#include "model/operations.h"
#include "model/webhooks.h"
#include "operations/operations_table.h"
#include "operations/webhooks.h"
#include "shopify/shopify.h"
#include "store/hooks.h"

enum { PAGE = 100 };

struct look {
    struct attempt *attempt;
    const char *base, *uri; /* ours without the key, and with the present one */
    json *stand;            /* what Shopify has of ours: its nodes */
    json *topics;           /* what was found, a row each */
    bool mend;
};

static void found(struct look *look, const char *topic, const char *state, const char *why)
{
    json *row = json_new_object();
    json_set_text(row, "topic", topic);
    json_set_text(row, "state", state);
    if (*why)
        json_set_text(row, "why", why);
    json_add(look->topics, row);
}

/* ---- what Shopify has ---- */

static bool list(struct look *look, struct err *err)
{
    OWN_TEXT char *after = NULL;
    for (bool more = true; more;) {
        struct shopify_call call = {.document = "webhooks-list", .variables = json_new_object()};
        json_set_int(call.variables, "first", PAGE);
        if (after)
            json_set_text(call.variables, "after", after);
        bool ok = shopify_ask(look->attempt, &call, err);
        const json *page = json_get(call.data, "webhookSubscriptions"),
                   *info = json_get(page, "pageInfo"), *nodes = json_get(page, "nodes");
        for (size_t i = 0; ok && i < json_count(nodes); i++)
            if (strncmp(json_text(json_at(nodes, i), "uri"), look->base, strlen(look->base)) == 0)
                json_add(look->stand, json_copy(json_at(nodes, i)));
        more = ok && json_flag(info, "hasNextPage", false);
        own_text_cleanup_(&after);
        after = more ? mem_text(json_text(info, "endCursor")) : NULL;
        shopify_call_drop(&call);
        if (!ok)
            return err_wrap(err, "list the webhooks of %s", look->attempt->shop->store);
    }
    return true;
}

static bool is_right(const struct look *look, const json *node)
{
    return strcmp(json_text(node, "uri"), look->uri) == 0 &&
           strcmp(json_text(json_get(node, "apiVersion"), "handle"),
                  look->attempt->shop->api_version) == 0;
}

/* ---- what should be ---- */

/* An operation is wanted where an entry of this shop waits for it. */
static bool has_entry(struct attempt *attempt, const char *operation, bool *has, struct err *err)
{
    OWN_JSON json *rows = NULL;
    if (!entries_of_shop(attempt, operation, &rows, err))
        return false;
    *has = json_count(rows) > 0;
    return true;
}

static bool wanted_topics(struct look *look, const struct webhook *wanted[], size_t *count,
                          struct err *err)
{
    const char *operation = "";
    bool has = false;
    *count = 0;
    for (size_t i = 0; i < SHOPIFY_WEBHOOK_COUNT; i++) {
        const struct webhook *row = &SHOPIFY_WEBHOOKS[i];
        if (strcmp(row->operation, operation) != 0 &&
            !has_entry(look->attempt, row->operation, &has, err))
            return false;
        operation = row->operation;
        bool listed = *count && strcmp(wanted[*count - 1]->topic, row->topic) == 0;
        if (has && !listed && (!row->wanted || row->wanted(look->attempt->shop)))
            wanted[(*count)++] = row;
    }
    return true;
}

/* ---- mending ---- */

/* Its userErrors, in the words of Shopify; "" = none. */
static bool change(struct look *look, struct shopify_call *call, json **refused, struct err *err)
{
    bool ok = shopify_ask(look->attempt, call, err);
    const char *why = call->not_allowed ? "the shop's setting allow_writes is off"
                                        : json_text(json_at(call->user_errors, 0), "message");
    *refused = json_new_object();
    json_set_text(*refused, "why", ok ? why : "");
    shopify_call_drop(call);
    return ok;
}

static bool create(struct look *look, const struct webhook *row, struct err *err)
{
    static const char *const TRIMMED[] = {"id", "admin_graphql_api_id", "updated_at"};
    char name[WEBHOOK_TOPIC];
    OWN_JSON json *refused = NULL;
    json *variables = json_new_object(), *subscription = json_new_object();
    webhook_topic_name(row->topic, name);
    json_set_text(variables, "topic", name);
    json_set_text(subscription, "uri", look->uri);
    json_set_text(subscription, "format", "JSON");
    if (row->record && strcmp(row->record, "id") == 0) {
        json *fields = json_new_array();
        for (size_t i = 0; i < COUNT(TRIMMED); i++)
            json_add_text(fields, TRIMMED[i]);
        json_set(subscription, "includeFields", fields);
    }
    json_set(variables, "subscription", subscription);
    struct shopify_call call = {.document = "webhook-create",
                                .variables = variables,
                                .user_errors_at = "webhookSubscriptionCreate"};
    if (!change(look, &call, &refused, err))
        return err_wrap(err, "register webhook %s", row->topic);
    const char *why = json_text(refused, "why");
    look->attempt->counts.created += !*why;
    look->attempt->counts.failed += *why != 0;
    found(look, row->topic, *why ? "refused" : "made", why);
    return true;
}

static bool remove_one(struct look *look, const json *node, struct err *err)
{
    OWN_JSON json *refused = NULL;
    json *variables = json_new_object();
    json_set_text(variables, "id", json_text(node, "id"));
    struct shopify_call call = {.document = "webhook-delete",
                                .variables = variables,
                                .user_errors_at = "webhookSubscriptionDelete"};
    if (!change(look, &call, &refused, err))
        return err_wrap(err, "delete webhook %s", json_text(node, "topic"));
    look->attempt->counts.updated += !*json_text(refused, "why");
    return true;
}

static bool is_of(const json *node, const struct webhook *row)
{
    char name[WEBHOOK_TOPIC];
    webhook_topic_name(row->topic, name);
    return strcmp(json_text(node, "topic"), name) == 0;
}

/* What stands, less what is wrong: no longer wanted, at an older address, of another version. */
static bool clear(struct look *look, const struct webhook *const wanted[], size_t count,
                  bool stands[], struct err *err)
{
    for (size_t i = 0; i < json_count(look->stand); i++) {
        const json *node = json_at(look->stand, i);
        bool right = false;
        for (size_t k = 0; k < count && !right; k++) {
            right = !stands[k] && is_of(node, wanted[k]) && is_right(look, node);
            stands[k] |= right;
        }
        if (right)
            continue;
        if (look->mend && !remove_one(look, node, err))
            return false;
        found(look, json_text(node, "topic"), look->mend ? "removed" : "wrong", "");
    }
    return true;
}

static bool compare(struct look *look, struct err *err)
{
    const struct webhook *wanted[SHOPIFY_WEBHOOK_MOST];
    bool stands[SHOPIFY_WEBHOOK_MOST] = {false};
    size_t count;
    if (!list(look, err) || !wanted_topics(look, wanted, &count, err) ||
        !clear(look, wanted, count, stands, err))
        return false;
    look->attempt->counts.read = (int64_t)json_count(look->stand);
    for (size_t i = 0; i < count; i++) {
        if (stands[i] || !look->mend)
            found(look, wanted[i]->topic, stands[i] ? "ok" : "missing", "");
        else if (!create(look, wanted[i], err))
            return false;
    }
    return true;
}

void webhooks_base(const struct attempt *attempt, const char *shop, struct buf *out)
{
    const char *address = attempt->company->public_address;
    size_t size = strlen(address);
    buf_printf(out, "%.*s", (int)(size && address[size - 1] == '/' ? size - 1 : size), address);
    hook_path(attempt->company->id, shop, out);
}

bool webhooks_look_shopify(struct attempt *attempt, bool mend, json *facts, struct err *err)
{
    OWN_HOOK_SECRETS struct hook_secrets secrets = {0};
    OWN_BUF struct buf base = {0}, uri = {0};
    OWN_JSON json *stand = json_new_array();
    char key[HOOK_KEY] = "";
    json *topics = json_new_array();
    json_set(facts, "topics", topics);
    if (!hook_secrets_read(attempt->ledger, attempt->shop->credential, &secrets, err))
        return false;
    hook_key(secrets.texts[0], attempt->company->id, attempt->shop->code, key);
    webhooks_base(attempt, attempt->shop->code, &base);
    buf_printf(&uri, "%s%s", buf_str(&base), key);
    struct look look = {.attempt = attempt,
                        .base = buf_str(&base),
                        .uri = buf_str(&uri),
                        .stand = stand,
                        .topics = topics,
                        .mend = mend};
    if (!compare(&look, err))
        return false;
    json_set_text(facts, "step", "done");
    return true;
}

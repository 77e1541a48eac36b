/* orders_facts.c - what filters ask for, from lists, rows and, where those do not say it, from one
 * question for many orders.
 *
 * A list of 250 orders costs 13 points, and 88 more with addresses, risks and tax lines in it; a
 * question by ids costs 9 for all of them. So lists stay small, and only runs whose filters need
 * more ask, of the orders that are new to them.
 */
#include "operations/orders_facts.h"

#include <string.h>

#include "base/ids.h"
#include "shopify/shopify.h"

static const char *tags_text(const json *node, struct arena *arena)
{
    OWN_BUF struct buf text = {0};
    const json *tags = json_get(node, "tags");
    for (size_t i = 0; i < json_count(tags); i++)
        buf_printf(&text, "%s[%s]", i ? " " : "", json_string(json_at(tags, i)));
    return arena_text(arena, buf_str(&text));
}

static const char *keys_text(const json *node, struct arena *arena)
{
    OWN_BUF struct buf text = {0};
    const json *list = json_get(node, "customAttributes");
    for (size_t i = 0; i < json_count(list); i++)
        buf_printf(&text, "%s%s", i ? "\n" : "", json_text(json_at(list, i), "key"));
    return arena_text(arena, buf_str(&text));
}

static const char *country(const json *node, const char *address)
{
    return json_text(json_get(node, address), "countryCodeV2");
}

static bool any_is(const json *list, const char *field, const char *wanted)
{
    for (size_t i = 0; i < json_count(list); i++)
        if (wanted ? strcmp(json_text(json_at(list, i), field), wanted) == 0
                   : json_flag(json_at(list, i), field, false))
            return true;
    return false;
}

/* What only an order's own document says; absent in a list. */
static void complete(const json *node, struct arena *arena, struct order_facts *out)
{
    out->complete = json_has(node, "taxLines");
    out->channel =
        order_channel(json_text(node, "sourceName"), json_text(json_get(node, "app"), "name"));
    out->sell_to = country(node, "displayAddress");
    out->ship_to = country(node, "shippingAddress");
    out->bill_to = country(node, "billingAddress");
    out->attributes = keys_text(node, arena);
    out->high_risk = any_is(json_path(node, "risk.assessments"), "riskLevel", "HIGH");
    out->channel_liable = any_is(json_get(node, "taxLines"), "channelLiable", NULL);
}

static const char *amount(const json *node, const char *set)
{
    return json_text(json_get(json_get(node, set), "shopMoney"), "amount");
}

void facts_of_node(const json *node, struct arena *arena, struct order_facts *out)
{
    *out = (struct order_facts){
        .id = staged_id(json_text(node, "id"), arena),
        .name = json_text(node, "name"),
        .financial = json_text(node, "displayFinancialStatus"),
        .fulfillment = json_text(node, "displayFulfillmentStatus"),
        .tags = tags_text(node, arena),
        .amount = amount(node, "totalPriceSet"),
        .vat = amount(node, "totalTaxSet"),
        .action = "",
        .fully_paid = json_flag(node, "fullyPaid", false),
        .confirmed = json_flag(node, "confirmed", false),
        .test = json_flag(node, "test", false),
    };
    complete(node, arena, out);
}

static const char *flag(bool value)
{
    return value ? "1" : "0";
}

void facts_write(struct write *write, const struct order_facts *facts, const char *updated)
{
    OWN_TEXT char *key = mem_printf("row:%s", facts->id);
    write_add(write, "HSET", key, "name", facts->name, "updated", updated, "financial",
              facts->financial, "fulfillment", facts->fulfillment, "tags", facts->tags, "amount",
              facts->amount, "paid", flag(facts->fully_paid), "confirmed", flag(facts->confirmed),
              "test", flag(facts->test), "action", facts->action, "vat", facts->vat, "facts",
              flag(facts->complete), NULL);
    if (facts->complete)
        write_add(write, "HSET", key, "channel", facts->channel, "sell_to", facts->sell_to,
                  "ship_to", facts->ship_to, "bill_to", facts->bill_to, "attributes",
                  facts->attributes, "risk", flag(facts->high_risk), "liable",
                  flag(facts->channel_liable), NULL);
}

/* The answer's texts outlive it in the arena. */
static void keep(struct order_facts *facts, const json *node, struct arena *arena)
{
    complete(node, arena, facts);
    facts->channel = arena_text(arena, facts->channel);
    facts->sell_to = arena_text(arena, facts->sell_to);
    facts->ship_to = arena_text(arena, facts->ship_to);
    facts->bill_to = arena_text(arena, facts->bill_to);
}

bool facts_complete(struct orders_sync *sync, struct order_facts *const facts[], size_t count,
                    struct arena *arena, struct err *err)
{
    size_t asked[STORE_PAGE], n = 0;
    assert(count <= STORE_PAGE);
    if (!order_filters_need_all(sync->filters))
        return true;
    json *ids = json_new_array(), *variables = json_new_object();
    for (size_t i = 0; i < count; i++) {
        if (facts[i]->complete)
            continue;
        json_add_text(ids, arena_printf(arena, "gid://shopify/Order/%s", facts[i]->id));
        asked[n++] = i;
    }
    json_set(variables, "ids", ids);
    struct shopify_call call = {.document = "orders-facts", .variables = variables};
    bool ok = n == 0 || shopify_ask(sync->attempt, &call, err);
    const json *nodes = ok ? json_get(call.data, "nodes") : NULL;
    for (size_t i = 0; ok && i < n; i++)
        if (json_at(nodes, i))
            keep(facts[asked[i]], json_at(nodes, i), arena);
    shopify_call_drop(&call);
    return ok || err_wrap(err, "ask what the filters need");
}

void facts_picture(const json *node, char out[static PICTURE])
{
    static const char *const FIELDS[] = {"name",
                                         "cancelledAt",
                                         "test",
                                         "confirmed",
                                         "fullyPaid",
                                         "tags",
                                         "poNumber",
                                         "returnStatus",
                                         "displayFinancialStatus",
                                         "subtotalLineItemsQuantity",
                                         "currentSubtotalLineItemsQuantity"};
    static const char *const AMOUNTS[] = {"totalPriceSet", "totalTaxSet", "currentTotalPriceSet",
                                          "totalRefundedSet"};
    OWN_BUF struct buf text = {0};
    for (size_t i = 0; i < COUNT(FIELDS); i++) {
        const json *value = json_get(node, FIELDS[i]);
        buf_printf(&text, "%s\n", value ? json_write(value) : "");
    }
    for (size_t i = 0; i < COUNT(AMOUNTS); i++)
        buf_printf(&text, "%s\n", amount(node, AMOUNTS[i]));
    digest_hex(buf_str(&text), text.size, 16, out);
}

/* order_sync.c - orders read again because a person asks for exactly these.
 *
 * A known order is asked for by Shopify's number, in the shop that has it; a name that is not known
 * is looked for in the store of the shop that was given.
 */
#include <inttypes.h>
#include <string.h>

#include "commands.h"
#include "follow.h"
#include "orders.h"
#include "sync.h"

enum { SHOPS = 20 };

struct wishes { /* what is asked of one shop */
    char shop[24];
    struct buf named;
};
struct wish_list {
    struct wishes items[SHOPS];
    size_t count;
    char only_shop[24]; /* the one of --shop, or the only one there is; "" = not looked for yet */
};

static void wish_list_drop(struct wish_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        buf_drop(&list->items[i].named);
}

static struct wishes *wishes_of(struct wish_list *list, const char *shop)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].shop, shop) == 0)
            return &list->items[i];
    if (list->count == SHOPS)
        return NULL;
    snprintf(list->items[list->count].shop, sizeof list->items[0].shop, "%s", shop);
    return &list->items[list->count++];
}

/* The shop of --shop, or the only one there is. */
static int the_shop(struct ctl *ctl, struct wish_list *list)
{
    OWN_JSON json *answer = NULL;
    OWN_BUF struct buf path = {0};
    if (*list->only_shop)
        return EXIT_OK;
    if (ctl->shop) {
        snprintf(list->only_shop, sizeof list->only_shop, "%s", ctl->shop);
        return EXIT_OK;
    }
    buf_text(&path, "/v1/shops");
    ctl_scope(ctl, &path, false);
    int code = ctl_ask(ctl, "GET", buf_str(&path), NULL, &answer);
    if (code != EXIT_OK)
        return code;
    const json *shops = json_get(answer, "shops");
    if (json_count(shops) != 1)
        return ctl_fail(ctl, EXIT_USAGE, "there are %zu shops; say which one (--shop SHOP)",
                        json_count(shops));
    snprintf(list->only_shop, sizeof list->only_shop, "%s", json_text(json_at(shops, 0), "code"));
    return EXIT_OK;
}

static int wish(struct ctl *ctl, struct wish_list *list, const char *text)
{
    OWN_JSON json *answer = NULL, *order = NULL;
    const json *orders;
    int code = orders_found(ctl, text, &answer, &orders);
    if (code == EXIT_OK && json_count(orders) > 0)
        code = order_named(ctl, text, &order); /* several are one too many */
    const char *shop = json_text(order, "shop");
    if (code == EXIT_OK && (!*shop || ctl->shop))
        code = the_shop(ctl, list);
    if (code != EXIT_OK)
        return code;
    struct wishes *wishes = wishes_of(list, *shop && !ctl->shop ? shop : list->only_shop);
    if (!wishes)
        return ctl_fail(ctl, EXIT_USAGE, "these are orders of more than %d shops", SHOPS);
    const char *named = order ? json_text(order, "id") : text;
    buf_printf(&wishes->named, "%s%s", wishes->named.size ? "," : "", named);
    return EXIT_OK;
}

static void told(struct ctl *ctl, const json *run, json *runs)
{
    OWN_BUF struct buf counts = {0};
    counts_text(json_get(run, "counts"), &counts);
    json_add(runs, json_copy(run));
    if (!ctl->json)
        fprintf(ctl->out, "run %" PRId64 " of %s: %s\n", json_int(run, "no", 0),
                json_text(run, "operation"), buf_str(&counts));
}

static int run_one(struct ctl *ctl, const char *operation, const json *arguments, json *runs)
{
    OWN_JSON json *run = NULL;
    int code = sync_waited(ctl, operation, arguments, &run);
    if (code == EXIT_OK)
        told(ctl, run, runs);
    return code;
}

/* The names that are known by now as Shopify's numbers, for the filter. */
static int process_named(struct ctl *ctl, const struct wishes *wishes, json *runs)
{
    OWN_JSON json *arguments = json_new_object();
    OWN_BUF struct buf filter = {0};
    for (const char *at = buf_str(&wishes->named); *at; at += strspn(at, ",")) {
        OWN_JSON json *order = NULL;
        OWN_TEXT char *name = mem_text_n(at, strcspn(at, ","));
        at += strcspn(at, ",");
        int code = order_named(ctl, name, &order);
        if (code != EXIT_OK)
            return code;
        buf_printf(&filter, "%s%s", filter.size ? "|" : "", json_text(order, "id"));
    }
    json_set_text(arguments, "shop", wishes->shop);
    if (filter.size)
        json_set_text(arguments, "order_id", buf_str(&filter));
    return run_one(ctl, "orders.process", arguments, runs);
}

static int sync_shop(struct ctl *ctl, const struct wishes *wishes, json *runs)
{
    OWN_JSON json *arguments = json_new_object();
    json_set_text(arguments, "shop", wishes->shop);
    if (wishes->named.size)
        json_set_text(arguments, "named", buf_str(&wishes->named));
    if (ctl->from)
        json_set_text(arguments, "from_time", ctl->from);
    if (ctl->to)
        json_set_text(arguments, "to_time", ctl->to);
    int code = run_one(ctl, "orders.sync", arguments, runs);
    return code == EXIT_OK && ctl->process ? process_named(ctl, wishes, runs) : code;
}

int command_order_sync(struct ctl *ctl)
{
    __attribute__((cleanup(wish_list_drop))) struct wish_list list = {0};
    OWN_JSON json *answer = json_new_object();
    json *runs = json_new_array();
    int code = EXIT_OK;
    json_set(answer, "runs", runs);
    if (!ctl->arg_count && !ctl->from && !ctl->to)
        return ctl_fail(ctl, EXIT_USAGE, "name orders, or a time (--from, --to)");
    if (ctl->arg_count && (ctl->from || ctl->to))
        return ctl_fail(ctl, EXIT_USAGE, "name orders or a time, not both");
    for (size_t i = 0; i < ctl->arg_count && code == EXIT_OK; i++)
        code = wish(ctl, &list, ctl->args[i]);
    if (code == EXIT_OK && !ctl->arg_count) {
        code = the_shop(ctl, &list);
        if (code == EXIT_OK)
            wishes_of(&list, list.only_shop);
    }
    for (size_t i = 0; i < list.count && code == EXIT_OK; i++)
        code = sync_shop(ctl, &list.items[i], runs);
    if (code == EXIT_OK && ctl->json)
        ctl_print_json(ctl, answer);
    return code;
}

/* cue_actions.c - what may be done about a row of a list, or about all of one reason.
 *
 * An action is a call of this API, with the words of the command line that do the same. `asks` are
 * values that a person gives: they take the place of the body's fields of that name. `then` is the
 * action that makes the change count, where it does not by itself.
 */
#include <stdio.h>
#include <string.h>

#include "admin/actions.h"
#include "admin/cues.h"

enum { WAITS_MOST = 5 };

/* ---- building ---- */

static json *coded(const char *code, const char *title, const char *method, const char *path)
{
    json *action = action_new(title, method, path);
    json_set_text(action, "code", code);
    return action;
}

static char *path_of(const struct scope *scope, const char *path)
{
    return scope->alone
               ? mem_text(path)
               : mem_printf("%s%ccompany=%s", path, strchr(path, '?') ? '&' : '?', scope->company);
}

static void set_command(json *action, const struct scope *scope, const char *command,
                        const char *behind)
{
    OWN_TEXT char *text =
        mem_printf("%s%s%s%s%s", command, scope->alone ? "" : " --company \"",
                   scope->alone ? "" : scope->name, scope->alone ? "" : "\"", behind);
    json_set_text(action, "command", text);
}

static void add_ask(json *action, const char *name, const char *title, const char *kind)
{
    json *ask = json_new_object(), *asks = json_get(action, "asks");
    if (!asks) {
        asks = json_new_array();
        json_set(action, "asks", asks);
    }
    json_set_text(ask, "name", name);
    json_set_text(ask, "title", title);
    json_set_text(ask, "kind", kind);
    if (strcmp(kind, "text") == 0) /* a setting: its title is its name */
        json_set_text(ask, "code", "value");
    json_add(asks, ask);
}

/* ---- the actions there are ---- */

/* Not to be changed: every row that offers it has the same one. */
static json *run(const struct scope *scope, const char *operation, const char *code,
                 const char *title)
{
    json *made = json_get(scope->runs, operation);
    if (made)
        return json_share(made);
    OWN_TEXT char *path = path_of(scope, "/v1/sync");
    OWN_TEXT char *command = mem_printf("cartage sync %s --shop %s", operation, scope->code);
    json *action = coded(code, title, "POST", path), *body = json_new_object();
    json_set_text(body, "operation", operation);
    json_set_text(body, "shop", scope->code);
    json_set(action, "body", body);
    set_command(action, scope, command, "");
    json_set(scope->runs, operation, action);
    return json_share(action);
}

static json *process(const struct scope *scope)
{
    return run(scope, "orders.process", "process", "Process the orders");
}

static json *send_shipments(const struct scope *scope)
{
    return run(scope, "shipments.sync", "send", "Send the shipments");
}

/* The whole group at once (cue_cure.c). */
static json *cure(const struct cue *cue, const struct scope *scope, const struct group *group,
                  const char *verb, const char *title)
{
    OWN_TEXT char *plain = mem_printf("/v1/cues/%s/cure", cue->name);
    OWN_TEXT char *path = path_of(scope, plain);
    OWN_TEXT char *command = mem_printf("cartage cue cure %s %s --reason %s --shop %s", cue->name,
                                        verb, group->key, scope->code);
    json *action = coded(verb, title, "POST", path), *body = json_new_object();
    json_set_text(body, "action", verb);
    json_set_text(body, "shop", scope->code);
    json_set_text(body, "reason", group->key);
    json_set(action, "body", body);
    set_command(action, scope, command, "");
    return action;
}

/* value "" = a person gives it. */
static json *set(const struct scope *scope, const char *setting, const char *value, json *then)
{
    OWN_TEXT char *plain = mem_printf("/v1/shops/%s", scope->code);
    OWN_TEXT char *path = path_of(scope, plain);
    OWN_TEXT char *title =
        mem_printf("Set %s%s%s of the shop", setting, *value ? " = " : "", value);
    OWN_TEXT char *command =
        mem_printf("cartage shop set %s %s=%s", scope->code, setting, *value ? value : "VALUE");
    json *action = coded("set", title, "PATCH", path), *body = json_new_object();
    json *values = json_new_object();
    bool on = strcmp(value, "true") == 0;
    if (on || strcmp(value, "false") == 0)
        json_set_bool(body, setting, on);
    else
        json_set_text(body, setting, value);
    json_set(action, "body", body);
    json_set(action, "values", values);
    json_set_text(values, "setting", setting);
    json_set_text(values, "value", value);
    if (!*value)
        add_ask(action, setting, setting, "text");
    set_command(action, scope, command, "");
    if (then)
        json_set(action, "then", then);
    return action;
}

/* What is missing has a list of its own. */
static json *open_list(const struct scope *scope, const char *cue, const char *title)
{
    OWN_TEXT char *plain = mem_printf("/v1/cues/%s/rows?shop=%s", cue, scope->code);
    OWN_TEXT char *path = path_of(scope, plain);
    OWN_TEXT char *command = mem_printf("cartage cue show %s --shop %s", cue, scope->code);
    json *action = coded("open", title, "GET", path);
    json_set_text(action, "list", cue);
    set_command(action, scope, command, "");
    return action;
}

static json *post_to(const struct scope *scope, const char *code, const char *title,
                     const char *plain, const char *command, const char *behind)
{
    OWN_TEXT char *path = path_of(scope, plain);
    json *action = coded(code, title, "POST", path);
    json_set(action, "body", json_new_object());
    set_command(action, scope, command, behind);
    return action;
}

static json *map_one(const struct scope *scope, enum mapping kind, const char *id, const char *name)
{
    const char *word = mapping_word(kind);
    const char *customer =
        kind == MAPPING_CUSTOMER ? json_text(scope->settings, "default_customer") : "";
    OWN_TEXT char *plain = mem_printf("/v1/mappings/%s/%s", mapping_words(kind), id);
    OWN_TEXT char *path = path_of(scope, plain);
    OWN_TEXT char *title = mem_printf("Map %s%s%s", word, *name ? " " : "", name);
    OWN_TEXT char *command =
        mem_printf("cartage map %s %s %s", word, id, *customer ? customer : "NUMBER");
    OWN_TEXT char *behind = mem_printf("%s%.60s", *name ? "  # " : "", name);
    json *action = coded("map", title, "PUT", path), *body = json_new_object();
    json_set_text(body, "number", customer);
    json_set(action, "body", body);
    bool item = kind == MAPPING_PRODUCT;
    add_ask(action, "number", item ? "Item number" : "Customer number", item ? word : "customer");
    set_command(action, scope, command, behind);
    json_set(action, "then", process(scope));
    return action;
}

/* ---- by reason ---- */

static const struct {
    enum reason reason;
    const char *setting, *value; /* value "" = a person gives it */
} SETTINGS[] = {
    {REASON_SHIPPING_ACCOUNT, "shipping_account",          ""           },
    {REASON_GIFT_CARD,        "gift_card_account",         ""           },
    {REASON_TIP,              "tip_account",               ""           },
    {REASON_ORDER_NUMBER,     "use_shopify_order_no",      "false"      },
    {REASON_REFUND_ACCOUNT,   "refund_account",            ""           },
    {REASON_CUSTOM_LINE,      "custom_line_account",       ""           },
    {REASON_LONG_NAME,        "external_document_prefix",  ""           },
    {REASON_REFUND_BY_HAND,   "return_and_refund_process", "auto-create"},
    {REASON_WRITES_OFF,       "allow_writes",              "true"       },
};

static json *set_for(const struct scope *scope, enum reason reason)
{
    for (size_t i = 0; i < COUNT(SETTINGS); i++) {
        if (SETTINGS[i].reason != reason)
            continue;
        bool ships = reason == REASON_WRITES_OFF;
        json *action = set(scope, SETTINGS[i].setting, SETTINGS[i].value,
                           ships ? send_shipments(scope) : process(scope));
        if (reason == REASON_REFUND_ACCOUNT) {
            json_set_text(json_get(action, "body"), "refund_account_non_restock", "");
            add_ask(action, "refund_account_non_restock", "refund_account_non_restock", "text");
            OWN_TEXT char *command = mem_printf("cartage shop set %s refund_account=VALUE "
                                                "refund_account_non_restock=VALUE",
                                                scope->code);
            set_command(action, scope, command, "");
        }
        return action;
    }
    return NULL;
}

static json *of_reason(const struct cue *cue, const struct scope *scope, const struct group *group)
{
    enum reason reason = reason_by_code(group->code);
    json *action = set_for(scope, reason);
    if (action)
        return action;
    switch (reason_row(reason)->class) {
    case CLASS_POSTING:
        return reason == REASON_DOCUMENT_GONE
                   ? cure(cue, scope, group, "done", "They are dealt with")
                   : cure(cue, scope, group, "post", "Post them again");
    case CLASS_UNSUPPORTED:
        return cure(cue, scope, group, "done", "They are booked by hand");
    case CLASS_SHIPMENT_WAITS:
        return send_shipments(scope);
    case CLASS_SHIPMENT_FAILED:
        return reason == REASON_THIRD_PARTY
                   ? cure(cue, scope, group, "done", "Shopify knows of them")
                   : cure(cue, scope, group, "retry", "Try them again");
    default:
        return process(scope);
    }
}

/* An order that goes to the shop's default customer names no record to map. */
static json *of_order_reason(const struct cue *cue, const struct scope *scope,
                             const struct group *group)
{
    switch (reason_by_code(group->code)) {
    case REASON_CUSTOMER_UNMAPPED:
        return open_list(scope, "unmapped_customers", "Map their customers");
    case REASON_COMPANY:
        return open_list(scope, "unmapped_companies", "Map their companies");
    case REASON_PRODUCT_UNMAPPED:
        return open_list(scope, "unmapped_products", "Map their products");
    default:
        return of_reason(cue, scope, group);
    }
}

static json *enable(const struct scope *scope)
{
    OWN_TEXT char *path = mem_printf("/v1/shops/%s/enable", scope->code);
    OWN_TEXT char *command = mem_printf("cartage shop enable %s", scope->code);
    return post_to(scope, "enable", "Enable the shop", path, command,
                   "  # first: its tasks fail while it is off");
}

static json *map_all(const struct cue *cue, const struct scope *scope, const struct group *group)
{
    bool person = cue->kind != CUE_PRODUCTS;
    const char *customer =
        cue->kind == CUE_CUSTOMERS ? json_text(scope->settings, "default_customer") : "";
    json *action = cure(cue, scope, group, "map",
                        person ? "Map them all to one customer" : "Map them all to one item");
    OWN_TEXT char *command =
        mem_printf("%s %s", json_text(action, "command"), *customer ? customer : "NUMBER");
    json_set_text(json_get(action, "body"), "number", customer);
    json_set_text(action, "command", command);
    add_ask(action, "number", person ? "Customer number" : "Item number",
            person ? "customer" : "product");
    json_set(action, "then", process(scope));
    return action;
}

json *action_of_group(const struct cue *cue, const struct scope *scope, const struct group *group)
{
    json *action;
    switch (cue->kind) {
    case CUE_CUSTOMERS:
    case CUE_PRODUCTS:
    case CUE_COMPANIES:
        return map_all(cue, scope, group);
    case CUE_ORDERS:
        return of_order_reason(cue, scope, group);
    case CUE_UPDATES:
        return cure(cue, scope, group, "resolve", "Their documents are put right");
    case CUE_DIFFERENCES:
        return cure(cue, scope, group, "accept", "Leave them as they are");
    case CUE_ENTRIES:
        action = cure(cue, scope, group, "restart", "Restart them");
        if (strcmp(group->code, "shop-disabled") != 0)
            return action;
        json *first = enable(scope);
        json_set(first, "then", action);
        return first;
    case CUE_SHIPMENTS_DUE:
        return strcmp(group->code, "new") == 0 ? send_shipments(scope)
                                               : of_reason(cue, scope, group);
    case CUE_LEFT:
        return NULL;
    default:
        return of_reason(cue, scope, group);
    }
}

/* ---- of one row ---- */

/* "customer:1 product:2": each can be mapped here. */
static void add_maps(const struct scope *scope, const char *waits, json *actions)
{
    char id[LIST_ID];
    for (int n = 0; *waits && n < WAITS_MOST; n++, waits += strspn(waits, " ")) {
        size_t size = strcspn(waits, " ");
        char word[16];
        enum mapping kind;
        size_t skip = strcspn(waits, ":") + 1;
        snprintf(word, sizeof word, "%.*s", (int)skip - 1, waits);
        if (skip < size && mapping_parse(word, &kind)) {
            snprintf(id, sizeof id, "%.*s", (int)(size - skip), waits + skip);
            json_add(actions, map_one(scope, kind, id, ""));
        }
        waits += size;
    }
}

static void order_actions(const struct scope *scope, const json *row, json *actions)
{
    const char *waits = json_text(json_get(row, "values"), "waits");
    enum reason reason = reason_by_code(json_text(row, "code"));
    json *other = set_for(scope, reason);
    add_maps(scope, waits, actions);
    if (reason == REASON_CUSTOMER_UNMAPPED && !*waits)
        other = set(scope, "default_customer", "", process(scope));
    if (other)
        json_add(actions, other);
    json_add(actions, process(scope));
}

static void shipment_actions(const struct cue *cue, const struct scope *scope, const json *row,
                             json *actions)
{
    const char *number = json_text(row, "name");
    OWN_BUF struct buf segment = {0};
    buf_escape(&segment, number); /* "S/1" is one */
    const char *named = buf_str(&segment);
    OWN_TEXT char *retry = mem_printf("/v1/shipments/%s/retry?shop=%s", named, scope->code);
    OWN_TEXT char *done = mem_printf("/v1/shipments/%s/done?shop=%s", named, scope->code);
    OWN_TEXT char *retry_command =
        mem_printf("cartage shipment retry %s --shop %s", number, scope->code);
    OWN_TEXT char *done_command =
        mem_printf("cartage shipment done %s --shop %s", number, scope->code);
    if (cue->kind == CUE_SHIPMENTS_FAILED) {
        json *again = post_to(scope, "retry", "Try it again", retry, retry_command, "");
        json_set(again, "then", send_shipments(scope));
        json_add(actions, again);
    } else {
        json *other = set_for(scope, reason_by_code(json_text(row, "code")));
        json_add(actions, other ? other : send_shipments(scope));
    }
    json_add(actions,
             post_to(scope, "done", "Nothing is to be told of it", done, done_command, ""));
}

static void skip_actions(const struct scope *scope, const json *row, json *actions)
{
    enum reason reason = reason_by_code(json_text(row, "code"));
    json *other = set_for(scope, reason);
    if (other)
        json_add(actions, other);
    if (reason_row(reason)->class == CLASS_WAITS && !other)
        json_add(actions, process(scope));
    if (reason_row(reason)->class == CLASS_POSTING && reason != REASON_DOCUMENT_GONE) {
        OWN_TEXT char *command = mem_printf("cartage post '%s'", json_text(row, "name"));
        json *action = post_to(scope, "post", "Post it again", "/v1/postings/mark", command, "");
        json *orders = json_new_array();
        json_add_text(orders, json_text(row, "name"));
        json_set(json_get(action, "body"), "orders", orders);
        json_add(actions, action);
    }
    OWN_TEXT char *command =
        mem_printf("cartage skips done '%s' --shop %s", json_text(row, "name"), scope->code);
    OWN_TEXT char *path = mem_printf("/v1/skips/done?shop=%s", scope->code);
    json *done = post_to(scope, "done", "It is booked by hand", path, command, "");
    json_set_text(json_get(done, "body"), "record", json_text(row, "id"));
    json_add(actions, done);
}

static void decide_actions(const struct cue *cue, const struct scope *scope, const json *row,
                           json *actions)
{
    bool update = cue->kind == CUE_UPDATES;
    const char *id = json_text(row, "id"), *name = json_text(row, "name");
    OWN_TEXT char *resolve = mem_printf("/v1/orders/%s/resolve", id);
    OWN_TEXT char *unlink = mem_printf("/v1/orders/%s/unlink", id);
    OWN_TEXT char *first = mem_printf("cartage order resolve '%s' --shop %s", name, scope->code);
    OWN_TEXT char *second = mem_printf("cartage order unlink '%s' --shop %s", name, scope->code);
    OWN_TEXT char *behind = update ? mem_printf("  # first in document %s: %s",
                                                json_text(json_get(row, "values"), "document"),
                                                json_text(json_get(row, "values"), "detail"))
                                   : mem_text("");
    json_add(actions, post_to(scope, update ? "resolve" : "accept",
                              update ? "Its document is put right" : "Leave it as it is", resolve,
                              first, behind));
    json *anew =
        post_to(scope, "unlink", "Its document is deleted: make another", unlink, second, "");
    json_set(anew, "then", process(scope));
    json_add(actions, anew);
}

static void entry_actions(const struct scope *scope, const json *row, json *actions)
{
    OWN_TEXT char *path = mem_printf("/v1/entries/%s/restart", json_text(row, "id"));
    OWN_TEXT char *command = mem_printf("cartage entry restart %s", json_text(row, "id"));
    OWN_TEXT char *behind =
        mem_printf("  # %s: %.160s", json_text(json_get(row, "values"), "operation"),
                   json_text(json_get(row, "values"), "detail"));
    if (strcmp(json_text(row, "code"), "shop-disabled") == 0)
        json_add(actions, enable(scope));
    json_add(actions, post_to(scope, "restart", "Restart it", path, command, behind));
}

void actions_of_row(const struct cue *cue, const struct scope *scope, json *row)
{
    json *actions = json_new_array();
    enum mapping kind;
    json_set(row, "actions", actions);
    switch (cue->kind) {
    case CUE_CUSTOMERS:
    case CUE_PRODUCTS:
    case CUE_COMPANIES:
        if (cue_maps(cue, &kind))
            json_add(actions, map_one(scope, kind, json_text(row, "id"), json_text(row, "name")));
        json_add(actions, process(scope));
        return;
    case CUE_ORDERS:
        order_actions(scope, row, actions);
        return;
    case CUE_UPDATES:
    case CUE_DIFFERENCES:
        decide_actions(cue, scope, row, actions);
        return;
    case CUE_SHIPMENTS_DUE:
    case CUE_SHIPMENTS_FAILED:
        shipment_actions(cue, scope, row, actions);
        return;
    case CUE_SKIPS:
        skip_actions(scope, row, actions);
        return;
    case CUE_ENTRIES:
        entry_actions(scope, row, actions);
        return;
    case CUE_LEFT:
        return;
    }
}

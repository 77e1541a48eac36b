/* orders.c - one order: found by any of its names, its life in both systems, what it waits for. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "orders.h"
#include "text.h"

/* ---- finding ---- */

static void list_found(struct ctl *ctl, const json *orders)
{
    static const char *const HEADS[] = {"ID",     "ORDER", "SHOP",    "STATE",
                                        "PLACED", "TOTAL", "DOCUMENT"};
    static const char *const FIELDS[] = {"id", "name", "shop", "state", "created"};
    struct table table = {.columns = COUNT(HEADS)};
    for (size_t i = 0; i < COUNT(HEADS); i++)
        table_cell(&table, "%s", HEADS[i]);
    for (size_t i = 0; i < json_count(orders); i++) {
        const json *order = json_at(orders, i);
        for (size_t k = 0; k < COUNT(FIELDS); k++) {
            const char *text = json_text(order, FIELDS[k]);
            table_cell(&table, "%s", *text ? text : "-");
        }
        table_cell(&table, "%s %s", json_text(order, "total"), json_text(order, "currency"));
        table_cell(&table, "%s",
                   *json_text(order, "document") ? json_text(order, "document") : "-");
    }
    table_print(&table, ctl->out);
}

int orders_found(struct ctl *ctl, const char *text, json **answer, const json **orders)
{
    OWN_BUF struct buf path = {0};
    buf_text(&path, "/v1/orders?find=");
    ctl_escape(&path, text);
    ctl_scope(ctl, &path, true);
    int code = ctl_ask(ctl, "GET", buf_str(&path), NULL, answer);
    *orders = json_get(*answer, "orders");
    return code;
}

int order_named(struct ctl *ctl, const char *text, json **order)
{
    OWN_JSON json *answer = NULL;
    const json *orders;
    int code = orders_found(ctl, text, &answer, &orders);
    if (code != EXIT_OK)
        return code;
    if (json_count(orders) == 1) {
        *order = json_copy(json_at(orders, 0));
        return EXIT_OK;
    }
    if (json_count(orders) == 0 && strchr(text, '@'))
        return ctl_fail(ctl, EXIT_NOT_FOUND,
                        "no order of %s is known; `cartage order sync '#NAME'` asks Shopify for "
                        "one by its name",
                        text);
    if (json_count(orders) == 0)
        return ctl_fail(
            ctl, EXIT_NOT_FOUND,
            "no order is known as \"%s\"; `cartage order sync '%s'` asks Shopify for it", text,
            text);
    list_found(ctl, orders);
    return ctl_fail(ctl, EXIT_CONFLICT, "%s%zu orders are known as \"%s\"; say which one by its id",
                    json_has(answer, "next") ? "more than " : "", json_count(orders), text);
}

/* ---- telling ---- */

static void line(struct table *table, const char *head, const char *text, const char *more)
{
    if (!*text && !*more)
        return;
    table_cell(table, "%s", head);
    table_cell(table, "%s%s%s", text, *text && *more ? "  " : "", more);
}

static void tell_totals(struct table *table, const json *order)
{
    OWN_BUF struct buf text = {0};
    const json *totals = json_get(order, "totals");
    if (!*json_text(totals, "shopify"))
        return;
    buf_printf(&text, "Shopify %s %s", json_text(totals, "shopify"), json_text(totals, "currency"));
    if (*json_text(totals, "erp"))
        buf_printf(&text, ", Business Central %s %s", json_text(totals, "erp"),
                   json_text(totals, "currency_used"));
    if (*json_text(totals, "difference"))
        buf_printf(&text, "; they differ: %s", json_text(totals, "difference"));
    if (*json_text(totals, "difference_reason"))
        buf_printf(&text, " (%s)", json_text(totals, "difference_reason"));
    line(table, "totals", buf_str(&text), "");
}

static void tell_customer(struct table *table, const json *order)
{
    OWN_BUF struct buf text = {0};
    const json *customer = json_get(order, "customer");
    const char *number = json_text(customer, "number"), *reason = json_text(customer, "reason");
    buf_text(&text, json_text(customer, "name"));
    if (*number)
        buf_printf(&text, "%scustomer %s", text.size ? " is " : "", number);
    else if (*reason)
        buf_printf(&text, "%snot mapped: %s", text.size ? ", " : "", reason);
    line(table, "customer", buf_str(&text), json_text(customer, "link"));
}

static void tell_lines(struct table *table, const json *order)
{
    const json *lines = json_get(order, "lines");
    for (size_t i = 0; i < json_count(lines); i++) {
        OWN_BUF struct buf text = {0};
        const json *row = json_at(lines, i);
        int64_t sold = json_int(row, "sold", 0), left = json_int(row, "quantity", 0);
        buf_printf(&text, "%" PRId64 " %.80s", left, json_text(row, "title"));
        if (sold != left)
            buf_printf(&text, " (%" PRId64 " were sold)", sold);
        buf_printf(&text, *json_text(row, "item") ? ": item %s" : ": not mapped",
                   json_text(row, "item"));
        line(table, i ? "" : "lines", buf_str(&text), "");
    }
}

static void tell_posting(struct table *table, const json *document)
{
    OWN_BUF struct buf text = {0};
    const json *posting = json_get(document, "posting");
    const char *invoice = json_text(document, "posted_number");
    const char *error = json_text(posting, "error");
    if (!posting && !*invoice)
        return;
    buf_text(&text, posting ? json_text(posting, "state") : "posted in Business Central");
    if (*invoice)
        buf_printf(&text, ", invoice %s", invoice);
    if (*json_text(document, "posted_shipment"))
        buf_printf(&text, ", shipment %s", json_text(document, "posted_shipment"));
    if (*json_text(posting, "reason"))
        buf_printf(&text, ": %s%s%s", json_text(posting, "reason"), *error ? ": " : "", error);
    line(table, "posting", buf_str(&text), json_text(document, "posted_link"));
}

static void tell_shipments(struct table *table, const json *order)
{
    const json *list = json_get(order, "shipments");
    for (size_t i = 0; i < json_count(list); i++) {
        OWN_BUF struct buf text = {0};
        const json *row = json_at(list, i);
        const char *marker = json_text(row, "marker"), *detail = json_text(row, "detail");
        buf_printf(&text, "%s of %s: ", json_text(row, "number"), json_text(row, "posted"));
        if (strcmp(marker, "0") == 0 || *marker == '-')
            buf_printf(&text, "%s%s%s",
                       *json_text(row, "text") ? json_text(row, "text") : "Shopify is to be told",
                       *detail ? ": " : "", detail);
        else
            buf_printf(&text, "fulfillment %s", json_text(row, "fulfillments"));
        line(table, i ? "" : "shipments", buf_str(&text), json_text(row, "link"));
    }
}

static void tell_transactions(struct table *table, const json *order)
{
    const json *list = json_get(order, "transactions");
    for (size_t i = 0; i < json_count(list); i++) {
        static const char *const MORE[][2] = {
            {"gift_card", ", gift card "  },
            {"fee",       ", fee "        },
            {"payout",    ", payout "     },
            {"invoice",   ", invoice "    },
            {"memo",      ", credit memo "}
        };
        const json *row = json_at(list, i);
        OWN_BUF struct buf text = {0};
        buf_printf(&text, "%s %s %s by %s", json_text(row, "kind"), json_text(row, "amount"),
                   json_text(row, "currency"), json_text(row, "gateway"));
        if (strcmp(json_text(row, "status"), "SUCCESS") != 0)
            buf_printf(&text, ", %s", json_text(row, "status"));
        for (size_t k = 0; k < COUNT(MORE); k++)
            if (*json_text(row, MORE[k][0]))
                buf_printf(&text, "%s%s", MORE[k][1], json_text(row, MORE[k][0]));
        line(table, i ? "" : "paid", buf_str(&text), "");
    }
}

static void tell_payments(struct table *table, const json *order)
{
    const json *list = json_get(order, "payments");
    for (size_t i = 0; i < json_count(list); i++) {
        const json *row = json_at(list, i);
        const char *payout = json_text(row, "payout");
        OWN_BUF struct buf text = {0};
        buf_printf(&text, "%s %s %s, fee %s: ", json_text(row, "type"), json_text(row, "amount"),
                   json_text(row, "currency"), json_text(row, "fee"));
        if (*payout)
            buf_printf(&text, "payout %s %s", payout, json_text(row, "status"));
        else
            buf_text(&text, "no payout yet");
        line(table, i ? "" : "payments", buf_str(&text), "");
    }
}

static void tell_to_send(struct table *table, const json *order)
{
    const json *list = json_get(order, "to_send");
    for (size_t i = 0; i < json_count(list); i++) {
        OWN_BUF struct buf text = {0};
        const json *row = json_at(list, i);
        buf_printf(&text, "%" PRId64 " of %" PRId64 " at location %s, %s",
                   json_int(row, "remaining", 0), json_int(row, "total", 0),
                   json_text(row, "location"), json_text(row, "status"));
        line(table, i ? "" : "to send", buf_str(&text), "");
    }
}

static void tell_refunds(struct table *table, const json *order)
{
    const json *refunds = json_get(order, "refunds"), *returns = json_get(order, "returns");
    for (size_t i = 0; i < json_count(returns); i++) {
        OWN_BUF struct buf text = {0};
        const json *row = json_at(returns, i);
        buf_printf(&text, "%s, %" PRId64 " pieces, %s", json_text(row, "name"),
                   json_int(row, "quantity", 0), json_text(row, "status"));
        line(table, i ? "" : "returns", buf_str(&text), "");
    }
    for (size_t i = 0; i < json_count(refunds); i++) {
        OWN_BUF struct buf text = {0};
        const json *row = json_at(refunds, i);
        const char *memo = json_text(row, "document"), *detail = json_text(row, "detail");
        buf_printf(&text, "%s of %s", json_text(row, "amount"), json_text(row, "created"));
        if (*memo)
            buf_printf(&text, ", credit memo %s of %s", memo, json_text(row, "erp"));
        else if (*json_text(row, "reason"))
            buf_printf(&text, ", no credit memo: %s%s%s", json_text(row, "reason"),
                       *detail ? ": " : "", detail);
        line(table, i ? "" : "refunds", buf_str(&text), json_text(row, "link"));
    }
}

static void tell_life(struct ctl *ctl, const json *order)
{
    static const char *const HEADS[] = {"TIME", "RUN", "WHAT", "DETAIL"};
    const json *life = json_get(order, "life");
    struct table table = {.columns = COUNT(HEADS)};
    if (!json_count(life))
        return;
    fputc('\n', ctl->out);
    for (size_t i = 0; i < COUNT(HEADS); i++)
        table_cell(&table, "%s", HEADS[i]);
    for (size_t i = 0; i < json_count(life); i++) {
        const json *event = json_at(life, i);
        char at[32];
        time_format(json_int(event, "at_ms", 0), false, at);
        table_cell(&table, "%s", at);
        if (json_int(event, "run", 0))
            table_cell(&table, "%" PRId64, json_int(event, "run", 0));
        else
            table_cell(&table, "-");
        table_cell(&table, "%s", json_text(event, "event"));
        table_cell(&table, "%s", json_text(event, "detail"));
    }
    table_print(&table, ctl->out);
}

static void tell(struct ctl *ctl, const json *order)
{
    struct table table = {.columns = 2};
    static const char *const STATUSES[] = {"financial", "fulfillment"};
    OWN_BUF struct buf state = {0}, document = {0};
    const json *held = json_get(order, "held"), *update = json_get(order, "update");
    const json *erp = json_get(order, "document"), *waits = json_get(order, "waits");
    line(&table, "order", json_text(order, "name"), json_text(order, "link"));
    line(&table, "placed", json_text(order, "created"), "");
    line(&table, "shop", *json_text(order, "shop") ? json_text(order, "shop") : "no shop has it",
         "");
    buf_printf(&state, "%s%s%s",
               *json_text(order, "state") ? json_text(order, "state") : "not imported",
               json_flag(order, "cancelled", false) ? ", cancelled" : "",
               json_flag(order, "archived", false) ? ", archived" : "");
    for (size_t i = 0; i < COUNT(STATUSES); i++)
        if (*json_text(order, STATUSES[i]))
            buf_printf(&state, ", %s", json_text(order, STATUSES[i]));
    line(&table, "state", buf_str(&state), "");
    if (held)
        line(&table, "held back", json_text(held, "text"), json_text(held, "detail"));
    tell_customer(&table, order);
    tell_lines(&table, order);
    if (erp)
        buf_printf(&document, "%s %s, external number %s", json_text(erp, "kind"),
                   json_text(erp, "number"), json_text(erp, "external"));
    line(&table, "document", buf_str(&document), json_text(erp, "link"));
    tell_posting(&table, erp);
    tell_totals(&table, order);
    tell_shipments(&table, order);
    tell_transactions(&table, order);
    tell_payments(&table, order);
    tell_to_send(&table, order);
    tell_refunds(&table, order);
    if (update)
        line(&table, "changed since", json_text(update, "text"), "");
    line(&table, "waits for", waits ? json_text(waits, "text") : "nothing", "");
    line(&table, "cure", json_text(waits, "cure"), "");
    table_print(&table, ctl->out);
    tell_life(ctl, order);
}

int command_order_show(struct ctl *ctl)
{
    OWN_JSON json *answer = NULL, *order = NULL;
    OWN_BUF struct buf path = {0};
    const json *orders;
    int code = orders_found(ctl, ctl->args[0], &answer, &orders);
    if (code != EXIT_OK)
        return code;
    if (json_count(orders) > 1) { /* a list is an answer, too: customers order more than once */
        if (ctl->json)
            ctl_print_json(ctl, answer);
        else
            list_found(ctl, orders);
        return EXIT_OK;
    }
    code = json_count(orders) ? EXIT_OK : order_named(ctl, ctl->args[0], &order);
    if (code != EXIT_OK)
        return code;
    const json *found = json_at(orders, 0);
    buf_text(&path, "/v1/orders/");
    ctl_escape(&path, json_text(found, "id"));
    buf_text(&path, "?company=");
    ctl_escape(&path, json_text(found, "company"));
    code = ctl_ask(ctl, "GET", buf_str(&path), NULL, &order);
    if (code != EXIT_OK)
        return code;
    if (ctl->json)
        ctl_print_json(ctl, order);
    else
        tell(ctl, order);
    return EXIT_OK;
}

/* ---- deciding ---- */

static int decide(struct ctl *ctl, const json *order, const char *action, const char *done,
                  const char *nothing)
{
    OWN_JSON json *answer = NULL;
    OWN_BUF struct buf path = {0};
    buf_text(&path, "/v1/orders/");
    ctl_escape(&path, json_text(order, "id"));
    buf_printf(&path, "/%s?company=", action);
    ctl_escape(&path, json_text(order, "company"));
    int code = ctl_ask(ctl, "POST", buf_str(&path), NULL, &answer);
    if (code != EXIT_OK)
        return code;
    bool changed = strcmp(json_text(answer, "change"), "changed") == 0;
    return ctl_answer(ctl, answer, "order %s %s\n", json_text(order, "name"),
                      changed ? done : nothing);
}

int command_order_resolve(struct ctl *ctl)
{
    OWN_JSON json *order = NULL;
    int code = order_named(ctl, ctl->args[0], &order);
    return code != EXIT_OK ? code
                           : decide(ctl, order, "resolve", "is resolved", "has no open change");
}

int command_order_unlink(struct ctl *ctl)
{
    OWN_JSON json *order = NULL;
    int code = order_named(ctl, ctl->args[0], &order);
    if (code != EXIT_OK)
        return code;
    const char *document = json_text(order, "document");
    if (*document && !ctl->yes)
        return ctl_fail(
            ctl, EXIT_CONFLICT,
            "this takes document %s away from order %s, which is unprocessed then; delete "
            "the document in Business Central first, then say --yes",
            document, json_text(order, "name"));
    return decide(ctl, order, "unlink", "has no document any more, and is unprocessed",
                  "has no document");
}

static int set_marker(struct ctl *ctl, const char *what, const char *changed, const char *same)
{
    OWN_JSON json *answer = NULL;
    OWN_BUF struct buf path = {0};
    buf_text(&path, "/v1/shipments/");
    ctl_escape(&path, ctl->args[0]);
    buf_printf(&path, "/%s", what);
    ctl_scope(ctl, &path, true);
    int code = ctl_ask(ctl, "POST", buf_str(&path), NULL, &answer);
    if (code != EXIT_OK)
        return code;
    return ctl_answer(ctl, answer, "shipment %s %s\n", ctl->args[0],
                      strcmp(json_text(answer, "change"), "changed") == 0 ? changed : same);
}

int command_shipment_retry(struct ctl *ctl)
{
    return set_marker(ctl, "retry", "is due", "is due already, or Shopify knows it");
}

int command_shipment_done(struct ctl *ctl)
{
    return set_marker(ctl, "done", "is settled", "has nothing to tell, or Shopify knows it");
}

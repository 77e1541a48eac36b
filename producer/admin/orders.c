/* orders.c - orders as people ask for them: found by any of their names, told whole. */
#include <microhttpd.h>
#include <string.h>
#include <strings.h>

#include "admin/order_links.h"
#include "admin/pages.h"
#include "admin/routes.h"
#include "ledger/commands.h"
#include "store/story.h"

/* ---- links ---- */

static void set_link(json *object, const json *settings, const char *kind, const char *number)
{
    OWN_BUF struct buf link = {0};
    link_erp(settings, kind, number, &link);
    if (link.size)
        json_set_text(object, "link", buf_str(&link));
}

static void posted_link(json *document, const json *settings)
{
    OWN_BUF struct buf link = {0};
    link_erp(settings, "postedInvoice", json_text(document, "posted_number"), &link);
    json_set_text(document, "posted_link", buf_str(&link));
}

static bool add_links(struct api_call *call, const char *company, json *order, struct err *err)
{
    OWN_JSON json *settings = NULL;
    OWN_BUF struct buf link = {0};
    json *document = json_get(order, "document"), *customer = json_get(order, "customer");
    if (!ledger_settings_get(call->ledger, company, "company", &settings, err))
        return false;
    if (*json_text(order, "store")) {
        link_shopify_order(json_text(order, "store"), json_text(order, "id"), &link);
        json_set_text(order, "link", buf_str(&link));
    }
    if (document)
        set_link(document, settings, json_text(document, "kind"), json_text(document, "number"));
    if (customer)
        set_link(customer, settings, "customer", json_text(customer, "number"));
    if (document && *json_text(document, "posted_number"))
        posted_link(document, settings);
    json *refunds = json_get(order, "refunds");
    json *shipments = json_get(order, "shipments");
    for (size_t i = 0; i < json_count(shipments); i++) {
        json *shipment = json_at(shipments, i);
        set_link(shipment, settings, "salesShipment", json_text(shipment, "number"));
    }
    for (size_t i = 0; i < json_count(refunds); i++) {
        json *refund = json_at(refunds, i);
        set_link(refund, settings, "salesCreditMemo", json_text(refund, "document"));
    }
    return true;
}

/* ---- routes ---- */

static bool read_orders(struct api_call *call, const char *company, const char *code,
                        const struct list_place *after, size_t most, json **out,
                        struct list_place *next, struct err *err)
{
    const char *shop = api_query(call, "shop");
    OWN_JSON json *found = NULL, *rows = json_new_array();
    (void)code;
    if (!store_find(call->ledger, company, api_query(call, "find"), after, most, &found, next, err))
        return false;
    for (size_t i = 0; i < json_count(found); i++)
        if (!shop || strcasecmp(shop, json_text(json_at(found, i), "shop")) == 0)
            json_add(rows, json_share(json_at(found, i)));
    *out = GIVE(rows);
    return true;
}

bool orders_list(struct api_call *call, struct err *err)
{
    static const struct paged_list LIST = {"orders", false, STORE_PAGE, 50, read_orders};
    if (!api_query(call, "find"))
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "find is missing: an order's name, its number at Shopify, an e-mail address "
                       "or the number of a document");
    return page_list(call, &LIST, err);
}

/* Shopify's numbers are nobody else's, so the first company that knows it is the one. */
static bool holder(struct api_call *call, char company[static UUID_TEXT], json **order,
                   struct err *err)
{
    OWN_JSON json *companies = NULL;
    const char *id = call->params[0];
    if (!api_companies(call, &companies, err))
        return false;
    for (size_t i = 0; i < json_count(companies); i++) {
        snprintf(company, UUID_TEXT, "%s", json_string(json_at(companies, i)));
        err_clear(err);
        if (store_story(call->ledger, company, id, order, err))
            return true;
        if (err->code != MHD_HTTP_NOT_FOUND)
            return false;
    }
    return err_set(
        err, ERR_FATAL, MHD_HTTP_NOT_FOUND,
        "no order has the number \"%.40s\" at Shopify; `cartage order show` finds one by "
        "its name",
        id);
}

bool orders_get(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    OWN_JSON json *order = NULL;
    return holder(call, company, &order, err) && add_links(call, company, order, err) &&
           api_answer(call, MHD_HTTP_OK, GIVE(order));
}

/* ---- what a person decides ---- */

static bool decided(struct api_call *call,
                    bool (*decide)(struct ledger *ledger, const char *company, const char *id,
                                   bool *changed, struct err *err),
                    struct err *err)
{
    char company[UUID_TEXT];
    bool changed = false;
    OWN_JSON json *order = NULL;
    if (!holder(call, company, &order, err) ||
        !decide(call->ledger, company, call->params[0], &changed, err))
        return false;
    return api_changed(call, changed ? "changed" : "unchanged", call->params[0]);
}

bool orders_resolve(struct api_call *call, struct err *err)
{
    return decided(call, store_update_resolve, err);
}

bool orders_unlink(struct api_call *call, struct err *err)
{
    return decided(call, store_order_unlink, err);
}

typedef bool set_marker_fn(struct ledger *ledger, const char *company, const char *shop,
                           const char *number, bool *changed, struct err *err);

/* A number is a company's, and its shops share the shipments: the shop of --shop, or whichever
 * knows it. */
static bool set_in(struct api_call *call, const char *company, set_marker_fn *set, bool *known,
                   bool *changed, struct err *err)
{
    OWN_JSON json *all = NULL;
    const char *wanted = api_query(call, "shop"), *field;
    json *settings;
    if (!ledger_settings_all(call->ledger, company, &all, err))
        return false;
    JSON_EACH(field, settings, all)
    {
        if (strncmp(field, "shop:", 5) != 0 || (wanted && strcasecmp(field + 5, wanted) != 0))
            continue;
        err_clear(err);
        if (set(call->ledger, company, field + 5, call->params[0], changed, err)) {
            *known = true;
            return true;
        }
        if (err->code != MHD_HTTP_NOT_FOUND)
            return false;
    }
    return true;
}

static bool set_marker(struct api_call *call, set_marker_fn *set, struct err *err)
{
    OWN_JSON json *companies = NULL;
    bool known = false, changed = false;
    if (!api_companies(call, &companies, err))
        return false;
    for (size_t i = 0; i < json_count(companies) && !known; i++)
        if (!set_in(call, json_string(json_at(companies, i)), set, &known, &changed, err))
            return false;
    if (!known)
        return err_set(err, ERR_FATAL, MHD_HTTP_NOT_FOUND,
                       "no posted shipment %.40s is known; `cartage order show` lists those of an "
                       "order",
                       call->params[0]);
    return api_changed(call, changed ? "changed" : "unchanged", call->params[0]);
}

bool shipments_retry(struct api_call *call, struct err *err)
{
    return set_marker(call, store_shipment_retry, err);
}

bool shipments_done(struct api_call *call, struct err *err)
{
    return set_marker(call, store_shipment_done, err);
}

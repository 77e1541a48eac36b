/* webhooks.c - the tables of notices. */
#include "model/webhooks.h"

#include <ctype.h>
#include <string.h>

#include "base/own.h"

/* A run that writes to Shopify is told of by Shopify, too: what nothing is read from would only be
 * woken by its own doing. */
static bool reads_products(const struct shop *shop)
{
    return shop->sync_item == SYNC_ITEM_FROM_SHOPIFY;
}

static bool reads_customers(const struct shop *shop)
{
    return shop->shopify_can_update_customers || shop->auto_create_customers;
}

static bool reads_companies(const struct shop *shop)
{
    return shop->shopify_can_update_companies || shop->auto_create_companies;
}

/* Not inventory_levels/: each line of each order and each figure of our own gives one (13,273 of
 * 15,013 notices in three days of real sales), and the run that they would wake reads none of it:
 * what others have changed there is looked for by itself (inventory_drift.c). */
/* clang-format off */
const struct webhook SHOPIFY_WEBHOOKS[] = {
    {"orders/create",    "orders.sync", "id", NULL},
    {"orders/updated",   "orders.sync", "id", NULL},
    {"orders/cancelled", "orders.sync", "id", NULL},
    {"orders/edited",    "orders.sync", "order_edit.order_id", NULL},
    {"refunds/create",   "orders.sync", "order_id", NULL},
    {"returns/update",   "orders.sync", "order.id", NULL},
    {"fulfillment_orders/order_routing_complete",        "shipments.sync", NULL, NULL},
    {"fulfillment_orders/moved",                         "shipments.sync", NULL, NULL},
    {"fulfillment_orders/cancelled",                     "shipments.sync", NULL, NULL},
    {"fulfillment_orders/placed_on_hold",                "shipments.sync", NULL, NULL},
    {"fulfillment_orders/hold_released",                 "shipments.sync", NULL, NULL},
    {"fulfillment_orders/fulfillment_request_submitted", "shipments.sync", NULL, NULL},
    {"fulfillments/create", "shipments.sync", NULL, NULL},
    {"fulfillments/update", "shipments.sync", NULL, NULL},
    {"products/create", "products.sync", "id", reads_products},
    {"products/update", "products.sync", "id", reads_products},
    {"products/delete", "products.sync", "id", reads_products},
    {"inventory_items/update",      "inventory.sync", NULL, NULL},
    {"locations/create",     "inventory.sync", NULL, NULL},
    {"locations/update",     "inventory.sync", NULL, NULL},
    {"locations/activate",   "inventory.sync", NULL, NULL},
    {"locations/deactivate", "inventory.sync", NULL, NULL},
    {"locations/delete",     "inventory.sync", NULL, NULL},
    {"customers/create", "customers.sync", "id", reads_customers},
    {"customers/update", "customers.sync", "id", reads_customers},
    {"customers/delete", "customers.sync", "id", reads_customers},
    {"disputes/create", "disputes.sync", NULL, NULL},
    {"disputes/update", "disputes.sync", NULL, NULL},
    {"markets/update",           "catalogs.sync", NULL, NULL},
    {"company_locations/update", "catalogs.sync", NULL, NULL},
    {"company_locations/update", "companies.sync", NULL, reads_companies},
    {"company_locations/create", "companies.sync", NULL, reads_companies},
    {"company_locations/delete", "companies.sync", NULL, reads_companies},
    {"companies/create", "companies.sync", NULL, reads_companies},
    {"companies/update", "companies.sync", NULL, reads_companies},
    {"companies/delete", "companies.sync", NULL, reads_companies},
    {"company_contacts/create", "companies.sync", NULL, reads_companies},
    {"company_contacts/update", "companies.sync", NULL, reads_companies},
    {"company_contacts/delete", "companies.sync", NULL, reads_companies},
    {"company_contact_roles/assign", "companies.sync", NULL, reads_companies},
    {"company_contact_roles/revoke", "companies.sync", NULL, reads_companies},
};
const size_t SHOPIFY_WEBHOOK_COUNT = COUNT(SHOPIFY_WEBHOOKS);
_Static_assert(COUNT(SHOPIFY_WEBHOOKS) <= SHOPIFY_WEBHOOK_MOST, "whoever lists them has no room");

/* A change of stock does not change its item: it makes an entry of the item ledger. */
const struct webhook BC_WEBHOOKS[] = {
    {"items",             "products.sync",  NULL, NULL},
    {"items",             "products.add",   NULL, NULL},
    {"itemVariants",      "products.sync",  NULL, NULL},
    {"itemLedgerEntries", "inventory.sync", NULL, NULL},
    {"salesShipments",    "shipments.sync", NULL, NULL},
    {"customers",         "customers.sync", NULL, NULL},
};
const size_t BC_WEBHOOK_COUNT = COUNT(BC_WEBHOOKS);
/* clang-format on */

void webhook_topic_name(const char *topic, char out[static WEBHOOK_TOPIC])
{
    size_t size = 0;
    for (; topic[size] && size < WEBHOOK_TOPIC - 1; size++)
        out[size] = topic[size] == '/' ? '_' : (char)toupper((unsigned char)topic[size]);
    out[size] = 0;
}

bool webhook_is_known(const char *topic)
{
    for (size_t i = 0; i < SHOPIFY_WEBHOOK_COUNT; i++)
        if (strcmp(SHOPIFY_WEBHOOKS[i].topic, topic) == 0)
            return true;
    return false;
}

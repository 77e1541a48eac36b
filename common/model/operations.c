/* operations.c - the table of operations and the check of their arguments. */
#include "model/operations.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "calendar/days.h"
#include "model/fields.h"
#include "model/posting.h"

enum { PARAMETERS_MOST = 32, TEXT_MOST = 200 };

/* Filters of the request pages; orders.sync tests them on what discovery read, orders.process on
 * the staged order. */
static const struct parameter SYNC_PARAMETERS[] = {
  /* clang-format off */
    {"shop", PARAMETER_SHOP, 0, true, "code of the shop"},
    {"fully_paid", PARAMETER_BOOL, 0, false, "paid in full"},
    {"financial_status", PARAMETER_FILTER, FILTER_TEXT, false,
     "Paid, Partially Paid, Pending, Voided, ..."},
    {"fulfillment_status", PARAMETER_FILTER, FILTER_TEXT, false,
     "Unfulfilled, Fulfilled, Partially Fulfilled, ..."},
    {"confirmed", PARAMETER_BOOL, 0, false, "stock was reserved for it"},
    {"test", PARAMETER_BOOL, 0, false, "a test order"},
    {"import_action", PARAMETER_FILTER, FILTER_TEXT, false, "New or Update"},
    {"order_no", PARAMETER_FILTER, FILTER_TEXT, false, "name of the order, #1001..#1099"},
    {"order_id", PARAMETER_FILTER, FILTER_NUMBER, false,
     "Shopify's number of the order, 5500000000001|5500000000002"},
    {"tags", PARAMETER_FILTER, FILTER_TEXT, false,
     "tags stand as [tag1] [tag2]: *[tag1]*, <>*[wholesale]*"},
    {"amount", PARAMETER_FILTER, FILTER_NUMBER, false, "total in shop currency, >=100"},
    {"vat_amount", PARAMETER_FILTER, FILTER_NUMBER, false, "its tax in shop currency, 0"},
    {"channel", PARAMETER_FILTER, FILTER_TEXT, false, "Online Store, Point of Sale, ..."},
    {"channel_liable", PARAMETER_BOOL, 0, false, "the sales channel hands on the tax itself"},
    {"high_risk", PARAMETER_BOOL, 0, false, "Shopify sees a high risk of fraud"},
    {"sell_to_country", PARAMETER_FILTER, FILTER_TEXT, false, "ISO codes, GB|IE"},
    {"ship_to_country", PARAMETER_FILTER, FILTER_TEXT, false, "ISO codes, GB|IE"},
    {"bill_to_country", PARAMETER_FILTER, FILTER_TEXT, false, "ISO codes, GB|IE"},
    {"attribute_key", PARAMETER_FILTER, FILTER_TEXT, false,
     "orders that have an attribute of this name"},
    {"attribute_exists", PARAMETER_BOOL, 0, false, "false: those that have none of this name"},
    {"named", PARAMETER_LIST, 0, false,
     "exactly these, also archived ones: names or Shopify's numbers, #1001,#1002"},
    {"from_time", PARAMETER_TIME, 0, false,
     "all that were placed or changed from then on, 2027-01-31 or 2027-01-31T06:00:00Z"},
    {"to_time", PARAMETER_TIME, 0, false, "all that were placed or changed until then"},
  /* clang-format on */
};
static const struct parameter PROCESS_PARAMETERS[] = {
  /* clang-format off */
    {"shop", PARAMETER_SHOP, 0, true, "code of the shop"},
    {"financial_status", PARAMETER_FILTER, FILTER_TEXT, false,
     "Paid, Partially Paid, Pending, Voided, ..."},
    {"fulfillment_status", PARAMETER_FILTER, FILTER_TEXT, false,
     "Unfulfilled, Fulfilled, Partially Fulfilled, ..."},
    {"order_no", PARAMETER_FILTER, FILTER_TEXT, false, "name of the order, #1001..#1099"},
    {"order_id", PARAMETER_FILTER, FILTER_NUMBER, false,
     "Shopify's number of the order, 5500000000001|5500000000002"},
    {"tags", PARAMETER_FILTER, FILTER_TEXT, false,
     "tags stand as [tag1] [tag2]: *[tag1]*, <>*[wholesale]*"},
    {"high_risk", PARAMETER_BOOL, 0, false, "Shopify sees a high risk of fraud"},
    {"amount", PARAMETER_FILTER, FILTER_NUMBER, false, "total in shop currency, >=100"},
    {"vat_amount", PARAMETER_FILTER, FILTER_NUMBER, false, "its tax in shop currency, 0"},
    {"channel", PARAMETER_FILTER, FILTER_TEXT, false, "Online Store, Point of Sale, ..."},
    {"channel_liable", PARAMETER_BOOL, 0, false, "the sales channel hands on the tax itself"},
    {"sell_to_country", PARAMETER_FILTER, FILTER_TEXT, false, "ISO codes, GB|IE"},
    {"ship_to_country", PARAMETER_FILTER, FILTER_TEXT, false, "ISO codes, GB|IE"},
    {"bill_to_country", PARAMETER_FILTER, FILTER_TEXT, false, "ISO codes, GB|IE"},
    {"attribute_key", PARAMETER_FILTER, FILTER_TEXT, false,
     "orders that have an attribute of this name"},
    {"attribute_exists", PARAMETER_BOOL, 0, false, "false: those that have none of this name"},
    {"fully_paid", PARAMETER_BOOL, 0, false, "paid in full"},
  /* clang-format on */
};
static const struct parameter SHIPMENTS_PARAMETERS[] = {
  /* clang-format off */
    {"shop", PARAMETER_SHOP, 0, true, "code of the shop"},
    {"shipment_no", PARAMETER_FILTER, FILTER_TEXT, false, "number of the posted shipment, 102001..102099"},
    {"customer_no", PARAMETER_FILTER, FILTER_TEXT, false, "number of the sell-to customer"},
    {"posting_date", PARAMETER_FILTER, FILTER_TEXT, false, "YYYY-MM-DD: 2026-11-01..2026-11-30"},
  /* clang-format on */
};

static const struct parameter INVENTORY_PARAMETERS[] = {
  /* clang-format off */
    {"shop", PARAMETER_SHOP, 0, true, "code of the shop"},
    {"skip_import", PARAMETER_BOOL, 0, false, "true: nothing is read at Shopify, and all that is known is sent even where nothing differs"},
    {"variant_id_filter", PARAMETER_FILTER, FILTER_NUMBER, false, "Shopify's numbers of variants, 48000000000001|48000000000002"},
  /* clang-format on */
};
static const struct parameter SYNC_PRODUCTS_PARAMETERS[] = {
  /* clang-format off */
    {"shop", PARAMETER_SHOP, 0, true, "code of the shop"},
    {"only_prices", PARAMETER_BOOL, 0, false, "true: prices alone are told, whatever the shop says of its items"},
  /* clang-format on */
};
static const struct parameter ADD_PRODUCTS_PARAMETERS[] = {
  /* clang-format off */
    {"shop", PARAMETER_SHOP, 0, true, "code of the shop"},
    {"item_no", PARAMETER_FILTER, FILTER_TEXT, false, "number of the item, 1896-S|1900-S"},
    {"category", PARAMETER_FILTER, FILTER_TEXT, false, "code of its item category, CHAIR|DESK"},
    {"sync_images", PARAMETER_BOOL, 0, false, "true: pictures of the added items are sent, too, whatever the shop says of images"},
    {"sync_inventory", PARAMETER_BOOL, 0, false, "true: the shop's stock is told afterwards, as by inventory.sync"},
  /* clang-format on */
};
static const struct parameter ADD_VARIANTS_PARAMETERS[] = {
  /* clang-format off */
    {"shop", PARAMETER_SHOP, 0, true, "code of the shop"},
    {"product", PARAMETER_TEXT, 0, true, "the product that they become variants of: number of its item, 1896-S, or Shopify's of the product"},
    {"item_no", PARAMETER_FILTER, FILTER_TEXT, true, "number of the item, 1896-S|1900-S"},
    {"category", PARAMETER_FILTER, FILTER_TEXT, false, "code of its item category, CHAIR|DESK"},
  /* clang-format on */
};
static const struct parameter SYNC_CUSTOMERS_PARAMETERS[] = {
  /* clang-format off */
    {"shop", PARAMETER_SHOP, 0, true, "code of the shop"},
  /* clang-format on */
};
static const struct parameter ADD_CUSTOMERS_PARAMETERS[] = {
  /* clang-format off */
    {"shop", PARAMETER_SHOP, 0, true, "code of the shop"},
    {"customer_no", PARAMETER_FILTER, FILTER_TEXT, false, "number of the customer, 10000|20000..29999"},
    {"customer_country", PARAMETER_FILTER, FILTER_TEXT, false, "country code of the customer, GB|IE"},
  /* clang-format on */
};
static const struct parameter ADD_LOCATIONS_PARAMETERS[] = {
  /* clang-format off */
    {"shop", PARAMETER_SHOP, 0, true, "code of the shop"},
    {"company", PARAMETER_TEXT, 0, true, "the company that they become locations of: number of its customer, 10000, or Shopify's of the company"},
    {"customer_no", PARAMETER_FILTER, FILTER_TEXT, true, "number of the customer, 10010|20000..29999"},
    {"customer_country", PARAMETER_FILTER, FILTER_TEXT, false, "country code of the customer, GB|IE"},
  /* clang-format on */
};
static const struct parameter SUGGEST_PARAMETERS[] = {
  /* clang-format off */
    {"shop", PARAMETER_SHOP, 0, true, "code of the shop"},
    {"kind", PARAMETER_CHOICE, 0, false, "customers|companies|products: whose partners are looked for; none = all"},
  /* clang-format on */
};
static const struct parameter COUNT_PARAMETERS[] = {
  /* clang-format off */
    {"shop", PARAMETER_SHOP, 0, true, "code of the shop"},
    {"what", PARAMETER_CHOICE, 0, true, "orders|shipments: whose sync time is meant"},
    {"from", PARAMETER_TIME, 0, true, "what has changed since, 2027-01-31T06:00:00Z"},
  /* clang-format on */
};

static const struct parameter PAYMENTS_PARAMETERS[] = {
  /* clang-format off */
    {"shop", PARAMETER_SHOP, 0, true, "code of the shop"},
  /* clang-format on */
};

/* What orders.process would make, orders.sync makes where the shop says so. */
static const struct family_use SYNC_USES[] = {
    {FAMILY_DISCOVERY, {NULL}                                         },
    {FAMILY_ORDERS,    {NULL}                                         },
    {FAMILY_DOCUMENTS, {"auto_create_orders"}                         },
    {FAMILY_CUSTOMERS, {"auto_create_customers", "auto_create_orders"}},
};
static const struct family_use PROCESS_USES[] = {
    {FAMILY_ORDERS,    {NULL}                   },
    {FAMILY_DOCUMENTS, {NULL}                   },
    {FAMILY_CUSTOMERS, {"auto_create_customers"}},
    {FAMILY_PRODUCTS,  {"auto_create_items"}    },
};
static const struct family_use POST_USES[] = {
    {FAMILY_POSTINGS, {NULL}}
};
static const struct family_use SHIPMENTS_USES[] = {
    {FAMILY_ORDERS,    {NULL}},
    {FAMILY_SHIPMENTS, {NULL}},
};
static const struct parameter IMAGES_PARAMETERS[] = {
  /* clang-format off */
    {"shop", PARAMETER_SHOP, 0, true, "code of the shop"},
    {"product_id_filter", PARAMETER_FILTER, FILTER_NUMBER, false, "Shopify's numbers of products, 8100000000001|8100000000002"},
  /* clang-format on */
};
static const struct family_use IMAGES_USES[] = {
    {FAMILY_IMAGES, {NULL}},
};
static const struct family_use INVENTORY_USES[] = {
    {FAMILY_STOCK,  {NULL}},
    {FAMILY_ORDERS, {NULL}}, /* what orders have taken is counted once */
};
static const struct family_use PAYMENTS_USES[] = {
    {FAMILY_PAYMENTS, {NULL}}
};
static const struct family_use PRODUCTS_USES[] = {
    {FAMILY_SHOP_PRODUCTS, {NULL}},
};
static const struct family_use ADD_PRODUCTS_USES[] = {
    {FAMILY_SHOP_PRODUCTS, {NULL}},
    {FAMILY_STOCK,         {NULL}}, /* with sync_inventory */
};
static const struct family_use SYNC_CUSTOMERS_USES[] = {
    {FAMILY_CUSTOMERS,      {"auto_create_customers"}       },
    {FAMILY_SHOP_CUSTOMERS, {"can_update_shopify_customers"}},
};
static const struct family_use SYNC_COMPANIES_USES[] = {
    {FAMILY_CUSTOMERS,      {"auto_create_companies"}       },
    {FAMILY_SHOP_CUSTOMERS, {"can_update_shopify_companies"}},
};
static const struct family_use ADD_CUSTOMERS_USES[] = {
    {FAMILY_SHOP_CUSTOMERS, {NULL}},
};
static const struct parameter CATALOGS_PARAMETERS[] = {
  /* clang-format off */
    {"shop", PARAMETER_SHOP, 0, true, "code of the shop"},
    {"type", PARAMETER_CHOICE, 0, false, "company|market: whose catalogs are read; none = both"},
  /* clang-format on */
};
static const struct parameter CATALOG_PRICES_PARAMETERS[] = {
  /* clang-format off */
    {"shop", PARAMETER_SHOP, 0, true, "code of the shop"},
    {"catalog_id", PARAMETER_FILTER, FILTER_NUMBER, false, "Shopify's numbers of catalogs, 32000000001|32000000002"},
    {"catalog_name", PARAMETER_FILTER, FILTER_TEXT, false, "titles of catalogs, Gold*"},
    {"type", PARAMETER_CHOICE, 0, false, "company|market: whose catalogs get prices; none = both"},
  /* clang-format on */
};
static const struct family_use CATALOGS_USES[] = {
    {FAMILY_CATALOGS, {NULL}},
};
static const struct family_use SYNC_PRODUCTS_USES[] = {
    {FAMILY_SHOP_PRODUCTS, {NULL}                      },
    {FAMILY_PRODUCTS,      {"auto_create_items"}       },
    {FAMILY_PRODUCTS,      {"shopify_can_update_items"}},
};
static const struct parameter PROBE_PARAMETERS[] = {
  /* clang-format off */
    {"shop", PARAMETER_SHOP, 0, false, "code of the shop whose store is looked at; none = the company in Business Central"},
  /* clang-format on */
};
static const struct parameter WEBHOOKS_PARAMETERS[] = {
  /* clang-format off */
    {"shop", PARAMETER_SHOP, 0, false, "code of the shop whose store is asked; none = the company in Business Central"},
    {"mend", PARAMETER_BOOL, 0, false, "false: only look; else what is missing is registered, and what is wrong removed"},
  /* clang-format on */
};
static const struct parameter CONNECT_SHOPIFY_PARAMETERS[] = {
  /* clang-format off */
    {"store", PARAMETER_TEXT, 0, true, "name.myshopify.com"},
    {"origin", PARAMETER_TEXT, 0, false, "another address than the store's: http://HOST:PORT"},
    {"api_version", PARAMETER_TEXT, 0, false, "2026-10"},
    {"credential", PARAMETER_TEXT, 0, true, "name of a stored credential"},
  /* clang-format on */
};
static const struct parameter CONNECT_BC_PARAMETERS[] = {
  /* clang-format off */
    {"bc_origin", PARAMETER_TEXT, 0, false, "address of Business Central, where it is not Microsoft's cloud"},
    {"bc_login", PARAMETER_TEXT, 0, false, "who gives out tokens, where it is not Microsoft"},
    {"bc_tenant", PARAMETER_TEXT, 0, false, "tenant: GUID or domain"},
    {"bc_environment", PARAMETER_TEXT, 0, false, "environment, Production unless told otherwise"},
    {"bc_instance", PARAMETER_TEXT, 0, false, "a server of one's own: its instance"},
    {"bc_company", PARAMETER_TEXT, 0, false, "GUID of the company; none = list them"},
    {"bc_credential", PARAMETER_TEXT, 0, true, "name of a stored credential"},
  /* clang-format on */
};

const struct operation OPERATIONS[] = {
    {
     .name = "orders.sync",
     .report = 30104,
     .title = "Sync orders from Shopify",
     .category = "SHPFY",
     .priority = PRIORITY_HIGH,
     .needs_shop = true,
     .by_ids = true,
     .uses = SYNC_USES,
     .use_count = COUNT(SYNC_USES),
     .parameters = SYNC_PARAMETERS,
     .parameter_count = COUNT(SYNC_PARAMETERS),
     },
    {
     .name = "orders.process",
     .report = 30103,
     .title = "Create sales orders",
     .category = "SHPFY",
     .priority = PRIORITY_HIGH,
     .needs_shop = true,
     .uses = PROCESS_USES,
     .use_count = COUNT(PROCESS_USES),
     .parameters = PROCESS_PARAMETERS,
     .parameter_count = COUNT(PROCESS_PARAMETERS),
     },
    {
     .name = "sales-orders.post",
     .report = 296,
     .title = "Batch post sales orders",
     .category = "POST",
     .priority = PRIORITY_NORMAL,
     .uses = POST_USES,
     .use_count = COUNT(POST_USES),
     .parameters = POST_ORDERS_PARAMETERS,
     .parameter_count = POST_ORDERS_COUNT,
     .check = posting_arguments_check,
     },
    {
     .name = "sales-invoices.post",
     .report = 297,
     .title = "Batch post sales invoices",
     .category = "POST",
     .priority = PRIORITY_NORMAL,
     .uses = POST_USES,
     .use_count = COUNT(POST_USES),
     .parameters = POST_INVOICES_PARAMETERS,
     .parameter_count = POST_INVOICES_COUNT,
     .check = posting_arguments_check,
     },
    {
     .name = "payouts.sync",
     .report = 30105,
     .title = "Sync payouts and payment transactions",
     .category = "SHPFY-PAY",
     .priority = PRIORITY_NORMAL,
     .needs_shop = true,
     .uses = PAYMENTS_USES,
     .use_count = COUNT(PAYMENTS_USES),
     .parameters = PAYMENTS_PARAMETERS,
     .parameter_count = COUNT(PAYMENTS_PARAMETERS),
     },
    {
     .name = "disputes.sync",
     .report = 30120,
     .title = "Sync disputes",
     .category = "SHPFY-PAY",
     .priority = PRIORITY_NORMAL,
     .needs_shop = true,
     .uses = PAYMENTS_USES,
     .use_count = COUNT(PAYMENTS_USES),
     .parameters = PAYMENTS_PARAMETERS,
     .parameter_count = COUNT(PAYMENTS_PARAMETERS),
     },
    {
     .name = "sync.count",
     .title = "Count what a sync would read",
     .category = "",
     .priority = PRIORITY_LOW,
     .needs_shop = true,
     .parameters = COUNT_PARAMETERS,
     .parameter_count = COUNT(COUNT_PARAMETERS),
     },
    {
     .name = "shipments.sync",
     .report = 30109,
     .title = "Sync shipments to Shopify",
     .category = "SHPFY",
     .priority = PRIORITY_HIGH,
     .needs_shop = true,
     .uses = SHIPMENTS_USES,
     .use_count = COUNT(SHIPMENTS_USES),
     .parameters = SHIPMENTS_PARAMETERS,
     .parameter_count = COUNT(SHIPMENTS_PARAMETERS),
     },
    {
     .name = "inventory.sync",
     .report = 30102,
     .title = "Sync inventory to Shopify",
     .category = "SHPFY",
     .priority = PRIORITY_NORMAL,
     .needs_shop = true,
     .uses = INVENTORY_USES,
     .use_count = COUNT(INVENTORY_USES),
     .parameters = INVENTORY_PARAMETERS,
     .parameter_count = COUNT(INVENTORY_PARAMETERS),
     },
    {
     .name = "images.sync",
     .report = 30107,
     .title = "Sync images",
     .category = "SHPFY",
     .priority = PRIORITY_LOW,
     .needs_shop = true,
     .uses = IMAGES_USES,
     .use_count = COUNT(IMAGES_USES),
     .parameters = IMAGES_PARAMETERS,
     .parameter_count = COUNT(IMAGES_PARAMETERS),
     },
    {
     .name = "products.sync",
     .report = 30108,
     .title = "Sync products",
     .category = "SHPFY",
     .priority = PRIORITY_LOW,
     .needs_shop = true,
     .uses = SYNC_PRODUCTS_USES,
     .use_count = COUNT(SYNC_PRODUCTS_USES),
     .parameters = SYNC_PRODUCTS_PARAMETERS,
     .parameter_count = COUNT(SYNC_PRODUCTS_PARAMETERS),
     },
    {
     .name = "products.add",
     .report = 30106,
     .title = "Add items to Shopify",
     .category = "SHPFY",
     .priority = PRIORITY_LOW,
     .needs_shop = true,
     .uses = ADD_PRODUCTS_USES,
     .use_count = COUNT(ADD_PRODUCTS_USES),
     .parameters = ADD_PRODUCTS_PARAMETERS,
     .parameter_count = COUNT(ADD_PRODUCTS_PARAMETERS),
     },
    {
     .name = "products.add-variants",
     .report = 30117,
     .title = "Add items to Shopify as variants",
     .category = "SHPFY",
     .priority = PRIORITY_LOW,
     .needs_shop = true,
     .uses = PRODUCTS_USES,
     .use_count = COUNT(PRODUCTS_USES),
     .parameters = ADD_VARIANTS_PARAMETERS,
     .parameter_count = COUNT(ADD_VARIANTS_PARAMETERS),
     },
    {
     .name = "customers.sync",
     .report = 30100,
     .title = "Sync customers",
     .category = "SHPFY",
     .priority = PRIORITY_LOW,
     .needs_shop = true,
     .uses = SYNC_CUSTOMERS_USES,
     .use_count = COUNT(SYNC_CUSTOMERS_USES),
     .parameters = SYNC_CUSTOMERS_PARAMETERS,
     .parameter_count = COUNT(SYNC_CUSTOMERS_PARAMETERS),
     },
    {
     .name = "customers.add",
     .report = 30112,
     .title = "Add customers to Shopify",
     .category = "SHPFY",
     .priority = PRIORITY_LOW,
     .needs_shop = true,
     .uses = ADD_CUSTOMERS_USES,
     .use_count = COUNT(ADD_CUSTOMERS_USES),
     .parameters = ADD_CUSTOMERS_PARAMETERS,
     .parameter_count = COUNT(ADD_CUSTOMERS_PARAMETERS),
     },
    {
     .name = "unmapped.suggest",
     .title = "Suggest who has no partner yet",
     .category = "SHPFY",
     .priority = PRIORITY_LOW,
     .needs_shop = true,
     .parameters = SUGGEST_PARAMETERS,
     .parameter_count = COUNT(SUGGEST_PARAMETERS),
     },
    {
     .name = "companies.add",
     .report = 30113,
     .title = "Add customers to Shopify as companies",
     .category = "SHPFY",
     .priority = PRIORITY_LOW,
     .needs_shop = true,
     .uses = ADD_CUSTOMERS_USES,
     .use_count = COUNT(ADD_CUSTOMERS_USES),
     .parameters = ADD_CUSTOMERS_PARAMETERS,
     .parameter_count = COUNT(ADD_CUSTOMERS_PARAMETERS),
     },
    {
     .name = "companies.add-locations",
     .report = 30121,
     .title = "Add customers to Shopify as locations of a company",
     .category = "SHPFY",
     .priority = PRIORITY_LOW,
     .needs_shop = true,
     .uses = ADD_CUSTOMERS_USES,
     .use_count = COUNT(ADD_CUSTOMERS_USES),
     .parameters = ADD_LOCATIONS_PARAMETERS,
     .parameter_count = COUNT(ADD_LOCATIONS_PARAMETERS),
     },
    {
     .name = "companies.sync",
     .report = 30114,
     .title = "Sync companies",
     .category = "SHPFY",
     .priority = PRIORITY_LOW,
     .needs_shop = true,
     .uses = SYNC_COMPANIES_USES,
     .use_count = COUNT(SYNC_COMPANIES_USES),
     .parameters = SYNC_CUSTOMERS_PARAMETERS,
     .parameter_count = COUNT(SYNC_CUSTOMERS_PARAMETERS),
     },
    {
     .name = "catalogs.sync",
     .report = 30115,
     .title = "Sync catalogs",
     .category = "SHPFY",
     .priority = PRIORITY_LOW,
     .needs_shop = true,
     .uses = CATALOGS_USES,
     .use_count = COUNT(CATALOGS_USES),
     .parameters = CATALOGS_PARAMETERS,
     .parameter_count = COUNT(CATALOGS_PARAMETERS),
     },
    {
     .name = "catalog-prices.sync",
     .report = 30116,
     .title = "Sync catalog prices",
     .category = "SHPFY",
     .priority = PRIORITY_LOW,
     .needs_shop = true,
     .uses = CATALOGS_USES,
     .use_count = COUNT(CATALOGS_USES),
     .parameters = CATALOG_PRICES_PARAMETERS,
     .parameter_count = COUNT(CATALOG_PRICES_PARAMETERS),
     },
    {
     .name = "doctor.probe",
     .title = "Look at the peers, for doctor",
     .category = "",
     .priority = PRIORITY_LOW,
     .parameters = PROBE_PARAMETERS,
     .parameter_count = COUNT(PROBE_PARAMETERS),
     },
    {
     .name = "webhooks.check",
     .title = "Compare and mend webhooks",
     .category = "",
     .priority = PRIORITY_LOW,
     .parameters = WEBHOOKS_PARAMETERS,
     .parameter_count = COUNT(WEBHOOKS_PARAMETERS),
     },
    {
     .name = "connect.shopify",
     .title = "Check the way to a store",
     .category = "",
     .priority = PRIORITY_LOW,
     .anywhere = true,
     .parameters = CONNECT_SHOPIFY_PARAMETERS,
     .parameter_count = COUNT(CONNECT_SHOPIFY_PARAMETERS),
     },
    {
     .name = "connect.bc",
     .title = "Check the way to a company of Business Central",
     .category = "",
     .priority = PRIORITY_LOW,
     .anywhere = true,
     .parameters = CONNECT_BC_PARAMETERS,
     .parameter_count = COUNT(CONNECT_BC_PARAMETERS),
     },
};
const size_t OPERATION_COUNT = COUNT(OPERATIONS);

const struct operation *operation_by_name(const char *name_or_report)
{
    char *end;
    long report = strtol(name_or_report, &end, 10);
    for (size_t i = 0; i < OPERATION_COUNT; i++)
        if (strcmp(OPERATIONS[i].name, name_or_report) == 0 ||
            (report > 0 && !*end && OPERATIONS[i].report == report))
            return &OPERATIONS[i];
    return NULL;
}

void operation_near(const char *wrong, struct buf *out)
{
    const char *names[COUNT(OPERATIONS)];
    for (size_t i = 0; i < OPERATION_COUNT; i++)
        names[i] = OPERATIONS[i].name;
    settings_nearest(wrong, names, OPERATION_COUNT, out);
}

const char *parameter_type_name(enum parameter_type type)
{
    static const char *const NAMES[] = {"shop",   "boolean", "list", "time",
                                        "filter", "choice",  "date", "text"};
    return NAMES[type];
}

/* "paid|manual: when it is posted" */
static bool choice_ok(const char *help, const char *text, struct err *err)
{
    size_t all = strcspn(help, ":");
    for (const char *at = help; at < help + all;) {
        size_t size = strcspn(at, "|:");
        if (strlen(text) == size && strncmp(at, text, size) == 0)
            return true;
        at += size + 1;
    }
    return err_set(err, ERR_FATAL, 400, "want one of %.*s", (int)all, help);
}

static bool date_ok(const char *text)
{
    int year, month, day, used = 0;
    return strcmp(text, "today") == 0 ||
           (strlen(text) == 10 && sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &used) == 3 &&
            used == 10 && strspn(text, "0123456789-") == 10 && month >= 1 && month <= 12 &&
            day >= 1 && day <= month_days(year, month));
}

/* Without blanks and empty parts: the same list is the same text. */
static bool list_ok(const char *text, struct buf *json, struct err *err)
{
    OWN_BUF struct buf list = {0};
    size_t count = 0;
    for (const char *at = text; *at; at += strspn(at, ",")) {
        size_t size = strcspn(at, ","), skip = strspn(at, " ");
        const char *item = at + (skip < size ? skip : size);
        size_t length = (size_t)(at + size - item);
        at += size;
        while (length > 0 && item[length - 1] == ' ')
            length--;
        if (length == 0)
            continue;
        if (length > 40 || ++count > PARAMETER_LIST_MOST)
            return err_set(err, ERR_FATAL, 400, "want at most %d names of at most 40 characters",
                           PARAMETER_LIST_MOST);
        buf_printf(&list, "%s%.*s", list.size ? "," : "", (int)length, item);
    }
    fields_json_text(json, buf_str(&list));
    return count > 0 || err_set(err, ERR_FATAL, 400, "want names, comma between");
}

static bool time_ok(const char *text)
{
    int64_t ms;
    OWN_TEXT char *midnight = mem_printf("%sT00:00:00Z", text);
    return strlen(text) == 10 ? time_parse(midnight, &ms) : time_parse(text, &ms);
}

static bool value_ok(const struct parameter *parameter, const char *text, struct buf *json,
                     struct err *err)
{
    char code[24];
    OWN(filter) struct filter *filter = NULL;
    switch (parameter->type) {
    case PARAMETER_SHOP:
        if (!settings_shop_code(text, code, err))
            return false;
        fields_json_text(json, code);
        return true;
    case PARAMETER_BOOL:
        buf_text(json, text);
        return strcmp(text, "true") == 0 || strcmp(text, "false") == 0 ||
               err_set(err, ERR_FATAL, 400, "want true or false");
    case PARAMETER_LIST:
        return list_ok(text, json, err);
    case PARAMETER_TIME:
        fields_json_text(json, text);
        return time_ok(text) || err_set(err, ERR_FATAL, 400,
                                        "want a date like 2027-01-31, or a time like "
                                        "2027-01-31T06:00:00Z, not \"%.40s\"",
                                        text);
    case PARAMETER_FILTER:
        fields_json_text(json, text);
        return filter_parse(text, parameter->kind, &filter, err);
    case PARAMETER_CHOICE:
        fields_json_text(json, text);
        return choice_ok(parameter->help, text, err);
    case PARAMETER_DATE:
        fields_json_text(json, text);
        return date_ok(text) ||
               err_set(err, ERR_FATAL, 400, "want a date like 2027-01-31, or today");
    case PARAMETER_TEXT:
        fields_json_text(json, text);
        return strlen(text) <= TEXT_MOST ||
               err_set(err, ERR_FATAL, 400, "want at most %d characters", TEXT_MOST);
    }
    return false;
}

bool operation_arguments(const struct operation *operation, const char *json_text,
                         struct buf *canonical, struct err *err)
{
    OWN_FIELDS struct json_object *object = NULL;
    const char *names[PARAMETERS_MOST];
    assert(operation->parameter_count <= COUNT(names));
    if (!fields_object(json_text && *json_text ? json_text : "{}", &object, err))
        return err_wrap(err, "arguments of %s", operation->name);
    buf_text(canonical, "{");
    size_t written = 0;
    for (size_t i = 0; i < operation->parameter_count; i++) {
        const struct parameter *parameter = &operation->parameters[i];
        struct json_object *value = NULL;
        names[i] = parameter->name;
        json_object_object_get_ex(object, parameter->name, &value);
        const char *text = value ? json_object_get_string(value) : "";
        if (!*text && parameter->required)
            return err_set(err, ERR_FATAL, 400, "%s: argument %s is missing; give it: %s",
                           operation->name, parameter->name, parameter->help);
        if (!*text)
            continue;
        buf_printf(canonical, "%s\"%s\":", written++ ? "," : "", parameter->name);
        if (json_object_is_type(value, json_type_object) ||
            json_object_is_type(value, json_type_array))
            return err_set(err, ERR_FATAL, 400, "%s: argument %s: want a text", operation->name,
                           parameter->name);
        if (!value_ok(parameter, text, canonical, err))
            return err_wrap(err, "%s: argument %s", operation->name, parameter->name);
    }
    buf_text(canonical, "}");
    json_object_object_foreach(object, field, ignored)
    {
        OWN_BUF struct buf near = {0};
        bool found = false;
        (void)ignored;
        for (size_t i = 0; i < operation->parameter_count; i++)
            found = found || strcmp(field, names[i]) == 0;
        settings_nearest(field, names, operation->parameter_count, &near);
        if (!found)
            return err_set(err, ERR_FATAL, 400, "%s has no argument \"%.60s\"%s", operation->name,
                           field, buf_str(&near));
    }
    if (operation->check && !operation->check(object, err))
        return err_wrap(err, "%s", operation->name);
    return true;
}

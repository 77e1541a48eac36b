/* needs.c - the table of what operations need.
 *
 * Scopes are those of the documents in schemas/shopify (the schema's own access notes; a test
 * compares them), permissions those of the sets that the operations ask (a test compares them with
 * the calls that were made).
 */
#include "model/needs.h"

#include <stdio.h>
#include <string.h>

#include "calendar/days.h"

#define FULFILLMENT_READ                                                                           \
    "read_merchant_managed_fulfillment_orders|read_third_party_fulfillment_orders|"                \
    "read_assigned_fulfillment_orders"
#define FULFILLMENT_WRITE                                                                          \
    "write_merchant_managed_fulfillment_orders|write_third_party_fulfillment_orders|"              \
    "write_assigned_fulfillment_orders"

/* clang-format off */
const struct scope_need SCOPE_NEEDS[] = {
    {"orders.sync", "read_orders", NULL, false, "orders, their lines, payments and refunds"},
    {"orders.sync", "read_all_orders", NULL, true, "orders older than 60 days"},
    {"orders.sync", "read_customers", NULL, false, "who has ordered"},
    {"orders.sync", "read_products", NULL, false, "which product and variant a line is of"},
    {"orders.sync", "read_locations", NULL, false, "from where lines ship, and where goods come back to"},
    {"orders.sync", FULFILLMENT_READ, NULL, false, "which location ships a line, and how it is delivered"},
    {"orders.sync", "read_payment_terms", NULL, false, "terms of payment and when they are due"},
    {"orders.sync", "read_returns", NULL, false, "returns and exchanges"},
    {"orders.sync", "read_users", "salespeople", true, "the staff member of an order (Plus and Advanced only)"},
    {"orders.sync", "write_orders", "archive_processed_orders", true, "closing (archiving) finished orders"},
    {"orders.process", "write_orders", "order_attributes_to_shopify", true, "the document's number on the order"},
    {"shipments.sync", "read_orders", NULL, false, "lines of the orders that ship"},
    {"shipments.sync", "read_locations", NULL, false, "where open lines are to ship from"},
    {"shipments.sync", FULFILLMENT_WRITE, NULL, false, "telling that goods have left, of the locations that each scope names"},
    {"shipments.sync", "write_assigned_fulfillment_orders", "fulfillment_service", false, "accepting requests as a fulfillment service"},
    {"inventory.sync", "write_inventory", NULL, false, "stock at each location"},
    {"inventory.sync", "read_locations", NULL, false, "which locations there are"},
    {"inventory.sync", "read_orders", NULL, false, "whether orders have changed that are not read yet"},
    {"images.sync", "write_products", "sync_images", false, "images of products"},
    {"images.sync", "write_files", "sync_images", false, "files that images are made of"},
    {"products.sync", "write_products", NULL, false, "changed fields of products and variants"},
    {"products.sync", "write_inventory", NULL, false, "SKU, unit cost, weight and origin of variants"},
    {"products.sync", "write_translations", "translations", true, "titles and texts in other languages"},
    {"products.add", "write_products", NULL, false, "creating products and their variants"},
    {"products.add", "write_publications", "sales_channels", true, "publishing new products on sales channels"},
    {"products.add", "write_inventory", NULL, false, "SKU, unit cost, weight and origin of variants"},
    {"products.add-variants", "write_products", NULL, false, "creating variants of products"},
    {"products.add-variants", "write_inventory", NULL, false, "SKU, unit cost, weight and origin of variants"},
    {"customers.sync", "read_customers", NULL, false, "customers that have changed"},
    {"customers.sync", "write_customers", "can_update_shopify_customers", false, "changed fields of customers and of their default address"},
    {"customers.add", "write_customers", NULL, false, "creating customers"},
    {"unmapped.suggest", "read_customers", NULL, false, "names, addresses and numbers of customers without a partner"},
    {"unmapped.suggest", "read_companies", NULL, true, "companies without a partner"},
    {"unmapped.suggest", "read_products", NULL, false, "SKUs and bar codes of products without a partner"},
    {"companies.add", "write_companies", NULL, false, "creating companies, their contacts and roles"},
    {"companies.add", "write_customers", NULL, false, "the contacts of companies"},
    {"companies.add", "write_products", "auto_create_catalog", false, "catalogs of companies and their price lists"},
    {"companies.add-locations", "write_products", "auto_create_catalog", false, "catalogs of locations and their price lists"},
    {"companies.add-locations", "write_companies", NULL, false, "creating locations of companies, their contacts and roles"},
    {"companies.add-locations", "write_customers", NULL, false, "the contacts of locations"},
    {"companies.sync", "read_companies", NULL, false, "companies and locations that have changed"},
    {"companies.sync", "read_customers", NULL, false, "the main contacts of companies"},
    {"companies.sync", "write_companies", "can_update_shopify_companies", false, "changed fields of companies and of their oldest location"},
    {"catalogs.sync", "read_products", NULL, false, "catalogs, publications and price lists"},
    {"catalogs.sync", "read_companies", NULL, true, "which companies a catalog is for"},
    {"catalogs.sync", "read_markets", NULL, true, "catalogs of markets"},
    {"catalog-prices.sync", "write_products", "catalogs", false, "prices on the price lists of catalogs"},
    {"sync.count", "read_orders", NULL, false, "counting orders"},
    {"payouts.sync", "read_shopify_payments_accounts", NULL, false, "payouts and the lines of the balance"},
    {"payouts.sync", "read_shopify_payments_payouts", NULL, false, "payouts and the lines of the balance"},
    {"disputes.sync", "read_shopify_payments_disputes", NULL, false, "disputes"},
};
const size_t SCOPE_NEED_COUNT = COUNT(SCOPE_NEEDS);

#define SALES_DOCUMENT "Sales Header (36), Sales Line (37)"
const struct permission_need PERMISSION_NEEDS[] = {
    {"orders.process", "customers", "read", "Customer (18)", "D365 CUSTOMER, VIEW", NULL},
    {"orders.process", "customers", "read, insert", "Customer (18), Contact (5050)", "D365 CUSTOMER, EDIT", "auto_create_customers"},
    {"orders.process", "items", "read", "Item (27)", "D365 ITEM, VIEW", NULL},
    {"orders.process", "itemVariants", "read", "Item Variant (5401)", "D365 ITEM, VIEW", NULL},
    {"orders.process", "items", "read, insert, modify", "Item (27), Item Unit of Measure (5404)", "D365 ITEM, EDIT", "auto_create_items"},
    {"orders.process", "itemVariants", "read, insert", "Item Variant (5401)", "D365 ITEM, EDIT", "auto_create_items"},
    {"orders.process", "itemCategories", "read", "Item Category (5722)", "D365 ITEM, VIEW", "auto_create_items"},
    {"orders.process", "vendors", "read", "Vendor (23)", "D365 VENDOR, VIEW", "auto_create_items"},
    {"orders.process", "salesOrders", "read, insert, modify, delete", SALES_DOCUMENT, "D365 SALES DOC, EDIT", NULL},
    {"orders.process", "salesInvoices", "read, insert, modify, delete", SALES_DOCUMENT ", Sales Invoice Header (112)", "D365 SALES DOC, EDIT", NULL},
    {"orders.process", "salesCreditMemos", "read, insert, modify, delete", SALES_DOCUMENT ", Sales Cr.Memo Header (114)", "D365 SALES DOC, EDIT", NULL},
    {"orders.process", "salesShipments", "read", "Sales Shipment Header (110)", "D365 SALES DOC, EDIT", NULL},
    {"orders.process", "shipmentMethods", "read", "Shipment Method (10)", "D365 BASIC", "shipment_methods"},
    {"orders.process", "paymentTerms", "read", "Payment Terms (3)", "D365 BASIC", "payment_terms"},
    {"orders.process", "locations", "read", "Location (14)", "D365 BASIC", "locations"},
    {"orders.process", "taxAreas", "read", "Tax Area (318), VAT Business Posting Group (323)", "D365 BASIC", "tax_areas"},
    {"customers.sync", "customers", "read", "Customer (18)", "D365 CUSTOMER, VIEW", NULL},
    {"customers.sync", "customers", "read, modify", "Customer (18), Contact (5050)", "D365 CUSTOMER, EDIT", "shopify_can_update_customers"},
    {"customers.sync", "customers", "read, insert", "Customer (18), Contact (5050)", "D365 CUSTOMER, EDIT", "auto_create_customers"},
    {"customers.sync", "taxAreas", "read", "Tax Area (318), VAT Business Posting Group (323)", "D365 BASIC", "tax_areas"},
    {"customers.sync", "companyInformation", "read", "Company Information (79)", "D365 BASIC", "can_update_shopify_customers"},
    {"companies.add", "customers", "read", "Customer (18)", "D365 CUSTOMER, VIEW", NULL},
    {"companies.add", "companyInformation", "read", "Company Information (79)", "D365 BASIC", NULL},
    {"companies.add", "paymentTerms", "read", "Payment Terms (3)", "D365 BASIC", "payment_terms"},
    {"companies.add-locations", "customers", "read", "Customer (18)", "D365 CUSTOMER, VIEW", NULL},
    {"companies.add-locations", "companyInformation", "read", "Company Information (79)", "D365 BASIC", NULL},
    {"companies.add-locations", "paymentTerms", "read", "Payment Terms (3)", "D365 BASIC", "payment_terms"},
    {"companies.sync", "customers", "read", "Customer (18)", "D365 CUSTOMER, VIEW", NULL},
    {"companies.sync", "customers", "read, modify", "Customer (18), Contact (5050)", "D365 CUSTOMER, EDIT", "shopify_can_update_companies"},
    {"companies.sync", "customers", "read, insert", "Customer (18), Contact (5050)", "D365 CUSTOMER, EDIT", "auto_create_companies"},
    {"companies.sync", "paymentTerms", "read", "Payment Terms (3)", "D365 BASIC", "payment_terms"},
    {"companies.sync", "companyInformation", "read", "Company Information (79)", "D365 BASIC", "can_update_shopify_companies"},
    {"companies.sync", "taxAreas", "read", "Tax Area (318), VAT Business Posting Group (323)", "D365 BASIC", "tax_areas"},
    {"customers.add", "customers", "read", "Customer (18)", "D365 CUSTOMER, VIEW", NULL},
    {"customers.add", "companyInformation", "read", "Company Information (79)", "D365 BASIC", NULL},
    {"unmapped.suggest", "customers", "read", "Customer (18)", "D365 CUSTOMER, VIEW", NULL},
    {"unmapped.suggest", "items", "read", "Item (27)", "D365 ITEM, VIEW", NULL},
    {"sales-orders.post", "salesOrders", "read, modify, post", SALES_DOCUMENT " and the ledgers that posting writes", "D365 SALES DOC, POST", NULL},
    {"sales-invoices.post", "salesInvoices", "read, modify, post", SALES_DOCUMENT " and the ledgers that posting writes", "D365 SALES DOC, POST", NULL},
    {"shipments.sync", "salesShipments", "read", "Sales Shipment Header (110), Sales Shipment Line (111)", "D365 SALES DOC, EDIT", NULL},
    {"inventory.sync", "items", "read", "Item (27)", "D365 ITEM, VIEW", NULL},
    {"images.sync", "items", "read", "Item (27), Tenant Media (2000000184)", "D365 ITEM, VIEW", "sync_images"},
    {"products.sync", "items", "read", "Item (27)", "D365 ITEM, VIEW", NULL},
    {"products.sync", "itemVariants", "read", "Item Variant (5401)", "D365 ITEM, VIEW", NULL},
    {"products.sync", "items", "read, insert", "Item (27), Item Unit of Measure (5404)", "D365 ITEM, EDIT", "auto_create_items"},
    {"products.sync", "items", "read, modify", "Item (27)", "D365 ITEM, EDIT", "shopify_can_update_items"},
    {"products.sync", "itemVariants", "read, insert", "Item Variant (5401)", "D365 ITEM, EDIT", "auto_create_items"},
    {"products.sync", "itemVariants", "read, modify", "Item Variant (5401)", "D365 ITEM, EDIT", "shopify_can_update_items"},
    {"products.sync", "itemCategories", "read", "Item Category (5722)", "D365 ITEM, VIEW", "sync_item"},
    {"products.sync", "vendors", "read", "Vendor (23)", "D365 VENDOR, VIEW", "sync_item"},
    {"products.sync", "unitsOfMeasure", "read, insert", "Unit of Measure (204)", "D365 SETUP", "uom_as_variant"},
    {"products.sync", "salesQuotes", "read, insert, delete", "Sales Header (36), Sales Line (37)", "D365 SALES DOC, EDIT", "price_customer"},
    {"products.sync", "currencies", "read", "Currency (4)", "D365 BASIC", "currency"},
    {"products.sync", "currencyExchangeRates", "read", "Currency Exchange Rate (330)", "D365 BASIC", "currency"},
    {"products.add", "items", "read", "Item (27)", "D365 ITEM, VIEW", NULL},
    {"products.add", "itemVariants", "read", "Item Variant (5401)", "D365 ITEM, VIEW", NULL},
    {"products.add-variants", "items", "read", "Item (27)", "D365 ITEM, VIEW", NULL},
    {"catalogs.sync", "generalLedgerSetup", "read", "General Ledger Setup (98)", "D365 BASIC", NULL},
    {"catalog-prices.sync", "items", "read", "Item (27)", "D365 ITEM, VIEW", "catalogs"},
    {"catalog-prices.sync", "currencies", "read", "Currency (4)", "D365 BASIC", "catalogs"},
    {"catalog-prices.sync", "currencyExchangeRates", "read", "Currency Exchange Rate (330)", "D365 BASIC", "catalogs"},
    {"catalog-prices.sync", "salesQuotes", "read, insert, delete", SALES_DOCUMENT, "D365 SALES DOC, EDIT", "price_probe"},
    {"products.add", "salesQuotes", "read, insert, delete", "Sales Header (36), Sales Line (37)", "D365 SALES DOC, EDIT", "price_customer"},
    {"products.add", "currencies", "read", "Currency (4)", "D365 BASIC", "currency"},
    {"products.add", "currencyExchangeRates", "read", "Currency Exchange Rate (330)", "D365 BASIC", "currency"},
    {"sync.count", "salesShipments", "read", "Sales Shipment Header (110)", "D365 SALES DOC, EDIT", NULL},
};
const size_t PERMISSION_NEED_COUNT = COUNT(PERMISSION_NEEDS);

const struct template_need TEMPLATE_NEEDS[] = {
    {"orders.process", "Customer (18)",
     "Gen. Bus. Posting Group, VAT Bus. Posting Group, Customer Posting Group; by country where they differ",
     "auto_create_customers"},
    {"customers.sync", "Customer (18)",
     "Gen. Bus. Posting Group, VAT Bus. Posting Group, Customer Posting Group; by country where they differ",
     "auto_create_customers"},
    {"companies.sync", "Customer (18)",
     "Gen. Bus. Posting Group, VAT Bus. Posting Group, Customer Posting Group; by country where they differ",
     "auto_create_companies"},
    {"products.sync", "Item (27)",
     "Base Unit of Measure, Gen. Prod. Posting Group, VAT Prod. Posting Group, Inventory Posting Group; or item_template of the shop",
     "auto_create_items"},
};
const size_t TEMPLATE_NEED_COUNT = COUNT(TEMPLATE_NEEDS);

const struct level_feature LEVEL_FEATURES[] = {
    {"orders, invoices and credit memos with their lines", "", true, true, true, ""},
    {"posting of orders and invoices", "", true, true, true, ""},
    {"shipments without tracking numbers", "", true, true, true, ""},
    {"tracking numbers and carriers of shipments", "", false, true, true, ""},
    {"payment methods on sales documents", "payment_methods", false, false, true, "no payment method"},
    {"shipping agents on sales documents", "shipment_agents,shipment_agent_services", false, false, true, "no shipping agent"},
    {"a second line of names on sales documents", "name_2_source", false, false, true, "no name 2"},
    {"tax areas by address on sales documents", "tax_area_priority", false, false, true, "no tax area"},
    {"Shopify's order number as the document's own", "use_shopify_order_no", false, false, true, "no number of one's own"},
    {"items, variants, categories and the price of their card", "", true, true, true, ""},
    {"pictures of items and variants", "", true, true, true, ""},
    {"vendor, tariff number and origin of items that are made, and changes of them", "auto_create_items,shopify_can_update_items", false, false, true, ""},
    {"bar codes of variants and vendors' numbers of items that are made", "auto_create_items,shopify_can_update_items", false, false, true, ""},
    {"units of items that are made, beside the base unit", "uom_as_variant", false, false, true, ""},
    {"the description of products as marketing text of items that are made", "", false, false, false, ""},
    {"weight, sales unit, origin, tariff number and vendor of items", "", false, true, true, ""},
    {"bar codes and vendors' numbers by variant and unit (else one GTIN of the item)", "", false, true, true, ""},
    {"variants that are blocked", "", false, true, true, ""},
    {"units of measure of items", "uom_as_variant", false, true, true, ""},
    {"descriptions of items in other languages", "language,translations", false, true, true, ""},
    {"extended and marketing texts of items", "sync_extended_text,sync_marketing_text", false, false, true, ""},
    {"attributes of items", "sync_attributes,option_attributes,product_metafields", false, false, true, ""},
    {"changes of units, bar codes and texts as they happen (else when all items are read)", "", false, false, true, ""},
    {"prices out of price lists (else by quotes for price_customer, or the card's)", "", false, false, true, ""},
    {"stock by variant and location (else one sum of an item)", "location_filters", false, true, true, ""},
    {"what is reserved of the stock", "", false, true, true, ""},
    {"purchases and transfers in the projected balance (else open sales orders alone)", "", false, false, true, ""},
    {"VAT date and invoice discount when posting", "", false, false, false, ""},
};
const size_t LEVEL_FEATURE_COUNT = COUNT(LEVEL_FEATURES);
/* clang-format on */

bool level_carries(const struct level_feature *feature, const char *level)
{
    return strcmp(level, "extension") == 0    ? feature->extension
           : strcmp(level, "odata-page") == 0 ? feature->odata_page
                                              : feature->api;
}

bool need_applies(const struct shop *shop, const char *setting)
{
    if (!setting)
        return true;
    const struct setting *row = settings_shop_row(setting);
    assert(row); /* the tables above name settings that there are */
    const char *at = (const char *)shop + row->offset;
    switch (row->type) {
    case SETTING_BOOL:
        return *(const bool *)at;
    case SETTING_MAP:
        return ((const struct setting_map *)at)->count > 0;
    case SETTING_TEXT:
        return **(const char *const *)at;
    case SETTING_CHOICE:
        return strcmp(row->choices[*(const int *)at], "none") != 0;
    case SETTING_INT:
    case SETTING_DECIMAL:
        break;
    }
    return true;
}

bool level_wanted(const struct level_feature *feature, const struct shop *shop,
                  char setting[static SETTING_NAME])
{
    for (const char *at = feature->settings; *at; at += strspn(at, ",")) {
        size_t size = strcspn(at, ",");
        snprintf(setting, SETTING_NAME, "%.*s", (int)size, at);
        if (need_applies(shop, setting))
            return true;
        at += size;
    }
    return false;
}

bool scope_applies(const struct shop *shop, const struct scope_need *need)
{
    if (strncmp(need->scopes, "write_", 6) == 0 && !shop->allow_writes)
        return false;
    return need_applies(shop, need->setting);
}

/* write_orders includes read_orders. */
static bool holds(const char *granted, const char *wanted, size_t size)
{
    if (strlen(granted) == size && strncmp(granted, wanted, size) == 0)
        return true;
    return size > 5 && strncmp(wanted, "read_", 5) == 0 && strncmp(granted, "write_", 6) == 0 &&
           strlen(granted + 6) == size - 5 && strncmp(granted + 6, wanted + 5, size - 5) == 0;
}

bool scope_granted(const char *scopes, const char *const granted[])
{
    for (const char *at = scopes; *at; at += strspn(at, "|")) {
        size_t size = strcspn(at, "|");
        for (size_t i = 0; granted[i]; i++)
            if (holds(granted[i], at, size))
                return true;
        at += size;
    }
    return false;
}

/* ---- versions ---- */

enum { RELEASE_MS = 17 * 3600 * 1000 };

bool api_version_end(const char *version, int64_t *end_ms)
{
    int year, month, used = 0;
    if (sscanf(version, "%4d-%2d%n", &year, &month, &used) != 2 || version[used] || used != 7 ||
        month < 1 || month > 12 || (month - 1) % 3 != 0)
        return false;
    *end_ms = days_of(year + 1, month, 1) * DAY_MS + RELEASE_MS;
    return true;
}

void api_version_latest(int64_t now_ms, char out[static 8])
{
    struct date date = days_date(floor_div(now_ms - RELEASE_MS, DAY_MS));
    snprintf(out, 8, "%04d-%02d", (int)((unsigned)date.year % 10000u),
             (int)((unsigned)(date.month - 1) / 3 % 4 * 3 + 1));
}

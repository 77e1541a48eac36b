/* settings.c - the tables of what people configure, and what reads them. */
#include "model/settings.h"

#include <ctype.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/ids.h"
#include "model/card_metafields.h"
#include "model/catalog_terms.h"
#include "model/fields.h"
#include "model/item_settings.h"
#include "model/product_settings.h"
#include "model/stock_settings.h"

static const char *const CUSTOMER_MAPPINGS[] = {"email-phone", "bill-to", "default", NULL};
static const char *const CUSTOMER_IMPORTS[] = {"none", "with-order", "all", NULL};
static const char *const COMPANY_MAPPINGS[] = {"email-phone", "tax-id", "default", NULL};
static const char *const CONTACT_ROLES[] = {"none", "ordering-only", "location-admin", NULL};
static const char *const NAME_SOURCES[] = {"first-last", "last-first", "none", "company", NULL};
static const char *const CONTACT_SOURCES[] = {"first-last", "last-first", "none", NULL};
static const char *const COUNTY_SOURCES[] = {"code", "name", NULL};
static const char *const CURRENCY_HANDLINGS[] = {"shop", "presentment", NULL};
static const char *const TAX_AREA_PRIORITIES[] = {
    "none",           "ship-sell-bill", "ship-bill-sell", "sell-ship-bill",
    "sell-bill-ship", "bill-sell-ship", "bill-ship-sell", NULL};
static const char *const RETURN_LOCATION_PRIORITIES[] = {"default", "original", NULL};
static const char *const REFUND_PROCESSES[] = {"none", "import-only", "auto-create", NULL};
static const char *const PRODUCT_STATUSES[] = {"active", "draft", "unlisted", NULL};
static const char *const INVENTORY_POLICIES[] = {"continue", "deny", NULL};
static const char *const WEIGHT_UNITS[] = {"grams", "kilograms", "ounces", "pounds", NULL};
static const char *const SYNC_IMAGES[] = {"none", "to-shopify", "from-shopify", NULL};
static const char *const SYNC_ITEMS[] = {"none", "to-shopify", "from-shopify", NULL};
static const char *const REMOVED_ACTIONS[] = {"nothing", "archive", "draft", NULL};
static const char *const SKU_MAPPINGS[] = {
    "none", "item-no", "item-no-variant", "vendor-item-no", "barcode", "variant-code", NULL};

#define COMPANY(field) offsetof(struct company, field)
static const struct setting COMPANY_TABLE[] = {
  /* clang-format off */
    {"name", SETTING_TEXT, COMPANY(name), NULL, NULL, "what people call it"},
    {"id", SETTING_TEXT, COMPANY(id), NULL, NULL, "its GUID in Business Central"},
    {"bc_origin", SETTING_TEXT, COMPANY(bc_base), "https://api.businesscentral.dynamics.com", NULL,
     "address of Business Central, when it is not Microsoft's"},
    {"bc_web", SETTING_TEXT, COMPANY(bc_web), "https://businesscentral.dynamics.com", NULL,
     "address of Business Central's web client, when it is not Microsoft's"},
    {"bc_login", SETTING_TEXT, COMPANY(bc_login), "https://login.microsoftonline.com", NULL,
     "address that gives out tokens, when it is not Microsoft's"},
    {"bc_tenant", SETTING_TEXT, COMPANY(bc_tenant), "", NULL, "tenant: GUID or domain"},
    {"bc_environment", SETTING_TEXT, COMPANY(bc_environment), "Production", NULL,
     "environment of the tenant"},
    {"bc_instance", SETTING_TEXT, COMPANY(bc_instance), "", NULL,
     "server instance of an installation of one's own"},
    {"bc_company", SETTING_TEXT, COMPANY(bc_company), "", NULL,
     "GUID at the API, when it is not the id"},
    {"bc_credential", SETTING_TEXT, COMPANY(bc_credential), "", NULL,
     "name of the credential for Business Central"},
    {"bc_late_s", SETTING_INT, COMPANY(bc_late_s), "510", NULL,
     "seconds in which Business Central may still finish a call we gave up"},
    {"public_address", SETTING_TEXT, COMPANY(public_address), "", NULL,
     "https://HOST where Shopify and Business Central reach the producers; left out = no webhooks"},
    {"time_zone", SETTING_TEXT, COMPANY(time_zone), "UTC", NULL,
     "IANA zone in which documents are dated"},
    {"log_days", SETTING_INT, COMPANY(log_days), "30", NULL, "days that the log keeps, 1 to 3650"},
    {"log_records", SETTING_INT, COMPANY(log_records), "10000", NULL,
     "most records that the log keeps, 100 to 100000"},
    {"skip_days", SETTING_INT, COMPANY(skip_days), "30", NULL,
     "days that skips stay listed which nobody has to do anything about, 1 to 3650"},
  /* clang-format on */
};

#define SHOP(field) offsetof(struct shop, field)
static const struct setting SHOP_TABLE[] = {
  /* clang-format off */
    {"code", SETTING_TEXT, SHOP(code), NULL, NULL, "up to 20 letters, digits, '-' and '_'"},
    {"store", SETTING_TEXT, SHOP(store), NULL, NULL,
     "NAME.myshopify.com; may not change while the shop is enabled"},
    {"origin", SETTING_TEXT, SHOP(origin), "", NULL,
     "address to reach the store at, when it is not https://NAME.myshopify.com"},
    {"api_version", SETTING_TEXT, SHOP(api_version), "2026-10", NULL,
     "version of Shopify's Admin API, YYYY-MM"},
    {"credential", SETTING_TEXT, SHOP(credential), "", NULL, "name of the credential for Shopify"},
    {"enabled", SETTING_BOOL, SHOP(enabled), "false", NULL,
     "off = no call at all; off for a copied data set"},
    {"background", SETTING_BOOL, SHOP(background), "true", NULL,
     "on = a sync returns at once with its run's number, off = its caller waits"},
    {"allow_writes", SETTING_BOOL, SHOP(allow_writes), "true", NULL,
     "off = reads go on, each write to Shopify is one skip"},
    {"currency", SETTING_TEXT, SHOP(currency), "", NULL,
     "currency code of documents; left out = the store's currency"},
    {"currency_handling", SETTING_CHOICE, SHOP(currency_handling), "shop", CURRENCY_HANDLINGS,
     "documents in the store's currency, or in the one that the customer has paid in"},
    {"customer_mapping", SETTING_CHOICE, SHOP(customer_mapping), "email-phone", CUSTOMER_MAPPINGS,
     "how an order finds its customer: e-mail and phone, who is billed where, or always the "
     "default customer"},
    {"default_customer", SETTING_TEXT, SHOP(default_customer), "", NULL,
     "customer number of orders without any customer data"},
    {"name_source", SETTING_CHOICE, SHOP(name_source), "company", NAME_SOURCES,
     "what customers are called: the address's company or person; where it has none, the other"},
    {"name_2_source", SETTING_CHOICE, SHOP(name_2_source), "none", NAME_SOURCES,
     "what stands in name 2 on documents, where it is not the name (at level extension)"},
    {"contact_source", SETTING_CHOICE, SHOP(contact_source), "first-last", CONTACT_SOURCES,
     "whom a document is shipped to at a company, where that is not the name"},
    {"county_source", SETTING_CHOICE, SHOP(county_source), "code", COUNTY_SOURCES,
     "county of addresses: the state's code or its name"},
    {"country_customers", SETTING_MAP, SHOP(country_customers), "", NULL,
     "ship-to country (GB): customer number of all its orders"},
    {"auto_create_customers", SETTING_BOOL, SHOP(auto_create_customers), "false", NULL,
     "make a customer that is not found, by the templates of Business Central's API setup"},
    {"customer_import", SETTING_CHOICE, SHOP(customer_import), "with-order", CUSTOMER_IMPORTS,
     "which customers of the store customers.sync reads: none, those of orders, or all"},
    {"shopify_can_update_customers", SETTING_BOOL, SHOP(shopify_can_update_customers), "false",
     NULL, "changes of customers in Shopify go to Business Central"},
    {"can_update_shopify_customers", SETTING_BOOL, SHOP(can_update_shopify_customers), "false",
     NULL, "changes of customers in Business Central go to Shopify"},
    {"company_import", SETTING_CHOICE, SHOP(company_import), "with-order", CUSTOMER_IMPORTS,
     "which companies of the store companies.sync reads: none, those of orders, or all"},
    {"company_mapping", SETTING_CHOICE, SHOP(company_mapping), "email-phone", COMPANY_MAPPINGS,
     "how a company finds its customer: e-mail or phone of its main contact, its tax number, or "
     "always the default company"},
    {"default_company", SETTING_TEXT, SHOP(default_company), "", NULL,
     "customer number of all companies where company_mapping is default"},
    {"auto_create_companies", SETTING_BOOL, SHOP(auto_create_companies), "false", NULL,
     "make a customer for a company that is not found, by the templates of Business Central's API "
     "setup"},
    {"shopify_can_update_companies", SETTING_BOOL, SHOP(shopify_can_update_companies), "false",
     NULL, "changes of companies in Shopify go to Business Central"},
    {"can_update_shopify_companies", SETTING_BOOL, SHOP(can_update_shopify_companies), "false",
     NULL, "changes of companies in Business Central go to Shopify"},
    {"customer_metafields", SETTING_MAP, SHOP(customer_metafields), "", NULL,
     "namespace and key of a customer's metafield (custom.salesperson): field of the customer there whose value it has (salespersonCode)"},
    {"company_metafields", SETTING_MAP, SHOP(company_metafields), "", NULL,
     "likewise, of a company's"},
    {"contact_role", SETTING_CHOICE, SHOP(contact_role), "ordering-only", CONTACT_ROLES,
     "what the contact of a company that is added may do at its location"},
    {"auto_create_catalog", SETTING_BOOL, SHOP(auto_create_catalog), "false", NULL,
     "a company or location that is added gets a catalog with a price list of its own"},
    {"sku_mapping", SETTING_CHOICE, SHOP(sku_mapping), "none", SKU_MAPPINGS,
     "what a SKU is in Business Central"},
    {"sku_separator", SETTING_TEXT, SHOP(sku_separator), "|", NULL,
     "between item number and variant code (item-no-variant)"},
    {"find_mapping_by_barcode", SETTING_BOOL, SHOP(find_mapping_by_barcode), "true", NULL,
     "look for the bar code where the SKU finds nothing"},
    {"product_status", SETTING_CHOICE, SHOP(product_status), "active", PRODUCT_STATUSES,
     "status of products that are created here"},
    {"product_tags", SETTING_TEXT, SHOP(product_tags), "", NULL,
     "tags of products that are created here, comma between"},
    {"product_collections", SETTING_MAP, SHOP(product_collections), "", NULL,
     "Shopify's number of a custom collection: filter on item category codes (CHAIR|DESK, *) whose new products join it"},
    {"uom_as_variant", SETTING_BOOL, SHOP(uom_as_variant), "false", NULL,
     "each unit of measure of an item is a variant of its own (at levels that show units)"},
    {"uom_option_name", SETTING_TEXT, SHOP(uom_option_name), "Unit of Measure", NULL,
     "name of the option that holds the unit"},
    {"option_attributes", SETTING_TEXT, SHOP(option_attributes), "", NULL,
     "names of item attributes that are options of products, comma between, at most 3 of an item (at level extension)"},
    {"inventory_tracked", SETTING_BOOL, SHOP(inventory_tracked), "false", NULL,
     "variants that are created here have their stock tracked"},
    {"inventory_policy", SETTING_CHOICE, SHOP(inventory_policy), "continue", INVENTORY_POLICIES,
     "whether Shopify goes on selling without stock"},
    {"sync_extended_text", SETTING_BOOL, SHOP(sync_extended_text), "false", NULL,
     "extended texts stand in the product's description"},
    {"sync_marketing_text", SETTING_BOOL, SHOP(sync_marketing_text), "false", NULL,
     "the marketing text stands in the product's description (at level extension)"},
    {"sync_attributes", SETTING_BOOL, SHOP(sync_attributes), "false", NULL,
     "attributes stand as a table in the product's description (at level extension)"},
    {"product_metafields", SETTING_MAP, SHOP(product_metafields), "", NULL,
     "namespace and key of a product's metafield (custom.material): name of the attribute whose value it has (at level extension)"},
    {"language", SETTING_TEXT, SHOP(language), "", NULL,
     "code of the language of titles and descriptions; left out = as on the item's card"},
    {"translations", SETTING_MAP, SHOP(translations), "", NULL,
     "locale of Shopify (de): code of the language (DEU) that titles and descriptions are translated from (at level extension)"},
    {"sync_tariff", SETTING_BOOL, SHOP(sync_tariff), "true", NULL,
     "tariff number and country of origin go along"},
    {"weight_unit", SETTING_CHOICE, SHOP(weight_unit), "kilograms", WEIGHT_UNITS,
     "unit of the weights on items"},
    {"price_group", SETTING_TEXT, SHOP(price_group), "", NULL,
     "customer price group that the shop sells at"},
    {"discount_group", SETTING_TEXT, SHOP(discount_group), "", NULL,
     "customer discount group of the shop"},
    {"price_vat_group", SETTING_TEXT, SHOP(price_vat_group), "", NULL,
     "VAT business posting group of the shop's prices"},
    {"price_customer", SETTING_TEXT, SHOP(price_customer), "", NULL,
     "number of a customer that is prepared for the shop's prices"},
    {"line_discounts", SETTING_BOOL, SHOP(line_discounts), "true", NULL,
     "line discounts count in prices"},
    {"prices_include_vat", SETTING_BOOL, SHOP(prices_include_vat), "false", NULL,
     "prices at Shopify hold the VAT"},
    {"price_check", SETTING_INT, SHOP(price_check), "0", NULL,
     "so many changed prices of a run are asked of Business Central again, by a quote for price_customer; 0 = none"},
    {"sync_item", SETTING_CHOICE, SHOP(sync_item), "none", SYNC_ITEMS,
     "which side leads: items go to Shopify by themselves, or products come from there"},
    {"can_update_shopify_products", SETTING_BOOL, SHOP(can_update_shopify_products), "false", NULL,
     "products that exist are changed with their items"},
    {"shopify_can_update_items", SETTING_BOOL, SHOP(shopify_can_update_items), "false", NULL,
     "items that exist are changed with their products"},
    {"auto_create_items", SETTING_BOOL, SHOP(auto_create_items), "false", NULL,
     "make the item of a product that has none, for products that come in and for orders"},
    {"item_template", SETTING_MAP, SHOP(item_template), "", NULL,
     "of items that are made: type, base_unit, category, product_group, inventory_group, "
     "tax_group and their codes; the rest as Business Central's API setup says"},
    {"variant_prefix", SETTING_TEXT, SHOP(variant_prefix), "V_", NULL,
     "what codes of variants begin with that a SKU does not say, up to 5 characters"},
    {"sync_prices", SETTING_BOOL, SHOP(sync_prices), "true", NULL,
     "prices go along with products"},
    {"catalogs", SETTING_MAP, SHOP(catalogs), "", NULL,
     "title or number of a catalog (* = all others): how its prices are made"},
    {"price_probe", SETTING_INT, SHOP(price_probe), "0", NULL,
     "so many percent of the prices of a catalog are compared with a sales quote; 0 = none"},
    {"removed_product_action", SETTING_CHOICE, SHOP(removed_product_action), "nothing", REMOVED_ACTIONS,
     "what becomes of the product of a blocked or removed item"},
    {"brake_prices", SETTING_INT, SHOP(brake_prices), "10", NULL,
     "a run that would change so much more than so many percent of prices waits; 0 = never"},
    {"brake_price_change", SETTING_INT, SHOP(brake_price_change), "30", NULL,
     "by so many percent a price changes before it counts for brake_prices"},
    {"brake_archive", SETTING_INT, SHOP(brake_archive), "2", NULL,
     "a run that would archive more than so many percent of products waits; 0 = never"},
    {"sales_channels", SETTING_TEXT, SHOP(sales_channels), "online_store", NULL,
     "handles of the sales channels that new products are published on, comma between"},
    {"shipping_account", SETTING_TEXT, SHOP(shipping_account), "", NULL,
     "account of shipping charges"},
    {"shipment_accounts", SETTING_MAP, SHOP(shipment_accounts), "", NULL,
     "shipping title: account, where it is not shipping_account"},
    {"shipment_items", SETTING_MAP, SHOP(shipment_items), "", NULL,
     "shipping title: item number, where it is no account (item charges are not possible)"},
    {"shipment_methods", SETTING_MAP, SHOP(shipment_methods), "", NULL,
     "shipping title: code of a shipment method"},
    {"custom_line_account", SETTING_TEXT, SHOP(custom_line_account), "", NULL,
     "account of lines without a product; left out = such orders are left alone"},
    {"gift_card_account", SETTING_TEXT, SHOP(gift_card_account), "", NULL,
     "account of gift cards sold"},
    {"tip_account", SETTING_TEXT, SHOP(tip_account), "", NULL, "account of tips"},
    {"cash_rounding_account", SETTING_TEXT, SHOP(cash_rounding_account), "", NULL,
     "account of what cash payments were rounded by; left out = the totals differ by it"},
    {"duties_account", SETTING_TEXT, SHOP(duties_account), "", NULL,
     "account of duties; left out = the totals differ by them"},
    {"fees_account", SETTING_TEXT, SHOP(fees_account), "", NULL,
     "account of additional fees; left out = the totals differ by them"},
    {"rounding_account", SETTING_TEXT, SHOP(rounding_account), "", NULL,
     "account without tax that evens out roundings; left out = they are shown on the order"},
    {"payment_terms", SETTING_MAP, SHOP(payment_terms), "", NULL,
     "name of payment terms (Net 30): their code"},
    {"salespeople", SETTING_MAP, SHOP(salespeople), "", NULL,
     "number of a staff member: code of a salesperson"},
    {"payment_methods", SETTING_MAP, SHOP(payment_methods), "", NULL,
     "payment gateway, or gateway/card company (shopify_payments/Visa): code of a payment method "
     "(at level extension)"},
    {"payment_priorities", SETTING_MAP, SHOP(payment_priorities), "", NULL,
     "as in payment_methods: 1 to 9999, the highest is the method where an order was paid by "
     "several; none = such an order has none"},
    {"shipment_agents", SETTING_MAP, SHOP(shipment_agents), "", NULL,
     "shipping title: code of a shipping agent (orders and invoices, at level extension)"},
    {"shipment_agent_services", SETTING_MAP, SHOP(shipment_agent_services), "", NULL,
     "shipping title: code of a service of its agent (at level extension)"},
    {"tax_areas", SETTING_MAP, SHOP(tax_areas), "", NULL,
     "country and state (US-CA): code of a tax area, of new customers and of documents"},
    {"tax_area_priority", SETTING_CHOICE, SHOP(tax_area_priority), "none", TAX_AREA_PRIORITIES,
     "whose address a document's tax area goes by, at level extension: the first with a city"},
    {"use_shopify_order_no", SETTING_BOOL, SHOP(use_shopify_order_no), "false", NULL,
     "the order's number is that of its document (orders, at level extension)"},
    {"locations", SETTING_MAP, SHOP(locations), "", NULL,
     "number of a location of Shopify: code of a location"},
    {"sync_images", SETTING_CHOICE, SHOP(sync_images), "none", SYNC_IMAGES,
     "pictures of items become images of their products, or the other way round"},
    {"stock_calculation", SETTING_CHOICE, SHOP(stock_calculation), "non-reserved",
     STOCK_CALCULATIONS, "stock of locations that have a filter or a code"},
    {"stock_calculations", SETTING_MAP, SHOP(stock_calculations), "", NULL,
     "number of a location of Shopify: disabled, non-reserved or projected-available, where it is "
     "another"},
    {"stock_quantities", SETTING_MAP, SHOP(stock_quantities), "", NULL,
     "number of a location of Shopify: on_hand or available, which of them is written there"},
    {"location_filters", SETTING_MAP, SHOP(location_filters), "", NULL,
     "number of a location of Shopify: filter on location codes whose stock it has (EAST|WEST)"},
    {"safety_stock", SETTING_MAP, SHOP(safety_stock), "", NULL,
     "item number, ITEM@LOCATION, *@LOCATION or *: pieces that Shopify is not told of"},
    {"stock_reserve", SETTING_INT, SHOP(stock_reserve), "0", NULL,
     "percent of free stock left to other shops of the company; 0 = they are not looked at"},
    {"stock_check_hours", SETTING_INT, SHOP(stock_check_hours), "24", NULL,
     "hours after which Shopify is asked which stock was changed there; 0 = only by hand"},
    {"freshness_target_s", SETTING_INT, SHOP(freshness_target_s), "75", NULL,
     "seconds within which a change in one system shall have arrived in the other"},
    {"brake_stock", SETTING_INT, SHOP(brake_stock), "20", NULL,
     "a run that would set more than so many percent of stocked variants to 0 waits; 0 = never"},
    {"brake_least", SETTING_INT, SHOP(brake_least), "20", NULL,
     "a run never waits for approval of fewer records"},
    {"create_fulfilled_orders_as_invoices", SETTING_BOOL,
     SHOP(create_fulfilled_orders_as_invoices), "true", NULL,
     "an order that has been delivered becomes a sales invoice"},
    {"order_no_on_line", SETTING_BOOL, SHOP(order_no_on_line), "false", NULL,
     "the first line of a document says the order's number"},
    {"order_attributes_to_shopify", SETTING_BOOL, SHOP(order_attributes_to_shopify), "true", NULL,
     "writes the document's number to the order, as attribute BC Doc. No."},
    {"return_and_refund_process", SETTING_CHOICE, SHOP(return_and_refund_process), "import-only",
     REFUND_PROCESSES, "whether refunds become credit memos by themselves"},
    {"refund_account", SETTING_TEXT, SHOP(refund_account), "", NULL,
     "account of money given back without goods"},
    {"refund_account_non_restock", SETTING_TEXT, SHOP(refund_account_non_restock), "", NULL,
     "account of refunded goods that do not come back to stock"},
    {"return_location", SETTING_TEXT, SHOP(return_location), "", NULL,
     "code of the location that goods come back to"},
    {"return_location_priority", SETTING_CHOICE, SHOP(return_location_priority), "default",
     RETURN_LOCATION_PRIORITIES,
     "goods come back to return_location (default), or to the location that the refund names, "
     "where it names one (original)"},
    {"external_document_prefix", SETTING_TEXT, SHOP(external_document_prefix), "", NULL,
     "stands before the order's name in the external document number"},
    {"send_shipping_confirmation", SETTING_BOOL, SHOP(send_shipping_confirmation), "true", NULL,
     "Shopify writes to the customer when goods are shipped"},
    {"fulfillment_service", SETTING_TEXT, SHOP(fulfillment_service), "", NULL,
     "name of our own fulfillment service at Shopify; goods of others are left to them"},
    {"tracking_companies", SETTING_MAP, SHOP(tracking_companies), "", NULL,
     "shipping agent: carrier as Shopify knows it, where its code is another"},
    {"tracking_urls", SETTING_MAP, SHOP(tracking_urls), "", NULL,
     "shipping agent: address of its tracking page, %1 where the number goes"},
    {"late_s", SETTING_INT, SHOP(late_s), "120", NULL,
     "seconds in which Shopify may still carry out a call we gave up"},
    {"bulk_from", SETTING_INT, SHOP(bulk_from), "100", NULL,
     "so many changes of a kind go to Shopify as one bulk operation; 0 = always one by one"},
    {"tolerance", SETTING_DECIMAL, SHOP(tolerance), "0", NULL,
     "totals may differ by so much before they are reported"},
    {"archive_processed_orders", SETTING_BOOL, SHOP(archive_processed_orders), "true", NULL,
     "archive an order in Shopify when it is fulfilled, paid and shipped from here"},
    {"auto_create_orders", SETTING_BOOL, SHOP(auto_create_orders), "false", NULL,
     "orders.sync makes the document of each new order at once"},
    {"order_history_start", SETTING_TEXT, SHOP(order_history_start), "2004-01-01", NULL,
     "YYYY-MM-DD: the first sync reads open orders that changed since"},
  /* clang-format on */
};

const struct setting *settings_company_table(size_t *count)
{
    *count = COUNT(COMPANY_TABLE);
    return COMPANY_TABLE;
}

const struct setting *settings_shop_table(size_t *count)
{
    *count = COUNT(SHOP_TABLE);
    return SHOP_TABLE;
}

const struct setting *settings_shop_row(const char *name)
{
    for (size_t i = 0; i < COUNT(SHOP_TABLE); i++)
        if (strcmp(SHOP_TABLE[i].name, name) == 0)
            return &SHOP_TABLE[i];
    return NULL;
}

const char *setting_map_get(const struct setting_map *map, const char *key)
{
    for (size_t i = 0; i < map->count; i++)
        if (strcasecmp(map->pairs[i].key, key) == 0)
            return map->pairs[i].value;
    return NULL;
}

/* ---- single values ---- */

bool settings_shop_code(const char *text, char out[static 24], struct err *err)
{
    size_t size = strlen(text);
    for (size_t i = 0; i < size && i <= 20; i++) {
        out[i] = (char)toupper((unsigned char)text[i]);
        if (!isalnum((unsigned char)text[i]) && text[i] != '-' && text[i] != '_')
            size = 0;
    }
    if (size < 1 || size > 20)
        return err_set(err, ERR_FATAL, 400,
                       "code \"%.40s\": want 1 to 20 letters, digits, '-' or '_'", text);
    out[size] = 0;
    return true;
}

bool settings_store(const char *text, char out[static 128], struct err *err)
{
    static const char ENDING[] = ".myshopify.com", ADMIN[] = "admin.shopify.com/store/";
    const char *name = strncasecmp(text, "https://", 8) == 0 ? text + 8 : text;
    bool admin = strncasecmp(name, ADMIN, sizeof ADMIN - 1) == 0;
    name += admin ? sizeof ADMIN - 1 : 0;
    size_t size = 0;
    while (isalnum((unsigned char)name[size]) || (size > 0 && name[size] == '-'))
        size++;
    const char *rest = name + size;
    if (!admin && strncasecmp(rest, ENDING, sizeof ENDING - 1) == 0)
        rest += sizeof ENDING - 1;
    else if (!admin)
        size = 0;
    rest += strspn(rest, "/");
    if (size < 1 || size > 100 || *rest)
        return err_set(err, ERR_FATAL, 400,
                       "store \"%.120s\": want NAME.myshopify.com, NAME of letters, digits and '-'",
                       text);
    for (size_t i = 0; i < size; i++)
        out[i] = (char)tolower((unsigned char)name[i]);
    memcpy(out + size, ENDING, sizeof ENDING);
    return true;
}

static bool address_ok(const char *field, const char *text, struct err *err)
{
    bool ok = strncmp(text, "https://", 8) == 0 || strncmp(text, "http://", 7) == 0;
    if (!*text || ok)
        return true;
    return err_set(err, ERR_FATAL, 400, "%s \"%.80s\": want an address that starts with https://",
                   field, text);
}

static bool currency_ok(const char *field, const char *text, struct err *err)
{
    for (size_t i = 0; i < strlen(text); i++)
        if (!isupper((unsigned char)text[i]) && !isdigit((unsigned char)text[i]))
            return err_set(err, ERR_FATAL, 400,
                           "%s \"%.20s\": want a code as in Business Central, GBP", field, text);
    return strlen(text) <= 10 || err_set(err, ERR_FATAL, 400, "%s: at most 10 letters", field);
}

static bool date_ok(const char *field, const char *text, struct err *err)
{
    int64_t ms;
    OWN_TEXT char *instant = mem_printf("%.10sT00:00:00Z", text);
    if (strlen(text) == 10 && time_parse(instant, &ms))
        return true;
    return err_set(err, ERR_FATAL, 400, "%s \"%.40s\": want a date, YYYY-MM-DD", field, text);
}

/* ---- records ---- */

bool settings_company_parse(const char *json_text, struct arena *arena, const struct company **out,
                            struct err *err)
{
    struct company *company = arena_alloc(arena, sizeof *company);
    unsigned char bytes[16];
    if (!fields_parse(json_text, COMPANY_TABLE, COUNT(COMPANY_TABLE), arena, company, err))
        return false;
    if (!uuid_parse(company->id, bytes))
        return err_set(err, ERR_FATAL, 400,
                       "id \"%.60s\": want the company's GUID, as Business Central's API lists it",
                       company->id);
    char *id = arena_alloc(arena, UUID_TEXT);
    uuid_format(bytes, id);
    company->id = id;
    if (!*company->bc_company)
        company->bc_company = id;
    if (!uuid_parse(company->bc_company, bytes))
        return err_set(err, ERR_FATAL, 400, "bc_company \"%.60s\": want a GUID",
                       company->bc_company);
    if (company->bc_late_s < 1 || company->bc_late_s > 86400)
        return err_set(err, ERR_FATAL, 400, "bc_late_s: want 1 to 86400 seconds");
    if (company->log_days < 1 || company->log_days > 3650)
        return err_set(err, ERR_FATAL, 400, "log_days: want 1 to 3650 days");
    if (company->log_records < 100 || company->log_records > 100000)
        return err_set(err, ERR_FATAL, 400, "log_records: want 100 to 100000 records");
    if (company->skip_days < 1 || company->skip_days > 3650)
        return err_set(err, ERR_FATAL, 400, "skip_days: want 1 to 3650 days");
    if (!address_ok("bc_origin", company->bc_base, err) ||
        !address_ok("bc_login", company->bc_login, err) ||
        !address_ok("public_address", company->public_address, err))
        return false;
    *out = company;
    return true;
}

static bool version_ok(const char *text)
{
    static const char FORM[] = "dddd-dd";
    if (strcmp(text, "unstable") == 0)
        return true;
    for (size_t i = 0; i < sizeof FORM; i++)
        if (FORM[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != FORM[i])
            return false;
    return true;
}

static bool priorities_ok(const struct shop *shop, struct err *err)
{
    for (size_t i = 0; i < shop->payment_priorities.count; i++) {
        const struct setting_pair *pair = &shop->payment_priorities.pairs[i];
        char *end;
        long priority = strtol(pair->value, &end, 10);
        if (*end || priority < 1 || priority > 9999)
            return err_set(err, ERR_FATAL, 400,
                           "payment_priorities \"%.60s\": \"%.20s\" does not fit, want 1 to 9999",
                           pair->key, pair->value);
    }
    return true;
}

bool settings_shop_parse(const char *json_text, struct arena *arena, const struct shop **out,
                         struct err *err)
{
    struct shop *shop = arena_alloc(arena, sizeof *shop);
    char code[24], store[128];
    if (!fields_parse(json_text, SHOP_TABLE, COUNT(SHOP_TABLE), arena, shop, err) ||
        !settings_shop_code(shop->code, code, err) || !settings_store(shop->store, store, err) ||
        !address_ok("origin", shop->origin, err) || !currency_ok("currency", shop->currency, err) ||
        !date_ok("order_history_start", shop->order_history_start, err) ||
        !priorities_ok(shop, err) || !stock_settings_check(shop, err) ||
        !product_settings_check(shop, err) || !card_metafields_check(shop, err) ||
        !catalog_terms_check(shop, err) || !item_settings_check(shop, err))
        return false;
    shop->code = arena_text(arena, code);
    shop->store = arena_text(arena, store);
    if (!version_ok(shop->api_version))
        return err_set(err, ERR_FATAL, 400, "api_version \"%.20s\": want YYYY-MM, as 2026-10",
                       shop->api_version);
    if (strlen(shop->external_document_prefix) > 20)
        return err_set(err, ERR_FATAL, 400,
                       "external_document_prefix: at most 20 characters, the number holds 35");
    if (shop->late_s < 1 || shop->late_s > 86400)
        return err_set(err, ERR_FATAL, 400, "late_s: want 1 to 86400 seconds");
    if (shop->bulk_from < 0 || shop->bulk_from > 1000000)
        return err_set(err, ERR_FATAL, 400, "bulk_from: want 0 to 1000000 changes");
    if (shop->brake_prices < 0 || shop->brake_prices > 100 || shop->brake_archive < 0 ||
        shop->brake_archive > 100 || shop->brake_price_change < 0)
        return err_set(err, ERR_FATAL, 400,
                       "brake_prices, brake_archive: want 0 to 100 percent; brake_price_change: "
                       "0 or more");
    if (shop->price_probe < 0 || shop->price_probe > 100)
        return err_set(err, ERR_FATAL, 400, "price_probe: want 0 to 100 percent");
    if (decimal_sign(shop->tolerance) < 0)
        return err_set(err, ERR_FATAL, 400, "tolerance: want 0 or more");
    *out = shop;
    return true;
}

void settings_company_write(const struct company *company, struct buf *json)
{
    fields_write(COMPANY_TABLE, COUNT(COMPANY_TABLE), company, json);
}

void settings_shop_write(const struct shop *shop, struct buf *json)
{
    fields_write(SHOP_TABLE, COUNT(SHOP_TABLE), shop, json);
}

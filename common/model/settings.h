/* settings.h - what people configure: companies, shops, credentials. Pure.
 *
 * One table a record: a row names the JSON field, its type, default, choices and help; the same
 * rows parse, check, write back and document. Errors are ERR_FATAL with code 400 and name the field
 * and what it takes; a field that no row knows is refused with the nearest names.
 */
#ifndef CARTAGE_SETTINGS_H
#define CARTAGE_SETTINGS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/decimal.h"
#include "base/err.h"

struct setting_pair {
    const char *key, *value;
};
struct setting_map {
    const struct setting_pair *pairs;
    size_t count;
};
const char *setting_map_get(const struct setting_map *map,
                            const char *key); /* NULL = none; any case */

struct company {
    const char *name;
    const char *id;       /* GUID in Business Central, lower case */
    const char *bc_base;  /* JSON bc_origin */
    const char *bc_web;   /* of the web client, for people's links */
    const char *bc_login; /* token endpoint's host */
    const char *bc_tenant, *bc_environment;
    const char *bc_instance; /* a server of one's own: its instance; "" = Microsoft's cloud */
    const char *bc_company;  /* as the API knows it; the id unless told otherwise */
    const char *bc_credential;
    int64_t bc_late_s;             /* how long the server may still finish a call that we gave up */
    const char *public_address;    /* where peers reach a producer from outside; "" = nowhere */
    const char *time_zone;         /* IANA; dates of documents */
    int64_t log_days, log_records; /* the log keeps so much (schemas/redis/trim.lua) */
    int64_t skip_days;             /* so long stay skips that need nobody (forget.lua) */
};

enum customer_mapping { CUSTOMER_BY_EMAIL_PHONE, CUSTOMER_BY_BILL_TO, CUSTOMER_DEFAULT };
enum customer_import { CUSTOMERS_NONE, CUSTOMERS_WITH_ORDER, CUSTOMERS_ALL };
enum contact_role { CONTACT_ROLE_NONE, CONTACT_ROLE_ORDERING, CONTACT_ROLE_ADMIN };
enum company_mapping { COMPANY_BY_EMAIL_PHONE, COMPANY_BY_TAX_ID, COMPANY_DEFAULT };
enum name_source { NAME_FIRST_LAST, NAME_LAST_FIRST, NAME_NONE, NAME_COMPANY };
enum county_source { COUNTY_CODE, COUNTY_NAME };
enum currency_handling { CURRENCY_SHOP, CURRENCY_PRESENTMENT };
enum refund_process { REFUNDS_NONE, REFUNDS_IMPORT_ONLY, REFUNDS_AUTO_CREATE };
enum return_location_priority { RETURN_TO_DEFAULT, RETURN_TO_ORIGINAL };
enum tax_area_priority { /* whose address goes first */
                         TAX_AREA_NONE,
                         TAX_AREA_SHIP_SELL_BILL,
                         TAX_AREA_SHIP_BILL_SELL,
                         TAX_AREA_SELL_SHIP_BILL,
                         TAX_AREA_SELL_BILL_SHIP,
                         TAX_AREA_BILL_SELL_SHIP,
                         TAX_AREA_BILL_SHIP_SELL
};
enum product_status { PRODUCT_ACTIVE, PRODUCT_DRAFT, PRODUCT_UNLISTED };
enum inventory_policy { POLICY_CONTINUE, POLICY_DENY };
enum weight_unit { WEIGHT_GRAMS, WEIGHT_KILOGRAMS, WEIGHT_OUNCES, WEIGHT_POUNDS };
enum sync_images { IMAGES_NONE, IMAGES_TO_SHOPIFY, IMAGES_FROM_SHOPIFY };
enum stock_calculation { STOCK_DISABLED, STOCK_NON_RESERVED, STOCK_PROJECTED };
enum stock_quantity { STOCK_ON_HAND, STOCK_AVAILABLE };
enum sync_item { SYNC_ITEM_NONE, SYNC_ITEM_TO_SHOPIFY, SYNC_ITEM_FROM_SHOPIFY };
enum removed_action { REMOVED_NOTHING, REMOVED_ARCHIVE, REMOVED_DRAFT };
enum sku_mapping {
    SKU_NONE,
    SKU_ITEM_NO,
    SKU_ITEM_NO_VARIANT,
    SKU_VENDOR_ITEM_NO,
    SKU_BARCODE,
    SKU_VARIANT_CODE
};

struct shop {
    const char *code;   /* upper case, [A-Z0-9_-]{1,20} */
    const char *store;  /* name.myshopify.com, lower case */
    const char *origin; /* another address than the store's; "" = https://<store> */
    const char *api_version;
    const char *credential;
    bool enabled;
    bool background;       /* the toggle: run syncs in background */
    bool allow_writes;     /* of data to Shopify */
    const char *currency;  /* of documents; "" = the store's */
    int currency_handling; /* enum currency_handling */
    int customer_mapping;  /* enum customer_mapping */
    const char *default_customer;
    int name_source, name_2_source, contact_source; /* enum name_source, of customers */
    int county_source;                              /* enum county_source */
    struct setting_map country_customers;           /* ship-to country -> customer number */
    bool auto_create_customers;
    int customer_import;               /* enum customer_import */
    bool shopify_can_update_customers; /* one of these two at most */
    bool can_update_shopify_customers;
    int company_import;  /* enum customer_import, of companies */
    int company_mapping; /* enum company_mapping */
    const char *default_company;
    bool auto_create_companies;
    bool shopify_can_update_companies; /* one of these two at most */
    bool can_update_shopify_companies;
    int contact_role; /* enum contact_role */
    bool auto_create_catalog;
    int sku_mapping; /* enum sku_mapping */
    const char *sku_separator;
    bool find_mapping_by_barcode;
    const char *sales_channels;
    int sync_item;
    bool can_update_shopify_products;
    bool shopify_can_update_items;
    bool auto_create_items;
    struct setting_map item_template; /* "type" "base_unit" ... -> code, of items made here */
    const char *variant_prefix;
    bool sync_prices;
    struct setting_map catalogs; /* title or number -> how its prices are made (catalog_terms.h) */
    int64_t price_probe;         /* percent of prices that a quote is asked for, too */
    int removed_product_action;
    int64_t brake_prices;
    int64_t brake_price_change;
    int64_t brake_archive;
    /* products and prices */
    int product_status;
    const char *product_tags;
    struct setting_map product_collections;
    bool uom_as_variant;
    const char *uom_option_name;
    const char *option_attributes;
    bool inventory_tracked;
    int inventory_policy;
    bool sync_extended_text;
    bool sync_marketing_text;
    bool sync_attributes;
    struct setting_map product_metafields;
    struct setting_map customer_metafields, company_metafields; /* name -> field of the card */
    const char *language;
    struct setting_map translations;
    bool sync_tariff;
    int weight_unit;
    const char *price_group;
    const char *discount_group;
    const char *price_vat_group;
    const char *price_customer;
    bool line_discounts;
    bool prices_include_vat;
    int64_t price_check;
    const char *shipping_account;
    struct setting_map shipment_accounts; /* shipping title -> account, where it is another */
    struct setting_map shipment_items;    /* shipping title -> item, instead of an account */
    struct setting_map shipment_methods;  /* shipping title -> shipment method of the ERP */
    const char *custom_line_account; /* lines without a product; "" = such orders are left alone */
    const char *gift_card_account, *tip_account, *cash_rounding_account;
    const char *duties_account, *fees_account;
    const char *rounding_account;       /* evens out explained differences; "" = they are shown */
    struct setting_map payment_terms;   /* name of the terms -> payment terms of the ERP */
    struct setting_map salespeople;     /* Shopify's staff member -> salesperson */
    struct setting_map payment_methods; /* gateway[/card's company] -> payment method of the ERP */
    struct setting_map payment_priorities; /* likewise -> which goes first where several paid */
    struct setting_map shipment_agents;    /* shipping title -> shipping agent of the ERP */
    struct setting_map shipment_agent_services; /* likewise -> service of that agent */
    struct setting_map tax_areas;               /* "US-CA" -> tax area of the ERP */
    int tax_area_priority;                      /* enum tax_area_priority */
    bool use_shopify_order_no;                  /* as the document's number */
    struct setting_map locations;               /* Shopify's location -> location code */
    int sync_images;                            /* enum sync_images */
    /* Stock (model/stock_settings.h); locations are Shopify's, by number. */
    int stock_calculation;                 /* enum, of locations that have a filter or a code */
    struct setting_map stock_calculations; /* location -> another calculation */
    struct setting_map stock_quantities;   /* location -> on_hand, available */
    struct setting_map location_filters;   /* location -> filter on the ERP's location codes */
    struct setting_map safety_stock;       /* item, item@location, ... -> pieces kept back */
    int64_t stock_reserve;                 /* percent left to the company's other shops; 0 = none */
    int64_t stock_check_hours;             /* Shopify's stock is compared so often; 0 = never */
    int64_t freshness_target_s;            /* within which a change shall have arrived */
    int64_t brake_stock, brake_least;      /* percent set to 0 that holds a run, from so many on */
    bool create_fulfilled_orders_as_invoices;
    bool order_no_on_line;            /* the first line says the order's name */
    bool order_attributes_to_shopify; /* writes BC Doc. No. back */
    int return_and_refund_process;    /* enum refund_process */
    const char *refund_account, *refund_account_non_restock;
    const char *return_location;  /* code; where goods come back to */
    int return_location_priority; /* enum: does it go before the one that the refund names? */
    const char *external_document_prefix;
    bool send_shipping_confirmation;
    const char *fulfillment_service;       /* name of our own at Shopify; "" = none */
    struct setting_map tracking_companies; /* shipping agent -> carrier as Shopify knows it */
    struct setting_map tracking_urls;      /* shipping agent -> address, %1 = the number */
    int64_t late_s;           /* how long Shopify may still carry out a call we gave up */
    int64_t bulk_from;        /* so many changes of a kind go as one bulk operation; 0 = never */
    struct decimal tolerance; /* a difference of totals up to this is none */
    bool archive_processed_orders;
    bool auto_create_orders;
    const char *order_history_start; /* YYYY-MM-DD: open orders from here on at the first sync */
};

/* Texts live in the arena. */
MUST_USE bool settings_company_parse(const char *json_text, struct arena *arena,
                                     const struct company **out, struct err *err);
MUST_USE bool settings_shop_parse(const char *json_text, struct arena *arena,
                                  const struct shop **out, struct err *err);
/* Every field, defaults too, in the table's order: equal settings are equal texts. */
void settings_company_write(const struct company *company, struct buf *json);
void settings_shop_write(const struct shop *shop, struct buf *json);

/* Checks a credential and writes it in canonical form. Secrets are {"env"|"file"|"sealed": text}.
 */
MUST_USE bool settings_credential_check(const char *name, const char *json_text, struct buf *json,
                                        struct err *err);
/* Letters, digits, '_' and '-', at most 20, upper-cased. */
MUST_USE bool settings_shop_code(const char *text, char out[static 24], struct err *err);
/* "https://name.myshopify.com/", "name.myshopify.com", "admin.shopify.com/store/name" ->
 * "name.myshopify.com". */
MUST_USE bool settings_store(const char *text, char out[static 128], struct err *err);

enum setting_type {
    SETTING_TEXT,
    SETTING_BOOL,
    SETTING_INT,
    SETTING_CHOICE,
    SETTING_DECIMAL,
    SETTING_MAP
};
struct setting { /* one row */
    const char *name;
    enum setting_type type;
    size_t offset;              /* in its struct */
    const char *otherwise;      /* default as text; NULL = required */
    const char *const *choices; /* SETTING_CHOICE, NULL-ended; the value is the index */
    const char *help;
};
const struct setting *settings_company_table(size_t *count);
const struct setting *settings_shop_table(size_t *count);
const struct setting *settings_shop_row(const char *name); /* NULL = none */

/* "did you mean tags or test?"-style help: appends up to two names near `wrong`; for this room. */
void settings_nearest(const char *wrong, const char *const names[], size_t count, struct buf *out);

#endif

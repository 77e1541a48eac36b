/* settings_card.c - the shop card, row by row, for people in a shop's office. */
#include "model/settings_card.h"

#include <stdio.h>
#include <string.h>

static const struct setting_group GROUPS[] = {
    {"general",   "General"                  },
    {"customers", "Customers"                },
    {"items",     "Items"                    },
    {"products",  "Products"                 },
    {"prices",    "Prices"                   },
    {"orders",    "Orders and documents"     },
    {"accounts",  "Accounts"                 },
    {"mappings",  "Codes of Business Central"},
    {"refunds",   "Returns and refunds"      },
    {"shipments", "Shipments"                },
    {"stock",     "Stock"                    },
    {"brakes",    "Brakes"                   },
    {"traffic",   "Calls to Shopify"         },
};

/* name, title, group, unit, level, needs, explain */
static const struct setting_card CARDS[] = {
  /* clang-format off */
    {"code", "Code", "general", "", "", "",
     "The short name of this shop: entries, lists and commands use it. It stays as it is; for another one, add another shop."},
    {"store", "Shopify Admin URL", "general", "NAME.myshopify.com", "", "",
     "The store that this shop reads and writes. Several shops may share one store, each with settings of its own, and split its "
     "orders by the filters of their entries. It can be changed only while the shop is disabled: what has been read belongs to the store."},
    {"origin", "Other address of the store", "general", "https://...", "", "",
     "Left empty, the store is reached at its own address. Something else is needed only where a proxy or a simulated store stands in between."},
    {"api_version", "API Version", "general", "YYYY-MM", "", "",
     "The version of Shopify's Admin API that is spoken. Shopify serves each version for a year; change it when cartage's notes name a later one."},
    {"credential", "Credential", "general", "name of a credential", "", "",
     "The stored credential (token, or client id and secret) that opens the store. Left empty, Shopify refuses every call."},
    {"enabled", "Enabled", "general", "", "", "credential",
     "On: the shop's tasks run. Off: nothing is asked of its store or told to it, and each run for it ends with an error that says so. "
     "Entries stay as they are. A copied data set should begin with its shops off."},
    {"background", "Run Syncs in Background", "general", "", "", "",
     "On: a sync that a person starts is put into the queue, and the answer is its number at once. Off: whoever starts it waits, sees the "
     "progress and in the end the counts or the error. The same rules of the queue apply; entries with a schedule do not look at this."},
    {"allow_writes", "Allow Data Sync to Shopify", "general", "", "", "",
     "On: shipments, order attributes and archiving go to the store. Off: reading and making documents go on, and what would be written to "
     "Shopify is left for later and counted as skipped. Use it to look on before you let cartage write."},
    {"currency", "Currency Code", "general", "currency code", "", "",
     "The code that Business Central has for the store's currency. Left empty, documents carry the store's own code (EUR, GBP). Set it "
     "where your company calls that currency by another code."},
    {"customer_mapping", "Customer Mapping Type", "customers", "", "", "",
     "How an order finds its customer. email-phone: whoever has the order's e-mail address, else its phone number. bill-to: whoever has "
     "exactly the name and address on the bill, and where goods go to another address, they "
     "are sold to that one's customer. default: always the default customer. A customer by country and what a person has mapped go first."},
    {"default_customer", "Default Customer No.", "customers", "customer number", "", "",
     "Gets the orders that carry no customer data at all (sales at a till), and every order where the mapping type is default. Left empty, such orders wait as unmapped."},
    {"name_source", "Name Source", "customers", "", "", "",
     "What a customer that is made is called, and by which name the bill's customer is found: the company of his address (company), his first and last "
     "name (first-last, last-first), or what Name 2 is (none). An address that lacks it has whatever else it names."},
    {"name_2_source", "Name 2 Source", "customers", "", "extension", "",
     "What stands in Name 2 of sell-to, bill-to and ship-to on documents, unless it is the name itself: the person (first-last, last-first) or the company. none: nothing. Customers have no Name 2 there: "
     "no way of making one takes it. Without the app in the company, orders.process refuses the shop unless this is none."},
    {"contact_source", "Contact Source", "customers", "", "", "",
     "Who stands as the contact of the ship-to address, unless that is its name: first and last name in either order (first-last, last-first), or nobody (none)."},
    {"county_source", "County Source", "customers", "", "", "",
     "What stands as the county of addresses, on documents and customers: the state's code (code: CA) or its name (name: California). Where the bill is what a customer is found by, "
     "it is compared with his county."},
    {"country_customers", "Customer by Country", "customers", "country code: customer number", "", "",
     "One customer for all orders that are shipped to a country, as GB: 10000. It goes before every other rule. Countries that are not listed go by the mapping type."},
    {"auto_create_customers", "Auto Create Unknown Customers", "customers", "", "", "",
     "On: a customer that is not found is made in Business Central, by the templates of its page API Setup, when his order becomes a document. "
     "Off: the order waits, and the customer stands in the list of unmapped customers until a person maps him."},
    {"customer_import", "Customer Import From Shopify", "customers", "", "", "",
     "Which customers of the store customers.sync reads. with-order: those whose orders were read already. all: every one; who is not found in Business Central "
     "is made there (auto_create_customers) or stands in the list of unmapped customers. none: nobody."},
    {"shopify_can_update_customers", "Shopify Can Update Customers", "customers", "", "", "customer_import",
     "On: name, address, phone and e-mail of a linked customer are written to Business Central when they change in Shopify. Off: Business Central keeps what it has. One of the two directions at most."},
    {"can_update_shopify_customers", "Can Update Shopify Customers", "customers", "", "", "allow_writes",
     "On: name, address, phone and e-mail of a linked customer are written to Shopify when they change in Business Central. Off: Shopify keeps what it has. One of the two directions at most."},
    {"company_import", "Company Import From Shopify", "customers", "", "", "",
     "Which companies of the store companies.sync reads. with-order: those whose orders were read already. all: every one; what is not found in Business Central "
     "is made there (auto_create_companies) or stands in the list of unmapped companies. none: nothing."},
    {"company_mapping", "Company Mapping Type", "customers", "", "", "",
     "How a company finds its customer. email-phone: whoever has the e-mail address of its main contact, or his phone number where he has no address. tax-id: whoever has the tax number "
     "of its oldest location as VAT registration number. default: always the default company. What is linked already, or mapped by a person, goes first."},
    {"default_company", "Default Company No.", "customers", "customer number", "", "",
     "Gets all companies that are not linked, where the mapping type is default. Nothing of them is ever written to it."},
    {"auto_create_companies", "Auto Create Unknown Companies", "customers", "", "", "company_import",
     "On: a company that is not found is made as a customer in Business Central, by the templates of its page API Setup. "
     "Off: it stands in the list of unmapped companies until a person maps it."},
    {"shopify_can_update_companies", "Shopify Can Update Companies", "customers", "", "", "company_import",
     "On: name, address, phone, tax number and payment terms of a linked company are written to Business Central when they change in Shopify. What Shopify has not, or has no code for in payment_terms, is kept. Off: Business Central keeps what it has. One of the two directions at most."},
    {"can_update_shopify_companies", "Can Update Shopify Companies", "customers", "", "", "allow_writes",
     "On: name, address, phone, tax number and payment terms of a linked customer are written to the company and its oldest location when they change in Business Central; other locations stay. Off: Shopify keeps what it has. One of the two directions at most."},
    {"customer_metafields", "Customer Metafields", "customers", "namespace.key: field of the customer", "", "can_update_shopify_customers",
     "Fields of a customer's card that he carries at Shopify as metafields, as custom.salesperson: salespersonCode. They are single lines of text: number, website, salespersonCode, creditLimit, currencyCode, taxRegistrationNumber. One that is blank there leaves its metafield as it is."},
    {"company_metafields", "Company Metafields", "customers", "namespace.key: field of the customer", "", "can_update_shopify_companies",
     "The same fields of a customer's card, carried by the company that he is at Shopify."},
    {"contact_role", "Default Contact Permission", "customers", "", "", "",
     "What the main contact of a company that companies.add makes may do at its location: order for it (ordering-only), order and manage it (location-admin), or nothing until a person says so (none)."},
    {"auto_create_catalog", "Auto Create Catalog", "customers", "", "", "allow_writes",
     "On: a company that companies.add makes, and a location that companies.add-locations makes, gets a catalog of its name with a price list of its own, where the plan of the shop has catalogs for company locations. What it costs there says the setting catalogs. Off: it sees the store's prices."},
    {"sku_mapping", "SKU Mapping", "items", "", "", "",
     "What the SKU of a product variant is in Business Central. none: nothing, the bar code or a person decides. item-no: the item's number. "
     "item-no-variant: item number and variant code, the separator between. vendor-item-no: the vendor's item number. barcode: a bar code of the item. "
     "variant-code: the variant's code alone; items without variants have no SKU."},
    {"sku_separator", "SKU Field Separator", "items", "character", "", "sku_mapping",
     "Stands between item number and variant code in a SKU. Only the mapping item-no-variant looks at it."},
    {"find_mapping_by_barcode", "Find Mapping by Barcode", "items", "", "", "",
     "On: where the SKU finds no item, the bar code is looked for among the item references. Off: such a product stays unmapped, and its orders wait until a person maps it."},
    {"product_status", "Status for Created Products", "products", "", "", "",
     "What a product is when it is created: active, on sale where it is published; draft, not yet to be seen; unlisted, only for those who have its address. Products that exist keep theirs."},
    {"product_tags", "Tags of Created Products", "products", "tags, comma between", "", "",
     "The tags that a product gets when it is created. Those of products that stand are the merchant's, and stay."},
    {"product_collections", "Collections of Created Products", "products", "collection: filter on category codes", "", "",
     "Which custom collections a product joins when it is created, by the code of its item's category; * = all. Products that stand stay where the merchant has put them. Collections that fill themselves take nobody by hand."},
    {"uom_as_variant", "UoM as Variant", "products", "", "", "",
     "On: an item is offered once for each of its units of measure. Off: in its sales unit alone. Choose before products are created: options of a product that stands are not changed."},
    {"uom_option_name", "Variant Option Name for UoM", "products", "name of an option", "", "uom_as_variant",
     "What customers see as the name of the option that holds the unit of measure."},
    {"option_attributes", "Attributes as Options", "products", "names of attributes, comma between", "extension", "",
     "Item attributes that customers choose by, as Colour,Size: where an item has any of them, its product has these options in this order, each variant with the value of its own or else the item's. Left empty, the option is the variant's code. A product has at most 3. Not together with UoM as Variant. Choose before products are created: options of a product that stands are not changed."},
    {"inventory_tracked", "Inventory Tracked", "products", "", "", "",
     "On: Shopify counts the stock of variants that are created here. Off: it sells them without counting."},
    {"inventory_policy", "Default Inventory Policy", "products", "", "", "",
     "continue: a variant can be bought when nothing is left. deny: it cannot."},
    {"sync_extended_text", "Sync Item Extended Text", "products", "", "", "",
     "On: the item's extended texts that are valid today, in the shop's language or for all languages, are part of the description. Off: they are not."},
    {"sync_marketing_text", "Sync Item Marketing Text", "products", "", "", "",
     "On: the item's marketing text is part of the description, where the company shows it. Off: it is not."},
    {"sync_attributes", "Sync Item Attributes", "products", "", "", "",
     "On: the item's attributes that are not blocked stand as a table at the end of the description. Off: there is no such table."},
    {"product_metafields", "Product Metafields", "products", "namespace.key: name of an attribute", "extension", "",
     "Attributes of items that products carry as metafields, as custom.material: Material. They are single lines of text; an attribute that an item has no more leaves its metafield as it is."},
    {"language", "Language Code", "products", "language code", "", "",
     "Titles and texts are those of this language of Business Central (ENU). Where the item has no translation, its own description is the title."},
    {"translations", "Translations", "products", "locale: language code", "extension", "",
     "The languages that products are shown in beside the shop's own, as de: DEU. Titles are the item's translations, descriptions its texts in that language; what an item has none of stays as Shopify has it. The store has to know the locale."},
    {"sync_tariff", "Sync HS Code and Country", "products", "", "", "",
     "On: the item's tariff number and country of origin go to Shopify, where the company shows them. Off: Shopify's own stay."},
    {"weight_unit", "Weight Unit", "products", "", "", "",
     "The unit in which weights stand on items in Business Central: grams, kilograms, ounces or pounds. Shopify is told the weight in it."},
    {"price_group", "Customer Price Group", "prices", "code", "", "",
     "Prices of this group go before those for all customers, where the company shows price lists; else the price customer's do."},
    {"discount_group", "Customer Discount Group", "prices", "code", "", "",
     "Line discounts of this group make the price; the price before the discount is the compare-at price."},
    {"price_vat_group", "VAT Bus. Posting Group", "prices", "code", "", "",
     "Whose VAT is put into prices, or taken out of them. Left empty, VAT stays as the price lists have it."},
    {"price_customer", "Customer of Price Quotes", "prices", "customer number", "", "",
     "Without price lists to read, prices are asked with a sales quote for this customer, which is deleted again: give it the shop's groups. Left empty, such a company's prices are those of the item cards."},
    {"line_discounts", "Allow Line Discount", "prices", "", "", "",
     "On: line discounts make the price lower than the compare-at price. Off: not that of the item card; a price list's line says so itself."},
    {"prices_include_vat", "Prices Including VAT", "prices", "", "", "",
     "On: VAT is in the prices that Shopify is told. Off: it is not."},
    {"price_check", "Price Check", "prices", "prices a run", "", "price_customer",
     "So many of the prices that a run would send are asked of Business Central itself, by a sales quote for the prepared customer that is deleted again. Where its word is another, the quote's price is sent and the item is listed, because the prices here are then not worked out as there."},
    {"catalogs", "Prices of Catalogs", "prices", "catalog: price_group=GOLD, discount_group=B2B", "", "allow_writes",
     "A catalog that is named here, by its title or number, gets its prices from Business Central; * names all others. What follows says who buys: "
     "customer, price_group, discount_group, vat_group, line_discounts=no, include_vat=yes; quantity_breaks=yes: what more pieces cost is told, too. Left out, a catalog is left alone."},
    {"price_probe", "Prices Compared with Quotes", "prices", "percent", "", "catalogs",
     "So many of a catalog's prices are also asked of Business Central, on a sales quote for the customer that catalogs names. One that differs stops the catalog. 0: none."},
    {"sync_item", "Sync Item", "products", "", "", "",
     "none: products.sync does nothing but change prices where it is asked to. to-shopify: what changes on items goes to their products. "
     "from-shopify: products that are new or have changed at Shopify find their items, and change or make them where the next settings say so."},
    {"can_update_shopify_products", "Can Update Shopify Products", "products", "", "", "sync_item",
     "On: products.sync changes products that are linked to items. Off: they stay as they were created, but for prices where a run is asked for these only."},
    {"shopify_can_update_items", "Shopify Can Update Items", "products", "", "", "sync_item",
     "On: what changes on a product at Shopify goes to its item: description, category, vendor, tariff number, country of origin, bar codes, and the descriptions of variants. "
     "Prices, costs and weights never do. Off: items stay as they are."},
    {"auto_create_items", "Auto Create Unknown Items", "items", "", "", "",
     "On: a product that has no item gets one, when it comes in from Shopify and when an order names it. Off: it stands in the list of unmapped products, and its orders wait until a person maps it."},
    {"item_template", "Item Template", "items", "type, base_unit, category, product_group, inventory_group, tax_group: code", "", "auto_create_items",
     "What items that are made here are given: {base_unit: PCS, product_group: RETAIL}. What is left out comes from the templates of Business Central's page API Setup."},
    {"variant_prefix", "Variant Prefix", "items", "up to 5 characters", "", "auto_create_items",
     "A variant whose SKU holds no code for it gets one of this and a number: V_001."},
    {"sync_prices", "Sync Prices with Products", "prices", "", "", "",
     "On: products.sync tells prices, too. Off: it does so only where it is asked for prices alone."},
    {"removed_product_action", "Action for Removed Products and Blocked Items", "products", "", "", "can_update_shopify_products",
     "What becomes of a product whose item gets blocked, or is deleted in Business Central. nothing: it stays. archive: it is archived. draft: it is not to be seen any more. An item that is unblocked does not bring it back; the product of a deleted one is no item's from then on."},
    {"brake_prices", "Prices Changed That Wait", "brakes", "percent", "", "allow_writes",
     "A run that would change more than so many percent of the shop's prices, each by more than the next setting says, writes nothing and waits until somebody approves it. 0: such runs do not wait."},
    {"brake_price_change", "Change of a Price That Counts", "brakes", "percent", "", "brake_prices",
     "A price that changes by more than this counts among those that make a run wait. Smaller changes never do."},
    {"brake_archive", "Products Archived That Wait", "brakes", "percent", "", "removed_product_action",
     "A run that would archive more than so many percent of the shop's products writes nothing and waits until somebody approves it. 0: such runs do not wait."},
    {"sales_channels", "Sales Channels", "products", "handles, comma between", "", "",
     "Where a product is published when it is created: the handles of sales channels (online_store, pos). Left empty, it is published nowhere, and a person does it."},
    {"shipping_account", "Shipping Charges Account", "accounts", "G/L account", "", "",
     "Where the shipping charges of an order are booked, unless a row by shipping title says otherwise. Left empty, an order with charges that no row names waits."},
    {"shipment_accounts", "Shipping Charges Account by Title", "accounts", "shipping title: G/L account", "", "",
     "Charges with this title at Shopify (Express) go to this account instead of the general one."},
    {"shipment_items", "Shipping Charges Item by Title", "accounts", "shipping title: item number", "", "",
     "Charges with this title become a line of this item instead of an account. Item charges are not possible: only a person could assign them."},
    {"shipment_methods", "Shipment Method Mapping", "mappings", "shipping title: shipment method code", "", "",
     "The shipment method on documents, by the title of the order's first shipping line. A title that is not listed leaves the field empty."},
    {"custom_line_account", "Account of Lines without a Product", "accounts", "G/L account", "", "",
     "Lines that somebody typed into an order by hand, without a product, are booked here. Left empty, an order with such a line is left to a person."},
    {"gift_card_account", "Sold Gift Card Account", "accounts", "G/L account", "", "",
     "Gift cards that were sold are booked here. Left empty, an order with a gift card waits. A gift card used to pay changes no line."},
    {"tip_account", "Tip Account", "accounts", "G/L account", "", "",
     "Tips are booked here. Left empty, an order with a tip waits."},
    {"cash_rounding_account", "Cash Roundings Account", "accounts", "G/L account", "", "",
     "What was rounded because a customer paid in cash is booked here. Left empty, the document differs from the order by the rounding, and the order says so."},
    {"duties_account", "Duties Account", "accounts", "G/L account", "", "",
     "Import duties that Shopify has charged are booked here. Left empty, the document lacks them, and the order shows the difference."},
    {"fees_account", "Additional Fees Account", "accounts", "G/L account", "", "",
     "Additional fees of an order are booked here. Left empty, the document lacks them, and the order shows the difference."},
    {"rounding_account", "Rounding Differences Account", "accounts", "G/L account without tax", "", "",
     "Evens out the cent that Shopify's rounding of tax by line and Business Central's by VAT group can differ by, and cash roundings without "
     "an account of their own. Left empty, such cents stay a difference that is shown on the order. The account may have no tax."},
    {"payment_terms", "Payment Terms Mapping", "mappings", "name of the terms: payment terms code", "", "",
     "Shopify's payment terms by their name (Net 30). Terms that are not listed leave the document with those of the customer."},
    {"salespeople", "Staff Mapping", "mappings", "number of a staff member: salesperson code", "", "",
     "The salesperson on documents, by the member of staff who took the order at Shopify. Shopify names them on Plus and Advanced plans only."},
    {"payment_methods", "Payment Method Mapping", "mappings", "payment gateway, or gateway/card company: payment method code", "extension", "",
     "The payment method on documents, by the gateway that took the money, or by gateway and card company (shopify_payments/Visa), which goes first. "
     "An order that was paid in several ways has the one method that all of them map to, or the one the priorities name. Without the app in "
     "the company, orders.process refuses the shop as long as a row stands here: dropped silently, the books would not say what you asked for."},
    {"payment_priorities", "Payment Method Priority", "mappings", "as in payment methods: 1 to 9999", "extension", "payment_methods",
     "Which payment method an order has that was paid in several ways: the one with the highest number here. Without a row for them such an order's "
     "document has none. Every row must stand among the payment methods, too."},
    {"shipment_agents", "Shipping Agent Mapping", "mappings", "shipping title: shipping agent code", "extension", "",
     "The shipping agent on orders and invoices, by the title of the first shipping line. Needs the app in the company, as payment methods do."},
    {"shipment_agent_services", "Shipping Agent Service Mapping", "mappings", "shipping title: shipping agent service code", "extension", "shipment_agents",
     "The service of the shipping agent, by the same title. Every title here must stand among the shipping agents, too: a service is one of its agent's."},
    {"tax_areas", "Tax Area Mapping", "mappings", "country-state (US-CA): tax area code", "", "",
     "The tax area of customers that are made here, by the state they live in; and of documents, where the tax area priority says whose address counts."},
    {"tax_area_priority", "Tax Area Priority", "orders", "", "extension", "tax_areas",
     "Whose address gives a document its tax area: of the three in this order, the first that has a city. none: Business Central takes the customer's. Needs the app in the company."},
    {"use_shopify_order_no", "Use Shopify Order No.", "orders", "", "extension", "",
     "On: the sales order has the order's name as its own number, and an order whose name is too long or begins with @ waits. Off: Business Central "
     "numbers documents from its series, and the order's name is the external document number. Needs the app in the company, and a number series that takes manual numbers."},
    {"locations", "Default Location Code", "mappings", "number of a Shopify location: location code", "", "",
     "The location on a line, by the location that Shopify sells it from, and on credit memos the one that goods came back to. One that is not listed leaves the field to Business Central."},
    {"sync_images", "Sync Item Images", "items", "", "", "",
     "to-shopify: the picture of an item becomes an image of its product, and another picture replaces it there under the same id. A picture that is taken away stays at Shopify. from-shopify: the first image of a product becomes the picture of its item, and the image of a variant the picture of its item variant; an image that is taken away stays in Business Central. none: pictures are not looked at."},
    {"stock_calculation", "Stock Calculation", "stock", "", "", "",
     "What Shopify is told of the stock at each location that has a filter or a location code; others are left alone. non-reserved: what lies there and is not reserved. "
     "projected-available: what lies there and is to come by today, less all demand. disabled: nothing is told. With none of them is an order counted twice, unless a location's quantity says otherwise."},
    {"stock_calculations", "Stock Calculation by Location", "stock", "number of a Shopify location: disabled, non-reserved, projected-available", "", "",
     "Another calculation for single locations. One that is named here takes part even without a filter or a code: it then has the stock of all locations of Business Central."},
    {"stock_quantities", "Quantity by Location", "stock", "number of a Shopify location: on_hand, available", "", "",
     "Which of Shopify's quantities is written. Left out, it is on_hand with non-reserved and available with projected-available, and each order counts once. "
     "on_hand with projected-available is what the Shopify Connector does: open orders are taken off by both sides, so less is offered than there is."},
    {"location_filters", "Location Filter", "stock", "number of a Shopify location: filter on location codes", "", "",
     "Whose stock a location of Shopify has, in Business Central's filter language: EAST|WEST, A*, <>OUTLET. Left out, it is the default location code."},
    {"safety_stock", "Safety Stock", "stock", "ITEM, ITEM@LOCATION, *@LOCATION or *: pieces", "", "",
     "So many pieces are kept back: Shopify is told of those above them. The nearest row counts: item and location, item, location, everything. LOCATION is the number of a location of Shopify."},
    {"stock_reserve", "Reserve for Other Shops", "stock", "percent", "", "",
     "So much of what is free is left to the other shops of the company that sell the same item, and what they may sell already is not offered here: set it in all of them, and no piece is sold twice between two runs. 0: other shops are not looked at."},
    {"stock_check_hours", "Compare Stock After", "stock", "hours", "", "",
     "Stock is written where it has changed in Business Central or by orders; what people change at Shopify shows only when Shopify is asked which stock has changed there. So often that is done, and whenever a person starts the run. 0: only then."},
    {"freshness_target_s", "Changes Arrive Within", "general", "seconds", "", "",
     "Within so many seconds a change in one system shall have arrived in the other: an order as a document, stock and products at Shopify. The page shows how many "
     "changes take longer, and turns yellow and red by it. Set it to how often the shop's entries run and 15 seconds more."},
    {"brake_stock", "Stock Set to 0 That Waits", "brakes", "percent", "", "allow_writes",
     "A run that would set more than so many percent of the variants in stock to 0 writes nothing: it shows what it would do and waits until somebody approves it. A filter or a location that is wrong looks like that. 0: such runs do not wait."},
    {"brake_least", "Fewest Records That Wait", "brakes", "records", "", "",
     "No run waits for approval because of fewer records than these, whatever their share: a small shop that sells out goes on."},
    {"create_fulfilled_orders_as_invoices", "Create Invoices From Orders", "orders", "", "", "",
     "On: an order that is already delivered when its document is made becomes a sales invoice. Off: it becomes a sales order as all the others, to be shipped and invoiced in Business Central."},
    {"order_no_on_line", "Shopify Order No. on Doc. Line", "orders", "", "", "",
     "On: the first line of a document is a comment with the order's number, so that it is printed. Off: the number stands in the external document number only."},
    {"order_attributes_to_shopify", "Order Attributes to Shopify", "orders", "", "", "allow_writes",
     "On: the document's number is written to the order at Shopify, as attribute BC Doc. No. Off: nothing is written. While writing to Shopify is off, it is left for later."},
    {"return_and_refund_process", "Return and Refund Process", "refunds", "", "", "auto_create_orders or an entry of orders.process",
     "auto-create: a refund of an order that has its document becomes a credit memo in the next run that makes documents. import-only: refunds are "
     "listed for a person, who makes the credit memo. none: refunds are read with their order, and nothing is done about them."},
    {"refund_account", "Refund Account", "refunds", "G/L account", "", "return_and_refund_process",
     "Takes money that was given back without goods, units that were never delivered, and what evens out the total of a credit memo. Left empty, a refund that needs it waits. It should have no tax."},
    {"refund_account_non_restock", "Refund Account non-restock Items", "refunds", "G/L account", "", "return_and_refund_process",
     "Takes goods that were refunded and do not come back to stock. Left empty, such a refund waits."},
    {"return_location", "Return Location", "refunds", "location code", "", "return_and_refund_process",
     "Where goods come back to. Left empty, it is the location that the refund at Shopify names, and where that names none the field is left to Business Central."},
    {"return_location_priority", "Return Location Priority", "refunds", "", "", "return_location",
     "default: goods come back to the return location, whatever the refund says. original: to the location that the refund at Shopify names, by the location "
     "mapping, and to the return location where it names none."},
    {"external_document_prefix", "Prefix of External Document No.", "orders", "up to 20 characters", "", "",
     "Stands before the order's name in the external document number, so that two shops of one company do not both have an order #1001 there. Change it "
     "only while no order waits: documents are recognised by this number."},
    {"send_shipping_confirmation", "Send Shipping Confirmation", "shipments", "", "", "allow_writes",
     "On: Shopify writes to the customer when a shipment, or later its tracking number, is told to it. Off: Shopify stays silent, and you tell customers yourself."},
    {"fulfillment_service", "Fulfillment Service", "shipments", "name of a service at Shopify", "", "allow_writes",
     "The name of your own fulfillment service at Shopify: requests to it are accepted, and its goods fulfilled from here. Goods of all other services are left to them."},
    {"tracking_companies", "Carrier Mapping", "shipments", "shipping agent code: carrier at Shopify", "", "",
     "The carrier as Shopify knows it (DHL Express), for shipping agents whose code is another. Shopify makes links for carriers it knows. Tracking numbers need level odata-page or extension."},
    {"tracking_urls", "Tracking Address", "shipments", "shipping agent code: https://... %1 ...", "", "",
     "The carrier's page that follows a parcel; %1 becomes the tracking number. Needed only for carriers that Shopify does not know, and agents without an address in Business Central."},
    {"late_s", "Longest Time of a Lost Call", "traffic", "s", "", "",
     "After a call to Shopify got no answer, so long it may still take effect: nothing of the same record is sent again before. Shorter is quicker and may do things twice; leave it unless support says otherwise."},
    {"bulk_from", "Bulk Operation From", "traffic", "changes", "", "allow_writes",
     "From so many changes of one kind on they go to Shopify as one file, which costs a fraction of the calls and takes some minutes. 0: always one by one."},
    {"tolerance", "Tolerated Difference", "orders", "amount", "", "",
     "A document may differ from its order by so much in duties and fees before it counts as wrong. Differences with no known reason are always an error."},
    {"archive_processed_orders", "Archive Processed Orders", "orders", "", "", "allow_writes",
     "On: an order that is fulfilled, paid and shipped from here is archived at Shopify, out of the way of the people there. Off: they archive orders themselves."},
    {"auto_create_orders", "Auto Create Sales Documents", "orders", "", "", "",
     "On: reading orders also makes the document of each new order, in the same run. Off: documents are made by an entry of orders.process, or when a "
     "person starts it. Whoever has both loses nothing: no document is made twice."},
    {"order_history_start", "First Day of Orders", "orders", "YYYY-MM-DD", "", "",
     "The very first sync reads open orders that changed since this day; later ones read what has changed since the last. Set it before the first run, to leave old orders alone."},
    {"currency_handling", "Currency Handling", "orders", "", "", "",
     "shop: documents are in the store's currency. presentment: in the currency that the customer has seen and paid in, which Business Central must know with its exchange rates."},
  /* clang-format on */
};

const struct setting_group *setting_groups(size_t *count)
{
    *count = COUNT(GROUPS);
    return GROUPS;
}

const struct setting_card *settings_cards(size_t *count)
{
    *count = COUNT(CARDS);
    return CARDS;
}

const struct setting_card *setting_card(const char *name)
{
    for (size_t i = 0; i < COUNT(CARDS); i++)
        if (strcmp(CARDS[i].name, name) == 0)
            return &CARDS[i];
    return NULL;
}

const char *setting_type_name(enum setting_type type)
{
    static const char *const NAMES[] = {"text", "boolean", "number", "choice", "amount", "map"};
    return NAMES[type];
}

/* ---- what contradicts what ---- */

static bool separator_missing(const struct shop *shop, char detail[static CONTRADICTION_DETAIL])
{
    (void)detail;
    return shop->sku_mapping == SKU_ITEM_NO_VARIANT && !*shop->sku_separator;
}

static bool both_update(const struct shop *shop, char detail[static CONTRADICTION_DETAIL])
{
    (void)detail;
    return shop->shopify_can_update_items && shop->can_update_shopify_products;
}

static bool default_missing(const struct shop *shop, char detail[static CONTRADICTION_DETAIL])
{
    (void)detail;
    return shop->customer_mapping == CUSTOMER_DEFAULT && !*shop->default_customer;
}

static bool nobody_unknown(const struct shop *shop, char detail[static CONTRADICTION_DETAIL])
{
    (void)detail;
    return shop->customer_mapping == CUSTOMER_DEFAULT && shop->auto_create_customers;
}

static bool options_twice(const struct shop *shop, char detail[static CONTRADICTION_DETAIL])
{
    snprintf(detail, CONTRADICTION_DETAIL, "%.70s", shop->option_attributes);
    return shop->uom_as_variant && *shop->option_attributes;
}

static bool currency_twice(const struct shop *shop, char detail[static CONTRADICTION_DETAIL])
{
    snprintf(detail, CONTRADICTION_DETAIL, "%.70s", shop->currency);
    return shop->currency_handling == CURRENCY_PRESENTMENT && *shop->currency;
}

static bool no_areas(const struct shop *shop, char detail[static CONTRADICTION_DETAIL])
{
    snprintf(detail, CONTRADICTION_DETAIL, "%s",
             settings_shop_row("tax_area_priority")->choices[shop->tax_area_priority]);
    return shop->tax_area_priority != TAX_AREA_NONE && shop->tax_areas.count == 0;
}

/* The first title of one map that the other has (or has not). */
static bool title_of(const struct setting_map *map, const struct setting_map *other, bool has,
                     char detail[static CONTRADICTION_DETAIL])
{
    for (size_t i = 0; i < map->count; i++)
        if ((setting_map_get(other, map->pairs[i].key) != NULL) == has) {
            snprintf(detail, CONTRADICTION_DETAIL, "%.70s", map->pairs[i].key);
            return true;
        }
    return false;
}

static bool service_alone(const struct shop *shop, char detail[static CONTRADICTION_DETAIL])
{
    return title_of(&shop->shipment_agent_services, &shop->shipment_agents, false, detail);
}

static bool method_missing(const struct shop *shop, char detail[static CONTRADICTION_DETAIL])
{
    return title_of(&shop->payment_priorities, &shop->payment_methods, false, detail);
}

static bool title_twice(const struct shop *shop, char detail[static CONTRADICTION_DETAIL])
{
    return title_of(&shop->shipment_items, &shop->shipment_accounts, true, detail);
}

static bool both_ways(const struct shop *shop, char detail[static CONTRADICTION_DETAIL])
{
    (void)detail;
    return shop->shopify_can_update_customers && shop->can_update_shopify_customers;
}

static bool companies_both_ways(const struct shop *shop, char detail[static CONTRADICTION_DETAIL])
{
    (void)detail;
    return shop->shopify_can_update_companies && shop->can_update_shopify_companies;
}

static bool default_company_missing(const struct shop *shop,
                                    char detail[static CONTRADICTION_DETAIL])
{
    (void)detail;
    return shop->company_mapping == COMPANY_DEFAULT && !*shop->default_company;
}

static bool no_company_unknown(const struct shop *shop, char detail[static CONTRADICTION_DETAIL])
{
    (void)detail;
    return shop->company_mapping == COMPANY_DEFAULT && shop->auto_create_companies;
}

static const char NO_ROW[] = "(no such row)";
static const struct contradiction CONTRADICTIONS[] = {
  /* clang-format off */
    {"sku-separator-missing", "sku_mapping", "item-no-variant", "sku_separator", "", separator_missing,
     "a SKU is cut at the separator", "set sku_separator too, or another sku_mapping"},
    {"both-update", "shopify_can_update_items", "true", "can_update_shopify_products", "true", both_update,
     "each side would undo what the other has said", "switch one of the two off"},
    {"default-customer-missing", "customer_mapping", "default", "default_customer", "", default_missing,
     "every order would wait for a customer", "set default_customer too, or another customer_mapping"},
    {"nobody-unknown", "customer_mapping", "default", "auto_create_customers", "true", nobody_unknown,
     "no customer is looked for, so none is made", "set auto_create_customers=false, or another customer_mapping"},
    {"customers-both-ways", "shopify_can_update_customers", "true", "can_update_shopify_customers", "true", both_ways,
     "each side would undo the other's changes", "switch one of the two off first"},
    {"companies-both-ways", "shopify_can_update_companies", "true", "can_update_shopify_companies", "true", companies_both_ways,
     "each side would undo the other's changes", "switch one of the two off first"},
    {"default-company-missing", "company_mapping", "default", "default_company", "", default_company_missing,
     "every company would wait for a customer", "set default_company too, or another company_mapping"},
    {"no-company-unknown", "company_mapping", "default", "auto_create_companies", "true", no_company_unknown,
     "no company is looked for, so none is made", "set auto_create_companies=false, or another company_mapping"},
    {"options-twice", "uom_as_variant", "true", "option_attributes", NULL, options_twice,
     "a product's options are its units or its attributes", "set option_attributes empty, or uom_as_variant=false"},
    {"currency-twice", "currency_handling", "presentment", "currency", NULL, currency_twice,
     "documents are in the currency the customer paid in", "set currency empty, or currency_handling=shop"},
    {"tax-areas-missing", "tax_area_priority", NULL, "tax_areas", "", no_areas,
     "an address can give a tax area only by its row there", "set tax_areas too, or tax_area_priority=none"},
    {"agent-missing", "shipment_agent_services", NULL, "shipment_agents", NO_ROW, service_alone,
     "a service is one of its agent's", "set the agent of this title in shipment_agents too, or leave the service out"},
    {"payment-method-missing", "payment_priorities", NULL, "payment_methods", NO_ROW, method_missing,
     "a priority chooses among methods", "set a method for this row in payment_methods too, or leave the priority out"},
    {"title-twice", "shipment_items", NULL, "shipment_accounts", NULL, title_twice,
     "a shipping charge is booked once", "keep this title in one of the two"},
  /* clang-format on */
};

const struct contradiction *settings_contradictions(size_t *count)
{
    *count = COUNT(CONTRADICTIONS);
    return CONTRADICTIONS;
}

const struct contradiction *settings_contradiction(const struct shop *before,
                                                   const struct shop *shop,
                                                   char detail[static CONTRADICTION_DETAIL])
{
    char stood[CONTRADICTION_DETAIL];
    for (size_t i = 0; i < COUNT(CONTRADICTIONS); i++) {
        detail[0] = 0;
        if (CONTRADICTIONS[i].holds(shop, detail) &&
            !(before && CONTRADICTIONS[i].holds(before, stood)))
            return &CONTRADICTIONS[i];
    }
    return NULL;
}

static void side(const char *setting, const char *value, const char *detail, struct buf *out)
{
    const char *text = value ? value : detail;
    if (!*text)
        buf_printf(out, "%s left empty", setting);
    else
        buf_printf(out, value == NO_ROW ? "%s %s" : "%s \"%s\"", setting, text);
}

void contradiction_text(const struct contradiction *contradiction, const char *detail,
                        struct buf *out)
{
    side(contradiction->setting, contradiction->value, detail, out);
    buf_text(out, " contradicts ");
    side(contradiction->other, contradiction->other_value, detail, out);
    buf_printf(out, ": %s; %s", contradiction->reason, contradiction->cure);
}

/* ---- the page ---- */

static void page_row(const struct setting *row, const struct setting_card *card, struct buf *out)
{
    buf_printf(out, "\n### %s (`%s`)\n\n%s\n\n- value: ", card->title, row->name, card->explain);
    for (size_t i = 0; row->type == SETTING_CHOICE && row->choices[i]; i++)
        buf_printf(out, "%s`%s`", i ? ", " : "", row->choices[i]);
    if (row->type != SETTING_CHOICE)
        buf_printf(out, "%s%s%s", setting_type_name(row->type), *card->unit ? ", " : "",
                   card->unit);
    if (!row->otherwise)
        buf_text(out, "; must be given");
    else if (*row->otherwise)
        buf_printf(out, "; left out: `%s`", row->otherwise);
    buf_text(out, "\n");
    if (*card->level)
        buf_printf(out, "- needs access level `%s` of the company\n", card->level);
    if (*card->needs)
        buf_printf(out, "- does something only with %s\n", card->needs);
    for (size_t i = 0; i < COUNT(CONTRADICTIONS); i++) {
        const struct contradiction *one = &CONTRADICTIONS[i];
        if (strcmp(one->setting, row->name) != 0 && strcmp(one->other, row->name) != 0)
            continue;
        buf_text(out, "- refused: ");
        contradiction_text(one, "...", out);
        buf_printf(out, " (`%s`)\n", one->code);
    }
}

void settings_page(struct buf *markdown)
{
    size_t count;
    const struct setting *rows = settings_shop_table(&count);
    buf_text(
        markdown,
        "# The shop card\n\n"
        "Every setting of a shop: what it does, what it needs, and what it cannot stand beside. "
        "`cartage setting explain NAME` says\nthe same at the command line, `cartage shop set SHOP "
        "NAME=VALUE` changes one; a change that contradicts another setting is refused.\n");
    for (size_t group = 0; group < COUNT(GROUPS); group++) {
        buf_printf(markdown, "\n## %s\n", GROUPS[group].title);
        for (size_t i = 0; i < count; i++) {
            const struct setting_card *card = setting_card(rows[i].name);
            if (card && strcmp(card->group, GROUPS[group].code) == 0)
                page_row(&rows[i], card, markdown);
        }
    }
}

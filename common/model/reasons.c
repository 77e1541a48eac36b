/* reasons.c - the published list of reasons. */
#include "model/reasons.h"

#include <string.h>

static const struct reason_row ROWS[REASON_COUNT] = {
  /* clang-format off */
    [REASON_NONE] = {"", CLASS_QUIET, "", ""},
    [REASON_CANCELLED] = {"cancelled", CLASS_QUIET,
     "the order was cancelled before a document was made", ""},
    [REASON_CLOSED] = {"closed", CLASS_QUIET,
     "the order was archived in Shopify before it was ever read",
     "unarchive it in Shopify to have it read"},
    [REASON_TEST] = {"test", CLASS_QUIET, "a test order", ""},
    [REASON_NO_LINES] = {"no-lines", CLASS_QUIET, "nothing is left on the order after edits", ""},
    [REASON_FILTERED_OUT] = {"filtered-out", CLASS_QUIET,
     "no run's filters have asked for the order",
     "change the arguments of orders.sync, or add a shop whose filters fit"},
    [REASON_COMPANY] = {"company", CLASS_UNSUPPORTED, "a company has ordered (B2B)",
     "make this document by hand"},
    [REASON_CHANNEL_TAX] = {"channel-tax", CLASS_UNSUPPORTED,
     "the sales channel pays the tax itself", "make this document by hand"},
    [REASON_CUSTOM_LINE] = {"custom-line", CLASS_UNSUPPORTED, "a line has no product",
     "set custom_line_account of the shop"},
    [REASON_MANY_SHIPPING_LINES] = {"many-shipping-lines", CLASS_UNSUPPORTED,
     "more than 10 shipping lines", "make this document by hand"},
    [REASON_TOO_LARGE] = {"too-large", CLASS_UNSUPPORTED, "the order is larger than 4 MiB",
     "make this document by hand"},
    [REASON_UNREADABLE] = {"unreadable", CLASS_UNSUPPORTED,
     "Shopify's answer about the order could not be used",
     "do what the message says; each run tries again"},
    [REASON_LONG_NAME] = {"long-name", CLASS_UNSUPPORTED,
     "prefix and order name have more than 35 characters",
     "shorten external_document_prefix of the shop"},
    [REASON_REFUND_BY_HAND] = {"refund-by-hand", CLASS_UNSUPPORTED,
     "money was given back, and the shop makes no credit memos by itself",
     "make the credit memo by hand, or set return_and_refund_process to auto-create"},
    [REASON_CUSTOMER_UNMAPPED] = {"customer-unmapped", CLASS_WAITS,
     "the customer is not known in Business Central", "cartage map customer ID NUMBER"},
    [REASON_PRODUCT_UNMAPPED] = {"product-unmapped", CLASS_WAITS,
     "a product is not known in Business Central", "cartage map product ID NUMBER"},
    [REASON_CUSTOMER_BLOCKED] = {"customer-blocked", CLASS_WAITS,
     "the customer is blocked in Business Central",
     "unblock the customer there; the next run takes the order"},
    [REASON_SHIPPING_ACCOUNT] = {"shipping-account", CLASS_WAITS,
     "no account is set for the shipping charge", "set shipping_account of the shop"},
    [REASON_GIFT_CARD] = {"gift-card", CLASS_WAITS,
     "a gift card was sold, and no account is set for it", "set gift_card_account of the shop"},
    [REASON_TIP] = {"tip", CLASS_WAITS, "the order holds a tip, and no account is set for it",
     "set tip_account of the shop"},
    [REASON_CODE_UNKNOWN] = {"code-unknown", CLASS_WAITS,
     "a setting of the shop names a code that Business Central does not have",
     "correct the setting, or make the code there"},
    [REASON_ORDER_NUMBER] = {"order-number", CLASS_WAITS,
     "the order's name cannot be the number of a document: it starts with @, or is too long",
     "switch use_shopify_order_no of the shop off"},
    [REASON_REFUND_ACCOUNT] = {"refund-account", CLASS_WAITS,
     "no account is set for a part of the refund",
     "set refund_account and refund_account_non_restock of the shop"},
    [REASON_REFUND_PENDING] = {"refund-pending", CLASS_WAITS,
     "the refund's payment is on its way", "nothing; the run after it has arrived takes it"},
    [REASON_ERP_REFUSED] = {"erp-refused", CLASS_WAITS, "Business Central has refused the document",
     "do what its message says; later runs try again, ever more rarely, a "
     "run started by hand at once"},
    [REASON_IN_FLIGHT] = {"in-flight", CLASS_WAITS,
     "a document may be on its way: the last call got no answer",
     "nothing; it is looked for until it is found or can no longer come"},
    [REASON_APPROVAL] = {"approval", CLASS_POSTING,
     "the document must be approved before it is posted", "approve it in Business Central"},
    [REASON_WAREHOUSE] = {"warehouse", CLASS_POSTING,
     "a line's location ships through warehouse documents", "ship it there, in Business Central"},
    [REASON_POSTING_REFUSED] = {"posting-refused", CLASS_POSTING,
     "Business Central has refused to post the document",
     "do what its message says, then cartage post RECORD; later runs try again, ever more rarely"},
    [REASON_POSTING_IN_FLIGHT] = {"posting-in-flight", CLASS_POSTING,
     "the document may be being posted: the last call got no answer",
     "nothing; it is looked for until it is posted or can no longer be"},
    [REASON_DOCUMENT_GONE] = {"document-gone", CLASS_POSTING,
     "the document was deleted in Business Central, and nothing posted has its number",
     "find out who deleted it; make the document by hand if it is still owed"},
    [REASON_ORDER_NOT_STAGED] = {"order-not-staged", CLASS_SHIPMENT_WAITS,
     "no order that was read here has this external document number",
     "nothing if the order is yet to be read; else correct the number in Business Central"},
    [REASON_FULFILLMENT_HELD] = {"fulfillment-held", CLASS_SHIPMENT_WAITS,
     "Shopify holds the goods back: on hold, scheduled for later, or not to be shipped yet",
     "release them in Shopify"},
    [REASON_FULFILLMENT_IN_FLIGHT] = {"fulfillment-in-flight", CLASS_SHIPMENT_WAITS,
     "a fulfillment may be on its way: the last call got no answer",
     "nothing; it is looked for until it is found or can no longer come"},
    [REASON_SHOPIFY_LATER] = {"shopify-later", CLASS_SHIPMENT_WAITS,
     "Shopify did not answer",
     "nothing; later runs try again, ever more rarely, a run started by hand at once"},
    [REASON_WRITES_OFF] = {"writes-off", CLASS_SHIPMENT_WAITS,
     "nothing may be written to this shop", "set allow_writes of the shop"},
    [REASON_THIRD_PARTY] = {"third-party", CLASS_SHIPMENT_FAILED,
     "another fulfillment service ships these goods",
     "where it reports them itself, cartage shipment done NUMBER; else move them in Shopify to a location of your own"},
    [REASON_NOTHING_OPEN] = {"nothing-open", CLASS_SHIPMENT_FAILED,
     "Shopify has nothing open for what was shipped",
     "compare shipment and order; cartage shipment retry NUMBER when Shopify is put right, done NUMBER when it knows already"},
    [REASON_FULFILLMENT_REFUSED] = {"fulfillment-refused", CLASS_SHIPMENT_FAILED,
     "Shopify has refused the fulfillment",
     "do what its message says, then cartage shipment retry NUMBER"},
    [REASON_SHIPMENT_NO_LINES] = {"shipment-no-lines", CLASS_SHIPMENT_QUIET,
     "no line of the shipment belongs to a line of the order", ""},
    [REASON_ALREADY_FULFILLED] = {"already-fulfilled", CLASS_SHIPMENT_QUIET,
     "the order was fulfilled in Shopify already", ""},
    [REASON_GIVEN_BACK] = {"given-back", CLASS_SHIPMENT_QUIET,
     "the goods were given back in Shopify before it was told of their shipment", ""},
    [REASON_SHIPMENT_SETTLED] = {"settled-by-hand", CLASS_SHIPMENT_QUIET,
     "a person has said that there is nothing to tell of it",
     "nothing; cartage shipment retry NUMBER takes it back"},
    [REASON_ITEM_BLOCKED] = {"item-blocked", CLASS_ITEM_QUIET,
     "the item, or all its variants, are blocked in Business Central", "unblock it there to have it offered"},
    [REASON_ITEM_NO_DESCRIPTION] = {"item-no-description", CLASS_ITEM,
     "the item has no description, which would be the product's title",
     "give it one in Business Central"},
    [REASON_ITEM_VARIANTS] = {"item-variants", CLASS_ITEM,
     "the item has more variants and units than a product may have",
     "block variants that are not sold, or switch uom_as_variant of the shop off"},
    [REASON_PRODUCT_REFUSED] = {"product-refused", CLASS_ITEM, "Shopify has refused the product",
     "do what its message says; each run tries again"},
    [REASON_PRODUCT_LATER] = {"product-later", CLASS_ITEM_QUIET,
     "Shopify did not answer about the product", "nothing; the next run tries again"},
    [REASON_PRODUCT_OF_ANOTHER] = {"product-of-another", CLASS_ITEM,
     "the product at Shopify that has the item's SKU or bar code is another item's",
     "give it a SKU of its own there, or offer it as a variant in Business Central"},
    [REASON_IMAGE_REFUSED] = {"image-refused", CLASS_ITEM,
     "Shopify has refused the item's picture, or could not make an image of it",
     "give the item another picture in Business Central"},
    [REASON_PICTURE_REFUSED] = {"picture-refused", CLASS_ITEM,
     "the image at Shopify cannot be the item's picture in Business Central",
     "show another image there: PNG, JPEG or GIF"},
    [REASON_STOCK_REFUSED] = {"stock-refused", CLASS_ITEM,
     "Shopify has refused the stock of a variant at a location",
     "do what its message says; it is sent again when its stock changes, or by a run started by hand"},
    [REASON_PRODUCT_OPTIONS] = {"product-options", CLASS_ITEM,
     "the product at Shopify has other options than the item's variants need",
     "give it these options there, or make the variant there with the SKU that it has here"},
    [REASON_PARENT_NO_PRODUCT] = {"parent-no-product", CLASS_ITEM,
     "the item is to be a variant of a product that is not at Shopify yet",
     "add the item that is to be the product with products.add, then this one again"},
    [REASON_OPTION_VALUE] = {"option-value", CLASS_ITEM,
     "the item, or one of its variants, has no value of an attribute that is an option",
     "give it one in Business Central"},
    [REASON_OPTION_DOUBLE] = {"option-double", CLASS_ITEM,
     "two variants of the item have the same values of the attributes that are options",
     "give them different values in Business Central"},
    [REASON_OPTIONS_MOST] = {"options-most", CLASS_ITEM,
     "the item has more attributes that are options than a product may have",
     "name fewer in option_attributes of the shop"},
    [REASON_PRICE_DIFFERS] = {"price-differs", CLASS_ITEM,
     "a quote of Business Central has another price than its price lists give here",
     "see which terms of the prepared customer are not those of the shop; the quote's price was sent"},
    [REASON_VARIANTS_PER_DAY] = {"variants-per-day", CLASS_ITEM_QUIET,
     "Shopify takes no more new variants today",
     "nothing; the first run of products.sync after the day is over tries again, or products.add "
     "for items that are no products yet"},
    [REASON_PRICE_UNKNOWN] = {"price-unknown", CLASS_ITEM_QUIET,
     "there is no price: the item or variant is blocked, or the unit is none of the item's",
     "correct it in Business Central"},
    [REASON_CUSTOMER_NO_EMAIL] = {"customer-no-email", CLASS_CUSTOMER,
     "the customer has no e-mail address, by which it would be found at Shopify again",
     "give it one in Business Central"},
    [REASON_CUSTOMER_TAKEN] = {"customer-taken", CLASS_CUSTOMER,
     "the customer at Shopify that has this e-mail address or phone number is another customer's",
     "correct the address or number of one of the two, or map the customer by hand"},
    [REASON_CUSTOMER_SHARED] = {"customer-shared", CLASS_CUSTOMER,
     "several customers of the shop are this one in Business Central, so none of them changes it",
     "map the others to customers of their own, or leave it"},
    [REASON_CUSTOMER_COUNTRY] = {"customer-country", CLASS_CUSTOMER,
     "the country of the customer has no ISO code of two letters",
     "correct the country in Business Central"},
    [REASON_CUSTOMER_REFUSED] = {"customer-refused", CLASS_CUSTOMER,
     "the other side has refused the customer, or a change of it",
     "do what its message says; each run tries again"},
    [REASON_CUSTOMER_LATER] = {"customer-later", CLASS_CUSTOMER_QUIET,
     "the other side did not answer about the customer", "nothing; the next run tries again"},
    [REASON_CUSTOMER_NOT_OFFERED] = {"customer-not-offered", CLASS_CUSTOMER_QUIET,
     "the customer is blocked in Business Central", "unblock it there to have it at Shopify"},
  /* clang-format on */
};

const struct reason_row *reason_row(enum reason reason)
{
    return &ROWS[reason];
}

enum reason reason_by_code(const char *code)
{
    for (int i = 1; i < REASON_COUNT; i++)
        if (strcmp(ROWS[i].code, code) == 0)
            return (enum reason)i;
    return REASON_NONE;
}

void reasons_page(struct buf *markdown)
{
    static const struct {
        enum reason_class class;
        const char *title;
    } PARTS[] = {
        {CLASS_WAITS,           "Orders that wait: every run looks at them again"                         },
        {CLASS_UNSUPPORTED,     "Orders that cartage leaves to a person, counted as skipped records"      },
        {CLASS_POSTING,         "Documents that stand and are not posted, counted as skipped records"     },
        {CLASS_QUIET,           "Orders that need nobody"                                                 },
        {CLASS_SHIPMENT_WAITS,  "Shipments that wait: every run looks at them again"                      },
        {CLASS_SHIPMENT_FAILED,
         "Shipments in error, until a person says `cartage shipment retry NUMBER`, or `done`"             },
        {CLASS_SHIPMENT_QUIET,  "Shipments that need nobody"                                              },
        {CLASS_ITEM,            "Items that Shopify does not have as they are, counted as skipped records"},
        {CLASS_ITEM_QUIET,      "Items that need nobody"                                                  },
        {CLASS_CUSTOMER,        "Customers that are not the same on both sides, counted as skipped records"},
        {CLASS_CUSTOMER_QUIET,  "Customers that need nobody"                                              },
    };
    buf_text(
        markdown,
        "# Why an order has no document, a shipment no fulfillment\n\n"
        "Each order without a document stands in `cartage skips` with one of these reasons, and so "
        "does each posted shipment\n"
        "without a fulfillment. What a person has booked by hand leaves the cue with `cartage "
        "skips done RECORD`, until Shopify\n"
        "changes the order.\n");
    for (size_t part = 0; part < COUNT(PARTS); part++) {
        buf_printf(markdown, "\n## %s\n\n| Reason | Meaning | What to do |\n|---|---|---|\n",
                   PARTS[part].title);
        for (int i = 1; i < REASON_COUNT; i++)
            if (ROWS[i].class == PARTS[part].class)
                buf_printf(markdown, "| `%s` | %s | %s |\n", ROWS[i].code, ROWS[i].text,
                           *ROWS[i].cure ? ROWS[i].cure : "nothing");
    }
}

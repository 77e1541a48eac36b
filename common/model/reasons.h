/* reasons.h - why an order has no document, or a shipment no fulfillment: the published list
 * (docs/skips.md). Pure.
 *
 * A skip is expected and recorded; the run goes on and ends ok. Each row says what to do about it.
 */
#ifndef CARTAGE_REASONS_H
#define CARTAGE_REASONS_H

#include "base/buf.h"

enum reason {
    REASON_NONE,
    /* nobody has to do anything */
    REASON_CANCELLED,
    REASON_CLOSED,
    REASON_TEST,
    REASON_NO_LINES,
    REASON_FILTERED_OUT,
    /* not supported yet: a person books these by hand */
    REASON_CHANNEL_TAX,
    REASON_CUSTOM_LINE,
    REASON_MANY_SHIPPING_LINES,
    REASON_TOO_LARGE,
    REASON_UNREADABLE,
    REASON_LONG_NAME,
    REASON_REFUND_BY_HAND,
    REASON_CUSTOMER_ERASED,
    /* waits: looked at again by every run */
    REASON_CUSTOMER_UNMAPPED,
    REASON_COMPANY,
    REASON_PRODUCT_UNMAPPED,
    REASON_CUSTOMER_BLOCKED,
    REASON_SHIPPING_ACCOUNT,
    REASON_GIFT_CARD,
    REASON_TIP,
    REASON_CODE_UNKNOWN,
    REASON_ORDER_NUMBER,
    REASON_REFUND_ACCOUNT,
    REASON_REFUND_PENDING,
    REASON_ERP_REFUSED,
    REASON_IN_FLIGHT,
    /* the document stands and is not posted */
    REASON_APPROVAL,
    REASON_WAREHOUSE,
    REASON_POSTING_REFUSED,
    REASON_POSTING_IN_FLIGHT,
    REASON_DOCUMENT_GONE,
    /* of posted shipments: wait, failed, nothing to ship */
    REASON_ORDER_NOT_STAGED,
    REASON_FULFILLMENT_HELD,
    REASON_FULFILLMENT_IN_FLIGHT,
    REASON_SHOPIFY_LATER,
    REASON_WRITES_OFF,
    REASON_THIRD_PARTY,
    REASON_NOTHING_OPEN,
    REASON_FULFILLMENT_REFUSED,
    REASON_SHIPMENT_NO_LINES,
    REASON_ALREADY_FULFILLED,
    REASON_GIVEN_BACK,
    REASON_SHIPMENT_SETTLED,
    /* of items and their products */
    REASON_ITEM_BLOCKED,
    REASON_ITEM_NO_DESCRIPTION,
    REASON_ITEM_VARIANTS,
    REASON_PRODUCT_REFUSED,
    REASON_PRODUCT_LATER,
    REASON_PRODUCT_OF_ANOTHER,
    REASON_ITEM_REFUSED,
    REASON_ITEM_INCOMPLETE,
    REASON_IMAGE_REFUSED,
    REASON_PICTURE_REFUSED,
    REASON_PRICE_UNKNOWN,
    REASON_PRICE_BREAKS,
    REASON_STOCK_REFUSED,
    REASON_PRODUCT_OPTIONS,
    REASON_VARIANTS_PER_DAY,
    REASON_PARENT_NO_PRODUCT,
    REASON_OPTION_VALUE,
    REASON_OPTION_DOUBLE,
    REASON_OPTIONS_MOST,
    /* of customers between the two */
    REASON_CUSTOMER_NO_EMAIL,
    REASON_CUSTOMER_TAKEN,
    REASON_CUSTOMER_SHARED,
    REASON_CUSTOMER_COUNTRY,
    REASON_CUSTOMER_REFUSED,
    REASON_CUSTOMER_LATER,
    REASON_CUSTOMER_NOT_OFFERED,
    REASON_COMPANY_NO_CONTACT,
    REASON_COMPANY_NO_ADDRESS,
    REASON_COMPANY_TAKEN,
    REASON_COMPANY_NO_ROLE,
    REASON_CUSTOMER_ELSEWHERE,
    REASON_PARENT_NO_COMPANY,
    REASON_PRICE_DIFFERS,
    /* of catalogs */
    REASON_CATALOG_NO_LIST,
    REASON_CATALOG_CURRENCY,
    REASON_CATALOG_GONE,
    REASON_CATALOG_LATER,
    REASON_CATALOG_REFUSED,
    REASON_PRICE_RULE,
    REASON_PLAN,
    REASON_COUNT
};

enum reason_class {
    CLASS_QUIET,           /* listed, counted in no cue */
    CLASS_UNSUPPORTED,     /* counted in the cue of skipped records */
    CLASS_WAITS,           /* the order stays unprocessed */
    CLASS_SHIPMENT_WAITS,  /* marker 0, counted in the cue of unprocessed shipments */
    CLASS_SHIPMENT_FAILED, /* marker -1, counted in the cue of shipment errors */
    CLASS_SHIPMENT_QUIET,  /* marker -2 */
    CLASS_ITEM,            /* of an item; counted in the cue of skipped records */
    CLASS_ITEM_QUIET,      /* ... that needs nobody, or waits */
    CLASS_CUSTOMER,        /* of a customer; counted in the cue of skipped records */
    CLASS_CUSTOMER_QUIET,  /* ... that needs nobody, or waits */
    CLASS_POSTING,         /* its document is not posted; counted in the cue of skipped records */
};

struct reason_row {
    const char *code; /* "gift-card" */
    enum reason_class class;
    const char *text; /* for people */
    const char *cure; /* what to do, "" = nothing */
};
const struct reason_row *reason_row(enum reason reason);
enum reason reason_by_code(const char *code); /* REASON_NONE = unknown */

/* The list as the page docs/skips.md; a test compares the two. */
void reasons_page(struct buf *markdown);

#endif

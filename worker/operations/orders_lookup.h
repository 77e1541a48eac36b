/* orders_lookup.h - many small questions to Business Central as few: `field eq 'a' or field eq 'b'
 * ...`, at most 20 values a call, all calls of a round together.
 */
#ifndef CARTAGE_ORDERS_LOOKUP_H
#define CARTAGE_ORDERS_LOOKUP_H

#include "attempt.h"

enum lookup_kind {
    LOOKUP_ORDER,    /* external number -> salesOrders with lines */
    LOOKUP_INVOICE,  /* external number -> salesInvoices with lines, drafts and posted */
    LOOKUP_MEMO,     /* external number -> salesCreditMemos with lines, drafts and posted */
    LOOKUP_SHIPMENT, /* external number -> salesShipments */
    LOOKUP_CUSTOMER_ID,
    LOOKUP_CUSTOMER_CARD, /* by id: all that is written to it, with its ETag */
    LOOKUP_CUSTOMER_NUMBER,
    LOOKUP_CUSTOMER_EMAIL,     /* lower case */
    LOOKUP_CUSTOMER_EMAIL_NOW, /* the same on the primary: decides about a create */
    LOOKUP_CUSTOMER_NAME,      /* with their addresses */
    LOOKUP_CUSTOMER_NAME_NOW,
    LOOKUP_ITEM_ID,
    LOOKUP_ITEM_NUMBER,
    LOOKUP_ITEM_GTIN,
    LOOKUP_ITEM_VARIANT, /* item number -> its variants */
    LOOKUP_VARIANT_CODE,
    LOOKUP_REFERENCE,      /* number -> item references, of the app (level extension) */
    LOOKUP_REFERENCE_PAGE, /* likewise, of a published page (level odata-page) */
    LOOKUP_VENDOR_NUMBER,
    LOOKUP_VENDOR_NAME, /* lower case */
    LOOKUP_CATEGORY,    /* its description in lower case */
    LOOKUP_UNIT,        /* code of a unit of measure */
    LOOKUP_UNIT_NAME,   /* lower case */
    LOOKUP_KINDS
};

/* What customers are read with, wherever all of one is needed. */
#define BC_CUSTOMER_FIELDS                                                                         \
    "id,number,displayName,type,addressLine1,addressLine2,city,state,country,postalCode,"          \
    "phoneNumber,email,blocked,taxAreaId,taxRegistrationNumber,paymentTermsId,"                    \
    "lastModifiedDateTime"

struct lookup;
struct lookup *lookup_new(void);
void lookup_free(struct lookup *lookup);
OWNABLE(lookup)

/* Asks for a value once; one longer than the field is never asked for: it cannot be there. */
void lookup_want(struct lookup *lookup, enum lookup_kind kind, const char *value);
/* Sends what was asked since the last round. False when any answer is missing: nothing may be
 * decided. */
MUST_USE bool lookup_round(struct lookup *lookup, struct attempt *attempt, struct err *err);
/* The first row, in the order of numbers, whose field equals the value; NULL = none. Borrowed. */
const json *lookup_find(const struct lookup *lookup, enum lookup_kind kind, const char *value);
/* All of them: row `*at` and up; start with *at = 0. */
const json *lookup_next(const struct lookup *lookup, enum lookup_kind kind, const char *value,
                        size_t *at);

#endif

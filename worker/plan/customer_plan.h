/* customer_plan.h - what a customer of the ERP is called at Shopify, and what of it differs there.
 * Pure. The other direction is plan/party.h: a customer there is a person with an address.
 */
#ifndef CARTAGE_CUSTOMER_PLAN_H
#define CARTAGE_CUSTOMER_PLAN_H

#include "model/order.h"
#include "model/reasons.h"
#include "model/settings.h"

struct shopper { /* a customer or company as Shopify has it; texts "" = nothing */
    const char *id, *updated;
    const char *first, *last, *email, *phone; /* a company's: of its main contact */
    const char *address_id;                   /* of the default address, as a gid; "" = has none */
    struct order_address address;
    bool is_contact; /* of a company, which is what the customer is there */
    /* Of a company, else "": */
    const char *name, *external_id;
    const char *contact;                   /* gid of the main contact */
    const char *location, *tax_id, *terms; /* of its oldest location: gid, number, name of terms */
};

struct erp_customer { /* as Business Central has it */
    const char *id, *number, *etag, *changed;
    const char *name, *address1, *address2, *city, *county, *zip, *country, *phone, *email;
    const char *tax_id, *terms_id; /* "" = none */
    bool company;                  /* its type: a company, not a person */
    bool blocked;
};

/* Fields as the mutations name them: of the person, then of the address. */
enum shopper_field {
    SHOPPER_FIRST,
    SHOPPER_LAST,
    SHOPPER_EMAIL,
    SHOPPER_PHONE,
    SHOPPER_PERSON,
    SHOPPER_COMPANY = SHOPPER_PERSON,
    SHOPPER_ADDRESS_1,
    SHOPPER_ADDRESS_2,
    SHOPPER_ZIP,
    SHOPPER_CITY,
    SHOPPER_COUNTRY,
    SHOPPER_PROVINCE,
    SHOPPER_ADDRESS_PHONE,
    SHOPPER_FIELDS
};
extern const char *const SHOPPER_NAMES[SHOPPER_FIELDS];

struct shopper_target {
    const char *fields[SHOPPER_FIELDS]; /* NULL = is left as it is */
};

/* What the customer is to be at Shopify; `now` = what he is there, NULL = nobody yet. Spec,
 * customers 2.8: name by name_source, the first of several e-mail addresses, the state only where
 * tax_areas has it. Another reason than none = he cannot be written, `detail` says why. */
enum reason shopper_target(const struct erp_customer *customer, const struct shop *shop,
                           const char *own_country, const struct shopper *now, struct arena *arena,
                           struct shopper_target *out, struct buf *detail);
/* How many of the fields differ from what stands there; case of an e-mail address and the writing
 * of a phone number make no difference. */
size_t shopper_differs(const struct shopper_target *target, const struct shopper *now,
                       bool differs[static SHOPPER_FIELDS]);

/* Digests of what a side was when it was last looked at: the same again is no change. */
enum { CUSTOMER_DIGEST = 33 };
void shopper_digest(const struct shopper *shopper, char out[static CUSTOMER_DIGEST]);
/* `firm` = as a company of the shop, with its tax number and terms. */
void erp_customer_digest(const struct erp_customer *customer, bool firm,
                         char out[static CUSTOMER_DIGEST]);

/* "a@x.com;b@x.com" -> "a@x.com" */
const char *first_email(const char *text, struct arena *arena);
/* The ISO code of a country code of the ERP, where the two differ; "" = it has none. */
const char *country_iso(const char *code, struct arena *arena);

#endif

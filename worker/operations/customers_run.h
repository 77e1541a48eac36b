/* customers_run.h - what the operations of customers and companies share. Of this room only.
 *
 * A customer of Shopify's is looked for, linked and made exactly as the one of an order is
 * (orders_customers.h): he goes through as a work without an order. A company of Shopify's is a
 * customer in Business Central, too, by the name of the company, the address of its oldest
 * location, and the e-mail of its main contact.
 */
#ifndef CARTAGE_CUSTOMERS_RUN_H
#define CARTAGE_CUSTOMERS_RUN_H

#include "operations/orders_process.h"
#include "plan/customer_plan.h"
#include "shopify/shopify.h"

struct sort {                 /* of records: customers, companies */
    const char *word, *words; /* of keys; `words` is the page's root, too */
    const char *type;         /* of Shopify's ids */
    const char *page, *named; /* documents */
    bool firms;
    void (*read)(const json *node, struct arena *arena, struct shopper *out);
};
extern const struct sort PERSONS, FIRMS, PLACES; /* PLACES: locations of companies; never paged */

struct customers {
    struct orders_process process; /* its shop finds customers by e-mail and phone alone */
    struct attempt *attempt;
    const struct sort *sort;
    const char *company;
    const struct shop *shop; /* as it is set */
    struct shop finder;
    int import;                      /* enum customer_import */
    bool shopify_writes, erp_writes; /* who may change linked ones on the other side */
    const char *default_number;      /* of the customer that those without data are */
    struct write *write;
    char own_country[16]; /* of the company; "" until asked for */
    json *templates;      /* Shopify's payment terms; NULL until asked for */
};

MUST_USE bool customers_open(struct customers *run, const struct sort *sort,
                             struct attempt *attempt, struct err *err);
void customers_close(struct customers *run);
MUST_USE bool customers_flush(struct customers *run, bool all, struct err *err);
/* Companies are not of every plan: `has` = this one's has them, else that stands as the shop's
 * skip. */
MUST_USE bool customers_have_firms(struct customers *run, bool *has, struct err *err);
int64_t customers_now_ms(const struct customers *run);
MUST_USE bool customers_own_country(struct customers *run, struct err *err);

/* A node of customers-page, of companies-page, and their like; texts are borrowed from it or live
 * in the arena. */
void shopper_read(const json *node, struct arena *arena, struct shopper *out);
void firm_read(const json *node, struct arena *arena, struct shopper *out);
/* A row of BC_CUSTOMER_FIELDS; texts are borrowed. */
void erp_customer_read(const json *row, struct erp_customer *out);
/* As the members of customer mutations name them; NULL where nothing of that part differs. */
json *shopper_person_input(const struct shopper_target *target, const bool differs[],
                           const char *id);
json *shopper_address_input(const struct shopper_target *target, const bool differs[]);

/* What is kept of a customer beside his link (schemas/staging/customer.md). */
struct staged_shopper {
    const char *updated; /* of the change that was dealt with last */
    const char *seen;    /* digest of what Shopify had then */
    const char *told;    /* digest of what Business Central had when Shopify was told last */
    const char *erp_id;
    bool shared;            /* that one there is nobody's own */
    const char *metafields; /* digests of those that Shopify has confirmed */
};
enum { STAGED_SHOPPER_FIELDS = 5 };
extern const char *const STAGED_SHOPPER[STAGED_SHOPPER_FIELDS];
struct staged_shopper staged_shopper_row(const struct store_rows *rows, size_t row);
/* Fields that are "" are left as they are. */
void stage_shopper(struct customers *run, const char *id, const struct staged_shopper *staged);
void stage_shopper_gone(struct customers *run, const char *id, const char *erp_id);
/* Links a customer of the store to one there, in every place. */
void shopper_link(struct customers *run, const char *id, const char *name, const char *shops,
                  const struct erp_customer *customer);

/* Which record of the shop each of these is, "" = none; by SystemId. */
MUST_USE bool customers_linked(struct customers *run, const struct sort *sort,
                               const char *const erp_ids[], size_t count, struct store_ids *out,
                               struct err *err);

/* ERR_FATAL where the shop must not be written to. */
MUST_USE bool customers_writable(const struct customers *run, struct err *err);
/* Each customer of Business Central that the run's arguments name (customer_no, customer_country),
 * in the order of their numbers; `id` is the record of the run's sort that he is already, "" =
 * none. `customer` is borrowed. */
typedef bool customer_take(void *state, const struct erp_customer *customer, const char *id,
                           struct err *err);
MUST_USE bool customers_offer(struct customers *run, customer_take *take, void *state,
                              struct err *err);
/* What he is to be at Shopify, or why he cannot be there; his texts move into the arena. */
enum reason customer_offered(struct customers *run, struct erp_customer *customer,
                             struct arena *arena, struct shopper_target *target,
                             struct buf *detail);

/* Why a customer is not the same on both sides; `id` as his side numbers him. */
void customer_skip(struct customers *run, const char *id, const char *name, enum reason reason,
                   const char *detail);
void customer_skip_gone(struct customers *run, const char *id);

/* Later again, whatever changes: at Shopify, or there. */
void customer_due(struct customers *run, bool there, const char *id);
void customer_due_gone(struct customers *run, bool there, const char *id);

/* Who has no partner and might have one now is due. */
MUST_USE bool customers_again(struct customers *run, struct err *err);
/* A company on its way to Shopify: what of it and of its oldest location differs there, and the
 * call that changes it. */
struct firm_change {
    bool firm, place, tax, terms;
    const char *external_id, *tax_id, *terms_id; /* of a template; NULL = takes terms away */
};
/* Adds to a target by fields, which names company and address, what only companies have. */
MUST_USE bool firm_compare(struct customers *run, const struct erp_customer *customer,
                           const struct shopper *now, struct shopper_target *target,
                           bool differs[static SHOPPER_FIELDS], struct firm_change *out,
                           struct err *err);
/* The whole address as the mutations take it; `now` NULL = there is none yet. */
json *firm_address(const struct shopper *now, const struct erp_customer *customer,
                   const struct shopper_target *target);
struct shopify_call firm_call(const struct shopper *now, const struct erp_customer *customer,
                              const struct shopper_target *target,
                              const struct firm_change *change);

/* The two directions. */
MUST_USE bool customers_import(struct customers *run, struct err *err);
MUST_USE bool customers_export(struct customers *run, struct err *err);
/* Where Shopify may change them: what differs of linked customers is written there. */
struct linked_shopper {
    const struct shopper *shopper;
    struct work *work;
    const json *card; /* of BC_CUSTOMER_FIELDS */
    bool failed;      /* could not be written; the next run tries again */
    bool skipped;     /* stands in the skips with a reason */
};
MUST_USE bool customers_update(struct customers *run, struct window *window,
                               struct linked_shopper linked[], size_t count, struct err *err);

#endif

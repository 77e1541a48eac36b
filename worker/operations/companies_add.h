/* companies_add.h - customers of Business Central on their way to Shopify, as companies or as
 * locations of one. Of companies.add and companies.add-locations only.
 *
 * They go through in windows: each step is one call for each of the window for whom it is due, as
 * many at once as the budget carries. Whoever cannot go on is stopped with a reason and holds up
 * nobody.
 */
#ifndef CARTAGE_COMPANIES_ADD_H
#define CARTAGE_COMPANIES_ADD_H

#include "operations/customers_run.h"

enum { ADDED_AT_ONCE = 25 };

struct adding { /* one customer on the way; texts are the window's */
    struct erp_customer customer;
    struct shopper_target target;
    struct firm_change firm; /* its terms */
    const char *id;          /* Shopify's number of what it becomes; "" = it is not there yet */
    const char *firm_id;     /* Shopify's number of the company */
    const char *contact, *location, *role; /* Shopify's whole ids */
    const char *person;  /* the store's customer who becomes the contact; "" = nobody yet, NULL = to
                            be looked for by e-mail */
    const char *catalog; /* Shopify's id of one that has no price list yet; "" = none */
    bool has_catalog;
    bool assigned; /* by this run, or by one that did not get further */
    bool stopped, stands;
    bool linked;        /* and gone through once more */
    bool lacks_catalog; /* for an earlier run could give it none */
};

struct add {
    struct customers run;
    const struct adder *adder;
    struct arena *arena; /* a window's */
    struct adding list[ADDED_AT_ONCE];
    size_t count, done;
    const char *parent, *parent_role; /* of companies.add-locations: number, id; "" = none */
    bool parent_read;
    bool catalogs;        /* locations get one */
    const char *currency; /* of their price lists */
    struct arena *kept;   /* the run's */
    /* By SystemId: an earlier run has not come to the link; and of those, an hour ago or more. */
    struct store_ids unfinished, long_ago;
};

struct adder {
    const struct sort *sort;  /* what they become */
    const struct sort *other; /* and what they must not be already */
    const char *record;       /* of the link: "company" */
    const char *doing;
    const char *named; /* the document that looks for them by external ids */
    bool (*prepare)(struct add *add, struct err *err); /* NULL = nothing */
    void (*take_found)(struct add *add, struct adding *one, const json *node);
    bool (*run_window)(struct add *add, struct err *err);
    void (*link)(struct add *add, const struct adding *one);
    bool (*already)(struct add *add, const struct erp_customer *customer, const char *id,
                    struct err *err); /* is such a record already; NULL = then nothing is to do */
};

MUST_USE bool adding_run(struct attempt *attempt, const struct adder *adder, struct err *err);

struct adding_step {
    bool (*is_due)(const struct adding *one);
    struct shopify_call (*call)(const struct add *add, const struct adding *one);
    void (*take)(struct add *add, struct adding *one, const struct shopify_call *call);
    const char *doing;
};
MUST_USE bool adding_step(struct add *add, const struct adding_step *step, struct err *err);

const char *adding_text(const struct add *add, const char *text);
void adding_stop(struct add *add, struct adding *one, enum reason reason, const char *detail);
/* It is something else in the store already: "company 2190000001". */
void adding_elsewhere(struct add *add, struct adding *one, const char *what, const char *id);
/* True where the call has done what it was for; else the customer is stopped with the reason. */
bool adding_answered(struct add *add, struct adding *one, const struct shopify_call *call);
/* A create was refused for this field, because somebody has its value. */
bool adding_taken(const struct shopify_call *call, const char *field);

json *adding_location(const struct adding *one);

/* ---- people and their roles: companies_add_people.c ---- */

/* The id of the role of contact_role; "" = there is none of this name. */
const char *adding_role(const struct add *add, const json *roles);
struct shopify_call adding_find_call(const struct add *add, const struct adding *one);
/* The person, "" = nobody, and which contact of the company he is already. */
void adding_take_person(struct add *add, struct adding *one, const struct shopify_call *call);
bool adding_has_no_contact(const struct adding *one);
struct shopify_call adding_assign_call(const struct add *add, const struct adding *one);
void adding_take_assigned(struct add *add, struct adding *one, const struct shopify_call *call);
bool adding_has_role(const struct adding *one);
struct shopify_call adding_role_call(const struct add *add, const struct adding *one);
void adding_take_role(struct add *add, struct adding *one, const struct shopify_call *call);
char *adding_gid(const struct adding *one);

/* ---- catalogs: companies_add_catalog.c ---- */

/* Does the shop want them, and has its plan got them? */
MUST_USE bool adding_wants_catalogs(struct add *add, struct err *err);
MUST_USE bool adding_catalogs(struct add *add, struct err *err);
/* Of one that is linked: has it no catalog only because the plan had none, and has the plan them
 * now? */
MUST_USE bool adding_lacks_catalog(struct add *add, const char *id, bool *out, struct err *err);
/* For that, beside its link: the plan has left it without one, or no more. */
void adding_note_catalog(struct add *add, const struct adding *one);

#endif

/* orders_customers.h - one order's customer on the way to a number of Business Central's. Of
 * orders_customers.c and orders_new_customers.c only.
 */
#ifndef CARTAGE_ORDERS_CUSTOMERS_H
#define CARTAGE_ORDERS_CUSTOMERS_H

#include "operations/orders_process.h"
#include "plan/billing.h"
#include "plan/phone.h"

/* An order has one or two of them: where others are billed than goods are sold to, each is looked
 * for by himself. */
enum { PARTIES = 2, ASKERS = PARTIES * WINDOW };
enum { CUSTOMER_LOCKS = 4 }; /* e-mail, phone, name, tax number */

struct asker { /* one order's customer, as far as it is known */
    struct work *work;
    struct party *party;    /* of the work: what he is wanted for */
    bool may_lack;          /* sold to: without him the goods are sold to who is billed */
    const char *key;        /* Shopify's customer, or the order itself for guests; with billing */
    struct billing billing; /* his name and address; address NULL = by e-mail and phone */
    const char *kind;       /* of his link and note: "customer", "company" */
    const char *email, *phone, *tax_id, *shops, *by_hand;
    const char *erp_id, *number;     /* linked; "" = not */
    const char *own_id, *own_number; /* linked to the person, whatever his address; billing */
    const char *fixed;               /* the number that all such orders go to; is_default */
    bool is_default, was_blocked;
    bool missing;           /* is nowhere, and may be made */
    const char *note_fence; /* of a create in flight, "" = none */
    int64_t look_until_ms;
    const char *locks[CUSTOMER_LOCKS]; /* keys by which one that is made would be found */
    size_t lock_count;
    bool shared[CUSTOMER_LOCKS]; /* another one of the window has this lock, too */
    bool locked;                 /* ours: nobody else makes him meanwhile */
    bool in_flight;              /* his create may still come through: the locks stay */
    int64_t free_ms;             /* else: when to look again */
    const char *made_id;         /* was made for this phone a while ago, "" = nobody */
};

/* Customers of the ERP by what a filter cannot ask for: by the digits of their phone number; by the
 * first of several e-mail addresses, whatever its case. `after` NULL = from the first, by number.
 */
struct known_customer {
    char key[81]; /* digits, or the address */
    char id[UUID_TEXT], number[24], blocked[16];
};
MUST_USE bool known_phones(struct orders_process *process, struct err *err);
MUST_USE bool known_emails(struct orders_process *process, struct err *err);
/* From the primary: it decides about creates; `again` = whatever was read before. */
MUST_USE bool known_tax_ids(struct orders_process *process, bool again, struct err *err);
const struct known_customer *known_by_phone(const struct orders_process *process, const char *text,
                                            const struct known_customer *after);
const struct known_customer *known_by_tax_id(const struct orders_process *process, const char *text,
                                             const struct known_customer *after);
const struct known_customer *known_by_email(const struct orders_process *process, const char *text,
                                            const struct known_customer *after);

/* Takes what was found, there or just made. */
void customer_take(struct orders_process *process, const struct asker *asker, const char *id,
                   const char *number, const char *blocked);
/* The customer of exactly this name and address, NULL = none. Of a create that got no answer, which
 * the ERP may have finished with a town of its own for the post code, `ours` is enough. */
const json *customer_billed(const struct lookup *lookup, enum lookup_kind kind,
                            const struct asker *asker, bool ours);
void customer_unmapped(struct orders_process *process, const struct asker *asker, const char *code,
                       const char *why);

/* Nobody else makes this customer meanwhile (orders_customer_locks.c). A lock that another run has
 * leaves `locked` false. */
MUST_USE bool customer_lock(struct orders_process *process, struct window *window,
                            struct asker *asker, const char *name, struct err *err);
void customer_keep(struct write *write, const struct asker *asker); /* with the note */
/* Those of his own at once, what he shares at the end: two that one order is for have one e-mail,
 * and the one's create must not go out under a lock that the other has given back. */
void customer_unlock(struct orders_process *process, struct asker *asker);
void customers_share_locks(struct asker askers[], size_t count);
void customers_unlock_shared(struct orders_process *process, const struct asker askers[],
                             size_t count);
/* Phones are compared in a list that was read earlier: what was made since is read here, of those
 * that are locked; and told, of one that was just made. */
MUST_USE bool customers_made(struct orders_process *process, struct window *window,
                             struct asker askers[], size_t count, struct err *err);
void customer_was_made(struct orders_process *process, const struct asker *asker, const char *id,
                       const char *number, const char *phone);

/* May a customer be made for this order? It needs an address, and something to find it by again. */
bool customer_may_be_made(const struct orders_process *process, const struct asker *asker);
MUST_USE bool customers_make(struct orders_process *process, struct window *window,
                             struct asker askers[], size_t count, struct err *err);

#endif

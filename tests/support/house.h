/* house.h - a company and its shops between two simulated peers, with the test as its worker.
 *
 * Entries are added, fired and claimed, and the operation runs in this process: each run ends
 * before the next line, and what it left behind can be counted. Whatever cannot be done fails the
 * test.
 */
#ifndef CARTAGE_TEST_HOUSE_H
#define CARTAGE_TEST_HOUSE_H

#include "ledger/wake.h"
#include "store/store.h"
#include "support/peers.h"

extern const char HOUSE_COMPANY[];
extern const struct clock HOUSE_CLOCK; /* what its runs look at */
extern int64_t house_ahead_ms;         /* so much later is it there, since the house was opened */

struct house {
    struct peers *peers;
    struct ledger *ledger;
    struct http *http;
    struct limiter *limiter;
    int fences;
    struct wake_cause named; /* orders that an event names for the runs to come */
    size_t still_named;      /* when the latest run had ended */
    char task[128];          /* of the latest run */
    int64_t adopted_ms; /* of the attempts to come; NEVER_ADOPTED unless a test says otherwise */
    struct buf cursor;  /* of the latest run; the next one `resumes` with it */
    bool resumes;
};

struct ran { /* how a run ended */
    bool ok;
    struct err err;
    struct counts counts;
};

/* One shop, DEMO, of the demo store; `late_s`: how long Business Central may finish a lost call. */
struct house *house_open(const char *const shopify_flags[], const char *const bc_flags[],
                         int late_s);
/* ... of no data, whose Shopify lists no more than 300 of anything: a list ends there, what is in
 * the store does not. In life it is 25,000. */
struct house *house_open_shallow(void);
void house_free(struct house *house);
/* Stores what people configure: a field of the company's settings as JSON. */
void house_put(struct house *house, const char *field, const char *text);
/* `more` = further settings, ",\"name\":value...". */
void house_put_shop(struct house *house, const char *code, const char *more);

typedef bool (*run_function)(struct attempt *attempt, struct err *err);
struct ran house_run_with(struct house *house, const char *operation, const char *arguments,
                          enum ticket_kind kind, run_function function);
struct ran house_run_as(struct house *house, const char *operation, const char *arguments,
                        enum ticket_kind kind);
struct ran house_run(struct house *house, const char *operation, const char *arguments);
/* A run that must end well. */
struct counts house_good(struct house *house, const char *operation, const char *arguments);

/* A run and its returns from parks: each time it waits for a bulk operation it looks at once. Its
 * counts are those of all attempts. */
struct ran house_parks(struct house *house, const char *operation, const char *arguments,
                       enum ticket_kind kind);
void house_bulk_due(struct house *house); /* what is under way is looked at by the next run */

/* The same run in a process of its own, which dies at the nth passing of this fault point. */
void house_killed_at(struct house *house, const char *operation, const char *arguments,
                     const char *point, int nth);

/* The same run twice at once: the second begins when this call of the first has come to the peer,
 * which carries it out only when the second has ended, and well. Has the first ended well, too? */
bool house_doubled(struct house *house, const char *operation, const char *arguments,
                   const char *peer, const char *call);

/* What is staged of shop DEMO: its cues; a field of a record, "" = none; the reason that stands in
 * the list of skips for a record, by its name. Texts are the caller's. */
struct house_cues {
    int64_t unmapped_customers, unmapped_products, unprocessed_orders, order_updates;
    int64_t skipped_records; /* those that ask for a person */
    int64_t differences;     /* documents whose total is not Shopify's */
    int64_t unprocessed_shipments, shipment_errors;
};
struct house_cues house_cues(struct house *house);
char *house_field(struct house *house, const char *key, const char *field);
char *house_reason(struct house *house, const char *record);
/* An order at Shopify, as the sandbox keeps it; its number there. The caller frees them. */
json *house_order(struct house *house, const char *name);
char *house_order_id(struct house *house, const char *name);

/* A plain order of a known customer at the shop's admin side; `more` as above. */
void house_place(struct house *house, const char *name, const char *more);
/* Shopify's times have seconds: a change counts from the next one on, so a minute passes there. */
void house_later(struct house *house);
/* An admin side's answer; the caller frees it. */
json *house_ask(struct house *house, const char *peer, const char *method, const char *path,
                const char *body);
void house_tell(struct house *house, const char *peer, const char *path, const char *body);
/* The value of the attribute or metafield with this key, "" = there is none; the rows' own. */
const char *house_value(const json *rows, const char *key);

#endif

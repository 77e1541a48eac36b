/* operations.h - the table of operations: a row is a kind of work that an entry can ask for. Pure.
 *
 * Parameters are those of the request page. One row parses, checks with the field's name, shows in
 * --help and stands in the entry's form. An operation is found by its name or its report number.
 */
#ifndef CARTAGE_OPERATIONS_H
#define CARTAGE_OPERATIONS_H

#include "model/filter.h"
#include "model/settings.h"
#include "queue/entry.h"

/* Families of records that a run changes; model/families.h tells which entries collide in one. */
enum family {
    FAMILY_DISCOVERY,
    FAMILY_ORDERS,
    FAMILY_DOCUMENTS,
    FAMILY_SHIPMENTS,
    FAMILY_CUSTOMERS,
    FAMILY_SHOP_CUSTOMERS,
    FAMILY_PRODUCTS,
    FAMILY_SHOP_PRODUCTS,
    FAMILY_STOCK,
    FAMILY_IMAGES,
    FAMILY_POSTINGS, /* documents that were handed over as ready to post: no more orders.process's
                      */
    FAMILY_PAYMENTS, /* payouts and disputes; beside the orders' own transactions, never in them */
    FAMILY_CATALOGS, /* catalogs of a store and their prices */
    FAMILY_COUNT
};
enum { USE_SETTINGS = 2 };
struct family_use {
    enum family family;
    /* Switches of the shop that must all be on for it; the first is the one to turn off. None =
     * always. Looking a record up is no use: whoever looks, looks again. */
    const char *on[USE_SETTINGS];
};

enum parameter_type {
    PARAMETER_SHOP,   /* a shop's code */
    PARAMETER_BOOL,   /* left out = either */
    PARAMETER_LIST,   /* texts, comma between; at most PARAMETER_LIST_MOST of 40 characters */
    PARAMETER_TIME,   /* YYYY-MM-DD, or an instant with its offset */
    PARAMETER_FILTER, /* Business Central's filter language (model/filter.h) */
    PARAMETER_CHOICE, /* one of the words that its help begins with */
    PARAMETER_DATE,   /* YYYY-MM-DD, or "today": the day of the run, where the company is */
    PARAMETER_TEXT,   /* a name or an address, at most 200 characters; never a secret */
};
enum { PARAMETER_LIST_MOST = 100 };
struct parameter {
    const char *name;
    enum parameter_type type;
    enum filter_kind kind; /* PARAMETER_FILTER: how the field compares */
    bool required;
    const char *help; /* of a choice: the words first, with | between, then a colon */
};

struct json_object;
struct operation {
    const char *name; /* "orders.sync" */
    int report;       /* Business Central's report number */
    const char *title;
    const char *category; /* of an entry that names none */
    /* Of an entry that names none: orders, processing and shipments High; inventory, payments and
     * posting Normal; all the rest Low. */
    enum priority priority;
    bool needs_shop;
    bool anywhere; /* of no company: what it looks at stands in its arguments */
    bool by_ids;   /* a run reads the records that events name first (store/subjects.h) */
    const struct family_use *uses;
    size_t use_count;
    const struct parameter *parameters;
    size_t parameter_count;
    /* What single arguments do not show: refuses with the argument's name. NULL = nothing. */
    bool (*check)(const struct json_object *arguments, struct err *err);
};
extern const struct operation OPERATIONS[];
extern const size_t OPERATION_COUNT;

/* By name or report number; NULL = none. `operation_near` completes the error: "; did you mean
 * ...?" */
const struct operation *operation_by_name(const char *name_or_report);
void operation_near(const char *wrong, struct buf *out);

/* Checks the arguments (a JSON object; NULL or "" = none) and writes them in canonical form: known
 * fields in the table's order, the shop's code in upper case, empty ones left out. ERR_FATAL, code
 * 400. */
MUST_USE bool operation_arguments(const struct operation *operation, const char *json_text,
                                  struct buf *canonical, struct err *err);
const char *parameter_type_name(
    enum parameter_type type); /* "shop", "boolean", "filter", "choice", "date", "text" */

#endif

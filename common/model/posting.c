/* posting.c - the rows of both reports, and what their arguments must say together. */
#include "model/posting.h"

#include <json-c/json.h>
#include <string.h>

/* clang-format off */
#define SELECTION \
    {"shop", PARAMETER_SHOP, 0, false, "code of the shop; left out = all shops of the company"}, \
    {"number", PARAMETER_FILTER, FILTER_TEXT, false, \
     "number of the document, 101001..101099"}, \
    {"status", PARAMETER_FILTER, FILTER_TEXT, false, \
     "Draft, In Review (its approval is pending) or Released"}, \
    {"customer", PARAMETER_FILTER, FILTER_TEXT, false, "number of the customer"}, \
    {"filter_posting_date", PARAMETER_FILTER, FILTER_TEXT, false, \
     "posting date on the document, ..today or 2027-01-01..2027-01-31"}, \
    {"filter_document_date", PARAMETER_FILTER, FILTER_TEXT, false, \
     "document date on the document, ..today"}, \
    {"amount", PARAMETER_FILTER, FILTER_NUMBER, false, \
     "total with tax in the document's currency, <=500"}, \
    {"external_document_number", PARAMETER_FILTER, FILTER_TEXT, false, \
     "external document number, in upper case, WEB*"}, \
    {"order_no", PARAMETER_FILTER, FILTER_TEXT, false, \
     "name of the Shopify order, #1001..#1099"}, \
    {"post_when", PARAMETER_CHOICE, 0, false, \
     "created|paid|fulfilled|manual: at once, paid in full, fulfilled, or only those that " \
     "`cartage post ORDER` names"}, \
    {"all", PARAMETER_BOOL, 0, false, \
     "every document of the company, those made by hand too"}, \
    {"preview", PARAMETER_BOOL, 0, false, "list what would be posted, and post nothing"}
#define SWITCHES \
    {"posting_date", PARAMETER_DATE, 0, false, \
     "the date that replaces others: 2027-01-31, or today"}, \
    {"replace_posting_date", PARAMETER_BOOL, 0, false, "posting_date replaces the posting date"}, \
    {"replace_document_date", PARAMETER_BOOL, 0, false, \
     "posting_date replaces the document date"}, \
    {"vat_date", PARAMETER_DATE, 0, false, \
     "VAT date; no access level of Business Central offers it yet"}, \
    {"replace_vat_date", PARAMETER_BOOL, 0, false, "vat_date replaces the VAT date"}, \
    {"calc_inv_discount", PARAMETER_BOOL, 0, false, \
     "calculate the invoice discount anew; no access level offers it yet"}

const struct parameter POST_ORDERS_PARAMETERS[] = {
    SELECTION,
    {"ship", PARAMETER_BOOL, 0, false, "ship what is to be shipped (default true)"},
    {"invoice", PARAMETER_BOOL, 0, false, "invoice what is to be invoiced (default true)"},
    SWITCHES,
};
const struct parameter POST_INVOICES_PARAMETERS[] = {
    SELECTION,
    {"credit_memos", PARAMETER_BOOL, 0, false, "credit memos of refunds too (default true)"},
    SWITCHES,
};
/* clang-format on */
_Static_assert(COUNT(POST_ORDERS_PARAMETERS) == POST_ORDERS_COUNT, "posting.h says how many");
_Static_assert(COUNT(POST_INVOICES_PARAMETERS) == POST_INVOICES_COUNT, "posting.h says how many");

enum post_when post_when_of(const char *word)
{
    static const char *const WORDS[] = {
        [POST_PAID] = "paid", [POST_FULFILLED] = "fulfilled", [POST_MANUAL] = "manual"};
    for (size_t i = POST_PAID; i < COUNT(WORDS); i++)
        if (strcmp(WORDS[i], word) == 0)
            return (enum post_when)i;
    return POST_CREATED;
}

static const char *text_of(const struct json_object *arguments, const char *name)
{
    struct json_object *value = NULL;
    json_object_object_get_ex(arguments, name, &value);
    return value ? json_object_get_string(value) : "";
}

static bool is(const struct json_object *arguments, const char *name, const char *word)
{
    return strcmp(text_of(arguments, name), word) == 0;
}

/* Which documents, in the order of the table: the first four a person would think of are named. */
static const struct {
    const char *name;
    bool of_orders; /* asks for what only a document of a Shopify order has */
} FILTERS[] = {
    {"number",                   false},
    {"status",                   false},
    {"customer",                 false},
    {"filter_posting_date",      false},
    {"filter_document_date",     false},
    {"amount",                   false},
    {"external_document_number", false},
    {"order_no",                 true },
    {"post_when",                true },
};

static bool check_selection(const struct json_object *arguments, struct err *err)
{
    bool all = is(arguments, "all", "true"), any = false;
    for (size_t i = 0; i < COUNT(FILTERS); i++) {
        bool given = *text_of(arguments, FILTERS[i].name) != 0;
        any = any || given;
        if (all && given && FILTERS[i].of_orders)
            return err_set(err, ERR_FATAL, 400,
                           "argument %s: does not go with all, which means documents made by hand "
                           "too; leave one of them out",
                           FILTERS[i].name);
    }
    if (all && *text_of(arguments, "shop"))
        return err_set(err, ERR_FATAL, 400,
                       "argument shop: does not go with all, which means every document of the "
                       "company; leave one of them out");
    if (!all && !any)
        return err_set(err, ERR_FATAL, 400,
                       "argument post_when is missing: nothing says which documents are posted; "
                       "give post_when, order_no, number, status or another filter, or say all");
    const char *status = text_of(arguments, "status");
    if (strstr(status, "Open"))
        return err_set(err, ERR_FATAL, 400,
                       "argument status: Open is a draft on Business Central's page and a released "
                       "document in its API; write Draft, In Review or Released");
    return true;
}

static bool check_dates(const struct json_object *arguments, struct err *err)
{
    bool posting = is(arguments, "replace_posting_date", "true");
    bool document = is(arguments, "replace_document_date", "true");
    bool date = *text_of(arguments, "posting_date") != 0;
    if ((posting || document) && !date)
        return err_set(err, ERR_FATAL, 400,
                       "argument posting_date is missing: %s replaces a date by it",
                       posting ? "replace_posting_date" : "replace_document_date");
    if (date && !posting && !document)
        return err_set(err, ERR_FATAL, 400,
                       "argument posting_date: replaces nothing; say replace_posting_date or "
                       "replace_document_date, or leave it out");
    if (is(arguments, "replace_vat_date", "true") && !*text_of(arguments, "vat_date"))
        return err_set(err, ERR_FATAL, 400,
                       "argument vat_date is missing: replace_vat_date replaces a date by it");
    return true;
}

bool posting_arguments_check(const struct json_object *arguments, struct err *err)
{
    if (is(arguments, "ship", "false") && is(arguments, "invoice", "false"))
        return err_set(err, ERR_FATAL, 400,
                       "argument invoice: neither shipping nor invoicing is left; say true to ship "
                       "or invoice");
    return check_selection(arguments, err) && check_dates(arguments, err);
}

/* orders_lookup.c - groups of values into calls, answers into rows. */
#include "operations/orders_lookup.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bc/bc.h"

enum { GROUP = 20, URL_MAX = 1700 };

static const char PERSON[] = "$select=id,number,blocked,displayName,addressLine1,addressLine2,city,"
                             "state,country,postalCode&$orderby=number";

static const struct {
    const char *set, *filter, *field; /* the filter's left side; the row's field */
    size_t longest;
    const char *options;
    bool primary; /* decides about a create: a replica may be seconds behind */
} KINDS[LOOKUP_KINDS] = {
  /* clang-format off */
    [LOOKUP_ORDER] = {"salesOrders",      "externalDocumentNumber", "externalDocumentNumber", 35,
                      "$expand=salesOrderLines",                                                                                true },
    [LOOKUP_INVOICE] = {"salesInvoices",    "externalDocumentNumber", "externalDocumentNumber", 35,
                      "$expand=salesInvoiceLines",                                                                              true },
    [LOOKUP_MEMO] = {"salesCreditMemos", "externalDocumentNumber", "externalDocumentNumber", 35,
                      "$expand=salesCreditMemoLines",                                                                           true },
    [LOOKUP_SHIPMENT] = {"salesShipments",   "externalDocumentNumber", "externalDocumentNumber", 35,
                      "$select=id,number,externalDocumentNumber,customerNumber,orderNumber",                                    true },
    [LOOKUP_CUSTOMER_ID] = {"customers",        "id",                     "id",                     36,  "$select=id,number,blocked", true },
    [LOOKUP_CUSTOMER_CARD] = {"customers",        "id",                     "id",                     36,  "$select=" BC_CUSTOMER_FIELDS, true },
    [LOOKUP_CUSTOMER_NUMBER] = {"customers",        "number",                 "number",                 20,  "$select=id,number,blocked",
                      false                                                                                                          },
    [LOOKUP_CUSTOMER_EMAIL] = {"customers",        "tolower(email)",         "email",                  80,
                      "$select=id,number,email,blocked&$orderby=number",                                                        false},
    [LOOKUP_CUSTOMER_EMAIL_NOW] = {"customers",        "tolower(email)",         "email",                  80,
                      "$select=id,number,email,blocked&$orderby=number",                                                        true },
    [LOOKUP_CUSTOMER_NAME] = {"customers",        "displayName",            "displayName",            100, PERSON,                      false},
    [LOOKUP_CUSTOMER_NAME_NOW] = {"customers",        "displayName",            "displayName",            100, PERSON,                      true },
    [LOOKUP_ITEM_ID] = {"items",            "id",                     "id",                     36,  "$select=id,number,blocked", true },
    [LOOKUP_ITEM_NUMBER] = {"items",            "number",                 "number",                 20,  "$select=id,number,blocked", false},
    [LOOKUP_ITEM_GTIN] = {"items",            "gtin",                   "gtin",                   14,
                      "$select=id,number,gtin,blocked&$orderby=number",                                                         false},
    [LOOKUP_ITEM_VARIANT] = {"itemVariants",     "itemNumber",             "itemNumber",             20,
                      "$select=id,itemNumber,code",                                                                             false},
    [LOOKUP_VARIANT_CODE] = {"itemVariants", "code", "code", 10, "$select=id,itemId,itemNumber,code&$orderby=itemNumber", true},
    [LOOKUP_REFERENCE] = {"itemReferences", "referenceNumber", "referenceNumber", 50,
                      "$select=itemNumber,variantCode,unitOfMeasureCode,referenceType,referenceTypeNumber,referenceNumber", true},
    [LOOKUP_REFERENCE_PAGE] = {"ItemReferences", "Reference_No", "Reference_No", 50,
                      "$select=Item_No,Variant_Code,Unit_of_Measure,Reference_Type,Reference_Type_No,Reference_No", true},
    [LOOKUP_VENDOR_NUMBER] = {"vendors", "number", "number", 20, "$select=id,number", false},
    [LOOKUP_VENDOR_NAME] = {"vendors", "tolower(displayName)", "displayName", 100, "$select=id,number,displayName&$orderby=number", false},
    [LOOKUP_CATEGORY] = {"itemCategories", "tolower(displayName)", "displayName", 100, "$select=id,code,displayName&$orderby=code", false},
    [LOOKUP_UNIT] = {"unitsOfMeasure", "code", "code", 10, "$select=id,code", true},
    [LOOKUP_UNIT_NAME] = {"unitsOfMeasure", "tolower(displayName)", "displayName", 50, "$select=id,code,displayName&$orderby=code", true},
  /* clang-format on */
};

static enum bc_root root_of(enum lookup_kind kind)
{
    return kind == LOOKUP_REFERENCE        ? BC_EXTENSION
           : kind == LOOKUP_REFERENCE_PAGE ? BC_PAGES
                                           : BC_API;
}

struct values {
    char **items;
    size_t count, asked; /* the first `asked` have been sent */
};

struct found {
    const char *value; /* of the field, borrowed from the row */
    const json *row;
};

struct lookup {
    struct values values[LOOKUP_KINDS];
    json **answers; /* owned */
    size_t answer_count;
    struct found *rows[LOOKUP_KINDS];
    size_t row_count[LOOKUP_KINDS];
};

struct lookup *lookup_new(void)
{
    return mem_new(sizeof(struct lookup));
}

void lookup_free(struct lookup *lookup)
{
    if (!lookup)
        return;
    for (int kind = 0; kind < LOOKUP_KINDS; kind++) {
        for (size_t i = 0; i < lookup->values[kind].count; i++)
            free(lookup->values[kind].items[i]);
        free(lookup->values[kind].items);
        free(lookup->rows[kind]);
    }
    for (size_t i = 0; i < lookup->answer_count; i++)
        json_free(lookup->answers[i]);
    free(lookup->answers);
    free(lookup);
}

void lookup_want(struct lookup *lookup, enum lookup_kind kind, const char *value)
{
    struct values *values = &lookup->values[kind];
    if (!*value || strlen(value) > KINDS[kind].longest)
        return;
    for (size_t i = 0; i < values->count; i++)
        if (strcmp(values->items[i], value) == 0)
            return;
    values->items =
        mem_grow(values->items, values->count, values->count + 1, sizeof *values->items);
    values->items[values->count++] = mem_text(value);
}

/* ---- a round ---- */

struct round {
    struct bc_call *calls;
    enum lookup_kind *kinds;
    char **paths;
    size_t count;
};

static void add_value(struct buf *path, enum lookup_kind kind, const char *value)
{
    if (kind == LOOKUP_CUSTOMER_ID || kind == LOOKUP_CUSTOMER_CARD ||
        kind == LOOKUP_ITEM_ID) /* GUIDs stand bare */
        buf_printf(path, "id%%20eq%%20%s", value);
    else
        bc_filter_text(path, KINDS[kind].filter, value);
}

static void add_call(struct round *round, enum lookup_kind kind, const struct buf *filter)
{
    size_t n = round->count++;
    round->calls = mem_grow(round->calls, n, n + 1, sizeof *round->calls);
    round->kinds = mem_grow(round->kinds, n, n + 1, sizeof *round->kinds);
    round->paths = mem_grow(round->paths, n, n + 1, sizeof *round->paths);
    round->paths[n] =
        mem_printf("%s?%s&$filter=%s", KINDS[kind].set, KINDS[kind].options, buf_str(filter));
    round->kinds[n] = kind;
    round->calls[n] =
        (struct bc_call){.method = "GET", .root = root_of(kind), .primary = KINDS[kind].primary};
}

static void add_calls(struct round *round, enum lookup_kind kind, struct values *values)
{
    OWN_BUF struct buf filter = {0};
    size_t group = 0;
    for (; values->asked < values->count; values->asked++) {
        if (group == GROUP || filter.size > URL_MAX) {
            add_call(round, kind, &filter);
            buf_clear(&filter);
            group = 0;
        }
        buf_text(&filter, group++ ? "%20or%20" : "");
        add_value(&filter, kind, values->items[values->asked]);
    }
    if (group > 0)
        add_call(round, kind, &filter);
}

static bool take_answer(struct lookup *lookup, enum lookup_kind kind, struct bc_call *call,
                        struct err *err)
{
    const json *rows = json_get(call->answer, "value");
    if (call->err.kind != ERR_NONE) {
        *err = call->err;
        return err_wrap(err, "look up %s", KINDS[kind].set);
    }
    if (!json_is_array(rows) || json_has(call->answer, "@odata.nextLink"))
        return err_set(err, ERR_RETRY, call->status, "look up %s: the answer is not complete",
                       KINDS[kind].set);
    size_t before = lookup->row_count[kind], count = json_count(rows);
    lookup->rows[kind] =
        mem_grow(lookup->rows[kind], before, before + count + 1, sizeof *lookup->rows[kind]);
    for (size_t i = 0; i < count; i++)
        lookup->rows[kind][lookup->row_count[kind]++] =
            (struct found){json_text(json_at(rows, i), KINDS[kind].field), json_at(rows, i)};
    size_t n = lookup->answer_count++;
    lookup->answers = mem_grow(lookup->answers, n, n + 1, sizeof *lookup->answers);
    lookup->answers[n] = GIVE(call->answer);
    return true;
}

bool lookup_round(struct lookup *lookup, struct attempt *attempt, struct err *err)
{
    struct round round = {0};
    struct bc *bc;
    if (!bc_of(attempt, &bc, err))
        return false;
    for (int kind = 0; kind < LOOKUP_KINDS; kind++)
        add_calls(&round, (enum lookup_kind)kind, &lookup->values[kind]);
    for (size_t i = 0; i < round.count; i++) /* the array has stopped moving */
        round.calls[i].path = round.paths[i];
    bool ok = round.count == 0 || bc_call_all(attempt, round.calls, round.count, err);
    for (size_t i = 0; i < round.count; i++) {
        ok = ok && take_answer(lookup, round.kinds[i], &round.calls[i], err);
        bc_call_drop(&round.calls[i]);
        free(round.paths[i]);
    }
    free(round.calls);
    free(round.kinds);
    free(round.paths);
    return ok;
}

/* ---- answers ---- */

const json *lookup_next(const struct lookup *lookup, enum lookup_kind kind, const char *value,
                        size_t *at)
{
    for (; *at < lookup->row_count[kind]; (*at)++) {
        /* Codes are upper case there, e-mail is compared without case: neither needs it here. */
        if (strcasecmp(lookup->rows[kind][*at].value, value) == 0)
            return lookup->rows[kind][(*at)++].row;
    }
    return NULL;
}

const json *lookup_find(const struct lookup *lookup, enum lookup_kind kind, const char *value)
{
    size_t at = 0;
    return *value ? lookup_next(lookup, kind, value, &at) : NULL;
}

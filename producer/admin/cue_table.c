/* cue_table.c - the cues, the shops they are counted in, and the groups of each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "admin/cues.h"
#include "store/forget.h"
#include "store/staging.h"

/* clang-format off */
const struct cue CUES[] = {
    {"unmapped_customers",     "Unmapped customers",        CUE_CUSTOMERS,        "unmapped-customers", NULL,      1, 5        },
    {"unmapped_companies",     "Unmapped companies",        CUE_COMPANIES,        "unmapped-companies", NULL,      1, 5        },
    {"unmapped_products",      "Unmapped products",         CUE_PRODUCTS,         "unmapped-products",  NULL,      1, 5        },
    {"unprocessed_orders",     "Unprocessed orders",        CUE_ORDERS,           "unprocessed",        "skipped", 1, 5        },
    {"order_updates",          "Unprocessed order updates", CUE_UPDATES,          "updates",            NULL,      1, 5        },
    {"synchronization_errors", "Synchronization errors",    CUE_ENTRIES,          NULL,                 NULL,      1, 5        },
    {"skipped_records",        "Skipped records",           CUE_SKIPS,            "skips-open",         "=skips",  1, CUE_NEVER},
    {"unprocessed_shipments",  "Unprocessed shipments",     CUE_SHIPMENTS_DUE,    "shipments-due",      NULL,      1, 5        },
    {"shipment_errors",        "Shipment errors",           CUE_SHIPMENTS_FAILED, "shipments-failed",   NULL,      1, 5        },
    {"differences",            "Documents that differ",     CUE_DIFFERENCES,      "differences",        NULL,      1, 5        },
    {"left_alone",             "Left alone",                CUE_LEFT,             "skips",              NULL,      CUE_NEVER, CUE_NEVER},
    {NULL,                     NULL,                        CUE_LEFT,             NULL,                 NULL,      0, 0        },
};
/* clang-format on */

const struct cue *cue_by_name(const char *name)
{
    for (const struct cue *cue = CUES; cue->name; cue++)
        if (strcmp(cue->name, name) == 0)
            return cue;
    return NULL;
}

bool cue_maps(const struct cue *cue, enum mapping *out)
{
    static const struct {
        enum cue_kind kind;
        enum mapping mapping;
    } MAPS[] = {
        {CUE_CUSTOMERS, MAPPING_CUSTOMER},
        {CUE_PRODUCTS,  MAPPING_PRODUCT },
        {CUE_COMPANIES, MAPPING_COMPANY }
    };
    for (size_t i = 0; i < COUNT(MAPS); i++)
        if (MAPS[i].kind == cue->kind) {
            *out = MAPS[i].mapping;
            return true;
        }
    return false;
}

/* ---- shops ---- */

void scopes_drop(struct scopes *scopes)
{
    for (size_t i = 0; i < scopes->count; i++)
        json_free(scopes->items[i].runs);
    free(scopes->items);
    json_free(scopes->trees);
    *scopes = (struct scopes){0};
}

static int by_code(const void *a, const void *b)
{
    const struct scope *left = a, *right = b;
    return strcmp(left->code, right->code);
}

static void add_company(struct api_call *call, struct scopes *scopes, const char *company,
                        const json *settings, bool alone)
{
    const char *wanted = api_query(call, "shop"), *field;
    const char *name = json_text(json_get(settings, "company"), "name");
    size_t first = scopes->count, room = scopes->count + 1;
    json *shop;
    JSON_EACH(field, shop, settings)
    {
        room++;
    }
    struct scope *items = mem_array(room, sizeof *items);
    if (scopes->count)
        memcpy(items, scopes->items, scopes->count * sizeof *items);
    free(scopes->items);
    scopes->items = items;
    JSON_EACH(field, shop, settings)
    {
        if (strncmp(field, "shop:", 5) == 0 && (!wanted || strcasecmp(field + 5, wanted) == 0))
            items[scopes->count++] = (struct scope){company, field + 5, shop, alone, name, NULL};
    }
    qsort(items + first, scopes->count - first, sizeof *items, by_code);
    if (!wanted)
        items[scopes->count++] = (struct scope){company, "", NULL, alone, name, NULL};
    for (size_t i = first; i < scopes->count; i++)
        items[i].runs = json_new_object();
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool scopes_read(struct api_call *call, struct scopes *out, struct err *err)
{
    OWN_JSON json *companies = NULL, *known = NULL;
    __attribute__((cleanup(scopes_drop))) struct scopes scopes = {.trees = json_new_object()};
    if (!ledger_companies(call->ledger, &known, err) || !api_companies(call, &companies, err))
        return false;
    size_t count = json_count(companies);
    const char **ids = mem_array(count + 1, sizeof *ids);
    for (size_t i = 0; i < count; i++)
        ids[i] = json_string(json_at(companies, i));
    qsort(ids, count, sizeof *ids, by_text);
    bool good = true;
    for (size_t i = 0; good && i < count; i++) {
        json *settings = NULL;
        good = ledger_settings_all(call->ledger, ids[i], &settings, err);
        if (!good)
            break;
        json_set_text(settings, ":id", ids[i]);
        json_set(scopes.trees, ids[i], settings);
        add_company(call, &scopes, json_text(settings, ":id"), settings, json_count(known) == 1);
    }
    free(ids);
    if (!good)
        return false;
    *out = scopes;
    scopes = (struct scopes){0};
    return true;
}

/* ---- groups ---- */

/* Words of groups that are no reasons of model/reasons. */
static const struct {
    enum cue_kind kind;
    const char *code, *text;
} WORDS[] = {
    {CUE_CUSTOMERS,   "no-customer",       "no customer in Business Central has the e-mail or phone"       },
    {CUE_CUSTOMERS,   "no-billing-match",
     "no customer in Business Central has the name and address billed"                                     },
    {CUE_CUSTOMERS,   "ambiguous",         "Several customers in Business Central have the e-mail or phone"},
    {CUE_CUSTOMERS,   "not-made",          "Business Central has refused to make the customer"             },
    {CUE_CUSTOMERS,   "mapped-to-nothing",
     "mapped by hand to a number that Business Central does not have"                                      },
    {CUE_COMPANIES,   "no-customer",       "no customer in Business Central has the e-mail or phone"       },
    {CUE_COMPANIES,   "no-tax-id",         "no customer in Business Central has the tax number"            },
    {CUE_COMPANIES,   "no-default",        "the company goes to the default company, and the shop has none"},
    {CUE_COMPANIES,   "ambiguous",         "Several customers in Business Central have the e-mail or phone"},
    {CUE_COMPANIES,   "not-made",          "Business Central has refused to make the customer"             },
    {CUE_COMPANIES,   "mapped-to-nothing",
     "mapped by hand to a number that Business Central does not have"                                      },
    {CUE_PRODUCTS,    "no-item",           "no item in Business Central fits the SKU"                      },
    {CUE_PRODUCTS,    "no-sku",            "the product has no SKU"                                        },
    {CUE_PRODUCTS,    "sku-mapping-none",  "the shop's sku_mapping is none"                                },
    {CUE_PRODUCTS,    "mapped-to-nothing",
     "mapped by hand to a number that Business Central does not have"                                      },
    {CUE_UPDATES,     "order-changed",     "Shopify has changed the order since its document was made"     },
    {CUE_DIFFERENCES, "unexplained",
     "the document's total is not the order's, and nothing explains it"                                    },
    {CUE_DIFFERENCES, "duty-or-fee",
     "duties or fees are not on the document: no account is set for them"                                  },
    {CUE_ENTRIES,     "shop-disabled",     "the shop is disabled, and its tasks fail"                      },
    {CUE_ENTRIES,     "run-failed",        "the latest run has failed"                                     },
    {CUE_ORDERS,      "new",               "no run has looked at it yet"                                   },
    {CUE_LEFT,        "done",              "a person has dealt with it"                                    },
};

__attribute__((noinline)) /* gcc 12 warns of what it makes of a constant code */
const char *
word_of_text(const char *code)
{
    for (size_t i = 0; i < COUNT(WORDS); i++)
        if (strcmp(WORDS[i].code, code) == 0)
            return WORDS[i].text;
    return "";
}

static void add(struct groups *groups, const char *code, const char *text, const char *list,
                const char *key)
{
    assert(groups->count < GROUPS_MOST);
    struct group *group = &groups->items[groups->count++];
    *group = (struct group){.code = code, .text = text};
    snprintf(group->list, sizeof group->list, "%s", list);
    snprintf(group->key, sizeof group->key, "%s", key);
}

/* Skips of one kind of record, "order" or another, that have a reason of this class. In a list of
 * several kinds a reason is told apart by the kind. */
static void add_reasons(struct groups *groups, const char *shop, const char *record,
                        enum reason_class class, bool several)
{
    for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
        const struct reason_row *row = reason_row((enum reason)i);
        bool refund = strcmp(record, "refund") == 0;
        if (row->class != class || (refund && !skip_asks("refund:", (enum reason)i)))
            continue;
        bool plain = !several || strcmp(record, "order") == 0;
        OWN_TEXT char *list = skips_of(shop, record, row->code);
        OWN_TEXT char *key = mem_printf("%s%s%s", plain ? "" : record, plain ? "" : ":", row->code);
        add(groups, row->code, row->text, list, key);
    }
}

static void add_done(struct groups *groups, const char *shop)
{
    static const char *const RECORDS[] = {"order",    "refund", "posting",
                                          "shipment", "item",   "customer"};
    for (size_t i = 0; i < COUNT(RECORDS); i++) {
        OWN_TEXT char *list = skips_of(shop, RECORDS[i], "done");
        OWN_TEXT char *key = mem_printf("%s%sdone", i ? RECORDS[i] : "", i ? ":" : "");
        add(groups, "done", word_of_text("done"), list, key);
    }
}

/* Groups of the words above: lists of their own, or the cue's whole list where it has one word. */
static void add_words(struct groups *groups, const struct cue *cue, const char *shop)
{
    for (size_t i = 0; i < COUNT(WORDS); i++) {
        if (WORDS[i].kind != cue->kind)
            continue;
        OWN_TEXT char *list = cue->kind == CUE_UPDATES
                                  ? mem_printf("%s:%s", cue->list, shop)
                                  : mem_printf("%s-of:%s:%s", cue->list, shop, WORDS[i].code);
        add(groups, WORDS[i].code, WORDS[i].text, list, WORDS[i].code);
    }
}

static void possible(const struct cue *cue, const char *shop, struct groups *out)
{
    switch (cue->kind) {
    case CUE_ORDERS:
        add_reasons(out, shop, "order", CLASS_WAITS, false);
        break;
    case CUE_SHIPMENTS_DUE:
        add_reasons(out, shop, "shipment", CLASS_SHIPMENT_WAITS, false);
        break;
    case CUE_SHIPMENTS_FAILED:
        add_reasons(out, shop, "shipment", CLASS_SHIPMENT_FAILED, false);
        break;
    case CUE_SKIPS:
        add_reasons(out, shop, "order", CLASS_UNSUPPORTED, true);
        add_reasons(out, shop, "posting", CLASS_POSTING, true);
        add_reasons(out, shop, "refund", CLASS_UNSUPPORTED, true);
        add_reasons(out, shop, "refund", CLASS_WAITS, true);
        add_reasons(out, shop, "item", CLASS_ITEM, true);
        add_reasons(out, shop, "customer", CLASS_CUSTOMER, true);
        break;
    case CUE_LEFT:
        add_reasons(out, shop, "order", CLASS_QUIET, true);
        add_reasons(out, shop, "shipment", CLASS_SHIPMENT_QUIET, true);
        add_reasons(out, shop, "item", CLASS_ITEM_QUIET, true);
        add_reasons(out, shop, "customer", CLASS_CUSTOMER_QUIET, true);
        add_done(out, shop);
        break;
    default:
        add_words(out, cue, shop);
    }
}

/* What no run has looked at yet stands in no group's list: it is what is left of the whole. */
static void add_new(struct groups *groups)
{
    int64_t rest = groups->total;
    for (size_t i = 0; i < groups->count; i++)
        rest -= groups->items[i].count;
    if (rest <= 0)
        return;
    add(groups, "new", word_of_text("new"), "", "new");
    groups->items[groups->count - 1].count = rest;
}

const char *failed_code(const struct scope *scope)
{
    bool off = scope->settings && !json_flag(scope->settings, "enabled", false);
    return off ? "shop-disabled" : "run-failed";
}

static bool failed_group(struct api_call *call, const struct scope *scope, struct groups *out,
                         struct err *err)
{
    struct failed_counts counts;
    const char *code = failed_code(scope);
    if (!ledger_failed_counts(call->ledger, scope->company, scope->code, &counts, err))
        return false;
    out->total = counts.now;
    if (counts.now == 0)
        return true;
    add(out, code, word_of_text(code), "", code);
    out->items[0].count = counts.now;
    return true;
}

bool groups_read(struct api_call *call, const struct cue *cue, const struct scope *scope,
                 struct groups *out, struct err *err)
{
    const char *keys[GROUPS_MOST + 1];
    int64_t counts[GROUPS_MOST + 1];
    size_t kept = 0;
    out->count = 0;
    out->total = 0;
    if (cue->kind == CUE_ENTRIES)
        return failed_group(call, scope, out, err);
    if (!*scope->code)
        return true;
    possible(cue, scope->code, out);
    OWN_TEXT char *whole = mem_printf("%s:%s", cue->list, scope->code);
    for (size_t i = 0; i < out->count; i++)
        keys[i] = out->items[i].list;
    keys[out->count] = whole;
    if (!list_counts(call->ledger, scope->company, keys, out->count + 1, counts, err))
        return false;
    out->total = counts[out->count];
    for (size_t i = 0; i < out->count; i++) {
        out->items[i].count = counts[i];
        if (counts[i] > 0)
            out->items[kept++] = out->items[i];
    }
    out->count = kept;
    if (cue->kind == CUE_LEFT)
        for (size_t i = out->total = 0; i < out->count; i++)
            out->total += out->items[i].count;
    if (cue->kind == CUE_ORDERS || cue->kind == CUE_SHIPMENTS_DUE)
        add_new(out);
    return true;
}

static bool is_failed(const char *code)
{
    return strcmp(code, "run-failed") == 0 || strcmp(code, "shop-disabled") == 0;
}

const struct group *group_by_key(const struct groups *groups, const char *key)
{
    for (size_t i = 0; i < groups->count; i++)
        if (strcmp(groups->items[i].key, key) == 0)
            return &groups->items[i];
    /* Failed entries are one group, called by what their shop is now. */
    if (groups->count == 1 && is_failed(key) && is_failed(groups->items[0].code))
        return &groups->items[0];
    for (size_t i = 0; i < groups->count; i++) /* the first of this code, whatever its records */
        if (strcmp(groups->items[i].code, key) == 0)
            return &groups->items[i];
    return NULL;
}

/* cues.c - what needs a person, counted over all shops or one, each with what cures it.
 *
 * A cue is a row: its count, its colours, and a function that names the commands. Cues of tasks
 * that do not exist yet are no rows: a zero nobody counted would look green.
 */
#include <inttypes.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "admin/routes.h"
#include "ledger/commands.h"
#include "store/store.h"

enum { CURES = 8, SKIPS_READ = 500 };

struct scope { /* one shop of one company; code "" = what belongs to no shop */
    const char *company, *code;
    const json *settings;
    const char *suffix; /* " --company NAME" where there are several */
};

typedef bool (*cue_cure)(struct api_call *call, const struct scope *scope, const json *failed,
                         json *cures, struct err *err);

static void cure_add(json *cures, const char *format, ...) PRINTF(2, 3);
static void cure_add(json *cures, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (json_count(cures) < CURES)
        json_add_text(cures, text);
}

/* ---- cures ---- */

static bool cure_unmapped(struct api_call *call, const struct scope *scope, enum mapping kind,
                          const char *word, const char *number, json *cures, struct err *err)
{
    OWN_JSON json *list = NULL;
    if (!store_unmapped(call->ledger, scope->company, scope->code, kind, &list, err))
        return false;
    for (size_t i = 0; i < json_count(list); i++) {
        const json *row = json_at(list, i);
        if (json_count(cures) == CURES - 1 && i + 1 < json_count(list)) {
            cure_add(cures, "cartage unmapped %ss%s  # and %zu more", word, scope->suffix,
                     json_count(list) - i);
            break;
        }
        cure_add(cures, "cartage map %s %s %s%s  # %.60s", word, json_text(row, "id"), number,
                 scope->suffix, json_text(row, "name"));
    }
    return true;
}

static bool cure_products(struct api_call *call, const struct scope *scope, const json *failed,
                          json *cures, struct err *err)
{
    (void)failed;
    return cure_unmapped(call, scope, MAPPING_PRODUCT, "product", "NUMBER", cures, err);
}

/* Whoever is nobody's customer may go to the one that the shop keeps for such orders. */
static bool cure_customers(struct api_call *call, const struct scope *scope, const json *failed,
                           json *cures, struct err *err)
{
    const char *number = json_text(scope->settings, "default_customer");
    (void)failed;
    return cure_unmapped(call, scope, MAPPING_CUSTOMER, "customer", *number ? number : "NUMBER",
                         cures, err);
}

/* Skips of one class, grouped by what this field of theirs says: {group: {"reason", "text",
 * "detail", "cure", "count", "records"}}. */
static bool skip_groups(struct api_call *call, const struct scope *scope, const char *class,
                        const char *by, json **groups, struct err *err)
{
    static const char *const KEPT[] = {"reason", "text", "detail", "cure"};
    OWN_JSON json *list = NULL, *out = json_new_object();
    if (!store_skips(call->ledger, scope->company, scope->code, SKIPS_READ, &list, err))
        return false;
    for (size_t i = 0; i < json_count(list); i++) {
        const json *row = json_at(list, i);
        if (strcmp(json_text(row, "class"), class) != 0)
            continue;
        OWN_TEXT char *name = mem_printf("%s %s", json_text(row, "reason"), json_text(row, by));
        json *group = json_get(out, name);
        if (!group) {
            group = json_new_object();
            for (size_t k = 0; k < COUNT(KEPT); k++)
                json_set_text(group, KEPT[k], json_text(row, KEPT[k]));
            json_set(group, "records", json_new_array());
            json_set(out, name, group);
        }
        json_set_int(group, "count", json_int(group, "count", 0) + 1);
        if (json_count(json_get(group, "records")) < 5)
            json_add_text(json_get(group, "records"), json_text(row, "record"));
    }
    *groups = GIVE(out);
    return true;
}

static void records_text(const json *reason, char *out, size_t size)
{
    const json *records = json_get(reason, "records");
    int64_t more = json_int(reason, "count", 0) - (int64_t)json_count(records);
    size_t used = 0;
    out[0] = 0;
    for (size_t i = 0; i < json_count(records) && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? " " : "",
                                 json_string(json_at(records, i)));
    if (more > 0 && used < size)
        snprintf(out + used, size - used, " and %" PRId64 " more", more);
}

static bool cure_orders(struct api_call *call, const struct scope *scope, const json *failed,
                        json *cures, struct err *err)
{
    OWN_JSON json *groups = NULL;
    const char *name;
    json *group;
    (void)failed;
    if (!skip_groups(call, scope, "waits", "detail", &groups, err))
        return false;
    JSON_EACH(name, group, groups)
    {
        char records[160];
        const char *reason = json_text(group, "reason"), *detail = json_text(group, "detail");
        records_text(group, records, sizeof records);
        /* Those have cues and commands of their own. */
        if (strcmp(reason, "customer-unmapped") != 0 && strcmp(reason, "product-unmapped") != 0 &&
            json_count(cures) < CURES - 1)
            cure_add(cures, "%s: %s%s%s; %s", records, json_text(group, "text"),
                     *detail ? ": " : "", detail, json_text(group, "cure"));
    }
    cure_add(cures, "cartage sync orders.process --shop %s%s", scope->code, scope->suffix);
    return true;
}

/* Documents that stand and are not posted. */
static bool cure_postings(struct api_call *call, const struct scope *scope, json *cures,
                          struct err *err)
{
    OWN_JSON json *groups = NULL;
    const char *name;
    json *group;
    if (!skip_groups(call, scope, "posting", "detail", &groups, err))
        return false;
    JSON_EACH(name, group, groups)
    {
        char records[160];
        const char *detail = json_text(group, "detail");
        records_text(group, records, sizeof records);
        cure_add(cures, "%s: %s%s%s; %s", records, json_text(group, "text"), *detail ? ": " : "",
                 detail, json_text(group, "cure"));
    }
    return true;
}

static bool cure_told(struct api_call *call, const struct scope *scope, const char *class,
                      json *cures, struct err *err)
{
    OWN_JSON json *groups = NULL;
    const char *name;
    json *group;
    if (!skip_groups(call, scope, class, "detail", &groups, err))
        return false;
    JSON_EACH(name, group, groups)
    {
        char records[160];
        const char *detail = json_text(group, "detail");
        records_text(group, records, sizeof records);
        if (json_count(cures) < CURES - 1)
            cure_add(cures, "%s: %s%s%s; %s", records, json_text(group, "text"),
                     *detail ? ": " : "", detail, json_text(group, "cure"));
    }
    return true;
}

static bool cure_shipments(struct api_call *call, const struct scope *scope, const json *failed,
                           json *cures, struct err *err)
{
    (void)failed;
    if (!cure_told(call, scope, "shipment-waits", cures, err))
        return false;
    cure_add(cures, "cartage sync shipments.sync --shop %s%s", scope->code, scope->suffix);
    return true;
}

static bool cure_shipment_errors(struct api_call *call, const struct scope *scope,
                                 const json *failed, json *cures, struct err *err)
{
    (void)failed;
    return cure_told(call, scope, "shipment-failed", cures, err);
}

/* Booked by hand, or left: either way a person says so, by reason. */
static bool cure_skips(struct api_call *call, const struct scope *scope, const json *failed,
                       json *cures, struct err *err)
{
    OWN_JSON json *groups = NULL;
    const char *name;
    json *group;
    (void)failed;
    if (!skip_groups(call, scope, "unsupported", "text", &groups, err))
        return false;
    JSON_EACH(name, group, groups)
    {
        char records[160];
        records_text(group, records, sizeof records);
        cure_add(cures, "cartage skips done %s --shop %s%s  # %s: %s; %s first",
                 json_text(group, "reason"), scope->code, scope->suffix, records,
                 json_text(group, "text"), json_text(group, "cure"));
    }
    return cure_postings(call, scope, cures, err);
}

typedef bool (*order_list)(struct ledger *ledger, const char *company, const char *shop, json **out,
                           struct err *err);

static bool cure_listed(struct api_call *call, const struct scope *scope, order_list read,
                        json *cures, struct err *err)
{
    OWN_JSON json *list = NULL;
    if (!read(call->ledger, scope->company, scope->code, &list, err))
        return false;
    for (size_t i = 0; i < json_count(list); i++)
        cure_add(cures, "order %s, document %s: %s", json_text(json_at(list, i), "record"),
                 json_text(json_at(list, i), "document"), json_text(json_at(list, i), "detail"));
    return true;
}

/* The document is put right by hand; then a person says so. */
static bool cure_updates(struct api_call *call, const struct scope *scope, const json *failed,
                         json *cures, struct err *err)
{
    OWN_JSON json *list = NULL;
    (void)failed;
    if (!store_updates(call->ledger, scope->company, scope->code, &list, err))
        return false;
    for (size_t i = 0; i < json_count(list); i++)
        cure_add(cures, "cartage order resolve '%s' --shop %s%s  # first in document %s: %s",
                 json_text(json_at(list, i), "record"), scope->code, scope->suffix,
                 json_text(json_at(list, i), "document"), json_text(json_at(list, i), "detail"));
    return true;
}

static bool cure_differences(struct api_call *call, const struct scope *scope, const json *failed,
                             json *cures, struct err *err)
{
    (void)failed;
    return cure_listed(call, scope, store_differences, cures, err);
}

static bool cure_failed(struct api_call *call, const struct scope *scope, const json *failed,
                        json *cures, struct err *err)
{
    char field[64];
    bool told = false;
    OWN_JSON json *shop = NULL;
    snprintf(field, sizeof field, "shop:%s", scope->code);
    if (!ledger_settings_get(call->ledger, scope->company, field, &shop, err))
        return false;
    for (size_t i = 0; i < json_count(failed); i++) {
        const json *entry = json_at(failed, i);
        if (strcmp(json_text(json_get(entry, "arguments"), "shop"), scope->code) != 0)
            continue;
        if (!told && shop && !json_flag(shop, "enabled", false))
            cure_add(cures, "cartage shop enable %s%s  # first: its tasks fail while it is off",
                     scope->code, scope->suffix);
        told = true;
        const char *error = json_text(entry, "error");
        if (!*error)
            error = json_text(json_get(entry, "last"), "error");
        cure_add(cures, "cartage entry restart %s%s  # %s: %.160s", json_text(entry, "id"),
                 scope->suffix, json_text(entry, "operation"), error);
    }
    return true;
}

/* ---- the table ---- */

struct cue_row {
    const char *name, *title;
    size_t offset; /* in struct store_cues; SYNC_ERRORS = counted from the entries */
    int64_t yellow_from, red_from;
    cue_cure cure;
};
#define OF(field) offsetof(struct store_cues, field)
enum { SYNC_ERRORS = 1 << 20, NEVER = 1 << 30 };
/* clang-format off */
static const struct cue_row CUES[] = {
    {"unmapped_customers",     "Unmapped customers",        OF(unmapped_customers), 1, 5,     cure_customers  },
    {"unmapped_products",      "Unmapped products",         OF(unmapped_products),  1, 5,     cure_products   },
    {"unprocessed_orders",     "Unprocessed orders",        OF(unprocessed_orders), 1, 5,     cure_orders     },
    {"order_updates",          "Unprocessed order updates", OF(order_updates),      1, 5,     cure_updates    },
    {"synchronization_errors", "Synchronization errors",    SYNC_ERRORS,            1, 5,     cure_failed     },
    {"skipped_records",        "Skipped records",           OF(skipped_records),    1, NEVER, cure_skips      },
    {"unprocessed_shipments",  "Unprocessed shipments",     OF(unprocessed_shipments), 1, 5,  cure_shipments  },
    {"shipment_errors",        "Shipment errors",           OF(shipment_errors),    1, 5,     cure_shipment_errors},
    {"differences",            "Documents that differ",     OF(differences),        1, 5,     cure_differences},
};
/* clang-format on */

/* The latest run failed and no retry of it is under way. */
static bool entry_failed(const json *entry)
{
    static const char *const GOOD[] = {"ok", "idle", "cancelled", "park", ""};
    if (strcmp(json_text(entry, "status"), "Error") == 0)
        return true;
    const char *outcome = json_text(json_get(entry, "last"), "outcome");
    for (size_t i = 0; i < COUNT(GOOD); i++)
        if (strcmp(outcome, GOOD[i]) == 0)
            return false;
    return json_int(entry, "retries", 0) == 0;
}

static bool failed_entries(struct api_call *call, const char *company, json **out, struct err *err)
{
    OWN_JSON json *rows = NULL;
    if (!ledger_entries(call->ledger, company, &rows, err))
        return false;
    *out = json_new_array();
    for (size_t i = 0; i < json_count(rows); i++)
        if (entry_failed(json_at(rows, i)))
            json_add(*out, json_copy(json_at(rows, i)));
    return true;
}

static int64_t count_of(const struct cue_row *row, const struct store_cues *counts,
                        const json *failed, const char *code)
{
    if (row->offset != SYNC_ERRORS)
        return *(const int64_t *)(const void *)((const char *)counts + row->offset);
    int64_t count = 0;
    for (size_t i = 0; i < json_count(failed); i++)
        count += strcmp(json_text(json_get(json_at(failed, i), "arguments"), "shop"), code) == 0;
    return count;
}

/* Adds one shop's counts and cures to the cues. */
static bool add_shop(struct api_call *call, const struct scope *scope, const json *failed,
                     json *cues, struct err *err)
{
    struct store_cues counts = {0};
    if (!store_cues(call->ledger, scope->company, scope->code, &counts, err))
        return false;
    for (size_t i = 0; i < COUNT(CUES); i++) {
        json *cue = json_at(cues, i);
        int64_t count = count_of(&CUES[i], &counts, failed, scope->code);
        json_set_int(cue, "value", json_int(cue, "value", 0) + count);
        json *shops = json_get(cue, "shops");
        json_set_int(shops, scope->code, json_int(shops, scope->code, 0) + count);
        if (count && !CUES[i].cure(call, scope, failed, json_get(cue, "cure"), err))
            return false;
    }
    return true;
}

static bool add_company(struct api_call *call, const char *company, bool several, json *cues,
                        struct err *err)
{
    OWN_JSON json *all = NULL, *failed = NULL;
    const char *wanted = api_query(call, "shop"), *field;
    json *settings;
    bool good = ledger_settings_all(call->ledger, company, &all, err) &&
                failed_entries(call, company, &failed, err);
    OWN_TEXT char *suffix =
        several ? mem_printf(" --company \"%s\"", json_text(json_get(all, "company"), "name"))
                : mem_text("");
    if (!good)
        return false;
    JSON_EACH(field, settings, all)
    {
        if (strncmp(field, "shop:", 5) != 0 || (wanted && strcasecmp(field + 5, wanted) != 0))
            continue;
        const struct scope scope = {company, field + 5, settings, suffix};
        if (!add_shop(call, &scope, failed, cues, err))
            return false;
    }
    return true;
}

static json *cues_new(void)
{
    json *cues = json_new_array();
    for (size_t i = 0; i < COUNT(CUES); i++) {
        json *cue = json_new_object();
        json_set_text(cue, "name", CUES[i].name);
        json_set_text(cue, "title", CUES[i].title);
        json_set_int(cue, "value", 0);
        json_set_int(cue, "yellow_from", CUES[i].yellow_from);
        if (CUES[i].red_from != NEVER)
            json_set_int(cue, "red_from", CUES[i].red_from);
        json_set(cue, "cure", json_new_array());
        json_set(cue, "shops", json_new_object());
        json_add(cues, cue);
    }
    return cues;
}

static void colour(json *cue, const struct cue_row *row)
{
    int64_t value = json_int(cue, "value", 0);
    json_set_text(cue, "colour",
                  value >= row->red_from      ? "red"
                  : value >= row->yellow_from ? "yellow"
                                              : "green");
}

bool cues_list(struct api_call *call, struct err *err)
{
    OWN_JSON json *companies = NULL, *known = NULL, *cues = cues_new();
    if (!ledger_companies(call->ledger, &known, err) || !api_companies(call, &companies, err))
        return false;
    for (size_t i = 0; i < json_count(companies); i++)
        if (!add_company(call, json_string(json_at(companies, i)), json_count(known) > 1, cues,
                         err))
            return false;
    for (size_t i = 0; i < COUNT(CUES); i++)
        colour(json_at(cues, i), &CUES[i]);
    json *answer = json_new_object();
    json_set(answer, "cues", GIVE(cues));
    return api_answer(call, MHD_HTTP_OK, answer);
}

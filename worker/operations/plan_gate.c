/* plan_gate.c - what the plan of a shop does not have. Reads only. */
#include "operations/plan_gate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "operations/operations_table.h"
#include "shopify/shopify.h"
#include "store/staging.h"
#include "store/store.h"

enum { BELIEVED_MS = 6 * 3600 * 1000 };

static const char ASKED_SINCE[] = "2026-07";

static const struct {
    const char *name; /* in its skip's id, and of its field */
    const char *lack;
} FEATURES[PLAN_FEATURES] = {
    [PLAN_B2B] = {"b2b",              "no companies (B2B)"                                            },
    [PLAN_COMPANY_CATALOGS] = {"company_catalogs",
                  "no catalogs straight for company locations; a catalog may be for a "
                               "market of these locations"                                            },
    [PLAN_MARKET_CATALOGS] = {"market_catalogs",  "no catalogs of markets"                                        },
    [PLAN_STAFF] = {"staff",            "nobody who has sold an order, so documents have no salesperson"},
};

static const struct {
    const char *code;
    enum plan_feature feature;
} REFUSALS[] = {
    {"UNPERMITTED_ENTITLEMENTS_DIRECT_CATALOG_ASSIGNMENT", PLAN_COMPANY_CATALOGS},
    {"COMPANY_LOCATION_CATALOG_STATUS_PLAN",               PLAN_COMPANY_CATALOGS},
    {"B2B_CATALOG_LIMIT_REACHED",                          PLAN_COMPANY_CATALOGS},
    {"CONTEXT_CATALOG_LIMIT_REACHED",                      PLAN_COMPANY_CATALOGS},
    {"UNPERMITTED_ENTITLEMENTS_MARKET_CATALOGS",           PLAN_MARKET_CATALOGS },
};

char *shop_info_key(const struct shop *shop)
{
    return mem_printf("shopinfo:%.*s", (int)strcspn(shop->store, "."), shop->store);
}

static void note(struct attempt *attempt, struct write *write, enum plan_feature feature,
                 const char *detail)
{
    struct err why;
    const char *shop = attempt->shop->code;
    OWN_TEXT char *id = mem_printf("plan-%s-%s", FEATURES[feature].name, shop);
    if (*detail) {
        attempt->counts.skipped++;
        log_info("plan.lacks", TEXT("shop", shop), TEXT("what", FEATURES[feature].name),
                 TEXT("why", detail));
        skip_one(attempt, write, id, shop, REASON_PLAN, detail, &why);
    } else {
        stage_skip_gone(write, id);
    }
}

void plan_tell(struct attempt *attempt, struct write *write, enum plan_feature feature, bool has,
               const char *plan)
{
    OWN_TEXT char *detail =
        has ? mem_text("") : mem_printf("plan %s has %s", plan, FEATURES[feature].lack);
    note(attempt, write, feature, detail);
}

bool plan_refused(struct attempt *attempt, struct write *write, const json *refusals)
{
    for (size_t i = 0; i < json_count(refusals); i++)
        for (size_t k = 0; k < COUNT(REFUSALS); k++) {
            const json *refusal = json_at(refusals, i);
            if (strcmp(json_text(refusal, "code"), REFUSALS[k].code) != 0)
                continue;
            OWN_TEXT char *key = shop_info_key(attempt->shop);
            note(attempt, write, REFUSALS[k].feature, json_text(refusal, "message"));
            write_add(write, "HDEL", key, "plan_at", NULL);
            return true;
        }
    return false;
}

static bool enabled(const json *shop, const char *path)
{
    const json *at = json_path(shop, path);
    return at && json_flag(at, "enabled", false);
}

static void take(struct attempt *attempt, struct write *write, const char *key, const json *shop,
                 bool has[static PLAN_FEATURES])
{
    char now[32];
    bool straight =
        json_flag(json_get(shop, "features"), "directConnectionCatalogAssignmentEnabled", false);
    has[PLAN_B2B] = enabled(shop, "entitlements.b2b");
    has[PLAN_COMPANY_CATALOGS] = has[PLAN_B2B] && straight;
    has[PLAN_MARKET_CATALOGS] = enabled(shop, "entitlements.markets.b2b.catalogs") ||
                                enabled(shop, "entitlements.markets.regions.catalogs");
    snprintf(now, sizeof now, "%" PRId64, clock_now_ms(attempt->clock));
    for (int i = 0; i < PLAN_STAFF; i++)
        write_add(write, "HSET", key, FEATURES[i].name, has[i] ? "1" : "0", NULL);
    write_add(write, "HSET", key, "plan_at", now, NULL);
}

static bool ask(struct attempt *attempt, struct write *write, const char *key,
                bool has[static PLAN_FEATURES], char name[static 64], struct err *err)
{
    struct shopify_call call = {.document = "shop-plan"};
    bool ok = shopify_ask(attempt, &call, err);
    if (ok) {
        const json *shop = json_get(call.data, "shop");
        snprintf(name, 64, "%s", json_string(json_path(shop, "plan.publicDisplayName")));
        take(attempt, write, key, shop, has);
    }
    shopify_call_drop(&call);
    return ok || err_wrap(err, "ask what the plan of shop %s has", attempt->shop->code);
}

/* False = not known, or it lacks something. */
static bool believed(const struct attempt *attempt, const struct store_rows *rows,
                     const enum plan_feature wanted[], size_t count)
{
    bool all = clock_now_ms(attempt->clock) - store_int(rows, 0, PLAN_STAFF) < BELIEVED_MS;
    for (size_t i = 0; i < count; i++)
        all = all && store_int(rows, 0, wanted[i]) != 0;
    return all;
}

bool plan_gate(struct attempt *attempt, struct write *write, const enum plan_feature wanted[],
               size_t count, bool has[], struct err *err)
{
    const char *fields[PLAN_STAFF + 1] = {[PLAN_STAFF] = "plan_at"};
    OWN_TEXT char *key = shop_info_key(attempt->shop);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    bool all[PLAN_FEATURES] = {false};
    char name[64] = "";
    for (size_t i = 0; i < count; i++)
        has[i] = true;
    if (strcmp(attempt->shop->api_version, ASKED_SINCE) < 0)
        return true;
    for (int i = 0; i < PLAN_STAFF; i++)
        fields[i] = FEATURES[i].name;
    if (!store_read(attempt->ledger, attempt->company->id, keys, 1, fields, COUNT(fields), &rows,
                    err))
        return false;
    if (believed(attempt, rows, wanted, count))
        return true;
    if (!ask(attempt, write, key, all, name, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        assert(wanted[i] < PLAN_STAFF);
        has[i] = all[wanted[i]];
        plan_tell(attempt, write, wanted[i], has[i], name);
    }
    return true;
}

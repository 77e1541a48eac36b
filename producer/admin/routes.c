/* routes.c - the table of routes and how a path finds its row. */
#include "admin/routes.h"

#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
const struct route ROUTES[] = {
    {"GET",    "/",                                ROLE_ANYBODY, false, page_file},
    {"GET",    "/web/{version}/{file}",            ROLE_ANYBODY, false, page_file},
    {"GET",    "/web/{version}/pages/{file}",      ROLE_ANYBODY, false, page_file},
    {"GET",    "/web/{version}/texts/{file}",      ROLE_ANYBODY, false, page_file},
    {"GET",    "/openapi.json",                    ROLE_ANYBODY, false, site_openapi},
    {"GET",    "/v1/health",                       ROLE_ANYBODY, false, site_health},
    {"GET",    "/metrics",                         ROLE_VIEW,    false, site_metrics},
    {"GET",    "/v1/me",                           ROLE_VIEW,    false, me_get},
    {"GET",    "/v1/tokens",                       ROLE_ADMIN,   true,  tokens_list},
    {"POST",   "/v1/tokens",                       ROLE_ADMIN,   true,  tokens_post},
    {"DELETE", "/v1/tokens/{token}",               ROLE_ADMIN,   true,  tokens_delete},
    {"GET",    "/v1/audit",                        ROLE_ADMIN,   true,  audit_list},
    {"GET",    "/v1/doctor",                       ROLE_VIEW,    false, doctor_get},
    {"GET",    "/v1/warnings",                     ROLE_VIEW,    true,  warnings_list},
    {"GET",    "/v1/settings",                     ROLE_VIEW,    false, settings_list},
    {"POST",   "/v1/checks",                       ROLE_OPERATE, true,  checks_post},
    {"GET",    "/v1/operations",                   ROLE_VIEW,    false, operations_list},
    {"GET",    "/v1/companies",                    ROLE_VIEW,    true,  companies_list},
    {"GET",    "/v1/companies/{company}",          ROLE_VIEW,    true,  companies_get},
    {"PUT",    "/v1/companies/{company}",          ROLE_ADMIN,   true,  companies_put},
    {"GET",    "/v1/companies/{company}/log",      ROLE_VIEW,    true,  log_list},
    {"GET",    "/v1/credentials",                  ROLE_VIEW,    true,  credentials_list},
    {"GET",    "/v1/credentials/{name}",           ROLE_ADMIN,   true,  credentials_get},
    {"PUT",    "/v1/credentials/{name}",           ROLE_ADMIN,   true,  credentials_put},
    {"GET",    "/v1/shops",                        ROLE_VIEW,    true,  shops_list},
    {"GET",    "/v1/shops/{shop}",                 ROLE_VIEW,    true,  shops_get},
    {"PUT",    "/v1/shops/{shop}",                 ROLE_ADMIN,   true,  shops_put},
    {"PATCH",  "/v1/shops/{shop}",                 ROLE_ADMIN,   true,  shops_patch},
    {"POST",   "/v1/shops/{shop}/enable",          ROLE_ADMIN,   true,  shops_enable},
    {"POST",   "/v1/shops/{shop}/disable",         ROLE_ADMIN,   true,  shops_disable},
    {"GET",    "/v1/shops/{shop}/times",           ROLE_VIEW,    true,  times_list},
    {"PUT",    "/v1/shops/{shop}/times/{time}",    ROLE_OPERATE, true,  times_put},
    {"GET",    "/v1/entries",                      ROLE_VIEW,    true,  entries_list},
    {"POST",   "/v1/entries",                      ROLE_OPERATE, true,  entries_post},
    {"POST",   "/v1/entries/preview",              ROLE_VIEW,    true,  entries_preview},
    {"POST",   "/v1/entries/matches",              ROLE_VIEW,    true,  entries_matches},
    {"GET",    "/v1/entries/{entry}",              ROLE_VIEW,    true,  entries_get},
    {"PUT",    "/v1/entries/{entry}",              ROLE_OPERATE, true,  entries_put},
    {"PATCH",  "/v1/entries/{entry}",              ROLE_OPERATE, true,  entries_patch},
    {"DELETE", "/v1/entries/{entry}",              ROLE_OPERATE, true,  entries_delete},
    {"POST",   "/v1/entries/{entry}/hold",         ROLE_OPERATE, true,  entries_hold},
    {"POST",   "/v1/entries/{entry}/ready",        ROLE_OPERATE, true,  entries_ready},
    {"POST",   "/v1/entries/{entry}/restart",      ROLE_OPERATE, true,  entries_restart},
    {"POST",   "/v1/entries/{entry}/run",          ROLE_OPERATE, true,  entries_run},
    {"GET",    "/v1/entries/{entry}/why",          ROLE_VIEW,    true,  entries_why},
    {"GET",    "/v1/categories",                   ROLE_VIEW,    true,  categories_list},
    {"GET",    "/v1/categories/{category}",        ROLE_VIEW,    true,  categories_get},
    {"PATCH",  "/v1/categories/{category}",        ROLE_OPERATE, true,  categories_patch},
    {"GET",    "/v1/runs",                         ROLE_VIEW,    true,  runs_list},
    {"GET",    "/v1/runs/{run}",                   ROLE_VIEW,    true,  runs_get},
    {"POST",   "/v1/runs/{run}/cancel",            ROLE_OPERATE, true,  runs_cancel},
    {"GET",    "/v1/runs/{run}/plan",              ROLE_VIEW,    true,  runs_plan},
    {"POST",   "/v1/runs/{run}/approve",           ROLE_OPERATE, true,  runs_approve},
    {"GET",    "/v1/runs/{run}/why",               ROLE_VIEW,    true,  runs_why},
    {"GET",    "/v1/runs/{run}/events",            ROLE_VIEW,    true,  runs_events},
    {"GET",    "/v1/runs/{run}/preview",           ROLE_VIEW,    true,  runs_preview},
    {"POST",   "/v1/sync",                         ROLE_OPERATE, true,  sync_post},
    {"POST",   "/v1/sync/all",                     ROLE_OPERATE, true,  sync_all_post},
    {"GET",    "/v1/cues",                         ROLE_VIEW,    true,  cues_list},
    {"GET",    "/v1/stores",                       ROLE_VIEW,    true,  stores_list},
    {"GET",    "/v1/freshness",                    ROLE_VIEW,    true,  freshness_list},
    {"GET",    "/v1/cues/{cue}/rows",              ROLE_VIEW,    true,  cues_rows},
    {"POST",   "/v1/cues/{cue}/cure",              ROLE_OPERATE, true,  cues_cure},
    {"GET",    "/v1/thresholds",                   ROLE_VIEW,    true,  thresholds_list},
    {"PUT",    "/v1/thresholds",                   ROLE_VIEW,    true,  thresholds_put},
    {"GET",    "/v1/unmapped/{kind}",              ROLE_VIEW,    true,  unmapped_list},
    {"GET",    "/v1/titles",                       ROLE_VIEW,    true,  titles_list},
    {"PUT",    "/v1/mappings/{kind}/{id}",         ROLE_OPERATE, true,  mappings_put},
    {"DELETE", "/v1/mappings/{kind}/{id}",         ROLE_OPERATE, true,  mappings_delete},
    {"GET",    "/v1/customers/{id}/data",          ROLE_ADMIN,   true,  customers_data},
    {"DELETE", "/v1/customers/{id}",               ROLE_ADMIN,   true,  customers_delete},
    {"GET",    "/v1/data-requests",                ROLE_ADMIN,   true,  data_requests_list},
    {"GET",    "/v1/data-requests/{id}",           ROLE_ADMIN,   true,  data_requests_get},
    {"GET",    "/v1/skips",                        ROLE_VIEW,    true,  skips_list},
    {"POST",   "/v1/skips/done",                   ROLE_OPERATE, true,  skips_done},
    {"GET",    "/v1/balance",                      ROLE_VIEW,    true,  balance_get},
    {"GET",    "/v1/disputes",                     ROLE_VIEW,    true,  disputes_list},
    {"GET",    "/v1/postings",                     ROLE_VIEW,    true,  postings_list},
    {"POST",   "/v1/postings/mark",                ROLE_OPERATE, true,  postings_mark},
    {"GET",    "/v1/orders",                       ROLE_VIEW,    true,  orders_list},
    {"GET",    "/v1/orders/{order}",               ROLE_VIEW,    true,  orders_get},
    {"POST",   "/v1/orders/{order}/resolve",       ROLE_OPERATE, true,  orders_resolve},
    {"POST",   "/v1/orders/{order}/unlink",        ROLE_OPERATE, true,  orders_unlink},
    {"POST",   "/v1/shipments/{shipment}/retry",   ROLE_OPERATE, true,  shipments_retry},
    {"POST",   "/v1/shipments/{shipment}/done",    ROLE_OPERATE, true,  shipments_done},
    {"POST",   "/v1/triggers",                     ROLE_OPERATE, true,  triggers_post},
    {"POST",   "/v1/hooks/shopify/{company}/{shop}/{key}", ROLE_ANYBODY, true, hooks_shopify},
    {"GET",    "/v1/hooks/bc/{company}/{key}",     ROLE_ANYBODY, true,  hooks_bc_token},
    {"POST",   "/v1/hooks/bc/{company}/{key}",     ROLE_ANYBODY, true,  hooks_bc},
    {NULL, NULL, ROLE_ADMIN, false, NULL},
};
/* clang-format on */

/* Does the path, as it was sent, fit the row's, segment by segment; a segment is unescaped once it
 * is one, so that a record's number may hold a slash. */
static bool path_fits(const char *row, const char *path, char params[CALL_PARAMS][128])
{
    int param = 0;
    while (*row && *path) {
        if (*row != '{') {
            if (*row++ != *path++)
                return false;
            continue;
        }
        size_t size = strcspn(path, "/");
        if (!size || size >= 128 || param >= CALL_PARAMS)
            return false;
        memcpy(params[param], path, size);
        params[param][size] = 0;
        MHD_http_unescape(params[param++]);
        path += size;
        row += strcspn(row, "}") + 1;
    }
    return !*row && !*path;
}

enum match route_find(const char *method, const char *path, const struct route **out,
                      char params[CALL_PARAMS][128], char allow[static 64])
{
    enum match best = MATCH_NONE;
    allow[0] = 0;
    for (const struct route *route = ROUTES; route->method; route++) {
        if (!path_fits(route->path, path, params))
            continue;
        if (strcmp(route->method, method) == 0) {
            *out = route;
            return MATCH_ROUTE;
        }
        size_t used = strlen(allow);
        snprintf(allow + used, 64 - used, "%s%s", used ? ", " : "", route->method);
        best = MATCH_PATH_ONLY;
    }
    return best;
}

/* routes.h - the table of routes: one row parses a path, names the least role that may call it, and
 * its handler. schemas/openapi/openapi.json describes the same rows, the role under "security"; a
 * test compares both.
 */
#ifndef CARTAGE_ADMIN_ROUTES_H
#define CARTAGE_ADMIN_ROUTES_H

#include "admin/call.h"

struct route {
    const char *method, *path; /* "{shop}" in a path takes one segment */
    enum role role;
    bool wants_ledger;
    bool (*handle)(struct api_call *call, struct err *err);
};
extern const struct route ROUTES[]; /* the last row has no method */

enum match { MATCH_NONE, MATCH_PATH_ONLY, MATCH_ROUTE };
/* Which route is meant; fills `params`. MATCH_PATH_ONLY: `allow` lists the methods of this path. */
enum match route_find(const char *method, const char *path, const struct route **out,
                      char params[CALL_PARAMS][128], char allow[static 64]);

/* Handlers, one file a subject. */
bool page_file(struct api_call *call, struct err *err);
bool site_openapi(struct api_call *call, struct err *err);
bool site_health(struct api_call *call, struct err *err);
bool site_metrics(struct api_call *call, struct err *err);

bool me_get(struct api_call *call, struct err *err);
bool tokens_list(struct api_call *call, struct err *err);
bool tokens_post(struct api_call *call, struct err *err);
bool tokens_delete(struct api_call *call, struct err *err);
bool audit_list(struct api_call *call, struct err *err);

bool doctor_get(struct api_call *call, struct err *err);
bool checks_post(struct api_call *call, struct err *err);
bool companies_list(struct api_call *call, struct err *err);
bool companies_get(struct api_call *call, struct err *err);
bool companies_put(struct api_call *call, struct err *err);
bool log_list(struct api_call *call, struct err *err);
bool credentials_list(struct api_call *call, struct err *err);
bool credentials_get(struct api_call *call, struct err *err);
bool credentials_put(struct api_call *call, struct err *err);
bool shops_list(struct api_call *call, struct err *err);
bool shops_get(struct api_call *call, struct err *err);
bool shops_put(struct api_call *call, struct err *err);
bool shops_patch(struct api_call *call, struct err *err);
bool shops_enable(struct api_call *call, struct err *err);
bool shops_disable(struct api_call *call, struct err *err);

bool warnings_list(struct api_call *call, struct err *err);
bool settings_list(struct api_call *call, struct err *err);
bool operations_list(struct api_call *call, struct err *err);
bool entries_list(struct api_call *call, struct err *err);
bool entries_post(struct api_call *call, struct err *err);
bool entries_preview(struct api_call *call, struct err *err); /* previews.c */
bool entries_matches(struct api_call *call, struct err *err); /* matches.c */
bool entries_get(struct api_call *call, struct err *err);
bool entries_put(struct api_call *call, struct err *err);
bool entries_delete(struct api_call *call, struct err *err);
bool entries_hold(struct api_call *call, struct err *err);
bool entries_ready(struct api_call *call, struct err *err);
bool entries_restart(struct api_call *call, struct err *err);
bool entries_patch(struct api_call *call, struct err *err);
bool hooks_shopify(struct api_call *call, struct err *err);
bool hooks_bc(struct api_call *call, struct err *err);
bool hooks_bc_token(struct api_call *call, struct err *err);
bool triggers_post(struct api_call *call, struct err *err);
bool triggers_are_raw(const struct api_call *call); /* its body is an event, not our JSON */

bool categories_list(struct api_call *call, struct err *err);
bool categories_get(struct api_call *call, struct err *err);
bool categories_patch(struct api_call *call, struct err *err);

bool runs_list(struct api_call *call, struct err *err);
bool runs_get(struct api_call *call, struct err *err);
bool runs_cancel(struct api_call *call, struct err *err);
bool runs_plan(struct api_call *call, struct err *err);
bool runs_approve(struct api_call *call, struct err *err);
bool runs_events(struct api_call *call, struct err *err); /* stream.c */
bool runs_why(struct api_call *call, struct err *err);
bool entries_why(struct api_call *call, struct err *err); /* beside runs_why */
bool entries_run(struct api_call *call, struct err *err); /* beside sync_post */
bool sync_post(struct api_call *call, struct err *err);
bool sync_all_post(struct api_call *call, struct err *err);

bool stores_list(struct api_call *call, struct err *err);
bool freshness_list(struct api_call *call, struct err *err);
bool cues_list(struct api_call *call, struct err *err);
bool cues_rows(struct api_call *call, struct err *err);
bool cues_cure(struct api_call *call, struct err *err);
bool thresholds_list(struct api_call *call, struct err *err);
bool thresholds_put(struct api_call *call, struct err *err);
bool unmapped_list(struct api_call *call, struct err *err);
bool titles_list(struct api_call *call, struct err *err);
bool mappings_put(struct api_call *call, struct err *err);
bool mappings_delete(struct api_call *call, struct err *err);
bool customers_data(struct api_call *call, struct err *err);
bool customers_delete(struct api_call *call, struct err *err);
bool data_requests_list(struct api_call *call, struct err *err);
bool data_requests_get(struct api_call *call, struct err *err);
bool skips_list(struct api_call *call, struct err *err);
bool skips_done(struct api_call *call, struct err *err);
bool balance_get(struct api_call *call, struct err *err);
bool disputes_list(struct api_call *call, struct err *err);
bool postings_list(struct api_call *call, struct err *err);
bool postings_mark(struct api_call *call, struct err *err);
/* Entries of the company that post take what was named at once. */
bool postings_wake(struct api_call *call, const char *company, int64_t *woken, struct err *err);
bool runs_preview(struct api_call *call, struct err *err); /* beside postings */
bool orders_list(struct api_call *call, struct err *err);
bool orders_get(struct api_call *call, struct err *err);
bool orders_resolve(struct api_call *call, struct err *err);
bool orders_unlink(struct api_call *call, struct err *err);
bool shipments_retry(struct api_call *call, struct err *err);
bool shipments_done(struct api_call *call, struct err *err);
bool times_list(struct api_call *call, struct err *err);
bool times_put(struct api_call *call, struct err *err);

#endif

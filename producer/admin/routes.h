/* routes.h - the table of routes: one row parses a path, asks for the token, and calls a handler.
 * schemas/openapi/openapi.json describes the same rows; a test compares both.
 */
#ifndef CARTAGE_ADMIN_ROUTES_H
#define CARTAGE_ADMIN_ROUTES_H

#include "admin/call.h"

enum role {
    ROLE_ANYBODY, /* the page, health, this API's description: nothing of the data */
    ROLE_TOKEN,
};

struct route {
    const char *method, *path; /* "{shop}" in a path takes one segment */
    enum role role;
    bool wants_ledger;
    bool (*handle)(struct call *call, struct err *err);
};
extern const struct route ROUTES[]; /* the last row has no method */

enum match { MATCH_NONE, MATCH_PATH_ONLY, MATCH_ROUTE };
/* Which route is meant; fills `params`. MATCH_PATH_ONLY: `allow` lists the methods of this path. */
enum match route_find(const char *method, const char *path, const struct route **out,
                      char params[CALL_PARAMS][128], char allow[static 64]);

/* Handlers, one file a subject. */
bool site_page(struct call *call, struct err *err);
bool site_openapi(struct call *call, struct err *err);
bool site_health(struct call *call, struct err *err);
bool site_metrics(struct call *call, struct err *err);

bool companies_list(struct call *call, struct err *err);
bool companies_get(struct call *call, struct err *err);
bool companies_put(struct call *call, struct err *err);
bool credentials_list(struct call *call, struct err *err);
bool credentials_put(struct call *call, struct err *err);
bool shops_list(struct call *call, struct err *err);
bool shops_get(struct call *call, struct err *err);
bool shops_put(struct call *call, struct err *err);
bool shops_patch(struct call *call, struct err *err);
bool shops_enable(struct call *call, struct err *err);
bool shops_disable(struct call *call, struct err *err);

bool operations_list(struct call *call, struct err *err);
bool entries_list(struct call *call, struct err *err);
bool entries_post(struct call *call, struct err *err);
bool entries_get(struct call *call, struct err *err);
bool entries_delete(struct call *call, struct err *err);
bool entries_hold(struct call *call, struct err *err);
bool entries_ready(struct call *call, struct err *err);
bool entries_restart(struct call *call, struct err *err);
bool triggers_post(struct call *call, struct err *err);

bool runs_list(struct call *call, struct err *err);
bool runs_get(struct call *call, struct err *err);
bool runs_cancel(struct call *call, struct err *err);
bool runs_why(struct call *call, struct err *err);
bool sync_post(struct call *call, struct err *err);

bool cues_list(struct call *call, struct err *err);
bool unmapped_list(struct call *call, struct err *err);
bool mappings_put(struct call *call, struct err *err);
bool mappings_delete(struct call *call, struct err *err);
bool skips_list(struct call *call, struct err *err);

#endif

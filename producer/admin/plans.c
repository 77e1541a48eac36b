/* plans.c - what a run would do that waits for a person, and the approval. */
#include <microhttpd.h>

#include "admin/definitions.h"
#include "admin/routes.h"
#include "admin/runs.h"
#include "ledger/commands.h"
#include "store/plans.h"

static bool plan_of(struct api_call *call, char company[static UUID_TEXT], json **run, json **plan,
                    struct err *err)
{
    if (!api_holder(call, call->params[0], ledger_run, company, run, err) ||
        !store_plan(call->ledger, company, json_text(*run, "entry"), plan, err))
        return false;
    if (*plan && json_int(*plan, "run", 0) == json_int(*run, "no", 0))
        return true;
    return err_set(err, ERR_FATAL, MHD_HTTP_NOT_FOUND, "run %.40s waits with no plan",
                   call->params[0]);
}

bool runs_plan(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    OWN_JSON json *run = NULL, *plan = NULL;
    return plan_of(call, company, &run, &plan, err) && api_answer(call, MHD_HTTP_OK, GIVE(plan));
}

bool runs_approve(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    OWN_JSON json *run = NULL, *plan = NULL, *after = NULL;
    if (!plan_of(call, company, &run, &plan, err))
        return false;
    const char *entry = json_text(run, "entry"), *seen = json_text(call->body, "plan");
    if (!store_plan_approve(call->ledger, company, entry, *seen ? seen : json_text(plan, "plan"),
                            err) ||
        !ledger_ready(call->ledger, company, entry, &call->granted, err) ||
        !run_read(call->ledger, company, json_text(run, "task"), &after, err))
        return false;
    return api_answer(call, MHD_HTTP_OK, GIVE(after));
}

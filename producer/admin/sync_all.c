/* sync_all.c - everything of the given shops, in one order; each shop by its own toggle.
 *
 * Shops whose toggle is on: all their entries at once, and their runs' numbers. Shops whose toggle
 * is off: foreground entries, whose runs the caller is told of until the last has ended. All steps
 * share one category and one priority, so they run in the order in which they were asked for; one
 * that fails holds back none of those behind it.
 */
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "admin/notify.h"
#include "admin/routes.h"
#include "admin/runs.h"
#include "admin/sync.h"
#include "ledger/commands.h"
#include "model/sync_all.h"

enum { SHOPS_MOST = 50, APART_MS = 2 };

struct sync_all {
    struct api_call *call;
    char company[UUID_TEXT];
    const char *shops[SHOPS_MOST];
    bool background[SHOPS_MOST];
    size_t shop_count;
    json *queued; /* runs that nobody waits for */
    json *waited; /* and those that the caller waits for */
};

static const struct sync_step *steps_of(const struct api_call *call)
{
    return call->config->sync_all ? call->config->sync_all : SYNC_ALL;
}

/* Names the shops as they are stored. */
static bool read_shops(struct sync_all *all, struct err *err)
{
    const json *list = json_get(all->call->body, "shops");
    const char *one = json_text(all->call->body, "shop");
    if (*one)
        all->shops[all->shop_count++] = one;
    for (size_t i = 0; i < json_count(list) && all->shop_count < SHOPS_MOST; i++)
        all->shops[all->shop_count++] = json_string(json_at(list, i));
    for (size_t i = 0; i < all->shop_count; i++)
        if (!*all->shops[i])
            return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST, "shops: want codes of shops");
    if (all->shop_count)
        return true;
    return err_set(
        err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
        "shops is missing: say which, like {\"shops\": [\"MAIN\"]} (cartage sync all MAIN)");
}

/* All of them can run, or nothing is started. */
static bool all_ready(struct sync_all *all, struct err *err)
{
    bool any = false;
    for (size_t i = 0; i < all->shop_count; i++)
        if (!sync_ready(all->call, all->company, all->shops[i], &all->background[i], err))
            return false;
    for (const struct sync_step *step = steps_of(all->call); step->operation; step++)
        any |= operation_by_name(step->operation) != NULL;
    if (any)
        return true;
    return err_set(err, ERR_FATAL, MHD_HTTP_CONFLICT,
                   "none of the operations of sync all (customers.sync, products.sync, ...) is in "
                   "this version; orders are read by `cartage sync orders --shop %s`",
                   all->shops[0]);
}

static bool start_step(struct sync_all *all, size_t shop, const struct sync_step *step,
                       const struct operation *operation, struct err *err)
{
    OWN_JSON json *wanted = json_new_object();
    OWN_BUF struct buf arguments = {0};
    json *run = NULL;
    json_set_text(wanted, "shop", all->shops[shop]);
    if (step->argument)
        json_set_bool(wanted, step->argument, true);
    if (!operation_arguments(operation, json_write(wanted), &arguments, err))
        return false;
    const struct sync_wish wish = {.company = all->company,
                                   .operation = operation,
                                   .arguments = buf_str(&arguments),
                                   .notify = json_text(all->call->body, "notify"),
                                   .priority = PRIORITY_NORMAL,
                                   .background = all->background[shop]};
    if (!sync_start(all->call, &wish, &run, err))
        return false;
    json_add(all->background[shop] ? all->queued : all->waited, run);
    /* Whoever is due earlier goes first: never two in one millisecond. */
    return admin_pause(all->call->admin, APART_MS) ||
           err_set(err, ERR_RETRY, 0, "the producer ends; try again");
}

static bool start_all(struct sync_all *all, struct err *err)
{
    for (size_t i = 0; i < all->shop_count; i++)
        for (const struct sync_step *step = steps_of(all->call); step->operation; step++) {
            const struct operation *operation = operation_by_name(step->operation);
            if (operation && !start_step(all, i, step, operation, err))
                return err_wrap(err, "shop %s, %s", all->shops[i], step->operation);
        }
    return true;
}

/* What it does not run, so that nobody takes it for synced. */
static void add_left_out(const struct sync_all *all, json *answer)
{
    json *list = json_new_array();
    for (const struct sync_step *step = steps_of(all->call); step->operation; step++)
        if (!operation_by_name(step->operation) && !step->argument)
            json_add_text(list, step->operation);
    for (const char *const *name = SYNC_ALL_LEAVES; *name; name++)
        json_add_text(list, *name);
    json_set(answer, "not_run", list);
}

/* Nobody waits for the runs of a caller that got an error. */
static void take_back(struct sync_all *all)
{
    for (size_t i = json_count(all->waited); i-- > 0;) {
        struct err err = {0};
        const char *task = json_text(json_at(all->waited, i), "task");
        if (!ledger_cancel(all->call->ledger, all->company, task, &all->call->granted, &err))
            continue; /* it has ended, or Redis is away: it is deleted when it ends */
    }
}

static bool answer(struct sync_all *all, bool goes_on, struct err *err)
{
    OWN_JSON json *tasks = json_new_array();
    for (size_t i = 0; i < json_count(all->waited); i++) {
        const json *run = json_at(all->waited, i);
        json_add_text(tasks, json_text(run, "task"));
        json_add(all->queued, json_copy(run));
    }
    if (json_count(tasks))
        return run_stream(all->call, all->company, all->queued, tasks, goes_on, err);
    json *tree = json_new_object();
    json_set(tree, "runs", GIVE(all->queued));
    add_left_out(all, tree);
    return api_answer(all->call, MHD_HTTP_ACCEPTED, tree);
}

bool sync_all_post(struct api_call *call, struct err *err)
{
    OWN_JSON json *queued = json_new_array(), *waited = json_new_array();
    struct sync_all *all = mem_new(sizeof *all);
    bool goes_on = false;
    *all = (struct sync_all){.call = call, .queued = queued, .waited = waited};
    bool good = api_company(call, all->company, err) && sync_on_leave(call->body, &goes_on, err) &&
                read_shops(all, err) &&
                notify_known(call, all->company, json_text(call->body, "notify"), err) &&
                all_ready(all, err);
    if (good && !(start_all(all, err) && answer(all, goes_on, err))) {
        take_back(all);
        good = false;
    }
    queued = all->queued;
    free(all);
    return good;
}

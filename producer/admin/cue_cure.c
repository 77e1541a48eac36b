/* cue_cure.c - one action for all rows of a group: map, resolve, accept, restart, retry, done,
 * post.
 *
 * What each does for one record it does here for the group, oldest page by page, at most MOST of
 * them a call; the answer says how many are left.
 */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "admin/cues.h"
#include "admin/routes.h"
#include "store/postings.h"

enum { MOST = 2000, REFUSALS_MOST = 5 };

struct curing {
    struct api_call *call;
    const struct cue *cue;
    const struct scope *scope;
    const char *action;
    int64_t done, refused;
    json *refusals; /* of the first few */
};

static bool one(struct curing *curing, const char *id, bool *changed, struct err *err)
{
    struct ledger *ledger = curing->call->ledger;
    const char *company = curing->scope->company, *shop = curing->scope->code;
    const char *number = json_text(curing->call->body, "number");
    const char *shipment = shipment_of(id);
    enum mapping kind;
    *changed = true;
    switch (curing->cue->kind) {
    case CUE_CUSTOMERS:
    case CUE_PRODUCTS:
    case CUE_COMPANIES:
        return cue_maps(curing->cue, &kind) &&
               store_map(ledger, company, kind, id, number, changed, err);
    case CUE_UPDATES:
    case CUE_DIFFERENCES:
        return store_update_resolve(ledger, company, id, changed, err);
    case CUE_SHIPMENTS_FAILED:
    case CUE_SHIPMENTS_DUE:
        return strcmp(curing->action, "retry") == 0
                   ? store_shipment_retry(ledger, company, shop, shipment, changed, err)
                   : store_shipment_done(ledger, company, shop, shipment, changed, err);
    case CUE_SKIPS:
        return store_skip_done(ledger, company, id, changed, err);
    case CUE_ENTRIES:
        return ledger_restart(ledger, company, id, &curing->call->granted, err);
    default:
        return false;
    }
}

/* A document is posted by what people call it. */
static bool post(struct curing *curing, const char *name, bool *changed, struct err *err)
{
    OWN_JSON json *marked = json_new_array();
    bool good = store_post_mark(curing->call->ledger, curing->scope->company, curing->scope->code,
                                name, marked, err);
    *changed = json_count(marked) > 0;
    return good;
}

/* One record that refuses stops no other. */
static bool each(struct curing *curing, const struct list_page *page, struct err *err)
{
    OWN_JSON json *rows = json_new_array();
    bool posts = strcmp(curing->action, "post") == 0;
    if (posts && !rows_read(curing->call, curing->cue, curing->scope, page, rows, err))
        return false;
    for (size_t i = 0; i < (posts ? json_count(rows) : page->count); i++) {
        bool changed = false;
        err_clear(err);
        bool good = posts ? post(curing, json_text(json_at(rows, i), "name"), &changed, err)
                          : one(curing, page->places[i].id, &changed, err);
        curing->done += good && changed;
        if (good)
            continue;
        if (err->kind != ERR_FATAL)
            return false;
        curing->refused++;
        if (json_count(curing->refusals) < REFUSALS_MOST)
            json_add_text(curing->refusals, err->text);
    }
    err_clear(err);
    return true;
}

static bool read_page(struct curing *curing, const struct group *group,
                      const struct list_place *after, struct list_page *page, struct err *err)
{
    OWN_JSON json *entries = NULL;
    const struct scope *scope = curing->scope;
    if (curing->cue->kind != CUE_ENTRIES)
        return list_read(curing->call->ledger, scope->company, group->list,
                         *after->id ? after : NULL, STORE_PAGE, page, err);
    page->count = 0;
    if (!ledger_failed(curing->call->ledger, scope->company, scope->code,
                       *after->id ? after->id : NULL, after->at_ms, STORE_PAGE, &entries, err))
        return false;
    for (size_t i = 0; i < json_count(entries); i++) {
        struct list_place *place = &page->places[page->count++];
        snprintf(place->id, sizeof place->id, "%s", json_text(json_at(entries, i), "id"));
        place->at_ms = json_int(json_at(entries, i), "since_ms", 0);
    }
    return true;
}

static bool all(struct curing *curing, const struct group *group, struct err *err)
{
    struct list_page *page = mem_new(sizeof *page);
    struct list_place after = {0};
    size_t seen = 0;
    bool good = true, more = true;
    while (good && more && seen < MOST) {
        good = read_page(curing, group, &after, page, err) && each(curing, page, err);
        more = page->count == STORE_PAGE;
        seen += page->count;
        if (page->count)
            after = page->places[page->count - 1];
    }
    free(page);
    return good;
}

/* ---- which actions a cue takes ---- */

static bool takes(const struct cue *cue, const char *action)
{
    static const struct {
        enum cue_kind kind;
        const char *action;
    } TAKES[] = {
        {CUE_CUSTOMERS,        "map"    },
        {CUE_PRODUCTS,         "map"    },
        {CUE_COMPANIES,        "map"    },
        {CUE_UPDATES,          "resolve"},
        {CUE_DIFFERENCES,      "accept" },
        {CUE_ENTRIES,          "restart"},
        {CUE_SHIPMENTS_FAILED, "retry"  },
        {CUE_SHIPMENTS_FAILED, "done"   },
        {CUE_SHIPMENTS_DUE,    "done"   },
        {CUE_SKIPS,            "done"   },
        {CUE_SKIPS,            "post"   },
    };
    for (size_t i = 0; i < COUNT(TAKES); i++)
        if (TAKES[i].kind == cue->kind && strcmp(TAKES[i].action, action) == 0)
            return true;
    return false;
}

static bool check(struct curing *curing, const char *name, struct err *err)
{
    const json *body = curing->call->body;
    if (!curing->cue)
        return err_set(err, ERR_FATAL, MHD_HTTP_NOT_FOUND,
                       "\"%.40s\" is no cue; `cartage cues` names them", name);
    if (!takes(curing->cue, curing->action))
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "action \"%.40s\" is none that %s takes; its list names what may be done",
                       curing->action, curing->cue->name);
    if (strcmp(curing->action, "map") == 0 && !*json_text(body, "number"))
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "number is missing: the record's number in Business Central, as text");
    if (!*json_text(body, "reason"))
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "reason is missing: that of a group of the cue's list");
    return true;
}

static bool cure_shop(struct curing *curing, bool *known, struct err *err)
{
    struct groups *groups = mem_new(sizeof *groups);
    bool good = groups_read(curing->call, curing->cue, curing->scope, groups, err);
    const struct group *group =
        good ? group_by_key(groups, json_text(curing->call->body, "reason")) : NULL;
    bool fit = group && (*group->list || curing->cue->kind == CUE_ENTRIES);
    *known |= fit;
    good = good && (!fit || all(curing, group, err));
    free(groups);
    return good;
}

static bool wake_posting(struct api_call *call, const struct scopes *scopes, struct err *err)
{
    int64_t woken = 0;
    for (size_t i = 0; i < scopes->count; i++)
        if (!*scopes->items[i].code && !postings_wake(call, scopes->items[i].company, &woken, err))
            return false;
    return true;
}

bool cues_cure(struct api_call *call, struct err *err)
{
    OWN_SCOPES struct scopes scopes = {0};
    OWN_JSON json *refusals = json_new_array();
    const char *shop = json_text(call->body, "shop");
    struct curing curing = {.call = call,
                            .cue = cue_by_name(call->params[0]),
                            .action = json_text(call->body, "action"),
                            .refusals = refusals};
    bool known = false;
    if (!check(&curing, call->params[0], err) || !scopes_read(call, &scopes, err))
        return false;
    for (size_t i = 0; i < scopes.count; i++) {
        curing.scope = &scopes.items[i];
        if (*shop && strcasecmp(shop, curing.scope->code) != 0)
            continue;
        if (!cure_shop(&curing, &known, err))
            return false;
    }
    if (!known)
        return err_set(err, ERR_FATAL, MHD_HTTP_NOT_FOUND,
                       "nothing stands in %s for the reason \"%.40s\"", curing.cue->name,
                       json_text(call->body, "reason"));
    if (strcmp(curing.action, "post") == 0 && !wake_posting(call, &scopes, err))
        return false;
    json *answer = json_new_object();
    json_set_int(answer, "done", curing.done);
    json_set_int(answer, "refused", curing.refused);
    json_set(answer, "refusals", GIVE(refusals));
    return api_answer(call, MHD_HTTP_OK, answer);
}

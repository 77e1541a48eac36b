/* webhooks_bc.c - compares the subscriptions that a company of Business Central has of ours with
 * those that should be, registers what is missing and renews what stands.
 *
 * A subscription is one of user, resource and address; a second of the same is refused. All are
 * listed first, and renewing twice moves the same date. They end after three days: each look renews
 * them, and producers look every six hours. What is at another host stays, as in webhooks_check.c.
 */
#include <string.h>

#include "bc/bc.h"
#include "ledger/wake.h"
#include "model/webhooks.h"
#include "operations/webhooks.h"
#include "store/hooks.h"

struct look {
    struct attempt *attempt;
    const char *base, *url, *state; /* ours without the key, with it; what comes along */
    json *stand;                    /* ours, as they are listed */
    json *topics;
    bool mend;
};

static void found(struct look *look, const char *topic, const char *state, const char *why)
{
    json *row = json_new_object();
    json_set_text(row, "topic", topic);
    json_set_text(row, "state", state);
    if (*why)
        json_set_text(row, "why", why);
    json_add(look->topics, row);
}

static bool keep_ours(void *state, const json *row, struct err *err)
{
    struct look *look = state;
    (void)err;
    if (strncmp(json_text(row, "notificationUrl"), look->base, strlen(look->base)) == 0)
        json_add(look->stand, json_copy(row));
    return true;
}

/* "/api/v2.0/companies(GUID)/items" */
static char *resource_of(const struct attempt *attempt, const char *set)
{
    return mem_printf("/api/v2.0/companies(%s)/%s", attempt->company->bc_company, set);
}

static bool is_of(const struct look *look, const json *row, const char *set)
{
    OWN_TEXT char *resource = resource_of(look->attempt, set);
    const char *given = json_text(row, "resource");
    return strcmp(given + (*given != '/' ? 0 : 1), resource + 1) == 0;
}

static bool is_wanted(struct attempt *attempt, const char *operation, bool *wanted, struct err *err)
{
    OWN_JSON json *rows = NULL;
    if (!ledger_entries_of(attempt->ledger, attempt->company->id, operation, &rows, err))
        return false;
    *wanted = json_count(rows) > 0;
    return true;
}

/* ---- one call ---- */

/* What is refused is a finding; *why = its words, "" = done. */
static bool change(struct look *look, struct bc_call *call, char why[static 256], struct err *err)
{
    struct err own = {0};
    *why = 0;
    bool ok = bc_ask(look->attempt, call, &own);
    if (!ok)
        snprintf(why, 256, "%.255s", own.text);
    bc_call_drop(call);
    if (ok || own.kind == ERR_FATAL)
        return true;
    *err = own;
    return false;
}

static bool create(struct look *look, const char *set, struct err *err)
{
    char why[256];
    OWN_TEXT char *resource = resource_of(look->attempt, set);
    json *body = json_new_object();
    json_set_text(body, "notificationUrl", look->url);
    json_set_text(body, "resource", resource);
    json_set_text(body, "clientState", look->state);
    struct bc_call call = {
        .method = "POST", .path = "/subscriptions", .body = body, .repeatable = true};
    if (!change(look, &call, why, err))
        return err_wrap(err, "subscribe to %s", set);
    look->attempt->counts.created += !*why;
    look->attempt->counts.failed += *why != 0;
    found(look, set, *why ? "refused" : "made", why);
    return true;
}

static bool renew(struct look *look, const json *row, const char *set, struct err *err)
{
    char why[256];
    OWN_TEXT char *path = mem_printf("/subscriptions('%s')", json_text(row, "subscriptionId"));
    json *body = json_new_object();
    json_set_text(body, "notificationUrl", look->url);
    json_set_text(body, "clientState", look->state);
    struct bc_call call = {
        .method = "PATCH", .path = path, .body = body, .if_match = "*", .repeatable = true};
    if (!change(look, &call, why, err))
        return err_wrap(err, "renew the subscription to %s", set);
    look->attempt->counts.updated += !*why;
    found(look, set, *why ? "refused" : "ok", why);
    return true;
}

static bool remove_one(struct look *look, const json *row, struct err *err)
{
    char why[256];
    OWN_TEXT char *path = mem_printf("/subscriptions('%s')", json_text(row, "subscriptionId"));
    struct bc_call call = {.method = "DELETE", .path = path, .if_match = "*", .repeatable = true};
    if (look->mend && !change(look, &call, why, err))
        return err_wrap(err, "delete the subscription to %s", json_text(row, "resource"));
    found(look, json_text(row, "resource"), look->mend ? "removed" : "wrong", "");
    return true;
}

/* ---- compared ---- */

static bool compare_set(struct look *look, const char *set, bool wanted, struct err *err)
{
    bool stands = false;
    for (size_t i = 0; i < json_count(look->stand); i++) {
        json *row = json_at(look->stand, i);
        if (!is_of(look, row, set))
            continue;
        json_set_bool(row, "known", true);
        bool right = wanted && !stands &&
                     strcmp(json_text(row, "notificationUrl"), look->url) == 0 &&
                     strcmp(json_text(row, "clientState"), look->state) == 0;
        if (!right && !remove_one(look, row, err))
            return false;
        if (right && look->mend && !renew(look, row, set, err))
            return false;
        if (right && !look->mend)
            found(look, set, "ok", "");
        stands |= right;
    }
    if (!wanted || stands)
        return true;
    if (look->mend)
        return create(look, set, err);
    found(look, set, "missing", "");
    return true;
}

/* Rows of one set stand together; it is wanted where any of its operations is. */
static bool compare(struct look *look, struct err *err)
{
    if (!bc_list(look->attempt, "/subscriptions", true, keep_ours, look, err))
        return err_wrap(err, "list the subscriptions");
    look->attempt->counts.read = (int64_t)json_count(look->stand);
    for (size_t i = 0; i < BC_WEBHOOK_COUNT;) {
        const char *set = BC_WEBHOOKS[i].topic;
        bool wanted = false, one = false;
        for (; i < BC_WEBHOOK_COUNT && strcmp(BC_WEBHOOKS[i].topic, set) == 0; i++) {
            if (!is_wanted(look->attempt, BC_WEBHOOKS[i].operation, &one, err))
                return false;
            wanted |= one;
        }
        if (!compare_set(look, set, wanted, err))
            return false;
    }
    for (size_t i = 0; i < json_count(look->stand);
         i++) /* of sets that are none of ours any more */
        if (!json_flag(json_at(look->stand, i), "known", false) &&
            !remove_one(look, json_at(look->stand, i), err))
            return false;
    return true;
}

bool webhooks_look_bc(struct attempt *attempt, bool mend, json *facts, struct err *err)
{
    OWN_HOOK_SECRETS struct hook_secrets secrets = {0};
    OWN_BUF struct buf base = {0}, url = {0};
    OWN_JSON json *stand = json_new_array();
    char key[HOOK_KEY], state[HOOK_KEY];
    json *topics = json_new_array();
    json_set(facts, "topics", topics);
    if (!hook_secrets_read(attempt->ledger, attempt->company->bc_credential, &secrets, err))
        return false;
    hook_key(secrets.texts[0], attempt->company->id, "", key);
    hook_client_state(secrets.texts[0], attempt->company->id, state);
    webhooks_base(attempt, "", &base);
    buf_printf(&url, "%s%s", buf_str(&base), key);
    struct look look = {.attempt = attempt,
                        .base = buf_str(&base),
                        .url = buf_str(&url),
                        .state = state,
                        .stand = stand,
                        .topics = topics,
                        .mend = mend};
    if (!compare(&look, err))
        return false;
    json_set_text(facts, "step", "done");
    return true;
}

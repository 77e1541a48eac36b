/* entries.c - the job queue's entries, the table of operations. */
#include <inttypes.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "admin/definitions.h"
#include "admin/entries_found.h"
#include "admin/notify.h"
#include "admin/routes.h"
#include "admin/warnings.h"
#include "companies.h"
#include "ledger/commands.h"

/* Where a page begins: "<company> <number>", the last row of the page before. */
static bool page_begins(const char *after, char company[static UUID_TEXT], int64_t *no,
                        struct err *err)
{
    unsigned char bytes[16];
    char *end = NULL;
    company[0] = 0;
    *no = 0;
    if (!after)
        return true;
    snprintf(company, UUID_TEXT, "%.36s", after);
    if (strlen(after) > UUID_TEXT && after[UUID_TEXT - 1] == ' ' && uuid_parse(company, bytes))
        *no = strtoll(after + UUID_TEXT, &end, 10);
    return (end && !*end && *no > 0) ||
           err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                   "after: \"%.60s\" is not the `next` of a page", after);
}

static int by_text(const void *one, const void *two)
{
    return strcmp(*(const char *const *)one, *(const char *const *)two);
}

/* Page by page: company by company in the order of their ids, in each in order of creation. */
static json *page_read(struct api_call *call, const char *const companies[], size_t count,
                       const char *from, int64_t no, size_t most, struct err *err)
{
    OWN_JSON json *list = json_new_array(), *answer = json_new_object();
    char next[UUID_TEXT + 24] = "";
    for (size_t i = 0; i < count && !*next; i++) {
        OWN_JSON json *rows = NULL;
        int64_t more = 0, after = strcmp(companies[i], from) == 0 ? no : 0;
        size_t left = most - json_count(list);
        if (strcmp(companies[i], from) < 0)
            continue;
        if (!(entries_are_filtered(call)
                  ? entries_found(call, companies[i], after, left, &rows, &more, err)
                  : ledger_entries_page(call->ledger, companies[i], after, left, &rows, &more,
                                        err)))
            return NULL;
        for (size_t k = 0; k < json_count(rows); k++)
            json_add(list, json_share(json_at(rows, k)));
        /* The page is full, and a company that follows may have entries of its own. */
        if (!more && json_count(list) == most && i + 1 < count)
            more = json_int(json_at(list, most - 1), "no", 0);
        if (more)
            snprintf(next, sizeof next, "%s %" PRId64, companies[i], more);
    }
    json_set(answer, "entries", GIVE(list));
    if (*next)
        json_set_text(answer, "next", next);
    return GIVE(answer);
}

bool entries_list(struct api_call *call, struct err *err)
{
    OWN_JSON json *companies = NULL;
    char from[UUID_TEXT];
    int64_t no, limit;
    if (!page_begins(api_query(call, "after"), from, &no, err) ||
        !api_query_int(call, "limit", 1, API_ROWS, API_ROWS, &limit, err) ||
        !api_companies(call, &companies, err))
        return false;
    size_t count = json_count(companies);
    const char **ids = mem_array(count + 1, sizeof *ids);
    for (size_t i = 0; i < count; i++)
        ids[i] = json_string(json_at(companies, i));
    qsort(ids, count, sizeof *ids, by_text);
    json *answer = page_read(call, ids, count, from, no, (size_t)limit, err);
    free(ids);
    return answer && api_answer(call, MHD_HTTP_OK, answer);
}

bool entries_get(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    json *entry = NULL;
    if (!api_holder(call, call->params[0], entry_named, company, &entry, err))
        return false;
    return api_answer(call, MHD_HTTP_OK, entry);
}

/* An entry for a shop or with a credential that nobody knows would only ever fail. */
static bool peers_known(struct api_call *call, const struct wanted *wanted, struct err *err)
{
    const struct entry_definition *definition = &wanted->definition;
    OWN_JSON json *shop = NULL;
    if (!credential_known(call, "credential", definition->credential, err))
        return false;
    if (*wanted->shop && !shop_read(call->ledger, definition->company, wanted->shop, &shop, err))
        return false;
    return notify_known(call, definition->company, definition->notify, err);
}

/* What it would do at the same time as others is said where it is put there. */
static bool add_warnings(struct api_call *call, const char *company, const char *id,
                         struct err *err)
{
    json *warnings = NULL;
    if (!warnings_read(call->ledger, company, id, &warnings, err))
        return false;
    json_set(call->answer, "warnings", warnings);
    return true;
}

static bool change(struct api_call *call, struct wanted *wanted, const json *before,
                   struct err *err)
{
    const char *id = json_text(before, "id");
    if (wanted_stands(wanted, before))
        return api_changed(call, "unchanged", id) &&
               add_warnings(call, wanted->definition.company, id, err);
    if (!wanted->starts) /* an edit keeps the slots where they were */
        wanted->definition.start_ms = json_int(before, "start_ms", 0);
    if (!ledger_edit(call->ledger, id, &wanted->definition, &call->granted, err))
        return false;
    return api_changed(call, "changed", id) &&
           add_warnings(call, wanted->definition.company, id, err);
}

bool entries_post(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT], id[UUID_TEXT];
    OWN_WANTED struct wanted wanted = {0};
    OWN_JSON json *before = NULL;
    bool existing = false;
    if (!api_company(call, company, err) || !wanted_read(call->body, company, &wanted, err))
        return *json_text(call->body, "name")
                   ? err_wrap(err, "entry %s", json_text(call->body, "name"))
                   : false;
    /* Without a name the key of the request makes the id: a repeated one finds its entry, also when
     * its first answer was never stored. */
    if (!wanted.definition.id[0] && *call->once)
        uuid_from_name(call->once, wanted.definition.id);
    if (!peers_known(call, &wanted, err) ||
        !ledger_add(call->ledger, &wanted.definition, id, &existing, &call->granted, err))
        return false;
    if (!existing)
        return api_changed(call, "created", id) && add_warnings(call, company, id, err);
    return ledger_entry(call->ledger, company, id, &before, err) &&
           change(call, &wanted, before, err);
}

static bool path_says_which(const struct api_call *call, struct err *err)
{
    return !json_get(call->body, "name") ||
           err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                   "name: the path says which entry is meant; leave it out");
}

/* The whole definition anew, of an entry that is known by its id: one that a person added has no
 * name. */
bool entries_put(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    OWN_WANTED struct wanted wanted = {0};
    OWN_JSON json *before = NULL;
    return path_says_which(call, err) &&
           api_holder(call, call->params[0], entry_named, company, &before, err) &&
           wanted_read(call->body, company, &wanted, err) && peers_known(call, &wanted, err) &&
           change(call, &wanted, before, err);
}

/* ---- commands on one entry ---- */

typedef bool (*entry_command)(struct ledger *ledger, const char *company, const char *entry_id,
                              struct tickets *granted, struct err *err);

static bool hold_and_stop(struct ledger *ledger, const char *company, const char *entry_id,
                          struct tickets *granted, struct err *err)
{
    return ledger_hold(ledger, company, entry_id, true, granted, err);
}

static bool hold_only(struct ledger *ledger, const char *company, const char *entry_id,
                      struct tickets *granted, struct err *err)
{
    return ledger_hold(ledger, company, entry_id, false, granted, err);
}

/* Answers the entry as it stands afterwards; as it stood before, when it is gone. */
static bool command(struct api_call *call, entry_command run, struct err *err)
{
    char company[UUID_TEXT];
    OWN_JSON json *before = NULL;
    json *after = NULL;
    struct err gone = {0};
    if (!api_holder(call, call->params[0], entry_named, company, &before, err))
        return false;
    const char *id = json_text(before, "id");
    if (!run(call->ledger, company, id, &call->granted, err))
        return false;
    if (!ledger_entry(call->ledger, company, id, &after, &gone))
        after = GIVE(before);
    return api_answer(call, MHD_HTTP_OK, after);
}

/* Its definition is said again, with what is given laid over it (RFC 7396: null takes away). */
static bool redefine(struct api_call *call, const json *before, struct err *err)
{
    OWN_WANTED struct wanted stands = {0}, wanted = {0};
    OWN_JSON json *body = NULL;
    const char *company = json_text(before, "company"), *id = json_text(before, "id");
    if (!wanted_of(before, &body, &stands, err))
        return false;
    wanted_drop(&stands);
    stands = (struct wanted){0}; /* its texts lived in the body that changes now */
    json_merge(body, call->body);
    if (!wanted_read(body, company, &wanted, err) || !peers_known(call, &wanted, err))
        return false;
    if (!wanted.starts) /* an edit keeps the slots where they were */
        wanted.definition.start_ms = json_int(before, "start_ms", 0);
    return wanted_stands(&wanted, before) ||
           ledger_edit(call->ledger, id, &wanted.definition, &call->granted, err);
}

static bool is_priority_alone(const json *body)
{
    const char *name;
    json *child;
    bool alone = json_get(body, "priority") != NULL;
    JSON_EACH(name, child, body)
    alone = alone && strcmp(name, "priority") == 0;
    return alone;
}

/* The priority alone also of one that waits, at once; the rest is a definition anew, which counts
 * from its next turn. */
bool entries_patch(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    enum priority priority = PRIORITY_NORMAL;
    OWN_JSON json *before = NULL;
    json *after = NULL;
    const char *word = json_text(call->body, "priority");
    bool alone = is_priority_alone(call->body);
    if (alone && !priority_parse(word, &priority))
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "priority \"%.40s\": want high, normal or low", word);
    if (!path_says_which(call, err) ||
        !api_holder(call, call->params[0], entry_named, company, &before, err))
        return false;
    const char *id = json_text(before, "id");
    if (alone ? !ledger_priority(call->ledger, company, id, priority, &call->granted, err)
              : !redefine(call, before, err))
        return err_wrap(err, "entry %.60s", json_text(before, "description"));
    if (!ledger_entry(call->ledger, company, id, &after, err))
        return false;
    (void)api_answer(call, MHD_HTTP_OK, after);
    return add_warnings(call, company, id, err);
}

bool entries_hold(struct api_call *call, struct err *err)
{
    return command(call, json_flag(call->body, "stop", false) ? hold_and_stop : hold_only, err);
}

bool entries_ready(struct api_call *call, struct err *err)
{
    return command(call, ledger_ready, err);
}

bool entries_restart(struct api_call *call, struct err *err)
{
    return command(call, ledger_restart, err);
}

bool entries_delete(struct api_call *call, struct err *err)
{
    return command(call, ledger_delete, err);
}

/* ---- the table of operations ---- */

bool operations_list(struct api_call *call, struct err *err)
{
    json *list = json_new_array(), *answer = json_new_object();
    (void)err;
    for (size_t i = 0; i < OPERATION_COUNT; i++) {
        const struct operation *operation = &OPERATIONS[i];
        if (operation->anywhere) /* asked for with POST /v1/checks, and no entry's */
            continue;
        json *row = json_new_object(), *arguments = json_new_array();
        for (size_t k = 0; k < operation->parameter_count; k++) {
            const struct parameter *parameter = &operation->parameters[k];
            json *argument = json_new_object();
            json_set_text(argument, "name", parameter->name);
            json_set_text(argument, "type", parameter_type_name(parameter->type));
            json_set_bool(argument, "required", parameter->required);
            json_set_text(argument, "help", parameter->help);
            json_add(arguments, argument);
        }
        json_set_text(row, "name", operation->name);
        json_set_int(row, "report", operation->report);
        json_set_text(row, "title", operation->title);
        json_set_text(row, "category", operation->category);
        json_set_text(row, "priority", priority_name(operation->priority));
        json_set(row, "arguments", arguments);
        json_add(list, row);
    }
    json_set(answer, "operations", list);
    return api_answer(call, MHD_HTTP_OK, answer);
}

/* categories.c - what people say about a category. In a path "-" stands for no category at all. */
#include "ledger/categories.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "admin/definitions.h"
#include "admin/routes.h"

bool categories_list(struct api_call *call, struct err *err)
{
    OWN_JSON json *companies = NULL, *list = json_new_array();
    if (!api_companies(call, &companies, err))
        return false;
    for (size_t i = 0; i < json_count(companies); i++) {
        OWN_JSON json *rows = NULL;
        if (!ledger_categories(call->ledger, json_string(json_at(companies, i)), &rows, err))
            return false;
        for (size_t k = 0; k < json_count(rows); k++)
            json_add(list, json_copy(json_at(rows, k)));
    }
    return api_rows(call, "categories", GIVE(list), (const char *const[]){"category", "company"},
                    err);
}

static bool which(struct api_call *call, char company[static UUID_TEXT],
                  char category[static CATEGORY_TEXT], struct err *err)
{
    return api_company(call, company, err) && category_read(call->params[0], category, err);
}

bool categories_get(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT], category[CATEGORY_TEXT];
    json *answer = NULL;
    if (!which(call, company, category, err) ||
        !ledger_category(call->ledger, company, category, &answer, err))
        return false;
    return api_answer(call, MHD_HTTP_OK, answer);
}

/* ---- changes: numbers and switches may come as texts, as the command line has them ---- */

static bool read_permits(const json *value, struct category_change *change, struct err *err)
{
    char *end;
    const char *text = json_string(value);
    change->permits = (int)strtol(*text ? text : json_write(value), &end, 10);
    if (*end || change->permits < 1 || change->permits > CATEGORY_PERMITS_MOST)
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST, "permits: want a number from 1 to %d",
                       CATEGORY_PERMITS_MOST);
    return true;
}

static bool read_order(const json *value, struct category_change *change, struct err *err)
{
    const char *word = json_string(value);
    change->order = strcmp(word, "strict") == 0    ? ORDER_STRICT
                    : strcmp(word, "bounded") == 0 ? ORDER_BOUNDED
                                                   : ORDER_AS_IS;
    return change->order ||
           err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                   "order \"%.40s\": want bounded (a later entry passes an earlier one by its "
                   "priority, by 30 minutes at most) or strict (by priority, then by age)",
                   word);
}

static bool read_paused(const json *value, struct category_change *change, struct err *err)
{
    const char *text = json_string(value);
    text = *text ? text : json_write(value);
    change->pause = strcmp(text, "true") == 0    ? PAUSE_ON
                    : strcmp(text, "false") == 0 ? PAUSE_OFF
                                                 : PAUSE_AS_IS;
    return change->pause ||
           err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST, "paused: want true or false");
}

static bool change_read(const json *body, struct category_change *change, struct err *err)
{
    static const struct {
        const char *name;
        bool (*read)(const json *value, struct category_change *change, struct err *err);
    } FIELDS[] = {
        {"permits", read_permits},
        {"order",   read_order  },
        {"paused",  read_paused },
    };
    const char *name;
    json *child;
    JSON_EACH(name, child, body)
    {
        size_t i = 0;
        while (i < COUNT(FIELDS) && strcmp(FIELDS[i].name, name) != 0)
            i++;
        if (i == COUNT(FIELDS))
            return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                           "a category has no setting \"%.60s\"; want permits, order or paused",
                           name);
        if (!FIELDS[i].read(child, change, err))
            return false;
    }
    return true;
}

bool categories_patch(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT], category[CATEGORY_TEXT];
    struct category_change change = {0};
    bool changed;
    if (!which(call, company, category, err) || !change_read(call->body, &change, err))
        return *call->params[0] ? err_wrap(err, "category %s", call->params[0]) : false;
    if (!ledger_category_set(call->ledger, company, category, &change, &changed, &call->granted,
                             err))
        return false;
    return api_changed(call, changed ? "changed" : "unchanged", category);
}

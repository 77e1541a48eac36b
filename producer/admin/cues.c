/* cues.c - what needs a person, counted over all shops or one, each with what cures it.
 *
 * Each count is the length of a list, never a walk through records. The commands of a cue's cures
 * are those of the actions of its list (cue_actions.c): of each row where every record wants a
 * value of its own, else of each group.
 */
#include <inttypes.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/cues.h"
#include "admin/routes.h"
#include "admin/thresholds.h"

enum { CURES = 8, SAMPLES = 5, ROWS_TOLD = 8, CUES_MOST = 16, LISTS_A_SHOP = 2 * CUES_MOST };

struct counted { /* of one cue, in one shop */
    int64_t value, original, historic;
};

/* ---- counts ---- */

/* One round trip for all lists of a shop. */
static bool count_lists(struct api_call *call, const struct scope *scope,
                        struct counted out[static CUES_MOST], struct err *err)
{
    char *keys[LISTS_A_SHOP];
    int64_t counts[LISTS_A_SHOP];
    size_t used = 0;
    for (const struct cue *cue = CUES; cue->name; cue++) {
        if (!cue->list || cue->kind == CUE_LEFT)
            continue;
        keys[used++] = mem_printf("%s:%s", cue->list, scope->code);
        if (cue->original)
            keys[used++] =
                mem_printf("%s:%s", cue->original + (*cue->original == '='), scope->code);
    }
    bool good =
        list_counts(call->ledger, scope->company, (const char *const *)keys, used, counts, err);
    for (size_t i = 0; i < used; i++)
        free(keys[i]);
    for (size_t i = 0, at = 0; good && CUES[i].name; i++) {
        if (!CUES[i].list || CUES[i].kind == CUE_LEFT)
            continue;
        out[i].value = out[i].original = counts[at++];
        if (CUES[i].original)
            out[i].original = counts[at++] + (*CUES[i].original == '=' ? 0 : out[i].value);
    }
    return good;
}

static bool count_shop(struct api_call *call, const struct scope *scope,
                       struct counted out[static CUES_MOST], struct err *err)
{
    struct groups *groups = mem_new(sizeof *groups);
    bool good = !*scope->code || count_lists(call, scope, out, err);
    for (size_t i = 0; good && CUES[i].name; i++) {
        if (CUES[i].kind == CUE_LEFT) {
            good = groups_read(call, &CUES[i], scope, groups, err);
            out[i].value = out[i].original = good ? groups->total : 0;
        } else if (CUES[i].kind == CUE_ENTRIES) {
            struct failed_counts failed = {0};
            good = ledger_failed_counts(call->ledger, scope->company, scope->code, &failed, err);
            out[i].value = failed.now;
            out[i].original = out[i].historic = failed.historic;
        }
    }
    free(groups);
    return good;
}

/* ---- cures ---- */

static void add_cure(json *cures, const char *text)
{
    if (json_count(cures) < CURES)
        json_add_text(cures, text);
}

/* Each of these wants a value of its own, or a look of its own. */
static bool row_by_row(const struct cue *cue)
{
    return cue->kind == CUE_CUSTOMERS || cue->kind == CUE_PRODUCTS || cue->kind == CUE_COMPANIES ||
           cue->kind == CUE_UPDATES || cue->kind == CUE_ENTRIES;
}

static void rows_cures(const struct cue *cue, const struct scope *scope, const json *rows,
                       int64_t count, json *cures)
{
    for (size_t i = 0; i < json_count(rows); i++) {
        json *row = json_at(rows, i);
        if (json_count(cures) == CURES - 1 && (int64_t)i + 1 < count) {
            OWN_TEXT char *more = mem_printf(
                "cartage cue show %s --shop %s%s%s%s  # and %" PRId64 " more", cue->name,
                scope->code, scope->alone ? "" : " --company \"", scope->alone ? "" : scope->name,
                scope->alone ? "" : "\"", count - (int64_t)i);
            add_cure(cures, more);
            return;
        }
        actions_of_row(cue, scope, row);
        const json *actions = json_get(row, "actions");
        bool off = strcmp(json_text(row, "code"), "shop-disabled") == 0;
        if (i == 0 || !off)
            add_cure(cures, json_text(json_at(actions, 0), "command"));
        if (off)
            add_cure(cures, json_text(json_at(actions, 1), "command"));
    }
}

/* Names of the rows that say the same, and how many more there are. */
static void names_of(const json *rows, const char *detail, struct buf *out)
{
    size_t same = 0;
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        if (strcmp(json_text(json_get(row, "values"), "detail"), detail) == 0 && same++ < SAMPLES)
            buf_printf(out, "%s%s", out->size ? " " : "", json_text(row, "name"));
    }
    if (same > SAMPLES)
        buf_printf(out, " and %zu more", same - SAMPLES);
}

static bool told_before(const json *rows, size_t at, const char *detail)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(json_text(json_get(json_at(rows, i), "values"), "detail"), detail) == 0)
            return true;
    return false;
}

/* A sentence for each thing to be done, or one command for all of them where a person only has to
 * say that it is. */
static void tell_group(const struct group *group, const json *rows, const json *action, json *cures)
{
    const struct reason_row *reason = reason_row(reason_by_code(group->code));
    bool done = strcmp(json_text(action, "code"), "done") == 0;
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        const char *detail = json_text(json_get(row, "values"), "detail");
        OWN_BUF struct buf line = {0};
        if (told_before(rows, i, detail) || (done && i > 0))
            continue;
        if (done)
            buf_printf(&line, "%s  # ", json_text(action, "command"));
        names_of(rows, detail, &line);
        buf_printf(&line, ": %s%s%s%s%s%s", json_text(row, "text"), *detail ? ": " : "", detail,
                   *reason->cure ? "; " : "", reason->cure, done ? " first" : "");
        add_cure(cures, buf_str(&line));
    }
}

static bool group_cures(struct api_call *call, const struct cue *cue, const struct scope *scope,
                        const struct group *group, struct list_page *page, json *cures,
                        struct err *err)
{
    OWN_JSON json *rows = json_new_array(), *action = action_of_group(cue, scope, group);
    if (strcmp(json_text(action, "code"), "open") == 0 || !*group->list)
        return true; /* it has a cue and commands of its own; the next run takes it */
    if (!list_read(call->ledger, scope->company, group->list, NULL, ROWS_TOLD, page, err) ||
        !rows_read(call, cue, scope, page, rows, err))
        return false;
    tell_group(group, rows, action, cures);
    return true;
}

static bool add_cures(struct api_call *call, const struct cue *cue, const struct scope *scope,
                      int64_t count, json *cures, struct err *err)
{
    if (json_count(cures) >= CURES)
        return true; /* shops before this one have filled it */
    struct groups *groups = mem_new(sizeof *groups);
    struct list_page *page = mem_new(sizeof *page);
    OWN_JSON json *rows = json_new_array();
    bool good = true;
    if (cue->kind == CUE_ENTRIES) {
        OWN_JSON json *entries = NULL;
        good =
            ledger_failed(call->ledger, scope->company, scope->code, NULL, 0, CURES, &entries, err);
        for (size_t i = 0; good && i < json_count(entries); i++)
            json_add(rows, row_of_entry(scope, json_at(entries, i)));
    } else if (row_by_row(cue)) {
        OWN_TEXT char *list = mem_printf("%s:%s", cue->list, scope->code);
        good = list_read(call->ledger, scope->company, list, NULL, CURES, page, err) &&
               rows_read(call, cue, scope, page, rows, err);
    } else if ((good = groups_read(call, cue, scope, groups, err))) {
        for (size_t i = 0; good && i < groups->count && json_count(cures) < CURES - 1; i++)
            good = group_cures(call, cue, scope, &groups->items[i], page, cures, err);
    }
    if (good)
        rows_cures(cue, scope, rows, count, cures);
    if (good && (cue->kind == CUE_ORDERS || cue->kind == CUE_SHIPMENTS_DUE)) {
        const struct group whole = {.code = "new", .text = "", .key = "new"};
        OWN_JSON json *run = action_of_group(cue, scope, &whole);
        add_cure(cures, json_text(run, "command"));
    }
    free(groups);
    free(page);
    return good;
}

/* ---- the answer ---- */

static json *cue_new(const struct cue *cue)
{
    json *object = json_new_object();
    OWN_TEXT char *list = mem_printf("/v1/cues/%s/rows", cue->name);
    json_set_text(object, "name", cue->name);
    json_set_text(object, "code", cue->name);
    json_set_text(object, "title", cue->title);
    json_set_text(object, "list", list);
    json_set_int(object, "value", 0);
    if (cue->kind != CUE_LEFT)
        json_set_int(object, "original", 0);
    if (cue->kind == CUE_ENTRIES)
        json_set_int(object, "historic", 0);
    if (cue->kind != CUE_LEFT)
        json_set(object, "cure", json_new_array());
    json_set(object, "shops", json_new_object());
    return object;
}

static void raise(json *object, const char *name, int64_t count)
{
    if (json_has(object, name))
        json_set_int(object, name, json_int(object, name, 0) + count);
}

/* A page that asks again and again, and shows actions instead, says that it wants no cures. */
static bool wants_cures(const struct api_call *call)
{
    const char *cures = api_query(call, "cures");
    return !cures || strcmp(cures, "false") != 0;
}

static bool add_shop(struct api_call *call, const struct scope *scope, json *const cues[],
                     struct err *err)
{
    bool cures = wants_cures(call);
    struct counted counted[CUES_MOST] = {0};
    if (!count_shop(call, scope, counted, err))
        return false;
    for (size_t i = 0; CUES[i].name; i++) {
        raise(cues[i], "value", counted[i].value);
        raise(cues[i], "original", counted[i].original);
        raise(cues[i], "historic", counted[i].historic);
        json *shops = json_get(cues[i], "shops");
        if (*scope->code)
            json_set_int(shops, scope->code, json_int(shops, scope->code, 0) + counted[i].value);
        if (cures && counted[i].value && CUES[i].kind != CUE_LEFT &&
            !add_cures(call, &CUES[i], scope, counted[i].value, json_get(cues[i], "cure"), err))
            return false;
    }
    return true;
}

bool cues_list(struct api_call *call, struct err *err)
{
    OWN_SCOPES struct scopes scopes = {0};
    OWN_JSON json *answer = json_new_object();
    json *list = json_new_array(), *lists = json_new_array(), *cues[CUES_MOST];
    json_set(answer, "cues", list);
    json_set(answer, "lists", lists);
    for (size_t i = 0; CUES[i].name; i++) {
        assert(i < CUES_MOST);
        cues[i] = cue_new(&CUES[i]);
        json_add(CUES[i].kind == CUE_LEFT ? lists : list, cues[i]);
    }
    OWN_JSON json *thresholds = NULL;
    if (!scopes_read(call, &scopes, err) || !thresholds_read(call, &scopes, &thresholds, err))
        return false;
    for (size_t i = 0; i < scopes.count; i++)
        if (!add_shop(call, &scopes.items[i], cues, err))
            return false;
    for (size_t i = 0; CUES[i].name; i++)
        if (CUES[i].kind != CUE_LEFT)
            thresholds_colour(&CUES[i], thresholds, cues[i]);
    return api_answer(call, MHD_HTTP_OK, GIVE(answer));
}

/* warnings.c - what model/families.h finds among the entries of a company, said to people. */
#include "admin/warnings.h"

#include <inttypes.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "admin/actions.h"
#include "admin/doctor.h"
#include "admin/routes.h"
#include "ledger/categories.h"
#include "model/families.h"
#include "model/settings_card.h"

struct reading {
    struct arena *arena;
    const json *settings; /* of the company: "shop:CODE" each */
    const struct shop *shops[64];
    size_t shop_count;
    const json *categories; /* that are or were used, with their permits */
    struct queued *entries;
    size_t count;
};

/* A shop is read once; one whose settings cannot be read is none. */
static const struct shop *shop_of(struct reading *reading, const char *code)
{
    const struct shop *shop = NULL;
    struct err ignored = {0};
    for (size_t i = 0; i < reading->shop_count; i++)
        if (strcmp(reading->shops[i]->code, code) == 0)
            return reading->shops[i];
    OWN_TEXT char *field = mem_printf("shop:%s", code);
    const json *text = json_get(reading->settings, field);
    if (!text || !settings_shop_parse(json_write(text), reading->arena, &shop, &ignored))
        return NULL;
    if (reading->shop_count < COUNT(reading->shops))
        reading->shops[reading->shop_count++] = shop;
    return shop;
}

/* One that rests, or runs once only, changes nothing beside the others for long. */
static bool is_active(const json *entry)
{
    static const char *const RESTING[] = {"On Hold", "Finished", "Error"};
    for (size_t i = 0; i < COUNT(RESTING); i++)
        if (strcmp(json_text(entry, "status"), RESTING[i]) == 0)
            return false;
    return strcmp(json_text(entry, "schedule"), "at") != 0;
}

static bool is_abreast(const struct reading *reading, const char *category)
{
    for (size_t i = 0; i < json_count(reading->categories); i++) {
        const json *row = json_at(reading->categories, i);
        if (strcmp(json_text(row, "category"), category) == 0)
            return json_int(row, "permits", CATEGORY_PERMITS) > 1;
    }
    return !*category;
}

static void take_entry(struct reading *reading, const json *entry)
{
    const struct operation *operation = operation_by_name(json_text(entry, "operation"));
    if (!operation || operation->use_count == 0)
        return; /* of a program newer than this one, or it changes nothing */
    const char *code = json_text(json_get(entry, "arguments"), "shop");
    reading->entries[reading->count++] = (struct queued){
        .id = json_text(entry, "id"),
        .name = json_text(entry, "description"),
        .category = json_text(entry, "category"),
        .abreast = is_abreast(reading, json_text(entry, "category")),
        .operation = operation,
        .shop = *code ? shop_of(reading, code) : NULL,
    };
}

/* ---- for people ---- */

static void add_move(json *actions, const struct queued *what, const char *category,
                     const char *company)
{
    json *body = json_new_object();
    OWN_TEXT char *title = mem_printf("Put \"%s\" into category %s", what->name, category);
    OWN_TEXT char *path = mem_printf("/v1/entries/%s?company=%s", what->id, company);
    OWN_TEXT char *command = mem_printf("cartage entry set %s --category %s", what->id, category);
    json_set_text(body, "category", category);
    json *action = action_with(title, "PATCH", path, body, command), *values = json_new_object();
    json_set_text(action, "code", "warning.move");
    json_set_text(values, "entry", what->name);
    json_set_text(values, "category", category);
    json_set(action, "values", values);
    json_add(actions, action);
}

static void add_switch(json *actions, const char *setting, const char *shop, const char *company)
{
    json *body = json_new_object();
    OWN_TEXT char *title =
        mem_printf("Turn \"%s\" off in shop %s", setting_card(setting)->title, shop);
    OWN_TEXT char *path = mem_printf("/v1/shops/%s?company=%s", shop, company);
    OWN_TEXT char *command = mem_printf("cartage shop set %s %s=false", shop, setting);
    json_set_bool(body, setting, false);
    json *action = action_with(title, "PATCH", path, body, command), *values = json_new_object();
    json_set_text(action, "code", "warning.switch");
    json_set_text(values, "setting", setting);
    json_set_text(values, "shop", shop);
    json_set(action, "values", values);
    json_add(actions, action);
}

static void add_permit(json *actions, const char *category, const char *company)
{
    json *body = json_new_object();
    OWN_TEXT char *title = mem_printf("Let one at a time run in category %s", category);
    OWN_TEXT char *path = mem_printf("/v1/categories/%s?company=%s", category, company);
    OWN_TEXT char *command = mem_printf("cartage category set %s permits=1", category);
    json_set_int(body, "permits", 1);
    json *action = action_with(title, "PATCH", path, body, command), *values = json_new_object();
    json_set_text(action, "code", "warning.permit");
    json_set_text(values, "category", category);
    json_set(action, "values", values);
    json_add(actions, action);
}

/* Into the category of whoever waits there for others; where both are in one already, it lets too
 * many run. */
static json *actions_of(const struct conflict *conflict, const struct queued *a,
                        const struct queued *b, const char *company)
{
    json *actions = json_new_array();
    const struct queued *moves = a->abreast || !*a->category ? a : b, *stays = moves == a ? b : a;
    const char *category = *stays->category ? stays->category : moves->operation->category;
    if (*stays->category && strcmp(moves->category, stays->category) == 0)
        add_permit(actions, category, company);
    else
        add_move(actions, moves, category, company);
    if (!*stays->category)
        add_move(actions, stays, category, company);
    for (size_t i = 0; i < conflict->switch_count; i++)
        add_switch(actions, conflict->switches[i].setting, conflict->switches[i].shop->code,
                   company);
    return actions;
}

static json *side_of(const struct queued *entry)
{
    json *side = json_new_object();
    json_set_text(side, "id", entry->id);
    json_set_text(side, "name", entry->name);
    json_set_text(side, "operation", entry->operation->name);
    json_set_text(side, "category", entry->category);
    json_set_text(side, "shop", entry->shop ? entry->shop->code : "");
    return side;
}

static json *warning_of(const struct queued *entries, const struct conflict *conflict,
                        const char *company)
{
    json *row = json_new_object(), *values = json_new_object(), *sides = json_new_array();
    const struct queued *a = &entries[conflict->first], *b = &entries[conflict->second];
    const char *setting = conflict->switch_count ? conflict->switches[0].setting : "";
    OWN_BUF struct buf text = {0};
    conflict_text(entries, conflict, &text);
    json_set_text(values, "first", a->name);
    json_set_text(values, "first_category", a->category);
    json_set_text(values, "second", b->name);
    json_set_text(values, "second_category", b->category);
    json_set_text(values, "family", family_name(conflict->family));
    json_set_text(values, "setting", setting);
    json_set_text(values, "shop", conflict->switch_count ? conflict->switches[0].shop->code : "");
    json_add(sides, side_of(a));
    json_add(sides, side_of(b));
    json_set_text(row, "code", "category-conflict");
    json_set_text(row, "company", company);
    json_set_text(row, "text", buf_str(&text));
    json_set(row, "values", values);
    json_set(row, "entries", sides);
    json_set_text(row, "family", family_name(conflict->family));
    json_set_text(row, "setting", setting);
    json_set(row, "actions", actions_of(conflict, a, b, company));
    return row;
}

/* ---- reading ---- */

bool warnings_read(struct ledger *ledger, const char *company, const char *entry_id, json **out,
                   struct err *err)
{
    OWN(arena) struct arena *arena = arena_new();
    OWN_JSON json *rows = NULL, *settings = NULL, *categories = NULL, *list = json_new_array();
    struct conflict conflicts[WARNINGS_MOST];
    struct reading reading = {.arena = arena};
    size_t with = SIZE_MAX;
    if (!ledger_entries(ledger, company, &rows, err) ||
        !ledger_settings_all(ledger, company, &settings, err) ||
        !ledger_categories(ledger, company, &categories, err))
        return err_wrap(err, "compare the entries' categories");
    reading.settings = settings;
    reading.categories = categories;
    reading.entries = arena_array(arena, json_count(rows) + 1, sizeof *reading.entries);
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *entry = json_at(rows, i);
        bool asked = entry_id && strcmp(json_text(entry, "id"), entry_id) == 0;
        size_t before = reading.count;
        if (is_active(entry))
            take_entry(&reading, entry);
        if (asked && reading.count > before)
            with = before;
    }
    size_t count = entry_id && with == SIZE_MAX ? 0
                                                : conflicts_find(reading.entries, reading.count,
                                                                 with, conflicts, COUNT(conflicts));
    for (size_t i = 0; i < count; i++)
        json_add(list, warning_of(reading.entries, &conflicts[i], company));
    *out = GIVE(list);
    return true;
}

bool warnings_list(struct api_call *call, struct err *err)
{
    OWN_JSON json *companies = NULL, *list = json_new_array();
    if (!api_companies(call, &companies, err))
        return false;
    for (size_t i = 0; i < json_count(companies); i++) {
        OWN_JSON json *some = NULL;
        if (!warnings_read(call->ledger, json_string(json_at(companies, i)), NULL, &some, err))
            return false;
        for (size_t k = 0; k < json_count(some); k++)
            json_add(list, json_copy(json_at(some, k)));
    }
    json *answer = json_new_object();
    json_set(answer, "warnings", GIVE(list));
    return api_answer(call, MHD_HTTP_OK, answer);
}

/* ---- doctor ---- */

static bool check(struct doctor *doctor, size_t *found, struct err *err)
{
    OWN_JSON json *companies = NULL;
    if (!ledger_companies(doctor->ledger, &companies, err))
        return false;
    for (size_t i = 0; i < json_count(companies); i++) {
        OWN_JSON json *some = NULL;
        if (!warnings_read(doctor->ledger, json_string(json_at(companies, i)), NULL, &some, err))
            return false;
        for (size_t k = 0; k < json_count(some); k++) {
            const json *warning = json_at(some, k);
            json *row = doctor_add(doctor, json_text(warning, "code"), CHECK_WARN, "%s",
                                   json_text(warning, "text"));
            json_set(row, "values", json_copy(json_get(warning, "values")));
            json_set(row, "actions", json_copy(json_get(warning, "actions")));
            doctor_advise(row,
                          "Put both into one category with one permit, so that they take turns%s.",
                          *json_text(warning, "setting") ? ", or turn the setting off" : "");
        }
        *found += json_count(some);
    }
    return true;
}

void doctor_categories(struct doctor *doctor)
{
    struct err err = {0};
    size_t found = 0;
    if (!check(doctor, &found, &err))
        doctor_unseen(doctor, "category-conflict", &err);
    else if (!found)
        doctor_add(doctor, "category-conflict", CHECK_OK,
                   "no two entries in different categories change the same records");
}

/* cards.c - the shop card: every setting of a shop with what a person must know to set it. */
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "admin/routes.h"
#include "model/settings_card.h"

/* In its own type; null where it must be given. */
static void set_default(json *row, const struct setting *setting)
{
    const char *text = setting->otherwise;
    if (!text)
        json_set(row, "default", NULL);
    else if (setting->type == SETTING_BOOL)
        json_set_bool(row, "default", strcmp(text, "true") == 0);
    else if (setting->type == SETTING_INT)
        json_set_int(row, "default", strtoll(text, NULL, 10));
    else if (setting->type == SETTING_MAP)
        json_set(row, "default", json_new_object());
    else
        json_set_text(row, "default", text);
}

static json *needs_of(const struct setting_card *card)
{
    const struct {
        const char *name, *text;
    } NEEDS[] = {
        {"level",    card->level},
        {"settings", card->needs}
    };
    json *list = json_new_array();
    for (size_t i = 0; i < COUNT(NEEDS); i++)
        if (*NEEDS[i].text) {
            json *need = json_new_object();
            json_set_text(need, NEEDS[i].name, NEEDS[i].text);
            json_add(list, need);
        }
    return list;
}

static json *excludes_of(const char *name)
{
    size_t count;
    const struct contradiction *rows = settings_contradictions(&count);
    json *list = json_new_array();
    for (size_t i = 0; i < count; i++) {
        bool first = strcmp(rows[i].setting, name) == 0;
        if (!first && strcmp(rows[i].other, name) != 0)
            continue;
        json *row = json_new_object();
        json_set_text(row, "code", rows[i].code);
        json_set_text(row, "setting", first ? rows[i].other : rows[i].setting);
        json_set_text(row, "value", first ? rows[i].value : rows[i].other_value);
        json_set_text(row, "other_value", first ? rows[i].other_value : rows[i].value);
        json_set_text(row, "reason", rows[i].reason);
        json_set_text(row, "cure", rows[i].cure);
        json_add(list, row);
    }
    return list;
}

static json *row_of(const struct setting *setting, const struct setting_card *card)
{
    json *row = json_new_object(), *choices = json_new_array();
    for (size_t i = 0; setting->type == SETTING_CHOICE && setting->choices[i]; i++)
        json_add_text(choices, setting->choices[i]);
    json_set_text(row, "name", setting->name);
    json_set_text(row, "title", card->title);
    json_set_text(row, "group", card->group);
    json_set_text(row, "type", setting_type_name(setting->type));
    json_set(row, "choices", choices);
    json_set_bool(row, "required", !setting->otherwise);
    set_default(row, setting);
    json_set_text(row, "unit", card->unit);
    json_set_text(row, "explain", card->explain);
    json_set(row, "needs", needs_of(card));
    json_set(row, "excludes", excludes_of(setting->name));
    return row;
}

bool settings_list(struct api_call *call, struct err *err)
{
    size_t count, group_count;
    const struct setting *rows = settings_shop_table(&count);
    const struct setting_group *groups = setting_groups(&group_count);
    json *list = json_new_array(), *titles = json_new_array(), *answer = json_new_object();
    (void)err;
    for (size_t i = 0; i < group_count; i++) {
        json *group = json_new_object();
        json_set_text(group, "code", groups[i].code);
        json_set_text(group, "title", groups[i].title);
        json_add(titles, group);
    }
    for (size_t i = 0; i < count; i++)
        json_add(list, row_of(&rows[i], setting_card(rows[i].name)));
    json_set(answer, "groups", titles);
    json_set(answer, "settings", list);
    return api_answer(call, MHD_HTTP_OK, answer);
}

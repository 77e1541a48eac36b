/* settings.c - the settings of a shop: shown, changed, explained. What each means is said by the
 * API. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "commands.h"
#include "text.h"

static int ask_shop(struct ctl *ctl, const char *method, const json *body, json **out)
{
    OWN_BUF struct buf path = {0};
    buf_text(&path, "/v1/shops/");
    ctl_escape(&path, ctl->args[0]);
    ctl_scope(ctl, &path, false);
    return ctl_ask(ctl, method, buf_str(&path), body, out);
}

/* A text as it is, anything else as JSON; an empty map is nothing. */
static const char *value_text(const json *value)
{
    const char *text = json_string(value);
    if (*text || !value)
        return text;
    text = json_write(value);
    return strcmp(text, "{}") == 0 || strcmp(text, "\"\"") == 0 ? "" : text;
}

/* ---- shop show ---- */

static void print_group(struct ctl *ctl, const json *card, const json *group, const json *shop)
{
    struct table table = {.columns = 3};
    const json *rows = json_get(card, "settings");
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        if (strcmp(json_text(row, "group"), json_text(group, "code")) != 0)
            continue;
        const char *value = value_text(json_get(shop, json_text(row, "name")));
        table_cell(&table, "  %s", json_text(row, "name"));
        table_cell(&table, "%s", *value ? value : "-");
        table_cell(&table, "%s", json_text(row, "title"));
    }
    fprintf(ctl->out, "%s\n", json_text(group, "title"));
    if (table.cells)
        table_print(&table, ctl->out);
}

int command_shop_show(struct ctl *ctl)
{
    OWN_JSON json *shop = NULL, *card = NULL;
    int code = ask_shop(ctl, "GET", NULL, &shop);
    if (code != EXIT_OK)
        return code;
    if (ctl->json) {
        ctl_print_json(ctl, shop);
        return EXIT_OK;
    }
    code = ctl_ask(ctl, "GET", "/v1/settings", NULL, &card);
    const json *groups = json_get(card, "groups");
    for (size_t i = 0; code == EXIT_OK && i < json_count(groups); i++)
        print_group(ctl, card, json_at(groups, i), shop);
    if (code == EXIT_OK)
        fprintf(ctl->out, "company %s\ncartage setting explain NAME says what one does\n",
                json_text(shop, "company"));
    return code;
}

/* ---- shop set ---- */

/* One row of a map: the others stay as they are, so they are sent along. */
static int set_row(struct ctl *ctl, json *body, json **shop, const char *name, const char *value)
{
    const char *dot = strchr(name, '.');
    OWN_TEXT char *map = mem_text_n(name, (size_t)(dot - name));
    int code = *shop ? EXIT_OK : ask_shop(ctl, "GET", NULL, shop);
    if (code != EXIT_OK)
        return code;
    const json *before = json_get(body, map) ? json_get(body, map) : json_get(*shop, map);
    if (!json_is_object(before))
        return ctl_fail(ctl, EXIT_USAGE, "%s: %s is no map of rows; write SETTING=VALUE", name,
                        map);
    json *after = json_new_object();
    const char *key;
    json *child;
    JSON_EACH(key, child, before)
    if (strcasecmp(key, dot + 1) != 0)
        json_set(after, key, json_copy(child));
    if (*value)
        json_set_text(after, dot + 1, value);
    json_set(body, map, after);
    return EXIT_OK;
}

static int set_whole(struct ctl *ctl, json *body, const char *name, const char *value)
{
    struct err err = {0};
    json *map = NULL;
    if (*value != '{') {
        json_set_text(body, name, value); /* the server knows the setting's type */
        return EXIT_OK;
    }
    if (!json_parse(value, strlen(value), &map, &err))
        return ctl_fail(ctl, EXIT_USAGE, "%s: %s", name, err.text);
    json_set(body, name, map);
    return EXIT_OK;
}

int command_shop_set(struct ctl *ctl)
{
    OWN_JSON json *body = json_new_object(), *shop = NULL, *change = NULL;
    int code = EXIT_OK;
    for (size_t i = 1; code == EXIT_OK && i < ctl->arg_count; i++) {
        const char *equals = strchr(ctl->args[i], '=');
        if (!equals || equals == ctl->args[i])
            return ctl_fail(ctl, EXIT_USAGE, "\"%s\": write SETTING=VALUE", ctl->args[i]);
        OWN_TEXT char *name = mem_text_n(ctl->args[i], (size_t)(equals - ctl->args[i]));
        code = strchr(name, '.') ? set_row(ctl, body, &shop, name, equals + 1)
                                 : set_whole(ctl, body, name, equals + 1);
    }
    if (code == EXIT_OK)
        code = ask_shop(ctl, "PATCH", body, &change);
    if (code != EXIT_OK)
        return code;
    return ctl_answer(ctl, change, "shop %s: %s\n", ctl->args[0], json_text(change, "change"));
}

/* ---- what they mean ---- */

static bool is_asked(const json *row, const char *text)
{
    return strcmp(json_text(row, "group"), text) == 0 || strstr(json_text(row, "name"), text) ||
           strcasestr(json_text(row, "title"), text);
}

static void print_found(struct ctl *ctl, const json *found)
{
    static const char *const HEADS[] = {"SETTING", "TITLE", "VALUE", "LEFT OUT", "GROUP"};
    struct table table = {.columns = COUNT(HEADS)};
    for (size_t i = 0; i < COUNT(HEADS); i++)
        table_cell(&table, "%s", HEADS[i]);
    for (size_t i = 0; i < json_count(found); i++) {
        const json *row = json_at(found, i);
        const char *unit = json_text(row, "unit"), *type = json_text(row, "type");
        const char *otherwise = value_text(json_get(row, "default"));
        table_cell(&table, "%s", json_text(row, "name"));
        table_cell(&table, "%s", json_text(row, "title"));
        table_cell(&table, "%s", *unit ? unit : type);
        table_cell(&table, "%s", *otherwise ? otherwise : "-");
        table_cell(&table, "%s", json_text(row, "group"));
    }
    table_print(&table, ctl->out);
}

int command_setting_list(struct ctl *ctl)
{
    const char *text = ctl->arg_count ? ctl->args[0] : "";
    OWN_JSON json *card = NULL, *answer = json_new_object();
    json *found = json_new_array();
    json_set(answer, "settings", found);
    int code = ctl_ask(ctl, "GET", "/v1/settings", NULL, &card);
    const json *rows = json_get(card, "settings");
    for (size_t i = 0; i < json_count(rows); i++)
        if (is_asked(json_at(rows, i), text))
            json_add(found, json_copy(json_at(rows, i)));
    if (code != EXIT_OK)
        return code;
    if (ctl->json)
        ctl_print_json(ctl, answer);
    else if (!json_count(found))
        return ctl_fail(ctl, EXIT_NOT_FOUND, "no setting has \"%s\" in its name or title", text);
    else
        print_found(ctl, found);
    return EXIT_OK;
}

static void print_row(struct ctl *ctl, const json *row)
{
    const char *otherwise = value_text(json_get(row, "default"));
    const json *choices = json_get(row, "choices"), *needs = json_get(row, "needs"),
               *excludes = json_get(row, "excludes");
    fprintf(ctl->out, "%s (%s)\n\n%s\n\n", json_text(row, "title"), json_text(row, "name"),
            json_text(row, "explain"));
    fprintf(ctl->out, "value: %s",
            *json_text(row, "unit") ? json_text(row, "unit") : json_text(row, "type"));
    for (size_t i = 0; i < json_count(choices); i++)
        fprintf(ctl->out, "%s%s", i ? ", " : ": ", json_string(json_at(choices, i)));
    fprintf(ctl->out, "%s%s\n", *otherwise ? "; left out: " : "", otherwise);
    for (size_t i = 0; i < json_count(needs); i++) {
        const json *need = json_at(needs, i);
        if (json_get(need, "level"))
            fprintf(ctl->out, "needs access level %s of the company\n", json_text(need, "level"));
        else
            fprintf(ctl->out, "does something only with %s\n", json_text(need, "settings"));
    }
    for (size_t i = 0; i < json_count(excludes); i++)
        fprintf(ctl->out, "refused beside %s: %s; %s\n", json_text(json_at(excludes, i), "setting"),
                json_text(json_at(excludes, i), "reason"), json_text(json_at(excludes, i), "cure"));
}

int command_setting_explain(struct ctl *ctl)
{
    OWN_JSON json *card = NULL;
    int code = ctl_ask(ctl, "GET", "/v1/settings", NULL, &card);
    const json *rows = json_get(card, "settings");
    for (size_t i = 0; i < json_count(rows); i++) {
        const json *row = json_at(rows, i);
        if (strcasecmp(json_text(row, "name"), ctl->args[0]) != 0 &&
            strcasecmp(json_text(row, "title"), ctl->args[0]) != 0)
            continue;
        if (ctl->json)
            ctl_print_json(ctl, row);
        else
            print_row(ctl, row);
        return EXIT_OK;
    }
    return code != EXIT_OK ? code
                           : ctl_fail(ctl, EXIT_NOT_FOUND,
                                      "there is no setting \"%s\"; cartage setting list shows them",
                                      ctl->args[0]);
}

/* titles.c - what orders name that no code of Business Central is set for. */
#include "commands.h"
#include "lists.h"
#include "text.h"

int command_titles(struct ctl *ctl)
{
    static const char *const FIELDS[] = {"shop", "setting", "title", "order"};
    static const char *const HEADS[] = {"SHOP", "SETTING", "TITLE", "LATEST ORDER"};
    OWN_JSON json *answer = NULL;
    json *rows = NULL;
    struct table table = {.columns = COUNT(HEADS)};
    int code = list_ask(ctl, "/v1/titles", "titles", true, &answer, &rows);
    if (code != EXIT_OK || !json_count(rows))
        return code;
    for (size_t i = 0; i < COUNT(HEADS); i++)
        table_cell(&table, "%s", HEADS[i]);
    for (size_t i = 0; i < json_count(rows); i++)
        for (size_t k = 0; k < COUNT(FIELDS); k++)
            table_cell(&table, "%s", json_text(json_at(rows, i), FIELDS[k]));
    table_print(&table, ctl->out);
    return EXIT_OK;
}

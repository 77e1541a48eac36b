/* rows.c - lists of what people set up, page by page. */
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "admin/call.h"

struct row {
    char *key;
    json *tree;
};

static int by_key(const void *one, const void *two)
{
    return strcmp(((const struct row *)one)->key, ((const struct row *)two)->key);
}

/* The rows behind `after`, at most so many; *next = the last one's key when there are more. */
static json *page_of(const struct row *rows, size_t count, const char *after, size_t most,
                     const char **next)
{
    json *page = json_new_array();
    size_t first = 0;
    while (after && first < count && strcmp(rows[first].key, after) <= 0)
        first++;
    size_t end = count - first > most ? first + most : count;
    for (size_t i = first; i < end; i++)
        json_add(page, json_share(rows[i].tree));
    *next = end < count ? rows[end - 1].key : NULL;
    return page;
}

bool api_rows(struct api_call *call, const char *name, json *taken, const char *const keys[2],
              struct err *err)
{
    OWN_JSON json *list = taken;
    int64_t limit;
    const char *next;
    size_t count = json_count(list);
    if (!api_query_int(call, "limit", 1, API_ROWS, API_ROWS, &limit, err))
        return false;
    struct row *rows = mem_array(count + 1, sizeof *rows);
    for (size_t i = 0; i < count; i++) {
        json *tree = json_at(list, i);
        rows[i].tree = tree;
        rows[i].key = mem_printf("%s%s%s", json_text(tree, keys[0]), keys[1] ? " " : "",
                                 keys[1] ? json_text(tree, keys[1]) : "");
    }
    qsort(rows, count, sizeof *rows, by_key);
    json *answer = json_new_object();
    json_set(answer, name, page_of(rows, count, api_query(call, "after"), (size_t)limit, &next));
    if (next)
        json_set_text(answer, "next", next);
    for (size_t i = 0; i < count; i++)
        free(rows[i].key);
    free(rows);
    return api_answer(call, MHD_HTTP_OK, answer);
}

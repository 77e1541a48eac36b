/* pages.c - lists over companies and shops, page by page. */
#include "admin/pages.h"

#include <inttypes.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/cues.h"

/* ---- where a page ends: company/shop/key/time/record ---- */

bool page_end_read(const char *text, struct page_end *out, struct err *err)
{
    char *end, at[24];
    const char *rest = text;
    int used = 0;
    *out = (struct page_end){0};
    if (!text)
        return true;
    char *const parts[] = {out->company, out->code, out->key, at};
    const size_t rooms[] = {sizeof out->company, sizeof out->code, sizeof out->key, sizeof at};
    for (; used < 4; used++) {
        size_t size = strcspn(rest, "/");
        if (!rest[size] || size >= rooms[used])
            break;
        memcpy(parts[used], rest, size);
        parts[used][size] = 0;
        rest += size + 1;
    }
    if (used == 4 && strlen(rest) < LIST_ID) { /* without a record: where a source begins */
        out->place.at_ms = strtoll(at, &end, 10);
        snprintf(out->place.id, sizeof out->place.id, "%s", rest);
        if (!*end)
            return true;
    }
    return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                   "after: want the text that the page before gave as next");
}

void page_end_write(char out[static PAGE_END], const char *company, const char *code,
                    const char *key, const struct list_place *place)
{
    snprintf(out, PAGE_END, "%s/%s/%s/%" PRId64 "/%s", company, code, key, place->at_ms, place->id);
}

/* ---- a list ---- */

struct walk {
    struct api_call *call;
    const struct paged_list *list;
    size_t most;
    json *rows;
    struct page_end from;
    char next[PAGE_END];
};

static bool read_source(struct walk *walk, const char *company, const char *code, struct err *err)
{
    static const struct list_place BEGINNING = {0};
    OWN_JSON json *part = NULL;
    struct list_place next;
    struct page_end *from = &walk->from;
    size_t room = walk->most - json_count(walk->rows);
    if (*from->company && (strcmp(from->company, company) != 0 || strcmp(from->code, code) != 0))
        return true; /* the pages before have shown it */
    if (room == 0) {
        page_end_write(walk->next, company, code, "", &BEGINNING);
        return true;
    }
    const struct list_place *after = *from->place.id ? &from->place : NULL;
    if (!walk->list->read(walk->call, company, code, after, room, &part, &next, err))
        return false;
    *from = (struct page_end){0};
    api_add_rows(walk->rows, part, company);
    if (*next.id)
        page_end_write(walk->next, company, code, "", &next);
    return true;
}

static bool read_shops(struct walk *walk, struct err *err)
{
    OWN_SCOPES struct scopes scopes = {0};
    if (!scopes_read(walk->call, &scopes, err))
        return false;
    for (size_t i = 0; i < scopes.count && !*walk->next; i++)
        if (*scopes.items[i].code &&
            !read_source(walk, scopes.items[i].company, scopes.items[i].code, err))
            return false;
    return true;
}

static int by_text(const void *one, const void *two)
{
    return strcmp(*(const char *const *)one, *(const char *const *)two);
}

static bool read_companies(struct walk *walk, struct err *err)
{
    OWN_JSON json *companies = NULL;
    bool good = true;
    if (!api_companies(walk->call, &companies, err))
        return false;
    size_t count = json_count(companies);
    const char **ids = mem_array(count + 1, sizeof *ids);
    for (size_t i = 0; i < count; i++)
        ids[i] = json_string(json_at(companies, i));
    qsort(ids, count, sizeof *ids, by_text);
    for (size_t i = 0; good && i < count && !*walk->next; i++)
        good = read_source(walk, ids[i], "", err);
    free(ids);
    return good;
}

bool page_list(struct api_call *call, const struct paged_list *list, struct err *err)
{
    OWN_JSON json *rows = json_new_array();
    struct walk walk = {.call = call, .list = list, .rows = rows};
    int64_t limit;
    if (!api_query_int(call, "limit", 1, list->most, list->usual, &limit, err) ||
        !page_end_read(api_query(call, "after"), &walk.from, err))
        return false;
    walk.most = (size_t)limit;
    if (!(list->by_shop ? read_shops(&walk, err) : read_companies(&walk, err)))
        return false;
    json *answer = json_new_object();
    json_set(answer, list->name, GIVE(rows));
    if (*walk.next)
        json_set_text(answer, "next", walk.next);
    return api_answer(call, MHD_HTTP_OK, answer);
}

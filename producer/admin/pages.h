/* pages.h - where a page of a list over shops has ended, as a text that the caller sends back, and
 * such lists, read shop by shop.
 */
#ifndef CARTAGE_ADMIN_PAGES_H
#define CARTAGE_ADMIN_PAGES_H

#include "admin/call.h"
#include "store/lists.h"

enum { PAGE_END = 320 };
struct page_end { /* all "" = at the beginning */
    char company[UUID_TEXT], code[32], key[48];
    struct list_place place;
};
/* NULL = the beginning. ERR_FATAL, 400, on what page_end_write has not written. */
MUST_USE bool page_end_read(const char *text, struct page_end *out, struct err *err);
void page_end_write(char out[static PAGE_END], const char *company, const char *code,
                    const char *key, const struct list_place *place);

/* Reads a page of one source; next->id "" = it has no more. */
typedef bool page_reader(struct api_call *call, const char *company, const char *shop,
                         const struct list_place *after, size_t most, json **out,
                         struct list_place *next, struct err *err);
struct paged_list {
    const char *name; /* of the rows in the answer */
    bool by_shop;     /* else a company is one source, its shop "" */
    int64_t most, usual;
    page_reader *read;
};
/* Answers {name: rows, "next"}: of the companies and the shop that the query names, or of all. */
bool page_list(struct api_call *call, const struct paged_list *list, struct err *err);

#endif

/* directory.h - entries found by what they are called and are for.
 *
 * Promise:  a producer remembers of each entry its words, operation, category and shop (about 200
 *           bytes, and only once somebody has asked), reads what is new before each look, and all
 *           of it after an edit; so a list of ten thousand is filtered without reading them.
 * Threads:  any.     Blocks: as long as some Redis calls.
 */
#ifndef CARTAGE_ADMIN_DIRECTORY_H
#define CARTAGE_ADMIN_DIRECTORY_H

#include "ledger/names.h"

struct directory;
MUST_USE struct directory *directory_new(void);
void directory_free(struct directory *directory);

struct directory_query {
    const char *shop, *category, *operation; /* NULL = any */
    const char *search;                      /* words, or beginnings of words; NULL = any */
    int64_t after; /* number of the entry that the page before ended with */
    size_t most;   /* up to ENTRIES_MOST */
};
/* Ids and numbers of entries that fit, in order of creation: [{"id", "no"}]. */
MUST_USE bool directory_find(struct directory *directory, struct ledger *ledger,
                             const char *company, const struct directory_query *query, json **out,
                             struct err *err);
/* Does an entry, as the API shows it, fit? */
bool directory_fits(const struct directory_query *query, const json *entry);

#endif

/* families.h - which entries of a company change the same records without waiting for each other.
 * Pure.
 *
 * A category is the lock: entries of one category take turns. Two entries in different categories,
 * or in one that lets several run at once, that change the same family of records, of the same
 * store or of the company, may do it at the same moment. Nothing is made twice by it (schemas/staging/lock.md), but one run then waits for
 * the other in the middle of its work, or sees half of it: so it is said beforehand.
 */
#ifndef CARTAGE_FAMILIES_H
#define CARTAGE_FAMILIES_H

#include "model/operations.h"

struct queued { /* an active entry */
    const char *id, *name;
    const char *category; /* "" = none */
    bool abreast;         /* its category, or having none, lets several run at once */
    const struct operation *operation;
    const struct shop *shop; /* NULL = it is for no shop */
};

enum { SWITCHES_MOST = 2 };
struct conflict {
    size_t first, second; /* of the entries; first < second */
    enum family family;
    /* Whose switches make the two collide: each of them turned off ends it. */
    size_t switch_count;
    struct {
        const char *setting; /* a row of the shop card */
        const struct shop *shop;
    } switches[SWITCHES_MOST];
};

/* At most one for two groups of entries that are alike in operation, category and shop: that of
 * what no switch turns off, if there is one. `with` = only those of this entry; SIZE_MAX = all. */
size_t conflicts_find(const struct queued entries[], size_t count, size_t with,
                      struct conflict out[], size_t most);
/* What the two do, and why they collide; without the cure. */
void conflict_text(const struct queued entries[], const struct conflict *conflict, struct buf *out);
/* Whether it may change records of this family under any settings. */
bool operation_uses(const struct operation *operation, enum family family);
const char *family_name(enum family family); /* "customers" */

#endif

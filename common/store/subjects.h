/* subjects.h - the records that events have named for an entry's next run.
 *
 * Shopify's search lags behind its events, reads by id do not: a run reads these first. What it has
 * staged it takes away in the same WRITE, by its mark; a record that an event names again meanwhile
 * has another mark and stays for the run after.
 */
#ifndef CARTAGE_STORE_SUBJECTS_H
#define CARTAGE_STORE_SUBJECTS_H

#include "ledger/write.h"
#include "store/store.h"

struct store_subject {
    char *id; /* "*" = too many to name: all */
    int64_t mark;
};
struct store_subjects {
    struct store_subject *items; /* in the order in which they were named */
    size_t count;
};
void store_subjects_drop(struct store_subjects *subjects);
#define OWN_SUBJECTS __attribute__((cleanup(store_subjects_drop)))

MUST_USE bool store_subjects(struct ledger *ledger, const char *company, const char *entry,
                             struct store_subjects *out, struct err *err);
void store_subject_done(struct write *write, const char *entry,
                        const struct store_subject *subject);

#endif

/* wake.h - what an event from outside asks of the ledger: entries due now, or a one-off entry.
 *
 * Promise:  an event that was taken leads to a run that begins after it; taken twice within a day
 * it leads to nothing more (a company remembers its latest 100,000). Errors:   as ledger.h; what an
 * entry says is an answer, also when it refuses.
 */
#ifndef CARTAGE_WAKE_H
#define CARTAGE_WAKE_H

#include "ledger/ledger.h"

enum { SUBJECTS_MOST = 1000, SUBJECT_MOST_BYTES = 64 };

struct wake_cause {
    const char *source, *id; /* of the event; NULL = it has none, and doubles are not known */
    const char *traceparent; /* of what caused the run; NULL = not said */
    /* Records it is about, which the run reads first; above SUBJECTS_MOST: all. No spaces in them.
     */
    const char *const *subjects;
    size_t subject_count;
};

enum wake {
    WAKE_DONE,    /* due now */
    WAKE_LATER,   /* due shortly: its last run has ended just now */
    WAKE_COVERED, /* a run that has not begun will see it */
    WAKE_RERUN,   /* the run at hand may not see it: once more, after it */
    WAKE_DOUBLE,  /* taken before */
    WAKE_GONE,    /* refused from here on */
    WAKE_RESTING,
    WAKE_ONCE,
};
const char *wake_name(enum wake answer); /* "done", ... */
const char *wake_text(enum wake answer); /* for people */
bool wake_is_refusal(enum wake answer);

/* Entries of one company. */
MUST_USE bool ledger_wakes(struct ledger *ledger, const char *company, const char *const entries[],
                           size_t count, const struct wake_cause *cause, enum wake answers[],
                           struct tickets *granted, struct err *err);
/* ADD of a one-off entry with a coalesce key, because of an event. */
enum added { ADDED_NEW, ADDED_EXISTING, ADDED_DOUBLE };
MUST_USE bool ledger_add_for(struct ledger *ledger, const struct entry_definition *definition,
                             const struct wake_cause *cause, char entry_id[static UUID_TEXT],
                             enum added *answer, struct tickets *granted, struct err *err);
/* Recurring entries of an operation: [{"id", "arguments"}]. */
MUST_USE bool ledger_entries_of(struct ledger *ledger, const char *company, const char *operation,
                                json **out, struct err *err);

/* The operation of an entry; `company` "" = found out. ERR_FATAL 404 = there is none of this id. */
MUST_USE bool ledger_entry_operation(struct ledger *ledger, const char *entry_id,
                                     char company[static UUID_TEXT], char operation[static 64],
                                     struct err *err);

/* Below: of this room. wake_key: what a second delivery of the event to `target` is known by; "" =
 * none. */
enum { WAKE_KEY_TEXT = 33 };
void wake_subjects(const struct wake_cause *cause, struct buf *out); /* with spaces between */
void wake_key(const struct wake_cause *cause, const char *target, char out[static WAKE_KEY_TEXT]);

#endif

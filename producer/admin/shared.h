/* shared.h - readers who ask for the same at the same time are answered by one read.
 *
 * Twenty open dashboards ask for the same cues again and again. A reader takes part in a read that
 * has not begun yet, never in one that runs: what is answered was read after it was asked for, so
 * whoever has changed something sees that.
 * Few are read at once, in the order of their questions: nobody is overtaken for long.
 * Threads: all functions, from any.
 */
#ifndef CARTAGE_ADMIN_SHARED_H
#define CARTAGE_ADMIN_SHARED_H

#include <stdbool.h>

struct shared_reads;
struct shared_read;

struct shared_reads *shared_new(void);
void shared_free(struct shared_reads *reads); /* NULL is fine; no read is under way */

/* Waits for its turn. *leads: the caller reads now, and must tell with shared_end(); otherwise
 * somebody else has read meanwhile. `key` says all that the answer depends on. */
struct shared_read *shared_begin(struct shared_reads *reads, const char *key, bool *leads);
/* `text` is copied; NULL = it did not come to an answer, and each reads for itself. */
void shared_end(struct shared_reads *reads, struct shared_read *read, const char *text);
/* The answer; NULL = there is none. Lives until shared_leave(). */
const char *shared_text(const struct shared_read *read);
void shared_leave(struct shared_reads *reads, struct shared_read *read); /* NULL is fine */

#endif

/* mailbox.h - a bounded queue of owned pointers between threads.
 *
 * Threads: any number may put and take.   Blocks: as long as the wait says (ms; -1 = for ever).
 * Closing wakes everybody; what is inside can still be taken.
 */
#ifndef CARTAGE_MAILBOX_H
#define CARTAGE_MAILBOX_H

#include "base/own.h"

struct mailbox;

MUST_USE struct mailbox *mailbox_new(size_t capacity);
void mailbox_free(struct mailbox *box); /* must be empty */
OWNABLE(mailbox)

/* Takes the pointer at `item` (a void ** in disguise) and leaves NULL there; false = full or
 * closed, nothing taken. */
MUST_USE bool mailbox_put(struct mailbox *box, void *item, int wait_ms);
MUST_USE void *mailbox_take(struct mailbox *box, int wait_ms); /* NULL = none in time, or closed */
size_t mailbox_count(struct mailbox *box);
void mailbox_close(struct mailbox *box);

#endif

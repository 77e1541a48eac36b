/* undone.h - records that a run leaves for later: the first by the name people know, how many more,
 * and why. So the end of the run names what it is about.
 */
#ifndef CARTAGE_OPERATIONS_UNDONE_H
#define CARTAGE_OPERATIONS_UNDONE_H

#include "attempt.h"

struct undone {
    size_t count;
    int64_t next_look_ms; /* when the earliest can be looked at; 0 = none needs it */
    char first[80], why[240];
};
/* `name` is the number people know, `why` NULL where the end of the run says it. */
void undone_add(struct undone *undone, const char *name, const char *why);
/* One more, which the run comes back for. */
void undone_look(struct undone *undone, const char *name, int64_t until_ms);

/* What failed in passing: ERR_RETRY, "order #1001 and 2 more could not be sent: ...; tried again".
 */
bool undone_retry(const struct undone *undone, const char *kind, struct err *err);
/* What has no answer yet: the run parks for it, at most so long, and keeps nobody waiting. */
bool undone_come_back(const struct undone *undone, const char *kind, const struct attempt *attempt,
                      int64_t most_ms, struct err *err);

#endif

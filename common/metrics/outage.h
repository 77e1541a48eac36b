/* outage.h - one line when something goes away, one when it is back: a loop that fails ten times a
 * second says so once. One outage per loop and thread. */
#ifndef CARTAGE_OUTAGE_H
#define CARTAGE_OUTAGE_H

#include "base/err.h"

struct outage {
    const char *loop;
    bool on;
};
void outage_begin(struct outage *outage, const struct err *err);
void outage_end(struct outage *outage);

#endif

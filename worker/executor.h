/* executor.h - what an attempt's end leads to: the one place that turns an error's kind into an
 * outcome. */
#ifndef CARTAGE_EXECUTOR_H
#define CARTAGE_EXECUTOR_H

#include "attempt.h"

struct verdict {
    enum outcome outcome;
    bool lost;       /* somebody else has the task: nothing to finish */
    int64_t at_ms;   /* 0 = by the rules */
    const char *why; /* PARK only, a constant */
};
/* `gate` says why a cancelled attempt was cancelled; now_ms is Redis time. Pure. */
struct verdict executor_verdict(bool good, const struct err *err, enum gate gate, int64_t now_ms);

#endif

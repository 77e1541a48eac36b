/* answer.h - what an answer of Business Central means. Pure. */
#ifndef CARTAGE_BC_ANSWER_H
#define CARTAGE_BC_ANSWER_H

#include "base/err.h"
#include "wire/json.h"

enum bc_verdict {
    BC_OK,
    BC_TOKEN,   /* 401 */
    BC_LATER,   /* not run: the whole credential waits */
    BC_AGAIN,   /* not run: a lock was lost; this call may go again */
    BC_BROKEN,  /* outcome unknown */
    BC_REFUSED, /* not run, and will not be */
};
struct bc_answer {
    enum bc_verdict verdict;
    int64_t wait_ms; /* what the server said, -1 = nothing */
    char correlation[64];
    struct err err; /* for all but BC_OK; kind as for a read */
};
/* body NULL = empty or no JSON. retry_after_ms -1 = not said. `doing` begins the text. */
void bc_answer_read(int status, const json *body, int64_t retry_after_ms, const char *doing,
                    struct bc_answer *out);

#endif

/* follow.h - a run as people watch it: a bar on a terminal, plain lines elsewhere, then the result.
 */
#ifndef CARTAGE_CTL_FOLLOW_H
#define CARTAGE_CTL_FOLLOW_H

#include "ctl.h"

struct follow {
    struct ctl *ctl;
    bool terminal;
    json *run;       /* as last seen, owned */
    char shown[256]; /* last plain line without its figures */
    int64_t shown_ms;
    char step[64]; /* whose rate is counted */
    int64_t step_ms, step_done;
};
void follow_open(struct follow *follow, struct ctl *ctl);
void follow_drop(struct follow *follow);

/* A newer state of the run; of the type client_line. */
void follow_see(void *follow, const json *run);
/* The result on standard output (JSON with --json), and the exit code it means. */
int follow_result(struct follow *follow);
/* Progress until it ends (or Ctrl-C); gives the run as it ended (owned) and says nothing of it. */
int follow_to_end(struct ctl *ctl, const json *run, json **ended);
/* All of it, from the run as it stands until it ends (or Ctrl-C). */
int follow_run(struct ctl *ctl, const json *run);

bool run_ended_well(const json *run);
/* "read 240, created 198, skipped 42" */
void counts_text(const json *counts, struct buf *out);
void took_text(const json *run, char out[static 32]); /* from its first start to its end */

#endif

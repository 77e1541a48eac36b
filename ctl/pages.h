/* pages.h - what lists that come in pages share (log.c): how far back, how many, of what. */
#ifndef CARTAGE_CTL_PAGES_H
#define CARTAGE_CTL_PAGES_H

#include "ctl.h"

enum { PAGE = 200 }; /* most that one call answers */

/* What such a flag says, --since or --until: "2 hours" back from now, or a time; 0 = not given. */
MUST_USE bool page_time(const struct ctl *ctl, const char *flag, const char *text, int64_t *ms,
                        struct err *err);
/* --limit, or as many as are usual. */
MUST_USE bool page_most(const struct ctl *ctl, int64_t *most, struct err *err);

#endif

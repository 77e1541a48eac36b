/* pages.h - what lists that come in pages share (log.c): how far back, how many, of what. */
#ifndef CARTAGE_CTL_PAGES_H
#define CARTAGE_CTL_PAGES_H

#include "ctl.h"

enum { PAGE = 200 }; /* most that one call answers */

/* --since: "2 hours" back from now, or a time; 0 = not given. */
MUST_USE bool page_since(const struct ctl *ctl, int64_t *ms, struct err *err);
/* --limit, or as many as are usual. */
MUST_USE bool page_most(const struct ctl *ctl, int64_t *most, struct err *err);
/* "&name=value"; nothing where the value is NULL. */
void page_filter(struct buf *path, const char *name, const char *value);

#endif

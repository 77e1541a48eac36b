/* entries_found.h - entries of a company that fit what a list asks for. */
#ifndef CARTAGE_ADMIN_ENTRIES_FOUND_H
#define CARTAGE_ADMIN_ENTRIES_FOUND_H

#include "admin/call.h"

/* Does the query ask for some only? */
bool entries_are_filtered(const struct api_call *call);
/* Those behind number `after` that fit, at most `most`, in order of creation; *next = where the
 * page behind begins, 0 = there is none. A call looks at a bounded number of entries, so a page may
 * have room left though others follow. */
MUST_USE bool entries_found(struct api_call *call, const char *company, int64_t after, size_t most,
                            json **out, int64_t *next, struct err *err);

#endif

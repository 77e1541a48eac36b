/* notify.h - a company's section `notify` in the API. */
#ifndef CARTAGE_ADMIN_NOTIFY_H
#define CARTAGE_ADMIN_NOTIFY_H

#include "admin/call.h"

/* The section in its one form, checked, its secrets sealed; "" = nobody is told. `section` NULL =
 * the body has none. */
MUST_USE bool notify_read(struct api_call *call, const char *company, json *section,
                          struct buf *text, struct err *err);
/* Stores it; *changed is set when it is another one. */
MUST_USE bool notify_put(struct api_call *call, const char *company, const struct buf *text,
                         bool *changed, struct err *err);
/* Adds it to a company's settings where there is one. */
MUST_USE bool notify_add(struct api_call *call, const char *company, json *settings,
                         struct err *err);
/* May somebody be told of the end of a run that was asked for? NULL or "" = nobody, which is fine.
 */
MUST_USE bool notify_known(struct api_call *call, const char *company, const char *target,
                           struct err *err);

#endif

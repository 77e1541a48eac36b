/* sync.h - an operation now: its entry, and the run that comes of it. */
#ifndef CARTAGE_ADMIN_SYNC_H
#define CARTAGE_ADMIN_SYNC_H

#include "admin/call.h"
#include "model/operations.h"

struct sync_wish {
    const char *company;
    const struct operation *operation;
    const char *arguments; /* canonical */
    const char *notify;    /* "" = nobody */
    enum priority priority;
    bool background;
};
/* Refuses a shop that is not enabled; *background = its toggle. */
MUST_USE bool sync_ready(struct api_call *call, const char *company, const char *shop,
                         bool *background, struct err *err);
/* A one-off entry, under way; gives its run as it stands. A wish that waits already is the same. */
MUST_USE bool sync_start(struct api_call *call, const struct sync_wish *wish, json **run,
                         struct err *err);
/* What the caller wants of runs it waits for, once it has left: {"on_leave": "cancel" or
 * "goes-on"}. */
MUST_USE bool sync_on_leave(const json *body, bool *goes_on, struct err *err);

#endif

/* actions.h - a call of this API that an answer offers: what a page turns into a button, and a
 * person may type. Its role is the route's, so that nobody is shown what would be refused.
 */
#ifndef CARTAGE_ADMIN_ACTIONS_H
#define CARTAGE_ADMIN_ACTIONS_H

#include "wire/json.h"

/* {"title", "method", "path", "role"}; `path` may carry a query. */
json *action_new(const char *title, const char *method, const char *path);
/* The same, with the body (taken, NULL = none) and the command that does it. */
json *action_with(const char *title, const char *method, const char *path, json *body,
                  const char *command);

#endif

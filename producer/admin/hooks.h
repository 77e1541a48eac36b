/* hooks.h - calls of the peers themselves, with proofs of their own instead of a token. */
#ifndef CARTAGE_ADMIN_HOOKS_H
#define CARTAGE_ADMIN_HOOKS_H

#include "admin/call.h"

enum { HOOK_MAX_BODY = 1 << 20 };
/* Its body is the peer's, and its path is not for logs: the last part is a secret. */
bool call_is_hook(const struct api_call *call);

#endif

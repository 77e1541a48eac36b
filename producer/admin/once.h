/* once.h - Idempotency-Key: a POST that is sent again is answered again, and done once.
 *
 * The first answer is kept for a day under the key and the caller's name; the same key with another
 * request is refused (422). A first request that is still under way is 409; one whose producer died
 * frees its key after two minutes, and what it had made is found by its own name or id.
 */
#ifndef CARTAGE_ADMIN_ONCE_H
#define CARTAGE_ADMIN_ONCE_H

#include "admin/call.h"

/* *repeated: the call is answered already. Fills call->once. */
MUST_USE bool once_begin(struct api_call *call, bool *repeated, struct err *err);
/* Keeps the answer; a request that was refused frees its key, for nothing was done. */
void once_end(struct api_call *call, bool good);

#endif

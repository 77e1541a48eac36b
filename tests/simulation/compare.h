/* compare.h - whether the store and Redis said the same. */
#ifndef CARTAGE_SIMULATION_COMPARE_H
#define CARTAGE_SIMULATION_COMPARE_H

#include <hiredis/hiredis.h>

#include "base/buf.h"
#include "store.h"

/* False = they differ, told on standard error with the command. Where Redis promises no order (the
 * fields of a hash, the members of a set), none is asked for. */
bool compare_replies(const struct words *words, const char *script, const redisReply *ours,
                     const redisReply *theirs);
void reply_write(const redisReply *reply, bool in_order, struct buf *out);

#endif

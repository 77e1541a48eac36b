/* engine.h - Lua 5.1 as Redis has it: runs a script of schemas/redis against a store.
 *
 * What a script cannot tell apart from Redis: the conversions of replies, the words of an error,
 * its random numbers, no globals, flags of the first line.
 */
#ifndef CARTAGE_SIMULATION_ENGINE_H
#define CARTAGE_SIMULATION_ENGINE_H

#include <hiredis/hiredis.h>

#include "store.h"

enum { SHA_TEXT = 41 };

struct engine;
struct engine *engine_new(void);
void engine_free(struct engine *engine);
OWNABLE(engine)
/* SCRIPT LOAD; a text that is no script ends the process. */
void engine_load(struct engine *engine, const char *text, size_t size, char sha[static SHA_TEXT]);
void engine_forget(struct engine *engine); /* a restart: NOSCRIPT until they are loaded again */
/* EVALSHA; the reply is the caller's, freed by freeReplyObject. `words` are keys and arguments. */
redisReply *engine_run(struct engine *engine, struct store *store, const char *sha, int keys,
                       const struct words *words);

redisReply *engine_reply(const struct answer *answer); /* the caller's */
redisReply *engine_error(const char *text);

#endif

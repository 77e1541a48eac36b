/* redis.h - one Redis connection, scripts by name.
 *
 * Errors:  ERR_RETRY when nothing was sent (no connection), ERR_UNCERTAIN when no reply came back,
 *          ERR_RETRY for LOADING, BUSY, OOM and READONLY replies, ERR_FATAL for any other error
 * reply. Threads: one connection per thread.   Blocks: at most timeout_ms a call. A failed
 * connection is thrown away; the next call opens a new one.
 */
#ifndef CARTAGE_REDIS_H
#define CARTAGE_REDIS_H

#include <hiredis/hiredis.h>

#include "base/buf.h"
#include "base/err.h"
#include "config/redis_access.h"

struct redis;

/* address: "host:port" or "redis[s]://[user:password@]host:port[/db]" (the text is copied); access:
 * what it does not say (borrowed for the life of the connection; NULL = nothing). rediss speaks
 * TLS: a certificate that is not trusted or a refused password is ERR_FATAL and names the setting.
 */
MUST_USE bool redis_open(const char *address, const struct redis_access *access, int timeout_ms,
                         struct redis **out, struct err *err);
void redis_free(struct redis *redis);
OWNABLE(redis)

/* Caller frees *out with freeReplyObject. sizes NULL = texts. */
MUST_USE bool redis_command(struct redis *redis, int argc, const char *const argv[],
                            const size_t sizes[], redisReply **out, struct err *err);
MUST_USE bool redis_commandf(struct redis *redis, redisReply **out, struct err *err,
                             const char *format, ...);
/* Runs schemas/redis/<name>.lua by EVALSHA; on NOSCRIPT loads and repeats. Fault points
 * "redis.before:<name>" and "redis.after:<name>" stand around it. */
MUST_USE bool redis_script(struct redis *redis, const char *name, int keys, int argc,
                           const char *const argv[], const size_t sizes[], redisReply **out,
                           struct err *err);
/* The same in steps, so that many are on their way at once: every script is made ready, then asked;
 * answers come in the order of asking. An answer that fails with ERR_UNCERTAIN takes all that were
 * asked behind it along. Nothing else may be called between asking and the last answer. */
MUST_USE bool redis_script_ready(struct redis *redis, const char *name, struct err *err);
MUST_USE bool redis_script_ask(struct redis *redis, const char *name, int keys, int argc,
                               const char *const argv[], const size_t sizes[], struct err *err);
MUST_USE bool redis_script_answer(struct redis *redis, const char *name, redisReply **out,
                                  struct err *err);
/* Counts connections opened; a reader of it knows that a reconnect happened. */
int64_t redis_connects(const struct redis *redis);

static inline void redis_reply_cleanup_(redisReply **reply)
{
    if (*reply)
        freeReplyObject(*reply);
}
#define OWN_REPLY __attribute__((cleanup(redis_reply_cleanup_)))

#endif

/* redis.h - a real redis-server of a test's own: free loopback port, own folder, ends with the
 * test.
 *
 * A durable one keeps what production keeps: every write is on disk before the answer. TEST_KEEP
 * leaves the folder, with the log, behind.
 */
#ifndef CARTAGE_TEST_REDIS_H
#define CARTAGE_TEST_REDIS_H

#include "ledger/redis.h"
#include "support/proc.h"

struct test_redis {
    char dir[64], address[32];
    bool durable;
    struct proc *proc; /* NULL = killed */
};

/* Ends the process with a sentence and the log's place when it does not start. */
void test_redis_start(struct test_redis *redis, bool durable);
void test_redis_kill(struct test_redis *redis); /* as by SIGKILL; a durable one's data stays */
/* Between a kill and the next start: waits until somebody has asked for it in vain. */
void test_redis_missed(struct test_redis *redis);
void test_redis_again(struct test_redis *redis); /* after a kill: same address, same data */
void test_redis_stop(struct test_redis *redis);  /* and removes its folder */

/* How many records of the history tell of this event: XRANGE's answer, which is cut to pieces. */
int test_recorded(redisReply *items, const char *event);

#endif

/* redis.h - a real redis-server of a test's own: free loopback port, own folder, ends with the
 * test.
 *
 * It keeps what production keeps (every write on disk before the answer); CARTAGE_TEST_DURABLE=0
 * leaves the disk out, for long simulations.
 */
#ifndef CARTAGE_TEST_REDIS_H
#define CARTAGE_TEST_REDIS_H

#include "support/proc.h"

struct test_redis {
    char dir[64], address[32];
    struct proc *proc;
};

/* Ends the process with a sentence and the log's place when it does not start. */
void test_redis_start(struct test_redis *redis, bool durable);
void test_redis_stop(struct test_redis *redis); /* and removes its folder */

#endif

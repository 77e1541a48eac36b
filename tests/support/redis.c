/* redis.c - starts redis-server and waits until it answers. */
#include "support/redis.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ledger/redis.h"

enum { START_MS = 10000, TRIES = 5 };

static int free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int one = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool good = one >= 0 && bind(one, (struct sockaddr *)&at, size) == 0 &&
                getsockname(one, (struct sockaddr *)&at, &size) == 0;
    assert(good);
    close(one);
    return ntohs(at.sin_port);
}

/* True as well when it has died: waiting longer helps nobody. */
static bool answers_or_died(void *state)
{
    struct test_redis *test = state;
    struct err err;
    OWN(redis) struct redis *redis = NULL;
    OWN_REPLY redisReply *reply = NULL;
    return !proc_alive(test->proc) || (redis_open(test->address, 500, &redis, &err) &&
                                       redis_commandf(redis, &reply, &err, "PING"));
}

void test_redis_start(struct test_redis *redis, bool durable)
{
    char log[96], port[16];
    const char *off = getenv("CARTAGE_TEST_DURABLE");
    durable = durable && !(off && strcmp(off, "0") == 0);
    signal(SIGPIPE, SIG_IGN);
    *redis = (struct test_redis){.dir = "/tmp/cartage-redis-XXXXXX"};
    char *dir = mkdtemp(redis->dir);
    assert(dir);
    snprintf(log, sizeof log, "%s/redis.log", redis->dir);
    for (int tries = 0; tries < TRIES; tries++) { /* somebody may take the port in between */
        snprintf(port, sizeof port, "%d", free_port());
        snprintf(redis->address, sizeof redis->address, "127.0.0.1:%s", port);
        redis->proc =
            proc_start("redis", log,
                       (const char *const[]){"redis-server", "--port", port, "--bind", "127.0.0.1",
                                             "--dir", dir, "--save", "", "--appendonly",
                                             durable ? "yes" : "no", "--appendfsync", "always",
                                             "--maxmemory-policy", "noeviction", NULL},
                       NULL);
        if (wait_for(answers_or_died, redis, START_MS) && proc_alive(redis->proc))
            return;
        proc_kill(redis->proc);
        proc_free(redis->proc);
    }
    fprintf(stderr, "redis-server did not start; see %s\n", log);
    abort();
}

void test_redis_stop(struct test_redis *redis)
{
    OWN_TEXT char *command = mem_printf("rm -rf %s", redis->dir);
    proc_kill(redis->proc); /* nothing in it is needed any more */
    proc_free(redis->proc);
    if (system(command) != 0)
        fprintf(stderr, "could not remove %s\n", redis->dir);
}

/* redis.c - starts redis-server and waits until it answers. */
#include "support/redis.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ledger/history.h"

enum { START_MS = 10000, TRIES = 5 };

/* Below those that the system gives to whoever asks for any, so that nobody gets it before it is
 * used, nor while the server is away. */
static int free_port(void)
{
    for (;;) {
        uint16_t port;
        if (getrandom(&port, sizeof port, 0) != sizeof port)
            abort();
        port = (uint16_t)(20000 + port % 12000);
        const struct sockaddr_in at = {.sin_family = AF_INET,
                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                       .sin_port = htons(port)};
        int one = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bool good = one >= 0 && bind(one, (const struct sockaddr *)&at, sizeof at) == 0;
        close(one);
        if (good)
            return port;
    }
}

/* True as well when it has died: waiting longer helps nobody. */
static bool answers_or_died(void *state)
{
    struct test_redis *test = state;
    struct err err;
    OWN(redis) struct redis *redis = NULL;
    OWN_REPLY redisReply *reply = NULL;
    return !proc_alive(test->proc) || (redis_open(test->address, NULL, 500, &redis, &err) &&
                                       redis_commandf(redis, &reply, &err, "PING"));
}

/* False = it died; somebody else may have taken the port. */
static bool run(struct test_redis *redis)
{
    char log[96];
    snprintf(log, sizeof log, "%s/redis.log", redis->dir);
    redis->proc = proc_start(
        "redis", log,
        (const char *const[]){"redis-server", "--port", strchr(redis->address, ':') + 1, "--bind",
                              "127.0.0.1", "--dir", redis->dir, "--save", "", "--appendonly",
                              redis->durable ? "yes" : "no", "--appendfsync", "always",
                              "--maxmemory-policy", "noeviction", NULL},
        NULL);
    if (wait_for(answers_or_died, redis, START_MS) && proc_alive(redis->proc))
        return true;
    test_redis_kill(redis);
    return false;
}

static void give_up(const struct test_redis *redis)
{
    fprintf(stderr, "redis-server did not start; see %s/redis.log\n", redis->dir);
    abort();
}

void test_redis_start(struct test_redis *redis, bool durable)
{
    signal(SIGPIPE, SIG_IGN);
    *redis = (struct test_redis){.dir = "/tmp/cartage-redis-XXXXXX", .durable = durable};
    char *dir = mkdtemp(redis->dir);
    assert(dir);
    for (int tries = 0; tries < TRIES; tries++) {
        snprintf(redis->address, sizeof redis->address, "127.0.0.1:%d", free_port());
        if (run(redis))
            return;
    }
    give_up(redis);
}

void test_redis_kill(struct test_redis *redis)
{
    if (redis->proc)
        proc_kill(redis->proc);
    proc_free(redis->proc);
    redis->proc = NULL;
}

/* We stand at its address, let one in and hang up. */
void test_redis_missed(struct test_redis *redis)
{
    int port = atoi(strchr(redis->address, ':') + 1), one;
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons((uint16_t)port)};
    int door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool good = door >= 0 &&
                setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) == 0 &&
                bind(door, (struct sockaddr *)&at, sizeof at) == 0 && listen(door, 8) == 0 &&
                poll(&(struct pollfd){.fd = door, .events = POLLIN}, 1, START_MS) == 1 &&
                (one = accept(door, NULL, NULL)) >= 0;
    assert(good);
    close(one);
    close(door);
}

void test_redis_again(struct test_redis *redis)
{
    if (!run(redis))
        give_up(redis);
}

void test_redis_stop(struct test_redis *redis)
{
    OWN_TEXT char *command = mem_printf("rm -rf %s", redis->dir);
    test_redis_kill(redis); /* nothing in it is needed any more */
    if (getenv("TEST_KEEP"))
        fprintf(stderr, "the log of Redis is in %s\n", redis->dir);
    else if (system(command) != 0)
        fprintf(stderr, "could not remove %s\n", redis->dir);
}

int test_recorded(redisReply *items, const char *event)
{
    int count = 0;
    for (size_t i = 0; i < items->elements; i++) {
        struct history_rows rows;
        struct history_row row;
        for (history_begin(items->element[i], &rows); history_next(&rows, &row);)
            count += strcmp(history_text(&row, "event"), event) == 0;
    }
    return count;
}

/* seam.h - stands between common/ledger/redis.c and hiredis (the linker puts it there, --wrap), so
 * that not a line of the queue knows whether Redis is a process or this one.
 *
 * In process: store.c and engine.c. On a Redis: hiredis. Both: each call goes to either, and every
 * reply must be the same; that is what holds the store to its word. Faults of the way to Redis
 * happen here, for all three.
 */
#ifndef CARTAGE_SIMULATION_SEAM_H
#define CARTAGE_SIMULATION_SEAM_H

#include <hiredis/hiredis.h>

#include "base/err.h"

enum seam_mode { SEAM_STORE, SEAM_REDIS, SEAM_BOTH };
enum seam_fate {
    FATE_GOOD,
    FATE_UNSEEN,     /* the world itself looks: not even a closed connection is in its way */
    FATE_CALL_LOST,  /* nothing ran, and no reply */
    FATE_REPLY_LOST, /* it ran; its caller does not know */
    FATE_DOWN,       /* nobody answers: nothing was sent */
};

struct seam_watch {
    void *world;
    /* Before each script, each command (""), and before somebody connects (NULL). */
    enum seam_fate (*fate)(void *world, const char *script);
    void (*replied)(void *world, const char *script, const redisReply *reply);
};

/* `address` of the Redis, where there is one; scripts NULL = those of the program, else a folder.
 */
void seam_open(enum seam_mode mode, const char *address, const char *scripts);
void seam_close(void);
void seam_watch(const struct seam_watch *watch); /* NULL = nobody, no faults */
/* How often the two did not say the same; each is told on standard error. */
int64_t seam_differences(void);

/* Of both: reads every key, its kind, its content, whether it goes one day; how many keys. */
size_t seam_read_all(void);
bool seam_is_both(void);

void seam_time(int64_t now_ms);
void seam_full(bool full); /* Redis has no memory left */
void seam_empty(void);
void seam_disconnect(void); /* Redis is started anew: connections and scripts are gone */
void seam_snapshot(void);   /* the state that a later seam_restore brings back */
void seam_restore(void);

#endif

/* mailbox.c - a ring under one mutex; waits on the monotonic clock. */
#include "base/mailbox.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct mailbox {
    pthread_mutex_t lock;
    pthread_cond_t not_empty, not_full;
    size_t capacity, first, count;
    size_t takers; /* that wait */
    bool called;   /* one of them was told of an item, and is not there yet */
    bool closed;
    void *items[];
};

struct mailbox *mailbox_new(size_t capacity)
{
    struct mailbox *box = mem_new(sizeof *box + capacity * sizeof(void *));
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&box->lock, NULL);
    pthread_cond_init(&box->not_empty, &monotonic);
    pthread_cond_init(&box->not_full, &monotonic);
    pthread_condattr_destroy(&monotonic);
    box->capacity = capacity;
    return box;
}

void mailbox_free(struct mailbox *box)
{
    if (!box)
        return;
    assert(box->count == 0);
    pthread_cond_destroy(&box->not_empty);
    pthread_cond_destroy(&box->not_full);
    pthread_mutex_destroy(&box->lock);
    free(box);
}

static struct timespec deadline_after(int wait_ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += wait_ms / 1000;
    at.tv_nsec += (wait_ms % 1000) * 1000000L;
    if (at.tv_nsec >= 1000000000L) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000L;
    }
    return at;
}

/* Waits until `*blocked_while == value` no longer holds; false on time-out or closing. */
static bool wait_while(struct mailbox *box, pthread_cond_t *cond, size_t value, int wait_ms)
{
    struct timespec deadline = deadline_after(wait_ms < 0 ? 0 : wait_ms);
    while (box->count == value && !box->closed) {
        int ended = wait_ms < 0 ? pthread_cond_wait(cond, &box->lock)
                                : pthread_cond_timedwait(cond, &box->lock, &deadline);
        if (cond == &box->not_empty)
            box->called = false; /* here we are, whoever was meant: another is called if need be */
        if (ended != 0)
            break;
    }
    return box->count != value;
}

/* One taker is called at a time, and calls the next where it leaves something: of many short pieces
 * of work the first one awake does several, where all would be woken for one each. */
static void call_taker(struct mailbox *box)
{
    if (!box->count || !box->takers || box->called)
        return;
    box->called = true;
    pthread_cond_signal(&box->not_empty);
}

bool mailbox_put(struct mailbox *box, void *item, int wait_ms)
{
    void **owned = item;
    pthread_mutex_lock(&box->lock);
    bool room = wait_while(box, &box->not_full, box->capacity, wait_ms) && !box->closed;
    if (room) {
        box->items[(box->first + box->count++) % box->capacity] = *owned;
        *owned = NULL;
    }
    call_taker(box);
    pthread_mutex_unlock(&box->lock);
    return room;
}

void *mailbox_take(struct mailbox *box, int wait_ms)
{
    void *item = NULL;
    pthread_mutex_lock(&box->lock);
    if (!box->count && !box->closed && wait_ms != 0) {
        box->takers++;
        wait_while(box, &box->not_empty, 0, wait_ms);
        box->takers--;
    }
    if (box->count) {
        item = box->items[box->first];
        box->first = (box->first + 1) % box->capacity;
        box->count--;
        pthread_cond_signal(&box->not_full);
    }
    call_taker(box);
    pthread_mutex_unlock(&box->lock);
    return item;
}

size_t mailbox_count(struct mailbox *box)
{
    pthread_mutex_lock(&box->lock);
    size_t count = box->count;
    pthread_mutex_unlock(&box->lock);
    return count;
}

void mailbox_close(struct mailbox *box)
{
    pthread_mutex_lock(&box->lock);
    box->closed = true;
    pthread_cond_broadcast(&box->not_empty);
    pthread_cond_broadcast(&box->not_full);
    pthread_mutex_unlock(&box->lock);
}

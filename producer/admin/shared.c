/* shared.c - see shared.h. */
#include "admin/shared.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"

/* For each processor; more would only take them from one another, and all would end late. */
enum { AT_ONCE = 2 };
enum stage { STAGE_OPEN, STAGE_READING, STAGE_OVER };

struct shared_read {
    struct shared_read *next;
    pthread_cond_t changed; /* its stage */
    char *key, *text;
    enum stage stage;
    int members;
};

struct shared_reads {
    pthread_mutex_t lock;
    struct shared_read *first; /* of those that are not over, in the order of their questions */
    long most, reading;
};

struct shared_reads *shared_new(void)
{
    struct shared_reads *reads = mem_new(sizeof *reads);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    reads->most = AT_ONCE * (processors > 1 ? processors : 2);
    pthread_mutex_init(&reads->lock, NULL);
    return reads;
}

void shared_free(struct shared_reads *reads)
{
    if (!reads)
        return;
    pthread_mutex_destroy(&reads->lock);
    free(reads);
}

static struct shared_read *find(struct shared_reads *reads, const char *key, enum stage stage)
{
    struct shared_read *at = reads->first;
    while (at && (at->stage != stage || strcmp(at->key, key) != 0))
        at = at->next;
    return at;
}

static struct shared_read *add(struct shared_reads *reads, const char *key)
{
    struct shared_read *read = mem_new(sizeof *read);
    read->key = mem_text(key);
    pthread_cond_init(&read->changed, NULL);
    struct shared_read **last = &reads->first;
    while (*last)
        last = &(*last)->next;
    *last = read;
    return read;
}

static void remove_one(struct shared_reads *reads, struct shared_read *read)
{
    struct shared_read **at = &reads->first;
    while (*at != read)
        at = &(*at)->next;
    *at = read->next;
}

static void change(struct shared_read *read, enum stage stage)
{
    read->stage = stage;
    pthread_cond_broadcast(&read->changed);
}

/* The longest waiting ones begin, but for those whose question is being read. */
static void let_begin(struct shared_reads *reads)
{
    for (struct shared_read *at = reads->first; at && reads->reading < reads->most; at = at->next)
        if (at->stage == STAGE_OPEN && !find(reads, at->key, STAGE_READING)) {
            change(at, STAGE_READING);
            reads->reading++;
        }
}

struct shared_read *shared_begin(struct shared_reads *reads, const char *key, bool *leads)
{
    pthread_mutex_lock(&reads->lock);
    struct shared_read *read = find(reads, key, STAGE_OPEN);
    *leads = !read;
    if (!read)
        read = add(reads, key);
    read->members++;
    let_begin(reads);
    while (*leads ? read->stage == STAGE_OPEN : read->stage != STAGE_OVER)
        pthread_cond_wait(&read->changed, &reads->lock);
    pthread_mutex_unlock(&reads->lock);
    return read;
}

void shared_end(struct shared_reads *reads, struct shared_read *read, const char *text)
{
    char *copy = text ? mem_text(text) : NULL;
    pthread_mutex_lock(&reads->lock);
    remove_one(reads, read);
    read->text = copy;
    reads->reading--;
    change(read, STAGE_OVER);
    let_begin(reads);
    pthread_mutex_unlock(&reads->lock);
}

const char *shared_text(const struct shared_read *read)
{
    return read->text;
}

void shared_leave(struct shared_reads *reads, struct shared_read *read)
{
    if (!read)
        return;
    pthread_mutex_lock(&reads->lock);
    bool last = --read->members == 0;
    pthread_mutex_unlock(&reads->lock);
    if (!last)
        return;
    pthread_cond_destroy(&read->changed);
    free(read->key);
    free(read->text);
    free(read);
}

/* shared.c - see shared.h. */
#include "admin/shared.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"

enum stage { STAGE_OPEN, STAGE_READING, STAGE_OVER };

struct shared_read {
    struct shared_read *next;
    char *key, *text;
    enum stage stage;
    int members;
};

struct shared_reads {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct shared_read *first; /* of those that are not over */
};

struct shared_reads *shared_new(void)
{
    struct shared_reads *reads = mem_new(sizeof *reads);
    pthread_mutex_init(&reads->lock, NULL);
    pthread_cond_init(&reads->changed, NULL);
    return reads;
}

void shared_free(struct shared_reads *reads)
{
    if (!reads)
        return;
    pthread_cond_destroy(&reads->changed);
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

struct shared_read *shared_begin(struct shared_reads *reads, const char *key, bool *leads)
{
    pthread_mutex_lock(&reads->lock);
    struct shared_read *read = find(reads, key, STAGE_OPEN);
    *leads = !read;
    if (read) {
        read->members++;
        while (read->stage != STAGE_OVER)
            pthread_cond_wait(&reads->changed, &reads->lock);
    } else {
        read = mem_new(sizeof *read);
        *read = (struct shared_read){.next = reads->first, .key = mem_text(key), .members = 1};
        reads->first = read;
        while (find(reads, key, STAGE_READING))
            pthread_cond_wait(&reads->changed, &reads->lock);
        read->stage = STAGE_READING;
    }
    pthread_mutex_unlock(&reads->lock);
    return read;
}

void shared_end(struct shared_reads *reads, struct shared_read *read, const char *text)
{
    char *copy = text ? mem_text(text) : NULL;
    pthread_mutex_lock(&reads->lock);
    struct shared_read **at = &reads->first;
    while (*at != read)
        at = &(*at)->next;
    *at = read->next;
    read->text = copy;
    read->stage = STAGE_OVER;
    pthread_cond_broadcast(&reads->changed);
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
    free(read->key);
    free(read->text);
    free(read);
}

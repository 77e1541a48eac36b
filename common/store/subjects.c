/* subjects.c - reads them, and takes them away. */
#include "store/subjects.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/room.h"

void store_subjects_drop(struct store_subjects *subjects)
{
    for (size_t i = 0; i < subjects->count; i++)
        free(subjects->items[i].id);
    free(subjects->items);
    *subjects = (struct store_subjects){0};
}

bool store_subjects(struct ledger *ledger, const char *company, const char *entry,
                    struct store_subjects *out, struct err *err)
{
    OWN_TEXT char *rest = mem_printf("subjects:%s", entry);
    OWN_TEXT char *key = store_key(ledger, company, rest);
    OWN_REPLY redisReply *reply = NULL;
    const char *const argv[] = {"ZRANGE", key, "0", "-1", "WITHSCORES"};
    if (!redis_command(ledger_redis(ledger), COUNT(argv), argv, NULL, &reply, err))
        return err_wrap(err, "read what events have named");
    out->items = mem_array(reply->elements / 2 + 1, sizeof *out->items);
    for (size_t i = 0; i + 1 < reply->elements; i += 2)
        out->items[out->count++] = (struct store_subject){
            mem_text(reply->element[i]->str), strtoll(reply->element[i + 1]->str, NULL, 10)};
    return true;
}

void store_subject_done(struct write *write, const char *entry, const struct store_subject *subject)
{
    char mark[24];
    OWN_TEXT char *key = mem_printf("subjects:%s", entry);
    snprintf(mark, sizeof mark, "%" PRId64, subject->mark);
    write_add(write, "ZREMRANGEBYSCORE", key, mark, mark, NULL);
}

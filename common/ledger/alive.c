/* alive.c - processes say that they live; for people. */
#include "ledger/alive.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/call.h"

enum { KEY = 80 };

static void key_of(const struct ledger *ledger, const char *part, char out[static KEY])
{
    snprintf(out, KEY, "ct:{%s/alive}:%s", ledger_environment(ledger), part);
}

static bool tell(struct ledger *ledger, const char *process, int64_t now_ms, const char *facts,
                 struct err *err)
{
    char seen[KEY], told[KEY], now[24], gone[24];
    OWN_REPLY redisReply *reply = NULL;
    key_of(ledger, "seen", seen);
    key_of(ledger, "facts", told);
    snprintf(now, sizeof now, "%" PRId64, now_ms);
    snprintf(gone, sizeof gone, "%d", ALIVE_GONE_MS);
    const char *const argv[] = {seen, told, process, now, facts, gone};
    return redis_script(ledger_redis(ledger), "alive", 2, COUNT(argv), argv, NULL, &reply, err) ||
           err_wrap(err, "say that %s lives", process);
}

bool ledger_alive_tell(struct ledger *ledger, const char *process, const struct clock *clock,
                       const json *facts, struct err *err)
{
    return tell(ledger, process, clock_now_ms(clock), json_write(facts), err);
}

bool ledger_alive_end(struct ledger *ledger, const char *process, struct err *err)
{
    return tell(ledger, process, 0, "", err);
}

static bool add_process(const char *process, const char *told, int64_t ago_ms, json *list,
                        struct err *err)
{
    json *facts = NULL;
    const char *blank = strchr(told, ' ');
    if (!blank || !json_parse(blank + 1, strlen(blank + 1), &facts, err))
        return blank ? err_wrap(err, "facts of %s", process) : true; /* gone between two looks */
    json_set_text(facts, "process", process);
    json_set_int(facts, "ago_ms", ago_ms);
    json_set_int(facts, "ahead_ms", strtoll(told, NULL, 10));
    json_add(list, facts);
    return true;
}

static bool read_facts(struct ledger *ledger, const redisReply *processes, redisReply **out,
                       struct err *err)
{
    char told[KEY];
    size_t count = processes->elements / 2;
    const char **argv = mem_array(count + 2, sizeof *argv);
    key_of(ledger, "facts", told);
    argv[0] = "HMGET";
    argv[1] = told;
    for (size_t i = 0; i < count; i++)
        argv[i + 2] = reply_text(processes, 2 * i);
    bool good = !count || redis_command(ledger_redis(ledger), (int)count + 2, argv, NULL, out, err);
    free(argv);
    return good;
}

bool ledger_alive(struct ledger *ledger, json **out, struct err *err)
{
    char seen[KEY];
    int64_t now_ms;
    OWN_JSON json *list = json_new_array();
    OWN_REPLY redisReply *processes = NULL;
    OWN_REPLY redisReply *facts = NULL;
    key_of(ledger, "seen", seen);
    /* Redis' own time: that of a simulation is not what these were written by. */
    OWN_REPLY redisReply *time = NULL;
    if (!redis_commandf(ledger_redis(ledger), &time, err, "TIME"))
        return false;
    now_ms = reply_number(time, 0) * 1000 + reply_number(time, 1) / 1000;
    if (!redis_commandf(ledger_redis(ledger), &processes, err,
                        "ZREVRANGEBYSCORE %s +inf %lld WITHSCORES", seen,
                        (long long)(now_ms - ALIVE_GONE_MS)) ||
        !read_facts(ledger, processes, &facts, err))
        return err_wrap(err, "list what lives");
    for (size_t i = 0; i < processes->elements / 2; i++) {
        int64_t ago_ms = now_ms - reply_number(processes, 2 * i + 1);
        if (!add_process(reply_text(processes, 2 * i), reply_text(facts, i), ago_ms, list, err))
            return false;
    }
    *out = GIVE(list);
    return true;
}

bool alive_serves(const json *process, const char *category)
{
    const json *categories = json_get(process, "categories");
    if (strcmp(json_text(process, "kind"), "worker") != 0)
        return false;
    for (size_t i = 0; i < json_count(categories); i++)
        if (strcmp(json_string(json_at(categories, i)), category) == 0)
            return true;
    return json_count(categories) == 0; /* all of them */
}

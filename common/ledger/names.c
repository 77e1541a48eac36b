/* names.c - what entries are called and are for. */
#include "ledger/names.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger/call.h"

bool ledger_names_state(struct ledger *ledger, const char *company, struct names_state *out,
                        struct err *err)
{
    char prefix[80];
    OWN_REPLY redisReply *reply = NULL;
    ledger_prefix(ledger, ledger_bucket(ledger, company), prefix);
    if (!redis_commandf(ledger_redis(ledger), &reply, err, "HMGET %sno:%s edits entry", prefix,
                        company))
        return err_wrap(err, "look at the numbers of entries");
    out->edits = reply_number(reply, 0);
    out->newest = reply_number(reply, 1);
    return true;
}

bool ledger_names_count(struct ledger *ledger, const char *company, int64_t *out, struct err *err)
{
    char prefix[80];
    OWN_REPLY redisReply *reply = NULL;
    ledger_prefix(ledger, ledger_bucket(ledger, company), prefix);
    if (!redis_commandf(ledger_redis(ledger), &reply, err, "ZCARD %slist:%s", prefix, company))
        return err_wrap(err, "count entries");
    *out = reply->integer;
    return true;
}

static void add_name(json *list, const char *id, int64_t no, const redisReply *row)
{
    json *name = json_new_object(), *arguments = NULL;
    const char *text = reply_text(row, 3);
    struct err ignored;
    json_set_text(name, "id", id);
    json_set_int(name, "no", no);
    json_set_text(name, "description", reply_text(row, 0));
    json_set_text(name, "operation", reply_text(row, 1));
    json_set_text(name, "category", reply_text(row, 2));
    if (*text && json_parse(text, row->element[3]->len, &arguments, &ignored))
        json_set_text(name, "shop", json_text(arguments, "shop"));
    json_free(arguments);
    json_add(list, name);
}

bool ledger_names(struct ledger *ledger, const char *company, int64_t after, json **out,
                  struct err *err)
{
    static const char *const FIELDS[] = {"description", "operation", "category", "arguments"};
    char prefix[80], *keys[ENTRIES_MOST];
    const char *argv[ENTRIES_MOST + COUNT(FIELDS)];
    OWN_REPLY redisReply *ids = NULL;
    OWN_REPLY redisReply *rows = NULL;
    OWN_JSON json *list = json_new_array();
    ledger_prefix(ledger, ledger_bucket(ledger, company), prefix);
    if (!redis_commandf(ledger_redis(ledger), &ids, err,
                        "ZRANGEBYSCORE %slist:%s (%" PRId64 " +inf WITHSCORES LIMIT 0 %d", prefix,
                        company, after, ENTRIES_MOST))
        return err_wrap(err, "list entries");
    size_t count = ids->elements / 2;
    for (size_t i = 0; i < count; i++)
        argv[i] = keys[i] = mem_printf("%se:%s", prefix, reply_text(ids, 2 * i));
    for (size_t i = 0; i < COUNT(FIELDS); i++)
        argv[count + i] = FIELDS[i];
    bool good = count == 0 || redis_script(ledger_redis(ledger), "staged", (int)count,
                                           (int)(count + COUNT(FIELDS)), argv, NULL, &rows, err);
    for (size_t i = 0; i < count; i++)
        free(keys[i]);
    if (!good)
        return err_wrap(err, "list entries");
    for (size_t i = 0; i < count; i++)
        add_name(list, reply_text(ids, 2 * i), reply_number(ids, 2 * i + 1), rows->element[i]);
    *out = GIVE(list);
    return true;
}

struct numbered {
    const char *id;
    int64_t no;
};

static int by_number(const void *a, const void *b)
{
    const struct numbered *left = a, *right = b;
    return left->no < right->no ? -1 : left->no > right->no;
}

bool ledger_resting_ids(struct ledger *ledger, const char *company, int64_t after, size_t most,
                        json **out, struct err *err)
{
    char prefix[80];
    OWN_REPLY redisReply *ids = NULL;
    OWN_REPLY redisReply *numbers = NULL;
    ledger_prefix(ledger, ledger_bucket(ledger, company), prefix);
    if (!redis_commandf(ledger_redis(ledger), &ids, err, "ZRANGE %srest:%s 0 %d", prefix, company,
                        (int)most - 1))
        return err_wrap(err, "list entries that rest");
    *out = json_new_array();
    size_t count = ids->elements, kept = 0;
    if (count == 0)
        return true;
    OWN_TEXT char *list = mem_printf("%slist:%s", prefix, company);
    const char **argv = mem_array(count + 2, sizeof *argv);
    struct numbered *found = mem_array(count, sizeof *found);
    argv[0] = "ZMSCORE";
    argv[1] = list;
    for (size_t i = 0; i < count; i++)
        argv[i + 2] = reply_text(ids, i);
    bool good = redis_command(ledger_redis(ledger), (int)count + 2, argv, NULL, &numbers, err);
    for (size_t i = 0; good && i < count; i++)
        if (reply_number(numbers, i) > after)
            found[kept++] = (struct numbered){reply_text(ids, i), reply_number(numbers, i)};
    qsort(found, kept, sizeof *found, by_number);
    for (size_t i = 0; i < kept; i++)
        json_add_text(*out, found[i].id);
    free(found);
    free(argv);
    if (!good)
        json_free(*out);
    return good || err_wrap(err, "list entries that rest");
}

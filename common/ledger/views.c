/* views.c - entries and runs as people see them: JSON in the API's form (schemas/openapi). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calendar/words.h"
#include "ledger/call.h"
#include "ledger/commands.h"

enum { LIST_MOST = 1000 };
static const char *const KINDS[] = {"scheduled", "immediate", "catch-up",
                                    "manual",    "wake",      "foreground"};

/* ---- hashes ---- */

static const char *field(const redisReply *row, const char *name)
{
    size_t size = strlen(name);
    for (size_t i = 0; row && i + 1 < row->elements; i += 2)
        if (row->element[i]->len == size && memcmp(row->element[i]->str, name, size) == 0)
            return row->element[i + 1]->str;
    return "";
}

static int64_t number(const redisReply *row, const char *name)
{
    return strtoll(field(row, name), NULL, 10);
}

static bool hash(struct ledger *ledger, const char *company, const char *part, const char *id,
                 redisReply **out, struct err *err)
{
    char prefix[80];
    ledger_prefix(ledger, ledger_bucket(ledger, company), prefix);
    return redis_commandf(ledger_redis(ledger), out, err, "HGETALL %s%s%s", prefix, part, id);
}

static json *tree_or(const char *text, json *otherwise)
{
    struct err ignored;
    json *tree = NULL;
    if (!*text || !json_parse(text, strlen(text), &tree, &ignored))
        return otherwise;
    json_free(otherwise);
    return tree;
}

static void set_tree(json *object, const char *name, const char *text)
{
    json_set(object, name, tree_or(text, json_new_object()));
}

/* ---- entries ---- */

/* What the calendar of an entry says, in people's words, where it says something. */
static void add_calendar(json *entry, const redisReply *row)
{
    static const char *const NUMBERS[][2] = {
        {"grace_ms",    "grace"  },
        {"max_backlog", "backlog"},
        {"idle_ms",     "idle"   },
    };
    static const char *const TEXTS[] = {"formula", "zone",       "catch_up", "mode",
                                        "backoff", "credential", "lang",     "notify"};
    char days[DAYS_TEXT], window[WINDOW_TEXT];
    bool formula = strcmp(field(row, "schedule"), "formula") == 0;
    weekdays_text((unsigned)number(row, "days"), days);
    if (formula)
        clock_text(number(row, "from"), window);
    else
        window_text(number(row, "from"), number(row, "to"), window);
    if (*days)
        json_set_text(entry, "days", days);
    if (*window)
        json_set_text(entry, formula ? "at_time" : "window", window);
    for (size_t i = 0; i < COUNT(TEXTS); i++)
        if (*field(row, TEXTS[i]))
            json_set_text(entry, TEXTS[i], field(row, TEXTS[i]));
    for (size_t i = 0; i < COUNT(NUMBERS); i++)
        if (number(row, NUMBERS[i][1]))
            json_set_int(entry, NUMBERS[i][0], number(row, NUMBERS[i][1]));
    if (*field(row, "run_at_start"))
        json_set_bool(entry, "run_at_start", true);
}

/* 0 = no time is known. */
static int64_t planned(const redisReply *row, const char *name)
{
    int64_t at_ms = number(row, name);
    return at_ms >= ENTRY_NEVER_MS ? 0 : at_ms;
}

/* The worker's part of a fence. */
static void add_worker(json *object, const redisReply *row)
{
    char worker[64];
    const char *fence = field(row, "fence");
    if (!*fence)
        return;
    snprintf(worker, sizeof worker, "%.*s", (int)strcspn(fence, "."), fence);
    json_set_text(object, "worker", worker);
}

static json *entry_json(const char *id, const redisReply *row)
{
    json *entry = json_new_object();
    json_set_text(entry, "id", id);
    json_set_text(entry, "company", field(row, "company"));
    json_set_int(entry, "no", number(row, "no"));
    json_set_text(entry, "operation", field(row, "operation"));
    set_tree(entry, "arguments", field(row, "arguments"));
    json_set_text(entry, "description", field(row, "description"));
    json_set_text(entry, "category", field(row, "category"));
    json_set_text(entry, "priority", priority_name((enum priority)number(row, "priority")));
    json_set_text(entry, "schedule", field(row, "schedule"));
    json_set_int(entry, "every_ms", number(row, "every"));
    json_set_int(entry, "start_ms", number(row, "start"));
    add_calendar(entry, row);
    json_set_int(entry, "max_retry", number(row, "max_retry"));
    json_set_int(entry, "retry_ms", number(row, "retry_ms"));
    json_set_int(entry, "timeout_ms", number(row, "timeout"));
    json_set_int(entry, "expires_ms", number(row, "expires"));
    json_set_text(entry, "on_exhausted",
                  *field(row, "stop_on_exhausted") == '1' ? "stop" : "resume");
    json_set_bool(entry, "foreground", *field(row, "ephemeral") == '1');
    json_set_text(entry, "run_as", field(row, "run_as"));
    json_set_text(entry, "status", entry_status_name((enum entry_status)number(row, "status")));
    json_set_text(entry, "sub", field(row, "sub"));
    json_set_int(entry, "epoch", number(row, "epoch"));
    json_set_int(entry, "rev", number(row, "rev"));
    json_set_int(entry, "slot_ms", planned(row, "slot"));
    json_set_int(entry, "due_ms", planned(row, "due"));
    json_set_text(entry, "task", field(row, "task"));
    json_set_int(entry, "run", number(row, "run"));
    json_set_int(entry, "attempt", number(row, "attempt"));
    json_set_int(entry, "retries", number(row, "retries"));
    json_set_int(entry, "lost", number(row, "lost"));
    json_set_int(entry, "started_ms", number(row, "started"));
    set_tree(entry, "progress", field(row, "progress"));
    json_set_text(entry, "error", field(row, "err"));
    add_worker(entry, row);
    if (number(row, "granted"))
        json_set_int(entry, "granted_ms", number(row, "granted"));
    if (number(row, "ready_at"))
        json_set_int(entry, "ready_ms", number(row, "ready_at"));
    if (number(row, "failures"))
        json_set_int(entry, "failures", number(row, "failures"));
    if (*field(row, "last_outcome")) {
        json *last = json_new_object();
        json_set_int(last, "run", number(row, "last_run"));
        json_set_text(last, "outcome", field(row, "last_outcome"));
        json_set_int(last, "finished_ms", number(row, "last_finished"));
        json_set_text(last, "error", field(row, "last_error"));
        json_set(entry, "last", last);
    }
    return entry;
}

/* Into `list`; those that are deleted meanwhile are left out. */
static bool read_entries(struct ledger *ledger, const char *company, const char *const ids[],
                         size_t count, json *list, struct err *err)
{
    char prefix[80], *keys[ENTRIES_MOST];
    OWN_REPLY redisReply *rows = NULL;
    assert(count <= ENTRIES_MOST);
    if (count == 0)
        return true;
    ledger_prefix(ledger, ledger_bucket(ledger, company), prefix);
    for (size_t i = 0; i < count; i++)
        keys[i] = mem_printf("%se:%s", prefix, ids[i]);
    bool good = redis_script(ledger_redis(ledger), "hashes", (int)count, (int)count,
                             (const char *const *)keys, NULL, &rows, err);
    for (size_t i = 0; i < count; i++)
        free(keys[i]);
    for (size_t i = 0; good && i < count; i++)
        if (rows->element[i]->elements)
            json_add(list, entry_json(ids[i], rows->element[i]));
    return good;
}

bool ledger_entries_by_id(struct ledger *ledger, const char *company, const char *const ids[],
                          size_t count, json **out, struct err *err)
{
    OWN_JSON json *list = json_new_array();
    if (!read_entries(ledger, company, ids, count, list, err))
        return err_wrap(err, "read entries");
    *out = GIVE(list);
    return true;
}

bool ledger_entry(struct ledger *ledger, const char *company, const char *entry_id, json **out,
                  struct err *err)
{
    OWN_REPLY redisReply *row = NULL;
    if (!hash(ledger, company, "e:", entry_id, &row, err))
        return false;
    if (row->elements == 0 || strcmp(field(row, "company"), company) != 0)
        return err_set(err, ERR_FATAL, 404,
                       "there is no entry %s in this company; `cartage entry list` shows them",
                       entry_id);
    *out = entry_json(entry_id, row);
    return true;
}

bool ledger_entries_page(struct ledger *ledger, const char *company, int64_t after, size_t most,
                         json **out, int64_t *next, struct err *err)
{
    char prefix[80], key[160], from[24], limit[16];
    OWN_REPLY redisReply *rows = NULL;
    ledger_prefix(ledger, ledger_bucket(ledger, company), prefix);
    snprintf(key, sizeof key, "%slist:%s", prefix, company);
    snprintf(from, sizeof from, "%" PRId64, after);
    snprintf(limit, sizeof limit, "%zu", most);
    const char *const argv[] = {key, prefix, from, limit};
    if (!redis_script(ledger_redis(ledger), "entries_page", 1, COUNT(argv), argv, NULL, &rows, err))
        return err_wrap(err, "list entries");
    *next = reply_number(rows, 0);
    *out = json_new_array();
    for (size_t i = 1; i + 1 < rows->elements; i += 2)
        json_add(*out, entry_json(reply_text(rows, i), rows->element[i + 1]));
    return true;
}

bool ledger_entries(struct ledger *ledger, const char *company, json **out, struct err *err)
{
    OWN_JSON json *list = json_new_array();
    int64_t next = 0;
    do {
        OWN_JSON json *rows = NULL;
        if (!ledger_entries_page(ledger, company, next, LIST_MOST, &rows, &next, err))
            return false;
        for (size_t i = 0; i < json_count(rows); i++)
            json_add(list, json_share(json_at(rows, i)));
    } while (next);
    *out = GIVE(list);
    return true;
}

bool ledger_resting(struct ledger *ledger, const char *company, json **out, struct err *err)
{
    char prefix[80];
    const char *page[ENTRIES_MOST];
    OWN_REPLY redisReply *ids = NULL;
    OWN_JSON json *list = json_new_array();
    ledger_prefix(ledger, ledger_bucket(ledger, company), prefix);
    if (!redis_commandf(ledger_redis(ledger), &ids, err, "ZRANGE %srest:%s 0 %d", prefix, company,
                        LIST_MOST - 1))
        return err_wrap(err, "list entries");
    for (size_t i = 0; i < ids->elements;) {
        size_t count = 0;
        for (; i < ids->elements && count < ENTRIES_MOST; i++)
            page[count++] = reply_text(ids, i);
        if (!read_entries(ledger, company, page, count, list, err))
            return err_wrap(err, "list entries");
    }
    *out = GIVE(list);
    return true;
}

/* ---- runs ---- */

/* Where the occurrence stands: its entry knows while it is not finished. */
static void add_state(json *run, const redisReply *entry, const char *task)
{
    bool at_hand = entry->elements && strcmp(field(entry, "task"), task) == 0;
    json_set_text(run, "state", at_hand ? field(entry, "sub") : "finished");
    if (!at_hand)
        return;
    json_set_int(run, "attempt", number(entry, "attempt"));
    json_set_int(run, "retries", number(entry, "retries"));
    json_set_int(run, "lost", number(entry, "lost"));
    json_set_int(run, "due_ms", number(entry, "due"));
    const char *started = *field(entry, "first_started") ? "first_started" : "started";
    if (*field(entry, started))
        json_set_int(run, "started_ms", number(entry, started));
    if (*field(entry, "progress"))
        set_tree(run, "progress", field(entry, "progress"));
    json_set_bool(run, "cancel", *field(entry, "cancel") == '1');
    add_worker(run, entry);
}

static json *run_json(const redisReply *row, const redisReply *entry)
{
    json *run = json_new_object();
    size_t kind = (size_t)number(row, "kind");
    json_set_int(run, "no", number(row, "no"));
    json_set_text(run, "task", field(row, "task"));
    json_set_text(run, "entry", field(row, "entry"));
    json_set_text(run, "company", field(row, "company"));
    json_set_text(run, "operation", field(row, "operation"));
    set_tree(run, "arguments", field(row, "arguments"));
    json_set_text(run, "description", field(row, "description"));
    json_set_text(run, "category", field(row, "category"));
    json_set_text(run, "kind", KINDS[kind < COUNT(KINDS) ? kind : 0]);
    json_set_text(run, "outcome", field(row, "outcome"));
    json_set_text(run, "error", field(row, "error"));
    json_set_text(run, "why", field(row, "why"));
    set_tree(run, "counts", field(row, "counts"));
    json_set_int(run, "slot_ms", number(row, "slot"));
    json_set_int(run, "started_ms", number(row, "started"));
    json_set_text(run, "run_as", field(row, "run_as"));
    json_set_int(run, "attempt", number(row, "attempt"));
    json_set_int(run, "retries", number(row, "retries"));
    json_set_int(run, "lost", number(row, "lost"));
    add_state(run, entry, field(row, "task"));
    if (strcmp(json_text(run, "state"), "finished") == 0)
        json_set_int(run, "finished_ms", number(row, "finished"));
    return run;
}

static bool run_of_task(struct ledger *ledger, const char *company, const char *task, json **out,
                        struct err *err)
{
    OWN_REPLY redisReply *row = NULL;
    OWN_REPLY redisReply *entry = NULL;
    char id[UUID_TEXT];
    *out = NULL;
    /* The entry first: when it has left the task by then, the record read after it is the final
     * one. The other way round a finish between the two would show the outcome of an earlier
     * attempt as the last. */
    snprintf(id, sizeof id, "%.36s", task);
    if (!hash(ledger, company, "e:", id, &entry, err) ||
        !hash(ledger, company, "r:", task, &row, err))
        return false;
    if (row->elements)
        *out = run_json(row, entry);
    return true;
}

bool ledger_runs(struct ledger *ledger, const char *company, const struct runs_query *query,
                 json **out, struct err *err)
{
    char prefix[80], key[160], before[24], most[16];
    OWN_REPLY redisReply *rows = NULL;
    ledger_prefix(ledger, ledger_bucket(ledger, company), prefix);
    snprintf(key, sizeof key, "%sruns:%s", prefix, company);
    snprintf(before, sizeof before, "%" PRId64, query->before);
    snprintf(most, sizeof most, "%zu", query->most > LIST_MOST ? LIST_MOST : query->most);
    const char *const argv[] = {key, prefix, company, before, most, query->open ? "1" : "0"};
    if (!redis_script(ledger_redis(ledger), "runs_page", 1, COUNT(argv), argv, NULL, &rows, err))
        return err_wrap(err, "list runs");
    *out = json_new_array();
    for (size_t i = 0; i + 1 < rows->elements; i += 2)
        json_add(*out, run_json(rows->element[i], rows->element[i + 1]));
    return true;
}

/* "12" is a run's number, anything else its task id. */
static bool task_of(struct ledger *ledger, const char *company, const char *task_or_no,
                    char task[static 96], struct err *err)
{
    char prefix[80];
    OWN_REPLY redisReply *found = NULL;
    snprintf(task, 96, "%s", task_or_no);
    if (strspn(task_or_no, "0123456789") != strlen(task_or_no))
        return true;
    ledger_prefix(ledger, ledger_bucket(ledger, company), prefix);
    if (!redis_commandf(ledger_redis(ledger), &found, err,
                        "ZRANGEBYSCORE %sruns:%s %s %s LIMIT 0 1", prefix, company, task_or_no,
                        task_or_no))
        return false;
    if (found->elements)
        snprintf(task, 96, "%s", reply_text(found, 0));
    return true;
}

/* A run that ended with its first attempt has no list of them: its record says all of it. */
static json *only_attempt(const json *run, const char *worker)
{
    static const char *const SAME[] = {"attempt",    "outcome",     "error", "why",
                                       "started_ms", "finished_ms", "counts"};
    json *attempt = json_new_object();
    json_set_text(attempt, "worker", worker);
    for (size_t i = 0; i < COUNT(SAME); i++)
        json_set(attempt, SAME[i], json_copy(json_get(run, SAME[i])));
    return attempt;
}

static bool add_attempts(struct ledger *ledger, const char *company, const char *task, json *run,
                         struct err *err)
{
    char prefix[80];
    OWN_REPLY redisReply *rows = NULL;
    json *attempts = json_new_array();
    json_set(run, "attempts", attempts);
    ledger_prefix(ledger, ledger_bucket(ledger, company), prefix);
    if (!redis_commandf(ledger_redis(ledger), &rows, err, "LRANGE %sr:%s:attempts 0 -1", prefix,
                        task))
        return false;
    for (size_t i = 0; i < rows->elements; i++) {
        json *attempt = tree_or(reply_text(rows, i), json_new_object());
        OWN_TEXT char *counts = mem_text(json_text(attempt, "counts"));
        set_tree(attempt, "counts", counts);
        json_add(attempts, attempt);
    }
    if (rows->elements)
        return true;
    OWN_REPLY redisReply *worker = NULL;
    if (!redis_commandf(ledger_redis(ledger), &worker, err, "HGET %sr:%s worker", prefix, task))
        return false;
    if (worker->type == REDIS_REPLY_STRING && json_get(run, "finished_ms"))
        json_add(attempts, only_attempt(run, worker->str));
    return true;
}

bool ledger_run(struct ledger *ledger, const char *company, const char *task_or_no, json **out,
                struct err *err)
{
    char task[96];
    OWN_JSON json *run = NULL;
    if (!task_of(ledger, company, task_or_no, task, err) ||
        !run_of_task(ledger, company, task, &run, err))
        return err_wrap(err, "look up run %s", task_or_no);
    if (!run)
        return err_set(
            err, ERR_FATAL, 404,
            "there is no run %s in this company (runs are kept for 7 days); `cartage run "
            "list` shows them",
            task_or_no);
    if (!add_attempts(ledger, company, task, run, err))
        return false;
    *out = GIVE(run);
    return true;
}

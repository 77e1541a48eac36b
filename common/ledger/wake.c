/* wake.c - an event's way into the scripts wake and add. */
#include "ledger/wake.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/call.h"
#include "ledger/commands.h"

/* Of one script: entries, and entries times subjects. A longer one would hold up every heartbeat.
 */
enum { ENTRIES_A_CALL = 64, SUBJECTS_A_CALL = 4096 };

static const struct {
    const char *name, *text;
    bool refusal;
} ANSWERS[] = {
    [WAKE_DONE] = {"done",    "due now",                                                       false},
    [WAKE_LATER] = {"later",   "due shortly: its last run has ended just now",                  false},
    [WAKE_COVERED] = {"covered", "the run that waits covers it",                                  false},
    [WAKE_RERUN] = {"rerun",   "runs once more when the run at hand has finished",              false},
    [WAKE_DOUBLE] = {"double",  "this event has been taken before",                              false},
    [WAKE_GONE] = {"gone",    "there is no such entry",                                        true },
    [WAKE_RESTING] = {"resting", "on hold or in error: it cannot be woken until it is set ready",
                   true                                                                             },
    [WAKE_ONCE] = {"once",    "a foreground run is not repeated",                              true },
};

const char *wake_name(enum wake answer)
{
    return ANSWERS[answer].name;
}

const char *wake_text(enum wake answer)
{
    return ANSWERS[answer].text;
}

bool wake_is_refusal(enum wake answer)
{
    return ANSWERS[answer].refusal;
}

void wake_key(const struct wake_cause *cause, const char *target, char out[static WAKE_KEY_TEXT])
{
    OWN_BUF struct buf text = {0};
    *out = 0;
    if (!cause || !cause->id)
        return;
    buf_add(&text, cause->source, strlen(cause->source) + 1); /* ends, so that parts stay apart */
    buf_add(&text, cause->id, strlen(cause->id) + 1);
    buf_text(&text, target);
    digest_hex(text.data, text.size, 16, out);
}

void wake_subjects(const struct wake_cause *cause, struct buf *out)
{
    if (cause->subject_count > SUBJECTS_MOST)
        buf_text(out, "*");
    for (size_t i = 0; i < cause->subject_count && cause->subject_count <= SUBJECTS_MOST; i++)
        buf_printf(out, "%s%s", i ? " " : "", cause->subjects[i]);
}

static bool read_answers(const redisReply *words, size_t count, enum wake answers[],
                         struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (at < COUNT(ANSWERS) && strcmp(ANSWERS[at].name, reply_text(words, i)) != 0)
            at++;
        if (at == COUNT(ANSWERS))
            return err_set(err, ERR_FATAL, 500, "wake: Redis answers \"%.20s\"",
                           reply_text(words, i));
        answers[i] = (enum wake)at;
    }
    return true;
}

static bool wake_some(struct ledger *ledger, const char *company, const char *const entries[],
                      size_t count, const struct wake_cause *cause, enum wake answers[],
                      struct tickets *granted, struct err *err)
{
    char keys[ENTRIES_A_CALL][WAKE_KEY_TEXT];
    OWN_CALL struct call call;
    OWN_BUF struct buf subjects = {0};
    OWN_REPLY redisReply *reply = NULL;
    call_begin(&call, ledger, ledger_bucket(ledger, company));
    if (cause)
        wake_subjects(cause, &subjects);
    call_text(&call, buf_str(&subjects));
    call_text(&call, cause ? cause->traceparent : NULL);
    for (size_t i = 0; i < count; i++) {
        wake_key(cause, entries[i], keys[i]);
        call_text(&call, entries[i]);
        call_text(&call, keys[i]);
    }
    if (!call_run(ledger, "wake", &call, &reply, err))
        return false;
    call_tickets(ledger, reply->element[0], granted);
    return read_answers(reply->element[1], count, answers, err);
}

bool ledger_wakes(struct ledger *ledger, const char *company, const char *const entries[],
                  size_t count, const struct wake_cause *cause, enum wake answers[],
                  struct tickets *granted, struct err *err)
{
    size_t subjects = cause && cause->subject_count <= SUBJECTS_MOST ? cause->subject_count : 0;
    size_t most = subjects ? SUBJECTS_A_CALL / subjects : ENTRIES_A_CALL;
    if (most > ENTRIES_A_CALL)
        most = ENTRIES_A_CALL;
    for (size_t from = 0; from < count; from += most) {
        size_t some = count - from < most ? count - from : most;
        if (!wake_some(ledger, company, entries + from, some, cause, answers + from, granted, err))
            return err_wrap(err, "wake entries of %s", company);
    }
    return true;
}

bool ledger_wake(struct ledger *ledger, const char *company, const char *entry_id,
                 const char **answer, struct tickets *granted, struct err *err)
{
    enum wake word;
    if (!ledger_wakes(ledger, company, &entry_id, 1, NULL, &word, granted, err))
        return false;
    if (word == WAKE_GONE)
        return err_set(err, ERR_FATAL, 404, "there is no entry %s; `cartage entry list` shows them",
                       entry_id);
    if (word == WAKE_RESTING)
        return err_set(err, ERR_FATAL, 409,
                       "entry %s is on hold or in error and cannot be woken; set it ready first: "
                       "cartage entry ready %s",
                       entry_id, entry_id);
    *answer = wake_text(word);
    return true;
}

static void add_rows(const redisReply *reply, json *list)
{
    for (size_t i = 1; i + 1 < reply->elements; i += 2) {
        json *row = json_new_object(), *arguments = NULL;
        struct err ignored;
        const char *text = reply_text(reply, i + 1);
        json_set_text(row, "id", reply_text(reply, i));
        if (json_parse(text, strlen(text), &arguments, &ignored))
            json_set(row, "arguments", arguments);
        json_add(list, row);
    }
}

bool ledger_entries_of(struct ledger *ledger, const char *company, const char *operation,
                       json **out, struct err *err)
{
    char prefix[80];
    OWN_JSON json *found = json_new_array();
    ledger_prefix(ledger, ledger_bucket(ledger, company), prefix);
    OWN_TEXT char *list = mem_printf("%slist:%s", prefix, company);
    for (int64_t before = 0, looked = 1; looked; before += looked) {
        char from[24];
        OWN_REPLY redisReply *reply = NULL;
        snprintf(from, sizeof from, "%" PRId64, before);
        const char *const argv[] = {list, prefix, operation, from};
        if (!redis_script(ledger_redis(ledger), "entries_of", 1, COUNT(argv), argv, NULL, &reply,
                          err))
            return err_wrap(err, "look for entries of %s", operation);
        looked = reply_number(reply, 0);
        add_rows(reply, found);
    }
    *out = GIVE(found);
    return true;
}

bool ledger_entry_operation(struct ledger *ledger, const char *entry_id,
                            char company[static UUID_TEXT], char operation[static 64],
                            struct err *err)
{
    char prefix[80];
    int from = *company ? ledger_bucket(ledger, company) : 0;
    int to = *company ? from + 1 : ledger_buckets(ledger);
    for (int bucket = from; bucket < to; bucket++) {
        OWN_REPLY redisReply *reply = NULL;
        ledger_prefix(ledger, bucket, prefix);
        if (!redis_commandf(ledger_redis(ledger), &reply, err, "HMGET %se:%s company operation",
                            prefix, entry_id))
            return err_wrap(err, "look for entry %s", entry_id);
        const char *holder = reply_text(reply, 0);
        if (!*holder || (*company && strcmp(holder, company) != 0))
            continue;
        snprintf(company, UUID_TEXT, "%s", holder);
        snprintf(operation, 64, "%s", reply_text(reply, 1));
        return true;
    }
    return err_set(err, ERR_FATAL, 404, "there is no entry %s; `cartage entry list` shows them",
                   entry_id);
}

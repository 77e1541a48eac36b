/* main.c - a worker with one more operation, `test.work`, for tests of the queue.
 *
 * Arguments: {"steps":N, "ms":M of each step, "hold":KEY waits until that Redis key exists,
 * "fail":"retry" | "fatal" | "throttled" | "uncertain" until attempt "fail_until" (default for
 * ever), "hint_ms":N, "park_ms":N parks once, before the first step (-1 = until a person approves),
 * "stuck":true never returns and never shows progress}. Every step is checkpointed and leaves a
 * field `<task> <attempt> <step>` in the company's hash `effects`, written under the fence: what a
 * test finds there has run, and was allowed to. "none":true does nothing at all; "call":URL
 * sends a POST there in each step, with the task, attempt and fence in its headers.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "worker.h"

static bool effect(struct attempt *attempt, const char *step, struct err *err)
{
    OWN(write) struct write *write = write_new();
    const struct ticket *ticket = &attempt->sheet->ticket;
    char *field =
        arena_printf(attempt->arena, "%s %" PRIu32 " %s", ticket->task, ticket->attempt, step);
    char *value = arena_printf(attempt->arena, "%" PRId64, clock_now_ms(attempt->clock));
    write_add(write, "HSET", "effects", field, value, NULL);
    return attempt_write(attempt, write, NULL, err);
}

static bool key_exists(struct attempt *attempt, const char *key, bool *exists, struct err *err)
{
    const char *const argv[] = {"EXISTS", key};
    OWN_REPLY redisReply *reply = NULL;
    if (!redis_command(ledger_redis(attempt->ledger), 2, argv, NULL, &reply, err))
        return false;
    *exists = reply->integer == 1;
    return true;
}

static bool hold(struct attempt *attempt, const char *key, const char *cursor, struct err *err)
{
    for (bool there = false; !there;) {
        struct err passing;
        if (!attempt_checkpoint(attempt, cursor, strlen(cursor), err) ||
            !attempt_wait_ms(attempt, 10, err))
            return false;
        if (!key_exists(attempt, key, &there, &passing))
            there = false; /* Redis is away: the test may have meant that */
    }
    return true;
}

static bool fails(struct attempt *attempt, struct err *err)
{
    static const struct {
        const char *name;
        enum err_kind kind;
    } KINDS[] = {
        {"retry",     ERR_RETRY    },
        {"fatal",     ERR_FATAL    },
        {"throttled", ERR_THROTTLED},
        {"uncertain", ERR_UNCERTAIN},
    };
    const char *fail = json_text(attempt->args, "fail");
    if ((int64_t)attempt->sheet->ticket.attempt > json_int(attempt->args, "fail_until", INT32_MAX))
        return false;
    for (size_t i = 0; i < COUNT(KINDS); i++) {
        if (strcmp(KINDS[i].name, fail) == 0) {
            err_set(err, KINDS[i].kind, 0, "asked to fail: %s", fail);
            err->retry_after_ms = json_int(attempt->args, "hint_ms", 0);
            return true;
        }
    }
    return false;
}

/* A peer that knows no fence: only the gate stands before it. */
static bool call_peer(struct attempt *attempt, const char *url, struct err *err)
{
    const struct run_sheet *sheet = attempt->sheet;
    const char *const headers[] = {
        arena_printf(attempt->arena, "Idempotency-Key: %s", sheet->ticket.task),
        arena_printf(attempt->arena, "X-Attempt: %" PRIu32, sheet->ticket.attempt),
        arena_printf(attempt->arena, "X-Fence: %s", sheet->fence),
        NULL,
    };
    struct http_call call = {.method = "POST",
                             .url = url,
                             .headers = headers,
                             .body = "{}",
                             .body_size = 2,
                             .timeout_ms = 15000,
                             .label = "peer"};
    bool good = attempt_exchange(attempt, &call, err);
    http_call_drop(&call);
    return good;
}

static bool steps(struct attempt *attempt, struct err *err)
{
    int64_t count = json_int(attempt->args, "steps", 1), ms = json_int(attempt->args, "ms", 0);
    const struct run_sheet *sheet = attempt->sheet;
    char *cursor =
        sheet->cursor ? arena_text_n(attempt->arena, sheet->cursor, sheet->cursor_size) : NULL;
    int64_t at = cursor ? strtoll(cursor, NULL, 10) : 0;
    const char *held = json_text(attempt->args, "hold"), *url = json_text(attempt->args, "call");

    for (; at < count; at++) {
        char *name = arena_printf(attempt->arena, "%" PRId64, at);
        if (*held && !hold(attempt, held, name, err))
            return false;
        if ((ms && !attempt_wait_ms(attempt, ms, err)) || (*url && !call_peer(attempt, url, err)) ||
            !effect(attempt, name, err))
            return false;
        char *next = arena_printf(attempt->arena, "%" PRId64, at + 1);
        attempt->counts.read++;
        attempt_progress(attempt, "steps", at + 1, count);
        if (!attempt_checkpoint(attempt, next, strlen(next), err))
            return false;
    }
    return true;
}

static bool work(struct attempt *attempt, struct err *err)
{
    if (json_flag(attempt->args, "none", false))
        return true;
    int64_t park_ms = json_int(attempt->args, "park_ms", 0);
    if (!effect(attempt, "begin", err))
        return false;
    while (json_flag(attempt->args, "stuck", false))
        pause();
    if (park_ms && attempt->sheet->ticket.attempt == 1) {
        err_set(err, ERR_THROTTLED, 0, "asked to park");
        err->retry_after_ms = park_ms;
        return false;
    }
    if (fails(attempt, err) || !steps(attempt, err) || !effect(attempt, "end", err))
        return false;
    int64_t linger_ms = json_int(attempt->args, "linger_ms", 0);
    if (linger_ms)
        log_debug("test.lingers");
    return attempt_wait_ms(attempt, linger_ms, err);
}

int main(int argc, char **argv)
{
    static const struct operation_run EXTRA[] = {
        {"test.work", work}
    };
    const char *quiet = getenv("TEST_QUIET_MS"), *drain = getenv("TEST_DRAIN_MS");
    return worker_main(argc, argv, environ,
                       (struct worker_config){.clock = &CLOCK_REAL,
                                              .extra = EXTRA,
                                              .extra_count = COUNT(EXTRA),
                                              .quiet_ms = quiet ? atoll(quiet) : 0,
                                              .drain_ms = drain ? atoll(drain) : 0});
}

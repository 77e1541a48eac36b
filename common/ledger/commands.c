/* commands.c - what people ask of an entry. */
#include "ledger/commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/call.h"
#include "ledger/wake.h"

enum { DEFAULT_MAX_RETRY = 5 };
#define DEFAULT_TIMEOUT_MS 43200000LL /* 12 hours, as Business Central's job timeout */

/* Weekdays, window, formula, zone, policy: "" where there is none, and then no field either. */
static void call_calendar(struct call *call, const struct entry_definition *definition)
{
    const struct {
        const char *name;
        int64_t number;
    } NUMBERS[] = {
        {"days",    definition->days       },
        {"from",    definition->from_ms    },
        {"to",      definition->to_ms      },
        {"grace",   definition->grace_ms   },
        {"backlog", definition->max_backlog},
        {"idle",    definition->idle_ms    },
    };
    const char *const TEXTS[][2] = {
        {"formula",      definition->formula                                            },
        {"zone",         definition->zone                                               },
        {"catch_up",     definition->catch_up ? catch_up_name(definition->catch_up) : ""},
        {"mode",         definition->bc ? "bc" : ""                                     },
        {"run_at_start", definition->run_at_start ? "1" : ""                            },
        {"notify",       definition->notify                                             },
        {"backoff",      definition->backoff_bc ? "bc" : ""                             },
        {"credential",   definition->credential                                         },
        {"lang",         definition->lang                                               },
    };
    for (size_t i = 0; i < COUNT(NUMBERS); i++) {
        call_text(call, NUMBERS[i].name);
        if (NUMBERS[i].number)
            call_number(call, NUMBERS[i].number);
        else
            call_text(call, "");
    }
    for (size_t i = 0; i < COUNT(TEXTS); i++) {
        call_text(call, TEXTS[i][0]);
        call_text(call, TEXTS[i][1]);
    }
}

/* The definition as fields of the entry's hash. */
static void call_definition(struct call *call, const struct entry_definition *definition)
{
    const struct {
        const char *name, *text;
        int64_t number;
    } FIELDS[] = {
        {"category",          definition->category,                                   0                                                                    },
        {"operation",         definition->operation,                                  0                                                                    },
        {"arguments",         definition->arguments ? definition->arguments : "{}",   0                                                                    },
        {"description",       definition->description ? definition->description : "", 0                                                                    },
        {"run_as",            definition->run_as ? definition->run_as : "",           0                                                                    },
        {"schedule",          schedule_name(definition->schedule),                    0                                                                    },
        {"start",             NULL,                                                   definition->start_ms                                                 },
        {"every",             NULL,                                                   definition->every_ms                                                 },
        {"priority",          NULL,                                                   definition->priority ? definition->priority : PRIORITY_NORMAL        },
        {"max_retry",         NULL,                                                   definition->max_retry < 0 ? DEFAULT_MAX_RETRY : definition->max_retry},
        {"retry_ms",          NULL,                                                   definition->retry_ms                                                 },
        {"timeout",           NULL,                                                   definition->timeout_ms ? definition->timeout_ms : DEFAULT_TIMEOUT_MS },
        {"expires",           NULL,                                                   definition->expires_ms                                               },
        {"stop_on_exhausted", definition->stop_on_exhausted ? "1" : "0",              0                                                                    },
        {"ephemeral",         definition->foreground ? "1" : "0",                     0                                                                    },
        {"kind",              NULL,                                                   definition->kind                                                     },
    };
    for (size_t i = 0; i < COUNT(FIELDS); i++) {
        call_text(call, FIELDS[i].name);
        if (FIELDS[i].text)
            call_text(call, FIELDS[i].text);
        else
            call_number(call, FIELDS[i].number);
    }
    call_calendar(call, definition);
    if (definition->coalesce_key) {
        call_text(call, "coalesce_key");
        call_text(call, definition->coalesce_key);
    }
}

/* `cause`: an event; NULL = a person. */
bool ledger_add_for(struct ledger *ledger, const struct entry_definition *definition,
                    const struct wake_cause *cause, char entry_id[static UUID_TEXT],
                    enum added *answer, struct tickets *granted, struct err *err)
{
    OWN_CALL struct call call = {0};
    OWN_REPLY redisReply *reply = NULL;
    OWN_BUF struct buf subjects = {0};
    char id[UUID_TEXT], key[WAKE_KEY_TEXT];

    if (definition->id[0])
        snprintf(id, sizeof id, "%s", definition->id);
    else
        uuid_random(id);
    call_begin(&call, ledger, ledger_bucket(ledger, definition->company));
    call_text(&call, id);
    call_text(&call, definition->company);
    call_text(&call, definition->on_hold ? "1" : "0");
    call_definition(&call, definition);
    if (cause) {
        wake_key(cause, definition->coalesce_key, key);
        wake_subjects(cause, &subjects);
        call_text(&call, "event");
        call_text(&call, key);
        call_text(&call, "traceparent");
        call_text(&call, cause->traceparent);
        call_text(&call, "subjects");
        call_text(&call, buf_str(&subjects));
    }
    if (!call_run(ledger, "add", &call, &reply, err))
        return err_wrap(err, "add entry %s", definition->operation);
    call_tickets(ledger, reply->element[0], granted);
    snprintf(entry_id, UUID_TEXT, "%s", reply_text(reply, 1));
    *answer = (enum added)reply_number(reply, 2);
    return true;
}

bool ledger_add(struct ledger *ledger, const struct entry_definition *definition,
                char entry_id[static UUID_TEXT], bool *existing, struct tickets *granted,
                struct err *err)
{
    enum added answer;
    if (!ledger_add_for(ledger, definition, NULL, entry_id, &answer, granted, err))
        return false;
    *existing = answer != ADDED_NEW;
    return true;
}

bool ledger_edit(struct ledger *ledger, const char *entry_id,
                 const struct entry_definition *definition, struct tickets *granted,
                 struct err *err)
{
    OWN_CALL struct call call;
    OWN_REPLY redisReply *reply = NULL;
    call_begin(&call, ledger, ledger_bucket(ledger, definition->company));
    call_text(&call, entry_id);
    call_definition(&call, definition);
    if (!call_run(ledger, "edit", &call, &reply, err))
        return err_wrap(err, "change entry %s", entry_id);
    call_tickets(ledger, reply->element[0], granted);
    if (strcmp(reply_text(reply, 1), "gone") == 0)
        return err_set(err, ERR_FATAL, 404, "there is no entry %s", entry_id);
    return true;
}

/* One verb of the script `command`; its word comes back in `word`. */
static bool command(struct ledger *ledger, const char *verb, const char *company,
                    const char *entry_id, const char *more, char word[static 16],
                    struct tickets *granted, struct err *err)
{
    OWN_CALL struct call call;
    OWN_REPLY redisReply *reply = NULL;
    call_begin(&call, ledger, ledger_bucket(ledger, company));
    call_text(&call, verb);
    call_text(&call, entry_id);
    call_text(&call, more);
    if (!call_run(ledger, "command", &call, &reply, err))
        return err_wrap(err, "%s entry %s", verb, entry_id);
    call_tickets(ledger, reply->element[0], granted);
    snprintf(word, 16, "%s", reply_text(reply, 1));
    if (strcmp(word, "gone") == 0)
        return err_set(err, ERR_FATAL, 404, "there is no entry %s; `cartage entry list` shows them",
                       entry_id);
    return true;
}

bool ledger_hold(struct ledger *ledger, const char *company, const char *entry_id, bool stop,
                 struct tickets *granted, struct err *err)
{
    char word[16];
    return command(ledger, "hold", company, entry_id, stop ? "stop" : "", word, granted, err);
}

bool ledger_ready(struct ledger *ledger, const char *company, const char *entry_id,
                  struct tickets *granted, struct err *err)
{
    char word[16];
    return command(ledger, "ready", company, entry_id, "", word, granted, err);
}

bool ledger_restart(struct ledger *ledger, const char *company, const char *entry_id,
                    struct tickets *granted, struct err *err)
{
    char word[16];
    return command(ledger, "restart", company, entry_id, "", word, granted, err);
}

bool ledger_delete(struct ledger *ledger, const char *company, const char *entry_id,
                   struct tickets *granted, struct err *err)
{
    char word[16];
    return command(ledger, "delete", company, entry_id, "", word, granted, err);
}

bool ledger_priority(struct ledger *ledger, const char *company, const char *entry_id,
                     enum priority priority, struct tickets *granted, struct err *err)
{
    char word[16], number[16];
    snprintf(number, sizeof number, "%d", (int)priority);
    if (!command(ledger, "priority", company, entry_id, number, word, granted, err))
        return false;
    if (strcmp(word, "running") == 0)
        return err_set(err, ERR_FATAL, 409,
                       "entry %s runs: its priority is changed when the run is over, or cancel the "
                       "run first",
                       entry_id);
    return true;
}

bool ledger_cancel(struct ledger *ledger, const char *company, const char *task_or_no,
                   struct tickets *granted, struct err *err)
{
    char word[16] = "", entry[UUID_TEXT];
    OWN_JSON json *run = NULL;
    if (!ledger_run(ledger, company, task_or_no, &run, err))
        return false;
    snprintf(entry, sizeof entry, "%s", json_text(run, "entry"));
    /* Also of a run that is over: the entry's history tells who asked in vain. */
    if (!command(ledger, "cancel", company, entry, json_text(run, "task"), word, granted, err) &&
        err->code != 404)
        return false;
    if (strcmp(word, "done") == 0 || strcmp(word, "running") == 0)
        return true;
    const char *outcome = json_text(run, "outcome");
    return err_set(err, ERR_FATAL, 409, "run %" PRId64 " has ended%s%s%s; nothing to cancel",
                   json_int(run, "no", 0), *outcome ? " (" : "", outcome, *outcome ? ")" : "");
}

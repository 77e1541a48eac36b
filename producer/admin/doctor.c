/* doctor.c - runs every check, and puts together what they found. */
#include "admin/doctor.h"

#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "admin/actions.h"
#include "admin/routes.h"
#include "ledger/alive.h"

static void (*const CHECKS[])(struct doctor *doctor) = {
    doctor_redis,      doctor_kafka, doctor_transport,   doctor_clocks,
    doctor_workers,    doctor_zones, doctor_credentials, doctor_entries,
    doctor_categories, doctor_peers, doctor_webhooks,    doctor_templates,
};

json *doctor_add(struct doctor *doctor, const char *code, enum check_state state, const char *text,
                 ...)
{
    static const char *const STATES[] = {"ok", "warn", "bad"};
    char written[1500];
    json *row = json_new_object();
    va_list args;
    va_start(args, text);
    vsnprintf(written, sizeof written, text, args);
    va_end(args);
    json_set_text(row, "code", code);
    json_set_text(row, "state", STATES[state]);
    json_set_text(row, "case", "");
    json_set_text(row, "text", written);
    json_set(row, "values", json_new_object());
    json_set_text(row, "advice", "");
    json_set(row, "actions", json_new_array());
    json_add(doctor->rows, row);
    return row;
}

json *doctor_values(json *row)
{
    return json_get(row, "values");
}

void doctor_case(json *row, const char *word)
{
    json_set_text(row, "case", word);
}

void doctor_advise(json *row, const char *advice, ...)
{
    char written[800];
    va_list args;
    va_start(args, advice);
    vsnprintf(written, sizeof written, advice, args);
    va_end(args);
    json_set_text(row, "advice", written);
}

void doctor_command(json *row, const char *title, const char *command, ...)
{
    char written[400];
    json *action = json_new_object();
    va_list args;
    va_start(args, command);
    vsnprintf(written, sizeof written, command, args);
    va_end(args);
    json_set_text(action, "title", title);
    json_set_text(action, "command", written);
    json_add(json_get(row, "actions"), action);
}

void doctor_call(json *row, const char *title, const char *method, const char *path, json *body)
{
    json *action = action_new(title, method, path);
    if (body)
        json_set(action, "body", body);
    json_add(json_get(row, "actions"), action);
}

void doctor_unseen(struct doctor *doctor, const char *code, const struct err *err)
{
    json *row = doctor_add(doctor, code, CHECK_BAD, "could not be looked at: %s", err->text);
    json_set_text(doctor_values(row), "error", err->text);
    doctor_case(row, "unseen");
    doctor_advise(row, "Cure what the error says, then ask again.");
}

static size_t count_of(const json *rows, const char *state)
{
    size_t count = 0;
    for (size_t i = 0; i < json_count(rows); i++)
        count += strcmp(json_text(json_at(rows, i), "state"), state) == 0;
    return count;
}

const char *doctor_state(const json *rows)
{
    return count_of(rows, "bad") ? "bad" : count_of(rows, "warn") ? "warn" : "ok";
}

bool doctor_get(struct api_call *call, struct err *err)
{
    OWN(ledger) struct ledger *ledger = NULL;
    OWN_JSON json *rows = json_new_array(), *alive = NULL;
    struct doctor doctor = {.config = call->config, .rows = rows};
    if (ledger_open(&call->config->ledger, &ledger, err) && ledger_alive(ledger, &alive, err)) {
        doctor.ledger = ledger;
        doctor.alive = alive;
        for (size_t i = 0; i < COUNT(CHECKS); i++)
            CHECKS[i](&doctor);
    } else {
        json *row = doctor_add(&doctor, "redis", CHECK_BAD, "Redis does not answer: %s", err->text);
        json_set_text(doctor_values(row), "error", err->text);
        doctor_advise(row, "Start Redis again, or set --redis (CARTAGE_REDIS) of producers and "
                           "workers to where it is. Nothing runs until then; nothing is lost.");
        err_clear(err);
    }
    json *answer = json_new_object();
    json_set_text(answer, "state", doctor_state(rows));
    json_set(answer, "checks", GIVE(rows));
    return api_answer(call, MHD_HTTP_OK, answer);
}

/* model.c - the promises of the queue, one function each. */
#include "model.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/entry.h"

enum { VIOLATIONS_MOST = 20, MAX_LOST = 3, BLANK_PERMITS = 5 };

struct task { /* one occurrence */
    char id[96], entry[UUID_TEXT];
    int64_t epoch, slot, attempt; /* highest claimed */
    bool open, ok, closed;
    char fence[48], lane[128];
};

struct place { /* an entry as the history tells it */
    char id[UUID_TEXT], stands[16], lane[128];
    int64_t epoch, last_slot, key;
    bool gated, wish; /* wish: one more run was promised while this one runs */
};

struct model {
    int max_retry;
    int64_t retry_ms;
    struct task *tasks;
    struct place *places;
    char (*fences)[48];
    size_t task_count, place_count, fence_count, records, claims;
    json *violations;
};

struct model *model_new(int max_retry, int64_t retry_ms)
{
    struct model *model = mem_new(sizeof *model);
    model->max_retry = max_retry;
    model->retry_ms = retry_ms;
    return model;
}

void model_free(struct model *model)
{
    if (!model)
        return;
    free(model->tasks);
    free(model->places);
    free(model->fences);
    json_free(model->violations);
    free(model);
}

void model_breach(struct model *model, const char *invariant, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (!model->violations)
        model->violations = json_new_array();
    if (json_count(model->violations) >= VIOLATIONS_MOST)
        return;
    json *row = json_new_object();
    json_set_text(row, "invariant", invariant);
    json_set_text(row, "text", text);
    json_add(model->violations, row);
}

const json *model_violations(const struct model *model)
{
    return model->violations;
}

size_t model_records(const struct model *model)
{
    return model->records;
}

size_t model_claims(const struct model *model)
{
    return model->claims;
}

/* ---- finding ---- */

static struct task *find_task(const struct model *model, const char *id)
{
    for (size_t i = model->task_count; i-- > 0;)
        if (strcmp(model->tasks[i].id, id) == 0)
            return &model->tasks[i];
    return NULL;
}

static struct task *task_of(struct model *model, const struct record *record)
{
    struct task *task = find_task(model, record->task);
    if (task)
        return task;
    model->tasks =
        mem_grow(model->tasks, model->task_count, model->task_count + 1, sizeof *model->tasks);
    task = &model->tasks[model->task_count++];
    *task = (struct task){.epoch = record->epoch, .slot = record->slot};
    snprintf(task->id, sizeof task->id, "%s", record->task);
    snprintf(task->entry, sizeof task->entry, "%s", record->entry);
    return task;
}

static struct place *place_of(struct model *model, const struct record *record)
{
    for (size_t i = 0; i < model->place_count; i++)
        if (strcmp(model->places[i].id, record->entry) == 0)
            return &model->places[i];
    model->places =
        mem_grow(model->places, model->place_count, model->place_count + 1, sizeof *model->places);
    struct place *place = &model->places[model->place_count++];
    *place = (struct place){.stands = "-"};
    snprintf(place->id, sizeof place->id, "%s", record->entry);
    return place;
}

const char *model_holder(const struct model *model, const char *task_id)
{
    const struct task *task = find_task(model, task_id);
    return task && task->open ? task->fence : "";
}

int64_t model_attempt(const struct model *model, const char *task_id)
{
    const struct task *task = find_task(model, task_id);
    return task ? task->attempt : 0;
}

size_t model_running(const struct model *model)
{
    size_t count = 0;
    for (size_t i = 0; i < model->task_count; i++)
        count += model->tasks[i].open;
    return count;
}

static size_t permits_of(const char *lane)
{
    size_t size = strlen(lane);
    return size && lane[size - 1] == ':' ? BLANK_PERMITS : 1;
}

/* ---- claims ---- */

static void check_exclusion(struct model *model, const struct record *record)
{
    size_t lane = 0;
    for (size_t i = 0; i < model->task_count; i++) {
        const struct task *task = &model->tasks[i];
        if (!task->open)
            continue;
        lane += strcmp(task->lane, record->lane) == 0;
        if (strcmp(task->entry, record->entry) == 0)
            model_breach(model, "I3", "entry %s: %s is claimed while %s runs", record->entry,
                         record->task, task->id);
    }
    if (lane >= permits_of(record->lane))
        model_breach(model, "I1", "lane %s: %s is claimed while %zu run", record->lane,
                     record->task, lane);
}

static void check_fence_is_new(struct model *model, const struct record *record)
{
    for (size_t i = 0; i < model->fence_count; i++)
        if (strcmp(model->fences[i], record->fence) == 0)
            model_breach(model, "I12", "fence %s claims a second time: %s", record->fence,
                         record->task);
    model->fences =
        mem_grow(model->fences, model->fence_count, model->fence_count + 1, sizeof *model->fences);
    snprintf(model->fences[model->fence_count++], sizeof *model->fences, "%s", record->fence);
}

static void check_task_id(struct model *model, const struct record *record)
{
    char want[96];
    snprintf(want, sizeof want, "%s.%" PRId64 ".%" PRId64, record->entry, record->epoch,
             record->slot);
    const char *last = strrchr(record->task, '.');
    size_t entry = strlen(record->entry);
    if (!last || strncmp(record->task, record->entry, entry) != 0 ||
        strtoll(last + 1, NULL, 10) != record->slot || strcmp(want, record->task) != 0)
        model_breach(model, "I14", "task %s is not %s", record->task, want);
}

static void on_claim(struct model *model, const struct record *record, struct place *place)
{
    struct task *task = task_of(model, record);
    model->claims++;
    check_exclusion(model, record);
    check_fence_is_new(model, record);
    check_task_id(model, record);
    if (record->attempt != task->attempt + 1)
        model_breach(model, "I10", "%s: attempt %" PRId64 " is claimed after attempt %" PRId64,
                     record->task, record->attempt, task->attempt);
    if (task->ok || task->closed)
        model_breach(model, "I4", "%s is claimed although it is over", record->task);
    if (record->at < record->due)
        model_breach(model, "I6", "%s is claimed %" PRId64 " ms early", record->task,
                     record->due - record->at);
    if (record->epoch < place->epoch || strcmp(record->from, "0/granted") != 0)
        model_breach(model, "I13", "%s of epoch %" PRId64 " is claimed from %s, epoch %" PRId64,
                     record->task, record->epoch, record->from, place->epoch);
    task->attempt = record->attempt;
    task->open = true;
    snprintf(task->fence, sizeof task->fence, "%s", record->fence);
    snprintf(task->lane, sizeof task->lane, "%s", record->lane);
}

/* ---- ends ---- */

static void check_budgets(struct model *model, const struct record *record)
{
    if (strcmp(record->event, "retry") == 0) {
        int64_t step = 5000;
        for (int64_t n = 1; n <= record->retries && step < 3600000; n++)
            step *= 2;
        int64_t least = model->retry_ms + (step < 3600000 ? step : 3600000) * 8 / 10;
        if (record->retries > model->max_retry)
            model_breach(model, "I10", "%s: retry %" PRId64 " of at most %d", record->task,
                         record->retries, model->max_retry);
        if (record->due - record->at < least)
            model_breach(model, "I10", "%s: retry %" PRId64 " comes after %" PRId64 " ms",
                         record->task, record->retries, record->due - record->at);
    }
    if (record->lost > MAX_LOST)
        model_breach(model, "I10", "%s: lost %" PRId64 " times", record->task, record->lost);
}

static void on_end(struct model *model, const struct record *record)
{
    struct task *task = find_task(model, record->task);
    if (!task || !task->open) {
        model_breach(model, "I18", "%s: %s closes what no claim opened", record->task,
                     record->event);
        return;
    }
    if (strcmp(task->fence, record->fence) != 0)
        model_breach(model, "I12", "%s is closed by fence %s, claimed by %s", record->task,
                     record->fence, task->fence);
    if (task->attempt != record->attempt)
        model_breach(model, "I18", "%s: attempt %" PRId64 " closes, %" PRId64 " runs", record->task,
                     record->attempt, task->attempt);
    if (strcmp(record->outcome, "ok") == 0 && task->ok)
        model_breach(model, "I4", "%s is ok a second time", record->task);
    check_budgets(model, record);
    task->ok |= strcmp(record->outcome, "ok") == 0;
    task->closed |= strcmp(record->event, "finish") == 0;
    task->open = false;
}

/* I21: who asked for one more run during this one gets it, at once or 30 s after this one's start.
 */
static void check_wish(struct model *model, const struct record *record, struct place *place)
{
    bool over = strcmp(record->event, "finish") == 0;
    if (strcmp(record->event, "rerun") == 0)
        place->wish = true;
    if (strcmp(record->event, "delete") == 0 || strncmp(record->to, "3/", 2) == 0 ||
        (strcmp(record->event, "claim") == 0 && record->attempt == 1) ||
        strcmp(record->event, "cancel") == 0 || strcmp(record->event, "edit") == 0)
        place->wish = false;
    if (!over || !place->wish)
        return;
    place->wish = false;
    if (strcmp(record->to, "0/due") != 0 || record->due - record->at > 30000)
        model_breach(model, "I21", "%s ends, one more run was asked for, and it goes to %s",
                     record->task, record->to);
}

/* ---- places and order ---- */

static void check_order(struct model *model, const struct record *record,
                        const struct place *chosen)
{
    for (size_t i = 0; i < model->place_count; i++) {
        const struct place *place = &model->places[i];
        if (place != chosen && place->gated && strcmp(place->lane, record->lane) == 0 &&
            place->key < chosen->key)
            model_breach(model, "I15", "lane %s: %s is granted, %s was in front of it",
                         record->lane, record->entry, place->id);
    }
}

static int64_t penalty(int64_t priority)
{
    return priority == PRIORITY_HIGH ? 0 : priority == PRIORITY_NORMAL ? 300000 : 1800000;
}

static const char *const SUBS[] = {"due", "gated", "granted", "running", "rest"};

static bool parse_place(const char *text, enum entry_status *status, enum entry_sub *sub)
{
    *status = (enum entry_status)(text[0] - '0');
    for (size_t i = 0; i < COUNT(SUBS); i++) {
        if (text[0] && text[1] == '/' && strcmp(text + 2, SUBS[i]) == 0) {
            *sub = (enum entry_sub)i;
            return true;
        }
    }
    return false;
}

/* One event of the history is one or several of the table's (how a run ended decides). */
static const struct {
    const char *event;
    enum entry_event on[3];
    int count;
} EVENTS[] = {
    {"fire",    {ON_FIRE},                          1},
    {"grant",   {ON_GRANT},                         1},
    {"late",    {ON_LATE},                          1},
    {"fail",    {ON_FAIL},                          1},
    {"claim",   {ON_CLAIM},                         1},
    {"finish",  {ON_FINISH, ON_IDLE, ON_EXHAUSTED}, 3},
    {"retry",   {ON_RETRY},                         1},
    {"park",    {ON_PARK},                          1},
    {"lost",    {ON_LOST},                          1},
    {"hold",    {ON_HOLD},                          1},
    {"ready",   {ON_READY},                         1},
    {"restart", {ON_RESTART},                       1},
    {"wake",    {ON_WAKE},                          1},
    {"cancel",  {ON_CANCEL},                        1},
    {"edit",    {ON_EDIT},                          1},
};

static void check_move(struct model *model, const struct record *record)
{
    enum entry_status from, to, want;
    enum entry_sub from_sub, to_sub, want_sub;
    if (!parse_place(record->from, &from, &from_sub) || !parse_place(record->to, &to, &to_sub))
        return; /* a new entry, or one that is gone */
    if (from == to && from_sub == to_sub)
        return;
    for (size_t i = 0; i < COUNT(EVENTS); i++) {
        for (int k = 0; strcmp(EVENTS[i].event, record->event) == 0 && k < EVENTS[i].count; k++)
            if (entry_move(from, from_sub, EVENTS[i].on[k], &want, &want_sub) && want == to &&
                want_sub == to_sub)
                return;
    }
    model_breach(model, "I13", "%s: %s leads from %s to %s, which is no row of the table",
                 record->entry, record->event, record->from, record->to);
}

void model_tell(struct model *model, const struct record *record)
{
    static const char *const ENDS[] = {"finish", "park", "retry", "lost"};
    struct place *place = place_of(model, record);
    model->records++;
    if (strcmp(place->stands, record->from) != 0)
        model_breach(model, "I11", "%s: %s says it stood at %s, it stood at %s", record->entry,
                     record->event, record->from, place->stands);
    check_move(model, record);
    check_wish(model, record, place);
    if (strcmp(record->event, "grant") == 0)
        check_order(model, record, place);
    if (strcmp(record->event, "claim") == 0)
        on_claim(model, record, place);
    for (size_t i = 0; i < COUNT(ENDS); i++)
        if (strcmp(record->event, ENDS[i]) == 0)
            on_end(model, record);
    if (record->epoch < place->epoch)
        model_breach(model, "I13", "%s: the epoch falls from %" PRId64 " to %" PRId64,
                     record->entry, place->epoch, record->epoch);

    place->epoch = record->epoch;
    snprintf(place->stands, sizeof place->stands, "%s", record->to);
    place->gated = strcmp(record->to, "6/gated") == 0;
    if (place->gated) {
        place->key = record->ready + penalty(record->priority);
        snprintf(place->lane, sizeof place->lane, "%s:%s", record->company, record->category);
    }
}

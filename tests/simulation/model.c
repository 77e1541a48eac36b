/* model.c - the promises of the queue, one function each. */
#include "model.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model_inside.h"

enum { BLANK_PERMITS = 5 };

struct model *model_new(struct tally *tally)
{
    struct model *model = mem_new(sizeof *model);
    model->tally = tally;
    return model;
}

void model_free(struct model *model)
{
    if (!model)
        return;
    free(model->tasks);
    free(model->places);
    free(model->lanes);
    free(model->fences);
    json_free(model->violations);
    free(model);
}

static void *copy(const void *from, size_t count, size_t size)
{
    void *to = mem_array(count + 1, size);
    if (count)
        memcpy(to, from, count * size);
    return to;
}

struct model *model_copy(const struct model *model)
{
    struct model *to = mem_new(sizeof *to);
    *to = *model;
    to->tasks = copy(model->tasks, model->task_count, sizeof *to->tasks);
    to->places = copy(model->places, model->place_count, sizeof *to->places);
    to->lanes = copy(model->lanes, model->lane_count, sizeof *to->lanes);
    to->fences = copy(model->fences, model->fence_count, sizeof *to->fences);
    to->violations = NULL;
    return to;
}

void model_take_back(struct model **model, struct model *old)
{
    old->violations = GIVE((*model)->violations);
    old->records = (*model)->records;
    old->claims = (*model)->claims;
    model_free(*model);
    *model = old;
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

size_t model_tasks(const struct model *model)
{
    return model->task_count;
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

static struct place *find_place(const struct model *model, const char *id)
{
    for (size_t i = 0; i < model->place_count; i++)
        if (strcmp(model->places[i].id, id) == 0)
            return &model->places[i];
    return NULL;
}

static struct place *place_of(struct model *model, const struct record *record)
{
    struct place *place = find_place(model, record->entry);
    if (place)
        return place;
    model->places =
        mem_grow(model->places, model->place_count, model->place_count + 1, sizeof *model->places);
    place = &model->places[model->place_count++];
    *place = (struct place){.stands = "-"};
    snprintf(place->id, sizeof place->id, "%s", record->entry);
    return place;
}

static const struct lane *find_lane(const struct model *model, const char *name)
{
    for (size_t i = 0; i < model->lane_count; i++)
        if (strcmp(model->lanes[i].name, name) == 0)
            return &model->lanes[i];
    return NULL;
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

int64_t model_started(const struct model *model, const char *task_id)
{
    const struct task *task = find_task(model, task_id);
    return task ? task->started_ms : 0;
}

bool model_claimed(const struct model *model, const char *fence)
{
    for (size_t i = model->fence_count; i-- > 0;)
        if (strcmp(model->fences[i], fence) == 0)
            return true;
    return false;
}

bool model_cancelled(const struct model *model, const char *task_id)
{
    const struct task *task = find_task(model, task_id);
    return task && task->open && task->cancelled;
}

size_t model_running(const struct model *model)
{
    size_t count = 0;
    for (size_t i = 0; i < model->task_count; i++)
        count += model->tasks[i].open;
    return count;
}

size_t model_permits(const struct model *model, const char *name)
{
    const struct lane *lane = find_lane(model, name);
    size_t size = strlen(name);
    if (lane)
        return lane->permits;
    return size && name[size - 1] == ':' ? BLANK_PERMITS : 1;
}

bool model_paused(const struct model *model, const char *name)
{
    const struct lane *lane = find_lane(model, name);
    return lane && lane->paused;
}

void model_lease(struct model *model, const char *entry, int64_t until_ms)
{
    struct place *place = find_place(model, entry);
    if (place)
        place->lease_ms = until_ms;
}

void model_leases_end(struct model *model)
{
    for (size_t i = 0; i < model->place_count; i++)
        model->places[i].lease_ms = 0;
}

void model_approval(struct model *model, bool approval)
{
    model->approval = approval;
}

const char *model_stands(const struct model *model, const char *entry)
{
    const struct place *place = find_place(model, entry);
    return place ? place->stands : "-";
}

static void on_category(struct model *model, const struct record *record)
{
    struct lane *lane = (struct lane *)(uintptr_t)find_lane(model, record->lane);
    if (!lane) {
        model->lanes =
            mem_grow(model->lanes, model->lane_count, model->lane_count + 1, sizeof *model->lanes);
        lane = &model->lanes[model->lane_count++];
        snprintf(lane->name, sizeof lane->name, "%s", record->lane);
    }
    lane->permits = (size_t)record->permits;
    lane->paused = record->paused;
    lane->strict = strcmp(record->order, "strict") == 0;
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
    /* A lane whose permits were taken back keeps what was granted before. */
    if (lane >= model_permits(model, record->lane) && lane >= find_task(model, record->task)->peers)
        model_breach(model, "I1", "lane %s: %s is claimed while %zu run", record->lane,
                     record->task, lane);
}

static void check_fence_is_new(struct model *model, const struct record *record)
{
    if (model_claimed(model, record->fence))
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
    if (strcmp(want, record->task) != 0)
        model_breach(model, "I14", "task %s is not %s", record->task, want);
}

/* I6, I7: not before it is due, not after it may start. Where Redis' clock has stepped back the
 * latest time it ever showed counts. */
static void check_when(struct model *model, const struct record *record)
{
    if (model->latest_ms < record->due)
        model_breach(model, "I6", "%s is claimed %" PRId64 " ms early", record->task,
                     record->due - model->latest_ms);
    if (record->defined && record->until && record->at > record->until)
        model_breach(model, "I7", "%s is %sed %" PRId64 " ms after it might start", record->task,
                     record->event, record->at - record->until);
    if (record->defined && !record->resumed && record->expires &&
        (!record->until || record->until > record->expires))
        model_breach(model, "I7", "%s may start until %" PRId64 ", its entry expires at %" PRId64,
                     record->task, record->until, record->expires);
}

static void on_claim(struct model *model, const struct record *record, struct place *place)
{
    struct task *task = task_of(model, record);
    model->claims++;
    task->peers = place->peers;
    check_exclusion(model, record);
    check_fence_is_new(model, record);
    check_task_id(model, record);
    check_when(model, record);
    if (record->attempt != task->attempt + 1)
        model_breach(model, "I10", "%s: attempt %" PRId64 " is claimed after attempt %" PRId64,
                     record->task, record->attempt, task->attempt);
    if (task->ok || task->closed)
        model_breach(model, "I4", "%s is claimed although it is over", record->task);
    if (record->epoch < place->epoch || strcmp(record->from, "0/granted") != 0)
        model_breach(model, "I13", "%s of epoch %" PRId64 " is claimed from %s, epoch %" PRId64,
                     record->task, record->epoch, record->from, place->epoch);
    task->attempt = record->attempt;
    task->open = true;
    task->cancelled = false;
    snprintf(task->fence, sizeof task->fence, "%s", record->fence);
    snprintf(task->lane, sizeof task->lane, "%s", record->lane);
    task->started_ms = place->started_ms = record->at;
}

/* ---- ends ---- */

static void check_retry(struct model *model, const struct record *record)
{
    int64_t step = 5000;
    for (int64_t n = 1; n <= record->retries && step < 3600000; n++)
        step *= 2;
    int64_t least = record->retry_ms + (step < 3600000 ? step : 3600000) * 8 / 10;
    if (record->retries > record->max_retry)
        model_breach(model, "I10", "%s: retry %" PRId64 " of at most %" PRId64, record->task,
                     record->retries, record->max_retry);
    if (record->due - record->at < least)
        model_breach(model, "I10", "%s: retry %" PRId64 " comes after %" PRId64 " ms", record->task,
                     record->retries, record->due - record->at);
}

/* A retry uses one of its budget, a loss one of the other, a park none. */
static void check_budgets(struct model *model, const struct record *record,
                          const struct place *place)
{
    bool retry = strcmp(record->event, "retry") == 0, lost = strcmp(record->event, "lost") == 0;
    if (strcmp(record->event, "finish") == 0)
        return;
    if (retry && record->defined)
        check_retry(model, record);
    if (record->lost > MAX_LOST)
        model_breach(model, "I10", "%s: lost %" PRId64 " times", record->task, record->lost);
    if (record->retries != place->retries + retry || record->lost != place->lost + lost)
        model_breach(model, "I10",
                     "%s: a %s leads from %" PRId64 " retries and %" PRId64 " losses to %" PRId64
                     " and %" PRId64,
                     record->task, record->event, place->retries, place->lost, record->retries,
                     record->lost);
}

static void check_loss(struct model *model, const struct record *record, const struct place *place)
{
    if (strcmp(record->event, "park") != 0 && record->at < place->lease_ms)
        model_breach(model, "I10", "%s is lost %" PRId64 " ms before its lease and grace are over",
                     record->task, place->lease_ms - record->at);
}

static void on_end(struct model *model, const struct record *record, struct place *place)
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
    check_budgets(model, record, place);
    check_loss(model, record, place);
    task->ok |= strcmp(record->outcome, "ok") == 0;
    task->closed |= strcmp(record->event, "finish") == 0;
    task->open = false;
}

/* ---- everything ---- */

static bool is(const struct record *record, const char *event)
{
    return strcmp(record->event, event) == 0;
}

static void remember(const struct record *record, struct place *place)
{
    place->retries = record->retries;
    place->lost = record->lost;
    snprintf(place->stands, sizeof place->stands, "%s", record->to);
    place->waits = strcmp(record->to, "3/rest") == 0 &&
                   (is(record, "park") ||
                    (place->waits && record->epoch == place->epoch && !is(record, "hold")));
    place->epoch = record->epoch;
    place->gated = strcmp(record->to, "6/gated") == 0;
    place->ready = record->ready;
    place->priority = record->priority;
    place->no = is(record, "add") ? record->no : place->no;
    if (is(record, "finish"))
        place->ended_ms = record->at;
    if (is(record, "finish") || is(record, "expire"))
        place->resolved = record->slot > place->resolved ? record->slot : place->resolved;
    if (place->gated)
        snprintf(place->lane, sizeof place->lane, "%s:%s", record->company, record->category);
}

void model_tell(struct model *model, const struct record *record)
{
    static const char *const ENDS[] = {"finish", "park", "retry", "lost"};
    model->records++;
    model->latest_ms = record->at > model->latest_ms ? record->at : model->latest_ms;
    if (is(record, "category")) {
        on_category(model, record);
        return;
    }
    if (is(record, "anomaly"))
        model_breach(model, "I11", "the audit found of %s: %s", record->entry, record->why);
    struct place *place = place_of(model, record);
    if (strcmp(place->stands, record->from) != 0)
        model_breach(model, "I11", "%s: %s says it stood at %s, it stood at %s", record->entry,
                     record->event, record->from, place->stands);
    model_check_move(model, record, place);
    if (is(record, "grant")) {
        model_check_order(model, record, place);
        check_when(model, record);
        place->peers = model_permits(model, record->lane);
    }
    if (is(record, "cancel") && strcmp(record->to, "1/running") == 0 &&
        find_task(model, record->task))
        find_task(model, record->task)->cancelled = true;
    if (is(record, "claim"))
        on_claim(model, record, place);
    for (size_t i = 0; i < COUNT(ENDS); i++)
        if (is(record, ENDS[i]))
            on_end(model, record, place);
    remember(record, place);
}

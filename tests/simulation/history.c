/* history.c - the history as the scripts write it, read after each call and told to the model. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/history.h"
#include "world.h"

enum { PAGE = 500 };

static int64_t number(const struct history_row *row, const char *name)
{
    return strtoll(history_text(row, name), NULL, 10);
}

static void record_line(struct world *world, int bucket, const struct history_row *row)
{
    if (!world->record)
        return;
    OWN_JSON json *line = json_new_object();
    json_set_int(line, "bucket", bucket);
    json_set_int(line, "seq", row->seq);
    for (size_t i = 0; i < row->count; i++)
        json_set_text(line, row->name[i], row->text[i]);
    fprintf(world->record, "%s\n", json_write(line));
}

static int64_t asked(const redisReply *row, size_t at) /* fields that say nothing are left out */
{
    return row->element[at]->str ? strtoll(row->element[at]->str, NULL, 10) : 0;
}

/* What the record does not say: the entry's definition as it is now, right after the script. */
static void add_definition(struct world *world, struct record *record)
{
    static const char *const ASKED[] = {"fire", "grant", "claim", "finish", "retry", "cancel"};
    size_t i = 0;
    while (i < COUNT(ASKED) && strcmp(ASKED[i], record->event) != 0)
        i++;
    if (i == COUNT(ASKED))
        return;
    OWN_REPLY redisReply *row = world_look(world, record->company,
                                           "HMGET e:%s schedule until expires stop_on_exhausted "
                                           "ephemeral resumed max_retry retry_ms",
                                           record->entry);
    if (row->element[0]->type != REDIS_REPLY_STRING)
        return; /* it is gone */
    record->defined = true;
    record->once = strcmp(row->element[0]->str, "at") == 0;
    record->until = asked(row, 1);
    record->expires = asked(row, 2);
    record->stops = asked(row, 3);
    record->ephemeral = asked(row, 4);
    record->resumed = asked(row, 5);
    record->max_retry = asked(row, 6);
    record->retry_ms = asked(row, 7);
}

static void tell(struct world *world, int bucket, const struct history_row *row)
{
    struct record record = {
        .event = history_text(row, "event"),
        .entry = history_text(row, "entry"),
        .task = history_text(row, "task"),
        .fence = history_text(row, "fence"),
        .lane = history_text(row, "lane"),
        .company = history_text(row, "company"),
        .category = history_text(row, "category"),
        .from = history_text(row, "from"),
        .to = history_text(row, "to"),
        .outcome = history_text(row, "outcome"),
        .why = history_text(row, "why"),
        .at = number(row, "at"),
        .attempt = number(row, "attempt"),
        .epoch = number(row, "epoch"),
        .slot = number(row, "slot"),
        .due = number(row, "due"),
        .ready = number(row, "ready"),
        .priority = number(row, "prio"),
        .retries = number(row, "retries"),
        .lost = number(row, "lost"),
        .no = number(row, "no"),
        .permits = number(row, "permits"),
        .paused = number(row, "paused") == 1,
        .matters = number(row, "matters") == 1,
        .woken = number(row, "woken"),
        .order = history_text(row, "order"),
    };
    add_definition(world, &record);
    model_tell(world->model, &record);
    record_line(world, bucket, row);
}

void world_read_history(struct world *world, const char *company)
{
    int bucket = world_bucket(world, company);
    for (size_t got = PAGE; got == PAGE;) {
        const char *from = *world->seen[bucket] ? world->seen[bucket] : "0";
        OWN_REPLY redisReply *reply =
            world_look(world, company, "XRANGE hist (%s + COUNT %d", from, PAGE);
        got = reply->elements;
        for (size_t i = 0; i < got; i++) {
            struct history_rows rows;
            struct history_row row;
            for (history_begin(reply->element[i], &rows); history_next(&rows, &row);)
                tell(world, bucket, &row);
            snprintf(world->seen[bucket], sizeof world->seen[bucket], "%s",
                     reply->element[i]->element[0]->str);
        }
    }
}

/* What Redis forgets, its history and whoever believed it forget, too. */
void history_keep(struct world *world)
{
    model_free(world->model_kept);
    world->model_kept = model_copy(world->model);
    memcpy(world->seen_kept, world->seen, sizeof world->seen);
    if (world->record)
        world->record_kept = ftell(world->record);
}

void history_roll_back(struct world *world)
{
    model_take_back(&world->model, world->model_kept);
    world->model_kept = NULL;
    memcpy(world->seen, world->seen_kept, sizeof world->seen);
    if (!world->record)
        return;
    fflush(world->record);
    if (ftruncate(fileno(world->record), world->record_kept) != 0 ||
        fseek(world->record, world->record_kept, SEEK_SET) != 0)
        exit(2);
}

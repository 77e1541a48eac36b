/* ledger.c - the ledger's calls: arguments in, answers out; every decision is in schemas/redis. */
#include "ledger/ledger.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/call.h"
#include "ledger/write.h"

enum { DEFAULT_LEASE_MS = 10000, BUCKETS = 16 };

struct ledger {
    struct redis *redis;
    char environment[33];
    int64_t lease_ms, simulated_ms;
    int buckets;
};

/* ---- calls ---- */

void ledger_prefix(const struct ledger *ledger, int bucket, char out[static 80])
{
    snprintf(out, 80, "ct:{%s/%02x}:", ledger->environment, bucket);
}

static void reserve(struct call *call)
{
    if (call->argc < call->capacity)
        return;
    size_t more = call->capacity ? (size_t)call->capacity * 2 : 32;
    call->argv = mem_grow(call->argv, (size_t)call->capacity, more, sizeof *call->argv);
    call->sizes = mem_grow(call->sizes, (size_t)call->capacity, more, sizeof *call->sizes);
    call->capacity = (int)more;
}

void call_bytes(struct call *call, const void *bytes, size_t size)
{
    reserve(call);
    call->argv[call->argc] = bytes ? bytes : "";
    call->sizes[call->argc++] = size;
}

void call_text(struct call *call, const char *text)
{
    call_bytes(call, text, text ? strlen(text) : 0);
}

void call_number(struct call *call, int64_t number)
{
    call_text(call, arena_printf(call->texts, "%" PRId64, number));
}

void call_begin(struct call *call, const struct ledger *ledger, int bucket)
{
    *call = (struct call){.texts = arena_new()};
    ledger_prefix(ledger, bucket, call->prefix);
    call_text(call, call->prefix);
    call_number(call, ledger->simulated_ms);
}

void call_drop(struct call *call)
{
    arena_free(call->texts);
    free(call->argv);
    free(call->sizes);
}

bool call_run(struct ledger *ledger, const char *script, struct call *call, redisReply **out,
              struct err *err)
{
    return redis_script(ledger->redis, script, 1, call->argc, call->argv, call->sizes, out, err);
}

const char *reply_text(const redisReply *reply, size_t index)
{
    if (!reply || reply->type != REDIS_REPLY_ARRAY || index >= reply->elements)
        return "";
    const redisReply *item = reply->element[index];
    return item->type == REDIS_REPLY_STRING || item->type == REDIS_REPLY_STATUS ? item->str : "";
}

int64_t reply_number(const redisReply *reply, size_t index)
{
    if (!reply || reply->type != REDIS_REPLY_ARRAY || index >= reply->elements)
        return 0;
    const redisReply *item = reply->element[index];
    if (item->type == REDIS_REPLY_INTEGER)
        return item->integer;
    return item->type == REDIS_REPLY_STRING ? strtoll(item->str, NULL, 10) : 0;
}

static const redisReply *reply_part(const redisReply *reply, size_t index)
{
    return reply && reply->type == REDIS_REPLY_ARRAY && index < reply->elements
               ? reply->element[index]
               : NULL;
}

static struct ticket ticket_read(const struct ledger *ledger, const redisReply *row)
{
    struct ticket ticket = {0};
    snprintf(ticket.task, sizeof ticket.task, "%s", reply_text(row, 0));
    snprintf(ticket.entry, sizeof ticket.entry, "%s", reply_text(row, 1));
    snprintf(ticket.company, sizeof ticket.company, "%s", reply_text(row, 2));
    snprintf(ticket.category, sizeof ticket.category, "%s", reply_text(row, 3));
    snprintf(ticket.operation, sizeof ticket.operation, "%s", reply_text(row, 4));
    snprintf(ticket.environment, sizeof ticket.environment, "%s", ledger->environment);
    ticket.epoch = (uint64_t)reply_number(row, 5);
    ticket.attempt = (uint32_t)reply_number(row, 6);
    ticket.kind = (enum ticket_kind)reply_number(row, 7);
    ticket.granted_ms = reply_number(row, 8);
    snprintf(ticket.trace, sizeof ticket.trace, "%s", reply_text(row, 9));
    return ticket;
}

void call_tickets(const struct ledger *ledger, const redisReply *reply, struct tickets *out)
{
    for (size_t i = 0; reply && i < reply->elements; i++) {
        struct ticket ticket = ticket_read(ledger, reply->element[i]);
        tickets_add(out, &ticket);
    }
}

/* ---- opening ---- */

bool ledger_open(const struct ledger_config *config, struct ledger **out, struct err *err)
{
    OWN(ledger) struct ledger *ledger = mem_new(sizeof *ledger);
    snprintf(ledger->environment, sizeof ledger->environment, "%s", config->environment);
    ledger->lease_ms = config->lease_ms > 0 ? config->lease_ms : DEFAULT_LEASE_MS;
    ledger->buckets = BUCKETS;
    if (!redis_open(config->redis, config->access, config->timeout_ms, &ledger->redis, err))
        return err_wrap(err, "open the ledger");
    *out = GIVE(ledger);
    return true;
}

void ledger_free(struct ledger *ledger)
{
    if (!ledger)
        return;
    redis_free(ledger->redis);
    free(ledger);
}

struct redis *ledger_redis(struct ledger *ledger)
{
    return ledger->redis;
}

const char *ledger_environment(const struct ledger *ledger)
{
    return ledger->environment;
}

int64_t ledger_lease_ms(const struct ledger *ledger)
{
    return ledger->lease_ms;
}

int ledger_buckets(const struct ledger *ledger)
{
    return ledger->buckets;
}

int ledger_bucket(const struct ledger *ledger, const char *company)
{
    unsigned char bytes[16], digest[crypto_generichash_BYTES];
    if (!uuid_parse(company, bytes))
        memset(bytes, 0, sizeof bytes); /* a GUID was checked where it came in */
    crypto_generichash(digest, sizeof digest, bytes, sizeof bytes, NULL, 0);
    return digest[0] % ledger->buckets;
}

bool ledger_simulate(struct ledger *ledger, int64_t now_ms, struct err *err)
{
    char prefix[80];
    if (!ledger->simulated_ms) {
        for (int bucket = 0; bucket < ledger->buckets; bucket++) {
            OWN_REPLY redisReply *reply = NULL;
            ledger_prefix(ledger, bucket, prefix);
            if (!redis_commandf(ledger->redis, &reply, err, "SET %ssimulation 1", prefix))
                return false;
        }
    }
    ledger->simulated_ms = now_ms;
    return true;
}

bool ledger_now(struct ledger *ledger, int64_t *redis_ms, struct err *err)
{
    OWN_REPLY redisReply *reply = NULL;
    if (ledger->simulated_ms) {
        *redis_ms = ledger->simulated_ms;
        return true;
    }
    if (!redis_commandf(ledger->redis, &reply, err, "TIME"))
        return false;
    *redis_ms = reply_number(reply, 0) * 1000 + reply_number(reply, 1) / 1000;
    return true;
}

/* ---- the incarnation ---- */

static void incarnation_key(const struct ledger *ledger, char out[static 64])
{
    snprintf(out, 64, "ct:%s:incarnation", ledger->environment);
}

bool ledger_incarnation(struct ledger *ledger, struct incarnation *out, struct err *err)
{
    char key[64];
    incarnation_key(ledger, key);
    OWN_REPLY redisReply *reply = NULL;
    if (!redis_commandf(ledger->redis, &reply, err,
                        "HMGET %s data_set buckets witness data_version adopted", key))
        return err_wrap(err, "read the incarnation");
    if (!*reply_text(reply, 0))
        return err_set(err, ERR_FATAL, 404,
                       "Redis holds no data of environment %s; if there has never been any, run "
                       "`cartage init` once; if it was lost, restore a backup, or leave it empty, "
                       "then `cartage adopt` and `cartage rebuild`",
                       ledger->environment);
    snprintf(out->data_set, sizeof out->data_set, "%s", reply_text(reply, 0));
    out->buckets = (int)reply_number(reply, 1);
    out->witness = reply_number(reply, 2);
    out->data_version = (int)reply_number(reply, 3);
    out->adopted_ms = reply_number(reply, 4);
    if (out->data_version > LEDGER_DATA_VERSION)
        return err_set(err, ERR_FATAL, 0,
                       "the data of environment %s has version %d, this program knows %d; start a "
                       "newer program",
                       ledger->environment, out->data_version, LEDGER_DATA_VERSION);
    ledger->buckets = out->buckets > 0 ? out->buckets : BUCKETS;
    return true;
}

bool ledger_init(struct ledger *ledger, bool *created, struct err *err)
{
    char key[64], data_set[UUID_TEXT], buckets[16], version[16];
    incarnation_key(ledger, key);
    uuid_random(data_set);
    snprintf(buckets, sizeof buckets, "%d", BUCKETS);
    snprintf(version, sizeof version, "%d", LEDGER_DATA_VERSION);
    const char *const argv[] = {key, data_set, buckets, version};
    OWN_REPLY redisReply *reply = NULL;
    if (!redis_script(ledger->redis, "init", 1, 4, argv, NULL, &reply, err))
        return err_wrap(err, "create the data set");
    *created = reply->type == REDIS_REPLY_INTEGER && reply->integer == 1;
    return true;
}

bool ledger_adopt(struct ledger *ledger, bool *created, struct err *err)
{
    char key[64];
    int64_t now_ms;
    OWN_REPLY redisReply *reply = NULL;
    incarnation_key(ledger, key);
    if (!ledger_init(ledger, created, err) || !ledger_now(ledger, &now_ms, err))
        return false;
    return redis_commandf(ledger->redis, &reply, err, "HSET %s adopted %lld", key,
                          (long long)now_ms) ||
           err_wrap(err, "adopt the data set");
}

bool ledger_witness_raise(struct ledger *ledger, int64_t past, int64_t *n, struct err *err)
{
    char key[64];
    incarnation_key(ledger, key);
    for (long long step = 1; step > 0; step = past - *n + 1) {
        OWN_REPLY redisReply *reply = NULL;
        if (!redis_commandf(ledger->redis, &reply, err, "HINCRBY %s witness %lld", key, step))
            return err_wrap(err, "raise the witness");
        *n = reply->integer;
    }
    return true;
}

/* ---- the tick ---- */

static const char *field(const redisReply *row, const char *name)
{
    for (size_t i = 0; i + 1 < row->elements; i += 2)
        if (strcmp(row->element[i]->str, name) == 0)
            return row->element[i + 1]->str;
    return "";
}

static int64_t field_number(const redisReply *row, const char *name)
{
    return strtoll(field(row, name), NULL, 10);
}

static void calendar_read(const redisReply *row, struct arena *arena,
                          struct entry_definition *definition)
{
    definition->days = (unsigned)field_number(row, "days");
    definition->from_ms = field_number(row, "from");
    definition->to_ms = field_number(row, "to");
    definition->formula = arena_text(arena, field(row, "formula"));
    definition->zone = arena_text(arena, field(row, "zone"));
    if (!catch_up_parse(field(row, "catch_up"), &definition->catch_up))
        definition->catch_up = CATCH_UP_SKIP;
    definition->grace_ms = field_number(row, "grace");
    definition->max_backlog = (int)field_number(row, "backlog");
    definition->bc = strcmp(field(row, "mode"), "bc") == 0;
    definition->idle_ms = field_number(row, "idle");
}

static void entry_read(const redisReply *row, const char *id, struct arena *arena,
                       struct entry *out)
{
    struct entry_definition *definition = &out->definition;
    snprintf(definition->id, sizeof definition->id, "%s", id);
    snprintf(definition->company, sizeof definition->company, "%s", field(row, "company"));
    snprintf(definition->category, sizeof definition->category, "%s", field(row, "category"));
    snprintf(definition->operation, sizeof definition->operation, "%s", field(row, "operation"));
    definition->arguments = arena_text(arena, field(row, "arguments"));
    definition->schedule = schedule_parse(field(row, "schedule"));
    calendar_read(row, arena, definition);
    definition->start_ms = field_number(row, "start");
    definition->every_ms = field_number(row, "every");
    definition->expires_ms = field_number(row, "expires");
    definition->priority = (enum priority)field_number(row, "priority");
    out->epoch = (uint64_t)field_number(row, "epoch");
    out->rev = (uint64_t)field_number(row, "rev");
    out->status = (enum entry_status)field_number(row, "status");
    out->slot_ms = field_number(row, "slot");
    out->last_slot_ms = field_number(row, "last_slot");
    out->due_ms = field_number(row, "due");
    out->planned = out->slot_ms > 0;
    out->begun = *field(row, "begun") != 0;
    out->resumed = *field(row, "resumed") != 0;
    out->named = *field(row, "task") != 0;
    out->woken = field_number(row, "task_kind") == TICKET_WAKE;
    out->manual = field_number(row, "task_kind") == TICKET_MANUAL;
    out->ended_ms = field_number(row, "ended");
    out->company_zone = arena_text(arena, field(row, "company_zone"));
}

static void due_read(const redisReply *reply, struct arena *arena, struct due_entry **out,
                     size_t *count, int64_t *next_ms)
{
    const redisReply *rows = reply_part(reply, 1);
    *next_ms = reply_number(reply, 0);
    *count = 0;
    *out = arena_array(arena, rows ? rows->elements / 2 : 0, sizeof **out);
    for (size_t i = 0; rows && i + 1 < rows->elements; i += 2) {
        struct due_entry *due = &(*out)[(*count)++];
        entry_read(rows->element[i + 1], rows->element[i]->str, arena, &due->entry);
        due->due_ms = due->entry.due_ms;
        due->read_ms = reply_number(reply, 2);
    }
}

bool ledger_due(struct ledger *ledger, int bucket, size_t most, struct arena *arena,
                struct due_entry **out, size_t *count, int64_t *next_ms, struct err *err)
{
    OWN_CALL struct call call;
    OWN_REPLY redisReply *reply = NULL;
    call_begin(&call, ledger, bucket);
    call_number(&call, (int64_t)most);
    if (!call_run(ledger, "due", &call, &reply, err))
        return false;
    due_read(reply, arena, out, count, next_ms);
    return true;
}

bool ledger_due_ask(struct ledger *ledger, int bucket, size_t most, struct err *err)
{
    OWN_CALL struct call call;
    if (!redis_script_ready(ledger->redis, "due", err))
        return false;
    call_begin(&call, ledger, bucket);
    call_number(&call, (int64_t)most);
    return redis_script_ask(ledger->redis, "due", 1, call.argc, call.argv, call.sizes, err);
}

bool ledger_due_answer(struct ledger *ledger, struct arena *arena, struct due_entry **out,
                       size_t *count, int64_t *next_ms, struct err *err)
{
    OWN_REPLY redisReply *reply = NULL;
    if (!redis_script_answer(ledger->redis, "due", &reply, err))
        return false;
    due_read(reply, arena, out, count, next_ms);
    return true;
}

bool ledger_fire(struct ledger *ledger, int bucket, const struct due_entry *entries,
                 const struct decision *decisions, size_t count, struct tickets *granted,
                 struct err *err)
{
    static const char *const KINDS[] = {[DECIDE_NEXT] = "next",
                                        [DECIDE_SKIP] = "skip",
                                        [DECIDE_EXPIRE] = "expire",
                                        [DECIDE_RUN] = "run",
                                        [DECIDE_FAIL] = "fail"};
    OWN_CALL struct call call;
    OWN_REPLY redisReply *reply = NULL;
    call_begin(&call, ledger, bucket);
    for (size_t i = 0; i < count; i++) {
        const struct decision *decision = &decisions[i];
        call_text(&call, entries[i].entry.definition.id);
        call_number(&call, (int64_t)entries[i].entry.rev);
        call_number(&call, entries[i].due_ms);
        call_text(&call, KINDS[decision->kind]);
        call_number(&call, decision->slot_ms);
        call_number(&call, decision->due_ms);
        call_number(&call, decision->until_ms);
        call_number(&call, decision->skipped_from_ms);
        call_number(&call, decision->skipped_to_ms);
        call_text(&call, decision->caught_up ? "1" : "");
        call_text(&call, decision->why);
    }
    if (!call_run(ledger, "fire", &call, &reply, err))
        return false;
    call_tickets(ledger, reply, granted);
    return true;
}

/* ---- the worker ---- */

static const char *const CLAIMS[] = {"ok", "dup", "stale", "unknown", "late"};
static const char *const BEATS[] = {"ok", "fenced", "cancel", "timeout", "yield"};
static const char *const OUTCOMES[] = {"ok",        "idle",    "retry", "fatal",
                                       "cancelled", "timeout", "park",  "lost"};

static int word_index(const char *const words[], size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], word) == 0)
            return (int)i;
    assert(!"a script answers words that its caller knows");
    return 0;
}

const char *claim_name(enum claim claim)
{
    assert((size_t)claim < COUNT(CLAIMS));
    return CLAIMS[claim];
}

const char *outcome_name(enum outcome outcome)
{
    assert((size_t)outcome < COUNT(OUTCOMES));
    return OUTCOMES[outcome];
}

static const char *text_or_null(struct arena *arena, const char *text)
{
    return *text ? arena_text(arena, text) : NULL;
}

static void sheet_read(const redisReply *row, const struct ticket *ticket, const char *fence,
                       struct arena *arena, struct run_sheet *sheet)
{
    const redisReply *cursor = reply_part(row, 10);
    *sheet = (struct run_sheet){
        .ticket = *ticket,
        .fence = arena_text(arena, fence),
        .arguments = arena_text(arena, reply_text(row, 1)),
        .description = arena_text(arena, reply_text(row, 2)),
        .no = reply_number(row, 3),
        .slot_ms = reply_number(row, 4),
        .due_ms = reply_number(row, 5),
        .timeout_ms = reply_number(row, 6),
        .claimed_ms = reply_number(row, 7),
        .retries = reply_number(row, 8),
        .max_retry = reply_number(row, 9),
        .company_settings = text_or_null(arena, reply_text(row, 11)),
        .shop_settings = text_or_null(arena, reply_text(row, 12)),
    };
    sheet->rests = *reply_text(row, 15) == '1';
    sheet->credential = arena_text(arena, reply_text(row, 16));
    sheet->lang = arena_text(arena, reply_text(row, 17));
    if (*reply_text(row, 13) == '1' && cursor) {
        sheet->cursor = arena_text_n(arena, cursor->str, cursor->len);
        sheet->cursor_size = cursor->len;
    }
}

static void claim_call(struct call *call, const struct ledger *ledger, int bucket,
                       const struct claim_request *requests, size_t count)
{
    call_begin(call, ledger, bucket);
    call_number(call, ledger->lease_ms);
    for (size_t i = 0; i < count; i++) {
        call_text(call, requests[i].ticket->task);
        call_number(call, requests[i].ticket->attempt);
        call_number(call, (int64_t)requests[i].ticket->epoch);
        call_text(call, requests[i].fence);
    }
}

static void claim_read(const struct ledger *ledger, const redisReply *reply,
                       struct claim_request *requests, size_t count, struct tickets *granted)
{
    const redisReply *answers = reply_part(reply, 1);
    assert(answers && answers->elements == count);
    call_tickets(ledger, reply_part(reply, 0), granted);
    for (size_t i = 0; i < count; i++) {
        const redisReply *row = answers->element[i];
        requests[i].answer = (enum claim)word_index(CLAIMS, COUNT(CLAIMS), reply_text(row, 0));
        if (requests[i].answer == CLAIM_OK)
            sheet_read(row, requests[i].ticket, requests[i].fence, requests[i].arena,
                       &requests[i].sheet);
    }
}

bool ledger_claim(struct ledger *ledger, int bucket, struct claim_request *requests, size_t count,
                  struct tickets *granted, struct err *err)
{
    OWN_CALL struct call call;
    OWN_REPLY redisReply *reply = NULL;
    claim_call(&call, ledger, bucket, requests, count);
    if (!call_run(ledger, "claim", &call, &reply, err))
        return false;
    claim_read(ledger, reply, requests, count, granted);
    return true;
}

bool ledger_scripts_ready(struct ledger *ledger, struct err *err)
{
    return redis_script_ready(ledger->redis, "claim", err) &&
           redis_script_ready(ledger->redis, "finish", err);
}

bool ledger_claim_ask(struct ledger *ledger, int bucket, const struct claim_request *requests,
                      size_t count, struct err *err)
{
    OWN_CALL struct call call;
    claim_call(&call, ledger, bucket, requests, count);
    return redis_script_ask(ledger->redis, "claim", 1, call.argc, call.argv, call.sizes, err);
}

bool ledger_claim_answer(struct ledger *ledger, struct claim_request *requests, size_t count,
                         struct tickets *granted, struct err *err)
{
    OWN_REPLY redisReply *reply = NULL;
    if (!redis_script_answer(ledger->redis, "claim", &reply, err))
        return false;
    claim_read(ledger, reply, requests, count, granted);
    return true;
}

bool ledger_look(struct ledger *ledger, int bucket, const char *const categories[],
                 size_t category_count, size_t most, struct tickets *out, struct err *err)
{
    OWN_CALL struct call call;
    OWN_REPLY redisReply *reply = NULL;
    call_begin(&call, ledger, bucket);
    call_number(&call, (int64_t)most);
    /* Each worker shuffles by itself; a simulation repeats itself. */
    call_number(&call, ledger->simulated_ms ? ledger->simulated_ms % 1000003
                                            : (int64_t)(random_u64() >> 33));
    for (size_t i = 0; i < category_count; i++)
        call_text(&call, categories[i]);
    if (!call_run(ledger, "look", &call, &reply, err))
        return false;
    call_tickets(ledger, reply, out);
    return true;
}

bool ledger_beat(struct ledger *ledger, int bucket, struct beat_request *beats, size_t count,
                 struct err *err)
{
    OWN_CALL struct call call;
    OWN_REPLY redisReply *reply = NULL;
    call_begin(&call, ledger, bucket);
    call_number(&call, ledger->lease_ms);
    for (size_t i = 0; i < count; i++) {
        call_text(&call, beats[i].task);
        call_text(&call, beats[i].fence);
        call_text(&call, beats[i].progress ? "1" : "0");
        call_text(&call, beats[i].progress);
        call_text(&call, beats[i].cursor ? "1" : "0");
        call_bytes(&call, beats[i].cursor, beats[i].cursor_size);
    }
    if (!call_run(ledger, "beat", &call, &reply, err))
        return false;
    const redisReply *answers = reply_part(reply, 1);
    assert(answers && answers->elements == count);
    for (size_t i = 0; i < count; i++)
        beats[i].answer = (enum beat)word_index(BEATS, COUNT(BEATS), reply_text(answers, i));
    return true;
}

bool ledger_write(struct ledger *ledger, int bucket, const char *task, const char *fence,
                  const struct write *write, bool *fenced, bool *refused, struct err *err)
{
    OWN_CALL struct call call;
    OWN_BUF struct buf packed = {0};
    OWN_REPLY redisReply *reply = NULL;
    assert(write_size(write) <= WRITE_MAX_BYTES);
    write_pack(write, &packed);
    call_begin(&call, ledger, bucket);
    call_text(&call, task);
    call_text(&call, fence);
    call_bytes(&call, packed.data, packed.size);
    if (!call_run(ledger, "write", &call, &reply, err))
        return false;
    *fenced = strcmp(reply->str, "fenced") == 0;
    *refused = strcmp(reply->str, "refused") == 0;
    return true;
}

static void finish_call(struct call *call, const struct ledger *ledger, int bucket,
                        const struct finish_request *finishes, size_t count)
{
    call_begin(call, ledger, bucket);
    call_number(call, ledger->lease_ms);
    for (size_t i = 0; i < count; i++) {
        const struct finish_request *finish = &finishes[i];
        call_text(call, finish->task);
        call_text(call, finish->fence);
        call_text(call, outcome_name(finish->outcome));
        call_number(call, finish->at_ms);
        call_text(call, finish->error);
        call_text(call, finish->why);
        call_text(call, finish->counts);
        call_text(call, finish->cursor ? "1" : "0");
        call_bytes(call, finish->cursor, finish->cursor_size);
        if (finish->code)
            call_number(call, finish->code);
        else
            call_text(call, NULL);
        call_text(call, finish->trace);
        call_text(call, finish->next_fence);
        call_text(call, finish->lane);
    }
}

static void finish_read(const struct ledger *ledger, const redisReply *reply,
                        struct finish_request *finishes, size_t count, struct tickets *granted)
{
    const redisReply *answers = reply_part(reply, 1), *next = reply_part(reply, 2);
    assert(answers && answers->elements == count);
    call_tickets(ledger, reply_part(reply, 0), granted);
    for (size_t i = 0; i < count; i++)
        finishes[i].done = strcmp(reply_text(answers, i), "done") == 0;
    for (size_t i = 0; next && i + 2 < next->elements; i += 3) {
        size_t of = (size_t)reply_number(next, i) - 1; /* counted from 1, as Lua does */
        assert(of < count && !finishes[of].next_arena);
        finishes[of].next_arena = arena_new();
        struct ticket ticket = ticket_read(ledger, next->element[i + 1]);
        sheet_read(next->element[i + 2], &ticket, finishes[of].next_fence, finishes[of].next_arena,
                   &finishes[of].next);
        finishes[of].has_next = true;
    }
}

bool ledger_finish(struct ledger *ledger, int bucket, struct finish_request *finishes, size_t count,
                   struct tickets *granted, struct err *err)
{
    OWN_CALL struct call call;
    OWN_REPLY redisReply *reply = NULL;
    finish_call(&call, ledger, bucket, finishes, count);
    if (!call_run(ledger, "finish", &call, &reply, err))
        return false;
    finish_read(ledger, reply, finishes, count, granted);
    return true;
}

bool ledger_finish_ask(struct ledger *ledger, int bucket, const struct finish_request *finishes,
                       size_t count, struct err *err)
{
    OWN_CALL struct call call;
    finish_call(&call, ledger, bucket, finishes, count);
    return redis_script_ask(ledger->redis, "finish", 1, call.argc, call.argv, call.sizes, err);
}

bool ledger_finish_answer(struct ledger *ledger, struct finish_request *finishes, size_t count,
                          struct tickets *granted, struct err *err)
{
    OWN_REPLY redisReply *reply = NULL;
    if (!redis_script_answer(ledger->redis, "finish", &reply, err))
        return false;
    finish_read(ledger, reply, finishes, count, granted);
    return true;
}

bool ledger_reap(struct ledger *ledger, int bucket, int64_t trusted_ms, struct tickets *again,
                 struct reaped *out, struct err *err)
{
    OWN_CALL struct call call;
    OWN_REPLY redisReply *reply = NULL;
    call_begin(&call, ledger, bucket);
    call_number(&call, ledger->lease_ms * 3 / 10);
    call_number(&call, trusted_ms);
    call_number(&call, out->leaps);
    if (!call_run(ledger, "reap", &call, &reply, err))
        return false;
    call_tickets(ledger, reply_part(reply, 0), again);
    size_t granted = again->count;
    call_tickets(ledger, reply_part(reply, 1), again);
    out->republished = again->count - granted;
    out->lost = (size_t)reply_number(reply, 2);
    out->leaps = reply_number(reply, 3);
    return true;
}

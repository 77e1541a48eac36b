/* stack.c - processes of a small fleet, and what a test asks Redis about them. */
#include "support/stack.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/broker.h"

enum { FLAGS_MAX = 24, READY_MS = 20000 };

/* A test cannot go on; its log tells why. */
#define STOP(stack, ...)                                                                           \
    do {                                                                                           \
        fprintf(stderr, __VA_ARGS__);                                                              \
        fprintf(stderr, "; logs are in %s\n", (stack)->dir);                                       \
        abort();                                                                                   \
    } while (0)

/* ---- processes ---- */

static size_t flags_common(struct stack *stack, const char *argv[], size_t at)
{
    argv[at++] = "--env";
    argv[at++] = stack->environment;
    argv[at++] = "--redis";
    argv[at++] = stack->redis.address;
    argv[at++] = "--kafka";
    argv[at++] = stack->kafka;
    argv[at++] = "--lease-ms=600";
    argv[at++] = "--kafka-topic-metadata-refresh-interval-ms=" METADATA_REFRESH_MS;
    /* who was killed is missed in the group soon, and the embedded broker's rebalance is short */
    argv[at++] = "--kafka-session-timeout-ms=4000";
    argv[at++] = "--kafka-heartbeat-interval-ms=500";
    return at;
}

static void flags_add(const char *argv[], size_t at, va_list flags)
{
    for (const char *flag; (flag = va_arg(flags, const char *));) {
        assert(at + 1 < FLAGS_MAX);
        argv[at++] = flag;
    }
    argv[at] = NULL;
}

static struct proc *spawn(struct stack *stack, const char *name, const char *const argv[])
{
    char log[128];
    assert(stack->count < STACK_PROCS);
    snprintf(log, sizeof log, "%s/%s-%zu.log", stack->dir, name, stack->count);
    return stack->procs[stack->count++] = proc_start(name, log, argv, NULL);
}

struct proc *stack_producer(struct stack *stack, ...)
{
    const char *argv[FLAGS_MAX];
    char program[4096], token[128], address[128], line[256];
    va_list flags;
    snprintf(token, sizeof token, "%s/token", stack->dir);
    snprintf(address, sizeof address, "%s/producer-%zu.address", stack->dir, stack->count);
    argv[0] = build_program("cartage-producer", program, sizeof program);
    size_t at = flags_common(stack, argv, 1);
    argv[at++] = "--listen=127.0.0.1:0";
    argv[at++] = "--token-file";
    argv[at++] = token;
    argv[at++] = "--address-file";
    argv[at++] = address;
    va_start(flags, stack);
    flags_add(argv, at, flags);
    va_end(flags);
    struct proc *producer = spawn(stack, "producer", argv);
    if (!file_says(address, line, sizeof line, READY_MS))
        STOP(stack, "the producer does not answer");
    return producer;
}

struct proc *stack_worker(struct stack *stack, ...)
{
    const char *argv[FLAGS_MAX];
    char program[4096];
    va_list flags;

    argv[0] = build_program("test-worker", program, sizeof program);
    size_t at = flags_common(stack, argv, 1);
    va_start(flags, stack);
    flags_add(argv, at, flags);
    va_end(flags);
    return spawn(stack, "worker", argv);
}

static void last_line(const char *path, char *out, int size)
{
    FILE *file = fopen(path, "re");
    *out = 0;
    while (file && fgets(out, size, file))
        continue;
    if (file)
        fclose(file);
}

int stack_run(struct stack *stack, const char *program, char *output, int size, ...)
{
    const char *argv[FLAGS_MAX];
    char path[4096], log[128];
    va_list flags;

    snprintf(log, sizeof log, "%s/run-%zu.log", stack->dir, stack->count++);
    argv[0] = build_program(program, path, sizeof path);
    va_start(flags, size);
    flags_add(argv, flags_common(stack, argv, 1), flags);
    va_end(flags);
    struct proc *proc = proc_start(program, log, argv, NULL);
    if (!proc_ends(proc, READY_MS))
        STOP(stack, "%s does not end", program);
    int status = proc_status(proc);
    proc_free(proc);
    if (output)
        last_line(log, output, size);
    return status;
}

/* ---- opening ---- */

static void data_set_open(struct stack *stack)
{
    const struct ledger_config config = {
        .redis = stack->redis.address, .environment = stack->environment, .lease_ms = 600};
    struct incarnation incarnation;
    struct err err;
    char said[512];

    if (stack_run(stack, "cartage-producer", said, sizeof said, "--init", NULL) != 0)
        STOP(stack, "the data set could not be created: %s", said);
    if (!ledger_open(&config, &stack->ledger, &err) ||
        !ledger_incarnation(stack->ledger, &incarnation, &err))
        STOP(stack, "%s", err.text);
}

static void token_write(struct stack *stack)
{
    char path[128];
    snprintf(path, sizeof path, "%s/token", stack->dir);
    FILE *file = fopen(path, "wex");
    if (!file || fputs("a-token-for-tests-only\n", file) < 0 || fclose(file) != 0)
        STOP(stack, "%s cannot be written", path);
}

struct stack *stack_open(void)
{
    struct stack *stack = mem_new(sizeof *stack);
    ids_start();
    log_set_level(LOG_LEVEL_ERROR);
    snprintf(stack->dir, sizeof stack->dir, "/tmp/cartage-test-XXXXXX");
    if (!mkdtemp(stack->dir))
        STOP(stack, "no folder for a test");
    environment_new(stack->environment, sizeof stack->environment);
    uuid_random(stack->company);
    token_write(stack);
    test_redis_start(&stack->redis, true);
    stack->broker = broker_start(stack->dir, stack->kafka, sizeof stack->kafka);
    if (stack->broker)
        stack->procs[stack->count++] = stack->broker;
    data_set_open(stack);
    stack_company(stack, stack->company);
    return stack;
}

void stack_company(struct stack *stack, const char *company)
{
    OWN_TEXT char *settings = mem_printf("{\"name\":\"Test\",\"id\":\"%s\"}", company);
    struct err err;
    bool changed;
    if (!ledger_settings_put(stack->ledger, company, "company", settings, &changed, &err))
        STOP(stack, "%s", err.text);
}

/* A sanitizer's report in any process is a failure of the test that ran it. */
static void end_process(struct stack *stack, struct proc *proc)
{
    OWN_TEXT char *log = proc ? mem_text(proc_log(proc)) : NULL;
    bool reported;
    if (proc)
        proc_stop(proc);
    reported = proc && proc_says(proc, "Sanitizer", 1, 0);
    proc_free(proc);
    if (reported)
        STOP(stack, "a sanitizer reports in %s", log);
}

void stack_free(struct stack *stack)
{
    OWN_TEXT char *command = mem_printf("rm -rf %s", stack->dir);
    for (size_t i = stack->count; i-- > 0;)
        end_process(stack, stack->procs[i]);
    test_redis_stop(&stack->redis);
    ledger_free(stack->ledger);
    if (getenv("TEST_KEEP"))
        fprintf(stderr, "logs are in %s\n", stack->dir);
    else if (system(command) != 0)
        fprintf(stderr, "%s is left behind\n", stack->dir);
    free(stack);
}

int stack_set_up(void **state)
{
    *state = stack_open();
    return 0;
}

int stack_tear_down(void **state)
{
    stack_free(*state);
    return 0;
}

/* ---- entries ---- */

struct entry_definition stack_definition(const struct stack *stack, const char *category,
                                         const char *arguments)
{
    struct entry_definition definition = {
        .operation = "test.work",
        .arguments = arguments,
        .description = "a test",
        .run_as = "test",
        .priority = PRIORITY_NORMAL,
        .max_retry = -1,
        .kind = TICKET_IMMEDIATE,
    };
    snprintf(definition.company, sizeof definition.company, "%s", stack->company);
    snprintf(definition.category, sizeof definition.category, "%s", category);
    return definition;
}

const char *stack_add_as(struct stack *stack, const struct entry_definition *definition)
{
    static char ids[8][UUID_TEXT];
    static size_t next;
    char *id = ids[next++ % COUNT(ids)];
    struct tickets granted = {0};
    struct err err;
    bool existing;
    if (!ledger_add(stack->ledger, definition, id, &existing, &granted, &err))
        STOP(stack, "add: %s", err.text);
    tickets_drop(&granted);
    return id;
}

const char *stack_add(struct stack *stack, const char *category, const char *arguments)
{
    struct entry_definition definition = stack_definition(stack, category, arguments);
    return stack_add_as(stack, &definition);
}

void stack_publish(struct stack *stack, const struct tickets *tickets)
{
    const struct bus_config bus = {
        .servers = stack->kafka, .environment = stack->environment, .clock = &CLOCK_REAL};
    OWN(publisher) struct publisher *publisher = NULL;
    struct err err;
    if (!publisher_open(&bus, &publisher, &err))
        STOP(stack, "%s", err.text);
    publisher_tickets(publisher, tickets);
    if (!publisher_flush(publisher, READY_MS, &err))
        STOP(stack, "%s", err.text);
}

/* Due entries of all buckets are fired as a tick does it; the tickets are the caller's to publish
 * or lose. */
size_t stack_fire(struct stack *stack, struct tickets *granted)
{
    struct err err;
    size_t fired = 0;
    int64_t now_ms, next_ms;
    if (!ledger_now(stack->ledger, &now_ms, &err))
        STOP(stack, "%s", err.text);
    for (int bucket = 0; bucket < ledger_buckets(stack->ledger); bucket++) {
        OWN(arena) struct arena *arena = arena_new();
        struct due_entry *due;
        size_t count;
        if (!ledger_due(stack->ledger, bucket, 64, arena, &due, &count, &next_ms, &err))
            STOP(stack, "%s", err.text);
        struct decision *decisions = arena_array(arena, count + 1, sizeof *decisions);
        for (size_t i = 0; i < count; i++)
            decisions[i] = queue_decide(&due[i].entry, now_ms);
        if (count && !ledger_fire(stack->ledger, bucket, due, decisions, count, granted, &err))
            STOP(stack, "%s", err.text);
        fired += count;
    }
    return fired;
}

/* ---- what happened ---- */

/* A connection that broke while a test had Redis stopped is noticed by the first call. NULL = no
 * answer. */
static redisReply *ask(struct stack *stack, int argc, const char *const argv[])
{
    redisReply *reply = NULL;
    struct err err;
    for (int tries = 0; tries < 2; tries++) {
        if (redis_command(ledger_redis(stack->ledger), argc, argv, NULL, &reply, &err))
            return reply;
    }
    return NULL;
}

/* Keys that end so; the prefix is the ledger's business. */
static redisReply *keys_find(struct stack *stack, const char *ending)
{
    OWN_TEXT char *pattern = mem_printf("ct:{*}:%s", ending);
    const char *const argv[] = {"KEYS", pattern};
    return ask(stack, 2, argv);
}

/* A field is "<entry>.<epoch>.<slot> <attempt> <step>". */
static bool is_effect(const char *field, const char *entry, const char *ending)
{
    const char *blank = strchr(field, ' ');
    return blank && strncmp(field, entry, strlen(entry)) == 0 &&
           (!ending || strcmp(blank + 1, ending) == 0);
}

typedef void each_effect(const char *field, const char *value, void *state);

/* Of all companies. */
static void effects_each(struct stack *stack, each_effect *each, void *state)
{
    OWN_REPLY redisReply *keys = keys_find(stack, "s:*:effects");
    for (size_t i = 0; keys && i < keys->elements; i++) {
        const char *const argv[] = {"HGETALL", keys->element[i]->str};
        OWN_REPLY redisReply *reply = ask(stack, 2, argv);
        for (size_t at = 0; reply && at + 1 < reply->elements; at += 2)
            each(reply->element[at]->str, reply->element[at + 1]->str, state);
    }
}

struct search {
    const char *entry, *ending;
    size_t count;
    int64_t value;
};

static void search_one(const char *field, const char *value, void *state)
{
    struct search *search = state;
    if (!is_effect(field, search->entry, search->ending))
        return;
    search->count++;
    search->value = strtoll(value, NULL, 10);
}

size_t stack_effects(struct stack *stack, const char *entry, const char *ending)
{
    struct search search = {.entry = entry, .ending = ending};
    effects_each(stack, search_one, &search);
    return search.count;
}

int64_t stack_effect_ms(struct stack *stack, const char *entry, const char *ending)
{
    struct search search = {.entry = entry, .ending = ending, .value = -1};
    effects_each(stack, search_one, &search);
    return search.value;
}

struct wanted {
    struct stack *stack;
    const char *entry, *a, *b;
    size_t count;
};

static bool has_effects(void *state)
{
    const struct wanted *wanted = state;
    return stack_effects(wanted->stack, wanted->entry, wanted->a) >= wanted->count;
}

bool stack_ran(struct stack *stack, const char *entry, const char *ending, size_t count,
               int wait_ms)
{
    struct wanted wanted = {stack, entry, ending, NULL, count};
    return wait_for(has_effects, &wanted, wait_ms);
}

static bool is_gone(void *state)
{
    const struct wanted *wanted = state;
    OWN_TEXT char *ending = mem_printf("e:%s", wanted->entry);
    OWN_REPLY redisReply *reply = keys_find(wanted->stack, ending);
    return reply && reply->type == REDIS_REPLY_ARRAY && reply->elements == 0;
}

bool stack_gone(struct stack *stack, const char *entry, int wait_ms)
{
    struct wanted wanted = {.stack = stack, .entry = entry};
    return wait_for(is_gone, &wanted, wait_ms);
}

void stack_entry_get(struct stack *stack, const char *entry, const char *field, char *out,
                     size_t size)
{
    OWN_TEXT char *ending = mem_printf("e:%s", entry);
    OWN_REPLY redisReply *keys = keys_find(stack, ending);
    bool found = keys && keys->elements == 1;
    const char *const argv[] = {"HGET", found ? keys->element[0]->str : "", field};
    OWN_REPLY redisReply *reply = found ? ask(stack, 3, argv) : NULL;
    snprintf(out, size, "%s", reply && reply->type == REDIS_REPLY_STRING ? reply->str : "");
}

static bool field_is(void *state)
{
    const struct wanted *wanted = state;
    char value[256];
    stack_entry_get(wanted->stack, wanted->entry, wanted->a, value, sizeof value);
    return strcmp(value, wanted->b) == 0;
}

bool stack_entry_is(struct stack *stack, const char *entry, const char *field, const char *value,
                    int wait_ms)
{
    struct wanted wanted = {stack, entry, field, value, 0};
    return wait_for(field_is, &wanted, wait_ms);
}

void stack_release(struct stack *stack, const char *key)
{
    const char *const argv[] = {"SET", key, "1"};
    OWN_REPLY redisReply *reply = ask(stack, 3, argv);
    if (!reply)
        STOP(stack, "Redis did not take the key %s", key);
}

/* stage.c - fills a data set with staged records and entries, as workers and people would leave
 * them.
 *
 *   bench-stage REDIS ENVIRONMENT COMPANY SHOP RECORDS ENTRIES
 *
 * Of the records four fifths are orders, the others products, customers, companies and shipments;
 * about a third of all need a person. Keys and fields are those of schemas/staging, but for the
 * order's whole answer, which no list reads. Every fourth order has a document that was posted, or
 * not. Entries are added by ADD; every twentieth has failed. Beside them stand as many runs,
 * records of the log and disputes as are kept.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/ids.h"
#include "ledger/call.h"
#include "ledger/commands.h"
#include "store/staging.h"
#include "store/store.h"

enum { BATCH = 4000, RUNS = 10000, DISPUTES = 10000, OPEN = 100 };
#define BEGAN_MS INT64_C(1767225600000)

struct filling {
    redisContext *redis;
    char bucket[80];           /* "ct:{...}:" */
    const char *staged, *shop; /* "ct:{...}:s:<company>:" */
    size_t pending;
};

static void drain(struct filling *filling)
{
    for (; filling->pending; filling->pending--) {
        redisReply *reply = NULL;
        if (redisGetReply(filling->redis, (void **)&reply) != REDIS_OK ||
            reply->type == REDIS_REPLY_ERROR) {
            fprintf(stderr, "Redis: %s\n", reply ? reply->str : filling->redis->errstr);
            exit(1);
        }
        freeReplyObject(reply);
    }
}

/* VERB key word..., NULL; the key stands behind the prefix. */
static void put_at(struct filling *filling, const char *prefix, const char *verb, const char *key,
                   ...)
{
    char full[256];
    const char *argv[48] = {verb, full};
    int argc = 2;
    va_list args;
    snprintf(full, sizeof full, "%s%s", prefix, key);
    va_start(args, key);
    for (const char *word; (word = va_arg(args, const char *));)
        argv[argc++] = word;
    va_end(args);
    redisAppendCommandArgv(filling->redis, argc, argv, NULL);
    if (++filling->pending >= BATCH)
        drain(filling);
}

#define put(filling, ...) put_at(filling, (filling)->staged, __VA_ARGS__)
#define TEXT_OF(name, ...) OWN_TEXT char *name = mem_printf(__VA_ARGS__)

static void find(struct filling *filling, const char *index, const char *text, const char *id)
{
    char digest[FIND_DIGEST];
    if (find_digest(text, digest)) {
        TEXT_OF(member, "%s:%s", digest, id);
        put(filling, "ZADD", index, "0", member, NULL);
    }
}

static void skip(struct filling *filling, const char *id, const char *name, const char *kind,
                 enum reason reason, const char *at)
{
    const char *code = reason_row(reason)->code;
    TEXT_OF(key, "skip:%s", id);
    TEXT_OF(list, "skips:%s", filling->shop);
    TEXT_OF(group, "skips-of:%s:%s/%s", filling->shop, kind, code);
    TEXT_OF(open, "skips-open:%s", filling->shop);
    put(filling, "HSET", key, "record", name, "reason", code, "detail", "as it was found", "shop",
        filling->shop, "version", at, "first", at, "last", at, "count", "1", NULL);
    put(filling, "ZADD", list, at, id, NULL);
    put(filling, "ZADD", group, at, id, NULL);
    if (skip_asks(id, reason))
        put(filling, "ZADD", open, at, id, NULL);
    if (strcmp(kind, "order") != 0)
        find(filling, "find-skip", name, id);
}

static void list(struct filling *filling, const char *name, const char *at, const char *id)
{
    TEXT_OF(key, "%s:%s", name, filling->shop);
    put(filling, "ZADD", key, at, id, NULL);
}

/* Of five that were tried, four are posted. */
static void posting(struct filling *filling, int64_t n, const char *order, const char *name)
{
    char id[UUID_TEXT];
    bool failed = n % 5 == 4;
    TEXT_OF(document, "S-ORD%" PRId64, 100000 + n);
    TEXT_OF(invoice, "103%" PRId64, n);
    TEXT_OF(at, "%" PRId64, BEGAN_MS + n * 1000);
    uuid_from_name(document, id);
    TEXT_OF(key, "posting:%s", id);
    put(filling, "HSET", key, "kind", "salesOrder", "number", document, "order", order, "name",
        name, "shop", filling->shop, "state", failed ? "failed" : "posted", "invoice_number",
        failed ? "" : invoice, "reason", failed ? "posting-refused" : "", "error",
        failed ? "The posting date is not within the range of dates" : "", "attempts", "1", "at",
        at, NULL);
    put(filling, "ZADD", "postings", at, id, NULL);
    put(filling, "ZADD", failed ? "postings-of:failed" : "postings-of:posted", at, id, NULL);
    find(filling, "find-posting", order, id);
    find(filling, "find-posting", name, id);
    find(filling, "find-posting", document, id);
    find(filling, "find-posting", failed ? "" : invoice, id);
}

/* Of twenty orders fifteen are processed; the others wait, are left alone, or ask for somebody. */
static void order(struct filling *filling, int64_t n)
{
    static const enum reason WAITS[] = {REASON_PRODUCT_UNMAPPED, REASON_CUSTOMER_BLOCKED};
    static const enum reason LEFT[] = {REASON_CANCELLED, REASON_TEST, REASON_COMPANY};
    int64_t kind = n % 20;
    const char *state = kind < 15   ? "processed"
                        : kind < 17 ? "new"
                        : kind < 19 ? "waiting"
                                    : "skipped";
    TEXT_OF(id, "%" PRId64, INT64_C(5000000000000) + n);
    TEXT_OF(name, "#%" PRId64, 1000 + n);
    TEXT_OF(email, "customer%" PRId64 "@example.com", n / 3);
    TEXT_OF(document, "S-ORD%" PRId64, 100000 + n);
    TEXT_OF(at, "%" PRId64, BEGAN_MS + n * 1000);
    TEXT_OF(key, "order:%s", id);
    TEXT_OF(waits, "product:%" PRId64, INT64_C(8000000000000) + n % 50000);
    bool done = kind < 15, differs = kind == 0 && n % 3 == 0, changed = kind == 1 && n % 3 == 0;
    put(filling, "HSET", key, "name", name, "shop", filling->shop, "store", "demo", "currency",
        "GBP", "total", "25.00", "created", "2026-01-01T00:00:00Z", "created_ms", at, "state",
        state, "document", done ? document : "", "waits", kind == 17 ? waits : "", "update",
        changed ? "the order was cancelled" : "", "difference", differs ? "25.00, not 24.99" : "",
        "difference_reason", differs ? "unexplained" : "", NULL);
    list(filling, "orders", at, id);
    list(filling, done ? "processed" : kind < 19 ? "unprocessed" : "skips", at, id);
    find(filling, "find", name, id);
    find(filling, "find", email, id);
    if (done)
        find(filling, "find", document, id);
    if (differs) {
        list(filling, "differences", at, id);
        TEXT_OF(group, "differences-of:%s:unexplained", filling->shop);
        put(filling, "ZADD", group, at, id, NULL);
    }
    if (changed)
        list(filling, "updates", at, id);
    if (kind < 5)
        posting(filling, n / 20 * 5 + kind, id, name);
    if (kind == 17 || kind == 18)
        skip(filling, id, name, "order", WAITS[kind - 17], at);
    if (kind == 17) {
        TEXT_OF(blocks, "blocks:%s", waits);
        put(filling, "SADD", blocks, id, NULL);
    }
    if (kind == 19) {
        skip(filling, id, name, "order", LEFT[n / 20 % 3], at);
        TEXT_OF(skipped, "skipped:%s", filling->shop);
        put(filling, "SADD", skipped, id, NULL);
    }
}

/* Every second one has no partner. */
static void record(struct filling *filling, int64_t n, enum mapping mapping)
{
    static const char *const FIRST[] = {"Red", "Blue", "Green", "Oak", "Steel", "Garden", "Office"};
    static const char *const SECOND[] = {"Chair", "Table", "Lamp", "Shelf", "Desk"};
    const char *kind = mapping_word(mapping);
    bool product = mapping == MAPPING_PRODUCT;
    TEXT_OF(id, "%" PRId64, (product ? INT64_C(8000000000000) : INT64_C(7000000000000)) + n);
    TEXT_OF(name, "%s %s %" PRId64, FIRST[n % 7], SECOND[n % 5], n);
    TEXT_OF(sku, "SKU-%" PRId64, n);
    TEXT_OF(email, "person%" PRId64 "@example.com", n);
    TEXT_OF(at, "%" PRId64, BEGAN_MS + n * 1000);
    TEXT_OF(key, "%s:%s", kind, id);
    const char *code = product ? (n % 4 ? "no-item" : "no-sku") : "no-customer";
    put(filling, "HSET", key, "name", name, "sku", product ? sku : "", "shops", filling->shop,
        n % 2 ? "number" : "reason", n % 2 ? "1000" : "nothing fits", NULL);
    if (n % 2)
        return;
    OWN_BUF struct buf words = {0};
    TEXT_OF(field, "at:%s", filling->shop);
    TEXT_OF(index, "unmapped-%s", mapping_words(mapping));
    TEXT_OF(group, "unmapped-%s-of:%s:%s", mapping_words(mapping), filling->shop, code);
    TEXT_OF(words_key, "unmapped-%s-words:%s", mapping_words(mapping), filling->shop);
    find_words(name, &words);
    find_word(product ? sku : "", &words);
    find_word(id, &words);
    find_address(product ? "" : email, &words);
    OWN_TEXT char *all = mem_printf("%s %s", code, buf_str(&words));
    put(filling, "HSET", key, field, all, NULL);
    list(filling, index, at, id);
    put(filling, "ZADD", group, at, id, NULL);
    for (const char *word = buf_str(&words); *word; word += strspn(word, " ")) {
        int size = (int)strcspn(word, " ");
        TEXT_OF(member, "%.*s %s", size, word, id);
        put(filling, "ZADD", words_key, "0", member, NULL);
        word += size;
    }
}

/* Of five shipments three are told, one waits, one has failed. */
static void shipment(struct filling *filling, int64_t n)
{
    char id[UUID_TEXT];
    TEXT_OF(number, "%" PRId64, 102000 + n);
    TEXT_OF(order_id, "%" PRId64, INT64_C(5000000000000) + n * 20);
    TEXT_OF(order_name, "#%" PRId64, 1000 + n * 20);
    TEXT_OF(at, "%" PRId64, BEGAN_MS + n * 1000);
    uuid_from_name(number, id);
    TEXT_OF(key, "shipment:%s", id);
    TEXT_OF(skip_id, "shipment-%s", id);
    TEXT_OF(of, "shipments-of:%s", order_id);
    TEXT_OF(no, "shipment-no:%s", number);
    bool due = n % 5 == 3, failed = n % 5 == 4;
    put(filling, "HSET", key, "number", number, "order", order_id, "order_name", order_name, "shop",
        filling->shop, "marker",
        due      ? "0"
        : failed ? "-1"
                 : "900",
        NULL);
    put(filling, "SET", no, id, NULL);
    put(filling, "SADD", of, id, NULL);
    list(filling, "shipments", at, id);
    if (due)
        list(filling, "shipments-due", at, id);
    if (failed)
        list(filling, "shipments-failed", at, id);
    if (due || failed)
        skip(filling, skip_id, number, "shipment",
             due ? REASON_FULFILLMENT_HELD : REASON_FULFILLMENT_REFUSED, at);
}

static void dispute(struct filling *filling, int64_t n)
{
    TEXT_OF(id, "%" PRId64, INT64_C(9000000000) + n);
    TEXT_OF(order, "%" PRId64, INT64_C(5000000000000) + n * 20);
    TEXT_OF(order_name, "#%" PRId64, 1000 + n * 20);
    TEXT_OF(at, "%" PRId64, BEGAN_MS + n * 1000);
    TEXT_OF(key, "dispute:%s", id);
    bool open = n % (DISPUTES / OPEN) == 0;
    put(filling, "HSET", key, "order", order, "order_name", order_name, "type", "CHARGEBACK",
        "status", open ? "NEEDS_RESPONSE" : "LOST", "amount", "25.00", "currency", "GBP", "reason",
        "FRAUDULENT", "initiated", "2026-01-01T00:00:00Z", "due", "2026-02-01T00:00:00Z", NULL);
    put(filling, "ZADD", "disputes:demo", at, id, NULL);
    if (open)
        put(filling, "ZADD", "disputes-open:demo", at, id, NULL);
}

/* ---- entries ---- */

/* A run that has ended, of this entry, and its record in the log. `first`: a record's number. */
static void run(struct filling *filling, const char *company, const char *entry, int64_t n,
                int64_t first)
{
    int64_t at_ms = (int64_t)time(NULL) * 1000 - (RUNS - n) * 30000; /* of days that are kept */
    static const char COUNTS[] =
        "{\"read\":40,\"created\":12,\"updated\":3,\"skipped\":1,\"failed\":0}";
    TEXT_OF(slot, "%" PRId64, at_ms);
    TEXT_OF(task, "%s.1.%s", entry, slot);
    TEXT_OF(no, "%" PRId64, n + 1);
    TEXT_OF(key, "r:%s", task);
    TEXT_OF(runs, "runs:%s", company);
    TEXT_OF(log, "log:%s", company);
    TEXT_OF(id, "%" PRId64 "-0", first + n);
    TEXT_OF(arguments, "{\"shop\":\"%s\"}", filling->shop);
    TEXT_OF(line,
            "%s\t%s\t%s\t%s\t%s\torders.sync\tSHPFY\tread "
            "orders\t1\tw.1\t%s\t%s\t%s\tok\t\t\t\t%s\t1\t%s\t",
            slot, n % 10 ? "attempt" : "skip", entry, task, no, slot, slot, slot, COUNTS, slot);
    put_at(filling, filling->bucket, "HSET", key, "task", task, "entry", entry, "company", company,
           "no", no, "operation", "orders.sync", "category", "SHPFY", "arguments", arguments,
           "description", "read orders", "kind", "0", "slot", slot, "outcome", "ok", "attempt", "1",
           "started", slot, "finished", slot, "fence", "w.1", "counts", COUNTS, "worker", "w",
           NULL);
    put_at(filling, filling->bucket, "ZADD", runs, no, task, NULL);
    put_at(filling, filling->bucket, "XADD", log, id, "v1", line, NULL);
}

/* So many numbers of the bucket's records, from the answer on. */
static int64_t numbers(struct filling *filling, int64_t count)
{
    drain(filling);
    redisReply *reply =
        redisCommand(filling->redis, "INCRBY %sseq %lld", filling->bucket, (long long)count);
    int64_t last = reply && reply->type == REDIS_REPLY_INTEGER ? reply->integer : 0;
    freeReplyObject(reply);
    return last - count + 1;
}

static bool entries(struct filling *filling, struct ledger *ledger, const char *company, int count,
                    struct err *err)
{
    OWN_TEXT char *arguments = mem_printf("{\"shop\":\"%s\"}", filling->shop);
    int64_t first = numbers(filling, RUNS);
    for (int i = 0; i < count; i++) {
        char id[UUID_TEXT];
        bool existing;
        struct tickets granted = {0};
        TEXT_OF(description, "read orders, line %d", i);
        TEXT_OF(category, "C%02d", i % 50);
        struct entry_definition definition = {
            .arguments = arguments,
            .description = description,
            .run_as = "bench",
            .schedule = SCHEDULE_EVERY,
            .every_ms = 86400000,
            .start_ms = INT64_C(4102444800000), /* nothing of it is due while it is measured */
            .max_retry = -1,
            .kind = TICKET_SCHEDULED,
        };
        snprintf(definition.company, sizeof definition.company, "%s", company);
        snprintf(definition.category, sizeof definition.category, "%s", category);
        snprintf(definition.operation, sizeof definition.operation, "orders.sync");
        if (!ledger_add(ledger, &definition, id, &existing, &granted, err))
            return false;
        tickets_drop(&granted);
        for (int64_t n = i; n < RUNS; n += count)
            run(filling, company, id, n, first);
        if (i % 20)
            continue;
        TEXT_OF(at, "%" PRId64, BEGAN_MS + i);
        TEXT_OF(all, "errors:%s", company);
        TEXT_OF(own, "errors:%s:%s", company, filling->shop);
        TEXT_OF(entry, "e:%s", id);
        put_at(filling, filling->bucket, "ZADD", all, at, id, NULL);
        put_at(filling, filling->bucket, "ZADD", own, at, id, NULL);
        put_at(filling, filling->bucket, "HSET", entry, "last_outcome", "fatal", "last_error",
               "403 Forbidden", "failures", "3", NULL);
    }
    drain(filling);
    return true;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    OWN(ledger) struct ledger *ledger = NULL;
    if (argc != 7) {
        fprintf(stderr, "bench-stage REDIS ENVIRONMENT COMPANY SHOP RECORDS ENTRIES\n");
        return 2;
    }
    ids_start();
    const struct ledger_config config = {
        .redis = argv[1], .environment = argv[2], .lease_ms = 10000};
    const char *company = argv[3], *colon = strrchr(argv[1], ':');
    if (!colon || !ledger_open(&config, &ledger, &err)) {
        fprintf(stderr, "%s\n", colon ? err.text : "REDIS is HOST:PORT");
        return 1;
    }
    OWN_TEXT char *host = mem_text_n(argv[1], (size_t)(colon - argv[1]));
    struct filling filling = {.redis = redisConnect(host, atoi(colon + 1)), .shop = argv[4]};
    ledger_prefix(ledger, ledger_bucket(ledger, company), filling.bucket);
    TEXT_OF(staged, "%ss:%s:", filling.bucket, company);
    filling.staged = staged;
    int64_t records = strtoll(argv[5], NULL, 10);
    for (int64_t n = 0; n < records; n++) {
        int64_t turn = n % 20, at = n / 20;
        if (turn < 16)
            order(&filling, at * 16 + turn);
        else if (turn < 18)
            record(&filling, at * 2 + turn - 16, MAPPING_PRODUCT);
        else if (turn < 19)
            record(&filling, at % 4 == 3 ? at / 4 : at / 4 * 3 + at % 4,
                   at % 4 == 3 ? MAPPING_COMPANY : MAPPING_CUSTOMER);
        else
            shipment(&filling, at);
    }
    for (int64_t n = 0; n < DISPUTES; n++)
        dispute(&filling, n);
    drain(&filling);
    bool good = entries(&filling, ledger, company, atoi(argv[6]), &err);
    redisFree(filling.redis);
    if (!good)
        fprintf(stderr, "%s\n", err.text);
    return good ? 0 : 1;
}

/* lists.c - lengths, pages and search of the lists that people work on. */
#include "store/lists.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/room.h"
#include "store/staging.h"

enum { WORDS = 12, FOUND_MOST = 100 }; /* so many records of one word are looked at */
enum { WORDS_A_CALL = 1000 };

bool list_counts(struct ledger *ledger, const char *company, const char *const keys[], size_t count,
                 int64_t *out, struct err *err)
{
    char *full[STORE_PAGE];
    OWN_REPLY redisReply *reply = NULL;
    assert(count <= STORE_PAGE);
    if (count == 0)
        return true;
    for (size_t i = 0; i < count; i++)
        full[i] = store_key(ledger, company, keys[i]);
    bool good = redis_script(ledger_redis(ledger), "counts", (int)count, (int)count,
                             (const char *const *)full, NULL, &reply, err);
    for (size_t i = 0; i < count; i++)
        free(full[i]);
    if (!good)
        return err_wrap(err, "count staged records");
    for (size_t i = 0; i < count; i++)
        out[i] = reply->element[i]->integer;
    return true;
}

static void take_place(const char *id, const char *score, struct list_page *out)
{
    struct list_place *place = &out->places[out->count++];
    snprintf(place->id, sizeof place->id, "%s", id);
    place->at_ms = strtoll(score, NULL, 10);
}

bool list_read(struct ledger *ledger, const char *company, const char *key,
               const struct list_place *after, size_t most, struct list_page *out, struct err *err)
{
    char count[24], score[24];
    OWN_TEXT char *full = store_key(ledger, company, key);
    OWN_REPLY redisReply *reply = NULL;
    assert(most <= STORE_PAGE);
    snprintf(count, sizeof count, "%zu", most);
    snprintf(score, sizeof score, "(%" PRId64, after ? after->at_ms : 0);
    const char *const argv[] = {full, count, after ? after->id : "", score};
    if (!redis_script(ledger_redis(ledger), "page", 1, COUNT(argv), argv, NULL, &reply, err))
        return err_wrap(err, "list staged records");
    out->count = 0;
    for (size_t i = 0; i + 1 < reply->elements; i += 2)
        take_place(reply->element[i]->str, reply->element[i + 1]->str, out);
    return true;
}

static int newest_first(const void *a, const void *b)
{
    const struct list_place *left = a, *right = b;
    if (left->at_ms != right->at_ms)
        return left->at_ms < right->at_ms ? 1 : -1;
    return strcmp(right->id, left->id);
}

bool list_places(struct ledger *ledger, const char *company, const char *key,
                 const struct store_ids *ids, struct list_page *out, struct err *err)
{
    const char *argv[STORE_PAGE + 2] = {"ZMSCORE"};
    OWN_TEXT char *full = store_key(ledger, company, key);
    OWN_REPLY redisReply *reply = NULL;
    size_t count = ids->count < STORE_PAGE ? ids->count : STORE_PAGE;
    out->count = 0;
    if (count == 0)
        return true;
    argv[1] = full;
    for (size_t i = 0; i < count; i++)
        argv[i + 2] = ids->items[i];
    if (!redis_command(ledger_redis(ledger), (int)count + 2, argv, NULL, &reply, err))
        return err_wrap(err, "look for staged records in a list");
    for (size_t i = 0; i < count; i++)
        if (reply->element[i]->type == REDIS_REPLY_STRING)
            take_place(ids->items[i], reply->element[i]->str, out);
    qsort(out->places, out->count, sizeof *out->places, newest_first);
    return true;
}

/* ---- orders that wait for a record ---- */

static bool name_orders(struct ledger *ledger, const char *company, const redisReply *reply,
                        json *list, struct err *err)
{
    static const char *const NAME[] = {"name"};
    for (size_t i = 0; i < reply->elements;) {
        OWN_IDS struct store_ids ids = {.items = mem_array(STORE_PAGE, sizeof *ids.items)};
        OWN(store_rows) struct store_rows *rows = NULL;
        size_t first = i, at = 0;
        for (; i < reply->elements; i++) {
            const redisReply *row = reply->element[i];
            if (ids.count + row->elements > STORE_PAGE)
                break;
            for (size_t k = 1; k < row->elements; k++)
                ids.items[ids.count++] = mem_text(row->element[k]->str);
        }
        if (ids.count > 0 && !store_read_ids(ledger, company, "order:", &ids, NAME, 1, &rows, err))
            return false;
        for (size_t r = first; r < i; r++) {
            json *orders = json_new_array(), *object = json_new_object();
            for (size_t k = 1; k < reply->element[r]->elements; k++) {
                json *order = json_new_object();
                json_set_text(order, "id", ids.items[at]);
                json_set_text(order, "name", store_text(rows, at++, 0));
                json_add(orders, order);
            }
            json_set_int(object, "count", reply->element[r]->element[0]->integer);
            json_set(object, "orders", orders);
            json_add(list, object);
        }
    }
    return true;
}

bool list_waiting(struct ledger *ledger, const char *company, enum mapping kind,
                  const struct store_ids *ids, size_t most, json **out, struct err *err)
{
    char *keys[STORE_PAGE + 1], count[24];
    OWN_REPLY redisReply *reply = NULL;
    OWN_JSON json *list = json_new_array();
    assert(most > 0 && most < STORE_PAGE);
    snprintf(count, sizeof count, "%zu", most);
    for (size_t i = 0; i < ids->count; i++) {
        OWN_TEXT char *key = mem_printf("blocks:%s:%s", mapping_word(kind), ids->items[i]);
        keys[i] = store_key(ledger, company, key);
    }
    keys[ids->count] = count;
    bool good = redis_script(ledger_redis(ledger), "waiting", (int)ids->count, (int)ids->count + 1,
                             (const char *const *)keys, NULL, &reply, err);
    for (size_t i = 0; i < ids->count; i++)
        free(keys[i]);
    if (!good || !name_orders(ledger, company, reply, list, err))
        return err_wrap(err, "orders that wait for %s", mapping_words(kind));
    *out = GIVE(list);
    return true;
}

/* ---- search ---- */

static bool range(struct ledger *ledger, const char *company, const char *key, const char *from,
                  const char *to, size_t most, redisReply **out, struct err *err)
{
    char limit[24];
    OWN_TEXT char *full = store_key(ledger, company, key);
    snprintf(limit, sizeof limit, "%zu", most);
    const char *const argv[] = {"ZRANGEBYLEX", full, from, to, "LIMIT", "0", limit};
    return redis_command(ledger_redis(ledger), COUNT(argv), argv, NULL, out, err) ||
           err_wrap(err, "search staged records");
}

/* ---- by a text; members of these indexes are `<digest>:<record>` ---- */

/* "1001" names #1001 as well as whatever is called 1001, or has that number at Shopify: the ways in
 * which a text names records, in the order in which they are listed. A place's time is its way. */
enum { BY_TEXT, BY_NAME, BY_ID, WAYS };

struct finding {
    struct ledger *ledger;
    const char *company, *key;
    char digests[BY_ID][FIND_DIGEST]; /* "" = nothing is found so */
    size_t most;
    struct store_ids *out;
    struct list_place next;
};

/* Which of them an earlier way has listed, maybe on an earlier page. */
static bool find_listed(const struct finding *finding, const struct store_ids *ids, int way,
                        bool listed[], struct err *err)
{
    bool good = true;
    struct list_page *page = mem_new(sizeof *page);
    for (int before = 0; good && before < way; before++) {
        OWN_IDS struct store_ids members = {mem_array(ids->count + 1, sizeof *members.items), 0};
        if (!*finding->digests[before])
            continue;
        for (size_t i = 0; i < ids->count; i++)
            members.items[members.count++] =
                mem_printf("%s:%s", finding->digests[before], ids->items[i]);
        good = list_places(finding->ledger, finding->company, finding->key, &members, page, err);
        for (size_t i = 0; good && i < ids->count; i++)
            for (size_t k = 0; k < page->count; k++)
                listed[i] |= strcmp(page->places[k].id, members.items[i]) == 0;
    }
    free(page);
    return good;
}

static bool add_found(struct finding *finding, const struct store_ids *ids, int way,
                      struct err *err)
{
    bool listed[STORE_PAGE] = {false};
    assert(ids->count <= STORE_PAGE);
    if (!find_listed(finding, ids, way, listed, err))
        return false;
    for (size_t i = 0; i < ids->count; i++)
        if (!listed[i])
            store_ids_add(finding->out, ids->items[i], finding->most);
    return true;
}

static bool by_digest(struct finding *finding, int way, const char *after, struct err *err)
{
    char to[FIND_DIGEST + 2];
    OWN_REPLY redisReply *reply = NULL;
    const char *digest = finding->digests[way];
    size_t room = finding->most - finding->out->count;
    if (!*digest)
        return true;
    OWN_TEXT char *from = mem_printf("%c%s:%s", *after ? '(' : '[', digest, after);
    snprintf(to, sizeof to, "(%s;", digest);
    if (!range(finding->ledger, finding->company, finding->key, from, to, room + 1, &reply, err))
        return false;
    size_t count = reply->elements > room ? room : reply->elements;
    OWN_IDS struct store_ids ids = {mem_array(count + 1, sizeof *ids.items), 0};
    for (size_t i = 0; i < count; i++)
        ids.items[ids.count++] = mem_text(reply->element[i]->str + FIND_DIGEST);
    if (reply->elements > room) {
        finding->next.at_ms = way;
        snprintf(finding->next.id, sizeof finding->next.id, "%s",
                 count ? ids.items[count - 1] : after);
    }
    return add_found(finding, &ids, way, err);
}

static bool by_name(struct finding *finding, const char *text, const struct list_place *after,
                    struct err *err)
{
    OWN_TEXT char *name = mem_printf("#%s", text);
    finding->out->items = mem_array(finding->most, sizeof *finding->out->items);
    if (!find_digest(text, finding->digests[BY_TEXT]))
        finding->digests[BY_TEXT][0] = 0;
    if (!find_digest(name, finding->digests[BY_NAME]))
        finding->digests[BY_NAME][0] = 0;
    for (int way = after ? (int)after->at_ms : BY_TEXT; way < BY_ID && !*finding->next.id; way++)
        if (!by_digest(finding, way, after && way == after->at_ms ? after->id : "", err))
            return false;
    if (*finding->next.id || strlen(text) > 20 || text[strspn(text, "0123456789")])
        return true;
    struct store_ids itself = {(char *[]){name + 1}, 1};
    return add_found(finding, &itself, BY_ID, err);
}

bool list_find_orders(struct ledger *ledger, const char *company, const char *text,
                      const struct list_place *after, size_t most, struct store_ids *out,
                      struct list_place *next, struct err *err)
{
    struct finding finding = {
        .ledger = ledger, .company = company, .key = "find", .most = most, .out = out};
    if (!by_name(&finding, text, after, err))
        return false;
    if (next)
        *next = finding.next;
    return true;
}

bool list_find_skips(struct ledger *ledger, const char *company, const char *text,
                     struct store_ids *out, struct err *err)
{
    struct finding finding = {
        .ledger = ledger, .company = company, .key = "find-skip", .most = STORE_PAGE, .out = out};
    return by_name(&finding, text, NULL, err);
}

bool list_find_postings(struct ledger *ledger, const char *company, const char *text,
                        struct store_ids *out, struct err *err)
{
    struct finding finding = {.ledger = ledger,
                              .company = company,
                              .key = "find-posting",
                              .most = STORE_PAGE,
                              .out = out};
    return by_name(&finding, text, NULL, err);
}

/* ---- by words: members of this index are `<word> <record>` ---- */

struct word {
    char text[LIST_ID], from[LIST_ID + 4], to[LIST_ID + 4];
    int64_t count;
};

/* An address is one word, and is meant whole; of others the beginning is enough. */
static size_t take_words(const char *text, struct word words[static WORDS])
{
    OWN_BUF struct buf all = {0};
    size_t count = 0;
    if (strchr(text, '@'))
        find_address(text, &all);
    else
        find_words(text, &all);
    for (const char *at = buf_str(&all); *at && count < WORDS; at += strspn(at, " ")) {
        struct word *word = &words[count++];
        size_t size = strcspn(at, " ");
        bool whole = *at == '@';
        snprintf(word->text, sizeof word->text, "%.*s", (int)size, at);
        snprintf(word->from, sizeof word->from, "[%.*s%s", (int)size, at, whole ? " " : "");
        snprintf(word->to, sizeof word->to, "[%.*s%s", (int)size, at, whole ? "!" : "\xff");
        at += size;
    }
    return count;
}

static bool count_word(struct ledger *ledger, const char *company, const char *key,
                       struct word *word, struct err *err)
{
    OWN_TEXT char *full = store_key(ledger, company, key);
    OWN_REPLY redisReply *reply = NULL;
    const char *const argv[] = {"ZLEXCOUNT", full, word->from, word->to};
    if (!redis_command(ledger_redis(ledger), COUNT(argv), argv, NULL, &reply, err))
        return err_wrap(err, "search staged records");
    word->count = reply->integer;
    return true;
}

/* Does each word stand, or begin one, among those of a record? */
static bool has_words(const char *at, const struct word *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        size_t size = strlen(words[i].text);
        for (const char *word = at; !found && (word = strchr(word, ' ')); word++)
            found = strncmp(word + 1, words[i].text, size) == 0;
        if (!found)
            return false;
    }
    return true;
}

/* Of those that have the rarest word, the ones that have the others, too. */
static bool keep_all(struct ledger *ledger, const char *company, enum mapping kind,
                     const char *shop, const struct word *words, size_t count,
                     const redisReply *found, struct store_ids *out, struct err *err)
{
    OWN_TEXT char *field = mem_printf("at:%s", shop);
    OWN_TEXT char *prefix = mem_printf("%s:", mapping_word(kind));
    const char *const fields[] = {field};
    for (size_t from = 0; from < found->elements && out->count < FOUND_MOST; from += STORE_PAGE) {
        OWN_IDS struct store_ids ids = {.items = mem_array(STORE_PAGE, sizeof *ids.items)};
        OWN(store_rows) struct store_rows *rows = NULL;
        for (size_t i = from; i < found->elements && i < from + STORE_PAGE; i++)
            store_ids_add(&ids, strrchr(found->element[i]->str, ' ') + 1, STORE_PAGE);
        if (!store_read_ids(ledger, company, prefix, &ids, fields, 1, &rows, err))
            return false;
        for (size_t i = 0; i < ids.count; i++)
            if (has_words(store_text(rows, i, 0), words, count))
                store_ids_add(out, ids.items[i], STORE_PAGE);
    }
    return true;
}

bool list_find_unmapped(struct ledger *ledger, const char *company, enum mapping kind,
                        const char *shop, const char *text, struct store_ids *out, struct err *err)
{
    struct word words[WORDS];
    OWN_TEXT char *key = mem_printf("unmapped-%s-words:%s", mapping_words(kind), shop);
    OWN_REPLY redisReply *reply = NULL;
    size_t count = take_words(text, words), rarest = 0;
    out->items = mem_array(STORE_PAGE, sizeof *out->items);
    for (size_t i = 0; count > 1 && i < count; i++) {
        if (!count_word(ledger, company, key, &words[i], err))
            return false;
        if (words[i].count < words[rarest].count)
            rarest = i;
    }
    if (count == 0 || (count > 1 && words[rarest].count == 0))
        return true;
    if (!range(ledger, company, key, words[rarest].from, words[rarest].to,
               count > 1 ? STORE_PAGE : FOUND_MOST, &reply, err))
        return false;
    if (count > 1)
        return keep_all(ledger, company, kind, shop, words, count, reply, out, err);
    for (size_t i = 0; i < reply->elements; i++)
        store_ids_add(out, strrchr(reply->element[i]->str, ' ') + 1, STORE_PAGE);
    return true;
}

static bool add_having(struct ledger *ledger, const char *key, const char *const words[],
                       size_t count, struct store_ids *out, struct err *err)
{
    OWN_REPLY redisReply *reply = NULL;
    const char *argv[WORDS_A_CALL + 1] = {key};
    for (size_t i = 0; i < count; i++)
        argv[i + 1] = words[i];
    if (!redis_script(ledger_redis(ledger), "words", 1, (int)count + 1, argv, NULL, &reply, err))
        return err_wrap(err, "look for records without a partner");
    out->items =
        mem_grow(out->items, out->count, out->count + reply->elements + 1, sizeof *out->items);
    for (size_t i = 0; i < reply->elements; i++)
        out->items[out->count++] = mem_text(reply->element[i]->str);
    return true;
}

bool list_unmapped_having(struct ledger *ledger, const char *company, enum mapping kind,
                          const char *shop, const char *words, struct store_ids *out,
                          struct err *err)
{
    OWN_TEXT char *list = mem_printf("unmapped-%s-words:%s", mapping_words(kind), shop);
    OWN_TEXT char *key = store_key(ledger, company, list);
    OWN_TEXT char *text = mem_text(words);
    const char *some[WORDS_A_CALL];
    size_t count = 0;
    char *rest;
    for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        some[count++] = word;
        if (count < WORDS_A_CALL)
            continue;
        if (!add_having(ledger, key, some, count, out, err))
            return false;
        count = 0;
    }
    return count == 0 || add_having(ledger, key, some, count, out, err);
}

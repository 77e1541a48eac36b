/* ledger_lists_test.c - the lists of what needs a person, as WRITE and people's scripts keep them.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/write.h"
#include "store/forget.h"
#include "store/lists.h"
#include "store/staging.h"
#include "support/bed.h"

#define DAY (24 * 60 * MINUTE)

struct worker { /* holds a task, so that it may write */
    struct ticket ticket;
    const char *fence;
};

static struct worker begin(struct bed *bed)
{
    struct entry_definition definition = bed_once("SHPFY");
    struct worker worker = {0};
    bed_add(bed, &definition);
    worker.ticket = bed_tick_one(bed);
    worker.fence = bed_claim(bed, &worker.ticket);
    return worker;
}

static void put(struct bed *bed, const struct worker *worker, struct write *write)
{
    bool fenced, refused;
    BED_OK(ledger_write(bed->ledger, bed->bucket, worker->ticket.task, worker->fence, write,
                        &fenced, &refused, &bed_err));
    assert_false(fenced || refused);
    write_clear(write);
}

static int64_t length(struct bed *bed, const char *list)
{
    const char *const keys[] = {list};
    int64_t count;
    BED_OK(list_counts(bed->ledger, BED_COMPANY, keys, 1, &count, &bed_err));
    return count;
}

#define LENGTH(list, want)                                                                         \
    do {                                                                                           \
        if (length(bed, list) != (want))                                                           \
            fail_msg("%s holds %d", list, (int)length(bed, list));                                 \
    } while (0)

/* What a run knows of it is what the run before has written. */
static void leave(struct bed *bed, const struct worker *worker, const char *id, const char *name,
                  const char *version, enum reason reason)
{
    OWN(write) struct write *write = write_new();
    const struct skip_before before = {.reason = "", .detail = "", .version = ""};
    assert_true(stage_skip(write, "MAIN", id, name, version, reason, "why", &before));
    put(bed, worker, write);
}

static const char *field(struct bed *bed, const char *key, const char *name)
{
    OWN_REPLY redisReply *reply = bed_redis(bed, "HGET ~s:%s:%s %s", BED_COMPANY, key, name);
    static char text[64];
    snprintf(text, sizeof text, "%s", reply->type == REDIS_REPLY_STRING ? reply->str : "");
    return text;
}

static void a_skip_stands_once_with_first_and_last_sight(void **state)
{
    struct bed *bed = *state;
    struct worker worker = begin(bed);
    char first[64];
    leave(bed, &worker, "11", "#11", "v1", REASON_CHANNEL_TAX);
    snprintf(first, sizeof first, "%s", field(bed, "skip:11", "first"));
    bed_later(bed, MINUTE);
    leave(bed, &worker, "11", "#11", "v2", REASON_CHANNEL_TAX);
    assert_string_equal(field(bed, "skip:11", "first"), first);
    assert_string_not_equal(field(bed, "skip:11", "last"), first);
    assert_string_equal(field(bed, "skip:11", "count"), "2");
    LENGTH("skips:MAIN", 1);
    LENGTH("skips-open:MAIN", 1);
    LENGTH("skips-of:MAIN:order/channel-tax", 1);

    leave(bed, &worker, "11", "#11", "v3", REASON_CANCELLED); /* another reason begins anew */
    assert_string_equal(field(bed, "skip:11", "count"), "1");
    LENGTH("skips-of:MAIN:order/channel-tax", 0);
    LENGTH("skips-of:MAIN:order/cancelled", 1);
    LENGTH("skips-open:MAIN", 0);

    OWN(write) struct write *write = write_new();
    stage_skip_gone(write, "11");
    put(bed, &worker, write);
    LENGTH("skips:MAIN", 0);
    LENGTH("skips-of:MAIN:order/cancelled", 0);
    LENGTH("find-skip", 0);
}

static void each_kind_of_record_asks_in_its_own_group(void **state)
{
    struct bed *bed = *state;
    struct worker worker = begin(bed);
    static const struct {
        const char *id, *name;
        enum reason reason;
        const char *group;
        int open;
    } ROWS[] = {
        {"11",         "#11",    REASON_CHANNEL_TAX,      "order/channel-tax",         1},
        {"12",         "#12",    REASON_PRODUCT_UNMAPPED, "order/product-unmapped",    0}, /* has a cue */
        {"refund:7",   "#11-R7", REASON_REFUND_ACCOUNT,   "refund/refund-account",     1},
        {"refund:8",   "#11-R8", REASON_REFUND_PENDING,   "refund/refund-pending",
         0                                                                              }, /* comes by itself */
        {"shipment-x", "102001", REASON_THIRD_PARTY,      "shipment/third-party",      0}, /* has a cue */
        {"aa-bb",      "#12",    REASON_APPROVAL,         "posting/approval",          1},
        {"item-5",     "1896-S", REASON_PRODUCT_REFUSED,  "item/product-refused",      1},
        {"product-81", "Lamp",   REASON_PRODUCT_LATER,    "item/product-later",        0},
        {"customer-7", "Ann",    REASON_CUSTOMER_COUNTRY, "customer/customer-country", 1},
    };
    int open = 0;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        OWN_TEXT char *list = mem_printf("skips-of:MAIN:%s", ROWS[i].group);
        leave(bed, &worker, ROWS[i].id, ROWS[i].name, "v", ROWS[i].reason);
        LENGTH(list, 1);
        LENGTH("skips-open:MAIN", open += ROWS[i].open);
    }
    OWN_IDS struct store_ids found = {0};
    BED_OK(list_find_skips(bed->ledger, BED_COMPANY, "102001", &found, &bed_err));
    assert_int_equal(found.count, 2); /* the shipment, and what has this number at Shopify */
    assert_string_equal(found.items[0], "shipment-x");
}

static void what_is_dealt_with_stays_listed_and_asks_no_more(void **state)
{
    struct bed *bed = *state;
    struct worker worker = begin(bed);
    bool changed;
    leave(bed, &worker, "11", "#11", "v1", REASON_CHANNEL_TAX);
    BED_OK(store_skip_done(bed->ledger, BED_COMPANY, "11", &changed, &bed_err));
    assert_true(changed);
    BED_OK(store_skip_done(bed->ledger, BED_COMPANY, "11", &changed, &bed_err));
    assert_false(changed);
    LENGTH("skips-open:MAIN", 0);
    LENGTH("skips-of:MAIN:order/channel-tax", 0);
    LENGTH("skips-of:MAIN:order/done", 1);
    LENGTH("skips:MAIN", 1);
    leave(bed, &worker, "11", "#11", "v2", REASON_CHANNEL_TAX); /* Shopify has changed it */
    LENGTH("skips-open:MAIN", 1);
    LENGTH("skips-of:MAIN:order/done", 0);
}

static int64_t forget(struct bed *bed, int64_t days)
{
    int64_t gone;
    BED_OK(store_forget(bed->ledger, BED_COMPANY, "MAIN", days, &gone, &bed_err));
    return gone;
}

static void what_needs_nobody_is_forgotten_in_pieces(void **state)
{
    struct bed *bed = *state;
    struct worker worker = begin(bed);
    char id[24];
    bool changed;
    for (int i = 0; i < 250; i++) {
        snprintf(id, sizeof id, "%d", 1000 + i);
        leave(bed, &worker, id, id, "v", i % 2 ? REASON_CANCELLED : REASON_TEST);
    }
    leave(bed, &worker, "11", "#11", "v", REASON_CHANNEL_TAX);      /* asks for a person */
    leave(bed, &worker, "12", "#12", "v", REASON_CUSTOMER_BLOCKED); /* waits */
    leave(bed, &worker, "13", "#13", "v", REASON_CHANNEL_TAX);
    BED_OK(store_skip_done(bed->ledger, BED_COMPANY, "13", &changed, &bed_err));
    bed_at(bed, bed->now + 30 * DAY);
    assert_int_equal(forget(bed, 30), 0); /* to the millisecond: still kept */
    bed_later(bed, 1);
    assert_int_equal(forget(bed, 31), 0);
    assert_int_equal(forget(bed, 30), 200);
    assert_int_equal(forget(bed, 30), 51);
    assert_int_equal(forget(bed, 30), 0);
    LENGTH("skips:MAIN", 2);
    LENGTH("skips-open:MAIN", 1);
    LENGTH("skips-of:MAIN:order/customer-blocked", 1);
    OWN_REPLY redisReply *record = bed_redis(bed, "EXISTS ~s:%s:skip:1001", BED_COMPANY);
    assert_int_equal(record->integer, 0);
}

/* ---- records without a partner ---- */

static void unmapped(struct bed *bed, const struct worker *worker, const char *id, const char *code,
                     const char *name, const char *email)
{
    OWN(write) struct write *write = write_new();
    OWN_BUF struct buf words = {0};
    OWN_TEXT char *key = mem_printf("product:%s", id);
    find_words(name, &words);
    find_word(id, &words);
    find_address(email, &words);
    write_add(write, "HSET", key, "name", name, "shops", "MAIN", NULL);
    write_add(write, "UNMAPPED", "product", id, "MAIN", code, buf_str(&words), NULL);
    put(bed, worker, write);
}

static void found(struct bed *bed, const char *text, size_t want)
{
    OWN_IDS struct store_ids ids = {0};
    BED_OK(list_find_unmapped(bed->ledger, BED_COMPANY, MAPPING_PRODUCT, "MAIN", text, &ids,
                              &bed_err));
    if (ids.count != want)
        fail_msg("\"%s\" finds %zu", text, ids.count);
}

static void records_without_a_partner_are_found_by_words(void **state)
{
    struct bed *bed = *state;
    struct worker worker = begin(bed);
    bool changed;
    unmapped(bed, &worker, "501", "no-item", "Red chair, Größe 4", "");
    unmapped(bed, &worker, "502", "no-item", "Blue chair", "Ann@Example.com");
    unmapped(bed, &worker, "503", "no-sku", "Стул Ёлка", "");
    static const struct {
        const char *text;
        size_t count;
    } ROWS[] = {
        {"chair",           2},
        {"CHA",             2},
        {"red chair",       1},
        {"größe",         1},
        {"GRÖSSE",         0},
        {"стул",        1},
        {"ёл",            1},
        {"tool",            0},
        {"502",             1},
        {"50",              3},
        {"ann@example.com", 1},
        {"ann@example.co",  0},
        {"chair blue red",  0},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++)
        found(bed, ROWS[i].text, ROWS[i].count);
    LENGTH("unmapped-products-of:MAIN:no-item", 2);

    unmapped(bed, &worker, "501", "mapped-to-nothing", "Green stool",
             ""); /* it is called otherwise now */
    found(bed, "red", 0);
    found(bed, "stool", 1);
    LENGTH("unmapped-products-of:MAIN:no-item", 1);
    LENGTH("unmapped-products:MAIN", 3);

    BED_OK(store_map(bed->ledger, BED_COMPANY, MAPPING_PRODUCT, "502", "1000", &changed, &bed_err));
    OWN(write) struct write *write = write_new();
    write_add(write, "MAPPED", "product", "501", "MAIN", NULL);
    write_add(write, "MAPPED", "product", "503", "MAIN", NULL);
    put(bed, &worker, write);
    LENGTH("unmapped-products:MAIN", 0);
    LENGTH("unmapped-products-words:MAIN", 0); /* nothing of them is left */
    LENGTH("unmapped-products-of:MAIN:no-item", 0);
}

/* ---- pages ---- */

static void pages_go_on_where_the_one_before_has_ended(void **state)
{
    struct bed *bed = *state;
    struct worker worker = begin(bed);
    struct list_page page;
    struct list_place last;
    char id[24];
    size_t seen = 0;
    for (int i = 0; i < 25; i++) {
        snprintf(id, sizeof id, "%d", 100 + i);
        leave(bed, &worker, id, id, "v", REASON_CHANNEL_TAX);
        if (i % 2) /* some share their time */
            bed_later(bed, 1);
    }
    BED_OK(list_read(bed->ledger, BED_COMPANY, "skips-open:MAIN", NULL, 10, &page, &bed_err));
    assert_string_equal(page.places[0].id, "124"); /* the newest first */
    last = page.places[page.count - 1];
    seen += page.count;
    bool changed; /* one that the page has shown goes meanwhile: the last one */
    BED_OK(store_skip_done(bed->ledger, BED_COMPANY, last.id, &changed, &bed_err));
    while (page.count == 10) {
        struct list_place before = last;
        BED_OK(
            list_read(bed->ledger, BED_COMPANY, "skips-open:MAIN", &before, 10, &page, &bed_err));
        for (size_t i = 0; i < page.count; i++)
            assert_true(page.places[i].at_ms <= before.at_ms);
        if (page.count)
            last = page.places[page.count - 1];
        seen += page.count;
    }
    assert_in_range(seen, 25, 26); /* who shares its time with the one that went may come twice */
    assert_string_equal(last.id, "100");
}

static void all_entries_are_read_however_many(void **state)
{
    enum { MANY = 2001 }; /* of which a page holds 1,000 */
    struct bed *bed = *state;
    OWN_JSON json *entries = NULL;
    const struct entry_definition definition = bed_every("CAT", 60 * MINUTE);
    const char *last = "";
    for (int i = 0; i < MANY; i++)
        last = bed_add(bed, &definition);
    BED_OK(ledger_entries(bed->ledger, BED_COMPANY, &entries, &bed_err));
    assert_int_equal(json_count(entries), MANY);
    assert_string_equal(json_text(json_at(entries, MANY - 1), "id"), last);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BED_TEST(a_skip_stands_once_with_first_and_last_sight),
        BED_TEST(each_kind_of_record_asks_in_its_own_group),
        BED_TEST(what_is_dealt_with_stays_listed_and_asks_no_more),
        BED_TEST(what_needs_nobody_is_forgotten_in_pieces),
        BED_TEST(records_without_a_partner_are_found_by_words),
        BED_TEST(pages_go_on_where_the_one_before_has_ended),
        BED_TEST(all_entries_are_read_however_many),
    };
    return BED_RUN("lists", tests);
}

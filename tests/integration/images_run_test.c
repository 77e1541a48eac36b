/* images_run_test.c - images.sync against both simulated peers: a picture becomes an image once,
 * another one replaces it, and the gallery never grows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "bc/catalogue.h"
#include "support/house.h"

#define SHOP "{\"shop\":\"DEMO\"}"

static int open_house(void **state)
{
    const char *const shopify[] = {"--data",      "none", "--index-lag", "0",
                                   "--media-lag", "300",  NULL};
    const char *const bc[] = {"--data", "none", "--replica-lag", "0", NULL};
    struct house *house = house_open(shopify, bc, 1);
    house_put_shop(house, "DEMO", ",\"late_s\":1,\"sync_images\":\"to-shopify\"");
    *state = house;
    return 0;
}

static int close_house(void **state)
{
    house_free(*state);
    return 0;
}

/* ---- both sides ---- */

static const char *const PRODUCTS[][2] = {
    {"1896-S", "athens-desk"            },
    {"1900-S", "paris-guest-chair-black"}
};

static char *item_id(struct house *house, const char *number)
{
    OWN_TEXT char *path = mem_printf("items/%s", number);
    OWN_JSON json *item = house_ask(house, "bc", "POST", path, "{}");
    return mem_text(json_text(item, "id"));
}

static json *product(struct house *house, const char *handle)
{
    OWN_TEXT char *path = mem_printf("products/%s", handle);
    return house_ask(house, "shopify", "GET", path, NULL);
}

static size_t gallery(struct house *house, const char *handle)
{
    OWN_JSON json *shown = product(house, handle);
    return json_count(json_get(shown, "media"));
}

static void redis_do(struct house *house, const char *command)
{
    struct err err;
    OWN_REPLY redisReply *reply = NULL;
    const char *rest = strchr(command, ' ') + 1;
    OWN_TEXT char *whole =
        mem_printf("%.*s ct:{test/%02x}:s:%s:%s", (int)(rest - command - 1), command,
                   ledger_bucket(house->ledger, HOUSE_COMPANY), HOUSE_COMPANY, rest);
    if (!redis_commandf(ledger_redis(house->ledger), &reply, &err, whole))
        fail_msg("%s: %s", whole, err.text);
}

static char *product_id(struct house *house, const char *handle)
{
    OWN_JSON json *shown = product(house, handle);
    return mem_text(json_text(shown, "id"));
}

static void link_id(struct house *house, const char *number, const char *item, const char *id)
{
    OWN_TEXT char *hash =
        mem_printf("HSET shop-product:DEMO:%s item %s item_number %s", id, item, number);
    OWN_TEXT char *set =
        mem_printf("ZADD shop-products:DEMO %lld %s", (long long)clock_now_ms(&HOUSE_CLOCK), id);
    OWN_TEXT char *by_item = mem_printf("SET item-product:DEMO:%s %s", item, id);
    redis_do(house, hash);
    redis_do(house, set);
    redis_do(house, by_item);
}

static void link_product(struct house *house, const char *number, const char *handle)
{
    OWN_TEXT char *item = item_id(house, number), *id = product_id(house, handle);
    link_id(house, number, item, id);
}

/* A picture of 1 by 1; the last byte makes it another one. */
static char drawn_item[UUID_TEXT], drawn_look;
static bool draw(struct attempt *attempt, struct err *err)
{
    static const unsigned char PNG[] = {
        0x89, 'P',  'N',  'G',  0x0d, 0x0a, 0x1a, 0x0a, 0,    0,    0,    0x0d, 'I',  'H',
        'D',  'R',  0,    0,    0,    1,    0,    0,    0,    1,    8,    6,    0,    0,
        0,    0x1f, 0x15, 0xc4, 0x89, 0,    0,    0,    0x0a, 'I',  'D',  'A',  'T',  0x78,
        0x9c, 0x63, 0,    1,    0,    0,    5,    0,    1,    0x0d, 0x0a, 0x2d, 0xb4, 0,
        0,    0,    0,    'I',  'E',  'N',  'D',  0xae, 0x42, 0x60, 0x82};
    char bytes[sizeof PNG + 1];
    const struct bc_picture picture = {.id = drawn_item};
    memcpy(bytes, PNG, sizeof PNG);
    bytes[sizeof PNG] = drawn_look;
    return bc_picture_write(attempt, &picture, bytes, sizeof bytes, err);
}

static void picture(struct house *house, const char *number, char look)
{
    OWN_TEXT char *item = item_id(house, number);
    snprintf(drawn_item, sizeof drawn_item, "%s", item);
    drawn_look = look;
    struct ran ran = house_run_with(house, "images.sync", SHOP, TICKET_SCHEDULED, draw);
    if (!ran.ok)
        fail_msg("%s", ran.err.text);
}

static char *image_field(struct house *house, const char *handle, const char *field)
{
    OWN_TEXT char *id = product_id(house, handle), *key = mem_printf("shop-product:DEMO:%s", id);
    return house_field(house, key, field);
}

static int64_t shopify_calls(struct house *house)
{
    return peers_calls(house->peers, "shopify", NULL);
}

/* ---- from Business Central ---- */

static void a_picture_becomes_one_image(void **state)
{
    struct house *house = *state;
    for (size_t i = 0; i < COUNT(PRODUCTS); i++) {
        link_product(house, PRODUCTS[i][0], PRODUCTS[i][1]);
        picture(house, PRODUCTS[i][0], (char)('a' + (int)i));
    }
    struct counts counts = house_good(house, "images.sync", SHOP);
    assert_int_equal(counts.created, 2);
    assert_int_equal(gallery(house, "athens-desk"), 1);
    assert_int_equal(peers_calls(house->peers, "shopify", "FileCreate"), 1);

    /* nothing has changed: Shopify is asked nothing */
    int64_t calls = shopify_calls(house);
    house_good(house, "images.sync", SHOP);
    assert_int_equal(shopify_calls(house), calls);

    /* another picture replaces it under its id */
    OWN_TEXT char *before = image_field(house, "athens-desk", "image_id");
    picture(house, "1896-S", 'z');
    counts = house_good(house, "images.sync", SHOP);
    OWN_TEXT char *after = image_field(house, "athens-desk", "image_id");
    assert_int_equal(counts.updated, 1);
    assert_string_equal(before, after);
    assert_int_equal(gallery(house, "athens-desk"), 1);
    assert_int_equal(gallery(house, "paris-guest-chair-black"), 1);
}

static void two_runs_at_once_leave_one_image(void **state)
{
    struct house *house = *state;
    link_product(house, PRODUCTS[0][0], PRODUCTS[0][1]);
    picture(house, PRODUCTS[0][0], 'a');
    (void)house_doubled(house, "images.sync", SHOP, "shopify", "FileCreate");
    house_good(house, "images.sync", SHOP);
    assert_int_equal(gallery(house, PRODUCTS[0][1]), 1);
}

static int64_t bc_calls(struct house *house)
{
    return peers_calls(house->peers, "bc", NULL);
}

/* Thousands of items, most of them without a picture: what there is comes with a listing of the
 * items, not by a question for each. */
static void business_central_is_asked_in_listings(void **state)
{
    enum { WITHOUT = 230 };
    struct house *house = *state;
    OWN_TEXT char *bare = item_id(house, "3030-S");
    for (int i = 0; i < WITHOUT; i++) {
        OWN_TEXT char *id = mem_printf("99000%d", i);
        link_id(house, "3030-S", bare, id);
    }
    for (size_t i = 0; i < COUNT(PRODUCTS); i++) {
        link_product(house, PRODUCTS[i][0], PRODUCTS[i][1]);
        picture(house, PRODUCTS[i][0], (char)('a' + (int)i));
    }
    int64_t calls = bc_calls(house);
    assert_int_equal(house_good(house, "images.sync", SHOP).created, 2);
    assert_int_equal(bc_calls(house) - calls, 2 + 2); /* two listings, and the bytes of two */

    calls = bc_calls(house);
    house_good(house, "images.sync", SHOP);
    assert_int_equal(bc_calls(house) - calls, 2);

    /* An item that moved without its picture is read again once, not by every run. */
    OWN_JSON json *moved = house_ask(house, "bc", "POST", "items/1896-S", "{\"unitPrice\":7}");
    assert_string_not_equal(json_text(moved, "id"), "");
    calls = bc_calls(house);
    struct counts counts = house_good(house, "images.sync", SHOP);
    assert_int_equal(counts.read, 1);
    assert_int_equal(counts.updated, 0);
    assert_int_equal(bc_calls(house) - calls, 2 + 1);
    calls = bc_calls(house);
    house_good(house, "images.sync", SHOP);
    assert_int_equal(bc_calls(house) - calls, 2);

    /* A product that is linked later is asked for by its item's id. */
    link_id(house, "3030-S", bare, "98000");
    calls = bc_calls(house);
    house_good(house, "images.sync", SHOP);
    assert_int_equal(bc_calls(house) - calls, 2 + 1);
}

/* A picture that could not be read is read again, although the mark has moved on. */
static void a_change_that_was_not_read_is_not_lost(void **state)
{
    struct house *house = *state;
    link_product(house, "1896-S", "athens-desk");
    picture(house, "1896-S", 'a');
    assert_int_equal(house_good(house, "images.sync", SHOP).created, 1);
    picture(house, "1896-S", 'b');
    peers_fault(house->peers, "bc", "{\"path\":\"/pictureContent\"}", 1,
                "{\"kind\":\"status\",\"status\":404}");
    struct counts counts = house_good(house, "images.sync", SHOP);
    assert_int_equal(counts.failed, 1);
    assert_int_equal(counts.updated, 0);
    assert_int_equal(house_good(house, "images.sync", SHOP).updated, 1);
    assert_int_equal(house_good(house, "images.sync", SHOP).read, 0);
}

/* The connector keeps the digest of a picture that Shopify could not take, with no image: it is
 * never sent again, and nobody is told. */
static void defect_4_1_a_failed_image_is_no_image(void **state)
{
    struct house *house = *state;
    link_product(house, "1896-S", "athens-desk");
    picture(house, "1896-S", 'a');
    house_tell(house, "shopify", "media", "{\"fail\":1}");
    struct counts counts = house_good(house, "images.sync", SHOP);
    assert_int_equal(counts.created, 0);
    assert_int_equal(counts.failed, 1);
    assert_int_equal(gallery(house, "athens-desk"), 0);
    OWN_TEXT char *id = image_field(house, "athens-desk", "image_id");
    assert_string_equal(id, "");
    OWN_TEXT char *reason = house_reason(house, "1896-S");
    assert_string_equal(reason, "image-refused");
    picture(house, "1896-S", 'b');
    assert_int_equal(house_good(house, "images.sync", SHOP).created, 1);
    OWN_TEXT char *gone = house_reason(house, "1896-S");
    assert_string_equal(gone, "");
    assert_int_equal(gallery(house, "athens-desk"), 1);
}

/* The connector never looks whether Shopify is done with an image before it is shown. */
static void defect_4_1_an_image_is_shown_when_shopify_is_done(void **state)
{
    struct house *house = *state;
    link_product(house, "1896-S", "athens-desk");
    picture(house, "1896-S", 'a');
    house_tell(house, "shopify", "media", "{\"lag\":3000}");
    assert_int_equal(house_good(house, "images.sync", SHOP).created, 1);
    assert_int_equal(peers_calls(house->peers, "shopify", "FileUpdate"), 1);
    assert_true(peers_calls(house->peers, "shopify", "MediaStatus") > 1);
    assert_int_equal(gallery(house, "athens-desk"), 1);
}

/* Files of the store's that no run has taken away again, by the ledger of what happened. */
static int files_left(struct house *house)
{
    int left = 0;
    OWN_JSON json *ledger = house_ask(house, "shopify", "GET", "ledger", NULL);
    const json *effects = json_get(ledger, "effects");
    for (size_t i = 0; i < json_count(effects); i++) {
        const char *kind = json_text(json_at(effects, i), "kind");
        left += strcmp(kind, "fileCreate") == 0;
        left -= strcmp(kind, "fileDelete") == 0;
    }
    return left;
}

/* Wherever it dies: one image in the gallery, and no file beside it, because the one that a lost
 * call has made is found by its name. */
static void a_killed_run_leaves_one_image(void **state)
{
    struct house *house = *state;
    static const char *const POINTS[] = {
        "http.after:shopify StagedUploadsCreate", "http.after:shopify storage upload",
        "http.before:shopify FileCreate",         "http.after:shopify FileCreate",
        "http.after:shopify FilesByName",         "http.before:shopify FileUpdate",
        "http.after:shopify FileUpdate",          "http.before:shopify MediaStatus"};
    house_tell(house, "shopify", "media", "{\"lag\":0}");
    link_product(house, "1896-S", "athens-desk");
    picture(house, "1896-S", 'a');
    for (size_t i = 0; i < COUNT(POINTS); i++)
        house_killed_at(house, "images.sync", SHOP, POINTS[i], 1);
    house_good(house, "images.sync", SHOP);
    assert_int_equal(gallery(house, "athens-desk"), 1);
    assert_int_equal(files_left(house), 1);
    OWN_TEXT char *id = image_field(house, "athens-desk", "image_id");
    assert_string_not_equal(id, "");
    assert_int_equal(house_good(house, "images.sync", SHOP).calls, 0);
}

/* A file that Shopify could not make an image of is no picture, and does not stay; one whose new
 * bytes it could not take goes on with the old ones, and takes the next. */
static void a_failed_file_leaves_nothing_behind(void **state)
{
    struct house *house = *state;
    link_product(house, "1896-S", "athens-desk");
    picture(house, "1896-S", 'a');
    house_tell(house, "shopify", "media", "{\"fail\":1}");
    assert_int_equal(house_good(house, "images.sync", SHOP).failed, 1);
    assert_int_equal(files_left(house), 0);
    picture(house, "1896-S", 'b');
    assert_int_equal(house_good(house, "images.sync", SHOP).created, 1);
    OWN_TEXT char *before = image_field(house, "athens-desk", "image_id");

    house_tell(house, "shopify", "media", "{\"fail\":1}");
    picture(house, "1896-S", 'c');
    assert_int_equal(house_good(house, "images.sync", SHOP).failed, 1);
    OWN_TEXT char *reason = house_reason(house, "1896-S");
    assert_string_equal(reason, "image-refused");
    assert_int_equal(house_good(house, "images.sync", SHOP).calls, 0);
    picture(house, "1896-S", 'd');
    assert_int_equal(house_good(house, "images.sync", SHOP).updated, 1);
    OWN_TEXT char *after = image_field(house, "athens-desk", "image_id");
    assert_string_equal(before, after);
    assert_int_equal(gallery(house, "athens-desk"), 1);
    assert_int_equal(files_left(house), 1);
}

/* An image that somebody has deleted at Shopify is made anew. */
static void a_deleted_image_is_made_again(void **state)
{
    struct house *house = *state;
    link_product(house, "1896-S", "athens-desk");
    picture(house, "1896-S", 'a');
    assert_int_equal(house_good(house, "images.sync", SHOP).created, 1);
    OWN_TEXT char *id = product_id(house, "athens-desk");
    OWN_TEXT char *lost = mem_printf("HSET shop-product:DEMO:%s image_id 999", id);
    redis_do(house, lost);
    picture(house, "1896-S", 'b');
    assert_int_equal(house_good(house, "images.sync", SHOP).failed, 1);
    house_good(house, "images.sync", SHOP);
    OWN_TEXT char *after = image_field(house, "athens-desk", "image_id");
    assert_string_not_equal(after, "");
    assert_string_not_equal(after, "999");
    assert_int_equal(gallery(house, "athens-desk"), 1);
}

static void every_parameter_narrows_the_run(void **state)
{
    struct house *house = *state;
    for (size_t i = 0; i < COUNT(PRODUCTS); i++) {
        link_product(house, PRODUCTS[i][0], PRODUCTS[i][1]);
        picture(house, PRODUCTS[i][0], (char)('a' + (int)i));
    }
    OWN_TEXT char *id = product_id(house, "paris-guest-chair-black");
    OWN_TEXT char *only = mem_printf("{\"shop\":\"DEMO\",\"product_id_filter\":\"%s\"}", id);
    assert_int_equal(house_good(house, "images.sync", only).created, 1);
    assert_int_equal(gallery(house, "athens-desk"), 0);
    assert_int_equal(gallery(house, "paris-guest-chair-black"), 1);
    house_put_shop(house, "DEMO", ",\"sync_images\":\"none\"");
    assert_int_equal(house_good(house, "images.sync", SHOP).created, 0);
    assert_int_equal(gallery(house, "athens-desk"), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_house, close_house)
    const struct CMUnitTest tests[] = {
        TEST(two_runs_at_once_leave_one_image),
        TEST(a_picture_becomes_one_image),
        TEST(business_central_is_asked_in_listings),
        TEST(a_change_that_was_not_read_is_not_lost),
        TEST(defect_4_1_a_failed_image_is_no_image),
        TEST(defect_4_1_an_image_is_shown_when_shopify_is_done),
        TEST(a_killed_run_leaves_one_image),
        TEST(a_failed_file_leaves_nothing_behind),
        TEST(a_deleted_image_is_made_again),
        TEST(every_parameter_narrows_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

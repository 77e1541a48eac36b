/* images_variants_test.c - images.sync of variants, to Shopify and from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "support/shelf.h"

#define SHOP "{\"shop\":\"DEMO\"}"
#define TO ",\"late_s\":1,\"sku_mapping\":\"item-no-variant\",\"sync_images\":\"to-shopify\""
#define OFF ",\"late_s\":1,\"sku_mapping\":\"item-no-variant\",\"sync_images\":\"none\""
#define FROM ",\"late_s\":1,\"sku_mapping\":\"item-no-variant\",\"sync_images\":\"from-shopify\""

/* Of 1 by 1; what follows the first part makes it another one, and ends as Base64 does. */
#define PNG                                                                                        \
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJg"

static int open_house(void **state)
{
    const char *const shopify[] = {"--data", "none", "--index-lag", "0", "--media-lag", "0", NULL};
    const char *const bc[] = {"--data", "none", "--replica-lag", "0", NULL};
    struct house *house = house_open(shopify, bc, 1);
    house_put_shop(house, "DEMO", TO);
    *state = house;
    return 0;
}

static int close_house(void **state)
{
    house_free(*state);
    return 0;
}

static struct counts sync(struct house *house)
{
    return house_good(house, "images.sync", SHOP);
}

/* A person sets the picture of an item, or of its variant ("" = the item's own); `look` is one
 * capital letter. */
static void picture(struct house *house, const char *item, const char *variant, char look)
{
    OWN_TEXT char *of = *variant ? mem_printf("\"variant\":\"%s\",", variant) : mem_text("");
    OWN_TEXT char *body =
        mem_printf("{\"item\":\"%s\",%s\"content\":\"" PNG "%cA==\"}", item, of, look);
    house_tell(house, "bc", "pictures", body);
}

/* Which look the picture of an item or variant has in Business Central, '-' = none. */
static char pictured(struct house *house, const char *id)
{
    OWN_JSON json *dump = house_ask(house, "bc", "GET", "dump", NULL);
    const json *companies = json_get(dump, "companies");
    for (size_t c = 0; c < json_count(companies); c++) {
        const json *rows = json_path(json_at(companies, c), "tables.pictures");
        for (size_t i = 0; i < json_count(rows); i++) {
            const char *bytes = json_text(json_at(rows, i), "_bytes");
            if (strcmp(json_text(json_at(rows, i), "id"), id) == 0 && strlen(bytes) > 4)
                return bytes[strlen(bytes) - 4];
        }
    }
    return '-';
}

static char *item_of(struct house *house, const char *number)
{
    OWN_TEXT char *path = mem_printf("items/%s", number);
    OWN_JSON json *item = house_ask(house, "bc", "POST", path, "{}");
    return mem_text(json_text(item, "id"));
}

/* The shirt of the demo company: two colours in three sizes. */
struct shirt {
    char *item, *product;
    json *shown;
};

static struct shirt shirt(struct house *house)
{
    struct shirt shirt = {.item = item_of(house, "3000-S")};
    shelf_add(house, "3000-S");
    shirt.product = shelf_product(house, shirt.item);
    shirt.shown = shelf_shown(house, shirt.product);
    if (json_count(json_get(shirt.shown, "variants")) < 6)
        fail_msg("the shirt: %s", json_write(shirt.shown));
    return shirt;
}

static void shirt_drop(struct shirt *shirt)
{
    free(shirt->item);
    free(shirt->product);
    json_free(shirt->shown);
}
#define OWN_SHIRT __attribute__((cleanup(shirt_drop)))

static void look_again(struct house *house, struct shirt *shirt)
{
    json_free(shirt->shown);
    shirt->shown = shelf_shown(house, shirt->product);
}

/* A field of what is staged of a variant; yours. */
static char *staged(struct house *house, const char *variant, const char *field)
{
    OWN_TEXT char *key = mem_printf("shop-variant:DEMO:%s", variant);
    return house_field(house, key, field);
}

/* Number of the variant of this code; yours. */
static char *variant_of(struct house *house, const struct shirt *shirt, const char *code)
{
    const json *variants = json_get(shirt->shown, "variants");
    for (size_t i = 0; i < json_count(variants); i++) {
        const char *id = json_text(json_at(variants, i), "id");
        OWN_TEXT char *found = staged(house, id, "variant_code");
        if (strcmp(found, code) == 0)
            return mem_text(id);
    }
    fail_msg("there is no variant %s", code);
    return NULL;
}

/* The image that a variant shows at Shopify, "" = none. */
static const char *shown_by(const struct shirt *shirt, const char *variant)
{
    const json *variants = json_get(shirt->shown, "variants");
    for (size_t i = 0; i < json_count(variants); i++) {
        const json *one = json_at(variants, i), *media = json_get(one, "media");
        if (strcmp(json_text(one, "id"), variant) == 0)
            return media ? json_is_object(media) ? json_text(media, "id") : json_string(media) : "";
    }
    return "";
}

static void stage(struct house *house, const char *command, const char *variant, const char *fields)
{
    struct err err;
    OWN_REPLY redisReply *reply = NULL;
    OWN_TEXT char *whole =
        mem_printf("%s ct:{test/%02x}:s:%s:shop-variant:DEMO:%s %s", command,
                   ledger_bucket(house->ledger, HOUSE_COMPANY), HOUSE_COMPANY, variant, fields);
    if (!redis_commandf(ledger_redis(house->ledger), &reply, &err, whole))
        fail_msg("%s: %s", whole, err.text);
}

static void expect_gallery(struct house *house, struct shirt *shirt, size_t count)
{
    look_again(house, shirt);
    assert_int_equal(json_count(json_get(shirt->shown, "media")), count);
}

/* ---- to Shopify ---- */

static void a_variant_shows_the_picture_of_its_item_variant(void **state)
{
    struct house *house = *state;
    OWN_SHIRT struct shirt it = shirt(house);
    picture(house, "3000-S", "", 'A');
    picture(house, "3000-S", "BLUE-S", 'B');
    assert_int_equal(sync(house).created, 2);
    assert_int_equal(peers_calls(house->peers, "shopify", "FileCreate"), 1);
    expect_gallery(house, &it, 2);
    OWN_TEXT char *variant = variant_of(house, &it, "BLUE-S");
    OWN_TEXT char *before = staged(house, variant, "image_id");
    assert_string_not_equal(before, "");
    assert_string_equal(shown_by(&it, variant), before);
    assert_int_equal(sync(house).calls, 0);

    /* Another picture stands where it stood: the gallery does not grow. */
    picture(house, "3000-S", "BLUE-S", 'C');
    assert_int_equal(sync(house).updated, 1);
    OWN_TEXT char *after = staged(house, variant, "image_id");
    assert_string_equal(before, after);
    expect_gallery(house, &it, 2);
    assert_string_equal(shown_by(&it, variant), before);
}

/* Several units of an item variant are several variants of the product. */
static void variants_of_one_item_variant_share_an_image(void **state)
{
    struct house *house = *state;
    OWN_SHIRT struct shirt it = shirt(house);
    OWN_TEXT char *small = variant_of(house, &it, "BLUE-S"),
                  *other = variant_of(house, &it, "BLUE-M"),
                  *late = variant_of(house, &it, "BLUE-L");
    OWN_TEXT char *source = staged(house, small, "item_variant");
    OWN_TEXT char *same = mem_printf("item_variant %s", source);
    stage(house, "HSET", other, same);
    picture(house, "3000-S", "", 'A');
    picture(house, "3000-S", "BLUE-S", 'B');
    assert_int_equal(sync(house).created, 2);
    expect_gallery(house, &it, 2);
    OWN_TEXT char *image = staged(house, small, "image_id");
    assert_string_equal(shown_by(&it, small), image);
    assert_string_equal(shown_by(&it, other), image);

    /* One that joins them later shows the image that there is. */
    stage(house, "HSET", late, same);
    stage(house, "HDEL", late, "image_id image_digest image_at");
    picture(house, "3000-S", "GREY-S", 'D');
    assert_int_equal(sync(house).created, 1);
    expect_gallery(house, &it, 3);
    assert_string_equal(shown_by(&it, late), image);
    assert_int_equal(sync(house).calls, 0);
}

/* A flat item among the variants of another one's product. */
static void a_variant_that_is_another_item_shows_that_ones_picture(void **state)
{
    struct house *house = *state;
    OWN_SHIRT struct shirt it = shirt(house);
    OWN_TEXT char *variant = variant_of(house, &it, "BLUE-S"), *item = item_of(house, "1896-S");
    OWN_TEXT char *flat = mem_printf("item %s item_number 1896-S", item);
    stage(house, "HSET", variant, flat);
    stage(house, "HDEL", variant, "item_variant");
    picture(house, "3000-S", "", 'A');
    picture(house, "1896-S", "", 'B');
    assert_int_equal(sync(house).created, 2);
    expect_gallery(house, &it, 2);
    OWN_TEXT char *before = staged(house, variant, "image_id");
    assert_string_equal(shown_by(&it, variant), before);
    picture(house, "1896-S", "", 'C');
    assert_int_equal(sync(house).updated, 1);
    expect_gallery(house, &it, 2);
}

static void products_add_sends_pictures_when_it_is_asked_to(void **state)
{
    struct house *house = *state;
    OWN_TEXT char *item = item_of(house, "3000-S");
    house_put_shop(house, "DEMO", OFF);
    picture(house, "3000-S", "BLUE-S", 'B');
    struct counts counts = house_good(
        house, "products.add", "{\"shop\":\"DEMO\",\"item_no\":\"3000-S\",\"sync_images\":true}");
    OWN_TEXT char *product = shelf_product(house, item);
    OWN_JSON json *shown = shelf_shown(house, product);
    assert_int_equal(json_count(json_get(shown, "media")), 2);
    assert_true(counts.created >= 1);
    shelf_add(house, "1896-S");
    OWN_TEXT char *plain = item_of(house, "1896-S"), *other = shelf_product(house, plain);
    OWN_JSON json *bare = shelf_shown(house, other);
    assert_int_equal(json_count(json_get(bare, "media")), 0);
}

/* ---- from Shopify ---- */

/* A merchant uploads an image, for a variant where `sku` is none of "". Its number; yours. */
static char *upload(struct house *house, const struct shirt *shirt, const char *sku, char look)
{
    OWN_TEXT char *path = mem_printf("products/%s/image", shirt->product);
    OWN_TEXT char *of = *sku ? mem_printf("\"variant\":\"%s\",", sku) : mem_text("");
    OWN_TEXT char *body = mem_printf("{%s\"base64\":\"" PNG "%cA==\"}", of, look);
    OWN_JSON json *made = house_ask(house, "shopify", "POST", path, body);
    return mem_text(strrchr(json_text(made, "id"), '/') + 1);
}

static void replace(struct house *house, const char *image, const char *base64)
{
    OWN_TEXT char *path = mem_printf("images/%s", image);
    OWN_TEXT char *body = mem_printf("{\"base64\":\"%s\"}", base64);
    house_tell(house, "shopify", path, body);
}

static void images_of_the_store_become_pictures(void **state)
{
    struct house *house = *state;
    OWN_SHIRT struct shirt it = shirt(house);
    OWN_TEXT char *variant = variant_of(house, &it, "BLUE-S");
    OWN_TEXT char *source = staged(house, variant, "item_variant");
    OWN_TEXT char *image = upload(house, &it, "", 'A');
    OWN_TEXT char *of_variant = upload(house, &it, "3000-S|BLUE-S", 'B');
    house_put_shop(house, "DEMO", FROM);
    sync(house);
    assert_int_equal(pictured(house, it.item), 'A'); /* the bytes themselves, not a small copy */
    assert_int_equal(pictured(house, source), 'B');

    /* nothing has changed: one question to Shopify, none to Business Central */
    int64_t bc_calls = peers_calls(house->peers, "bc", NULL);
    sync(house);
    assert_int_equal(sync(house).calls, 1);
    assert_int_equal(peers_calls(house->peers, "bc", NULL), bc_calls);
    assert_string_not_equal(of_variant, image);
}

static void the_filter_narrows_what_comes_in(void **state)
{
    struct house *house = *state;
    OWN_SHIRT struct shirt it = shirt(house);
    OWN_TEXT char *image = upload(house, &it, "", 'A');
    OWN_TEXT char *only =
        mem_printf("{\"shop\":\"DEMO\",\"product_id_filter\":\"%s\"}", it.product);
    house_put_shop(house, "DEMO", FROM);
    house_good(house, "images.sync", "{\"shop\":\"DEMO\",\"product_id_filter\":\"1\"}");
    assert_int_not_equal(pictured(house, it.item), 'A');
    house_good(house, "images.sync", only);
    assert_int_equal(pictured(house, it.item), 'A');
    assert_string_not_equal(image, "");
}

/* The connector knows an image by its number alone, and misses what replaces it under it. */
static void defect_4_2_an_image_replaced_under_its_id_arrives(void **state)
{
    struct house *house = *state;
    OWN_SHIRT struct shirt it = shirt(house);
    OWN_TEXT char *image = upload(house, &it, "", 'A');
    house_put_shop(house, "DEMO", FROM);
    sync(house);
    assert_int_equal(pictured(house, it.item), 'A');
    house_later(house);
    replace(house, image, PNG "CA==");
    assert_int_equal(sync(house).updated, 1);
    assert_int_equal(pictured(house, it.item), 'C');
}

/* Shopify's times are whole seconds. */
static void an_image_replaced_in_the_second_of_the_look_arrives(void **state)
{
    struct house *house = *state;
    OWN_SHIRT struct shirt it = shirt(house);
    OWN_TEXT char *image = upload(house, &it, "", 'A');
    house_put_shop(house, "DEMO", FROM);
    sync(house);
    for (char look = 'B'; look <= 'D'; look++) {
        OWN_TEXT char *bytes = mem_printf(PNG "%cA==", look);
        replace(house, image, bytes);
        assert_int_equal(sync(house).updated, 1);
        assert_int_equal(pictured(house, it.item), look);
    }
}

static void what_cannot_be_a_picture_is_said_once(void **state)
{
    struct house *house = *state;
    OWN_SHIRT struct shirt it = shirt(house);
    OWN_TEXT char *image = upload(house, &it, "", 'A');
    house_put_shop(house, "DEMO", FROM);
    sync(house);
    house_later(house);
    replace(house, image, "UklGRhoAAABXRUJQVlA4TA4AAAAvAAAAEAcQERGIiP4HAA==");
    assert_int_equal(sync(house).failed, 1);
    OWN_TEXT char *reason = house_reason(house, "3000-S");
    assert_string_equal(reason, "picture-refused");
    assert_int_equal(sync(house).failed, 0);
    assert_int_equal(pictured(house, it.item), 'A');
    house_later(house);
    replace(house, image, PNG "DA==");
    assert_int_equal(sync(house).updated, 1);
    OWN_TEXT char *gone = house_reason(house, "3000-S");
    assert_string_equal(gone, "");
    assert_int_equal(pictured(house, it.item), 'D');
}

static void a_write_that_failed_is_tried_again(void **state)
{
    struct house *house = *state;
    OWN_SHIRT struct shirt it = shirt(house);
    OWN_TEXT char *image = upload(house, &it, "", 'A');
    house_put_shop(house, "DEMO", FROM);
    house_killed_at(house, "images.sync", SHOP, "http.before:shopify image download", 1);
    house_killed_at(house, "images.sync", SHOP, "http.after:bc PATCH items", 1);
    house_good(house, "images.sync", SHOP);
    assert_int_equal(pictured(house, it.item), 'A');
    OWN_TEXT char *key = mem_printf("shop-product:DEMO:%s", it.product);
    OWN_TEXT char *kept = house_field(house, key, "image_id");
    assert_string_equal(kept, image);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_house, close_house)
    const struct CMUnitTest tests[] = {
        TEST(a_variant_shows_the_picture_of_its_item_variant),
        TEST(variants_of_one_item_variant_share_an_image),
        TEST(a_variant_that_is_another_item_shows_that_ones_picture),
        TEST(products_add_sends_pictures_when_it_is_asked_to),
        TEST(images_of_the_store_become_pictures),
        TEST(the_filter_narrows_what_comes_in),
        TEST(defect_4_2_an_image_replaced_under_its_id_arrives),
        TEST(an_image_replaced_in_the_second_of_the_look_arrives),
        TEST(what_cannot_be_a_picture_is_said_once),
        TEST(a_write_that_failed_is_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

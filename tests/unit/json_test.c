/* json_test.c - JSON keeps what it was given: numbers by their text, 64-bit ids, null apart from
 * absent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/json.h"

static json *tree(const char *text)
{
    json *root = NULL;
    struct err err;
    if (!json_parse(text, strlen(text), &root, &err))
        fail_msg("%s: %s", text, err.text);
    return root;
}

static void numbers_keep_their_text(void **state)
{
    (void)state;
    OWN_JSON json *root = tree("{\"price\":19.9,\"total\":\"25.980\",\"id\":9007199254740993}");
    struct decimal price;
    char text[DECIMAL_TEXT];
    assert_true(json_decimal(root, "price", &price));
    decimal_format(price, text);
    assert_string_equal(text, "19.9");
    assert_true(json_decimal(root, "total", &price));
    decimal_format(price, text);
    assert_string_equal(text, "25.98");
    assert_true(json_int(root, "id", 0) == 9007199254740993LL);
    assert_string_equal(json_write(root),
                        "{\"price\":19.9,\"total\":\"25.980\",\"id\":9007199254740993}");
    json_set_decimal(root, "price", price);
    assert_non_null(strstr(json_write(root), "\"price\":25.98,"));
    OWN_JSON json *copy = json_copy(root);
    assert_string_equal(json_write(copy), json_write(root));
}

static void lookups_take_what_is_not_there(void **state)
{
    (void)state;
    OWN_JSON json *root = tree("{\"a\":{\"b\":[{\"c\":\"deep\"}]},\"n\":null,\"t\":true}");
    assert_string_equal(json_text(json_path(root, "a.b.0"), "c"), "deep");
    assert_null(json_path(root, "a.x.0"));
    assert_null(json_get(root, "n"));
    assert_true(json_has(root, "n"));
    assert_false(json_has(root, "m"));
    assert_true(json_flag(root, "t", false));
    assert_int_equal(json_int(NULL, "x", 7), 7);
    assert_int_equal(json_count(json_get(root, "n")), 0);
    assert_string_equal(json_text(root, "t"), "");
}

static void what_is_no_json_is_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {"",         "{",   "{\"a\":1}x",   "[1,]",
                                      "\"\xff\"", "nul", "<html></html>"};
    for (size_t i = 0; i < COUNT(BAD); i++) {
        json *root = NULL;
        struct err err;
        if (json_parse(BAD[i], strlen(BAD[i]), &root, &err))
            fail_msg("\"%s\" was taken", BAD[i]);
        assert_int_equal(err.kind, ERR_FATAL);
    }
}

static void an_objects_members_can_be_walked(void **state)
{
    (void)state;
    OWN_JSON json *root = tree("{\"a\":1,\"b\":null}");
    const char *name;
    json *child;
    int seen = 0;
    JSON_EACH(name, child, root)
    {
        assert_string_equal(name, seen ? "b" : "a");
        assert_true(seen ? child == NULL : child != NULL);
        seen++;
    }
    assert_int_equal(seen, 2);
}

static void a_patch_is_laid_over_an_object(void **state)
{
    (void)state;
    OWN_JSON json *root =
        tree("{\"every\":5,\"days\":\"mon\",\"of\":{\"shop\":\"A\",\"tags\":\"x\"}}");
    OWN_JSON json *patch =
        tree("{\"every\":null,\"formula\":\"1D\",\"none\":null,"
             "\"of\":{\"tags\":null,\"no\":\"1\"},\"new\":{\"a\":{\"b\":null,\"c\":1}}}");
    json_merge(root, patch);
    assert_string_equal(json_write(root), "{\"days\":\"mon\",\"of\":{\"shop\":\"A\",\"no\":\"1\"},"
                                          "\"formula\":\"1D\",\"new\":{\"a\":{\"c\":1}}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_patch_is_laid_over_an_object),
        cmocka_unit_test(numbers_keep_their_text),
        cmocka_unit_test(lookups_take_what_is_not_there),
        cmocka_unit_test(what_is_no_json_is_refused),
        cmocka_unit_test(an_objects_members_can_be_walked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

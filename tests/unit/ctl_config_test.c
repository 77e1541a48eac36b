/* ctl_config_test.c - the description of the settings file and the tables of settings say the same,
 * and the demo's file fits both. Reads files of the repository: run from its root.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/operations.h"
#include "model/settings.h"
#include "wire/json.h"
#include "yaml_tree.h"

static void read_file(const char *path, struct buf *out)
{
    char bytes[8192];
    size_t size;
    FILE *file = fopen(path, "re");
    if (!file)
        fail_msg("%s cannot be read; run the test from the root of the repository", path);
    while ((size = fread(bytes, 1, sizeof bytes, file)) > 0)
        buf_add(out, bytes, size);
    fclose(file);
}

static json *schema(void)
{
    OWN_BUF struct buf text = {0};
    json *tree = NULL;
    struct err err = {0};
    read_file("schemas/config/apply.schema.json", &text);
    if (!json_parse(buf_str(&text), text.size, &tree, &err))
        fail_msg("%s", err.text);
    return tree;
}

static bool in_table(const struct setting *rows, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, name) == 0)
            return true;
    return false;
}

static void same_names(const json *described, const struct setting *rows, size_t count,
                       const char *more)
{
    const char *name;
    json *child;
    for (size_t i = 0; i < count; i++) {
        const json *property = json_get(described, rows[i].name);
        if (!property)
            fail_msg("the settings file's description lacks %s", rows[i].name);
        assert_string_equal(json_text(property, "description"), rows[i].help);
    }
    JSON_EACH(name, child, described)
    if (!in_table(rows, count, name) && !strstr(more, name))
        fail_msg("the settings file's description has %s, which is no setting", name);
}

static void the_description_is_the_table(void **state)
{
    (void)state;
    OWN_JSON json *tree = schema();
    size_t companies, shops;
    const struct setting *company = settings_company_table(&companies);
    const struct setting *shop = settings_shop_table(&shops);
    same_names(json_path(tree, "properties.companies.items.properties"), company, companies,
               "shops entries categories notify");
    same_names(json_path(tree, "properties.companies.items.properties.shops.items.properties"),
               shop, shops, "");
}

static const char *variable(const char *name)
{
    return strstr(name, "URL") ? "http://127.0.0.1:7" : NULL;
}

/* The file's company without its lists, as the API gets it. */
static json *bare(const json *company)
{
    json *out = json_new_object();
    const char *name;
    json *child;
    JSON_EACH(name, child, company)
    if (!strstr("shops entries categories", name))
        json_set(out, name, json_copy(child));
    return out;
}

static void the_demos_file_fits(void **state)
{
    (void)state;
    OWN_BUF struct buf text = {0}, ignored = {0};
    OWN_JSON json *file = NULL;
    OWN(arena) struct arena *arena = arena_new();
    struct err err = {0};
    read_file("sandbox/demo/demo.yaml", &text);
    if (!yaml_tree_read("demo.yaml", buf_str(&text), text.size, variable, &file, &err))
        fail_msg("%s", err.text);
    const json *company = json_path(file, "companies.0");
    OWN_JSON json *settings = bare(company);
    const struct company *parsed = NULL;
    const struct shop *shop = NULL;
    if (!settings_company_parse(json_write(settings), arena, &parsed, &err) ||
        !settings_shop_parse(json_write(json_path(company, "shops.0")), arena, &shop, &err))
        fail_msg("%s", err.text);
    assert_true(shop->enabled);
    const json *entries = json_get(company, "entries");
    assert_true(json_count(entries) >= 2);
    for (size_t i = 0; i < json_count(entries); i++) {
        const json *entry = json_at(entries, i);
        const struct operation *operation = operation_by_name(json_text(entry, "operation"));
        assert_non_null(operation);
        if (!operation_arguments(operation, json_write(json_get(entry, "arguments")), &ignored,
                                 &err))
            fail_msg("%s", err.text);
    }
    const json *credentials = json_get(file, "credentials");
    for (size_t i = 0; i < json_count(credentials); i++)
        if (!settings_credential_check(json_text(json_at(credentials, i), "name"),
                                       json_write(json_at(credentials, i)), &ignored, &err))
            fail_msg("%s", err.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_description_is_the_table),
        cmocka_unit_test(the_demos_file_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

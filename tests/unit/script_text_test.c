/* script_text_test.c - a script is given what it uses of the prelude, whole and in its order, and
 * nothing else. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/embed.h"
#include "ledger/script_text.h"

/* How often `word` stands in the text as a word of its own, outside of comments and not as the
 * first one of a quoted text. */
static int mentions(const char *text, const char *word)
{
    int count = 0;
    for (const char *at = text; (at = strstr(at, word)); at++) {
        const char *line = at;
        while (line > text && line[-1] != '\n')
            line--;
        const char before = at > text ? at[-1] : ' ', behind = at[strlen(word)];
        bool whole = !isalnum((unsigned char)before) && before != '_' && before != '.' &&
                     before != '\'' && !isalnum((unsigned char)behind) && behind != '_';
        const char *comment = strstr(line, "--");
        count += whole && (!comment || comment > at);
    }
    return count;
}

/* The name that a line of the prelude begins to define, "" = none. */
static const char *name_of(const char *line)
{
    static char name[64];
    if (sscanf(line, "local function %63[A-Za-z_.]", name) != 1 &&
        sscanf(line, "function %63[A-Za-z_.]", name) != 1 &&
        sscanf(line, "local %63[A-Za-z_]", name) != 1)
        return "";
    return name;
}

static void line_at(const char *from, char out[static 512])
{
    size_t size = strcspn(from, "\n");
    snprintf(out, 512, "%.*s", (int)size, from);
}

static void a_script_has_what_it_names_of_the_prelude_in_its_order(void **state)
{
    (void)state;
    const struct embedded *prelude = embed_find(EMBED_redis_scripts, "_prelude.lua");
    int scripts = 0, left_out = 0;
    for (const struct embedded *file = EMBED_redis_scripts; file->name; file++) {
        if (file == prelude)
            continue;
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(file->name, "."), file->name);
        OWN_BUF struct buf text = {0};
        script_text(name, &text);
        const char *last = text.data;
        for (const char *line = prelude->text; *line; line += strcspn(line, "\n") + 1) {
            char whole[512];
            const char *word = name_of(line);
            if (!*word)
                continue;
            line_at(line, whole);
            const char *there = strstr(text.data, whole);
            int named = mentions(text.data, word);
            if (!there && named)
                fail_msg("%s names %s and does not have it", name, word);
            left_out += !there;
            if (!there)
                continue;
            if (there < last)
                fail_msg("%s: %s does not stand where the prelude has it", name, word);
            last = there;
        }
        scripts++;
    }
    assert_true(scripts > 20);
    assert_true(left_out > 20 * scripts);
}

static void a_script_that_uses_nothing_stands_as_it_is(void **state)
{
    (void)state;
    OWN_BUF struct buf text = {0};
    script_text("staged", &text);
    assert_string_equal(text.data, embed_find(EMBED_redis_scripts, "staged.lua")->text);
}

static void what_a_script_keeps_back_is_written_unless_it_may_not_write(void **state)
{
    (void)state;
    OWN_BUF struct buf writer = {0}, reader = {0};
    script_text("claim", &writer);
    script_text("look", &reader);
    assert_non_null(strstr(writer.data, "\nlocal answer = script()\nL.flush()\nreturn answer\n"));
    assert_non_null(strstr(writer.data, "\nlocal function write_entry("));
    assert_null(strstr(reader.data, "flush"));
    assert_null(strstr(reader.data, "write_entry"));
    assert_int_equal(strncmp(writer.data, "#!lua\n", 6), 0);
    assert_int_equal(strncmp(reader.data, "#!lua flags=no-writes\n", 22), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_script_has_what_it_names_of_the_prelude_in_its_order),
        cmocka_unit_test(a_script_that_uses_nothing_stands_as_it_is),
        cmocka_unit_test(what_a_script_keeps_back_is_written_unless_it_may_not_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

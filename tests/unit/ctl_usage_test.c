/* ctl_usage_test.c - wrong use is told before anything is asked, with the exit code that says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/ids.h"
#include "command_line.h"

struct said {
    int code;
    char *out, *err;
};

static struct said say(const char *const words[])
{
    char *argv[16] = {"cartage"};
    int argc = 1;
    size_t out_size = 0, err_size = 0;
    struct said said = {0};
    for (; words[argc - 1]; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc - 1];
    FILE *out = open_memstream(&said.out, &out_size), *err = open_memstream(&said.err, &err_size);
    said.code = ctl_main(argc, argv, &CLOCK_REAL, out, err);
    fclose(out);
    fclose(err);
    return said;
}

static void said_drop(struct said *said)
{
    free(said->out);
    free(said->err);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
/* Port 1 answers nobody, so a call that goes out anyway ends in EXIT_UNREACHABLE, not in
 * EXIT_USAGE. */
#define NOBODY "--url=http://127.0.0.1:1"

static const struct {
    const char *const *words;
    int code;
    const char *out, *err; /* what stands somewhere in it */
} USES[] = {
  /* clang-format off */
    {WORDS("--version"), EXIT_OK, "cartage ", ""},
    {WORDS("--help"), EXIT_OK, "Exit codes:", ""},
    {WORDS("entry", "add", "--help"), EXIT_OK, "--every TIME", ""},
    {WORDS("sync", "orders", "--help"), EXIT_OK, "--financial-status", ""},
    {WORDS("entry"), EXIT_USAGE, "", "one of: entry list"},
    {WORDS("dance"), EXIT_USAGE, "", "\"dance\" is no command; cartage --help"},
    {WORDS("cuse"), EXIT_USAGE, "", "did you mean cues"},
    {WORDS("entry", "lst"), EXIT_USAGE, "", "\"entry lst\" is no command; did you mean entry list"},
    {WORDS("sync", "ordrs", "--shop", "A", NOBODY), EXIT_USAGE, "", "did you mean orders.sync"},
    {WORDS("entry", "hold", NOBODY), EXIT_USAGE, "", "usage: cartage entry hold ENTRY"},
    {WORDS("cues", "--every", "5m", NOBODY), EXIT_USAGE, "",
     "--every is no flag of `cartage cues`"},
    {WORDS("cues", "--shop"), EXIT_USAGE, "", "--shop takes a value"},
    {WORDS("cues", "--json=yes"), EXIT_USAGE, "", "--json takes no value"},
    {WORDS("apply", NOBODY), EXIT_USAGE, "", "cartage apply -f FILE"},
    {WORDS("apply", "-f", "no/such/file", NOBODY), EXIT_USAGE, "", "no/such/file: No such file"},
    {WORDS("sync", "ordres", "--shop", "A", NOBODY), EXIT_USAGE, "",
     "operation \"ordres\" is none"},
    {WORDS("sync", "orders", "--shop", "A", "--tag", "x", NOBODY), EXIT_USAGE, "",
     "--tag is no flag of orders.sync"},
    {WORDS("sync", "orders", "--shop", "A", "--tags", NOBODY), EXIT_USAGE, "",
     "--tags takes a value"},
    {WORDS("entry", "add", "30104", "--every", "x", NOBODY), EXIT_USAGE, "",
     "\"x\" is no span of time"},
    {WORDS("entry", "add", "30104", "--at", "noon", NOBODY), EXIT_USAGE, "", "not \"noon\""},
    {WORDS("shop", "set", "A", "enabled", NOBODY), EXIT_USAGE, "", "write SETTING=VALUE"},
    {WORDS("order"), EXIT_USAGE, "", "one of: order show, order sync, order resolve, order unlink"},
    {WORDS("order", "show", NOBODY), EXIT_USAGE, "", "usage: cartage order show ORDER"},
    {WORDS("order", "show", "#1001", NOBODY), EXIT_UNREACHABLE, "", "no answer from"},
    {WORDS("order", "sync", NOBODY), EXIT_USAGE, "", "name orders, or a time (--from, --to)"},
    {WORDS("order", "sync", "#1001", "--from", "2027-01-31", NOBODY), EXIT_USAGE, "", "not both"},
    {WORDS("order", "sync", "--to", "2027-01-31", "--shop", "A", NOBODY), EXIT_UNREACHABLE, "",
     "no answer from"},
    {WORDS("order", "resolve", NOBODY), EXIT_USAGE, "", "usage: cartage order resolve ORDER"},
    {WORDS("order", "unlink", "a", "b", NOBODY), EXIT_USAGE, "",
     "usage: cartage order unlink ORDER"},
    {WORDS("shipment", "retry", NOBODY), EXIT_USAGE, "", "usage: cartage shipment retry NUMBER"},
    {WORDS("shipment", "done", NOBODY), EXIT_USAGE, "", "usage: cartage shipment done NUMBER"},
    {WORDS("reset", "sync", "A", "orders", NOBODY), EXIT_USAGE, "", "--to takes a time"},
    {WORDS("reset", "sync", "A", "orders", "--to", "noon", NOBODY), EXIT_USAGE, "", "not noon"},
    {WORDS("reset", "sync", "A", "--to", "2027-01-31T00:00:00Z", NOBODY), EXIT_USAGE, "",
     "usage: cartage reset sync SHOP WHAT"},
    {WORDS("shop", "times", NOBODY), EXIT_USAGE, "", "usage: cartage shop times SHOP"},
    {WORDS("cues", "--token-file", "no/such/file", NOBODY), EXIT_REFUSED, "",
     "token file no/such/file"},
    {WORDS("cues", NOBODY), EXIT_UNREACHABLE, "", "no answer from http://127.0.0.1:1"},
    {WORDS(NOBODY, "run", "list", "--json"), EXIT_UNREACHABLE, "", "no answer from"},
    {WORDS("sync", "30104", "--shop", "A", "--tags=a|b", NOBODY), EXIT_UNREACHABLE, "",
     "no answer from"},
  /* clang-format on */
};

static void wrong_use_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(USES); i++) {
        struct said said = say(USES[i].words);
        if (said.code != USES[i].code || !strstr(said.out, USES[i].out) ||
            !strstr(said.err, USES[i].err))
            fail_msg("cartage %s %s: exit %d\nout: %s\nerr: %s", USES[i].words[0],
                     USES[i].words[1] ? USES[i].words[1] : "", said.code, said.out, said.err);
        said_drop(&said);
    }
}

/* The list of commands tells each in one line; none stops in the middle of a sentence. */
static void each_command_has_a_summary(void **state)
{
    (void)state;
    struct said said = say(WORDS("--help"));
    assert_null(strstr(said.out, ",\n  "));
    assert_non_null(strstr(said.out, "Counts what needs a person, and names the command"));
    assert_null(strstr(said.out, "in this order: customers"));
    said_drop(&said);
}

static const struct {
    const char *yaml, *says;
} FILES[] = {
  /* clang-format off */
    {"compnies: []\n", "\"compnies\" is not known here"},
    {"companies: {}\n", "companies: must be a list"},
    {"companies:\n  - name: A\n", "company A: id is missing"},
    {"companies:\n  - name: A\n    id: x\n    shops:\n      - store: b\n",
     "item 1: \"code\" is missing"},
    {"companies:\n  - name: A\n    id: x\n    shops:\n      - code: 7\n", "no text (quote it)"},
    {"companies:\n  - name: A\n    id: x\n    entries:\n      - name: e\n        every: often\n",
     "entry e: every: \"often\" is no span"},
    {"companies:\n  - name: A\n    id: x\n    entries:\n      - name: e\n        start: noon\n",
     "entry e: start: write a time"},
    {"companies: []\n", "names no company and no credential"},
    {"- 1\n", "names no company and no credential"},
    {"companies:\n  - id: ${NO_SUCH_VARIABLE}\n", "line 2: ${NO_SUCH_VARIABLE} is not set"},
  /* clang-format on */
};

/* Nobody is asked before the whole file makes sense. */
static void a_wrong_file_is_told_before_anything_is_sent(void **state)
{
    (void)state;
    char path[] = "/tmp/cartage-usage-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    for (size_t i = 0; i < COUNT(FILES); i++) {
        ssize_t size = (ssize_t)strlen(FILES[i].yaml);
        assert_int_equal(ftruncate(file, 0), 0);
        assert_int_equal(pwrite(file, FILES[i].yaml, (size_t)size, 0), size);
        struct said said = say(WORDS("apply", "-f", path, NOBODY));
        if (said.code != EXIT_USAGE || !strstr(said.err, FILES[i].says))
            fail_msg("%s: exit %d, %s", FILES[i].yaml, said.code, said.err);
        said_drop(&said);
    }
    close(file);
    unlink(path);
}

int main(void)
{
    ids_start();
    unsetenv("CARTAGE_URL");
    unsetenv("CARTAGE_TOKEN_FILE");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_use_is_told),
        cmocka_unit_test(each_command_has_a_summary),
        cmocka_unit_test(a_wrong_file_is_told_before_anything_is_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* admin_fits_test.c - what the description of the API refuses, and how it is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "admin/fits.h"

static const struct {
    const char *method, *path, *body;
    const char *says; /* NULL = it fits */
} BODIES[] = {
  /* clang-format off */
    {"POST", "/v1/tokens", "{\"name\":\"ann\",\"role\":\"view\"}", NULL},
    {"POST", "/v1/tokens", "{\"name\":\"ann\"}", "role is missing"},
    {"POST", "/v1/tokens", "{\"name\":\"ann\",\"role\":null}", "role is missing"},
    {"POST", "/v1/tokens", "{\"name\":7,\"role\":\"view\"}", "name: want a text, not a whole number"},
    {"POST", "/v1/tokens", "{\"name\":\"ann\",\"role\":\"king\"}",
     "role \"king\": want view, operate or admin"},
    {"POST", "/v1/tokens", "{\"name\":\"ann\",\"role\":\"view\",\"days\":1}",
     "days is not known; want some of name, role"},
    {"POST", "/v1/tokens", "{\"name\":\"ann\",\"role\":\"view\",\"days\":null}", "days is not known"},
    {"POST", "/v1/sync", "{\"operation\":30104}", NULL},
    {"POST", "/v1/sync", "{\"operation\":\"orders.sync\"}", NULL},
    {"POST", "/v1/sync", "{\"operation\":[]}", "operation: want a text or a whole number, not a list"},
    {"POST", "/v1/sync", "{\"operation\":\"x\",\"wait\":\"yes\"}", "wait: want true or false, not a text"},
    {"POST", "/v1/postings/mark", "{\"orders\":[]}", "orders: want 1 to 200 items"},
    {"POST", "/v1/postings/mark", "{\"orders\":[\"#1001\",7]}", "orders[1]: want a text"},
    {"POST", "/v1/postings/mark", "{\"orders\":[null]}", "orders[0] is null"},
    {"PUT", "/v1/companies/{company}", "{\"name\":\"x\",\"notify\":{\"pigeon\":1}}",
     "notify.pigeon is not known in notify"},
    {"PUT", "/v1/companies/{company}", "{\"name\":\"x\",\"notify\":{\"group_minutes\":1441}}",
     "notify.group_minutes: want 0 to 1440"},
    {"PUT", "/v1/companies/{company}", "{\"name\":\"x\",\"time_zone\":\"Europe/London\"}", NULL},
    {"POST", "/v1/runs/{run}/cancel", "{\"anything\":1}", NULL}, /* takes no body, and reads none */
  /* clang-format on */
};

static void a_body_is_as_described(void **state)
{
    (void)state;
    struct description *description = description_read();
    for (size_t i = 0; i < COUNT(BODIES); i++) {
        struct err err = {0};
        OWN_JSON json *body = NULL;
        assert_true(json_parse(BODIES[i].body, strlen(BODIES[i].body), &body, &err));
        bool fit = body_fits(description, BODIES[i].method, BODIES[i].path, body, &err);
        if (fit != !BODIES[i].says || (!fit && !strstr(err.text, BODIES[i].says)))
            fail_msg("%s %s: %s", BODIES[i].path, BODIES[i].body, fit ? "fits" : err.text);
        assert_true(fit || err.code == 400);
    }
    description_free(description);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_body_is_as_described)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* model_sync_all_test.c - "sync all" finds each operation that there is in its place, and knows
 * which it leaves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/operations.h"
#include "model/sync_all.h"

static const struct parameter *parameter_of(const struct operation *operation, const char *name)
{
    for (size_t i = 0; i < operation->parameter_count; i++)
        if (strcmp(operation->parameters[i].name, name) == 0)
            return &operation->parameters[i];
    return NULL;
}

/* A step is refused as a whole where its operation does not know the switch. */
static void a_step_is_what_its_operation_takes(void **state)
{
    (void)state;
    for (const struct sync_step *step = SYNC_ALL; step->operation; step++) {
        const struct operation *operation = operation_by_name(step->operation);
        if (!operation)
            continue;
        const struct parameter *given = step->argument ? parameter_of(operation, step->argument)
                                                       : parameter_of(operation, "shop");
        if (!operation->needs_shop || !given ||
            given->type != (step->argument ? PARAMETER_BOOL : PARAMETER_SHOP))
            fail_msg("%s takes no %s", step->operation, step->argument ? step->argument : "shop");
    }
}

static bool is_run(const char *name)
{
    for (const struct sync_step *step = SYNC_ALL; step->operation; step++)
        if (strcmp(step->operation, name) == 0)
            return true;
    return false;
}

static bool is_left(const char *name)
{
    for (const char *const *at = SYNC_ALL_LEAVES; *at; at++)
        if (strcmp(*at, name) == 0)
            return true;
    return false;
}

/* Every report of the connector that may recur; adding single records is on demand. */
static void no_operation_is_forgotten(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPERATION_COUNT; i++) {
        const char *name = OPERATIONS[i].name, *dot = strrchr(name, '.');
        bool recurs = OPERATIONS[i].report != 0 && strncmp(dot, ".add", 4) != 0;
        if (recurs ? is_run(name) == is_left(name) : is_run(name) || is_left(name))
            fail_msg("%s is %s", name,
                     is_run(name) ? "run and left, or runs by itself" : "missing");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_is_what_its_operation_takes),
        cmocka_unit_test(no_operation_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

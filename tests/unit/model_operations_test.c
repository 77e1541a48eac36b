/* model_operations_test.c - the table of operations keeps what the queue promises of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/operations.h"

/* Whatever name begins so; the rest is Low. */
static const struct {
    const char *name;
    enum priority priority;
} PRIORITIES[] = {
    {"orders.",      PRIORITY_HIGH  },
    {"shipments.",   PRIORITY_HIGH  },
    {"inventory.",   PRIORITY_NORMAL},
    {"payouts.",     PRIORITY_NORMAL},
    {"disputes.",    PRIORITY_NORMAL},
    {"sales-orders", PRIORITY_NORMAL},
    {"sales-invoic", PRIORITY_NORMAL},
};

static void an_entry_that_names_no_priority_gets_its_operations(void **state)
{
    (void)state;
    assert_true(OPERATION_COUNT >= 2);
    for (size_t i = 0; i < OPERATION_COUNT; i++) {
        enum priority want = PRIORITY_LOW;
        for (size_t k = 0; k < COUNT(PRIORITIES); k++)
            if (strncmp(OPERATIONS[i].name, PRIORITIES[k].name, strlen(PRIORITIES[k].name)) == 0)
                want = PRIORITIES[k].priority;
        if (OPERATIONS[i].priority != want)
            fail_msg("%s is %s, want %s", OPERATIONS[i].name, priority_name(OPERATIONS[i].priority),
                     priority_name(want));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_that_names_no_priority_gets_its_operations)};
    return cmocka_run_group_tests_name("model_operations", tests, NULL, NULL);
}

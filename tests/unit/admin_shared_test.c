/* admin_shared_test.c - readers who ask for the same at the same time are answered by one read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "admin/shared.h"

enum { READERS = 8, READS = 20000 };

struct hall {
    struct shared_reads *reads;
    atomic_long version; /* of what is read; goes up all the time */
    atomic_int reading;
    atomic_bool sharing; /* somebody has been answered by another's read */
    atomic_int old, doubled, failed;
    int most; /* at once */
    bool fails;
};

/* One reader: what it is told is never older than its question. */
static void *read_on(void *state)
{
    struct hall *hall = state;
    for (int i = 0; i < READS && !(atomic_load(&hall->sharing) && i >= READS / 100); i++) {
        bool leads;
        long before = atomic_fetch_add(&hall->version, 1) + 1;
        struct shared_read *read = shared_begin(hall->reads, "view anna /v1/cues", &leads);
        if (leads) {
            char text[32];
            hall->doubled += atomic_fetch_add(&hall->reading, 1) != 0;
            snprintf(text, sizeof text, "%ld", atomic_load(&hall->version));
            sched_yield();
            atomic_fetch_sub(&hall->reading, 1);
            shared_end(hall->reads, read, hall->fails ? NULL : text);
        }
        const char *text = shared_text(read);
        hall->sharing = atomic_load(&hall->sharing) || !leads;
        hall->failed += text == NULL;
        hall->old += text && strtol(text, NULL, 10) < before;
        shared_leave(hall->reads, read);
    }
    return NULL;
}

static void play(struct hall *hall)
{
    pthread_t threads[READERS];
    hall->reads = shared_new();
    for (size_t i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, hall), 0);
    for (size_t i = 0; i < READERS; i++)
        pthread_join(threads[i], NULL);
    shared_free(hall->reads);
}

static void an_answer_was_read_after_the_question(void **state)
{
    (void)state;
    struct hall hall = {0};
    play(&hall);
    assert_true(hall.sharing);
    assert_int_equal(hall.old, 0);
    assert_int_equal(hall.doubled, 0);
    assert_int_equal(hall.failed, 0);
}

static void a_read_that_fails_is_told_to_all_of_it(void **state)
{
    (void)state;
    struct hall hall = {.fails = true};
    play(&hall);
    assert_true(hall.sharing && hall.failed > 0);
}

static void another_question_is_another_read(void **state)
{
    (void)state;
    struct shared_reads *reads = shared_new();
    bool first, second;
    struct shared_read *one = shared_begin(reads, "view anna /v1/cues", &first);
    struct shared_read *two = shared_begin(reads, "view anna /v1/cues?shop=MAIN", &second);
    assert_true(first && second);
    shared_end(reads, two, "two");
    shared_end(reads, one, "one");
    assert_string_equal(shared_text(one), "one");
    assert_string_equal(shared_text(two), "two");
    shared_leave(reads, one);
    shared_leave(reads, two);
    shared_free(reads);
}

/* So few at once that each of many readers of other things has to wait for a place. */
static void *read_own(void *state)
{
    struct hall *hall = state;
    char key[32];
    snprintf(key, sizeof key, "%ld", atomic_fetch_add(&hall->version, 1));
    for (int i = 0; i < READS / 100; i++) {
        bool leads;
        struct shared_read *read = shared_begin(hall->reads, key, &leads);
        int reading = atomic_fetch_add(&hall->reading, 1) + 1;
        hall->doubled += reading > hall->most;
        hall->sharing = atomic_load(&hall->sharing) || !leads;
        sched_yield();
        atomic_fetch_sub(&hall->reading, 1);
        shared_end(hall->reads, read, key);
        shared_leave(hall->reads, read);
    }
    return NULL;
}

static void few_are_read_at_once(void **state)
{
    (void)state;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct hall hall = {.reads = shared_new(),
                        .most = (int)(2 * (processors > 1 ? processors : 2))};
    size_t count = (size_t)hall.most + 4;
    pthread_t *threads = calloc(count, sizeof *threads);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_own, &hall), 0);
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    shared_free(hall.reads);
    assert_false(hall.sharing);
    assert_int_equal(hall.doubled, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_was_read_after_the_question),
        cmocka_unit_test(a_read_that_fails_is_told_to_all_of_it),
        cmocka_unit_test(another_question_is_another_read),
        cmocka_unit_test(few_are_read_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* mailbox_test.c - every item put is taken once, also by many threads; closing wakes everybody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/mailbox.h"

enum { PUTTERS = 4, TAKERS = 4, EACH = 5000 };

static struct mailbox *box;
static _Atomic int taken[PUTTERS * EACH];

static void *put_many(void *first)
{
    for (int i = 0; i < EACH; i++) {
        int *item = malloc(sizeof *item);
        *item = *(int *)first + i;
        if (!mailbox_put(box, &item, -1))
            abort();
    }
    return NULL;
}

static void *take_many(void *unused)
{
    (void)unused;
    int *item;
    while ((item = mailbox_take(box, -1))) {
        atomic_fetch_add(&taken[*item], 1);
        free(item);
    }
    return NULL;
}

static void every_item_is_taken_once(void **state)
{
    (void)state;
    pthread_t putters[PUTTERS], takers[TAKERS];
    int first[PUTTERS];
    box = mailbox_new(16);
    for (int i = 0; i < TAKERS; i++)
        pthread_create(&takers[i], NULL, take_many, NULL);
    for (int i = 0; i < PUTTERS; i++) {
        first[i] = i * EACH;
        pthread_create(&putters[i], NULL, put_many, &first[i]);
    }
    for (int i = 0; i < PUTTERS; i++)
        pthread_join(putters[i], NULL);
    mailbox_close(box);
    for (int i = 0; i < TAKERS; i++)
        pthread_join(takers[i], NULL);
    for (int i = 0; i < PUTTERS * EACH; i++)
        assert_int_equal(taken[i], 1);
    mailbox_free(box);
}

static void a_full_box_leaves_the_item_with_its_owner(void **state)
{
    (void)state;
    OWN(mailbox) struct mailbox *small = mailbox_new(1);
    int one = 1, two = 2;
    int *a = &one, *b = &two;
    assert_true(mailbox_put(small, &a, 0));
    assert_null(a);
    assert_false(mailbox_put(small, &b, 0));
    assert_ptr_equal(b, &two);
    assert_false(mailbox_put(small, &b, 5));
    assert_int_equal(mailbox_count(small), 1);
    assert_ptr_equal(mailbox_take(small, 0), &one);
    assert_null(mailbox_take(small, 0));
}

static void what_is_inside_a_closed_box_can_be_taken(void **state)
{
    (void)state;
    OWN(mailbox) struct mailbox *small = mailbox_new(2);
    int one = 1, two = 2;
    int *a = &one, *b = &two;
    assert_true(mailbox_put(small, &a, 0));
    mailbox_close(small);
    assert_false(mailbox_put(small, &b, -1));
    assert_ptr_equal(mailbox_take(small, -1), &one);
    assert_null(mailbox_take(small, -1));
}

struct crowd {
    struct mailbox *work, *arrived, *go;
};

static void *take_and_stay(void *shared)
{
    struct crowd *crowd = shared;
    for (void *item; (item = mailbox_take(crowd->work, -1));) {
        if (!mailbox_put(crowd->arrived, &item, -1))
            abort();
        if (!mailbox_take(crowd->go, -1))
            abort();
    }
    return NULL;
}

/* One taker calls the next: long work is begun by as many as there is work for. */
static void work_that_lasts_is_begun_at_once(void **state)
{
    (void)state;
    struct crowd crowd = {mailbox_new(TAKERS), mailbox_new(TAKERS), mailbox_new(TAKERS)};
    pthread_t takers[TAKERS];
    int work = 1;
    for (int i = 0; i < TAKERS; i++)
        pthread_create(&takers[i], NULL, take_and_stay, &crowd);
    for (int round = 0; round < 2000; round++) {
        for (int i = 0; i < TAKERS; i++) {
            int *item = &work;
            assert_true(mailbox_put(crowd.work, &item, -1));
        }
        for (int i = 0; i < TAKERS; i++)
            assert_non_null(mailbox_take(crowd.arrived, 5000)); /* before anybody may go on */
        for (int i = 0; i < TAKERS; i++) {
            int *item = &work;
            assert_true(mailbox_put(crowd.go, &item, -1));
        }
    }
    mailbox_close(crowd.work);
    for (int i = 0; i < TAKERS; i++)
        pthread_join(takers[i], NULL);
    while (mailbox_take(crowd.go, 0)) {
    }
    mailbox_free(crowd.work);
    mailbox_free(crowd.arrived);
    mailbox_free(crowd.go);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_is_taken_once),
        cmocka_unit_test(a_full_box_leaves_the_item_with_its_owner),
        cmocka_unit_test(what_is_inside_a_closed_box_can_be_taken),
        cmocka_unit_test(work_that_lasts_is_begun_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

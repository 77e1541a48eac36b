/* limiter_test.c - budgets, seats and tokens on a real Redis, asked by many threads at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "limiter/limiter.h"
#include "support/ok.h"
#include "support/peers.h"

struct worker { /* what an executor owns */
    struct ledger *ledger;
    struct limiter *limiter;
};

static struct worker worker_open(const char *who)
{
    struct ledger_config config = {.redis = test_peers->redis.address, .environment = "test"};
    struct worker worker = {0};
    struct err problem;
    if (!ledger_open(&config, &worker.ledger, &problem))
        abort(); /* also called by threads, where cmocka cannot fail */
    worker.limiter = limiter_new(worker.ledger, "test");
    limiter_begin(worker.limiter, who);
    return worker;
}

static void worker_close(struct worker *worker)
{
    limiter_free(worker->limiter);
    ledger_free(worker->ledger);
}

static void flush(void)
{
    struct worker worker = worker_open("flush");
    OWN_REPLY redisReply *reply = NULL;
    OK(redis_commandf(ledger_redis(worker.ledger), &reply, &err, "FLUSHALL"));
    worker_close(&worker);
}

static int64_t now_ms(void)
{
    return clock_mono_ms(&CLOCK_REAL);
}

/* Not for a state: callers wait as long as the limiter tells them, a store takes its time. */
static void pause_ms(double ms)
{
    struct timespec pause = {(time_t)(ms / 1000),
                             (long)((ms - (double)(int64_t)(ms / 1000) * 1000) * 1e6)};
    nanosleep(&pause, NULL);
}

/* ---- points, one asker ---- */

static struct points_grant take(struct worker *worker, int cost, int floor)
{
    struct points_grant grant;
    OK(limiter_points_take(worker->limiter, "store/app", cost, floor, &grant, &err));
    return grant;
}

static void settle(struct worker *worker, const struct points_grant *grant,
                   struct points_status status)
{
    OK(limiter_points_settle(worker->limiter, "store/app", grant->reservation, &status, &err));
}

static double available(struct worker *worker)
{
    struct points_view view;
    OK(limiter_points_look(worker->limiter, "store/app", &view, &err));
    return view.available;
}

#define NEAR(want, got)                                                                            \
    do {                                                                                           \
        double got_ = (got);                                                                       \
        if (got_ < (want)-40 || got_ > (want) + 40)                                                \
            fail_msg("want about %g, got %g", (double)(want), got_);                               \
    } while (0)

static void a_new_budget_starts_as_standard(void **state)
{
    (void)state;
    struct worker worker = worker_open("one");
    int64_t begun_ms = clock_mono_ms(&CLOCK_REAL);
    assert_true(take(&worker, 1000, 0).granted);
    assert_true(take(&worker, 990, 0).granted);
    struct points_grant grant = take(&worker, 500, 0);
    int64_t passed_ms = clock_mono_ms(&CLOCK_REAL) - begun_ms;
    assert_false(grant.granted);
    /* (500 - 10) / 100 a second, less what has passed, and up to a tenth of jitter. */
    assert_true(grant.wait_ms >= 4890 - passed_ms && grant.wait_ms <= 5500);
    worker_close(&worker);
}

static void what_was_not_used_comes_back(void **state)
{
    (void)state;
    struct worker worker = worker_open("one");
    int64_t begun_ms = clock_mono_ms(&CLOCK_REAL);
    struct points_grant grant = take(&worker, 800, 0);
    NEAR(1200, available(&worker));
    for (int i = 0; i < 2; i++) { /* once, however often it is said */
        settle(&worker, &grant, (struct points_status){800, 150, -1, -1, -1});
        double left = available(&worker);
        int64_t passed_ms = clock_mono_ms(&CLOCK_REAL) - begun_ms; /* 100 points a second */
        assert_true(left >= 1849 && left <= 1851 + (double)passed_ms / 10);
    }
    worker_close(&worker);
}

static void what_a_minute_used_is_known(void **state)
{
    (void)state;
    struct worker worker = worker_open("one");
    struct points_view view;
    int64_t sum = 0;
    struct points_grant first = take(&worker, 800, 0), second = take(&worker, 100, 0);
    settle(&worker, &first, (struct points_status){800, 150, -1, -1, -1});
    settle(&worker, &second, (struct points_status){100, -1, -1, -1, -1}); /* not said: all of it */
    settle(&worker, &second, (struct points_status){100, 90, -1, -1, -1}); /* once */
    OK(limiter_points_look(worker.limiter, "store/app", &view, &err));
    for (size_t i = 0; i < LIMITER_MINUTES; i++)
        sum += view.used[i];
    assert_int_equal(250, sum);
    assert_int_equal(250, view.used[LIMITER_MINUTES - 1] + view.used[LIMITER_MINUTES - 2]);
    assert_true(view.updated_ms > 0);
    worker_close(&worker);
}

static void the_peers_word_is_taken(void **state)
{
    (void)state;
    struct worker worker = worker_open("one");
    struct points_view view;
    struct points_grant first = take(&worker, 100, 0);
    settle(&worker, &first, (struct points_status){100, 100, 20000, 1990000, 100000});
    OK(limiter_points_look(worker.limiter, "store/app", &view, &err));
    assert_true(view.maximum == 20000 && view.rate == 1000);
    NEAR(19900, view.available); /* higher, and nothing else is out */

    struct points_grant second = take(&worker, 100, 0);
    settle(&worker, &second, (struct points_status){100, 100, 20000, 300000, 100000});
    NEAR(3000, available(&worker)); /* lower: somebody else uses the app */

    struct points_grant open = take(&worker, 1000, 0), third = take(&worker, 100, 0);
    settle(&worker, &third, (struct points_status){100, 100, 20000, 1000000, 100000});
    NEAR(9000, available(&worker)); /* higher, less what may not have arrived there */
    settle(&worker, &open, (struct points_status){1000, 1000, -1, -1, -1});
    worker_close(&worker);
}

static void a_throttled_call_costs_nothing_and_waits(void **state)
{
    (void)state;
    struct worker worker = worker_open("one");
    struct points_grant grant = take(&worker, 500, 0);
    struct points_status said = {500, -1, 2000, 20000, 10000};
    int64_t wait_ms;
    OK(limiter_points_throttled(worker.limiter, "store/app", grant.reservation, &said, &wait_ms,
                                &err));
    NEAR(200, available(&worker));
    assert_true(wait_ms >= 2900 && wait_ms <= 3400); /* (500 - 200) / 100 a second */
    worker_close(&worker);
}

static void a_dead_workers_reservation_ends(void **state)
{
    (void)state;
    struct worker worker = worker_open("one");
    struct points_view view;
    OWN_REPLY redisReply *keys = NULL;
    OWN_REPLY redisReply *reply = NULL;
    struct redis *redis = ledger_redis(worker.ledger);
    take(&worker, 700, 0);
    OK(redis_commandf(redis, &keys, &err, "KEYS ct:*:open"));
    assert_int_equal(1, keys->elements);
    OK(redis_commandf(redis, &reply, &err, "ZADD %s 1 dead:700", keys->element[0]->str));

    struct points_grant grant = take(&worker, 100, 0);
    settle(&worker, &grant, (struct points_status){100, 100, 2000, 200000, 10000});
    OK(limiter_points_look(worker.limiter, "store/app", &view, &err));
    assert_int_equal(1, view.open); /* the living one; the dead one is gone, without a refund */
    NEAR(1300, view.available);
    worker_close(&worker);
}

static void floors_keep_a_reserve(void **state)
{
    (void)state;
    struct worker sync = worker_open("sync"), person = worker_open("person");
    assert_true(take(&sync, 1000, 20).granted);
    assert_true(take(&sync, 600, 20).granted);
    assert_false(take(&sync, 100, 20).granted); /* 400 stay */
    assert_true(take(&person, 300, 0).granted); /* and the waiting sync does not hold it back */
    worker_close(&sync);
    worker_close(&person);
}

static void waiters_are_served_in_order(void **state)
{
    (void)state;
    struct worker large = worker_open("large"), small = worker_open("small");
    assert_true(take(&small, 1900, 0).granted);
    assert_false(take(&large, 900, 0).granted);
    assert_false(take(&small, 10, 0).granted); /* 100 are there, but `large` came first */
    OK(limiter_points_leave(large.limiter, "store/app", &err));
    assert_true(take(&small, 10, 0).granted);
    worker_close(&large);
    worker_close(&small);
}

static void costs_are_learned(void **state)
{
    (void)state;
    struct worker worker = worker_open("one");
    int cost = -1;
    OK(limiter_cost_known(worker.limiter, "2026-10/orders/1", &cost, &err));
    assert_int_equal(0, cost);
    OK(limiter_cost_learn(worker.limiter, "2026-10/orders/1", 67, &err));
    OK(limiter_cost_known(worker.limiter, "2026-10/orders/1", &cost, &err));
    assert_int_equal(67, cost);
    worker_close(&worker);
}

/* ---- points, a fleet: a store's bucket in this process, a Redis for the fleet's ---- */

static struct store {
    pthread_mutex_t mutex;
    double available, maximum, rate, scale; /* time runs `scale` times as fast */
    int64_t seen_ms, start_ms, throttled_late;
    double used;
} store = {.mutex = PTHREAD_MUTEX_INITIALIZER};

enum { SETTLED_S = 30 };

static double store_refill(void)
{
    int64_t now = now_ms();
    store.available += (double)(now - store.seen_ms) * store.scale / 1000 * store.rate;
    if (store.available > store.maximum)
        store.available = store.maximum;
    store.seen_ms = now;
    return (double)(now - store.start_ms) * store.scale / 1000;
}

/* One call: charged as requested, given back to the actual cost when it has run. */
static bool store_call(int requested, int actual, double latency_ms, struct points_status *out)
{
    pthread_mutex_lock(&store.mutex);
    double at_s = store_refill();
    bool good = store.available >= requested;
    if (good)
        store.available -= requested;
    else if (at_s > SETTLED_S)
        store.throttled_late++;
    pthread_mutex_unlock(&store.mutex);
    if (good)
        pause_ms(latency_ms / store.scale);
    pthread_mutex_lock(&store.mutex);
    at_s = store_refill();
    if (good)
        store.available += requested - actual;
    if (good && at_s > SETTLED_S)
        store.used += actual;
    *out = (struct points_status){requested, good ? actual : -1, (int64_t)store.maximum,
                                  (int64_t)store.available * 100, (int64_t)store.rate * 100};
    pthread_mutex_unlock(&store.mutex);
    return good;
}

struct load {
    pthread_t thread;
    const char *who;
    int requested, actual, calls;
    double latency_ms;
    int64_t until_ms;
};

static void *run_load(void *state)
{
    struct load *load = state;
    struct worker worker = worker_open(load->who);
    struct err problem;
    limiter_set_time_scale(worker.limiter, store.scale);
    while (now_ms() < load->until_ms) {
        struct points_grant grant;
        struct points_status status;
        int64_t wait_ms = 0;
        if (!limiter_points_take(worker.limiter, "fleet/app", load->requested, 20, &grant,
                                 &problem))
            abort();
        if (!grant.granted) {
            pause_ms((double)grant.wait_ms);
            continue;
        }
        load->calls++;
        bool good = store_call(load->requested, load->actual, load->latency_ms, &status);
        if (good ? !limiter_points_settle(worker.limiter, "fleet/app", grant.reservation, &status,
                                          &problem)
                 : !limiter_points_throttled(worker.limiter, "fleet/app", grant.reservation,
                                             &status, &wait_ms, &problem))
            abort();
        pause_ms((double)wait_ms);
    }
    worker_close(&worker);
    return NULL;
}

/* Used share of the restore rate after the first 30 s of bucket time. */
static double run_fleet(struct load *loads, size_t count, double maximum, double rate, double scale,
                        double seconds)
{
    store.available = 0.6 * maximum; /* the fleet does not know */
    store.maximum = maximum;
    store.rate = rate;
    store.scale = scale;
    store.used = 0;
    store.throttled_late = 0;
    store.seen_ms = store.start_ms = now_ms();
    for (size_t i = 0; i < count; i++) {
        loads[i].until_ms = store.start_ms + (int64_t)(seconds / scale * 1000);
        assert_int_equal(0, pthread_create(&loads[i].thread, NULL, run_load, &loads[i]));
    }
    for (size_t i = 0; i < count; i++)
        pthread_join(loads[i].thread, NULL);
    return store.used / ((seconds - SETTLED_S) * rate);
}

/* Four times as fast as a store, so a busy machine shows: how near the fleet comes to the restore
 * rate is measured by bench/limiter. Here it may be neither refused nor stand idle. */
static void eight_workers_use_a_standard_budget(void **state)
{
    (void)state;
    struct load loads[8];
    for (size_t i = 0; i < COUNT(loads); i++) {
        char *who = mem_printf("mutations %zu", i);
        loads[i] = (struct load){.who = who, .requested = 10, .actual = 10, .latency_ms = 300};
    }
    double used = run_fleet(loads, COUNT(loads), 2000, 100, 4, 90);
    for (size_t i = 0; i < COUNT(loads); i++)
        free((char *)loads[i].who);
    print_message("used %.1f %% of the restore rate\n", used * 100);
    assert_true(used >= 0.5);
    assert_int_equal(0, store.throttled_late);
}

static void large_reads_are_not_starved(void **state)
{
    (void)state;
    struct load loads[8];
    for (size_t i = 0; i < COUNT(loads); i++) {
        bool large = i < 2;
        char *who = mem_printf("mixed %zu", i);
        loads[i] = (struct load){.who = who,
                                 .requested = large ? 500 : 10,
                                 .actual = large ? 120 : 10,
                                 .latency_ms = large ? 150 : 300};
    }
    double used = run_fleet(loads, COUNT(loads), 2000, 100, 4, 90);
    for (size_t i = 0; i < COUNT(loads); i++)
        free((char *)loads[i].who);
    print_message("used %.1f %%, large reads %d and %d\n", used * 100, loads[0].calls,
                  loads[1].calls);
    assert_true(used >= 0.5);
    assert_int_equal(0, store.throttled_late);
    assert_true(loads[0].calls >= 8 && loads[1].calls >= 8);
}

/* ---- seats ---- */

static bool seat(struct worker *worker, char name[static SEAT_TEXT])
{
    bool granted;
    int64_t wait_ms;
    OK(limiter_seat_take(worker->limiter, "erp", 1, &granted, &wait_ms, name, &err));
    assert_true(granted || wait_ms > 0);
    return granted;
}

static void four_calls_of_a_credential_at_once(void **state)
{
    (void)state;
    struct worker one = worker_open("one"), two = worker_open("two");
    char seats[5][SEAT_TEXT] = {"", "", "", "", ""}, more[SEAT_TEXT] = "";
    for (int i = 0; i < 4; i++)
        assert_true(seat(i % 2 ? &one : &two, seats[i]));
    assert_false(seat(&one, more));
    OK(limiter_seat_give(two.limiter, "erp", seats[0], &err));
    assert_false(seat(&two, seats[4])); /* `one` was first */
    assert_true(seat(&one, more));
    worker_close(&one);
    worker_close(&two);
}

static void a_holder_goes_on_only_where_nobody_waits(void **state)
{
    (void)state;
    struct worker one = worker_open("one"), two = worker_open("two");
    char seats[4][SEAT_TEXT] = {"", "", "", ""}, other[SEAT_TEXT] = "";
    for (int i = 0; i < 4; i++)
        assert_true(seat(&one, seats[i]));
    assert_true(seat(&one, seats[0])); /* given back and taken again in one step */
    assert_false(seat(&two, other));
    assert_false(seat(&one, seats[1])); /* now `two` is in front */
    assert_true(seat(&two, other));
    worker_close(&one);
    worker_close(&two);
}

static void a_killed_workers_seats_come_back(void **state)
{
    (void)state;
    struct worker one = worker_open("one");
    OWN_REPLY redisReply *keys = NULL;
    OWN_REPLY redisReply *reply = NULL;
    char seats[4][SEAT_TEXT] = {"", "", "", ""}, more[SEAT_TEXT] = "";
    const char *kept[] = {seats[0], seats[1], seats[2]};
    for (int i = 0; i < 4; i++)
        assert_true(seat(&one, seats[i]));
    OK(redis_commandf(ledger_redis(one.ledger), &keys, &err, "KEYS ct:*:seats"));
    for (int i = 0; i < 4; i++) { /* their leases are over */
        freeReplyObject(reply);
        reply = NULL;
        OK(redis_commandf(ledger_redis(one.ledger), &reply, &err, "ZADD %s 1 %s",
                          keys->element[0]->str, seats[i]));
    }
    OK(limiter_seats_renew(one.limiter, "erp", kept, 3, &err)); /* three calls live */
    assert_true(seat(&one, more));
    more[0] = 0;
    assert_false(seat(&one, more));
    worker_close(&one);
}

static void the_whole_credential_pauses(void **state)
{
    (void)state;
    struct worker one = worker_open("one"), two = worker_open("two");
    char name[SEAT_TEXT] = "";
    bool granted;
    int64_t wait_ms;
    OK(limiter_seat_backoff(one.limiter, "erp", 7000, &err));
    OK(limiter_seat_backoff(one.limiter, "erp", 1000, &err)); /* shorter: no matter */
    OK(limiter_seat_take(two.limiter, "erp", 1, &granted, &wait_ms, name, &err));
    assert_false(granted);
    assert_true(wait_ms > 6000 && wait_ms < 8000);
    worker_close(&one);
    worker_close(&two);
}

/* Waiters come and go by themselves; never more than four are in. */
static _Atomic int inside, most_inside, entered;

static void *sit_often(void *state)
{
    struct worker worker = worker_open(state);
    for (int i = 0; i < 25;) {
        char name[SEAT_TEXT] = "";
        bool granted;
        int64_t wait_ms;
        struct err problem;
        if (!limiter_seat_take(worker.limiter, "erp", 1, &granted, &wait_ms, name, &problem))
            abort();
        if (!granted) {
            pause_ms((double)wait_ms);
            continue;
        }
        int now = atomic_fetch_add(&inside, 1) + 1, most = atomic_load(&most_inside);
        while (now > most && !atomic_compare_exchange_weak(&most_inside, &most, now))
            continue;
        pause_ms(5);
        atomic_fetch_sub(&inside, 1);
        atomic_fetch_add(&entered, 1);
        if (!limiter_seat_give(worker.limiter, "erp", name, &problem))
            abort();
        i++;
    }
    worker_close(&worker);
    return NULL;
}

static void never_more_than_four(void **state)
{
    (void)state;
    pthread_t threads[8];
    char names[8][16];
    for (size_t i = 0; i < COUNT(threads); i++) {
        snprintf(names[i], sizeof names[i], "sitter %zu", i);
        assert_int_equal(0, pthread_create(&threads[i], NULL, sit_often, names[i]));
    }
    for (size_t i = 0; i < COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(200, atomic_load(&entered));
    assert_in_range(atomic_load(&most_inside), 1, 4); /* a busy machine seldom lets four meet */
}

/* ---- tokens ---- */

static const struct token_name TOKEN = {"erp/app", "secret of the app"};

static struct token token_get(struct worker *worker, const char *refused)
{
    struct token token;
    OK(limiter_token_get(worker->limiter, &TOKEN, refused, &token, &err));
    return token;
}

static void a_token_is_fetched_once_and_shared(void **state)
{
    (void)state;
    struct worker one = worker_open("one"), two = worker_open("two");
    struct token mine = token_get(&one, NULL), other = token_get(&two, NULL);
    assert_true(mine.fence[0] && !mine.value);
    assert_true(!other.fence[0] && !other.value && other.wait_ms > 0);

    OK(limiter_token_put(one.limiter, &TOKEN, &mine, "value-1", 3600000, &err));
    other = token_get(&two, NULL);
    assert_string_equal("value-1", other.value);
    assert_true(other.left_ms > 3590000);
    token_drop(&other);
    worker_close(&one);
    worker_close(&two);
}

static void a_stored_token_is_sealed(void **state)
{
    (void)state;
    struct worker one = worker_open("one");
    struct token mine = token_get(&one, NULL), stranger;
    struct token_name changed = {TOKEN.name, "another secret"};
    OWN_REPLY redisReply *keys = NULL;
    OWN_REPLY redisReply *value = NULL;
    OK(limiter_token_put(one.limiter, &TOKEN, &mine, "value-1", 3600000, &err));
    OK(redis_commandf(ledger_redis(one.ledger), &keys, &err, "KEYS ct:*:token"));
    OK(redis_commandf(ledger_redis(one.ledger), &value, &err, "HGET %s value",
                      keys->element[0]->str));
    assert_null(strstr(value->str, "value-1"));

    OK(limiter_token_get(one.limiter, &changed, NULL, &stranger,
                         &err)); /* does not open: dropped */
    assert_null(stranger.value);
    OK(limiter_token_get(one.limiter, &changed, NULL, &stranger, &err));
    assert_true(stranger.fence[0]);
    worker_close(&one);
}

static void a_refused_token_is_fetched_again_once_a_minute(void **state)
{
    (void)state;
    struct worker one = worker_open("one");
    struct token mine = token_get(&one, NULL);
    OWN_REPLY redisReply *keys = NULL;
    OWN_REPLY redisReply *reply = NULL;
    OK(limiter_token_put(one.limiter, &TOKEN, &mine, "value-1", 3600000, &err));
    struct token again = token_get(&one, "value-1");
    assert_true(again.fence[0] && !again.value);
    OK(limiter_token_put(one.limiter, &TOKEN, &again, "value-2", 3600000, &err));
    again = token_get(&one, "value-1"); /* somebody was refused late: the new one is there */
    assert_string_equal("value-2", again.value);
    token_drop(&again);

    again = token_get(&one, "value-2");
    assert_true(again.refused && !again.value && !again.fence[0]);
    OK(redis_commandf(ledger_redis(one.ledger), &keys, &err, "KEYS ct:*:token"));
    OK(redis_commandf(ledger_redis(one.ledger), &reply, &err, "HSET %s asked 1",
                      keys->element[0]->str));
    again = token_get(&one, "value-2");
    assert_true(again.fence[0] && !again.value); /* a minute later: worth asking */
    worker_close(&one);
}

static void at_four_fifths_one_asks_and_the_others_go_on(void **state)
{
    (void)state;
    struct worker one = worker_open("one"), two = worker_open("two");
    struct token mine = token_get(&one, NULL), other;
    OWN_REPLY redisReply *keys = NULL;
    OWN_REPLY redisReply *reply = NULL;
    OK(limiter_token_put(one.limiter, &TOKEN, &mine, "value-1", 3600000, &err));
    OK(redis_commandf(ledger_redis(one.ledger), &keys, &err, "KEYS ct:*:token"));
    OK(redis_commandf(ledger_redis(one.ledger), &reply, &err, "HSET %s refresh 1",
                      keys->element[0]->str));
    mine = token_get(&one, NULL);
    other = token_get(&two, NULL);
    assert_true(mine.fence[0] && mine.value && !other.fence[0] && other.value);
    struct token late = {.fence = "1"}; /* a lock that has passed on changes nothing */
    OK(limiter_token_put(two.limiter, &TOKEN, &late, "stale", 3600000, &err));
    token_drop(&other);
    other = token_get(&two, NULL);
    assert_string_equal("value-1", other.value);
    OK(limiter_token_abandon(one.limiter, &TOKEN, &mine, &err));
    token_drop(&other);
    other = token_get(&two, NULL);
    assert_true(other.fence[0]); /* the next one's turn */
    token_drop(&other);
    token_drop(&mine);
    worker_close(&one);
    worker_close(&two);
}

static int clean(void **state)
{
    (void)state;
    flush();
    return 0;
}

/* ---- places of bulk operations ---- */

static bool place(struct worker *worker, const char *kind, const char *who)
{
    bool taken;
    OK(limiter_place_take(worker->limiter, "store/app", kind, who, &taken, &err));
    return taken;
}

static void five_operations_of_a_kind_have_a_place_in_the_whole_fleet(void **state)
{
    (void)state;
    static const char *const WHO[] = {"a", "b", "c", "d", "e"};
    struct worker one = worker_open("one"), other = worker_open("other");
    OWN_REPLY redisReply *reply = NULL;
    flush();
    for (size_t i = 0; i < COUNT(WHO); i++)
        assert_true(place(i % 2 ? &one : &other, "mutation", WHO[i]));
    assert_false(place(&one, "mutation", "f"));
    assert_true(place(&other, "mutation", "a")); /* it has one, whoever asks */
    assert_true(place(&one, "query", "f"));
    OK(limiter_place_give(other.limiter, "store/app", "mutation", "c", &err));
    assert_true(place(&one, "mutation", "f"));
    assert_false(place(&other, "mutation", "c"));
    /* Nobody has looked at it for so long that its lease is over. */
    OK(redis_commandf(ledger_redis(one.ledger), &reply, &err, "EVAL %s 0",
                      "local k = redis.call('KEYS', '*bulk-mutation*')[1] "
                      "return redis.call('ZADD', k, 1, 'b')"));
    assert_true(place(&other, "mutation", "c"));
    assert_false(place(&one, "mutation", "b"));
    worker_close(&one);
    worker_close(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_new_budget_starts_as_standard, clean),
        cmocka_unit_test_setup(what_was_not_used_comes_back, clean),
        cmocka_unit_test_setup(what_a_minute_used_is_known, clean),
        cmocka_unit_test_setup(the_peers_word_is_taken, clean),
        cmocka_unit_test_setup(a_throttled_call_costs_nothing_and_waits, clean),
        cmocka_unit_test_setup(a_dead_workers_reservation_ends, clean),
        cmocka_unit_test_setup(floors_keep_a_reserve, clean),
        cmocka_unit_test_setup(waiters_are_served_in_order, clean),
        cmocka_unit_test_setup(costs_are_learned, clean),
        cmocka_unit_test_setup(eight_workers_use_a_standard_budget, clean),
        cmocka_unit_test_setup(large_reads_are_not_starved, clean),
        cmocka_unit_test_setup(four_calls_of_a_credential_at_once, clean),
        cmocka_unit_test_setup(a_holder_goes_on_only_where_nobody_waits, clean),
        cmocka_unit_test_setup(a_killed_workers_seats_come_back, clean),
        cmocka_unit_test_setup(the_whole_credential_pauses, clean),
        cmocka_unit_test_setup(never_more_than_four, clean),
        cmocka_unit_test_setup(a_token_is_fetched_once_and_shared, clean),
        cmocka_unit_test_setup(a_stored_token_is_sealed, clean),
        cmocka_unit_test_setup(a_refused_token_is_fetched_again_once_a_minute, clean),
        cmocka_unit_test_setup(at_four_fifths_one_asks_and_the_others_go_on, clean),
        cmocka_unit_test(five_operations_of_a_kind_have_a_place_in_the_whole_fleet),
    };
    return cmocka_run_group_tests(tests, test_redis_only, test_peers_close);
}

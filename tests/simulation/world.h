/* world.h - one seed's world: its actors, its faults, and what they broke. */
#ifndef CARTAGE_SIMULATION_WORLD_H
#define CARTAGE_SIMULATION_WORLD_H

#include <stdio.h>

#include "calendar/zones.h"
#include "coverage.h"
#include "ledger/commands.h"
#include "ledger/wake.h"
#include "ledger/write.h"
#include "model.h"
#include "reaper.h"

enum {
    WORKERS = 4,
    SEATS = 2,
    PRODUCERS = 2,
    COMPANIES = 3,
    CATEGORIES = 4,
    BUCKETS = 16,
    BAG = 512,
    ENTRIES = 256,
    FIRST_ENTRIES = 24,
    LEASE_MS = 10000,
    GRACE_MS = 3000,
    BEAT_MS = 2000,
    GATE_MS = 7000,
    YIELD_MS = 30000,
    CURSOR_TEXT = 24,
};
extern const char *const WORLD_CATEGORIES[CATEGORIES];

struct seat { /* one attempt of a worker */
    bool busy, claimed;
    bool ended;    /* finish is being asked until it is answered */
    bool stubborn; /* does not stop when it is told to */
    bool killer;   /* takes its worker with it */
    struct ticket ticket;
    char fence[48], next_fence[48]; /* next: under which it goes on with its lane */
    int64_t confirmed_ms, beat_ms, end_ms, park_ms;
    enum outcome outcome;
};

struct worker {
    struct ledger *ledger;
    char id[17];
    int64_t fences, stopped_until_ms, no_redis_until_ms, no_kafka_until_ms;
    int64_t clock_ms; /* how far its clock is off */
    struct seat seats[SEATS];
};

struct reading { /* what a producer has read and not fired yet */
    struct arena *arena;
    struct due_entry *due;
    struct decision *decisions;
    size_t count;
    int bucket;
};

struct round { /* of a reaper, in which it may be stopped */
    bool goes_on;
    int64_t trusted_ms;
    int next; /* company */
};

struct producer {
    struct ledger *ledger;
    struct ledger *reaper; /* its own, as in the producer: what breaks it ends its round */
    struct reading reading;
    struct trust trust;
    struct round round;
    struct bucket_trust buckets[COMPANIES]; /* as its reaper knows them */
    int64_t stopped_until_ms;
};

struct entry_known { /* what people remember of an entry they added */
    char id[UUID_TEXT], company[UUID_TEXT];
};

struct cursor_known { /* the last cursor that was accepted for a task */
    char task[96], cursor[CURSOR_TEXT];
};

struct world {
    uint64_t seed, random;
    int64_t now;         /* what has really passed; no machine shows it */
    int64_t before_ms;   /* that of the step before */
    int64_t redis_ahead; /* Redis' clock is that far off */
    int64_t people_ahead, dst_ms, dst_way;
    bool faulty; /* false: the faults have stopped, everything must come to its end */
    bool quiet;  /* the world itself is looking: nothing happens to its calls */
    bool cut;    /* whoever acts now does not reach Redis */
    bool down;   /* nobody does */
    struct ledger *people;
    struct redis *eye;
    struct zones *zones;
    struct arena *arena;
    struct model *model, *model_kept;
    struct tally *tally;
    FILE *record;
    long record_kept;
    char environment[33];
    const char *zone;
    char companies[COMPANIES][UUID_TEXT];
    int buckets[COMPANIES];                         /* theirs */
    char seen[BUCKETS][32], seen_kept[BUCKETS][32]; /* last history id read, a bucket */
    int64_t down_until_ms, full_until_ms, no_broker_until_ms, kept_at_ms, rolled_back_ms;
    struct worker workers[WORKERS];
    struct producer producers[PRODUCERS];
    struct delayed {
        struct ticket ticket;
        int64_t at_ms;      /* it arrives then */
    } bag[BAG];             /* what the topics hold */
    struct ticket old[BAG]; /* what they once held */
    size_t bag_count, old_count, entry_count, addressed;
    struct entry_known entries[ENTRIES];
    struct cursor_known cursors[BAG];
    size_t cursor_at;
};

void simulate_seed(uint64_t seed, int64_t steps, const char *record, struct tally *tally);

/* world.c: chance and calls */
uint64_t world_random(struct world *world, uint64_t below);
bool world_chance(struct world *world, int permille); /* never when the faults have stopped */
bool world_fault(struct world *world, enum fault fault, int permille);
int64_t world_redis_ms(const struct world *world);
int world_bucket(const struct world *world, const char *company);
/* Whether a call was answered. Not answered is no error, its caller asks again; what Redis or the
 * ledger refuses for good is one, and ends the run. */
bool world_answered(bool good, const struct err *err, const char *what);
/* The world itself reads: a command whose first argument is a key of the company's bucket. */
MUST_USE redisReply *world_look(struct world *world, const char *company, const char *format, ...)
    PRINTF(3, 4);
void world_publish(struct world *world, struct tickets *granted);
bool world_fetch(struct world *world, struct ticket *out); /* false = the topics are empty */

/* history.c */
void world_read_history(struct world *world, const char *company);
void history_keep(struct world *world);
void history_roll_back(struct world *world);

/* places.c: what must hold between two steps */
void world_check_places(struct world *world);

/* weather.c: what happens to machines, Redis, the broker, and to time */
void weather_begin(struct world *world);
void weather_step(struct world *world);
void weather_clear(struct world *world);                      /* the faults stop */
int64_t weather_clock(struct world *world, const char *zone); /* ms of the local day */

/* producers.c, workers.c, people.c */
void producers_step(struct world *world);
void workers_begin(struct world *world);
void workers_step(struct world *world);
void workers_heal(struct world *world);
void people_begin(struct world *world);
void people_step(struct world *world);
bool people_add(struct world *world);
void people_hold_recurring(struct world *world);

#endif

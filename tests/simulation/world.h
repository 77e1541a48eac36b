/* world.h - one seed's world: its actors, its faults, and what they broke. */
#ifndef CARTAGE_SIMULATION_WORLD_H
#define CARTAGE_SIMULATION_WORLD_H

#include "ledger/commands.h"
#include "ledger/write.h"
#include "model.h"

enum fault {
    FAULT_REPLY_LOST,      /* a script ran, its caller does not know */
    FAULT_CALL_TWICE,      /* the caller asks the same again */
    FAULT_TICKET_LOST,     /* granted, never published */
    FAULT_TICKET_TWICE,    /* two copies in the topic */
    FAULT_TICKET_REPLAYED, /* an old one comes once more */
    FAULT_PRODUCER_STALE,  /* fires on what it read long ago */
    FAULT_WORKER_KILLED,
    FAULT_WORKER_STOPPED, /* longer than its lease, and it comes back */
    FAULT_WORKER_CUT,     /* runs on, but its beats do not arrive */
    FAULT_FORGED_FENCE,   /* somebody uses a fence that holds nothing */
    FAULT_COMMAND,        /* hold, ready, restart, cancel, delete, edit, wake at any moment */
    FAULTS,
};
extern const char *const FAULT_NAMES[FAULTS];

struct totals {
    int64_t faults[FAULTS], records, claims;
    json *violations, *events; /* events: how often each stood in a history */
};

enum {
    WORKERS = 5,
    SEATS = 2,
    PRODUCERS = 2,
    COMPANIES = 3,
    BAG = 512,
    ENTRIES = 64,
    MAX_RETRY = 2
};

struct seat {                  /* one attempt of a worker */
    bool busy, claimed, ended; /* ended: finish is being asked until it is answered */
    struct ticket ticket;
    char fence[48];
    int64_t confirmed_ms, beat_ms, end_ms;
    enum outcome outcome;
};

struct worker {
    char id[17];
    int64_t fences, stopped_until_ms, cut_until_ms;
    struct seat seats[SEATS];
};

struct reading { /* what a producer has read and not fired yet */
    struct arena *arena;
    struct due_entry *due;
    struct decision *decisions;
    size_t count;
    int bucket;
};

struct world {
    uint64_t random;
    int64_t now;
    bool faulty; /* false: the faults have stopped, everything must come to its end */
    struct ledger *ledger;
    struct arena *arena;
    struct model *model;
    struct totals *totals;
    FILE *record;
    char environment[33];
    char companies[COMPANIES][UUID_TEXT];
    char seen[16][32]; /* last history id read, a bucket */
    struct worker workers[WORKERS];
    struct reading readings[PRODUCERS];
    struct ticket bag[BAG]; /* what the topics hold */
    struct ticket old[BAG]; /* what they once held */
    size_t bag_count, old_count, entry_count;
    char entries[ENTRIES][UUID_TEXT];
    char entry_company[ENTRIES][UUID_TEXT];
};

void simulate_seed(const char *redis, uint64_t seed, int64_t steps, const char *record,
                   struct totals *totals);

/* world.c */
uint64_t world_random(struct world *world, uint64_t below);
bool world_chance(struct world *world, int percent); /* never when the faults have stopped */
bool world_fault(struct world *world, enum fault fault, int percent);
void world_read_history(struct world *world, int bucket);
void world_publish(struct world *world, struct tickets *granted);
void world_must(bool good, const struct err *err, const char *what);

/* actors.c */
void producer_step(struct world *world);
void reaper_step(struct world *world);
void workers_step(struct world *world);
void people_step(struct world *world);
void people_add(struct world *world);

#endif

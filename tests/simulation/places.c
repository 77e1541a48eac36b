/* places.c - what must hold between two steps: indexes, permits, work conservation. */
#include <stdlib.h>
#include <string.h>

#include "world.h"

enum { PLACES = 4 * ENTRIES };
static const char *const SUBS[] = {"due", "gated", "granted", "running", "rest"};

struct places {
    struct standing {
        char id[UUID_TEXT];
        int sub; /* of SUBS, or that of a permit */
        char lane[128];
    } all[PLACES];
    size_t count;
};
enum { PERMIT = 5 };

static size_t collect(struct world *world, struct places *places, const char *company, int sub,
                      const char *lane, const char *format, ...) PRINTF(6, 7);
static size_t collect(struct world *world, struct places *places, const char *company, int sub,
                      const char *lane, const char *format, ...)
{
    char command[256];
    va_list args;
    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    OWN_REPLY redisReply *reply = world_look(world, company, "%s", command);
    for (size_t i = 0; i < reply->elements; i++) {
        assert(places->count < PLACES);
        struct standing *standing = &places->all[places->count++];
        snprintf(standing->id, sizeof standing->id, "%s", reply->element[i]->str);
        snprintf(standing->lane, sizeof standing->lane, "%s", lane);
        standing->sub = sub;
    }
    return reply->elements;
}

/* Companies may share a bucket; what a bucket has only once is read once. */
static bool first_of_bucket(const struct world *world, int i)
{
    for (int k = 0; k < i; k++)
        if (world_bucket(world, world->companies[k]) == world_bucket(world, world->companies[i]))
            return false;
    return true;
}

static void collect_lane(struct world *world, struct places *places, const char *company,
                         const char *category)
{
    char lane[128];
    snprintf(lane, sizeof lane, "%s:%s", company, category);
    size_t waiting = collect(world, places, company, 1, lane, "ZRANGE wait:%s 0 -1", lane);
    size_t holders = collect(world, places, company, PERMIT, lane, "SMEMBERS permit:%s", lane);
    if (waiting && holders < model_permits(world->model, lane) && !model_paused(world->model, lane))
        model_breach(world->model, "I20", "%zu wait in %s, of whose permits %zu are taken", waiting,
                     lane, holders);
}

static const struct standing *find(const struct places *places, const char *id, int sub)
{
    for (size_t i = 0; i < places->count; i++)
        if (places->all[i].sub == sub && strcmp(places->all[i].id, id) == 0)
            return &places->all[i];
    return NULL;
}

/* I11: an entry stands in the index of its (status, sub) and in no other. Answers how many places
 * are its own. */
static size_t check_entry(struct world *world, const struct places *places, const char *id,
                          const redisReply *row)
{
    const char *sub = row->element[0]->str, *lane = row->element[1]->str;
    size_t own = 0;
    if (!sub)
        return 0; /* it is gone */
    for (int i = 0; i < (int)COUNT(SUBS); i++) {
        bool stands = find(places, id, i) != NULL, should = strcmp(SUBS[i], sub) == 0;
        own += stands;
        if (stands != should)
            model_breach(world->model, "I11", "entry %s is %s and %s in index %s", id, sub,
                         stands ? "stands" : "does not stand", SUBS[i]);
    }
    const struct standing *permit = find(places, id, PERMIT);
    bool needs = strcmp(sub, "granted") == 0 || strcmp(sub, "running") == 0;
    own += permit != NULL;
    if (needs != (permit != NULL) || (permit && (!lane || strcmp(lane, permit->lane) != 0)))
        model_breach(world->model, "I11", "entry %s is %s in lane %s and its permit is %s", id, sub,
                     lane ? lane : "none", permit ? permit->lane : "not held");
    return own;
}

void world_check_places(struct world *world)
{
    struct places *places = mem_new(sizeof *places);
    size_t own = 0;
    for (int i = 0; i < COMPANIES; i++) {
        const char *company = world->companies[i];
        if (first_of_bucket(world, i)) {
            collect(world, places, company, 0, "", "ZRANGE due 0 -1");
            collect(world, places, company, 2, "", "ZRANGE open 0 -1");
            collect(world, places, company, 3, "", "ZRANGE run 0 -1");
        }
        collect(world, places, company, 4, "", "ZRANGE rest:%s 0 -1", company);
        for (int k = 0; k < CATEGORIES; k++)
            collect_lane(world, places, company, WORLD_CATEGORIES[k]);
    }
    for (size_t i = 0; i < world->entry_count; i++) {
        const struct entry_known *entry = &world->entries[i];
        OWN_REPLY redisReply *row =
            world_look(world, entry->company, "HMGET e:%s sub lane", entry->id);
        own += check_entry(world, places, entry->id, row);
    }
    if (own != places->count)
        model_breach(world->model, "I11", "%zu places are taken, entries explain %zu of them",
                     places->count, own);
    free(places);
}

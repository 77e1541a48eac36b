/* zones.c - a short list: a fleet's companies lie in a few dozen zones. */
#include "calendar/zones.h"

#include <stdlib.h>
#include <string.h>

enum { KEEP_MS = 3600000 };

struct zones {
    struct lent {
        char *name;
        struct zone *zone;
    } * list;
    size_t count, room;
    int64_t since_ms;
};

struct zones *zones_new(void)
{
    return mem_new(sizeof(struct zones));
}

static void drop(struct zones *zones)
{
    for (size_t i = 0; i < zones->count; i++) {
        free(zones->list[i].name);
        zone_free(zones->list[i].zone);
    }
    zones->count = 0;
}

void zones_free(struct zones *zones)
{
    if (!zones)
        return;
    drop(zones);
    free(zones->list);
    free(zones);
}

void zones_begin(struct zones *zones, int64_t now_ms)
{
    if (now_ms - zones->since_ms < KEEP_MS && now_ms >= zones->since_ms)
        return;
    drop(zones);
    zones->since_ms = now_ms;
}

bool zones_get(struct zones *zones, const char *name, const struct zone **out, struct err *err)
{
    *out = NULL;
    if (!*name || strcmp(name, "UTC") == 0)
        return true;
    for (size_t i = 0; i < zones->count; i++) {
        if (strcmp(zones->list[i].name, name) == 0) {
            *out = zones->list[i].zone;
            return true;
        }
    }
    struct zone *zone;
    if (!zone_open(name, &zone, err))
        return false;
    if (zones->count == zones->room) {
        size_t more = zones->room ? zones->room * 2 : 8;
        zones->list = mem_grow(zones->list, zones->room, more, sizeof *zones->list);
        zones->room = more;
    }
    zones->list[zones->count++] = (struct lent){mem_text(name), zone};
    *out = zone;
    return true;
}

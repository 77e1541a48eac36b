/* level.c - what a company offers beyond API v2.0, remembered by the process for an hour, or until
 * an answer says that what was offered is not there: apps are uninstalled and pages taken back.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "bc/room.h"

enum { LOOK_AGAIN_MS = 3600000 };

struct known_level {
    char *place;
    enum bc_level level;
    int64_t looked_ms;
    char *sets; /* " itemExtras itemStocks ... ", NULL = not asked yet */
    struct known_level *next;
};
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct known_level *levels;

static struct known_level *find(const char *place)
{
    for (struct known_level *at = levels; at; at = at->next)
        if (strcmp(at->place, place) == 0)
            return at;
    return NULL;
}

static bool recall(const char *place, int64_t now_ms, enum bc_level *out)
{
    pthread_mutex_lock(&mutex);
    const struct known_level *known = find(place);
    bool good = known && now_ms - known->looked_ms < LOOK_AGAIN_MS;
    if (good)
        *out = known->level;
    pthread_mutex_unlock(&mutex);
    return good;
}

static void remember(const char *place, int64_t now_ms, enum bc_level level)
{
    pthread_mutex_lock(&mutex);
    struct known_level *known = find(place);
    if (!known) {
        known = mem_new(sizeof *known);
        known->place = mem_text(place);
        known->next = levels;
        levels = known;
    }
    free(GIVE(known->sets));
    known->level = level;
    known->looked_ms = now_ms;
    pthread_mutex_unlock(&mutex);
}

static char *place_of(const struct bc *bc)
{
    return mem_printf("%s%s%s", bc->origin, bc->roots[BC_API], bc->below[BC_API]);
}

bool bc_level_forget(struct bc *bc)
{
    OWN_TEXT char *place = place_of(bc);
    pthread_mutex_lock(&mutex);
    for (struct known_level **at = &levels; *at; at = &(*at)->next) {
        struct known_level *known = *at;
        if (strcmp(known->place, place) != 0)
            continue;
        *at = known->next;
        free(known->place);
        free(known->sets);
        free(known);
        break;
    }
    pthread_mutex_unlock(&mutex);
    bool recalled = bc->level_recalled;
    if (recalled)
        log_info("bc.level_gone", TEXT("company", bc->company_name));
    return recalled;
}

/* One row of a set that each installation of this level has. A refusal means that it is not there,
 * or not ours to read: either way it is of no use. */
static bool offers(struct attempt *attempt, enum bc_root root, const char *path, bool *out,
                   struct err *err)
{
    struct bc_call call = {.method = "GET", .root = root, .path = path};
    bool ok = bc_call_all(attempt, &call, 1, err);
    *out = ok && call.err.kind == ERR_NONE;
    if (ok && call.err.kind != ERR_NONE && call.err.kind != ERR_FATAL) {
        *err = call.err;
        ok = false;
    }
    bc_call_drop(&call);
    return ok;
}

bool bc_level_of(struct attempt *attempt, enum bc_level *out, struct err *err)
{
    static const struct {
        enum bc_level level;
        enum bc_root root;
        const char *path;
    } PROBES[] = {
        {BC_LEVEL_EXTENSION, BC_EXTENSION, "postedShipments?$top=1"     },
        {BC_LEVEL_PAGES,     BC_PAGES,     "PostedSalesShipments?$top=1"},
    };
    struct bc *bc;
    bool found = false;
    enum bc_level level = BC_LEVEL_API;
    if (!bc_of(attempt, &bc, err))
        return false;
    int64_t now_ms = clock_mono_ms(attempt->clock);
    OWN_TEXT char *place = place_of(bc);
    if (recall(place, now_ms, out)) {
        bc->level_recalled = *out != BC_LEVEL_API;
        return true;
    }
    bc->level_recalled = false;
    for (size_t i = 0; i < COUNT(PROBES) && !found; i++) {
        if (!offers(attempt, PROBES[i].root, PROBES[i].path, &found, err))
            return err_wrap(err, "look what company %s offers", bc->company_name);
        level = found ? PROBES[i].level : BC_LEVEL_API;
    }
    log_info("bc.level", TEXT("company", bc->company_name), TEXT("level", bc_level_name(level)));
    remember(place, now_ms, level);
    *out = level;
    return true;
}

/* ---- its sets ---- */

static bool recall_sets(const char *place, const char *set, bool *out)
{
    OWN_TEXT char *word = mem_printf(" %s ", set);
    pthread_mutex_lock(&mutex);
    const struct known_level *known = find(place);
    bool good = known && known->sets;
    if (good)
        *out = strstr(known->sets, word) != NULL;
    pthread_mutex_unlock(&mutex);
    return good;
}

static void remember_sets(const char *place, const json *answer)
{
    OWN_BUF struct buf names = {0};
    const json *rows = json_get(answer, "value");
    buf_text(&names, " ");
    for (size_t i = 0; i < json_count(rows); i++)
        buf_printf(&names, "%s ", json_text(json_at(rows, i), "name"));
    pthread_mutex_lock(&mutex);
    struct known_level *known = find(place);
    if (known) {
        free(known->sets);
        known->sets = mem_text(buf_str(&names));
    }
    pthread_mutex_unlock(&mutex);
}

bool bc_offers(struct attempt *attempt, const char *set, bool *out, struct err *err)
{
    enum bc_level level;
    *out = false;
    if (!bc_level_of(attempt, &level, err))
        return false;
    if (level == BC_LEVEL_API)
        return true;
    OWN_TEXT char *place = place_of(attempt->bc);
    if (recall_sets(place, set, out))
        return true;
    struct bc_call call = {
        .method = "GET", .root = level == BC_LEVEL_PAGES ? BC_PAGES : BC_EXTENSION, .path = "/"};
    bool ok = bc_ask(attempt, &call, err);
    if (ok) {
        remember_sets(place, call.answer);
        if (!recall_sets(place, set, out)) /* forgotten by another attempt meanwhile */
            *out = false;
    }
    bc_call_drop(&call);
    return ok || err_wrap(err, "look which sets company %s offers", attempt->bc->company_name);
}

const char *bc_level_name(enum bc_level level)
{
    static const char *const NAMES[] = {[BC_LEVEL_API] = "api",
                                        [BC_LEVEL_PAGES] = "odata-page",
                                        [BC_LEVEL_EXTENSION] = "extension"};
    return NAMES[level];
}

/* discover.c - which companies there are and what their API knows, remembered by the process: a run
 * of a task that finds nothing to do should cost no call for it. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "bc/room.h"

enum { LOOK_AGAIN_MS = 3600000 };

struct known_company {
    char *place; /* origin and root */
    char *id, *name, *version;
    const struct metadata *metadata; /* never freed: attempts borrow it */
    int64_t looked_ms;
    struct known_company *next;
};
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct known_company *companies;

static struct known_company *find(const char *place, const char *id)
{
    for (struct known_company *at = companies; at; at = at->next)
        if (strcmp(at->place, place) == 0 && strcasecmp(at->id, id) == 0)
            return at;
    return NULL;
}

static bool recall(struct bc *bc, const char *place, const char *id)
{
    int64_t now = clock_mono_ms(bc->attempt->clock);
    pthread_mutex_lock(&mutex);
    const struct known_company *company = find(place, id);
    bool good = company && now - company->looked_ms < LOOK_AGAIN_MS;
    if (good) {
        bc->metadata = company->metadata;
        bc->company_name = mem_text(company->name);
    }
    pthread_mutex_unlock(&mutex);
    return good;
}

/* Another company of the same place and version has the same metadata. */
static const struct metadata *same_metadata(const char *place, const char *version)
{
    const struct metadata *found = NULL;
    pthread_mutex_lock(&mutex);
    for (const struct known_company *at = companies; at && !found; at = at->next)
        if (strcmp(at->place, place) == 0 && strcmp(at->version, version) == 0)
            found = at->metadata;
    pthread_mutex_unlock(&mutex);
    return found;
}

static void remember(struct bc *bc, const char *place, const char *id, const json *row)
{
    pthread_mutex_lock(&mutex);
    struct known_company *company = find(place, id);
    if (!company) {
        company = mem_new(sizeof *company);
        company->place = mem_text(place);
        company->id = mem_text(id);
        company->next = companies;
        companies = company;
    }
    free(company->name);
    free(company->version);
    company->name = mem_text(json_text(row, "name"));
    company->version = mem_text(json_text(row, "systemVersion"));
    company->metadata = bc->metadata;
    company->looked_ms = clock_mono_ms(bc->attempt->clock);
    pthread_mutex_unlock(&mutex);
}

static bool ask(struct bc *bc, struct bc_call *call, struct err *err)
{
    if (!bc_run(bc, call, 1, err))
        return false;
    if (call->err.kind != ERR_NONE)
        *err = call->err;
    return call->err.kind == ERR_NONE;
}

static bool read_metadata(struct bc *bc, struct err *err)
{
    OWN_BUF struct buf edmx = {0};
    struct bc_call call = {.method = "GET", .path = "/$metadata", .raw = &edmx};
    bool ok = ask(bc, &call, err);
    bc_call_drop(&call);
    if (!ok)
        return false;
    struct metadata *metadata = metadata_read(buf_str(&edmx), edmx.size);
    if (metadata_count(metadata) == 0) {
        metadata_free(metadata);
        return err_set(err, ERR_FATAL, 0, "$metadata names no entities");
    }
    bc->metadata = metadata;
    log_info("bc.metadata", TEXT("root", bc->roots[BC_API]),
             NUM("properties", metadata_count(metadata)));
    return true;
}

static const json *row_of(const json *answer, const char *id)
{
    const json *rows = json_get(answer, "value");
    for (size_t i = 0; i < json_count(rows); i++)
        if (strcasecmp(json_text(json_at(rows, i), "id"), id) == 0)
            return json_at(rows, i);
    return NULL;
}

static bool look(struct bc *bc, const char *place, const char *id, const json *answer,
                 struct err *err)
{
    const json *row = row_of(answer, id);
    if (!row)
        return err_set(err, ERR_FATAL, 0, "this environment has no company %s (%zu others)", id,
                       json_count(json_get(answer, "value")));
    bc->metadata = same_metadata(place, json_text(row, "systemVersion"));
    if (!bc->metadata && !read_metadata(bc, err))
        return false;
    bc->company_name = mem_text(json_text(row, "name"));
    remember(bc, place, id, row);
    return true;
}

bool bc_discover(struct bc *bc, const char *company_id, struct err *err)
{
    OWN_TEXT char *place = mem_printf("%s%s", bc->origin, bc->roots[BC_API]);
    if (recall(bc, place, company_id))
        return true;
    struct bc_call call = {.method = "GET", .path = "/companies"};
    bool ok = ask(bc, &call, err) && look(bc, place, company_id, call.answer, err);
    bc_call_drop(&call);
    return ok || err_wrap(err, "discover");
}

/* directory.c - what a producer remembers of entries, so that they can be searched. */
#include "admin/directory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "store/staging.h"

struct line { /* of one entry */
    char id[UUID_TEXT];
    int64_t no;
    char *words; /* behind a blank each: of description and operation, and the id */
    char *operation, *category, *shop;
};

struct part { /* of one company */
    char company[UUID_TEXT];
    int64_t edits, last_no; /* of the last line */
    int64_t newest;         /* whatever has a number up to this is here, or gone */
    struct line *lines;     /* by number */
    size_t count;
    struct part *next;
};

struct directory {
    pthread_rwlock_t lock;
    struct part *parts;
};

struct directory *directory_new(void)
{
    struct directory *directory = mem_new(sizeof *directory);
    pthread_rwlock_init(&directory->lock, NULL);
    return directory;
}

static void forget(struct part *part)
{
    for (size_t i = 0; i < part->count; i++) {
        free(part->lines[i].words);
        free(part->lines[i].operation);
        free(part->lines[i].category);
        free(part->lines[i].shop);
    }
    part->count = 0;
    part->last_no = part->newest = 0;
}

void directory_free(struct directory *directory)
{
    if (!directory)
        return;
    for (struct part *part = directory->parts, *next; part; part = next) {
        next = part->next;
        forget(part);
        free(part->lines);
        free(part);
    }
    pthread_rwlock_destroy(&directory->lock);
    free(directory);
}

static struct part *known(const struct directory *directory, const char *company)
{
    struct part *part = directory->parts;
    while (part && strcmp(part->company, company) != 0)
        part = part->next;
    return part;
}

static struct part *part_of(struct directory *directory, const char *company)
{
    struct part *part = known(directory, company);
    if (part)
        return part;
    part = mem_new(sizeof *part);
    snprintf(part->company, sizeof part->company, "%s", company);
    part->next = directory->parts;
    directory->parts = part;
    return part;
}

/* ---- what is remembered ---- */

static char *words_of(const json *entry)
{
    OWN_BUF struct buf words = {0};
    find_words(json_text(entry, "description"), &words);
    find_words(json_text(entry, "operation"), &words);
    find_word(json_text(entry, "operation"), &words);
    find_word(json_text(entry, "id"), &words);
    return mem_printf(" %s", buf_str(&words));
}

static void add_line(struct part *part, const json *name)
{
    part->lines = mem_grow(part->lines, part->count, part->count + 1, sizeof *part->lines);
    struct line *line = &part->lines[part->count++];
    snprintf(line->id, sizeof line->id, "%s", json_text(name, "id"));
    line->no = json_int(name, "no", 0);
    line->words = words_of(name);
    line->operation = mem_text(json_text(name, "operation"));
    line->category = mem_text(json_text(name, "category"));
    line->shop = mem_text(json_text(name, "shop"));
    part->last_no = line->no;
}

static bool is_fresh(const struct part *part, const struct names_state *state)
{
    return part && part->edits == state->edits && part->newest >= state->newest;
}

/* Numbers only grow, so what is new stands behind the last; what is gone is left out by whoever
 * reads it, until it is more than what is there. */
static bool refresh(struct part *part, struct ledger *ledger, const struct names_state *state,
                    struct err *err)
{
    int64_t there;
    if (!ledger_names_count(ledger, part->company, &there, err))
        return false;
    if (state->edits != part->edits || part->count > 2 * (size_t)there + ENTRIES_MOST)
        forget(part);
    part->edits = state->edits;
    for (bool more = true; more;) {
        OWN_JSON json *names = NULL;
        if (!ledger_names(ledger, part->company, part->last_no, &names, err))
            return false;
        for (size_t i = 0; i < json_count(names); i++)
            add_line(part, json_at(names, i));
        more = json_count(names) == ENTRIES_MOST;
    }
    part->newest = state->newest > part->last_no ? state->newest : part->last_no;
    return true;
}

/* Leaves the lock held for reading. Most looks find nothing new: they do not wait for each other.
 */
static bool hold_fresh(struct directory *directory, struct ledger *ledger, const char *company,
                       struct part **out, struct err *err)
{
    struct names_state state;
    if (!ledger_names_state(ledger, company, &state, err))
        return false;
    pthread_rwlock_rdlock(&directory->lock);
    *out = known(directory, company);
    if (is_fresh(*out, &state))
        return true;
    pthread_rwlock_unlock(&directory->lock);
    pthread_rwlock_wrlock(&directory->lock);
    *out = part_of(directory, company);
    bool good = is_fresh(*out, &state) || refresh(*out, ledger, &state, err);
    pthread_rwlock_unlock(&directory->lock);
    if (good)
        pthread_rwlock_rdlock(&directory->lock);
    return good;
}

/* ---- what fits ---- */

static bool has_words(const char *words, const char *wanted)
{
    for (const char *at = wanted; *at; at += strspn(at, " ")) {
        size_t size = strcspn(at, " ");
        bool found = false;
        for (const char *word = words; !found && (word = strchr(word, ' ')); word++)
            found = strncmp(word + 1, at, size) == 0;
        if (!found)
            return false;
        at += size;
    }
    return true;
}

static bool fits(const struct directory_query *query, const char *wanted, const struct line *line)
{
    return (!query->shop || strcasecmp(query->shop, line->shop) == 0) &&
           (!query->category || strcasecmp(query->category, line->category) == 0) &&
           (!query->operation || strcmp(query->operation, line->operation) == 0) &&
           has_words(line->words, wanted);
}

static void wanted_words(const struct directory_query *query, struct buf *out)
{
    if (query->search && strlen(query->search) == UUID_TEXT - 1)
        find_word(query->search, out); /* an id is one word */
    else if (query->search)
        find_words(query->search, out);
}

bool directory_fits(const struct directory_query *query, const json *entry)
{
    OWN_BUF struct buf wanted = {0};
    OWN_TEXT char *words = words_of(entry);
    OWN_TEXT char *operation = mem_text(json_text(entry, "operation"));
    OWN_TEXT char *category = mem_text(json_text(entry, "category"));
    OWN_TEXT char *shop = mem_text(json_text(json_get(entry, "arguments"), "shop"));
    const struct line line = {
        .words = words, .operation = operation, .category = category, .shop = shop};
    wanted_words(query, &wanted);
    return fits(query, buf_str(&wanted), &line);
}

bool directory_find(struct directory *directory, struct ledger *ledger, const char *company,
                    const struct directory_query *query, json **out, struct err *err)
{
    OWN_BUF struct buf wanted = {0};
    OWN_JSON json *found = json_new_array();
    wanted_words(query, &wanted);
    struct part *part = NULL;
    if (!hold_fresh(directory, ledger, company, &part, err))
        return false;
    for (size_t i = 0; i < part->count && json_count(found) < query->most; i++) {
        const struct line *line = &part->lines[i];
        if (line->no <= query->after || !fits(query, buf_str(&wanted), line))
            continue;
        json *row = json_new_object();
        json_set_text(row, "id", line->id);
        json_set_int(row, "no", line->no);
        json_add(found, row);
    }
    pthread_rwlock_unlock(&directory->lock);
    *out = GIVE(found);
    return true;
}

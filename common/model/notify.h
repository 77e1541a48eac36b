/* notify.h - whom a company tells of what became of its runs: the section `notify` of its settings.
 * Pure.
 *
 * Errors are ERR_FATAL with code 400 and name target and field.
 */
#ifndef CARTAGE_NOTIFY_H
#define CARTAGE_NOTIFY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum notify_kind { NOTIFY_WEBHOOK, NOTIFY_COMMAND, NOTIFY_MAILBOX };
enum { NOTIFY_FAILURE = 1 << 0, NOTIFY_RECOVERY = 1 << 1, NOTIFY_MANUAL = 1 << 2 };
enum { NOTIFY_TARGETS_MOST = 20, NOTIFY_ARGS_MOST = 20, NOTIFY_NAME_MOST = 40 };

struct notify_target {
    const char *name; /* [A-Za-z0-9_.-] */
    int kind;         /* enum notify_kind */
    /* A URL, a mailbox, or a program of the producer's folder NOTIFY_COMMANDS with its arguments.
     */
    const char *address[NOTIFY_ARGS_MOST];
    size_t address_count;
    const char *secret_way,
        *secret;             /* reference of a webhook's key: "env" and a name; NULL = none */
    unsigned on;             /* NOTIFY_FAILURE | ... */
    int64_t after;           /* from the so manieth failure of an entry in a row */
    int64_t window_failures; /* or from so many failures of the company, 0 = never */
    int64_t window_minutes;  /* within so long */
};

struct notify {
    struct notify_target targets[NOTIFY_TARGETS_MOST];
    size_t count;
    int64_t collect_seconds; /* the first failure waits so long for others of the same cause */
    int64_t group_minutes;   /* and after it was told, later ones of that cause come together */
};

/* Texts live in the arena. */
MUST_USE bool notify_parse(const char *json_text, struct arena *arena, const struct notify **out,
                           struct err *err);
/* Every field, defaults too: equal settings are equal texts. */
void notify_write(const struct notify *notify, struct buf *json);
const struct notify_target *notify_find(const struct notify *notify,
                                        const char *name); /* NULL = none */

#endif

/* ctl.h - one call of `cartage`: its words and flags, the API it talks to, where it writes.
 *
 * Standard output carries the answer (one JSON document with --json), standard error everything
 * that is said to people on the way. A command returns an exit code of the table below.
 */
#ifndef CARTAGE_CTL_H
#define CARTAGE_CTL_H

#include <stdio.h>

#include "base/clock.h"
#include "client.h"

enum exit_code {
    EXIT_OK = 0,
    EXIT_FAILED = 1,      /* the run, or the command, did not end well */
    EXIT_USAGE = 2,       /* the command itself is wrong */
    EXIT_UNREACHABLE = 3, /* no producer, or no Redis behind it */
    EXIT_REFUSED = 4,     /* token missing or wrong, or not allowed */
    EXIT_NOT_FOUND = 5,
    EXIT_CONFLICT = 6, /* not possible in the record's present state */
    EXIT_LEFT = 130,   /* Ctrl-C */
};

enum { CTL_MAX_ARGS = 100, CTL_MAX_LOOSE = 64 };

struct command;

struct ctl {
    struct client *client;
    const struct command *command;
    const struct clock *clock;
    FILE *out, *err;
    const char *args[CTL_MAX_ARGS]; /* words behind the command's own */
    size_t arg_count;
    /* flags; NULL and false = not given */
    const char *url, *token_file, *ca_file, *company;
    bool json, help, version;
    const char *file, *shop, *category, *priority, *name, *every, *at, *limit;
    const char *days, *window, *zone, *formula, *at_time, *catch_up, *grace, *expires, *mode;
    const char *idle, *retry, *retries, *timeout, *exhausted, *backlog;
    const char *backoff, *credential, *lang;
    bool run_at_start, manual;
    const char *entry, *kind, *since, *notify;
    const char *from, *to, *role, *who, *record, *route, *until, *reason, *after;
    const char *status, *operation; /* entry list */
    const char *on_interrupt;
    const char *day;
    const char *store, *origin, *api_version, *code; /* of connect, as the settings are called */
    const char *bc_origin, *bc_login, *bc_tenant, *bc_environment, *bc_instance, *bc_company;
    const char *client_id, *secret_env, *secret_file;
    bool probe, save;
    bool follow, stop, detach, hold, process, traces, yes, csv, open;
    const char *loose[CTL_MAX_LOOSE]; /* flags of an operation's own, with their values, in order */
    size_t loose_count;
};

void ctl_heed_signals(void); /* from now on Ctrl-C and SIGTERM only set what ctl_leaving tells */
bool ctl_leaving(void);      /* whoever waits looks at it */
void ctl_clean_up(void);     /* calls go through again: Ctrl-C was heard, its work is to be done */

/* "cartage: text" on standard error, and the code. */
int ctl_fail(struct ctl *ctl, int code, const char *format, ...) PRINTF(3, 4);
/* What went wrong with a call: the problem's detail and the exit code that says its kind. */
int ctl_refused(struct ctl *ctl, const struct client_answer *answer, const struct err *err);

/* Asks; 0 with *out (owned), or the exit code after telling why. `path` may hold a query. */
int ctl_ask(struct ctl *ctl, const char *method, const char *path, const json *body, json **out);
/* "&company=..." and "&shop=..." appended where given; '?' first. */
void ctl_scope(const struct ctl *ctl, struct buf *path, bool with_shop);
void ctl_escape(struct buf *out, const char *text); /* for one segment or value of a URL */
/* "?name=value", or "&..." behind others; nothing where the value is NULL. */
void ctl_query(struct buf *path, const char *name, const char *value);

/* One JSON document on standard output. */
void ctl_print_json(struct ctl *ctl, const json *tree);
/* The document with --json, else the line; EXIT_OK. */
int ctl_answer(struct ctl *ctl, const json *tree, const char *format, ...) PRINTF(3, 4);

#endif

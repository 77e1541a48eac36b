/* admin.h - the HTTP API of a producer: people's commands, lists, the page at /.
 *
 * The loops start it with one call and stop it with another; it never fires, reaps or publishes by
 * itself: tickets that a command frees go to `publish`, and whatever became due is told to the tick
 * by `kick`. Threads: its own. Both callbacks may be called from any of them, and never block for
 * long.
 */
#ifndef CARTAGE_ADMIN_H
#define CARTAGE_ADMIN_H

#include "base/clock.h"
#include "base/err.h"
#include "ledger/ledger.h"
#include "model/sync_all.h"

struct bus_config;
struct admin_config {
    const char *listen;     /* "host:port"; port 0 = any free one */
    const char *token_file; /* holds the bearer token of the API; NULL or "" = ERR_FATAL naming the
                               option */
    const char *tls_cert_file, *tls_key_file; /* PEM; both NULL or "" = plain HTTP */
    const char *environment;
    struct ledger_config ledger;  /* each thread of the API opens its own */
    const struct bus_config *bus; /* of doctor alone: tickets go through `publish`; NULL = none */
    const struct clock *clock;
    void (*publish)(void *state, const struct tickets *tickets);
    void (*kick)(void *state);
    bool (*broker_away)(void *state); /* asks Kafka; may take half a second; NULL = not known */
    void *state;                      /* of the callbacks */
    const struct sync_step *sync_all; /* NULL = SYNC_ALL */
};

struct admin;
/* Borrows `config` (texts too) until admin_stop. */
MUST_USE bool admin_start(const struct admin_config *config, struct admin **out, struct err *err);
void admin_stop(struct admin *admin); /* answers what is in flight, then ends; NULL is fine */
const char *
admin_address(const struct admin *admin); /* "http(s)://host:port", with the port it got */

#endif

/* redis_tls.h - a connection of hiredis, spoken over TLS (GnuTLS).
 *
 * hiredis of Debian 12 has no TLS of its own, so it only connects, and parses what it is fed: the
 * bytes go through here. What fails leaves its reason in the context, as hiredis does, and the
 * connection is of no further use.
 */
#ifndef CARTAGE_REDIS_TLS_H
#define CARTAGE_REDIS_TLS_H

#include <hiredis/hiredis.h>

#include "base/err.h"
#include "config/redis_access.h"

struct redis_tls;
/* Shakes hands on a connected context, which stays the caller's and must outlive this. Its
 * certificate must be signed by access->ca_file (NULL or "" = an authority of the system) and name
 * `host`, be it a name or an address. ERR_FATAL names the setting that is wrong, ERR_RETRY where
 * the connection broke. Blocks at most timeout_ms. */
MUST_USE bool redis_tls_open(redisContext *context, const char *host,
                             const struct redis_access *access, int timeout_ms,
                             struct redis_tls **out, struct err *err);
void redis_tls_free(struct redis_tls *tls);
OWNABLE(redis_tls)

/* Notes a command that is formatted for the wire; it is sent with the next get. Takes it. */
void redis_tls_put(struct redis_tls *tls, char *command, int size);
/* The next reply; NULL = context->errstr says why. Blocks at most timeout_ms a piece. */
redisReply *redis_tls_get(struct redis_tls *tls);

#endif

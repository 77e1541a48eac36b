/* tls.h - certificate and key of the HTTP API, as libmicrohttpd takes them.
 *
 * They are read once, at the start: after a renewal the producer is started again.
 */
#ifndef CARTAGE_ADMIN_TLS_H
#define CARTAGE_ADMIN_TLS_H

#include "base/err.h"

struct tls;
struct MHD_OptionItem;
/* Both NULL or "" = *out stays NULL. ERR_FATAL names the file that cannot be read, or the one that
 * is missing. */
MUST_USE bool tls_read(const char *cert_file, const char *key_file, struct tls **out,
                       struct err *err);
void tls_free(struct tls *tls); /* wipes the key */
OWNABLE(tls)
struct MHD_OptionItem *tls_options(struct tls *tls); /* NULL of NULL; lives as long as tls */

#endif

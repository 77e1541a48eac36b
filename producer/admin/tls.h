/* tls.h - certificate and key of the HTTP API, as libmicrohttpd takes them.
 *
 * Whether the files have changed is looked at when a connection begins: a renewed certificate is
 * shown from then on. Files that do not go together, or half of a renewal, leave what was there.
 * One API a process: who asks for a certificate is told nothing of whose it is.
 */
#ifndef CARTAGE_ADMIN_TLS_H
#define CARTAGE_ADMIN_TLS_H

#include "base/err.h"

struct tls;
struct MHD_OptionItem;
/* Both NULL or "" = *out stays NULL; the paths are the caller's, and stay. ERR_FATAL names the file
 * that cannot be read, or the one that is missing. */
MUST_USE bool tls_read(const char *cert_file, const char *key_file, struct tls **out,
                       struct err *err);
void tls_free(struct tls *tls); /* wipes the key */
OWNABLE(tls)
struct MHD_OptionItem *tls_options(struct tls *tls); /* NULL of NULL; lives as long as tls */

#endif

/* room.h - what the files of this room share. */
#ifndef CARTAGE_STORE_ROOM_H
#define CARTAGE_STORE_ROOM_H

#include "base/buf.h"
#include "store/store.h"

/* The bucket's prefix, "ct:{<env>/<bb>}:", as the ledger writes it. */
void store_prefix(struct ledger *ledger, const char *company, struct buf *out);
char *store_key(struct ledger *ledger, const char *company, const char *rest); /* caller frees */

#endif

/* packed.h - answers compressed for whoever takes gzip. */
#ifndef CARTAGE_ADMIN_PACKED_H
#define CARTAGE_ADMIN_PACKED_H

#include "base/buf.h"

enum packing { PACK_FAST = 1, PACK_SMALL = 9 };

/* The bytes as gzip, at the end of `out`; false = it failed, and the plain ones go. */
bool gzip_pack(const char *bytes, size_t size, enum packing packing, struct buf *out);

struct MHD_Connection;
bool gzip_taken(struct MHD_Connection *connection);

#endif

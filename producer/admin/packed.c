/* packed.c - gzip, by zlib. */
#include "admin/packed.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { GZIP = 16 + MAX_WBITS };

bool gzip_pack(const char *bytes, size_t size, enum packing packing, struct buf *out)
{
    z_stream stream = {0};
    size_t most = compressBound(size) + 32;
    unsigned char *room = mem_array(most, 1);
    bool good = deflateInit2(&stream, (int)packing, Z_DEFLATED, GZIP, MAX_MEM_LEVEL,
                             Z_DEFAULT_STRATEGY) == Z_OK;
    stream.next_in = (Bytef *)(uintptr_t)bytes;
    stream.avail_in = (uInt)size;
    stream.next_out = room;
    stream.avail_out = (uInt)most;
    good = good && deflate(&stream, Z_FINISH) == Z_STREAM_END;
    if (good)
        buf_add(out, (const char *)room, most - stream.avail_out);
    deflateEnd(&stream);
    free(room);
    return good;
}

bool gzip_taken(struct MHD_Connection *connection)
{
    const char *taken =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT_ENCODING);
    return taken && strstr(taken, "gzip");
}

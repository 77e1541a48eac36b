/* embed.h - files that are part of the program (cmake/embed.cmake writes the tables). */
#ifndef CARTAGE_EMBED_H
#define CARTAGE_EMBED_H

#include <stddef.h>

struct embedded {
    const char *name; /* path below its folder; the last row has NULL */
    const char *text; /* bytes and a NUL behind them */
    size_t size;
};

extern const struct embedded EMBED_redis_scripts[];
extern const struct embedded EMBED_shopify_documents[];
extern const struct embedded EMBED_web_pages[];
extern const struct embedded EMBED_openapi_documents[];

const struct embedded *embed_find(const struct embedded *table, const char *name); /* NULL = none */

#endif

/* embed.c - looking up an embedded file by its name. */
#include "base/embed.h"

#include <string.h>

const struct embedded *embed_find(const struct embedded *table, const char *name)
{
    for (const struct embedded *row = table; row->name; row++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

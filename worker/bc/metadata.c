/* metadata.c - a scanner for the three tags that matter; an XML library would be the larger risk.
 */
#include "bc/metadata.h"

#include <stdlib.h>
#include <string.h>

struct metadata {
    char **names; /* "salesOrder.pricesIncludeTax", sorted */
    size_t count, capacity;
};

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Value of attribute Name in the tag that ends at `end`. */
static bool name_of(const char *tag, const char *end, const char **name, size_t *length)
{
    static const char MARK[] = " Name=\"";
    const char *at = memmem(tag, (size_t)(end - tag), MARK, sizeof MARK - 1);
    if (!at)
        return false;
    *name = at + sizeof MARK - 1;
    const char *quote = memchr(*name, '"', (size_t)(end - *name));
    *length = quote ? (size_t)(quote - *name) : 0;
    return quote != NULL;
}

static bool is_tag(const char *at, const char *end, const char *tag)
{
    size_t length = strlen(tag);
    return (size_t)(end - at) > length && memcmp(at, tag, length) == 0;
}

struct metadata *metadata_read(const char *edmx, size_t size)
{
    struct metadata *metadata = mem_new(sizeof *metadata);
    const char *last = edmx + size, *entity = NULL, *name;
    size_t entity_length = 0, length;

    for (const char *at = edmx; at < last && (at = memchr(at, '<', (size_t)(last - at)));) {
        const char *end = memchr(at, '>', (size_t)(last - at));
        if (!end)
            break;
        if (is_tag(at, end, "<EntityType ") && name_of(at, end, &name, &length)) {
            entity = end[-1] == '/' ? NULL : name;
            entity_length = length;
        } else if (is_tag(at, end + 1, "</EntityType")) {
            entity = NULL;
        } else if (entity &&
                   (is_tag(at, end, "<Property ") || is_tag(at, end, "<NavigationProperty ")) &&
                   name_of(at, end, &name, &length)) {
            if (metadata->count == metadata->capacity) {
                size_t more = metadata->capacity ? metadata->capacity * 2 : 256;
                metadata->names =
                    mem_grow(metadata->names, metadata->capacity, more, sizeof *metadata->names);
                metadata->capacity = more;
            }
            metadata->names[metadata->count++] =
                mem_printf("%.*s.%.*s", (int)entity_length, entity, (int)length, name);
        }
        at = end + 1;
    }
    if (metadata->count > 0)
        qsort(metadata->names, metadata->count, sizeof *metadata->names, compare);
    return metadata;
}

void metadata_free(struct metadata *metadata)
{
    if (!metadata)
        return;
    for (size_t i = 0; i < metadata->count; i++)
        free(metadata->names[i]);
    free(metadata->names);
    free(metadata);
}

bool metadata_has(const struct metadata *metadata, const char *entity, const char *property)
{
    if (!metadata || metadata->count == 0)
        return false;
    OWN_TEXT char *name = mem_printf("%s.%s", entity, property);
    const char *key = name;
    return bsearch(&key, metadata->names, metadata->count, sizeof *metadata->names, compare) !=
           NULL;
}

size_t metadata_count(const struct metadata *metadata)
{
    return metadata ? metadata->count : 0;
}

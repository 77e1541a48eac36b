/* metadata.h - which properties a company's API knows, from its EDMX. Pure. */
#ifndef CARTAGE_BC_METADATA_H
#define CARTAGE_BC_METADATA_H

#include "base/own.h"

struct metadata;
/* Text that is no EDMX gives a metadata that knows nothing: metadata_count 0. */
MUST_USE struct metadata *metadata_read(const char *edmx, size_t size);
void metadata_free(struct metadata *metadata);
OWNABLE(metadata)
bool metadata_has(const struct metadata *metadata, const char *entity, const char *property);
size_t metadata_count(const struct metadata *metadata);

#endif

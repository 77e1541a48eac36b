/* fits.h - does a body fit what openapi.json says of it.
 *
 * What the description refuses never reaches a handler: a field that it does not know, one that is
 * missing, one of another type. A null counts as left out. Whether records exist, and what belongs
 * together, is the handler's to say.
 */
#ifndef CARTAGE_ADMIN_FITS_H
#define CARTAGE_ADMIN_FITS_H

#include "wire/json.h"

struct description;
struct description *description_read(void); /* of the embedded document */
void description_free(struct description *description);

/* 400 names the field and what it takes. A route without a described body takes anything.
 * Threads: any number at once. */
MUST_USE bool body_fits(const struct description *description, const char *method, const char *path,
                        const json *body, struct err *err);

#endif

/* thresholds.h - from which count on a cue is yellow, and red: a person's own, else the company's,
 * else the usual ones.
 */
#ifndef CARTAGE_ADMIN_THRESHOLDS_H
#define CARTAGE_ADMIN_THRESHOLDS_H

#include "admin/cues.h"

/* What is set for the caller and for these companies: {"user": {cue: ...}, "companies": [{cue:
 * ...}]}.
 */
MUST_USE bool thresholds_read(struct api_call *call, const struct scopes *scopes, json **out,
                              struct err *err);
/* Sets "colour", "yellow_from", "red_from" and "thresholds" of an object with a "value". */
void thresholds_colour(const struct cue *cue, const json *set, json *object);

#endif

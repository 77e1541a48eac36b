/* heartbeat.h - when the gate of an attempt is open. Pure. */
#ifndef CARTAGE_HEARTBEAT_H
#define CARTAGE_HEARTBEAT_H

#include "attempt.h"

/* What the gate shall say now; `now` is what it says. A person's word and a lost task are final; a
 * beat that is too old closes before anything else, for nothing may be sent on a lease that may be
 * over. */
enum gate heartbeat_gate(enum gate now, int64_t since_confirmed_ms, int64_t lease_ms, bool yield,
                         bool draining);

#endif

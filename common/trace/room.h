/* room.h - what this room's files share; nobody else includes it. */
#ifndef CARTAGE_TRACE_ROOM_H
#define CARTAGE_TRACE_ROOM_H

#include "base/buf.h"
#include "trace/trace.h"

void trace_set_clock(const struct clock *clock);

/* A copy goes into the queue; a full one drops it and counts. */
void export_put(const struct span *span);

struct trace_service {
    char *name, *environment, instance[17];
};
/* A request's body: resourceSpans of OTLP's JSON (opentelemetry-proto, trace/v1). */
void otlp_body(const struct span *spans, size_t count, const struct trace_service *service,
               struct buf *out);

#endif

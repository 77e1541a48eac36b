/* cloud_event.h - CloudEvents 1.0, in the three forms in which they come.
 *
 * Structured: one JSON object. Batch: an array of them. Binary: attributes in headers ("ce-id" of
 * HTTP, "ce_id" of Kafka), the message is the data. An error is ERR_FATAL, code 400; it names the
 * attribute, and what would be right. Data is JSON; extension attributes but traceparent are taken
 * and ignored.
 */
#ifndef CARTAGE_CLOUD_EVENT_H
#define CARTAGE_CLOUD_EVENT_H

#include "wire/json.h"

enum {
    EVENT_MAX_BYTES = 256 << 10,
    EVENTS_A_BATCH = 100,
    EVENT_ID_MAX = 256,
    EVENT_SOURCE_MAX = 1024,
    EVENT_TYPE_MAX = 256,
};

struct cloud_event {
    json *tree;                               /* owned; what follows is borrowed from it */
    const char *id, *source, *type, *subject; /* subject "" = none */
    const char *traceparent;                  /* of the extension Distributed Tracing, as it came;
                                                 "" = none */
    const json *data;                         /* NULL = none */
};
void cloud_event_drop(struct cloud_event *event);
#define OWN_EVENT __attribute__((cleanup(cloud_event_drop)))

enum event_form { EVENT_NONE, EVENT_STRUCTURED, EVENT_BATCH, EVENT_BINARY };
/* By the content type (NULL = none) and whether an attribute specversion came in a header. */
MUST_USE bool cloud_event_form(const char *content_type, bool has_specversion, enum event_form *out,
                               struct err *err);

MUST_USE bool cloud_event_structured(const char *text, size_t size, struct cloud_event *out,
                                     struct err *err);
/* One member of a batch; copies it. */
MUST_USE bool cloud_event_member(const json *member, struct cloud_event *out, struct err *err);
MUST_USE bool cloud_event_batch(const char *text, size_t size, json **out, struct err *err);
/* `header` answers the value of an attribute's header, in the binding's spelling; NULL = absent. */
typedef const char *(*event_header)(void *state, const char *attribute);
MUST_USE bool cloud_event_binary(event_header header, void *state, const char *content_type,
                                 const char *text, size_t size, struct cloud_event *out,
                                 struct err *err);

#endif

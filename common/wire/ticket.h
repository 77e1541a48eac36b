/* ticket.h - the message that offers a task: one msgpack map with small integer keys, at most 1
 * KiB. Schema: schemas/ticket.md. Unknown keys are ignored; a required key that is missing or of
 * another type is an error that names it (the ticket goes to the dead topic, never to an executor).
 */
#ifndef CARTAGE_TICKET_H
#define CARTAGE_TICKET_H

#include "base/buf.h"
#include "base/err.h"
#include "base/ids.h"

enum { TICKET_VERSION = 1, TICKET_MAX_BYTES = 1024 };

enum ticket_kind {
    TICKET_SCHEDULED,
    TICKET_IMMEDIATE,
    TICKET_CATCH_UP,
    TICKET_MANUAL,
    TICKET_WAKE,
    TICKET_FOREGROUND,
};

struct ticket {
    char task[96]; /* "<entry uuid>.<epoch>.<slot ms>" */
    char entry[UUID_TEXT];
    char environment[33];
    char company[UUID_TEXT];
    char category[64]; /* may be "" */
    char operation[64];
    uint64_t epoch;
    uint32_t attempt; /* from 1 */
    enum ticket_kind kind;
    int64_t granted_ms;
    char trace[64]; /* W3C traceparent, "" = none */
};

struct tickets { /* a growing list; items owned */
    struct ticket *items;
    size_t count, capacity;
};
void tickets_add(struct tickets *tickets, const struct ticket *ticket);
void tickets_drop(struct tickets *tickets);

void ticket_encode(const struct ticket *ticket, struct buf *out);
MUST_USE bool ticket_decode(const void *bytes, size_t size, struct ticket *out, struct err *err);

#endif

/* call.h - arguments of one script call; private to this room. */
#ifndef CARTAGE_LEDGER_CALL_H
#define CARTAGE_LEDGER_CALL_H

#include "ledger/ledger.h"

struct call {
    char prefix[80]; /* KEYS[1] */
    const char **argv;
    size_t *sizes;
    int argc, capacity;
    struct arena *texts; /* numbers as text */
};
/* Begins a call on a bucket: the prefix, and the time argument (0 = Redis TIME). */
void call_begin(struct call *call, const struct ledger *ledger, int bucket);
void call_text(struct call *call,
               const char *text); /* borrowed until the call is over; NULL = "" */
void call_bytes(struct call *call, const void *bytes, size_t size);
void call_number(struct call *call, int64_t number);
void call_drop(struct call *call);
#define OWN_CALL __attribute__((cleanup(call_drop)))
MUST_USE bool call_run(struct ledger *ledger, const char *script, struct call *call,
                       redisReply **out, struct err *err);

void ledger_prefix(const struct ledger *ledger, int bucket, char out[static 80]);
/* Reads the tickets of a reply (an array of arrays). */
void call_tickets(const struct ledger *ledger, const redisReply *reply, struct tickets *out);
const char *reply_text(const redisReply *reply, size_t index); /* "" = none */
int64_t reply_number(const redisReply *reply, size_t index);

#endif

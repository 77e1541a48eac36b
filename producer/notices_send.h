/* notices_send.h - one notice out of the house: to a webhook, a command, a mailbox.
 *
 * Errors name the target and what it answered, never its address, and never a secret.
 * Blocks: a webhook 15 s, a program 30 s, then it is killed with all that it started.
 */
#ifndef CARTAGE_NOTICES_SEND_H
#define CARTAGE_NOTICES_SEND_H

#include <stdatomic.h>

#include "base/clock.h"
#include "http/http.h"
#include "ledger/outbox.h"
#include "model/notify.h"

enum { NOTICE_SEND_MOST_MS = 35000 };

struct notice_sender {
    const struct clock *clock;
    const char *environment, *sendmail;
    const char *commands;       /* folder of the programs that may be run; "" = none may */
    const _Atomic bool *ending; /* sending stops early, undelivered */
    struct http *http;          /* of this thread */
};
/* ERR_RETRY with a hint, or any other error: not delivered. */
MUST_USE bool notice_send(const struct notice_sender *sender, const struct notify_target *target,
                          const struct outbox_taken *notice, struct err *err);

/* "sha256=" and HMAC-SHA256 of "TIMESTAMP.BODY" in hex, as the header Cartage-Signature has it. */
enum { NOTICE_SIGNATURE_TEXT = 72 };
void notice_sign(const char *secret, int64_t timestamp, const char *body, size_t size,
                 char out[static NOTICE_SIGNATURE_TEXT]);

#endif

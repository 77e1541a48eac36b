/* notices_text.h - a notice in the forms in which it leaves: JSON, a text, a mail. Pure. */
#ifndef CARTAGE_NOTICES_TEXT_H
#define CARTAGE_NOTICES_TEXT_H

#include "ledger/outbox.h"

/* For webhooks and commands; docs/notifications.md describes the fields. */
void notice_json(const struct outbox_taken *notice, const char *environment, struct buf *out);
void notice_subject(const struct outbox_taken *notice, struct buf *out);
void notice_text(const struct outbox_taken *notice, struct buf *out);
/* A whole message for `sendmail -t`: headers in ASCII, the text as base64. */
void notice_mail(const struct outbox_taken *notice, const char *environment, const char *mailbox,
                 struct buf *out);

/* Bytes that are no UTF-8 become '?': a text may have been cut in the middle of a letter. */
const char *utf8_clean(const char *text, struct arena *arena);

#endif

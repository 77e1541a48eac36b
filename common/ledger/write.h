/* write.h - commands that go into one WRITE: the only way a worker changes staged data.
 *
 * A command is a Redis command whose key is `~s:<C>:<rest>`; callers give <rest>. Allowed: HSET
 * HDEL DEL SET SADD SREM ZADD ZREM ZREMRANGEBYSCORE EXPIRE, the notes, locks and events below, and
 * SKIP, UNSKIP, UNMAPPED, MAPPED, which keep the lists of schemas/staging/lists.md, and UNVARIANT
 * (store/products.h); BLANK empties a field in the script erase alone. HINCRBY is for figures
 * alone: a WRITE may be carried out twice. Anything else is a bug (assert).
 */
#ifndef CARTAGE_WRITE_H
#define CARTAGE_WRITE_H

#include "base/buf.h"

enum { WRITE_MAX_BYTES = 256 * 1024, WRITE_FLUSH_BYTES = 200 * 1024 };

struct write;
MUST_USE struct write *write_new(void);
void write_free(struct write *write);
OWNABLE(write)
void write_clear(struct write *write);

/* write_add(w, "HSET", "order:1001", "state", "new", NULL) */
void write_add(struct write *write, const char *verb, const char *key, ...)
    __attribute__((sentinel));
void write_add_bytes(struct write *write, const char *verb, const char *key, int argc,
                     const char *const argv[], const size_t sizes[]);
/* Note of a write in flight (job-queue.md 21): refused while another fence's note of this record
 * stands. */
void write_note(struct write *write, const char *record, const char *peer, const char *kind,
                const char *key, int64_t look_until_ms);
void write_note_clear(struct write *write,
                      const char *record); /* replaced by the link in one WRITE */
/* A key under which one run at a time may look and create (schemas/staging/lock.md). LOCK is
 * refused while another fence holds it. RENEW and KEEP give it a later end, and are refused unless
 * this fence has held the key all the time; KEEP goes with the note of a create, until that can no
 * longer come through: then not even its holder may lock it again. UNLOCK gives it back; else it
 * ends by itself. */
void write_lock(struct write *write, const char *key, int64_t until_ms);
void write_renew(struct write *write, const char *key, int64_t until_ms);
void write_keep(struct write *write, const char *key, int64_t until_ms);
void write_unlock(struct write *write, const char *key);
/* So many seconds from then on the key goes by itself. */
void write_expire(struct write *write, const char *key, int seconds);
/* An event of an order's life, with the time of the script and the number of the run. Callers use
 * stage_life (store/staging.h). */
void write_life(struct write *write, const char *order, const char *event, const char *detail);
size_t write_size(const struct write *write); /* bytes so far; flush before WRITE_MAX_BYTES */
size_t write_count(const struct write *write);
void write_pack(const struct write *write,
                struct buf *out); /* as the script takes it; for ledger.c */

#endif

/* buf.h - bytes that grow: request bodies, answers, packed records. Always NUL-ended. */
#ifndef CARTAGE_BUF_H
#define CARTAGE_BUF_H

#include "base/own.h"

struct buf {
    char *data; /* NULL while empty */
    size_t size, capacity;
};

void buf_add(struct buf *buf, const void *bytes, size_t size);
void buf_text(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *format, ...) PRINTF(2, 3);
/* As a part of an address, or of a form: "A%20B". */
void buf_escape(struct buf *buf, const char *text);
void buf_clear(struct buf *buf);            /* keeps the memory */
void buf_drop(struct buf *buf);             /* gives the memory back */
const char *buf_str(const struct buf *buf); /* "" while empty */
#define OWN_BUF __attribute__((cleanup(buf_drop)))

#endif

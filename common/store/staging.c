/* staging.c - how orders and their skips are written. */
#include "store/staging.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "store/store.h"

/* ---- the whole of a record ---- */

/* First byte: 'j' = JSON as it is, 'z' = deflated, its size in text in front. */
bool staged_pack(const char *text, size_t size, struct buf *out)
{
    if (size > STAGED_MAX_BYTES)
        return false;
    if (size <= STAGED_DEFLATE_BYTES) {
        buf_text(out, "j");
        buf_add(out, text, size);
        return true;
    }
    uLongf packed = compressBound(size);
    Bytef *bytes = mem_new(packed);
    int result = compress2(bytes, &packed, (const Bytef *)text, size, Z_DEFAULT_COMPRESSION);
    assert(result == Z_OK); /* the room suffices, and memory does not run out here */
    buf_printf(out, "z%zu ", size);
    buf_add(out, bytes, packed);
    free(bytes);
    return packed <= STAGED_PACKED_MAX;
}

bool staged_unpack(const char *bytes, size_t size, struct buf *text, struct err *err)
{
    char *end = NULL;
    if (size > 1 && bytes[0] == 'j') {
        buf_add(text, bytes + 1, size - 1);
        return true;
    }
    unsigned long whole = size > 1 && bytes[0] == 'z' ? strtoul(bytes + 1, &end, 10) : 0;
    if (whole == 0 || whole > STAGED_MAX_BYTES || *end != ' ')
        return err_set(err, ERR_FATAL, 0,
                       "a staged record is broken; touch the order in Shopify to "
                       "have it read again");
    uLongf got = whole;
    char *plain = mem_new(whole + 1);
    int result =
        uncompress((Bytef *)plain, &got, (const Bytef *)end + 1, size - (size_t)(end + 1 - bytes));
    if (result == Z_OK)
        buf_add(text, plain, got);
    free(plain);
    return result == Z_OK || err_set(err, ERR_FATAL, 0,
                                     "a staged record does not inflate (%d); touch the order in "
                                     "Shopify to have it read again",
                                     result);
}

/* ---- skips ---- */

const char *const SKIP_RECORD[] = {"reason", "detail", "version", "first", "count", "shop"};

struct skip_before skip_before_read(const struct store_rows *rows, size_t row)
{
    return (struct skip_before){
        .reason = store_text(rows, row, 0),
        .detail = store_text(rows, row, 1),
        .version = store_text(rows, row, 2),
        .first_ms = store_int(rows, row, 3),
        .count = store_int(rows, row, 4),
    };
}

static bool same_skip(const struct skip_before *before, const char *code, const char *detail,
                      const char *version)
{
    return strcmp(before->reason, code) == 0 && strcmp(before->detail, detail) == 0 &&
           strcmp(before->version, version) == 0;
}

bool skip_asks(const char *id, enum reason reason)
{
    const struct reason_row *row = reason_row(reason);
    bool refund = strncmp(id, "refund:", 7) == 0, pending = reason == REASON_REFUND_PENDING;
    return row->class == CLASS_UNSUPPORTED || row->class == CLASS_POSTING ||
           row->class == CLASS_ITEM || row->class == CLASS_CUSTOMER ||
           (refund && row->class == CLASS_WAITS && !pending && reason != REASON_IN_FLIGHT);
}

bool stage_skip(struct write *write, const char *shop, const char *id, const char *name,
                const char *version, enum reason reason, const char *detail,
                const struct skip_before *before)
{
    const struct reason_row *row = reason_row(reason);
    char find[FIND_DIGEST];
    if (same_skip(before, row->code, detail, version))
        return false;
    /* An order is found by its name already. */
    bool order = id[strspn(id, "0123456789")] == 0;
    if (order || !find_digest(name, find))
        find[0] = 0;
    write_add(write, "SKIP", id, shop, row->code, name, detail, version,
              skip_asks(id, reason) ? "1" : "0", find, NULL);
    return true;
}

void stage_skip_gone(struct write *write, const char *id)
{
    write_add(write, "UNSKIP", id, NULL);
}

/* ---- refunds ---- */

void stage_refunds(struct write *write, const char *shop, const struct order *order)
{
    OWN_TEXT char *list = mem_printf("refunds:%s", shop);
    for (size_t i = 0; i < order->refund_count; i++) {
        const struct order_refund *refund = &order->refunds[i];
        if (!order_refund_is_credit(order, refund))
            continue;
        OWN_TEXT char *member = mem_printf("%s:%s", order->id, refund->id);
        write_add(write, "ZADD", list, "NX", "0", member, NULL);
    }
}

void stage_archive(struct write *write, const char *shop, const char *order)
{
    OWN_TEXT char *list = mem_printf("archive:%s", shop);
    write_add(write, "ZADD", list, "0", order, NULL);
    stage_stock(write, shop, order);
}

void stage_stock(struct write *write, const char *shop, const char *order)
{
    OWN_TEXT char *list = mem_printf("stock-orders:%s", shop);
    write_add(write, "ZADD", list, "0", order, NULL);
}

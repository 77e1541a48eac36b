/* ticket.c - one table of keys packs, unpacks and checks a ticket. */
#include "wire/ticket.h"

#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

enum field_type {
    FIELD_TEXT,
    FIELD_UUID,
    FIELD_BYTES,
    FIELD_UINT64,
    FIELD_UINT32,
    FIELD_KIND,
    FIELD_TIME
};

struct field {
    uint64_t key;
    const char *name;
    enum field_type type;
    bool required;
    bool may_be_empty;
    size_t offset, size; /* size: of a text's room */
};

#define TEXT_FIELD(key, name, member, required, empty)                                             \
    {                                                                                              \
        key, name, FIELD_TEXT, required, empty, offsetof(struct ticket, member),                   \
            sizeof(((struct ticket *)0)->member)                                                   \
    }
#define FIELD(key, name, type, member, required)                                                   \
    {                                                                                              \
        key, name, type, required, false, offsetof(struct ticket, member), 0                       \
    }

enum { KEY_VERSION = 0 };

static const struct field FIELDS[] = {
    TEXT_FIELD(1, "task id", task, true, false),
    FIELD(2, "entry id", FIELD_UUID, entry, true),
    TEXT_FIELD(3, "environment", environment, true, false),
    FIELD(4, "company", FIELD_UUID, company, true),
    TEXT_FIELD(5, "category", category, true, true),
    FIELD(6, "epoch", FIELD_UINT64, epoch, true),
    FIELD(7, "attempt", FIELD_UINT32, attempt, true),
    FIELD(8, "kind", FIELD_KIND, kind, false),
    FIELD(9, "granted at", FIELD_TIME, granted_ms, true),
    TEXT_FIELD(10, "operation", operation, true, false),
    {11, "trace context", FIELD_BYTES, false, true, offsetof(struct ticket, trace),
                                               sizeof(((struct ticket *)0)->trace)},
};

/* ---- the list ---- */

void tickets_add(struct tickets *tickets, const struct ticket *ticket)
{
    if (tickets->count == tickets->capacity) {
        size_t more = tickets->capacity ? tickets->capacity * 2 : 8;
        tickets->items = mem_grow(tickets->items, tickets->capacity, more, sizeof *tickets->items);
        tickets->capacity = more;
    }
    tickets->items[tickets->count++] = *ticket;
}

void tickets_drop(struct tickets *tickets)
{
    free(tickets->items);
    *tickets = (struct tickets){0};
}

/* ---- packing ---- */

static int pack_into(void *out, const char *bytes, size_t size)
{
    buf_add(out, bytes, size);
    return 0;
}

static void pack_bytes(msgpack_packer *packer, const void *bytes, size_t size)
{
    msgpack_pack_bin(packer, size);
    msgpack_pack_bin_body(packer, bytes, size);
}

static void pack_field(msgpack_packer *packer, const struct field *field,
                       const struct ticket *ticket)
{
    const char *at = (const char *)ticket + field->offset;
    unsigned char uuid[16];

    msgpack_pack_uint64(packer, field->key);
    switch (field->type) {
    case FIELD_TEXT:
        msgpack_pack_str(packer, strlen(at));
        msgpack_pack_str_body(packer, at, strlen(at));
        return;
    case FIELD_UUID:
        if (!uuid_parse(at, uuid))
            assert(!"a ticket carries ids that are UUIDs");
        pack_bytes(packer, uuid, sizeof uuid);
        return;
    case FIELD_BYTES:
        pack_bytes(packer, at, strlen(at));
        return;
    case FIELD_UINT64:
        msgpack_pack_uint64(packer, *(const uint64_t *)at);
        return;
    case FIELD_UINT32:
        msgpack_pack_uint32(packer, *(const uint32_t *)at);
        return;
    case FIELD_KIND:
        msgpack_pack_uint32(packer, (uint32_t) * (const enum ticket_kind *)at);
        return;
    case FIELD_TIME:
        msgpack_pack_int64(packer, *(const int64_t *)at);
        return;
    }
}

static bool is_absent(const struct field *field, const struct ticket *ticket)
{
    return field->type == FIELD_BYTES && !*((const char *)ticket + field->offset);
}

void ticket_encode(const struct ticket *ticket, struct buf *out)
{
    msgpack_packer packer;
    size_t count = 1;

    for (size_t i = 0; i < COUNT(FIELDS); i++)
        count += !is_absent(&FIELDS[i], ticket);
    msgpack_packer_init(&packer, out, pack_into);
    msgpack_pack_map(&packer, count);
    msgpack_pack_uint64(&packer, KEY_VERSION);
    msgpack_pack_uint64(&packer, TICKET_VERSION);
    for (size_t i = 0; i < COUNT(FIELDS); i++) {
        if (!is_absent(&FIELDS[i], ticket))
            pack_field(&packer, &FIELDS[i], ticket);
    }
}

/* ---- unpacking ---- */

static bool mistyped(const struct field *field, const char *what, struct err *err)
{
    return err_set(err, ERR_FATAL, 0, "key %d (%s) %s", (int)field->key, field->name, what);
}

static bool read_text(const struct field *field, const char *bytes, size_t size, char *out,
                      struct err *err)
{
    if (!size && !field->may_be_empty)
        return mistyped(field, "is empty", err);
    if (size >= field->size)
        return mistyped(field, "is too long", err);
    if (memchr(bytes, 0, size))
        return mistyped(field, "has a NUL in it", err);
    memcpy(out, bytes, size);
    out[size] = 0;
    return true;
}

static bool read_field(const struct field *field, const msgpack_object *value,
                       struct ticket *ticket, struct err *err)
{
    char *at = (char *)ticket + field->offset;
    bool is_uint = value->type == MSGPACK_OBJECT_POSITIVE_INTEGER;

    switch (field->type) {
    case FIELD_TEXT:
        if (value->type != MSGPACK_OBJECT_STR)
            return mistyped(field, "is no text", err);
        return read_text(field, value->via.str.ptr, value->via.str.size, at, err);
    case FIELD_BYTES:
        if (value->type != MSGPACK_OBJECT_BIN)
            return mistyped(field, "is no byte string", err);
        return read_text(field, value->via.bin.ptr, value->via.bin.size, at, err);
    case FIELD_UUID:
        if (value->type != MSGPACK_OBJECT_BIN || value->via.bin.size != 16)
            return mistyped(field, "is no byte string of 16", err);
        uuid_format((const unsigned char *)value->via.bin.ptr, at);
        return true;
    case FIELD_UINT64:
        if (!is_uint)
            return mistyped(field, "is no unsigned number", err);
        *(uint64_t *)at = value->via.u64;
        return true;
    case FIELD_UINT32:
        if (!is_uint || value->via.u64 < 1 || value->via.u64 > UINT32_MAX)
            return mistyped(field, "is no number from 1", err);
        *(uint32_t *)at = (uint32_t)value->via.u64;
        return true;
    case FIELD_KIND:
        if (!is_uint || value->via.u64 > TICKET_FOREGROUND)
            return mistyped(field, "is no kind of ticket", err);
        *(enum ticket_kind *)at = (enum ticket_kind)value->via.u64;
        return true;
    case FIELD_TIME:
        if (!is_uint || value->via.u64 > INT64_MAX)
            return mistyped(field, "is no time in milliseconds", err);
        *(int64_t *)at = (int64_t)value->via.u64;
        return true;
    }
    return false;
}

static const msgpack_object *find(const msgpack_object_map *map, uint64_t key)
{
    for (uint32_t i = 0; i < map->size; i++) {
        const msgpack_object *name = &map->ptr[i].key;
        if (name->type == MSGPACK_OBJECT_POSITIVE_INTEGER && name->via.u64 == key)
            return &map->ptr[i].val;
    }
    return NULL;
}

static bool read_ticket(const msgpack_object *root, struct ticket *out, struct err *err)
{
    if (root->type != MSGPACK_OBJECT_MAP)
        return err_set(err, ERR_FATAL, 0, "a ticket is a msgpack map, and this is none");
    const msgpack_object *version = find(&root->via.map, KEY_VERSION);
    if (!version || version->type != MSGPACK_OBJECT_POSITIVE_INTEGER)
        return err_set(err, ERR_FATAL, 0, "key 0 (schema version) %s",
                       version ? "is no unsigned number" : "is missing");
    if (version->via.u64 != TICKET_VERSION)
        return err_set(err, ERR_FATAL, 0, "key 0 (schema version) is %llu, this program reads %d",
                       (unsigned long long)version->via.u64, TICKET_VERSION);
    for (size_t i = 0; i < COUNT(FIELDS); i++) {
        const msgpack_object *value = find(&root->via.map, FIELDS[i].key);
        if (!value && FIELDS[i].required)
            return mistyped(&FIELDS[i], "is missing", err);
        if (value && !read_field(&FIELDS[i], value, out, err))
            return false;
    }
    return true;
}

/* One value's header: how long it is, how many bytes follow as they are, how many values follow. */
struct header {
    size_t size, bytes, values;
};

static size_t big_endian(const unsigned char *at, size_t size)
{
    size_t value = 0;
    for (size_t i = 0; i < size; i++)
        value = value << 8 | at[i];
    return value;
}

/* msgpack's first bytes, as its specification lists them. */
static struct header header_of(const unsigned char *at, size_t left)
{
    static const unsigned char FIXED[] = {[0xca - 0xca] = 4, [0xcb - 0xca] = 8, [0xcc - 0xca] = 1,
                                          [0xcd - 0xca] = 2, [0xce - 0xca] = 4, [0xcf - 0xca] = 8,
                                          [0xd0 - 0xca] = 1, [0xd1 - 0xca] = 2, [0xd2 - 0xca] = 4,
                                          [0xd3 - 0xca] = 8, [0xd4 - 0xca] = 2, [0xd5 - 0xca] = 3,
                                          [0xd6 - 0xca] = 5, [0xd7 - 0xca] = 9, [0xd8 - 0xca] = 17};
    unsigned char b = *at;
    if (b < 0x80 || b >= 0xe0 || (b >= 0xc0 && b <= 0xc3))
        return (struct header){1, 0, 0};
    if (b < 0x90)
        return (struct header){1, 0, 2 * (size_t)(b & 15)};
    if (b < 0xa0)
        return (struct header){1, 0, b & 15};
    if (b < 0xc0)
        return (struct header){1, b & 31, 0};
    if (b >= 0xca && b <= 0xd8)
        return (struct header){1, FIXED[b - 0xca], 0};
    /* bin, ext and str of 8, 16, 32 bits; array and map of 16, 32 bits */
    size_t wide = b <= 0xc6   ? b - 0xc4
                  : b <= 0xc9 ? b - 0xc7
                  : b <= 0xdb ? b - 0xd9
                              : 1 + ((b - 0xdc) & 1);
    wide = (size_t)1 << wide;
    size_t count = wide < left ? big_endian(at + 1, wide) : SIZE_MAX / 4;
    if (b >= 0xde)
        return (struct header){1 + wide, 0, 2 * count};
    if (b >= 0xdc)
        return (struct header){1 + wide, 0, count};
    return (struct header){1 + wide, count + (b >= 0xc7 && b <= 0xc9), 0};
}

/* A few bytes can claim to be a map of four thousand million, and msgpack-c allocates what is
 * claimed. */
static bool claims_hold(const unsigned char *bytes, size_t size)
{
    size_t at = 0, values = 1;
    for (; values; values--) {
        if (at >= size)
            return false;
        struct header header = header_of(bytes + at, size - at);
        if (header.size > size - at || header.bytes > size - at - header.size ||
            header.values > size - at)
            return false;
        at += header.size + header.bytes;
        values += header.values;
    }
    return at == size;
}

bool ticket_decode(const void *bytes, size_t size, struct ticket *out, struct err *err)
{
    if (size > TICKET_MAX_BYTES)
        return err_set(err, ERR_FATAL, 0, "a ticket has at most %d bytes, this one %zu",
                       TICKET_MAX_BYTES, size);
    if (!claims_hold(bytes, size))
        return err_set(err, ERR_FATAL, 0, "these %zu bytes are no single msgpack value", size);
    msgpack_unpacked unpacked;
    size_t used = 0;
    struct ticket ticket = {0};

    msgpack_unpacked_init(&unpacked);
    msgpack_unpack_return code = msgpack_unpack_next(&unpacked, bytes, size, &used);
    bool good =
        code == MSGPACK_UNPACK_SUCCESS && used == size
            ? read_ticket(&unpacked.data, &ticket, err)
            : err_set(err, ERR_FATAL, 0, "these %zu bytes are no single msgpack value", size);
    msgpack_unpacked_destroy(&unpacked);
    if (good)
        *out = ticket;
    return good;
}

/* ticket_test.c - golden bytes of tickets, made by another encoder; what a broken one is told.
 *
 * The bytes are the format: whoever has to change them breaks workers that are running.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

#include "wire/ticket.h"

#define ENTRY "0f8fad5b-d9cb-469f-a165-70867728950e"
#define COMPANY "7c9e6679-7425-40de-944b-e07fc1f90ae7"
#define LONG63(c)                                                                                  \
    c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c  \
        c c c c c c c c c c c c c c c c

static const struct {
    const char *name;
    struct ticket ticket;
    const char *hex;
} GOLDEN[] = {
    {"a scheduled task",
     {.task = ENTRY ".3.1767225600000",
      .entry = ENTRY,
      .environment = "prod",
      .company = COMPANY,
      .category = "SHPFY",
      .operation = "orders.sync",
      .epoch = 3,
      .attempt = 1,
      .granted_ms = 1767225600123},
     "8b000101d93430663866616435622d643963622d343639662d613136352d37303836373732383935"
     "30652e332e3137363732323536303030303002c4100f8fad5bd9cb469fa16570867728950e03a470"
     "726f6404c4107c9e6679742540de944be07fc1f90ae705a5534850465906030701080009cf000001"
     "9b76daa87b0aab6f72646572732e73796e63"                                        },
    {"a second attempt in the foreground, without a category, traced",
     {.task = ENTRY ".1.0",
      .entry = ENTRY,
      .environment = "t",
      .company = COMPANY,
      .operation = "x",
      .epoch = 1,
      .attempt = 2,
      .kind = TICKET_FOREGROUND,
      .granted_ms = 1,
      .trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
     "8c000101d92830663866616435622d643963622d343639662d613136352d37303836373732383935"
     "30652e312e3002c4100f8fad5bd9cb469fa16570867728950e03a17404c4107c9e6679742540de94"
     "4be07fc1f90ae705a006010702080509010aa1780bc43730302d3462663932663335373762333464"
     "6136613363653932396430653065343733362d303066303637616130626139303262372d3031"},
    {"everything as long and large as it may be",
     {.task = ENTRY ".18446744073709551615.9223372036854775807",
      .entry = ENTRY,
      .environment = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
      .company = COMPANY,
      .category = LONG63("C"),
      .operation = LONG63("o"),
      .epoch = UINT64_MAX,
      .attempt = UINT32_MAX,
      .kind = TICKET_WAKE,
      .granted_ms = INT64_C(1) << 62},
     "8b000101d94d30663866616435622d643963622d343639662d613136352d37303836373732383935"
     "30652e31383434363734343037333730393535313631352e39323233333732303336383534373735"
     "38303702c4100f8fad5bd9cb469fa16570867728950e03d920656565656565656565656565656565"
     "656565656565656565656565656565656504c4107c9e6679742540de944be07fc1f90ae705d93f43"
     "43434343434343434343434343434343434343434343434343434343434343434343434343434343"
     "4343434343434343434343434343434343434343434306cfffffffffffffffff07ceffffffff0804"
     "09cf40000000000000000ad93f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f"
     "6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f"    },
};

static void from_hex(const char *hex, struct buf *out)
{
    for (; *hex; hex += 2) {
        const char digits[3] = {hex[0], hex[1], 0};
        char byte = (char)strtol(digits, NULL, 16);
        buf_add(out, &byte, 1);
    }
}

static void expect_same(const struct ticket *got, const struct ticket *want)
{
    assert_string_equal(got->task, want->task);
    assert_string_equal(got->entry, want->entry);
    assert_string_equal(got->environment, want->environment);
    assert_string_equal(got->company, want->company);
    assert_string_equal(got->category, want->category);
    assert_string_equal(got->operation, want->operation);
    assert_string_equal(got->trace, want->trace);
    assert_true(got->epoch == want->epoch);
    assert_int_equal(got->attempt, want->attempt);
    assert_int_equal(got->kind, want->kind);
    assert_int_equal(got->granted_ms, want->granted_ms);
}

static void golden_bytes_are_written_and_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(GOLDEN); i++) {
        OWN_BUF struct buf want = {0}, got = {0};
        struct ticket ticket;
        struct err err;
        from_hex(GOLDEN[i].hex, &want);
        ticket_encode(&GOLDEN[i].ticket, &got);
        if (got.size != want.size || memcmp(got.data, want.data, got.size) != 0)
            fail_msg("%s: other bytes", GOLDEN[i].name);
        if (!ticket_decode(want.data, want.size, &ticket, &err))
            fail_msg("%s: %s", GOLDEN[i].name, err.text);
        expect_same(&ticket, &GOLDEN[i].ticket);
    }
}

/* One key of a good ticket left out, replaced or added, by its number. */
enum change {
    LEAVE_OUT,
    AS_TEXT,
    AS_NUMBER,
    AS_EMPTY,
    AS_NEGATIVE,
    AS_SHORT_BYTES,
    AS_LONG,
    WITH_NUL
};

static const struct {
    uint64_t key;
    enum change change;
    const char *says; /* NULL = the ticket is good */
} CHANGES[] = {
    {0,  LEAVE_OUT,      "key 0 (schema version) is missing"       },
    {1,  LEAVE_OUT,      "key 1 (task id) is missing"              },
    {2,  LEAVE_OUT,      "key 2 (entry id) is missing"             },
    {3,  LEAVE_OUT,      "key 3 (environment) is missing"          },
    {4,  LEAVE_OUT,      "key 4 (company) is missing"              },
    {5,  LEAVE_OUT,      "key 5 (category) is missing"             },
    {6,  LEAVE_OUT,      "key 6 (epoch) is missing"                },
    {7,  LEAVE_OUT,      "key 7 (attempt) is missing"              },
    {8,  LEAVE_OUT,      NULL                                      },
    {9,  LEAVE_OUT,      "key 9 (granted at) is missing"           },
    {10, LEAVE_OUT,      "key 10 (operation) is missing"           },
    {11, LEAVE_OUT,      NULL                                      },
    {0,  AS_TEXT,        "key 0 (schema version) is no unsigned"   },
    {0,  AS_NUMBER,      "this program reads 1"                    },
    {1,  AS_NUMBER,      "key 1 (task id) is no text"              },
    {1,  AS_EMPTY,       "key 1 (task id) is empty"                },
    {1,  AS_LONG,        "key 1 (task id) is too long"             },
    {1,  WITH_NUL,       "key 1 (task id) has a NUL"               },
    {2,  AS_TEXT,        "key 2 (entry id) is no byte string of 16"},
    {2,  AS_SHORT_BYTES, "key 2 (entry id) is no byte string of 16"},
    {3,  AS_LONG,        "key 3 (environment) is too long"         },
    {4,  AS_NUMBER,      "key 4 (company) is no byte string"       },
    {5,  AS_EMPTY,       NULL                                      },
    {5,  AS_NUMBER,      "key 5 (category) is no text"             },
    {6,  AS_NEGATIVE,    "key 6 (epoch) is no unsigned number"     },
    {7,  AS_NEGATIVE,    "key 7 (attempt) is no number from 1"     },
    {7,  AS_TEXT,        "key 7 (attempt) is no number from 1"     },
    {8,  AS_NUMBER,      "key 8 (kind) is no kind of ticket"       },
    {9,  AS_NEGATIVE,    "key 9 (granted at) is no time"           },
    {10, AS_EMPTY,       "key 10 (operation) is empty"             },
    {11, AS_TEXT,        "key 11 (trace context) is no byte string"},
    {12, AS_NUMBER,      NULL                                      },
    {99, AS_TEXT,        NULL                                      },
};

static int add_bytes(void *out, const char *bytes, size_t size)
{
    buf_add(out, bytes, size);
    return 0;
}

static void pack_text(msgpack_packer *packer, const char *text, size_t size)
{
    msgpack_pack_str(packer, size);
    msgpack_pack_str_body(packer, text, size);
}

static void pack_changed(msgpack_packer *packer, enum change change)
{
    static const char LONG[200] = {[0 ... 199] = 'x'};
    switch (change) {
    case LEAVE_OUT:
        return;
    case AS_TEXT:
        pack_text(packer, "text", 4);
        return;
    case AS_NUMBER:
        msgpack_pack_uint64(packer, 77);
        return;
    case AS_EMPTY:
        pack_text(packer, "", 0);
        return;
    case AS_NEGATIVE:
        msgpack_pack_int(packer, -1);
        return;
    case AS_SHORT_BYTES:
        msgpack_pack_bin(packer, 3);
        msgpack_pack_bin_body(packer, "abc", 3);
        return;
    case AS_LONG:
        pack_text(packer, LONG, sizeof LONG);
        return;
    case WITH_NUL:
        pack_text(packer, "a\0b", 3);
        return;
    }
}

/* The second golden ticket has every key. */
static void change_ticket(uint64_t key, enum change change, struct buf *out)
{
    OWN_BUF struct buf good = {0};
    msgpack_unpacked unpacked;
    msgpack_packer packer;
    size_t used = 0;
    bool replaced = false;

    from_hex(GOLDEN[1].hex, &good);
    msgpack_unpacked_init(&unpacked);
    assert_int_equal(msgpack_unpack_next(&unpacked, good.data, good.size, &used),
                     MSGPACK_UNPACK_SUCCESS);
    const msgpack_object_map *map = &unpacked.data.via.map;
    for (uint32_t i = 0; i < map->size; i++)
        replaced |= map->ptr[i].key.via.u64 == key;
    msgpack_packer_init(&packer, out, add_bytes);
    msgpack_pack_map(&packer, map->size + !replaced - (change == LEAVE_OUT));
    for (uint32_t i = 0; i < map->size; i++) {
        bool hit = map->ptr[i].key.via.u64 == key;
        if (hit && change == LEAVE_OUT)
            continue;
        msgpack_pack_object(&packer, map->ptr[i].key);
        if (hit)
            pack_changed(&packer, change);
        else
            msgpack_pack_object(&packer, map->ptr[i].val);
    }
    if (!replaced) {
        msgpack_pack_uint64(&packer, key);
        pack_changed(&packer, change);
    }
    msgpack_unpacked_destroy(&unpacked);
}

static void a_broken_ticket_is_told_which_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(CHANGES); i++) {
        OWN_BUF struct buf bytes = {0};
        struct ticket ticket;
        struct err err = {0};
        change_ticket(CHANGES[i].key, CHANGES[i].change, &bytes);
        bool good = ticket_decode(bytes.data, bytes.size, &ticket, &err);
        if (good != (CHANGES[i].says == NULL))
            fail_msg("change %zu: %s", i, good ? "taken" : err.text);
        if (!good && !strstr(err.text, CHANGES[i].says))
            fail_msg("change %zu: \"%s\" does not say \"%s\"", i, err.text, CHANGES[i].says);
    }
}

static void other_bytes_are_refused(void **state)
{
    static const struct {
        const char *name, *hex;
    } OTHERS[] = {
        {"nothing",        ""          },
        {"a number",       "2a"        },
        {"an array",       "93010203"  },
        {"half a map",     "8201"      },
        {"not msgpack",    "c1"        },
        {"an empty map",   "80"        },
        {"a map of texts", "81a161a162"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(OTHERS); i++) {
        OWN_BUF struct buf bytes = {0};
        struct ticket ticket;
        struct err err;
        from_hex(OTHERS[i].hex, &bytes);
        if (ticket_decode(buf_str(&bytes), bytes.size, &ticket, &err))
            fail_msg("%s was taken", OTHERS[i].name);
        assert_int_equal(err.kind, ERR_FATAL);
    }
}

static void every_cut_and_every_flipped_byte_is_survived(void **state)
{
    (void)state;
    OWN_BUF struct buf bytes = {0};
    struct ticket ticket;
    struct err err;
    ticket_encode(&GOLDEN[1].ticket, &bytes);
    for (size_t size = 0; size < bytes.size; size++)
        assert_false(ticket_decode(bytes.data, size, &ticket, &err));
    for (size_t at = 0; at < bytes.size; at++) {
        for (int value = 0; value < 256; value++) {
            char kept = bytes.data[at];
            bytes.data[at] = (char)value;
            if (ticket_decode(bytes.data, bytes.size, &ticket, &err))
                assert_true(strlen(ticket.task) < sizeof ticket.task && ticket.attempt >= 1);
            bytes.data[at] = kept;
        }
    }
    buf_add(&bytes, "\xc0", 1);
    assert_false(ticket_decode(bytes.data, bytes.size, &ticket, &err)); /* something behind it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_bytes_are_written_and_read),
        cmocka_unit_test(a_broken_ticket_is_told_which_key),
        cmocka_unit_test(other_bytes_are_refused),
        cmocka_unit_test(every_cut_and_every_flipped_byte_is_survived),
    };
    return cmocka_run_group_tests_name("ticket", tests, NULL, NULL);
}

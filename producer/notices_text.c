/* notices_text.c - what people read when something went wrong, or well again. */
#include "notices_text.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { SUBJECT_MOST = 200, WORD_BYTES = 45, LINE = 76 };

/* ---- UTF-8 ---- */

/* Bytes of the letter that begins here; 0 = none does. */
static size_t letter(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    size_t size = c[0] < 0x80                   ? 1
                  : c[0] >= 0xc2 && c[0] < 0xe0 ? 2
                  : c[0] >= 0xe0 && c[0] < 0xf0 ? 3
                  : c[0] >= 0xf0 && c[0] < 0xf5 ? 4
                                                : 0;
    for (size_t i = 1; i < size; i++)
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xf0 && c[1] < 0x90);
    bool beyond = (c[0] == 0xed && c[1] > 0x9f) || (c[0] == 0xf4 && c[1] > 0x8f);
    return overlong || beyond ? 0 : size;
}

const char *utf8_clean(const char *text, struct arena *arena)
{
    char *clean = arena_text(arena, text);
    for (char *at = clean; *at;) {
        size_t size = letter(at);
        if (!size)
            *at = '?';
        at += size ? size : 1;
    }
    return clean;
}

/* ---- what it says ---- */

static json *tree_of(const char *text)
{
    json *tree = NULL;
    struct err ignored;
    return *text && json_parse(text, strlen(text), &tree, &ignored) ? tree : json_new_object();
}

static void company_name(const struct outbox_taken *notice, char out[static 128])
{
    OWN_JSON json *settings = tree_of(notice->settings);
    const char *name = json_text(settings, "name");
    snprintf(out, 128, "%s", *name ? name : notice->company);
}

static json *first_row(const struct outbox_taken *notice)
{
    return notice->row_count ? tree_of(notice->rows[0]) : json_new_object();
}

static bool is(const struct outbox_taken *notice, const char *why)
{
    return strcmp(notice->why, why) == 0;
}

void notice_subject(const struct outbox_taken *notice, struct buf *out)
{
    OWN_JSON json *row = first_row(notice);
    const char *operation = json_text(row, "operation");
    int64_t no = json_int(row, "no", 0);
    char company[128];
    company_name(notice, company);
    buf_printf(out, "%s: ", company);
    if (notice->count > 1 && is(notice, "recovery"))
        buf_printf(out, "%" PRId64 " entries work again", notice->count);
    else if (notice->count > 1)
        buf_printf(out, "%" PRId64 " runs of %s failed", notice->count, operation);
    else if (is(notice, "recovery"))
        buf_printf(out, "%s works again", operation);
    else if (is(notice, "manual"))
        buf_printf(out, "run %" PRId64 " of %s has ended: %s", no, operation,
                   json_text(row, "outcome"));
    else if (no)
        buf_printf(out, "%s failed (run %" PRId64 ")", operation, no);
    else
        buf_printf(out, "%s cannot be planned", operation);
}

static void text_row(const json *row, bool with_error, struct buf *out)
{
    char at[32];
    const char *error = json_text(row, "error");
    int64_t no = json_int(row, "no", 0), failures = json_int(row, "failures", 0);
    time_format(json_int(row, "at_ms", 0), false, at);
    buf_printf(out, "- %s: ", at);
    if (no)
        buf_printf(out, "run %" PRId64 ", ", no);
    buf_printf(out, "%s (%s), %s", json_text(row, "description"), json_text(row, "operation"),
               json_text(row, "outcome"));
    if (failures > 1)
        buf_printf(out, ", failed %" PRId64 " times in a row", failures);
    if (with_error && *error)
        buf_printf(out, ": %s", error);
    buf_text(out, "\n");
}

void notice_text(const struct outbox_taken *notice, struct buf *out)
{
    OWN_JSON json *first = first_row(notice);
    const char *error = json_text(first, "error");
    notice_subject(notice, out);
    buf_text(out, "\n\n");
    if (*error)
        buf_printf(out, "%s\n\n", error);
    for (size_t i = 0; i < notice->row_count; i++) {
        OWN_JSON json *row = tree_of(notice->rows[i]);
        /* Texts of one cause differ in numbers at most; those that do are shown. */
        text_row(row, strcmp(json_text(row, "error"), error) != 0, out);
    }
    if (notice->count > (int64_t)notice->row_count)
        buf_printf(out, "... and %" PRId64 " more\n", notice->count - (int64_t)notice->row_count);
    if (*error && json_int(first, "no", 0))
        buf_printf(out, "\nMore: cartage run show %" PRId64 " --company %s\n",
                   json_int(first, "no", 0), notice->company);
}

void notice_json(const struct outbox_taken *notice, const char *environment, struct buf *out)
{
    OWN_JSON json *tree = json_new_object(), *first = first_row(notice);
    OWN_BUF struct buf text = {0};
    json *runs = json_new_array();
    char company[128];
    company_name(notice, company);
    notice_text(notice, &text);
    json_set_text(tree, "id", notice->id);
    json_set_text(tree, "event", notice->why);
    json_set_text(tree, "environment", environment);
    json_set_text(tree, "company", notice->company);
    json_set_text(tree, "company_name", company);
    json_set_text(tree, "target", notice->target);
    json_set_int(tree, "created_ms", notice->created_ms);
    json_set_text(tree, "operation", json_text(first, "operation"));
    json_set_text(tree, "error", json_text(first, "error"));
    json_set_int(tree, "count", notice->count);
    for (size_t i = 0; i < notice->row_count; i++)
        json_add(runs, tree_of(notice->rows[i]));
    json_set(tree, "runs", runs);
    json_set_text(tree, "text", buf_str(&text));
    buf_text(out, json_write(tree));
}

/* ---- a mail ---- */

static void base64(const char *bytes, size_t size, struct buf *out)
{
    size_t length = sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL);
    char *text = mem_new(length);
    sodium_bin2base64(text, length, (const unsigned char *)bytes, size,
                      sodium_base64_VARIANT_ORIGINAL);
    buf_text(out, text);
    free(text);
}

/* RFC 2047: encoded words of at most 75 characters, each of whole letters, a line each. */
static void encoded_words(const char *text, struct buf *out)
{
    while (*text) {
        size_t size = 0;
        while (text[size] && size + letter(text + size) <= WORD_BYTES)
            size += letter(text + size);
        buf_text(out, "=?UTF-8?B?");
        base64(text, size, out);
        text += size;
        buf_text(out, *text ? "?=\n " : "?=");
    }
}

/* Nothing in it begins another header. */
static void header_text(const char *text, struct buf *out)
{
    OWN(arena) struct arena *arena = arena_new();
    char *line = arena_text(arena, utf8_clean(text, arena));
    bool ascii = true;
    size_t size = 0;
    while (line[size] && size + letter(line + size) <= SUBJECT_MOST)
        size += letter(line + size);
    line[size] = 0;
    for (char *c = line; *c; c++) {
        ascii = ascii && (unsigned char)*c < 0x80;
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
    }
    if (ascii && !strstr(line, "=?"))
        buf_text(out, line);
    else
        encoded_words(line, out);
}

void notice_mail(const struct outbox_taken *notice, const char *environment, const char *mailbox,
                 struct buf *out)
{
    OWN_BUF struct buf subject = {0}, text = {0}, body = {0};
    notice_subject(notice, &subject);
    notice_text(notice, &text);
    buf_printf(out, "To: %s\nSubject: ", mailbox);
    header_text(buf_str(&subject), out);
    /* The same notice sent again is the same message: mail programs show it once. */
    buf_printf(out,
               "\nMessage-ID: <%s@%s.cartage.invalid>\nAuto-Submitted: auto-generated\n"
               "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
               "Content-Transfer-Encoding: base64\n\n",
               notice->id, environment);
    base64(buf_str(&text), text.size, &body);
    for (size_t at = 0; at < body.size; at += LINE)
        buf_printf(out, "%.*s\n", LINE, body.data + at);
}

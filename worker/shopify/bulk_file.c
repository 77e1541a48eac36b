/* bulk_file.c - the texts of a bulk operation. */
#include "shopify/bulk_file.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "shopify/room.h"

enum { FIRST_PAUSE_MS = 5000 };

/* ---- to the storage ---- */

static void add_part(struct buf *body, const char *boundary, const char *name, const char *more)
{
    buf_printf(body, "--%s\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n\r\n", boundary,
               name, more);
}

void bulk_form(const json *parameters, const char *boundary, struct buf *before, struct buf *behind)
{
    for (size_t i = 0; i < json_count(parameters); i++) {
        const json *parameter = json_at(parameters, i);
        add_part(before, boundary, json_text(parameter, "name"), "");
        buf_printf(before, "%s\r\n", json_text(parameter, "value"));
    }
    add_part(before, boundary, "file", "; filename=\"lines.jsonl\"\r\nContent-Type: text/jsonl");
    buf_printf(behind, "\r\n--%s--\r\n", boundary);
}

const char *bulk_parameter(const json *parameters, const char *name)
{
    for (size_t i = 0; i < json_count(parameters); i++)
        if (strcmp(json_text(json_at(parameters, i), "name"), name) == 0)
            return json_text(json_at(parameters, i), "value");
    return "";
}

/* A string of GraphQL: what a filter holds needs no more than this. */
static void add_string(struct buf *out, const char *text)
{
    buf_text(out, "\"");
    for (; *text; text++)
        buf_printf(out, "%s%c", *text == '"' || *text == '\\' ? "\\" : "", *text);
    buf_text(out, "\"");
}

void bulk_marked(const char *text, size_t size, const char *verb, const char *mark,
                 const char *where, struct buf *out)
{
    static const char WHERE[] = "\"WHERE\"";
    OWN_TEXT char *begins = mem_printf("\n%s ", verb);
    const char *start = strstr(text, begins), *end = text + size;
    assert(start); /* a bug of the build otherwise */
    const char *name = start + strlen(begins), *behind = name;
    while (isalnum((unsigned char)*behind))
        behind++;
    buf_add(out, start + 1, (size_t)(behind - start - 1));
    buf_printf(out, "_%s", mark);
    const char *at = where ? strstr(behind, WHERE) : NULL;
    if (at) {
        buf_add(out, behind, (size_t)(at - behind));
        add_string(out, where);
        behind = at + strlen(WHERE);
    }
    buf_add(out, behind, (size_t)(end - behind));
}

/* ---- from the storage ---- */

/* `errors` of a line: one that Shopify could not carry out for its own sake may go again. */
static void line_error(const json *errors, struct err *err)
{
    static const char *const PASSING[] = {"INTERNAL_SERVER_ERROR", "TIMEOUT", "THROTTLED"};
    const json *error = json_at(errors, 0);
    const char *code = json_string(json_path(error, "extensions.code"));
    enum err_kind kind = ERR_FATAL;
    for (size_t i = 0; i < COUNT(PASSING); i++)
        if (strcmp(code, PASSING[i]) == 0)
            kind = ERR_RETRY;
    err_set(err, kind, 0, "%s%s%s", json_text(error, "message"), *code ? ", " : "", code);
    snprintf(err->peer_code, sizeof err->peer_code, "%s", code);
}

static bool has_root(const struct shopify_call *call)
{
    char root[64];
    snprintf(root, sizeof root, "%.*s", (int)strcspn(call->user_errors_at, "."),
             call->user_errors_at);
    return json_is_object(json_get(call->data, root));
}

int64_t bulk_answer(const char *line, size_t size, const char *user_errors_at,
                    struct shopify_call *out)
{
    struct err ignored;
    *out = (struct shopify_call){.user_errors_at = user_errors_at, .requested = -1, .actual = -1};
    if (!json_parse(line, size, &out->answer, &ignored))
        return -1;
    int64_t number = json_int(out->answer, "__lineNumber", -1);
    const json *errors = json_get(out->answer, "errors");
    shopify_call_take(out, json_get(out->answer, "data"));
    if (json_count(errors) > 0)
        line_error(errors, &out->err);
    else if (!has_root(out))
        err_set(&out->err, ERR_RETRY, 0, "a line without an answer");
    if (number < 0)
        shopify_call_drop(out);
    return number;
}

int64_t bulk_pause_ms(int64_t looks)
{
    int64_t pause_ms = FIRST_PAUSE_MS;
    while (looks-- > 0 && pause_ms < BULK_MOST_PAUSE_MS)
        pause_ms *= 2;
    return pause_ms < BULK_MOST_PAUSE_MS ? pause_ms : BULK_MOST_PAUSE_MS;
}

int64_t bulk_left_ms(int64_t done, int64_t all, int64_t passed_ms)
{
    if (done <= 0 || all <= 0 || passed_ms <= 0)
        return -1;
    int64_t left_ms = done < all ? (all - done) * passed_ms / done : 0;
    return left_ms + left_ms / 50;
}

/* once.c - the first answer to a key, kept in Redis. */
#include "admin/once.h"

#include <microhttpd.h>
#include <string.h>

#include "admin/routes.h"
#include "admin/runs.h"
#include "base/log.h"
#include "ledger/once.h"

enum { KEY_MAX = 200 };

static enum MHD_Result add_argument(void *state, enum MHD_ValueKind kind, const char *name,
                                    const char *value)
{
    (void)kind;
    buf_printf(state, "&%s=%s", name, value ? value : "");
    return MHD_YES;
}

/* What makes two requests the same: route, names, query, body. */
static void request_digest(const struct api_call *call, char out[static 33])
{
    OWN_BUF struct buf text = {0};
    buf_text(&text, call->path);
    MHD_get_connection_values(call->connection, MHD_GET_ARGUMENT_KIND, add_argument, &text);
    buf_add(&text, "\n", 1);
    buf_add(&text, call->text, call->size);
    digest_hex(text.data, text.size, 16, out);
}

static bool key_read(struct api_call *call, bool *given, struct err *err)
{
    const char *key =
        MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, "Idempotency-Key");
    /* A token is shown once: its answer is kept nowhere, and its name is its key. */
    *given = key && strcmp(call->method, "POST") == 0 && call->ledger &&
             call->route->handle != tokens_post;
    if (!*given)
        return true;
    size_t size = strlen(key);
    if (!size || size > KEY_MAX)
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "Idempotency-Key: want 1 to %d characters", KEY_MAX);
    OWN_TEXT char *text = mem_printf("%s\n%s", call->caller.name, key);
    digest_hex(text, strlen(text), (CALL_ONCE - 1) / 2, call->once);
    return true;
}

static bool answer_again(struct api_call *call, const json *kept, struct err *err)
{
    const json *streamed = json_get(kept, "streamed");
    call->repeated = true;
    if (streamed)
        return run_stream(call, json_text(streamed, "company"), NULL, json_get(streamed, "tasks"),
                          json_flag(streamed, "goes_on", false), err);
    return api_answer(call, (int)json_int(kept, "status", 0), json_copy(json_get(kept, "answer")));
}

bool once_begin(struct api_call *call, bool *repeated, struct err *err)
{
    bool given, first = false;
    char digest[33];
    OWN_JSON json *mark = NULL, *kept = NULL;
    *repeated = false;
    if (!key_read(call, &given, err))
        return false;
    if (!given)
        return true;
    request_digest(call, digest);
    mark = json_new_object();
    json_set_text(mark, "route", call->route->path);
    json_set_text(mark, "body", digest);
    if (!ledger_once_take(call->ledger, call->once, json_write(mark), &first, &kept, err))
        return false;
    if (first)
        return true;
    if (json_has(kept, "body") && (strcmp(json_text(kept, "body"), digest) != 0 ||
                                   strcmp(json_text(kept, "route"), call->route->path) != 0)) {
        call->once[0] = 0; /* it is another request's */
        return err_set(err, ERR_FATAL, MHD_HTTP_UNPROCESSABLE_CONTENT,
                       "this Idempotency-Key was used for another request (%s) within a day; send "
                       "a new key for a new request",
                       json_text(kept, "route"));
    }
    if (!json_has(kept, "status")) {
        call->once[0] = 0;
        return err_set(err, ERR_FATAL, MHD_HTTP_CONFLICT,
                       "the first request of this Idempotency-Key is under way; ask again in some "
                       "seconds");
    }
    *repeated = answer_again(call, kept, err);
    call->once[0] = 0;
    return *repeated;
}

void once_end(struct api_call *call, bool good)
{
    struct err err = {0};
    char digest[33];
    if (!*call->once)
        return;
    OWN_JSON json *kept = json_new_object();
    request_digest(call, digest);
    json_set_text(kept, "route", call->route->path);
    json_set_text(kept, "body", digest);
    json_set_int(kept, "status", call->status);
    if (call->answer)
        json_set(kept, "answer", json_copy(call->answer));
    if (call->streamed)
        json_set(kept, "streamed", json_copy(call->streamed));
    if (!ledger_once_keep(call->ledger, call->once, good ? json_write(kept) : NULL, &err))
        log_warn("api.once_lost", TEXT("path", call->path), TEXT("error", err.text));
}

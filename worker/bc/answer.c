/* answer.c - codes first, then the status, never the message (it is translated), but for the two
 * codes that hide a lost lock behind a text. */
#include "bc/answer.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *code; /* a closing * = any code that begins so */
    enum bc_verdict verdict;
    enum err_kind kind;
} CODES[] = {
    {"Application_TooManyRequests",      BC_LATER,   ERR_THROTTLED},
    {"Request_EntityChanged",            BC_REFUSED, ERR_RETRY    },
    {"Internal_EntityWithSameKeyExists", BC_REFUSED, ERR_FATAL    },
    {"SkipTokenIsNoLongerValid",         BC_REFUSED, ERR_RETRY    },
    {"Internal_RecordNotFound",          BC_REFUSED, ERR_FATAL    },
    {"Authorization_*",                  BC_REFUSED, ERR_FATAL    },
};

static const struct {
    int first, last;
    enum bc_verdict verdict;
    enum err_kind kind;
    const char *text;   /* where the body says nothing */
    const char *advice; /* what a person can do; "" = nothing, or the body says it */
} STATUSES[] = {
    {401, 401, BC_TOKEN,   ERR_FATAL,     "the token or the app's registration is refused",
     "check the credential, and the app's registration in Business Central"                                          },
    {403, 403, BC_REFUSED, ERR_FATAL,     "refused",
     "give the app's user the permissions for it in Business Central"                                                },
    {404, 404, BC_REFUSED, ERR_FATAL,     "not found",
     "check the company's tenant, environment and id, and that the record stands"                                    },
    {408, 408, BC_BROKEN,  ERR_RETRY,     "the server cancelled the call after 8 minutes",  ""                       },
    {409, 409, BC_AGAIN,   ERR_RETRY,     "a lock was lost",                                ""                       },
    {412, 412, BC_REFUSED, ERR_RETRY,     "the record has changed",                         ""                       },
    {429, 429, BC_LATER,   ERR_THROTTLED, "too many requests",                              ""                       },
    {400, 499, BC_REFUSED, ERR_FATAL,     "refused",                                        ""                       },
    {501, 501, BC_REFUSED, ERR_FATAL,     "not offered by this server",                     "update Business Central"},
    {500, 599, BC_BROKEN,  ERR_RETRY,     "the server failed",                              ""                       },
};

/* "…  CorrelationId:  0a1b2c3d-….": for the log, not for people. */
static void take_correlation(char *message, char *out, size_t size)
{
    static const char MARK[] = "CorrelationId:";
    char *at = strstr(message, MARK);
    if (!at)
        return;
    const char *id = at + sizeof MARK - 1;
    id += strspn(id, " ");
    snprintf(out, size, "%.*s", (int)strcspn(id, " ."), id);
    while (at > message && at[-1] == ' ')
        at--;
    *at = 0;
}

static bool code_is(const char *row, const char *code)
{
    size_t length = strlen(row);
    return row[length - 1] == '*' ? strncmp(row, code, length - 1) == 0 : strcmp(row, code) == 0;
}

/* A deadlock seen by AL code comes as a business error. */
static bool lock_lost(const char *code, const char *message)
{
    static const char *const TEXTS[] = {"deadlock", "locked by another user", "please retry",
                                        "try again"};
    if (strcmp(code, "Application_DialogException") != 0 &&
        strcmp(code, "Internal_ServerError") != 0)
        return false;
    for (size_t i = 0; i < COUNT(TEXTS); i++)
        if (strcasestr(message, TEXTS[i]))
            return true;
    return false;
}

static void judge(int status, const char *code, const char *message, int64_t retry_after_ms,
                  struct bc_answer *out, enum err_kind *kind, const char **text,
                  const char **advice)
{
    out->verdict = BC_BROKEN;
    *kind = ERR_RETRY;
    *text = "an answer that HTTP does not know";
    *advice = "";
    for (size_t i = 0; i < COUNT(STATUSES); i++) {
        if (status >= STATUSES[i].first && status <= STATUSES[i].last) {
            out->verdict = STATUSES[i].verdict;
            *kind = STATUSES[i].kind;
            *text = STATUSES[i].text;
            *advice = STATUSES[i].advice;
            break;
        }
    }
    /* 503 with a time is a door still closed (restart, upgrade, full queue): nothing ran. */
    if (status == 503 && retry_after_ms >= 0) {
        out->verdict = BC_LATER;
        *kind = ERR_THROTTLED;
        *text = "the server is not available";
    }
    for (size_t i = 0; *code && i < COUNT(CODES); i++) {
        if (status < 500 && code_is(CODES[i].code, code) && status != 401) {
            out->verdict = CODES[i].verdict;
            *kind = CODES[i].kind;
            return;
        }
    }
    if (status < 500 && status != 401 && lock_lost(code, message)) {
        out->verdict = BC_AGAIN;
        *kind = ERR_RETRY;
    }
}

void bc_answer_read(int status, const json *body, int64_t retry_after_ms, const char *doing,
                    struct bc_answer *out)
{
    const json *error = json_get(body, "error");
    const char *code = json_text(error, "code"), *text, *advice;
    char message[384];
    enum err_kind kind;

    memset(out, 0, sizeof *out);
    out->wait_ms = retry_after_ms;
    if (status >= 200 && status < 300)
        return;
    snprintf(message, sizeof message, "%s", json_text(error, "message"));
    take_correlation(message, out->correlation, sizeof out->correlation);
    judge(status, code, message, retry_after_ms, out, &kind, &text, &advice);
    err_set(&out->err, kind, status, "%s: %s, status %d%s%s%s%s", doing, *message ? message : text,
            status, *code ? " " : "", code, *advice ? "; " : "", advice);
    snprintf(out->err.peer_code, sizeof out->err.peer_code, "%s", code);
    if (kind == ERR_THROTTLED && retry_after_ms > 0)
        out->err.retry_after_ms = retry_after_ms;
}

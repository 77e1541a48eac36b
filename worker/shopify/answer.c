/* answer.c - reading Shopify's answers. Error bodies come as text, object or list; costs may or may
 * not have a decimal point; a filter that was not understood is only told in extensions.search. */
#include "shopify/answer.h"

#include <stdio.h>
#include <string.h>

static int64_t hundredths(const json *object, const char *name)
{
    struct decimal value;
    if (!json_decimal(object, name, &value))
        return -1;
    value = decimal_round(decimal_mul(value, decimal_from_int(100)), 0);
    return (int64_t)value.digits;
}

static int whole(const json *object, const char *name)
{
    int64_t value = hundredths(object, name);
    return value < 0 ? -1 : (int)((value + 99) / 100);
}

static void read_points(const json *root, struct points_status *out)
{
    const json *cost = json_path(root, "extensions.cost");
    const json *status = json_get(cost, "throttleStatus");
    out->requested = whole(cost, "requestedQueryCost");
    out->actual = whole(cost, "actualQueryCost");
    out->maximum = whole(status, "maximumAvailable");
    out->available_x100 = hundredths(status, "currentlyAvailable");
    out->restore_x100 = hundredths(status, "restoreRate");
}

/* The first words of whatever stands where `errors` should, for people. */
static void error_text(const json *root, char *out, size_t size)
{
    const json *errors = json_get(root, "errors");
    const char *text = json_string(errors);
    if (json_is_array(errors))
        text = json_is_object(json_at(errors, 0)) ? json_text(json_at(errors, 0), "message")
                                                  : json_string(json_at(errors, 0));
    else if (json_is_object(errors))
        text = json_write(errors);
    if (!*text)
        text = json_text(root, "error_description");
    if (!*text)
        text = json_text(root, "error");
    snprintf(out, size, "%.200s", text);
}

struct status_row {
    int first, last;
    enum answer_kind kind;
    enum err_kind err;
    const char *text;
};
static const struct status_row STATUSES[] = {
  /* clang-format off */
    {401, 401, ANSWER_TOKEN, ERR_FATAL, "the access token is refused; check the shop's credential"},
    {402, 402, ANSWER_CLOSED, ERR_FATAL,
     "the store is frozen (402); its owner has to settle the plan"},
    {403, 403, ANSWER_CLOSED, ERR_FATAL,
     "access is forbidden (403); check the app's installation and scopes"},
    {404, 404, ANSWER_CLOSED, ERR_FATAL,
     "no such store or API version (404); check the shop's address"},
    {423, 423, ANSWER_CLOSED, ERR_FATAL, "the store is locked (423); ask Shopify's support why"},
    {429, 429, ANSWER_LATER, ERR_THROTTLED, "too many requests (429)"},
    {430, 430, ANSWER_CLOSED, ERR_FATAL,
     "the traffic was rejected as suspicious (430); stop and look into it"},
    {400, 499, ANSWER_REFUSED, ERR_FATAL, "the request was refused"},
    {500, 599, ANSWER_BROKEN, ERR_RETRY, "Shopify failed"},
    {300, 399, ANSWER_CLOSED, ERR_FATAL, "a redirect; use the store's own myshopify.com address"},
  /* clang-format on */
};

static void read_status(const struct http_call *call, const char *store, struct answer *out)
{
    char said[256] = "";
    struct err ignored;
    OWN_JSON json *root = NULL;
    if (json_parse(buf_str(&call->answer), call->answer.size, &root, &ignored))
        error_text(root, said, sizeof said);
    out->kind = ANSWER_BROKEN;
    for (size_t i = 0; i < COUNT(STATUSES); i++) {
        const struct status_row *row = &STATUSES[i];
        if (call->status < row->first || call->status > row->last)
            continue;
        out->kind = row->kind;
        err_set(&out->err, row->err, call->status, "%s: %s%s%s, status %d", store, row->text,
                *said ? ": " : "", said, call->status);
        break;
    }
    if (out->kind == ANSWER_BROKEN && out->err.kind == ERR_NONE)
        err_set(&out->err, ERR_RETRY, call->status, "%s: answered status %d", store, call->status);
    /* The limit of a day is over tomorrow, not in the seconds that the answer names. */
    if (out->kind == ANSWER_LATER && strstr(said, "variant creation limit")) {
        out->kind = ANSWER_REFUSED;
        out->err.kind = ERR_FATAL;
        snprintf(out->err.peer_code, sizeof out->err.peer_code, "VARIANT_THROTTLE_EXCEEDED");
    }
    if (out->kind == ANSWER_LATER) {
        out->wait_ms = http_retry_after_ms(call);
        if (out->wait_ms < 0)
            out->wait_ms = 1000;
        out->err.retry_after_ms = out->wait_ms;
    }
}

static const struct {
    const char *code;
    enum answer_kind kind;
    const char *advice;
} CODES[] = {
  /* clang-format off */
    {"THROTTLED", ANSWER_THROTTLED, "the store's budget is used up"},
    {"INTERNAL_SERVER_ERROR", ANSWER_BROKEN, "Shopify failed inside"},
    {"TIMEOUT", ANSWER_BROKEN, "Shopify ran out of time"},
    {"SHOP_INACTIVE", ANSWER_CLOSED, "the store is not active"},
    {"MAX_COST_EXCEEDED", ANSWER_REFUSED,
     "the document costs more than one may; a fault of this program"},
    {"MAX_INPUT_SIZE_EXCEEDED", ANSWER_REFUSED, "a list of more than 250; a fault of this program"},
  /* clang-format on */
};

/* A missing access says which one, so that a person knows what to grant. */
static void read_denied(const json *error, const char *store, struct answer *out)
{
    const char *needed = json_string(json_path(error, "extensions.requiredAccess"));
    char place[96] = "";
    for (size_t i = 0; i < json_count(json_get(error, "path")) && i < 4; i++) {
        const char *step = json_string(json_at(json_get(error, "path"), i));
        snprintf(place + strlen(place), sizeof place - strlen(place), "%s%s", i ? "." : "", step);
    }
    out->kind = ANSWER_REFUSED;
    err_set(&out->err, ERR_FATAL, 0, "%s: access to %s is denied; grant the app: %s", store,
            *place ? place : "this field", *needed ? needed : json_text(error, "message"));
}

static void read_errors(const json *errors, const char *store, struct answer *out)
{
    const json *error = json_is_array(errors) ? json_at(errors, 0) : NULL;
    const char *code = json_string(json_path(error, "extensions.code"));
    char said[256];

    error_text(out->root, said, sizeof said);
    char *request = strstr(said, "\nRequest ID:"); /* no name that people know; the log has it */
    if (request)
        *request = 0;
    out->kind = ANSWER_REFUSED;
    if (strcmp(code, "ACCESS_DENIED") == 0) {
        read_denied(error, store, out);
    } else {
        const char *advice = NULL;
        for (size_t i = 0; i < COUNT(CODES); i++) {
            if (strcmp(code, CODES[i].code) == 0) {
                out->kind = CODES[i].kind;
                advice = CODES[i].advice;
            }
        }
        enum err_kind kind = out->kind == ANSWER_THROTTLED ? ERR_THROTTLED
                             : out->kind == ANSWER_BROKEN  ? ERR_RETRY
                                                           : ERR_FATAL;
        err_set(&out->err, kind, 0, "%s: %s%s%s%s%s", store, advice ? advice : "",
                advice ? ": " : "", said, *code ? ", " : "", code);
    }
    snprintf(out->err.peer_code, sizeof out->err.peer_code, "%s", code);
}

static bool read_search(const json *root, const char *store, struct answer *out)
{
    const json *search = json_path(root, "extensions.search");
    for (size_t i = 0; i < json_count(search); i++) {
        const json *warning = json_at(json_get(json_at(search, i), "warnings"), 0);
        if (!warning)
            continue;
        out->kind = ANSWER_REFUSED;
        return err_set(&out->err, ERR_FATAL, 0,
                       "%s: the filter was not understood, so that everything would match: %s (%s)",
                       store, json_text(warning, "message"), json_text(warning, "field"));
    }
    return true;
}

static void read_body(const struct http_call *call, const char *store, struct answer *out)
{
    struct err problem;
    if (!json_parse(buf_str(&call->answer), call->answer.size, &out->root, &problem)) {
        out->kind = ANSWER_BROKEN;
        err_set(&out->err, ERR_RETRY, call->status, "%s: the answer is %s", store, problem.text);
        return;
    }
    read_points(out->root, &out->points);
    const json *errors = json_get(out->root, "errors");
    out->data = json_get(out->root, "data");
    if (errors && (!json_is_array(errors) || json_count(errors) > 0)) {
        read_errors(errors, store, out);
        return;
    }
    if (!json_is_object(out->data)) {
        out->kind = ANSWER_BROKEN;
        err_set(&out->err, ERR_RETRY, call->status, "%s: an answer without data", store);
        return;
    }
    if (read_search(out->root, store, out))
        out->kind = ANSWER_OK;
}

void answer_read(const struct http_call *call, const struct document *document, const char *version,
                 const char *store, struct answer *out)
{
    memset(out, 0, sizeof *out);
    out->points = (struct points_status){-1, -1, -1, -1, -1};
    http_header(call, "X-Request-Id", out->request_id, sizeof out->request_id);
    if (call->status == 200)
        read_body(call, store, out);
    else
        read_status(call, store, out);

    http_header(call, "X-Shopify-API-Version", out->served, sizeof out->served);
    out->other_version = *out->served && strcmp(out->served, version) != 0;
    /* A query's answer in another version's shape is no basis for decisions. A mutation has
     * happened. */
    if (out->kind == ANSWER_OK && out->other_version && !document->mutation) {
        out->kind = ANSWER_CLOSED;
        err_set(&out->err, ERR_FATAL, 0,
                "%s: API version %s was asked for and %s was served; set a supported version",
                store, version, out->served);
    }
    if (out->err.kind != ERR_NONE)
        err_wrap(&out->err, "%s", document->operation);
}

void answer_drop(struct answer *answer)
{
    json_free(answer->root);
    answer->root = answer->data = NULL;
}

/* call.c - what handlers read and how they answer. */
#include "admin/call.h"

#include <errno.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "companies.h"
#include "ledger/commands.h"

const char *api_query(const struct api_call *call, const char *name)
{
    const char *value = MHD_lookup_connection_value(call->connection, MHD_GET_ARGUMENT_KIND, name);
    return value && *value ? value : NULL;
}

bool api_query_flag(const struct api_call *call, const char *name)
{
    const char *text = api_query(call, name);
    return text && strcmp(text, "true") == 0;
}

bool api_query_int(const struct api_call *call, const char *name, int64_t lowest, int64_t highest,
                   int64_t otherwise, int64_t *out, struct err *err)
{
    const char *value = api_query(call, name);
    *out = otherwise;
    if (!value)
        return true;
    char *end = NULL;
    errno = 0;
    int64_t number = strtoll(value, &end, 10);
    if (errno || *end || number < lowest || number > highest)
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "%s takes a number from %" PRId64 " to %" PRId64, name, lowest, highest);
    *out = number;
    return true;
}

void api_problem(struct api_call *call, const char *code, json *values)
{
    json_free(call->problem);
    call->problem = json_new_object();
    json_set_text(call->problem, "code", code);
    json_set(call->problem, "values", values);
}

bool api_answer(struct api_call *call, int status, json *tree)
{
    json_free(call->answer);
    call->status = status;
    call->answer = tree;
    return true;
}

static bool respond(struct api_call *call, const char *type, const char *bytes, size_t size,
                    enum MHD_ResponseMemoryMode mode)
{
    /* libmicrohttpd takes the pointer without const, and does not write through it. */
    call->response = MHD_create_response_from_buffer(size, (void *)(uintptr_t)bytes, mode);
    assert(call->response);
    MHD_add_response_header(call->response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    return true;
}

bool api_static(struct api_call *call, const char *type, const char *bytes, size_t size)
{
    return respond(call, type, bytes, size, MHD_RESPMEM_PERSISTENT);
}

bool api_text(struct api_call *call, const char *type, const char *text)
{
    return respond(call, type, text, strlen(text), MHD_RESPMEM_MUST_COPY);
}

bool api_changed(struct api_call *call, const char *change, const char *id)
{
    json *answer = json_new_object();
    json_set_text(answer, "change", change);
    json_set_text(answer, "id", id);
    return api_answer(call, MHD_HTTP_OK, answer);
}

/* ---- which company ---- */

bool api_company_named(struct api_call *call, const char *text, char out[static UUID_TEXT],
                       struct err *err)
{
    return company_named(call->ledger, text, out, err);
}

bool api_company(struct api_call *call, char out[static UUID_TEXT], struct err *err)
{
    const char *text = api_query(call, "company");
    if (!text)
        text = json_text(call->body, "company");
    if (*text)
        return api_company_named(call, text, out, err);

    OWN_JSON json *companies = NULL;
    if (!ledger_companies(call->ledger, &companies, err))
        return false;
    if (json_count(companies) == 0)
        return err_set(err, ERR_FATAL, MHD_HTTP_NOT_FOUND,
                       "there is no company yet; add one with `cartage apply -f FILE`");
    if (json_count(companies) > 1)
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "company is missing, and there are %zu; say which one (--company NAME)",
                       json_count(companies));
    snprintf(out, UUID_TEXT, "%s", json_string(json_at(companies, 0)));
    return true;
}

bool api_companies(struct api_call *call, json **out, struct err *err)
{
    const char *text = api_query(call, "company");
    if (!text && *json_text(call->body, "company"))
        text = json_text(call->body, "company");
    if (!text)
        return ledger_companies(call->ledger, out, err);
    char id[UUID_TEXT];
    if (!api_company_named(call, text, id, err))
        return false;
    *out = json_new_array();
    json_add_text(*out, id);
    return true;
}

void api_add_rows(json *rows, const json *part, const char *company)
{
    for (size_t i = 0; i < json_count(part); i++) {
        json *row = json_copy(json_at(part, i));
        json_set_text(row, "company", company);
        json_add(rows, row);
    }
}

bool api_holder(struct api_call *call, const char *id, api_reader read,
                char company[static UUID_TEXT], json **out, struct err *err)
{
    OWN_JSON json *companies = NULL;
    if (!api_companies(call, &companies, err))
        return false;
    if (json_count(companies) != 1 && strspn(id, "0123456789") == strlen(id)) {
        if (!api_company(call, company, err))
            return false;
        return read(call->ledger, company, id, out, err);
    }
    for (size_t i = 0; i < json_count(companies); i++) {
        snprintf(company, UUID_TEXT, "%s", json_string(json_at(companies, i)));
        err_clear(err);
        if (read(call->ledger, company, id, out, err))
            return true;
        if (err->code != MHD_HTTP_NOT_FOUND)
            return false;
    }
    if (json_count(companies) == 1)
        return false; /* it said what is missing there */
    return err_set(err, ERR_FATAL, MHD_HTTP_NOT_FOUND, "\"%s\" is not known%s", id,
                   json_count(companies) ? " in any company" : ": there is no company yet");
}

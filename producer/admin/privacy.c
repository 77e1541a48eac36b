/* privacy.c - what is kept of a customer, for whoever he asks: as a file, or gone. */
#include <microhttpd.h>

#include "admin/routes.h"
#include "store/privacy.h"

bool customers_delete(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    size_t erased = 0;
    if (!api_company(call, company, err) ||
        !privacy_forget(call->ledger, company, call->params[0], NULL, &erased, err))
        return false;
    json *answer = json_new_object();
    json_set_text(answer, "change", "erased");
    json_set_text(answer, "id", call->params[0]);
    json_set_int(answer, "orders", (int64_t)erased);
    return api_answer(call, MHD_HTTP_OK, answer);
}

bool customers_data(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    json *answer = NULL;
    return api_company(call, company, err) &&
           privacy_gather(call->ledger, company, call->params[0], NULL, &answer, err) &&
           api_answer(call, MHD_HTTP_OK, answer);
}

bool data_requests_list(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    json *rows = NULL;
    if (!api_company(call, company, err) || !privacy_files(call->ledger, company, &rows, err))
        return false;
    json *answer = json_new_object();
    json_set(answer, "requests", rows);
    return api_answer(call, MHD_HTTP_OK, answer);
}

bool data_requests_get(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    json *answer = NULL;
    return api_company(call, company, err) &&
           privacy_file(call->ledger, company, call->params[0], &answer, err) &&
           api_answer(call, MHD_HTTP_OK, answer);
}

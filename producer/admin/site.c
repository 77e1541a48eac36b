/* site.c - what a monitor asks for: this API's description, health, counters. */
#include <microhttpd.h>

#include "admin/routes.h"
#include "base/embed.h"
#include "metrics/metrics.h"

bool site_openapi(struct api_call *call, struct err *err)
{
    const struct embedded *file = embed_find(EMBED_openapi_documents, "openapi.json");
    if (!file)
        return err_set(err, ERR_FATAL, MHD_HTTP_NOT_FOUND, "this build has no description");
    return api_static(call, "application/json", file->text, file->size);
}

/* Opens its own way to Redis, because a load balancer asks this to learn whether there is one. */
bool site_health(struct api_call *call, struct err *err)
{
    OWN(ledger) struct ledger *ledger = NULL;
    struct incarnation incarnation;
    struct err why = {0};
    (void)err;
    bool good = ledger_open(&call->config->ledger, &ledger, &why) &&
                ledger_incarnation(ledger, &incarnation, &why);
    json *answer = json_new_object();
    json_set_bool(answer, "ok", good);
    json_set_text(answer, "environment", call->config->environment);
    json_set_text(answer, "version", CARTAGE_VERSION);
    json_set_text(answer, "redis", good ? "up" : err_kind_name(why.kind));
    return api_answer(call, good ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE, answer);
}

bool site_metrics(struct api_call *call, struct err *err)
{
    OWN_BUF struct buf text = {0};
    (void)err;
    metrics_write(&text);
    return api_text(call, "application/openmetrics-text; version=1.0.0; charset=utf-8",
                    buf_str(&text));
}

/* site.c - what a browser and a monitor ask for: the page, this API's description, health,
 * counters. */
#include <microhttpd.h>
#include <string.h>

#include "admin/routes.h"
#include "base/embed.h"
#include "metrics/metrics.h"

static const struct {
    const char *path, *file, *type;
} FILES[] = {
    {"/",          "index.html", "text/html; charset=utf-8"      },
    {"/app.mjs",   "app.mjs",    "text/javascript; charset=utf-8"},
    {"/view.mjs",  "view.mjs",   "text/javascript; charset=utf-8"},
    {"/style.css", "style.css",  "text/css; charset=utf-8"       },
};

bool site_page(struct api_call *call, struct err *err)
{
    for (size_t i = 0; i < COUNT(FILES); i++) {
        const struct embedded *file = embed_find(EMBED_web_pages, FILES[i].file);
        if (file && strcmp(call->path, FILES[i].path) == 0)
            return api_static(call, FILES[i].type, file->text, file->size);
    }
    return err_set(err, ERR_FATAL, MHD_HTTP_NOT_FOUND, "this build has no page %s", call->path);
}

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

/* site.c - what a monitor asks for: this API's description, health, counters. */
#include <microhttpd.h>
#include <pthread.h>

#include "admin/routes.h"
#include "base/embed.h"
#include "base/log.h"
#include "ledger/gauges.h"
#include "metrics/metrics.h"
#include "metrics/series.h"

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

static void set(enum series_family family, int64_t value, const char *category)
{
    series_set(family, value * 1000, LABELS(category));
}

static void set_category(const struct category_gauge *of)
{
    int64_t running = of->held > of->ready ? of->held - of->ready : 0;
    set(SERIES_QUEUE_READY, of->ready, of->category);
    series_set(SERIES_QUEUE_READY_AGE, of->ready_age, LABELS(of->category));
    set(SERIES_QUEUE_WAITING, of->waiting, of->category);
    series_set(SERIES_QUEUE_WAITING_AGE, of->waiting_age, LABELS(of->category));
    set(SERIES_QUEUE_RUNNING, running, of->category);
    series_set(SERIES_PERMITS, of->permits * 1000, LABELS(of->category, "all"));
    series_set(SERIES_PERMITS, of->held * 1000, LABELS(of->category, "held"));
}

/* What stands in Redis is every producer's to tell: none of it is told while Redis is away. */
static void set_gauges(struct api_call *call)
{
    static const enum series_family ALL[] = {SERIES_QUEUE_READY,   SERIES_QUEUE_READY_AGE,
                                             SERIES_QUEUE_WAITING, SERIES_QUEUE_WAITING_AGE,
                                             SERIES_QUEUE_RUNNING, SERIES_PERMITS,
                                             SERIES_QUEUE_DUE,     SERIES_QUEUE_DUE_AGE,
                                             SERIES_LEASES,        SERIES_FAILED_ENTRIES};
    OWN(ledger) struct ledger *ledger = NULL;
    struct incarnation incarnation;
    struct queue_gauges gauges;
    struct err why = {0};
    bool good = ledger_open(&call->config->ledger, &ledger, &why) &&
                ledger_incarnation(ledger, &incarnation, &why) &&
                ledger_gauges(ledger, &gauges, &why);
    for (size_t i = 0; i < COUNT(ALL); i++)
        series_clear(ALL[i]);
    series_set(SERIES_REDIS_UP, good * 1000, NO_LABELS);
    if (!good) {
        log_warn("metrics.incomplete", TEXT("reason", why.text));
        return;
    }
    series_set(SERIES_QUEUE_DUE, gauges.due * 1000, NO_LABELS);
    series_set(SERIES_QUEUE_DUE_AGE, gauges.due_age, NO_LABELS);
    series_set(SERIES_LEASES, (gauges.leases - gauges.over) * 1000, LABELS("held"));
    series_set(SERIES_LEASES, gauges.over * 1000, LABELS("over"));
    series_set(SERIES_FAILED_ENTRIES, gauges.failed * 1000, NO_LABELS);
    for (size_t i = 0; i < gauges.count; i++)
        set_category(&gauges.categories[i]);
}

/* Opens its own way to Redis: a monitor is answered while there is none, too. */
bool site_metrics(struct api_call *call, struct err *err)
{
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    OWN_BUF struct buf text = {0};
    (void)err;
    pthread_mutex_lock(&one_at_a_time);
    set_gauges(call);
    metrics_write(&text);
    pthread_mutex_unlock(&one_at_a_time);
    return api_text(call, METRICS_TYPE, buf_str(&text));
}

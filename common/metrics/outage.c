/* outage.c - remembers whether it has spoken. */
#include "metrics/outage.h"

#include "base/log.h"
#include "metrics/metrics.h"

void outage_begin(struct outage *outage, const struct err *err)
{
    metric_add(METRIC_LOOP_ERRORS, 1);
    if (!outage->on)
        log_warn("outage.began", TEXT("loop", outage->loop), TEXT("kind", err_kind_name(err->kind)),
                 TEXT("reason", err->text));
    outage->on = true;
}

void outage_end(struct outage *outage)
{
    if (outage->on)
        log_info("outage.ended", TEXT("loop", outage->loop));
    outage->on = false;
}

/* audit.c - every quarter of an hour, and at the start, proves that each entry stands where it
 * must.
 *
 * What is found wrong has been put right by the script that saw it; it stands in the history, in
 * the log and in a metric, because there is none as long as the queue keeps its promises. Of
 * several producers one walks; two at once would only look twice.
 */
#include "ledger/audit.h"

#include "loops.h"
#include "metrics/metrics.h"

enum { PERIOD_MS = 15 * 60000, LOOK_MS = 5000, PACE_MS = 5, KEEP_MS = 10000 };

static void tell(const struct audit_step *step)
{
    for (size_t i = 0; i < step->count; i++) {
        metric_add(METRIC_AUDIT_ANOMALIES, 1);
        log_warn("audit.anomaly", TEXT("entry", step->found[i].entry),
                 TEXT("text", step->found[i].what));
    }
}

static bool step_once(struct loops *loops, struct ledger *ledger, struct audit *audit,
                      struct audit_step *step, struct err *err)
{
    struct tickets granted = {0};
    bool good = audit_next(audit, ledger, step, &granted, err);
    if (good)
        tell(step);
    publisher_tickets(loops->publisher, &granted);
    tickets_drop(&granted);
    return good;
}

/* The whole data set, at a pace that leaves Redis to the work: a million entries take some minutes.
 */
static bool walk(struct loops *loops, struct ledger *ledger, struct err *err)
{
    OWN(audit) struct audit *audit = audit_new();
    struct audit_step *step = mem_new(sizeof *step);
    int64_t began_ms = clock_mono_ms(loops->clock), kept_ms = began_ms, entries = 0, anomalies = 0;
    bool good = true;
    while (good && !step->done && loops_wait(loops, PACE_MS)) {
        int64_t now_ms = clock_mono_ms(loops->clock);
        if (now_ms - kept_ms > KEEP_MS) {
            good = audit_keep(ledger, loops->id, err);
            kept_ms = now_ms;
        }
        good = good && step_once(loops, ledger, audit, step, err);
        entries += good ? (int64_t)step->entries : 0;
        anomalies += good ? (int64_t)step->count : 0;
    }
    bool done = good && step->done;
    free(step);
    if (!done)
        return good;
    metric_add(METRIC_AUDIT_PASSES, 1);
    log_info("audit.passed", NUM("entries", entries), NUM("anomalies", anomalies),
             NUM("ms", clock_mono_ms(loops->clock) - began_ms));
    return audit_over(ledger, PERIOD_MS, err);
}

static bool audit_round(struct loops *loops, struct ledger *ledger, bool *at_once, struct err *err)
{
    bool mine, busy;
    if (!audit_turn(ledger, loops->id, *at_once, &mine, &busy, err))
        return false;
    if (busy) /* that walk is as good as ours */
        *at_once = false;
    if (!mine)
        return true;
    if (!walk(loops, ledger, err))
        return err_wrap(err, "audit");
    *at_once = false;
    return true;
}

void *audit_loop(void *shared)
{
    struct loops *loops = shared;
    struct outage outage = {.loop = "audit"};
    OWN(ledger) struct ledger *ledger = NULL;
    struct err err;
    bool at_once = true;
    int64_t connects = 0;

    do {
        if (atomic_load(&loops->suspended))
            continue;
        if ((ledger || ledger_open(&loops->ledger, &ledger, &err)) &&
            audit_round(loops, ledger, &at_once, &err)) {
            /* A Redis that was away may have lost its last second. */
            at_once |= connects && redis_connects(ledger_redis(ledger)) != connects;
            connects = redis_connects(ledger_redis(ledger));
            outage_end(&outage);
        } else {
            outage_begin(&outage, &err);
        }
    } while (loops_wait(loops, LOOK_MS));
    return NULL;
}

/* trim.c - keeps the companies' logs, and the skips that need nobody, as long and as far back as
 * their settings say; and erases the customers that are to be forgotten.
 *
 * Every producer does it, now and then; two at once remove nothing twice. One call looks at up to
 * 64 companies, or one shop, and removes a bounded number of records, so that no tick waits for it.
 */
#include "loops.h"

#include <stdlib.h>
#include <string.h>

#include "companies.h"
#include "ledger/commands.h"
#include "ledger/log.h"
#include "store/forget.h"
#include "store/privacy.h"

enum { PERIOD_MS = 300000, OUTAGE_MS = 5000, COMPANIES_A_CALL = 64, SKIP_DAYS = 30 };

struct batch { /* companies of one bucket */
    const char *companies[COMPANIES_A_CALL];
    size_t count;
};

static bool trim_batch(struct loops *loops, struct ledger *ledger, int bucket, struct batch *batch,
                       struct err *err)
{
    size_t removed, more = batch->count ? 1 : 0;
    while (more && !atomic_load(&loops->ending)) {
        if (!ledger_trim(ledger, bucket, batch->companies, batch->count, &removed, &more, err))
            return false;
        if (removed)
            log_info("log.trimmed", NUM("bucket", bucket), NUM("records", removed));
    }
    batch->count = 0;
    return true;
}

static bool forget_skips(struct loops *loops, struct ledger *ledger, const char *company,
                         struct err *err)
{
    OWN_JSON json *settings = NULL;
    const char *field;
    json *shop;
    if (!ledger_settings_all(ledger, company, &settings, err))
        return false;
    int64_t days = json_int(json_get(settings, "company"), "skip_days", SKIP_DAYS), gone;
    JSON_EACH(field, shop, settings)
    {
        if (strncmp(field, "shop:", 5) != 0)
            continue;
        do {
            if (!store_forget(ledger, company, field + 5, days, &gone, err))
                return false;
            if (gone)
                log_info("skips.forgotten", TEXT("shop", field + 5), NUM("records", gone));
        } while (gone && !atomic_load(&loops->ending));
    }
    return true;
}

static bool trim_round(struct loops *loops, struct ledger *ledger, struct err *err)
{
    OWN_JSON json *companies = NULL;
    if (!ledger_companies(ledger, &companies, err))
        return false;
    json_add_text(companies, COMPANY_NONE);
    size_t buckets = (size_t)ledger_buckets(ledger);
    struct batch *batches = mem_array(buckets, sizeof *batches);
    bool good = true;
    for (size_t i = 0; good && i < json_count(companies); i++) {
        const char *company = json_string(json_at(companies, i));
        int bucket = ledger_bucket(ledger, company);
        struct batch *batch = &batches[bucket];
        batch->companies[batch->count++] = company;
        if (batch->count == COMPANIES_A_CALL)
            good = trim_batch(loops, ledger, bucket, batch, err);
        good = good && forget_skips(loops, ledger, company, err) &&
               (strcmp(company, COMPANY_NONE) == 0 || privacy_round(ledger, company, err));
    }
    for (size_t bucket = 0; good && bucket < buckets; bucket++)
        good = trim_batch(loops, ledger, (int)bucket, &batches[bucket], err);
    free(batches);
    return good;
}

void *trim_loop(void *shared)
{
    struct loops *loops = shared;
    struct outage outage = {.loop = "trim"};
    OWN(ledger) struct ledger *ledger = NULL;
    struct err err;
    int wait;

    do {
        wait = PERIOD_MS;
        if (atomic_load(&loops->suspended))
            continue;
        if ((ledger || ledger_open(&loops->ledger, &ledger, &err)) &&
            trim_round(loops, ledger, &err)) {
            outage_end(&outage);
        } else {
            outage_begin(&outage, &err);
            wait = OUTAGE_MS;
        }
    } while (loops_wait(loops, wait));
    return NULL;
}

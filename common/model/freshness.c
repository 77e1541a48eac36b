/* freshness.c - steps from a quarter of a second to a day. */
#include "model/freshness.h"

static const char *const KINDS[FRESH_KINDS] = {
    [FRESH_ORDERS] = "orders",     [FRESH_SHIPMENTS] = "shipments", [FRESH_STOCK] = "stock",
    [FRESH_PRODUCTS] = "products", [FRESH_CUSTOMERS] = "customers",
};

static const int64_t ENDS[FRESH_STEPS] = {250,   500,    1000,   2000,   3000,    5000,
                                          10000, 15000,  20000,  30000,  45000,   60000,
                                          75000, 120000, 300000, 900000, 3600000, FRESH_MOST_MS};

const char *fresh_kind_name(enum fresh_kind kind)
{
    assert(kind < FRESH_KINDS);
    return KINDS[kind];
}

size_t fresh_step(int64_t age_ms)
{
    size_t step = 0;
    while (step < FRESH_STEPS - 1 && age_ms > ENDS[step])
        step++;
    return step;
}

int64_t fresh_step_end(size_t step)
{
    assert(step < FRESH_STEPS);
    return ENDS[step];
}

int64_t fresh_count(const struct fresh_tally *tally)
{
    int64_t count = 0;
    for (size_t i = 0; i < FRESH_STEPS; i++)
        count += tally->steps[i];
    return count;
}

int64_t fresh_percentile(const struct fresh_tally *tally, int percent)
{
    int64_t count = fresh_count(tally), below = 0;
    for (size_t i = 0; i < FRESH_STEPS; i++) {
        below += tally->steps[i];
        if (count > 0 && below * 100 >= count * percent)
            return ENDS[i];
    }
    return 0;
}

const char *fresh_colour(const struct fresh_tally *tally)
{
    int64_t count = fresh_count(tally);
    return tally->late * 100 <= count ? "green" : tally->late * 10 <= count ? "yellow" : "red";
}

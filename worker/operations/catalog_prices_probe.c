/* catalog_prices_probe.c - prices that were worked out here, beside Business Central's own word.
 *
 * A quote is made and deleted again (worker/bc/catalogue_quotes.c says why that may happen twice).
 * An app in Business Central may change prices in ways that no table shows: one price that differs
 * stops all catalogs of these terms, before anything of this page is sent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "operations/catalog_prices.h"

/* Every so-manieth price, across pages: the first one always. */
static bool is_sampled(struct context *context, int64_t percent)
{
    int64_t before = context->probed++ * percent;
    return before == 0 || before / 100 != (before + percent) / 100;
}

static void refuse(struct catalog_prices *run, struct context *context, const struct bc_price *ours,
                   const struct bc_price *theirs)
{
    char here[DECIMAL_TEXT], there[DECIMAL_TEXT], detail[200];
    decimal_format(ours->price, here);
    decimal_format(theirs->price, there);
    snprintf(detail, sizeof detail, "item %.20s %.10s: %s here, %s on a quote for customer %.20s",
             ours->item->number, ours->variant ? ours->variant->code : "", here,
             theirs->skip == BC_PRICED ? there : "refused", context->terms.customer);
    context->stopped = true;
    for (size_t i = 0; i < run->catalog_count; i++)
        if (run->catalogs[i].context == context)
            catalog_stop(run, &run->catalogs[i], REASON_PRICE_RULE, detail);
}

bool catalog_prices_probe(struct catalog_prices *run, struct context *context,
                          const struct bc_price *prices, size_t count, struct err *err)
{
    int64_t percent = run->run.shop->price_probe;
    if (percent == 0 || !*context->terms.customer)
        return true; /* a quote is for a customer: others cannot be compared */
    struct arena_mark mark = arena_mark(run->arena);
    const struct bc_price **ours = arena_array(run->arena, count + 1, sizeof *ours);
    struct bc_price *theirs = arena_array(run->arena, count + 1, sizeof *theirs);
    size_t asked = 0;
    for (size_t i = 0; i < count; i++)
        if (prices[i].skip == BC_PRICED && prices[i].source == BC_PRICE_LISTS &&
            is_sampled(context, percent)) {
            ours[asked] = &prices[i];
            theirs[asked++] = (struct bc_price){
                .item = prices[i].item, .variant = prices[i].variant, .unit = prices[i].unit};
        }
    bool ok =
        asked == 0 || bc_prices_by_quote(run->run.attempt, &context->asked, theirs, asked, err);
    for (size_t i = 0; ok && i < asked && !context->stopped; i++)
        if (theirs[i].skip != BC_PRICED || decimal_cmp(ours[i]->price, theirs[i].price) != 0 ||
            decimal_cmp(ours[i]->compare_at, theirs[i].compare_at) != 0)
            refuse(run, context, ours[i], &theirs[i]);
    arena_reset(run->arena, mark);
    return ok || err_wrap(err, "compare prices with quotes");
}

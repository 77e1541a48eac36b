/* products_prices.c - what variants cost at the shop, in the decimals of its currency; and whether
 * Business Central itself says the same.
 *
 * Prices are worked out here from price lists, where the company shows them, for thousands of
 * variants at once. A quote is Business Central's own word, and slow: so many of the prices that
 * have changed are asked of it as the shop wants, and its word goes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "model/order.h"
#include "operations/operations_table.h"
#include "operations/plan_gate.h"
#include "operations/products_run.h"

static const struct bc_variant *variant_of(const struct bc_item *item,
                                           const struct variant_draft *draft)
{
    for (size_t i = 0; draft->variant && i < item->variant_count; i++)
        if (strcmp(item->variants[i].id, draft->variant->id) == 0)
            return &item->variants[i];
    return NULL;
}

/* The store's currency decides, whatever Business Central calls it; asked once a store. */
static bool read_places(struct products *run, struct err *err)
{
    static const char *const FIELDS[] = {"currency"};
    OWN_TEXT char *key = shop_info_key(run->shop);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    if (run->places >= 0)
        return true;
    if (!store_read(run->attempt->ledger, run->company, keys, 1, FIELDS, 1, &rows, err))
        return false;
    if (*store_text(rows, 0, 0)) {
        run->places = money_places(store_text(rows, 0, 0));
        return true;
    }
    struct shopify_call call = {.document = "shop-info"};
    bool ok = shopify_ask(run->attempt, &call, err);
    if (ok) {
        const char *currency = json_string(json_path(call.data, "shop.currencyCode"));
        run->places = money_places(currency);
        write_add(run->write, "HSET", key, "currency", currency, NULL);
    }
    shopify_call_drop(&call);
    return ok || err_wrap(err, "read the store's currency");
}

static struct bc_terms terms_of(const struct products *run)
{
    const struct shop *shop = run->shop;
    return (struct bc_terms){
        .date = run->today,
        .currency = shop->currency,
        .price_group = shop->price_group,
        .discount_group = shop->discount_group,
        .vat_group = shop->price_vat_group,
        .customer = shop->price_customer,
        .line_discounts = shop->line_discounts,
        .include_vat = shop->prices_include_vat,
    };
}

static struct bc_price *questions(const struct priced *const list[], size_t count,
                                  struct arena *arena)
{
    struct bc_price *prices = arena_array(arena, count + 1, sizeof *prices);
    for (size_t i = 0; i < count; i++)
        prices[i] = (struct bc_price){.item = list[i]->item,
                                      .variant = variant_of(list[i]->item, list[i]->draft),
                                      .unit = list[i]->draft->unit};
    return prices;
}

bool products_price(struct products *run, struct priced *list, size_t count, struct arena *arena,
                    struct err *err)
{
    const struct bc_terms terms = terms_of(run);
    const struct priced **asked = arena_array(arena, count + 1, sizeof *asked);
    if (count == 0)
        return true;
    for (size_t i = 0; i < count; i++)
        asked[i] = &list[i];
    struct bc_price *prices = questions(asked, count, arena);
    if (!read_places(run, err) || !bc_prices(run->attempt, &terms, prices, count, err))
        return err_wrap(err, "price items");
    for (size_t i = 0; i < count; i++) {
        list[i].has = prices[i].skip == BC_PRICED;
        list[i].by_quote = prices[i].source == BC_PRICE_QUOTE;
        if (list[i].has)
            list[i].price =
                price_rounded(prices[i].price, prices[i].compare_at, prices[i].cost, run->places);
    }
    return true;
}

/* ---- the check ---- */

static void note(struct products *run, const struct bc_item *item, const char *detail)
{
    struct err why;
    OWN_TEXT char *id = mem_printf("price-%s", item->id);
    if (*detail) {
        log_warn("price.differs", TEXT("item", item->number), TEXT("why", detail));
        skip_one(run->attempt, run->write, id, item->number, REASON_PRICE_DIFFERS, detail, &why);
    } else {
        stage_skip_gone(run->write, id);
    }
}

static void take_word(struct products *run, struct priced *priced, const struct bc_price *word)
{
    OWN_BUF struct buf here = {0}, there = {0}, detail = {0};
    if (word->skip != BC_PRICED)
        return; /* a quote takes no such line: it says nothing of the price */
    const struct price said = price_rounded(word->price, word->compare_at, word->cost, run->places);
    price_write(&priced->price, &here);
    price_write(&said, &there);
    if (strcmp(buf_str(&here), buf_str(&there)) != 0)
        buf_printf(&detail, "item %s%s%s: %s here, %s by a quote (price/compare-at/cost)",
                   priced->item->number, priced->draft->variant ? " " : "",
                   priced->draft->variant ? priced->draft->variant->code : "", buf_str(&here),
                   buf_str(&there));
    note(run, priced->item, buf_str(&detail));
    priced->price = said;
}

bool products_check_prices(struct products *run, struct priced *const list[], size_t count,
                           struct arena *arena, struct err *err)
{
    const struct bc_terms terms = terms_of(run);
    if (count == 0)
        return true;
    struct bc_price *words = questions((const struct priced *const *)list, count, arena);
    if (!bc_prices_by_quote(run->attempt, &terms, words, count, err))
        return err_wrap(err, "check prices");
    for (size_t i = 0; i < count; i++)
        take_word(run, list[i], &words[i]);
    return true;
}

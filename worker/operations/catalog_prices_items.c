/* catalog_prices_items.c - items and their linked variants, priced for each context, against what
 * Shopify has confirmed on each list. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calendar/days.h"
#include "model/order.h"
#include "operations/catalog_prices.h"
#include "pricing/pricing.h"

struct sold { /* an item of the page that has a product */
    const struct bc_item *item;
    struct staged_variant *variants;
    size_t count;
    bool said; /* what is wrong with its prices: once, not once a context */
};
struct page {
    struct catalog_prices *run;
    struct arena *arena;
    struct sold *items;
    size_t count, variants;
    struct store_rows *products, **rows;
    size_t row_count;
};

static void page_drop(struct page *page)
{
    store_rows_free(page->products);
    for (size_t i = 0; i < page->row_count; i++)
        store_rows_free(page->rows[i]);
    arena_free(page->arena);
}

/* ---- what is linked ---- */

static bool read_products(struct page *page, const struct bc_items_page *items, struct err *err)
{
    const struct products *run = &page->run->run;
    OWN_IDS struct store_ids links = {0};
    const char **keys = arena_array(page->arena, items->count, sizeof *keys);
    const char **ids = arena_array(page->arena, items->count, sizeof *ids);
    for (size_t i = 0; i < items->count; i++)
        keys[i] =
            arena_printf(page->arena, "item-product:%s:%s", run->shop->code, items->items[i].id);
    if (!store_values(run->attempt->ledger, run->company, keys, items->count, &links, err))
        return false;
    page->items = arena_array(page->arena, items->count, sizeof *page->items);
    for (size_t i = 0; i < items->count; i++) {
        if (!*links.items[i])
            continue;
        ids[page->count] = arena_text(page->arena, links.items[i]);
        page->items[page->count++].item = &items->items[i];
    }
    return page->count == 0 || store_products(run->attempt->ledger, run->company, run->shop->code,
                                              ids, page->count, &page->products, err);
}

static const char **list_variants(struct page *page)
{
    size_t most = 1;
    for (size_t i = 0; i < page->count; i++)
        most += strlen(store_product_row(page->products, i).variants) / 2 + 1;
    const char **ids = arena_array(page->arena, most, sizeof *ids);
    for (size_t i = 0; i < page->count; i++) {
        char *rest = arena_text(page->arena, store_product_row(page->products, i).variants);
        for (char *id; (id = strtok_r(rest, ",", &rest)); page->items[i].count++)
            ids[page->variants++] = id;
    }
    return ids;
}

static bool read_variants(struct page *page, struct err *err)
{
    const struct products *run = &page->run->run;
    const char **ids = list_variants(page);
    struct staged_variant *all = arena_array(page->arena, page->variants + 1, sizeof *all);
    page->rows = arena_array(page->arena, page->variants / STORE_PAGE + 1, sizeof *page->rows);
    for (size_t from = 0; from < page->variants; from += STORE_PAGE) {
        size_t left = page->variants - from, size = left < STORE_PAGE ? left : STORE_PAGE;
        struct store_rows **rows = &page->rows[page->row_count];
        if (!store_variants(run->attempt->ledger, run->company, run->shop->code, ids + from, size,
                            rows, err))
            return false;
        page->row_count++;
        for (size_t i = 0; i < size; i++) {
            all[from + i] = store_variant_row(*rows, i);
            all[from + i].variant = ids[from + i];
        }
    }
    for (size_t i = 0, used = 0; i < page->count; used += page->items[i++].count)
        page->items[i].variants = &all[used];
    return true;
}

/* ---- prices ---- */

static const struct bc_variant *variant_of(const struct sold *sold,
                                           const struct staged_variant *staged)
{
    for (size_t i = 0; i < sold->item->variant_count; i++)
        if (strcmp(sold->item->variants[i].id, staged->item_variant) == 0)
            return &sold->item->variants[i];
    return NULL;
}

static struct bc_price *price_page(struct page *page, const struct context *context,
                                   struct err *err)
{
    struct bc_price *prices = arena_array(page->arena, page->variants + 1, sizeof *prices);
    size_t used = 0;
    for (size_t i = 0; i < page->count; i++)
        for (size_t k = 0; k < page->items[i].count; k++)
            prices[used++] = (struct bc_price){
                .item = page->items[i].item,
                .variant = variant_of(&page->items[i], &page->items[i].variants[k]),
                .unit = page->items[i].variants[k].uom,
            };
    return bc_prices(page->run->run.attempt, &context->asked, prices, used, err) ? prices : NULL;
}

static const char *why_not(const struct bc_price *price)
{
    if (price->skip == BC_PRICE_NO_UNIT)
        return *price->unit ? "its unit of measure is none of the item's" : "it has no unit";
    if (price->skip == BC_PRICE_REFUSED)
        return "a rate of VAT is missing, or Business Central has refused its line of a quote";
    return "neither its card nor a price list has a price";
}

/* A price of 0 is sent only where a line of a price list says so. */
static bool is_price(const struct bc_price *price)
{
    return price->skip == BC_PRICED &&
           (decimal_sign(price->price) > 0 || price->line || price->discount_line);
}

static void say_unpriced(struct page *page, struct sold *sold, const struct bc_price *price)
{
    if (sold->said || price->skip == BC_PRICE_BLOCKED)
        return;
    const struct item item = {.id = sold->item->id, .number = sold->item->number};
    sold->said = true;
    item_skip(&page->run->run, &item, REASON_PRICE_UNKNOWN, why_not(price));
}

static void say_breaks(struct page *page, struct sold *sold, const struct bc_price *price)
{
    if (sold->said || price->break_count <= BC_PRICE_BREAKS)
        return;
    const struct item item = {.id = sold->item->id, .number = sold->item->number};
    OWN_TEXT char *detail =
        mem_printf("%zu, the last from %" PRId64 " pieces on that is there", price->break_count,
                   price->breaks[BC_PRICE_BREAKS - 1].least);
    sold->said = true;
    item_skip(&page->run->run, &item, REASON_PRICE_BREAKS, detail);
}

/* ---- against what is confirmed ---- */

/* Of one item on one list, "variant=12.5/15@10:11,50:10;...": what stands there of this variant,
 * and how long it is. "" = nothing. */
static const char *confirmed_of(const char *sent, const char *variant, size_t *size)
{
    size_t name = strlen(variant);
    for (const char *at = sent; *at; at += *size, at += *at == ';') {
        *size = strcspn(at, ";");
        if (strncmp(at, variant, name) == 0 && at[name] == '=')
            return at;
    }
    *size = 0;
    return "";
}

/* "10:11,50:10": pieces and what each costs then, where that differs once it is rounded. */
static char *breaks_text(const struct bc_price *price, int places)
{
    OWN_BUF struct buf text = {0};
    struct decimal last = decimal_round(price->price, places);
    for (size_t i = 0; i < price->break_count && i < BC_PRICE_BREAKS; i++) {
        char amount[DECIMAL_TEXT];
        struct decimal now = decimal_round(price->breaks[i].price, places);
        if (decimal_cmp(now, last) == 0)
            continue;
        decimal_format(now, amount);
        buf_printf(&text, "%s%" PRId64 ":%s", text.size ? "," : "", price->breaks[i].least, amount);
        last = now;
    }
    return mem_text(buf_str(&text));
}

static struct list_price list_price_of(const struct bc_price *price, const char *variant,
                                       int places)
{
    struct list_price out = {.breaks = NULL};
    struct price rounded = price_rounded(price->price, price->compare_at, DECIMAL_ZERO, places);
    out.compare_at[0] = 0;
    snprintf(out.variant, sizeof out.variant, "%s", variant);
    decimal_format(rounded.price, out.price);
    if (decimal_sign(rounded.compare_at) > 0)
        decimal_format(rounded.compare_at, out.compare_at);
    return out;
}

static void compare_item(struct page *page, struct catalog *catalog, struct sold *sold,
                         const struct bc_price *prices, const char *sent)
{
    struct catalog_prices *run = page->run;
    struct list_price *changed = arena_array(page->arena, sold->count, sizeof *changed);
    OWN_BUF struct buf text = {0};
    int places = money_places(catalog->staged.currency);
    size_t count = 0;
    for (size_t i = 0; i < sold->count; i++) {
        run->run.attempt->counts.read++;
        if (!is_price(&prices[i])) {
            say_unpriced(page, sold, &prices[i]);
            continue;
        }
        struct list_price price = list_price_of(&prices[i], sold->variants[i].variant, places);
        OWN_TEXT char *breaks = breaks_text(&prices[i], places);
        OWN_TEXT char *entry = mem_printf("%s=%s/%s%s%s", price.variant, price.price,
                                          price.compare_at, *breaks ? "@" : "", breaks);
        size_t size;
        const char *was = confirmed_of(sent, price.variant, &size);
        say_breaks(page, sold, &prices[i]);
        buf_printf(&text, "%s%s", text.size ? ";" : "", entry);
        if (strlen(entry) == size && memcmp(was, entry, size) == 0)
            continue;
        if (*breaks || memchr(was, '@', size))
            price.breaks = GIVE(breaks);
        changed[count++] = price;
    }
    if (count > 0)
        catalog_batch_add(run, catalog, changed, count, sold->item->id, buf_str(&text));
}

static bool compare_catalog(struct page *page, struct catalog *catalog,
                            const struct bc_price *prices, struct err *err)
{
    const struct products *run = &page->run->run;
    OWN_IDS struct store_ids sent = {0};
    const char **keys = arena_array(page->arena, page->count, sizeof *keys);
    for (size_t i = 0; i < page->count; i++)
        keys[i] = arena_printf(page->arena, "catalog-sent:%s:%s:%s", run->shop->code,
                               catalog->staged.list, page->items[i].item->id);
    if (!store_values(run->attempt->ledger, run->company, keys, page->count, &sent, err))
        return false;
    size_t used = 0;
    for (size_t i = 0; i < page->count; used += page->items[i++].count)
        compare_item(page, catalog, &page->items[i], prices + used, sent.items[i]);
    return true;
}

static bool compare_context(struct page *page, struct context *context, struct err *err)
{
    struct catalog_prices *run = page->run;
    struct bc_price *prices = price_page(page, context, err);
    if (!prices || !catalog_prices_probe(run, context, prices, page->variants, err))
        return false;
    for (size_t i = 0; i < run->catalog_count; i++)
        if (run->catalogs[i].context == context && !run->catalogs[i].stopped &&
            !compare_catalog(page, &run->catalogs[i], prices, err))
            return false;
    return true;
}

/* The day from which on an item's prices have to be looked at again. */
static void stage_due(struct catalog_prices *run, const struct bc_item *item)
{
    char day[32];
    bool after;
    OWN_TEXT char *key = mem_printf("catalog-due:%s", run->run.shop->code);
    const char *turn = bc_price_turns(item, run->run.today, &after);
    if (!*turn)
        return;
    snprintf(day, sizeof day, "%" PRId64,
             days_of(atoi(turn), atoi(turn + 5), atoi(turn + 8)) + (after ? 1 : 0));
    write_add(run->due, "ZADD", key, day, item->id, NULL);
}

bool catalog_prices_compare(struct catalog_prices *run, const struct bc_items_page *items,
                            struct err *err)
{
    __attribute__((cleanup(page_drop))) struct page page = {.run = run};
    page.arena = arena_new();
    if (!read_products(&page, items, err))
        return err_wrap(err, "read linked products");
    if (page.count == 0)
        return true;
    if (!read_variants(&page, err))
        return err_wrap(err, "read linked variants");
    for (size_t i = 0; i < page.count && !run->some; i++)
        stage_due(run, page.items[i].item);
    for (size_t i = 0; i < run->context_count; i++)
        if (!run->contexts[i].stopped && !compare_context(&page, &run->contexts[i], err))
            return err_wrap(err, "work out prices");
    return products_flush(&run->run, false, err);
}

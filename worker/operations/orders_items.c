/* orders_items.c - what was ordered, in Business Central.
 *
 * A number given by hand counts for all variants of the product; then the link of the variant; then
 * the SKU as the shop's setting reads it; then the bar code; then, where the shop wants that, the
 * item is made. What was found is kept with the variant.
 */
#include <stdlib.h>
#include <string.h>

#include "operations/items_find.h"
#include "operations/orders_process.h"
#include "operations/products_import.h"
#include "plan/refund_plan.h"

struct good { /* one thing that lines of this window sell */
    const char *product, *variant, *sku, *barcode, *title;
    const char *item, *item_variant, *number; /* "" = not found */
    const char *by_hand, *linked, *shops;     /* of the product */
    bool known;                               /* the link stands in Redis */
    bool named;                               /* the product's row says what it is called */
};

struct goods {
    struct good *items;
    size_t count;
    struct window *window;
    struct store_rows **kept;
    size_t kept_count;
};

static void goods_drop(struct goods *goods)
{
    for (size_t i = 0; i < goods->kept_count; i++)
        store_rows_free(goods->kept[i]);
    free(goods->kept);
    free(goods->items);
}

/* ---- the lines' goods ---- */

static bool same_good(const struct good *good, const struct order_line *line)
{
    return *line->variant_id ? strcmp(good->variant, line->variant_id) == 0
                             : !*good->variant && strcmp(good->sku, line->sku) == 0 &&
                                   strcmp(good->product, line->product_id) == 0;
}

static struct good *find_good(const struct goods *goods, const struct order_line *line)
{
    for (size_t i = 0; i < goods->count; i++)
        if (same_good(&goods->items[i], line))
            return &goods->items[i];
    return NULL;
}

bool work_needs_item(const struct work *work, const struct order_line *line)
{
    return work->refund ? refund_needs_item(&work->order, work->refund, line)
                        : order_line_needs_item(line);
}

static void gather(struct window *window, struct goods *goods)
{
    for (size_t i = 0; i < window->count; i++) {
        const struct work *work = &window->works[i];
        for (size_t k = 0; work_open(work) && k < work->order.line_count; k++) {
            const struct order_line *line = &work->order.lines[k];
            if (!work_needs_item(work, line) || find_good(goods, line))
                continue;
            goods->items =
                mem_grow(goods->items, goods->count, goods->count + 1, sizeof *goods->items);
            goods->items[goods->count++] = (struct good){.product = line->product_id,
                                                         .variant = line->variant_id,
                                                         .sku = line->sku,
                                                         .barcode = line->barcode,
                                                         .title = line->title,
                                                         .item = "",
                                                         .item_variant = "",
                                                         .number = "",
                                                         .by_hand = "",
                                                         .linked = "",
                                                         .shops = ""};
        }
    }
}

/* ---- links in Redis ---- */

static const char *row_key(struct window *window, const char *kind, const char *id)
{
    return arena_printf(window->arena, "%s:%s", kind, *id ? id : "-");
}

static bool read_page(struct orders_process *process, struct goods *goods, size_t from,
                      struct err *err)
{
    static const char *const VARIANT[] = {"item", "item_variant", "number"};
    static const char *const PRODUCT[] = {"by_hand", "erp_id", "shops", "name"};
    const char *variants[STORE_PAGE], *products[STORE_PAGE];
    struct store_rows *of_variants = NULL, *of_products = NULL;
    size_t left = goods->count - from, count = left < STORE_PAGE ? left : STORE_PAGE;
    for (size_t i = 0; i < count; i++) {
        variants[i] = row_key(goods->window, "variant", goods->items[from + i].variant);
        products[i] = row_key(goods->window, "product", goods->items[from + i].product);
    }
    struct ledger *ledger = process->attempt->ledger;
    goods->kept =
        mem_grow(goods->kept, goods->kept_count, goods->kept_count + 2, sizeof *goods->kept);
    if (!store_read(ledger, process->company, variants, count, VARIANT, COUNT(VARIANT),
                    &of_variants, err))
        return false;
    goods->kept[goods->kept_count++] = of_variants;
    if (!store_read(ledger, process->company, products, count, PRODUCT, COUNT(PRODUCT),
                    &of_products, err))
        return false;
    goods->kept[goods->kept_count++] = of_products;
    for (size_t i = 0; i < count; i++) {
        struct good *good = &goods->items[from + i];
        good->by_hand = store_text(of_products, i, 0);
        good->linked = store_text(of_products, i, 1);
        good->shops = store_text(of_products, i, 2);
        good->named = *store_text(of_products, i, 3) != 0;
        bool by_product = *good->by_hand && *good->linked;
        good->item = by_product       ? good->linked
                     : *good->by_hand ? ""
                                      : store_text(of_variants, i, 0);
        good->item_variant = *good->by_hand ? "" : store_text(of_variants, i, 1);
        good->known = *good->item != 0;
    }
    return true;
}

/* ---- questions ---- */

static bool find(struct orders_process *process, struct goods *goods, struct err *err)
{
    struct arena *arena = goods->window->arena;
    struct sought *list = arena_array(arena, goods->count + 1, sizeof *list);
    struct sought **asked = arena_array(arena, goods->count + 1, sizeof *asked);
    for (size_t i = 0; i < goods->count; i++) {
        const struct good *good = &goods->items[i];
        list[i] = (struct sought){.by_hand = good->by_hand,
                                  .sku = good->sku,
                                  .barcode = good->barcode,
                                  .vendor = "",
                                  .unit = "",
                                  .item = good->item,
                                  .item_variant = good->item_variant,
                                  .number = "",
                                  .code = ""};
        asked[i] = &list[i];
    }
    if (!items_find(process->attempt, process->shop, goods->window->lookup, asked, goods->count,
                    err))
        return false;
    for (size_t i = 0; i < goods->count; i++) {
        goods->items[i].item = list[i].item;
        goods->items[i].item_variant = list[i].item_variant;
        goods->items[i].number = list[i].number;
    }
    return true;
}

/* Items of products that have none are made, as if the products came in from Shopify by themselves
 * (products_import.c); what that has linked is read again. */
static bool make_unknown(struct orders_process *process, struct goods *goods, struct err *err)
{
    const char **products = arena_array(goods->window->arena, goods->count + 1, sizeof *products);
    size_t count = 0;
    for (size_t i = 0; process->shop->auto_create_items && i < goods->count; i++) {
        const struct good *good = &goods->items[i];
        bool listed = *good->item || *good->by_hand || !*good->product || !*good->variant;
        for (size_t k = 0; k < count && !listed; k++)
            listed = strcmp(products[k], good->product) == 0;
        if (!listed)
            products[count++] = good->product;
    }
    if (count == 0)
        return true;
    if (!products_import_named(process->attempt, products, count, err))
        return false;
    struct good *before = arena_array(goods->window->arena, goods->count, sizeof *before);
    memcpy(before, goods->items, goods->count * sizeof *before);
    for (size_t from = 0; from < goods->count; from += STORE_PAGE)
        if (!read_page(process, goods, from, err))
            return false;
    for (size_t i = 0; i < goods->count; i++) /* what was found here is staged at the end */
        if (*before[i].item)
            goods->items[i] = before[i];
    return true;
}

/* ---- what was found, what was not ---- */

static void keep_link(struct orders_process *process, const struct good *good)
{
    OWN_TEXT char *key = mem_printf("variant:%s", good->variant);
    OWN_TEXT char *all = mem_printf("variants:%s", good->product);
    if (*good->product)
        write_mapped(process, "product", good->product, good->shops, good->title, good->sku,
                     *good->by_hand ? good->item : "", good->number);
    if (*good->by_hand || !*good->variant)
        return;
    write_add(process->write, "HSET", key, "product", good->product, "item", good->item,
              "item_variant", good->item_variant, "number", good->number, NULL);
    write_add(process->write, "SADD", all, good->variant, NULL);
}

static void stop_without_item(struct orders_process *process, struct work *work,
                              const struct good *good)
{
    OWN_TEXT char *text = sought_why(process->shop, *good->by_hand != 0, good->sku, good->barcode);
    if (work->reason == REASON_NONE)
        work_stop(work, REASON_PRODUCT_UNMAPPED, "\"%.80s\", SKU \"%.60s\": %s", good->title,
                  good->sku, text);
    if (!*good->product || work->refund)
        return;
    const struct unmapped unmapped = {
        .kind = "product",
        .id = good->product,
        .order = work->id,
        .shops = good->shops,
        .name = good->title,
        .sku = good->sku,
        .email = "",
        .phone = "",
        .code = sought_code(process->shop, *good->by_hand != 0, good->sku),
        .text = text};
    write_unmapped(process, &unmapped);
    work_waits_for(work, "product", good->product);
}

/* Each order gets its matches, or all that it lacks. */
static void match(struct orders_process *process, struct window *window, const struct goods *goods)
{
    for (size_t i = 0; i < window->count; i++) {
        struct work *work = &window->works[i];
        if (!work_open(work))
            continue;
        work->matches =
            arena_array(window->arena, work->order.line_count + 1, sizeof *work->matches);
        for (size_t k = 0; k < work->order.line_count; k++) {
            const struct order_line *line = &work->order.lines[k];
            const struct good *good = work_needs_item(work, line) ? find_good(goods, line) : NULL;
            if (good && !*good->item)
                stop_without_item(process, work, good);
            work->matches[k] = (struct item_match){
                .item_id = good ? arena_text(window->arena, good->item) : "",
                .item_variant_id = good ? arena_text(window->arena, good->item_variant) : "",
            };
        }
    }
}

bool orders_find_items(struct orders_process *process, struct window *window, struct err *err)
{
    __attribute__((cleanup(goods_drop))) struct goods goods = {.window = window};
    gather(window, &goods);
    for (size_t from = 0; from < goods.count; from += STORE_PAGE)
        if (!read_page(process, &goods, from, err))
            return false;
    if (!find(process, &goods, err) || !make_unknown(process, &goods, err))
        return err_wrap(err, "find items");
    for (size_t i = 0; i < goods.count; i++) {
        bool fresh = *goods.items[i].item && (!goods.items[i].known || !goods.items[i].named);
        if (fresh)
            keep_link(process, &goods.items[i]);
        if (!process_flush(process, false, err))
            return false;
    }
    match(process, window, &goods);
    return process_flush(process, false, err);
}

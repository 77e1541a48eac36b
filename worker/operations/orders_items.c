/* orders_items.c - what was ordered, in Business Central.
 *
 * A number given by hand counts for all variants of the product; then the link of the variant; then
 * the SKU as the shop's setting reads it; then the bar code; then, where the shop wants that, the
 * item is made. What was found is kept with the variant. A variant that is a unit of measure is
 * sold in that unit: a box is not a piece.
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
    const char *unit;                         /* of the variant; "" = the item's sales unit */
    bool staged;                              /* the variant stands as this shop's */
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
                                                         .shops = "",
                                                         .unit = ""};
        }
    }
}

/* ---- links in Redis ---- */

static const char *row_key(struct window *window, const char *kind, const char *id)
{
    return arena_printf(window->arena, "%s:%s", kind, *id ? id : "-");
}

static bool keep_rows(struct orders_process *process, struct goods *goods, const char *const keys[],
                      size_t count, const char *const fields[], size_t field_count,
                      struct store_rows **out, struct err *err)
{
    if (!store_read(process->attempt->ledger, process->company, keys, count, fields, field_count,
                    out, err))
        return false;
    goods->kept =
        mem_grow(goods->kept, goods->kept_count, goods->kept_count + 1, sizeof *goods->kept);
    goods->kept[goods->kept_count++] = *out;
    return true;
}

static bool read_page(struct orders_process *process, struct goods *goods, size_t from,
                      struct err *err)
{
    static const char *const VARIANT[] = {"item", "item_variant", "number"};
    static const char *const PRODUCT[] = {"by_hand", "erp_id", "shops", "name"};
    static const char *const LINK[] = {"item", "uom"};
    const char *variants[STORE_PAGE], *products[STORE_PAGE], *links[STORE_PAGE];
    struct store_rows *of_variants, *of_products, *of_links;
    size_t left = goods->count - from, count = left < STORE_PAGE ? left : STORE_PAGE;
    const char *shop_variant =
        arena_printf(goods->window->arena, "shop-variant:%s", process->shop->code);
    for (size_t i = 0; i < count; i++) {
        variants[i] = row_key(goods->window, "variant", goods->items[from + i].variant);
        products[i] = row_key(goods->window, "product", goods->items[from + i].product);
        links[i] = row_key(goods->window, shop_variant, goods->items[from + i].variant);
    }
    if (!keep_rows(process, goods, variants, count, VARIANT, COUNT(VARIANT), &of_variants, err) ||
        !keep_rows(process, goods, products, count, PRODUCT, COUNT(PRODUCT), &of_products, err) ||
        !keep_rows(process, goods, links, count, LINK, COUNT(LINK), &of_links, err))
        return false;
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
        good->staged = *store_text(of_links, i, 0) != 0;
        good->unit = store_text(of_links, i, 1);
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
                                  .unit = good->unit,
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

/* A product whose item has to be made, or whose units of measure this shop has not seen. */
static bool comes_in(const struct shop *shop, const struct good *good)
{
    return *good->product && *good->variant &&
           (*good->item ? shop->uom_as_variant && !good->staged
                        : shop->auto_create_items && !*good->by_hand);
}

/* They come in as if the products came from Shopify by themselves (products_import.c); what that
 * has linked is read again. */
static bool take_in(struct orders_process *process, struct goods *goods, struct err *err)
{
    const char **products = arena_array(goods->window->arena, goods->count + 1, sizeof *products);
    size_t count = 0;
    for (size_t i = 0; i < goods->count; i++) {
        const struct good *good = &goods->items[i];
        bool listed = !comes_in(process->shop, good);
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
        if (*before[i].item) {
            before[i].unit = goods->items[i].unit;
            goods->items[i] = before[i];
        }
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
                .unit = good ? arena_text(window->arena, good->unit) : "",
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
    if (!find(process, &goods, err) || !take_in(process, &goods, err))
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

/* orders_items.c - what was ordered, in Business Central.
 *
 * A number given by hand counts for all variants of the product; then the link of the variant; then
 * the SKU as the shop's setting reads it; then the bar code. What was found is kept with the
 * variant.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "operations/orders_process.h"
#include "plan/refund_plan.h"

struct good { /* one thing that lines of this window sell */
    const char *product, *variant, *sku, *barcode, *title;
    const char *item, *item_variant, *number; /* "" = not found */
    const char *by_hand, *linked, *shops;     /* of the product */
    bool known;                               /* the link stands in Redis */
    bool named;                               /* the product's row says what it is called */
    char sku_item[32], sku_code[16];          /* the SKU's parts */
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

static void upper_copy(const char *text, size_t size, char *out, size_t room)
{
    size = size < room ? size : 0; /* too long for the field: it cannot be there */
    for (size_t i = 0; i < size; i++)
        out[i] = (char)toupper((unsigned char)text[i]);
    out[size] = 0;
}

static void split_sku(const struct shop *shop, struct good *good)
{
    const char *cut =
        shop->sku_mapping == SKU_ITEM_NO_VARIANT ? strstr(good->sku, shop->sku_separator) : NULL;
    size_t size = cut ? (size_t)(cut - good->sku) : strlen(good->sku);
    upper_copy(good->sku, size, good->sku_item, sizeof good->sku_item);
    if (cut) {
        cut += strlen(shop->sku_separator);
        upper_copy(cut, strlen(cut), good->sku_code, sizeof good->sku_code);
    }
}

bool work_needs_item(const struct work *work, const struct order_line *line)
{
    return work->refund ? refund_needs_item(&work->order, work->refund, line)
                        : order_line_needs_item(line);
}

static void gather(const struct shop *shop, struct window *window, struct goods *goods)
{
    for (size_t i = 0; i < window->count; i++) {
        const struct work *work = &window->works[i];
        for (size_t k = 0; work_open(work) && k < work->order.line_count; k++) {
            const struct order_line *line = &work->order.lines[k];
            if (!work_needs_item(work, line) || find_good(goods, line))
                continue;
            goods->items =
                mem_grow(goods->items, goods->count, goods->count + 1, sizeof *goods->items);
            struct good *good = &goods->items[goods->count++];
            *good = (struct good){.product = line->product_id,
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
            split_sku(shop, good);
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

static void ask_first(const struct shop *shop, struct lookup *lookup, const struct good *good)
{
    if (*good->by_hand)
        lookup_want(lookup, LOOKUP_ITEM_NUMBER, good->by_hand);
    else if (shop->sku_mapping == SKU_ITEM_NO || shop->sku_mapping == SKU_ITEM_NO_VARIANT)
        lookup_want(lookup, LOOKUP_ITEM_NUMBER, good->sku_item);
    else if (shop->sku_mapping == SKU_BARCODE)
        lookup_want(lookup, LOOKUP_ITEM_GTIN, good->sku);
    if (!*good->by_hand && shop->sku_mapping == SKU_ITEM_NO_VARIANT && *good->sku_code)
        lookup_want(lookup, LOOKUP_ITEM_VARIANT, good->sku_item);
}

static void take_item(struct good *good, const json *row)
{
    good->item = json_text(row, "id");
    good->number = json_text(row, "number");
}

/* The variant of the SKU's second half; false = the item has none of that code. */
static bool take_variant(const struct lookup *lookup, struct good *good)
{
    size_t at = 0;
    for (const json *row; (row = lookup_next(lookup, LOOKUP_ITEM_VARIANT, good->sku_item, &at));)
        if (strcasecmp(json_text(row, "code"), good->sku_code) == 0) {
            good->item_variant = json_text(row, "id");
            return true;
        }
    return false;
}

static void answer_first(const struct shop *shop, const struct lookup *lookup, struct good *good)
{
    const json *row = NULL;
    if (*good->by_hand)
        row = lookup_find(lookup, LOOKUP_ITEM_NUMBER, good->by_hand);
    else if (shop->sku_mapping == SKU_ITEM_NO || shop->sku_mapping == SKU_ITEM_NO_VARIANT)
        row = lookup_find(lookup, LOOKUP_ITEM_NUMBER, good->sku_item);
    else if (shop->sku_mapping == SKU_BARCODE)
        row = lookup_find(lookup, LOOKUP_ITEM_GTIN, good->sku);
    if (row && *good->sku_code && !*good->by_hand && !take_variant(lookup, good))
        row = NULL;
    if (row)
        take_item(good, row);
}

static bool wants_barcode(const struct shop *shop, const struct good *good)
{
    return !*good->item && !*good->by_hand && shop->find_mapping_by_barcode && *good->barcode;
}

static bool find(struct orders_process *process, struct goods *goods, struct err *err)
{
    const struct shop *shop = process->shop;
    struct lookup *lookup = goods->window->lookup;
    for (size_t i = 0; i < goods->count; i++)
        if (!*goods->items[i].item)
            ask_first(shop, lookup, &goods->items[i]);
    if (!lookup_round(lookup, process->attempt, err))
        return false;
    for (size_t i = 0; i < goods->count; i++) {
        struct good *good = &goods->items[i];
        if (!*good->item)
            answer_first(shop, lookup, good);
        if (wants_barcode(shop, good))
            lookup_want(lookup, LOOKUP_ITEM_GTIN, good->barcode);
    }
    if (!lookup_round(lookup, process->attempt, err))
        return false;
    for (size_t i = 0; i < goods->count; i++) {
        struct good *good = &goods->items[i];
        const json *row =
            wants_barcode(shop, good) ? lookup_find(lookup, LOOKUP_ITEM_GTIN, good->barcode) : NULL;
        if (row)
            take_item(good, row);
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

static const char *why_unmapped(const struct shop *shop, const struct good *good)
{
    static const char *const BY_SKU[] = {
        [SKU_NONE] = "the shop's sku_mapping is none",
        [SKU_ITEM_NO] = "no item has this SKU as its number",
        [SKU_ITEM_NO_VARIANT] = "no item and variant fit this SKU",
        [SKU_VENDOR_ITEM_NO] = "vendor item numbers are not in Business Central's API",
        [SKU_BARCODE] = "no item has this SKU as its bar code",
        [SKU_VARIANT_CODE] =
            "a variant code alone names no item, and the product is linked to none",
    };
    return *good->by_hand ? "mapped by hand to a number that Business Central does not have"
           : *good->sku   ? BY_SKU[shop->sku_mapping]
                          : "it has no SKU";
}

static const char *code_unmapped(const struct shop *shop, const struct good *good)
{
    return *good->by_hand                  ? "mapped-to-nothing"
           : !*good->sku                   ? "no-sku"
           : shop->sku_mapping == SKU_NONE ? "sku-mapping-none"
                                           : "no-item";
}

static void stop_without_item(struct orders_process *process, struct work *work,
                              const struct good *good)
{
    const char *reason = why_unmapped(process->shop, good);
    const char *also = process->shop->find_mapping_by_barcode && !*good->by_hand
                           ? *good->barcode ? ", none its bar code" : ", and it has no bar code"
                           : "";
    OWN_TEXT char *text = mem_printf("%s%s", reason, also);
    if (work->reason == REASON_NONE)
        work_stop(work, REASON_PRODUCT_UNMAPPED, "\"%.80s\", SKU \"%.60s\": %s", good->title,
                  good->sku, text);
    if (!*good->product || work->refund)
        return;
    const struct unmapped unmapped = {.kind = "product",
                                      .id = good->product,
                                      .order = work->id,
                                      .shops = good->shops,
                                      .name = good->title,
                                      .sku = good->sku,
                                      .email = "",
                                      .code = code_unmapped(process->shop, good),
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
    gather(process->shop, window, &goods);
    for (size_t from = 0; from < goods.count; from += STORE_PAGE)
        if (!read_page(process, &goods, from, err))
            return false;
    if (!find(process, &goods, err))
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

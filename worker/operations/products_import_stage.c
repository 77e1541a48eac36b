/* products_import_stage.c - what came in becomes links, and what did not, a line in a list. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operations/operations_table.h"
#include "operations/products_import.h"
#include "operations/unmapped.h"
#include "plan/product_plan.h"
#include "store/products.h"
#include "store/staging.h"

enum { LOOK_AGAIN_MS = 3600 * 1000, SAME_TIME_MS = 5000 };

/* ---- links ---- */

static void seen_of_variant(const struct import_variant *variant, struct buf *seen)
{
    const char *values[IMPORT_VARIANT_FIELDS];
    import_variant_fields(variant, values);
    sent_write(IMPORT_VARIANT_FIELD_NAMES, values, IMPORT_VARIANT_FIELDS, "", seen);
}

void import_stage_variant(struct import *import, const struct coming *coming,
                          const struct coming_variant *variant)
{
    const struct import_variant *of = variant->of;
    const char *shop = import->shop->code;
    const struct staged_variant staged = {
        .variant = of->id,
        .product = coming->product.id,
        .item = variant->sought.item,
        .item_number = variant->sought.number,
        .item_variant = variant->sought.item_variant,
        .variant_code = variant->sought.code,
        .uom = *of->unit_code ? of->unit_code : of->unit,
        .sku = of->sku,
        .inventory_item = of->inventory_item,
        .tracked = of->tracked,
        .sent = variant->sent,
        .price_sent = "",
    };
    OWN_TEXT char *of_item = mem_printf("item-product:%s:%s", shop, variant->sought.item);
    stage_variant(import->write, shop, &staged, import_now_ms(import));
    write_add(import->write, "SET", of_item, coming->product.id, "NX", NULL);
}

/* A variant that stands already keeps what was sent of it: only what Shopify says is renewed. */
static void renew_variant(struct import *import, const struct coming_variant *variant)
{
    const struct import_variant *of = variant->of;
    OWN_TEXT char *key = mem_printf("shop-variant:%s:%s", import->shop->code, of->id);
    write_add(import->write, "HSET", key, "sku", of->sku, "inventory_item", of->inventory_item,
              "tracked", of->tracked ? "true" : "false", NULL);
}

static bool stage_seen(struct import *import, const struct coming *coming, struct err *err)
{
    const char *values[IMPORT_FIELDS];
    OWN_BUF struct buf seen = {0};
    OWN_TEXT char *key = mem_printf("shop-product:%s:%s", import->shop->code, coming->product.id);
    import_fields(&coming->product, values);
    sent_write(IMPORT_FIELD_NAMES, values, IMPORT_FIELDS, "", &seen);
    write_add(import->write, "HSET", key, "seen", buf_str(&seen), NULL);
    for (size_t i = 0; i < coming->product.variant_count; i++) {
        const struct coming_variant *variant = &coming->variants[i];
        OWN_BUF struct buf text = {0};
        OWN_TEXT char *of = mem_printf("shop-variant:%s:%s", import->shop->code, variant->of->id);
        seen_of_variant(variant->of, &text);
        if (*variant->sought.item)
            write_add(import->write, "HSET", of, "seen", buf_str(&text), NULL);
        if (!import_flush(import, false, err))
            return false;
    }
    return true;
}

/* Variants that the product no longer has. */
static void drop_variants(struct import *import, const struct coming *coming)
{
    OWN_TEXT char *list = mem_text(coming->was_variants);
    for (char *rest = list, *id; (id = strtok_r(rest, ",", &rest));) {
        bool there = false;
        for (size_t i = 0; i < coming->product.variant_count && !there; i++)
            there = strcmp(coming->product.variants[i].id, id) == 0;
        if (!there)
            stage_variant_gone(import->write, import->shop->code, id, coming->product.id);
    }
}

static const struct coming_variant *first_mapped(const struct coming *coming)
{
    for (size_t i = 0; i < coming->product.variant_count; i++)
        if (*coming->variants[i].sought.item)
            return &coming->variants[i];
    return NULL;
}

static bool stage_links(struct import *import, const struct coming *coming,
                        const struct coming_variant *first, struct err *err)
{
    OWN_BUF struct buf ids = {0};
    const struct import_product *product = &coming->product;
    bool linked = *coming->item != 0;
    for (size_t i = 0; i < product->variant_count; i++) {
        const struct coming_variant *variant = &coming->variants[i];
        if (!*variant->sought.item)
            continue;
        buf_printf(&ids, "%s%s", ids.size ? "," : "", variant->of->id);
        if (variant->linked && !variant->made)
            renew_variant(import, variant);
        else
            import_stage_variant(import, coming, variant);
        if (!import_flush(import, false, err)) /* a product may have 2,048 of them */
            return false;
    }
    const struct staged_product staged = {
        .product = product->id,
        .item = linked ? coming->item : first->sought.item,
        .item_number = linked ? coming->item_number : first->sought.number,
        .title = product->title,
        .status = product->status,
        .variants = buf_str(&ids),
        .sent = coming->sent,
    };
    stage_product(import->write, import->shop->code, &staged, import_now_ms(import));
    drop_variants(import, coming);
    return true;
}

/* ---- who is unmapped ---- */

static const struct coming_variant *first_unmapped(const struct coming *coming)
{
    for (size_t i = 0; i < coming->product.variant_count; i++)
        if (!*coming->variants[i].sought.item)
            return &coming->variants[i];
    return NULL;
}

static void stage_people(struct import *import, const struct coming *coming)
{
    const struct coming_variant *unmapped = first_unmapped(coming), *first = first_mapped(coming);
    const struct import_product *product = &coming->product;
    bool by_hand = *coming->by_hand != 0;
    if (!unmapped && first) {
        mapped_write(import->write, import->shop->code, "product", product->id, coming->shops,
                     product->title, first->of->sku, by_hand ? first->sought.item : "",
                     first->sought.number);
        return;
    }
    if (!unmapped)
        return;
    OWN_TEXT char *text =
        sought_why(import->shop, by_hand, unmapped->of->sku, unmapped->of->barcode);
    const struct unmapped row = {.kind = "product",
                                 .id = product->id,
                                 .order = "",
                                 .shops = coming->shops,
                                 .name = product->title,
                                 .sku = unmapped->of->sku,
                                 .email = "",
                                 .phone = "",
                                 .code = sought_code(import->shop, by_hand, unmapped->of->sku),
                                 .text = text};
    unmapped_write(import->write, import->shop->code, &row);
}

/* ---- how a product ends ---- */

static char *skip_id(const struct coming *coming)
{
    return mem_printf("product-%s", coming->product.id);
}

void import_skip(struct import *import, struct coming *coming, enum reason reason,
                 const char *detail)
{
    struct err why;
    OWN_TEXT char *id = skip_id(coming);
    coming->told = true;
    import->attempt->counts.skipped++;
    log_info("product.skipped", TEXT("product", coming->product.id),
             TEXT("reason", reason_row(reason)->code), TEXT("why", detail));
    skip_one(import->attempt, import->write, id, coming->product.title, reason, detail, &why);
}

bool import_passed(struct import *import, struct coming *coming, const struct err *why,
                   struct err *err)
{
    if (why->kind == ERR_CANCELLED || why->kind == ERR_THROTTLED) {
        *err = *why;
        return false;
    }
    coming->failed = why->kind != ERR_FATAL;
    log_warn("product.not_taken", TEXT("product", coming->product.id), TEXT("why", why->text));
    coming->refused = why->kind == ERR_FATAL;
    if (coming->refused)
        import_skip(import, coming, REASON_ITEM_REFUSED, why->text);
    else if (why->kind == ERR_UNCERTAIN)
        undone_look(&import->awaited, coming->product.title, import_now_ms(import));
    else
        undone_add(&import->unsent, coming->product.title, why->text);
    return true;
}

/* A deleted product's item is linked to nothing. */
static void stage_gone(struct import *import, const struct coming *coming)
{
    const struct staged_product was = {.product = coming->product.id,
                                       .item = coming->item,
                                       .item_number = coming->item_number,
                                       .variants = coming->was_variants};
    if (*coming->item)
        stage_product_gone(import->write, import->shop->code, &was);
    write_add(import->write, "MAPPED", "product", coming->product.id, import->shop->code, NULL);
}

/* Shopify's times have seconds, so what is that new may change once more under the same time: it is
 * read again by the next run. */
static const char *taken_as_of(const struct import *import, const struct coming *coming)
{
    return import_now_ms(import) - coming->updated_ms < SAME_TIME_MS ? "" : coming->product.updated;
}

/* What was seen is seen only when it is all there. */
static void stage_done(struct import *import, const struct coming *coming, bool open)
{
    char again[32];
    OWN_TEXT char *key = mem_printf("product-in:%s:%s", import->shop->code, coming->product.id);
    OWN_TEXT char *due = mem_printf("products-in-due:%s", import->shop->code);
    snprintf(again, sizeof again, "%" PRId64, import_now_ms(import) + LOOK_AGAIN_MS);
    if (*import->terms)
        write_add(import->write, "HSET", key, "updated", taken_as_of(import, coming), "terms",
                  import->terms, NULL);
    if (open)
        write_add(import->write, "ZADD", due, again, coming->product.id, NULL);
    else
        write_add(import->write, "ZREM", due, coming->product.id, NULL);
}

bool import_stage(struct import *import, struct coming *coming, struct err *err)
{
    OWN_TEXT char *id = skip_id(coming);
    const struct coming_variant *first = coming->gone ? NULL : first_mapped(coming);
    if (coming->gone) {
        stage_gone(import, coming);
        stage_done(import, coming, false);
        return import_flush(import, false, err);
    }
    if (!first && *coming->item) /* all variants that were linked are gone */
        stage_gone(import, coming);
    if (first && !stage_links(import, coming, first, err))
        return false;
    stage_people(import, coming);
    if (coming->failed)
        return import_flush(import, false, err);
    if (first && !coming->refused && import->shop->shopify_can_update_items &&
        !stage_seen(import, coming, err))
        return false;
    if (!coming->told)
        stage_skip_gone(import->write, id);
    stage_done(import, coming, first_unmapped(coming) != NULL || coming->refused);
    return import_flush(import, false, err);
}

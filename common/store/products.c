/* products.c - see products.h. */
#include "store/products.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/room.h"

enum { P_ITEM, P_NUMBER, P_TITLE, P_STATUS, P_VARIANTS, P_SENT, P_WORDS, P_METAFIELDS };
static const char *const PRODUCT[] = {"item",     "item_number", "title", "status",
                                      "variants", "sent",        "words", "metafields"};
enum {
    V_PRODUCT,
    V_ITEM,
    V_NUMBER,
    V_ITEM_VARIANT,
    V_CODE,
    V_UOM,
    V_SKU,
    V_INVENTORY,
    V_TRACKED,
    V_SENT,
    V_PRICE
};
static const char *const VARIANT[] = {"product",      "item", "item_number", "item_variant",
                                      "variant_code", "uom",  "sku",         "inventory_item",
                                      "tracked",      "sent", "price_sent"};

void stage_product(struct write *write, const char *shop, const struct staged_product *product,
                   int64_t now_ms)
{
    char now[32];
    OWN_TEXT char *key = mem_printf("shop-product:%s:%s", shop, product->product);
    OWN_TEXT char *all = mem_printf("shop-products:%s", shop);
    OWN_TEXT char *by_item = mem_printf("item-product:%s:%s", shop, product->item);
    OWN_TEXT char *mapped = mem_printf("product:%s", product->product);
    snprintf(now, sizeof now, "%" PRId64, now_ms);
    write_add(write, "HSET", key, "item", product->item, "item_number", product->item_number,
              "title", product->title, "status", product->status, "variants", product->variants,
              "sent", product->sent, "at", now, NULL);
    write_add(write, "ZADD", all, now, product->product, NULL);
    write_add(write, "SET", by_item, product->product, NULL);
    write_add(write, "HSET", mapped, "name", product->title, "number", product->item_number, NULL);
}

void stage_product_variants(struct write *write, const char *shop, const char *product,
                            const char *variants)
{
    OWN_TEXT char *key = mem_printf("shop-product:%s:%s", shop, product);
    write_add(write, "HSET", key, "variants", variants, NULL);
}

void stage_product_extras(struct write *write, const char *shop, const char *product,
                          const char *words, const char *metafields)
{
    OWN_TEXT char *key = mem_printf("shop-product:%s:%s", shop, product);
    write_add(write, "HSET", key, "words", words, "metafields", metafields, NULL);
}

void stage_variant(struct write *write, const char *shop, const struct staged_variant *variant,
                   int64_t now_ms)
{
    char now[32];
    OWN_TEXT char *key = mem_printf("shop-variant:%s:%s", shop, variant->variant);
    OWN_TEXT char *all = mem_printf("shop-variants:%s", shop);
    OWN_TEXT char *mapped = mem_printf("variant:%s", variant->variant);
    OWN_TEXT char *of_product = mem_printf("variants:%s", variant->product);
    snprintf(now, sizeof now, "%" PRId64, now_ms);
    write_add(write, "HSET", key, "product", variant->product, "item", variant->item, "item_number",
              variant->item_number, "item_variant", variant->item_variant, "variant_code",
              variant->variant_code, "uom", variant->uom, "sku", variant->sku, "inventory_item",
              variant->inventory_item, "tracked", variant->tracked ? "true" : "false", "sent",
              variant->sent, "price_sent", variant->price_sent, NULL);
    write_add(write, "ZADD", all, now, variant->variant, NULL);
    write_add(write, "HSET", mapped, "product", variant->product, "item", variant->item,
              "item_variant", variant->item_variant, "number", variant->item_number, NULL);
    write_add(write, "SADD", of_product, variant->variant, NULL);
}

void stage_guest(struct write *write, const char *shop, const struct staged_variant *variant)
{
    OWN_TEXT char *by_item = mem_printf("item-product:%s:%s", shop, variant->item);
    write_add(write, "SET", by_item, variant->product, NULL);
}

void stage_variant_gone(struct write *write, const char *shop, const char *variant,
                        const char *product)
{
    write_add(write, "UNVARIANT", variant, shop, product, NULL);
}

void stage_product_gone(struct write *write, const char *shop, const struct staged_product *product)
{
    OWN_TEXT char *key = mem_printf("shop-product:%s:%s", shop, product->product);
    OWN_TEXT char *all = mem_printf("shop-products:%s", shop);
    OWN_TEXT char *by_item = mem_printf("item-product:%s:%s", shop, product->item);
    OWN_TEXT char *list = mem_text(product->variants);
    write_add(write, "DEL", key, NULL);
    write_add(write, "ZREM", all, product->product, NULL);
    write_add(write, "DEL", by_item, NULL);
    for (char *rest = list, *id; (id = strtok_r(rest, ",", &rest));)
        stage_variant_gone(write, shop, id, product->product);
}

static bool read_all(struct ledger *ledger, const char *company, const char *prefix,
                     const char *const ids[], size_t count, const char *const fields[],
                     size_t field_count, struct store_rows **out, struct err *err)
{
    char **keys = mem_array(count + 1, sizeof *keys);
    for (size_t i = 0; i < count; i++)
        keys[i] = mem_printf("%s%s", prefix, ids[i]);
    bool ok = store_read(ledger, company, (const char *const *)keys, count, fields, field_count,
                         out, err);
    for (size_t i = 0; i < count; i++)
        free(keys[i]);
    free(keys);
    return ok;
}

bool store_products(struct ledger *ledger, const char *company, const char *shop,
                    const char *const products[], size_t count, struct store_rows **out,
                    struct err *err)
{
    OWN_TEXT char *prefix = mem_printf("shop-product:%s:", shop);
    return read_all(ledger, company, prefix, products, count, PRODUCT, COUNT(PRODUCT), out, err);
}

bool store_variants(struct ledger *ledger, const char *company, const char *shop,
                    const char *const variants[], size_t count, struct store_rows **out,
                    struct err *err)
{
    OWN_TEXT char *prefix = mem_printf("shop-variant:%s:", shop);
    return read_all(ledger, company, prefix, variants, count, VARIANT, COUNT(VARIANT), out, err);
}

bool store_size(struct ledger *ledger, const char *company, const char *key, int64_t *out,
                struct err *err)
{
    OWN_TEXT char *full = store_key(ledger, company, key);
    OWN_REPLY redisReply *reply = NULL;
    if (!redis_commandf(ledger_redis(ledger), &reply, err, "ZCARD %s", full))
        return err_wrap(err, "count %s", key);
    *out = reply->integer;
    return true;
}

struct staged_product store_product_row(const struct store_rows *rows, size_t row)
{
    return (struct staged_product){
        .product = "",
        .item = store_text(rows, row, P_ITEM),
        .item_number = store_text(rows, row, P_NUMBER),
        .title = store_text(rows, row, P_TITLE),
        .status = store_text(rows, row, P_STATUS),
        .variants = store_text(rows, row, P_VARIANTS),
        .sent = store_text(rows, row, P_SENT),
        .words = store_text(rows, row, P_WORDS),
        .metafields = store_text(rows, row, P_METAFIELDS),
    };
}

struct staged_variant store_variant_row(const struct store_rows *rows, size_t row)
{
    return (struct staged_variant){
        .variant = "",
        .product = store_text(rows, row, V_PRODUCT),
        .item = store_text(rows, row, V_ITEM),
        .item_number = store_text(rows, row, V_NUMBER),
        .item_variant = store_text(rows, row, V_ITEM_VARIANT),
        .variant_code = store_text(rows, row, V_CODE),
        .uom = store_text(rows, row, V_UOM),
        .sku = store_text(rows, row, V_SKU),
        .inventory_item = store_text(rows, row, V_INVENTORY),
        .tracked = strcmp(store_text(rows, row, V_TRACKED), "true") == 0,
        .sent = store_text(rows, row, V_SENT),
        .price_sent = store_text(rows, row, V_PRICE),
    };
}

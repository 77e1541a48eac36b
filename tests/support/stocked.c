/* stocked.c - see stocked.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "support/stocked.h"

const char *stocked_number(const char *gid)
{
    return strrchr(gid, '/') + 1;
}

void stocked_in_erp(struct house *house, const char *item, int pieces)
{
    OWN_TEXT char *path = mem_printf("items/%s", item);
    OWN_TEXT char *body = mem_printf("{\"inventory\":%d}", pieces);
    house_tell(house, "bc", path, body);
}

void stocked_at_shopify(struct house *house, const char *sku, const char *place, const char *more)
{
    OWN_TEXT char *body = mem_printf("{\"sku\":\"%s\",\"location\":\"%s\"%s}", sku, place, more);
    house_tell(house, "shopify", "stock", body);
}

int64_t stocked_level(struct house *house, const char *sku, const char *place, const char *name)
{
    OWN_JSON json *levels = house_ask(house, "shopify", "GET", "stock", NULL);
    for (size_t i = 0; i < json_count(levels); i++) {
        const json *row = json_at(levels, i);
        if (strcmp(json_text(row, "sku"), sku) == 0 &&
            strcmp(json_text(row, "location"), place) == 0)
            return json_flag(row, "isActive", false) ? json_int(row, name, -999) : -998;
    }
    return -997;
}

void stocked_redis(struct house *house, const char *command)
{
    struct err err;
    OWN_REPLY redisReply *reply = NULL;
    const char *rest = strchr(command, ' ') + 1;
    OWN_TEXT char *whole =
        mem_printf("%.*s ct:{test/%02x}:s:%s:%s", (int)(rest - command - 1), command,
                   ledger_bucket(house->ledger, HOUSE_COMPANY), HOUSE_COMPANY, rest);
    if (!redis_commandf(ledger_redis(house->ledger), &reply, &err, whole))
        fail_msg("%s: %s", whole, err.text);
}

char *stocked_item(struct house *house, const char *number)
{
    OWN_TEXT char *path = mem_printf("items/%s", number);
    OWN_JSON json *item = house_ask(house, "bc", "POST", path, "{}");
    return mem_text(json_text(item, "id"));
}

static char variant_text[32];
const char *stocked_variant(struct house *house, const char *sku)
{
    OWN_JSON json *levels = house_ask(house, "shopify", "GET", "stock", NULL);
    for (size_t i = 0; i < json_count(levels); i++)
        if (strcmp(json_text(json_at(levels, i), "sku"), sku) == 0)
            snprintf(variant_text, sizeof variant_text, "%s",
                     stocked_number(json_text(json_at(levels, i), "variant")));
    return variant_text;
}

/* A variant as products.sync leaves it. */
void stocked_link(struct house *house, const char *sku, const char *place)
{
    OWN_TEXT char *item = stocked_item(house, sku);
    stocked_at_shopify(house, sku, place, ",\"stocked\":true");
    OWN_JSON json *levels = house_ask(house, "shopify", "GET", "stock", NULL);
    for (size_t i = 0; i < json_count(levels); i++) {
        const json *row = json_at(levels, i);
        if (strcmp(json_text(row, "sku"), sku) != 0)
            continue;
        const char *variant = stocked_number(json_text(row, "variant"));
        OWN_TEXT char *hash = mem_printf(
            "HSET shop-variant:DEMO:%s item %s item_number %s sku %s inventory_item %s tracked %s",
            variant, item, sku, sku, stocked_number(json_text(row, "item")),
            json_flag(row, "tracked", false) ? "true" : "false");
        OWN_TEXT char *set = mem_printf("ZADD shop-variants:DEMO 1 %s", variant);
        stocked_redis(house, hash);
        stocked_redis(house, set);
        return;
    }
    fail_msg("%s is nowhere", sku);
}

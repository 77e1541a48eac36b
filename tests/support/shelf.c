/* shelf.c - see shelf.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/shelf.h"

char *shelf_item(struct house *house, const char *number, const char *more)
{
    OWN_TEXT char *body = mem_printf("{\"number\":\"%s\",\"displayName\":\"Chair %s\",\"type\":"
                                     "\"Inventory\",\"baseUnitOfMeasureCode\":\"PCS\","
                                     "\"unitPrice\":49.9,\"unitCost\":20%s}",
                                     number, number, more);
    OWN_JSON json *made = house_ask(house, "bc", "POST", "items", body);
    const char *id = json_text(made, "id");
    if (!*id)
        fail_msg("item %s: %s", number, json_write(made));
    return mem_text(id);
}

struct counts shelf_add(struct house *house, const char *numbers)
{
    OWN_TEXT char *arguments = mem_printf("{\"shop\":\"DEMO\",\"item_no\":\"%s\"}", numbers);
    return house_good(house, "products.add", arguments);
}

char *shelf_product(struct house *house, const char *item)
{
    struct err err;
    OWN_IDS struct store_ids found = {0};
    OWN_TEXT char *key = mem_printf("item-product:DEMO:%s", item);
    const char *const keys[] = {key};
    if (!store_values(house->ledger, HOUSE_COMPANY, keys, 1, &found, &err))
        fail_msg("%s", err.text);
    return mem_text(found.items[0]);
}

json *shelf_shown(struct house *house, const char *product)
{
    OWN_TEXT char *path = mem_printf("products/%s", product);
    return house_ask(house, "shopify", "GET", path, NULL);
}

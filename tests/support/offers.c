/* offers.c - see offers.h. */
#include "support/offers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "support/proc.h"

static int open_level(void **state, const char *level)
{
    const char *const shopify[] = {"--data", "synthetic", "--index-lag", "0", NULL};
    const char *const bc[] = {"--data", "synthetic", "--replica-lag", "0", "--level", level, NULL};
    *state = house_open(shopify, bc, 1);
    house_put_shop(*state, "DEMO", BY_NUMBER);
    house_good(*state, "products.sync", SHOP); /* what the store has had from the beginning */
    return 0;
}

int offers_open_api(void **state)
{
    return open_level(state, "api");
}

int offers_open_extension(void **state)
{
    return open_level(state, "extension");
}

int offers_open_pages(void **state)
{
    return open_level(state, "odata-page");
}

int offers_close(void **state)
{
    house_free(*state);
    return 0;
}

int offers_calm(void **state)
{
    struct house *house = *state;
    json_free(house_ask(house, "shopify", "DELETE", "faults", NULL));
    json_free(house_ask(house, "bc", "DELETE", "faults", NULL));
    house_put_shop(house, "DEMO", BY_NUMBER);
    return 0;
}

/* A product of this number; `variants` as the sandbox takes them. */
void offer(struct house *house, const char *id, const char *title, const char *more,
           const char *variants)
{
    OWN_TEXT char *body = mem_printf("{\"id\":\"%s\",\"title\":\"%s\",\"vendor\":\"\"%s,"
                                     "\"variants\":[%s]}",
                                     id, title, more, variants);
    house_later(house);
    house_tell(house, "shopify", "products", body);
}

void offer_one(struct house *house, const char *id, const char *sku)
{
    OWN_TEXT char *title = mem_printf("Thing %s", id);
    OWN_TEXT char *variant =
        mem_printf("{\"sku\":\"%s\",\"price\":\"19.90\",\"cost\":\"7.50\"}", sku);
    offer(house, id, title, "", variant);
}

void offer_edit(struct house *house, const char *id, const char *body)
{
    OWN_TEXT char *path = mem_printf("products/%s", id);
    house_later(house);
    house_tell(house, "shopify", path, body);
}

struct counts offers_sync(struct house *house)
{
    return house_good(house, "products.sync", SHOP);
}

static bool ends_well(void *state)
{
    return house_run(state, "products.sync", SHOP).ok;
}

/* Runs, as a schedule would have it, until one ends well: the server can no longer finish a lost
 * call after a second. */
void offers_settle(struct house *house, const char *what)
{
    if (!wait_for(ends_well, house, 10000))
        fail_msg("%s: no run ends well", what);
}

json *offers_rows(struct house *house, const char *set)
{
    OWN_JSON json *dump = house_ask(house, "bc", "GET", "dump", NULL);
    const json *companies = json_get(dump, "companies");
    for (size_t i = 0; i < json_count(companies); i++)
        if (strcmp(json_text(json_at(companies, i), "id"), HOUSE_COMPANY) == 0)
            return json_copy(json_get(json_get(json_at(companies, i), "tables"), set));
    fail_msg("the dump has no company");
    return NULL;
}

/* Rows of a set whose field says this; the first of them, the caller's. */
size_t offers_find(struct house *house, const char *set, const char *field, const char *text,
                   json **first)
{
    OWN_JSON json *rows = offers_rows(house, set);
    size_t found = 0;
    for (size_t i = 0; i < json_count(rows); i++)
        if (strcmp(json_text(json_at(rows, i), field), text) == 0 && found++ == 0 && first)
            *first = json_copy(json_at(rows, i));
    return found;
}

void offers_item_is(struct house *house, const char *number, const char *field, const char *want)
{
    OWN_JSON json *item = NULL;
    if (offers_find(house, "items", "number", number, &item) != 1)
        fail_msg("item %s is not there once", number);
    if (strcmp(json_text(item, field), want) != 0)
        fail_msg("%s of item %s is \"%s\", not \"%s\"", field, number, json_text(item, field),
                 want);
}

void offers_link_is(struct house *house, const char *product, const char *number)
{
    OWN_TEXT char *key = mem_printf("shop-product:DEMO:%s", product);
    OWN_TEXT char *got = house_field(house, key, "item_number");
    if (strcmp(got, number) != 0)
        fail_msg("product %s is \"%s\", not \"%s\"", product, got, number);
}

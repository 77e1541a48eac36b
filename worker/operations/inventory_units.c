/* inventory_units.c - how many base units a variant sells: those of its own unit, else of the
 * item's sales unit. Asked of Business Central once a day, and kept with its levels.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "bc/catalogue.h"
#include "operations/inventory_sync.h"

static struct decimal unit_of(const struct bc_item *item, const char *code)
{
    const char *want = *code ? code : item->sales_unit ? item->sales_unit : "";
    for (size_t i = 0; i < item->unit_count; i++)
        if (strcasecmp(item->units[i].code, want) == 0)
            return item->units[i].quantity;
    return decimal_from_int(1);
}

static void keep_unit(struct inventory *run, struct inventory_variant *variant,
                      const struct bc_item *item)
{
    char text[DECIMAL_TEXT], now[32];
    bool stocked = strcmp(item->type, "Inventory") == 0;
    OWN_TEXT char *key = mem_printf("shop-stock:%s:%s", run->shop->code, variant->id);
    variant->per_unit = unit_of(item, variant->uom);
    variant->unit = stocked ? "known" : "none";
    decimal_format(variant->per_unit, text);
    snprintf(now, sizeof now, "%" PRId64, inventory_now_ms(run));
    write_add(run->write, "HSET", key, "unit", stocked ? text : "none", "unit_of", variant->uom,
              "unit_at", now, NULL);
}

bool inventory_units(struct inventory *run, struct inventory_variant variants[], size_t count,
                     struct err *err)
{
    const char *ids[STORE_PAGE];
    struct bc_items_want want = {.ids = ids};
    struct bc_items_page page;
    OWN(bc_items) struct bc_items *items = NULL;
    for (size_t i = 0; i < count; i++)
        if (!*variants[i].unit && *variants[i].item)
            ids[want.id_count++] = variants[i].item;
    if (want.id_count == 0)
        return true;
    if (!bc_items_open(run->attempt, &want, &items, err))
        return false;
    do {
        if (!bc_items_next(items, &page, err))
            return err_wrap(err, "read units of items");
        for (size_t k = 0; k < page.count; k++)
            for (size_t i = 0; i < count; i++)
                if (!*variants[i].unit && strcmp(variants[i].item, page.items[k].id) == 0)
                    keep_unit(run, &variants[i], &page.items[k]);
    } while (page.count > 0);
    return true;
}

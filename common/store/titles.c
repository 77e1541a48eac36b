/* titles.c - what orders have named that no row of the shop's tables stands for. */
#include "store/titles.h"

#include <string.h>

#include "ledger/redis.h"
#include "store/room.h"

static const char *const SETTINGS[] = {"shipment_methods", "payment_methods", "payment_terms"};

static const struct setting_map *map_of(const struct shop *shop, size_t which)
{
    const struct setting_map *const MAPS[] = {&shop->shipment_methods, &shop->payment_methods,
                                              &shop->payment_terms};
    return MAPS[which];
}

/* "gateway/card" is mapped by a row of the gateway alone too; a shipping title may have a slash. */
static bool is_mapped(const struct shop *shop, size_t which, const char *title)
{
    OWN_TEXT char *gateway = mem_printf("%.*s", (int)strcspn(title, "/"), title);
    const struct setting_map *map = map_of(shop, which);
    return setting_map_get(map, title) ||
           (map == &shop->payment_methods && setting_map_get(map, gateway));
}

static bool read_titles(struct ledger *ledger, const char *company, const struct shop *shop,
                        size_t which, json *list, struct err *err)
{
    OWN_TEXT char *rest = mem_printf("titles:%s:%s", SETTINGS[which], shop->code);
    OWN_TEXT char *key = store_key(ledger, company, rest);
    OWN_REPLY redisReply *reply = NULL;
    if (!redis_commandf(ledger_redis(ledger), &reply, err, "HGETALL %s", key))
        return err_wrap(err, "titles of shop %s", shop->code);
    for (size_t i = 0; i + 1 < reply->elements; i += 2) {
        if (is_mapped(shop, which, reply->element[i]->str))
            continue;
        json *row = json_new_object();
        json_set_text(row, "shop", shop->code);
        json_set_text(row, "setting", SETTINGS[which]);
        json_set_text(row, "title", reply->element[i]->str);
        json_set_text(row, "order", reply->element[i + 1]->str);
        json_add(list, row);
    }
    return true;
}

bool store_titles(struct ledger *ledger, const char *company, const struct shop *shop, json *list,
                  struct err *err)
{
    for (size_t i = 0; i < COUNT(SETTINGS); i++)
        if (!read_titles(ledger, company, shop, i, list, err))
            return false;
    return true;
}

/* catalogue_shows.c - what a level lets us see of items. */
#include "bc/catalogue_room.h"

bool bc_shows(struct attempt *attempt, struct bc_shows *out, struct err *err)
{
    struct bc_shows shows = {0};
    if (!bc_level_of(attempt, &shows.level, err))
        return false;
    bool extension = shows.level == BC_LEVEL_EXTENSION;
    const struct {
        const char *set, *service;
        bool *shown;
    } ROWS[] = {
        {"itemExtras",        "ItemCard",            &shows.card           },
        {"itemVariantExtras", "ItemVariants",        &shows.variant_blocked},
        {"itemUnits",         "ItemUnitsOfMeasure",  &shows.units          },
        {"itemReferences",    "ItemReferences",      &shows.references     },
        {"itemTranslations",  "ItemTranslations",    &shows.translations   },
        {"itemTexts",         NULL,                  &shows.texts          },
        {"itemAttributes",    NULL,                  &shows.attributes     },
        {"priceListLines",    NULL,                  &shows.price_lists    },
        {"itemStocks",        "InventoryByLocation", &shows.stock_places   },
    };
    for (size_t i = 0; shows.level != BC_LEVEL_API && i < COUNT(ROWS); i++) {
        const char *set = extension ? ROWS[i].set : ROWS[i].service;
        if (set && !bc_offers(attempt, set, ROWS[i].shown, err))
            return false;
    }
    shows.reservations = shows.stock_places;
    *out = shows;
    return true;
}

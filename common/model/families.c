/* families.c - pairs of entries whose families of records collide. */
#include "model/families.h"

#include <stdlib.h>
#include <string.h>

/* Records of a store are its shops', of whichever category; the others are the company's. */
static const struct {
    const char *name, *people;
    bool of_store;
} FAMILIES[] = {
    [FAMILY_DISCOVERY] = {"discovery",      "what has been read of a store",         true },
    [FAMILY_ORDERS] = {"orders",         "orders",                                true },
    [FAMILY_DOCUMENTS] = {"documents",      "sales documents",                       true },
    [FAMILY_SHIPMENTS] = {"shipments",      "shipments",                             true },
    [FAMILY_CUSTOMERS] = {"customers",      "customers",                             false},
    [FAMILY_SHOP_CUSTOMERS] = {"shop-customers", "customers of a store",                  true },
    [FAMILY_PRODUCTS] = {"products",       "items",                                 false},
    [FAMILY_STOCK] = {"stock",          "stock at Shopify",                      true },
    [FAMILY_SHOP_PRODUCTS] = {"shop-products",  "products of a store",                   true },
    [FAMILY_IMAGES] = {"images",         "images of products",                    true },
    [FAMILY_POSTINGS] = {"postings",       "documents that are ready to be posted", false},
    [FAMILY_PAYMENTS] = {"payments",       "payouts and disputes",                  true },
    [FAMILY_CATALOGS] = {"catalogs",       "catalogs and their prices",             true },
};

const char *family_name(enum family family)
{
    return FAMILIES[family].name;
}

bool operation_uses(const struct operation *operation, enum family family)
{
    for (size_t i = 0; i < operation->use_count; i++)
        if (operation->uses[i].family == family)
            return true;
    return false;
}

static bool is_on(const struct shop *shop, const char *name)
{
    const struct setting *row = settings_shop_row(name);
    assert(row && row->type == SETTING_BOOL); /* the table of operations names switches */
    return *(const bool *)((const char *)shop + row->offset);
}

/* NULL = the entry does not change this family. */
static const struct family_use *use_of(const struct queued *entry, enum family family)
{
    for (size_t i = 0; i < entry->operation->use_count; i++) {
        const struct family_use *use = &entry->operation->uses[i];
        bool all = use->family == family;
        for (size_t k = 0; all && k < USE_SETTINGS && use->on[k]; k++)
            all = entry->shop && is_on(entry->shop, use->on[k]);
        if (all)
            return use;
    }
    return NULL;
}

static bool same_place(const struct queued *a, const struct queued *b, enum family family)
{
    return !FAMILIES[family].of_store || !a->shop || !b->shop ||
           strcmp(a->shop->store, b->shop->store) == 0;
}

static void add_switch(struct conflict *conflict, const struct family_use *use,
                       const struct shop *shop)
{
    if (!use->on[0])
        return;
    for (size_t i = 0; i < conflict->switch_count; i++)
        if (strcmp(conflict->switches[i].setting, use->on[0]) == 0 &&
            strcmp(conflict->switches[i].shop->code, shop->code) == 0)
            return;
    conflict->switches[conflict->switch_count].setting = use->on[0];
    conflict->switches[conflict->switch_count++].shop = shop;
}

static bool collide(const struct queued *a, const struct queued *b, struct conflict *out)
{
    bool found = false;
    for (int i = 0; i < FAMILY_COUNT; i++) {
        enum family family = (enum family)i;
        const struct family_use *ours = use_of(a, family), *theirs = use_of(b, family);
        if (!ours || !theirs || !same_place(a, b, family))
            continue;
        struct conflict one = {.family = family};
        add_switch(&one, ours, a->shop);
        add_switch(&one, theirs, b->shop);
        if (found && one.switch_count > 0)
            continue;
        *out = one;
        if (one.switch_count == 0)
            return true; /* no switch ends it */
        found = true;
    }
    return found;
}

/* ---- groups of entries that are alike ---- */

static int by_likeness(const void *left, const void *right)
{
    const struct queued *a = *(const struct queued *const *)left,
                        *b = *(const struct queued *const *)right;
    int order = strcmp(a->category, b->category);
    if (order == 0)
        order = strcmp(a->operation->name, b->operation->name);
    if (order == 0)
        order = strcmp(a->shop ? a->shop->code : "", b->shop ? b->shop->code : "");
    return order;
}

static int by_place(const void *left, const void *right)
{
    const struct queued *a = *(const struct queued *const *)left,
                        *b = *(const struct queued *const *)right;
    return (a > b) - (a < b);
}

/* One of each group, in the entries' order; of its own group the one that is asked for. */
static size_t pick(const struct queued entries[], size_t count, size_t with,
                   const struct queued **out)
{
    size_t some = 0;
    for (size_t i = 0; i < count; i++)
        out[i] = &entries[i];
    qsort(out, count, sizeof(const struct queued *), by_likeness);
    for (size_t i = 0; i < count; i++) {
        bool same = some > 0 && by_likeness(&out[i], &out[some - 1]) == 0;
        if (!same || out[i]->abreast) /* where it need not wait, not even for its like */
            out[some++] = out[i];
        else if (out[i] == &entries[with])
            out[some - 1] = out[i];
    }
    qsort(out, some, sizeof(const struct queued *), by_place);
    return some;
}

size_t conflicts_find(const struct queued entries[], size_t count, size_t with,
                      struct conflict out[], size_t most)
{
    const struct queued **groups = mem_array(count + 1, sizeof *groups);
    size_t some = pick(entries, count, with < count ? with : 0, groups), found = 0;
    for (size_t i = 0; i < some; i++)
        for (size_t k = i + 1; k < some && found < most; k++) {
            const struct queued *a = groups[i], *b = groups[k];
            bool asked = with >= count || a == &entries[with] || b == &entries[with];
            bool in_turn = !a->abreast && strcmp(a->category, b->category) == 0;
            if (!asked || in_turn || !collide(a, b, &out[found]))
                continue;
            out[found].first = (size_t)(a - entries);
            out[found++].second = (size_t)(b - entries);
        }
    free(groups);
    return found;
}

/* ---- for people ---- */

static const char *lock_of(const struct queued *entry)
{
    return *entry->category ? entry->category : "no category";
}

void conflict_text(const struct queued entries[], const struct conflict *conflict, struct buf *out)
{
    const struct queued *a = &entries[conflict->first], *b = &entries[conflict->second];
    buf_printf(out,
               "\"%.60s\" (%s) and \"%.60s\" (%s) may run at the same time, and both change %s",
               a->name, lock_of(a), b->name, lock_of(b), FAMILIES[conflict->family].people);
    for (size_t i = 0; i < conflict->switch_count; i++)
        buf_printf(out, "%s %s of shop %s", i ? " and" : ", because of",
                   conflict->switches[i].setting, conflict->switches[i].shop->code);
}

/* party.c - sources of names. Spec, orders 2.4. */
#include "plan/party.h"

#include <string.h>

static const char *joined(const char *first, const char *last, bool last_first, struct arena *arena)
{
    const char *one = last_first ? last : first, *other = last_first ? first : last;
    return arena_printf(arena, "%s%s%s", one, *one && *other ? " " : "", other);
}

static bool is_company(const struct order *order)
{
    return order->company_name && *order->company_name;
}

/* An address that names nobody is the customer's; of a company that has ordered, nobody's. */
static const char *person(const struct order *order, const struct order_address *address,
                          bool last_first, struct arena *arena)
{
    if (*address->first || *address->last)
        return joined(address->first, address->last, last_first, arena);
    if (*address->name || *address->company)
        return address->name;
    if (is_company(order))
        return "";
    return joined(order->customer_first, order->customer_last, last_first, arena);
}

static const char *by_source(enum name_source source, const struct order *order,
                             const struct order_address *address, struct arena *arena)
{
    switch (source) {
    case NAME_COMPANY:
        return address->company;
    case NAME_FIRST_LAST:
    case NAME_LAST_FIRST:
        return person(order, address, source == NAME_LAST_FIRST, arena);
    case NAME_NONE:
        break;
    }
    return "";
}

static const char *unless(const char *text, const char *name)
{
    return strcmp(text, name) == 0 ? "" : text;
}

struct party_names party_names(const struct order *order, const struct order_address *address,
                               const struct shop *shop, struct arena *arena)
{
    struct party_names names = {.address = address, .name = "", .name_2 = "", .contact = ""};
    const enum name_source SOURCES[] = {(enum name_source)shop->name_source,
                                        (enum name_source)shop->name_2_source, NAME_FIRST_LAST,
                                        NAME_COMPANY};
    names.county = address->state;
    if (!address->present)
        return names;
    for (size_t i = 0; i < COUNT(SOURCES) && !*names.name; i++)
        names.name = by_source(SOURCES[i], order, address, arena);
    if (!*names.name && is_company(order)) /* its address names nobody */
        names.name = order->company_name;
    names.name_2 =
        unless(by_source((enum name_source)shop->name_2_source, order, address, arena), names.name);
    names.contact = unless(by_source((enum name_source)shop->contact_source, order, address, arena),
                           names.name);
    if (shop->county_source == COUNTY_NAME && *address->state_name)
        names.county = address->state_name;
    return names;
}

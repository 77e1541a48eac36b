/* billing.c - the bill-to name and address of an order, and their key. */
#include "plan/billing.h"

#include <ctype.h>
#include <inttypes.h>

/* FNV-1a, without case and blanks around: a key for Redis, which nobody has to read. */
static uint64_t mix(uint64_t hash, const char *text)
{
    for (; *text; text++)
        if (!isspace((unsigned char)*text))
            hash = (hash ^ (uint64_t)toupper((unsigned char)*text)) * UINT64_C(1099511628211);
    return (hash ^ '|') * UINT64_C(1099511628211);
}

static const struct order_address *address_of(const struct order *order)
{
    const struct order_address *const ALL[] = {&order->bill_to, &order->sell_to, &order->ship_to};
    for (size_t i = 0; i < COUNT(ALL); i++)
        if (ALL[i]->present)
            return ALL[i];
    return NULL;
}

/* Spec, orders 3.2 and customers 2.6: name and name 2 blank force e-mail and phone. */
struct billing billing_of(const struct order *order, struct arena *arena)
{
    const struct order_address *address = address_of(order);
    struct billing none = {.name = "", .key = ""};
    if (!address || !*address->address1)
        return none;
    const char *name = *address->company ? address->company : address->name;
    const char *const PARTS[] = {name,          address->address1, address->address2, address->zip,
                                 address->city, address->state,    address->country};
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < COUNT(PARTS); i++)
        hash = mix(hash, PARTS[i]);
    if (!*name)
        return none;
    return (struct billing){address, name, arena_printf(arena, "%016" PRIx64, hash)};
}

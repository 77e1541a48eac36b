/* billing.c - the bill-to name and address of an order, and their key. */
#include "plan/billing.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/ids.h"

/* Without case and blanks. */
static void add_part(struct buf *out, const char *text)
{
    for (; *text; text++)
        if (!isspace((unsigned char)*text))
            buf_printf(out, "%c", toupper((unsigned char)*text));
    buf_text(out, "|");
}

static const struct order_address *address_of(const struct order *order)
{
    const struct order_address *const ALL[] = {&order->bill_to, &order->sell_to, &order->ship_to};
    for (size_t i = 0; i < COUNT(ALL); i++)
        if (ALL[i]->present)
            return ALL[i];
    return NULL;
}

static struct billing billing_at(const struct order *order, const struct order_address *address,
                                 const struct shop *shop, struct arena *arena)
{
    struct billing none = {.name = "", .county = "", .key = ""};
    if (!address || !*address->address1)
        return none;
    struct party_names party = party_names(order, address, shop, arena);
    const char *const PARTS[] = {party.name,    address->address1, address->address2, address->zip,
                                 address->city, address->state,    address->country};
    char key[17];
    OWN_BUF struct buf all = {0};
    if (!*party.name)
        return none;
    for (size_t i = 0; i < COUNT(PARTS); i++)
        add_part(&all, PARTS[i]);
    digest_hex(buf_str(&all), all.size, (sizeof key - 1) / 2, key);
    return (struct billing){address, party.name, party.county, arena_text(arena, key)};
}

/* Spec, orders 3.2 and customers 2.6: name and name 2 blank force e-mail and phone. */
struct billing billing_of(const struct order *order, const struct shop *shop, struct arena *arena)
{
    return billing_at(order, address_of(order), shop, arena);
}

struct billing billing_seller(const struct order *order, const struct billing *billed,
                              const struct shop *shop, struct arena *arena)
{
    bool has_own = billed->address && order->sell_to.present;
    struct billing seller = billing_at(order, has_own ? &order->sell_to : NULL, shop, arena);
    if (seller.address && strcmp(seller.key, billed->key) == 0)
        seller.address = NULL;
    return seller;
}

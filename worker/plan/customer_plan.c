/* customer_plan.c - customers on their way to Shopify. Spec, customers 1.4 and 2.8. */
#include "plan/customer_plan.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/ids.h"
#include "plan/phone.h"

const char *const SHOPPER_NAMES[SHOPPER_FIELDS] = {
    "firstName", "lastName", "email", "phone",       "company",      "address1",
    "address2",  "zip",      "city",  "countryCode", "provinceCode", "phone",
};

const char *first_email(const char *text, struct arena *arena)
{
    size_t start = strspn(text, " "), size = strcspn(text + start, ";,");
    while (size > 0 && text[start + size - 1] == ' ')
        size--;
    return arena_printf(arena, "%.*s", (int)size, text + start);
}

const char *country_iso(const char *code, struct arena *arena)
{
    static const struct {
        const char *erp, *iso;
    } OTHERS[] = {
        {"EL", "GR"},
        {"UK", "GB"},
        {"XI", "GB"},
    };
    for (size_t i = 0; i < COUNT(OTHERS); i++)
        if (strcasecmp(code, OTHERS[i].erp) == 0)
            return OTHERS[i].iso;
    if (strlen(code) != 2 || !isalpha((unsigned char)code[0]) || !isalpha((unsigned char)code[1]))
        return "";
    return arena_printf(arena, "%c%c", toupper((unsigned char)code[0]),
                        toupper((unsigned char)code[1]));
}

/* ---- what it is to be ---- */

/* "Anna Maria Smith": the first word is the first name, or the last one where names are turned. */
static void set_names(const struct erp_customer *customer, bool last_first, struct arena *arena,
                      struct shopper_target *out)
{
    const char *name = customer->name, *first = strchr(name, ' '), *last = strrchr(name, ' ');
    const char *cut = last_first ? last : first;
    const char *before = cut ? arena_printf(arena, "%.*s", (int)(cut - name), name) : name;
    const char *behind = cut ? cut + 1 : "";
    out->fields[SHOPPER_FIRST] = last_first && cut ? behind : before;
    out->fields[SHOPPER_LAST] = last_first && cut ? before : behind;
}

/* Cut elsewhere it would be the same name: "Anna Maria" "Smith" stays as it is there. */
static bool is_called(const struct shopper *now, const char *name, bool last_first,
                      struct arena *arena)
{
    const char *one = last_first ? now->last : now->first,
               *other = last_first ? now->first : now->last;
    return strcmp(arena_printf(arena, "%s%s%s", one, *one && *other ? " " : "", other), name) == 0;
}

static void set_name(const struct erp_customer *customer, const struct shop *shop,
                     const struct shopper *now, struct arena *arena, struct shopper_target *out)
{
    bool last_first = shop->name_source == NAME_LAST_FIRST;
    if (shop->name_source == NAME_COMPANY && customer->company)
        out->fields[SHOPPER_COMPANY] = customer->name;
    else if (shop->name_source != NAME_NONE &&
             !(now && is_called(now, customer->name, last_first, arena)))
        set_names(customer, last_first, arena, out);
}

static const char *province_of(const struct erp_customer *customer, const char *iso,
                               const struct shop *shop, const struct shopper *now,
                               struct arena *arena)
{
    const char *area = arena_printf(arena, "%s-%s", iso, customer->county);
    bool moved = now && *now->address.state && strcmp(now->address.country, iso) != 0;
    if (shop->county_source == COUNTY_CODE && *customer->county &&
        setting_map_get(&shop->tax_areas, area))
        return customer->county;
    return moved ? "" : NULL; /* a state of the country that it has left */
}

static bool has_address(const struct erp_customer *customer)
{
    return *customer->address1 || *customer->city || *customer->zip;
}

enum reason shopper_target(const struct erp_customer *customer, const struct shop *shop,
                           const char *own_country, const struct shopper *now, struct arena *arena,
                           struct shopper_target *out, struct buf *detail)
{
    const char *country = *customer->country ? customer->country : own_country;
    const char *iso = country_iso(country, arena);
    const char *email = first_email(customer->email, arena);
    *out = (struct shopper_target){{NULL}};
    if (has_address(customer) && !*iso) {
        buf_printf(detail, "country %s", *country ? country : "is blank, there and of the company");
        return REASON_CUSTOMER_COUNTRY;
    }
    set_name(customer, shop, now, arena, out);
    if (*email)
        out->fields[SHOPPER_EMAIL] = email;
    bool at_address = now && *now->address.phone; /* where it was taken from */
    if (*customer->phone)
        out->fields[at_address ? SHOPPER_ADDRESS_PHONE : SHOPPER_PHONE] = customer->phone;
    if (!has_address(customer)) {
        if (now && !*now->address_id)
            out->fields[SHOPPER_COMPANY] = NULL; /* no address that would hold it */
        return REASON_NONE;
    }
    out->fields[SHOPPER_ADDRESS_1] = customer->address1;
    out->fields[SHOPPER_ADDRESS_2] = customer->address2;
    out->fields[SHOPPER_ZIP] = customer->zip;
    out->fields[SHOPPER_CITY] = customer->city;
    out->fields[SHOPPER_COUNTRY] = iso;
    out->fields[SHOPPER_PROVINCE] = province_of(customer, iso, shop, now, arena);
    return REASON_NONE;
}

/* ---- what of it differs ---- */

static const char *field_of(const struct shopper *now, enum shopper_field field)
{
    const char *const TEXTS[SHOPPER_FIELDS] = {
        now->first,
        now->last,
        now->email,
        now->phone,
        now->address.company,
        now->address.address1,
        now->address.address2,
        now->address.zip,
        now->address.city,
        now->address.country,
        now->address.state,
        now->address.phone,
    };
    return TEXTS[field];
}

size_t shopper_differs(const struct shopper_target *target, const struct shopper *now,
                       bool differs[static SHOPPER_FIELDS])
{
    size_t count = 0;
    for (int i = 0; i < SHOPPER_FIELDS; i++) {
        const char *wanted = target->fields[i], *there = field_of(now, (enum shopper_field)i);
        bool same = !wanted || strcmp(wanted, there) == 0;
        if (!same && i == SHOPPER_EMAIL)
            same = strcasecmp(wanted, there) == 0;
        if (!same && (i == SHOPPER_PHONE || i == SHOPPER_ADDRESS_PHONE))
            same = phones_match(wanted, there);
        differs[i] = !same;
        count += !same;
    }
    return count;
}

/* ---- digests ---- */

static void add(struct buf *text, const char *part)
{
    buf_printf(text, "%zu:%s", strlen(part), part);
}

void shopper_digest(const struct shopper *shopper, char out[static CUSTOMER_DIGEST])
{
    OWN_BUF struct buf text = {0};
    for (int i = 0; i < SHOPPER_FIELDS; i++)
        add(&text, field_of(shopper, (enum shopper_field)i));
    add(&text, shopper->address.first);
    add(&text, shopper->address.last);
    const char *const FIRM[] = {shopper->name,     shopper->external_id, shopper->contact,
                                shopper->location, shopper->tax_id,      shopper->terms};
    for (size_t i = 0; *shopper->name && i < COUNT(FIRM); i++)
        add(&text, FIRM[i]);
    digest_hex(buf_str(&text), text.size, (CUSTOMER_DIGEST - 1) / 2, out);
}

void erp_customer_digest(const struct erp_customer *customer, bool firm,
                         char out[static CUSTOMER_DIGEST])
{
    const char *const PARTS[] = {customer->name,     customer->address1,
                                 customer->address2, customer->city,
                                 customer->county,   customer->zip,
                                 customer->country,  customer->phone,
                                 customer->email,    customer->company ? "company" : "person"};
    OWN_BUF struct buf text = {0};
    for (size_t i = 0; i < COUNT(PARTS); i++)
        add(&text, PARTS[i]);
    if (firm) {
        add(&text, customer->number);
        add(&text, customer->tax_id);
        add(&text, customer->terms_id);
    }
    digest_hex(buf_str(&text), text.size, (CUSTOMER_DIGEST - 1) / 2, out);
}

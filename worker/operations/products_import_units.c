/* products_import_units.c - units of measure that variants are sold in, where the shop has units as
 * variants.
 *
 * Idempotency: a code is unique in Business Central's table, and "exists already" is an answer.
 */
#include <ctype.h>
#include <string.h>

#include "operations/products_import.h"

enum { UNIT_NAME_MOST = 50 };

/* Longer than the field becomes "": it cannot be there. */
static const char *cased(const char *text, int (*of)(int), size_t most, char out[])
{
    size_t size = strlen(text);
    size = size <= most ? size : 0;
    for (size_t i = 0; i < size; i++)
        out[i] = (char)of((unsigned char)text[i]);
    out[size] = 0;
    return out;
}

static const char *as_code(const char *unit, char out[static UNIT_CODE_MOST + 1])
{
    return cased(unit, toupper, UNIT_CODE_MOST, out);
}

static void want(struct lookup *lookup, const char *unit)
{
    char text[UNIT_NAME_MOST + 1];
    lookup_want(lookup, LOOKUP_UNIT, as_code(unit, text));
    lookup_want(lookup, LOOKUP_UNIT_NAME, cased(unit, tolower, UNIT_NAME_MOST, text));
}

static void take(const struct lookup *lookup, struct coming *coming)
{
    for (size_t i = 0; i < coming->product.variant_count; i++) {
        struct import_variant *variant = &coming->product.variants[i];
        const json *row = lookup_find(lookup, LOOKUP_UNIT, variant->unit);
        if (!row)
            row = lookup_find(lookup, LOOKUP_UNIT_NAME, variant->unit);
        variant->unit_code = json_text(row, "code");
        if (row)
            coming->variants[i].sought.unit = variant->unit_code;
    }
}

bool import_units(struct import *import, struct coming list[], size_t count, struct err *err)
{
    bool any = false;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < list[i].product.variant_count; k++) {
            want(import->lookup, list[i].product.variants[k].unit);
            any |= *list[i].product.variants[k].unit != 0;
        }
    if (!any)
        return true;
    if (!lookup_round(import->lookup, import->attempt, err))
        return err_wrap(err, "look for units of measure");
    for (size_t i = 0; i < count; i++)
        take(import->lookup, &list[i]);
    return true;
}

bool import_unit_make(struct import *import, struct coming *coming,
                      const struct import_variant *variant, struct err *err)
{
    char code[UNIT_CODE_MOST + 1];
    const char *unit = variant->unit;
    if (*variant->unit_code || !*as_code(unit, code))
        return true;
    if (!bc_unit_create(import->attempt, code, unit, err))
        return false;
    for (size_t i = 0; i < coming->product.variant_count; i++)
        if (strcmp(coming->product.variants[i].unit, unit) == 0)
            coming->product.variants[i].unit_code = arena_text(import->arena, code);
    return true;
}

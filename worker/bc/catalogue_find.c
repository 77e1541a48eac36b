/* catalogue_find.c - one item by what people know it by. */
#include <string.h>

#include "bc/catalogue_room.h"

/* Where a key is looked for, and what of a row names the item. */
struct place {
    enum bc_root root;
    const char *set, *property, *item, *code; /* code: of the variant, NULL = none */
    const char *more;                         /* a further condition, encoded */
};

static bool place_of_reference(const struct bc_shows *shows, struct place *out)
{
    if (!shows->references)
        return false;
    *out = shows->level == BC_LEVEL_EXTENSION
               ? (struct place){BC_EXTENSION, "itemReferences", "referenceNumber",
                                "itemId",     "variantCode",    "%20and%20referenceType%20eq%20"}
               : (struct place){BC_PAGES,  "ItemReferences", "Reference_No",
                                "Item_No", "Variant_Code",   "%20and%20Reference_Type%20eq%20"};
    return true;
}

static bool place_of(const struct bc_shows *shows, enum bc_item_key key, struct place *out)
{
    bool whole = shows->level == BC_LEVEL_EXTENSION && shows->card;
    switch (key) {
    case BC_ITEM_NUMBER:
        *out = (struct place){whole ? BC_EXTENSION : BC_API,
                              whole ? "itemExtras" : "items",
                              "number",
                              "id",
                              NULL,
                              ""};
        return true;
    case BC_ITEM_BARCODE:
        if (!place_of_reference(shows, out))
            *out = (struct place){BC_API, "items", "gtin", "id", NULL, ""};
        return true;
    case BC_ITEM_VENDOR_NUMBER:
        return place_of_reference(shows, out);
    case BC_ITEM_VARIANT_CODE:
        *out = (struct place){BC_API, "itemVariants", "code", "itemId", "code", ""};
        return true;
    }
    return false;
}

static bool first_row(struct attempt *attempt, enum bc_item_key key, const struct place *place,
                      const char *text, char **item, const char **variant_code, struct err *err)
{
    OWN_BUF struct buf path = {0};
    buf_printf(&path, "%s?$select=%s%s%s&$top=1&$filter=", place->set, place->item,
               place->code ? "," : "", place->code ? place->code : "");
    bc_filter_text(&path, place->property, text);
    buf_text(&path, place->more);
    if (*place->more)
        buf_text(&path, key == BC_ITEM_BARCODE ? "'Bar_x0020_Code'" : "'Vendor'");
    struct bc_call call = {
        .method = "GET", .root = place->root, .path = buf_str(&path), .primary = true};
    bool ok = bc_ask(attempt, &call, err);
    const json *row = json_at(json_get(call.answer, "value"), 0);
    *item = ok && row ? arena_text(attempt->arena, json_text(row, place->item)) : NULL;
    *variant_code = place->code ? arena_text(attempt->arena, json_text(row, place->code)) : "";
    /* A value longer than the field is refused: nothing has it. */
    if (!ok && strcmp(err->peer_code, "Application_FilterErrorException") == 0) {
        err_clear(err);
        ok = true;
    }
    bc_call_drop(&call);
    return ok;
}

static bool read_one(struct attempt *attempt, const struct bc_shows *shows, const char *id,
                     const struct bc_item **item, struct err *err)
{
    struct bc_items_want want = {
        .texts = true, .translations = true, .attributes = true, .prices = true};
    OWN_BUF struct buf path = {0};
    bc_item_query(attempt->bc, shows, &want, &path);
    buf_text(&path, "&$filter=");
    bc_filter_ids(&path, "id", &id, 1);
    struct bc_call call = {
        .method = "GET",
        .root = shows->level == BC_LEVEL_EXTENSION && shows->card ? BC_EXTENSION : BC_API,
        .path = buf_str(&path),
        .primary = true,
    };
    bool ok = bc_ask(attempt, &call, err);
    const json *row = json_at(json_get(call.answer, "value"), 0);
    if (ok && row) {
        struct bc_item *found = arena_alloc(attempt->arena, sizeof *found);
        bc_item_read(attempt->arena, shows, row, found);
        *item = found;
        ok = shows->level != BC_LEVEL_PAGES ||
             bc_pages_fill(attempt, attempt->arena, shows, &want, false, found, 1, err);
    }
    bc_call_drop(&call);
    return ok;
}

bool bc_item_find(struct attempt *attempt, enum bc_item_key key, const char *text,
                  const struct bc_item **item, const char **variant_code, struct err *err)
{
    struct bc_shows shows;
    struct place place;
    struct bc *bc;
    char *id = NULL;
    *item = NULL;
    *variant_code = "";
    if (!bc_of(attempt, &bc, err) || !bc_shows(attempt, &shows, err))
        return false;
    if (!*text || !place_of(&shows, key, &place))
        return true;
    bool ok = first_row(attempt, key, &place, text, &id, variant_code, err);
    if (ok && id && place.root == BC_PAGES) { /* which knows its number alone */
        const char *number = id, *none;
        ok = place_of(&shows, BC_ITEM_NUMBER, &place) &&
             first_row(attempt, BC_ITEM_NUMBER, &place, number, &id, &none, err);
    }
    return (ok && (!id || read_one(attempt, &shows, id, item, err))) ||
           err_wrap(err, "look for item %.40s", text);
}

/* catalogue_find.c - one item by what people know it by. */
#include <string.h>

#include "bc/catalogue_room.h"

/* Where a key is looked for. */
struct place {
    enum bc_root root;
    const char *set, *property, *id, *more; /* more: a further condition, encoded */
};

static bool place_of(const struct bc_shows *shows, enum bc_item_key key, struct place *out)
{
    bool whole = shows->level == BC_LEVEL_EXTENSION && shows->card;
    enum bc_root root = whole ? BC_EXTENSION : BC_API;
    bool references = whole && shows->references;
    switch (key) {
    case BC_ITEM_NUMBER:
        *out = (struct place){root, whole ? "itemExtras" : "items", "number", "id", ""};
        return true;
    case BC_ITEM_BARCODE:
        *out = references ? (struct place){root, "itemReferences", "referenceNumber", "itemId",
                                           "%20and%20referenceType%20eq%20'Bar_x0020_Code'"}
                          : (struct place){BC_API, "items", "gtin", "id", ""};
        return true;
    case BC_ITEM_VENDOR_NUMBER:
        *out = (struct place){root, "itemReferences", "referenceNumber", "itemId",
                              "%20and%20referenceType%20eq%20'Vendor'"};
        return references;
    case BC_ITEM_VARIANT_CODE:
        *out = (struct place){BC_API, "itemVariants", "code", "itemId", ""};
        return true;
    }
    return false;
}

static bool first_row(struct attempt *attempt, const struct place *place, const char *text,
                      char **id, const char **variant_code, struct err *err)
{
    OWN_BUF struct buf path = {0};
    bool variants = strcmp(place->set, "itemVariants") == 0;
    bool references = strcmp(place->set, "itemReferences") == 0;
    buf_printf(&path, "%s?$select=%s%s&$top=1&$filter=", place->set, place->id,
               variants     ? ",code"
               : references ? ",variantCode"
                            : "");
    bc_filter_text(&path, place->property, text);
    buf_text(&path, place->more);
    struct bc_call call = {
        .method = "GET", .root = place->root, .path = buf_str(&path), .primary = true};
    bool ok = bc_ask(attempt, &call, err);
    const json *row = json_at(json_get(call.answer, "value"), 0);
    *id = ok && row ? arena_text(attempt->arena, json_text(row, place->id)) : NULL;
    *variant_code = arena_text(attempt->arena, variants     ? json_text(row, "code")
                                               : references ? json_text(row, "variantCode")
                                                            : "");
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
    return (first_row(attempt, &place, text, &id, variant_code, err) &&
            (!id || read_one(attempt, &shows, id, item, err))) ||
           err_wrap(err, "look for item %.40s", text);
}

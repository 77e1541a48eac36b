/* catalogue_write.c - items, variants, their bar codes and vendors' numbers, into Business Central.
 *
 * Nothing is made twice: a number is unique there, and so are item and code of a variant and all
 * that a reference consists of. So each creation looks for it first, on the primary; "exists
 * already" is an answer; and after a lost answer the caller comes again, looks, and finds it. An
 * item that takes its number from the series has no such key: it is looked for by its description
 * among the items made since the creation was noted. A change sets absolute values: twice is once.
 */
#include <string.h>
#include <strings.h>

#include "bc/catalogue_room.h"

enum { CLOCKS_APART_MS = 5 * 60 * 1000 };

/* ---- bodies: only what is to be written, never what was read ---- */

static void set_text(json *body, const char *name, const char *text)
{
    if (text)
        json_set_text(body, name, text);
}

static json *item_body(const struct bc_item_draft *draft)
{
    json *body = json_new_object();
    set_text(body, "number", draft->number);
    set_text(body, "displayName", draft->description);
    set_text(body, "type",
             draft->type && strcmp(draft->type, "Non-Inventory") == 0 ? "Non_x002D_Inventory"
                                                                      : draft->type);
    set_text(body, "itemCategoryCode", draft->category_code);
    set_text(body, "gtin", draft->gtin);
    set_text(body, "taxGroupCode", draft->tax_group);
    set_text(body, "baseUnitOfMeasureCode", draft->base_unit);
    set_text(body, "generalProductPostingGroupCode", draft->product_group);
    set_text(body, "inventoryPostingGroupCode", draft->inventory_group);
    if (draft->has_price)
        json_set_decimal(body, "unitPrice", draft->price);
    if (draft->has_cost)
        json_set_decimal(body, "unitCost", draft->cost);
    return body;
}

/* *exists = it was there already. */
static bool create(struct attempt *attempt, enum bc_root root, const char *set, json *body,
                   json **row, bool *exists, struct err *err)
{
    struct bc_call call = {.method = "POST", .root = root, .path = set, .body = body};
    *exists = false;
    if (!attempt_may_write(attempt, err)) {
        json_free(body);
        return false;
    }
    bool ok = bc_ask(attempt, &call, err);
    if (!ok && strcmp(err->peer_code, "Internal_EntityWithSameKeyExists") == 0) {
        *exists = true;
        err_clear(err);
        ok = true;
    }
    if (ok && row)
        *row = GIVE(call.answer);
    bc_call_drop(&call);
    return ok;
}

/* ---- items ---- */

/* An item of this description that was made, or changed, since the creation was noted. */
static bool find_made(struct attempt *attempt, const char *description, int64_t noted_ms,
                      const struct bc_item **item, struct err *err)
{
    char since[32];
    const char *code;
    OWN_BUF struct buf path = {0};
    time_format(noted_ms - CLOCKS_APART_MS, true, since);
    buf_text(&path, "items?$select=number&$top=1&$orderby=lastModifiedDateTime&$filter=");
    bc_filter_text(&path, "displayName", description);
    buf_printf(&path, "%%20and%%20lastModifiedDateTime%%20gt%%20%s", since);
    struct bc_call call = {.method = "GET", .path = buf_str(&path), .primary = true};
    bool ok = bc_ask(attempt, &call, err);
    const json *row = json_at(json_get(call.answer, "value"), 0);
    if (ok && row)
        ok = bc_item_find(attempt, BC_ITEM_NUMBER, json_text(row, "number"), item, &code, err);
    bc_call_drop(&call);
    return ok;
}

bool bc_items_called(struct attempt *attempt, const char *description,
                     struct bc_called out[static BC_CALLED_MOST], size_t *count, struct err *err)
{
    OWN_BUF struct buf path = {0};
    buf_printf(&path,
               "items?$select=id,number&$top=%d&$orderby=lastModifiedDateTime%%20desc&$filter=",
               BC_CALLED_MOST);
    bc_filter_text(&path, "displayName", description);
    struct bc_call call = {.method = "GET", .path = buf_str(&path), .primary = true};
    bool ok = bc_ask(attempt, &call, err);
    const json *rows = json_get(call.answer, "value");
    *count = 0;
    for (size_t i = 0; ok && i < json_count(rows) && *count < BC_CALLED_MOST; i++)
        out[(*count)++] = (struct bc_called){
            arena_text(attempt->arena, json_text(json_at(rows, i), "id")),
            arena_text(attempt->arena, json_text(json_at(rows, i), "number")),
        };
    bc_call_drop(&call);
    return ok || err_wrap(err, "look for items called %.60s", description);
}

bool bc_item_create(struct attempt *attempt, const struct bc_item_draft *draft, int64_t noted_ms,
                    const struct bc_item **item, bool *made, struct err *err)
{
    const char *code, *name = draft->number ? draft->number : draft->description;
    OWN_JSON json *row = NULL;
    bool exists = false;
    *item = NULL;
    *made = false;
    if (draft->number && !bc_item_find(attempt, BC_ITEM_NUMBER, draft->number, item, &code, err))
        return false;
    if (!draft->number && noted_ms > 0 &&
        !find_made(attempt, draft->description, noted_ms, item, err))
        return err_wrap(err, "look for item %.60s", name);
    if (*item)
        return true;
    if (!create(attempt, BC_API, "items", item_body(draft), &row, &exists, err))
        return err_wrap(err, "create item %.60s", name);
    *made = !exists;
    const char *number = exists ? draft->number : json_text(row, "number");
    if (number && !bc_item_find(attempt, BC_ITEM_NUMBER, number, item, &code, err))
        return false;
    return *item ||
           err_set(err, ERR_RETRY, 0, "item %.60s was created and is not to be found", name);
}

static bool change(struct attempt *attempt, enum bc_root root, const char *set, const char *id,
                   json *body, struct err *err)
{
    OWN_TEXT char *path = mem_printf("%s(%s)", set, id);
    struct bc_call call = {.method = "PATCH",
                           .root = root,
                           .path = path,
                           .body = body,
                           .if_match = "*",
                           .repeatable = true};
    if (!attempt_may_write(attempt, err)) {
        json_free(body);
        return false;
    }
    bool ok = bc_ask(attempt, &call, err);
    bc_call_drop(&call);
    return ok;
}

bool bc_item_change(struct attempt *attempt, const char *id, const struct bc_item_draft *draft,
                    struct err *err)
{
    return change(attempt, BC_API, "items", id, item_body(draft), err) ||
           err_wrap(err, "change item %.60s", draft->number ? draft->number : id);
}

bool bc_item_card_change(struct attempt *attempt, const char *id, const struct bc_card_draft *draft,
                         bool *kept, struct err *err)
{
    struct bc_shows shows;
    *kept = false;
    if (!bc_shows(attempt, &shows, err))
        return false;
    if (shows.level != BC_LEVEL_EXTENSION || !shows.card)
        return true;
    *kept = true;
    json *body = json_new_object();
    set_text(body, "vendorNumber", draft->vendor_number);
    set_text(body, "vendorItemNumber", draft->vendor_item_number);
    set_text(body, "tariffNumber", draft->tariff_number);
    set_text(body, "countryOfOriginCode", draft->origin);
    if (draft->has_weight)
        json_set_decimal(body, "grossWeight", draft->gross_weight);
    return change(attempt, BC_EXTENSION, "itemExtras", id, body, err) ||
           err_wrap(err, "change the card of item %.60s", id);
}

/* ---- variants ---- */

static const struct bc_variant *variant_of(const struct bc_item *item, const char *code)
{
    for (size_t i = 0; i < item->variant_count; i++)
        if (strcasecmp(item->variants[i].code, code) == 0)
            return &item->variants[i];
    return NULL;
}

static bool find_variant(struct attempt *attempt, const struct bc_item *item, const char *code,
                         const struct bc_variant **out, struct err *err)
{
    const struct bc_item *fresh;
    const char *ignored;
    if (!bc_item_find(attempt, BC_ITEM_NUMBER, item->number, &fresh, &ignored, err))
        return false;
    *out = fresh ? variant_of(fresh, code) : NULL;
    return true;
}

bool bc_variant_create(struct attempt *attempt, const struct bc_item *item, const char *code,
                       const char *description, const struct bc_variant **variant, bool *made,
                       struct err *err)
{
    bool exists = false;
    *made = false;
    if (!find_variant(attempt, item, code, variant, err))
        return false;
    if (*variant)
        return true;
    json *body = json_new_object();
    json_set_text(body, "itemId", item->id);
    json_set_text(body, "code", code);
    json_set_text(body, "description", description);
    if (!create(attempt, BC_API, "itemVariants", body, NULL, &exists, err))
        return err_wrap(err, "create variant %.20s of item %.40s", code, item->number);
    *made = !exists;
    if (!find_variant(attempt, item, code, variant, err))
        return false;
    return *variant || err_set(err, ERR_RETRY, 0,
                               "variant %.20s of item %.40s was created and is not to be found",
                               code, item->number);
}

bool bc_variant_change(struct attempt *attempt, const char *id, const char *description,
                       struct err *err)
{
    json *body = json_new_object();
    json_set_text(body, "description", description);
    return change(attempt, BC_API, "itemVariants", id, body, err) ||
           err_wrap(err, "change variant %s", id);
}

/* ---- units ---- */

bool bc_unit_create(struct attempt *attempt, const char *code, const char *name, struct err *err)
{
    bool exists;
    json *body = json_new_object();
    json_set_text(body, "code", code);
    json_set_text(body, "displayName", name);
    return create(attempt, BC_API, "unitsOfMeasure", body, NULL, &exists, err) ||
           err_wrap(err, "create unit of measure %.10s", code);
}

bool bc_item_unit_add(struct attempt *attempt, const struct bc_item *item, const char *code,
                      bool *kept, struct err *err)
{
    struct bc_shows shows;
    bool exists;
    *kept = false;
    if (!bc_shows(attempt, &shows, err))
        return false;
    if (shows.level != BC_LEVEL_EXTENSION || !shows.units)
        return true;
    *kept = true;
    json *body = json_new_object();
    json_set_text(body, "itemNumber", item->number);
    json_set_text(body, "code", code);
    json_set_decimal(body, "quantityPerUnit", decimal_from_int(1));
    return create(attempt, BC_EXTENSION, "itemUnits", body, NULL, &exists, err) ||
           err_wrap(err, "add unit %.10s to item %.40s", code, item->number);
}

/* ---- references ---- */

static bool is_there(const struct bc_item *item, const struct bc_reference *reference)
{
    for (size_t i = 0; i < item->reference_count; i++) {
        const struct bc_reference *other = &item->references[i];
        if (other->kind == reference->kind && strcasecmp(other->number, reference->number) == 0 &&
            strcmp(other->variant_code, reference->variant_code) == 0 &&
            strcmp(other->unit_code, reference->unit_code) == 0 &&
            (reference->kind != BC_REFERENCE_VENDOR ||
             strcmp(other->vendor_number, reference->vendor_number) == 0))
            return true;
    }
    return false;
}

bool bc_reference_add(struct attempt *attempt, const struct bc_item *item,
                      const struct bc_reference *reference, bool *kept, struct err *err)
{
    struct bc_shows shows;
    bool exists;
    *kept = false;
    if (!bc_shows(attempt, &shows, err))
        return false;
    if (shows.level != BC_LEVEL_EXTENSION || !shows.references ||
        reference->kind == BC_REFERENCE_OTHER)
        return true;
    *kept = true;
    if (is_there(item, reference))
        return true;
    bool vendor = reference->kind == BC_REFERENCE_VENDOR;
    json *body = json_new_object();
    json_set_text(body, "itemNumber", item->number); /* its itemId can only be read */
    json_set_text(body, "variantCode", reference->variant_code);
    json_set_text(body, "unitOfMeasureCode", reference->unit_code);
    json_set_text(body, "referenceType", vendor ? "Vendor" : "Bar_x0020_Code");
    if (vendor)
        json_set_text(body, "referenceTypeNumber", reference->vendor_number);
    json_set_text(body, "referenceNumber", reference->number);
    return create(attempt, BC_EXTENSION, "itemReferences", body, NULL, &exists, err) ||
           err_wrap(err, "add %.40s to item %.40s", reference->number, item->number);
}

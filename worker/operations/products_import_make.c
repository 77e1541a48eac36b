/* products_import_make.c - items for products that have none, and variants that they lack.
 *
 * Idempotency: a number is unique in Business Central, and so are item and code of a variant, and
 * all that a reference consists of; each is looked for on the primary before it is made, and
 * "exists already" is an answer, so two workers, a doubled delivery and a lost answer end with one.
 * A code that is made up here is that of the item's variant of the same description, if it has one:
 * a second run finds what the first one made. An item whose number the series gives has no key that
 * Business Central would enforce. Whoever makes one holds the lock of its Shopify record, and a
 * note of the write in flight stands until the link replaces it, with the items
 * that were called the same before; after a lost answer it is the one of that description that is
 * not among them and was not linked since, and it is sent again only when the server's own limit
 * (bc_late_s) has passed. `making` stands from before
 * the first write of a product until all of it is there, so a killed run's item is completed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "operations/products_import.h"
#include "store/staging.h"
#include "store/store.h"

enum {
    LOCK_MS = 10000,
    OTHER_MS = 2000,
    MADE_MS = 24 * 3600 * 1000,
    MADE_MOST = 100000,
    GTIN_MOST = 14
};

struct making {
    struct import *import;
    struct coming *coming;
    const struct bc_item *item; /* the one in hand */
    struct buf lacks;           /* what this level does not take of it */
    struct buf guessed;         /* units of which nobody has said how many base units they are */
    bool later;                 /* another run makes it, or its answer is awaited */
};

static void lacks(struct making *making, const char *what)
{
    if (!strstr(buf_str(&making->lacks), what))
        buf_printf(&making->lacks, "%s%s", making->lacks.size ? ", " : "", what);
}

static bool listed(const char *list, const char *id)
{
    size_t size = strlen(id);
    for (const char *at = list; (at = strstr(at, id)); at += size)
        if ((at == list || at[-1] == ',') && (at[size] == ',' || !at[size]))
            return true;
    return false;
}

static void come_back(struct making *making, int64_t until_ms)
{
    undone_look(&making->import->awaited, making->coming->product.title, until_ms);
    making->later = making->coming->failed = true;
}

/* ---- what is written ---- */

static const char *of_template(const struct shop *shop, const char *key)
{
    const char *value = setting_map_get(&shop->item_template, key);
    return value && *value ? value : NULL;
}

static bool may_be_gtin(const struct making *making, const char *number)
{
    return !making->import->shows.references && *number && strlen(number) <= GTIN_MOST;
}

/* Its bar code there; where the SKU is one, that. */
static const char *barcode_of(const struct making *making, const struct import_variant *variant)
{
    bool by_sku = making->import->shop->sku_mapping == SKU_BARCODE && *variant->sku;
    return by_sku ? variant->sku : variant->barcode;
}

static bool fill_draft(struct making *making, const struct import_variant *lead,
                       struct bc_item_draft *out, struct err *err)
{
    struct import *import = making->import;
    const struct shop *shop = import->shop;
    const struct import_product *product = &making->coming->product;
    const char *number = import_number(lead, shop, import->arena);
    const char *category = import_category(import, product);
    const char *barcode = barcode_of(making, lead);
    bool whole = !import_one_item(shop) || !*lead->own; /* no bar code of one variant */
    *out = (struct bc_item_draft){
        .number = *number ? number : NULL,
        .description = import_text(product->title, ITEM_TEXT_MOST, import->arena),
        .type = of_template(shop, "type"),
        .category_code = *category ? category : of_template(shop, "category"),
        .gtin = whole && may_be_gtin(making, barcode) ? barcode : NULL,
        .base_unit = *lead->unit_code ? lead->unit_code : of_template(shop, "base_unit"),
        .tax_group = of_template(shop, "tax_group"),
        .product_group = of_template(shop, "product_group"),
        .inventory_group = of_template(shop, "inventory_group"),
        .has_price = decimal_sign(lead->price) > 0,
        .has_cost = decimal_sign(lead->cost) > 0,
    };
    return bc_to_local(import->attempt, shop->currency, import->today, lead->price, &out->price,
                       err) &&
           bc_to_local(import->attempt, shop->currency, import->today, lead->cost, &out->cost, err);
}

/* ---- an item that takes its number from the series ---- */

struct note {
    const char *record, *lock;
    int64_t look_until_ms; /* 0 = none stands */
    const char *others;    /* ids of items that were called the same before, comma between */
};

static bool read_note(struct making *making, const struct import_variant *lead, struct note *out,
                      struct err *err)
{
    static const char *const FIELDS[] = {"look_until", "key"};
    struct import *import = making->import;
    OWN(store_rows) struct store_rows *rows = NULL;
    out->record = arena_printf(import->arena, "item-of:%s", lead->id);
    out->lock = arena_printf(import->arena, "item:variant:%s", lead->id);
    const char *const keys[] = {arena_printf(import->arena, "note:%s", out->record)};
    if (!store_read(import->attempt->ledger, import->company, keys, 1, FIELDS, COUNT(FIELDS), &rows,
                    err))
        return false;
    out->look_until_ms = store_int(rows, 0, 0);
    out->others = arena_text(import->arena, store_text(rows, 0, 1));
    return true;
}

static char *made_key(const struct import *import)
{
    return mem_printf("items-made:%s", import->shop->code);
}

/* The item that a call without an answer has made after all. */
static bool find_noted(struct making *making, const char *description, const struct note *note,
                       struct err *err)
{
    struct import *import = making->import;
    struct bc_called called[BC_CALLED_MOST];
    const char *code;
    size_t count;
    OWN_IDS struct store_ids linked = {0};
    OWN_TEXT char *key = made_key(import);
    if (!bc_items_called(import->attempt, description, called, &count, err) ||
        !store_zset(import->attempt->ledger, import->company, key, INT64_MAX, MADE_MOST, &linked,
                    err))
        return false;
    for (size_t i = 0; i < count; i++) {
        bool taken = listed(note->others, called[i].id);
        for (size_t k = 0; k < linked.count && !taken; k++)
            taken = strcmp(linked.items[k], called[i].id) == 0;
        if (!taken)
            return bc_item_find(import->attempt, BC_ITEM_NUMBER, called[i].number, &making->item,
                                &code, err);
    }
    return true;
}

static bool read_others(struct making *making, const char *description, struct buf *ids,
                        struct err *err)
{
    struct bc_called called[BC_CALLED_MOST];
    size_t count;
    if (!bc_items_called(making->import->attempt, description, called, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        buf_printf(ids, "%s%s", i ? "," : "", called[i].id);
    return true;
}

/* The link was read before the turn was taken: whoever had it before may have made the item. */
static bool made_meanwhile(struct import *import, const struct import_variant *lead, bool *made,
                           struct err *err)
{
    static const char *const ITEM[] = {"item"};
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN_TEXT char *link = mem_printf("shop-variant:%s:%s", import->shop->code, lead->id);
    const char *const keys[] = {link};
    if (!store_read(import->attempt->ledger, import->company, keys, 1, ITEM, COUNT(ITEM), &rows,
                    err))
        return false;
    *made = *store_text(rows, 0, 0) != 0;
    return true;
}

/* *refused = another run has it, or has had it. */
static bool take_turn(struct making *making, const struct import_variant *lead,
                      const char *description, const struct note *note, bool *refused,
                      struct err *err)
{
    struct import *import = making->import;
    int64_t now_ms = import_now_ms(import);
    int64_t until_ms = now_ms + import->attempt->company->bc_late_s * 1000;
    OWN_BUF struct buf others = {0};
    OWN(write) struct write *lock = write_new();
    OWN(write) struct write *keep = write_new();
    *refused = false;
    write_lock(lock, note->lock, now_ms + LOCK_MS);
    if (!import_flush(import, true, err) || !attempt_write(import->attempt, lock, refused, err))
        return false;
    if (*refused)
        return true;
    if (!made_meanwhile(import, lead, refused, err))
        return false;
    if (*refused) {
        write_unlock(keep, note->lock);
        return attempt_write(import->attempt, keep, NULL, err);
    }
    if (!read_others(making, description, &others, err))
        return false;
    if (note->look_until_ms)
        write_note_clear(keep, note->record); /* the server can no longer finish that call */
    write_keep(keep, note->lock, until_ms);
    write_note(keep, note->record, "bc", "create item", buf_str(&others), until_ms);
    return attempt_write(import->attempt, keep, refused, err);
}

static void give_back(struct making *making, const struct note *note)
{
    write_note_clear(making->import->write, note->record);
    write_unlock(making->import->write, note->lock);
}

static bool create_by_series(struct making *making, const struct import_variant *lead,
                             const struct bc_item_draft *draft, struct err *err)
{
    struct import *import = making->import;
    struct note note;
    bool refused, made = false;
    if (!read_note(making, lead, &note, err) ||
        (note.look_until_ms && !find_noted(making, draft->description, &note, err)))
        return false;
    if (making->item) {
        give_back(making, &note);
        return true;
    }
    if (note.look_until_ms > import_now_ms(import)) {
        come_back(making, note.look_until_ms);
        return true;
    }
    if (!take_turn(making, lead, draft->description, &note, &refused, err))
        return false;
    if (refused) {
        come_back(making, import_now_ms(import) + OTHER_MS);
        return true;
    }
    bool ok = bc_item_create(import->attempt, draft, 0, &making->item, &made, err);
    if (ok || (!made && (err->kind == ERR_FATAL || err->kind == ERR_RETRY)))
        give_back(making, &note); /* with the link, in one WRITE; or nothing was made */
    return ok;
}

/* Made here: no other record's note takes it for its own. */
static void note_made(struct making *making)
{
    char now[32], old[32];
    int64_t now_ms = import_now_ms(making->import);
    OWN_TEXT char *key = made_key(making->import);
    snprintf(now, sizeof now, "%" PRId64, now_ms);
    snprintf(old, sizeof old, "%" PRId64, now_ms - MADE_MS);
    write_add(making->import->write, "ZADD", key, now, making->item->id, NULL);
    write_add(making->import->write, "ZREMRANGEBYSCORE", key, "0", old, NULL);
}

/* ---- what an item has beside its row ---- */

static bool change_card(struct making *making, const struct bc_card_draft *draft, struct err *err)
{
    bool kept;
    struct err why;
    if (!bc_item_card_change(making->import->attempt, making->item->id, draft, &kept, &why)) {
        if (why.kind != ERR_FATAL) {
            *err = why;
            return false;
        }
        lacks(making, why.text); /* a number that is not in their tables; the item stands */
        return true;
    }
    if (!kept && draft->vendor_number)
        lacks(making, "the vendor");
    if (!kept && draft->tariff_number)
        lacks(making, "the tariff number");
    if (!kept && draft->origin)
        lacks(making, "the country of origin");
    return true;
}

static bool add_reference(struct making *making, const struct bc_reference *reference,
                          const char *what, struct err *err)
{
    bool kept;
    if (!*reference->number)
        return true;
    if (!bc_reference_add(making->import->attempt, making->item, reference, &kept, err))
        return false;
    bool as_gtin = reference->kind == BC_REFERENCE_BARCODE && !*reference->variant_code &&
                   making->item->gtin && strcmp(making->item->gtin, reference->number) == 0;
    if (!kept && !as_gtin)
        lacks(making, what);
    return true;
}

static const struct bc_unit *own_unit(const struct bc_item *item, const char *code)
{
    for (size_t i = 0; i < item->unit_count; i++)
        if (strcasecmp(item->units[i].code, code) == 0)
            return &item->units[i];
    return NULL;
}

/* One of the item's units; what cannot be is left out, and said. */
static bool unit_of(struct making *making, const struct import_variant *variant, const char **code,
                    struct err *err)
{
    struct import *import = making->import;
    const struct bc_unit *unit = NULL;
    const char *ignored;
    bool kept = false;
    *code = "";
    if (!*variant->unit)
        return true;
    if (!import_unit_make(import, making->coming, variant, err))
        return false;
    if (*variant->unit_code && !(unit = own_unit(making->item, variant->unit_code))) {
        if (!bc_item_unit_add(import->attempt, making->item, variant->unit_code, &kept, err))
            return false;
        if (kept && !bc_item_find(import->attempt, BC_ITEM_NUMBER, making->item->number,
                                  &making->item, &ignored, err))
            return false;
        unit = own_unit(making->item, variant->unit_code);
    }
    if (!unit) {
        OWN_TEXT char *what = mem_printf("the unit of measure %.50s", variant->unit);
        lacks(making, what);
        return true;
    }
    *code = unit->code;
    if (strcasecmp(unit->code, making->item->base_unit) != 0 &&
        decimal_cmp(unit->quantity, decimal_from_int(1)) == 0 &&
        !strstr(buf_str(&making->guessed), unit->code))
        buf_printf(&making->guessed, "%s%s", making->guessed.size ? ", " : "", unit->code);
    return true;
}

/* Bar code and vendor's number of the item, or of one of its variants. */
static bool add_references(struct making *making, const struct import_variant *variant,
                           const char *code, struct err *err)
{
    const struct import *import = making->import;
    const char *vendor = vendor_found(import->lookup, making->coming->product.vendor);
    const char *unit;
    if (!unit_of(making, variant, &unit, err))
        return false;
    struct bc_reference barcode = {.kind = BC_REFERENCE_BARCODE,
                                   .variant_code = code,
                                   .unit_code = unit,
                                   .vendor_number = "",
                                   .number = barcode_of(making, variant)};
    struct bc_reference number = {.kind = BC_REFERENCE_VENDOR,
                                  .variant_code = code,
                                  .unit_code = unit,
                                  .vendor_number = vendor,
                                  .number = variant->sku};
    return add_reference(making, &barcode, *code ? "bar codes of variants" : "the bar code", err) &&
           (import->shop->sku_mapping != SKU_VENDOR_ITEM_NO || !*vendor ||
            add_reference(making, &number, "the vendor's number", err));
}

static bool complete(struct making *making, const struct import_variant *lead, struct err *err)
{
    const struct import *import = making->import;
    const char *vendor = vendor_found(import->lookup, making->coming->product.vendor);
    bool by_vendor = import->shop->sku_mapping == SKU_VENDOR_ITEM_NO && *vendor;
    const struct bc_card_draft card = {
        .vendor_number = *vendor ? vendor : NULL,
        .vendor_item_number = by_vendor && *lead->sku ? lead->sku : NULL,
        .tariff_number = *lead->tariff ? lead->tariff : NULL,
        .origin = *lead->origin ? lead->origin : NULL,
    };
    bool any = card.vendor_number || card.tariff_number || card.origin;
    bool whole = !import_one_item(import->shop) || !*lead->own;
    return (!any || change_card(making, &card, err)) &&
           (!whole || add_references(making, lead, "", err));
}

/* ---- items ---- */

static void take_item(struct making *making, struct coming_variant *variant)
{
    variant->sought.item = arena_text(making->import->arena, making->item->id);
    variant->sought.number = arena_text(making->import->arena, making->item->number);
}

/* The item of this variant: made, or as it stands. NULL in making->item = later. */
static bool item_for(struct making *making, struct coming_variant *lead, struct err *err)
{
    struct import *import = making->import;
    struct bc_item_draft draft;
    const char *code;
    bool made;
    making->item = NULL;
    if (*lead->sought.item)
        return bc_item_find(import->attempt, BC_ITEM_NUMBER, lead->sought.number, &making->item,
                            &code, err);
    if (!import_unit_make(import, making->coming, lead->of, err) ||
        !fill_draft(making, lead->of, &draft, err))
        return false;
    if (draft.number ? !bc_item_create(import->attempt, &draft, 0, &making->item, &made, err)
                     : !create_by_series(making, lead->of, &draft, err))
        return false;
    if (!making->item)
        return true;
    take_item(making, lead);
    lead->made = true;
    import->attempt->counts.created++;
    log_info("item.made", TEXT("item", making->item->number),
             TEXT("product", making->coming->product.id));
    import_stage_variant(import, making->coming, lead);
    note_made(making);
    return import_flush(import, true, err);
}

/* ---- variants ---- */

static bool is_of_other(const struct coming *coming, const char *item_variant)
{
    for (size_t i = 0; i < coming->product.variant_count; i++)
        if (strcmp(coming->variants[i].sought.item_variant, item_variant) == 0)
            return true;
    return false;
}

/* What an earlier run has made for it, before its answer was lost. */
static const struct bc_variant *variant_by_text(const struct making *making, const char *text)
{
    const char *prefix = making->import->shop->variant_prefix;
    for (size_t i = 0; i < making->item->variant_count; i++) {
        const struct bc_variant *variant = &making->item->variants[i];
        if (strncasecmp(variant->code, prefix, strlen(prefix)) == 0 &&
            strcmp(variant->description, text) == 0 && !is_of_other(making->coming, variant->id))
            return variant;
    }
    return NULL;
}

static const char *new_code(const struct making *making)
{
    const struct bc_item *item = making->item;
    const char **taken = arena_array(making->import->arena, item->variant_count + 1, sizeof *taken);
    for (size_t i = 0; i < item->variant_count; i++)
        taken[i] = item->variants[i].code;
    return import_code(taken, item->variant_count, making->import->shop, making->import->arena);
}

/* One of the same options in another unit has it already. */
static const struct coming_variant *same_own(const struct coming *coming,
                                             const struct coming_variant *variant)
{
    for (size_t i = 0; i < coming->product.variant_count; i++) {
        const struct coming_variant *other = &coming->variants[i];
        if (other != variant && *other->sought.item_variant &&
            strcmp(other->of->own, variant->of->own) == 0)
            return other;
    }
    return NULL;
}

static bool make_variant(struct making *making, struct coming_variant *variant, struct err *err)
{
    struct import *import = making->import;
    const struct coming_variant *same = same_own(making->coming, variant);
    const char *text = import_text(variant->of->own, ITEM_TEXT_MOST, import->arena), *fresh_code;
    struct sku_parts parts;
    const struct bc_variant *found = NULL;
    bool made = false;
    take_item(making, variant);
    if (same) {
        variant->sought.item_variant = same->sought.item_variant;
        variant->sought.code = same->sought.code;
    } else if (*variant->of->own) {
        sku_read(variant->of->sku, import->shop, &parts);
        if (!*parts.code)
            found = variant_by_text(making, text);
        const char *code = *parts.code ? arena_text(import->arena, parts.code)
                           : found     ? found->code
                                       : new_code(making);
        if (!found &&
            !bc_variant_create(import->attempt, making->item, code, text, &found, &made, err))
            return false;
        variant->sought.item_variant = arena_text(import->arena, found->id);
        variant->sought.code = arena_text(import->arena, found->code);
    }
    variant->made = true;
    import->attempt->counts.created += made;
    import_stage_variant(import, making->coming, variant);
    /* the item as it is now, with the variant: the next code counts up from it */
    return (!made || bc_item_find(import->attempt, BC_ITEM_NUMBER, making->item->number,
                                  &making->item, &fresh_code, err)) &&
           add_references(making, variant->of, variant->sought.code, err) &&
           import_flush(import, true, err);
}

/* ---- a product ---- */

static bool is_open(const struct import *import, const struct coming *coming,
                    const struct coming_variant *variant)
{
    bool by_product = import->shop->sku_mapping == SKU_NONE && *variant->sought.item;
    return !by_product && (!*variant->sought.item || listed(coming->making, variant->of->id));
}

/* What is about to be made stands there before it is. */
static bool write_making(struct import *import, const struct coming *coming, struct err *err)
{
    OWN_BUF struct buf ids = {0};
    OWN_TEXT char *key = mem_printf("product-in:%s:%s", import->shop->code, coming->product.id);
    for (size_t i = 0; i < coming->product.variant_count; i++)
        if (is_open(import, coming, &coming->variants[i]))
            buf_printf(&ids, "%s%s", ids.size ? "," : "", coming->variants[i].of->id);
    write_add(import->write, "HSET", key, "making", buf_str(&ids), NULL);
    return import_flush(import, true, err);
}

static bool make_items(struct making *making, struct err *err)
{
    struct coming *coming = making->coming;
    for (size_t i = 0; i < coming->product.variant_count && !making->later; i++) {
        struct coming_variant *variant = &coming->variants[i];
        if (!is_open(making->import, coming, variant))
            continue;
        if (!item_for(making, variant, err))
            return false;
        if (making->item && !complete(making, variant->of, err))
            return false;
    }
    return true;
}

/* All of the product is one item; `lead` says its number and prices. */
static bool make_one(struct making *making, struct err *err)
{
    struct import *import = making->import;
    struct coming *coming = making->coming;
    struct coming_variant *lead = &coming->variants[0];
    for (size_t i = 0; i < coming->product.variant_count; i++)
        if (*coming->variants[i].sought.item && !*lead->sought.item)
            lead = &coming->variants[i]; /* its item is the product's */
    bool begun = !*lead->sought.item || listed(coming->making, lead->of->id);
    if (!item_for(making, lead, err))
        return false;
    if (!making->item)
        return true;
    if (begun && !complete(making, lead->of, err))
        return false;
    for (size_t i = 0; i < coming->product.variant_count; i++) {
        struct coming_variant *variant = &coming->variants[i];
        bool as_item = import->shop->sku_mapping == SKU_NONE || !*variant->of->own;
        bool is_open_now =
            !*variant->sought.item_variant && (variant == lead || is_open(import, coming, variant));
        if (as_item && !*variant->sought.item) {
            take_item(making, variant);
            variant->made = true;
            import_stage_variant(import, coming, variant);
            if (!add_references(making, variant->of, "", err))
                return false;
        } else if (!as_item && is_open_now && !make_variant(making, variant, err))
            return false;
    }
    return true;
}

static void say_lacks(struct making *making)
{
    OWN_BUF struct buf detail = {0};
    if ((making->lacks.size == 0 && making->guessed.size == 0) || making->later)
        return;
    buf_text(&detail, making->item ? making->item->number : "");
    if (making->guessed.size)
        buf_printf(&detail, ": the shop does not say how many are in a %s, so it is 1 now",
                   buf_str(&making->guessed));
    if (making->lacks.size)
        buf_printf(&detail, ": access level %s does not take, or has not taken, %s",
                   bc_level_name(making->import->shows.level), buf_str(&making->lacks));
    import_skip(making->import, making->coming, REASON_ITEM_INCOMPLETE, buf_str(&detail));
}

bool import_make(struct import *import, struct coming *coming, struct err *err)
{
    struct making making = {.import = import, .coming = coming};
    bool any = false;
    for (size_t i = 0; i < coming->product.variant_count && !any; i++)
        any = is_open(import, coming, &coming->variants[i]);
    if (!any || *coming->by_hand)
        return true;
    bool ok = write_making(import, coming, err) &&
              (import_one_item(import->shop) ? make_one(&making, err) : make_items(&making, err));
    if (ok)
        say_lacks(&making);
    if (ok && !making.later) {
        OWN_TEXT char *key = mem_printf("product-in:%s:%s", import->shop->code, coming->product.id);
        write_add(import->write, "HDEL", key, "making", NULL);
    }
    buf_drop(&making.lacks);
    buf_drop(&making.guessed);
    return ok || err_wrap(err, "make the item of %.60s", coming->product.title);
}

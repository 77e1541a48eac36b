/* products_compare.c - linked items against what Shopify has confirmed of their products. */
#include <stdlib.h>
#include <string.h>

#include "operations/products_change.h"

struct linked { /* one item of the page that has a product */
    const struct bc_item *from;
    struct item item;
    struct product_draft draft;
    struct staged_product product;
    struct staged_variant *variants; /* those of the item */
    struct priced *prices;           /* one a variant */
    size_t variant_count;
    struct priced *fresh; /* drafts that the product lacks */
    size_t fresh_count;
};

struct compare {
    struct export *export;
    struct arena *arena; /* of the page */
    struct linked *items;
    size_t count, variants, drafts;
    struct store_rows *products;
    struct store_rows **rows; /* of variants, a page each */
    size_t row_count;
};

static void compare_drop(struct compare *compare)
{
    store_rows_free(compare->products);
    for (size_t i = 0; i < compare->row_count; i++)
        store_rows_free(compare->rows[i]);
    free(compare->rows);
    arena_free(compare->arena);
}

/* ---- what is staged ---- */

static bool read_products(struct compare *compare, const struct bc_items_page *page,
                          struct err *err)
{
    struct products *run = &compare->export->run;
    OWN_IDS struct store_ids links = {0};
    const char **keys = arena_array(compare->arena, page->count, sizeof *keys);
    const char **ids = arena_array(compare->arena, page->count, sizeof *ids);
    for (size_t i = 0; i < page->count; i++)
        keys[i] =
            arena_printf(compare->arena, "item-product:%s:%s", run->shop->code, page->items[i].id);
    if (!store_values(run->attempt->ledger, run->company, keys, page->count, &links, err))
        return false;
    compare->items = arena_array(compare->arena, page->count, sizeof *compare->items);
    for (size_t i = 0; i < page->count; i++) {
        if (!*links.items[i])
            continue;
        ids[compare->count] = arena_text(compare->arena, links.items[i]);
        compare->items[compare->count++] = (struct linked){.from = &page->items[i]};
    }
    if (compare->count == 0)
        return true;
    if (!store_products(run->attempt->ledger, run->company, run->shop->code, ids, compare->count,
                        &compare->products, err))
        return false;
    for (size_t i = 0; i < compare->count; i++) {
        compare->items[i].product = store_product_row(compare->products, i);
        compare->items[i].product.product = ids[i];
    }
    return true;
}

static size_t list_ids(struct compare *compare, const char ***out)
{
    size_t most = 0, count = 0;
    for (size_t i = 0; i < compare->count; i++)
        most += strlen(compare->items[i].product.variants) / 2 + 1;
    const char **ids = arena_array(compare->arena, most, sizeof *ids);
    for (size_t i = 0; i < compare->count; i++) {
        char *rest = arena_text(compare->arena, compare->items[i].product.variants);
        for (char *id; (id = strtok_r(rest, ",", &rest));) {
            ids[count++] = id;
            compare->items[i].variant_count++;
        }
    }
    *out = ids;
    return count;
}

static bool read_variants(struct compare *compare, struct err *err)
{
    struct products *run = &compare->export->run;
    const char **ids;
    size_t count = list_ids(compare, &ids), used = 0;
    struct staged_variant *all = arena_array(compare->arena, count + 1, sizeof *all);
    compare->rows = mem_array(count / STORE_PAGE + 1, sizeof(struct store_rows *));
    for (size_t from = 0; from < count; from += STORE_PAGE) {
        size_t size = count - from < STORE_PAGE ? count - from : STORE_PAGE;
        struct store_rows *rows = NULL;
        if (!store_variants(run->attempt->ledger, run->company, run->shop->code, ids + from, size,
                            &rows, err))
            return false;
        compare->rows[compare->row_count++] = rows;
        for (size_t i = 0; i < size; i++) {
            all[from + i] = store_variant_row(rows, i);
            all[from + i].variant = ids[from + i];
        }
    }
    for (size_t i = 0; i < compare->count; i++) {
        compare->items[i].variants = &all[used];
        used += compare->items[i].variant_count;
    }
    compare->variants = count;
    return true;
}

/* ---- drafts and prices ---- */

/* A variant of another item's product. */
static bool is_guest(const struct linked *one)
{
    return strcmp(one->product.item, one->item.id) != 0;
}

static bool is_draft_of(const struct item *item, const struct variant_draft *draft,
                        const struct staged_variant *staged)
{
    const char *id = draft->variant ? draft->variant->id : "";
    return strcmp(staged->item, item->id) == 0 && strcmp(id, staged->item_variant) == 0 &&
           same_unit(item, draft->unit, staged->uom);
}

/* What the product has beside its draft: a blocked variant, the item itself where it has variants
 * now, a unit that is a variant no longer. NULL = gone, or of another item. */
static const struct variant_draft *other_draft(const struct compare *compare,
                                               const struct linked *one,
                                               const struct staged_variant *staged)
{
    const struct item *item = &one->item;
    const struct item_variant *variant = NULL;
    if (strcmp(staged->item, item->id) != 0)
        return NULL;
    for (size_t i = 0; i < item->variant_count && *staged->item_variant && !variant; i++)
        if (strcmp(item->variants[i].id, staged->item_variant) == 0)
            variant = &item->variants[i];
    if (*staged->item_variant && !variant)
        return NULL;
    struct variant_draft *draft = arena_alloc(compare->arena, sizeof *draft);
    *draft = (struct variant_draft){.variant = variant, .unit = staged->uom};
    variant_draft(item, compare->export->run.shop, compare->arena, draft);
    return draft;
}

static const struct variant_draft *draft_of(const struct compare *compare, const struct linked *one,
                                            const struct staged_variant *staged)
{
    for (size_t i = 0; i < one->draft.variant_count; i++)
        if (is_draft_of(&one->item, &one->draft.variants[i], staged))
            return &one->draft.variants[i];
    return other_draft(compare, one, staged);
}

static bool lacks(const struct linked *one, const struct variant_draft *draft)
{
    for (size_t i = 0; i < one->variant_count; i++)
        if (is_draft_of(&one->item, draft, &one->variants[i]))
            return false;
    return true;
}

static bool may_be_made(const struct compare *compare, const struct linked *one, size_t at)
{
    OWN_BUF struct buf detail = {0};
    enum reason reason = variant_refusal(&one->draft, at, &detail);
    if (reason != REASON_NONE)
        item_skip(&compare->export->run, &one->item, reason, buf_str(&detail));
    return reason == REASON_NONE;
}

/* Prices alone make nothing, and a blocked item offers nothing. */
static void list_fresh(struct compare *compare, struct linked *one, struct priced **next)
{
    one->fresh = *next;
    if (compare->export->only_prices || one->item.blocked || one->item.sales_blocked ||
        is_guest(one))
        return;
    for (size_t i = 0; i < one->draft.variant_count; i++)
        if (lacks(one, &one->draft.variants[i]) && may_be_made(compare, one, i)) {
            *(*next)++ = (struct priced){.draft = &one->draft.variants[i], .item = one->from};
            one->fresh_count++;
        }
}

static bool price_all(struct compare *compare, struct err *err)
{
    struct products *run = &compare->export->run;
    size_t most = compare->variants + compare->drafts + 1, count = 0;
    struct priced *list = arena_array(compare->arena, most, sizeof *list), *next = list;
    struct priced *asked = arena_array(compare->arena, most, sizeof *asked);
    bool wanted = compare->export->only_prices || run->shop->sync_prices;
    for (size_t i = 0; i < compare->count; i++) {
        struct linked *one = &compare->items[i];
        one->prices = next;
        for (size_t k = 0; k < one->variant_count; k++)
            *next++ = (struct priced){.draft = draft_of(compare, one, &one->variants[k]),
                                      .item = one->from};
        for (struct priced *row = one->prices; row < next; row++)
            if (wanted && row->draft && !one->item.blocked && !one->item.sales_blocked)
                asked[count++] = *row;
        list_fresh(compare, one, &next);
        for (size_t k = 0; k < one->fresh_count; k++)
            asked[count++] = one->fresh[k]; /* a new variant never starts without its price */
    }
    if (!products_price(run, asked, count, compare->arena, err))
        return false;
    for (struct priced *row = list, *from = asked; row < next && from < asked + count; row++)
        if (row->draft == from->draft)
            *row = *from++;
    return true;
}

/* As many as the shop wants of those that would change and that no quote has priced already. */
static bool check_prices(struct compare *compare, struct err *err)
{
    struct export *export = compare->export;
    struct priced **list = arena_array(compare->arena, compare->variants + 1, sizeof *list);
    size_t count = 0;
    if (!*export->run.shop->price_customer)
        return true;
    for (size_t i = 0; i < compare->count; i++)
        for (size_t k = 0; k < compare->items[i].variant_count; k++) {
            struct priced *price = &compare->items[i].prices[k];
            OWN_BUF struct buf text = {0};
            if (!price->has || price->by_quote || export->checked >= export->run.shop->price_check)
                continue;
            price_write(&price->price, &text);
            if (strcmp(buf_str(&text), compare->items[i].variants[k].price_sent) == 0)
                continue;
            list[count++] = price;
            export->checked++;
        }
    return products_check_prices(&export->run, list, count, compare->arena, err);
}

/* ---- news ---- */

/* The blocked rule: false = the product is left alone. */
static bool blocked_status(struct export *export, struct linked *one)
{
    static const char *const STATUS[] = {NULL, "ARCHIVED", "DRAFT"};
    const char *status = STATUS[export->run.shop->removed_product_action];
    OWN_TEXT char *detail = mem_printf("item %s is blocked", one->item.number);
    if (!one->item.blocked)
        return true;
    if (!status || export->only_prices || is_guest(one) ||
        strcmp(one->product.status, status) == 0) {
        item_skip(&export->run, &one->item, REASON_ITEM_BLOCKED, detail);
        return false;
    }
    one->draft.fields[PRODUCT_STATUS] = status;
    if (strcmp(status, "ARCHIVED") == 0)
        brake_hit(export->brakes[BRAKE_ARCHIVE], one->item.number, one->product.status, status, 1);
    return true;
}

static json *news_of_product(const struct linked *one, struct export *export, struct buf *sent)
{
    bool differs[PRODUCT_FIELDS];
    const char *const *fields = one->draft.fields;
    bool status =
        fields[PRODUCT_STATUS] && strcmp(fields[PRODUCT_STATUS], one->product.status) != 0;
    buf_text(sent, one->product.sent);
    if (export->only_prices || is_guest(one))
        return NULL;
    size_t news =
        sent_differs(PRODUCT_FIELD_NAMES, fields, PRODUCT_FIELDS, one->product.sent, differs);
    if (news == 0 && !status)
        return NULL;
    differs[PRODUCT_STATUS] = status;
    json *input = json_new_object();
    OWN_TEXT char *gid = mem_printf("gid://shopify/Product/%s", one->product.product);
    json_set_text(input, "id", gid);
    for (int i = 0; i < PRODUCT_FIELDS; i++)
        if (differs[i])
            json_set_text(input, PRODUCT_FIELD_NAMES[i], fields[i]);
    buf_clear(sent);
    sent_write(PRODUCT_FIELD_NAMES, fields, PRODUCT_FIELDS, one->product.sent, sent);
    return input;
}

static void note_jump(struct export *export, const struct linked *one,
                      const struct staged_variant *staged, const struct price *price)
{
    struct price before;
    char old[DECIMAL_TEXT], now[DECIMAL_TEXT];
    if (!price_read(staged->price_sent, &before) ||
        !price_jumps(before.price, price->price, export->run.shop->brake_price_change))
        return;
    struct decimal change = decimal_abs(decimal_sub(price->price, before.price));
    decimal_format(before.price, old);
    decimal_format(price->price, now);
    OWN_TEXT char *name = mem_printf("%s%s%s", one->item.number, *staged->variant_code ? " " : "",
                                     staged->variant_code);
    struct decimal cents = decimal_round(decimal_mul(change, decimal_from_int(100)), 0);
    brake_hit(export->brakes[BRAKE_PRICES], name, old, now,
              cents.digits > INT64_MAX ? INT64_MAX : (int64_t)cents.digits);
}

/* NULL = nothing is news; else after->sent and price_sent are what it will be. */
static json *news_of_variant(struct export *export, const struct linked *one, size_t at,
                             struct staged_variant *after)
{
    const struct staged_variant *staged = &one->variants[at];
    const struct priced *price = &one->prices[at];
    bool differs[VARIANT_FIELDS];
    OWN_BUF struct buf sent = {0}, price_sent = {0};
    OWN_JSON json *input = json_new_object();
    size_t news = 0;
    if (!price->draft)
        return NULL;
    if (!export->only_prices)
        news = sent_differs(VARIANT_FIELD_NAMES, price->draft->fields, VARIANT_FIELDS, staged->sent,
                            differs);
    if (news > 0) {
        variant_input(&export->run, price->draft, differs, input);
        sent_write(VARIANT_FIELD_NAMES, price->draft->fields, VARIANT_FIELDS, staged->sent, &sent);
    }
    if (price->has)
        price_write(&price->price, &price_sent);
    bool dearer = price->has && strcmp(buf_str(&price_sent), staged->price_sent) != 0;
    if (dearer) {
        price_input(&price->price, input);
        note_jump(export, one, staged, &price->price);
    }
    if (news == 0 && !dearer)
        return NULL;
    OWN_TEXT char *gid = mem_printf("gid://shopify/ProductVariant/%s", staged->variant);
    json_set_text(input, "id", gid);
    *after = *staged;
    after->sent = arena_text(export->arena, news ? buf_str(&sent) : staged->sent);
    after->price_sent =
        arena_text(export->arena, dearer ? buf_str(&price_sent) : staged->price_sent);
    if (news && price->draft->fields[VARIANT_SKU])
        after->sku = price->draft->fields[VARIANT_SKU];
    if (news)
        after->tracked = strcmp(price->draft->fields[VARIANT_TRACKED], "true") == 0;
    return GIVE(input);
}

/* The page goes; what the change needs of it stays. */
static void keep_variant(struct export *export, struct staged_variant *after)
{
    const char **texts[] = {&after->variant,     &after->product,      &after->item,
                            &after->item_number, &after->item_variant, &after->variant_code,
                            &after->uom,         &after->sku,          &after->inventory_item};
    for (size_t i = 0; i < COUNT(texts); i++)
        *texts[i] = arena_text(export->arena, *texts[i]);
}

static void keep_product(struct export *export, const struct linked *one, const char *sent,
                         struct change *change)
{
    struct arena *arena = export->arena;
    change->item = (struct item){.id = arena_text(arena, one->item.id),
                                 .number = arena_text(arena, one->item.number)};
    change->after = (struct staged_product){
        .product = arena_text(arena, one->product.product),
        .item = change->item.id,
        .item_number = change->item.number,
        .title = arena_text(arena, one->product.title),
        .status = arena_text(arena, one->product.status),
        .variants = arena_text(arena, one->product.variants),
        .sent = arena_text(arena, sent),
    };
}

/* ---- what the product lacks ---- */

static void find_fresh(struct export *export, const struct linked *one, struct change *change)
{
    struct arena *arena = export->arena;
    if (one->fresh_count == 0)
        return;
    change->fresh = mem_array(one->fresh_count, sizeof *change->fresh);
    for (size_t i = 0; i < one->fresh_count; i++)
        fresh_keep(export, &one->draft, (size_t)(one->fresh[i].draft - one->draft.variants),
                   &one->fresh[i], one->product.product, &change->fresh[i]);
    change->fresh_count = one->fresh_count;
    change->options.option_count = one->draft.option_count;
    for (size_t k = 0; k < one->draft.option_count; k++)
        change->options.option_names[k] = arena_text(arena, one->draft.option_names[k]);
    if (one->item.variant_count == 0 && one->draft.option_count == 1)
        change->default_value =
            arena_text(arena, one->item.sales_unit ? one->item.sales_unit : one->item.base_unit);
}

static struct extra *keep_extras(struct export *export, const struct extra *from, size_t count)
{
    struct extra *out = arena_array(export->arena, count + 1, sizeof *out);
    for (size_t i = 0; i < count; i++)
        out[i] = (struct extra){arena_text(export->arena, from[i].name),
                                arena_text(export->arena, from[i].value)};
    return out;
}

static void find_extras(struct export *export, const struct linked *one, struct change *change)
{
    const struct shop *shop = export->run.shop;
    OWN(arena) struct arena *arena = arena_new();
    OWN_BUF struct buf words_after = {0}, fields_after = {0};
    struct extra *words, *fields;
    if (export->only_prices || is_guest(one))
        return;
    size_t word_count = product_words(&one->draft, shop, export->run.today, arena, &words);
    size_t field_count = product_metafields(&one->draft, shop, arena, &fields);
    word_count = extras_changed(words, word_count, one->product.words, &words_after);
    field_count = extras_changed(fields, field_count, one->product.metafields, &fields_after);
    if (word_count + field_count == 0)
        return;
    change->extras = (struct extras){
        .product = arena_text(export->arena, one->product.product),
        .words = keep_extras(export, words, word_count),
        .fields = keep_extras(export, fields, field_count),
        .word_count = word_count,
        .field_count = field_count,
        .words_after = arena_text(export->arena, buf_str(&words_after)),
        .fields_after = arena_text(export->arena, buf_str(&fields_after)),
    };
}

static void compare_one(struct export *export, struct linked *one)
{
    struct change change = {0};
    OWN_BUF struct buf sent = {0};
    if (sent_waits(&export->run, one->item.id)) {
        product_due(export, one->item.id);
        return;
    }
    if (!blocked_status(export, one))
        return;
    change.fields = news_of_product(one, export, &sent);
    change.afters = arena_array(export->arena, one->variant_count + 1, sizeof *change.afters);
    for (size_t k = 0, used = 0; k < one->variant_count; k++) {
        json *input = news_of_variant(export, one, k, &change.afters[used]);
        if (!input)
            continue;
        keep_variant(export, &change.afters[used++]);
        if (!change.variants)
            change.variants = json_new_array();
        json_add(change.variants, input);
    }
    find_fresh(export, one, &change);
    find_extras(export, one, &change);
    if (!change.fields && !change.variants && change.fresh_count == 0 && !change.extras.product)
        return;
    keep_product(export, one, buf_str(&sent), &change);
    change.changed_ms = one->from->changed_ms;
    export_add(export, &change);
}

bool export_compare(struct export *export, const struct bc_items_page *page, struct err *err)
{
    __attribute__((cleanup(compare_drop))) struct compare compare = {.export = export,
                                                                     .arena = arena_new()};
    struct products *run = &export->run;
    if (!read_products(&compare, page, err) || !read_variants(&compare, err))
        return false;
    for (size_t i = 0; i < compare.count; i++) {
        struct linked *one = &compare.items[i];
        item_of(run, one->from, compare.arena, &one->item);
        product_draft(&one->item, run->shop, run->today, compare.arena, &one->draft);
        compare.drafts += one->draft.variant_count;
    }
    if (!price_all(&compare, err) || !check_prices(&compare, err))
        return false;
    run->attempt->counts.read += (int64_t)compare.count;
    for (size_t i = 0; i < compare.count; i++) {
        if (!is_guest(&compare.items[i]))
            export_seen(export, compare.items[i].product.product);
        compare_one(export, &compare.items[i]);
    }
    return products_flush(run, false, err);
}

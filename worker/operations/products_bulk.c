/* products_bulk.c - many new products go to Shopify as one operation of its own time.
 *
 * Idempotency: a line is productSet under the item's unique bc_id, as singly (products_add.c), so
 * twice it is the same product; lines whose answer is lost leave their items without a link, and
 * the next run looks for them by that id. Which products stand is asked by one query before, for
 * productSet deletes what it is not told of. What is created stands in `publish:<shop>` until it
 * is published, which twice is once.
 *
 * A run goes through this in steps and parks between them: the query, the products, publishing
 * them. Its cursor says that the last of them are being sent, then that all were: what has been
 * refused is not sent again by the same run, and no item is read for that.
 */
#include "operations/products_bulk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "operations/products_shelf.h"
#include "shopify/bulk.h"
#include "store/store.h"

enum { LINE_VARIANTS = 100, PUBLISH_GROUP = 50, FRESH_MS = 10 * 60 * 1000 };
static const char LAST[] = "last", OVER[] = "over";

static const struct bulk_job SHELF = {"shelf", "bulkq-shelf", NULL};
static const struct bulk_job SETS = {"products", "product-set", "productSet"};
static const struct bulk_job PUBLISH = {"publish", "product-publish", "publishablePublish"};

struct products_bulk {
    struct products *run;
    struct bulk *shelf, *sets;
    struct bulk_lines *lines;
    struct shelf known;
    bool has_shelf;
};

void products_bulk_free(struct products_bulk *bulk)
{
    if (!bulk)
        return;
    bulk_free(bulk->shelf);
    bulk_free(bulk->sets);
    bulk_lines_free(bulk->lines);
    shelf_drop(&bulk->known);
    free(bulk);
}

/* ---- what the store has ---- */

static bool take_shelf(void *state, const json *row, struct err *err)
{
    struct products_bulk *bulk = state;
    const char *parent = json_text(row, "__parentId");
    (void)err;
    if (*parent)
        shelf_take_variant(&bulk->known, row, parent);
    else
        shelf_take_product(&bulk->known, row);
    return true;
}

int64_t products_bulk_find(const struct products_bulk *bulk, const struct product_draft *draft,
                           bool *own)
{
    return shelf_find(&bulk->known, draft, own);
}

/* ---- what is kept of a line until it is answered ---- */

static json *texts_json(const char *const texts[], size_t count)
{
    json *list = json_new_array();
    for (size_t i = 0; i < count; i++)
        json_add_text(list, texts[i]);
    return list;
}

static json *kept_variant(const struct products *run, const struct product_draft *product,
                          const struct variant_draft *draft, const struct priced *price)
{
    OWN(arena) struct arena *arena = arena_new();
    size_t options = product->option_count;
    OWN_BUF struct buf sent = {0}, price_sent = {0};
    json *variant = json_new_object();
    if (draft->variant) {
        json_set_text(variant, "id", draft->variant->id);
        json_set_text(variant, "code", draft->variant->code);
    }
    if (*draft->unit)
        json_set_text(variant, "unit", draft->unit);
    if (options > 0)
        json_set(variant, "options", texts_json(draft->options, options));
    sent_write(VARIANT_FIELD_NAMES, draft->fields, VARIANT_FIELDS, "", &sent);
    json_set_text(variant, "sent", buf_str(&sent));
    if (price->has)
        price_write(&price->price, &price_sent);
    json_set_text(variant, "price", buf_str(&price_sent));
    json_set_text(variant, "stock", places_text(run, product, draft, arena));
    return variant;
}

static json *kept_product(const struct products *run, const struct product_draft *draft,
                          const struct priced *prices)
{
    OWN_BUF struct buf sent = {0};
    json *kept = json_new_object(), *variants = json_new_array();
    json_set_text(kept, "number", draft->item->number);
    sent_write(PRODUCT_FIELD_NAMES, draft->fields, PRODUCT_FIELDS, "", &sent);
    json_set_text(kept, "sent", buf_str(&sent));
    json_set(kept, "options", texts_json(draft->option_names, draft->option_count));
    for (size_t i = 0; i < draft->variant_count; i++)
        json_add(variants, kept_variant(run, draft, &draft->variants[i], &prices[i]));
    json_set(kept, "variants", variants);
    return kept;
}

struct kept { /* the draft as far as it is needed to stage what it has become */
    json *tree;
    struct arena *arena;
    struct item item;
    struct product_draft draft;
    struct priced *prices;
};

static void kept_drop(struct kept *kept)
{
    arena_free(kept->arena);
    json_free(kept->tree);
}

static void read_variant(struct kept *kept, const json *row, size_t at)
{
    struct variant_draft *draft = &kept->draft.variants[at];
    const json *options = json_get(row, "options");
    *draft = (struct variant_draft){.unit = json_text(row, "unit"),
                                    .sent = json_text(row, "sent"),
                                    .stock = json_text(row, "stock")};
    if (*json_text(row, "id")) {
        struct item_variant *variant = arena_alloc(kept->arena, sizeof *variant);
        *variant =
            (struct item_variant){.id = json_text(row, "id"), .code = json_text(row, "code")};
        draft->variant = variant;
    }
    for (size_t k = 0; k < json_count(options) && k < PRODUCT_OPTIONS; k++)
        draft->options[k] = json_string(json_at(options, k));
    kept->prices[at] = (struct priced){.draft = draft};
    kept->prices[at].has = price_read(json_text(row, "price"), &kept->prices[at].price);
}

static void kept_read(const char *item, const char *text, struct kept *kept)
{
    struct err broken;
    *kept = (struct kept){.arena = arena_new()};
    if (!json_parse(text, strlen(text), &kept->tree, &broken)) /* lost with a part: no variants */
        kept->tree = json_new_object();
    const json *options = json_get(kept->tree, "options");
    const json *variants = json_get(kept->tree, "variants");
    kept->item = (struct item){.id = item, .number = json_text(kept->tree, "number")};
    kept->draft = (struct product_draft){.item = &kept->item,
                                         .sent = json_text(kept->tree, "sent"),
                                         .variant_count = json_count(variants)};
    for (size_t k = 0; k < json_count(options) && k < PRODUCT_OPTIONS; k++)
        kept->draft.option_names[kept->draft.option_count++] = json_string(json_at(options, k));
    kept->draft.variants =
        arena_array(kept->arena, kept->draft.variant_count + 1, sizeof *kept->draft.variants);
    kept->prices = arena_array(kept->arena, kept->draft.variant_count + 1, sizeof *kept->prices);
    for (size_t i = 0; i < kept->draft.variant_count; i++)
        read_variant(kept, json_at(variants, i), i);
}

/* ---- answers ---- */

static void take_one(struct products *run, const char *item, const char *text,
                     const struct shopify_call *call)
{
    __attribute__((cleanup(kept_drop))) struct kept kept;
    const json *product = json_path(call->data, "productSet.product");
    const json *refusal = json_at(call->user_errors, 0);
    kept_read(item, text, &kept);
    if (products_day_over(run, call)) {
        item_skip(run, &kept.item, REASON_VARIANTS_PER_DAY, "");
    } else if (call->err.kind != ERR_NONE) {
        item_skip(run, &kept.item,
                  call->err.kind == ERR_FATAL ? REASON_PRODUCT_REFUSED : REASON_PRODUCT_LATER,
                  call->err.text);
    } else if (refusal || !product) {
        item_skip(run, &kept.item, REASON_PRODUCT_REFUSED,
                  refusal ? json_text(refusal, "message") : "the answer holds no product");
    } else if (kept.draft.variant_count > 0) { /* else the next run finds it by its bc_id */
        run->attempt->counts.created++;
        product_linked(run, &kept.draft, kept.prices, product, true);
        products_publish_note(run, json_text(product, "id"));
    }
}

static bool take_sets(void *state, const char *const items[], const char *const kept[],
                      struct shopify_call answers[], size_t count, struct err *err)
{
    struct products *run = state;
    for (size_t i = 0; i < count; i++) {
        const json *made = json_path(answers[i].data, "productSet.product");
        take_one(run, items[i], kept[i], &answers[i]);
        if (!places_since(run, json_text(made, "updatedAt"), err) ||
            !products_flush(run, false, err))
            return false;
    }
    return products_flush(run, true, err);
}

/* A refusal is a warning in the log, and the end of it: a person publishes the product. */
static bool take_published(void *state, const char *const products[], const char *const kept[],
                           struct shopify_call answers[], size_t count, struct err *err)
{
    struct products *run = state;
    OWN_TEXT char *key = products_publish_key(run);
    (void)kept;
    for (size_t i = 0; i < count; i++) {
        product_published_log(products[i], &answers[i]);
        if (answers[i].err.kind == ERR_NONE || answers[i].err.kind == ERR_FATAL)
            write_add(run->write, "ZREM", key, products[i], NULL);
    }
    return products_flush(run, true, err);
}

/* ---- publishing ---- */

static bool publish_together(struct products *run, struct bulk *bulk, const struct store_ids *ids,
                             struct err *err)
{
    OWN(bulk_lines) struct bulk_lines *lines = NULL;
    if (!products_channels(run, err) || !bulk_lines_open(&lines, err))
        return false;
    for (size_t i = 0; i < ids->count; i++) {
        OWN_TEXT char *gid = mem_printf("gid://shopify/Product/%s", ids->items[i]);
        json *variables = json_new_object();
        json_set_text(variables, "id", gid);
        json_set(variables, "input", json_copy(run->channels));
        if (!bulk_lines_add(lines, ids->items[i], variables, NULL))
            break; /* the rest goes another time */
    }
    return bulk_start(bulk, lines, err);
}

static bool publish_singly(struct products *run, const struct store_ids *ids, struct err *err)
{
    for (size_t from = 0; from < ids->count; from += PUBLISH_GROUP) {
        OWN(arena) struct arena *arena = arena_new();
        const char *gids[PUBLISH_GROUP];
        size_t count = 0;
        for (size_t i = from; i < ids->count && count < PUBLISH_GROUP; i++)
            gids[count++] = arena_printf(arena, "gid://shopify/Product/%s", ids->items[i]);
        if (!products_publish(run, gids, count, err) || !products_flush(run, true, err))
            return false;
    }
    return true;
}

static bool publish(struct products *run, struct err *err)
{
    OWN_TEXT char *key = products_publish_key(run);
    OWN(bulk) struct bulk *bulk = NULL;
    OWN_IDS struct store_ids ids = {0};
    if (!bulk_look(run->attempt, &PUBLISH, take_published, run, &bulk, err))
        return false;
    if (bulk_is_under_way(bulk))
        return bulk_wait(bulk, "new products are published", err);
    if (!store_zset(run->attempt->ledger, run->company, key, INT64_MAX, BULK_LINES, &ids, err))
        return false;
    switch (ids.count > 0 ? bulk_road(bulk, ids.count) : BULK_SINGLY) {
    case BULK_SINGLY:
        return publish_singly(run, &ids, err);
    case BULK_TOGETHER:
        if (!publish_together(run, bulk, &ids, err))
            return false;
        break;
    case BULK_LATER:
        break;
    }
    return bulk_wait(bulk, "new products are published", err);
}

/* ---- the steps ---- */

static bool stands_at(const struct attempt *attempt, const char *cursor)
{
    return attempt->sheet->cursor_size == strlen(cursor) &&
           memcmp(attempt->sheet->cursor, cursor, strlen(cursor)) == 0;
}

bool products_bulk_open(struct products *run, struct products_bulk **out, bool *over,
                        struct err *err)
{
    OWN(products_bulk) struct products_bulk *bulk = mem_new(sizeof *bulk);
    size_t records, rows;
    bulk->run = run;
    if (!bulk_look(run->attempt, &SETS, take_sets, run, &bulk->sets, err))
        return false;
    if (bulk_is_under_way(bulk->sets))
        return bulk_wait(bulk->sets, "products are created", err);
    /* A file that is not full had all of them, whichever run has sent it. */
    *over =
        stands_at(run->attempt, OVER) || (bulk_answered(bulk->sets, &records) &&
                                          (stands_at(run->attempt, LAST) || records < BULK_LINES));
    if (*over && !attempt_checkpoint(run->attempt, OVER, strlen(OVER), err))
        return false;
    if (!publish(run, err))
        return false;
    if (*over)
        return true;
    if (!bulk_look_rows(run->attempt, &SHELF, take_shelf, bulk, &bulk->shelf, err))
        return false;
    if (bulk_is_under_way(bulk->shelf))
        return bulk_wait(bulk->shelf, "the store's products are listed", err);
    bulk->has_shelf = bulk_answered(bulk->shelf, &rows) && bulk_age_ms(bulk->shelf) < FRESH_MS;
    shelf_close(&bulk->known);
    *out = GIVE(bulk);
    return true;
}

bool products_bulk_wants(struct products_bulk *bulk, size_t items, bool *together, struct err *err)
{
    enum bulk_road road = bulk_road(bulk->sets, items);
    *together = bulk->lines || (road == BULK_TOGETHER && bulk->has_shelf);
    if (*together && !bulk->lines)
        return bulk_lines_open(&bulk->lines, err);
    if (*together || road == BULK_SINGLY)
        return true;
    if (road == BULK_LATER)
        return bulk_wait(bulk->sets, "products are created", err);
    road = bulk_road(bulk->shelf, items);
    if (road == BULK_SINGLY) /* the query fails: each is looked for */
        return true;
    if (road == BULK_TOGETHER && !bulk_start_query(bulk->shelf, NULL, err))
        return false;
    return bulk_wait(bulk->shelf, "the store's products are listed", err);
}

bool products_bulk_knows(const struct products_bulk *bulk)
{
    return bulk->has_shelf;
}

bool products_bulk_add(struct products_bulk *bulk, const struct product_draft *draft,
                       const struct priced *prices)
{
    if (draft->variant_count > LINE_VARIANTS || !products_bulk_holds(bulk, 1))
        return false;
    json *variables = json_new_object();
    OWN_JSON json *kept = kept_product(bulk->run, draft, prices);
    const char *text = json_write(kept);
    json_set(variables, "identifier", bc_id_identifier(draft->item->id));
    json_set(variables, "input", product_input(bulk->run, draft, prices));
    json_set_int(variables, "variants", LINE_VARIANTS);
    if (strlen(text) > BULK_KEPT) {
        json_free(variables);
        return false;
    }
    return bulk_lines_add(bulk->lines, draft->item->id, variables, text);
}

bool products_bulk_holds(const struct products_bulk *bulk, size_t more)
{
    return bulk_lines_count(bulk->lines) + more <= BULK_LINES;
}

bool products_bulk_end(struct products_bulk *bulk, bool last, struct err *err)
{
    if (!bulk->lines || bulk_lines_count(bulk->lines) == 0)
        return true;
    if (last && !attempt_checkpoint(bulk->run->attempt, LAST, strlen(LAST), err))
        return false;
    return bulk_start(bulk->sets, bulk->lines, err) &&
           bulk_wait(bulk->sets, "products are created", err);
}

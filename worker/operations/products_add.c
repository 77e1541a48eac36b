/* products_add.c - report 30106: items of Business Central become products of the store.
 *
 * Idempotency: a product carries its item's SystemId in the metafield cartage.bc_id, which Shopify
 * keeps unique, and productSet names the product by it: sent twice, it is the same product. The
 * link in Redis is a cache: an item without one is looked for by its bc_id first (consistent, not
 * the search index), and a product that stands is linked, never set again, because productSet
 * deletes what it is not told of. An answer that never came leaves the item without a link, so the
 * next run looks, and creates only when it can no longer come (products_sent.c). A product that a
 * person has made is found by SKU or bar code and linked.
 *
 * Many go as one operation of Shopify's own time (products_bulk.c); the others go through in
 * windows: looked for together, priced together, created as many at a time as the budget carries.
 * There is no cursor: whatever has a link is passed over.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "model/filter.h"
#include "operations/bc_id.h"
#include "operations/images_sync.h"
#include "operations/operations_table.h"
#include "operations/products_bulk.h"
#include "operations/products_extras.h"

enum { WINDOW = 25, SKU_ROWS = 50, SYNC_VARIANTS = 100 };

struct adding { /* one item on its way */
    struct item item;
    const struct bc_item *from;
    struct product_draft draft;
    struct priced *prices; /* one a variant of the draft */
    const char *found;     /* gid of a product that stands; "" = none; or it goes together */
    bool own;              /* ... which carries the item's bc_id */
};

struct window {
    struct adding items[WINDOW];
    size_t count;
    struct arena *arena;
};

struct add {
    struct products run;
    struct filter *number, *category;
    struct products_bulk *bulk;
    bool together; /* the items of this page */
    size_t done;
    bool pictures;             /* those of what is added are sent, too */
    struct store_ids pictured; /* its products */
};

static void add_drop(struct add *add)
{
    filter_free(add->number);
    filter_free(add->category);
    products_bulk_free(add->bulk);
    store_ids_drop(&add->pictured);
    products_close(&add->run);
}

/* ---- looking ---- */

static bool look_by_bc_id(struct products *run, struct window *window, struct err *err)
{
    json *variables = json_new_object();
    for (size_t i = 0; i < WINDOW; i++) {
        size_t at = i < window->count ? i : 0; /* the document asks for so many */
        OWN_TEXT char *name = mem_printf("p%zu", i);
        json_set(variables, name, bc_id_identifier(window->items[at].item.id));
    }
    struct shopify_call call = {.document = "products-by-bc-id", .variables = variables};
    bool ok = shopify_ask(run->attempt, &call, err);
    for (size_t i = 0; ok && i < window->count; i++) {
        OWN_TEXT char *name = mem_printf("p%zu", i);
        window->items[i].found =
            arena_text(window->arena, json_text(json_get(call.data, name), "id"));
        window->items[i].own = *window->items[i].found;
    }
    shopify_call_drop(&call);
    return ok || err_wrap(err, "look for products by cartage.bc_id");
}

static void add_term(struct buf *query, const char *field, const char *value)
{
    if (!value || !*value)
        return;
    buf_printf(query, "%s%s:\"", query->size ? " OR " : "", field);
    for (const char *at = value; *at; at++)
        buf_printf(query, "%s%c", *at == '"' || *at == '\\' ? "\\" : "", *at);
    buf_text(query, "\"");
}

static bool is_its(const struct product_draft *draft, const json *node)
{
    const char *sku = json_text(node, "sku"), *barcode = json_text(node, "barcode");
    for (size_t i = 0; i < draft->variant_count; i++) {
        const char *const *fields = draft->variants[i].fields;
        if ((*sku && fields[VARIANT_SKU] && strcmp(fields[VARIANT_SKU], sku) == 0) ||
            (*barcode && fields[VARIANT_BARCODE] && strcmp(fields[VARIANT_BARCODE], barcode) == 0))
            return true;
    }
    return false;
}

static bool look_by_sku(struct products *run, struct window *window, struct err *err)
{
    OWN_BUF struct buf query = {0};
    for (size_t i = 0; i < window->count; i++)
        for (size_t k = 0; !*window->items[i].found && k < window->items[i].draft.variant_count;
             k++) {
            const char *const *fields = window->items[i].draft.variants[k].fields;
            add_term(&query, "sku", fields[VARIANT_SKU]);
            add_term(&query, "barcode", fields[VARIANT_BARCODE]);
            if (query.size > 3000)
                break; /* one of a product's variants finds it, too */
        }
    if (query.size == 0)
        return true;
    json *variables = json_new_object();
    json_set_text(variables, "query", buf_str(&query));
    struct shopify_call call = {.document = "variants-by-sku", .variables = variables};
    bool ok = shopify_ask(run->attempt, &call, err);
    const json *nodes = ok ? json_path(call.data, "productVariants.nodes") : NULL;
    for (size_t n = 0; n < json_count(nodes); n++)
        for (size_t i = 0; i < window->count; i++) {
            struct adding *one = &window->items[i];
            if (!*one->found && is_its(&one->draft, json_at(nodes, n)))
                one->found = arena_text(window->arena,
                                        json_text(json_get(json_at(nodes, n), "product"), "id"));
        }
    shopify_call_drop(&call);
    return ok || err_wrap(err, "look for products by SKU");
}

static void look_on_shelf(const struct products_bulk *bulk, struct window *window)
{
    for (size_t i = 0; i < window->count; i++) {
        struct adding *one = &window->items[i];
        int64_t product = products_bulk_find(bulk, &one->draft, &one->own);
        if (product > 0)
            one->found = arena_printf(window->arena, "gid://shopify/Product/%" PRId64, product);
    }
}

static bool look(struct add *add, struct window *window, struct err *err)
{
    if (!add->together)
        return look_by_bc_id(&add->run, window, err) && look_by_sku(&add->run, window, err);
    look_on_shelf(add->bulk, window);
    return true;
}

/* ---- linking ---- */

/* A run that was killed between creating and linking has perhaps not published either. */
static bool publish_found(struct products *run, const struct window *window, struct err *err)
{
    const char *gids[WINDOW];
    size_t count = 0;
    for (size_t i = 0; i < window->count; i++)
        if (window->items[i].own)
            gids[count++] = window->items[i].found;
    return products_publish(run, gids, count, err);
}

/* One product is one item's: with a second one each would write its own title over the other's. */
static bool is_anothers(struct products *run, const struct adding *one, const char *product,
                        bool *out, struct err *err)
{
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!products_flush(run, true, err) ||
        !store_products(run->attempt->ledger, run->company, run->shop->code, &product, 1, &rows,
                        err))
        return false;
    const struct staged_product staged = store_product_row(rows, 0);
    *out = *staged.item && strcmp(staged.item, one->item.id) != 0;
    if (*out) {
        OWN_TEXT char *detail =
            mem_printf("product \"%s\" is item %s", staged.title, staged.item_number);
        item_skip(run, &one->item, REASON_PRODUCT_OF_ANOTHER, detail);
    }
    return true;
}

static bool link_found(struct products *run, struct window *window, struct err *err)
{
    for (size_t i = 0; i < window->count; i++) {
        struct adding *one = &window->items[i];
        OWN_JSON json *product = NULL;
        if (!*one->found)
            continue;
        if (!product_read(run, one->found, &product, err))
            return err_wrap(err, "read the product of item %s", one->item.number);
        if (!*json_text(product, "id")) {
            one->found = ""; /* deleted meanwhile */
            continue;
        }
        const char *id = staged_id(json_text(product, "id"), window->arena);
        bool anothers = false;
        if (!one->own && !is_anothers(run, one, id, &anothers, err))
            return false;
        if (anothers)
            continue;
        product_linked(run, &one->draft, NULL, product, false);
        run->attempt->counts.updated++;
        if (!products_flush(run, false, err))
            return false;
    }
    return true;
}

/* ---- creating ---- */

static bool price_window(struct products *run, struct window *window, struct err *err)
{
    size_t count = 0, used = 0;
    for (size_t i = 0; i < window->count; i++)
        count += *window->items[i].found ? 0 : window->items[i].draft.variant_count;
    struct priced *all = arena_array(window->arena, count + 1, sizeof *all);
    for (size_t i = 0; i < window->count; i++) {
        struct adding *one = &window->items[i];
        if (*one->found)
            continue;
        one->prices = &all[used];
        for (size_t k = 0; k < one->draft.variant_count; k++)
            all[used++] = (struct priced){.draft = &one->draft.variants[k], .item = one->from};
    }
    return products_price(run, all, count, window->arena, err);
}

static struct shopify_call set_call(const struct products *run, const struct adding *one)
{
    json *variables = json_new_object();
    json_set(variables, "identifier", bc_id_identifier(one->item.id));
    json_set(variables, "input", product_input(run, &one->draft, one->prices));
    return (struct shopify_call){
        .document = "product-set", .variables = variables, .user_errors_at = "productSet"};
}

static bool take_product(struct products *run, struct adding *one, const struct shopify_call *call,
                         struct err *err)
{
    const json *product = json_path(call->data, "productSet.product");
    const json *refusal = json_at(call->user_errors, 0);
    OWN_JSON json *whole = NULL;
    sent_answered(run, one->item.id, call);
    if (call->not_allowed) {
        item_skip(run, &one->item, REASON_WRITES_OFF, "");
    } else if (products_day_over(run, call)) {
        item_skip(run, &one->item, REASON_VARIANTS_PER_DAY, "");
    } else if (call->err.kind != ERR_NONE) {
        item_skip(run, &one->item,
                  call->err.kind == ERR_FATAL ? REASON_PRODUCT_REFUSED : REASON_PRODUCT_LATER,
                  call->err.text);
    } else if (refusal || !product) {
        item_skip(run, &one->item, REASON_PRODUCT_REFUSED,
                  refusal ? json_text(refusal, "message") : "the answer holds no product");
    } else {
        run->attempt->counts.created++;
        if (json_flag(json_path(product, "variants.pageInfo"), "hasNextPage", false) &&
            !product_read(run, json_text(product, "id"), &whole, err))
            return false;
        product_linked(run, &one->draft, one->prices, whole ? whole : product, true);
        if (!places_since(run, json_text(product, "updatedAt"), err))
            return false;
    }
    return products_flush(run, false, err);
}

static bool publish_created(struct products *run, const struct shopify_call calls[], size_t count,
                            struct err *err)
{
    const char *gids[WINDOW];
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        const char *gid = json_text(json_path(calls[i].data, "productSet.product"), "id");
        if (*gid)
            gids[used++] = gid;
    }
    return products_publish(run, gids, used, err);
}

/* Those that go together are answered another time, so this window is done with them. */
static bool gather_window(struct add *add, struct window *window, struct err *err)
{
    if (!add->together || add->run.day_over)
        return true;
    if (!price_window(&add->run, window, err) || !products_places(&add->run, err))
        return false;
    for (size_t i = 0; i < window->count; i++) {
        struct adding *one = &window->items[i];
        if (!*one->found && !sent_waits(&add->run, one->item.id) &&
            products_bulk_add(add->bulk, &one->draft, one->prices))
            one->found = "together";
    }
    return true;
}

/* Not made yet, and no call for it can still be on its way. */
static size_t to_create(struct products *run, struct window *window, struct adding *out[])
{
    size_t count = 0;
    for (size_t i = 0; i < window->count; i++) {
        struct adding *one = &window->items[i];
        if (*one->found)
            continue;
        if (run->day_over)
            item_skip(run, &one->item, REASON_VARIANTS_PER_DAY, "");
        else if (sent_waits(run, one->item.id))
            item_skip(run, &one->item, REASON_PRODUCT_LATER, "its last call has no answer yet");
        else
            out[count++] = one;
    }
    return count;
}

static void note_untranslated(struct products *run, const char *item, const struct extras *one)
{
    char now[32];
    OWN_TEXT char *due = mem_printf("products-due:%s", run->shop->code);
    snprintf(now, sizeof now, "%lld", (long long)products_now_ms(run));
    write_add(run->write, "ZADD", due, now, item, NULL);
    log_warn("product.not_translated", TEXT("product", one->product), TEXT("why", one->refusal));
}

/* What a new product has been made with is confirmed; its translations can only follow it.
 * Those that Shopify refuses are told again by products.sync. */
static bool translate_created(struct products *run, struct adding *const of[],
                              const struct shopify_call calls[], size_t count, struct arena *arena,
                              struct err *err)
{
    struct extras *list = arena_array(arena, count + 1, sizeof *list);
    const char **owners = arena_array(arena, count + 1, sizeof *owners);
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        const char *gid = json_text(json_path(calls[i].data, "productSet.product"), "id");
        const struct product_draft *draft = &of[i]->draft;
        OWN_BUF struct buf words_after = {0}, fields_after = {0};
        struct extra *words, *fields;
        if (!*gid)
            continue;
        size_t word_count = product_words(draft, run->shop, run->today, arena, &words);
        size_t field_count = product_metafields(draft, run->shop, arena, &fields);
        word_count = extras_changed(words, word_count, "", &words_after);
        extras_changed(fields, field_count, "", &fields_after);
        list[used] = (struct extras){.product = staged_id(gid, arena),
                                     .words = words,
                                     .word_count = word_count,
                                     .words_after = arena_text(arena, buf_str(&words_after)),
                                     .fields_after = arena_text(arena, buf_str(&fields_after))};
        stage_product_extras(run->write, run->shop->code, list[used].product, "",
                             list[used].fields_after);
        owners[used++] = of[i]->item.id;
    }
    if (!products_extras(run, list, used, err))
        return false;
    for (size_t i = 0; i < used; i++)
        if (list[i].reason != REASON_NONE)
            note_untranslated(run, owners[i], &list[i]);
    return true;
}

static bool create_window(struct products *run, struct window *window, struct err *err)
{
    struct shopify_call calls[WINDOW];
    struct adding *of[WINDOW];
    size_t count = to_create(run, window, of);
    if (count == 0)
        return true;
    if (!price_window(run, window, err) || !products_places(run, err))
        return false;
    for (size_t i = 0; i < count; i++)
        sent_note(run, of[i]->item.id);
    if (!products_flush(run, true, err))
        return false;
    for (size_t i = 0; i < count; i++)
        calls[i] = set_call(run, of[i]);
    struct err why;
    bool ok = shopify_call_all(run->attempt, calls, count, err) &&
              publish_created(run, calls, count, err) &&
              translate_created(run, of, calls, count, window->arena, err);
    /* Also where the attempt ends: what was answered is recorded. */
    for (size_t i = 0; i < count; i++) {
        bool taken = take_product(run, of[i], &calls[i], ok ? err : &why);
        shopify_call_drop(&calls[i]);
        ok = ok && taken;
    }
    return ok || err_wrap(err, "create products");
}

/* ---- the window ---- */

static bool wanted(const struct add *add, const struct bc_item *item)
{
    return filter_fits(add->number, item->number) &&
           filter_fits(add->category, item->category_code);
}

static bool run_window(struct add *add, struct window *window, struct err *err)
{
    struct products *run = &add->run;
    if (window->count == 0)
        return true;
    bool ok = look(add, window, err) && publish_found(run, window, err) &&
              link_found(run, window, err) && gather_window(add, window, err) &&
              create_window(run, window, err) && products_flush(run, true, err);
    add->done += window->count;
    window->count = 0;
    attempt_progress(run->attempt, "adding items", (int64_t)add->done, 0);
    if (ok && add->together && products_bulk_full(add->bulk))
        return products_bulk_end(add->bulk, err);
    return ok && attempt_checkpoint(run->attempt, "", 0, err);
}

static void take_item(struct add *add, struct window *window, const struct bc_item *from)
{
    struct adding *one = &window->items[window->count];
    OWN_BUF struct buf detail = {0};
    *one = (struct adding){.from = from, .found = ""};
    item_of(&add->run, from, window->arena, &one->item);
    product_draft(&one->item, add->run.shop, add->run.today, window->arena, &one->draft);
    one->draft.fields[PRODUCT_STATUS] = product_status_new(add->run.shop);
    enum reason reason = product_refusal(&one->draft, &detail);
    if (reason == REASON_NONE)
        window->count++;
    else
        item_skip(&add->run, &one->item, reason, buf_str(&detail));
}

/* Products of the items that were asked for, whoever has added them. */
static bool note_pictured(struct add *add, const struct bc_items_page *page,
                          const char *const keys[], struct err *err)
{
    struct products *run = &add->run;
    struct store_ids *all = &add->pictured;
    OWN_IDS struct store_ids links = {0};
    if (!add->pictures)
        return true;
    if (!store_values(run->attempt->ledger, run->company, keys, page->count, &links, err))
        return false;
    all->items = mem_grow(all->items, all->count, all->count + page->count, sizeof *all->items);
    for (size_t i = 0; i < page->count; i++)
        if (*links.items[i] && wanted(add, &page->items[i]))
            all->items[all->count++] = GIVE(links.items[i]);
    return true;
}

static bool run_page(struct add *add, const struct bc_items_page *page, struct err *err)
{
    struct products *run = &add->run;
    OWN(arena) struct arena *arena = arena_new();
    OWN_IDS struct store_ids links = {0};
    const char **keys = arena_array(arena, page->count, sizeof *keys);
    struct window window = {.arena = arena};
    for (size_t i = 0; i < page->count; i++)
        keys[i] = arena_printf(arena, "item-product:%s:%s", run->shop->code, page->items[i].id);
    if (!store_values(run->attempt->ledger, run->company, keys, page->count, &links, err))
        return false;
    size_t open = 0;
    for (size_t i = 0; i < page->count; i++)
        open += !*links.items[i] && wanted(add, &page->items[i]);
    if (!products_bulk_wants(add->bulk, open, &add->together, err))
        return false;
    for (size_t i = 0; i < page->count; i++) {
        run->attempt->counts.read++;
        if (*links.items[i] || !wanted(add, &page->items[i]))
            continue;
        take_item(add, &window, &page->items[i]);
        if (window.count == WINDOW && !run_window(add, &window, err))
            return false;
    }
    return run_window(add, &window, err) && products_flush(run, true, err) &&
           note_pictured(add, page, keys, err);
}

/* ---- the run ---- */

/* Once a store: bc_id is an id, which Shopify keeps unique. */
static bool define_bc_id(struct products *run, struct err *err)
{
    OWN_TEXT char *mark = mem_printf("mark:products:%s", run->shop->code);
    bool ok = bc_id_define(run->attempt, run->write, run->company, mark, "PRODUCT",
                           "Business Central item", err);
    if (!ok && err->kind == ERR_UNCERTAIN) /* defined twice, it is TAKEN */
        err->kind = ERR_RETRY;
    return ok;
}

bool products_add_run(struct attempt *attempt, struct err *err)
{
    __attribute__((cleanup(add_drop))) struct add add = {0};
    OWN(bc_items) struct bc_items *items = NULL;
    struct bc_items_want want = {0};
    struct bc_items_page page;
    if (!products_open(&add.run, attempt, err) ||
        !argument_filter(attempt->args, "item_no", &add.number, err) ||
        !argument_filter(attempt->args, "category", &add.category, err))
        return false;
    if (!add.run.shop->allow_writes)
        return err_set(err, ERR_FATAL, 0,
                       "nothing may be written to shop %s; set allow_writes of the shop",
                       add.run.shop->code);
    if (!products_day_read(&add.run, err))
        return false;
    if (!define_bc_id(&add.run, err))
        return err_wrap(err, "prepare the store");
    bool over = false;
    if (!products_bulk_open(&add.run, &add.bulk, &over, err))
        return false;
    if (over)
        return true;
    products_want(add.run.shop, &want);
    add.pictures = json_flag(attempt->args, "sync_images", false);
    if (!bc_items_open(attempt, &want, &items, err))
        return false;
    for (;;) {
        if (!bc_items_next(items, &page, err))
            return err_wrap(err, "read items");
        if (page.count == 0)
            return products_bulk_end(add.bulk, err) &&
                   (!add.pictures || images_of_products(attempt, &add.pictured, err));
        if (!run_page(&add, &page, err))
            return false;
    }
}

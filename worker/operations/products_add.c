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
#include "operations/bc_id.h"
#include "operations/images_sync.h"
#include "operations/operations_table.h"
#include "operations/products_add.h"
#include "operations/products_extras.h"
#include "shopify/bulk.h"

enum { PUBLISH_CALLS = WINDOW / PUBLISH_A_CALL + 1 };
enum { SHELF_FROM = 100 }; /* looking for so many costs more than listing a small store */

static void add_drop(struct add *add)
{
    filter_free(add->number);
    filter_free(add->category);
    products_bulk_free(add->bulk);
    shelf_drop(&add->shelf);
    store_ids_drop(&add->pictured);
    store_ids_drop(&add->unpublished);
    products_close(&add->run);
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

static json *set_variables(const void *subject)
{
    const struct adding *one = subject;
    json *variables = json_new_object();
    json_set(variables, "identifier", bc_id_identifier(one->item.id));
    json_set(variables, "input", product_input(one->run, &one->draft, one->prices));
    json_set_bool(variables, "whole", false); /* read together, they cost a fraction of it */
    return variables;
}

static struct shopify_call set_call(const struct adding *one)
{
    return (struct shopify_call){.document = "product-set",
                                 .ask = set_variables,
                                 .subject = one,
                                 .user_errors_at = "productSet"};
}

static const char *made_gid(const struct shopify_call *call)
{
    return json_text(json_path(call->data, "productSet.product"), "id");
}

/* `product`: with its variants; NULL = they could not be read, or there is none. */
static bool take_product(struct products *run, struct adding *one, const struct shopify_call *call,
                         const json *product, struct err *err)
{
    const json *refusal = json_at(call->user_errors, 0);
    sent_answered(run, one->item.id, call);
    if (call->not_allowed) {
        item_skip(run, &one->item, REASON_WRITES_OFF, "");
    } else if (products_day_over(run, call)) {
        item_skip(run, &one->item, REASON_VARIANTS_PER_DAY, "");
    } else if (call->err.kind != ERR_NONE) {
        item_skip(run, &one->item,
                  call->err.kind == ERR_FATAL ? REASON_PRODUCT_REFUSED : REASON_PRODUCT_LATER,
                  call->err.text);
    } else if (refusal || !*made_gid(call)) {
        item_skip(run, &one->item, REASON_PRODUCT_REFUSED,
                  refusal ? json_text(refusal, "message") : "the answer holds no product");
    } else if (!product) { /* the next run finds it by its bc_id */
        item_skip(run, &one->item, REASON_PRODUCT_LATER, "its variants could not be read");
    } else {
        run->attempt->counts.created++;
        product_linked(run, &one->draft, one->prices, product, true);
        if (!places_since(run, json_text(product, "updatedAt"), err))
            return false;
    }
    return products_flush(run, false, err);
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
        const char *gid = made_gid(&calls[i]);
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

/* Links what Shopify has made, as far as it could be read, and notes that it is to be published. */
static bool take_created(struct products *run, struct adding *const of[],
                         const struct shopify_call calls[], size_t count, bool ended,
                         const char *const gids[], size_t made, struct err *err)
{
    json *products[WINDOW] = {0};
    bool ok = ended || products_read(run, gids, made, products, err);
    for (size_t i = 0; i < made; i++)
        products_publish_note(run, gids[i]);
    for (size_t i = 0, at = 0; i < count; i++) {
        struct err why;
        json *product = *made_gid(&calls[i]) ? products[at++] : NULL;
        bool taken = take_product(run, of[i], &calls[i], product, ok ? err : &why);
        json_free(product); /* NULL is fine */
        ok = ok && taken;
    }
    return ok && products_flush(run, true, err);
}

static void publish_with_next(struct add *add, const char *const gids[], size_t count)
{
    struct store_ids *ids = &add->unpublished;
    store_ids_drop(ids);
    *ids = (struct store_ids){.items = mem_array(count + 1, sizeof *ids->items)};
    for (size_t i = 0; i < count; i++)
        ids->items[ids->count++] = mem_text(gids[i]);
}

/* Creates these, while those of the window before are published: neither waits for the other. */
static bool create_all(struct add *add, struct adding *const of[], struct shopify_call calls[],
                       size_t count, struct arena *arena, struct err *err)
{
    struct products *run = &add->run;
    const char *gids[WINDOW] = {0};
    const char *const *before = (const char *const *)add->unpublished.items;
    size_t made = 0, used = 0;
    struct err why;
    struct shopify_call *sets = calls + PUBLISH_CALLS, *all;
    if (!publish_calls(run, before, add->unpublished.count, calls, &used, err))
        return false;
    all = sets - used;
    memmove(all, calls, used * sizeof *calls);
    bool ok = shopify_call_all(run->attempt, all, used + count, err);
    for (size_t i = 0; i < count; i++)
        if (*made_gid(&sets[i]))
            gids[made++] = made_gid(&sets[i]);
    /* Also where the attempt ends: what was answered is recorded. */
    bool taken = take_created(run, of, sets, count, !ok, gids, made, ok ? err : &why);
    ok = publish_answered(run, before, add->unpublished.count, all, used, ok && taken, err);
    publish_with_next(add, gids, made);
    return ok && translate_created(run, of, sets, count, arena, err);
}

static bool create_window(struct add *add, struct window *window, struct err *err)
{
    struct products *run = &add->run;
    struct shopify_call calls[PUBLISH_CALLS + WINDOW], *sets = calls + PUBLISH_CALLS;
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
        sets[i] = set_call(of[i]);
    bool ok = create_all(add, of, calls, count, window->arena, err);
    for (size_t i = 0; i < count; i++)
        shopify_call_drop(&sets[i]);
    return ok || err_wrap(err, "create products");
}

/* ---- the window ---- */

static bool fits(const struct add *add, const char *number, const char *category)
{
    return filter_fits(add->number, number) && filter_fits(add->category, category);
}

static bool wanted(const struct add *add, const struct bc_item *item)
{
    return fits(add, item->number, item->category_code);
}

static bool run_window(struct add *add, struct window *window, struct err *err)
{
    struct products *run = &add->run;
    if (window->count == 0)
        return true;
    if (add->together && !products_bulk_holds(add->bulk, window->count))
        return products_bulk_end(add->bulk, false, err);
    bool ok = products_look(add, window, err) && products_link_found(run, window, err) &&
              gather_window(add, window, err) && create_window(add, window, err) &&
              products_flush(run, true, err);
    add->done += window->count;
    window->count = window->variants = 0;
    attempt_progress(run->attempt, "adding items", (int64_t)add->done, 0);
    return ok && attempt_checkpoint(run->attempt, "", 0, err);
}

static void take_item(struct add *add, struct window *window, const struct bc_item *from)
{
    struct adding *one = &window->items[window->count];
    OWN_BUF struct buf detail = {0};
    *one = (struct adding){.run = &add->run, .from = from, .found = ""};
    item_of(&add->run, from, window->arena, &one->item);
    product_draft(&one->item, add->run.shop, add->run.today, window->arena, &one->draft);
    one->draft.fields[PRODUCT_STATUS] = product_status_new(add->run.shop);
    enum reason reason = product_refusal(&one->draft, &detail);
    if (reason == REASON_NONE) {
        window->count++;
        window->variants += one->draft.variant_count;
    } else {
        item_skip(&add->run, &one->item, reason, buf_str(&detail));
    }
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

/* What the store has, where so many items are to be looked for that it pays. */
static bool list_shelf(struct add *add, struct err *err)
{
    if (add->together || add->shelf_asked || add->open < SHELF_FROM)
        return true;
    add->shelf_asked = true;
    return shelf_read(&add->run, &add->shelf, &add->shelf_known, err);
}

/* ---- how many there are to add ---- */

struct counting {
    struct add *add;
    struct arena *arena; /* of the keys at hand */
    const char *keys[STORE_PAGE];
    size_t count;
};

static bool count_keys(struct counting *counting, struct err *err)
{
    struct products *run = &counting->add->run;
    OWN_IDS struct store_ids links = {0};
    if (counting->count == 0)
        return true;
    if (!store_values(run->attempt->ledger, run->company, counting->keys, counting->count, &links,
                      err))
        return false;
    for (size_t i = 0; i < counting->count; i++)
        counting->add->open += !*links.items[i];
    counting->count = 0;
    arena_free(counting->arena);
    counting->arena = arena_new();
    return true;
}

static bool count_item(void *state, const json *item, struct err *err)
{
    struct counting *counting = state;
    const struct products *run = &counting->add->run;
    if (json_flag(item, "blocked", false) ||
        !fits(counting->add, json_text(item, "number"), json_text(item, "itemCategoryCode")))
        return true;
    counting->keys[counting->count++] =
        arena_printf(counting->arena, "item-product:%s:%s", run->shop->code, json_text(item, "id"));
    return counting->count < STORE_PAGE || count_keys(counting, err);
}

/* A page has a few that are not there yet, and all of the run's may be thousands: the run as a
 * whole says how they go. Not asked where nothing is to be added, nor by a run that has asked. */
static bool count_open(struct add *add, struct err *err)
{
    if (add->counted)
        return true;
    if (products_bulk_knows(add->bulk)) {
        add->open = BULK_LINES;
        add->counted = true;
        return true;
    }
    struct counting counting = {.add = add, .arena = arena_new()};
    add->counted = true;
    bool ok =
        bc_items_list(add->run.attempt, count_item, &counting, err) && count_keys(&counting, err);
    arena_free(counting.arena);
    return ok;
}

static bool choose_way(struct add *add, struct err *err)
{
    return count_open(add, err) && products_bulk_wants(add->bulk, add->open, &add->together, err) &&
           list_shelf(add, err);
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
    if (open > 0 && !choose_way(add, err))
        return false;
    for (size_t i = 0; i < page->count; i++) {
        run->attempt->counts.read++;
        if (*links.items[i] || !wanted(add, &page->items[i]))
            continue;
        take_item(add, &window, &page->items[i]);
        bool full = window.count == WINDOW || window.variants >= WINDOW_VARIANTS;
        if (full && !run_window(add, &window, err))
            return false;
    }
    return run_window(add, &window, err) && products_flush(run, true, err) &&
           note_pictured(add, page, keys, err);
}

/* Those that went together stand by now: nothing but their pictures is left. */
static bool list_pictured(struct add *add, const struct bc_items_page *page, struct err *err)
{
    OWN(arena) struct arena *arena = arena_new();
    const char **keys = arena_array(arena, page->count, sizeof *keys);
    for (size_t i = 0; i < page->count; i++)
        keys[i] = arena_printf(arena, "item-product:%s:%s", add->run.shop->code, page->items[i].id);
    return note_pictured(add, page, keys, err);
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

static bool publish_last(struct add *add, struct err *err)
{
    return products_publish(&add->run, (const char *const *)add->unpublished.items,
                            add->unpublished.count, err) &&
           products_flush(&add->run, true, err);
}

/* Pictures and stock of what is there now. */
static bool follow(struct add *add, struct err *err)
{
    struct attempt *attempt = add->run.attempt;
    return (!add->pictures || images_of_products(attempt, &add->pictured, err)) &&
           (!add->stock || inventory_sync_run(attempt, err));
}

static bool run_items(struct add *add, bool over, struct err *err)
{
    OWN(bc_items) struct bc_items *items = NULL;
    struct bc_items_want want = {0};
    struct bc_items_page page;
    if (over && !add->pictures)
        return true;
    products_want(add->run.shop, &want);
    if (!bc_items_open(add->run.attempt, &want, &items, err))
        return false;
    for (;;) {
        if (!bc_items_next(items, &page, err))
            return err_wrap(err, "read items");
        if (page.count == 0)
            return over || (publish_last(add, err) && products_bulk_end(add->bulk, true, err));
        if (!(over ? list_pictured(add, &page, err) : run_page(add, &page, err)))
            return false;
    }
}

bool products_add_run(struct attempt *attempt, struct err *err)
{
    __attribute__((cleanup(add_drop))) struct add add = {0};
    bool over = false;
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
    add.pictures = json_flag(attempt->args, "sync_images", false);
    add.stock = json_flag(attempt->args, "sync_inventory", false);
    return products_bulk_open(&add.run, &add.bulk, &over, err) && run_items(&add, over, err) &&
           follow(&add, err);
}

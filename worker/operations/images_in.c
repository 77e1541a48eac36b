/* images_in.c - images of the store become pictures of items, and of their variants.
 *
 * The first image of a product is the picture of its item; the image that a variant shows is the
 * picture of its item variant. A variant that is an item of its own, and shows none, has the
 * product's.
 *
 * An image has changed when it is another one, or when it looks otherwise: its bytes may be
 * replaced under the same id, which moves nothing of the product. So changed images are asked for
 * beside changed products and variants. Times of change are whole seconds, and so is the version in
 * an image's address: one that is replaced in the second of our look is told by its ThumbHash,
 * which Shopify makes of its pixels. Whether it is another picture its bytes decide.
 *
 * Idempotency: an item has one picture; setting it twice leaves one. What is kept of it is written
 * afterwards, so a killed run sets it again. The mark is Shopify's own time, and moves when the run
 * has ended; the next one looks from five minutes before it, for the search index lags.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "operations/images_sync.h"
#include "operations/listing.h"
#include "operations/operations_table.h"
#include "shopify/shopify.h"

enum {
    IDS_A_CALL = 250,
    PAGE = 50, /* products */
    OVERLAP_MS = 5 * 60 * 1000,
    DOWNLOAD_MS = 120000,
    MOST_BYTES = 20 << 20
};

struct incoming {
    struct images *run;
    int64_t newest_ms;  /* by Shopify's clock */
    struct buf listed;  /* what the search has shown as changed */
    char shown[SHA256]; /* its digest */
};

static void incoming_drop(struct incoming *in)
{
    buf_drop(&in->listed);
}

static void note_time(struct incoming *in, const char *text)
{
    int64_t at_ms;
    if (time_parse(text, &at_ms) && at_ms > in->newest_ms)
        in->newest_ms = at_ms;
}

/* ---- what has changed ---- */

/* How an image looks from outside; the same = nobody has replaced it. */
static void print_look(const json *shown, struct buf *out)
{
    const json *image = json_get(shown, "image");
    buf_printf(out, "%s %s %s\n", json_text(shown, "updatedAt"), json_text(image, "url"),
               json_text(image, "thumbhash"));
}

static void add_id(struct store_ids *ids, const char *id)
{
    ids->items = mem_grow(ids->items, ids->count, ids->count + 1, sizeof *ids->items);
    ids->items[ids->count++] = mem_text(id);
}

enum { PRODUCTS, VARIANTS, IMAGES, LISTS };
/* Where a list stands in the answer, what of a node names its product or image, and its variables:
 * is it asked for, behind what, and by which query. */
static const struct {
    const char *list, *owner, *asked, *after, *query, *rest;
} CHANGES[LISTS] = {
    {"products",        NULL,      "products", "afterProduct", "query",        ""                },
    {"productVariants", "product", "variants", "afterVariant", "variantQuery", ""                },
    {"files",           NULL,      "images",   "afterImage",   "imageQuery",   "media_type:IMAGE"},
};

struct lists {
    struct listing of[LISTS];
    bool more[LISTS];
};

static void lists_drop(struct lists *lists)
{
    for (size_t kind = 0; kind < LISTS; kind++)
        listing_drop(&lists->of[kind]);
}

static bool any_more(const struct lists *lists)
{
    return lists->more[PRODUCTS] || lists->more[VARIANTS] || lists->more[IMAGES];
}

/* One list's page: ids of products, or of images, go to `out`. */
static void take_list(struct incoming *in, const json *list, const char *owner,
                      struct store_ids *out)
{
    OWN(arena) struct arena *arena = arena_new();
    const json *nodes = json_get(list, "nodes");
    for (size_t i = 0; i < json_count(nodes); i++) {
        const json *node = json_at(nodes, i), *named = owner ? json_get(node, owner) : node;
        note_time(in, json_text(node, "updatedAt"));
        add_id(out, staged_id(json_text(named, "id"), arena));
        buf_printf(&in->listed, "%s ", out->items[out->count - 1]);
        print_look(node, &in->listed);
    }
}

static json *delta_variables(const struct lists *lists)
{
    json *variables = json_new_object();
    for (size_t kind = 0; kind < LISTS; kind++) {
        OWN_TEXT char *query = listing_query(&lists->of[kind], CHANGES[kind].rest);
        json_set_text(variables, CHANGES[kind].query, query);
        json_set_bool(variables, CHANGES[kind].asked, lists->more[kind]);
        if (lists->of[kind].after)
            json_set_text(variables, CHANGES[kind].after, lists->of[kind].after);
    }
    return variables;
}

static bool read_changes(struct incoming *in, int64_t since_ms, struct store_ids *products,
                         struct store_ids *images, struct err *err)
{
    __attribute__((cleanup(lists_drop))) struct lists lists = {
        .more = {true, true, true}
    };
    for (size_t kind = 0; kind < LISTS; kind++)
        time_format(since_ms - OVERLAP_MS, false, lists.of[kind].from);
    lists.of[VARIANTS].by = "id";
    while (any_more(&lists)) {
        struct shopify_call call = {.document = "images-delta",
                                    .variables = delta_variables(&lists)};
        if (!shopify_ask(in->run->attempt, &call, err))
            return err_wrap(err, "read which images have changed");
        for (size_t kind = 0; kind < LISTS; kind++) {
            const json *list = json_get(call.data, CHANGES[kind].list);
            if (!lists.more[kind])
                continue;
            take_list(in, list, CHANGES[kind].owner, kind == IMAGES ? images : products);
            lists.more[kind] = listing_goes_on(&lists.of[kind], list);
        }
        shopify_call_drop(&call);
        if (!attempt_checkpoint(in->run->attempt, "", 0, err))
            return false;
    }
    return true;
}

/* Products whose picture came from one of these images. */
static bool products_of_images(struct images *run, struct store_ids *images, struct store_ids *out,
                               struct err *err)
{
    store_ids_each_once(images);
    for (size_t at = 0; at < images->count; at += STORE_PAGE) {
        OWN(arena) struct arena *arena = arena_new();
        OWN_IDS struct store_ids found = {0};
        const char *keys[STORE_PAGE];
        size_t left = images->count - at, count = left < STORE_PAGE ? left : STORE_PAGE;
        for (size_t i = 0; i < count; i++)
            keys[i] = arena_printf(arena, "image-of:%s:%s", run->shop->code, images->items[at + i]);
        if (!store_values(run->attempt->ledger, run->company, keys, count, &found, err))
            return false;
        ids_take(out, &found);
    }
    store_ids_each_once(out);
    return true;
}

/* ---- one image ---- */

static void refused(struct images *run, const struct image *image, const char *why)
{
    struct err err;
    OWN_TEXT char *id = mem_printf("picture-%s", image->member);
    log_warn("picture.refused", TEXT("item", image->number), TEXT("product", image->product),
             TEXT("why", why));
    skip_one(run->attempt, run->write, id, image->number, REASON_PICTURE_REFUSED, why, &err);
    run->attempt->counts.failed++;
}

static void keep(struct images *run, const struct image *image, const char *id)
{
    OWN_TEXT char *skip = mem_printf("picture-%s", image->member);
    OWN_TEXT char *of = mem_printf("image-of:%s:%s", run->shop->code, id);
    images_record(run, image, id, image->digest, image->at);
    write_add(run->write, "SET", of, image->product, NULL);
    stage_skip_gone(run->write, skip);
}

/* An image is asked for without the shop's token: it is nobody's secret. */
static bool download(struct images *run, const char *url, struct buf *bytes, struct err *why,
                     struct err *err)
{
    bool simulated = *run->shop->origin && strncmp(url, "http://", 7) == 0;
    struct http_call http = {.method = "GET",
                             .url = url,
                             .timeout_ms = DOWNLOAD_MS,
                             .max_answer = MOST_BYTES,
                             .label = "shopify image download"};
    if (!simulated && strncmp(url, "https://", 8) != 0)
        return err_set(why, ERR_FATAL, 0, "the image has no https address");
    if (!attempt_exchange(run->attempt, &http, err)) {
        *why = *err;
        http_call_drop(&http);
        return false;
    }
    bool ok = http.err.kind == ERR_NONE && http.status == 200;
    if (ok)
        *bytes = http.answer, http.answer = (struct buf){0};
    else if (http.err.kind != ERR_NONE)
        *why = http.err;
    else
        err_set(why, ERR_RETRY, http.status, "the image's address answers %d", http.status);
    http_call_drop(&http);
    return ok;
}

/* What Business Central shows. */
static bool is_picture(const struct buf *bytes)
{
    static const struct {
        const char *start;
        size_t size;
    } KINDS[] = {
        {"\x89PNG",      4},
        {"\xff\xd8\xff", 3},
        {"GIF8",         4}
    };
    for (size_t i = 0; i < COUNT(KINDS); i++)
        if (bytes->size > KINDS[i].size &&
            memcmp(buf_str(bytes), KINDS[i].start, KINDS[i].size) == 0)
            return true;
    return false;
}

static bool set_picture(struct images *run, struct image *image, const char *id,
                        const struct buf *bytes, struct err *why)
{
    const struct bc_picture picture = {.id = image->source, .of_variant = image->of_variant};
    if (!is_picture(bytes)) {
        refused(run, image, "it is no PNG, JPEG or GIF");
        images_record(run, image, id, image->digest, image->at);
        return true;
    }
    if (bc_picture_write(run->attempt, &picture, buf_str(bytes), bytes->size, why)) {
        keep(run, image, id);
        if (*image->image_id)
            run->attempt->counts.updated++;
        else
            run->attempt->counts.created++;
        return true;
    }
    if (why->kind != ERR_FATAL)
        return false;
    refused(run, image, why->text);
    if (why->code != 400) { /* not the picture is to blame */
        images_later(run, image->product);
        return true;
    }
    images_record(run, image, id, image->digest, image->at);
    return true;
}

static void look_of(const json *shown, char out[static IMAGE_AT])
{
    char digest[SHA256];
    OWN_BUF struct buf look = {0};
    print_look(shown, &look);
    images_digest(&look, digest);
    snprintf(out, IMAGE_AT, "%.*s", IMAGE_AT - 1, digest);
}

/* `shown`: the image at Shopify; NULL = none. */
static bool take_image(struct images *run, struct image *image, const json *shown,
                       struct arena *arena, struct err *err)
{
    struct err why;
    OWN_BUF struct buf bytes = {0};
    const char *id = staged_id(json_text(shown, "id"), arena);
    const char *url = json_text(json_get(shown, "image"), "url");
    look_of(shown, image->at);
    if (!*id || !strstr(json_text(shown, "id"), "/MediaImage/")) {
        if (!*image->was) /* none, or a film: the item's picture stays */
            images_record(run, image, "", "none", "");
        return true;
    }
    if (strcmp(id, image->image_id) == 0 && strcmp(image->at, image->seen) == 0)
        return true;
    run->attempt->counts.read++;
    if (strcmp(json_text(shown, "fileStatus"), "FAILED") == 0)
        return true; /* it shows nothing; another one moves the product */
    if (!*url) {     /* Shopify still works on it */
        images_later(run, image->product);
        return true;
    }
    err_clear(&why);
    if (download(run, url, &bytes, &why, err)) {
        images_digest(&bytes, image->digest);
        if (strcmp(image->digest, image->was) == 0) {
            keep(run, image, id);
            return true;
        }
        if (set_picture(run, image, id, &bytes, &why))
            return images_flush(run, err);
    }
    if (why.kind == ERR_CANCELLED || why.kind == ERR_THROTTLED) {
        *err = why;
        return false;
    }
    log_warn("image.unread", TEXT("item", image->number), TEXT("why", why.text));
    run->attempt->counts.failed++;
    images_later(run, image->product);
    return true;
}

/* ---- a page of products ---- */

/* All nodes of a page's products and variants: {"<number>": node}. */
static bool read_nodes(struct incoming *in, const struct images_page *page, json **out,
                       struct err *err)
{
    OWN(arena) struct arena *arena = arena_new();
    OWN_IDS struct store_ids gids = {0};
    OWN_JSON json *nodes = json_new_object();
    for (size_t i = 0; i < page->count; i++) {
        char *rest = arena_text(arena, page->images[i].variants);
        if (!*rest)
            add_id(&gids, arena_printf(arena, "gid://shopify/Product/%s", page->images[i].product));
        for (char *id; (id = strtok_r(rest, ",", &rest));)
            add_id(&gids, arena_printf(arena, "gid://shopify/ProductVariant/%s", id));
    }
    for (size_t at = 0; at < gids.count; at += IDS_A_CALL) {
        struct shopify_call call = {.document = "images-by-ids", .variables = json_new_object()};
        json *ids = json_new_array();
        for (size_t i = at; i < gids.count && i < at + IDS_A_CALL; i++)
            json_add_text(ids, gids.items[i]);
        json_set(call.variables, "ids", ids);
        if (!shopify_ask(in->run->attempt, &call, err))
            return err_wrap(err, "read images of products");
        const json *rows = json_get(call.data, "nodes");
        for (size_t i = 0; i < json_count(rows); i++) {
            json *node = json_at(rows, i);
            note_time(in, json_text(node, "updatedAt"));
            if (*json_text(node, "id"))
                json_set(nodes, json_text(node, "id"), json_copy(node));
        }
        shopify_call_drop(&call);
    }
    *out = GIVE(nodes);
    return true;
}

/* What is shown where this picture belongs. */
static const json *shown_of(const struct image *image, const json *nodes, struct arena *arena)
{
    char *rest = arena_text(arena, image->variants);
    for (char *id; (id = strtok_r(rest, ",", &rest));) {
        const json *node =
            json_get(nodes, arena_printf(arena, "gid://shopify/ProductVariant/%s", id));
        const json *own = json_path(node, "media.nodes.0");
        if (own)
            return own;
    }
    if (*image->variants && image->of_variant)
        return NULL;
    const json *product =
        json_get(nodes, arena_printf(arena, "gid://shopify/Product/%s", image->product));
    return json_get(product, "featuredMedia");
}

static bool take_page(struct incoming *in, const struct store_ids *ids, struct err *err)
{
    struct images *run = in->run;
    OWN_JSON json *nodes = NULL;
    __attribute__((cleanup(images_page_drop))) struct images_page page = {0};
    if (!images_page_read(run, ids, &page, err) || !read_nodes(in, &page, &nodes, err))
        return false;
    for (size_t i = 0; i < page.count; i++) {
        const json *shown = shown_of(&page.images[i], nodes, page.arena);
        if (!take_image(run, &page.images[i], shown, page.arena, err) ||
            !attempt_checkpoint(run->attempt, "", 0, err))
            return false;
    }
    images_page_done(run, ids);
    return images_flush(run, err);
}

static bool look(struct incoming *in, struct store_ids *products, struct err *err)
{
    static const char *const FIELDS[] = {"at", "linked", "shown"};
    struct images *run = in->run;
    OWN_TEXT char *mark = mem_printf("mark:images-in:%s", run->shop->code);
    const char *const keys[] = {mark};
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN_IDS struct store_ids images = {0}, changed = {0};
    if (!store_read(run->attempt->ledger, run->company, keys, 1, FIELDS, COUNT(FIELDS), &rows, err))
        return false;
    in->newest_ms = store_int(rows, 0, 0);
    run->first = in->newest_ms == 0 && !run->products;
    if (run->first || run->products)
        return images_all(run, products, err);
    if (!read_changes(in, in->newest_ms, &changed, &images, err) ||
        !images_new(run, store_int(rows, 0, 1), products, err))
        return false;
    /* The five minutes before the mark show the same again and again. */
    images_digest(&in->listed, in->shown);
    if (strcmp(in->shown, store_text(rows, 0, 2)) == 0)
        return true;
    ids_take(products, &changed);
    return products_of_images(run, &images, products, err);
}

bool images_in(struct images *run, struct err *err)
{
    char at[32], linked[32];
    __attribute__((cleanup(incoming_drop))) struct incoming in = {.run = run};
    OWN_TEXT char *mark = mem_printf("mark:images-in:%s", run->shop->code);
    OWN_IDS struct store_ids products = {0};
    run->begun_ms = clock_now_ms(run->attempt->clock);
    if (!look(&in, &products, err))
        return false;
    for (size_t from = 0; from < products.count; from += PAGE) {
        size_t left = products.count - from;
        const struct store_ids page = {products.items + from, left < PAGE ? left : PAGE};
        attempt_progress(run->attempt, "comparing images", (int64_t)from, (int64_t)products.count);
        if (!take_page(&in, &page, err))
            return err_wrap(err, "compare images");
    }
    if (in.newest_ms == 0 || run->products)
        return true;
    snprintf(at, sizeof at, "%" PRId64, in.newest_ms);
    snprintf(linked, sizeof linked, "%" PRId64, run->begun_ms);
    write_add(run->write, "HSET", mark, "at", at, "linked", linked, "shown", in.shown, NULL);
    return images_flush(run, err);
}

/* products_send.c - changes of products go to Shopify, and what it confirms is staged.
 *
 * Idempotency: fields are set, never added to, and only what Shopify has confirmed is staged; so a
 * change whose answer got lost, or that was refused, differs again in the next run and is sent
 * again, once the first can no longer come (products_sent.c). productSet is never sent here: it
 * deletes what it is not told of.
 */
#include <stdlib.h>
#include <string.h>

#include "attempt_fresh.h"
#include "operations/products_change.h"

enum { GROUP = 50, VARIANTS_MOST = 250 };

static struct shopify_call change_call(const struct change *change, size_t from, size_t count)
{
    json *variables = json_new_object(), *variants = json_new_array();
    OWN_TEXT char *gid = mem_printf("gid://shopify/Product/%s", change->after.product);
    json *only_id = json_new_object();
    bool fields = change->fields && from == 0;
    json_set_text(only_id, "id", gid);
    for (size_t i = 0; i < count; i++)
        json_add(variants, json_copy(json_at(change->variants, from + i)));
    json_set(variables, "product", fields ? json_copy(change->fields) : json_copy(only_id));
    json_set_text(variables, "id", gid);
    json_set(variables, "variants", variants);
    json_set_bool(variables, "fields", fields);
    json_set_bool(variables, "some", count > 0);
    json_free(only_id);
    return (struct shopify_call){
        .document = "product-change", .variables = variables, .user_errors_at = "productUpdate"};
}

/* ---- answers ---- */

/* ["variants", "3", "price"] -> 3; -1 = the call as a whole. */
static int64_t refused_at(const json *refusal)
{
    const json *field = json_get(refusal, "field");
    const char *text = json_string(json_at(field, 1));
    char *end;
    long at = strtol(text, &end, 10);
    return *text && !*end ? at : -1;
}

static bool confirmed(const json *update, const char *variant, size_t at)
{
    const json *rows = json_get(update, "productVariants");
    const json *refusals = json_get(update, "userErrors");
    bool found = false;
    for (size_t i = 0; i < json_count(refusals); i++) {
        int64_t which = refused_at(json_at(refusals, i));
        if (which < 0 || which == (int64_t)at)
            return false;
    }
    for (size_t i = 0; i < json_count(rows) && !found; i++) {
        const char *id = strrchr(json_text(json_at(rows, i), "id"), '/');
        found = id && strcmp(id + 1, variant) == 0;
    }
    return found;
}

void change_refuse(struct export *export, struct change *change, enum reason reason,
                   const char *detail)
{
    bool guests = change->fresh_count > 0 && change->fresh[0].guest;
    if (!change->refused && !guests)
        item_skip(&export->run, &change->item, reason, detail);
    for (size_t i = 0; guests && i < change->fresh_count; i++) {
        const struct staged_variant *after = &change->fresh[i].after;
        const struct item item = {.id = after->item, .number = after->item_number};
        if (!after->variant && !change->refused)
            item_skip(&export->run, &item, reason, detail);
    }
    change->refused = true;
    /* Its options stay as they are until a person changes them: the item's next change, or the
     * day's, is soon enough. */
    change->due |= reason != REASON_PRODUCT_OPTIONS;
}

static void take_fields(struct export *export, struct change *change, const json *data)
{
    const json *update = json_get(data, "productUpdate");
    const json *refusal = json_at(json_get(update, "userErrors"), 0);
    const json *product = json_get(update, "product");
    if (refusal || !product) {
        change_refuse(export, change, REASON_PRODUCT_REFUSED,
                      refusal ? json_text(refusal, "message") : "the answer holds no product");
        return;
    }
    if (change->removed) {
        stage_product_gone(export->run.write, export->run.shop->code, &change->after);
        return;
    }
    change->after.title = json_text(product, "title");
    change->after.status = json_text(product, "status");
    stage_product(export->run.write, export->run.shop->code, &change->after,
                  products_now_ms(&export->run));
}

static void take_variants(struct export *export, struct change *change, const json *data,
                          size_t from, size_t count)
{
    const json *update = json_get(data, "productVariantsBulkUpdate");
    const json *refusal = json_at(json_get(update, "userErrors"), 0);
    if (refusal)
        change_refuse(export, change, REASON_PRODUCT_REFUSED, json_text(refusal, "message"));
    for (size_t i = 0; i < count; i++)
        if (confirmed(update, change->afters[from + i].variant, i))
            stage_variant(export->run.write, export->run.shop->code, &change->afters[from + i],
                          products_now_ms(&export->run));
        else
            change_refuse(export, change, REASON_PRODUCT_REFUSED,
                          "Shopify has not confirmed all of its variants");
}

void change_take(struct export *export, struct change *change, const struct shopify_call *call,
                 size_t from, size_t count)
{
    if (call->not_allowed)
        change_refuse(export, change, REASON_WRITES_OFF, "");
    else if (call->err.kind != ERR_NONE)
        change_refuse(export, change,
                      call->err.kind == ERR_FATAL ? REASON_PRODUCT_REFUSED : REASON_PRODUCT_LATER,
                      call->err.text);
    else {
        if (change->fields && from == 0)
            take_fields(export, change, call->data);
        if (count > 0)
            take_variants(export, change, call->data, from, count);
    }
}

void product_due(struct export *export, const char *item)
{
    char now[32];
    OWN_TEXT char *due = mem_printf("products-due:%s", export->run.shop->code);
    snprintf(now, sizeof now, "%lld", (long long)products_now_ms(&export->run));
    write_add(export->run.write, "ZADD", due, now, item, NULL);
}

/* What could not be told is tried again by every run; what was, no longer. */
void change_finish(struct export *export, struct change *change)
{
    OWN_TEXT char *due = mem_printf("products-due:%s", export->run.shop->code);
    if (change->due)
        product_due(export, change->item.id);
    else if (!change->finished)
        write_add(export->run.write, "ZREM", due, change->item.id, NULL);
    if (change->refused || change->finished)
        return;
    change->finished = true;
    item_skip_gone(&export->run, change->item.id);
    attempt_fresh_since(export->run.attempt, FRESH_PRODUCTS, export->last_look_ms,
                        change->changed_ms);
    export->run.attempt->counts.updated++;
}

/* ---- sending ---- */

struct piece {
    struct change *change;
    size_t from, count;
    bool last;
};

static bool send_group(struct export *export, struct piece *pieces, size_t count, struct err *err)
{
    struct shopify_call calls[GROUP];
    struct err why;
    for (size_t i = 0; i < count; i++)
        sent_note(&export->run, pieces[i].change->item.id);
    if (!products_flush(&export->run, true, err))
        return false;
    for (size_t i = 0; i < count; i++)
        calls[i] = change_call(pieces[i].change, pieces[i].from, pieces[i].count);
    bool ok = shopify_call_all(export->run.attempt, calls, count, err);
    /* Also where the attempt ends: what was answered is staged. */
    for (size_t i = 0; i < count; i++) {
        change_take(export, pieces[i].change, &calls[i], pieces[i].from, pieces[i].count);
        pieces[i].change->unsure |=
            calls[i].err.kind == ERR_UNCERTAIN || calls[i].err.kind == ERR_CANCELLED;
        if (pieces[i].last && !pieces[i].change->unsure)
            sent_answered(&export->run, pieces[i].change->item.id, &calls[i]);
        if (pieces[i].last)
            change_finish(export, pieces[i].change);
        if (!products_flush(&export->run, false, ok ? err : &why))
            ok = false;
        shopify_call_drop(&calls[i]);
    }
    if (!products_flush(&export->run, true, ok ? err : &why))
        return false;
    return ok;
}

bool export_send(struct export *export, struct err *err)
{
    struct piece pieces[GROUP];
    size_t used = 0;
    if (!export_choose(export, err))
        return false;
    for (size_t i = 0; i < export->count; i++) {
        struct change *change = &export->changes[i];
        size_t all = json_count(change->variants), from = 0;
        if ((!change->fields && all == 0) || change->together)
            continue; /* it has new variants alone, or goes another way */
        do {
            size_t count = all - from < VARIANTS_MOST ? all - from : VARIANTS_MOST;
            pieces[used++] = (struct piece){change, from, count, from + count == all};
            from += count;
            if (used == GROUP) {
                if (!send_group(export, pieces, used, err))
                    return false;
                used = 0;
                attempt_progress(export->run.attempt, "telling Shopify of products", (int64_t)i,
                                 (int64_t) export->count);
            }
        } while (from < all);
    }
    return (used == 0 || send_group(export, pieces, used, err)) && export_together(export, err);
}

bool export_extras(struct export *export, struct err *err)
{
    struct extras *list = arena_array(export->arena, export->count + 1, sizeof *list);
    struct change **of = arena_array(export->arena, export->count + 1, sizeof *of);
    size_t count = 0;
    for (size_t i = 0; i < export->count; i++)
        if (export->changes[i].extras.product) {
            of[count] = &export->changes[i];
            list[count++] = export->changes[i].extras;
        }
    if (!products_extras(&export->run, list, count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (list[i].reason != REASON_NONE)
            change_refuse(export, of[i], list[i].reason, list[i].refusal);
    return true;
}

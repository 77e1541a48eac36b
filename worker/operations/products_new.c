/* products_new.c - variants that a product lacks are made there.
 *
 * Idempotency: the values of its options are a variant's key, and Shopify refuses a combination
 * that stands. Each product is looked at first: a variant whose answer got lost is found by its
 * values, one that a person has made by its SKU or bar code, and both are linked, not made again.
 * Nothing that stands is taken away: productSet and the strategies that remove are never used here.
 */
#include <stdlib.h>
#include <string.h>

#include "operations/products_change.h"

enum { GROUP = 10, VARIANTS_MOST = 250 };

struct lacking { /* one product */
    struct change *change;
    struct shopify_call look, make;
    json *whole;         /* where it has more than a page of variants */
    const json *product; /* as it stands */
    size_t *left, count; /* of change->fresh: those to be made */
    size_t asked;        /* of them, by this call */
};

void export_drop(struct export *export)
{
    for (size_t i = 0; i < export->count; i++) {
        struct change *change = &export->changes[i];
        json_free(change->fields);
        json_free(change->variants);
        for (size_t k = 0; k < change->fresh_count; k++)
            json_free(change->fresh[k].input);
        free(change->fresh);
    }
    free(export->changes);
    free(export->seen);
    for (size_t i = 0; i < BRAKES; i++)
        brake_free(export->brakes[i]);
    arena_free(export->arena);
    products_close(&export->run);
}

/* ---- what is to be made ---- */

/* A code that several variants of the item share tells none of them apart. */
static const char *own_code(const struct product_draft *draft, size_t at, enum variant_field field,
                            struct arena *arena)
{
    const char *code = draft->variants[at].fields[field];
    for (size_t i = 0; code && i < draft->variant_count; i++) {
        const char *other = draft->variants[i].fields[field];
        if (i != at && other && strcmp(code, other) == 0)
            return NULL;
    }
    return code ? arena_text(arena, code) : NULL;
}

void fresh_keep(struct export *export, const struct product_draft *draft, size_t at,
                const struct priced *price, const char *product, struct fresh *out)
{
    struct arena *arena = export->arena;
    const struct variant_draft *variant = &draft->variants[at];
    OWN_BUF struct buf sent = {0}, price_sent = {0};
    out->input = fresh_input(&export->run, draft, at, price);
    for (size_t k = 0; k < draft->option_count; k++)
        out->draft.options[k] = arena_text(arena, variant->options[k]);
    out->draft.fields[VARIANT_SKU] = own_code(draft, at, VARIANT_SKU, arena);
    out->draft.fields[VARIANT_BARCODE] = own_code(draft, at, VARIANT_BARCODE, arena);
    sent_write(VARIANT_FIELD_NAMES, variant->fields, VARIANT_FIELDS, "", &sent);
    if (price->has)
        price_write(&price->price, &price_sent);
    out->after = (struct staged_variant){
        .product = arena_text(arena, product),
        .item = arena_text(arena, draft->item->id),
        .item_number = arena_text(arena, draft->item->number),
        .item_variant = arena_text(arena, variant->variant ? variant->variant->id : ""),
        .variant_code = arena_text(arena, variant->variant ? variant->variant->code : ""),
        .uom = arena_text(arena, variant->unit),
        .sent = arena_text(arena, buf_str(&sent)),
        .price_sent = arena_text(arena, buf_str(&price_sent)),
    };
}

static char *gid_of(const struct change *change)
{
    return mem_printf("gid://shopify/Product/%s", change->after.product);
}

static void drop_group(struct lacking *group, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        shopify_call_drop(&group[i].look);
        shopify_call_drop(&group[i].make);
        json_free(group[i].whole);
    }
}

/* ---- looking ---- */

static bool look(struct export *export, struct lacking *group, size_t count, struct err *err)
{
    struct shopify_call calls[GROUP];
    for (size_t i = 0; i < count; i++) {
        OWN_TEXT char *gid = gid_of(group[i].change);
        json *variables = json_new_object();
        json_set_text(variables, "id", gid);
        calls[i] = (struct shopify_call){.document = "product-links", .variables = variables};
    }
    bool ok = shopify_call_all(export->run.attempt, calls, count, err);
    for (size_t i = 0; i < count; i++) {
        OWN_TEXT char *gid = gid_of(group[i].change);
        group[i].look = calls[i];
        group[i].product = json_get(calls[i].data, "product");
        if (!ok ||
            !json_flag(json_path(group[i].product, "variants.pageInfo"), "hasNextPage", false))
            continue;
        ok = product_read(&export->run, gid, &group[i].whole, err);
        group[i].product = group[i].whole;
    }
    return ok || err_wrap(err, "look for new variants");
}

static bool is_linked(const char *list, const char *id)
{
    size_t size = strlen(id);
    for (const char *at = list; *at; at += strspn(at, ",")) {
        size_t part = strcspn(at, ",");
        if (part == size && strncmp(at, id, size) == 0)
            return true;
        at += part;
    }
    return false;
}

static struct shown_variant *show(const struct lacking *one, const json *nodes, struct arena *arena)
{
    struct shown_variant *out = arena_array(arena, json_count(nodes) + 1, sizeof *out);
    for (size_t i = 0; i < json_count(nodes); i++) {
        const json *node = json_at(nodes, i), *options = json_get(node, "selectedOptions");
        const char *id = staged_id(json_text(node, "id"), arena);
        out[i] = (struct shown_variant){.sku = json_text(node, "sku"),
                                        .barcode = json_text(node, "barcode"),
                                        .taken = is_linked(one->change->after.variants, id)};
        for (size_t k = 0; k < json_count(options) && k < PRODUCT_OPTIONS; k++) {
            out[i].names[k] = json_text(json_at(options, k), "name");
            out[i].values[k] = json_text(json_at(options, k), "value");
            out[i].option_count++;
        }
    }
    return out;
}

/* ---- linking ---- */

/* `confirmed` = it has just been made, with all its fields. */
static void link_fresh(struct export *export, struct change *change, struct fresh *fresh,
                       const json *node, bool confirmed)
{
    struct arena *arena = export->arena;
    const json *stock = json_get(node, "inventoryItem");
    struct staged_variant *after = &fresh->after;
    after->variant = staged_id(json_text(node, "id"), arena);
    after->inventory_item = staged_id(json_text(stock, "id"), arena);
    after->tracked = json_flag(stock, "tracked", false);
    after->sku = arena_text(arena, json_text(node, "sku"));
    if (!confirmed) {
        after->sent = after->price_sent = "";
        change->due = true; /* its fields are compared by the next run */
    }
    stage_variant(export->run.write, export->run.shop->code, after, products_now_ms(&export->run));
    if (fresh->guest) {
        stage_guest(export->run.write, export->run.shop->code, after);
        item_skip_gone(&export->run, after->item);
    }
    change->after.variants = arena_printf(arena, "%s%s%s", change->after.variants,
                                          *change->after.variants ? "," : "", after->variant);
    stage_product_variants(export->run.write, export->run.shop->code, change->after.product,
                           change->after.variants);
}

/* Another name for the one option that Shopify gives every product; and, where units are variants,
 * for its one value, which is the unit that the item is sold in. */
static bool rename_option(struct export *export, const struct change *change, struct err *err)
{
    OWN_TEXT char *gid = gid_of(change);
    json *variables = json_new_object();
    json_set_text(variables, "id", gid);
    struct shopify_call call = {.document = "product-options", .variables = variables};
    if (!shopify_ask(export->run.attempt, &call, err))
        return false;
    const json *option = json_at(json_path(call.data, "product.options"), 0);
    json *input = json_new_object(), *values = json_new_array();
    json_set_text(input, "id", json_text(option, "id"));
    json_set_text(input, "name", change->options.option_names[0]);
    if (change->default_value) {
        json *value = json_new_object();
        json_set_text(value, "id", json_text(json_at(json_get(option, "optionValues"), 0), "id"));
        json_set_text(value, "name", change->default_value);
        json_add(values, value);
    }
    variables = json_new_object();
    json_set_text(variables, "productId", gid);
    json_set(variables, "option", input);
    json_set(variables, "values", values);
    shopify_call_drop(&call);
    call = (struct shopify_call){.document = "product-option-rename",
                                 .variables = variables,
                                 .user_errors_at = "productOptionUpdate"};
    bool ok = shopify_ask(export->run.attempt, &call, err);
    if (ok && call.user_errors)
        ok = err_set(err, ERR_FATAL, 0, "%s", json_text(json_at(call.user_errors, 0), "message"));
    shopify_call_drop(&call);
    return ok || err_wrap(err, "name the options of the product");
}

static void refuse_options(struct export *export, struct change *change)
{
    OWN_BUF struct buf detail = {0};
    buf_printf(&detail, "product \"%s\" would need the options", change->after.title);
    for (size_t i = 0; i < change->options.option_count; i++)
        buf_printf(&detail, "%s %s", i ? "," : "", change->options.option_names[i]);
    if (change->options.option_count == 0)
        buf_text(&detail, " of none");
    change_refuse(export, change, REASON_PRODUCT_OPTIONS, buf_str(&detail));
}

/* What stands is linked; what is left is to be made, if the product's options take it. */
static bool sift(struct export *export, struct lacking *one, struct err *err)
{
    struct change *change = one->change;
    OWN(arena) struct arena *arena = arena_new();
    const json *nodes = json_path(one->product, "variants.nodes");
    size_t count = json_count(nodes);
    struct shown_variant *shown = show(one, nodes, arena);
    struct err why = {0};
    one->left = arena_array(export->arena, change->fresh_count + 1, sizeof *one->left);
    for (size_t i = 0; i < change->fresh_count; i++) {
        int at = variant_standing(&change->options, &change->fresh[i].draft, shown, count);
        if (at < 0) {
            one->left[one->count++] = i;
            continue;
        }
        shown[at].taken = true;
        link_fresh(export, change, &change->fresh[i], json_at(nodes, (size_t)at), false);
    }
    if (one->count == 0)
        return true;
    enum options_fit fit = options_fit(&change->options, shown, count);
    if (fit == OPTIONS_OTHER)
        refuse_options(export, change);
    else if (export->run.day_over)
        change_refuse(export, change, REASON_VARIANTS_PER_DAY, "");
    else if (fit == OPTIONS_FIT || rename_option(export, change, &why))
        return true;
    else if (why.kind == ERR_CANCELLED || why.kind == ERR_THROTTLED) {
        *err = why;
        return false;
    } else
        change_refuse(export, change,
                      why.kind == ERR_FATAL ? REASON_PRODUCT_REFUSED : REASON_PRODUCT_LATER,
                      why.text);
    one->count = 0;
    return true;
}

static bool sift_group(struct export *export, struct lacking *group, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        struct lacking *one = &group[i];
        const struct err *failed = &one->look.err;
        if (failed->kind != ERR_NONE)
            change_refuse(export, one->change,
                          failed->kind == ERR_FATAL ? REASON_PRODUCT_REFUSED : REASON_PRODUCT_LATER,
                          failed->text);
        else if (!*json_text(one->product, "id"))
            change_refuse(export, one->change, REASON_PRODUCT_REFUSED,
                          "the product is gone at Shopify");
        else if (!sift(export, one, err))
            return false;
    }
    return true;
}

/* ---- making ---- */

static void ask_to_make(struct lacking *one)
{
    json *variables = json_new_object(), *variants = json_new_array();
    OWN_TEXT char *gid = gid_of(one->change);
    one->asked = one->count < VARIANTS_MOST ? one->count : VARIANTS_MOST;
    for (size_t i = 0; i < one->asked; i++)
        json_add(variants, json_copy(one->change->fresh[one->left[i]].input));
    json_set_text(variables, "productId", gid);
    json_set(variables, "variants", variants);
    one->make = (struct shopify_call){.document = "variants-create",
                                      .variables = variables,
                                      .user_errors_at = "productVariantsBulkCreate"};
}

static void take_made(struct export *export, struct lacking *one)
{
    struct change *change = one->change;
    OWN(arena) struct arena *arena = arena_new();
    const json *nodes = json_path(one->make.data, "productVariantsBulkCreate.productVariants");
    size_t count = json_count(nodes);
    struct shown_variant *shown = show(one, nodes, arena);
    for (size_t i = 0; i < one->asked; i++) {
        struct fresh *fresh = &change->fresh[one->left[i]];
        int at = variant_standing(&change->options, &fresh->draft, shown, count);
        if (at < 0) {
            change_refuse(export, change, REASON_PRODUCT_REFUSED,
                          "Shopify has not confirmed all of its new variants");
            continue;
        }
        shown[at].taken = true;
        export->run.attempt->counts.created++;
        link_fresh(export, change, fresh, json_at(nodes, (size_t)at), true);
    }
}

static void take_answer(struct export *export, struct lacking *one)
{
    const struct shopify_call *call = &one->make;
    const json *refusal = json_at(call->user_errors, 0);
    if (call->not_allowed) {
        change_refuse(export, one->change, REASON_WRITES_OFF, "");
    } else if (products_day_over(&export->run, call)) {
        change_refuse(export, one->change, REASON_VARIANTS_PER_DAY, "");
    } else if (call->err.kind != ERR_NONE) {
        change_refuse(export, one->change,
                      call->err.kind == ERR_FATAL ? REASON_PRODUCT_REFUSED : REASON_PRODUCT_LATER,
                      call->err.text);
    } else if (refusal) {
        change_refuse(export, one->change, REASON_PRODUCT_REFUSED, json_text(refusal, "message"));
    } else {
        take_made(export, one);
        one->left += one->asked;
        one->count -= one->asked;
        return;
    }
    one->count = 0;
}

/* A call a product, and another for those that have more new variants than a call takes. */
static bool make_group(struct export *export, struct lacking *group, size_t count, struct err *err)
{
    for (;;) {
        struct shopify_call calls[GROUP];
        struct lacking *of[GROUP];
        size_t asked = 0;
        for (size_t i = 0; i < count; i++) {
            if (group[i].count == 0)
                continue;
            ask_to_make(&group[i]);
            calls[asked] = group[i].make;
            of[asked++] = &group[i];
        }
        if (asked == 0)
            return true;
        bool ok = shopify_call_all(export->run.attempt, calls, asked, err);
        for (size_t i = 0; i < asked; i++) { /* also where the attempt ends */
            of[i]->make = calls[i];
            take_answer(export, of[i]);
            shopify_call_drop(&of[i]->make);
            of[i]->make = (struct shopify_call){0};
        }
        if (!ok)
            return err_wrap(err, "make new variants");
    }
}

/* ---- the run ---- */

void export_add(struct export *export, const struct change *change)
{
    export->changes = mem_grow(export->changes, export->count, export->count + 1, sizeof *change);
    export->changes[export->count++] = *change;
}

static bool run_group(struct export *export, struct lacking *group, size_t count, struct err *err)
{
    struct err why;
    bool ok = look(export, group, count, err) && sift_group(export, group, count, err) &&
              make_group(export, group, count, err);
    drop_group(group, count);
    return products_flush(&export->run, true, ok ? err : &why) && ok;
}

bool export_make(struct export *export, struct err *err)
{
    struct lacking group[GROUP];
    size_t count = 0;
    for (size_t i = 0; i < export->count; i++) {
        struct change *change = &export->changes[i];
        if (change->fresh_count == 0)
            continue;
        if (export->run.day_over) { /* not even looked at */
            change_refuse(export, change, REASON_VARIANTS_PER_DAY, "");
            continue;
        }
        group[count++] = (struct lacking){.change = change};
        if (count == GROUP) {
            if (!run_group(export, group, count, err))
                return false;
            count = 0;
        }
    }
    return count == 0 || run_group(export, group, count, err);
}

/* products_extras.c - translations and metafields of products.
 *
 * Idempotency: both are set under their names, so twice is once; what Shopify has not confirmed
 * differs again in the next run. A translation names the digest of the text that it is of, which is
 * asked first, of 25 products in one call: another text by then, and Shopify refuses it.
 */
#include <stdlib.h>
#include <string.h>

#include "operations/products_extras.h"

enum { GROUP = 25, METAFIELDS_A_CALL = 25 };

static char *gid_of(const struct extras *one)
{
    return mem_printf("gid://shopify/%s/%s", one->type ? one->type : "Product", one->product);
}

static void refuse(struct extras *one, enum reason reason, const char *text)
{
    if (one->reason != REASON_NONE)
        return;
    one->reason = reason;
    snprintf(one->refusal, sizeof one->refusal, "%.150s", text);
}

static void refuse_call(struct extras *one, const struct shopify_call *call)
{
    if (call->not_allowed)
        refuse(one, REASON_WRITES_OFF, "");
    else
        refuse(one, call->err.kind == ERR_FATAL ? REASON_PRODUCT_REFUSED : REASON_PRODUCT_LATER,
               call->err.text);
}

/* ---- translations ---- */

static const char *digest_of(const json *resources, const char *gid, const char *key)
{
    for (size_t i = 0; i < json_count(resources); i++) {
        const json *row = json_at(resources, i), *content = json_get(row, "translatableContent");
        if (strcmp(json_text(row, "resourceId"), gid) != 0)
            continue;
        for (size_t k = 0; k < json_count(content); k++)
            if (strcmp(json_text(json_at(content, k), "key"), key) == 0)
                return json_text(json_at(content, k), "digest");
    }
    return "";
}

static struct shopify_call word_call(const struct extras *one, const json *resources)
{
    json *variables = json_new_object(), *words = json_new_array();
    OWN_TEXT char *gid = gid_of(one);
    for (size_t i = 0; i < one->word_count; i++) {
        const char *key = strchr(one->words[i].name, ' ');
        OWN_TEXT char *locale =
            mem_printf("%.*s", (int)(key - one->words[i].name), one->words[i].name);
        const char *digest = digest_of(resources, gid, key + 1);
        if (!*digest)
            continue; /* the product has no such text: there is nothing to translate */
        json *word = json_new_object();
        json_set_text(word, "locale", locale);
        json_set_text(word, "key", key + 1);
        json_set_text(word, "value", one->words[i].value);
        json_set_text(word, "translatableContentDigest", digest);
        json_add(words, word);
    }
    json_set_text(variables, "id", gid);
    json_set(variables, "translations", words);
    return (struct shopify_call){.document = "translations-register",
                                 .variables = variables,
                                 .user_errors_at = "translationsRegister"};
}

static void take_words(struct extras *one, const struct shopify_call *call)
{
    const json *refusal = json_at(call->user_errors, 0);
    if (call->not_allowed || call->err.kind != ERR_NONE)
        refuse_call(one, call);
    else if (refusal)
        refuse(one, REASON_PRODUCT_REFUSED, json_text(refusal, "message"));
}

static bool word_group(struct products *run, struct extras *const group[], size_t count,
                       struct err *err)
{
    struct shopify_call calls[GROUP];
    json *variables = json_new_object(), *ids = json_new_array();
    for (size_t i = 0; i < count; i++) {
        OWN_TEXT char *gid = gid_of(group[i]);
        json_add_text(ids, gid);
    }
    json_set(variables, "ids", ids);
    struct shopify_call ask = {.document = "translatable-products", .variables = variables};
    if (!shopify_ask(run->attempt, &ask, err)) {
        shopify_call_drop(&ask);
        return err_wrap(err, "read what is to be translated");
    }
    for (size_t i = 0; i < count; i++)
        calls[i] = word_call(group[i], json_path(ask.data, "translatableResourcesByIds.nodes"));
    shopify_call_drop(&ask);
    bool ok = shopify_call_all(run->attempt, calls, count, err);
    for (size_t i = 0; i < count; i++) {
        take_words(group[i], &calls[i]);
        shopify_call_drop(&calls[i]);
    }
    return ok || err_wrap(err, "translate products");
}

/* ---- metafields ---- */

struct row {
    struct extras *of;
    const struct extra *field;
};

static struct shopify_call field_call(const struct row rows[], size_t count)
{
    json *variables = json_new_object(), *list = json_new_array();
    for (size_t i = 0; i < count; i++) {
        OWN_TEXT char *gid = gid_of(rows[i].of);
        json *row = metafield_json(rows[i].field);
        json_set_text(row, "ownerId", gid);
        json_add(list, row);
    }
    json_set(variables, "metafields", list);
    return (struct shopify_call){
        .document = "metafields-set", .variables = variables, .user_errors_at = "metafieldsSet"};
}

/* All or none: what a call is refused for stands at its rows, and the others go again without. */
static size_t take_fields(struct row rows[], size_t count, const struct shopify_call *call)
{
    size_t left = 0;
    bool named = false;
    if (call->not_allowed || call->err.kind != ERR_NONE || !call->user_errors) {
        for (size_t i = 0; i < count; i++)
            if (call->not_allowed || call->err.kind != ERR_NONE)
                refuse_call(rows[i].of, call);
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        const char *why = NULL;
        for (size_t k = 0; k < json_count(call->user_errors) && !why; k++)
            if (json_int(json_at(call->user_errors, k), "elementIndex", -1) == (int64_t)i)
                why = json_text(json_at(call->user_errors, k), "message");
        named = named || why;
        if (why)
            refuse(rows[i].of, REASON_PRODUCT_REFUSED, why);
        else
            rows[left++] = rows[i];
    }
    for (size_t i = 0; !named && i < left; i++)
        refuse(rows[i].of, REASON_PRODUCT_REFUSED,
               json_text(json_at(call->user_errors, 0), "message"));
    return named ? left : 0;
}

static bool field_group(struct attempt *attempt, struct row rows[], size_t count, struct err *err)
{
    while (count > 0) {
        struct shopify_call call = field_call(rows, count);
        bool ok = shopify_call_all(attempt, &call, 1, err);
        count = ok ? take_fields(rows, count, &call) : count;
        shopify_call_drop(&call);
        if (!ok)
            return err_wrap(err, "set metafields");
    }
    return true;
}

/* ---- both ---- */

static bool send_words(struct products *run, struct extras *list, size_t count, struct err *err)
{
    struct extras *group[GROUP];
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (list[i].word_count > 0)
            group[used++] = &list[i];
        if (used == GROUP || (used > 0 && i + 1 == count)) {
            if (!word_group(run, group, used, err))
                return false;
            used = 0;
        }
    }
    return true;
}

bool extras_set_fields(struct attempt *attempt, struct extras *list, size_t count, struct err *err)
{
    struct row rows[METAFIELDS_A_CALL];
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < list[i].field_count; k++) {
            rows[used++] = (struct row){&list[i], &list[i].fields[k]};
            if (used == METAFIELDS_A_CALL) {
                if (!field_group(attempt, rows, used, err))
                    return false;
                used = 0;
            }
        }
    return used == 0 || field_group(attempt, rows, used, err);
}

bool products_extras(struct products *run, struct extras *list, size_t count, struct err *err)
{
    if (!extras_set_fields(run->attempt, list, count, err) || !send_words(run, list, count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (list[i].reason == REASON_NONE && (list[i].word_count > 0 || list[i].field_count > 0))
            stage_product_extras(run->write, run->shop->code, list[i].product, list[i].words_after,
                                 list[i].fields_after);
    return products_flush(run, false, err);
}

/* product_extras.c - see product_extras.h. Spec, products 2.10. */
#include "plan/product_extras.h"

#include <string.h>
#include <strings.h>

size_t product_words(const struct product_draft *draft, const struct shop *shop, const char *today,
                     struct arena *arena, struct extra **out)
{
    const struct item *item = draft->item;
    size_t count = 0;
    *out = arena_array(arena, 2 * shop->translations.count + 1, sizeof **out);
    for (size_t i = 0; i < shop->translations.count; i++) {
        const char *locale = shop->translations.pairs[i].key;
        const char *language = shop->translations.pairs[i].value;
        const char *title = product_title(item, language);
        const char *own = draft->fields[PRODUCT_BODY];
        OWN_BUF struct buf body = {0};
        product_body(item, shop, language, today, &body);
        if (title && strcmp(title, draft->fields[PRODUCT_TITLE]) != 0)
            (*out)[count++] = (struct extra){arena_printf(arena, "%s title", locale), title};
        if (body.size > 0 && *own && strcmp(buf_str(&body), own) != 0)
            (*out)[count++] = (struct extra){arena_printf(arena, "%s body_html", locale),
                                             arena_text(arena, buf_str(&body))};
    }
    return count;
}

static const char *attribute_of(const struct item *item, const char *name)
{
    for (size_t i = 0; i < item->attribute_count; i++) {
        const struct item_attribute *row = &item->attributes[i];
        if (!*row->language && !*row->variant_code && !row->blocked && *row->value &&
            strcasecmp(row->name, name) == 0)
            return row->value;
    }
    return NULL;
}

size_t product_metafields(const struct product_draft *draft, const struct shop *shop,
                          struct arena *arena, struct extra **out)
{
    size_t count = 0;
    *out = arena_array(arena, shop->product_metafields.count + 1, sizeof **out);
    for (size_t i = 0; i < shop->product_metafields.count; i++) {
        const char *value = attribute_of(draft->item, shop->product_metafields.pairs[i].value);
        if (value)
            (*out)[count++] = (struct extra){shop->product_metafields.pairs[i].key, value};
    }
    return count;
}

size_t extras_changed(struct extra *extras, size_t count, const char *sent, struct buf *after)
{
    size_t news = 0;
    for (size_t i = 0; i < count; i++) {
        const char *const name[] = {extras[i].name}, *const value[] = {extras[i].value};
        OWN_BUF struct buf entry = {0};
        bool differs[1];
        sent_write(name, value, 1, "", &entry);
        buf_printf(after, "%s%s", after->size ? ";" : "", buf_str(&entry));
        if (sent_differs(name, value, 1, sent, differs) == 0)
            continue;
        const struct extra one = extras[i];
        memmove(&extras[news + 1], &extras[news], (i - news) * sizeof one);
        extras[news++] = one;
    }
    return news;
}

/* products_input.c - drafts as Shopify's mutations take them. */
#include <stdlib.h>
#include <string.h>

#include "model/filter.h"
#include "operations/products_extras.h"

json *bc_id_identifier(const char *item)
{
    json *identifier = json_new_object(), *custom = json_new_object();
    json_set_text(custom, "namespace", "cartage");
    json_set_text(custom, "key", "bc_id");
    json_set_text(custom, "value", item);
    json_set(identifier, "customId", custom);
    return identifier;
}

json *metafield_json(const struct extra *extra)
{
    json *field = json_new_object();
    const char *key = strchr(extra->name, '.');
    OWN_TEXT char *space = mem_printf("%.*s", (int)(key - extra->name), extra->name);
    json_set_text(field, "namespace", space);
    json_set_text(field, "key", key + 1);
    json_set_text(field, "type", "single_line_text_field");
    json_set_text(field, "value", extra->value);
    return field;
}

static json *bc_id_metafield(const char *item)
{
    json *field = json_new_object();
    json_set_text(field, "namespace", "cartage");
    json_set_text(field, "key", "bc_id");
    json_set_text(field, "type", "id");
    json_set_text(field, "value", item);
    return field;
}

/* ---- variants ---- */

void price_input(const struct price *price, json *variant)
{
    char text[DECIMAL_TEXT];
    decimal_format(price->price, text);
    json_set_text(variant, "price", text);
    decimal_format(price->compare_at, text);
    json_set_text(variant, "compareAtPrice", decimal_sign(price->compare_at) > 0 ? text : NULL);
    if (decimal_sign(price->cost) <= 0)
        return;
    json *item = json_get(variant, "inventoryItem");
    if (!item)
        json_set(variant, "inventoryItem", item = json_new_object());
    decimal_format(price->cost, text);
    json_set_text(item, "cost", text);
}

static json *weight_json(const struct shop *shop, const char *value)
{
    static const char *const UNITS[] = {"GRAMS", "KILOGRAMS", "OUNCES", "POUNDS"};
    struct decimal weight;
    OWN_TEXT char *number = mem_text_n(value, strcspn(value, " ")); /* its unit is the shop's */
    json *measurement = json_new_object(), *object = json_new_object();
    if (!decimal_parse(number, &weight))
        weight = DECIMAL_ZERO;
    json_set_decimal(object, "value", weight);
    json_set_text(object, "unit", UNITS[shop->weight_unit]);
    json_set(measurement, "weight", object);
    return measurement;
}

void variant_input(const struct products *run, const struct variant_draft *draft,
                   const bool differs[], json *out)
{
    json *item = json_new_object();
    for (int i = 0; i < VARIANT_FIELDS; i++) {
        const char *name = VARIANT_FIELD_NAMES[i], *value = draft->fields[i];
        if (!value || (differs ? !differs[i] : !*value))
            continue;
        switch ((enum variant_field)i) {
        case VARIANT_BARCODE:
        case VARIANT_POLICY:
            json_set_text(out, name, value);
            break;
        case VARIANT_TRACKED:
            json_set_bool(item, name, strcmp(value, "true") == 0);
            break;
        case VARIANT_WEIGHT:
            json_set(item, "measurement", weight_json(run->shop, value));
            break;
        case VARIANT_SKU:
            json_set_text(item, name, value);
            break;
        case VARIANT_TARIFF:
        case VARIANT_ORIGIN:
            json_set_text(item, name, *value ? value : NULL);
            break;
        case VARIANT_FIELDS:
            break;
        }
    }
    struct json_cursor first = json_first(item);
    const char *name;
    json *child;
    if (json_next(&first, &name, &child))
        json_set(out, "inventoryItem", item);
    else
        json_free(item);
}

/* ---- a new product ---- */

static const char *option_name(const struct product_draft *draft, size_t at)
{
    return draft->option_count > 0 ? draft->option_names[at] : "Title";
}

static const char *option_value(const struct product_draft *draft, size_t variant, size_t at)
{
    return draft->option_count > 0 ? draft->variants[variant].options[at] : "Default Title";
}

static json *options_json(const struct product_draft *draft)
{
    json *options = json_new_array();
    for (size_t k = 0; k < (draft->option_count ? draft->option_count : 1); k++) {
        json *option = json_new_object(), *values = json_new_array();
        for (size_t i = 0; i < draft->variant_count; i++) {
            bool seen = false;
            for (size_t j = 0; j < i && !seen; j++)
                seen = strcmp(option_value(draft, j, k), option_value(draft, i, k)) == 0;
            if (seen)
                continue;
            json *value = json_new_object();
            json_set_text(value, "name", option_value(draft, i, k));
            json_add(values, value);
        }
        json_set_text(option, "name", option_name(draft, k));
        json_set(option, "values", values);
        json_add(options, option);
    }
    return options;
}

static json *values_json(const struct product_draft *draft, size_t at)
{
    json *values = json_new_array();
    for (size_t k = 0; k < (draft->option_count ? draft->option_count : 1); k++) {
        json *value = json_new_object();
        json_set_text(value, "optionName", option_name(draft, k));
        json_set_text(value, "name", option_value(draft, at, k));
        json_add(values, value);
    }
    return values;
}

static json *tags_json(const char *list)
{
    json *tags = json_new_array();
    OWN_TEXT char *copy = mem_text(list);
    for (char *rest = copy, *tag; (tag = strtok_r(rest, ",", &rest));)
        if (*(tag += strspn(tag, " ")))
            json_add_text(tags, tag);
    return tags;
}

json *fresh_input(const struct products *run, const struct product_draft *draft, size_t at,
                  const struct priced *price)
{
    json *variant = json_new_object();
    json_set(variant, "optionValues", values_json(draft, at));
    variant_input(run, &draft->variants[at], NULL, variant);
    if (price->has)
        price_input(&price->price, variant);
    return variant;
}

/* The settings were checked: each value is a filter. */
static json *collections_json(const struct shop *shop, const struct item *item)
{
    json *ids = json_new_array();
    for (size_t i = 0; i < shop->product_collections.count; i++) {
        const struct setting_pair *pair = &shop->product_collections.pairs[i];
        OWN(filter) struct filter *filter = NULL;
        struct err why;
        OWN_TEXT char *gid = mem_printf("gid://shopify/Collection/%s", pair->key);
        if (filter_parse(pair->value, FILTER_TEXT, &filter, &why) &&
            filter_fits(filter, item->category_code))
            json_add_text(ids, gid);
    }
    return ids;
}

json *product_input(const struct products *run, const struct product_draft *draft,
                    const struct priced *prices)
{
    json *input = json_new_object(), *variants = json_new_array(), *fields = json_new_array();
    for (int i = 0; i < PRODUCT_FIELDS; i++)
        if (draft->fields[i] && *draft->fields[i])
            json_set_text(input, PRODUCT_FIELD_NAMES[i], draft->fields[i]);
    if (*run->shop->product_tags)
        json_set(input, "tags", tags_json(run->shop->product_tags));
    json_set(input, "productOptions", options_json(draft));
    for (size_t i = 0; i < draft->variant_count; i++) {
        json *variant = fresh_input(run, draft, i, &prices[i]);
        places_input(run, draft, &draft->variants[i], variant);
        json_add(variants, variant);
    }
    json_set(input, "variants", variants);
    json_add(fields, bc_id_metafield(draft->item->id));
    OWN(arena) struct arena *arena = arena_new();
    struct extra *extras;
    size_t extra_count = product_metafields(draft, run->shop, arena, &extras);
    for (size_t i = 0; i < extra_count; i++)
        json_add(fields, metafield_json(&extras[i]));
    if (run->shop->product_collections.count > 0)
        json_set(input, "collections", collections_json(run->shop, draft->item));
    json_set(input, "metafields", fields);
    return input;
}

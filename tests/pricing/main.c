/* main.c - the price of one piece, case by case: JSON lines as tests/pricing/cases.py makes them
 * in, JSON lines out: {"answer", "unit_price", "percent", "price", "compare_at", "cost", "line",
 * "discount_line", "branches": [...]}; line and discount_line count the case's lines from 0, -1 =
 * none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pricing/pricing.h"
#include "wire/json.h"

enum { LINES = 64, UNITS = 8, VATS = 16, CAMPAIGNS = 8 };

static struct decimal decimal_of(const json *row, const char *name)
{
    struct decimal value = DECIMAL_ZERO;
    if (!json_decimal(row, name, &value)) {
        fprintf(stderr, "no amount \"%s\"\n", name);
        exit(2);
    }
    return value;
}

static enum pricing_buyer buyer_of(const char *name)
{
    static const char *const NAMES[] = {"all", "customer", "campaign", "price_group",
                                        "discount_group"};
    for (size_t i = 0; i < COUNT(NAMES); i++)
        if (strcmp(name, NAMES[i]) == 0)
            return (enum pricing_buyer)i;
    return PRICING_NOBODY;
}

static enum pricing_asset asset_of(const char *name)
{
    if (strcmp(name, "group") == 0)
        return PRICING_ITEM_GROUP;
    return strcmp(name, "all") == 0 ? PRICING_ALL_ITEMS : PRICING_ITEM;
}

static struct pricing_line line_of(const json *row)
{
    const char *amounts = json_text(row, "amounts");
    return (struct pricing_line){
        .list = "",
        .buyer = buyer_of(json_text(row, "source")),
        .asset = asset_of(json_text(row, "asset")),
        .buyer_code = json_text(row, "source_code"),
        .group = json_text(row, "asset_code"),
        .variant = json_text(row, "variant"),
        .unit = json_text(row, "unit"),
        .currency = json_text(row, "currency"),
        .from = json_text(row, "from"),
        .to = json_text(row, "to"),
        .vat_group = json_text(row, "vat_group"),
        .active = json_flag(row, "active", false),
        .of_sales = json_flag(row, "sale", false),
        .has_price = strcmp(amounts, "discount") != 0,
        .has_discount = strcmp(amounts, "price") != 0,
        .includes_vat = json_flag(row, "includes_vat", false),
        .line_discounts = json_flag(row, "line_discounts", false),
        .least = decimal_of(row, "least"),
        .price = decimal_of(row, "price"),
        .discount = decimal_of(row, "discount"),
    };
}

struct reading {
    struct pricing_line lines[LINES];
    struct pricing_unit units[UNITS];
    struct pricing_vat vat[VATS];
    const char *campaigns[CAMPAIGNS];
    struct pricing_terms terms;
    struct pricing_item item;
};

static size_t count_of(const json *rows, size_t most)
{
    size_t count = json_count(rows);
    if (count > most) {
        fprintf(stderr, "more than %zu rows\n", most);
        exit(2);
    }
    return count;
}

/* What no item owns goes with the terms, as far as the order of the lines allows. */
static void read_lines(const json *rows, struct reading *reading)
{
    size_t count = count_of(rows, LINES), own = 0;
    for (size_t i = 0; i < count; i++) {
        reading->lines[i] = line_of(json_at(rows, i));
        if (reading->lines[i].asset == PRICING_ITEM)
            own = i + 1;
    }
    reading->item.lines = (struct pricing_lines){reading->lines, own};
    reading->terms.common = (struct pricing_lines){reading->lines + own, count - own};
}

static void read_terms(const json *object, struct reading *reading)
{
    const json *rate = json_get(object, "rate"), *vat = json_get(object, "vat"),
               *campaigns = json_get(object, "campaigns");
    reading->terms = (struct pricing_terms){
        .date = json_text(object, "date"),
        .currency = json_text(object, "currency"),
        .customer = json_text(object, "customer"),
        .price_group = json_text(object, "price_group"),
        .discount_group = json_text(object, "discount_group"),
        .vat_group = json_text(object, "vat_group"),
        .campaigns = reading->campaigns,
        .campaign_count = count_of(campaigns, CAMPAIGNS),
        .line_discounts = json_flag(object, "line_discounts", false),
        .include_vat = json_flag(object, "include_vat", false),
        .has_rate = rate != NULL,
        .unit_step = decimal_of(object, "unit_precision"),
        .amount_step = decimal_of(object, "amount_precision"),
        .vat = reading->vat,
        .vat_count = count_of(vat, VATS),
    };
    if (rate)
        reading->terms.rate =
            (struct pricing_rate){decimal_of(rate, "amount"), decimal_of(rate, "local")};
    for (size_t i = 0; i < reading->terms.campaign_count; i++)
        reading->campaigns[i] = json_string(json_at(campaigns, i));
    for (size_t i = 0; i < reading->terms.vat_count; i++)
        reading->vat[i] = (struct pricing_vat){json_text(json_at(vat, i), "business"),
                                               json_text(json_at(vat, i), "product"),
                                               decimal_of(json_at(vat, i), "percent")};
}

static void read_item(const json *object, struct reading *reading)
{
    const json *units = json_get(object, "units");
    reading->item = (struct pricing_item){
        .units = reading->units,
        .unit_count = count_of(units, UNITS),
        .base_unit = json_text(object, "base_unit"),
        .sales_unit = json_text(object, "sales_unit"),
        .price = decimal_of(object, "price"),
        .cost = decimal_of(object, "cost"),
        .includes_vat = json_flag(object, "includes_vat", false),
        .price_vat_group = json_text(object, "price_vat_group"),
        .vat_group = json_text(object, "vat_group"),
        .discount_group = json_text(object, "discount_group"),
    };
    for (size_t i = 0; i < reading->item.unit_count; i++)
        reading->units[i] = (struct pricing_unit){json_text(json_at(units, i), "code"),
                                                  decimal_of(json_at(units, i), "quantity")};
}

/* ---- what decided, out of the result ---- */

static void branch(json *names, bool taken, const char *name)
{
    if (taken)
        json_add_text(names, name);
}

static void line_branches(const struct reading *reading, const struct pricing_line *line,
                          json *names)
{
    static const char *const BUYERS[] = {"for_all", "for_customer", "for_campaign",
                                         "for_price_group"};
    bool variant = *line->variant != 0, currency = *line->currency != 0;
    branch(names, variant && currency, "names_both");
    branch(names, variant && !currency, "names_variant");
    branch(names, !variant && currency, "names_currency");
    branch(names, !variant && !currency, "names_neither");
    branch(names, strcmp(line->to, reading->terms.date) == 0, "ends_today");
    branch(names, strcmp(line->from, reading->terms.date) == 0, "starts_today");
    branch(names, line->asset == PRICING_ALL_ITEMS, "all_items");
    json_add_text(names, BUYERS[line->buyer]);
}

static void conversion_branches(const struct reading *reading, const struct pricing_result *result,
                                json *names)
{
    const struct pricing_line *line = result->line;
    const struct pricing_terms *terms = &reading->terms;
    bool includes = line ? line->includes_vat : reading->item.includes_vat;
    const char *inside = line ? line->vat_group : reading->item.price_vat_group;
    if (decimal_sign(line ? line->price : reading->item.price) == 0)
        return;
    branch(names, includes && !terms->include_vat, "vat_out");
    branch(names, !includes && terms->include_vat, "vat_in");
    branch(names,
           includes && terms->include_vat && *inside && strcmp(inside, terms->vat_group) != 0,
           "vat_other");
    branch(names,
           !(line && *line->unit) && decimal_cmp(result->unit->quantity, decimal_from_int(1)) != 0,
           "unit_converted");
    branch(names, *terms->currency && !(line && *line->currency), "exchanged");
}

static void discount_branches(const struct reading *reading, const struct pricing_result *result,
                              json *names)
{
    static const char *const ASSETS[] = {"discount_own", "discount_group", "discount_all"};
    const struct pricing_line *line = result->discount_line;
    branch(names, result->refusal == PRICING_REFUSED_BY_LINE, "refused_by_line");
    branch(names, result->refusal == PRICING_REFUSED_BY_TERMS, "refused_by_context");
    if (line)
        json_add_text(names, ASSETS[line->asset]);
    branch(names, line && strcmp(line->to, reading->terms.date) == 0, "discount_ends_today");
    branch(names, decimal_sign(result->compare_at) > 0, "compare_at");
    branch(names, decimal_sign(result->compare_at) == 0, "no_compare_at");
}

static void set_amount(json *object, const char *name, struct decimal value)
{
    char text[DECIMAL_TEXT];
    decimal_format(value, text);
    json_set_text(object, name, text);
}

static int64_t index_of(const struct reading *reading, const struct pricing_line *line)
{
    return line ? line - reading->lines : -1;
}

static json *answer_of(const struct reading *reading, const struct pricing_result *result)
{
    static const char *const ANSWERS[] = {"done", "no_unit", "no_vat", "no_rate", "out_of_range"};
    json *out = json_new_object(), *names = json_new_array();
    json_set_text(out, "answer", ANSWERS[result->answer]);
    if (result->answer == PRICING_DONE) {
        set_amount(out, "unit_price", result->unit_price);
        set_amount(out, "percent", result->percent);
        set_amount(out, "price", result->price);
        set_amount(out, "compare_at", result->compare_at);
        set_amount(out, "cost", result->cost);
        json_set_int(out, "line", index_of(reading, result->line));
        json_set_int(out, "discount_line", index_of(reading, result->discount_line));
        branch(names, !result->line, "card");
        if (result->line)
            line_branches(reading, result->line, names);
        conversion_branches(reading, result, names);
        discount_branches(reading, result, names);
    } else {
        json_add_text(names, ANSWERS[result->answer]);
    }
    json_set(out, "branches", names);
    return out;
}

static bool answer_line(const char *text, size_t size)
{
    static struct reading reading;
    struct err err = {0};
    json *object;
    if (!json_parse(text, size, &object, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return false;
    }
    read_terms(object, &reading);
    read_item(json_get(object, "item"), &reading);
    read_lines(json_get(object, "lines"), &reading);
    const struct pricing_question question = {
        .item = &reading.item,
        .variant = json_text(object, "variant"),
        .unit = json_text(object, "unit"),
        .quantity = decimal_of(object, "quantity"),
    };
    struct pricing_result result = pricing_work_out(&reading.terms, &question);
    json *out = answer_of(&reading, &result);
    puts(json_write(out));
    json_free(out);
    json_free(object);
    return true;
}

int main(void)
{
    char *text = NULL;
    size_t room = 0;
    ssize_t size;
    bool ok = true;
    while (ok && (size = getline(&text, &room, stdin)) > 0)
        ok = answer_line(text, (size_t)size);
    free(text);
    return ok ? 0 : 2;
}

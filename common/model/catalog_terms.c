/* catalog_terms.c - see catalog_terms.h. */
#include "model/catalog_terms.h"

#include <string.h>

struct word { /* one "name=value" */
    const char *name, *value;
};

static char *trimmed(char *text)
{
    text += strspn(text, " ");
    for (size_t size = strlen(text); size > 0 && text[size - 1] == ' '; size--)
        text[size - 1] = 0;
    return text;
}

static bool next_word(char **rest, struct word *out)
{
    char *part = strtok_r(*rest, ",", rest);
    if (!part)
        return false;
    char *value = strchr(part, '=');
    if (value)
        *value++ = 0;
    *out = (struct word){trimmed(part), value ? trimmed(value) : ""};
    return true;
}

static bool take_flag(const char *value, bool *out)
{
    *out = strcmp(value, "yes") == 0;
    return *out || strcmp(value, "no") == 0;
}

static bool take(const struct word *word, struct catalog_terms *terms)
{
    const struct {
        const char *name, **text;
        bool *flag;
    } NAMES[] = {
        {"customer",        &terms->customer,       NULL                   },
        {"price_group",     &terms->price_group,    NULL                   },
        {"discount_group",  &terms->discount_group, NULL                   },
        {"vat_group",       &terms->vat_group,      NULL                   },
        {"line_discounts",  NULL,                   &terms->line_discounts },
        {"include_vat",     NULL,                   &terms->include_vat    },
        {"quantity_breaks", NULL,                   &terms->quantity_breaks},
    };
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        if (strcmp(word->name, NAMES[i].name) != 0)
            continue;
        if (NAMES[i].flag)
            return take_flag(word->value, NAMES[i].flag);
        *NAMES[i].text = word->value;
        return *word->value && strlen(word->value) <= 20;
    }
    return !*word->name && !*word->value; /* a comma too many */
}

static bool parse(char *text, struct catalog_terms *out, struct word *wrong)
{
    *out = (struct catalog_terms){"", "", "", "", true, false, false};
    while (next_word(&text, wrong))
        if (!take(wrong, out))
            return false;
    return true;
}

bool catalog_terms_of(const struct shop *shop, const char *title, const char *number,
                      struct arena *arena, struct catalog_terms *out)
{
    const char *row = setting_map_get(&shop->catalogs, number);
    struct word wrong;
    if (!row)
        row = setting_map_get(&shop->catalogs, title);
    if (!row)
        row = setting_map_get(&shop->catalogs, "*");
    return row && parse(arena_text(arena, row), out, &wrong);
}

bool catalog_terms_check(const struct shop *shop, struct err *err)
{
    for (size_t i = 0; i < shop->catalogs.count; i++) {
        OWN_TEXT char *text = mem_text(shop->catalogs.pairs[i].value);
        struct catalog_terms terms;
        struct word wrong = {"", ""};
        if (!parse(text, &terms, &wrong))
            return err_set(err, ERR_FATAL, 400,
                           "catalogs \"%.60s\": \"%.30s=%.30s\" does not fit, want customer=, "
                           "price_group=, discount_group=, vat_group= a code, line_discounts=, "
                           "include_vat=, quantity_breaks= yes or no, a comma between",
                           shop->catalogs.pairs[i].key, wrong.name, wrong.value);
    }
    return true;
}

/* product_body.c - a product's description, of an item's texts. Spec, products 2.6. */
#include <string.h>
#include <strings.h>

#include "plan/product_plan.h"

static bool valid(const struct item_text *text, const char *today)
{
    return (!*text->from || strcmp(text->from, today) <= 0) &&
           (!*text->to || strcmp(text->to, today) >= 0);
}

static bool speaks(const char *text_language, const char *language)
{
    return !*text_language || strcasecmp(text_language, language) == 0;
}

/* Lines of a card are short: they flow, and break where a sentence, or a line, ends. */
static void flow(const char *text, struct buf *html)
{
    for (const char *line = text; *line;) {
        size_t size = strcspn(line, "\n");
        char last = size > 0 ? line[size - 1] : 0;
        bool joins = last == '/', ends = last && strchr(".?!:", last);
        buf_add(html, line, joins ? size - 1 : size);
        line += size;
        line += *line == '\n';
        if (!*line)
            break;
        buf_text(html, size == 0 || ends ? "<br>" : joins ? "" : " ");
    }
}

static void escape(const char *text, struct buf *html)
{
    for (; *text; text++)
        switch (*text) {
        case '&':
            buf_text(html, "&amp;");
            break;
        case '<':
            buf_text(html, "&lt;");
            break;
        case '>':
            buf_text(html, "&gt;");
            break;
        default:
            buf_add(html, text, 1);
        }
}

static void add_texts(const struct item *item, bool marketing, const char *language,
                      const char *today, struct buf *html)
{
    for (size_t i = 0; i < item->text_count; i++) {
        const struct item_text *text = &item->texts[i];
        if (text->marketing != marketing || !*text->text || !valid(text, today) ||
            !speaks(text->language, language))
            continue;
        buf_text(html, "<div class=\"productDescription\">");
        flow(text->text, html);
        buf_text(html, "</div><br>");
    }
}

/* The translation of an attribute stands beside it under its language. */
static const struct item_attribute *translated(const struct item *item, size_t at,
                                               const char *language)
{
    const struct item_attribute *own = &item->attributes[at];
    for (size_t i = at + 1; *language && i < item->attribute_count; i++) {
        const struct item_attribute *row = &item->attributes[i];
        if (!*row->language)
            break; /* translations follow their attribute */
        if (strcasecmp(row->language, language) == 0)
            return row;
    }
    return own;
}

static void add_attributes(const struct item *item, const char *language, struct buf *html)
{
    bool any = false;
    for (size_t i = 0; i < item->attribute_count; i++) {
        const struct item_attribute *own = &item->attributes[i];
        if (*own->language || *own->variant_code || own->blocked)
            continue;
        const struct item_attribute *said = translated(item, i, language);
        buf_text(html, any ? "" : "<div class=\"productAttributes\"><table>");
        any = true;
        buf_text(html, "<tr><td>");
        escape(said->name, html);
        buf_text(html, "</td><td>");
        escape(said->value, html);
        if (own->number && *own->unit) {
            buf_text(html, " ");
            escape(own->unit, html);
        }
        buf_text(html, "</td></tr>");
    }
    buf_text(html, any ? "</table></div>" : "");
}

void product_body(const struct item *item, const struct shop *shop, const char *language,
                  const char *today, struct buf *html)
{
    if (shop->sync_extended_text)
        add_texts(item, false, language, today, html);
    if (shop->sync_marketing_text && strcasecmp(language, shop->language) == 0)
        add_texts(item, true, language, today, html);
    if (shop->sync_attributes)
        add_attributes(item, language, html);
}

/* document.c - finding a document and reading its first lines. */
#include "shopify/document.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/embed.h"
#include "base/ids.h"

static const char *skip_comments(const char *at)
{
    while (*at == '#' || isspace((unsigned char)*at)) {
        if (*at == '#')
            at += strcspn(at, "\n");
        else
            at++;
    }
    return at;
}

bool document_read(const char *name, const char *text, size_t size, struct document *out)
{
    *out = (struct document){.name = name, .text = text, .size = size};
    if (sscanf(text, "# cost %d", &out->cost) != 1 || out->cost < 0)
        return false;
    const char *at = skip_comments(text);
    size_t word = strcspn(at, " \n");
    out->mutation = word == 8 && strncmp(at, "mutation", word) == 0;
    if (!out->mutation && !(word == 5 && strncmp(at, "query", word) == 0))
        return false;
    out->idempotent = strstr(at, "@idempotent(") != NULL;
    return sscanf(at + word, " %63[A-Za-z0-9_]", out->operation) == 1;
}

bool document_find(const char *name, struct document *out)
{
    char file[96];
    snprintf(file, sizeof file, "%s.graphql", name);
    const struct embedded *found = embed_find(EMBED_shopify_documents, file);
    return found && document_read(name, found->text, found->size, out);
}

/* Whole numbers count by value (`first`, `lines`), lists by length. Input objects are looked into
 * one step deep, because a mutation's list stands inside its `input`. */
static void add_sizes(const json *node, int depth, struct buf *out)
{
    const char *name;
    json *child;
    JSON_EACH(name, child, node)
    {
        if (json_is_array(child))
            buf_printf(out, "%s[%zu]", name, json_count(child));
        else if (json_is_object(child) && depth < 1)
            add_sizes(child, depth + 1, out);
        else if (depth == 0 && json_int(node, name, -1) > 0)
            buf_printf(out, "%s=%" PRId64, name, json_int(node, name, -1));
    }
}

void document_cost_key(const struct document *document, const char *version, const json *variables,
                       char out[static COST_KEY_TEXT])
{
    OWN_BUF struct buf sizes = {0};
    char digest[17];
    buf_add(&sizes, document->text, document->size);
    add_sizes(variables, 0, &sizes);
    digest_hex(buf_str(&sizes), sizes.size, 8, digest);
    snprintf(out, COST_KEY_TEXT, "%s/%.64s/%s", version, document->name, digest);
}

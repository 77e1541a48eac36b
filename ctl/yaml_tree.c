/* yaml_tree.c - libyaml's document tree turned into ours. Bounded, because an alias can be a bomb.
 */
#include "yaml_tree.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

enum { MAX_DEPTH = 16, MAX_NODES = 50000, MAX_NAME = 128 };

struct reader {
    const char *name;
    yaml_document_t *document;
    const char *(*variable)(const char *name);
    size_t nodes;
};

static bool refuse(const struct reader *reader, const yaml_node_t *node, struct err *err,
                   const char *format, const char *what)
{
    char text[200];
    snprintf(text, sizeof text, format, what); /* formats are this file's own */
    return err_set(err, ERR_FATAL, 0, "%s line %zu: %s", reader->name, node->start_mark.line + 1,
                   text);
}

static bool expand(const struct reader *reader, const yaml_node_t *node, struct buf *out,
                   struct err *err)
{
    const char *text = (const char *)node->data.scalar.value;
    bool plain = node->data.scalar.style != YAML_SINGLE_QUOTED_SCALAR_STYLE;
    while (*text) {
        size_t size = plain ? strcspn(text, "$") : strlen(text);
        buf_add(out, text, size);
        text += size;
        if (!*text)
            break;
        const char *close = text[1] == '{' ? strchr(text, '}') : NULL;
        if (text[1] == '$' || !close) {
            buf_add(out, "$", 1);
            text += text[1] == '$' ? 2 : 1;
            continue;
        }
        char name[MAX_NAME];
        snprintf(name, sizeof name, "%.*s", (int)(close - text - 2), text + 2);
        const char *value = reader->variable(name);
        if (!value || !*value)
            return refuse(reader, node, err, "${%s} is not set in the environment; export it first",
                          name);
        buf_text(out, value);
        text = close + 1;
    }
    return true;
}

static bool read_scalar(const struct reader *reader, const yaml_node_t *node, json **out,
                        struct err *err)
{
    OWN_BUF struct buf value = {0};
    if (!expand(reader, node, &value, err))
        return false;
    const char *text = buf_str(&value);
    *out = NULL;
    if (node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
        struct err ignored = {0};
        if (!*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0)
            return true;
        bool typed =
            strcmp(text, "true") == 0 || strcmp(text, "false") == 0 || strchr("-0123456789", *text);
        if (typed && json_parse(text, value.size, out, &ignored))
            return true;
    }
    OWN_JSON json *wrap = json_new_array();
    json_add_text(wrap, text);
    *out = json_copy(json_at(wrap, 0));
    return true;
}

static bool read_node(struct reader *reader, int index, int depth, json **out, struct err *err);

static bool read_mapping(struct reader *reader, const yaml_node_t *node, int depth, json **out,
                         struct err *err)
{
    OWN_JSON json *object = json_new_object();
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        yaml_node_t *key = yaml_document_get_node(reader->document, pair->key);
        if (key->type != YAML_SCALAR_NODE)
            return refuse(reader, key, err, "%s", "a name must be plain text");
        const char *name = (const char *)key->data.scalar.value;
        if (json_has(object, name))
            return refuse(reader, key, err, "\"%s\" stands here twice", name);
        json *child = NULL;
        if (!read_node(reader, pair->value, depth + 1, &child, err))
            return false;
        json_set(object, name, child);
    }
    *out = GIVE(object);
    return true;
}

static bool read_sequence(struct reader *reader, const yaml_node_t *node, int depth, json **out,
                          struct err *err)
{
    OWN_JSON json *array = json_new_array();
    for (yaml_node_item_t *item = node->data.sequence.items.start;
         item < node->data.sequence.items.top; item++) {
        json *child = NULL;
        if (!read_node(reader, *item, depth + 1, &child, err))
            return false;
        json_add(array, child);
    }
    *out = GIVE(array);
    return true;
}

static bool read_node(struct reader *reader, int index, int depth, json **out, struct err *err)
{
    const yaml_node_t *node = yaml_document_get_node(reader->document, index);
    if (depth > MAX_DEPTH || ++reader->nodes > MAX_NODES)
        return refuse(reader, node, err, "%s", "too deep or too large for a settings file");
    switch (node->type) {
    case YAML_SCALAR_NODE:
        return read_scalar(reader, node, out, err);
    case YAML_SEQUENCE_NODE:
        return read_sequence(reader, node, depth, out, err);
    case YAML_MAPPING_NODE:
        return read_mapping(reader, node, depth, out, err);
    default:
        return refuse(reader, node, err, "%s", "not understood");
    }
}

bool yaml_tree_read(const char *name, const char *text, size_t size,
                    const char *(*variable)(const char *name), json **out, struct err *err)
{
    yaml_parser_t parser;
    yaml_document_t document;
    if (!yaml_parser_initialize(&parser))
        return err_set(err, ERR_FATAL, 0, "%s: the YAML reader did not start", name);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
    bool good = yaml_parser_load(&parser, &document);
    if (!good) {
        err_set(err, ERR_FATAL, 0, "%s line %zu: %s", name, parser.problem_mark.line + 1,
                parser.problem ? parser.problem : "not YAML");
    } else {
        struct reader reader = {.name = name, .document = &document, .variable = variable};
        good = yaml_document_get_root_node(&document)
                   ? read_node(&reader, 1, 0, out, err)
                   : err_set(err, ERR_FATAL, 0, "%s is empty", name);
        yaml_document_delete(&document);
    }
    yaml_parser_delete(&parser);
    return good;
}

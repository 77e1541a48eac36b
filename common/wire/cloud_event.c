/* cloud_event.c - one tree whatever the form, and one check of it. */
#include "wire/cloud_event.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"

enum { BAD = 400 };

static const char TRACING[] = "traceparent"; /* CloudEvents' extension Distributed Tracing */

void cloud_event_drop(struct cloud_event *event)
{
    json_free(event->tree);
    *event = (struct cloud_event){0};
}

/* ---- forms ---- */

/* The media type without parameters, in lower case. */
static void media_type(const char *content_type, char out[static 128])
{
    size_t size = content_type ? strcspn(content_type, "; \t") : 0;
    if (size > 127)
        size = 127;
    for (size_t i = 0; i < size; i++)
        out[i] = content_type[i] >= 'A' && content_type[i] <= 'Z' ? (char)(content_type[i] + 32)
                                                                  : content_type[i];
    out[size] = 0;
}

bool cloud_event_form(const char *content_type, bool has_specversion, enum event_form *out,
                      struct err *err)
{
    char type[128];
    media_type(content_type, type);
    *out = has_specversion ? EVENT_BINARY : EVENT_NONE;
    if (strncmp(type, "application/cloudevents", 23) != 0)
        return true;
    *out = EVENT_STRUCTURED;
    if (strcmp(type, "application/cloudevents+json") == 0)
        return true;
    *out = EVENT_BATCH;
    if (strcmp(type, "application/cloudevents-batch+json") == 0)
        return true;
    return err_set(err, ERR_FATAL, BAD,
                   "content type %s: want application/cloudevents+json or "
                   "application/cloudevents-batch+json",
                   type);
}

static bool is_json_type(const char *content_type)
{
    char type[128];
    media_type(content_type, type);
    size_t size = strlen(type);
    return !size || strcmp(type, "application/json") == 0 || strcmp(type, "text/json") == 0 ||
           (size > 5 && strcmp(type + size - 5, "+json") == 0);
}

/* ---- attributes ---- */

struct attribute {
    const char *name;
    size_t most; /* bytes; 0 = optional, any */
    const char *want;
};
static const struct attribute ATTRIBUTES[] = {
    {"specversion",     8,                "\"1.0\""                                          },
    {"id",              EVENT_ID_MAX,     "a text that no other event of its source has"     },
    {"source",          EVENT_SOURCE_MAX, "a URI or path that names the sender"              },
    {"type",            EVENT_TYPE_MAX,   "what happened; docs/triggers.md lists those known"},
    {"subject",         0,                "a text"                                           },
    {"time",            0,                "a time as 2026-11-25T10:00:00Z"                   },
    {"datacontenttype", 0,                "application/json"                                 },
};

static bool fail(const struct attribute *attribute, const char *what, struct err *err)
{
    return err_set(err, ERR_FATAL, BAD, "attribute %s %s: want %s", attribute->name, what,
                   attribute->want);
}

/* A log line and a digest take it as it is. */
static bool is_plain(const char *text, bool spaces)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 127 || (*text == ' ' && !spaces))
            return false;
    return true;
}

static bool check_attribute(const json *tree, const struct attribute *attribute, struct err *err)
{
    const char *text = json_text(tree, attribute->name);
    if (!json_get(tree, attribute->name))
        return !attribute->most || fail(attribute, "is missing", err);
    if (!*text)
        return fail(attribute, "is empty or no text", err);
    if (attribute->most && strlen(text) > attribute->most)
        return fail(attribute, "is too long", err);
    if (!is_plain(text, strcmp(attribute->name, "source") != 0))
        return fail(attribute, "has characters that it may not have", err);
    return true;
}

/* Small letters and digits, as the standard has them; a misspelt one is not passed over. */
static bool check_names(const json *tree, struct err *err)
{
    static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    const char *name;
    json *child;
    JSON_EACH(name, child, tree)
    {
        if (strcmp(name, "data_base64") == 0)
            continue;
        if (!*name || strspn(name, LETTERS) != strlen(name))
            return err_set(err, ERR_FATAL, BAD,
                           "attribute \"%.40s\": a name has small letters and digits only", name);
        bool nested = json_is_object(child) || json_is_array(child);
        if (nested && strcmp(name, "data") != 0)
            return err_set(err, ERR_FATAL, BAD,
                           "attribute %.40s: want a text, a number or a boolean", name);
    }
    return true;
}

static bool check(const json *tree, struct err *err)
{
    int64_t when_ms;
    for (size_t i = 0; i < COUNT(ATTRIBUTES); i++)
        if (!check_attribute(tree, &ATTRIBUTES[i], err))
            return false;
    if (strcmp(json_text(tree, "specversion"), "1.0") != 0)
        return fail(&ATTRIBUTES[0], "is another", err);
    if (*json_text(tree, "time") && !time_parse(json_text(tree, "time"), &when_ms))
        return fail(&ATTRIBUTES[5], "cannot be read", err);
    if (!is_json_type(json_text(tree, "datacontenttype")))
        return fail(&ATTRIBUTES[6], "is another", err);
    return check_names(tree, err);
}

/* ---- data ---- */

static bool parse_data(const char *text, size_t size, json *tree, struct err *err)
{
    json *data = NULL;
    struct err parse;
    if (!json_parse(text, size, &data, &parse))
        return err_set(err, ERR_FATAL, BAD, "the event's data is %s", parse.text);
    json_set(tree, "data", data);
    return true;
}

static bool decode_data(json *tree, struct err *err)
{
    const char *text = json_text(tree, "data_base64");
    size_t size = 0, most = strlen(text);
    if (!json_has(tree, "data_base64"))
        return true;
    if (json_has(tree, "data"))
        return err_set(err, ERR_FATAL, BAD, "data and data_base64 exclude each other; send one");
    OWN_TEXT char *bytes = mem_new(most + 1);
    if (!most || sodium_base642bin((unsigned char *)bytes, most, text, most, NULL, &size, NULL,
                                   sodium_base64_VARIANT_ORIGINAL) != 0)
        return err_set(err, ERR_FATAL, BAD, "data_base64: want base64 (RFC 4648)");
    return parse_data(bytes, size, tree, err);
}

/* Takes the tree. */
static bool settle(json *tree, struct cloud_event *out, struct err *err)
{
    OWN_EVENT struct cloud_event event = {.tree = tree};
    if (!json_is_object(tree))
        return err_set(err, ERR_FATAL, BAD, "an event is a JSON object");
    if (!check(tree, err) || !decode_data(tree, err))
        return false;
    *out = (struct cloud_event){
        .tree = GIVE(event.tree),
        .id = json_text(tree, "id"),
        .source = json_text(tree, "source"),
        .type = json_text(tree, "type"),
        .subject = json_text(tree, "subject"),
        .traceparent = json_text(tree, TRACING),
        .data = json_get(tree, "data"),
    };
    return true;
}

bool cloud_event_structured(const char *text, size_t size, struct cloud_event *out, struct err *err)
{
    json *tree = NULL;
    struct err parse;
    if (!json_parse(text, size, &tree, &parse))
        return err_set(err, ERR_FATAL, BAD, "the event is %s", parse.text);
    return settle(tree, out, err);
}

bool cloud_event_member(const json *member, struct cloud_event *out, struct err *err)
{
    return settle(json_copy(member), out, err);
}

bool cloud_event_batch(const char *text, size_t size, json **out, struct err *err)
{
    OWN_JSON json *tree = NULL;
    struct err parse;
    if (!json_parse(text, size, &tree, &parse))
        return err_set(err, ERR_FATAL, BAD, "the batch is %s", parse.text);
    if (!json_is_array(tree))
        return err_set(err, ERR_FATAL, BAD, "a batch is a JSON array of events");
    if (json_count(tree) > EVENTS_A_BATCH)
        return err_set(err, ERR_FATAL, BAD, "a batch has at most %d events, this one has %zu",
                       EVENTS_A_BATCH, json_count(tree));
    *out = GIVE(tree);
    return true;
}

bool cloud_event_binary(event_header header, void *state, const char *content_type,
                        const char *text, size_t size, struct cloud_event *out, struct err *err)
{
    OWN_JSON json *tree = json_new_object();
    for (size_t i = 0; i < COUNT(ATTRIBUTES); i++) {
        const char *value = header(state, ATTRIBUTES[i].name);
        if (value)
            json_set_text(tree, ATTRIBUTES[i].name, value);
    }
    if (header(state, TRACING))
        json_set_text(tree, TRACING, header(state, TRACING));
    if (content_type && *content_type)
        json_set_text(tree, "datacontenttype", content_type);
    if (!check(tree, err) || (size && !parse_data(text, size, tree, err)))
        return false;
    return settle(GIVE(tree), out, err);
}

/* otlp.c - spans as OTLP's JSON: ids in hex, times and numbers of 64 bits as text, kinds as
 * numbers. */
#include <inttypes.h>
#include <stdio.h>

#include "trace/room.h"
#include "wire/json.h"

enum { STATUS_ERROR = 2 };

static void add_attribute(json *list, const char *key, const char *type, const char *text)
{
    json *attribute = json_new_object(), *value = json_new_object();
    json_set_text(value, type, text);
    json_set_text(attribute, "key", key);
    json_set(attribute, "value", value);
    json_add(list, attribute);
}

static void add_fact(json *list, const struct span_fact *fact)
{
    char number[24];
    snprintf(number, sizeof number, "%" PRId64, fact->number);
    if (fact->is_text)
        add_attribute(list, fact->name, "stringValue", fact->text);
    else
        add_attribute(list, fact->name, "intValue", number);
}

static void set_time(json *span, const char *name, int64_t ms)
{
    char nanoseconds[32];
    snprintf(nanoseconds, sizeof nanoseconds, "%" PRId64, ms * 1000000);
    json_set_text(span, name, nanoseconds);
}

static json *span_json(const struct span *span)
{
    json *out = json_new_object(), *facts = json_new_array(), *status = json_new_object();
    json_set_text(out, "traceId", span->trace);
    json_set_text(out, "spanId", span->id);
    if (*span->parent)
        json_set_text(out, "parentSpanId", span->parent);
    json_set_text(out, "name", span->name);
    json_set_int(out, "kind", span->kind);
    json_set_int(out, "flags", span->sampled);
    set_time(out, "startTimeUnixNano", span->start_ms);
    set_time(out, "endTimeUnixNano", span->end_ms);
    for (size_t i = 0; i < span->fact_count; i++)
        add_fact(facts, &span->facts[i]);
    json_set(out, "attributes", facts);
    if (*span->problem) {
        json_set_int(status, "code", STATUS_ERROR);
        json_set_text(status, "message", span->problem);
    }
    json_set(out, "status", status);
    return out;
}

static json *resource_json(const struct trace_service *service)
{
    json *out = json_new_object(), *facts = json_new_array();
    add_attribute(facts, "service.name", "stringValue", service->name);
    add_attribute(facts, "service.version", "stringValue", CARTAGE_VERSION);
    add_attribute(facts, "service.instance.id", "stringValue", service->instance);
    add_attribute(facts, "deployment.environment.name", "stringValue", service->environment);
    json_set(out, "attributes", facts);
    return out;
}

void otlp_body(const struct span *spans, size_t count, const struct trace_service *service,
               struct buf *out)
{
    OWN_JSON json *root = json_new_object();
    json *of_scope = json_new_object(), *scope = json_new_object(), *list = json_new_array();
    json *of_resource = json_new_object(), *scopes = json_new_array(), *all = json_new_array();
    for (size_t i = 0; i < count; i++)
        json_add(list, span_json(&spans[i]));
    json_set_text(scope, "name", "cartage");
    json_set(of_scope, "scope", scope);
    json_set(of_scope, "spans", list);
    json_add(scopes, of_scope);
    json_set(of_resource, "resource", resource_json(service));
    json_set(of_resource, "scopeSpans", scopes);
    json_add(all, of_resource);
    json_set(root, "resourceSpans", all);
    buf_text(out, json_write(root));
}

/* admin_routes_test.c - the table of routes and its description say the same, and a path finds its
 * row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "admin/actions.h"
#include "admin/routes.h"
#include "base/embed.h"
#include "wire/cloud_event.h"

static json *description(void)
{
    const struct embedded *file = embed_find(EMBED_openapi_documents, "openapi.json");
    json *document = NULL;
    struct err err = {0};
    assert_non_null(file);
    if (!json_parse(file->text, file->size, &document, &err))
        fail_msg("%s", err.text);
    return document;
}

static void lower(const char *method, char out[static 16])
{
    size_t size = strlen(method);
    for (size_t i = 0; i <= size; i++)
        out[i] = method[i] >= 'A' && method[i] <= 'Z' ? (char)(method[i] + 32) : method[i];
}

/* Behind "security" of the operation, or of all: [] = anybody, [{"token": [role]}]. */
static const char *described_role(const json *document, const json *operation)
{
    const json *security = json_get(operation, "security");
    if (!security)
        security = json_get(document, "security");
    if (!json_count(security))
        return "anybody";
    const json *roles = json_get(json_at(security, 0), "token");
    assert_int_equal(json_count(roles), 1);
    return json_string(json_at(roles, 0));
}

static void every_route_is_described(void **state)
{
    (void)state;
    OWN_JSON json *document = description();
    const json *paths = json_get(document, "paths");
    for (const struct route *route = ROUTES; route->method; route++) {
        char method[16];
        lower(route->method, method);
        const json *described = json_get(json_get(paths, route->path), method);
        if (!described)
            fail_msg("%s %s is not in openapi.json", route->method, route->path);
        const char *role = described_role(document, described);
        if (strcmp(role, role_name(route->role)) != 0)
            fail_msg("%s %s: openapi.json gives it to %s, the table to %s", route->method,
                     route->path, role, role_name(route->role));
    }
}

static void every_description_is_a_route(void **state)
{
    (void)state;
    OWN_JSON json *document = description();
    const char *path, *method;
    json *methods, *described;
    size_t count = 0;
    JSON_EACH(path, methods, json_get(document, "paths"))
    {
        JSON_EACH(method, described, methods)
        {
            bool found = strcmp(method, "parameters") == 0;
            for (const struct route *route = ROUTES; route->method; route++) {
                char name[16];
                lower(route->method, name);
                found |= strcmp(route->path, path) == 0 && strcmp(name, method) == 0;
            }
            if (!found)
                fail_msg("openapi.json describes %s %s, which is no route", method, path);
            count++;
        }
    }
    assert_true(count > 30);
}

/* Every $ref of the document leads somewhere. */
static void refs_lead(const json *document, const json *node)
{
    const char *name;
    json *child;
    for (size_t i = 0; i < json_count(node); i++)
        refs_lead(document, json_at(node, i));
    if (!json_is_object(node))
        return;
    const char *ref = json_text(node, "$ref");
    if (*ref) {
        char dotted[200];
        snprintf(dotted, sizeof dotted, "%s", ref + 2);
        for (char *c = dotted; *c; c++)
            *c = *c == '/' ? '.' : *c;
        if (strncmp(ref, "#/", 2) != 0 || !json_path(document, dotted))
            fail_msg("%s leads nowhere", ref);
    }
    JSON_EACH(name, child, node)
    refs_lead(document, child);
}

static void every_reference_leads_somewhere(void **state)
{
    (void)state;
    OWN_JSON json *document = description();
    refs_lead(document, document);
}

/* ---- topics that others write to ---- */

static json *topics(void)
{
    OWN_BUF struct buf text = {0};
    char bytes[4096];
    json *document = NULL;
    struct err err = {0};
    FILE *file = fopen("schemas/asyncapi/asyncapi.json", "re");
    assert_non_null(file);
    for (size_t size; (size = fread(bytes, 1, sizeof bytes, file)) > 0;)
        buf_add(&text, bytes, size);
    fclose(file);
    if (!json_parse(text.data, text.size, &document, &err))
        fail_msg("%s", err.text);
    return document;
}

static void both_descriptions_know_the_same_event(void **state)
{
    (void)state;
    static const char *const SCHEMAS[] = {"components.schemas.Wake",
                                          "components.schemas.CloudEvent"};
    OWN_JSON json *api = description(), *bus = topics();
    refs_lead(bus, bus);
    for (size_t i = 0; i < COUNT(SCHEMAS); i++) {
        assert_non_null(json_path(bus, SCHEMAS[i]));
        OWN_TEXT char *one = mem_text(json_write(json_path(api, SCHEMAS[i])));
        assert_string_equal(one, json_write(json_path(bus, SCHEMAS[i])));
    }
}

static const char *header_of(void *headers, const char *attribute)
{
    char name[40];
    snprintf(name, sizeof name, "ce_%s", attribute);
    return json_has(headers, name) ? json_text(headers, name) : NULL;
}

static void the_examples_are_events(void **state)
{
    (void)state;
    OWN_JSON json *bus = topics();
    const json *structured = json_path(bus, "components.messages.structured.examples.0");
    json *binary = json_path(bus, "components.messages.binary.examples.0");
    OWN_EVENT struct cloud_event one = {0}, two = {0};
    struct err err = {0};
    assert_true(cloud_event_member(json_get(structured, "payload"), &one, &err));
    const char *data = json_write(json_get(binary, "payload"));
    assert_true(cloud_event_binary(header_of, json_get(binary, "headers"), NULL, data, strlen(data),
                                   &two, &err));
    assert_string_equal(one.type, two.type);
}

static const struct {
    const char *method, *path, *route; /* route NULL = none */
    enum match match;
    const char *first, *second;
} PATHS[] = {
  /* clang-format off */
    {"GET", "/", "/", MATCH_ROUTE, "", ""},
    {"GET", "/v1/runs/12", "/v1/runs/{run}", MATCH_ROUTE, "12", ""},
    {"GET", "/v1/runs/12/why", "/v1/runs/{run}/why", MATCH_ROUTE, "12", ""},
    {"PUT", "/v1/mappings/products/81", "/v1/mappings/{kind}/{id}", MATCH_ROUTE, "products", "81"},
    {"POST", "/v1/shipments/S%2F1%20%23/retry", "/v1/shipments/{shipment}/retry", MATCH_ROUTE, "S/1 #", ""},
    {"DELETE", "/v1/runs/12", NULL, MATCH_PATH_ONLY, NULL, NULL},
    {"GET", "/v1/runs/", NULL, MATCH_NONE, NULL, NULL},
    {"GET", "/v1/runs/12/", NULL, MATCH_NONE, NULL, NULL},
    {"GET", "/v1/run", NULL, MATCH_NONE, NULL, NULL},
    {"GET", "/v2/runs", NULL, MATCH_NONE, NULL, NULL},
  /* clang-format on */
};

static void a_path_finds_its_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(PATHS); i++) {
        const struct route *route = NULL;
        char params[CALL_PARAMS][128] = {"", ""}, allow[64];
        enum match match = route_find(PATHS[i].method, PATHS[i].path, &route, params, allow);
        if (match != PATHS[i].match)
            fail_msg("%s %s: match %d", PATHS[i].method, PATHS[i].path, match);
        if (match != MATCH_ROUTE)
            continue;
        assert_string_equal(route->path, PATHS[i].route);
        assert_string_equal(params[0], PATHS[i].first);
        assert_string_equal(params[1], PATHS[i].second);
    }
}

static void a_wrong_method_learns_the_right_ones(void **state)
{
    (void)state;
    const struct route *route = NULL;
    char params[CALL_PARAMS][128], allow[64];
    assert_int_equal(route_find("DELETE", "/v1/shops/DEMO", &route, params, allow),
                     MATCH_PATH_ONLY);
    assert_string_equal(allow, "GET, PUT, PATCH");
}

static void too_long_a_segment_is_no_path(void **state)
{
    (void)state;
    const struct route *route = NULL;
    char params[CALL_PARAMS][128], allow[64], path[400];
    snprintf(path, sizeof path, "/v1/runs/%0300d", 7);
    assert_int_equal(route_find("GET", path, &route, params, allow), MATCH_NONE);
}

static const struct {
    const char *method, *path, *role; /* "" = the path is none of this API's */
} OFFERED[] = {
    {"GET",   "/v1/cues/unmapped_products/rows?shop=MAIN", "view"   },
    {"POST",  "/v1/entries/7/restart?company=C",           "operate"},
    {"PATCH", "/v1/shops/MAIN",                            "admin"  },
    {"POST",  "/v1/shipments/S%2F1/retry",                 "operate"},
    {"POST",  "/v1/shipments/S/1/retry",                   ""       },
};

static void an_action_carries_its_routes_role(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(OFFERED); i++) {
        OWN_JSON json *action = action_new("Do it", OFFERED[i].method, OFFERED[i].path);
        assert_string_equal(OFFERED[i].role, json_text(action, "role"));
        assert_string_equal(OFFERED[i].path, json_text(action, "path"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_described),
        cmocka_unit_test(every_description_is_a_route),
        cmocka_unit_test(every_reference_leads_somewhere),
        cmocka_unit_test(both_descriptions_know_the_same_event),
        cmocka_unit_test(the_examples_are_events),
        cmocka_unit_test(a_path_finds_its_row),
        cmocka_unit_test(an_action_carries_its_routes_role),
        cmocka_unit_test(a_wrong_method_learns_the_right_ones),
        cmocka_unit_test(too_long_a_segment_is_no_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* cloud_event_test.c - CloudEvents as they come, good ones and bad ones, in all three forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wire/cloud_event.h"

#define HEAD "\"specversion\":\"1.0\",\"id\":\"7\",\"source\":\"/shop\",\"type\":\"cartage.wake\""

/* ---- forms ---- */

static const struct {
    const char *name, *content_type;
    bool has_specversion;
    enum event_form want;
    bool good;
} FORMS[] = {
  /* clang-format off */
    {"no header at all", NULL, false, EVENT_NONE, true},
    {"plain JSON", "application/json", false, EVENT_NONE, true},
    {"structured", "application/cloudevents+json", false, EVENT_STRUCTURED, true},
    {"with a charset", "Application/CloudEvents+JSON; charset=utf-8", false, EVENT_STRUCTURED, true},
    {"structured wins over headers", "application/cloudevents+json", true, EVENT_STRUCTURED, true},
    {"batch", "application/cloudevents-batch+json", false, EVENT_BATCH, true},
    {"binary", "application/json", true, EVENT_BINARY, true},
    {"binary without a type", NULL, true, EVENT_BINARY, true},
    {"another format", "application/cloudevents+avro", false, EVENT_STRUCTURED, false},
    {"another batch", "application/cloudevents-batch+xml", false, EVENT_BATCH, false},
  /* clang-format on */
};

static void the_form_is_told_by_the_headers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(FORMS); i++) {
        enum event_form form;
        struct err err = {0};
        bool good = cloud_event_form(FORMS[i].content_type, FORMS[i].has_specversion, &form, &err);
        if (good != FORMS[i].good || (good && form != FORMS[i].want))
            fail_msg("%s: %d %s", FORMS[i].name, form, err.text);
    }
}

/* ---- structured ---- */

static const struct {
    const char *name, *text;
    const char *data; /* as it is written out; NULL = none */
} GOOD[] = {
  /* clang-format off */
    {"all there is", "{" HEAD ",\"time\":\"2026-11-25T10:00:00.5+01:00\",\"subject\":\"orders\","
     "\"datacontenttype\":\"application/json\",\"data\":{\"entry\":\"x\"}}", "{\"entry\":\"x\"}"},
    {"only what is required", "{" HEAD "}", NULL},
    {"data null is none", "{" HEAD ",\"data\":null}", NULL},
    {"extensions are let pass", "{" HEAD ",\"traceparent\":\"00-1\",\"n\":1,\"b\":true,"
     "\"dataschema\":\"https://example.com/s\",\"data\":{}}", "{}"},
    {"a null attribute is absent", "{" HEAD ",\"subject\":null}", NULL},
    {"base64", "{" HEAD ",\"data_base64\":\"eyJlbnRyeSI6IngifQ==\"}", "{\"entry\":\"x\"}"},
    {"vendor JSON", "{" HEAD ",\"datacontenttype\":\"application/vnd.x+json\",\"data\":[1]}", "[1]"},
    {"letters of the world", "{\"specversion\":\"1.0\",\"id\":\"ä 7\",\"source\":\"/ß\","
     "\"type\":\"cartage.wake\"}", NULL},
  /* clang-format on */
};

static void good_events_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(GOOD); i++) {
        OWN_EVENT struct cloud_event event = {0};
        struct err err = {0};
        if (!cloud_event_structured(GOOD[i].text, strlen(GOOD[i].text), &event, &err))
            fail_msg("%s: %s", GOOD[i].name, err.text);
        assert_string_equal(event.type, "cartage.wake");
        assert_true(*event.id && *event.source);
        if (!GOOD[i].data != !event.data)
            fail_msg("%s: data", GOOD[i].name);
        if (event.data)
            assert_string_equal(json_write(event.data), GOOD[i].data);
    }
}

static const struct {
    const char *name, *text, *says;
} BAD[] = {
  /* clang-format off */
    {"nothing", "", "not JSON"},
    {"no JSON", "{\"id\":", "not JSON"},
    {"no object", "[]", "a JSON object"},
    {"a number", "7", "a JSON object"},
    {"no version", "{\"id\":\"7\",\"source\":\"/s\",\"type\":\"t\"}",
     "attribute specversion is missing: want \"1.0\""},
    {"old version", "{\"specversion\":\"0.3\",\"id\":\"7\",\"source\":\"/s\",\"type\":\"t\"}",
     "attribute specversion is another"},
    {"version as a number", "{\"specversion\":1.0,\"id\":\"7\",\"source\":\"/s\",\"type\":\"t\"}",
     "attribute specversion is empty or no text"},
    {"no id", "{\"specversion\":\"1.0\",\"source\":\"/s\",\"type\":\"t\"}",
     "attribute id is missing"},
    {"empty id", "{\"specversion\":\"1.0\",\"id\":\"\",\"source\":\"/s\",\"type\":\"t\"}",
     "attribute id is empty"},
    {"id as a number", "{\"specversion\":\"1.0\",\"id\":7,\"source\":\"/s\",\"type\":\"t\"}",
     "attribute id is empty or no text"},
    {"line end in the id", "{\"specversion\":\"1.0\",\"id\":\"7\\n8\",\"source\":\"/s\",\"type\":\"t\"}",
     "attribute id has characters"},
    {"no source", "{\"specversion\":\"1.0\",\"id\":\"7\",\"type\":\"t\"}",
     "attribute source is missing"},
    {"space in the source", "{\"specversion\":\"1.0\",\"id\":\"7\",\"source\":\"my shop\",\"type\":\"t\"}",
     "attribute source has characters"},
    {"no type", "{\"specversion\":\"1.0\",\"id\":\"7\",\"source\":\"/s\"}",
     "attribute type is missing"},
    {"no time", "{" HEAD ",\"time\":\"yesterday\"}", "attribute time cannot be read"},
    {"text data", "{" HEAD ",\"datacontenttype\":\"text/plain\",\"data\":\"x\"}",
     "attribute datacontenttype is another: want application/json"},
    {"capitals in a name", "{" HEAD ",\"Subject\":\"x\"}", "attribute \"Subject\""},
    {"an object as an attribute", "{" HEAD ",\"ext\":{}}", "attribute ext: want a text"},
    {"data twice", "{" HEAD ",\"data\":{},\"data_base64\":\"e30=\"}", "exclude each other"},
    {"broken base64", "{" HEAD ",\"data_base64\":\"e30\"}", "data_base64: want base64"},
    {"base64 of no JSON", "{" HEAD ",\"data_base64\":\"AAAA\"}", "the event's data is not JSON"},
    {"base64 as a number", "{" HEAD ",\"data_base64\":7}", "data_base64: want base64"},
  /* clang-format on */
};

static void bad_events_say_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(BAD); i++) {
        OWN_EVENT struct cloud_event event = {0};
        struct err err = {0};
        if (cloud_event_structured(BAD[i].text, strlen(BAD[i].text), &event, &err))
            fail_msg("%s was taken", BAD[i].name);
        if (!strstr(err.text, BAD[i].says) || err.code != 400 || err.kind != ERR_FATAL)
            fail_msg("%s: %d %s", BAD[i].name, err.code, err.text);
        assert_null(event.tree);
    }
}

static void too_long_is_too_long(void **state)
{
    static const struct {
        const char *attribute;
        size_t most;
    } LONGEST[] = {
        {"id",     EVENT_ID_MAX    },
        {"source", EVENT_SOURCE_MAX},
        {"type",   EVENT_TYPE_MAX  },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(LONGEST); i++) {
        for (size_t over = 0; over <= 1; over++) {
            OWN_JSON json *tree = json_new_object();
            OWN_EVENT struct cloud_event event = {0};
            OWN_TEXT char *value = mem_printf("%0*d", (int)(LONGEST[i].most + over), 7);
            struct err err = {0};
            json_set_text(tree, "specversion", "1.0");
            json_set_text(tree, "id", "7");
            json_set_text(tree, "source", "/s");
            json_set_text(tree, "type", "t");
            json_set_text(tree, LONGEST[i].attribute, value);
            assert_int_equal(cloud_event_member(tree, &event, &err), !over);
            if (over)
                assert_non_null(strstr(err.text, "is too long"));
        }
    }
}

/* ---- binary ---- */

static const char *header_of(void *state, const char *attribute)
{
    const char *const(*headers)[2] = state;
    for (; (*headers)[0]; headers++)
        if (strcmp((*headers)[0], attribute) == 0)
            return (*headers)[1];
    return NULL;
}

static const struct {
    const char *name;
    const char *const headers[6][2];
    const char *content_type, *text;
    const char *says; /* NULL = it is taken */
} BINARY[] = {
  /* clang-format off */
    {"all there is", {{"specversion", "1.0"}, {"id", "7"}, {"source", "/s"}, {"type", "t"}},
     "application/json", "{\"a\":1}", NULL},
    {"no data", {{"specversion", "1.0"}, {"id", "7"}, {"source", "/s"}, {"type", "t"}}, NULL, "",
     NULL},
    {"no type of content", {{"specversion", "1.0"}, {"id", "7"}, {"source", "/s"}, {"type", "t"}},
     NULL, "{\"a\":1}", NULL},
    {"no id", {{"specversion", "1.0"}, {"source", "/s"}, {"type", "t"}}, NULL, "{}",
     "attribute id is missing"},
    {"empty source", {{"specversion", "1.0"}, {"id", "7"}, {"source", ""}, {"type", "t"}}, NULL,
     "{}", "attribute source is empty"},
    {"another content", {{"specversion", "1.0"}, {"id", "7"}, {"source", "/s"}, {"type", "t"}},
     "text/plain", "hello", "attribute datacontenttype is another"},
    {"data that is no JSON", {{"specversion", "1.0"}, {"id", "7"}, {"source", "/s"}, {"type", "t"}},
     "application/json", "{", "the event's data is not JSON"},
    {"another version", {{"specversion", "2.0"}, {"id", "7"}, {"source", "/s"}, {"type", "t"}},
     NULL, "", "attribute specversion is another"},
  /* clang-format on */
};

static void attributes_come_in_headers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(BINARY); i++) {
        OWN_EVENT struct cloud_event event = {0};
        struct err err = {0};
        bool good = cloud_event_binary(header_of, (void *)(uintptr_t)BINARY[i].headers,
                                       BINARY[i].content_type, BINARY[i].text,
                                       strlen(BINARY[i].text), &event, &err);
        if (good != !BINARY[i].says || (!good && !strstr(err.text, BINARY[i].says)))
            fail_msg("%s: %s", BINARY[i].name, err.text);
        if (good)
            assert_string_equal(json_write(event.data), *BINARY[i].text ? "{\"a\":1}" : "null");
    }
}

static void what_caused_it_is_known_in_each_form(void **state)
{
    (void)state;
    static const char *const HEADERS[][2] = {
        {"specversion", "1.0" },
        {"id",          "7"   },
        {"source",      "/s"  },
        {"type",        "t"   },
        {"traceparent", "00-1"},
        {NULL,          NULL  }
    };
    static const char TEXT[] = "{" HEAD ",\"traceparent\":\"00-2\"}";
    OWN_EVENT struct cloud_event binary = {0}, structured = {0};
    struct err err = {0};
    assert_true(
        cloud_event_binary(header_of, (void *)(uintptr_t)HEADERS, NULL, "", 0, &binary, &err));
    assert_string_equal("00-1", binary.traceparent);
    assert_true(cloud_event_structured(TEXT, strlen(TEXT), &structured, &err));
    assert_string_equal("00-2", structured.traceparent);
}

/* ---- batch ---- */

static void a_batch_is_an_array_of_bounded_length(void **state)
{
    (void)state;
    OWN_BUF struct buf text = {0};
    OWN_JSON json *batch = NULL, *none = NULL;
    struct err err = {0};
    for (int i = 0; i < EVENTS_A_BATCH; i++)
        buf_printf(&text, "%s{" HEAD "}", i ? "," : "[");
    buf_text(&text, "]");
    assert_true(cloud_event_batch(text.data, text.size, &batch, &err));
    assert_int_equal(json_count(batch), EVENTS_A_BATCH);
    OWN_EVENT struct cloud_event event = {0};
    assert_true(cloud_event_member(json_at(batch, 7), &event, &err));
    assert_string_equal(event.id, "7");
    text.data[text.size - 1] = ',';
    buf_text(&text, "{" HEAD "}]");
    assert_false(cloud_event_batch(text.data, text.size, &none, &err));
    assert_non_null(strstr(err.text, "at most 100"));
    assert_false(cloud_event_batch("{}", 2, &none, &err));
    assert_non_null(strstr(err.text, "array"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_form_is_told_by_the_headers),
        cmocka_unit_test(good_events_are_read),
        cmocka_unit_test(bad_events_say_what_is_wrong),
        cmocka_unit_test(too_long_is_too_long),
        cmocka_unit_test(attributes_come_in_headers),
        cmocka_unit_test(what_caused_it_is_known_in_each_form),
        cmocka_unit_test(a_batch_is_an_array_of_bounded_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* trace.c - contexts and spans; export.c sends them. */
#include "trace/trace.h"

#include <stdio.h>
#include <string.h>

#include "base/ids.h"
#include "trace/room.h"

static const struct clock *span_clock; /* set once, by trace_start */

static int64_t now_ms(void)
{
    return span_clock ? clock_now_ms(span_clock) : 0;
}

void trace_set_clock(const struct clock *clock)
{
    span_clock = clock;
}

/* ---- the context: version-trace-parent-flags, 00-32-16-2 ---- */

static bool is_hex(const char *text, size_t size)
{
    return strspn(text, "0123456789abcdef") >= size;
}

static bool is_zero(const char *text, size_t size)
{
    return strspn(text, "0") >= size;
}

bool traceparent_is_one(const char *text)
{
    size_t size = text ? strlen(text) : 0;
    if (size < TRACEPARENT_TEXT - 1 || !is_hex(text, 2) || strncmp(text, "ff", 2) == 0 ||
        text[2] != '-' || !is_hex(text + 3, 32) || is_zero(text + 3, 32) || text[35] != '-' ||
        !is_hex(text + 36, 16) || is_zero(text + 36, 16) || text[52] != '-' ||
        !is_hex(text + 53, 2))
        return false;
    /* A later version may have more behind another dash; this one may not. */
    return size == TRACEPARENT_TEXT - 1 || (strncmp(text, "00", 2) != 0 && text[55] == '-');
}

static void take_context(const char *traceparent, struct span *out)
{
    static const char SAMPLED[] = "13579bdf"; /* bit 0 of the flags */
    memcpy(out->trace, traceparent + 3, 32);
    memcpy(out->parent, traceparent + 36, 16);
    out->sampled = strchr(SAMPLED, traceparent[54]) != NULL;
}

static void write_context(const char *trace, const char *id, bool sampled,
                          char out[static TRACEPARENT_TEXT])
{
    snprintf(out, TRACEPARENT_TEXT, "00-%.32s-%.16s-%s", trace, id, sampled ? "01" : "00");
}

/* ---- spans ---- */

void span_begin(struct span *out, const char *traceparent, const char *seed, enum span_kind kind,
                const char *name)
{
    *out = (struct span){.kind = kind, .sampled = true, .start_ms = now_ms()};
    snprintf(out->name, sizeof out->name, "%s", name);
    random_hex(8, out->id);
    if (traceparent_is_one(traceparent))
        take_context(traceparent, out);
    else if (seed)
        digest_hex(seed, strlen(seed), 16, out->trace);
    else
        random_hex(16, out->trace);
}

static struct span_fact *new_fact(struct span *span, const char *name)
{
    assert(span->fact_count < SPAN_FACTS);
    struct span_fact *fact = &span->facts[span->fact_count++];
    fact->name = name;
    return fact;
}

void span_say(struct span *span, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    struct span_fact *fact = new_fact(span, name);
    fact->is_text = true;
    snprintf(fact->text, sizeof fact->text, "%s", value);
}

void span_number(struct span *span, const char *name, int64_t value)
{
    new_fact(span, name)->number = value;
}

void span_traceparent(const struct span *span, char out[static TRACEPARENT_TEXT])
{
    write_context(span->trace, span->id, span->sampled, out);
}

void span_promise(const struct span *cause, char out[static TRACEPARENT_TEXT])
{
    char id[17];
    random_hex(8, id);
    write_context(cause->trace, id, cause->sampled, out);
}

void span_caused(struct span *out, const struct span *cause, const char *promised,
                 enum span_kind kind, const char *name)
{
    *out = (struct span){.kind = kind, .start_ms = now_ms()};
    assert(traceparent_is_one(promised));
    take_context(promised, out);
    memcpy(out->id, out->parent, sizeof out->id);
    memcpy(out->parent, cause->id, sizeof out->parent);
    snprintf(out->name, sizeof out->name, "%s", name);
}

void span_end(struct span *span, const char *problem)
{
    if (!span->end_ms)
        span->end_ms = now_ms();
    if (span->end_ms < span->start_ms) /* the clock was put back meanwhile */
        span->end_ms = span->start_ms;
    if (problem)
        snprintf(span->problem, sizeof span->problem, "%s", *problem ? problem : "failed");
    if (span->sampled)
        export_put(span);
}

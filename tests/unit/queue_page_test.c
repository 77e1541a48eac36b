/* queue_page_test.c - draws docs/queue.md's state diagrams from the table of moves, and compares.
 *
 * Run from the top folder with --write it puts them into the page.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "queue/entry.h"

static const char PAGE[] = "docs/queue.md";
static const char FROM[] = "<!-- drawn by tests/unit/queue_page_test.c -->\n";
static const char TO[] = "<!-- until here -->\n";

/* ---- drawing ---- */

struct place {
    enum entry_status status;
    enum entry_sub sub;
};

static bool place_is(struct place a, struct place b)
{
    return a.status == b.status && a.sub == b.sub;
}

static struct place before(const struct move *move)
{
    return (struct place){move->status, move->sub};
}

static struct place after(const struct move *move)
{
    return (struct place){move->to_status, move->to_sub};
}

static void draw_id(struct buf *out, struct place place)
{
    if (place.sub == SUB_GONE)
        buf_text(out, "[*]");
    else
        buf_printf(out, "s%d_%s", place.status, entry_sub_name(place.sub));
}

/* Events up to ON_END are the fleet's, the others those of people and triggers. */
static bool is_drawn(const struct move *move, bool fleet)
{
    return (move->on <= ON_END) == fleet && !place_is(before(move), after(move));
}

static bool same_arrow(const struct move *a, const struct move *b)
{
    return place_is(before(a), before(b)) && place_is(after(a), after(b));
}

static bool is_first(size_t at, bool fleet)
{
    for (size_t i = 0; i < at; i++)
        if (is_drawn(&MOVES[i], fleet) && same_arrow(&MOVES[i], &MOVES[at]))
            return false;
    return true;
}

static void draw_edge(struct buf *out, size_t at, bool fleet)
{
    buf_text(out, "    ");
    draw_id(out, before(&MOVES[at]));
    buf_text(out, " --> ");
    draw_id(out, after(&MOVES[at]));
    const char *between = ": ";
    for (size_t i = at; i < MOVE_COUNT; i++) {
        if (!is_drawn(&MOVES[i], fleet) || !same_arrow(&MOVES[i], &MOVES[at]))
            continue;
        buf_printf(out, "%s%s", between, entry_event_name(MOVES[i].on));
        between = ", ";
    }
    buf_text(out, "\n");
}

/* Each place that an arrow touches, once. */
static void draw_places(struct buf *out, bool fleet)
{
    bool known[STATUS_WAITING + 1][SUB_GONE + 1] = {{false}};
    for (size_t i = 0; i < MOVE_COUNT; i++) {
        const struct place ends[] = {before(&MOVES[i]), after(&MOVES[i])};
        for (size_t k = 0; is_drawn(&MOVES[i], fleet) && k < COUNT(ends); k++) {
            bool *drawn = &known[ends[k].status][ends[k].sub];
            if (*drawn || ends[k].sub == SUB_GONE)
                continue;
            *drawn = true;
            buf_printf(out, "    state \"%s (%s)\" as ", entry_status_name(ends[k].status),
                       entry_sub_name(ends[k].sub));
            draw_id(out, ends[k]);
            buf_text(out, "\n");
        }
    }
}

static void draw_diagram(struct buf *out, const char *title, bool fleet)
{
    buf_printf(out, "%s\n\n```mermaid\nstateDiagram-v2\n", title);
    draw_places(out, fleet);
    for (size_t i = 0; i < MOVE_COUNT; i++)
        if (is_drawn(&MOVES[i], fleet) && is_first(i, fleet))
            draw_edge(out, i, fleet);
    buf_text(out, "```\n\n");
}

/* "ready: Ready (due), ...": what changes no state. */
static void draw_stays(struct buf *out)
{
    buf_text(out, "Legal, and the entry stays where it is:\n\n| On | In |\n|---|---|\n");
    for (int on = 0; on < ENTRY_EVENTS; on++) {
        const char *between = "";
        for (size_t i = 0; i < MOVE_COUNT; i++) {
            if (MOVES[i].on != (enum entry_event)on ||
                !place_is(before(&MOVES[i]), after(&MOVES[i])))
                continue;
            if (!*between)
                buf_printf(out, "| `%s` | ", entry_event_name((enum entry_event)on));
            buf_printf(out, "%s%s (%s)", between, entry_status_name(MOVES[i].status),
                       entry_sub_name(MOVES[i].sub));
            between = ", ";
        }
        if (*between)
            buf_text(out, " |\n");
    }
}

static void draw(struct buf *out)
{
    draw_diagram(out, "What the fleet does:", true);
    draw_diagram(out, "What people and triggers do:", false);
    draw_stays(out);
}

/* ---- the page ---- */

static void page_read(struct buf *page)
{
    char bytes[4096];
    FILE *in = fopen(PAGE, "r");
    assert_non_null(in);
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, in)) > 0;)
        buf_add(page, bytes, n);
    fclose(in);
}

/* Where the drawing begins and ends in the page. */
static void page_part(const char *page, const char **from, const char **to)
{
    *from = strstr(page, FROM);
    assert_non_null(*from);
    *from += strlen(FROM);
    *to = strstr(*from, TO);
    assert_non_null(*to);
}

static void the_diagram_of_the_page_is_the_table(void **state)
{
    OWN_BUF struct buf page = {0}, drawn = {0}, shown = {0};
    const char *from, *to;
    (void)state;
    page_read(&page);
    page_part(buf_str(&page), &from, &to);
    buf_add(&shown, from, (size_t)(to - from));
    draw(&drawn);
    if (strcmp(buf_str(&drawn), buf_str(&shown)) != 0)
        fail_msg("%s shows other moves than common/queue/entry.c has; run "
                 "build/release/bin/unit_queue_page_test --write, and read the page again",
                 PAGE);
}

static void each_event_and_status_is_explained(void **state)
{
    OWN_BUF struct buf page = {0};
    (void)state;
    page_read(&page);
    char *text = page.data, *drawing = strstr(buf_str(&page), FROM);
    assert_non_null(drawing);
    for (int on = 0; on < ON_PAUSE; on++) {
        char row[64];
        snprintf(row, sizeof row, "| `%s` | ", entry_event_name((enum entry_event)on));
        const char *found = strstr(text, row);
        if (!found || found > drawing)
            fail_msg("%s does not say what %s is", PAGE, entry_event_name((enum entry_event)on));
    }
    for (size_t i = 0; i < MOVE_COUNT; i++) {
        char row[96];
        snprintf(row, sizeof row, "| %s | `%s` | ", entry_status_name(MOVES[i].status),
                 entry_sub_name(MOVES[i].sub));
        if (!strstr(text, row))
            fail_msg("%s has no row \"%s\"", PAGE, row);
    }
}

static int page_write(void)
{
    OWN_BUF struct buf page = {0}, whole = {0};
    const char *from, *to;
    page_read(&page);
    page_part(buf_str(&page), &from, &to);
    buf_add(&whole, buf_str(&page), (size_t)(from - buf_str(&page)));
    draw(&whole);
    buf_text(&whole, to);
    FILE *out = fopen(PAGE, "w");
    bool good = out && fwrite(buf_str(&whole), 1, whole.size, out) == whole.size;
    if (!out || fclose(out) != 0 || !good) {
        perror(PAGE);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_diagram_of_the_page_is_the_table),
        cmocka_unit_test(each_event_and_status_is_explained),
    };
    if (argc == 2 && strcmp(argv[1], "--write") == 0)
        return page_write();
    return cmocka_run_group_tests_name("queue_page", tests, NULL, NULL);
}

/* shipment_plan.c - places shipped units on the fulfillment orders that are open for them. */
#include "plan/shipment_plan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- what was shipped ---- */

/* Business Central puts the line that takes back right behind the one it takes back, under a number
 * between the two; the nearest line before it with the same item goes first, then any other. */
static void take_back(struct decimal *left, const struct shipped_line *lines, size_t count,
                      size_t from, struct decimal owed)
{
    for (size_t step = 0; step < count && decimal_sign(owed) > 0; step++) {
        size_t at = (from + count - 1 - step) % count; /* backwards, round to the end */
        if (decimal_sign(left[at]) <= 0 || strcmp(lines[at].object, lines[from].object) != 0)
            continue;
        struct decimal part = decimal_cmp(left[at], owed) < 0 ? left[at] : owed;
        left[at] = decimal_sub(left[at], part);
        owed = decimal_sub(owed, part);
    }
}

static const char *linked(const struct line_link *links, size_t count, int64_t sequence)
{
    for (size_t i = 0; i < count; i++)
        if (links[i].sequence == sequence)
            return links[i].line_item;
    return "";
}

static int64_t whole(struct decimal quantity)
{
    return (int64_t)decimal_round(quantity, 0).digits;
}

static size_t find(const struct shipped *lines, size_t count, const char *line_item)
{
    size_t at = 0;
    while (at < count && strcmp(lines[at].line_item, line_item) != 0)
        at++;
    return at;
}

size_t shipment_lines(const struct shipped_line *lines, size_t count, const struct line_link *links,
                      size_t link_count, struct arena *arena, struct shipped *out)
{
    size_t used = 0;
    struct decimal *left = arena_array(arena, count + 1, sizeof *left);
    for (size_t i = 0; i < count; i++)
        left[i] = lines[i].quantity;
    for (size_t i = 0; i < count; i++)
        if (decimal_sign(lines[i].quantity) < 0)
            take_back(left, lines, count, i, decimal_neg(lines[i].quantity));
    for (size_t i = 0; i < count; i++) {
        const char *line_item = linked(links, link_count, lines[i].sequence);
        int64_t units = decimal_sign(left[i]) > 0 ? whole(left[i]) : 0;
        size_t at = find(out, used, line_item);
        if (units <= 0 || !*line_item)
            continue;
        if (at == used)
            out[used++] = (struct shipped){.line_item = line_item};
        out[at].quantity += units;
        out[at].firm = out[at].firm || lines[i].item;
    }
    return used;
}

bool shipped_take(struct shipped *from, size_t from_count, const struct shipped *less,
                  size_t less_count)
{
    for (size_t i = 0; i < less_count; i++) {
        size_t at = find(from, from_count, less[i].line_item);
        if (at == from_count || from[at].quantity < less[i].quantity)
            return false;
    }
    for (size_t i = 0; i < less_count; i++)
        from[find(from, from_count, less[i].line_item)].quantity -= less[i].quantity;
    return true;
}

static int64_t units_of(const struct shipped *lines, size_t count, const char *line_item)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        if (strcmp(lines[i].line_item, line_item) == 0)
            sum += lines[i].quantity;
    return sum;
}

bool shipped_same(const struct shipped *a, size_t a_count, const struct shipped *b, size_t b_count)
{
    for (size_t i = 0; i < a_count; i++)
        if (units_of(a, a_count, a[i].line_item) != units_of(b, b_count, a[i].line_item))
            return false;
    for (size_t i = 0; i < b_count; i++)
        if (units_of(a, a_count, b[i].line_item) != units_of(b, b_count, b[i].line_item))
            return false;
    return true;
}

void shipped_less(struct shipped *lines, size_t count, const struct shipped *sent,
                  size_t sent_count)
{
    for (size_t i = 0; i < count; i++) {
        int64_t left = lines[i].quantity - units_of(sent, sent_count, lines[i].line_item);
        lines[i].quantity = left > 0 ? left : 0;
    }
}

size_t shipped_both(const struct shipped *a, size_t a_count, const struct shipped *b,
                    size_t b_count, struct arena *arena, struct shipped **out)
{
    size_t used = 0;
    *out = arena_array(arena, a_count + b_count + 1, sizeof **out);
    for (size_t i = 0; i < a_count + b_count; i++) {
        const struct shipped *line = i < a_count ? &a[i] : &b[i - a_count];
        size_t at = find(*out, used, line->line_item);
        if (at < used)
            (*out)[at].quantity += line->quantity;
        else
            (*out)[used++] = *line;
    }
    return used;
}

void shipped_write(const struct shipped *lines, size_t count, struct buf *out)
{
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%s%s:%" PRId64 "%s", i ? "," : "", lines[i].line_item, lines[i].quantity,
                   lines[i].firm ? "" : "?");
}

size_t shipped_read(const char *text, struct arena *arena, struct shipped **out)
{
    size_t count = 0, most = 1;
    for (const char *at = text; *at; at++)
        most += *at == ',';
    *out = arena_array(arena, most, sizeof **out);
    while (*text) {
        size_t size = strcspn(text, ":,");
        char *end;
        if (text[size] != ':' || size == 0)
            break;
        struct shipped line = {.line_item = arena_text_n(arena, text, size), .firm = true};
        line.quantity = strtoll(text + size + 1, &end, 10);
        line.firm = *end != '?';
        (*out)[count++] = line;
        text = end + strcspn(end, ",");
        text += *text == ',';
    }
    return count;
}

/* ---- placing ---- */

enum standing { STANDING_OPEN, STANDING_HELD, STANDING_OTHERS, STANDING_OVER };

static bool is(const char *text, const char *constant)
{
    return strcmp(text, constant) == 0;
}

static bool ours(const struct open_order *order, const char *service)
{
    return !order->service || (*service && strcasecmp(order->location_name, service) == 0);
}

static bool requested(const struct open_order *order)
{
    return order->service && is(order->status, "OPEN") && is(order->request, "SUBMITTED");
}

static enum standing standing(const struct open_order *order, const char *service)
{
    if (is(order->status, "CLOSED") || is(order->status, "CANCELLED"))
        return STANDING_OVER;
    if (!ours(order, service))
        return STANDING_OTHERS;
    return order->may_ship || requested(order) ? STANDING_OPEN : STANDING_HELD;
}

struct placing {
    const struct open_order *orders;
    size_t order_count;
    const char *service;
    struct arena *arena;
    struct ship_piece *pieces;
    size_t count, capacity;
};

static void add_piece(struct placing *placing, const struct ship_piece *piece)
{
    if (placing->count == placing->capacity) {
        size_t more = placing->capacity ? placing->capacity * 2 : 32;
        struct ship_piece *wider = arena_array(placing->arena, more, sizeof *wider);
        if (placing->count > 0)
            memcpy(wider, placing->pieces, placing->count * sizeof *wider);
        placing->pieces = wider;
        placing->capacity = more;
    }
    placing->pieces[placing->count++] = *piece;
}

/* Up to `units` of a line on the fulfillment orders that stand so; how many found a place. */
static int64_t place(struct placing *placing, const char *line_item, int64_t units,
                     enum standing wanted)
{
    int64_t placed = 0;
    for (size_t i = 0; i < placing->order_count && placed < units; i++) {
        const struct open_order *order = &placing->orders[i];
        if (standing(order, placing->service) != wanted)
            continue;
        for (size_t k = 0; k < order->line_count && placed < units; k++) {
            struct open_line *line = &order->lines[k];
            int64_t free = line->remaining, part = units - placed < free ? units - placed : free;
            if (!is(line->line_item, line_item) || free <= 0)
                continue;
            line->remaining -= part;
            placed += part;
            if (wanted == STANDING_OPEN)
                add_piece(placing, &(struct ship_piece){order, line, part});
        }
    }
    return placed;
}

/* Shopify counts its numbers up, so of two the shorter is the older. */
static int by_number(const char *a, const char *b)
{
    size_t left = strlen(a), right = strlen(b);
    return left != right ? (left < right ? -1 : 1) : strcmp(a, b);
}

static int by_place(const void *a, const void *b)
{
    const struct ship_piece *left = a, *right = b;
    int order = by_number(left->order->location, right->order->location);
    order = order ? order : by_number(left->order->id, right->order->id);
    return order ? order : by_number(left->line->id, right->line->id);
}

static void cut_calls(const struct placing *placing, struct ship_plan *out)
{
    out->calls = arena_array(placing->arena, placing->count + 1, sizeof *out->calls);
    out->call_count = 0;
    for (size_t i = 0; i < placing->count; i++) {
        const struct ship_piece *piece = &placing->pieces[i];
        struct ship_call *call = out->call_count ? &out->calls[out->call_count - 1] : NULL;
        if (!call || call->count == FULFILLMENT_LINES_MOST ||
            !is(call->pieces[0].order->location, piece->order->location)) {
            call = &out->calls[out->call_count++];
            *call = (struct ship_call){.pieces = piece};
        }
        call->count++;
    }
}

static void find_requests(const struct placing *placing, struct ship_plan *out)
{
    out->accepts = arena_array(placing->arena, placing->count + 1, sizeof *out->accepts);
    out->accept_count = 0;
    for (size_t i = 0; i < placing->count; i++) {
        const struct open_order *order = placing->pieces[i].order;
        bool seen = i > 0 && placing->pieces[i - 1].order == order;
        if (!seen && requested(order))
            out->accepts[out->accept_count++] = order;
    }
}

static bool known(const struct placing *placing, const char *line_item)
{
    for (size_t i = 0; i < placing->order_count; i++)
        for (size_t k = 0; k < placing->orders[i].line_count; k++)
            if (is(placing->orders[i].lines[k].line_item, line_item))
                return true;
    return false;
}

static bool given_back(const struct placing *placing, const char *line_item)
{
    for (size_t i = 0; i < placing->order_count; i++)
        for (size_t k = 0; k < placing->orders[i].line_count; k++)
            if (is(placing->orders[i].lines[k].line_item, line_item))
                return placing->orders[i].lines[k].given_back;
    return false;
}

/* Refunded before Shopify was told of the shipment: there is nothing left to tell. */
static bool all_given_back(const struct placing *placing, const struct shipped *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *line_item = lines[i].line_item;
        bool counts = lines[i].quantity > 0 && (lines[i].firm || known(placing, line_item));
        if (counts && !given_back(placing, line_item))
            return false;
    }
    return true;
}

enum reason shipment_plan(const struct shipped *lines, size_t count,
                          const struct open_order *orders, size_t order_count, const char *service,
                          bool fulfilled, struct arena *arena, struct ship_plan *out)
{
    struct placing placing = {
        .orders = orders, .order_count = order_count, .service = service, .arena = arena};
    bool any = false;
    *out = (struct ship_plan){0};
    for (size_t i = 0; i < count; i++) {
        int64_t units = lines[i].quantity;
        if (units <= 0 || (!lines[i].firm && !known(&placing, lines[i].line_item)))
            continue;
        any = true;
        units -= place(&placing, lines[i].line_item, units, STANDING_OPEN);
        int64_t held = place(&placing, lines[i].line_item, units, STANDING_HELD);
        int64_t others = place(&placing, lines[i].line_item, units - held, STANDING_OTHERS);
        out->held += held;
        out->others += others;
        out->capped += lines[i].firm ? units - held - others : 0;
    }
    if (placing.count > 1)
        qsort(placing.pieces, placing.count, sizeof *placing.pieces, by_place);
    cut_calls(&placing, out);
    find_requests(&placing, out);
    if (out->call_count > 0)
        return REASON_NONE;
    return !any                                     ? REASON_SHIPMENT_NO_LINES
           : out->held > 0                          ? REASON_FULFILLMENT_HELD
           : out->others > 0                        ? REASON_THIRD_PARTY
           : fulfilled                              ? REASON_ALREADY_FULFILLED
           : all_given_back(&placing, lines, count) ? REASON_GIVEN_BACK
                                                    : REASON_NOTHING_OPEN;
}

size_t ship_call_lines(const struct ship_call *call, struct arena *arena, struct shipped **out)
{
    size_t used = 0;
    *out = arena_array(arena, call->count + 1, sizeof **out);
    for (size_t i = 0; i < call->count; i++) {
        const char *line_item = call->pieces[i].line->line_item;
        size_t at = find(*out, used, line_item);
        if (at == used)
            (*out)[used++] = (struct shipped){.line_item = line_item, .firm = true};
        (*out)[at].quantity += call->pieces[i].quantity;
    }
    return used;
}

/* ---- the marker, tracking ---- */

int shipment_marker(enum reason reason)
{
    switch (reason_row(reason)->class) {
    case CLASS_SHIPMENT_FAILED:
        return -1;
    case CLASS_SHIPMENT_QUIET:
        return -2;
    default:
        return 0;
    }
}

const char *tracking_url(const char *template, const char *number, struct arena *arena)
{
    OWN_BUF struct buf out = {0};
    const char *mark = strstr(template, "%1");
    if (!*template || !*number)
        return "";
    buf_add(&out, template, mark ? (size_t)(mark - template) : strlen(template));
    if (mark)
        buf_escape(&out, number);
    buf_text(&out, mark ? mark + 2 : "");
    return arena_text(arena, buf_str(&out));
}

/* catalogue_quotes.c - Business Central's own word on a price: a sales quote for a customer who is
 * prepared like the shop, read and deleted again.
 *
 * A quote that is made twice harms nobody: it is found by its external document number and deleted,
 * here before the first and after the last of a reading. So its creation may be sent again.
 */
#include <string.h>

#include "base/log.h"
#include "bc/catalogue_room.h"
#include "pricing/exact.h"

enum { LINES = 200 };
static const char MARK[] = "cartage prices";

static bool delete_quote(struct attempt *attempt, const char *id, struct err *err)
{
    OWN_TEXT char *path = mem_printf("salesQuotes(%s)", id);
    struct bc_call call = {.method = "DELETE", .path = path, .if_match = "*", .repeatable = true};
    bool ok = bc_ask(attempt, &call, err);
    if (!ok && call.status == 404) {
        err_clear(err);
        ok = true;
    }
    bc_call_drop(&call);
    return ok;
}

struct left {
    struct attempt *attempt;
    size_t count;
};

static bool delete_left(void *state, const json *row, struct err *err)
{
    struct left *left = state;
    left->count++;
    return delete_quote(left->attempt, json_text(row, "id"), err);
}

static bool sweep(struct attempt *attempt, struct err *err)
{
    struct left left = {.attempt = attempt};
    OWN_BUF struct buf path = {0};
    buf_text(&path, "salesQuotes?$select=id&$filter=");
    bc_filter_text(&path, "externalDocumentNumber", MARK);
    if (!bc_list(attempt, buf_str(&path), true, delete_left, &left, err))
        return err_wrap(err, "delete quotes that were left");
    if (left.count > 0)
        log_info("bc.quotes_left", NUM("deleted", left.count));
    return true;
}

static json *quote_body(const struct bc_terms *terms, struct bc_price *const prices[], size_t count)
{
    json *body = json_new_object(), *lines = json_new_array();
    json_set_text(body, "customerNumber", terms->customer);
    json_set_text(body, "externalDocumentNumber", MARK);
    json_set_text(body, "documentDate", terms->date);
    json_set_text(body, "postingDate", terms->date);
    if (*terms->currency)
        json_set_text(body, "currencyCode", terms->currency);
    for (size_t i = 0; i < count; i++) {
        json *line = json_new_object();
        json_set_text(line, "itemId", prices[i]->item->id);
        if (prices[i]->variant)
            json_set_text(line, "itemVariantId", prices[i]->variant->id);
        if (*prices[i]->unit)
            json_set_text(line, "unitOfMeasureCode", prices[i]->unit);
        json_set_int(line, "quantity", 1);
        json_add(lines, line);
    }
    json_set(body, "salesQuoteLines", lines);
    return body;
}

/* The lines answer in the order in which they were sent. */
static bool read_lines(const json *quote, struct decimal step, struct bc_price *const prices[],
                       size_t count, struct err *err)
{
    const json *lines = json_get(quote, "salesQuoteLines");
    if (json_count(lines) != count)
        return err_set(err, ERR_RETRY, 0, "a quote of %zu lines came back with %zu", count,
                       json_count(lines));
    for (size_t i = 0; i < count; i++) {
        struct decimal price, whole, discount;
        if (!json_decimal(json_at(lines, i), "unitPrice", &price) ||
            !json_decimal(json_at(lines, i), "discountAmount", &discount))
            return err_set(err, ERR_FATAL, 0, "a line of a quote came back without its price");
        struct exact exact = exact_of(price);
        if (!exact_round(&exact, step, &whole))
            return err_set(err, ERR_FATAL, 0, "a line of a quote came back with a price too long");
        prices[i]->source = BC_PRICE_QUOTE;
        prices[i]->price = decimal_sub(whole, discount);
        prices[i]->compare_at = decimal_cmp(price, prices[i]->price) > 0 ? price : DECIMAL_ZERO;
    }
    return true;
}

static bool post_quote(struct attempt *attempt, const struct bc_terms *terms, struct decimal step,
                       struct bc_price *const prices[], size_t count, struct err *err)
{
    struct bc_call call = {
        .method = "POST",
        .path = "salesQuotes?$select=id&$expand=salesQuoteLines($select=sequence,unitPrice,"
                "discountAmount)",
        .body = quote_body(terms, prices, count),
        .repeatable = true,
    };
    if (!attempt_may_write(attempt, err)) {
        bc_call_drop(&call);
        return false;
    }
    bool ok = bc_ask(attempt, &call, err);
    if (ok) {
        struct err gone;
        ok = read_lines(call.answer, step, prices, count, err);
        if (!delete_quote(attempt, json_text(call.answer, "id"), &gone))
            log_info("bc.quote_stays", TEXT("why", gone.text)); /* the next reading sweeps */
    }
    bc_call_drop(&call);
    return ok;
}

/* One line that is refused refuses all: the halves are asked until it stands alone. */
static bool ask(struct attempt *attempt, const struct bc_terms *terms, struct decimal step,
                struct bc_price *const prices[], size_t count, struct err *err)
{
    if (post_quote(attempt, terms, step, prices, count, err))
        return true;
    if (err->kind != ERR_FATAL || count == 0)
        return false;
    err_clear(err);
    if (count == 1) {
        prices[0]->skip = BC_PRICE_REFUSED;
        return true;
    }
    return ask(attempt, terms, step, prices, count / 2, err) &&
           ask(attempt, terms, step, prices + count / 2, count - count / 2, err);
}

bool bc_quote(struct attempt *attempt, const struct bc_terms *terms, struct decimal step,
              struct bc_price *const prices[], size_t count, struct err *err)
{
    if (count == 0)
        return true;
    if (!*terms->customer)
        return err_set(err, ERR_FATAL, 0, "a quote wants a customer");
    if (!sweep(attempt, err))
        return false;
    bool header_taken = false;
    for (size_t at = 0; at < count; at += LINES) {
        size_t size = count - at < LINES ? count - at : LINES;
        bool ok = post_quote(attempt, terms, step, prices + at, size, err);
        if (!ok && err->kind == ERR_FATAL && !header_taken) {
            struct err whole = *err;
            if (!post_quote(attempt, terms, step, NULL, 0, err)) /* the customer, not a line */
                return err_wrap(err, "price by a quote for customer %.20s", terms->customer);
            *err = whole;
        }
        if (!ok && err->kind == ERR_FATAL) {
            err_clear(err);
            ok = ask(attempt, terms, step, prices + at, size, err);
        }
        if (!ok)
            return err_wrap(err, "price by a quote for customer %.20s", terms->customer);
        header_taken = true;
    }
    return true;
}

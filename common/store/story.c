/* story.c - all that is staged of one order, as one record. */
#include "store/story.h"

#include <stdlib.h>
#include <string.h>

#include "model/order_stand.h"
#include "model/reasons.h"
#include "store/room.h"
#include "store/staging.h"
#include "store/story_parts.h"

enum { LINES_MOST = STORE_PAGE };

struct telling {
    struct ledger *ledger;
    const char *company, *id;
    struct arena *arena;
    struct store_rows *order, *more, *link, *skip, *row, *customer;
    struct store_ids claim;
    struct order staged; /* of the whole; name "" = none */
    json *tree, *life, *document;
};

static void telling_drop(struct telling *telling)
{
    struct store_rows *const rows[] = {telling->order, telling->more, telling->link,
                                       telling->skip,  telling->row,  telling->customer};
    for (size_t i = 0; i < COUNT(rows); i++)
        store_rows_free(rows[i]);
    store_ids_drop(&telling->claim);
    json_free(telling->tree);
    arena_free(telling->arena);
}

/* ---- reading ---- */

enum {
    NAME,
    SHOP,
    STORE,
    CURRENCY,
    TOTAL,
    CREATED,
    UPDATED,
    FINANCIAL,
    FULFILLMENT,
    RISK,
    STATE,
    REASON,
    WAITS
};
static const char *const ORDER[] = {"name",    "shop",    "store",     "currency",    "total",
                                    "created", "updated", "financial", "fulfillment", "risk",
                                    "state",   "reason",  "waits"};
enum { DOCUMENT, ERP_TOTAL, USED, DIFFERENCE, WHY, UPDATE, WHOLE };
static const char *const MORE[] = {"document",          "erp_total", "currency_used", "difference",
                                   "difference_reason", "update",    "whole"};
enum { LINK_KIND, LINK_ID, LINK_NUMBER };
static const char *const LINK[] = {"kind",           "id", "number", "external", "posted_number",
                                   "posted_shipment"};
static const char *const SKIP[] = {"reason", "detail", "record", "shop", "first", "last", "count"};
static const char *const ROW[] = {"name", "updated", "error"};
static const char *const CUSTOMER[] = {"name", "number", "reason"};

static bool read_one(struct telling *telling, const char *prefix, const char *id,
                     const char *const fields[], size_t count, struct store_rows **out,
                     struct err *err)
{
    OWN_TEXT char *key = mem_printf("%s%s", prefix, id);
    const char *const keys[] = {key};
    return store_read(telling->ledger, telling->company, keys, 1, fields, count, out, err);
}

static bool read_whole(struct telling *telling, json **tree, struct err *err)
{
    OWN_BUF struct buf text = {0};
    const char *bytes;
    size_t size;
    if (!store_bytes(telling->more, 0, WHOLE, &bytes, &size))
        return true;
    return staged_unpack(bytes, size, &text, err) &&
           json_parse(buf_str(&text), text.size, tree, err) &&
           staged_order(*tree, telling->arena, &telling->staged, err);
}

static bool read_all(struct telling *telling, json **whole, struct err *err)
{
    OWN_TEXT char *claim = mem_printf("claim:%s", telling->id);
    const char *const keys[] = {claim};
    const char *id = telling->id;
    if (!read_one(telling, "order:", id, ORDER, COUNT(ORDER), &telling->order, err) ||
        !read_one(telling, "order:", id, MORE, COUNT(MORE), &telling->more, err) ||
        !read_one(telling, "link:order:", id, LINK, COUNT(LINK), &telling->link, err) ||
        !read_one(telling, "skip:", id, SKIP, COUNT(SKIP), &telling->skip, err) ||
        !read_one(telling, "row:", id, ROW, COUNT(ROW), &telling->row, err) ||
        !store_values(telling->ledger, telling->company, keys, 1, &telling->claim, err) ||
        !read_whole(telling, whole, err))
        return false;
    const char *customer = telling->staged.customer_id;
    return read_one(telling, "customer:", customer && *customer ? customer : id, CUSTOMER,
                    COUNT(CUSTOMER), &telling->customer, err);
}

static const char *order_text(const struct telling *telling, size_t field)
{
    return store_text(telling->order, 0, field);
}

static const char *name_of(const struct telling *telling)
{
    const char *name = order_text(telling, NAME);
    if (!*name)
        name = store_text(telling->row, 0, 0);
    return *name ? name : store_text(telling->skip, 0, 2);
}

static const char *shop_of(const struct telling *telling)
{
    const char *shop = order_text(telling, SHOP);
    return *shop ? shop : telling->claim.items[0];
}

/* ---- telling ---- */

static void tell_head(struct telling *telling)
{
    static const struct {
        const char *name;
        size_t field;
    } FIELDS[] = {
        {"state",       STATE      },
        {"store",       STORE      },
        {"created",     CREATED    },
        {"updated",     UPDATED    },
        {"financial",   FINANCIAL  },
        {"fulfillment", FULFILLMENT},
        {"risk",        RISK       },
    };
    json_set_text(telling->tree, "company", telling->company);
    json_set_text(telling->tree, "id", telling->id);
    json_set_text(telling->tree, "name", name_of(telling));
    json_set_text(telling->tree, "shop", shop_of(telling));
    for (size_t i = 0; i < COUNT(FIELDS); i++)
        json_set_text(telling->tree, FIELDS[i].name, order_text(telling, FIELDS[i].field));
    json_set_bool(telling->tree, "cancelled",
                  telling->staged.cancelled && *telling->staged.cancelled);
    json_set_bool(telling->tree, "archived", telling->staged.closed);
}

static void set_if(json *object, const char *name, const char *text)
{
    if (*text)
        json_set_text(object, name, text);
}

static void tell_totals(struct telling *telling)
{
    json *totals = json_new_object();
    json_set(telling->tree, "totals", totals);
    set_if(totals, "currency", order_text(telling, CURRENCY));
    set_if(totals, "shopify", order_text(telling, TOTAL));
    set_if(totals, "erp", store_text(telling->more, 0, ERP_TOTAL));
    set_if(totals, "currency_used", store_text(telling->more, 0, USED));
    set_if(totals, "difference", store_text(telling->more, 0, DIFFERENCE));
    set_if(totals, "difference_reason", store_text(telling->more, 0, WHY));
}

static bool tell_document(struct telling *telling, struct err *err)
{
    const char *id = store_text(telling->link, 0, LINK_ID);
    if (!*id)
        return true;
    telling->document = json_new_object();
    json_set(telling->tree, "document", telling->document);
    for (size_t i = 0; i < COUNT(LINK); i++)
        set_if(telling->document, LINK[i], store_text(telling->link, 0, i));
    return story_posting(telling->ledger, telling->company, id, telling->document, err);
}

static void tell_customer(struct telling *telling)
{
    const struct store_rows *rows = telling->customer;
    json *customer = json_new_object();
    json_set(telling->tree, "customer", customer);
    set_if(customer, "id", telling->staged.customer_id ? telling->staged.customer_id : "");
    set_if(customer, "name", store_text(rows, 0, 0));
    set_if(customer, "number", store_text(rows, 0, 1));
    set_if(customer, "reason", store_text(rows, 0, 2));
}

static void tell_skip(struct telling *telling)
{
    const struct reason_row *reason = reason_row(reason_by_code(store_text(telling->skip, 0, 0)));
    if (!*reason->code)
        return;
    json *held = json_new_object();
    json_set(telling->tree, "held", held);
    json_set_text(held, "reason", reason->code);
    json_set_text(held, "text", reason->text);
    json_set_text(held, "detail", store_text(telling->skip, 0, 1));
    json_set_text(held, "cure", reason->cure);
    json_set_int(held, "first_ms", store_int(telling->skip, 0, 4));
    json_set_int(held, "last_ms", store_int(telling->skip, 0, 5));
    json_set_int(held, "count", store_int(telling->skip, 0, 6));
}

/* Which item each line is, as far as that is known. */
static bool tell_lines(struct telling *telling, struct err *err)
{
    static const char *const NUMBER[] = {"number"};
    const struct order *order = &telling->staged;
    const char *variants[LINES_MOST], *products[LINES_MOST];
    size_t count = order->line_count < LINES_MOST ? order->line_count : LINES_MOST;
    OWN(store_rows) struct store_rows *of_variant = NULL, *of_product = NULL;
    json *lines = json_new_array();
    json_set(telling->tree, "lines", lines);
    for (size_t i = 0; i < count; i++) {
        variants[i] = arena_printf(telling->arena, "variant:%s", order->lines[i].variant_id);
        products[i] = arena_printf(telling->arena, "product:%s", order->lines[i].product_id);
    }
    if (count == 0)
        return true;
    if (!store_read(telling->ledger, telling->company, variants, count, NUMBER, 1, &of_variant,
                    err) ||
        !store_read(telling->ledger, telling->company, products, count, NUMBER, 1, &of_product,
                    err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct order_line *line = &order->lines[i];
        const char *number = store_text(of_variant, i, 0);
        json *row = json_new_object();
        json_add(lines, row);
        json_set_text(row, "id", line->id);
        json_set_text(row, "title", line->title);
        json_set_text(row, "sku", line->sku);
        json_set_int(row, "sold", line->quantity);
        json_set_int(row, "quantity", line->current);
        json_set_text(row, "item", *number ? number : store_text(of_product, i, 0));
    }
    return true;
}

/* `<event> <run> <detail>`, a tab between them. */
static void tell_event(json *life, const char *member, const char *score)
{
    char event[40];
    const char *run = strchr(member, '\t'), *detail = run ? strchr(run + 1, '\t') : NULL;
    if (!detail)
        return;
    json *row = json_new_object();
    json_add(life, row);
    snprintf(event, sizeof event, "%.*s", (int)(run - member), member);
    json_set_int(row, "at_ms", strtoll(score, NULL, 10));
    json_set_text(row, "event", event);
    json_set_int(row, "run", strtoll(run + 1, NULL, 10));
    json_set_text(row, "detail", detail + 1);
}

static bool tell_life(struct telling *telling, struct err *err)
{
    OWN_TEXT char *rest = mem_printf("life:%s", telling->id);
    OWN_TEXT char *key = store_key(telling->ledger, telling->company, rest);
    OWN_REPLY redisReply *reply = NULL;
    const char *const argv[] = {"ZRANGE", key, "0", "-1", "WITHSCORES"};
    if (!redis_command(ledger_redis(telling->ledger), COUNT(argv), argv, NULL, &reply, err))
        return err_wrap(err, "read what has happened to the order");
    telling->life = json_new_array();
    json_set(telling->tree, "life", telling->life);
    for (size_t i = 0; i + 1 < reply->elements; i += 2)
        tell_event(telling->life, reply->element[i]->str, reply->element[i + 1]->str);
    return true;
}

static const json *latest(const struct telling *telling, const char *event)
{
    for (size_t i = json_count(telling->life); i-- > 0;)
        if (strcmp(json_text(json_at(telling->life, i), "event"), event) == 0)
            return json_at(telling->life, i);
    return NULL;
}

static void tell_update(struct telling *telling)
{
    const char *text = store_text(telling->more, 0, UPDATE);
    if (!*text)
        return;
    json *update = json_new_object();
    json_set(telling->tree, "update", update);
    json_set_text(update, "text", text);
    json_set_int(update, "at_ms", json_int(latest(telling, "update"), "at_ms", 0));
}

/* The shipment that asks for somebody: one that failed before one that is still to be told. */
static const json *open_shipment(const struct telling *telling)
{
    const json *found = NULL, *list = json_get(telling->tree, "shipments");
    for (size_t i = 0; i < json_count(list); i++) {
        const char *marker = json_text(json_at(list, i), "marker");
        if (strcmp(marker, "-1") == 0)
            return json_at(list, i);
        if (strcmp(marker, "0") == 0 && !found)
            found = json_at(list, i);
    }
    return found;
}

static bool tell_shipments(struct telling *telling, struct err *err)
{
    json *list = NULL;
    if (!store_shipments(telling->ledger, telling->company, telling->id, &list, err))
        return false;
    json_set(telling->tree, "shipments", list);
    return true;
}

static void tell_waits(struct telling *telling)
{
    OWN_BUF struct buf text = {0}, cure = {0};
    bool staged = *order_text(telling, NAME);
    const char *why = store_text(telling->more, 0, WHY);
    const json *posting = json_get(telling->document, "posting");
    const json *shipment = open_shipment(telling);
    bool explained = *why && strcmp(why, "unexplained") != 0;
    struct order_stand stand = {
        .name = name_of(telling),
        .shop = shop_of(telling),
        .state = order_text(telling, STATE),
        .reason = store_text(telling->skip, 0, 0),
        .detail = store_text(staged ? telling->skip : telling->row, 0, staged ? 1 : 2),
        .waits = order_text(telling, WAITS),
        .update = store_text(telling->more, 0, UPDATE),
        .difference = explained ? "" : store_text(telling->more, 0, DIFFERENCE),
        .document = store_text(telling->more, 0, DOCUMENT),
        .posted = strcmp(json_text(posting, "state"), "posted") == 0,
        .shipment = json_text(shipment, "number"),
        .shipment_why = *json_text(shipment, "detail") ? json_text(shipment, "detail")
                                                       : json_text(shipment, "text"),
        .shipment_failed = strcmp(json_text(shipment, "marker"), "-1") == 0,
    };
    if (!staged && *stand.reason)
        stand.detail = store_text(telling->skip, 0, 1);
    order_waits_for(&stand, &text, &cure);
    if (!text.size)
        return;
    json *waits = json_new_object();
    json_set(telling->tree, "waits", waits);
    json_set_text(waits, "text", buf_str(&text));
    json_set_text(waits, "cure", buf_str(&cure));
}

bool store_story(struct ledger *ledger, const char *company, const char *id, json **out,
                 struct err *err)
{
    OWN_JSON json *whole = NULL;
    __attribute__((cleanup(telling_drop))) struct telling telling = {
        .ledger = ledger, .company = company, .id = id, .arena = arena_new()};
    if (!read_all(&telling, &whole, err))
        return err_wrap(err, "read order %s", id);
    if (!*name_of(&telling))
        return err_set(err, ERR_FATAL, 404,
                       "order %s is not known; `cartage order sync NAME` asks Shopify for it", id);
    telling.tree = json_new_object();
    tell_head(&telling);
    tell_totals(&telling);
    tell_customer(&telling);
    tell_skip(&telling);
    story_fulfillment(&telling.staged, telling.tree);
    if (!tell_document(&telling, err) || !tell_shipments(&telling, err) ||
        !story_payments(ledger, company, &telling.staged, telling.id, telling.arena, telling.tree,
                        err) ||
        !tell_lines(&telling, err) || !tell_life(&telling, err) ||
        !story_refunds(ledger, company, &telling.staged, telling.tree, err))
        return err_wrap(err, "order %s", name_of(&telling));
    tell_update(&telling);
    tell_waits(&telling);
    *out = GIVE(telling.tree);
    return true;
}

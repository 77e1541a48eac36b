/* customers_import.c - customers of the store, to Business Central: found, linked, made, changed.
 *
 * Who is found, and how nobody is made twice: orders_customers.c and orders_new_customers.c. The
 * walk goes by `updatedAt`, oldest first, and starts five minutes early: an index that lags shows
 * customers late. Its watermark moves with the page, in one WRITE, once each of the page is dealt
 * with or stands in `customers-due:<shop>`, which every run reads first: so no time passes a
 * customer that failed. What Shopify has is compared by a digest with what it was when it was last
 * dealt with; so our own writes do not come back as changes.
 *
 * Another road than the connector's: who was not found is looked at again when he may be somebody
 * there by now (customers_again.c), and after the shop's settings of customers have changed; errors
 * are never swallowed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attempt_fresh.h"
#include "base/ids.h"
#include "base/log.h"
#include "operations/customers_run.h"
#include "operations/listing.h"
#include "store/marks.h"
#include "store/privacy.h"

enum { OVERLAP_MS = 5 * 60 * 1000, PAGE = 250, DUE_MOST = STORE_PAGE, LOOK_AGAIN_MS = 30000 };
static const char FIRST[] = "2004-01-01T00:00:00Z";

struct comer { /* one customer on his way */
    struct shopper shopper;
    char digest[CUSTOMER_DIGEST];
    struct staged_shopper staged;
    const char *erp_id, *by_hand, *shops;
    bool erased; /* at his own wish: he is nobody here */
};

struct import {
    struct customers *run;
    bool all;   /* those too that nobody has ordered as */
    bool again; /* whether they have changed or not */
    bool at_due;
    struct store_rows *rows[2]; /* what is kept; links */
    struct store_ids due;       /* were looked at already by this run */
    struct comer comers[WINDOW];
};

/* ---- which ---- */

static bool read_kept(struct import *import, struct window *window, size_t count, struct err *err)
{
    static const char *const LINK[] = {"erp_id", "by_hand", "shops"};
    const struct customers *run = import->run;
    const char *kept[WINDOW], *links[WINDOW], *ids[WINDOW];
    int64_t erased[WINDOW];
    for (int i = 0; i < 2; i++) {
        store_rows_free(import->rows[i]);
        import->rows[i] = NULL;
    }
    for (size_t i = 0; i < count; i++) {
        const char *id = ids[i] = import->comers[i].shopper.id, *word = run->sort->word;
        kept[i] = arena_printf(window->arena, "shop-%s:%s:%s", word, run->shop->code, id);
        links[i] = arena_printf(window->arena, "%s:%s", word, id);
    }
    if (!store_read(run->attempt->ledger, run->company, kept, count, STAGED_SHOPPER,
                    STAGED_SHOPPER_FIELDS, &import->rows[0], err) ||
        !store_read(run->attempt->ledger, run->company, links, count, LINK, COUNT(LINK),
                    &import->rows[1], err) ||
        !privacy_erased(run->attempt->ledger, run->company, ids, count, erased, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct comer *comer = &import->comers[i];
        comer->staged = staged_shopper_row(import->rows[0], i);
        comer->erp_id = store_text(import->rows[1], i, 0);
        comer->by_hand = store_text(import->rows[1], i, 1);
        comer->shops = store_text(import->rows[1], i, 2);
        comer->erased = !run->sort->firms && erased[i] > 0;
    }
    return true;
}

static bool is_wanted(const struct import *import, const struct comer *comer)
{
    bool known = *comer->staged.updated, linked = *comer->erp_id || *comer->by_hand;
    if (comer->erased || (!import->all && !linked))
        return false;
    for (size_t i = 0; !import->at_due && i < import->due.count; i++)
        if (strcmp(import->due.items[i], comer->shopper.id) == 0)
            return false;
    if (import->again || !known)
        return true;
    if (linked && strcmp(comer->erp_id, comer->staged.erp_id) != 0)
        return true; /* by a person, or by an order, since then */
    /* A location that has changed moves no time of its company. */
    return (import->run->sort->firms ||
            strcmp(comer->shopper.updated, comer->staged.updated) > 0) &&
           strcmp(comer->digest, comer->staged.seen) != 0;
}

/* ---- as a work ---- */

static const char *name_of(const struct shopper *shopper, struct arena *arena)
{
    if (*shopper->name)
        return shopper->name;
    if (*shopper->first || *shopper->last)
        return arena_printf(arena, "%s%s%s", shopper->first,
                            *shopper->first && *shopper->last ? " " : "", shopper->last);
    const char *const TEXTS[] = {shopper->address.company, shopper->email, shopper->phone};
    for (size_t i = 0; i < COUNT(TEXTS); i++)
        if (*TEXTS[i])
            return TEXTS[i];
    return shopper->id;
}

static void person_of(const struct shopper *shopper, const char *name, struct order *out)
{
    static const struct order_address NONE = {"", "", "", "", "", "",   "",
                                              "", "", "", "", "", false};
    *out = (struct order){
        .id = "",
        .name = shopper->id,
        .customer_id = shopper->id,
        .customer_name = name,
        .customer_first = shopper->first,
        .customer_last = shopper->last,
        .email = shopper->email,
        .customer_email = "",
        .phone = shopper->phone,
        .customer_phone = "",
        .sell_to = shopper->address,
        .ship_to = NONE,
        .bill_to = NONE,
    };
    if (*shopper->name || (!*shopper->first && !*shopper->last))
        return;
    out->sell_to.first = shopper->first; /* his own; the address may be somebody else's */
    out->sell_to.last = shopper->last;
    out->sell_to.name = name;
}

static const struct firm *firm_of(const struct shopper *shopper, const struct shop *shop,
                                  struct arena *arena)
{
    struct firm *firm = arena_array(arena, 1, sizeof *firm);
    const char *terms =
        *shopper->terms ? setting_map_get(&shop->payment_terms, shopper->terms) : NULL;
    *firm = (struct firm){
        .tax_id = shopper->tax_id,
        .terms = terms ? terms : "",
        .by_tax_id = shop->company_mapping == COMPANY_BY_TAX_ID,
        .to_default = shop->company_mapping == COMPANY_DEFAULT,
    };
    return firm;
}

/* Nobody to ask, or nowhere to send to: such a company is no customer yet. */
static enum reason lacks(const struct shopper *shopper)
{
    return !*shopper->contact          ? REASON_COMPANY_NO_CONTACT
           : !shopper->address.present ? REASON_COMPANY_NO_ADDRESS
                                       : REASON_NONE;
}

/* It is looked at again when it has changed. */
static void leave_out(struct import *import, const struct comer *comer, enum reason reason)
{
    struct customers *run = import->run;
    const struct shopper *firm = &comer->shopper;
    const struct staged_shopper staged = {
        .updated = firm->updated, .seen = comer->digest, .told = "", .erp_id = ""};
    customer_skip(run, firm->id, firm->name, reason, "");
    stage_shopper(run, firm->id, &staged);
    customer_due_gone(run, false, firm->id);
}

static struct work *work_add(const struct import *import, struct window *window,
                             const struct comer *comer)
{
    struct work *work = &window->works[window->count++];
    const char *name = name_of(&comer->shopper, window->arena);
    /* Messages of the run, which the log keeps, name him by his number. */
    *work = (struct work){.id = "",
                          .name = comer->shopper.id,
                          .refund_id = "",
                          .was_reason = "",
                          .waits = "",
                          .kind = ""};
    person_of(&comer->shopper, name, &work->order);
    if (import->run->sort->firms)
        work->firm = firm_of(&comer->shopper, import->run->shop, window->arena);
    return work;
}

/* ---- one window ---- */

/* Links to customers that were deleted there end here, and are looked for anew. */
static bool end_dead_links(struct import *import, struct window *window, struct err *err)
{
    struct customers *run = import->run;
    for (size_t i = 0; i < window->count; i++)
        lookup_want(window->lookup, LOOKUP_CUSTOMER_CARD, import->comers[i].erp_id);
    if (!lookup_round(window->lookup, run->attempt, err))
        return err_wrap(err, "look up linked customers");
    for (size_t i = 0; i < window->count; i++) {
        struct comer *comer = &import->comers[i];
        if (!*comer->erp_id || lookup_find(window->lookup, LOOKUP_CUSTOMER_CARD, comer->erp_id))
            continue;
        OWN_TEXT char *key = mem_printf("%s:%s", run->sort->word, comer->shopper.id);
        log_info("customer.link_dead", TEXT(run->sort->word, comer->shopper.id));
        write_add(run->write, "HDEL", key, "erp_id", "number", NULL);
        stage_shopper_gone(run, comer->shopper.id, comer->erp_id);
        comer->erp_id = "";
        comer->staged = (struct staged_shopper){"", "", "", "", false, ""};
    }
    return customers_flush(run, true, err);
}

static bool update_linked(struct import *import, struct window *window,
                          struct linked_shopper linked[], struct err *err)
{
    struct linked_shopper some[WINDOW];
    size_t places[WINDOW], count = 0;
    struct customers *run = import->run;
    for (size_t i = 0; i < window->count; i++)
        lookup_want(window->lookup, LOOKUP_CUSTOMER_CARD, window->works[i].customer.id);
    if (!run->shopify_writes)
        return true;
    if (!lookup_round(window->lookup, run->attempt, err))
        return err_wrap(err, "look up customers");
    for (size_t i = 0; i < window->count; i++) {
        struct work *work = &window->works[i];
        const json *card = lookup_find(window->lookup, LOOKUP_CUSTOMER_CARD, work->customer.id);
        if (!card || work->customer_made)
            continue;
        places[count] = i;
        some[count++] =
            (struct linked_shopper){&import->comers[i].shopper, work, card, false, false};
    }
    bool ok = count == 0 || customers_update(run, window, some, count, err);
    for (size_t i = 0; i < count; i++)
        linked[places[i]] = some[i];
    return ok;
}

static void end_comer(struct import *import, const struct comer *comer, const struct work *work,
                      const struct linked_shopper *written)
{
    struct customers *run = import->run;
    bool linked = *work->customer.id, unmapped = work->reason == REASON_CUSTOMER_UNMAPPED;
    bool dealt = (linked || unmapped) && !written->failed;
    const struct staged_shopper staged = {
        .updated = dealt ? comer->shopper.updated : "",
        .seen = dealt ? comer->digest : "",
        .told = "",
        .erp_id = linked ? work->customer.id : "",
        .shared = run->sort->firms && strcmp(work->customer.number, run->default_number) == 0,
    };
    int64_t changed_ms = 0;
    if (work->customer_made && time_parse(comer->shopper.updated, &changed_ms))
        attempt_fresh(run->attempt, FRESH_CUSTOMERS, AT_SHOPIFY, changed_ms);
    if (work->customer_made)
        run->attempt->counts.created++;
    if (unmapped)
        run->attempt->counts.skipped++;
    stage_shopper(run, comer->shopper.id, &staged);
    if (linked && run->erp_writes && strcmp(comer->staged.erp_id, work->customer.id) != 0)
        customer_due(run, true, work->customer.id); /* its changes until now were nobody's */
    if (!written->skipped)
        customer_skip_gone(run, comer->shopper.id);
    if (dealt)
        customer_due_gone(run, false, comer->shopper.id);
    else
        customer_due(run, false, comer->shopper.id);
}

static bool work_window(struct import *import, struct window *window, struct err *err)
{
    struct customers *run = import->run;
    struct linked_shopper linked[WINDOW] = {0};
    if (!end_dead_links(import, window, err) ||
        !orders_find_customers(&run->process, window, err) ||
        !update_linked(import, window, linked, err))
        return false;
    for (size_t i = 0; i < window->count; i++)
        end_comer(import, &import->comers[i], &window->works[i], &linked[i]);
    return customers_flush(run, true, err);
}

static bool run_nodes(struct import *import, json *const nodes[], size_t count, struct err *err)
{
    OWN(window) struct window *window = window_new();
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        struct comer *comer = &import->comers[i];
        import->run->sort->read(nodes[i], window->arena, &comer->shopper);
        shopper_digest(&comer->shopper, comer->digest);
    }
    if (!read_kept(import, window, count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        import->run->attempt->counts.read++;
        if (!is_wanted(import, &import->comers[i]))
            continue;
        enum reason reason =
            import->run->sort->firms ? lacks(&import->comers[i].shopper) : REASON_NONE;
        if (reason != REASON_NONE) {
            leave_out(import, &import->comers[i], reason);
            continue;
        }
        import->comers[used] = import->comers[i];
        work_add(import, window, &import->comers[used++]);
    }
    return used == 0 ? customers_flush(import->run, false, err) : work_window(import, window, err);
}

static bool run_page(struct import *import, const json *nodes, struct err *err)
{
    json *rows[WINDOW];
    size_t used = 0;
    for (size_t i = 0; i < json_count(nodes); i++) {
        json *node = json_at(nodes, i);
        if (!*json_text(node, "id"))
            continue; /* gone */
        rows[used++] = node;
        if (used < WINDOW)
            continue;
        if (!run_nodes(import, rows, used, err))
            return false;
        used = 0;
    }
    return used == 0 || run_nodes(import, rows, used, err);
}

/* ---- those that are tried again ---- */

static bool run_due(struct import *import, struct err *err)
{
    struct customers *run = import->run;
    OWN_TEXT char *key = mem_printf("%s-due:%s", run->sort->words, run->shop->code);
    if (!store_zset(run->attempt->ledger, run->company, key, INT64_MAX, DUE_MOST, &import->due,
                    err))
        return err_wrap(err, "list %s that are due again", run->sort->words);
    const struct store_ids due = import->due;
    if (due.count == 0)
        return true;
    json *ids = json_new_array(), *variables = json_new_object();
    for (size_t i = 0; i < due.count; i++) {
        OWN_TEXT char *gid = mem_printf("gid://shopify/%s/%s", run->sort->type, due.items[i]);
        json_add_text(ids, gid);
    }
    json_set(variables, "ids", ids);
    struct shopify_call call = {.document = run->sort->named, .variables = variables};
    bool ok = shopify_ask(run->attempt, &call, err);
    const json *nodes = ok ? json_get(call.data, "nodes") : NULL;
    for (size_t i = 0; ok && i < due.count; i++)
        if (!*json_text(json_at(nodes, i), "id"))
            customer_due_gone(run, false, due.items[i]); /* deleted, or no customer: a guest */
    bool all = import->all;
    import->at_due = import->again = import->all = true;
    ok = ok && run_page(import, nodes, err) && customers_flush(run, true, err);
    import->at_due = import->again = false;
    import->all = all;
    shopify_call_drop(&call);
    return ok || err_wrap(err, "%s that are due again", run->sort->words);
}

/* ---- the walk ---- */

/* What decides who is read and what becomes of him: another one, and all are read again. */
static void terms_of(const struct customers *run, char out[static CUSTOMER_DIGEST])
{
    const struct shop *shop = run->shop;
    OWN_BUF struct buf text = {0};
    buf_printf(&text, "%d %d %d %d %d %s", run->import, run->finder.auto_create_customers,
               run->shopify_writes, run->finder.name_source, shop->county_source, shop->store);
    if (run->sort->firms)
        buf_printf(&text, " %d %s", shop->company_mapping, shop->default_company);
    for (size_t i = 0; run->sort->firms && i < shop->payment_terms.count; i++)
        buf_printf(&text, " %s=%s", shop->payment_terms.pairs[i].key,
                   shop->payment_terms.pairs[i].value);
    digest_hex(buf_str(&text), text.size, (CUSTOMER_DIGEST - 1) / 2, out);
}

static bool walk_start(struct import *import, const char *key, char from[static 32],
                       struct err *err)
{
    static const char *const FIELDS[] = {"terms", "whole"};
    struct customers *run = import->run;
    const char *const keys[] = {key};
    char terms[CUSTOMER_DIGEST];
    OWN(store_rows) struct store_rows *rows = NULL;
    terms_of(run, terms);
    if (!store_read(run->attempt->ledger, run->company, keys, 1, FIELDS, COUNT(FIELDS), &rows, err))
        return false;
    bool other = strcmp(store_text(rows, 0, 0), terms) != 0;
    import->again = other || *store_text(rows, 0, 1);
    if (other) { /* the whole walk is under these terms, however often it is interrupted */
        write_add(run->write, "HDEL", key, "at", NULL);
        write_add(run->write, "HSET", key, "terms", terms, "whole", "1", NULL);
        if (!customers_flush(run, true, err))
            return false;
    }
    return store_walk_start(run->attempt->ledger, run->company, key, OVERLAP_MS, FIRST, run->write,
                            from, err) &&
           customers_flush(run, true, err);
}

/* The mark moves with the page. */
static bool page_taken(struct customers *run, const char *key, const json *list,
                       struct listing *listing, bool *more, struct err *err)
{
    size_t count = json_count(json_get(list, "nodes"));
    *more = listing_goes_on(listing, list);
    if (count > 0)
        write_add(run->write, "HSET", key, "at", listing->last, NULL);
    return customers_flush(run, true, err);
}

static bool walk_page(struct import *import, const char *key, struct listing *listing, bool *more,
                      struct err *err)
{
    struct customers *run = import->run;
    struct shopify_call call = {.document = run->sort->page,
                                .variables = listing_variables(listing, "")};
    json_set_int(call.variables, "first", PAGE);
    bool ok = shopify_ask(run->attempt, &call, err);
    const json *list = json_get(call.data, run->sort->words);
    ok = ok && run_page(import, json_get(list, "nodes"), err) &&
         page_taken(run, key, list, listing, more, err);
    shopify_call_drop(&call);
    return ok;
}

static bool walk(struct import *import, struct err *err)
{
    struct customers *run = import->run;
    struct listing listing = {0};
    OWN_TEXT char *key = mem_printf("mark:%s:%s", run->sort->words, run->shop->code);
    bool ok = walk_start(import, key, listing.from, err);
    for (bool more = true; ok && more;) {
        attempt_progress(run->attempt, run->sort->firms ? "reading companies" : "reading customers",
                         listing.rows, 0);
        ok = (walk_page(import, key, &listing, &more, err) &&
              attempt_checkpoint(run->attempt, "", 0, err)) ||
             err_wrap(err, "%s changed since %s", run->sort->words, listing.from);
    }
    listing_drop(&listing);
    if (!ok)
        return false;
    write_add(run->write, "HDEL", key, "whole", NULL);
    return customers_flush(run, true, err);
}

/* ---- locations: what changes of them moves no time of their company ---- */

static char *places_key(const struct customers *run)
{
    return mem_printf("mark:company-locations:%s", run->shop->code);
}

/* The first walk of companies reads their locations, too. */
static bool start_places(struct import *import, struct err *err)
{
    static const char *const FIELDS[] = {"at"};
    struct customers *run = import->run;
    char now[32];
    OWN_TEXT char *key = places_key(run);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!run->sort->firms)
        return true;
    if (!store_read(run->attempt->ledger, run->company, keys, 1, FIELDS, COUNT(FIELDS), &rows, err))
        return false;
    if (*store_text(rows, 0, 0))
        return true;
    time_format(customers_now_ms(run), false, now);
    write_add(run->write, "HSET", key, "at", now, NULL);
    return customers_flush(run, true, err);
}

static bool run_companies_of(struct import *import, const json *places, struct err *err)
{
    OWN_JSON json *seen = json_new_object();
    json *ids = json_new_array();
    for (size_t i = 0; i < json_count(places); i++) {
        const char *id = json_text(json_get(json_at(places, i), "company"), "id");
        if (*id && !json_has(seen, id)) {
            json_set_bool(seen, id, true);
            json_add_text(ids, id);
        }
    }
    struct shopify_call call = {.document = import->run->sort->named,
                                .variables = json_new_object()};
    bool some = json_count(ids) > 0;
    json_set(call.variables, "ids", ids);
    bool ok = !some || (shopify_ask(import->run->attempt, &call, err) &&
                        run_page(import, json_get(call.data, "nodes"), err));
    shopify_call_drop(&call);
    return ok;
}

static bool places_page(struct import *import, const char *key, struct listing *listing, bool *more,
                        struct err *err)
{
    struct customers *run = import->run;
    struct shopify_call call = {.document = "company-locations-changed",
                                .variables = listing_variables(listing, "")};
    bool ok = shopify_ask(run->attempt, &call, err);
    const json *list = json_get(call.data, "companyLocations");
    ok = ok && run_companies_of(import, json_get(list, "nodes"), err) &&
         page_taken(run, key, list, listing, more, err);
    shopify_call_drop(&call);
    return ok;
}

static bool walk_places(struct import *import, struct err *err)
{
    struct customers *run = import->run;
    struct listing listing = {0};
    OWN_TEXT char *key = places_key(run);
    if (!run->sort->firms)
        return true;
    bool ok = store_walk_start(run->attempt->ledger, run->company, key, OVERLAP_MS, FIRST,
                               run->write, listing.from, err) &&
              customers_flush(run, true, err);
    for (bool more = true; ok && more;)
        ok = (places_page(import, key, &listing, &more, err) &&
              attempt_checkpoint(run->attempt, "", 0, err)) ||
             err_wrap(err, "locations changed since %s", listing.from);
    listing_drop(&listing);
    return ok;
}

static bool ended(const struct customers *run, struct err *err)
{
    const struct orders_process *process = &run->process;
    if (process->unsent.count)
        return undone_retry(&process->unsent, run->sort->word, err);
    if (process->awaited.count)
        return undone_come_back(&process->awaited, run->sort->word, run->attempt, LOOK_AGAIN_MS,
                                err);
    return true;
}

bool customers_import(struct customers *run, struct err *err)
{
    bool all = run->import == CUSTOMERS_ALL;
    struct import *import = arena_array(run->attempt->arena, 1, sizeof *import);
    bool with_order = run->import == CUSTOMERS_WITH_ORDER;
    bool walks = all || (with_order && run->shopify_writes);
    /* A company that has ordered and has no customer is due; an order itself does not look for it.
     */
    if (!walks && !(with_order && run->sort->firms))
        return true;
    import->run = run;
    import->all = all;
    run->process.exact = true;
    bool ok = customers_again(run, err) && run_due(import, err);
    if (ok && walks)
        ok = start_places(import, err) && walk(import, err) && walk_places(import, err);
    ok = ok && ended(run, err);
    for (int i = 0; i < 2; i++)
        store_rows_free(import->rows[i]);
    store_ids_drop(&import->due);
    return ok;
}

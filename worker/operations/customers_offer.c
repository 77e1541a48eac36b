/* customers_offer.c - which customers of Business Central are to be added to the store: the walk of
 * customers.add, companies.add and companies.add-locations.
 *
 * There is no cursor: whoever has a link is passed over, so a run that is started again goes on
 * where the last one was. Who was erased at Shopify does not come back there, and the customer who
 * stands for those without data is nobody.
 */
#include <string.h>

#include "model/filter.h"
#include "operations/customers_run.h"
#include "operations/operations_table.h"
#include "store/privacy.h"

struct offer {
    struct customers *run;
    struct filter *number, *country;
    json *rows; /* of those that are wanted */
    customer_take *take;
    void *state;
};

static void offer_drop(struct offer *offer)
{
    filter_free(offer->number);
    filter_free(offer->country);
    json_free(offer->rows);
}

static bool take_row(void *state, const json *row, struct err *err)
{
    const struct offer *offer = state;
    (void)err;
    if (filter_fits(offer->number, json_text(row, "number")) &&
        filter_fits(offer->country, json_text(row, "country")))
        json_add(offer->rows, json_copy(row));
    return true;
}

static bool offer_rows(const struct offer *offer, size_t from, size_t count, struct err *err)
{
    struct customers *run = offer->run;
    const char *ids[STORE_PAGE];
    int64_t erased[STORE_PAGE];
    OWN_IDS struct store_ids linked = {0};
    for (size_t i = 0; i < count; i++)
        ids[i] = json_text(json_at(offer->rows, from + i), "id");
    if (!customers_linked(run, run->sort, ids, count, &linked, err) ||
        !privacy_erased(run->attempt->ledger, run->company, ids, count, erased, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct erp_customer customer;
        erp_customer_read(json_at(offer->rows, from + i), &customer);
        run->attempt->counts.read++;
        if (erased[i] || strcmp(customer.number, run->default_number) == 0)
            continue;
        if (!offer->take(offer->state, &customer, linked.items[i], err))
            return false;
    }
    return true;
}

bool customers_writable(const struct customers *run, struct err *err)
{
    return run->shop->allow_writes ||
           err_set(err, ERR_FATAL, 0,
                   "nothing may be written to shop %s; set allow_writes of the shop",
                   run->shop->code);
}

bool customers_offer(struct customers *run, customer_take *take, void *state, struct err *err)
{
    static const char PATH[] = "customers?$select=" BC_CUSTOMER_FIELDS "&$orderby=number";
    __attribute__((cleanup(offer_drop))) struct offer offer = {
        .run = run, .rows = json_new_array(), .take = take, .state = state};
    if (!argument_filter(run->attempt->args, "customer_no", &offer.number, err) ||
        !argument_filter(run->attempt->args, "customer_country", &offer.country, err))
        return false;
    if (!customers_own_country(run, err) ||
        !bc_list(run->attempt, PATH, false, take_row, &offer, err))
        return err_wrap(err, "list customers");
    for (size_t at = 0; at < json_count(offer.rows); at += STORE_PAGE) {
        size_t left = json_count(offer.rows) - at;
        if (!offer_rows(&offer, at, left < STORE_PAGE ? left : STORE_PAGE, err))
            return false;
    }
    return true;
}

enum reason customer_offered(struct customers *run, struct erp_customer *customer,
                             struct arena *arena, struct shopper_target *target, struct buf *detail)
{
    const char **const TEXTS[] = {&customer->id,       &customer->number,   &customer->name,
                                  &customer->address1, &customer->address2, &customer->city,
                                  &customer->county,   &customer->zip,      &customer->country,
                                  &customer->phone,    &customer->email,    &customer->tax_id,
                                  &customer->terms_id};
    for (size_t i = 0; i < COUNT(TEXTS); i++)
        *TEXTS[i] = arena_text(arena, *TEXTS[i]);
    if (customer->blocked)
        return REASON_CUSTOMER_NOT_OFFERED;
    if (!*first_email(customer->email, arena))
        return REASON_CUSTOMER_NO_EMAIL;
    return shopper_target(customer, &run->finder, run->own_country, NULL, arena, target, detail);
}

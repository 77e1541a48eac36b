/* inventory_figures.c - the company's stock, summed over the locations of each place.
 *
 * Read on the primary database, and after orders have been taken in: what is known to be shipped
 * must be off the stock that is read.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "bc/catalogue.h"
#include "operations/inventory_sync.h"

enum { ID = 16 };

struct figure {
    unsigned char item[ID], variant[ID]; /* zero = the item itself */
    uint32_t place;
    struct stock_figures sum;
};
struct stock_table {
    struct figure *rows;
    size_t count, room;
    bool sums_only; /* the level shows no places: an item's sum, no variant */
    const char *filters[STOCK_LOCATIONS];
    size_t places;
};

void stock_table_free(struct stock_table *table)
{
    if (!table)
        return;
    free(table->rows);
    free(table);
}

static void id_of(const char *text, unsigned char out[static ID])
{
    if (!uuid_parse(text, out))
        memset(out, 0, ID);
}

static void add(struct stock_table *table, const char *item, const char *variant, size_t place,
                const struct stock_figures *figures)
{
    enum { FIRST = 256 };
    if (table->count == table->room) {
        size_t room = table->room ? 2 * table->room : FIRST;
        table->rows = mem_grow(table->rows, table->room, room, sizeof *table->rows);
        table->room = room;
    }
    struct figure *row = &table->rows[table->count++];
    id_of(item, row->item);
    id_of(variant, row->variant);
    row->place = (uint32_t)place;
    row->sum = *figures;
}

static int by_key(const void *left, const void *right)
{
    const struct figure *a = left, *b = right;
    int order = memcmp(a->item, b->item, ID);
    if (order == 0)
        order = memcmp(a->variant, b->variant, ID);
    return order ? order : (a->place > b->place) - (a->place < b->place);
}

/* One row a key. */
static void settle(struct stock_table *table)
{
    size_t kept = 0;
    if (table->count > 0)
        qsort(table->rows, table->count, sizeof *table->rows, by_key);
    for (size_t i = 0; i < table->count; i++)
        if (kept > 0 && by_key(&table->rows[kept - 1], &table->rows[i]) == 0)
            stock_figures_add(&table->rows[kept - 1].sum, &table->rows[i].sum);
        else
            table->rows[kept++] = table->rows[i];
    table->count = kept;
}

bool stock_table_at(const struct stock_table *table, const char *item, const char *variant,
                    size_t place, struct stock_figures *out)
{
    struct figure key = {.place = (uint32_t)place};
    id_of(item, key.item);
    id_of(variant, key.variant);
    if (table->sums_only && *variant)
        return false;
    const struct figure *row =
        table->count ? bsearch(&key, table->rows, table->count, sizeof *table->rows, by_key) : NULL;
    *out = row ? row->sum
               : (struct stock_figures){DECIMAL_ZERO, DECIMAL_ZERO, DECIMAL_ZERO, DECIMAL_ZERO};
    return row || !table->sums_only;
}

/* ---- reading ---- */

/* A row of the ERP goes to each place whose filter takes its location. */
static bool take_stock(void *state, const struct bc_stock *stock, struct err *err)
{
    struct stock_table *table = state;
    const struct stock_figures figures = {
        .inventory = stock->inventory,
        .reserved = stock->has_reserved ? stock->reserved : DECIMAL_ZERO,
        .of_shops = stock->has_reserved ? stock->reserved_for_shops : DECIMAL_ZERO,
        .projected = stock->has_projected ? stock->projected : stock->inventory,
    };
    (void)err;
    for (size_t i = 0; i < table->places; i++)
        if (!stock->location_code || bc_filter_takes(table->filters[i], stock->location_code))
            add(table, stock->item_id, stock->variant_id ? stock->variant_id : "", i, &figures);
    return true;
}

static bool sums_fit(const struct inventory *run, struct err *err)
{
    return run->place_count <= 1 ||
           err_set(err, ERR_FATAL, 0,
                   "shop %s keeps stock at %zu locations, and the company's access level shows one "
                   "sum for all; install the app of extension/ there, or set stock_calculations to "
                   "disabled for all locations but one",
                   run->shop->code, run->place_count);
}

bool inventory_figures(struct inventory *run, struct err *err)
{
    struct stock_table *table = run->figures = mem_new(sizeof *table);
    struct bc_stock_want want = {0};
    struct bc_shows shows;
    attempt_progress(run->attempt, "reading stock in Business Central", 0, 0);
    if (!bc_shows(run->attempt, &shows, err))
        return err_wrap(err, "read stock");
    table->sums_only = !shows.stock_places;
    table->places = run->place_count;
    for (size_t i = 0; i < run->place_count; i++) {
        table->filters[i] = run->places[i].filter;
        want.projected = want.projected || run->places[i].calculation == STOCK_PROJECTED;
    }
    if (table->sums_only && !sums_fit(run, err))
        return false;
    if (!bc_stock_each(run->attempt, &want, take_stock, table, err))
        return err_wrap(err, "read stock");
    settle(table);
    return true;
}

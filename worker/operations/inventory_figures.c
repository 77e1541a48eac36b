/* inventory_figures.c - the company's stock, summed over the locations of each place.
 *
 * Read on the primary database, and after orders have been taken in: what is known to be shipped
 * must be off the stock that is read.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "bc/bc.h"
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
    struct filter *filters[STOCK_LOCATIONS];
    size_t places;
};

void stock_table_free(struct stock_table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < table->places; i++)
        filter_free(table->filters[i]);
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
    *out = row ? row->sum : (struct stock_figures){DECIMAL_ZERO, DECIMAL_ZERO, DECIMAL_ZERO};
    return row || !table->sums_only;
}

/* ---- reading ---- */

static bool take_item(void *state, const json *row, struct err *err)
{
    struct stock_table *table = state;
    struct stock_figures figures = {DECIMAL_ZERO, DECIMAL_ZERO, DECIMAL_ZERO};
    (void)err;
    if (strcmp(json_text(row, "type"), "Inventory") == 0 &&
        json_decimal(row, "inventory", &figures.inventory)) {
        figures.projected = figures.inventory;
        add(table, json_text(row, "id"), "", 0, &figures);
    }
    return true;
}

bool inventory_figures(struct inventory *run, struct err *err)
{
    struct stock_table *table = run->figures = mem_new(sizeof *table);
    for (size_t i = 0; i < run->place_count; i++) {
        if (*run->places[i].filter &&
            !filter_parse(run->places[i].filter, FILTER_TEXT, &table->filters[i], err))
            return err_wrap(err, "location_filters of %s", run->places[i].name);
        table->places = i + 1;
    }
    table->sums_only = true;
    attempt_progress(run->attempt, "reading stock in Business Central", 0, 0);
    if (!bc_list(run->attempt, "items?$select=id,type,inventory", true, take_item, table, err))
        return err_wrap(err, "read stock");
    settle(table);
    return true;
}

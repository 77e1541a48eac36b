/* inventory_sync.c - report 30102: what Business Central has becomes Shopify's stock.
 *
 * Idempotency: quantities are set, never adjusted. Each batch stands in Redis with its key before
 * it is sent, and is sent again as it is by whoever takes over; each quantity names the one that it
 * replaces, so a batch that comes late changes nothing (inventory_send.c). Everything else is
 * decided again by each run: there is no cursor.
 *
 * What was last set or read is remembered and corrected by what orders have done since, so a run
 * that finds nothing changed asks Shopify nothing.
 */
#include "operations/inventory_sync.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "attempt_fresh.h"
#include "operations/operations_table.h"

int64_t inventory_now_ms(const struct inventory *run)
{
    return clock_now_ms(run->attempt->clock);
}

bool inventory_flush(struct inventory *run, bool all, struct err *err)
{
    return attempt_flush(run->attempt, run->write, all ? 0 : WRITE_FLUSH_BYTES, err);
}

const char *inventory_gid(struct arena *arena, const char *kind, const char *id)
{
    return arena_printf(arena, "gid://shopify/%s/%s", kind, id);
}

void inventory_add(struct inventory *run, const struct stock_change *change)
{
    enum { FIRST = 64 };
    if (run->change_count == run->change_room) {
        size_t room = run->change_room ? 2 * run->change_room : FIRST;
        run->changes = mem_grow(run->changes, run->change_room, room, sizeof *run->changes);
        run->change_room = room;
    }
    run->changes[run->change_count++] = *change;
}

static void run_drop(struct inventory *run)
{
    write_free(run->write);
    filter_free(run->variants);
    stock_table_free(run->figures);
    stock_drift_free(run->drift);
    brake_free(run->brake);
    free(run->changes);
}

static bool open_arguments(struct inventory *run, struct err *err)
{
    const char *variants = json_text(run->attempt->args, "variant_id_filter");
    run->forced = json_flag(run->attempt->args, "skip_import", false);
    return !*variants || filter_parse(variants, FILTER_NUMBER, &run->variants, err) ||
           err_wrap(err, "variant_id_filter");
}

bool inventory_sync_run(struct attempt *attempt, struct err *err)
{
    const struct shop *shop = attempt->shop;
    if (!shop_ready(attempt, err))
        return false;
    __attribute__((cleanup(run_drop))) struct inventory run = {
        .attempt = attempt,
        .company = attempt->sheet->ticket.company,
        .shop = shop,
        .write = write_new(),
        .quiet = -1,
        .brake =
            brake_new("variants in stock would be set to 0", shop->brake_stock, shop->brake_least),
    };
    if (!open_arguments(&run, err) || !inventory_places(&run, err) ||
        !inventory_resend(&run, err) || !inventory_orders(&run, err))
        return false;
    if (run.place_count == 0)
        return true;
    if (!attempt_last_look(attempt, "stock", &run.last_look_ms, err) ||
        !inventory_figures(&run, err) || !inventory_drift(&run, err) ||
        !inventory_compare(&run, err) || !brake_ask(attempt, &run.brake, 1, err) ||
        !inventory_send(&run, err))
        return false;
    inventory_drift_done(&run);
    return inventory_flush(&run, true, err);
}

/* operations.c - the run functions by name. A row of model/operations without one here runs
 * nowhere. */
#include "operations/operations.h"

#include <string.h>

#include "base/log.h"
#include "ledger/wake.h"
#include "operations/operations_table.h"
#include "store/staging.h"
#include "store/store.h"

static const struct operation_run RUNS[] = {
    {"orders.sync",             orders_sync_run            },
    {"orders.process",          orders_process_run         },
    {"sales-orders.post",       sales_orders_post_run      },
    {"sales-invoices.post",     sales_invoices_post_run    },
    {"payouts.sync",            payouts_sync_run           },
    {"disputes.sync",           disputes_sync_run          },
    {"sync.count",              sync_count_run             },
    {"shipments.sync",          shipments_sync_run         },
    {"inventory.sync",          inventory_sync_run         },
    {"images.sync",             images_sync_run            },
    {"products.sync",           products_sync_run          },
    {"products.add",            products_add_run           },
    {"products.add-variants",   products_add_variants_run  },
    {"doctor.probe",            doctor_probe_run           },
    {"webhooks.check",          webhooks_check_run         },
    {"connect.shopify",         connect_shopify_run        },
    {"connect.bc",              connect_bc_run             },
    {"customers.sync",          customers_sync_run         },
    {"customers.add",           customers_add_run          },
    {"unmapped.suggest",        unmapped_suggest_run       },
    {"companies.add",           companies_add_run          },
    {"companies.add-locations", companies_add_locations_run},
    {"companies.sync",          companies_sync_run         },
    {"catalogs.sync",           catalogs_sync_run          },
    {"catalog-prices.sync",     catalog_prices_sync_run    },
};

const struct operation_run *operation_find(const char *name)
{
    for (size_t i = 0; i < COUNT(RUNS); i++)
        if (strcmp(RUNS[i].name, name) == 0)
            return &RUNS[i];
    return NULL;
}

bool shop_ready(struct attempt *attempt, struct err *err)
{
    const char *code = json_text(attempt->args, "shop");
    if (!attempt->shop)
        return err_set(err, ERR_FATAL, 0,
                       "there is no shop %s; `cartage shop list` shows the shops", code);
    if (!attempt->shop->enabled)
        return err_set(err, ERR_FATAL, 0, "shop %s is not enabled; `cartage shop enable %s`", code,
                       code);
    return true;
}

bool started_by_hand(const struct attempt *attempt)
{
    enum ticket_kind kind = attempt->sheet->ticket.kind;
    return kind == TICKET_IMMEDIATE || kind == TICKET_MANUAL || kind == TICKET_FOREGROUND;
}

bool skip_one(const struct attempt *attempt, struct write *write, const char *id, const char *name,
              enum reason reason, const char *detail, struct err *err)
{
    OWN_TEXT char *key = mem_printf("skip:%s", id);
    const char *const keys[] = {key};
    OWN(store_rows) struct store_rows *rows = NULL;
    struct skip_before before = {"", "", "", 0, 0};
    bool ok = store_read(attempt->ledger, attempt->company->id, keys, 1, SKIP_RECORD, SKIP_FIELDS,
                         &rows, err);
    if (ok)
        before = skip_before_read(rows, 0);
    stage_skip(write, attempt->shop->code, id, name, "", reason, detail, &before);
    return ok;
}

bool or_later(const struct attempt *attempt, const char *event, const struct err *why,
              struct err *err)
{
    if (why->kind == ERR_CANCELLED || why->kind == ERR_THROTTLED) {
        *err = *why;
        return false;
    }
    log_warn(event, TEXT("shop", attempt->shop->code), TEXT("why", why->text));
    return true;
}

bool argument_filter(const json *args, const char *name, struct filter **out, struct err *err)
{
    const char *text = json_text(args, name);
    return !*text || filter_parse(text, FILTER_TEXT, out, err) || err_wrap(err, "%s", name);
}

bool entries_of_shop(const struct attempt *attempt, const char *operation, json **out,
                     struct err *err)
{
    OWN_JSON json *all = NULL;
    if (!ledger_entries_of(attempt->ledger, attempt->company->id, operation, &all, err))
        return false;
    *out = json_new_array();
    for (size_t i = 0; i < json_count(all); i++) {
        json *row = json_at(all, i);
        const char *shop = json_text(json_get(row, "arguments"), "shop");
        if (strcmp(shop, attempt->shop->code) == 0)
            json_add(*out, json_share(row));
    }
    return true;
}

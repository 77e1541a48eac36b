/* catalogs.h - commands that stage a shop's catalogs, and how they are read back; fields and
 * indexes: schemas/staging/catalog.md. */
#ifndef CARTAGE_STORE_CATALOGS_H
#define CARTAGE_STORE_CATALOGS_H

#include "ledger/write.h"
#include "store/store.h"

struct staged_catalog {
    const char *id, *title, *type; /* "company", "market" */
    const char *status;            /* Shopify's word */
    const char *list, *currency;   /* price list, ISO code of its currency; "" = none */
    const char *erp_currency;      /* Business Central's code; "" = the local one */
    const char *publication;       /* "" = all products */
    const char *contexts;          /* "2200000001,2200000002": company locations, or markets */
    bool gone;                     /* no longer at Shopify */
    const char *basis; /* what its prices were last worked out from; "" = they were not */
    int64_t unsure_ms; /* until then a call whose answer was lost may take effect; 0 = none */
};

void stage_catalog(struct write *write, const char *shop, const struct staged_catalog *catalog,
                   int64_t now_ms);
void stage_catalog_gone(struct write *write, const char *shop, const char *id);
/* "" = its prices are to be worked out anew. */
void stage_catalog_basis(struct write *write, const char *shop, const char *id, const char *basis);

/* Before prices are sent; 0 = they are answered. */
void stage_catalog_unsure(struct write *write, const char *shop, const char *id, int64_t until_ms);

/* All of a shop's catalogs; texts live as long as the rows, `*out` is the caller's array of `most`.
 */
enum { CATALOGS_MOST = 10000 };
struct catalog_rows;
MUST_USE bool store_catalogs(struct ledger *ledger, const char *company, const char *shop,
                             struct catalog_rows **out, struct err *err);
size_t catalog_rows_count(const struct catalog_rows *rows);
struct staged_catalog catalog_row(const struct catalog_rows *rows, size_t row);
void catalog_rows_free(struct catalog_rows *rows);
OWNABLE(catalog_rows)

#endif

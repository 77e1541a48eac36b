/* catalogue_room.h - what the catalogue's files share; nobody else includes it. */
#ifndef CARTAGE_BC_CATALOGUE_ROOM_H
#define CARTAGE_BC_CATALOGUE_ROOM_H

#include "bc/catalogue.h"
#include "bc/room.h"
#include "pricing/pricing.h"

/* One row of priceListLines; false = of no use to a price of one piece. */
bool bc_price_line_read(struct arena *arena, const json *row, struct pricing_line *out);

/* " or "-joined equalities for a URL: "id eq a or id eq b". At most BC_IDS_A_CALL of them keep it
 * short enough for every gateway. */
enum { BC_IDS_A_CALL = 20 };
void bc_filter_ids(struct buf *filter, const char *property, const char *const ids[], size_t count);

/* The next reading of changes starts so long before the mark; and the mark that a reading leaves,
 * of the latest time of change that it has seen (catalogue_items.c says why). */
enum { BC_OVERLAP_MS = 5 * 60 * 1000 };
int64_t bc_next_since_ms(int64_t since_ms, int64_t asked_ms, int64_t latest_ms);

/* The name of an option's member as people write it. */
const char *bc_member(struct arena *arena, const char *coded);
enum bc_reference_kind bc_reference_kind(const char *type); /* "Bar Code" */
/* Adds what published pages show; `in_order`: a page of a whole listing, as the server sorts it. */
MUST_USE bool bc_pages_fill(struct attempt *attempt, struct arena *arena,
                            const struct bc_shows *shows, const struct bc_items_want *want,
                            bool in_order, struct bc_item *items, size_t count, struct err *err);
/* Prices these by quotes, to multiples of `step`; each is priced or gets its skip. */
bool bc_quote(struct attempt *attempt, const struct bc_terms *terms, struct decimal step,
              struct bc_price *const prices[], size_t count, struct err *err);

/* The item of one row of items or itemExtras. */
void bc_item_read(struct arena *arena, const struct bc_shows *shows, const json *row,
                  struct bc_item *out);
/* What of an item is asked for: "?$select=...&$expand=...". */
void bc_item_query(const struct bc *bc, const struct bc_shows *shows,
                   const struct bc_items_want *want, struct buf *out);

#endif

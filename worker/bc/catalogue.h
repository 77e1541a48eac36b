/* catalogue.h - the company's items as Business Central offers them: read a page at a time, priced,
 * counted, pictured, and written.
 *
 * Absent is not empty: what the company's level does not show is NULL (texts), has_* = false
 * (figures) or a false flag in `shows`; "" and 0 are what the item's card says. Codes are as
 * Business Central keeps them: trimmed, upper-cased. Ids are SystemIds in lower case. Memory: what
 * a page holds lives until the next page or bc_items_free; everything else lives in the arena of
 * the attempt.
 */
#ifndef CARTAGE_BC_CATALOGUE_H
#define CARTAGE_BC_CATALOGUE_H

#include "bc/bc.h"

/* ---- what the level shows ---- */

struct bc_shows {
    enum bc_level level;
    bool card; /* sales-blocked, weight, sales unit, origin, vendor, tariff, discount group */
    bool variant_blocked; /* of variants */
    bool units;           /* of an item, with their quantities */
    bool references;      /* barcodes and vendors' numbers; else the item's gtin stands for one */
    bool translations, texts, attributes;
    bool price_lists;  /* priced here; else by a quote, else the item card's price */
    bool stock_places; /* stock by location and variant; else one sum of an item */
    bool reservations;
};
MUST_USE bool bc_shows(struct attempt *attempt, struct bc_shows *out, struct err *err);

/* ---- items ---- */

struct bc_unit {
    const char *code;
    struct decimal quantity; /* base units in one of it */
};
enum bc_reference_kind { BC_REFERENCE_BARCODE, BC_REFERENCE_VENDOR, BC_REFERENCE_OTHER };
struct bc_reference {
    enum bc_reference_kind kind;
    const char *variant_code, *unit_code; /* "" = all of them */
    const char *vendor_number;            /* of BC_REFERENCE_VENDOR */
    const char *number;
};
/* A text in the order of the card: an extended text whole (its lines parted by \n), or the
 * marketing text. */
enum bc_text_kind { BC_TEXT_EXTENDED, BC_TEXT_MARKETING };
struct bc_text {
    enum bc_text_kind kind;
    const char *language;  /* Business Central's code, "ENU"; "" = all languages */
    const char *from, *to; /* "2026-08-01", "" = open */
    const char *text;
};
struct bc_translation {
    const char *language, *variant_code, *description;
};
struct bc_attribute {
    const char *variant_code; /* "" = the item's own */
    const char *language;     /* "" = the name and value as they are kept; else their translation */
    const char *name, *value, *unit;
    bool blocked, number; /* an integer or a decimal: its unit follows it */
};
struct bc_variant {
    const char *id, *code, *description, *description2 /* NULL */;
    bool has_blocked, blocked, sales_blocked;
};
struct bc_item {
    const char *id, *number, *description, *description2,
        *type;                                 /* "Inventory" "Service" "Non-Inventory" */
    const char *category_code, *category_name; /* "" = none */
    const char *base_unit, *gtin, *tax_group;
    bool blocked, price_includes_tax;
    struct decimal unit_price, unit_cost; /* local currency, per base unit */
    struct decimal inventory;             /* all locations and variants */
    int64_t changed_ms;                   /* of the item's card alone */
    /* shows.card */
    bool sales_blocked;
    const char *sales_unit, *vendor_number, *vendor_name, *vendor_item_number, *tariff_number,
        *origin, *discount_group; /* NULL = not shown */
    bool has_weight;
    struct decimal gross_weight; /* of a base unit */
    const struct bc_variant *variants;
    const struct bc_unit *units; /* the base unit alone where the level shows no others */
    const struct bc_reference *references;
    const struct bc_text *texts;
    const struct bc_translation *translations;
    const struct bc_attribute *attributes;
    size_t variant_count, unit_count, reference_count, text_count, translation_count,
        attribute_count;
    const struct pricing_line *price_lines; /* for bc_prices */
    size_t price_line_count;
    bool price_lines_read;
    const char *vat_group; /* VAT product posting group; NULL = not shown */
};

struct bc_items_want {
    /* Changed since then (an overlap is added here: repeated items are the caller's to know by
     * their digest), items whose variants, units, references, texts ... changed among them; 0 =
     * all. What is gone, and what only published pages show, does not show as changed: read all of
     * it now and then. */
    int64_t since_ms;
    const char *const *ids; /* these alone (SystemIds); NULL = by since_ms */
    size_t id_count;
    bool primary; /* of ids: what was made or changed just now counts, and none left out is there */
    bool texts, translations, attributes, prices; /* wanted at all; prices: for bc_prices */
    int page;                                     /* items at a time; 0 = 100 */
};
struct bc_items_page {
    const struct bc_item *items;
    size_t count; /* 0 = no more */
};
struct bc_items;
/* Asks nothing yet. */
MUST_USE bool bc_items_open(struct attempt *attempt, const struct bc_items_want *want,
                            struct bc_items **out, struct err *err);
MUST_USE bool bc_items_next(struct bc_items *items, struct bc_items_page *page, struct err *err);
/* After the last page: what since_ms is to be the next time; by their clock, compared with nothing.
 */
int64_t bc_items_seen_ms(const struct bc_items *items);
void bc_items_free(struct bc_items *items);
OWNABLE(bc_items)

/* The one item of that number, or of that barcode (references where shown, else gtin) or vendor's
 * number; NULL = none. *variant_code is the reference's, "" = the item. On the primary. Lives in
 * the attempt's arena. */
enum bc_item_key { BC_ITEM_NUMBER, BC_ITEM_BARCODE, BC_ITEM_VENDOR_NUMBER, BC_ITEM_VARIANT_CODE };
MUST_USE bool bc_item_find(struct attempt *attempt, enum bc_item_key key, const char *text,
                           const struct bc_item **item, const char **variant_code, struct err *err);
/* A row each: id, number, itemCategoryCode, blocked; lists of thousands, where whole items come by
 * the hundred. */
MUST_USE bool bc_items_list(struct attempt *attempt,
                            bool (*row)(void *state, const json *item, struct err *err),
                            void *state, struct err *err);
/* Does any item (id) still exist? exists[i] answers ids[i]; one listing of ids. */
MUST_USE bool bc_items_exist(struct attempt *attempt, const char *const ids[], size_t count,
                             bool exists[], struct err *err);

/* ---- prices ---- */

/* How the shop sells: the settings of its card. */
struct bc_terms {
    const char *date;                                     /* "2026-11-02", the work date */
    const char *currency;                                 /* "" = the local one */
    const char *price_group, *discount_group, *vat_group; /* "" = none */
    const char *customer; /* whose quote may be asked: a customer prepared with the same terms */
    bool line_discounts;  /* allow line discount */
    bool include_vat;     /* prices including VAT */
    bool quantity_breaks; /* what more pieces cost, too, by price lists */
};
enum bc_price_source { BC_PRICE_LISTS, BC_PRICE_QUOTE, BC_PRICE_CARD };
/* Why there is no price: the item or variant is blocked (for sales); the unit is none of the
 * item's; Business Central has refused the quote's line, or would: a rate of VAT is missing. */
enum bc_price_skip { BC_PRICED, BC_PRICE_BLOCKED, BC_PRICE_NO_UNIT, BC_PRICE_REFUSED };
struct bc_price {
    /* question */
    const struct bc_item *item;
    const struct bc_variant *variant; /* NULL = the item itself */
    const char *unit;                 /* "" = the item's sales unit (base unit where not shown) */
    /* answer */
    enum bc_price_skip skip; /* all but BC_PRICED: nothing below */
    enum bc_price_source source;
    struct decimal price, compare_at /* 0 = none above the price */, cost;
    /* of BC_PRICE_LISTS: which lines have made it; NULL = the card's price; no discount */
    const struct pricing_line *line, *discount_line;
    /* likewise, where terms->quantity_breaks: the first of so many */
    const struct pricing_break *breaks;
    size_t break_count;
};
enum { BC_PRICE_BREAKS = 10 }; /* of a variant; Shopify takes no more */
/* Blocked items and variants and units that are none of the item's are skipped here and asked of
 * nobody. Price lists where shown; else, with terms->customer, quotes of 200 lines that are deleted
 * again; else the card's price in the currency of the day. */
MUST_USE bool bc_prices(struct attempt *attempt, const struct bc_terms *terms,
                        struct bc_price *prices, size_t count, struct err *err);
/* The same by quotes alone, whatever the level: Business Central's own word. */
MUST_USE bool bc_prices_by_quote(struct attempt *attempt, const struct bc_terms *terms,
                                 struct bc_price *prices, size_t count, struct err *err);

/* What prices depend on beside the items themselves (rates of exchange and VAT, lines for all items
 * that count that day), as a text that changes with it. ERR_FATAL = there is no exchange rate. */
MUST_USE bool bc_prices_basis(struct attempt *attempt, const struct bc_terms *terms,
                              struct buf *out, struct err *err);
/* The next day from which on, or after which, another of the item's price lines counts; "" = none.
 */
const char *bc_price_turns(const struct bc_item *item, const char *date, bool *after);
MUST_USE bool bc_local_currency(struct attempt *attempt, const char **out, struct err *err);
/* An amount of that currency in the local one, at the day's rate; "" = the local one. */
MUST_USE bool bc_to_local(struct attempt *attempt, const char *currency, const char *date,
                          struct decimal amount, struct decimal *local, struct err *err);

/* ---- stock ---- */

struct bc_location {
    const char *id, *code, *name;
};
MUST_USE bool bc_locations(struct attempt *attempt, const struct bc_location **out, size_t *count,
                           struct err *err);
/* Does Business Central's filter ("EAST|WEST", "A*", "<>OUT&..M", "" = all) take this code? Pure.
 */
bool bc_filter_takes(const char *filter, const char *code);

/* Base units. A row of an item at a place; where the level shows no places (shows.stock_places)
 * variant_id and location_code are NULL and the row is the item's sum. */
struct bc_stock {
    const char *item_id, *variant_id /* "" = no variant */, *location_code /* "" = no location */;
    struct decimal inventory; /* physical */
    bool has_reserved;
    struct decimal reserved;           /* of the inventory, for open documents ... */
    struct decimal reserved_for_shops; /* ... and of that for orders of Shopify; 0 = not shown */
    bool has_projected;
    struct decimal projected; /* projected available balance today */
    struct decimal on_orders; /* open sales orders of any date; with has_projected */
};
struct bc_stock_want {
    const char *const *item_ids; /* NULL = of all items */
    size_t item_count;
    bool projected; /* wanted: at level api it costs a reading of the open orders */
};
/* Rows come in any order, those of one item not together; borrowed for the call. An item without a
 * row has no stock. */
MUST_USE bool bc_stock_each(struct attempt *attempt, const struct bc_stock_want *want,
                            bool (*row)(void *state, const struct bc_stock *stock, struct err *err),
                            void *state, struct err *err);

/* ---- pictures ---- */

struct bc_picture {
    const char *id; /* of the item or the variant */
    bool of_variant;
    /* answer; type "" = no picture */
    const char *item; /* the variant's; of an item its own id */
    int width, height;
    const char *type;   /* "image/jpeg" */
    int64_t changed_ms; /* of the record that it belongs to: a picture moves it, other things too */
};
struct bc_pictures_want {
    bool of_variants; /* else of items */
    /* What may have changed since then, an overlap is added here; 0 = all of them. */
    int64_t since_ms;
    /* Those of these items alone (SystemIds); NULL = by since_ms. */
    const char *const *items;
    size_t item_count;
};
/* What there is, without the bytes: a row for each item or variant, the ones without a picture
 * among them, in any order; borrowed for the call. *seen_ms (may be NULL) is raised to what
 * since_ms is to be the next time; by their clock, compared with nothing. */
MUST_USE bool bc_pictures_each(struct attempt *attempt, const struct bc_pictures_want *want,
                               bool (*row)(void *state, const struct bc_picture *picture,
                                           struct err *err),
                               void *state, int64_t *seen_ms, struct err *err);
/* The bytes; none left in `bytes` = no picture. */
MUST_USE bool bc_picture_read(struct attempt *attempt, const struct bc_picture *picture,
                              struct buf *bytes, struct err *err);
/* Sets it; twice is once. size 0 removes it. */
MUST_USE bool bc_picture_write(struct attempt *attempt, const struct bc_picture *picture,
                               const void *bytes, size_t size, struct err *err);

/* ---- writing ---- */

/* What is to be written; NULL and has_* = false leave alone. */
struct bc_item_draft {
    const char *number; /* NULL = the series decides */
    const char *description, *type, *category_code, *gtin, *base_unit, *tax_group,
        *product_group /* general product posting group */, *inventory_group;
    bool has_price, has_cost;
    struct decimal price, cost;
};
/* Looks by number on the primary, creates, and takes "exists already" for an answer: *made says
 * which. Without a number a lost answer is ERR_UNCERTAIN; asked again with `noted_ms` (when this
 * creation was first noted) it looks for an item of that description made since. */
MUST_USE bool bc_item_create(struct attempt *attempt, const struct bc_item_draft *draft,
                             int64_t noted_ms, const struct bc_item **item, bool *made,
                             struct err *err);
/* Items of this description, those that changed last first, on the primary; in the attempt's arena.
 */
enum { BC_CALLED_MOST = 50 };
struct bc_called {
    const char *id, *number;
};
MUST_USE bool bc_items_called(struct attempt *attempt, const char *description,
                              struct bc_called out[static BC_CALLED_MOST], size_t *count,
                              struct err *err);
MUST_USE bool bc_item_change(struct attempt *attempt, const char *id,
                             const struct bc_item_draft *draft, struct err *err);
/* What of an item's card API v2.0 does not show; NULL leaves alone. Only at level extension: else
 * *kept = false and nothing is done. */
struct bc_card_draft {
    const char *vendor_number, *vendor_item_number, *tariff_number, *origin;
    bool has_weight;
    struct decimal gross_weight;
};
MUST_USE bool bc_item_card_change(struct attempt *attempt, const char *id,
                                  const struct bc_card_draft *draft, bool *kept, struct err *err);
MUST_USE bool bc_variant_create(struct attempt *attempt, const struct bc_item *item,
                                const char *code, const char *description,
                                const struct bc_variant **variant, bool *made, struct err *err);
MUST_USE bool bc_variant_change(struct attempt *attempt, const char *id, const char *description,
                                struct err *err);
/* A unit of measure of the company, made once. */
MUST_USE bool bc_unit_create(struct attempt *attempt, const char *code, const char *name,
                             struct err *err);
/* That unit is one of the item's, once: how many base units are in it nobody has said, so it is 1.
 * Only at level extension: else *kept = false and nothing is done. */
MUST_USE bool bc_item_unit_add(struct attempt *attempt, const struct bc_item *item,
                               const char *code, bool *kept, struct err *err);
/* Adds a barcode or a vendor's number to an item, once; only where references are shown, else *kept
 * = false and nothing is done (an item's own barcode goes into its gtin). */
MUST_USE bool bc_reference_add(struct attempt *attempt, const struct bc_item *item,
                               const struct bc_reference *reference, bool *kept, struct err *err);

#endif

/* cues.h - what the files about cues share: the table of cues, shops to look at, rows and actions.
 *
 * A cue counts records that a person can do something about, and has a list of them. A list may be
 * no cue: nobody has to do anything about what stands in it. Cues of tasks that do not exist yet
 * are no rows of the table: a zero nobody counted would look green.
 */
#ifndef CARTAGE_ADMIN_CUES_H
#define CARTAGE_ADMIN_CUES_H

#include "admin/call.h"
#include "ledger/failed.h"
#include "model/reasons.h"
#include "store/lists.h"

/* ---- the table ---- */

enum cue_kind { /* of records, which decides how a row reads and which groups there are */
                CUE_CUSTOMERS,
                CUE_PRODUCTS,
                CUE_COMPANIES,
                CUE_ORDERS,
                CUE_UPDATES,
                CUE_DIFFERENCES,
                CUE_SHIPMENTS_DUE,
                CUE_SHIPMENTS_FAILED,
                CUE_SKIPS,
                CUE_ENTRIES,
                CUE_LEFT, /* no cue: what needs nobody */
};
struct cue {
    const char *name, *title;
    enum cue_kind kind;
    const char *list;     /* of staged data, of a shop; NULL = none */
    const char *original; /* what the connector counts beside it; a list that starts with '=' is
                             all it counts. NULL = the same */
    int64_t yellow_from, red_from;
};
enum { CUE_NEVER = 1 << 30 };
extern const struct cue CUES[]; /* the last row has no name */
const struct cue *cue_by_name(const char *name);
/* Whether it counts records without a partner, and of which kind. */
bool cue_maps(const struct cue *cue, enum mapping *out);

/* ---- shops to look at ---- */

struct scope { /* one shop of one company; code "" = what belongs to no shop */
    const char *company, *code;
    const json *settings; /* of the shop; NULL for no shop */
    bool alone;           /* there is no other company */
    const char *name;     /* the company's */
    json *runs;           /* actions that many rows offer, by their operation: made once */
};
struct scopes {
    struct scope *items; /* by company, then by code */
    size_t count;
    json *trees; /* what they borrow from: all settings of each company, by its GUID */
};
void scopes_drop(struct scopes *scopes);
#define OWN_SCOPES __attribute__((cleanup(scopes_drop)))
/* Of the company and the shop that the query names, or all; each company's last is code "". */
MUST_USE bool scopes_read(struct api_call *call, struct scopes *out, struct err *err);

/* ---- groups ---- */

struct group {
    const char *code, *text; /* a reason, a word; for people */
    char key[48];            /* what the query `reason` takes */
    char list[96];           /* its list of staged data; "" = what stands in no other group */
    int64_t count;
};
enum { GROUPS_MOST = 96 };
struct groups {
    struct group items[GROUPS_MOST];
    size_t count;
    int64_t total;
};
/* The groups of a cue in one shop that anything stands in. */
MUST_USE bool groups_read(struct api_call *call, const struct cue *cue, const struct scope *scope,
                          struct groups *out, struct err *err);
const struct group *group_by_key(const struct groups *groups, const char *key);
/* Of entries that failed: what their shop is now says what is to be done. */
const char *failed_code(const struct scope *scope);

/* ---- rows ---- */

/* Rows of a page as the API gives them, in its order; what is gone meanwhile is left out. */
MUST_USE bool rows_read(struct api_call *call, const struct cue *cue, const struct scope *scope,
                        const struct list_page *page, json *rows, struct err *err);
/* The same of entries whose latest run failed. */
json *row_of_entry(const struct scope *scope, const json *entry);
/* In a group's list a shipment stands by its skip, "shipment-ID", in the cue's by its id. */
const char *shipment_of(const char *id);

/* ---- actions: what may be done about a row, or a group (NULL = nothing) ---- */

json *action_of_group(const struct cue *cue, const struct scope *scope, const struct group *group);
void actions_of_row(const struct cue *cue, const struct scope *scope, json *row);
const char *word_of_text(const char *code); /* of groups that are no reasons; "" = unknown */

#endif

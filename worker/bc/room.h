/* room.h - what the files of this room share; nobody else includes it. */
#ifndef CARTAGE_BC_ROOM_H
#define CARTAGE_BC_ROOM_H

#include "attempt_credential.h"
#include "bc/bc.h"
#include "bc/metadata.h"

struct bc {
    struct attempt *attempt;
    char *origin;          /* "https://api.businesscentral.dynamics.com" */
    char *roots[BC_ROOTS]; /* their paths: "/v2.0/<tenant>/<environment>/api/v2.0" */
    char *below[BC_ROOTS]; /* and the company's: "/companies(<id>)/" */
    char *tenant;          /* value of ?tenant= (on-premises), NULL = none */
    char *grant_url, *token_name;
    char *seats; /* the limiter's name for this credential */
    struct credential credential;
    char *token;                     /* secret */
    char *auth_header;               /* secret */
    const struct metadata *metadata; /* the process's */
    char *company_name;
    char language_header[48];         /* of its messages; its codes are the same in all */
    struct bc_price_room *price_room; /* catalogue_prices.c's, of the attempt's arena */
    bool level_recalled;              /* what it offers was not looked at by this attempt itself */
};

/* One that knows its addresses and its credential, and has asked nothing yet; and its being the
 * attempt's from then on. */
MUST_USE bool bc_bare(struct attempt *attempt, struct bc **out, struct err *err);
void bc_keep(struct bc *bc);
void bc_free(void *bc);

/* Set once when opened: the addresses first, then the names, which want the credential. */
void bc_set_addresses(struct bc *bc, const struct company *company);
void bc_set_names(struct bc *bc, const struct company *company);
/* The header that says who we are; `refused` = the one it has is no longer taken. */
MUST_USE bool bc_token(struct bc *bc, bool refused, struct err *err);
/* The whole URL of a call's path. */
char *bc_url(const struct bc *bc, enum bc_root root, const char *path);
/* The path below the API's root of an absolute nextLink: scheme, host and port are not followed. */
MUST_USE bool bc_next_path(const char *root, const char *next_link, char **out, struct err *err);
/* bc_list_at with pages of that many rows; `date_ms` (may be NULL) = the first answer's. */
MUST_USE bool bc_list_pages(struct attempt *attempt, enum bc_root root, const char *path, int page,
                            bool primary,
                            bool (*row)(void *state, const json *entity, struct err *err),
                            void *state, int64_t *date_ms, struct err *err);
/* Calls of a bc that knows its token but perhaps not its company yet. */
MUST_USE bool bc_run(struct bc *bc, struct bc_call *calls, size_t count, struct err *err);
/* A whole set of another root than the API's is not there: the level is looked at anew when next
 * asked. True = this attempt went by what an earlier one saw, so that the call may work after all,
 * at the level that there is now. */
bool bc_level_forget(struct bc *bc);
/* Fills company_name and metadata: from this process's memory, else from the server. */
MUST_USE bool bc_discover(struct bc *bc, const char *company_id, struct err *err);

#endif

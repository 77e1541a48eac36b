/* definitions.h - an entry's definition out of a JSON body, checked. */
#ifndef CARTAGE_ADMIN_DEFINITIONS_H
#define CARTAGE_ADMIN_DEFINITIONS_H

#include "admin/call.h"
#include "model/operations.h"

enum { CATEGORY_MAX = 20, CATEGORY_TEXT = CATEGORY_MAX + 1 };
/* A category's name as it is stored, in upper case; "-" is none. ERR_FATAL, code 400. */
MUST_USE bool category_read(const char *text, char out[static CATEGORY_TEXT], struct err *err);

struct wanted { /* texts of the definition live here */
    struct entry_definition definition;
    const struct operation *operation;
    struct buf arguments;
    char shop[24]; /* "" = none */
    bool starts;   /* the body says when; otherwise a second call does not move it */
};
void wanted_drop(struct wanted *wanted);
#define OWN_WANTED __attribute__((cleanup(wanted_drop)))

/* The operation a body names, by name or report number. */
MUST_USE bool wanted_operation(const json *body, const struct operation **out, struct err *err);
/* Operation and arguments of a body; `shop` beside them counts as an argument. */
MUST_USE bool wanted_arguments(const json *body, struct wanted *out, struct err *err);
/* The whole definition of a body of POST /v1/entries. */
MUST_USE bool wanted_read(const json *body, const char *company, struct wanted *out,
                          struct err *err);
/* The definition that an entry has, as the ledger answers it; `body` receives what its texts live
 * in. ERR_FATAL, code 409, where it cannot be said in this form. */
MUST_USE bool wanted_of(const json *entry, json **body, struct wanted *out, struct err *err);
/* ledger_entry by id, or by the name it was applied with. */
MUST_USE bool entry_named(struct ledger *ledger, const char *company, const char *id, json **out,
                          struct err *err);
/* Does an entry, as the ledger answers it, stand as wanted? */
bool wanted_stands(const struct wanted *wanted, const json *entry);

/* ERR_FATAL, code 400, naming the field that `what` ("an entry") has not, and one like it. */
MUST_USE bool fields_known(const json *body, const char *what, const char *const known[],
                           size_t count, struct err *err);

#endif

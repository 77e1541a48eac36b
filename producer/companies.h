/* companies.h - which company, entry or shop somebody means. Of the API and of events. */
#ifndef CARTAGE_COMPANIES_H
#define CARTAGE_COMPANIES_H

#include "ledger/commands.h"

/* Checks that are asked for before there is any company have runs and a log of this one. */
#define COMPANY_NONE "00000000-0000-0000-0000-000000000000"

/* By GUID (known or not) or by name; ERR_FATAL 404 names it. */
MUST_USE bool company_named(struct ledger *ledger, const char *text, char out[static UUID_TEXT],
                            struct err *err);
/* An entry's id from its id, or from the name it was applied with in this company ("" = only an id
 * will do). */
bool entry_id(const char *company, const char *text, char out[static UUID_TEXT]);
/* An entry of this company by id, or by the name it was applied with. */
MUST_USE bool entry_read(struct ledger *ledger, const char *company, const char *id, json **out,
                         struct err *err);
/* A shop's settings; ERR_FATAL 404 names the shop and the company. Its company is added as a field.
 */
MUST_USE bool shop_read(struct ledger *ledger, const char *company, const char *code, json **out,
                        struct err *err);

#endif

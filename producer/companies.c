/* companies.c - names to what they mean. */
#include "companies.h"

#include <stdio.h>
#include <strings.h>

enum { NOT_FOUND = 404 };

bool company_named(struct ledger *ledger, const char *text, char out[static UUID_TEXT],
                   struct err *err)
{
    unsigned char bytes[16];
    if (uuid_parse(text, bytes)) {
        uuid_format(bytes, out);
        return true;
    }
    OWN_JSON json *companies = NULL;
    if (!ledger_companies(ledger, &companies, err))
        return false;
    for (size_t i = 0; i < json_count(companies); i++) {
        const char *id = json_string(json_at(companies, i));
        OWN_JSON json *settings = NULL;
        if (!ledger_settings_get(ledger, id, "company", &settings, err))
            return false;
        if (strcasecmp(json_text(settings, "name"), text) == 0) {
            snprintf(out, UUID_TEXT, "%s", id);
            return true;
        }
    }
    return err_set(
        err, ERR_FATAL, NOT_FOUND,
        "company \"%s\" is not known here; `cartage company list` shows those that are, and a "
        "new one is named by its GUID",
        text);
}

bool entry_id(const char *company, const char *text, char out[static UUID_TEXT])
{
    unsigned char bytes[16];
    if (uuid_parse(text, bytes)) {
        uuid_format(bytes, out);
        return true;
    }
    OWN_TEXT char *full = mem_printf("%s/%s", company, text);
    uuid_from_name(full, out);
    return *company != 0;
}

bool entry_read(struct ledger *ledger, const char *company, const char *id, json **out,
                struct err *err)
{
    char known[UUID_TEXT];
    entry_id(company, id, known);
    return ledger_entry(ledger, company, known, out, err);
}

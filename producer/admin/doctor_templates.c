/* doctor_templates.c - the template rules of Business Central's page "API Setup".
 *
 * No access level shows them. So they are judged by what they do: a customer that was made without
 * one has no posting groups, and Business Central refuses his first order by name.
 */
#include <inttypes.h>
#include <string.h>

#include "admin/doctor.h"
#include "ledger/commands.h"
#include "model/needs.h"
#include "store/lists.h"

enum { SKIPS_READ = 500, ROWS_MOST = 5 };
static const char REFUSAL[] = "Posting Group must have a value in Customer";

static void waits(struct doctor *doctor, const char *shop, const json *skip)
{
    const struct template_need *need = &TEMPLATE_NEEDS[0];
    json *row = doctor_add(doctor, "bc.templates", CHECK_BAD, "shop %s: order %s waits: %.300s",
                           shop, json_text(skip, "record"), json_text(skip, "detail"));
    json_set_text(doctor_values(row), "shop", shop);
    json_set_text(doctor_values(row), "order", json_text(skip, "record"));
    json_set_text(doctor_values(row), "error", json_text(skip, "detail"));
    doctor_advise(row,
                  "On the page API Setup of Business Central give table %s a rule with a "
                  "configuration template that sets %s. Fill them in at the customer that is "
                  "named here, too, then process the orders again.",
                  need->table, need->fields);
    doctor_command(row, "Process again", "cartage sync orders.process --shop %s", shop);
}

static bool look(struct doctor *doctor, const char *company, const char *shop, size_t *count,
                 struct err *err)
{
    OWN_JSON json *skips = NULL;
    if (!store_skips(doctor->ledger, company, shop, NULL, SKIPS_READ, &skips, NULL, err))
        return false;
    for (size_t i = 0; i < json_count(skips); i++) {
        if (!strstr(json_text(json_at(skips, i), "detail"), REFUSAL))
            continue;
        if ((*count)++ < ROWS_MOST)
            waits(doctor, shop, json_at(skips, i));
    }
    return true;
}

static bool look_at_company(struct doctor *doctor, const char *company, size_t *makers,
                            size_t *count, struct err *err)
{
    OWN_JSON json *settings = NULL;
    const char *field;
    json *child;
    if (!ledger_settings_all(doctor->ledger, company, &settings, err))
        return false;
    JSON_EACH(field, child, settings)
    {
        if (strncmp(field, "shop:", 5) != 0 || !json_flag(child, "auto_create_customers", false))
            continue;
        ++*makers;
        if (!look(doctor, company, json_text(child, "code"), count, err))
            return false;
    }
    return true;
}

void doctor_templates(struct doctor *doctor)
{
    OWN_JSON json *companies = NULL;
    struct err err = {0};
    size_t makers = 0, count = 0;
    bool good = ledger_companies(doctor->ledger, &companies, &err);
    for (size_t i = 0; good && i < json_count(companies); i++)
        good = look_at_company(doctor, json_string(json_at(companies, i)), &makers, &count, &err);
    if (!good) {
        doctor_unseen(doctor, "bc.templates", &err);
        return;
    }
    if (count)
        return;
    json *row = doctor_add(doctor, "bc.templates", CHECK_OK,
                           makers ? "no order waits because its new customer has no posting groups"
                                  : "no shop makes customers, so no template rule is needed");
    json_set_int(doctor_values(row), "shops", (int64_t)makers);
}

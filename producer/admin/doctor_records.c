/* doctor_records.c - what people have stored: credentials that are named and there, entries that
 * rest.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/doctor.h"
#include "base/secret.h"
#include "ledger/commands.h"

/* ---- credentials ---- */

static void missing(struct doctor *doctor, const char *name, const char *who)
{
    json *row = doctor_add(doctor, "credentials", CHECK_BAD,
                           *name ? "%s names credential %s, which is not stored"
                                 : "%s names no credential%s",
                           who, name);
    json_set_text(doctor_values(row), "credential", name);
    json_set_text(doctor_values(row), "of", who);
    if (!*name)
        doctor_case(row, "none");
    doctor_advise(row,
                  "Store it under that name in the apply file (cartage apply), or name another "
                  "one there.");
}

/* What is sealed must open with the key that this producer was given; workers share it. */
static bool opens(const json *credential, struct err *err)
{
    static const char *const FIELDS[] = {"client_secret", "token", "key", "webhook_secret",
                                         "previous_secret"};
    for (size_t i = 0; i < COUNT(FIELDS); i++) {
        const char *sealed = json_text(json_get(credential, FIELDS[i]), "sealed");
        OWN_SECRET char *opened = NULL;
        if (*sealed && !secret_resolve("sealed", sealed, &opened, err))
            return false;
    }
    return true;
}

static bool look(struct doctor *doctor, const json *stored, const char *name, const char *who)
{
    struct err err = {0};
    const json *credential = json_get(stored, name);
    if (!credential) {
        missing(doctor, name, who);
        return false;
    }
    if (opens(credential, &err))
        return true;
    json *row =
        doctor_add(doctor, "credentials", CHECK_BAD,
                   "credential %s of %s is sealed and does not open: %s", name, who, err.text);
    json_set_text(doctor_values(row), "credential", name);
    json_set_text(doctor_values(row), "of", who);
    doctor_case(row, "sealed");
    doctor_advise(row, "Give every producer and worker the key file that it was sealed with "
                       "(--seal-key-file), or store its secret again.");
    return false;
}

static bool look_at_company(struct doctor *doctor, const json *stored, const char *company,
                            size_t *good, size_t *all, struct err *err)
{
    OWN_JSON json *settings = NULL;
    const char *field;
    json *child;
    char who[160];
    if (!ledger_settings_all(doctor->ledger, company, &settings, err))
        return false;
    JSON_EACH(field, child, settings)
    {
        bool shop = strncmp(field, "shop:", 5) == 0;
        if (!shop && strcmp(field, "company") != 0)
            continue;
        snprintf(who, sizeof who, "%s %.100s", shop ? "shop" : "company",
                 json_text(child, shop ? "code" : "name"));
        ++*all;
        *good += look(doctor, stored, json_text(child, shop ? "credential" : "bc_credential"), who);
    }
    return true;
}

void doctor_credentials(struct doctor *doctor)
{
    OWN_JSON json *companies = NULL, *stored = NULL;
    struct err err = {0};
    size_t good = 0, all = 0;
    bool seen = ledger_credentials(doctor->ledger, &stored, &err) &&
                ledger_companies(doctor->ledger, &companies, &err);
    for (size_t i = 0; seen && i < json_count(companies); i++)
        seen =
            look_at_company(doctor, stored, json_string(json_at(companies, i)), &good, &all, &err);
    if (!seen) {
        doctor_unseen(doctor, "credentials", &err);
        return;
    }
    if (good < all)
        return;
    json *row = doctor_add(doctor, "credentials", CHECK_OK,
                           "the credentials of all %zu companies and shops are stored%s", all,
                           all ? ", and what is sealed opens" : "");
    json_set_int(doctor_values(row), "count", (int64_t)all);
}

/* ---- entries ---- */

enum { ROWS_MOST = 20 };

static void rests(struct doctor *doctor, const json *entry, bool failed)
{
    const char *id = json_text(entry, "id"), *name = json_text(entry, "description");
    json *row = doctor_add(doctor, "entries", failed ? CHECK_BAD : CHECK_WARN,
                           failed ? "entry %s (%s) is in error and does not run: %.300s"
                                  : "entry %s (%s) is on hold and does not run%.0s",
                           name, json_text(entry, "operation"), json_text(entry, "error"));
    json_set_text(doctor_values(row), "entry", id);
    json_set_text(doctor_values(row), "name", name);
    json_set_text(doctor_values(row), "operation", json_text(entry, "operation"));
    json_set_text(doctor_values(row), "error", json_text(entry, "error"));
    OWN_TEXT char *path = mem_printf("/v1/entries/%s/%s", id, failed ? "restart" : "ready");
    doctor_advise(row, failed ? "Do what its error says, then restart it."
                              : "Make it ready, or delete it where nobody needs it.");
    doctor_call(row, failed ? "Restart it" : "Make it ready", "POST", path, NULL);
    OWN_TEXT char *command = mem_printf("cartage entry %s %s", failed ? "restart" : "ready", id);
    json_set_text(json_at(json_get(row, "actions"), 0), "command", command);
}

void doctor_entries(struct doctor *doctor)
{
    OWN_JSON json *companies = NULL;
    struct err err = {0};
    size_t resting = 0;
    bool good = ledger_companies(doctor->ledger, &companies, &err);
    for (size_t i = 0; good && i < json_count(companies); i++) {
        OWN_JSON json *entries = NULL;
        good = ledger_resting(doctor->ledger, json_string(json_at(companies, i)), &entries, &err);
        for (size_t k = 0; good && k < json_count(entries); k++) {
            const char *status = json_text(json_at(entries, k), "status");
            bool failed = strcmp(status, "Error") == 0;
            if (!failed && strncmp(status, "On Hold", 7) != 0)
                continue;
            if (resting++ < ROWS_MOST)
                rests(doctor, json_at(entries, k), failed);
        }
    }
    if (!good) {
        doctor_unseen(doctor, "entries", &err);
        return;
    }
    if (resting)
        return;
    doctor_add(doctor, "entries", CHECK_OK, "no entry is on hold or in error");
}

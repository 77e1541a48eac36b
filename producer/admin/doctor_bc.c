/* doctor_bc.c - what was found on the way to a company of Business Central, and what to do about
 * it: address, token, the app's registration, company, access level, permissions per operation.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/doctor_peers.h"
#include "model/needs.h"

static json *found(const struct peer *peer, const char *code, enum check_state state,
                   const char *text)
{
    json *row = doctor_add(peer->doctor, code, state, "%s%s%s", peer->label,
                           *peer->label ? ": " : "", text);
    if (*peer->company)
        json_set_text(doctor_values(row), "company", peer->company);
    json_set_text(doctor_values(row), "address", json_text(peer->facts, "address"));
    return row;
}

/* ---- a step that failed ---- */

struct step {
    const char *step, *code, *advice;
};
static const struct step STEPS[] = {
    {"credential",  "bc.credential",
     "Store the credential that the company names, in the apply file or with `cartage connect bc`; "
     "a secret by env or file must be known where workers run."                                   },
    {"address",     "bc.address",
     "Set bc_origin of the company: https://api.businesscentral.dynamics.com in Microsoft's cloud, "
     "https://HOST:7048 with bc_instance for a server of your own; let workers reach it."         },
    {"token",       "bc.token",
     "Look at the app registration in Entra: tenant, client id, and a client secret that has not "
     "ended. Store the credential again, and check again."                                        },
    {"access",      "bc.access",
     "In Business Central, on the page Microsoft Entra Applications, add the client id, set its "
     "state to Enabled and give it the permission sets of docs/getting-started.md; in Entra grant "
     "API.ReadWrite.All with admin consent. On a server of your own: user and web service access "
     "key."                                                                                       },
    {"environment", "bc.environment",
     "Set bc_environment (or bc_instance) of the company to the name that the admin center shows."},
    {"companies",   "bc.companies",   "Do what the error says, then check again."                 },
    {"company",     "bc.company",     ""                                                          },
    {"metadata",    "bc.metadata",
     "On a server of your own: turn on API services and OData services of the instance. Then check "
     "again."                                                                                     },
    {"level",       "bc.level",       "Do what the error says, then check again."                 },
    {"sets",        "bc.permissions", "Do what the error says, then check again."                 },
};

static void advise_company(const struct peer *peer, json *row)
{
    OWN_BUF struct buf list = {0};
    const json *companies = json_get(peer->facts, "companies");
    for (size_t i = 0; i < json_count(companies) && i < 10; i++)
        buf_printf(&list, "%s%s %s", i ? ", " : "", json_text(json_at(companies, i), "id"),
                   json_text(json_at(companies, i), "name"));
    json_set(doctor_values(row), "companies", json_copy(companies));
    doctor_advise(row, "Set bc_company of the company to one of these: %s.",
                  list.size ? buf_str(&list) : "none, which the app is not let see");
}

static bool failed(const struct peer *peer)
{
    const char *step = json_text(peer->facts, "step");
    for (size_t i = 0; i < COUNT(STEPS); i++) {
        if (strcmp(STEPS[i].step, step) != 0)
            continue;
        json *row = found(peer, STEPS[i].code, CHECK_BAD, json_text(peer->facts, "error"));
        json_set_text(doctor_values(row), "error", json_text(peer->facts, "error"));
        if (strcmp(step, "company") == 0)
            advise_company(peer, row);
        else
            doctor_advise(row, "%s", STEPS[i].advice);
        doctor_ask_again(peer, row);
        return true;
    }
    return false;
}

/* ---- what is well ---- */

static void token(const struct peer *peer)
{
    char text[240];
    int64_t left_ms = json_int(peer->facts, "token_left_ms", 0);
    const json *company = json_get(peer->facts, "company");
    snprintf(text, sizeof text, "credential %.60s is accepted%s",
             json_text(peer->facts, "credential"), left_ms ? "" : "; it has no token that ends");
    if (left_ms)
        snprintf(text + strlen(text), sizeof text - strlen(text),
                 "; its token lives %" PRId64 " minutes more and is renewed by itself",
                 left_ms / 60000);
    json *row = found(peer, "bc.token", CHECK_OK, text);
    json_set_text(doctor_values(row), "credential", json_text(peer->facts, "credential"));
    json_set_int(doctor_values(row), "left_ms", left_ms);
    snprintf(text, sizeof text, "company %.80s is there, version %.40s", json_text(company, "name"),
             json_text(company, "version"));
    row = found(peer, "bc.company", CHECK_OK, text);
    json_set_text(doctor_values(row), "name", json_text(company, "name"));
    json_set_text(doctor_values(row), "version", json_text(company, "version"));
}

/* ---- level ---- */

static bool wants(const struct peer *peer, const struct level_feature *feature,
                  char shop[static 32], char setting[static SETTING_NAME])
{
    const char *field;
    json *settings;
    JSON_EACH(field, settings, peer->shops)
    {
        const struct shop *parsed = NULL;
        struct err ignored = {0};
        OWN(arena) struct arena *arena = arena_new();
        if (!settings_shop_parse(json_write(settings), arena, &parsed, &ignored))
            continue;
        snprintf(shop, 32, "%s", parsed->code);
        if (level_wanted(feature, parsed, setting))
            return true;
    }
    return false;
}

static void missing_of(const char *level, struct buf *out)
{
    for (size_t i = 0; i < LEVEL_FEATURE_COUNT; i++)
        if (!level_carries(&LEVEL_FEATURES[i], level))
            buf_printf(out, "%s%s", out->size ? "; " : "", LEVEL_FEATURES[i].feature);
}

static void level(const struct peer *peer)
{
    OWN_BUF struct buf missing = {0};
    char text[1400], shop[32], setting[SETTING_NAME];
    const char *name = json_text(peer->facts, "level");
    size_t wanted = 0;
    for (size_t i = 0; i < LEVEL_FEATURE_COUNT; i++) {
        const struct level_feature *feature = &LEVEL_FEATURES[i];
        if (level_carries(feature, name) || !wants(peer, feature, shop, setting))
            continue;
        snprintf(text, sizeof text, "shop %s sets %s, which access level %s does not carry: %s",
                 shop, setting, name, feature->feature);
        json *row = found(peer, "bc.level", CHECK_BAD, text);
        json_set_text(doctor_values(row), "level", name);
        json_set_text(doctor_values(row), "shop", shop);
        json_set_text(doctor_values(row), "setting", setting);
        doctor_advise(row,
                      "Install the app in extension/ in this company, or take %s off the shop.",
                      setting);
        doctor_ask_again(peer, row);
        wanted++;
    }
    if (wanted)
        return;
    missing_of(name, &missing);
    snprintf(text, sizeof text, "access level %s; not there: %.1200s%s", name, buf_str(&missing),
             strcmp(name, "odata-page") == 0 ? ". Microsoft ends published pages with version 30"
                                             : "");
    json *row =
        found(peer, "bc.level", strcmp(name, "odata-page") == 0 ? CHECK_WARN : CHECK_OK, text);
    json_set_text(doctor_values(row), "level", name);
    if (strcmp(name, "odata-page") == 0)
        doctor_advise(row, "Install the app in extension/ before Business Central is upgraded to "
                           "version 30.");
}

/* ---- permissions ---- */

static bool any_shop_wants(const struct peer *peer, const char *setting)
{
    const struct level_feature one = {.settings = setting};
    char shop[32], name[48];
    return !setting || wants(peer, &one, shop, name);
}

static void permissions(const struct peer *peer)
{
    const json *sets = json_get(peer->facts, "sets");
    char text[700];
    size_t missing = 0;
    for (size_t i = 0; i < PERMISSION_NEED_COUNT; i++) {
        const struct permission_need *need = &PERMISSION_NEEDS[i];
        const char *why = json_text(sets, need->set);
        if (!*why || !any_shop_wants(peer, need->setting))
            continue;
        snprintf(text, sizeof text, "%s may not read %s: %.300s", need->operation, need->set, why);
        json *row = found(peer, "bc.permissions", CHECK_BAD, text);
        json_set_text(doctor_values(row), "operation", need->operation);
        json_set_text(doctor_values(row), "set", need->set);
        json_set_text(doctor_values(row), "tables", need->tables);
        json_set_text(doctor_values(row), "within", need->within);
        json_set_text(doctor_values(row), "error", why);
        doctor_advise(row,
                      "On the page Microsoft Entra Applications (or the user's card) give the "
                      "client a permission set with %s of %s: %s holds them. Then check again.",
                      need->rights, need->tables, need->within);
        doctor_ask_again(peer, row);
        missing++;
    }
    if (missing)
        return;
    json *row =
        found(peer, "bc.permissions", CHECK_OK,
              "all that the tasks ask may be read; rights to write show at the first write");
    json_set_int(doctor_values(row), "sets", (int64_t)PERMISSION_NEED_COUNT);
}

void doctor_bc(const struct peer *peer)
{
    peer_clock(peer, "Business Central");
    if (failed(peer))
        return;
    if (strcmp(json_text(peer->facts, "step"), "done") != 0)
        return;
    token(peer);
    level(peer);
    permissions(peer);
}

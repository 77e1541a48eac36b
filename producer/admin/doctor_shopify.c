/* doctor_shopify.c - what was found on the way to a store, and what to do about it: address, token,
 * API version, scopes per operation, clock.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/doctor_peers.h"
#include "model/needs.h"
#include "model/operations.h"

enum { SCOPES_MOST = 128, ENDS_SOON_DAYS = 30 };
#define DAY_MS 86400000LL

static const char *const STEPS[] = {"credential", "address",  "token", "version",
                                    "store",      "versions", "done"};

static int step_of(const json *facts)
{
    const char *step = json_text(facts, "step");
    for (size_t i = 0; i < COUNT(STEPS); i++)
        if (strcmp(STEPS[i], step) == 0)
            return (int)i;
    return -1;
}

enum { AT_CREDENTIAL, AT_ADDRESS, AT_TOKEN, AT_VERSION, AT_STORE, AT_VERSIONS, AT_DONE };

static void fields(const struct peer *peer, json *row)
{
    json_set_text(doctor_values(row), "store", json_text(peer->facts, "store"));
    if (*peer->shop)
        json_set_text(doctor_values(row), "shop", peer->shop);
    if (*peer->company)
        json_set_text(doctor_values(row), "company", peer->company);
}

static json *found(const struct peer *peer, const char *code, enum check_state state,
                   const char *text)
{
    json *row = doctor_add(peer->doctor, code, state, "%s%s%s", peer->label,
                           *peer->label ? ": " : "", text);
    fields(peer, row);
    return row;
}

/* ---- who and where ---- */

static void broken_step(const struct peer *peer, int step)
{
    static const char *const CODES[] = {"shopify.credential", "shopify.address",
                                        "shopify.token",      "shopify.version",
                                        "shopify.store",      "shopify.versions"};
    static const char *const ADVICE[] = {
        "Store the credential that the shop names, in the apply file or with `cartage connect "
        "shopify`; a secret by env or file must be known where workers run.",
        "Write the store as NAME.myshopify.com, as its address line shows in the admin, and let "
        "workers reach it by HTTPS.",
        "Look at the app in Shopify's Dev Dashboard: it must be installed in this store, of your "
        "own "
        "organisation; copy its client id and secret anew, store the credential again, and check "
        "again.",
        "",
        "Do what the error says, then check again.",
        "Check again; where it stays, Shopify's status page knows more.",
    };
    const char *error = json_text(peer->facts, "error");
    json *row = found(peer, CODES[step], CHECK_BAD, error);
    json_set_text(doctor_values(row), "error", error);
    doctor_advise(row, "%s", ADVICE[step]);
    doctor_ask_again(peer, row);
}

static void token(const struct peer *peer)
{
    char text[200];
    int64_t left_ms = json_int(peer->facts, "token_left_ms", 0);
    const char *kind = json_text(peer->facts, "credential_kind");
    if (left_ms)
        snprintf(text, sizeof text,
                 "credential %.60s is accepted; its token lives %" PRId64
                 " minutes more and is renewed by itself",
                 json_text(peer->facts, "credential"), left_ms / 60000);
    else
        snprintf(text, sizeof text, "credential %.60s is accepted%s",
                 json_text(peer->facts, "credential"),
                 strcmp(kind, "shopify-token") == 0 ? "; its token does not end" : "");
    json *row = found(peer, "shopify.token", CHECK_OK, text);
    json_set_text(doctor_values(row), "credential", json_text(peer->facts, "credential"));
    json_set_int(doctor_values(row), "left_ms", left_ms);
}

/* ---- version ---- */

static bool is_supported(const json *versions, const char *version)
{
    for (size_t i = 0; i < json_count(versions); i++)
        if (strcmp(json_text(json_at(versions, i), "handle"), version) == 0)
            return json_flag(json_at(versions, i), "supported", false);
    return json_count(versions) == 0;
}

/* The newest that Shopify calls supported, else the newest by its calendar. */
static void newest(const struct peer *peer, char out[static 8])
{
    const json *versions = json_get(peer->facts, "versions");
    api_version_latest(peer->now_ms, out);
    if (is_supported(versions, out))
        return;
    for (size_t i = 0; i < json_count(versions); i++) {
        const json *row = json_at(versions, i);
        int64_t ignored;
        if (json_flag(row, "supported", false) &&
            api_version_end(json_text(row, "handle"), &ignored))
            snprintf(out, 8, "%s", json_text(row, "handle"));
    }
}

static void advise_version(const struct peer *peer, json *row, const char *why)
{
    char latest[8];
    newest(peer, latest);
    json_set_text(doctor_values(row), "newest", latest);
    doctor_advise(row,
                  "%s Set api_version of the shop to %s: this release of cartage has been "
                  "checked against the schema of each supported version.",
                  why, latest);
    if (*peer->shop)
        doctor_command(row, "Set the version", "cartage shop set %s api_version=%s%s", peer->shop,
                       latest, peer->suffix);
    doctor_ask_again(peer, row);
}

static void version(const struct peer *peer, int step)
{
    char text[240], day[32] = "";
    int64_t end_ms = 0;
    const char *asked = json_text(peer->facts, "asked"), *served = json_text(peer->facts, "served");
    bool known = api_version_end(asked, &end_ms);
    int64_t days = (end_ms - peer->now_ms) / DAY_MS;
    bool gone = (*served && strcmp(asked, served) != 0) || step == AT_VERSION ||
                !is_supported(json_get(peer->facts, "versions"), asked);
    enum check_state state = gone                             ? CHECK_BAD
                             : known && days < ENDS_SOON_DAYS ? CHECK_WARN
                                                              : CHECK_OK;
    if (known)
        time_format(end_ms, false, day);
    if (gone)
        snprintf(text, sizeof text, "API version %.20s is no longer served%s%.20s", asked,
                 *served ? "; Shopify answers with " : "", served);
    else
        snprintf(text, sizeof text, "API version %.20s, supported until at least %.10s", asked,
                 day);
    json *row = found(peer, "shopify.version", state, text);
    json_set_text(doctor_values(row), "asked", asked);
    json_set_text(doctor_values(row), "served", served);
    json_set_int(doctor_values(row), "ends_ms", end_ms);
    if (state != CHECK_OK)
        advise_version(peer, row,
                       gone ? "Every sync of the shop fails." : "It ends within 30 days.");
}

/* ---- scopes ---- */

static size_t granted_of(const json *facts, const char *granted[SCOPES_MOST + 1])
{
    const json *scopes = json_get(facts, "scopes");
    size_t count = json_count(scopes) < SCOPES_MOST ? json_count(scopes) : SCOPES_MOST;
    for (size_t i = 0; i < count; i++)
        granted[i] = json_string(json_at(scopes, i));
    granted[count] = NULL;
    return count;
}

static void lacks(const struct peer *peer, const struct scope_need *need)
{
    char text[400], first[80];
    snprintf(first, sizeof first, "%.*s", (int)strcspn(need->scopes, "|"), need->scopes);
    snprintf(text, sizeof text, "%s %s scope %s: %s", need->operation,
             need->optional ? "works without" : "lacks", need->scopes, need->what);
    json *row = found(peer, "shopify.scopes", need->optional ? CHECK_WARN : CHECK_BAD, text);
    json_set_text(doctor_values(row), "operation", need->operation);
    json_set_text(doctor_values(row), "scopes", need->scopes);
    json_set_bool(doctor_values(row), "optional", need->optional);
    json_set_text(doctor_values(row), "for", need->what);
    doctor_advise(row,
                  "Add %s to the app's scopes in Shopify's Dev Dashboard, release the version, "
                  "and approve it in the store's admin (Settings, Apps); then check again.",
                  first);
    doctor_ask_again(peer, row);
}

static void scopes(const struct peer *peer)
{
    const char *granted[SCOPES_MOST + 1];
    char text[80];
    size_t count = granted_of(peer->facts, granted), missing = 0;
    for (size_t i = 0; i < SCOPE_NEED_COUNT; i++) {
        const struct scope_need *need = &SCOPE_NEEDS[i];
        if (!scope_applies(peer->settings, need) || scope_granted(need->scopes, granted))
            continue;
        lacks(peer, need);
        missing++;
    }
    if (missing)
        return;
    snprintf(text, sizeof text, "the %zu scopes granted carry every task", count);
    json *row = found(peer, "shopify.scopes", CHECK_OK, text);
    json_set_int(doctor_values(row), "granted", (int64_t)count);
}

static void store(const struct peer *peer)
{
    char text[300];
    const json *shop = json_get(peer->facts, "shop");
    snprintf(
        text, sizeof text, "%.80s is %.80s, in %.8s, on plan %.40s, at %.40s",
        json_text(peer->facts, "store"), json_text(shop, "name"), json_text(shop, "currencyCode"),
        json_text(json_get(shop, "plan"), "publicDisplayName"), json_text(shop, "ianaTimezone"));
    found(peer, "shopify.store", CHECK_OK, text);
}

void doctor_shopify(const struct peer *peer)
{
    int step = step_of(peer->facts);
    if (step < 0) /* off, or of another release */
        return;
    peer_clock(peer, "Shopify");
    if (step < AT_DONE && step != AT_VERSION)
        broken_step(peer, step);
    if (step >= AT_VERSIONS) {
        store(peer);
        token(peer);
        scopes(peer);
    }
    if (step >= AT_VERSIONS || step == AT_VERSION)
        version(peer, step);
}

/* doctor_peers.c - each company and store: when it was looked at last, and what that means now. */
#include "admin/doctor_peers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/commands.h"
#include "store/probes.h"

/* A Date has whole seconds, and the answer was on its way for some. */
enum { AHEAD_WARN_MS = 5000, AHEAD_BAD_MS = 60000, OLD_MS = 86400000 };

void peer_clock(const struct peer *peer, const char *who)
{
    int64_t date_ms = json_int(peer->facts, "date_ms", -1);
    int64_t ahead_ms = date_ms - json_int(peer->facts, "our_ms", 0);
    int64_t off_ms = llabs(ahead_ms);
    if (date_ms < 0)
        return;
    enum check_state state = off_ms >= AHEAD_BAD_MS    ? CHECK_BAD
                             : off_ms >= AHEAD_WARN_MS ? CHECK_WARN
                                                       : CHECK_OK;
    json *row = doctor_add(
        peer->doctor, "clocks.peer", state,
        "%s%s%s's clock and that of the worker that asked it %s %" PRId64 " s apart", peer->label,
        *peer->label ? ": " : "", who, state == CHECK_OK ? "are less than" : "are",
        state == CHECK_OK ? (int64_t)(AHEAD_WARN_MS / 1000) : off_ms / 1000);
    json_set_text(doctor_values(row), "peer", who);
    json_set_int(doctor_values(row), "ahead_ms", ahead_ms);
    if (state == CHECK_OK)
        return;
    doctor_advise(row,
                  "Tokens end and changes are read by the peer's clock. Let a time service set "
                  "the clock of the workers' machines, restart the workers, and check again.");
    doctor_ask_again(peer, row);
}

void doctor_ask_again(const struct peer *peer, json *row)
{
    json *body = json_new_object();
    if (!*peer->company) {
        json_free(body);
        return; /* connect is called again */
    }
    json_set_text(body, "operation", "doctor.probe");
    json_set_text(body, "company", peer->company);
    doctor_call(row, "Check again", "POST", "/v1/checks", body);
    json *actions = json_get(row, "actions");
    json *action = json_at(actions, json_count(actions) - 1);
    OWN_TEXT char *command = mem_printf("cartage doctor --probe%s", peer->suffix);
    json_set_text(action, "command", command);
}

static void age_of(int64_t ms, char out[static 32])
{
    if (ms < 120000)
        snprintf(out, 32, "%" PRId64 " s", ms / 1000);
    else if (ms < 7200000)
        snprintf(out, 32, "%" PRId64 " min", ms / 60000);
    else
        snprintf(out, 32, "%" PRId64 " h", ms / 3600000);
}

static void name_peer(const struct peer *peer, json *row)
{
    json_set_text(doctor_values(row), "company", peer->company);
    json_set_text(doctor_values(row), "shop", peer->shop);
}

/* When this peer was looked at; false = never. */
static bool looked_at(struct peer *peer, const char *who)
{
    char age[32];
    int64_t at_ms = json_int(peer->facts, "at_ms", 0), ago_ms = peer->now_ms - at_ms;
    json *row;
    if (!peer->facts) {
        row = doctor_add(peer->doctor, "peers", CHECK_WARN, "%s: %s has not been looked at yet",
                         peer->label, who);
        name_peer(peer, row);
        doctor_case(row, "never");
        doctor_advise(row, "Look at it now; an entry of the operation doctor.probe does so every "
                           "day.");
        doctor_ask_again(peer, row);
        return false;
    }
    age_of(ago_ms > 0 ? ago_ms : 0, age);
    if (strcmp(json_text(peer->facts, "step"), "off") == 0) {
        row = doctor_add(peer->doctor, "peers", CHECK_OK, "%s is off: its store is not asked",
                         peer->label);
        name_peer(peer, row);
        doctor_case(row, "off");
        return true;
    }
    bool old = ago_ms > OLD_MS;
    row = doctor_add(peer->doctor, "peers", old ? CHECK_WARN : CHECK_OK,
                     "%s: what is said of %s was seen %s ago", peer->label, who, age);
    name_peer(peer, row);
    json_set_int(doctor_values(row), "at_ms", at_ms);
    json_set_int(doctor_values(row), "ago_ms", ago_ms);
    if (!old)
        return true;
    doctor_advise(row,
                  "Look at it again; an entry of the operation doctor.probe does so every day.");
    doctor_ask_again(peer, row);
    return true;
}

static void one_shop(struct peer *peer, const json *probes, const char *field, const json *settings)
{
    const struct shop *shop = NULL;
    struct err err = {0};
    OWN(arena) struct arena *arena = arena_new();
    char label[64];
    if (!settings_shop_parse(json_write(settings), arena, &shop, &err)) {
        doctor_unseen(peer->doctor, "peers", &err);
        return;
    }
    snprintf(label, sizeof label, "shop %s", shop->code);
    peer->facts = json_get(probes, field);
    peer->settings = shop;
    peer->shop = shop->code;
    peer->label = label;
    if (shop->enabled && strcmp(json_text(peer->facts, "step"), "off") == 0)
        peer->facts = NULL; /* it was off then */
    if (!shop->enabled && !peer->facts)
        return;
    if (looked_at(peer, "Shopify"))
        doctor_shopify(peer);
}

static bool one_company(struct doctor *doctor, const char *company, bool several, struct err *err)
{
    OWN_JSON json *settings = NULL, *probes = NULL, *shops = json_new_object();
    const char *field;
    json *child;
    if (!ledger_settings_all(doctor->ledger, company, &settings, err) ||
        !store_probes(doctor->ledger, company, &probes, err))
        return false;
    const char *name = json_text(json_get(settings, "company"), "name");
    OWN_TEXT char *label = mem_printf("company %s", name);
    OWN_TEXT char *suffix = several ? mem_printf(" --company '%s'", name) : mem_text("");
    struct peer peer = {.doctor = doctor,
                        .company = company,
                        .shop = "",
                        .label = label,
                        .suffix = suffix,
                        .shops = shops,
                        .now_ms = clock_now_ms(doctor->config->clock)};
    JSON_EACH(field, child, settings)
    if (strncmp(field, "shop:", 5) == 0)
        json_set(shops, field, json_copy(child));
    peer.facts = json_get(probes, "bc");
    if (looked_at(&peer, "Business Central"))
        doctor_bc(&peer);
    JSON_EACH(field, child, shops)
    one_shop(&peer, probes, field, child);
    return true;
}

void doctor_peers(struct doctor *doctor)
{
    OWN_JSON json *companies = NULL;
    struct err err = {0};
    bool good = ledger_companies(doctor->ledger, &companies, &err);
    for (size_t i = 0; good && i < json_count(companies); i++)
        good = one_company(doctor, json_string(json_at(companies, i)), json_count(companies) > 1,
                           &err);
    if (!good)
        doctor_unseen(doctor, "peers", &err);
}

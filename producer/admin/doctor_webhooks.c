/* doctor_webhooks.c - what webhooks.check has kept: whether each peer tells us of its changes. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/doctor_peers.h"
#include "ledger/commands.h"
#include "store/probes.h"

/* Business Central ends a subscription that nobody has renewed. */
enum { EXPIRED_MS = 3 * 86400000 };

static json *add(const struct peer *peer, const char *word, enum check_state state,
                 const char *text)
{
    json *row = doctor_add(peer->doctor, "webhooks", state, "%s: %s", peer->label, text);
    doctor_case(row, word);
    json_set_text(doctor_values(row), "company", peer->company);
    json_set_text(doctor_values(row), "shop", *peer->shop ? peer->shop : "Business Central");
    return row;
}

/* The call that looks again, and mends. */
static void mend(const struct peer *peer, json *row)
{
    json *body = json_new_object();
    json_set_text(body, "operation", "webhooks.check");
    json_set_text(body, "company", peer->company);
    doctor_call(row, "Compare and mend", "POST", "/v1/checks", body);
    OWN_TEXT char *command = mem_printf("cartage webhooks check%s", peer->suffix);
    json_set_text(json_at(json_get(row, "actions"), 0), "command", command);
}

/* "orders/create, orders/updated and 3 more", and how many. */
static size_t names(const json *topics, const char *const states[], struct buf *out)
{
    enum { SHOWN = 4 };
    size_t count = 0;
    for (size_t i = 0; i < json_count(topics); i++)
        for (const char *const *state = states; *state; state++) {
            const json *row = json_at(topics, i);
            if (strcmp(json_text(row, "state"), *state) != 0)
                continue;
            if (count++ < SHOWN)
                buf_printf(out, "%s%s", count > 1 ? ", " : "", json_text(row, "topic"));
        }
    if (count > SHOWN)
        buf_printf(out, " and %zu more", count - SHOWN);
    return count;
}

static const char *first_why(const json *topics)
{
    for (size_t i = 0; i < json_count(topics); i++)
        if (*json_text(json_at(topics, i), "why"))
            return json_text(json_at(topics, i), "why");
    return "";
}

static void compared(const struct peer *peer)
{
    static const char *const LACKING[] = {"missing", "wrong", NULL},
                             *const REFUSED[] = {"refused", NULL},
                             *const STANDING[] = {"ok", "made", NULL};
    OWN_BUF struct buf missing = {0}, refused = {0}, standing = {0};
    const json *topics = json_get(peer->facts, "topics");
    char text[600];
    size_t lacking = names(topics, LACKING, &missing), no = names(topics, REFUSED, &refused);
    size_t stand = names(topics, STANDING, &standing);
    json *row;
    if (no) {
        snprintf(text, sizeof text, "%zu webhooks are refused (%.200s): %.200s", no,
                 buf_str(&refused), first_why(topics));
        row = add(peer, "refused", CHECK_WARN, text);
        json_set_text(doctor_values(row), "topics", buf_str(&refused));
        json_set_text(doctor_values(row), "error", first_why(topics));
        doctor_advise(row,
                      "Those changes come by the schedule of the entries alone. Do what it says: a "
                      "scope is added in Shopify's Dev Dashboard and approved in the store's "
                      "admin; then compare again.");
        mend(peer, row);
    }
    if (lacking) {
        snprintf(text, sizeof text, "%zu webhooks are missing or wrong: %.200s", lacking,
                 buf_str(&missing));
        row = add(peer, "missing", CHECK_WARN, text);
        json_set_text(doctor_values(row), "topics", buf_str(&missing));
        doctor_advise(row, "A producer mends them within minutes; or do it now.");
        mend(peer, row);
    }
    if (no || lacking)
        return;
    snprintf(text, sizeof text, "%zu webhooks stand, to %.200s", stand,
             json_text(peer->facts, "address"));
    row = add(peer, "stand", CHECK_OK, text);
    json_set_int(doctor_values(row), "count", (int64_t)stand);
    json_set_text(doctor_values(row), "address", json_text(peer->facts, "address"));
}

static void look(const struct peer *peer, const char *address)
{
    const char *step = json_text(peer->facts, "step");
    json *row;
    if (!*address) {
        add(peer, "off", CHECK_OK,
            "no public_address is set, so changes come by the schedule of the entries alone");
    } else if (!peer->facts || strcmp(address, json_text(peer->facts, "address")) != 0) {
        row = add(peer, "never", CHECK_WARN, "its webhooks have not been compared yet");
        doctor_advise(row, "A producer does so within a minute, where a worker serves entries "
                           "without a category; or do it now.");
        mend(peer, row);
    } else if (strcmp(step, "off") == 0) {
        return; /* nobody is asked there */
    } else if (peer->now_ms - json_int(peer->facts, "at_ms", 0) > EXPIRED_MS) {
        row = add(peer, "old", CHECK_BAD,
                  "its webhooks were compared more than three days ago, and may have ended");
        doctor_advise(row, "Producers compare them every six hours, where a worker serves entries "
                           "without a category: is one running? Then compare again.");
        mend(peer, row);
    } else if (strcmp(step, "failed") == 0) {
        const char *error = json_text(peer->facts, "error");
        OWN_TEXT char *text = mem_printf("webhooks could not be compared: %s", error);
        row = add(peer, "failed", CHECK_BAD, text);
        json_set_text(doctor_values(row), "error", error);
        doctor_advise(row, "Cure what the error says, then compare again.");
        mend(peer, row);
    } else {
        compared(peer);
    }
}

static bool one_company(struct doctor *doctor, const char *company, bool several, struct err *err)
{
    OWN_JSON json *settings = NULL, *probes = NULL;
    const char *field;
    json *child;
    if (!ledger_settings_all(doctor->ledger, company, &settings, err) ||
        !store_probes(doctor->ledger, company, &probes, err))
        return false;
    const json *own = json_get(settings, "company");
    OWN_TEXT char *suffix =
        several ? mem_printf(" --company '%s'", json_text(own, "name")) : mem_text("");
    struct peer peer = {.doctor = doctor,
                        .company = company,
                        .suffix = suffix,
                        .now_ms = clock_now_ms(doctor->config->clock)};
    OWN_TEXT char *label = mem_printf("company %s", json_text(own, "name"));
    peer.facts = json_get(probes, "webhooks");
    peer.shop = "";
    peer.label = label;
    look(&peer, json_text(own, "public_address"));
    JSON_EACH(field, child, settings)
    {
        if (strncmp(field, "shop:", 5) != 0 || !json_flag(child, "enabled", false))
            continue;
        OWN_TEXT char *kept = mem_printf("webhooks:%s", field + 5);
        OWN_TEXT char *shop = mem_printf("shop %s", field + 5);
        peer.facts = json_get(probes, kept);
        peer.shop = field + 5;
        peer.label = shop;
        look(&peer, json_text(own, "public_address"));
    }
    return true;
}

void doctor_webhooks(struct doctor *doctor)
{
    OWN_JSON json *companies = NULL;
    struct err err = {0};
    bool good = ledger_companies(doctor->ledger, &companies, &err);
    for (size_t i = 0; good && i < json_count(companies); i++)
        good = one_company(doctor, json_string(json_at(companies, i)), json_count(companies) > 1,
                           &err);
    if (!good)
        doctor_unseen(doctor, "webhooks", &err);
}

/* probe.c - looks at the way to a store or a company, and keeps what it found for doctor and
 * connect.
 *
 * Nothing is written to a peer: a call without a token, the token's own grant, and reads. What
 * fails is a finding, not a failure of the run; only what ends the attempt fails it. The findings
 * are set whole, so a repetition is harmless.
 */
#include <stdio.h>
#include <string.h>

#include "attempt_finding.h"
#include "bc/bc.h"
#include "model/needs.h"
#include "operations/operations_table.h"
#include "operations/webhooks.h"
#include "shopify/shopify.h"

enum { SETS_MOST = 32, CHECK_LIFE_S = 3600 };

/* Each set that an operation asks, once. */
static size_t all_sets(const char *sets[SETS_MOST])
{
    size_t count = 0;
    for (size_t i = 0; i < PERMISSION_NEED_COUNT; i++) {
        size_t at = 0;
        while (at < count && strcmp(sets[at], PERMISSION_NEEDS[i].set) != 0)
            at++;
        if (at < count)
            continue;
        assert(count < SETS_MOST);
        sets[count++] = PERMISSION_NEEDS[i].set;
    }
    return count;
}

static bool look_at_company(struct attempt *attempt, json *facts, struct err *err)
{
    const char *sets[SETS_MOST];
    size_t count = all_sets(sets);
    return bc_probe(attempt, sets, count, facts, err);
}

static bool keep(struct attempt *attempt, const char *key, const char *field, json *facts,
                 int life_s, struct err *err)
{
    OWN(write) struct write *write = write_new();
    json_set_int(facts, "at_ms", clock_now_ms(attempt->clock));
    write_add(write, "HSET", key, field, json_write(facts), NULL);
    if (life_s)
        write_expire(write, key, life_s);
    if (!attempt->counts.read)
        attempt->counts.read = 1;
    return attempt_write(attempt, write, NULL, err) || err_wrap(err, "keep what was found");
}

bool doctor_probe_run(struct attempt *attempt, struct err *err)
{
    OWN_JSON json *facts = json_new_object();
    const char *code = json_text(attempt->args, "shop");
    char field[40] = "bc";
    if (*code && !attempt->shop)
        return err_set(err, ERR_FATAL, 0,
                       "there is no shop %s; `cartage shop list` shows the shops", code);
    if (*code)
        snprintf(field, sizeof field, "shop:%s", attempt->shop->code);
    /* A store that is off may belong to the original of a copied data set: nothing goes there. */
    if (*code && !attempt->shop->enabled)
        json_set_text(facts, "step", "off");
    else if (!(*code ? shopify_probe(attempt, facts, err) : look_at_company(attempt, facts, err)))
        return false;
    return keep(attempt, "probe", field, facts, 0, err);
}

static bool look_at_webhooks(struct attempt *attempt, json *facts, struct err *err)
{
    bool mend = json_flag(attempt->args, "mend", true);
    return attempt->shop ? webhooks_look_shopify(attempt, mend, facts, err)
                         : webhooks_look_bc(attempt, mend, facts, err);
}

/* What is missing is registered, unless nothing shall be changed. */
bool webhooks_check_run(struct attempt *attempt, struct err *err)
{
    OWN_JSON json *facts = json_new_object();
    struct err why = {0};
    const char *code = json_text(attempt->args, "shop");
    char field[48] = "webhooks";
    if (*code && !attempt->shop)
        return err_set(err, ERR_FATAL, 0,
                       "there is no shop %s; `cartage shop list` shows the shops", code);
    if (*code)
        snprintf(field, sizeof field, "webhooks:%s", attempt->shop->code);
    json_set_text(facts, "address", attempt->company->public_address);
    const struct company *company = attempt->company;
    bool off = *code ? !attempt->shop->enabled : !*company->bc_credential;
    if (off || !*company->public_address)
        json_set_text(facts, "step", "off");
    else if (!look_at_webhooks(attempt, facts, &why) && !finding_failed(facts, "failed", &why, err))
        return false;
    return keep(attempt, "probe", field, facts, 0, err);
}

static bool keep_check(struct attempt *attempt, json *facts, struct err *err)
{
    char key[128];
    snprintf(key, sizeof key, "check:%s", attempt->sheet->ticket.entry);
    return keep(attempt, key, "facts", facts, CHECK_LIFE_S, err);
}

/* The arguments of a check are settings that nobody has stored yet. */
bool connect_shopify_run(struct attempt *attempt, struct err *err)
{
    OWN_JSON json *settings = json_copy(attempt->args), *facts = json_new_object();
    json_set_text(settings, "code", "CHECK");
    json_set_bool(settings, "enabled", true);
    return settings_shop_parse(json_write(settings), attempt->arena, &attempt->shop, err) &&
           shopify_probe(attempt, facts, err) && keep_check(attempt, facts, err);
}

bool connect_bc_run(struct attempt *attempt, struct err *err)
{
    OWN_JSON json *settings = json_copy(attempt->args), *facts = json_new_object();
    const char *company = json_text(attempt->args, "bc_company");
    json_set_text(settings, "name", "the one to be checked");
    json_set_text(settings, "id", *company ? company : attempt->sheet->ticket.company);
    return settings_company_parse(json_write(settings), attempt->arena, &attempt->company, err) &&
           look_at_company(attempt, facts, err) && keep_check(attempt, facts, err);
}

/* settings.c - companies, credentials and shops: what people configure.
 *
 * The model knows each setting's type and bounds and writes a record in one form, so that the same
 * settings given twice, in any order, are the same text, and "unchanged" is true.
 */
#include <microhttpd.h>
#include <string.h>

#include "admin/notify.h"
#include "admin/routes.h"
#include "base/secret.h"
#include "companies.h"
#include "ledger/commands.h"
#include "model/settings_card.h"

static bool put_field(struct api_call *call, const char *company, const char *field,
                      const char *text, const char *id, struct err *err)
{
    OWN_JSON json *before = NULL;
    bool changed = false;
    if (!ledger_settings_get(call->ledger, company, field, &before, err) ||
        !ledger_settings_put(call->ledger, company, field, text, &changed, err))
        return false;
    return api_changed(call, !before ? "created" : changed ? "changed" : "unchanged", id);
}

/* A body's settings without a member that is none: where they go, or what is stored by itself. */
static json *settings_of(const json *body, const char *left_out)
{
    json *record = json_new_object();
    const char *name;
    json *child;
    JSON_EACH(name, child, body)
    if (strcmp(name, left_out) != 0)
        json_set(record, name, json_copy(child));
    return record;
}

/* ---- companies ---- */

static bool add_company(struct api_call *call, const char *company, json *list, struct err *err)
{
    json *settings = NULL;
    if (!ledger_settings_get(call->ledger, company, "company", &settings, err))
        return false;
    if (settings)
        json_add(list, settings);
    return !settings || notify_add(call, company, settings, err);
}

bool companies_list(struct api_call *call, struct err *err)
{
    OWN_JSON json *companies = NULL, *list = json_new_array();
    if (!ledger_companies(call->ledger, &companies, err))
        return false;
    for (size_t i = 0; i < json_count(companies); i++)
        if (!add_company(call, json_string(json_at(companies, i)), list, err))
            return false;
    return api_rows(call, "companies", GIVE(list), (const char *const[]){"name", "id"}, err);
}

bool companies_get(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    json *settings = NULL;
    if (!api_company_named(call, call->params[0], company, err) ||
        !ledger_settings_get(call->ledger, company, "company", &settings, err))
        return false;
    if (!settings)
        return err_set(err, ERR_FATAL, MHD_HTTP_NOT_FOUND,
                       "company %s is not known here; `cartage apply -f FILE` adds one", company);
    if (!notify_add(call, company, settings, err)) {
        json_free(settings);
        return false;
    }
    return api_answer(call, MHD_HTTP_OK, settings);
}

bool credential_known(struct api_call *call, const char *field, const char *name, struct err *err)
{
    OWN_JSON json *credential = NULL;
    if (!*name)
        return true;
    if (!ledger_credential_get(call->ledger, name, &credential, err))
        return false;
    return credential || err_set(err, ERR_FATAL, MHD_HTTP_UNPROCESSABLE_CONTENT,
                                 "%s: there is no credential \"%s\"; add it first (credentials "
                                 "stand before companies in "
                                 "a file)",
                                 field, name);
}

bool companies_put(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    const struct company *parsed = NULL;
    OWN(arena) struct arena *arena = arena_new();
    OWN_BUF struct buf text = {0}, notify = {0};
    bool told = false;
    if (!api_company_named(call, call->params[0], company, err))
        return false;
    OWN_JSON json *record = settings_of(call->body, "notify");
    json_set_text(record, "id", company);
    if (!settings_company_parse(json_write(record), arena, &parsed, err) ||
        !notify_read(call, company, json_get(call->body, "notify"), &notify, err))
        return err_wrap(err, "company %s", company);
    if (!credential_known(call, "bc_credential", parsed->bc_credential, err))
        return err_wrap(err, "company %s", company);
    settings_company_write(parsed, &text);
    if (!put_field(call, company, "company", buf_str(&text), company, err) ||
        !notify_put(call, company, &notify, &told, err))
        return false;
    bool unchanged = strcmp(json_text(call->answer, "change"), "unchanged") == 0;
    return told && unchanged ? api_changed(call, "changed", company) : true;
}

/* ---- credentials ---- */

bool credentials_list(struct api_call *call, struct err *err)
{
    OWN_JSON json *stored = NULL, *list = json_new_array();
    const char *name;
    json *child;
    if (!ledger_credentials(call->ledger, &stored, err))
        return false;
    JSON_EACH(name, child, stored)
    {
        json *row = json_new_object();
        json_set_text(row, "name", name);
        json_set_text(row, "kind", json_text(child, "kind"));
        json_add(list, row);
    }
    return api_rows(call, "credentials", GIVE(list), (const char *const[]){"name", NULL}, err);
}

/* A reference as it stands; of a sealed secret only whether it is still the same one. */
static json *reference_shown(const json *reference)
{
    const char *sealed = json_text(reference, "sealed");
    char digest[9];
    if (!*sealed)
        return json_copy(reference);
    json *shown = json_new_object();
    digest_hex(sealed, strlen(sealed), sizeof digest / 2, digest);
    json_set_text(shown, "sealed", digest);
    return shown;
}

bool credentials_get(struct api_call *call, struct err *err)
{
    OWN_JSON json *stored = NULL;
    const char *name = call->params[0], *field;
    json *child;
    if (!ledger_credential_get(call->ledger, name, &stored, err))
        return false;
    if (!stored)
        return err_set(err, ERR_FATAL, MHD_HTTP_NOT_FOUND,
                       "there is no credential %s; `cartage apply -f FILE` adds one", name);
    json *shown = json_new_object();
    json_set_text(shown, "name", name);
    JSON_EACH(field, child, stored)
    json_set(shown, field, reference_shown(child));
    return api_answer(call, MHD_HTTP_OK, shown);
}

/* {"value": SECRET} becomes {"sealed": TEXT}: a secret is never stored as it came. One that is the
 * same as before keeps its sealed text, because sealing draws a nonce and would look like a change.
 */
bool api_seal(json *holder, const char *field, const json *before, struct err *err)
{
    const char *value = json_text(json_get(holder, field), "value");
    const char *old = json_text(json_get(before, field), "sealed");
    OWN_SECRET char *opened = NULL;
    OWN_TEXT char *sealed = NULL;
    struct err ignored = {0};
    if (!*value)
        return true;
    if (*old && secret_resolve("sealed", old, &opened, &ignored) && strcmp(opened, value) == 0)
        sealed = mem_text(old);
    else if (!secret_seal(value, &sealed, err))
        return err_wrap(err, "%s", field);
    json *reference = json_new_object();
    json_set_text(reference, "sealed", sealed);
    json_set(holder, field, reference);
    return true;
}

static bool seal_values(json *credential, const json *before, struct err *err)
{
    static const char *const FIELDS[] = {"client_secret", "token", "key", "webhook_secret",
                                         "previous_secret"};
    for (size_t i = 0; i < COUNT(FIELDS); i++)
        if (!api_seal(credential, FIELDS[i], before, err))
            return false;
    return true;
}

bool credentials_put(struct api_call *call, struct err *err)
{
    const char *name = call->params[0];
    OWN_JSON json *before = NULL;
    OWN_BUF struct buf text = {0};
    bool changed = false;
    if (!ledger_credential_get(call->ledger, name, &before, err))
        return false;
    if (!seal_values(call->body, before, err)) {
        err->code = MHD_HTTP_UNPROCESSABLE_CONTENT;
        return err_wrap(err, "credential %s", name);
    }
    if (!settings_credential_check(name, json_write(call->body), &text, err) ||
        !ledger_credential_put(call->ledger, name, buf_str(&text), &changed, err))
        return false;
    return api_changed(call, !before ? "created" : changed ? "changed" : "unchanged", name);
}

/* ---- shops ---- */

enum { FIELD = 32 };

static bool shop_field(const char *code, char field[static FIELD], char canonical[static 24],
                       struct err *err)
{
    if (!settings_shop_code(code, canonical, err))
        return false;
    snprintf(field, FIELD, "shop:%s", canonical);
    return true;
}

bool shop_read(struct ledger *ledger, const char *company, const char *code, json **out,
               struct err *err)
{
    char field[FIELD], canonical[24];
    if (!shop_field(code, field, canonical, err) ||
        !ledger_settings_get(ledger, company, field, out, err))
        return false;
    if (!*out)
        return err_set(
            err, ERR_FATAL, MHD_HTTP_NOT_FOUND,
            "shop %s is not known in this company; `cartage shop list` shows those that are",
            canonical);
    json_set_text(*out, "company", company);
    return true;
}

bool shops_list(struct api_call *call, struct err *err)
{
    OWN_JSON json *companies = NULL, *list = json_new_array();
    if (!api_companies(call, &companies, err))
        return false;
    for (size_t i = 0; i < json_count(companies); i++) {
        const char *company = json_string(json_at(companies, i)), *field;
        OWN_JSON json *all = NULL;
        json *settings;
        if (!ledger_settings_all(call->ledger, company, &all, err))
            return false;
        JSON_EACH(field, settings, all)
        {
            if (strncmp(field, "shop:", 5) != 0)
                continue;
            json *shop = json_copy(settings);
            json_set_text(shop, "company", company);
            json_add(list, shop);
        }
    }
    return api_rows(call, "shops", GIVE(list), (const char *const[]){"code", "company"}, err);
}

bool shops_get(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    json *shop = NULL;
    if (!api_holder(call, call->params[0], shop_read, company, &shop, err))
        return false;
    return api_answer(call, MHD_HTTP_OK, shop);
}

/* What stood before is let through: a shop that contradicts itself can still be disabled. */
static bool agrees(struct api_call *call, const struct shop *shop, const json *before,
                   struct arena *arena, struct err *err)
{
    char detail[CONTRADICTION_DETAIL];
    const struct shop *was = NULL;
    struct err ignored = {0};
    OWN_JSON json *old = before ? settings_of(before, "company") : NULL;
    if (old && !settings_shop_parse(json_write(old), arena, &was, &ignored))
        was = NULL;
    const struct contradiction *found = settings_contradiction(was, shop, detail);
    if (!found)
        return true;
    OWN_BUF struct buf text = {0};
    json *values = json_new_object();
    contradiction_text(found, detail, &text);
    json_set_text(values, "setting", found->setting);
    json_set_text(values, "value", found->value ? found->value : detail);
    json_set_text(values, "other", found->other);
    json_set_text(values, "other_value", found->other_value ? found->other_value : detail);
    json_set_text(values, "cure", found->cure);
    api_problem(call, found->code, values);
    return err_set(err, ERR_FATAL, MHD_HTTP_UNPROCESSABLE_CONTENT, "%s", buf_str(&text));
}

/* Checks and stores the whole record. A shop that is enabled keeps its store: links and watermarks
 * belong to it. */
static bool store_shop(struct api_call *call, const char *company, const char *code, json *record,
                       const json *before, struct err *err)
{
    char field[FIELD], canonical[24];
    const struct shop *shop = NULL;
    OWN(arena) struct arena *arena = arena_new();
    OWN_BUF struct buf text = {0};
    if (!shop_field(code, field, canonical, err))
        return false;
    json_set_text(record, "code", canonical);
    if (!settings_shop_parse(json_write(record), arena, &shop, err) ||
        !agrees(call, shop, before, arena, err))
        return err_wrap(err, "shop %s", canonical);
    if (json_flag(before, "enabled", false) && strcmp(json_text(before, "store"), shop->store) != 0)
        return err_set(err, ERR_FATAL, MHD_HTTP_CONFLICT,
                       "shop %s: store may not change from %s to %s while the shop is enabled; "
                       "`cartage shop disable %s` first",
                       canonical, json_text(before, "store"), shop->store, canonical);
    if (!credential_known(call, "credential", shop->credential, err))
        return err_wrap(err, "shop %s", canonical);
    settings_shop_write(shop, &text);
    return put_field(call, company, field, buf_str(&text), canonical, err);
}

bool shops_put(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT], field[FIELD], canonical[24];
    OWN_JSON json *record = settings_of(call->body, "company"), *before = NULL, *settings = NULL;
    if (!api_company(call, company, err) || !shop_field(call->params[0], field, canonical, err) ||
        !ledger_settings_get(call->ledger, company, "company", &settings, err) ||
        !ledger_settings_get(call->ledger, company, field, &before, err))
        return false;
    if (!settings)
        return err_set(err, ERR_FATAL, MHD_HTTP_NOT_FOUND,
                       "shop %s: company %s is not known here; add the company first", canonical,
                       company);
    return store_shop(call, company, canonical, record, before, err);
}

static bool change_shop(struct api_call *call, const json *changes, struct err *err)
{
    char company[UUID_TEXT];
    OWN_JSON json *before = NULL, *record = NULL;
    const char *name;
    json *child;
    if (!api_holder(call, call->params[0], shop_read, company, &before, err))
        return false;
    record = settings_of(before, "company");
    JSON_EACH(name, child, changes)
    {
        if (strcmp(name, "code") == 0)
            return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                           "code: a shop keeps its code; add another shop instead");
        json_set(record, name, json_copy(child));
    }
    return store_shop(call, company, call->params[0], record, before, err);
}

bool shops_patch(struct api_call *call, struct err *err)
{
    OWN_JSON json *changes = settings_of(call->body, "company");
    return change_shop(call, changes, err);
}

static bool set_enabled(struct api_call *call, bool enabled, struct err *err)
{
    OWN_JSON json *changes = json_new_object();
    json_set_bool(changes, "enabled", enabled);
    return change_shop(call, changes, err);
}

bool shops_enable(struct api_call *call, struct err *err)
{
    return set_enabled(call, true, err);
}

bool shops_disable(struct api_call *call, struct err *err)
{
    return set_enabled(call, false, err);
}

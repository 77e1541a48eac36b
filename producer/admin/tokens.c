/* tokens.c - who may enter: makes, lists and withdraws tokens. */
#include <microhttpd.h>
#include <sodium.h>
#include <string.h>

#include "admin/routes.h"
#include "ledger/tokens.h"

bool me_get(struct api_call *call, struct err *err)
{
    json *answer = json_new_object();
    (void)err;
    json_set_text(answer, "name", call->caller.name);
    json_set_text(answer, "role", role_name(call->caller.role));
    return api_answer(call, MHD_HTTP_OK, answer);
}

/* Everything but the hash. */
static json *shown(const char *name, const json *record)
{
    json *row = json_new_object();
    json_set_text(row, "name", name);
    json_set_text(row, "role", json_text(record, "role"));
    json_set_text(row, "made_by", json_text(record, "made_by"));
    json_set_int(row, "made_ms", json_int(record, "made_ms", 0));
    if (json_has(record, "used_ms"))
        json_set_int(row, "used_ms", json_int(record, "used_ms", 0));
    return row;
}

bool tokens_list(struct api_call *call, struct err *err)
{
    OWN_JSON json *all = NULL;
    const char *name;
    json *record;
    if (!ledger_tokens(call->ledger, &all, err))
        return false;
    json *list = json_new_array();
    JSON_EACH(name, record, all)
    json_add(list, shown(name, record));
    return api_rows(call, "tokens", list, (const char *const[]){"name", NULL}, err);
}

static bool wanted_token(const json *body, enum role *role, struct err *err)
{
    const char *field;
    json *child;
    JSON_EACH(field, child, body)
    if (strcmp(field, "name") != 0 && strcmp(field, "role") != 0)
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "%.60s is no field of a token; want name and role", field);
    if (!role_parse(json_text(body, "role"), role))
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "role: \"%.40s\" is none; want view, operate or admin",
                       json_text(body, "role"));
    return token_name_check(json_text(body, "name"), err);
}

bool tokens_post(struct api_call *call, struct err *err)
{
    enum role role;
    char text[TOKEN_MAX], hash[TOKEN_HASH];
    int64_t now_ms = 0;
    bool added = false;
    if (!wanted_token(call->body, &role, err) || !ledger_now(call->ledger, &now_ms, err))
        return false;
    const char *name = json_text(call->body, "name");
    OWN_JSON json *record = json_new_object();
    token_make(name, text);
    token_hash(text, hash);
    json_set_text(record, "role", role_name(role));
    json_set_text(record, "hash", hash);
    json_set_text(record, "made_by", call->caller.name);
    json_set_int(record, "made_ms", now_ms);
    bool good = ledger_token_add(call->ledger, name, json_write(record), &added, err);
    if (good && added) {
        json *answer = shown(name, record);
        json_set_text(answer, "token", text);
        api_answer(call, MHD_HTTP_CREATED, answer);
    }
    sodium_memzero(text, sizeof text);
    if (!good)
        return false;
    return added || err_set(err, ERR_FATAL, MHD_HTTP_CONFLICT,
                            "there is a token %s already; withdraw it first (`cartage token "
                            "withdraw %s`), or choose another name",
                            name, name);
}

bool tokens_delete(struct api_call *call, struct err *err)
{
    const char *name = call->params[0];
    bool removed = false;
    if (!token_name_check(name, err) || !ledger_token_remove(call->ledger, name, &removed, err))
        return false;
    if (!removed)
        return err_set(err, ERR_FATAL, MHD_HTTP_NOT_FOUND,
                       "there is no token %s; `cartage token list` shows them", name);
    return api_changed(call, "withdrawn", name);
}

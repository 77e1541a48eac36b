/* bc_id.c - defines metafield cartage.bc_id in a store; defined twice, it is TAKEN. */
#include "operations/bc_id.h"

#include <string.h>

#include "shopify/shopify.h"
#include "store/store.h"

bool bc_id_define(struct attempt *attempt, struct write *write, const char *company,
                  const char *mark, const char *owner, const char *name, struct err *err)
{
    static const char *const FIELDS[] = {"defined"};
    const char *const keys[] = {mark}, *store = attempt->shop->store;
    OWN(store_rows) struct store_rows *rows = NULL;
    if (!store_read(attempt->ledger, company, keys, 1, FIELDS, 1, &rows, err))
        return false;
    if (strcmp(store_text(rows, 0, 0), store) == 0)
        return true;
    json *variables = json_new_object(), *definition = json_new_object();
    json_set_text(definition, "name", name);
    json_set_text(definition, "namespace", "cartage");
    json_set_text(definition, "key", "bc_id");
    json_set_text(definition, "type", "id");
    json_set_text(definition, "ownerType", owner);
    json_set(variables, "definition", definition);
    struct shopify_call call = {.document = "bc-id-definition",
                                .variables = variables,
                                .user_errors_at = "metafieldDefinitionCreate"};
    bool ok = shopify_ask(attempt, &call, err);
    const json *refusal = ok ? json_at(call.user_errors, 0) : NULL;
    if (refusal && strcmp(json_text(refusal, "code"), "TAKEN") != 0)
        ok = err_set(err, ERR_FATAL, 0, "metafield cartage.bc_id: %s",
                     json_text(refusal, "message"));
    if (ok && !call.not_allowed)
        write_add(write, "HSET", mark, "defined", store, NULL);
    shopify_call_drop(&call);
    return ok;
}

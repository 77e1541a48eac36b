/* titles.c - shipping titles, gateways and terms of orders that no code of the ERP is set for. */
#include <microhttpd.h>

#include "admin/cues.h"
#include "admin/routes.h"
#include "model/settings.h"
#include "store/titles.h"

bool titles_list(struct api_call *call, struct err *err)
{
    OWN_SCOPES struct scopes scopes = {0};
    OWN(arena) struct arena *arena = arena_new();
    OWN_JSON json *list = json_new_array();
    if (!scopes_read(call, &scopes, err))
        return false;
    for (size_t i = 0; i < scopes.count; i++) {
        const struct scope *scope = &scopes.items[i];
        const struct shop *shop = NULL;
        if (!scope->settings)
            continue;
        if (!settings_shop_parse(json_write(scope->settings), arena, &shop, err) ||
            !store_titles(call->ledger, scope->company, shop, list, err))
            return false;
    }
    json *answer = json_new_object();
    json_set(answer, "titles", GIVE(list));
    return api_answer(call, MHD_HTTP_OK, answer);
}

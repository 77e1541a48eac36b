/* matches.c - how many records an entry's arguments match now, for whoever writes a filter. */
#include <microhttpd.h>
#include <string.h>

#include "admin/definitions.h"
#include "admin/routes.h"
#include "companies.h"
#include "store/matches.h"

static const struct {
    const char *code, *text;
} TEXTS[] = {
  /* clang-format off */
    {"unprocessed", "of the orders that have no document yet"},
    {"discovered", "of the orders that were listed and are not read yet; those that Shopify lists later are filtered when it runs"},
    {"shipments-due", "of the posted shipments that Shopify has not been told of"},
    {"asked-of-shopify", "not counted: these orders are looked for at Shopify when it runs"},
    {"asked-of-business-central",
     "not counted: documents are looked at in Business Central when it runs; `cartage post preview` lists what would be posted"},
    {"asked-of-peers", "not counted: what it finds is asked of Shopify and Business Central when it runs"},
  /* clang-format on */
};

static const char *text_of(const char *code)
{
    for (size_t i = 0; i < COUNT(TEXTS); i++)
        if (strcmp(TEXTS[i].code, code) == 0)
            return TEXTS[i].text;
    return "";
}

bool entries_matches(struct api_call *call, struct err *err)
{
    char company[UUID_TEXT];
    OWN_WANTED struct wanted wanted = {0};
    OWN_JSON json *arguments = NULL, *shop = NULL;
    json *answer = NULL;
    if (!api_company(call, company, err) || !wanted_arguments(call->body, &wanted, err) ||
        !json_parse(buf_str(&wanted.arguments), wanted.arguments.size, &arguments, err) ||
        (*wanted.shop && !shop_read(call->ledger, company, wanted.shop, &shop, err)))
        return false;
    const char *address = shop ? json_text(shop, "store") : "";
    OWN_TEXT char *store = mem_text_n(address, strcspn(address, "."));
    if (!store_matches(call->ledger, company, store, wanted.operation, arguments, &answer, err))
        return false;
    json_set_text(answer, "text", text_of(json_text(answer, "code")));
    return api_answer(call, MHD_HTTP_OK, answer);
}

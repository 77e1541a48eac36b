/* order_links.c - addresses of records. */
#include "admin/order_links.h"

#include <string.h>

static const char CLOUD[] = "https://businesscentral.dynamics.com";

static const struct {
    const char *kind;
    int page;
} PAGES[] = {
    {"salesOrder",       42 },
    {"salesInvoice",     43 },
    {"salesCreditMemo",  44 },
    {"salesShipment",    130},
    {"postedInvoice",    132},
    {"postedCreditMemo", 134},
    {"customer",         21 },
};

void link_shopify_order(const char *store, const char *id, struct buf *out)
{
    buf_printf(out, "https://admin.shopify.com/store/%s/orders/%s", store, id);
}

/* In Microsoft's cloud the path says tenant and environment; a server of one's own says all of it
 * in bc_web. */
static void client(const json *settings, struct buf *out)
{
    const char *web = json_text(settings, "bc_web");
    const char *const parts[] = {json_text(settings, "bc_tenant"),
                                 json_text(settings, "bc_environment")};
    if (!*web)
        web = CLOUD;
    size_t size = strlen(web);
    while (size > 0 && web[size - 1] == '/')
        size--;
    buf_printf(out, "%.*s/", (int)size, web);
    if (size != sizeof CLOUD - 1 || strncmp(web, CLOUD, size) != 0)
        return;
    for (size_t i = 0; i < COUNT(parts); i++) {
        buf_escape(out, parts[i]);
        buf_text(out, *parts[i] ? "/" : "");
    }
}

void link_erp(const json *settings, const char *kind, const char *number, struct buf *out)
{
    for (size_t i = 0; i < COUNT(PAGES); i++) {
        if (strcmp(PAGES[i].kind, kind) != 0 || !*number)
            continue;
        OWN_TEXT char *filter = mem_printf("'No.' IS '%s'", number);
        client(settings, out);
        buf_text(out, "?company=");
        buf_escape(out, json_text(settings, "name"));
        buf_printf(out, "&page=%d&filter=", PAGES[i].page);
        buf_escape(out, filter);
        return;
    }
}

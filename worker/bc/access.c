/* access.c - where a Business Central is and who we are there: its addresses, its tokens. */
#include <sodium.h>
#include <string.h>
#include <strings.h>

#include "base/secret.h"
#include "bc/room.h"

/* ---- addresses ---- */

void bc_encode(struct buf *out, const char *text)
{
    static const char PLAIN[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~'(),:$@";
    for (; *text; text++) {
        if (strchr(PLAIN, *text))
            buf_add(out, text, 1);
        else
            buf_printf(out, "%%%02X", (unsigned char)*text);
    }
}

void bc_filter_text(struct buf *filter, const char *field, const char *text)
{
    OWN_BUF struct buf plain = {0};
    buf_printf(&plain, "%s eq '", field);
    for (; *text; text++)
        buf_printf(&plain, *text == '\'' ? "''" : "%c", *text);
    buf_text(&plain, "'");
    bc_encode(filter, buf_str(&plain));
}

char *bc_url(const struct bc *bc, enum bc_root root, const char *path)
{
    bool below_root = path[0] == '/';
    const char *mark = strchr(path, '?') ? "&" : "?";
    return mem_printf("%s%s%s%s%s%s%s", bc->origin, bc->roots[root],
                      below_root ? "" : bc->below[root], path, bc->tenant ? mark : "",
                      bc->tenant ? "tenant=" : "", bc->tenant ? bc->tenant : "");
}

bool bc_next_path(const char *root, const char *next_link, char **out, struct err *err)
{
    const char *host = strstr(next_link, "://");
    const char *path = host ? strchr(host + 3, '/') : next_link;
    size_t length = strlen(root);
    if (!path || strncasecmp(path, root, length) != 0 || path[length] != '/')
        return err_set(err, ERR_FATAL, 0,
                       "the next page lies outside of %s; is the server's public address right?",
                       root);
    *out = mem_text(path + length);
    return true;
}

static char *encoded(const char *text)
{
    OWN_BUF struct buf out = {0};
    bc_encode(&out, text);
    return mem_text(buf_str(&out));
}

static const struct {
    const char *path, *below;
} ROOTS[BC_ROOTS] = {
    [BC_API] = {"api/v2.0",                 "/companies(%s)/" },
    [BC_EXTENSION] = {"api/cartage/shopify/v1.0", "/companies(%s)/" },
    [BC_PAGES] = {"ODataV4",                  "/Company(Id=%s)/"},
};

void bc_set_addresses(struct bc *bc, const struct company *company)
{
    size_t length = strlen(company->bc_base);
    while (length > 0 && company->bc_base[length - 1] == '/')
        length--;
    bc->origin = mem_text_n(company->bc_base, length);
    OWN_TEXT char *tenant = encoded(company->bc_tenant), *base = NULL;
    if (*company->bc_instance) {
        OWN_TEXT char *instance = encoded(company->bc_instance);
        base = mem_printf("/%s", instance);
        bc->tenant = *tenant ? GIVE(tenant) : NULL;
    } else {
        OWN_TEXT char *environment = encoded(company->bc_environment);
        base = mem_printf("/v2.0/%s/%s", tenant, environment);
    }
    for (int root = 0; root < BC_ROOTS; root++) {
        bc->roots[root] = mem_printf("%s/%s", base, ROOTS[root].path);
        bc->below[root] = mem_printf(ROOTS[root].below, company->bc_company);
    }
}

/* ---- tokens ---- */

void bc_set_names(struct bc *bc, const struct company *company)
{
    const char *tenant = *bc->credential.tenant ? bc->credential.tenant : company->bc_tenant;
    OWN_TEXT char *tenant_path = encoded(tenant);
    bc->grant_url = mem_printf("%s/%s/oauth2/v2.0/token", company->bc_login, tenant_path);
    bc->token_name = mem_printf("bc/%s/%s", tenant, bc->credential.id);
    bc->seats = mem_printf("%s/%s/%s", bc->origin, tenant, bc->credential.id);
}

static void set_basic(struct bc *bc)
{
    OWN_SECRET char *pair = mem_printf("%s:%s", bc->credential.id, bc->credential.secret);
    size_t size = strlen(pair);
    size_t most = sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL);
    OWN_SECRET char *text = mem_new(most);
    sodium_bin2base64(text, most, (unsigned char *)pair, size, sodium_base64_VARIANT_ORIGINAL);
    bc->auth_header = mem_printf("Authorization: Basic %s", text);
}

bool bc_token(struct bc *bc, bool refused, struct err *err)
{
    OWN_SECRET char *old = NULL;
    if (bc->auth_header && !refused)
        return true;
    if (credential_is(&bc->credential, "bc-basic")) {
        if (refused)
            return err_set(err, ERR_FATAL, 401,
                           "user or access key is refused; replace credential %s",
                           bc->credential.name);
        set_basic(bc);
        return true;
    }
    struct grant grant = {
        .token = bc->token_name,
        .url = bc->grant_url,
        .scope = "https://api.businesscentral.dynamics.com/.default",
        .label = "bc oauth",
        .credential = &bc->credential,
    };
    old = GIVE(bc->token);
    if (!grant_token(bc->attempt, &grant, refused ? old : NULL, &bc->token, err))
        return false;
    secret_free(bc->auth_header);
    bc->auth_header = mem_printf("Authorization: Bearer %s", bc->token);
    return true;
}

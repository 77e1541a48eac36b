/* access.c - from an Authorization header to a caller with a role. */
#include "admin/access.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "ledger/tokens.h"

enum { SECRET_BYTES = 24, USED_EVERY_MS = 60000 };

static const struct {
    const char *name;
    enum role role;
} ROLES[] = {
    {"view",    ROLE_VIEW   },
    {"operate", ROLE_OPERATE},
    {"admin",   ROLE_ADMIN  },
};

const char *role_name(enum role role)
{
    for (size_t i = 0; i < COUNT(ROLES); i++)
        if (ROLES[i].role == role)
            return ROLES[i].name;
    return "anybody";
}

bool role_parse(const char *name, enum role *out)
{
    for (size_t i = 0; i < COUNT(ROLES); i++) {
        if (strcmp(ROLES[i].name, name) != 0)
            continue;
        *out = ROLES[i].role;
        return true;
    }
    return false;
}

/* ---- tokens ---- */

void token_hash(const char *text, char out[static TOKEN_HASH])
{
    digest_hex(text, strlen(text), (TOKEN_HASH - 1) / 2, out);
}

bool token_file_read(const char *path, char hash[static TOKEN_HASH], struct err *err)
{
    if (!path || !*path)
        return err_set(err, ERR_FATAL, 0,
                       "the HTTP API needs a token: write one into a file and name it with "
                       "--token-file or CARTAGE_TOKEN_FILE");
    char text[TOKEN_MAX + 2];
    FILE *file = fopen(path, "re");
    if (!file)
        return err_set(err, ERR_FATAL, errno, "token file %s: %s", path, strerror(errno));
    size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    while (size && strchr(" \t\r\n", text[size - 1]))
        size--;
    bool fits = size >= TOKEN_MIN && size <= TOKEN_MAX;
    text[size] = 0;
    if (fits)
        token_hash(text, hash);
    sodium_memzero(text, sizeof text);
    return fits || err_set(err, ERR_FATAL, 0, "token file %s: a token has %d to %d characters",
                           path, TOKEN_MIN, TOKEN_MAX);
}

bool token_name_check(const char *name, struct err *err)
{
    size_t size = strlen(name);
    if (!size || size >= TOKEN_NAME ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != size)
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "name: \"%.40s\" does not fit; a token's name has 1 to %d of a-z 0-9 -, "
                       "like the person or program that uses it",
                       name, TOKEN_NAME - 1);
    if (strcmp(name, TOKEN_OF_FILE) == 0)
        return err_set(err, ERR_FATAL, MHD_HTTP_CONFLICT,
                       "token " TOKEN_OF_FILE " is the one in the producer's TOKEN_FILE; to "
                       "exchange it, write another text there and start the producer again");
    return true;
}

void token_make(const char *name, char text[static TOKEN_MAX])
{
    char secret[2 * SECRET_BYTES + 1];
    random_hex(SECRET_BYTES, secret);
    snprintf(text, TOKEN_MAX, "%s.%s", name, secret);
    sodium_memzero(secret, sizeof secret);
}

/* ---- callers ---- */

void caller_address(struct MHD_Connection *connection, struct caller *caller)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (!info || !info->client_addr)
        return;
    socklen_t size = info->client_addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                                              : sizeof(struct sockaddr_in);
    if (getnameinfo(info->client_addr, size, caller->from, sizeof caller->from, NULL, 0,
                    NI_NUMERICHOST) != 0)
        caller->from[0] = 0;
}

static const char *bearer(struct MHD_Connection *connection)
{
    static const char SCHEME[] = "Bearer ";
    const char *given =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_AUTHORIZATION);
    if (!given || strncasecmp(given, SCHEME, sizeof SCHEME - 1) != 0)
        return NULL;
    return given + sizeof SCHEME - 1;
}

/* Does this text begin with the name of a token that somebody may have made. */
static bool named(const char *text, char name[static TOKEN_NAME])
{
    struct err ignored = {0};
    size_t size = strcspn(text, ".");
    if (!text[size] || size >= TOKEN_NAME || strlen(text) > TOKEN_MAX)
        return false;
    memcpy(name, text, size);
    name[size] = 0;
    return token_name_check(name, &ignored);
}

static bool same_hash(const char *one, const char *two)
{
    return strlen(one) == TOKEN_HASH - 1 && strlen(two) == TOKEN_HASH - 1 &&
           sodium_memcmp(one, two, TOKEN_HASH - 1) == 0;
}

/* *found = it is one that was made, and still stands. */
static bool look_up(struct ledger *ledger, const char *name, const char *hash,
                    struct caller *caller, bool *found, struct err *err)
{
    OWN_JSON json *record = NULL;
    int64_t used_ms = 0, now_ms = 0;
    *found = false;
    if (!ledger_token_get(ledger, name, &record, &used_ms, err))
        return false;
    if (!record || !same_hash(json_text(record, "hash"), hash) ||
        !role_parse(json_text(record, "role"), &caller->role))
        return true;
    snprintf(caller->name, sizeof caller->name, "%s", name);
    *found = true;
    if (!ledger_now(ledger, &now_ms, err))
        return false;
    return now_ms - used_ms < USED_EVERY_MS || ledger_token_used(ledger, name, now_ms, err);
}

bool caller_known(const struct gate *gate, struct MHD_Connection *connection, struct caller *caller,
                  struct err *err)
{
    char hash[TOKEN_HASH], name[TOKEN_NAME];
    struct ledger *ledger = NULL;
    bool found = false;
    const char *text = bearer(connection);
    if (!text)
        return err_set(err, ERR_FATAL, MHD_HTTP_UNAUTHORIZED,
                       "send the header `Authorization: Bearer TOKEN` with the text of the "
                       "producer's TOKEN_FILE, or a token that `cartage token add` made");
    token_hash(text, hash);
    if (same_hash(hash, gate->file_hash)) {
        snprintf(caller->name, sizeof caller->name, TOKEN_OF_FILE);
        caller->role = ROLE_ADMIN;
        return true;
    }
    if (named(text, name)) {
        if (!gate->borrow(gate->state, &ledger, err))
            return err_wrap(err, "look up the token");
        bool good = look_up(ledger, name, hash, caller, &found, err);
        gate->give_back(gate->state, ledger, good);
        if (!good)
            return false;
    }
    return found || err_set(err, ERR_FATAL, MHD_HTTP_UNAUTHORIZED,
                            "the token is not known, or was withdrawn; take the text of the "
                            "producer's TOKEN_FILE, or have an admin make one with `cartage token "
                            "add`");
}

/* connect.c - a guided check of the way to a store, or to a company of Business Central.
 *
 * Nothing is changed at the peer. A credential is stored first, by reference or sealed, because a
 * check names it and never carries a secret; everything else is stored only when a person says so.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "commands.h"
#include "connect.h"

enum { LINE_MOST = 400 };

#define AT(field) offsetof(struct ctl, field)
/* What a check may be told, by a flag or at the terminal. */
struct ask {
    const char *field;     /* as the settings are called */
    size_t at;             /* of its flag, in struct ctl */
    const char *question;  /* NULL = never asked for */
    const char *otherwise; /* NULL = needed */
};
static const struct ask SHOPIFY[] = {
    {"store",       AT(store),       "Store (name.myshopify.com)",            NULL},
    {"api_version", AT(api_version), NULL,                                    ""  },
    {"origin",      AT(origin),      NULL,                                    ""  },
    {"credential",  AT(credential),  "Name of the credential, new or stored", NULL},
    {"client_id",   AT(client_id),   NULL,                                    ""  },
    {"secret_env",  AT(secret_env),  NULL,                                    ""  },
    {"secret_file", AT(secret_file), NULL,                                    ""  },
    {"code",        AT(code),        NULL,                                    ""  },
    {NULL,          0,               NULL,                                    NULL},
};
static const struct ask BC[] = {
    {"bc_instance",    AT(bc_instance),    NULL,                                    ""          },
    {"bc_tenant",      AT(bc_tenant),      "Tenant in Entra (GUID or domain)",      NULL        },
    {"bc_environment", AT(bc_environment), "Environment",                           "Production"},
    {"bc_company",     AT(bc_company),     NULL,                                    ""          },
    {"bc_origin",      AT(bc_origin),      NULL,                                    ""          },
    {"bc_login",       AT(bc_login),       NULL,                                    ""          },
    {"bc_credential",  AT(credential),     "Name of the credential, new or stored", NULL        },
    {"client_id",      AT(client_id),      NULL,                                    ""          },
    {"secret_env",     AT(secret_env),     NULL,                                    ""          },
    {"secret_file",    AT(secret_file),    NULL,                                    ""          },
    {NULL,             0,                  NULL,                                    NULL        },
};
static const char *const OF_CREDENTIAL[] = {"client_id", "secret_env", "secret_file", "code"};

struct connect {
    struct ctl *ctl;
    bool bc, asks, save;
    const struct ask *table;
    json *given; /* by field */
    json *shown; /* the stored credential, as a file would name it; NULL = it stood already */
};

/* ---- what is told ---- */

static void read_flags(struct connect *connect)
{
    for (const struct ask *ask = connect->table; ask->field; ask++) {
        const char *value = *(const char *const *)((const char *)connect->ctl + ask->at);
        if (value && *value)
            json_set_text(connect->given, ask->field, value);
    }
}

/* A line from the terminal, without its end; false = it ends here. */
static bool ask_line(struct ctl *ctl, const char *question, const char *otherwise, bool hidden,
                     char out[static LINE_MOST])
{
    struct termios before, silent;
    bool quiet = hidden && tcgetattr(STDIN_FILENO, &before) == 0;
    if (quiet) { /* before the question, or a quick answer is seen */
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    bool offers = otherwise && *otherwise;
    fprintf(ctl->err, "%s%s%s%s: ", question, offers ? " [" : "", offers ? otherwise : "",
            offers ? "]" : "");
    fflush(ctl->err);
    bool got = fgets(out, LINE_MOST, stdin) != NULL;
    if (quiet) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fputc('\n', ctl->err);
    }
    if (got)
        out[strcspn(out, "\r\n")] = 0;
    if (got && !*out && otherwise)
        snprintf(out, LINE_MOST, "%s", otherwise);
    return got;
}

static int missing(struct connect *connect, const struct ask *ask)
{
    char flag[40];
    snprintf(flag, sizeof flag, "--%s", ask->at == AT(credential) ? "credential" : ask->field);
    for (char *at = flag; *at; at++)
        *at = *at == '_' ? '-' : *at;
    return ctl_fail(connect->ctl, EXIT_USAGE, "%s is missing: %s", flag, ask->question);
}

static int read_rest(struct connect *connect)
{
    char line[LINE_MOST];
    bool own_server = *json_text(connect->given, "bc_instance");
    for (const struct ask *ask = connect->table; ask->field; ask++) {
        bool cloud_only =
            strcmp(ask->field, "bc_tenant") == 0 || strcmp(ask->field, "bc_environment") == 0;
        if (json_get(connect->given, ask->field) || (cloud_only && own_server))
            continue;
        if (ask->question && connect->asks &&
            ask_line(connect->ctl, ask->question, ask->otherwise, false, line) && *line)
            json_set_text(connect->given, ask->field, line);
        else if (!ask->otherwise)
            return missing(connect, ask);
        else if (*ask->otherwise)
            json_set_text(connect->given, ask->field, ask->otherwise);
    }
    return EXIT_OK;
}

/* ---- the credential ---- */

static const char *credential_of(const struct connect *connect)
{
    return json_text(connect->given, connect->bc ? "bc_credential" : "credential");
}

static int is_stored(struct connect *connect, bool *stored)
{
    OWN_JSON json *answer = NULL;
    int code = ctl_ask(connect->ctl, "GET", "/v1/credentials", NULL, &answer);
    const json *rows = json_get(answer, "credentials");
    *stored = false;
    for (size_t i = 0; i < json_count(rows); i++)
        *stored |= strcmp(json_text(json_at(rows, i), "name"), credential_of(connect)) == 0;
    return code;
}

/* Where the secret is: named by a flag, else typed, which the producer seals. */
static int secret_of(struct connect *connect, json **out)
{
    char line[LINE_MOST] = "";
    const char *env = json_text(connect->given, "secret_env"),
               *file = json_text(connect->given, "secret_file");
    *out = json_new_object();
    if (*env)
        json_set_text(*out, "env", env);
    else if (*file)
        json_set_text(*out, "file", file);
    else if (connect->asks && ask_line(connect->ctl, "Secret", NULL, true, line) && *line)
        json_set_text(*out, "value", line);
    explicit_bzero(line, sizeof line);
    if (!*env && !*file && !json_get(*out, "value"))
        return ctl_fail(connect->ctl, EXIT_USAGE,
                        "--secret-env or --secret-file is missing: where workers find the secret "
                        "of credential %s",
                        credential_of(connect));
    return EXIT_OK;
}

/* Four kinds: with a client id the peers' own grant, without one a token of an older custom app; at
 * a server of one's own a user and his key. */
static void name_kind(const struct connect *connect, json *body, json *secret)
{
    const char *id = json_text(connect->given, "client_id");
    bool own_server = *json_text(connect->given, "bc_instance");
    json_set_text(body, "kind",
                  connect->bc ? own_server ? "bc-basic" : "bc-oauth"
                  : *id       ? "shopify-client-credentials"
                              : "shopify-token");
    if (*id)
        json_set_text(body, connect->bc && own_server ? "user" : "client_id", id);
    json_set(body,
             connect->bc && own_server ? "key"
             : connect->bc || *id      ? "client_secret"
                                       : "token",
             secret);
}

static int store_credential(struct connect *connect)
{
    struct ctl *ctl = connect->ctl;
    char line[LINE_MOST] = "";
    bool stored;
    int code = is_stored(connect, &stored);
    bool told = *json_text(connect->given, "client_id") ||
                *json_text(connect->given, "secret_env") ||
                *json_text(connect->given, "secret_file");
    if (code != EXIT_OK || (stored && !told))
        return code;
    if (connect->asks && !json_get(connect->given, "client_id") &&
        ask_line(ctl, connect->bc ? "Client id (or user)" : "Client id (empty: a static token)", "",
                 false, line) &&
        *line)
        json_set_text(connect->given, "client_id", line);
    OWN_JSON json *body = json_new_object();
    json *secret = NULL;
    code = secret_of(connect, &secret);
    name_kind(connect, body, secret);
    if (code != EXIT_OK)
        return code;
    OWN_JSON json *answer = NULL;
    OWN_BUF struct buf path = {0};
    buf_text(&path, "/v1/credentials/");
    ctl_escape(&path, credential_of(connect));
    code = ctl_ask(ctl, "PUT", buf_str(&path), body, &answer);
    if (code != EXIT_OK)
        return code;
    json_set_text(body, "name", credential_of(connect));
    connect->shown = GIVE(body);
    if (!ctl->json)
        fprintf(ctl->out, "      credential %s is stored (%s)\n", credential_of(connect),
                json_text(answer, "change"));
    return EXIT_OK;
}

/* ---- the check ---- */

static int check(struct connect *connect, json **answer)
{
    OWN_JSON json *body = json_new_object();
    json *arguments = json_new_object();
    const char *field;
    json *value;
    JSON_EACH(field, value, connect->given)
    {
        bool own = false;
        for (size_t i = 0; i < COUNT(OF_CREDENTIAL); i++)
            own |= strcmp(field, OF_CREDENTIAL[i]) == 0;
        if (!own)
            json_set(arguments, field, json_copy(value));
    }
    json_set_text(body, "operation", connect->bc ? "connect.bc" : "connect.shopify");
    json_set(body, "arguments", arguments);
    if (connect->ctl->company && !connect->bc)
        json_set_text(body, "company", connect->ctl->company);
    return ctl_ask(connect->ctl, "POST", "/v1/checks", body, answer);
}

/* No company was named, and there are some: which one. */
static bool choose_company(struct connect *connect, const json *answer)
{
    char line[LINE_MOST];
    const json *companies = json_get(json_get(answer, "found"), "companies");
    if (*json_text(connect->given, "bc_company") || !json_count(companies) || !connect->asks)
        return false;
    for (size_t i = 0; i < json_count(companies); i++)
        fprintf(connect->ctl->err, "  %zu  %s  %s\n", i + 1, json_text(json_at(companies, i), "id"),
                json_text(json_at(companies, i), "name"));
    if (!ask_line(connect->ctl, "Which company (its number)", "1", false, line))
        return false;
    size_t number = strtoul(line, NULL, 10);
    if (number < 1 || number > json_count(companies))
        return false;
    json_set_text(connect->given, "bc_company", json_text(json_at(companies, number - 1), "id"));
    return true;
}

static int finish(struct connect *connect, const json *answer)
{
    struct ctl *ctl = connect->ctl;
    char line[LINE_MOST] = "";
    bool bad = strcmp(json_text(answer, "state"), "bad") == 0;
    if (ctl->json)
        ctl_print_json(ctl, answer);
    else
        checks_print(ctl, json_get(answer, "checks"));
    if (bad && !ctl->json)
        fprintf(ctl->err,
                "Nothing but the credential was stored. Do what stands above, then call it "
                "again.\n");
    if (bad)
        return EXIT_FAILED;
    if (!ctl->json)
        connect_show(ctl, connect->bc, connect->given, connect->shown, answer);
    if (!connect->save && connect->asks && !ctl->json &&
        ask_line(ctl, "Store it now (y/n)", "n", false, line))
        connect->save = *line == 'y' || *line == 'Y';
    return connect->save ? connect_save(ctl, connect->bc, connect->given, answer) : EXIT_OK;
}

int command_connect(struct ctl *ctl)
{
    struct connect connect = {.ctl = ctl};
    OWN_JSON json *answer = NULL, *given = json_new_object();
    connect.bc = strcmp(ctl->args[0], "bc") == 0;
    if (!connect.bc && strcmp(ctl->args[0], "shopify") != 0)
        return ctl_fail(ctl, EXIT_USAGE, "\"%s\": write shopify or bc", ctl->args[0]);
    connect.table = connect.bc ? BC : SHOPIFY;
    connect.given = given;
    connect.asks = isatty(STDIN_FILENO) && !ctl->json;
    connect.save = ctl->save;
    read_flags(&connect);
    int code = read_rest(&connect);
    if (code == EXIT_OK)
        code = store_credential(&connect);
    if (code == EXIT_OK)
        code = check(&connect, &answer);
    if (code == EXIT_OK && connect.bc && choose_company(&connect, answer)) {
        json_free(answer);
        answer = NULL;
        code = check(&connect, &answer);
    }
    if (code == EXIT_OK)
        code = finish(&connect, answer);
    json_free(connect.shown);
    return code;
}

/* access.h - who asks, and what they may do: bearer tokens with roles.
 *
 * A role includes those below it. The token in TOKEN_FILE is the admin's and needs no Redis, so
 * that the first one can be made with it; every other one reads NAME.SECRET, and only a hash of it
 * is stored. A plain hash will do: the secret is 192 bits of chance, so nobody can guess along.
 */
#ifndef CARTAGE_ADMIN_ACCESS_H
#define CARTAGE_ADMIN_ACCESS_H

#include "ledger/ledger.h"

enum role {
    ROLE_ANYBODY, /* the page, health, this API's description: nothing of the data */
    ROLE_VIEW,    /* sees everything but who may enter */
    ROLE_OPERATE, /* runs the queue, maps, resolves, posts: a day's work */
    ROLE_ADMIN,   /* companies, credentials, shops, tokens */
};
const char *role_name(enum role role);
MUST_USE bool role_parse(const char *name, enum role *out); /* view, operate, admin */

enum { TOKEN_MIN = 16, TOKEN_MAX = 512, TOKEN_NAME = 33, TOKEN_HASH = 65 };
#define TOKEN_OF_FILE "admin" /* its name in lists and in the audit log; no other has it */

struct caller {
    char name[TOKEN_NAME]; /* of the token; "" = nobody */
    enum role role;
    char from[64]; /* the peer's address; what a proxy in between claims is not believed */
};

void token_hash(const char *text, char out[static TOKEN_HASH]);
/* The hash of TOKEN_FILE's text. */
MUST_USE bool token_file_read(const char *path, char hash[static TOKEN_HASH], struct err *err);
MUST_USE bool token_name_check(const char *name, struct err *err);
/* A new one: NAME.SECRET, for whoever asked, once. */
void token_make(const char *name, char text[static TOKEN_MAX]);

struct MHD_Connection;
void caller_address(struct MHD_Connection *connection, struct caller *caller);
/* Fills name and role by the token given; 401 says what to send. `borrow` and `give_back` lend a
 * ledger, for a token that is not the file's. */
struct gate {
    const char *file_hash;
    bool (*borrow)(void *state, struct ledger **out, struct err *err);
    void (*give_back)(void *state, struct ledger *ledger, bool sound);
    void *state;
};
MUST_USE bool caller_known(const struct gate *gate, struct MHD_Connection *connection,
                           struct caller *caller, struct err *err);

#endif

/* client.h - the HTTP side of `cartage`: one call, one answer, or an answer that comes in lines.
 *
 * Errors: ERR_RETRY when the producer cannot be reached, ERR_CANCELLED after Ctrl-C. A status is an
 * answer. Threads: one client per thread.
 */
#ifndef CARTAGE_CLIENT_H
#define CARTAGE_CLIENT_H

#include "wire/json.h"

struct client_answer {
    int status;
    json *body; /* NULL = none, or no JSON; owned */
};
void client_answer_drop(struct client_answer *answer);

/* Each full line of an answer of type application/x-ndjson, as it comes. */
typedef void (*client_line)(void *state, const json *line);

struct client;
/* `leaving` ends a call early; NULL = never. token may be NULL. */
struct client *client_new(const char *url, const char *token, bool (*leaving)(void));
/* The certificate that the producer's is trusted by, a PEM file; NULL = as the system trusts. */
void client_trust(struct client *client, const char *ca_file);
void client_free(struct client *client);

MUST_USE bool client_call(struct client *client, const char *method, const char *path,
                          const json *body, client_line on_line, void *state,
                          struct client_answer *out, struct err *err);

#endif

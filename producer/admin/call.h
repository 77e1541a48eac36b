/* call.h - one call of the HTTP API: what was asked, and the answer that grows.
 *
 * A handler reads parameters and body, asks the ledger, and leaves an answer. It returns false with
 * an err to refuse: ERR_FATAL with a code from 400 to 599 becomes that status, ERR_RETRY and
 * ERR_UNCERTAIN become 503. Tickets left in `granted` are published once the handler is back, also
 * when it refused.
 * Threads: a call belongs to the thread of its connection.
 */
#ifndef CARTAGE_ADMIN_CALL_H
#define CARTAGE_ADMIN_CALL_H

#include "admin/access.h"
#include "admin/admin.h"
#include "wire/json.h"

struct MHD_Connection;
struct MHD_Response;
struct route;

enum { CALL_PARAMS = 3, CALL_MAX_BODY = 256 << 10, CALL_TAG = 40, CALL_ONCE = 33 };

struct api_call {
    struct admin *admin;
    const struct admin_config *config;
    struct ledger *ledger; /* NULL in routes that ask for none */
    const struct route *route;
    struct caller caller;
    struct MHD_Connection *connection;
    const char *method, *path;
    char params[CALL_PARAMS][128]; /* what stands for {...} in the route's path, in order */
    const char *text;              /* the body as it was sent */
    size_t size;
    json *body; /* an object; empty where none was sent, or an event was */
    struct tickets granted;
    char once[CALL_ONCE]; /* digest of the Idempotency-Key, "" = none was sent */
    /* answer */
    int status;                    /* 200 unless the handler says otherwise */
    json *answer;                  /* owned by the call */
    enum role needed;              /* 403: the role that this request takes, if not the route's */
    json *problem;                 /* members of a refusal beside its detail: code, values */
    struct MHD_Response *response; /* instead of `answer`: a page, a stream */
    char tag[CALL_TAG];            /* ETag of the record, "" = it has none */
    bool repeated;                 /* the answer to an earlier request of this Idempotency-Key */
    json *streamed;                /* what run_stream was asked for, NULL = nothing; owned */
};

/* The text after `name=` in the query; NULL = absent. */
const char *api_query(const struct api_call *call, const char *name);
bool api_query_flag(const struct api_call *call, const char *name); /* is it "true"? */
/* A whole number in the query; 400 names the parameter and its bounds. */
MUST_USE bool api_query_int(const struct api_call *call, const char *name, int64_t lowest,
                            int64_t highest, int64_t otherwise, int64_t *out, struct err *err);

/* Gives the refusal that follows a code to go by, and its values (taken), for a page that says it
 * in another language. */
void api_problem(struct api_call *call, const char *code, json *values);

/* Answers this tree; takes it. Returns true, so that a handler ends in one line. */
bool api_answer(struct api_call *call, int status, json *tree);
/* {name: rows, "next"}: the rows (taken) in the order of their texts under `keys`, which together
 * tell each apart; those behind the query's `after`, at most its `limit` (1 to 1000). "next" is the
 * `after` of the page behind, where there is one. */
enum { API_ROWS = 1000 };
bool api_rows(struct api_call *call, const char *name, json *rows, const char *const keys[2],
              struct err *err);
/* Answers bytes that outlive the process's calls (embedded files). */
bool api_static(struct api_call *call, const char *type, const char *bytes, size_t size);
bool api_text(struct api_call *call, const char *type, const char *text);
/* {"change": word, "id": id} */
bool api_changed(struct api_call *call, const char *change, const char *id);

/* Which company is meant: the text given (GUID or name), or the only one there is. */
MUST_USE bool api_company(struct api_call *call, char out[static UUID_TEXT], struct err *err);
MUST_USE bool api_company_named(struct api_call *call, const char *text, char out[static UUID_TEXT],
                                struct err *err);
/* The companies a list is about: the one asked for, or all. An array of GUIDs, owned. */
MUST_USE bool api_companies(struct api_call *call, json **out, struct err *err);
/* Copies a company's part of such a list to its end; each row then says whose it is. */
void api_add_rows(json *rows, const json *part, const char *company);

/* Which company holds this entry or run; gives what `read` (ledger_entry, ledger_run) answered. A
 * run number says no company: then one must be given, or the only one is meant. */
typedef bool (*api_reader)(struct ledger *ledger, const char *company, const char *id, json **out,
                           struct err *err);
MUST_USE bool api_holder(struct api_call *call, const char *id, api_reader read,
                         char company[static UUID_TEXT], json **out, struct err *err);

/* {"value": SECRET} of a field becomes {"sealed": TEXT}; `before` is the stored record, NULL =
 * none. */
MUST_USE bool api_seal(json *holder, const char *field, const json *before, struct err *err);
/* A record that names a credential nobody has stored would fail at its first run; it is said now.
 * "" is fine. */
MUST_USE bool credential_known(struct api_call *call, const char *field, const char *name,
                               struct err *err);

/* Waits so long; false when the API stops meanwhile. */
bool admin_pause(struct admin *admin, int64_t ms);
struct directory *admin_directory(const struct admin *admin); /* of entries, by their names */

#endif

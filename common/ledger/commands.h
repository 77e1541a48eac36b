/* commands.h - what people and triggers ask of the ledger (the HTTP API calls these, nobody else).
 *
 * Each is one atomic script of the entry's bucket. `granted` receives tickets that the command
 * freed or made; the caller publishes them. Answers that refuse (wrong state, unknown entry) are
 * ERR_FATAL with a text for people and code 404 or 409. Lists answer JSON documents in the API's
 * form (schemas/openapi).
 */
#ifndef CARTAGE_COMMANDS_H
#define CARTAGE_COMMANDS_H

#include "ledger/ledger.h"

/* ADD: a new entry, or the existing one of the same coalesce key or id (then *existing). */
MUST_USE bool ledger_add(struct ledger *ledger, const struct entry_definition *definition,
                         char entry_id[static UUID_TEXT], bool *existing, struct tickets *granted,
                         struct err *err);
MUST_USE bool ledger_edit(struct ledger *ledger, const char *entry_id,
                          const struct entry_definition *definition, struct tickets *granted,
                          struct err *err);
MUST_USE bool ledger_hold(struct ledger *ledger, const char *company, const char *entry_id,
                          bool stop, struct tickets *granted, struct err *err);
MUST_USE bool ledger_ready(struct ledger *ledger, const char *company, const char *entry_id,
                           struct tickets *granted, struct err *err);
MUST_USE bool ledger_restart(struct ledger *ledger, const char *company, const char *entry_id,
                             struct tickets *granted, struct err *err);
MUST_USE bool ledger_delete(struct ledger *ledger, const char *company, const char *entry_id,
                            struct tickets *granted, struct err *err);
/* Scores it anew where it waits; refused (409) while it runs. */
MUST_USE bool ledger_priority(struct ledger *ledger, const char *company, const char *entry_id,
                              enum priority priority, struct tickets *granted, struct err *err);
MUST_USE bool ledger_cancel(struct ledger *ledger, const char *company, const char *task_or_no,
                            struct tickets *granted, struct err *err);
/* One entry, without an event (ledger/wake.h); *answer is a word for people. */
MUST_USE bool ledger_wake(struct ledger *ledger, const char *company, const char *entry_id,
                          const char **answer, struct tickets *granted, struct err *err);

/* Reads for the API: each gives an owned JSON tree. */
MUST_USE bool ledger_entries(struct ledger *ledger, const char *company, json **out,
                             struct err *err);
/* Those that are on hold, in error, or wait for a person's word; the longest first. */
MUST_USE bool ledger_resting(struct ledger *ledger, const char *company, json **out,
                             struct err *err);
/* Those with a number above `after`, at most `most`; *next = where the next page begins, 0 = there
 * is none. */
MUST_USE bool ledger_entries_page(struct ledger *ledger, const char *company, int64_t after,
                                  size_t most, json **out, int64_t *next, struct err *err);
/* Those that there are of these ids, in one round trip; at most ENTRIES_MOST. */
enum { ENTRIES_MOST = 250 };
MUST_USE bool ledger_entries_by_id(struct ledger *ledger, const char *company,
                                   const char *const ids[], size_t count, json **out,
                                   struct err *err);
MUST_USE bool ledger_entry(struct ledger *ledger, const char *company, const char *entry_id,
                           json **out, struct err *err);
/* Runs of a company, newest first. `before`: of a page, the number that it begins behind, 0 = the
 * newest; `open`: only those that have not ended, however many have since they began. */
struct runs_query {
    int64_t before;
    size_t most;
    bool open;
};
MUST_USE bool ledger_runs(struct ledger *ledger, const char *company,
                          const struct runs_query *query, json **out, struct err *err);
/* One run by task id or number: state, progress, counts, attempts, what it waits for. */
MUST_USE bool ledger_run(struct ledger *ledger, const char *company, const char *task_or_no,
                         json **out, struct err *err);

/* ---- settings (JSON texts checked by model before they come here), each with a rev ---- */
MUST_USE bool ledger_settings_put(struct ledger *ledger, const char *company, const char *field,
                                  const char *json_text, bool *changed, struct err *err);
MUST_USE bool ledger_settings_get(struct ledger *ledger, const char *company, const char *field,
                                  json **out, struct err *err); /* NULL tree = none */
MUST_USE bool ledger_settings_all(struct ledger *ledger, const char *company, json **out,
                                  struct err *err); /* {"company":{...},"shop:CODE":{...}} */
MUST_USE bool ledger_companies(struct ledger *ledger, json **out,
                               struct err *err); /* ["guid", ...] */
/* Credentials belong to the environment, not to a company; values are references or sealed. */
MUST_USE bool ledger_credential_put(struct ledger *ledger, const char *name, const char *json_text,
                                    bool *changed, struct err *err);
MUST_USE bool ledger_credential_get(struct ledger *ledger, const char *name, json **out,
                                    struct err *err);
MUST_USE bool ledger_credentials(struct ledger *ledger, json **out, struct err *err);
/* From which counts on cues are yellow and red for a person, as JSON; NULL tree = as usual. A
 * company's stand in its settings, in the field "thresholds". */
MUST_USE bool ledger_thresholds_put(struct ledger *ledger, const char *user, const char *json_text,
                                    bool *changed, struct err *err);
MUST_USE bool ledger_thresholds_get(struct ledger *ledger, const char *user, json **out,
                                    struct err *err);

#endif

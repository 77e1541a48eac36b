/* doctor.h - the checks of `doctor`: what each looks at, and the row that it leaves.
 *
 * A check never fails the others: what it cannot see is a row that says so. Every row that is not
 * ok says what to do; where a command does it, the command stands there as it is to be typed.
 * Nothing here calls Shopify or Business Central: what they say is read from what the operation
 * doctor.probe has kept.
 */
#ifndef CARTAGE_ADMIN_DOCTOR_H
#define CARTAGE_ADMIN_DOCTOR_H

#include "admin/call.h"

enum check_state { CHECK_OK, CHECK_WARN, CHECK_BAD };

struct doctor {
    const struct admin_config *config;
    struct ledger *ledger; /* NULL = Redis does not answer */
    json *rows;
    json *alive; /* ledger_alive */
};

/* A new row, owned by the list: {"code", "state", "text", "values", "advice", "actions"}. */
json *doctor_add(struct doctor *doctor, const char *code, enum check_state state, const char *text,
                 ...) PRINTF(4, 5);
json *doctor_values(json *row); /* where the numbers and names of its text go */
void doctor_advise(json *row, const char *advice, ...) PRINTF(2, 3);
/* Which of several findings this is, where a code and its state alone can mean more than one: for
 * whoever says it in another language. */
void doctor_case(json *row, const char *word);
/* A command that does what the advice says. */
void doctor_command(json *row, const char *title, const char *command, ...) PRINTF(3, 4);
/* A call of this API that does it; takes the body, NULL = none. */
void doctor_call(json *row, const char *title, const char *method, const char *path, json *body);
/* Whatever could not be looked at. */
void doctor_unseen(struct doctor *doctor, const char *code, const struct err *err);

/* Workers among those that live (ledger_alive) that serve this category; NULL = any. */
size_t doctor_serving(const json *alive, const char *category);
/* "ok", "warn" or "bad": the worst of the rows. */
const char *doctor_state(const json *rows);

void doctor_redis(struct doctor *doctor);
void doctor_kafka(struct doctor *doctor);
void doctor_transport(struct doctor *doctor);
void doctor_clocks(struct doctor *doctor);
void doctor_workers(struct doctor *doctor);
void doctor_zones(struct doctor *doctor);
void doctor_categories(struct doctor *doctor);
void doctor_credentials(struct doctor *doctor);
void doctor_entries(struct doctor *doctor);
void doctor_peers(struct doctor *doctor);
void doctor_webhooks(struct doctor *doctor);
void doctor_templates(struct doctor *doctor);

#endif

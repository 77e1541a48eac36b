/* postings.h - orders on their way to posted invoices, as the tests of posting need them. */
#ifndef CARTAGE_TEST_POSTINGS_H
#define CARTAGE_TEST_POSTINGS_H

#include "support/house.h"

extern const char NINES[], CREATED[]; /* arguments: orders #90.. of shop DEMO; all that is ready */

/* cmocka's set-up and tear-down: a house whose ERP takes a second for eight minutes. */
int open_postings(void **state);
int close_postings(void **state);
#define RUN(test) cmocka_unit_test_setup_teardown(test, open_postings, close_postings)

/* So many orders of Shopify, #9001 and up, become sales orders. */
void make_orders(struct house *house, int count, const char *more);
json *documents(struct house *house);
/* Posted invoices that carry this external number; NULL = any. */
size_t invoices(struct house *house, const char *external);
char *number_of(struct house *house, const char *external);
char *line_field(struct house *house, const char *external, const char *field);
/* What a person does to the document of this external number. */
void document_told(struct house *house, const char *external, const char *body);
void person_sets(struct house *house, const char *name, const char *body); /* on its first line */

/* The one record that this text finds. */
json *posting_of(struct house *house, const char *text);
void expect_state(struct house *house, const char *name, const char *state, const char *reason);
size_t posting_count(struct house *house);
/* Names it for posting; {"id","name",...}. */
json *name_order(struct house *house, const char *text);
/* A change of the order is open: a person decides first. */
void unready(struct house *house, const char *order);

void fault_posting(struct house *house, int times, const char *action);
/* The documents that a run with these arguments would post, by the orders' names, and how many it
 * would not. */
size_t preview(struct house *house, const char *operation, const char *arguments,
               struct buf *names);

#endif

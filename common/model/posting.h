/* posting.h - what the two reports that post documents can be told (296 and 297). Pure.
 *
 * Posting cannot be taken back, so an entry that names no filter is refused: it says `all`, or
 * which documents it means. Without `all` only documents that our own record marks ready are meant.
 */
#ifndef CARTAGE_MODEL_POSTING_H
#define CARTAGE_MODEL_POSTING_H

#include "model/operations.h"

extern const struct parameter POST_ORDERS_PARAMETERS[], POST_INVOICES_PARAMETERS[];
enum { POST_ORDERS_COUNT = 20, POST_INVOICES_COUNT = 19 };

bool posting_arguments_check(const struct json_object *arguments, struct err *err);

enum post_when { POST_CREATED, POST_PAID, POST_FULFILLED, POST_MANUAL };
enum post_when post_when_of(const char *word); /* of a checked argument; "" = created */

#endif

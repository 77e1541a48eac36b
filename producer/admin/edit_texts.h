/* edit_texts.h - what the audit log says of a record: its name, its fields, never its secrets. */
#ifndef CARTAGE_ADMIN_EDIT_TEXTS_H
#define CARTAGE_ADMIN_EDIT_TEXTS_H

#include "admin/call.h"

/* The record without what changes by itself; owned. */
json *record_steady(const json *record);
/* {field: {"before", "after"}} of the fields that differ, NULL = none do. Secrets are told as
 * "hidden", long values by their length. */
json *record_difference(const json *before, const json *after);
/* "entry read orders", "shop DEMO", "mapping products 8100000000010": by what people know. */
char *record_name(const struct api_call *call, const struct route *reads, const json *record);
/* Adds "company" to the row, where it is known. */
void record_company(struct api_call *call, const json *record, json *row);
/* The body without secrets; NULL = it was empty. */
json *asked_of(const json *body);

#endif

/* lists.h - how lists and single records are asked for and shown. */
#ifndef CARTAGE_CTL_LISTS_H
#define CARTAGE_CTL_LISTS_H

#include "ctl.h"

/* GET of a list; prints the whole answer with --json, else gives the rows under `name`. The answer
 * is the caller's. An exit code. */
int list_ask(struct ctl *ctl, const char *path, const char *name, bool with_shop, json **answer,
             json **rows);
/* Every field a line, for people; the record itself with --json. */
void record_print(struct ctl *ctl, const json *record);

#endif

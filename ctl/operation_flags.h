/* operation_flags.h - operations as people name them, and the flags each brings along. */
#ifndef CARTAGE_CTL_OPERATION_FLAGS_H
#define CARTAGE_CTL_OPERATION_FLAGS_H

#include "ctl.h"
#include "model/operations.h"

/* "orders" is orders.sync; else a name or a report number. NULL after telling what is near. */
const struct operation *operation_named(struct ctl *ctl, const char *text);
/* The operation's own flags as arguments; EXIT_USAGE names the flag and its operation. */
int operation_flags(struct ctl *ctl, const struct operation *operation, json *arguments);
/* The first word is an operation, with its flags, or an entry of the job queue, with the arguments
 * that it has: both as `operation` and `arguments` of a body. */
int operation_or_entry(struct ctl *ctl, json *body);
void help_operation(struct ctl *ctl, const char *name); /* its flags */

#endif

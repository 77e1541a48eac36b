/* operations.h - the run functions of the operations, by name: one file each in this folder. */
#ifndef CARTAGE_OPERATIONS_H
#define CARTAGE_OPERATIONS_H

#include "attempt.h"

const struct operation_run *operation_find(const char *name); /* NULL = unknown here */

#endif

/* command_line.h - one call of `cartage`, from its words to its exit code. */
#ifndef CARTAGE_CTL_COMMAND_LINE_H
#define CARTAGE_CTL_COMMAND_LINE_H

#include "ctl.h"

/* Writes to `out` and `err` only, so that a test reads what a person would see. */
int ctl_main(int argc, char **argv, const struct clock *clock, FILE *out, FILE *err);

#endif

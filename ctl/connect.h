/* connect.h - what connect.c and connect_save.c share. */
#ifndef CARTAGE_CTL_CONNECT_H
#define CARTAGE_CTL_CONNECT_H

#include "ctl.h"

/* Rows of doctor and connect, a line each, with what to do below those that are not well. */
void checks_print(struct ctl *ctl, const json *checks);
/* What to put into the apply file. `credential` NULL = it stood already. */
void connect_show(struct ctl *ctl, bool bc, const json *given, const json *credential,
                  const json *answer);
/* Stores the company or the shop; what was there beside it stays. */
int connect_save(struct ctl *ctl, bool bc, const json *given, const json *answer);

#endif

/* script_text.h - what Redis is given of a script. */
#ifndef CARTAGE_LEDGER_SCRIPT_TEXT_H
#define CARTAGE_LEDGER_SCRIPT_TEXT_H

#include "base/buf.h"

/* schemas/redis/NAME.lua: its first line (#!), of the shared prelude what it uses, and the rest of
 * it. What the prelude keeps back is written when the script is over, wherever it returns; a script
 * that may not write has nothing to be written. */
void script_text(const char *name, struct buf *out);

#endif

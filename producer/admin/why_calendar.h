/* why_calendar.h - is an entry outside its window now? */
#ifndef CARTAGE_ADMIN_WHY_CALENDAR_H
#define CARTAGE_ADMIN_WHY_CALENDAR_H

#include "calendar/words.h"
#include "ledger/ledger.h"
#include "wire/json.h"

struct why_window {
    bool closed;
    char days[DAYS_TEXT], hours[WINDOW_TEXT], zone[64]; /* as people write them */
};
/* `entry` as the API answers it. */
MUST_USE bool why_window(struct ledger *ledger, const char *company, const json *entry,
                         int64_t now_ms, struct why_window *out, struct err *err);

#endif

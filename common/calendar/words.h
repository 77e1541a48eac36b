/* words.h - weekdays, windows and times of day as people write them. Pure. */
#ifndef CARTAGE_CALENDAR_WORDS_H
#define CARTAGE_CALENDAR_WORDS_H

#include "base/err.h"

enum { DAYS_TEXT = 32, WINDOW_TEXT = 24 };

/* "mon-fri", "mon, wed, fri", "sat-mon", "all"; bit 0 = Monday. ERR_FATAL, code 400. */
MUST_USE bool weekdays_parse(const char *text, unsigned *days, struct err *err);
void weekdays_text(unsigned days, char out[static DAYS_TEXT]); /* "mon-fri"; 0 = "" */

/* "06:00", "06:00:30" in milliseconds of the day; 24:00 is its end. */
MUST_USE bool clock_parse(const char *text, int64_t *ms, struct err *err);
void clock_text(int64_t ms, char out[static WINDOW_TEXT]);

/* "08:00-18:00", "22:00-02:00", "08:00-", "-18:00"; without an end *to is 0, midnight as an end 24
 * h. */
MUST_USE bool window_parse(const char *text, int64_t *from_ms, int64_t *to_ms, struct err *err);
void window_text(int64_t from_ms, int64_t to_ms, char out[static WINDOW_TEXT]);

#endif

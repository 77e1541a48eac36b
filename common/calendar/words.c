/* words.c - one way to write each, several to read it. */
#include "calendar/words.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "calendar/days.h"
#include "calendar/slots.h"

enum { BAD = 400 };
static const char *const NAMES[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/* ---- weekdays ---- */

/* A name, in full or its first three letters; -1 = none stands there. */
static int take_day(const char **at)
{
    static const char *const FULL[] = {"monday", "tuesday",  "wednesday", "thursday",
                                       "friday", "saturday", "sunday"};
    size_t size = 0;
    while (isalpha((unsigned char)(*at)[size]))
        size++;
    for (int day = 0; day < 7; day++) {
        if ((size == 3 && strncasecmp(*at, NAMES[day], 3) == 0) ||
            (size == strlen(FULL[day]) && strncasecmp(*at, FULL[day], size) == 0)) {
            *at += size;
            return day;
        }
    }
    return -1;
}

bool weekdays_parse(const char *text, unsigned *days, struct err *err)
{
    const char *at = text;
    *days = 0;
    if (strcasecmp(text, "all") == 0 || strcasecmp(text, "daily") == 0) {
        *days = EVERY_DAY;
        return true;
    }
    while (*(at += strspn(at, ", "))) {
        int from = take_day(&at), to = from;
        if (from >= 0 && *at == '-') {
            at++;
            to = take_day(&at);
        }
        if (from < 0 || to < 0 || (*at && !strchr(", ", *at)))
            return err_set(err, ERR_FATAL, BAD,
                           "\"%.40s\" is no list of weekdays; write mon-fri or mon, wed, fri",
                           text);
        for (int day = from;; day = (day + 1) % 7) {
            *days |= 1u << day;
            if (day == to)
                break;
        }
    }
    if (!*days)
        return err_set(err, ERR_FATAL, BAD, "it names no weekday; write mon-fri, or leave it out");
    return true;
}

void weekdays_text(unsigned days, char out[static DAYS_TEXT])
{
    size_t used = 0;
    *out = 0;
    for (int day = 0; day < 7; day++) {
        if (!(days & (1u << day)))
            continue;
        int last = day;
        while (last < 6 && days & (1u << (last + 1)))
            last++;
        used += (size_t)snprintf(out + used, DAYS_TEXT - used, "%s%s", used ? "," : "", NAMES[day]);
        if (last > day)
            used += (size_t)snprintf(out + used, DAYS_TEXT - used, "%s%s",
                                     last > day + 1 ? "-" : ",", NAMES[last]);
        day = last;
    }
}

/* ---- times of day ---- */

static bool take_clock(const char **at, int64_t *ms)
{
    unsigned part[3] = {0};
    int used = 0, more = 0;
    const char *from = *at;
    if (!isdigit((unsigned char)*from) ||
        sscanf(from, "%2u:%2u%n", &part[0], &part[1], &used) != 2 || !used)
        return false;
    from += used;
    if (*from == ':') {
        if (!isdigit((unsigned char)from[1]) || sscanf(from, ":%2u%n", &part[2], &more) != 1)
            return false;
        from += more;
    }
    int64_t clock = ((part[0] * 60 + part[1]) * 60 + part[2]) * 1000LL;
    if (part[0] > 24 || part[1] > 59 || part[2] > 59 || clock > DAY_MS)
        return false;
    *at = from;
    *ms = clock;
    return true;
}

bool clock_parse(const char *text, int64_t *ms, struct err *err)
{
    const char *at = text;
    if (take_clock(&at, ms) && !*at && *ms < DAY_MS)
        return true;
    return err_set(err, ERR_FATAL, BAD, "\"%.40s\" is no time of day; write one like 06:00", text);
}

void clock_text(int64_t ms, char out[static WINDOW_TEXT])
{
    int seconds = (int)(ms / 1000);
    if (seconds % 60)
        snprintf(out, WINDOW_TEXT, "%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60,
                 seconds % 60);
    else
        snprintf(out, WINDOW_TEXT, "%02d:%02d", seconds / 3600, seconds / 60 % 60);
}

bool window_parse(const char *text, int64_t *from_ms, int64_t *to_ms, struct err *err)
{
    const char *at = text + strspn(text, " ");
    bool from, to, dash;
    *from_ms = *to_ms = 0;
    from = take_clock(&at, from_ms);
    at += strspn(at, " ");
    dash = *at == '-';
    at += dash;
    at += strspn(at, " ");
    to = take_clock(&at, to_ms);
    at += strspn(at, " ");
    if (!dash || *at || (!from && !to) || *from_ms == DAY_MS)
        return err_set(err, ERR_FATAL, BAD,
                       "\"%.40s\" is no window; write 08:00-18:00, 22:00-02:00 or 08:00-", text);
    if (to && !*to_ms)
        *to_ms = DAY_MS; /* midnight ends the day that it closes */
    return true;
}

void window_text(int64_t from_ms, int64_t to_ms, char out[static WINDOW_TEXT])
{
    char from[WINDOW_TEXT] = "", to[WINDOW_TEXT] = "";
    if (!from_ms && !to_ms) {
        *out = 0;
        return;
    }
    clock_text(from_ms, from);
    if (to_ms)
        clock_text(to_ms, to);
    snprintf(out, WINDOW_TEXT, "%.8s-%.8s", from, to);
}

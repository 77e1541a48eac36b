/* clock.c - the real clock and RFC 3339 texts. Days are counted by the civil calendar (proleptic
 * Gregorian), so that nothing depends on the process's time zone. */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t real_now_ms(const struct clock *clock)
{
    (void)clock;
    return read_clock(CLOCK_REALTIME);
}

static int64_t real_mono_ms(const struct clock *clock)
{
    (void)clock;
    return read_clock(CLOCK_BOOTTIME);
}

const struct clock CLOCK_REAL = {real_now_ms, real_mono_ms, NULL};

static int64_t days_from_civil(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void time_format(int64_t utc_ms, bool millis, char out[static 32])
{
    int64_t seconds = utc_ms / 1000, rest = utc_ms % 1000;
    if (rest < 0) {
        rest += 1000;
        seconds--;
    }
    time_t when = (time_t)seconds;
    struct tm utc;
    gmtime_r(&when, &utc);
    size_t used = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &utc);
    if (millis && rest)
        snprintf(out + used, 32 - used, ".%03dZ", (int)rest);
    else
        snprintf(out + used, 32 - used, "Z");
}

static bool digits(const char **at, int count, int *out)
{
    *out = 0;
    for (int i = 0; i < count; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return false;
        *out = *out * 10 + (**at - '0');
    }
    return true;
}

static bool take(const char **at, char wanted)
{
    if (**at != wanted)
        return false;
    (*at)++;
    return true;
}

bool time_parse(const char *text, int64_t *utc_ms)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day, hour, minute, second, millis = 0, offset = 0;
    const char *at = text;

    if (!digits(&at, 4, &year) || !take(&at, '-') || !digits(&at, 2, &month) || !take(&at, '-') ||
        !digits(&at, 2, &day) || (!take(&at, 'T') && !take(&at, 't') && !take(&at, ' ')) ||
        !digits(&at, 2, &hour) || !take(&at, ':') || !digits(&at, 2, &minute) || !take(&at, ':') ||
        !digits(&at, 2, &second))
        return false;
    if (take(&at, '.')) {
        int scale = 100;
        if (*at < '0' || *at > '9')
            return false;
        for (; *at >= '0' && *at <= '9'; at++, scale /= 10)
            millis += (*at - '0') * scale;
    }
    if (*at == '+' || *at == '-') {
        int sign = *at++ == '-' ? -1 : 1, hours, minutes;
        if (!digits(&at, 2, &hours) || !take(&at, ':') || !digits(&at, 2, &minutes) || hours > 23 ||
            minutes > 59)
            return false;
        offset = sign * (hours * 60 + minutes);
    } else if (!take(&at, 'Z') && !take(&at, 'z')) {
        return false;
    }
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (*at || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 60 || day < 1 ||
        day > DAYS[month - 1] + (month == 2 && leap))
        return false;
    *utc_ms = ((days_from_civil(year, month, day) * 24 + hour) * 60 + minute - offset) * 60000 +
              second * 1000 + millis;
    return true;
}

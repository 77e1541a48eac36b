/* days.c - proleptic Gregorian dates, by the days of 400 years. */
#include "calendar/days.h"

#include <stdbool.h>

int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static bool leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int month_days(int year, int month)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return DAYS[month - 1] + (month == 2 && leap(year));
}

struct date days_date(int64_t days)
{
    int64_t z = days + 719468, era = floor_div(z, 146097), of_era = z - era * 146097;
    int64_t of = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t in_year = of_era - (365 * of + of / 4 - of / 100), m = (5 * in_year + 2) / 153;
    struct date date = {.month = (int)(m < 10 ? m + 3 : m - 9)};
    date.day = (int)(in_year - (153 * m + 2) / 5 + 1);
    date.year = (int)(of + era * 400 + (date.month <= 2));
    return date;
}

int64_t days_of(int year, int month, int day)
{
    int64_t y = year - (month <= 2), era = floor_div(y, 400), of_era = y - era * 400;
    int64_t in_year = (153 * (int64_t)(month + (month > 2 ? -3 : 9)) + 2) / 5;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + in_year + day - 1 - 719468;
}

int days_weekday(int64_t days)
{
    return (int)((days + 3) % 7 + 7) % 7 + 1; /* 1970 began on a Thursday */
}

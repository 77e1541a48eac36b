/* days.h - the Gregorian calendar as arithmetic: a date is the number of days since 1 January 1970.
 * Pure.
 */
#ifndef CARTAGE_DAYS_H
#define CARTAGE_DAYS_H

#include <stdint.h>

#define DAY_MS 86400000LL

struct date {
    int year, month, day; /* month and day from 1 */
};
struct date days_date(int64_t days);
int64_t days_of(int year, int month, int day); /* the month's day may lie outside of the month */
int month_days(int year, int month);
int days_weekday(int64_t days);          /* 1 = Monday ... 7 = Sunday */
int64_t floor_div(int64_t a, int64_t b); /* b > 0; rounds down, also below zero */

#endif

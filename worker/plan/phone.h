/* phone.h - phone numbers, of which each side keeps its own writing. Pure. */
#ifndef CARTAGE_PHONE_H
#define CARTAGE_PHONE_H

#include <stdbool.h>

/* Digits only, leading zeros dropped: "+44 (20) 7946-0100" and "0044 20 79460100" are one number.
 */
enum { PHONE_DIGITS_MIN = 7, PHONE_DIGITS_MAX = 20 };
void phone_digits(const char *text, char out[static PHONE_DIGITS_MAX + 1]);
/* Is one the end of the other, with enough digits? */
bool phones_match(const char *left, const char *right);

#endif

/* phone.c - see phone.h. */
#include "plan/phone.h"

#include <ctype.h>
#include <string.h>

void phone_digits(const char *text, char out[static PHONE_DIGITS_MAX + 1])
{
    size_t size = 0;
    for (; *text && size < PHONE_DIGITS_MAX; text++)
        if (isdigit((unsigned char)*text) && (size > 0 || *text != '0'))
            out[size++] = *text;
    out[size] = 0;
}

bool phones_match(const char *left, const char *right)
{
    char a[PHONE_DIGITS_MAX + 1], b[PHONE_DIGITS_MAX + 1];
    phone_digits(left, a);
    phone_digits(right, b);
    size_t long_size = strlen(a), size = strlen(b);
    const char *whole = long_size >= size ? a : b, *part = whole == a ? b : a;
    size = strlen(part);
    return size >= PHONE_DIGITS_MIN && strcmp(whole + strlen(whole) - size, part) == 0;
}

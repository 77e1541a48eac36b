/* ok.h - a call that has to succeed, or its reason fails the test. Behind cmocka.h. */
#ifndef CARTAGE_TEST_OK_H
#define CARTAGE_TEST_OK_H

#include "base/err.h"

static struct err err; /* of the calls of one test program */

#define OK(what)                                                                                   \
    do {                                                                                           \
        if (!(what))                                                                               \
            fail_msg("%s", err.text);                                                              \
    } while (0)

#endif

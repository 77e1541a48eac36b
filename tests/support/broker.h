/* broker.h - the broker of a test: the embedded one, or the Kafka whose address TEST_KAFKA holds.
 */
#ifndef CARTAGE_TEST_BROKER_H
#define CARTAGE_TEST_BROKER_H

#include "support/proc.h"

/* How often clients of tests ask which topics there are. Not 500: librdkafka 2.0.2 leaves and joins
 * a group again when the answer meets it between its own join and its assignment (it takes the
 * second for the first), and the embedded broker's joins take 3 and 9 s to the millisecond, so
 * whole fractions of those meet there again and again. */
#define METADATA_REFRESH_MS "700"

/* NULL when TEST_KAFKA is set. Fails the test when it does not answer. */
struct proc *broker_start(const char *dir, char *address, int size);
const char *build_program(const char *name, char *out,
                          int size);       /* path of a program of this build */
void environment_new(char *out, int size); /* one no other test has */

#endif

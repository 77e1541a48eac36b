/* broker.h - the broker of a test: the embedded one, or the Kafka whose address TEST_KAFKA holds.
 */
#ifndef CARTAGE_TEST_BROKER_H
#define CARTAGE_TEST_BROKER_H

#include "support/proc.h"

/* NULL when TEST_KAFKA is set. Fails the test when it does not answer. */
struct proc *broker_start(const char *dir, char *address, int size);
const char *build_program(const char *name, char *out,
                          int size);       /* path of a program of this build */
void environment_new(char *out, int size); /* one no other test has */

#endif

/* fault.h - named points at which a test lets a process die.
 *
 * CARTAGE_FAULT_LOG=FILE appends the name of every point passed. CARTAGE_FAULT_AT=N sends SIGKILL
 * to the process at its N-th point (from 1), CARTAGE_FAULT_AT=NAME:N at the N-th passing of that
 * name; one that ends in '*' means all that begin so. Without the variables a point costs one load.
 * Points stand before and after each script and each HTTP exchange ("ledger.claim.before",
 * "http.after:shopify OrdersDelta").
 */
#ifndef CARTAGE_FAULT_H
#define CARTAGE_FAULT_H

void fault_start(void);                                 /* reads the variables; called by main */
void fault_point(const char *name, const char *detail); /* detail may be NULL */

#endif

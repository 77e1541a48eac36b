/* proc.h - real processes for integration tests: started with a log, waited for with a bound, never
 * left behind.
 */
#ifndef CARTAGE_TEST_PROC_H
#define CARTAGE_TEST_PROC_H

#include <stdbool.h>

struct proc;

/* argv and variables ("NAME=value", on top of ours) are NULL-ended. It dies with us, whatever
 * happens. */
struct proc *proc_start(const char *name, const char *log, const char *const argv[],
                        const char *const variables[]);
void proc_signal(struct proc *proc, int number);
bool proc_alive(struct proc *proc);
bool proc_ends(struct proc *proc, int wait_ms); /* false = still runs after that time */
int proc_status(const struct proc *proc); /* exit code, or minus the signal; once it has ended */
const char *proc_log(const struct proc *proc); /* path of its log */
/* Waits until its log holds the text at least `count` times. */
bool proc_says(struct proc *proc, const char *text, int count, int wait_ms);
void proc_kill(struct proc *proc); /* SIGKILL, and waits for it */
void proc_stop(struct proc *proc); /* SIGTERM, then SIGKILL after 20 s */
void proc_free(struct proc *proc); /* stops it first */

/* Asks `reached` again and again; false = not within the bound. For states that no process tells by
 * itself. */
bool wait_for(bool (*reached)(void *state), void *state, int wait_ms);
/* Waits for a file with a first line, as a server's address file. */
bool file_says(const char *path, char *out, int size, int wait_ms);

#endif

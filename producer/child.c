/* child.c - runs a program with a standard input and a limit, and kills it with all it started.
 *
 * posix_spawn, not fork: this process has threads. The child inherits no descriptor but its input
 * and standard error, no signal mask, and no variable that was not named.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"

enum { LOOK_MS = 10, LEAVE_MS = 3000 };

static bool spawn(const struct child *child, int input, pid_t *pid, struct err *err)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    posix_spawnattr_init(&how);
    posix_spawnattr_setpgroup(&how, 0);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setsigdefault(&how, &usual);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                       POSIX_SPAWN_SETSIGDEF);
    /* It takes both lists without const and does not write through them. */
    int code = posix_spawn(pid, child->argv[0], &files, &how, (char *const *)(uintptr_t)child->argv,
                           (char *const *)(uintptr_t)child->variables);
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&files);
    return code == 0 || err_set(err, ERR_RETRY, code, "%s: %s", child->argv[0], strerror(code));
}

/* Writes what it takes now; false = there is nothing more to write, or nobody reads. */
static bool feed(const struct child *child, int input, size_t *fed)
{
    while (*fed < child->input_size) {
        ssize_t written = write(input, child->input + *fed, child->input_size - *fed);
        if (written < 0)
            return errno == EAGAIN || errno == EINTR;
        *fed += (size_t)written;
    }
    return false;
}

static bool judge(const struct child *child, int status, struct err *err)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    if (WIFEXITED(status))
        return err_set(err, ERR_RETRY, WEXITSTATUS(status), "%s ended with exit code %d",
                       child->argv[0], WEXITSTATUS(status));
    return err_set(err, ERR_RETRY, 0, "%s was ended by signal %d", child->argv[0],
                   WTERMSIG(status));
}

/* Feeds it and waits for its end; `input` is closed when all is written. */
static bool attend(const struct child *child, pid_t pid, int *input, struct err *err)
{
    int64_t end_ms = clock_mono_ms(child->clock) + child->timeout_ms;
    size_t fed = 0;
    int status = 0;
    for (;;) {
        if (*input >= 0 && !feed(child, *input, &fed)) {
            close(*input);
            *input = -1;
        }
        if (waitpid(pid, &status, WNOHANG) == pid)
            return judge(child, status, err);
        bool ending = atomic_load(child->ending);
        int64_t now_ms = clock_mono_ms(child->clock);
        if (ending && end_ms > now_ms + LEAVE_MS)
            end_ms = now_ms + LEAVE_MS;
        if (now_ms >= end_ms) {
            kill(-pid, SIGKILL);
            waitpid(pid, &status, 0);
            return ending ? err_set(err, ERR_CANCELLED, 0, "this producer ends")
                          : err_set(err, ERR_RETRY, 0, "%s did not end within %lld s",
                                    child->argv[0], (long long)child->timeout_ms / 1000);
        }
        struct pollfd wait = {.fd = *input, .events = POLLOUT};
        poll(&wait, *input >= 0 ? 1 : 0, LOOK_MS);
    }
}

bool child_run(const struct child *child, struct err *err)
{
    int ends[2];
    pid_t pid;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return err_set(err, ERR_RETRY, errno, "pipe to %s: %s", child->argv[0], strerror(errno));
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    bool good = spawn(child, ends[0], &pid, err);
    close(ends[0]);
    good = good && attend(child, pid, &ends[1], err);
    if (ends[1] >= 0)
        close(ends[1]);
    return good;
}

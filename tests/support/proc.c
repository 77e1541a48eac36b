/* proc.c - fork, exec, and no orphans. */
#include "support/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/own.h"

enum { LOOK_MS = 15, PATIENCE_MS = 20000, VARIABLES_MAX = 256 };

struct proc {
    pid_t pid;
    bool ended;
    int status;
    char *name, *log;
};

static void run(const char *log, const char *const argv[], const char *const variables[])
{
    sigset_t none;
    int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int in = open("/dev/null", O_RDONLY | O_CLOEXEC);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0); /* Ctrl-C reaches the test, which ends us in order */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    if (out < 0 || in < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
        _exit(126);
    for (; variables && *variables; variables++)
        putenv((char *)*variables);
    execvp(argv[0], (char *const *)argv);
    fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

struct proc *proc_start(const char *name, const char *log, const char *const argv[],
                        const char *const variables[])
{
    struct proc *proc = mem_new(sizeof *proc);
    proc->name = mem_text(name);
    proc->log = mem_text(log);
    proc->pid = fork();
    if (proc->pid == 0)
        run(log, argv, variables);
    assert(proc->pid > 0);
    return proc;
}

void proc_signal(struct proc *proc, int number)
{
    if (proc_alive(proc))
        kill(proc->pid, number);
}

bool proc_alive(struct proc *proc)
{
    int status;
    if (!proc->ended && waitpid(proc->pid, &status, WNOHANG) == proc->pid) {
        proc->ended = true;
        proc->status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    return !proc->ended;
}

static bool has_ended(void *proc)
{
    return !proc_alive(proc);
}

bool proc_ends(struct proc *proc, int wait_ms)
{
    return wait_for(has_ended, proc, wait_ms);
}

int proc_status(const struct proc *proc)
{
    return proc->status;
}

void proc_kill(struct proc *proc)
{
    proc_signal(proc, SIGKILL);
    if (!proc_ends(proc, PATIENCE_MS))
        fprintf(stderr, "%s outlived SIGKILL\n", proc->name);
}

void proc_stop(struct proc *proc)
{
    proc_signal(proc, SIGCONT);
    proc_signal(proc, SIGTERM);
    if (!proc_ends(proc, PATIENCE_MS)) {
        fprintf(stderr, "%s did not end on SIGTERM\n", proc->name);
        proc_kill(proc);
    }
}

void proc_free(struct proc *proc)
{
    if (!proc)
        return;
    proc_stop(proc);
    free(proc->name);
    free(proc->log);
    free(proc);
}

const char *proc_log(const struct proc *proc)
{
    return proc->log;
}

struct saying {
    const char *log, *text;
    int count;
};

static bool has_said(void *state)
{
    const struct saying *saying = state;
    char line[4096];
    int count = 0;
    FILE *file = fopen(saying->log, "re");
    while (file && fgets(line, sizeof line, file))
        count += strstr(line, saying->text) != NULL;
    if (file)
        fclose(file);
    return count >= saying->count;
}

bool proc_says(struct proc *proc, const char *text, int count, int wait_ms)
{
    struct saying saying = {proc->log, text, count};
    return wait_for(has_said, &saying, wait_ms);
}

static long long mono_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

bool wait_for(bool (*reached)(void *state), void *state, int wait_ms)
{
    long long until = mono_ms() + wait_ms;
    const struct timespec pause = {0, LOOK_MS * 1000000L};
    while (!reached(state)) {
        if (mono_ms() >= until)
            return false;
        nanosleep(&pause, NULL); /* between two looks; the wait ends with the state */
    }
    return true;
}

struct first_line {
    const char *path;
    char *out;
    int size;
};

static bool is_there(void *state)
{
    const struct first_line *line = state;
    FILE *file = fopen(line->path, "re");
    bool good = file && fgets(line->out, line->size, file);
    if (file)
        fclose(file);
    if (good)
        line->out[strcspn(line->out, "\n")] = 0;
    return good && *line->out;
}

bool file_says(const char *path, char *out, int size, int wait_ms)
{
    struct first_line line = {path, out, size};
    return wait_for(is_there, &line, wait_ms);
}

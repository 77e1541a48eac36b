/* data_set.c - which Redis to go on with: a new one, or one that is not the one of before.
 *
 * Both are said while no producer runs, because it refuses to start before that. So there is no API
 * to say it to: cartage-producer itself does it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "text.h"

#define PRODUCER "cartage-producer"

/* The producer's program stands beside this one; else wherever the shell would find it. */
static char *producer_path(void)
{
    char self[4096];
    ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);
    self[size > 0 ? size : 0] = 0;
    char *slash = strrchr(self, '/');
    char *path = slash ? mem_printf("%.*s/" PRODUCER, (int)(slash - self), self) : NULL;
    if (path && access(path, X_OK) == 0)
        return path;
    free(path);
    return mem_text(PRODUCER);
}

static int run_producer(struct ctl *ctl, const char *path, const char *flag)
{
    const char *argv[CTL_MAX_LOOSE + 3] = {path, flag};
    int status = 0;
    for (size_t i = 0; i < ctl->loose_count; i++)
        argv[i + 2] = ctl->loose[i];
    pid_t child = fork();
    if (child == 0) {
        execvp(path, (char *const *)argv);
        fprintf(ctl->err, "cartage: start %s: %s\n", path, strerror(errno));
        fflush(ctl->err);
        _exit(127);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (child < 0)
        return ctl_fail(ctl, EXIT_FAILED, "start %s: %s", path, strerror(errno));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? EXIT_OK : EXIT_FAILED;
}

/* `flag` of the producer, what it has done and what comes next. */
static int settle(struct ctl *ctl, const char *flag, const char *done, const char *next)
{
    OWN_TEXT char *path = producer_path();
    int code = run_producer(ctl, path, flag); /* it has said why not */
    if (code != EXIT_OK)
        return code;
    OWN_JSON json *answer = json_new_object();
    json_set_bool(answer, done, true);
    json_set_text(answer, "next", next);
    return ctl_answer(ctl, answer, "%s; next: %s\n", done, next);
}

int command_init(struct ctl *ctl)
{
    return settle(ctl, "--init", "initialised",
                  "start producers and workers, then `cartage apply -f FILE`");
}

int command_adopt(struct ctl *ctl)
{
    return settle(ctl, "--adopt", "adopted",
                  "start producers and workers; on an empty Redis `cartage apply -f FILE`; then "
                  "`cartage rebuild`");
}

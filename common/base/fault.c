/* fault.c - counting points, dying at one. */
#include "base/fault.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Atomic int armed;
static _Atomic long passed;
static int log_file = -1;
static long die_at;
static char die_name[128];

void fault_start(void)
{
    const char *path = getenv("CARTAGE_FAULT_LOG"), *at = getenv("CARTAGE_FAULT_AT");
    if (path && *path)
        log_file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (at && *at) {
        const char *colon = strrchr(at, ':');
        if (colon)
            snprintf(die_name, sizeof die_name, "%.*s", (int)(colon - at), at);
        die_at = strtol(colon ? colon + 1 : at, NULL, 10);
    }
    atomic_store(&armed, log_file >= 0 || die_at > 0);
}

static bool is_meant(const char *full)
{
    size_t size = strlen(die_name);
    if (size > 0 && die_name[size - 1] == '*')
        return strncmp(die_name, full, size - 1) == 0;
    return size == 0 || strcmp(die_name, full) == 0;
}

void fault_point(const char *name, const char *detail)
{
    if (!atomic_load_explicit(&armed, memory_order_relaxed))
        return;
    char full[256];
    snprintf(full, sizeof full, "%s%s%s", name, detail ? ":" : "", detail ? detail : "");
    if (log_file >= 0) {
        char line[258];
        int length = snprintf(line, sizeof line, "%s\n", full);
        ssize_t written = write(log_file, line, (size_t)length);
        (void)written;
    }
    if (die_at <= 0 || !is_meant(full))
        return;
    if (atomic_fetch_add(&passed, 1) + 1 == die_at)
        kill(getpid(), SIGKILL);
}

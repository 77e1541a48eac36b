/* broker.c - starts sandbox/broker and reads its address. */
#include "support/broker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ids.h"

const char *build_program(const char *name, char *out, int size)
{
    char self[4096];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    assert(length > 0);
    self[length] = 0;
    *strrchr(self, '/') = 0; /* tests stand beside the programs */
    int needed = snprintf(out, (size_t)size, "%s/%s", self, name);
    assert(needed < size);
    return out;
}

void environment_new(char *out, int size)
{
    char random[17];
    random_hex(8, random);
    snprintf(out, (size_t)size, "t%s", random);
}

struct proc *broker_start(const char *dir, char *address, int size)
{
    char path[4096], file[256], log[256];
    const char *real = getenv("TEST_KAFKA");

    if (real && *real) {
        snprintf(address, (size_t)size, "%s", real);
        return NULL;
    }
    snprintf(file, sizeof file, "%s/broker.address", dir);
    snprintf(log, sizeof log, "%s/broker.log", dir);
    struct proc *broker =
        proc_start("broker", log,
                   (const char *const[]){build_program("cartage-broker", path, sizeof path),
                                         "--address-file", file, NULL},
                   NULL);
    if (!file_says(file, address, size, 10000)) {
        fprintf(stderr, "the embedded broker did not start; see %s\n", log);
        abort();
    }
    return broker;
}

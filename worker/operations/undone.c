/* undone.c - how a run ends that has to come back. */
#include "operations/undone.h"

#include <stdio.h>
#include <string.h>

enum { LOOK_LEAST_MS = 1000 };

void undone_add(struct undone *undone, const char *name, const char *why)
{
    if (undone->count++)
        return;
    snprintf(undone->first, sizeof undone->first, "%s", name);
    snprintf(undone->why, sizeof undone->why, "%s", why ? why : "");
}

void undone_look(struct undone *undone, const char *name, int64_t until_ms)
{
    undone_add(undone, name, NULL);
    if (undone->next_look_ms == 0 || until_ms < undone->next_look_ms)
        undone->next_look_ms = until_ms;
}

/* "order #1001 and 2 more" */
static void names(const struct undone *undone, const char *kind, char *out, size_t size)
{
    int used = snprintf(out, size, "%s %s", kind, undone->first);
    if (undone->count > 1 && used > 0 && (size_t)used < size)
        snprintf(out + used, size - (size_t)used, " and %zu more", undone->count - 1);
}

bool undone_retry(const struct undone *undone, const char *kind, struct err *err)
{
    char text[160];
    names(undone, kind, text, sizeof text);
    return err_set(err, ERR_RETRY, 0, "%s could not be sent: %s; it is tried again", text,
                   undone->why);
}

bool undone_come_back(const struct undone *undone, const char *kind, const struct attempt *attempt,
                      int64_t most_ms, struct err *err)
{
    char text[160];
    int64_t wait_ms = undone->next_look_ms - clock_now_ms(attempt->clock);
    names(undone, kind, text, sizeof text);
    err_set(err, ERR_UNCERTAIN, 0,
            "%s: a call got no answer and may still take effect; it is looked for again", text);
    wait_ms = wait_ms > LOOK_LEAST_MS ? wait_ms : LOOK_LEAST_MS;
    err->retry_after_ms = wait_ms < most_ms ? wait_ms : most_ms;
    return false;
}

/* shift.c - a process whose clock is set wrong, for tests: preloaded, it moves the time of day by
 * CLOCK_SHIFT_MS. What counts only upwards (monotonic clocks) stays as it is, as on a machine.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static long long shift_ms(void)
{
    const char *text = getenv("CLOCK_SHIFT_MS");
    return text ? atoll(text) : 0;
}

static void shift(struct timespec *time)
{
    long long ns = time->tv_nsec + shift_ms() % 1000 * 1000000;
    time->tv_sec += shift_ms() / 1000 + ns / 1000000000;
    time->tv_nsec = ns % 1000000000;
    if (time->tv_nsec < 0) {
        time->tv_nsec += 1000000000;
        time->tv_sec--;
    }
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    int answer = real(clock, out);
    if (answer == 0 && clock == CLOCK_REALTIME)
        shift(out);
    return answer;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}

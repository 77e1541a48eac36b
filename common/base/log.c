/* log.c - logfmt on standard error. */
#include "base/log.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

static _Atomic int lowest_level = LOG_LEVEL_INFO;
static const char *program_name = "cartage";
static const char *const LEVELS[] = {"debug", "info", "warn", "error"};

void log_set_level(enum log_level lowest)
{
    atomic_store(&lowest_level, (int)lowest);
}

bool log_level_parse(const char *name, enum log_level *out)
{
    for (size_t i = 0; i < COUNT(LEVELS); i++) {
        if (strcmp(LEVELS[i], name) == 0) {
            *out = (enum log_level)i;
            return true;
        }
    }
    return false;
}

void log_set_program(const char *name)
{
    program_name = name;
}

static void add_value(struct buf *line, const char *text)
{
    if (*text && !strpbrk(text, " \t\r\n\"=\\")) {
        buf_text(line, text);
        return;
    }
    buf_text(line, "\"");
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buf_printf(line, "\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            buf_printf(line, "\\x%02x", (unsigned char)*text);
        else
            buf_add(line, text, 1);
    }
    buf_text(line, "\"");
}

void log_write(enum log_level level, const char *event, const struct log_fact *facts, size_t count)
{
    if ((int)level < atomic_load(&lowest_level))
        return;
    char when[32];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now); /* the only place beside main: a log line's own stamp */
    time_format((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000, true, when);

    OWN_BUF struct buf line = {0};
    buf_printf(&line, "time=%s level=%s program=%s event=%s", when, LEVELS[level], program_name,
               event);
    for (size_t i = 0; i < count; i++) {
        buf_printf(&line, " %s=", facts[i].name);
        if (facts[i].text)
            add_value(&line, facts[i].text);
        else
            buf_printf(&line, "%" PRId64, facts[i].number);
    }
    buf_text(&line, "\n");
    ssize_t written = write(STDERR_FILENO, line.data, line.size);
    (void)written; /* nobody is left to tell */
}

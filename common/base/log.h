/* log.h - a log line is an event and its facts: `grep task=` tells a task's whole story.
 *
 *   log_info("attempt.finished", TEXT("task", id), NUM("ms", 412));
 *   level=info event=attempt.finished task=9f1c.3.1767225600000 ms=412
 *
 * Threads: one line is one write. Values with blanks or quotes are quoted. Never a secret, never
 * personal data: log ids and numbers.
 */
#ifndef CARTAGE_LOG_H
#define CARTAGE_LOG_H

#include "base/own.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

struct log_fact {
    const char *name;
    const char *text; /* NULL: the number counts */
    int64_t number;
};
#define TEXT(name, text) log_text_((name), (text))
#define NUM(name, number) ((struct log_fact){(name), NULL, (int64_t)(number)})

/* A function, because the compilers object to asking an array whether it is NULL. */
static inline struct log_fact log_text_(const char *name, const char *text)
{
    return (struct log_fact){name, text ? text : "", 0};
}

void log_set_level(enum log_level lowest);
MUST_USE bool log_level_parse(const char *name, enum log_level *out); /* debug info warn error */
void log_set_program(const char *name); /* written as program=, e.g. "worker" */
void log_write(enum log_level level, const char *event, const struct log_fact *facts, size_t count);

#define LOG_AT_(level, event, ...)                                                                 \
    log_write(level, event, (const struct log_fact[]){__VA_ARGS__},                                \
              sizeof((const struct log_fact[]){__VA_ARGS__}) / sizeof(struct log_fact))
#define log_debug(event, ...) LOG_AT_(LOG_LEVEL_DEBUG, event, __VA_ARGS__)
#define log_info(event, ...) LOG_AT_(LOG_LEVEL_INFO, event, __VA_ARGS__)
#define log_warn(event, ...) LOG_AT_(LOG_LEVEL_WARN, event, __VA_ARGS__)
#define log_error(event, ...) LOG_AT_(LOG_LEVEL_ERROR, event, __VA_ARGS__)

#endif

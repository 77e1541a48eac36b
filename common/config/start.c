/* start.c - what the long-running programs have in common before their own work begins. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/ids.h"
#include "base/secret.h"
#include "config/config.h"

/* Blocked before any thread starts, so that only sigwait() sees them. */
static void block(sigset_t *ends)
{
    sigemptyset(ends);
    sigaddset(ends, SIGTERM);
    sigaddset(ends, SIGINT);
    sigprocmask(SIG_BLOCK, ends, NULL);
    signal(SIGPIPE, SIG_IGN);
}

int config_complain(enum program program, const struct err *err)
{
    fprintf(stderr, "cartage-%s: %s\n", config_program(program), err->text);
    return EXIT_FAILURE;
}

bool config_start(enum program program, int argc, char **argv, char **variables, sigset_t *ends,
                  struct config *out, int *status)
{
    struct err err;
    enum log_level level;

    block(ends);
    ids_start();
    fault_start();
    log_set_program(config_program(program));
    if (!config_read(program, argc, argv, variables, out, &err)) {
        config_complain(program, &err);
        *status = 2;
        return false;
    }
    if (out->help || out->version) {
        OWN_BUF struct buf text = {0};
        if (out->help)
            config_help(program, &text);
        else
            buf_printf(&text, "cartage-%s %s\n", config_program(program), CARTAGE_VERSION);
        fputs(buf_str(&text), stdout);
        config_drop(out);
        *status = EXIT_SUCCESS;
        return false;
    }
    if (log_level_parse(out->log_level, &level))
        log_set_level(level);
    secret_key_file(out->seal_key_file);
    return true;
}

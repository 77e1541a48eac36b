/* main.c - the command line for people. */
#include <signal.h>

#include "base/ids.h"
#include "command_line.h"

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    ids_start();
    return ctl_main(argc, argv, &CLOCK_REAL, stdout, stderr);
}

/* main.c - a worker with the shipped operations and the real clock. */
#include <unistd.h>

#include "worker.h"

int main(int argc, char **argv)
{
    return worker_main(argc, argv, environ, (struct worker_config){.clock = &CLOCK_REAL});
}

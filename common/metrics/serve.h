/* serve.h - GET /metrics of a process that has no other HTTP API. */
#ifndef CARTAGE_METRICS_SERVE_H
#define CARTAGE_METRICS_SERVE_H

#include "base/err.h"

struct metrics_server;
/* "HOST:PORT"; "" = none, *out is NULL. Answers whoever asks: nothing in it is secret. */
MUST_USE bool metrics_serve(const char *listen, struct metrics_server **out, struct err *err);
void metrics_server_free(struct metrics_server *server);

#endif

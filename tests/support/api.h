/* api.h - the HTTP API on a real Redis, in this process, with a worker that the test plays by hand.
 *
 * The API's kick fires what is due at once, and published tickets lie in a list until the test
 * takes them: so a run begins, moves and ends when the test says so, and nothing waits for a clock.
 */
#ifndef CARTAGE_TEST_API_H
#define CARTAGE_TEST_API_H

#include <pthread.h>

#include "admin/admin.h"
#include "client.h"
#include "ledger/commands.h"
#include "support/redis.h"

#define API_COMPANY "11111111-1111-4111-8111-111111111111"

struct api_house {
    struct test_redis redis;
    char token_file[96], seal_file[96], dir[64];
    struct admin_config config;
    struct admin *admin;
    struct ledger *ledger; /* of kick, publish and the test: under the lock */
    pthread_mutex_t lock;
    struct tickets tickets;
    int claims;
};
struct api_house *api_house_open(void);
void api_house_free(struct api_house *house);
/* One for each test: cmocka's set-up and tear-down. */
int api_house_set_up(void **state);
int api_house_tear_down(void **state);
#define API_TEST(test) cmocka_unit_test_setup_teardown(test, api_house_set_up, api_house_tear_down)

/* A company, a credential and the shop DEMO, enabled; background as told. */
void api_house_furnish(struct api_house *house, bool background);
/* Another shop of it, like DEMO. */
void api_house_put_shop(struct api_house *house, const char *code, bool background);
/* From now on there is a key that seals secrets; then it is gone again. */
void api_house_seal(struct api_house *house);
void api_house_unseal(struct api_house *house);

/* One call with the right token; fails the test when it does not answer. The answer's body is the
 * caller's. */
struct client_answer api_ask(struct api_house *house, const char *method, const char *path,
                             const char *body);
/* The same without a body, with the token of somebody, or none. */
struct client_answer api_ask_as(struct api_house *house, const char *token, const char *method,
                                const char *path);
/* A route's path with "x" for "{shop}" and the like. */
void api_fill(const char *path, char out[static 200]);

/* `cartage WORDS`, in this process; texts are the caller's. */
struct told {
    int code;
    char *out, *err;
};
struct told api_cli(struct api_house *house, const char *const words[]);
void told_drop(struct told *told);
#define API_CLI(house, ...) api_cli((house), (const char *const[]){__VA_ARGS__, NULL})

/* ---- the worker's part ---- */

struct work { /* one attempt that the test runs */
    struct ticket ticket;
    char fence[48];
};
/* The next published ticket, claimed; false = none within the bound. */
bool api_claim(struct api_house *house, struct work *work, int wait_ms);
enum beat api_beat(struct api_house *house, const struct work *work, const char *progress);
void api_finish(struct api_house *house, const struct work *work, enum outcome outcome,
                const char *counts, const char *error);

#endif

/* leave.c - what becomes of runs whose caller presses Ctrl-C. */
#include "leave.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { CANCEL_WAIT_S = 10 };

int leave_choice(struct ctl *ctl, enum leave *out)
{
    const char *word = ctl->on_interrupt;
    bool person = isatty(STDIN_FILENO) && isatty(fileno(ctl->err));
    *out = person && !ctl->json ? LEAVE_ASK : LEAVE_CANCEL;
    if (!word)
        return EXIT_OK;
    *out = strcmp(word, "goes-on") == 0 ? LEAVE_GOES_ON : LEAVE_CANCEL;
    if (*out == LEAVE_GOES_ON || strcmp(word, "cancel") == 0)
        return EXIT_OK;
    return ctl_fail(ctl, EXIT_USAGE, "--on-interrupt \"%s\": want goes-on or cancel", word);
}

/* Who is asked says it to the server himself. */
const char *leave_word(enum leave choice)
{
    return choice == LEAVE_CANCEL ? "cancel" : "goes-on";
}

/* Another Ctrl-C, or an end of the input, is a no. Signals come through only while it waits: one
 * that came between the question and the wait would be lost, and the question stand for ever. */
static bool asked_to_go_on(struct ctl *ctl)
{
    sigset_t stops, before;
    sigemptyset(&stops);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGTERM);
    sigprocmask(SIG_BLOCK, &stops, &before);
    fputs("\nShall the run go on without you? [y/N] ", ctl->err);
    fflush(ctl->err);
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char line[16] = "";
    bool answered =
        ppoll(&input, 1, NULL, &before) == 1 && read(STDIN_FILENO, line, sizeof line - 1) > 0;
    sigprocmask(SIG_SETMASK, &before, NULL);
    return answered && (line[0] == 'y' || line[0] == 'Y');
}

static bool ended(const json *run)
{
    return strcmp(json_text(run, "state"), "finished") == 0;
}

/* The connection is closed, so the server may have cancelled already. */
static bool cancel(struct ctl *ctl, const json *run)
{
    struct client_answer answer = {0};
    struct err err = {0};
    OWN_TEXT char *path = mem_printf("/v1/runs/%s/cancel?company=%s", json_text(run, "task"),
                                     json_text(run, "company"));
    bool asked = client_call(ctl->client, "POST", path, NULL, NULL, NULL, &answer, &err);
    bool known = asked && (answer.status == 200 || answer.status == 404 || answer.status == 409);
    client_answer_drop(&answer);
    return known;
}

/* Waited for, so that nothing is left behind when we are gone. */
static bool see_the_end(struct ctl *ctl, struct follow *follow)
{
    OWN_TEXT char *path =
        mem_printf("/v1/runs/%s?company=%s&wait=%d&since=", json_text(follow->run, "task"),
                   json_text(follow->run, "company"), CANCEL_WAIT_S);
    int64_t end_ms = clock_mono_ms(ctl->clock) + CANCEL_WAIT_S * 1000;
    bool known = true, over = false;
    while (known && !over && clock_mono_ms(ctl->clock) < end_ms) {
        struct client_answer answer = {0};
        struct err err = {0};
        OWN_TEXT char *full = mem_printf("%s%s", path, json_text(follow->run, "version"));
        known = client_call(ctl->client, "GET", full, NULL, NULL, NULL, &answer, &err) &&
                answer.status == 200;
        if (known)
            follow_see(follow, answer.body);
        over = !known || ended(answer.body);
        client_answer_drop(&answer);
    }
    return over;
}

int leave_runs(struct ctl *ctl, enum leave choice, struct follow *follow, const json *runs)
{
    if (!follow->run)
        return EXIT_LEFT;
    int64_t no = json_int(follow->run, "no", 0);
    ctl_clean_up();
    if (choice == LEAVE_GOES_ON || (choice == LEAVE_ASK && asked_to_go_on(ctl)))
        return ctl_fail(ctl, EXIT_LEFT,
                        "run %" PRId64 " goes on; see `cartage run show %" PRId64 " --follow`", no,
                        no);
    ctl_clean_up(); /* Ctrl-C may have been the answer */
    bool known = true;
    for (size_t i = json_count(runs); i-- > 0;)
        known &= ended(json_at(runs, i)) || cancel(ctl, json_at(runs, i));
    bool over = known && see_the_end(ctl, follow);
    return ctl_fail(ctl, EXIT_LEFT, "run %" PRId64 " %s", no,
                    over ? "is cancelled" : "will stop at its next step; see `cartage run list`");
}

/* follow.c - progress while a run goes on, its result when it has ended. */
#include "follow.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

enum { BAR = 24, PLAIN_EVERY_MS = 3000, WAIT_S = 25 };

void follow_open(struct follow *follow, struct ctl *ctl)
{
    *follow = (struct follow){.ctl = ctl, .terminal = isatty(fileno(ctl->err))};
}

void follow_drop(struct follow *follow)
{
    json_free(follow->run);
    follow->run = NULL;
}

static bool ended(const json *run)
{
    return strcmp(json_text(run, "state"), "finished") == 0;
}

bool run_ended_well(const json *run)
{
    const char *outcome = json_text(run, "outcome");
    return strcmp(outcome, "ok") == 0 || strcmp(outcome, "idle") == 0;
}

#define NOTHING "nothing to do"

void counts_text(const json *counts, struct buf *out)
{
    static const char *const NAMES[] = {"read", "created", "updated", "skipped", "failed"};
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        int64_t count = json_int(counts, NAMES[i], 0);
        if (count)
            buf_printf(out, "%s%s %" PRId64, out->size ? ", " : "", NAMES[i], count);
    }
    if (!out->size)
        buf_text(out, NOTHING);
}

void took_text(const json *run, char out[static 32])
{
    int64_t started = json_int(run, "started_ms", 0), finished = json_int(run, "finished_ms", 0);
    if (started && finished)
        span_text(finished - started, out);
    else
        snprintf(out, 32, "-");
}

/* What it does or waits for; its figures come apart, because they change all the time. */
static void state_text(const json *run, char out[static 256])
{
    const char *state = json_text(run, "state");
    const char *waits = json_text(run, "waits_for");
    const json *progress = json_get(run, "progress");
    if (strcmp(state, "running") == 0)
        snprintf(out, 256, "%.100s",
                 *json_text(progress, "step") ? json_text(progress, "step") : "running");
    else if (*waits)
        snprintf(out, 256, "%.200s", waits);
    else if (strcmp(state, "gated") == 0)
        snprintf(out, 256, "waits for its turn in category %.60s", json_text(run, "category"));
    else if (strcmp(state, "granted") == 0)
        snprintf(out, 256, "waits for a free worker");
    else if (strcmp(state, "rest") == 0)
        snprintf(out, 256, "waits for a person (cartage entry ready): %.150s",
                 json_text(run, "error"));
    else
        snprintf(out, 256, "waits for its time%s%.150s", *json_text(run, "error") ? " after: " : "",
                 json_text(run, "error"));
}

static double rate_of(struct follow *follow, const char *step, int64_t done, int64_t now_ms)
{
    if (strcmp(follow->step, step) != 0 || done < follow->step_done) {
        snprintf(follow->step, sizeof follow->step, "%s", step);
        follow->step_ms = now_ms;
        follow->step_done = done;
    }
    int64_t ms = now_ms - follow->step_ms;
    return ms >= 500 ? (double)(done - follow->step_done) * 1000.0 / (double)ms : 0;
}

static void figures_text(struct follow *follow, const json *run, int64_t now_ms, struct buf *out)
{
    const json *progress = json_get(run, "progress");
    int64_t done = json_int(progress, "done", 0), total = json_int(progress, "total", 0);
    double rate = rate_of(follow, json_text(progress, "step"), done, now_ms);
    if (strcmp(json_text(run, "state"), "running") != 0 || (!done && !total))
        return;
    if (total > 0 && follow->terminal) {
        int full = (int)(done >= total ? BAR : done * BAR / total);
        buf_printf(out, " [%.*s%.*s]", full, "########################", BAR - full,
                   "........................");
    }
    buf_printf(out, " %" PRId64, done);
    if (total > 0)
        buf_printf(out, " of %" PRId64, total);
    if (rate > 0)
        buf_printf(out, ", %.1f/s", rate);
}

void follow_see(void *state, const json *run)
{
    struct follow *follow = state;
    FILE *err = follow->ctl->err;
    json_free(follow->run);
    follow->run = json_copy(run);
    if (ended(run)) {
        if (follow->terminal)
            fputs("\r\033[K", err);
        return;
    }
    /* It is due this moment: what comes of it says more than that. */
    int64_t due_for_ms = clock_now_ms(follow->ctl->clock) - json_int(run, "due_ms", 0);
    if (strcmp(json_text(run, "state"), "due") == 0 && due_for_ms > -1000 && due_for_ms < 1000)
        return;
    char text[256];
    OWN_BUF struct buf figures = {0};
    int64_t now_ms = clock_mono_ms(follow->ctl->clock);
    state_text(run, text);
    figures_text(follow, run, now_ms, &figures);
    if (follow->terminal) {
        fprintf(err, "\r\033[Krun %" PRId64 " %s: %s%s", json_int(run, "no", 0),
                json_text(run, "operation"), text, buf_str(&figures));
        fflush(err);
        return;
    }
    if (strcmp(text, follow->shown) == 0 && now_ms - follow->shown_ms < PLAIN_EVERY_MS)
        return;
    snprintf(follow->shown, sizeof follow->shown, "%s", text);
    follow->shown_ms = now_ms;
    fprintf(err, "run %" PRId64 " %s: %s%s\n", json_int(run, "no", 0), json_text(run, "operation"),
            text, buf_str(&figures));
}

/* Asks until the run ends (or Ctrl-C); starts from what was seen. 0, or an exit code after telling.
 */
static int follow_until_end(struct follow *follow)
{
    struct ctl *ctl = follow->ctl;
    while (!ended(follow->run)) {
        OWN_BUF struct buf path = {0};
        OWN_JSON json *next = NULL;
        buf_text(&path, "/v1/runs/");
        ctl_escape(&path, json_text(follow->run, "task"));
        buf_printf(&path, "?wait=%d&since=%s&company=%s", WAIT_S, json_text(follow->run, "version"),
                   json_text(follow->run, "company"));
        int code = ctl_ask(ctl, "GET", buf_str(&path), NULL, &next);
        if (code != EXIT_OK) {
            if (follow->terminal)
                fputc('\n', ctl->err);
            return code;
        }
        follow_see(follow, next);
    }
    return EXIT_OK;
}

int follow_result(struct follow *follow)
{
    struct ctl *ctl = follow->ctl;
    const json *run = follow->run;
    bool good = run_ended_well(run);
    if (ctl->json)
        ctl_print_json(ctl, run);
    OWN_BUF struct buf counts = {0};
    char span[32];
    counts_text(json_get(run, "counts"), &counts);
    took_text(run, span);
    int64_t no = json_int(run, "no", 0);
    if (good && !ctl->json)
        fprintf(ctl->out, "run %" PRId64 " %s: %s, took %s\n", no, json_text(run, "outcome"),
                buf_str(&counts), span);
    if (good)
        return EXIT_OK;
    const char *error = json_text(run, "error"), *outcome = json_text(run, "outcome");
    bool retried = strcmp(outcome, "retry") == 0; /* it would be tried again, had it a retry left */
    bool worked = strcmp(buf_str(&counts), NOTHING) != 0;
    return ctl_fail(ctl, EXIT_FAILED, "run %" PRId64 " of %s ended %s%s: %s%s%s%s", no,
                    json_text(run, "operation"), retried ? "after its last retry" : "as ",
                    retried ? "" : outcome, *error ? error : "no reason given", worked ? " (" : "",
                    worked ? buf_str(&counts) : "", worked ? ")" : "");
}

int follow_to_end(struct ctl *ctl, const json *run, json **ended)
{
    struct follow follow;
    follow_open(&follow, ctl);
    follow_see(&follow, run);
    int code = follow_until_end(&follow);
    if (code == EXIT_OK)
        *ended = json_copy(follow.run);
    follow_drop(&follow);
    return code;
}

int follow_run(struct ctl *ctl, const json *run)
{
    struct follow follow;
    follow_open(&follow, ctl);
    follow_see(&follow, run);
    int code = follow_until_end(&follow);
    if (code == EXIT_OK)
        code = follow_result(&follow);
    follow_drop(&follow);
    return code;
}

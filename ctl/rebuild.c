/* rebuild.c - after Redis was lost or fell back, and was adopted: what both peers know.
 *
 * Each entry that reads and links runs once, in the order of the work. That is all of it: what an
 * ordinary run finds standing it links, and it creates nothing as long as calls from before the
 * loss may still come through (docs/decisions/rebuild.md).
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "follow.h"
#include "model/families.h"
#include "text.h"

struct rebuild {
    struct ctl *ctl;
    json *runs;
    size_t held;
    int code;
};

/* A one-off entry is somebody's own wish, and no part of what a company does. */
static bool takes_part(const struct ctl *ctl, const struct operation *operation, const json *entry)
{
    const char *shop = json_text(json_get(entry, "arguments"), "shop");
    return strcmp(json_text(entry, "operation"), operation->name) == 0 &&
           strcmp(json_text(entry, "schedule"), "at") != 0 &&
           (!ctl->shop || strcmp(shop, ctl->shop) == 0);
}

static void tell_run(struct rebuild *rebuild, const json *run)
{
    OWN_BUF struct buf counts = {0};
    char span[32];
    counts_text(json_get(run, "counts"), &counts);
    took_text(run, span);
    if (!rebuild->ctl->json)
        fprintf(rebuild->ctl->out, "run %" PRId64 " of %s %s: %s, took %s\n",
                json_int(run, "no", 0), json_text(run, "operation"), json_text(run, "outcome"),
                buf_str(&counts), span);
    if (run_ended_well(run))
        return;
    rebuild->code =
        ctl_fail(rebuild->ctl, EXIT_FAILED, "run %" PRId64 " of %s: %s", json_int(run, "no", 0),
                 json_text(run, "operation"), json_text(run, "error"));
}

/* One that fails stops no other; an API that does not answer does. */
static int run_entry(struct rebuild *rebuild, const json *entry)
{
    OWN_JSON json *begun = NULL, *run = NULL;
    OWN_BUF struct buf path = {0};
    buf_printf(&path, "/v1/entries/%s/run?company=%s", json_text(entry, "id"),
               json_text(entry, "company"));
    int code = ctl_ask(rebuild->ctl, "POST", buf_str(&path), NULL, &begun);
    if (code == EXIT_OK)
        code = follow_to_end(rebuild->ctl, begun, &run);
    if (code != EXIT_OK)
        return code;
    tell_run(rebuild, run);
    json_add(rebuild->runs, GIVE(run));
    return EXIT_OK;
}

/* In the order of the table, which is that of the work; posting reads nothing back. */
static int run_entries(struct rebuild *rebuild, const json *entries)
{
    int code = EXIT_OK;
    for (size_t i = 0; i < OPERATION_COUNT; i++) {
        bool posts = operation_uses(&OPERATIONS[i], FAMILY_POSTINGS);
        for (size_t k = 0; k < json_count(entries) && code == EXIT_OK && !posts; k++) {
            const json *entry = json_at(entries, k);
            if (!takes_part(rebuild->ctl, &OPERATIONS[i], entry))
                continue;
            if (strcmp(json_text(entry, "status"), "On Hold") == 0)
                rebuild->held++;
            else
                code = run_entry(rebuild, entry);
        }
    }
    return code;
}

static void tell_rest(struct rebuild *rebuild, const json *cues)
{
    struct ctl *ctl = rebuild->ctl;
    OWN_BUF struct buf left = {0};
    for (size_t i = 0; i < json_count(cues); i++) {
        const json *cue = json_at(cues, i);
        int64_t value = json_int(cue, "value", 0);
        if (value > 0)
            buf_printf(&left, "%s%s %" PRId64, left.size ? ", " : "", json_text(cue, "title"),
                       value);
    }
    if (rebuild->held > 0)
        fprintf(ctl->out, "%zu entries are on hold and did not run; `cartage entry list`\n",
                rebuild->held);
    if (left.size)
        fprintf(ctl->out, "what needs a person: %s; `cartage cues` names the cures\n",
                buf_str(&left));
    else
        fprintf(ctl->out, "nothing needs a person\n");
}

static int end_rebuild(struct rebuild *rebuild)
{
    struct ctl *ctl = rebuild->ctl;
    OWN_JSON json *answer = NULL;
    OWN_BUF struct buf path = {0};
    buf_text(&path, "/v1/cues");
    ctl_scope(ctl, &path, true);
    int code = ctl_ask(ctl, "GET", buf_str(&path), NULL, &answer);
    if (code != EXIT_OK)
        return code;
    const json *cues = json_get(answer, "cues");
    if (ctl->json) {
        OWN_JSON json *whole = json_new_object();
        json_set(whole, "runs", json_copy(rebuild->runs));
        json_set(whole, "cues", json_copy(cues));
        ctl_print_json(ctl, whole);
    } else
        tell_rest(rebuild, cues);
    return rebuild->code;
}

int command_rebuild(struct ctl *ctl)
{
    OWN_JSON json *answer = NULL, *runs = json_new_array();
    OWN_BUF struct buf path = {0};
    struct rebuild rebuild = {.ctl = ctl, .runs = runs};
    buf_text(&path, "/v1/entries");
    ctl_scope(ctl, &path, false);
    int code = ctl_ask(ctl, "GET", buf_str(&path), NULL, &answer);
    if (code == EXIT_OK)
        code = run_entries(&rebuild, json_get(answer, "entries"));
    if (code != EXIT_OK)
        return code;
    if (json_count(runs) == 0)
        return ctl_fail(ctl, EXIT_NOT_FOUND,
                        "no entry that is ready reads orders or shipments%s%s; `cartage apply -f "
                        "FILE` brings back what was configured, `cartage entry list` shows it",
                        ctl->shop ? " of shop " : "", ctl->shop ? ctl->shop : "");
    return end_rebuild(&rebuild);
}

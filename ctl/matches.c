/* matches.c - how many records a filter lets in now. */
#include <inttypes.h>
#include <string.h>

#include "commands.h"
#include "operation_flags.h"

static void print_matches(struct ctl *ctl, const json *answer)
{
    const json *sample = json_get(answer, "sample");
    int64_t unseen = json_int(answer, "unseen", 0), undecided = json_int(answer, "undecided", 0);
    if (!json_has(answer, "count")) {
        fprintf(ctl->out, "%s\n", json_text(answer, "text"));
        return;
    }
    fprintf(ctl->out, "%" PRId64 " %s\n", json_int(answer, "count", 0), json_text(answer, "text"));
    for (size_t i = 0; i < json_count(sample); i++)
        fprintf(ctl->out, "%s%s", i ? ", " : "  ", json_string(json_at(sample, i)));
    if (json_count(sample))
        fprintf(ctl->out, "%s\n",
                json_int(answer, "count", 0) > (int64_t)json_count(sample) ? ", ..." : "");
    if (undecided)
        fprintf(ctl->out,
                "%" PRId64 " more may match: what the filter asks for is known when it runs\n",
                undecided);
    if (unseen)
        fprintf(ctl->out, "%" PRId64 " stand behind them and were not looked at\n", unseen);
}

int command_entry_matches(struct ctl *ctl)
{
    OWN_JSON json *body = json_new_object(), *answer = NULL;
    OWN_BUF struct buf path = {0};
    int code = operation_or_entry(ctl, body);
    buf_text(&path, "/v1/entries/matches");
    ctl_scope(ctl, &path, false);
    if (code == EXIT_OK)
        code = ctl_ask(ctl, "POST", buf_str(&path), body, &answer);
    if (code != EXIT_OK)
        return code;
    if (ctl->json)
        ctl_print_json(ctl, answer);
    else
        print_matches(ctl, answer);
    return EXIT_OK;
}

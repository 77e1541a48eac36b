/* ctl.c - what commands share: calls and their refusals as exit codes, what is said and where. */
#include "ctl.h"

#include <signal.h>
#include <stdarg.h>
#include <string.h>

static volatile sig_atomic_t leaving;

static void on_signal(int number)
{
    (void)number;
    leaving = 1;
}

void ctl_heed_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool ctl_leaving(void)
{
    return leaving;
}

void ctl_clean_up(void)
{
    leaving = 0; /* a second Ctrl-C ends the cleaning up, too */
}

int ctl_fail(struct ctl *ctl, int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("cartage: ", ctl->err);
    vfprintf(ctl->err, format, args);
    fputc('\n', ctl->err);
    va_end(args);
    return code;
}

int ctl_refused(struct ctl *ctl, const struct client_answer *answer, const struct err *err)
{
    static const struct {
        int status, code;
    } CODES[] = {
        {400, EXIT_USAGE      },
        {401, EXIT_REFUSED    },
        {403, EXIT_REFUSED    },
        {404, EXIT_NOT_FOUND  },
        {409, EXIT_CONFLICT   },
        {412, EXIT_CONFLICT   },
        {413, EXIT_USAGE      },
        {422, EXIT_USAGE      },
        {503, EXIT_UNREACHABLE},
    };
    if (err->kind == ERR_CANCELLED)
        return EXIT_LEFT;
    if (err->kind != ERR_NONE)
        return ctl_fail(ctl, err->kind == ERR_RETRY ? EXIT_UNREACHABLE : EXIT_FAILED, "%s",
                        err->text);
    int code = EXIT_FAILED;
    for (size_t i = 0; i < COUNT(CODES); i++)
        if (CODES[i].status == answer->status)
            code = CODES[i].code;
    const char *detail = json_text(answer->body, "detail");
    if (!*detail)
        return ctl_fail(ctl, code,
                        "the server answered %d without a reason; is it a cartage producer?",
                        answer->status);
    return ctl_fail(ctl, code, "%s", detail);
}

int ctl_ask(struct ctl *ctl, const char *method, const char *path, const json *body, json **out)
{
    struct client_answer answer = {0};
    struct err err = {0};
    if (!client_call(ctl->client, method, path, body, NULL, NULL, &answer, &err) ||
        answer.status >= 300) {
        int code = ctl_refused(ctl, &answer, &err);
        client_answer_drop(&answer);
        return code;
    }
    *out = GIVE(answer.body);
    if (!*out)
        return ctl_fail(ctl, EXIT_FAILED, "%s %s: the answer is not JSON", method, path);
    return EXIT_OK;
}

void ctl_escape(struct buf *out, const char *text)
{
    static const char PLAIN[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    for (; *text; text++) {
        if (strchr(PLAIN, *text))
            buf_add(out, text, 1);
        else
            buf_printf(out, "%%%02X", (unsigned char)*text);
    }
}

void ctl_query(struct buf *path, const char *name, const char *value)
{
    if (!value)
        return;
    buf_printf(path, "%c%s=", strchr(buf_str(path), '?') ? '&' : '?', name);
    ctl_escape(path, value);
}

void ctl_scope(const struct ctl *ctl, struct buf *path, bool with_shop)
{
    ctl_query(path, "company", ctl->company);
    ctl_query(path, "shop", with_shop ? ctl->shop : NULL);
}

void ctl_print_json(struct ctl *ctl, const json *tree)
{
    fprintf(ctl->out, "%s\n", json_write(tree));
}

int ctl_answer(struct ctl *ctl, const json *tree, const char *format, ...)
{
    va_list args;
    if (ctl->json) {
        ctl_print_json(ctl, tree);
        return EXIT_OK;
    }
    va_start(args, format);
    vfprintf(ctl->out, format, args);
    va_end(args);
    return EXIT_OK;
}

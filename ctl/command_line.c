/* command_line.c - flags and words into a command; its help, or its run. */
#include "command_line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "model/settings.h"
#include "operation_flags.h"

static const struct command *command_find(int argc, char **argv, int *used)
{
    for (const struct command *command = COMMANDS; command->words; command++) {
        const char *space = strchr(command->words, ' ');
        size_t first = space ? (size_t)(space - command->words) : strlen(command->words);
        if (argc < 1 || strlen(argv[0]) != first || strncmp(argv[0], command->words, first) != 0)
            continue;
        if (space && (argc < 2 || strcmp(argv[1], space + 1) != 0))
            continue;
        *used = space ? 2 : 1;
        return command;
    }
    return NULL;
}

static const struct flag *flag_find(const struct command *command, const char *text, size_t size)
{
    if (size == 2 && strncmp(text, "-f", 2) == 0)
        text = "--file", size = 6;
    if (size == 2 && strncmp(text, "-h", 2) == 0)
        text = "--help", size = 6;
    for (const struct flag *flag = FLAGS; flag->name; flag++)
        if (strlen(flag->name) == size && strncmp(flag->name, text, size) == 0 &&
            (!flag->of || (command && command->flags & flag->of)))
            return flag;
    return NULL;
}

static int take_flag(struct ctl *ctl, int argc, char **argv, int *at)
{
    const char *text = argv[*at], *equals = strchr(text, '=');
    size_t size = equals ? (size_t)(equals - text) : strlen(text);
    const struct flag *flag = flag_find(ctl->command, text, size);
    if (!flag && ctl->command && ctl->command->flags & (TAKES_LOOSE | TAKES_PRODUCER)) {
        /* The operation's own, or the producer's; what follows without dashes may be its value. */
        bool has_value = !equals && *at + 1 < argc && argv[*at + 1][0] != '-';
        if (ctl->loose_count + 1 + has_value > CTL_MAX_LOOSE)
            return ctl_fail(ctl, EXIT_USAGE, "more than %d flags", CTL_MAX_LOOSE);
        ctl->loose[ctl->loose_count++] = text;
        if (has_value)
            ctl->loose[ctl->loose_count++] = argv[++*at];
        return EXIT_OK;
    }
    if (!flag)
        return ctl_fail(ctl, EXIT_USAGE, "%.*s is no flag of `cartage%s%s`; see --help", (int)size,
                        text, ctl->command ? " " : "", ctl->command ? ctl->command->words : "");
    void *field = (char *)ctl + flag->offset;
    if (!flag->takes) {
        if (equals)
            return ctl_fail(ctl, EXIT_USAGE, "%s takes no value", flag->name);
        *(bool *)field = true;
        return EXIT_OK;
    }
    if (!equals && *at + 1 >= argc)
        return ctl_fail(ctl, EXIT_USAGE, "%s takes a value: %s", flag->name, flag->takes);
    *(const char **)field = equals ? equals + 1 : argv[++*at];
    return EXIT_OK;
}

/* Flags may stand anywhere, so the command's words are looked for first, past the flags. */
static void find_words(struct ctl *ctl, int argc, char **argv, bool *taken)
{
    char *words[2];
    int at[2], count = 0, used = 0;
    for (int i = 1; i < argc && count < 2; i++) {
        if (argv[i][0] == '-' && argv[i][1]) {
            const struct flag *flag = flag_find(NULL, argv[i], strcspn(argv[i], "="));
            i += flag && flag->takes && !strchr(argv[i], '=');
            continue;
        }
        words[count] = argv[i];
        at[count++] = i;
    }
    ctl->command = command_find(count, words, &used);
    for (int i = 0; i < used; i++)
        taken[at[i]] = true;
}

static int parse(struct ctl *ctl, int argc, char **argv)
{
    bool *taken = mem_array((size_t)argc + 1, sizeof *taken);
    int code = EXIT_OK;
    find_words(ctl, argc, argv, taken);
    for (int i = 1; i < argc && code == EXIT_OK; i++) {
        if (taken[i])
            continue;
        if (argv[i][0] == '-' && argv[i][1])
            code = take_flag(ctl, argc, argv, &i);
        else if (ctl->arg_count == CTL_MAX_ARGS)
            code = ctl_fail(ctl, EXIT_USAGE, "more than %d words", CTL_MAX_ARGS);
        else
            ctl->args[ctl->arg_count++] = argv[i];
    }
    free(taken);
    return code;
}

/* ", did you mean entry list?" of "entry lst"; "" = nothing is near. */
static void nearest_command(const char *words, struct buf *out)
{
    const char **names = NULL;
    size_t count = 0;
    for (const struct command *command = COMMANDS; command->words; command++) {
        names = mem_grow(names, count, count + 1, sizeof *names);
        names[count++] = command->words;
    }
    settings_nearest(words, names, count, out);
    free(names);
}

/* The words are no command: what was near? */
static int no_command(struct ctl *ctl)
{
    if (!ctl->arg_count) {
        help_all(ctl->err);
        return EXIT_USAGE;
    }
    OWN_BUF struct buf near = {0}, list = {0};
    const char *first = ctl->args[0], *second = ctl->arg_count > 1 ? ctl->args[1] : "";
    OWN_TEXT char *words = mem_printf("%s%s%s", first, *second ? " " : "", second);
    size_t size = strlen(first);
    for (const struct command *command = COMMANDS; command->words; command++)
        if (strncmp(command->words, first, size) == 0 && command->words[size] == ' ')
            buf_printf(&list, "%s%s", list.size ? ", " : "", command->words);
    if (*second || !list.size)
        nearest_command(words, &near);
    if (near.size)
        return ctl_fail(ctl, EXIT_USAGE, "\"%s\" is no command%s", words, buf_str(&near));
    if (list.size)
        return ctl_fail(ctl, EXIT_USAGE, "%s is one of: %s", first, buf_str(&list));
    return ctl_fail(ctl, EXIT_USAGE, "\"%s\" is no command; cartage --help lists them", first);
}

static int read_token(struct ctl *ctl, const char *path, char token[static 600])
{
    FILE *file = fopen(path, "re");
    if (!file)
        return ctl_fail(ctl, EXIT_REFUSED, "token file %s: %s (--token-file or CARTAGE_TOKEN_FILE)",
                        path, strerror(errno));
    size_t size = fread(token, 1, 599, file);
    fclose(file);
    token[size] = 0;
    token[strcspn(token, " \t\r\n")] = 0;
    return EXIT_OK;
}

static const char *given(const char *flag, const char *variable, const char *otherwise)
{
    const char *value = flag ? flag : getenv(variable);
    return value && *value ? value : otherwise;
}

static int run_command(struct ctl *ctl)
{
    const struct command *command = ctl->command;
    if (ctl->arg_count < command->least || ctl->arg_count > command->most)
        return ctl_fail(ctl, EXIT_USAGE, "usage: cartage %s%s%s; see `cartage %s --help`",
                        command->words, *command->takes ? " " : "", command->takes, command->words);
    char token[600] = "";
    const char *path = given(ctl->token_file, "CARTAGE_TOKEN_FILE", NULL);
    int code = path ? read_token(ctl, path, token) : EXIT_OK;
    if (code != EXIT_OK)
        return code;
    ctl->client = client_new(given(ctl->url, "CARTAGE_URL", "http://127.0.0.1:8710"),
                             *token ? token : NULL, ctl_leaving);
    client_trust(ctl->client, given(ctl->ca_file, "CARTAGE_CA_FILE", NULL));
    code = command->run(ctl);
    client_free(ctl->client);
    fflush(ctl->out);
    return code;
}

int ctl_main(int argc, char **argv, const struct clock *clock, FILE *out, FILE *err)
{
    struct ctl ctl = {.clock = clock, .out = out, .err = err};
    int code = parse(&ctl, argc, argv);
    if (code != EXIT_OK)
        return code;
    if (ctl.version) {
        fprintf(out, "cartage %s\n", CARTAGE_VERSION);
        return EXIT_OK;
    }
    if (ctl.help) {
        if (ctl.command)
            help_command(out, ctl.command);
        else
            help_all(out);
        if (ctl.command && ctl.command->flags & TAKES_LOOSE && ctl.arg_count)
            help_operation(&ctl, ctl.args[0]);
        return EXIT_OK;
    }
    if (!ctl.command)
        return no_command(&ctl);
    ctl_heed_signals();
    return run_command(&ctl);
}

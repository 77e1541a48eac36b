/* completion.c - scripts for shells, made of the table of commands: words first, then the flags of
 * the command that they name. Behind the words of an operation come its own flags, too.
 */
#include <string.h>

#include "commands.h"
#include "model/operations.h"

static size_t first_size(const struct command *command)
{
    return strcspn(command->words, " ");
}

/* First words, each once. */
static void first_words(FILE *out, const char *between)
{
    for (const struct command *command = COMMANDS; command->words; command++) {
        bool seen = false;
        size_t size = first_size(command);
        for (const struct command *before = COMMANDS; before < command; before++)
            seen |= first_size(before) == size && strncmp(before->words, command->words, size) == 0;
        if (!seen)
            fprintf(out, "%s%.*s", command == COMMANDS ? "" : between, (int)size, command->words);
    }
}

static bool takes(const struct command *command, const struct flag *flag)
{
    return !flag->of || command->flags & flag->of;
}

static void flags_of(FILE *out, const struct command *command)
{
    for (const struct flag *flag = FLAGS; flag->name; flag++)
        if (takes(command, flag))
            fprintf(out, " %s", flag->name);
}

static void operation_names(FILE *out)
{
    for (size_t i = 0; i < OPERATION_COUNT; i++)
        fprintf(out, " %s", OPERATIONS[i].name);
}

/* Lines of a `case`: commands of two words, or of one. */
static void cases(FILE *out, bool two)
{
    for (const struct command *command = COMMANDS; command->words; command++) {
        if ((command->words[first_size(command)] != 0) != two)
            continue;
        fprintf(out, "    '%s') more='", command->words);
        flags_of(out, command);
        if (command->flags & TAKES_LOOSE)
            operation_names(out);
        fputs("' ;;\n", out);
    }
}

/* Second words of a first one. */
static void second_words(FILE *out)
{
    for (const struct command *command = COMMANDS; command->words; command++) {
        size_t size = first_size(command);
        if (!command->words[size])
            continue;
        bool seen = false;
        for (const struct command *before = COMMANDS; before < command; before++)
            seen |= before->words[first_size(before)] && first_size(before) == size &&
                    strncmp(before->words, command->words, size) == 0;
        if (seen)
            continue;
        fprintf(out, "    '%.*s') more='", (int)size, command->words);
        for (const struct command *row = command; row->words; row++)
            if (first_size(row) == size && row->words[size] &&
                strncmp(row->words, command->words, size) == 0)
                fprintf(out, " %s", row->words + size + 1);
        fputs("' ;;\n", out);
    }
}

/* Flags that take a value: what follows them is no word of ours. */
static void flags_with_values(FILE *out)
{
    bool first = true;
    for (const struct flag *flag = FLAGS; flag->name; flag++)
        if (flag->takes) {
            fprintf(out, "%s%s", first ? "" : "|", flag->name);
            first = false;
        }
}

/* bash and zsh share the function that knows the table. */
static void shell_core(FILE *out)
{
    fputs("_cartage_words() { # WORD... - prints what may follow them\n"
          "  local words='' more='' skip='' word\n"
          "  for word in \"$@\"; do\n"
          "    if [ -n \"$skip\" ]; then skip=''; continue; fi\n"
          "    case $word in\n    ",
          out);
    flags_with_values(out);
    fputs(") skip=1 ;;\n    -*) ;;\n    *) words=\"${words:+$words }$word\" ;;\n    esac\n  done\n"
          "  case $words in\n    '') more='",
          out);
    first_words(out, " ");
    fputs("' ;;\n", out);
    second_words(out);
    fputs("  esac\n  printf '%s' \"$more\"\n  more=''\n"
          "  set -- $words\n"
          "  case \"${1-} ${2-}\" in\n",
          out);
    cases(out, true);
    fputs("    *) case ${1-} in\n", out);
    cases(out, false);
    fputs("    esac ;;\n  esac\n  printf '%s' \"$more\"\n}\n", out);
}

static void bash(FILE *out)
{
    fputs("# cartage completion for bash: eval \"$(cartage completion bash)\"\n", out);
    shell_core(out);
    fputs("_cartage() {\n"
          "  local word=${COMP_WORDS[COMP_CWORD]}\n"
          "  mapfile -t COMPREPLY < <(compgen -W \"$(_cartage_words "
          "\"${COMP_WORDS[@]:1:COMP_CWORD-1}\")\" -- \"$word\")\n"
          "}\n"
          "complete -o default -F _cartage cartage\n",
          out);
}

static void zsh(FILE *out)
{
    fputs("#compdef cartage\n# cartage completion for zsh: eval \"$(cartage completion zsh)\"\n",
          out);
    shell_core(out);
    fputs("_cartage() {\n"
          "  local more\n"
          "  more=$(emulate sh; _cartage_words \"${(@)words[2,CURRENT-1]}\")\n"
          "  compadd -- ${=more}\n"
          "}\n"
          "(( $+functions[compdef] )) && compdef _cartage cartage\n",
          out);
}

/* ---- fish: a line a word, and a line a flag ---- */

/* In single quotes; a help's further lines are left to --help. */
static void fish_text(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text && *text != '\n'; text++) {
        if (*text == '\'' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc('\'', out);
}

/* The condition under which this command's flags are offered. */
static void fish_when(FILE *out, const struct command *command)
{
    size_t size = first_size(command);
    fprintf(out, "-n '__fish_seen_subcommand_from %.*s", (int)size, command->words);
    if (command->words[size])
        fprintf(out, "; and __fish_seen_subcommand_from %s", command->words + size + 1);
    fputc('\'', out);
}

static void fish_command(FILE *out, const struct command *command)
{
    size_t size = first_size(command);
    if (command->words[size])
        fprintf(out, "complete -c cartage -f -n '__fish_seen_subcommand_from %.*s' -a %s -d ",
                (int)size, command->words, command->words + size + 1);
    else
        fprintf(out, "complete -c cartage -f -n __fish_use_subcommand -a %s -d ", command->words);
    fish_text(out, command->help);
    fputc('\n', out);
    for (const struct flag *flag = FLAGS; flag->name; flag++) {
        if (!flag->of || !takes(command, flag))
            continue;
        fputs("complete -c cartage ", out);
        fish_when(out, command);
        fprintf(out, " -l %s%s -d ", flag->name + 2, flag->takes ? " -r" : "");
        fish_text(out, flag->help);
        fputc('\n', out);
    }
    if (command->flags & TAKES_LOOSE) {
        fputs("complete -c cartage -f ", out);
        fish_when(out, command);
        fputs(" -a '", out);
        operation_names(out);
        fputs("'\n", out);
    }
}

static void fish(FILE *out)
{
    fputs("# cartage completion for fish: cartage completion fish | source\n", out);
    fputs("complete -c cartage -f -n __fish_use_subcommand -a '", out);
    first_words(out, " ");
    fputs("'\n", out);
    for (const struct flag *flag = FLAGS; flag->name; flag++) {
        if (flag->of)
            continue;
        fprintf(out, "complete -c cartage -l %s%s -d ", flag->name + 2, flag->takes ? " -r" : "");
        fish_text(out, flag->help);
        fputc('\n', out);
    }
    for (const struct command *command = COMMANDS; command->words; command++)
        fish_command(out, command);
}

static const struct {
    const char *name;
    void (*write)(FILE *out);
} SHELLS[] = {
    {"bash", bash},
    {"zsh",  zsh },
    {"fish", fish},
};

int command_completion(struct ctl *ctl)
{
    for (size_t i = 0; i < COUNT(SHELLS); i++)
        if (strcmp(SHELLS[i].name, ctl->args[0]) == 0) {
            SHELLS[i].write(ctl->out);
            return EXIT_OK;
        }
    return ctl_fail(ctl, EXIT_USAGE,
                    "there is no completion for %s; there is for bash, zsh and fish", ctl->args[0]);
}

/* manual.c - the manual pages, made of the tables that parse: what is explained is what there is.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "config/config.h"
#include "model/operations.h"

/* ---- roff ---- */

/* Backslashes and dashes are said to be themselves, and no line of text begins as a request. */
static void put(FILE *out, const char *text)
{
    bool start = true;
    for (; *text; text++) {
        if (start && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        start = *text == '\n';
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
    }
}

static void line(FILE *out, const char *text)
{
    put(out, text);
    fputc('\n', out);
}

static void section(FILE *out, const char *name)
{
    fprintf(out, ".SH %s\n", name);
}

/* "name what", then what it is. `takes` may be NULL. */
static void item(FILE *out, const char *name, const char *takes)
{
    fputs(".TP\n\\fB", out);
    put(out, name);
    fputs("\\fR", out);
    if (takes && *takes) {
        fputs(" \\fI", out);
        put(out, takes);
        fputs("\\fR", out);
    }
    fputc('\n', out);
}

static void example(FILE *out, const char *before, const char *lines)
{
    fputs(".PP\n.nf\n", out);
    while (*lines) {
        size_t size = strcspn(lines, "\n");
        OWN_TEXT char *one = mem_printf("    %s%.*s", before, (int)size, lines);
        line(out, one);
        lines += size + (lines[size] == '\n');
    }
    fputs(".fi\n", out);
}

static void begin(FILE *out, const char *title, const char *part, const char *name,
                  const char *what)
{
    fprintf(out, ".TH %s %s \"\" \"cartage " CARTAGE_VERSION "\" \"cartage\"\n", title, part);
    section(out, "NAME");
    put(out, name);
    fputs(" \\- ", out);
    line(out, what);
}

/* ---- cartage(1) ---- */

static void flags(FILE *out, unsigned of)
{
    for (const struct flag *flag = FLAGS; flag->name; flag++) {
        if (of ? !(flag->of & of) : flag->of)
            continue;
        item(out, flag->name, flag->takes);
        line(out, flag->help);
    }
}

static void commands(FILE *out)
{
    section(out, "COMMANDS");
    for (const struct command *command = COMMANDS; command->words; command++) {
        fputs(".SS ", out);
        put(out, command->words);
        fprintf(out, "%s", *command->takes ? " " : "");
        line(out, command->takes);
        line(out, command->help);
        unsigned of = command->flags & ~(unsigned)(TAKES_LOOSE | TAKES_PRODUCER);
        if (of)
            flags(out, of);
        example(out, "cartage ", command->example);
    }
}

static void parameters(FILE *out, const struct operation *operation, bool as_flags)
{
    for (size_t i = 0; i < operation->parameter_count; i++) {
        const struct parameter *parameter = &operation->parameters[i];
        OWN_TEXT char *name = mem_printf("%s%s", as_flags ? "--" : "", parameter->name);
        for (char *c = name; as_flags && *c; c++)
            *c = *c == '_' ? '-' : *c;
        item(out, name, parameter_type_name(parameter->type));
        line(out, parameter->help);
    }
}

static void operations(FILE *out, bool as_flags)
{
    section(out, "OPERATIONS");
    line(out, "A filter is Business Central's: a|b or, a&b and, a..b range, <>a not, * any, ? one "
              "letter, @a any case.");
    for (size_t i = 0; i < OPERATION_COUNT; i++) {
        OWN_TEXT char *head = mem_printf(".SS \"%s (%d): %s\"\n", OPERATIONS[i].name,
                                         OPERATIONS[i].report, OPERATIONS[i].title);
        fputs(head, out);
        parameters(out, &OPERATIONS[i], as_flags);
    }
}

static void page_cartage(FILE *out)
{
    begin(out, "CARTAGE", "1", "cartage",
          "people's side of a fleet that keeps Business Central and "
          "Shopify in step");
    section(out, "SYNOPSIS");
    fputs(".B cartage\n.I COMMAND\n.RI [ FLAG ...]\n", out);
    section(out, "DESCRIPTION");
    line(out, "It asks the HTTP API of a cartage\\-producer, and does nothing by itself. Standard "
              "output carries the answer, standard error what is said to people on the way.");
    section(out, "FLAGS OF EVERY COMMAND");
    flags(out, 0);
    commands(out);
    operations(out, true);
    section(out, "EXIT STATUS");
    line(out, "0 ok, 1 failed, 2 wrong use, 3 not reachable, 4 refused (token), 5 not found, 6 not "
              "possible in its present state, 130 left by Ctrl-C.");
    section(out, "SEE ALSO");
    line(out, "cartage-producer(8), cartage-worker(8), cartage.yaml(5)");
}

/* ---- cartage-producer(8), cartage-worker(8) ---- */

static void option(void *state, const struct config_row *row)
{
    FILE *out = state;
    item(out, row->flag, row->takes);
    line(out, row->help);
    if (*row->otherwise) {
        OWN_TEXT char *text = mem_printf("(default %s)", row->otherwise);
        line(out, text);
    }
}

static void page_program(FILE *out, enum program program, const char *title, const char *what,
                         const char *other)
{
    OWN_TEXT char *name = mem_printf("cartage-%s", config_program(program));
    begin(out, title, "8", name, what);
    section(out, "SYNOPSIS");
    fputs(".B ", out);
    line(out, name);
    fputs(".RI [ OPTION ...]\n", out);
    section(out, "DESCRIPTION");
    line(out, config_about(program));
    line(out, "It ends with what it has begun on SIGTERM or SIGINT.");
    section(out, "OPTIONS");
    line(out,
         "Each option is also a variable (--lease-ms: CARTAGE_LEASE_MS) and a line of the file "
         "(LEASE_MS = 10000). A flag is stronger than a variable, a variable than the file.");
    config_rows(program, option, out);
    section(out, "SEE ALSO");
    line(out, other);
}

static void page_producer(FILE *out)
{
    page_program(out, PROGRAM_PRODUCER, "CARTAGE-PRODUCER",
                 "finds due entries, offers them to workers, serves the HTTP API",
                 "cartage(1), cartage-worker(8), cartage.yaml(5)");
}

static void page_worker(FILE *out)
{
    page_program(out, PROGRAM_WORKER, "CARTAGE-WORKER", "runs the tasks that are offered",
                 "cartage(1), cartage-producer(8)");
}

/* ---- cartage.yaml(5) ---- */

static void settings(FILE *out, const struct setting *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct setting *row = &rows[i];
        OWN_BUF struct buf takes = {0};
        for (size_t k = 0; row->choices && row->choices[k]; k++)
            buf_printf(&takes, "%s%s", k ? " | " : "", row->choices[k]);
        if (row->otherwise && *row->otherwise)
            buf_printf(&takes, "%sdefault %s", takes.size ? "; " : "", row->otherwise);
        if (takes.size) {
            OWN_TEXT char *all = mem_printf("(%s)", buf_str(&takes));
            item(out, row->name, all);
        } else {
            item(out, row->name, row->otherwise ? NULL : "(needed)");
        }
        line(out, row->help);
    }
}

/* Flags of `entry add` are the fields of an entry. */
static void entry_fields(FILE *out)
{
    for (const struct flag *flag = FLAGS; flag->name; flag++) {
        if (!(flag->of & TAKES_ENTRY))
            continue;
        OWN_TEXT char *name = mem_text(flag->name + 2);
        for (char *c = name; *c; c++)
            *c = *c == '-' ? '_' : *c;
        if (strcmp(name, "at") == 0)
            continue; /* here it is `start` */
        item(out, name, flag->takes ? flag->takes : "true | false");
        line(out, flag->help);
    }
    item(out, "operation", "NAME | NUMBER");
    line(out, "what it runs: OPERATIONS below");
    item(out, "arguments", "{NAME: VALUE, ...}");
    line(out, "of the operation, as listed there");
    item(out, "start", "TIME");
    line(out, "first or only time, like 2027-01-01T06:00:00Z (default now)");
}

static void page_yaml(FILE *out)
{
    size_t count;
    begin(out, "CARTAGE.YAML", "5", "cartage.yaml", "what people configure, for cartage apply");
    section(out, "DESCRIPTION");
    line(out, "A file has the lists credentials and companies; a company has shops, categories and "
              "entries. ${NAME} is taken from the environment. Applied again it changes nothing.");
    example(out, "",
            "credentials:\n"
            "  - name: shopify\n"
            "    kind: shopify-client-credentials\n"
            "    client_id: 0123\n"
            "    client_secret: {env: SHOPIFY_SECRET}\n"
            "companies:\n"
            "  - name: CRONUS\n"
            "    id: 11111111-1111-4111-8111-111111111111\n"
            "    shops:\n"
            "      - {code: MAIN, store: main.myshopify.com, credential: shopify, enabled: true}\n"
            "    entries:\n"
            "      - {name: orders, operation: orders.sync, arguments: {shop: MAIN}, every: 5 "
            "minutes}");
    section(out, "COMPANIES");
    const struct setting *rows = settings_company_table(&count);
    settings(out, rows, count);
    section(out, "SHOPS");
    rows = settings_shop_table(&count);
    settings(out, rows, count);
    section(out, "ENTRIES");
    entry_fields(out);
    operations(out, false);
    section(out, "SEE ALSO");
    line(out, "cartage(1)");
}

static const struct {
    const char *name;
    void (*write)(FILE *out);
} PAGES[] = {
    {"cartage",          page_cartage },
    {"cartage-producer", page_producer},
    {"cartage-worker",   page_worker  },
    {"cartage.yaml",     page_yaml    },
};

int command_manual(struct ctl *ctl)
{
    const char *wanted = ctl->arg_count ? ctl->args[0] : "cartage";
    for (size_t i = 0; i < COUNT(PAGES); i++)
        if (strcmp(PAGES[i].name, wanted) == 0) {
            PAGES[i].write(ctl->out);
            return EXIT_OK;
        }
    return ctl_fail(ctl, EXIT_USAGE,
                    "there is no page %s; there are cartage, cartage-producer, cartage-worker and "
                    "cartage.yaml",
                    wanted);
}

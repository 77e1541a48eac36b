/* operation_flags.c - operations as people name them, and the flags each brings along. */
#include "operation_flags.h"

#include <string.h>

#include "commands.h"

const struct operation *operation_named(struct ctl *ctl, const char *text)
{
    const struct operation *operation = operation_by_name(text);
    if (operation)
        return operation;
    OWN_TEXT char *usual = mem_printf("%s.sync", text);
    operation = operation_by_name(usual);
    if (operation)
        return operation;
    OWN_BUF struct buf near = {0};
    operation_near(text, &near);
    if (!near.size)
        operation_near(usual, &near);
    ctl_fail(ctl, EXIT_USAGE, "operation \"%s\" is none%s (`cartage operations` lists them)", text,
             buf_str(&near));
    return NULL;
}

static const struct parameter *parameter_of(const struct operation *operation, const char *flag,
                                            size_t size)
{
    for (size_t i = 0; i < operation->parameter_count; i++) {
        const struct parameter *parameter = &operation->parameters[i];
        bool same = strlen(parameter->name) == size;
        for (size_t k = 0; same && k < size; k++)
            same = parameter->name[k] == (flag[k] == '-' ? '_' : flag[k]);
        if (same)
            return parameter;
    }
    return NULL;
}

int operation_flags(struct ctl *ctl, const struct operation *operation, json *arguments)
{
    if (ctl->shop)
        json_set_text(arguments, "shop", ctl->shop);
    for (size_t i = 0; i < ctl->loose_count; i++) {
        const char *flag = ctl->loose[i];
        const char *equals = strchr(flag, '=');
        size_t size = equals ? (size_t)(equals - flag) : strlen(flag);
        const struct parameter *parameter =
            strncmp(flag, "--", 2) == 0 ? parameter_of(operation, flag + 2, size - 2) : NULL;
        if (!parameter)
            return ctl_fail(ctl, EXIT_USAGE,
                            "%.*s is no flag of %s; `cartage operations` lists them", (int)size,
                            flag, operation->name);
        const char *value = equals ? equals + 1 : NULL;
        if (!value && i + 1 < ctl->loose_count && ctl->loose[i + 1][0] != '-')
            value = ctl->loose[++i];
        if (!value && parameter->type != PARAMETER_BOOL)
            return ctl_fail(ctl, EXIT_USAGE, "%.*s takes a value: %s", (int)size, flag,
                            parameter->help);
        json_set_text(arguments, parameter->name, value ? value : "true");
    }
    return EXIT_OK;
}

static int arguments_of_entry(struct ctl *ctl, json *body)
{
    OWN_JSON json *entry = NULL;
    OWN_BUF struct buf path = {0};
    if (ctl->loose_count)
        return ctl_fail(ctl, EXIT_USAGE, "an entry has its own arguments; leave %s out",
                        ctl->loose[0]);
    buf_text(&path, "/v1/entries/");
    ctl_escape(&path, ctl->args[0]);
    ctl_scope(ctl, &path, false);
    int code = ctl_ask(ctl, "GET", buf_str(&path), NULL, &entry);
    if (code != EXIT_OK)
        return code;
    const json *given = json_get(entry, "arguments");
    json_set(body, "arguments", given ? json_copy(given) : json_new_object());
    json_set_text(body, "operation", json_text(entry, "operation"));
    return EXIT_OK;
}

int operation_or_entry(struct ctl *ctl, json *body)
{
    const struct operation *operation = operation_by_name(ctl->args[0]);
    if (!operation)
        return arguments_of_entry(ctl, body);
    json *arguments = json_new_object();
    json_set(body, "arguments", arguments);
    json_set_text(body, "operation", operation->name);
    return operation_flags(ctl, operation, arguments);
}

static void print_operation(struct ctl *ctl, const struct operation *operation)
{
    fprintf(ctl->out, "%s (%d): %s\n", operation->name, operation->report, operation->title);
    for (size_t i = 0; i < operation->parameter_count; i++) {
        const struct parameter *parameter = &operation->parameters[i];
        char left[64];
        snprintf(left, sizeof left, "--%s%s", parameter->name,
                 parameter->type == PARAMETER_FILTER ? " FILTER"
                 : parameter->type == PARAMETER_SHOP ? " SHOP"
                 : parameter->type == PARAMETER_LIST ? " LIST"
                 : parameter->type == PARAMETER_TIME ? " TIME"
                                                     : "");
        for (char *c = left + 2; *c; c++)
            *c = *c == '_' ? '-' : *c;
        fprintf(ctl->out, "  %-30s %s%s\n", left, parameter->help,
                parameter->required ? " (needed)" : "");
    }
}

void help_operation(struct ctl *ctl, const char *name)
{
    const struct operation *operation = operation_named(ctl, name);
    if (!operation)
        return;
    fputc('\n', ctl->out);
    print_operation(ctl, operation);
}

int command_operations(struct ctl *ctl)
{
    if (ctl->json) {
        OWN_JSON json *answer = NULL;
        int code = ctl_ask(ctl, "GET", "/v1/operations", NULL, &answer);
        if (code == EXIT_OK)
            ctl_print_json(ctl, answer);
        return code;
    }
    for (size_t i = 0; i < OPERATION_COUNT; i++)
        print_operation(ctl, &OPERATIONS[i]);
    fputs("\nA FILTER is Business Central's: a|b or, a&b and, a..b range, <>a not, * any, ? one "
          "letter, @a any case.\n",
          ctl->out);
    return EXIT_OK;
}

/* triggers.c - an event's data to entries.
 *
 * Types are rows. What Shopify and Business Central send by themselves comes as a notice
 * (admin/hooks.c), which wakes by the same functions.
 */
#include "triggers.h"

#include <stdio.h>
#include <string.h>

#include "admin/definitions.h"
#include "base/log.h"
#include "companies.h"
#include "metrics/metrics.h"
#include "trace/trace.h"

enum { BAD = 400, NOT_FOUND = 404, CONFLICT = 409 };
enum { SPAN_ENTRIES = 1 }; /* named on a span; the others are counted */

struct trigger { /* one event, read */
    struct ledger *ledger;
    const json *data;
    char company[UUID_TEXT]; /* "" = not said */
    struct wanted wanted;    /* of an operation: with its arguments, where it is said enough */
    bool whole;              /* it is: a one-off entry could be made of it */
    const char **ids;
    struct wake_cause cause;
    struct span span;
    char traceparent[TRACEPARENT_TEXT]; /* of the span */
    struct arena *arena;
    struct triggered *out;
};

/* What it wakes is caused by this. An event that says where it comes from knows better than the
 * message around it. */
static void begin_span(struct trigger *trigger, const char *type, const char *traceparent)
{
    const char *cause = traceparent_is_one(traceparent) ? traceparent : trigger->out->traceparent;
    span_begin(&trigger->span, cause, NULL, SPAN_CONSUMER, type);
    span_say(&trigger->span, "cloudevents.event_source", trigger->cause.source);
    span_say(&trigger->span, "cloudevents.event_id", trigger->cause.id);
    span_traceparent(&trigger->span, trigger->traceparent);
    trigger->cause.traceparent = trigger->traceparent;
}

/* Answers `good`. */
static bool end_span(struct trigger *trigger, bool good, const struct err *err)
{
    const struct triggered *out = trigger->out;
    span_number(&trigger->span, "cartage.woken", (int64_t)out->taken);
    span_number(&trigger->span, "cartage.doubles", (int64_t)out->doubles);
    span_number(&trigger->span, "cartage.refused", (int64_t)out->refused);
    for (size_t i = 0; i < json_count(out->woken) && i < SPAN_ENTRIES; i++) {
        const json *row = json_at(out->woken, i);
        span_say(&trigger->span, "cartage.entry", json_text(row, "entry"));
        span_say(&trigger->span, "cartage.answer", json_text(row, "answer"));
    }
    span_end(&trigger->span, good ? NULL : err->text);
    return good;
}

static void trigger_drop(struct trigger *trigger)
{
    wanted_drop(&trigger->wanted);
    arena_free(trigger->arena);
}

void triggered_drop(struct triggered *triggered)
{
    json_free(triggered->woken);
    tickets_drop(&triggered->granted);
    *triggered = (struct triggered){0};
}

bool triggered_refused(const struct triggered *triggered, struct err *err)
{
    if (triggered->taken || triggered->doubles || !triggered->refused)
        return false;
    const json *first = json_at(triggered->woken, 0);
    const char *entry = json_text(first, "entry");
    OWN_TEXT char *more =
        triggered->refused > 1 ? mem_printf(", and %zu more", triggered->refused - 1) : NULL;
    if (*entry)
        err_set(err, ERR_FATAL, CONFLICT, "entry %s was not woken%s: %s; cartage entry ready %s",
                entry, more ? more : "", json_text(first, "text"), entry);
    else
        err_set(err, ERR_FATAL, CONFLICT, "%s%s", json_text(first, "text"), more ? more : "");
    return true;
}

/* ---- answers ---- */

static void answer(struct trigger *trigger, const char *company, const char *entry,
                   const char *word, const char *text)
{
    json *row = json_new_object();
    json_set_text(row, "entry", entry);
    json_set_text(row, "company", company);
    json_set_text(row, "answer", word);
    json_set_text(row, "text", text);
    json_add(trigger->out->woken, row);
}

static void count(struct triggered *out, bool refused, bool is_double)
{
    out->refused += refused;
    out->doubles += is_double;
    out->taken += !refused && !is_double;
    metric_add(refused     ? METRIC_EVENTS_REFUSED
               : is_double ? METRIC_EVENTS_DOUBLE
                           : METRIC_EVENTS_TAKEN,
               1);
}

/* Wakes entries of one company; *found = those that were still there. */
static bool wake(struct trigger *trigger, const char *company, const char *const entries[],
                 size_t entry_count, bool by_ids, size_t *found, struct err *err)
{
    struct wake_cause cause = trigger->cause;
    enum wake *answers = arena_array(trigger->arena, entry_count + 1, sizeof *answers);
    if (!by_ids) /* its runs would never take them away */
        cause.subject_count = 0;
    *found = 0;
    if (!ledger_wakes(trigger->ledger, company, entries, entry_count, &cause, answers,
                      &trigger->out->granted, err))
        return false;
    for (size_t i = 0; i < entry_count; i++) {
        if (answers[i] == WAKE_GONE) /* deleted since we looked */
            continue;
        ++*found;
        answer(trigger, company, entries[i], wake_name(answers[i]), wake_text(answers[i]));
        count(trigger->out, wake_is_refusal(answers[i]), answers[i] == WAKE_DOUBLE);
    }
    return true;
}

/* ---- one entry ---- */

/* By id, or by the name it was applied with; in the company that is said, or in any. */
static bool find_entry(struct trigger *trigger, const char *text, char id[static UUID_TEXT],
                       char operation[static 64], struct err *err)
{
    OWN_JSON json *companies = NULL;
    char *company = trigger->company;
    if (entry_id(company, text, id))
        return ledger_entry_operation(trigger->ledger, id, company, operation, err);
    if (!ledger_companies(trigger->ledger, &companies, err))
        return false;
    for (size_t i = 0; i < json_count(companies); i++) {
        snprintf(company, UUID_TEXT, "%s", json_string(json_at(companies, i)));
        entry_id(company, text, id);
        if (ledger_entry_operation(trigger->ledger, id, company, operation, err))
            return true;
        if (err->code != NOT_FOUND)
            return false;
    }
    return err_set(err, ERR_FATAL, NOT_FOUND,
                   "entry: there is none that is called \"%.60s\"; `cartage entry list` shows them",
                   text);
}

static bool wake_entry(struct trigger *trigger, const char *text, struct err *err)
{
    char id[UUID_TEXT], name[64];
    const char *entry = id;
    size_t found;
    if (!find_entry(trigger, text, id, name, err))
        return false;
    const struct operation *operation = operation_by_name(name);
    if (!wake(trigger, trigger->company, &entry, 1, operation && operation->by_ids, &found, err))
        return false;
    return found || err_set(err, ERR_FATAL, NOT_FOUND, "entry: %s is gone", id);
}

/* ---- an operation ---- */

static bool is_concerned(const struct trigger *trigger, const json *arguments)
{
    const struct wanted *wanted = &trigger->wanted;
    OWN_BUF struct buf canonical = {0};
    struct err ignored;
    if (*wanted->shop && strcmp(json_text(arguments, "shop"), wanted->shop) != 0)
        return false;
    return !json_has(trigger->data, "arguments") ||
           (operation_arguments(wanted->operation, json_write(arguments), &canonical, &ignored) &&
            strcmp(buf_str(&canonical), buf_str(&wanted->arguments)) == 0);
}

static bool wake_concerned(struct trigger *trigger, const char *company, size_t *found,
                           struct err *err)
{
    OWN_JSON json *rows = NULL;
    const struct operation *operation = trigger->wanted.operation;
    size_t concerned = 0;
    *found = 0;
    if (!ledger_entries_of(trigger->ledger, company, operation->name, &rows, err))
        return false;
    const char **entries = arena_array(trigger->arena, json_count(rows) + 1, sizeof *entries);
    for (size_t i = 0; i < json_count(rows); i++)
        if (is_concerned(trigger, json_get(json_at(rows, i), "arguments")))
            entries[concerned++] = arena_text(trigger->arena, json_text(json_at(rows, i), "id"));
    return concerned == 0 ||
           wake(trigger, company, entries, concerned, operation->by_ids, found, err);
}

static bool shop_may_run(struct trigger *trigger, const char *company, struct err *err)
{
    OWN_JSON json *shop = NULL;
    const char *code = trigger->wanted.shop;
    if (!*code)
        return true;
    if (!shop_read(trigger->ledger, company, code, &shop, err))
        return false;
    return json_flag(shop, "enabled", false) ||
           err_set(err, ERR_FATAL, CONFLICT,
                   "shop %s is not enabled, so nothing runs for it; `cartage shop enable %s`", code,
                   code);
}

/* No entry is concerned: a one-off one, the same for all events that ask for the same. */
static bool add_one_off(struct trigger *trigger, const char *company, struct err *err)
{
    static const char *const TEXTS[][2] = {
        [ADDED_NEW] = {"added",    "a one-off entry was made for it"              },
        [ADDED_EXISTING] = {"existing", "the one-off entry that stands there covers it"},
        [ADDED_DOUBLE] = {"double",   "this event has been taken before"             },
    };
    const struct operation *operation = trigger->wanted.operation;
    const char *arguments = buf_str(&trigger->wanted.arguments);
    struct wake_cause cause = trigger->cause;
    char id[UUID_TEXT];
    enum added added;
    /* As a person's wish for the same (POST /v1/sync): both are met by one run. */
    OWN_TEXT char *key = mem_printf("sync %s %s", operation->name, arguments);
    struct entry_definition definition = {
        .arguments = arguments,
        .description = operation->title,
        .coalesce_key = key,
        .run_as = "event",
        .schedule = SCHEDULE_AT,
        .priority = (enum priority)operation->priority,
        .max_retry = -1,
        .kind = TICKET_WAKE,
    };
    snprintf(definition.company, sizeof definition.company, "%s", company);
    snprintf(definition.category, sizeof definition.category, "%s", operation->category);
    snprintf(definition.operation, sizeof definition.operation, "%s", operation->name);
    if (!operation->by_ids)
        cause.subject_count = 0;
    if (!shop_may_run(trigger, company, err) ||
        !ledger_add_for(trigger->ledger, &definition, &cause, id, &added, &trigger->out->granted,
                        err))
        return false;
    answer(trigger, company, id, TEXTS[added][0], TEXTS[added][1]);
    count(trigger->out, false, added == ADDED_DOUBLE);
    return true;
}

static bool has_shop(struct ledger *ledger, const char *company, const char *code, bool *has,
                     struct err *err)
{
    struct err missing = {0};
    OWN_JSON json *shop = NULL;
    *has = shop_read(ledger, company, code, &shop, &missing);
    if (*has || missing.code == NOT_FOUND)
        return true;
    *err = missing;
    return false;
}

/* The companies that the event is about: an array of GUIDs. */
static bool find_companies(struct trigger *trigger, json **out, struct err *err)
{
    OWN_JSON json *all = NULL, *list = json_new_array();
    const char *code = trigger->wanted.shop;
    if (*trigger->company) {
        json_add_text(list, trigger->company);
        *out = GIVE(list);
        return true;
    }
    if (!ledger_companies(trigger->ledger, &all, err))
        return false;
    if (!*code && json_count(all) > 1)
        return err_set(err, ERR_FATAL, BAD,
                       "company is missing, and there are %zu; name one, or a shop",
                       json_count(all));
    for (size_t i = 0; i < json_count(all); i++) {
        const char *company = json_string(json_at(all, i));
        bool has = true;
        if (*code && !has_shop(trigger->ledger, company, code, &has, err))
            return false;
        if (has)
            json_add_text(list, company);
    }
    if (json_count(list) == 0)
        return err_set(err, ERR_FATAL, NOT_FOUND, "shop %s is not known in any company%s", code,
                       json_count(all) ? "" : ", and there is none yet");
    *out = GIVE(list);
    return true;
}

/* One of several companies cannot: its answer, and no reason to fail the others. */
static bool refused_there(struct trigger *trigger, const char *company, const struct err *err)
{
    if (err->kind != ERR_FATAL || err->code != CONFLICT)
        return false;
    answer(trigger, company, "", "disabled", err->text);
    count(trigger->out, true, false);
    return true;
}

static bool wake_operation(struct trigger *trigger, struct err *err)
{
    OWN_JSON json *companies = NULL;
    const struct operation *operation = trigger->wanted.operation;
    size_t found = 0, all = 0;
    if (!find_companies(trigger, &companies, err))
        return false;
    for (size_t i = 0; i < json_count(companies); i++) {
        const char *company = json_string(json_at(companies, i));
        if (!wake_concerned(trigger, company, &found, err))
            return false;
        if (!found && trigger->whole && !add_one_off(trigger, company, err) &&
            !(json_count(companies) > 1 && refused_there(trigger, company, err)))
            return false;
        all += found;
    }
    return all || trigger->whole ||
           err_set(err, ERR_FATAL, NOT_FOUND,
                   "no entry of %s waits to be woken; name a shop for a single run, or add an "
                   "entry: cartage entry add",
                   operation->name);
}

/* ---- reading ---- */

static const char *const KNOWN[] = {"company", "entry", "operation", "shop", "arguments", "ids"};

/* "gid://shopify/Order/123" -> "123"; NULL = nothing that could be an id. */
static const char *read_id(const json *node, struct arena *arena)
{
    static const char PREFIX[] = "gid://shopify/",
                      LETTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789-_.:";
    const char *text = json_string(node);
    if (!*text && !json_is_object(node) && !json_is_array(node))
        text = arena_text(arena, json_write(node)); /* a number */
    if (strncmp(text, PREFIX, sizeof PREFIX - 1) == 0)
        text = strrchr(text, '/') + 1;
    size_t size = strlen(text);
    return size >= 1 && size <= SUBJECT_MOST_BYTES && strspn(text, LETTERS) == size
               ? arena_text(arena, text)
               : NULL;
}

static bool read_ids(struct trigger *trigger, struct err *err)
{
    const json *ids = json_get(trigger->data, "ids");
    size_t id_count = json_count(ids);
    if (ids && !json_is_array(ids))
        return err_set(err, ERR_FATAL, BAD, "ids: want a list, [\"5500000000001\", ...]");
    trigger->ids = arena_array(trigger->arena, id_count + 1, sizeof *trigger->ids);
    for (size_t i = 0; i < id_count; i++) {
        trigger->ids[i] = read_id(json_at(ids, i), trigger->arena);
        if (!trigger->ids[i])
            return err_set(err, ERR_FATAL, BAD,
                           "ids: the %zu. is none: want at most %d letters, digits, - _ . : or a "
                           "Shopify id",
                           i + 1, SUBJECT_MOST_BYTES);
    }
    trigger->cause.subjects = trigger->ids;
    trigger->cause.subject_count = id_count;
    return true;
}

static bool read_company(struct trigger *trigger, const char *otherwise, struct err *err)
{
    OWN_JSON json *settings = NULL;
    const char *text = json_text(trigger->data, "company");
    if (!*text && otherwise)
        text = otherwise;
    if (!*text)
        return true;
    if (!company_named(trigger->ledger, text, trigger->company, err) ||
        !ledger_settings_get(trigger->ledger, trigger->company, "company", &settings, err))
        return false;
    return settings ||
           err_set(err, ERR_FATAL, NOT_FOUND, "company %s is not known here", trigger->company);
}

/* Without a shop and without arguments the operation alone is said: enough to wake, not to add. */
static bool read_operation(struct trigger *trigger, struct err *err)
{
    const json *data = trigger->data;
    if (!wanted_operation(data, &trigger->wanted.operation, err))
        return false;
    trigger->whole = !trigger->wanted.operation->needs_shop || json_get(data, "shop") ||
                     json_get(data, "arguments");
    return !trigger->whole || wanted_arguments(data, &trigger->wanted, err);
}

static bool take_wake(struct trigger *trigger, const char *company, struct err *err)
{
    const json *data = trigger->data;
    const char *entry = json_text(data, "entry");
    if (!json_is_object(data))
        return err_set(err, ERR_FATAL, BAD,
                       "data is missing: want {\"entry\": ID} or {\"operation\": NAME, \"shop\": "
                       "CODE}, see docs/triggers.md");
    if (!fields_known(data, "a wake", KNOWN, COUNT(KNOWN), err) ||
        !read_company(trigger, company, err) || !read_ids(trigger, err))
        return false;
    bool named = json_get(data, "entry") != NULL;
    if (named && !*entry)
        return err_set(err, ERR_FATAL, BAD, "entry: want its id or name as a text");
    if (named &&
        (json_get(data, "operation") || json_get(data, "shop") || json_get(data, "arguments")))
        return err_set(err, ERR_FATAL, BAD,
                       "entry and operation exclude each other; send one of them");
    if (named)
        return wake_entry(trigger, entry, err);
    return read_operation(trigger, err) && wake_operation(trigger, err);
}

bool triggers_notice(struct ledger *ledger, const struct notice *notice, struct triggered *out,
                     struct err *err)
{
    __attribute__((cleanup(trigger_drop))) struct trigger trigger = {
        .ledger = ledger,
        .cause = {.source = notice->source, .id = notice->id},
        .arena = arena_new(),
        .out = out
    };
    size_t found;
    const char *record = notice->record ? read_id(notice->record, trigger.arena) : NULL;
    if (record) {
        trigger.cause.subjects = &record;
        trigger.cause.subject_count = 1;
    }
    trigger.wanted.operation = operation_by_name(notice->operation);
    snprintf(trigger.wanted.shop, sizeof trigger.wanted.shop, "%s", notice->shop);
    begin_span(&trigger, notice->type, NULL);
    return end_span(&trigger, wake_concerned(&trigger, notice->company, &found, err), err);
}

/* ---- types ---- */

static const struct {
    const char *type;
    bool (*take)(struct trigger *trigger, const char *company, struct err *err);
} TYPES[] = {
    {"cartage.wake", take_wake},
};

bool triggers_wake(struct ledger *ledger, const json *data, const char *company,
                   struct triggered *out, struct err *err)
{
    __attribute__((cleanup(trigger_drop))) struct trigger trigger = {
        .ledger = ledger, .data = data, .arena = arena_new(), .out = out};
    if (!out->woken)
        out->woken = json_new_array();
    begin_span(&trigger, "cartage.wake", NULL);
    return end_span(&trigger, take_wake(&trigger, company, err), err);
}

bool triggers_take(struct ledger *ledger, const struct cloud_event *event, const char *company,
                   struct triggered *out, struct err *err)
{
    __attribute__((cleanup(trigger_drop))) struct trigger trigger = {
        .ledger = ledger,
        .data = event->data,
        .cause = {.source = event->source, .id = event->id},
        .arena = arena_new(),
        .out = out
    };
    size_t row = 0;
    if (!out->woken)
        out->woken = json_new_array();
    while (row < COUNT(TYPES) && strcmp(TYPES[row].type, event->type) != 0)
        row++;
    if (row == COUNT(TYPES))
        return err_set(err, ERR_FATAL, BAD, "type \"%.60s\" is none that is known; %s is",
                       event->type, TYPES[0].type);
    begin_span(&trigger, event->type, event->traceparent);
    if (!end_span(&trigger, TYPES[row].take(&trigger, company, err), err))
        return false;
    log_info("event.taken", TEXT("type", event->type), TEXT("source", event->source),
             TEXT("id", event->id), NUM("woken", out->taken), NUM("doubles", out->doubles),
             NUM("refused", out->refused));
    return true;
}

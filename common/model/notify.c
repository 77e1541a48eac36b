/* notify.c - reads, checks and writes back the section `notify` of a company. */
#include "model/notify.h"

#include <json-c/json.h>
#include <string.h>

#include "model/fields.h"

static const char *const KINDS[] = {"webhook", "command", "mailbox", NULL};
static const char *const EVENTS[] = {"failure", "recovery", "manual"}; /* bit by bit */

#define TARGET(field) offsetof(struct notify_target, field)
static const struct setting TARGET_TABLE[] = {
  /* clang-format off */
    {"name", SETTING_TEXT, TARGET(name), NULL, NULL, "what an entry or a person calls it"},
    {"kind", SETTING_CHOICE, TARGET(kind), NULL, KINDS, "webhook, command or mailbox"},
    {"after", SETTING_INT, TARGET(after), "1", NULL,
     "told from the so manieth failure of an entry in a row"},
    {"window_failures", SETTING_INT, TARGET(window_failures), "0", NULL,
     "or from so many failures of the company in window_minutes; 0 = never"},
    {"window_minutes", SETTING_INT, TARGET(window_minutes), "60", NULL, "1 to 1440"},
  /* clang-format on */
};
#define NOTIFY(field) offsetof(struct notify, field)
static const struct setting TABLE[] = {
  /* clang-format off */
    {"collect_seconds", SETTING_INT, NOTIFY(collect_seconds), "10", NULL,
     "how long the first failure waits for others of the same cause, 0 to 600"},
    {"group_minutes", SETTING_INT, NOTIFY(group_minutes), "15", NULL,
     "later failures of a cause come together, once in so long, 0 to 1440"},
  /* clang-format on */
};

/* Takes a member out of an object: what is left is for the table. */
static struct json_object *take(struct json_object *object, const char *name)
{
    struct json_object *child = NULL;
    if (json_object_object_get_ex(object, name, &child))
        json_object_get(child);
    json_object_object_del(object, name);
    return child;
}

static bool in_bounds(const char *name, int64_t value, int64_t lowest, int64_t highest,
                      struct err *err)
{
    return (value >= lowest && value <= highest) ||
           err_set(err, ERR_FATAL, 400, "%s: want a number from %lld to %lld", name,
                   (long long)lowest, (long long)highest);
}

/* ---- one target ---- */

static bool plain(const char *text, size_t most)
{
    static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    size_t size = strlen(text);
    return size && size <= most && strspn(text, PLAIN) == size;
}

static bool printable(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text <= ' ' || *text == 0x7f)
            return false;
    return true;
}

static bool webhook_ok(const char *url, struct err *err)
{
    bool scheme = strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0;
    const char *host = scheme ? strstr(url, "//") + 2 : "";
    size_t size = strcspn(host, "/?#");
    if (!scheme || !size || !printable(url))
        return err_set(err, ERR_FATAL, 400, "address: want a URL, https://HOST/PATH");
    if (memchr(host, '@', size)) /* not repeated: it may hold a password */
        return err_set(err, ERR_FATAL, 400,
                       "address: a URL with a user is no good place for a secret; use secret");
    return true;
}

/* It becomes a header: one mailbox, nothing that could begin another header or address. */
static bool mailbox_ok(const char *mailbox, struct err *err)
{
    const char *at = strchr(mailbox, '@');
    bool fits = at && at != mailbox && at[1] && !strchr(at + 1, '@') && printable(mailbox) &&
                !strpbrk(mailbox, ",;:<>()[]\"\\") && strlen(mailbox) <= 254;
    for (const char *c = mailbox; *c; c++)
        fits = fits && (unsigned char)*c < 0x80;
    return fits || err_set(err, ERR_FATAL, 400,
                           "address \"%.80s\": want one mailbox, name@example.com", mailbox);
}

static bool command_ok(const char *program, struct err *err)
{
    return (plain(program, 100) && program[0] != '.') ||
           err_set(err, ERR_FATAL, 400,
                   "address \"%.80s\": want the name of a program in the producer's folder "
                   "NOTIFY_COMMANDS, then its arguments",
                   program);
}

static bool read_address(struct json_object *value, struct arena *arena,
                         struct notify_target *target, struct err *err)
{
    bool list = json_object_is_type(value, json_type_array);
    size_t count = list ? json_object_array_length(value) : 1;
    if (!value || !count || count > (target->kind == NOTIFY_COMMAND ? NOTIFY_ARGS_MOST : 1))
        return err_set(
            err, ERR_FATAL, 400,
            "address: want a URL, a mailbox, or a list: a program and up to %d arguments",
            NOTIFY_ARGS_MOST - 1);
    for (size_t i = 0; i < count; i++) {
        struct json_object *item = list ? json_object_array_get_idx(value, i) : value;
        const char *text = json_object_is_type(item, json_type_object) ||
                                   json_object_is_type(item, json_type_array)
                               ? NULL
                               : json_object_get_string(item);
        if (!text || strlen(text) > FIELDS_MAX_TEXT)
            return err_set(err, ERR_FATAL, 400, "address: want texts of at most %d characters",
                           FIELDS_MAX_TEXT);
        target->address[i] = arena_text(arena, text);
    }
    target->address_count = count;
    switch ((enum notify_kind)target->kind) {
    case NOTIFY_WEBHOOK:
        return webhook_ok(target->address[0], err);
    case NOTIFY_COMMAND:
        return command_ok(target->address[0], err);
    case NOTIFY_MAILBOX:
        break;
    }
    return mailbox_ok(target->address[0], err);
}

static bool read_event(struct json_object *value, unsigned *on, struct err *err)
{
    const char *text = value ? json_object_get_string(value) : "";
    for (size_t i = 0; i < COUNT(EVENTS); i++)
        if (strcmp(text, EVENTS[i]) == 0) {
            *on |= 1U << i;
            return true;
        }
    return err_set(err, ERR_FATAL, 400, "on \"%.40s\": want failure, recovery or manual", text);
}

static bool read_on(struct json_object *value, unsigned *on, struct err *err)
{
    if (!value) {
        *on = NOTIFY_FAILURE | NOTIFY_RECOVERY;
        return true;
    }
    if (!json_object_is_type(value, json_type_array))
        return read_event(value, on, err);
    for (size_t i = 0; i < json_object_array_length(value); i++)
        if (!read_event(json_object_array_get_idx(value, i), on, err))
            return false;
    return *on || err_set(err, ERR_FATAL, 400, "on: want failure, recovery or manual");
}

static bool read_secret(struct json_object *value, struct arena *arena,
                        struct notify_target *target, struct err *err)
{
    static const char *const WAYS[] = {"env", "file", "sealed"};
    struct json_object *text = NULL;
    if (!value)
        return true;
    if (target->kind != NOTIFY_WEBHOOK)
        return err_set(err, ERR_FATAL, 400, "secret: only a webhook is signed");
    if (json_object_is_type(value, json_type_object) && json_object_object_length(value) == 1)
        for (size_t i = 0; i < COUNT(WAYS); i++)
            if (json_object_object_get_ex(value, WAYS[i], &text) &&
                json_object_is_type(text, json_type_string) && json_object_get_string_len(text)) {
                target->secret_way = WAYS[i];
                target->secret = arena_text(arena, json_object_get_string(text));
                return true;
            }
    /* What stands there may be the secret itself: it is not repeated. */
    return err_set(
        err, ERR_FATAL, 400,
        "secret: want a reference, {\"env\": VARIABLE} or {\"file\": PATH}, never the secret");
}

static bool read_target(struct json_object *object, struct arena *arena,
                        struct notify_target *target, struct err *err)
{
    OWN_FIELDS struct json_object *address = take(object, "address");
    OWN_FIELDS struct json_object *on = take(object, "on");
    OWN_FIELDS struct json_object *secret = take(object, "secret");
    if (!fields_parse(json_object_to_json_string(object), TARGET_TABLE, COUNT(TARGET_TABLE), arena,
                      target, err))
        return false;
    if (!plain(target->name, NOTIFY_NAME_MOST))
        return err_set(err, ERR_FATAL, 400,
                       "name \"%.60s\": want at most %d letters, digits, '-', '_' and '.'",
                       target->name, NOTIFY_NAME_MOST);
    return read_address(address, arena, target, err) && read_on(on, &target->on, err) &&
           read_secret(secret, arena, target, err) &&
           in_bounds("after", target->after, 1, 1000, err) &&
           in_bounds("window_failures", target->window_failures, 0, 500, err) &&
           in_bounds("window_minutes", target->window_minutes, 1, 1440, err);
}

/* ---- the section ---- */

static bool read_targets(struct json_object *list, struct arena *arena, struct notify *notify,
                         struct err *err)
{
    size_t count =
        list && json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
    if ((list && !json_object_is_type(list, json_type_array)) || count > NOTIFY_TARGETS_MOST)
        return err_set(err, ERR_FATAL, 400, "targets: want a list of at most %d",
                       NOTIFY_TARGETS_MOST);
    for (size_t i = 0; i < count; i++) {
        struct notify_target *target = &notify->targets[i];
        struct json_object *object = json_object_array_get_idx(list, i);
        if (!json_object_is_type(object, json_type_object))
            return err_set(err, ERR_FATAL, 400, "targets, item %zu: want an object", i + 1);
        if (!read_target(object, arena, target, err))
            return err_wrap(err, "target %s", target->name ? target->name : "without a name");
        if (notify_find(notify, target->name))
            return err_set(err, ERR_FATAL, 400, "target %s stands there twice", target->name);
        notify->count++;
    }
    return true;
}

bool notify_parse(const char *json_text, struct arena *arena, const struct notify **out,
                  struct err *err)
{
    struct notify *notify = arena_alloc(arena, sizeof *notify);
    OWN_FIELDS struct json_object *object = NULL;
    if (!fields_object(json_text, &object, err))
        return err_wrap(err, "notify");
    OWN_FIELDS struct json_object *targets = take(object, "targets");
    if (!read_targets(targets, arena, notify, err) ||
        !fields_parse(json_object_to_json_string(object), TABLE, COUNT(TABLE), arena, notify,
                      err) ||
        !in_bounds("collect_seconds", notify->collect_seconds, 0, 600, err) ||
        !in_bounds("group_minutes", notify->group_minutes, 0, 1440, err))
        return err_wrap(err, "notify");
    *out = notify;
    return true;
}

const struct notify_target *notify_find(const struct notify *notify, const char *name)
{
    for (size_t i = 0; i < notify->count; i++)
        if (strcmp(notify->targets[i].name, name) == 0)
            return &notify->targets[i];
    return NULL;
}

/* ---- and back ---- */

static void write_target(const struct notify_target *target, struct buf *json)
{
    bool list = target->kind == NOTIFY_COMMAND;
    fields_write(TARGET_TABLE, COUNT(TARGET_TABLE), target, json);
    json->data[--json->size] = 0; /* its closing brace: the object goes on */
    buf_text(json, list ? ",\"address\":[" : ",\"address\":");
    for (size_t i = 0; i < target->address_count; i++) {
        buf_text(json, i ? "," : "");
        fields_json_text(json, target->address[i]);
    }
    buf_text(json, list ? "],\"on\":[" : ",\"on\":[");
    for (size_t i = 0, n = 0; i < COUNT(EVENTS); i++)
        if (target->on & 1U << i)
            buf_printf(json, "%s\"%s\"", n++ ? "," : "", EVENTS[i]);
    buf_text(json, "]");
    if (target->secret) {
        buf_printf(json, ",\"secret\":{\"%s\":", target->secret_way);
        fields_json_text(json, target->secret);
        buf_text(json, "}");
    }
    buf_text(json, "}");
}

void notify_write(const struct notify *notify, struct buf *json)
{
    fields_write(TABLE, COUNT(TABLE), notify, json);
    json->data[--json->size] = 0;
    buf_text(json, ",\"targets\":[");
    for (size_t i = 0; i < notify->count; i++) {
        buf_text(json, i ? "," : "");
        write_target(&notify->targets[i], json);
    }
    buf_text(json, "]}");
}

/* notify.c - whom a company tells of what became of its runs. */
#include "admin/notify.h"

#include <microhttpd.h>
#include <string.h>

#include "admin/routes.h"
#include "ledger/commands.h"
#include "model/notify.h"

static const char NOBODY[] = "{\"targets\":[]}";

static const json *target_before(const json *before, const char *name)
{
    const json *targets = json_get(before, "targets");
    for (size_t i = 0; i < json_count(targets); i++)
        if (strcmp(json_text(json_at(targets, i), "name"), name) == 0)
            return json_at(targets, i);
    return NULL;
}

static bool seal_targets(json *section, const json *before, struct err *err)
{
    json *targets = json_get(section, "targets");
    for (size_t i = 0; i < json_count(targets); i++) {
        json *target = json_at(targets, i);
        const char *name = json_text(target, "name");
        if (!api_seal(target, "secret", target_before(before, name), err)) {
            err->code = MHD_HTTP_UNPROCESSABLE_CONTENT;
            return err_wrap(err, "notify: target %s", name);
        }
    }
    return true;
}

bool notify_read(struct api_call *call, const char *company, json *section, struct buf *text,
                 struct err *err)
{
    const struct notify *notify = NULL;
    OWN(arena) struct arena *arena = arena_new();
    OWN_JSON json *before = NULL;
    if (!ledger_settings_get(call->ledger, company, "notify", &before, err))
        return false;
    if (!section && !before)
        return true;
    if (section && !seal_targets(section, before, err))
        return false;
    if (!notify_parse(section ? json_write(section) : NOBODY, arena, &notify, err))
        return false;
    notify_write(notify, text);
    return true;
}

bool notify_put(struct api_call *call, const char *company, const struct buf *text, bool *changed,
                struct err *err)
{
    return !text->size ||
           ledger_settings_put(call->ledger, company, "notify", buf_str(text), changed, err);
}

bool notify_add(struct api_call *call, const char *company, json *settings, struct err *err)
{
    json *section = NULL;
    if (!ledger_settings_get(call->ledger, company, "notify", &section, err))
        return false;
    if (section)
        json_set(settings, "notify", section);
    return true;
}

bool notify_known(struct api_call *call, const char *company, const char *name, struct err *err)
{
    const struct notify *notify = NULL;
    OWN(arena) struct arena *arena = arena_new();
    OWN_JSON json *section = NULL;
    if (!name || !*name)
        return true;
    if (!ledger_settings_get(call->ledger, company, "notify", &section, err) ||
        (section && !notify_parse(json_write(section), arena, &notify, err)))
        return false;
    const struct notify_target *target = notify ? notify_find(notify, name) : NULL;
    if (target && (target->on & NOTIFY_MANUAL))
        return true;
    return err_set(err, ERR_FATAL, MHD_HTTP_UNPROCESSABLE_CONTENT,
                   target ? "notify: target %s is not told of runs that somebody asked for; add "
                            "manual to its `on`"
                          : "notify: the company has no target %s; its section notify names them",
                   name);
}

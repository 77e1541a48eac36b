/* needs_page.c - the tables of docs/getting-started.md, made of the table that doctor checks. */
#include "model/needs.h"

#include <string.h>

/* "`a` or `b`" */
static void scopes_text(const char *scopes, struct buf *out)
{
    for (const char *at = scopes; *at; at += strspn(at, "|")) {
        size_t size = strcspn(at, "|");
        buf_printf(out, "%s`%.*s`", at == scopes ? "" : " or ", (int)size, at);
        at += size;
    }
}

static void when_text(const char *setting, bool optional, struct buf *out)
{
    if (setting)
        buf_printf(out, "with `%s`", setting);
    buf_printf(out, "%s%s", setting && optional ? ", " : "", optional ? "can be left out" : "");
    if (!setting && !optional)
        buf_text(out, "always");
}

static void scopes_page(struct buf *out)
{
    buf_text(out, "| Operation | Scope | When | For |\n|---|---|---|---|\n");
    for (size_t i = 0; i < SCOPE_NEED_COUNT; i++) {
        const struct scope_need *need = &SCOPE_NEEDS[i];
        buf_printf(out, "| `%s` | ", need->operation);
        scopes_text(need->scopes, out);
        buf_text(out, " | ");
        when_text(need->setting, need->optional, out);
        buf_printf(out, " | %s |\n", need->what);
    }
}

static void permissions_page(struct buf *out)
{
    buf_text(out, "| Operation | API v2.0 | Rights | Tables | Permission set | When |\n"
                  "|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < PERMISSION_NEED_COUNT; i++) {
        const struct permission_need *need = &PERMISSION_NEEDS[i];
        buf_printf(out, "| `%s` | `%s` | %s | %s | %s | ", need->operation, need->set, need->rights,
                   need->tables, need->within);
        when_text(need->setting, false, out);
        buf_text(out, " |\n");
    }
}

static void templates_page(struct buf *out)
{
    buf_text(out, "| Operation | Table | The template sets | When |\n|---|---|---|---|\n");
    for (size_t i = 0; i < TEMPLATE_NEED_COUNT; i++) {
        const struct template_need *need = &TEMPLATE_NEEDS[i];
        buf_printf(out, "| `%s` | %s | %s | ", need->operation, need->table, need->fields);
        when_text(need->setting, false, out);
        buf_text(out, " |\n");
    }
}

static void levels_page(struct buf *out)
{
    buf_text(out, "| What | `api` | `odata-page` | `extension` | Settings that want it |\n"
                  "|---|---|---|---|---|\n");
    for (size_t i = 0; i < LEVEL_FEATURE_COUNT; i++) {
        const struct level_feature *row = &LEVEL_FEATURES[i];
        buf_printf(out, "| %s | %s | %s | %s | %s |\n", row->feature, row->api ? "yes" : "no",
                   row->odata_page ? "yes" : "no", row->extension ? "yes" : "no", row->settings);
    }
}

void needs_page(enum needs_part part, struct buf *markdown)
{
    static void (*const PAGES[NEEDS_PARTS])(struct buf *) = {scopes_page, permissions_page,
                                                             templates_page, levels_page};
    PAGES[part](markdown);
}

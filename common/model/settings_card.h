/* settings_card.h - the shop card: what each setting of a shop means to a person, what it needs,
 * and which settings contradict each other. Pure.
 *
 * One row a setting of settings_shop_table, in its order; docs/settings.md is made of them. A
 * contradiction is refused where settings are changed, never where they are read: a shop that
 * stands goes on, and can be disabled.
 */
#ifndef CARTAGE_SETTINGS_CARD_H
#define CARTAGE_SETTINGS_CARD_H

#include "model/settings.h"

struct setting_card {
    const char *name, *title; /* the field's caption in Business Central, where it has one */
    const char *group;        /* code of setting_groups */
    const char *unit;         /* what a value is: "G/L account", "s"; "" = its type says it */
    const char *level;        /* access level of the company that it needs; "" = any */
    const char *needs;        /* settings without which it does nothing, comma between; "" = none */
    const char *explain;      /* sentences, for people in a shop's office */
};
const struct setting_card *settings_cards(size_t *count);
const struct setting_card *setting_card(const char *name); /* NULL = none */

struct setting_group {
    const char *code, *title;
};
const struct setting_group *setting_groups(size_t *count);

enum { CONTRADICTION_DETAIL = 80 };
struct contradiction {
    const char *code;
    const char *setting, *value; /* "" as value = left empty; NULL = what `detail` says */
    const char *other, *other_value;
    bool (*holds)(const struct shop *shop, char detail[static CONTRADICTION_DETAIL]);
    const char *reason, *cure;
};
const struct contradiction *settings_contradictions(size_t *count);
/* The first that `shop` has and `before` (NULL = none) has not; NULL = none. */
const struct contradiction *settings_contradiction(const struct shop *before,
                                                   const struct shop *shop,
                                                   char detail[static CONTRADICTION_DETAIL]);
/* Names both settings, the reason and the cure. */
void contradiction_text(const struct contradiction *contradiction, const char *detail,
                        struct buf *out);

const char *setting_type_name(enum setting_type type); /* "text", "boolean", "choice", ... */
/* The card as the page docs/settings.md; a test compares the two. */
void settings_page(struct buf *markdown);

#endif

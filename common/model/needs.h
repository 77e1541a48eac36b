/* needs.h - what each operation needs at the two peers: Shopify's access scopes, Business Central's
 * permissions and template rules, and what each access level carries. Pure.
 *
 * One table: `doctor` and `connect` check it, docs/getting-started.md is written from it.
 */
#ifndef CARTAGE_NEEDS_H
#define CARTAGE_NEEDS_H

#include "model/settings.h"

/* A scope at Shopify. */
struct scope_need {
    const char *operation;
    const char *scopes; /* one is enough of those with | between; a write scope includes reading */
    /* Needed only where this setting of the shop is on or says something; NULL = always. What
     * begins with write_ is not needed where allow_writes is off. */
    const char *setting;
    bool optional; /* the operation works without, and `what` is missing then */
    const char *what;
};
extern const struct scope_need SCOPE_NEEDS[];
extern const size_t SCOPE_NEED_COUNT;

/* What an operation reads and writes of a set of Business Central's API v2.0. */
struct permission_need {
    const char *operation;
    const char *set;    /* "salesOrders" */
    const char *rights; /* "read", "read, insert, modify" */
    const char *tables; /* what it stands for inside: "Sales Header (36), Sales Line (37)" */
    const char *within; /* a permission set of Business Central that holds it */
    const char *setting;
};
extern const struct permission_need PERMISSION_NEEDS[];
extern const size_t PERMISSION_NEED_COUNT;

/* A rule of Business Central's page "API Setup": no level shows whether there is one. */
struct template_need {
    const char *operation;
    const char *table;  /* "Customer (18)" */
    const char *fields; /* that the configuration template sets */
    const char *setting;
};
extern const struct template_need TEMPLATE_NEEDS[];
extern const size_t TEMPLATE_NEED_COUNT;

/* What works at which access level of a company. */
struct level_feature {
    const char *feature;
    const char *settings; /* of the shop that want it, comma between; "" = none */
    bool api, odata_page, extension;
    /* Of what stands on sales documents, which are refused then: what they take without it, "no tax
     * area". Else "": the rest goes on without. */
    const char *lacks;
};
extern const struct level_feature LEVEL_FEATURES[];
extern const size_t LEVEL_FEATURE_COUNT;
bool level_carries(const struct level_feature *feature, const char *level); /* "odata-page" */
enum { SETTING_NAME = 48 };
/* Does one of its settings make this shop want the feature? The first that does, by its name. */
bool level_wanted(const struct level_feature *feature, const struct shop *shop,
                  char setting[static SETTING_NAME]);

/* Does this shop's setting make the need one? `setting` NULL = always. */
bool need_applies(const struct shop *shop, const char *setting);
bool scope_applies(const struct shop *shop, const struct scope_need *need);
/* Is one of the wanted scopes among those granted (a NULL-ended list)? */
bool scope_granted(const char *scopes, const char *const granted[]);

/* The end of a quarterly API version's support by Shopify's rule (12 months from its first day,
 * 17:00 UTC), ms; false = no such version. */
bool api_version_end(const char *version, int64_t *end_ms);
/* The latest stable version at that time. */
void api_version_latest(int64_t now_ms, char out[static 8]);

/* The tables of docs/getting-started.md. */
enum needs_part { NEEDS_SCOPES, NEEDS_PERMISSIONS, NEEDS_TEMPLATES, NEEDS_LEVELS, NEEDS_PARTS };
void needs_page(enum needs_part part, struct buf *markdown);

#endif

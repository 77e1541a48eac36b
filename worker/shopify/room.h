/* room.h - what the files of this room share; nobody else includes it. */
#ifndef CARTAGE_SHOPIFY_ROOM_H
#define CARTAGE_SHOPIFY_ROOM_H

#include "attempt_credential.h"
#include "shopify/document.h"
#include "shopify/shopify.h"

enum { SHOPIFY_KNOWN_COSTS = 64 };

struct shopify {
    struct attempt *attempt;
    const char *store, *version; /* the shop's settings */
    char *url, *grant_url;
    char *connect_to; /* NULL = the store's own address */
    char *bucket;     /* "<store>/<client id>" */
    char *token_name;
    struct credential credential;
    char *token;        /* secret; NULL = not fetched yet */
    char *token_header; /* secret */
    int floor_percent;
    char served[32]; /* the API version that answered last */
    struct {
        char key[COST_KEY_TEXT];
        int cost;
    } known[SHOPIFY_KNOWN_COSTS]; /* costs seen in this attempt */
    size_t known_count;
};

/* Makes sure a token is there; `refused` = the present one got a 401. */
MUST_USE bool shopify_token(struct shopify *shopify, bool refused, struct err *err);

/* The cost to reserve: seen in this attempt, else learned by the fleet, else the document's. */
int shopify_cost(struct shopify *shopify, const struct document *document, const char *key);
void shopify_cost_seen(struct shopify *shopify, const struct document *document, const char *key,
                       int cost);

/* An answer's "data", borrowed from call->answer, and the userErrors in it. */
void shopify_call_take(struct shopify_call *call, json *data);

#endif

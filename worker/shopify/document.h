/* document.h - the GraphQL documents this program was built with (schemas/shopify). */
#ifndef CARTAGE_SHOPIFY_DOCUMENT_H
#define CARTAGE_SHOPIFY_DOCUMENT_H

#include "wire/json.h"

struct document {
    const char *name; /* file name without ending */
    const char *text;
    size_t size;
    char operation[64]; /* its GraphQL name: "OrdersDelta" */
    bool mutation;
    bool idempotent; /* carries @idempotent: the same key may be sent again */
    int cost;        /* what its first line says */
};

/* False = no such document, or one without operation or cost: a bug of the build. */
MUST_USE bool document_find(const char *name, struct document *out);
MUST_USE bool document_read(const char *name, const char *text, size_t size, struct document *out);

enum { COST_KEY_TEXT = 128 };
/* What a requested cost depends on: version, document, and the variables that size pages and lists.
 */
void document_cost_key(const struct document *document, const char *version, const json *variables,
                       char out[static COST_KEY_TEXT]);

#endif

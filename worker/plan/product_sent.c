/* product_sent.c - what Shopify has confirmed, as short digests; prices as they are. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "plan/product_plan.h"

enum { DIGEST = 16 };

/* FNV-1a: names a text among those that this one field has had, and guards nothing. */
static void digest_of(const char *text, char out[static DIGEST + 1])
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    snprintf(out, DIGEST + 1, "%016" PRIx64, hash);
}

static const char *entry_of(const char *sent, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = sent; at && *at; at = strchr(at, ';'), at = at ? at + 1 : NULL)
        if (strncmp(at, name, size) == 0 && at[size] == '=')
            return at + size + 1;
    return NULL;
}

size_t sent_differs(const char *const names[], const char *const values[], size_t count,
                    const char *sent, bool differs[])
{
    size_t news = 0;
    for (size_t i = 0; i < count; i++) {
        char digest[DIGEST + 1];
        const char *before = entry_of(sent, names[i]);
        differs[i] = false;
        if (!values[i] || (!before && !*values[i]))
            continue; /* nothing is said; or nothing stood there, and nothing shall */
        digest_of(values[i], digest);
        differs[i] = !before || strncmp(before, digest, DIGEST) != 0;
        news += differs[i];
    }
    return news;
}

void sent_write(const char *const names[], const char *const values[], size_t count,
                const char *before, struct buf *sent)
{
    for (size_t i = 0; i < count; i++) {
        char digest[DIGEST + 1];
        const char *old = entry_of(before, names[i]);
        if (values[i])
            digest_of(values[i], digest);
        else if (old)
            snprintf(digest, sizeof digest, "%.16s", old);
        else
            continue;
        buf_printf(sent, "%s%s=%s", sent->size ? ";" : "", names[i], digest);
    }
}

/* ---- prices ---- */

struct price price_rounded(struct decimal price, struct decimal compare_at, struct decimal cost,
                           int places)
{
    struct price out = {.price = decimal_round(price, places),
                        .compare_at = decimal_round(compare_at, places),
                        .cost = decimal_round(cost, places)};
    if (decimal_cmp(out.compare_at, out.price) <= 0)
        out.compare_at = DECIMAL_ZERO;
    return out;
}

void price_write(const struct price *price, struct buf *sent)
{
    const struct decimal parts[] = {price->price, price->compare_at, price->cost};
    for (size_t i = 0; i < COUNT(parts); i++) {
        char text[DECIMAL_TEXT] = "";
        if (i == 0 || decimal_sign(parts[i]) != 0)
            decimal_format(parts[i], text);
        buf_printf(sent, "%s%s", i ? "/" : "", text);
    }
}

bool price_read(const char *sent, struct price *out)
{
    struct decimal parts[3] = {DECIMAL_ZERO, DECIMAL_ZERO, DECIMAL_ZERO};
    for (size_t i = 0; i < COUNT(parts); i++) {
        char text[DECIMAL_TEXT];
        size_t size = strcspn(sent, "/");
        if (size >= sizeof text || (i == 0 && size == 0))
            return false;
        snprintf(text, sizeof text, "%.*s", (int)size, sent);
        if (*text && !decimal_parse(text, &parts[i]))
            return false;
        sent += size;
        sent += *sent == '/';
    }
    *out = (struct price){parts[0], parts[1], parts[2]};
    return true;
}

bool price_jumps(struct decimal before, struct decimal after, int64_t percent)
{
    struct decimal change = decimal_abs(decimal_sub(after, before));
    struct decimal limit = decimal_mul(decimal_abs(before), decimal_from_int(percent));
    return decimal_cmp(decimal_mul(change, decimal_from_int(100)), limit) > 0;
}

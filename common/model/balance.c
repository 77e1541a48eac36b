/* balance.c - verdicts of the daily balance. */
#include "model/balance.h"

#include <string.h>

static const struct {
    const char *word, *text;
} KINDS[BALANCE_KINDS] = {
  /* clang-format off */
    [BALANCE_AGREES] = {"agrees", ""},
    [BALANCE_NO_INVOICE] = {"no-invoice", "no posted invoice; `cartage order show` says what it waits for"},
    [BALANCE_NO_MEMO] = {"no-memo", "given back without a posted credit memo; `cartage order show` says what it waits for"},
    [BALANCE_OTHER_TOTAL] = {"other-total", "posted with another total than Shopify has"},
    [BALANCE_NOT_IMPORTED] = {"not-imported", "paid, and never imported; `cartage sync orders --named` reads it"},
    [BALANCE_WRONG_FEE] = {"wrong-fee", "the payout keeps another fee than the payment told; ask Shopify"},
    [BALANCE_UNKNOWN_TYPE] = {"unknown-type", "a kind of line that is newer than this version; look it up in Shopify's payouts"},
    [BALANCE_NOT_BOOKED] = {"not-booked", "read before its refunds and fees were kept; `cartage sync orders` with --named or --from-time reads it again"},
    [BALANCE_UNEVEN_PAYOUT] = {"uneven-payout", "the payout is not the sum of its lines; payouts.sync looks again daily, then ask Shopify"},
  /* clang-format on */
};

const char *balance_kind_word(enum balance_kind kind)
{
    return KINDS[kind].word;
}

const char *balance_kind_text(enum balance_kind kind)
{
    return KINDS[kind].text;
}

static struct balance_verdict agrees(void)
{
    return (struct balance_verdict){BALANCE_AGREES, "", DECIMAL_ZERO};
}

/* ---- documents ---- */

bool balance_is_posted(const struct balance_document *document)
{
    return !*document->cancelled && strcmp(document->posting, "partly") != 0 &&
           (strcmp(document->posting, "posted") == 0 || *document->posted_number);
}

/* The nearest thing that keeps it from being posted. */
static const char *why_open(const struct balance_document *document)
{
    if (*document->cancelled)
        return "posting-cancelled";
    if (*document->posting_reason)
        return document->posting_reason;
    if (*document->document)
        return strcmp(document->posting, "partly") == 0 ? "posted-partly" : "not-posted";
    if (*document->reason)
        return document->reason;
    return *document->state ? document->state : "not-processed";
}

struct balance_verdict balance_document(const struct balance_document *document)
{
    struct decimal shop = document->shop, erp = document->erp;
    if (document->refund) {
        shop = decimal_neg(shop);
        erp = decimal_neg(erp);
    }
    if (!balance_is_posted(document)) {
        if (decimal_sign(shop) == 0 && !*document->document)
            return agrees();
        return (struct balance_verdict){document->refund ? BALANCE_NO_MEMO : BALANCE_NO_INVOICE,
                                        why_open(document), shop};
    }
    if (decimal_cmp(shop, erp) == 0)
        return agrees();
    return (struct balance_verdict){BALANCE_OTHER_TOTAL,
                                    *document->difference_reason ? document->difference_reason
                                                                 : "unexplained",
                                    decimal_sub(shop, erp)};
}

/* ---- lines ---- */

struct balance_verdict balance_line(const struct balance_line *line)
{
    if (line->of_order && !line->staged)
        return (struct balance_verdict){BALANCE_NOT_IMPORTED, "", line->amount};
    if (line_class(line->type) == LINE_UNKNOWN)
        return (struct balance_verdict){BALANCE_UNKNOWN_TYPE, line->type, line->net};
    if (line_class(line->type) == LINE_CHARGE && line->told &&
        decimal_cmp(line->fee, line->told_fee) != 0)
        return (struct balance_verdict){BALANCE_WRONG_FEE, "",
                                        decimal_sub(line->told_fee, line->fee)};
    return agrees();
}

/* The transfer is the payout itself: it is no part of what it pays. */
void balance_add(struct balance_sum *sum, const struct balance_line *line)
{
    enum line_class is = line_class(line->type);
    sum->amounts[is] = decimal_add(sum->amounts[is], line->amount);
    if (is == LINE_TRANSFER)
        return;
    sum->fees = decimal_add(sum->fees, line->fee);
    sum->net = decimal_add(sum->net, line->net);
    sum->lines++;
}

struct balance_verdict balance_payout(struct decimal net, const struct balance_sum *sum)
{
    if (decimal_cmp(net, sum->net) == 0)
        return agrees();
    return (struct balance_verdict){BALANCE_UNEVEN_PAYOUT, "", decimal_sub(net, sum->net)};
}

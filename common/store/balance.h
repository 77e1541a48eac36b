/* balance.h - the daily balance of a shop, for people: its books of some days, and the payouts that
 * were issued in them (model/balance.h). Reads staged records only. */
#ifndef CARTAGE_STORE_BALANCE_H
#define CARTAGE_STORE_BALANCE_H

#include "store/store.h"

struct balance_ask {
    const char *company, *shop, *store; /* store = its name without the domain */
    int64_t from_ms, to_ms;             /* [from, to) */
    bool shown;                         /* documents are in the customer's currency */
    bool lines;                         /* with each payout's lines, too */
};
/* {"sales": [{"currency","orders","sold","refunds","given_back","invoices","invoiced","memos",
 * "credited","open": [{"kind","reason","count","amount"}]}],
 * "payouts": [{"id","issued","status","currency","net","orders","refunds","fees","disputes",
 * "reserves","retried","advances","adjustments","unknown","lines","lines_net"}],
 * "differences": [{"kind","record","order","payout","reason","amount","currency","text"}],
 * "lines": [...]} */
MUST_USE bool store_balance(struct ledger *ledger, const struct balance_ask *ask, json **out,
                            struct err *err);

/* At most `most` (STORE_PAGE) disputes of a store, those that are open first, by when evidence is
 * due: [{"id","order",
 * "order_name","type","status","open","amount","currency","reason","network_reason","initiated",
 * "due","days_left","sent","finalized"}]; days_left only of open ones. */
MUST_USE bool store_disputes(struct ledger *ledger, const char *company, const char *store,
                             bool open_only, int64_t now_ms, size_t most, json **out,
                             struct err *err);

#endif

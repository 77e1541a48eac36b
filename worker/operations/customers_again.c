/* customers_again.c - who was nobody in Business Central is looked for again when somebody new is
 * there.
 *
 * Shopify does not change a customer when his card is made on the other side, later, or so short a
 * while before that the look-up's replica had not got it. So each run asks which cards have changed
 * since the one before, and makes those customers without a partner due whose e-mail address or
 * phone number one of them has; the look-up itself then decides, as ever. Nothing is asked while
 * everybody has a partner. The first run notes the latest change there before it looks anybody up.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "operations/customers_run.h"
#include "store/lists.h"
#include "store/staging.h"

enum { OVERLAP_MS = 5 * 60 * 1000 };
static const char NOBODY[] = "2004-01-01T00:00:00Z"; /* is a customer there yet */

struct hearing {
    struct customers *run;
    struct buf words; /* of the cards that have changed */
    char latest[40];
};

static bool take_row(void *state, const json *row, struct err *err)
{
    struct hearing *hearing = state;
    const char *changed = json_text(row, "lastModifiedDateTime");
    OWN_TEXT char *emails = mem_text(json_text(row, "email"));
    char *rest;
    (void)err;
    for (char *one = strtok_r(emails, ";, ", &rest); one; one = strtok_r(NULL, ";, ", &rest))
        find_address(one, &hearing->words);
    find_phone(json_text(row, "phoneNumber"), &hearing->words);
    if (hearing->run->sort->firms)
        find_word(json_text(row, "taxRegistrationNumber"), &hearing->words);
    if (strcmp(changed, hearing->latest) > 0)
        snprintf(hearing->latest, sizeof hearing->latest, "%s", changed);
    return true;
}

static bool list_changed(struct hearing *hearing, int64_t since_ms, struct err *err)
{
    char from[32];
    OWN_BUF struct buf path = {0};
    buf_text(&path,
             "customers?$select=id,email,phoneNumber,taxRegistrationNumber,lastModifiedDateTime");
    if (since_ms) {
        time_format(since_ms - OVERLAP_MS, false, from);
        buf_printf(&path, "&$orderby=lastModifiedDateTime&$filter=lastModifiedDateTime%%20ge%%20%s",
                   from);
    } else
        buf_text(&path, "&$orderby=lastModifiedDateTime%20desc&$top=1");
    return bc_list(hearing->run->attempt, buf_str(&path), false, take_row, hearing, err) ||
           err_wrap(err, "list customers that are new in Business Central");
}

static bool make_due(struct hearing *hearing, struct err *err)
{
    struct customers *run = hearing->run;
    OWN_IDS struct store_ids found = {0};
    if (!list_unmapped_having(run->attempt->ledger, run->company,
                              run->sort->firms ? MAPPING_COMPANY : MAPPING_CUSTOMER,
                              run->shop->code, buf_str(&hearing->words), &found, err))
        return false;
    for (size_t i = 0; i < found.count; i++)
        customer_due(run, false, found.items[i]);
    return true;
}

static bool hear(struct hearing *hearing, struct err *err)
{
    static const char *const FIELDS[] = {"heard"};
    struct customers *run = hearing->run;
    const char *words = run->sort->words;
    OWN_TEXT char *mark = mem_printf("mark:%s-there:%s", words, run->shop->code);
    OWN_TEXT char *list = mem_printf("unmapped-%s:%s", words, run->shop->code);
    const char *const keys[] = {mark}, *const lists[] = {list};
    OWN(store_rows) struct store_rows *rows = NULL;
    int64_t unmapped, since_ms = 0;
    if (!store_read(run->attempt->ledger, run->company, keys, 1, FIELDS, COUNT(FIELDS), &rows,
                    err) ||
        !list_counts(run->attempt->ledger, run->company, lists, 1, &unmapped, err))
        return false;
    bool first = !time_parse(store_text(rows, 0, 0), &since_ms);
    if (!first && unmapped == 0)
        return true;
    if (!list_changed(hearing, first ? 0 : since_ms, err) || (!first && !make_due(hearing, err)))
        return false;
    if (*hearing->latest || first)
        write_add(run->write, "HSET", mark, "heard", *hearing->latest ? hearing->latest : NOBODY,
                  NULL);
    return customers_flush(run, true, err);
}

bool customers_again(struct customers *run, struct err *err)
{
    struct hearing hearing = {.run = run};
    bool ok = hear(&hearing, err);
    buf_drop(&hearing.words);
    return ok;
}

/* orders_end.c - how an order's run ends: processed with its link, waiting, or left alone; and the
 * records of ours that it waits for.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "attempt_fresh.h"
#include "base/log.h"
#include "operations/orders_process.h"
#include "operations/unmapped.h"
#include "plan/amounts.h"
#include "plan/order_change.h"

enum { BACKOFF_MS = 5 * 60 * 1000, BACKOFF_MOST_MS = 24 * 3600 * 1000 };

/* ---- one order's fate ---- */

bool work_open(const struct work *work)
{
    return !work->leave && !work->done && work->reason == REASON_NONE;
}

void work_stop(struct work *work, enum reason reason, const char *detail, ...)
{
    char text[400];
    va_list args;
    va_start(args, detail);
    vsnprintf(text, sizeof text, detail, args);
    va_end(args);
    work->reason = reason;
    buf_clear(&work->detail);
    buf_text(&work->detail, text);
}

static bool has_word(const char *words, const char *word, char between)
{
    size_t size = strlen(word);
    for (const char *at = words; (at = strstr(at, word)); at += size)
        if ((at == words || at[-1] == between) && (at[size] == between || !at[size]))
            return true;
    return false;
}

void work_waits_for(struct work *work, const char *kind, const char *id)
{
    OWN_TEXT char *record = mem_printf("%s:%s", kind, id);
    const char *have = buf_str(&work->waiting_for);
    if (!has_word(have, record, ' '))
        buf_printf(&work->waiting_for, "%s%s", *have ? " " : "", record);
}

/* ---- records that orders wait for ---- */

static char *with_shop(const char *shops, const char *shop)
{
    return has_word(shops, shop, ',') ? mem_text(shops)
                                      : mem_printf("%s%s%s", shops, *shops ? "," : "", shop);
}

/* One of a customer's addresses: found by his number when he is to be forgotten. */
static void index_address(struct write *write, const char *kind, const char *id)
{
    size_t number = strcspn(id, "-");
    if (strcmp(kind, "customer") != 0 || !id[number])
        return;
    OWN_TEXT char *key = mem_printf("addresses-of:%.*s", (int)number, id);
    write_add(write, "SADD", key, id, NULL);
}

void unmapped_write(struct write *write, const char *shop, const struct unmapped *unmapped)
{
    OWN_TEXT char *all = with_shop(unmapped->shops, shop);
    OWN_TEXT char *key = mem_printf("%s:%s", unmapped->kind, unmapped->id),
                  *blocks = mem_printf("blocks:%s:%s", unmapped->kind, unmapped->id);
    OWN_BUF struct buf words = {0};
    find_words(unmapped->name, &words);
    find_word(unmapped->sku, &words);
    find_word(unmapped->id, &words);
    find_address(unmapped->email, &words);
    find_phone(unmapped->phone, &words);
    write_add(write, "HSET", key, "name", unmapped->name, "sku", unmapped->sku, "shops", all,
              "reason", unmapped->text, NULL);
    write_add(write, "UNMAPPED", unmapped->kind, unmapped->id, shop, unmapped->code,
              buf_str(&words), NULL);
    index_address(write, unmapped->kind, unmapped->id);
    if (*unmapped->order)
        write_add(write, "SADD", blocks, unmapped->order, NULL);
}

void mapped_write(struct write *write, const char *shop, const char *kind, const char *id,
                  const char *shops, const char *name, const char *sku, const char *erp_id,
                  const char *number)
{
    OWN_TEXT char *all = with_shop(shops, shop);
    OWN_TEXT char *key = mem_printf("%s:%s", kind, id),
                  *blocks = mem_printf("blocks:%s:%s", kind, id);
    write_add(write, "HSET", key, "name", name, "sku", sku, "shops", all, "erp_id", erp_id,
              "number", number, NULL);
    write_add(write, "HDEL", key, "reason", "suggested", NULL);
    write_add(write, "MAPPED", kind, id, shop, NULL);
    write_add(write, "DEL", blocks, NULL);
    index_address(write, kind, id);
}

void write_unmapped(struct orders_process *process, const struct unmapped *unmapped)
{
    unmapped_write(process->write, process->shop->code, unmapped);
}

void write_mapped(struct orders_process *process, const char *kind, const char *id,
                  const char *shops, const char *name, const char *sku, const char *erp_id,
                  const char *number)
{
    mapped_write(process->write, process->shop->code, kind, id, shops, name, sku, erp_id, number);
}

/* It no longer waits for what it waited for, but for what is still in waiting_for. */
static void stop_waiting(struct orders_process *process, const struct work *work)
{
    char record[64];
    for (const char *at = work->waits; *at; at += strspn(at, " ")) {
        size_t size = strcspn(at, " ");
        snprintf(record, sizeof record, "%.*s", (int)size, at);
        at += size;
        if (has_word(buf_str(&work->waiting_for), record, ' '))
            continue;
        OWN_TEXT char *blocks = mem_printf("blocks:%s", record);
        write_add(process->write, "SREM", blocks, work->id, NULL);
    }
}

/* ---- how an order ends ---- */

static void write_skip(struct orders_process *process, const struct work *work)
{
    const char *shop = *work->skip_shop ? work->skip_shop : process->shop->code;
    if (stage_skip(process->write, shop, work->id, work->name, work->order.updated, work->reason,
                   buf_str(&work->detail), &work->skip))
        stage_life(process->write, work->id, "held", "%s %s", reason_row(work->reason)->code,
                   buf_str(&work->detail));
}

/* Left alone until Shopify changes the order, or somebody the shop's settings. */
static void end_skipped(struct orders_process *process, const struct work *work)
{
    OWN_TEXT char *key = mem_printf("order:%s", work->id);
    OWN_TEXT char *unprocessed = mem_printf("unprocessed:%s", process->shop->code);
    OWN_TEXT char *skipped = mem_printf("skipped:%s", process->shop->code);
    write_add(process->write, "HSET", key, "state", "skipped", "reason",
              reason_row(work->reason)->code, "waits", "", NULL);
    write_add(process->write, "ZREM", unprocessed, work->id, NULL);
    write_add(process->write, "SADD", skipped, work->id, NULL);
    write_skip(process, work);
    process->attempt->counts.skipped++;
}

/* What Business Central has refused is tried ever more rarely; what we can look up ourselves, every
 * run. */
int64_t work_due_again_ms(const struct orders_process *process, const struct work *work)
{
    int64_t created_ms, delay_ms = BACKOFF_MS;
    if (work->reason != REASON_ERP_REFUSED)
        return time_parse(work->order.created, &created_ms) ? created_ms : 0;
    for (int64_t i = 1; i < work->tries && delay_ms < BACKOFF_MOST_MS; i++)
        delay_ms *= 2;
    return process_now_ms(process) + (delay_ms < BACKOFF_MOST_MS ? delay_ms : BACKOFF_MOST_MS);
}

static void end_waiting(struct orders_process *process, const struct work *work)
{
    char due[32], tries[32];
    OWN_TEXT char *key = mem_printf("order:%s", work->id);
    OWN_TEXT char *unprocessed = mem_printf("unprocessed:%s", process->shop->code);
    snprintf(due, sizeof due, "%" PRId64, work_due_again_ms(process, work));
    snprintf(tries, sizeof tries, "%" PRId64, work->tries);
    write_add(process->write, "HSET", key, "state", *work->document ? "creating" : "waiting",
              "reason", reason_row(work->reason)->code, "waits", buf_str(&work->waiting_for),
              "tries", tries, NULL);
    write_add(process->write, "ZADD", unprocessed, due, work->id, NULL);
    write_skip(process, work);
    if (work->reason == REASON_CUSTOMER_UNMAPPED || work->reason == REASON_COMPANY ||
        work->reason == REASON_PRODUCT_UNMAPPED)
        process->attempt->counts.skipped++;
    else
        process->attempt->counts.failed++;
}

void work_line_map(const struct work *work, struct buf *out)
{
    /* Of a document that was found posted we have no lines: it was made from this plan once. */
    size_t count = work->plan.line_count, made = json_count(work->lines);
    buf_text(out, "{");
    for (size_t i = 0, n = 0; i < count && (made == 0 || i < made); i++) {
        const char *id = work->plan.lines[i].shopify_id;
        if (*id)
            buf_printf(out, "%s\"%" PRId64 "\":\"%s\"", n++ ? "," : "",
                       json_int(json_at(work->lines, i), "sequence", (int64_t)(i + 1) * 10000), id);
    }
    buf_text(out, "}");
}

static void write_link(struct orders_process *process, const struct work *work, const char *state)
{
    OWN_BUF struct buf lines = {0};
    OWN_TEXT char *key = mem_printf("order:%s", work->id),
                  *link = mem_printf("link:order:%s", work->id);
    OWN_TEXT char *document = mem_printf("document:%s", work->document);
    OWN_TEXT char *external = mem_printf("external:%s", work->plan.external);
    work_line_map(work, &lines);
    write_add(process->write, "HSET", key, "state", state, "document", work->number, NULL);
    write_add(process->write, "HSET", link, "kind", work->kind, "id", work->document, "number",
              work->number, "order_number", work->order_number, "external", work->plan.external,
              "lines", buf_str(&lines), NULL);
    write_add(process->write, "HSET", document, "order", work->id, NULL);
    write_add(process->write, "SET", external, work->id, NULL);
    if (work->posted)
        stage_posted(process->write, link, work->id, work->document, work->number, work->cancelled);
    write_note_clear(process->write, work->record);
    stage_find(process->write, work->id, work->number);
    if (work->was_creating) /* the run that made it has said so */
        return;
    if (*work->bill_to.id)
        stage_life(process->write, work->id, "mapped", "customer %s, billed to %s",
                   work->customer.number, work->bill_to.number);
    else
        stage_life(process->write, work->id, "mapped", "customer %s", work->customer.number);
    stage_life(process->write, work->id, "document", "%s %s, %s", work->kind, work->number,
               work->created ? "made" : "found");
}

bool work_link(struct orders_process *process, struct work *work, struct err *err)
{
    if (work->refund) /* the note leads the next run to the document */
        return true;
    write_link(process, work, "creating");
    return process_flush(process, true, err);
}

/* ---- totals ---- */

/* The VAT identifiers of the document's lines, as the ERP has answered them. */
static const char **groups_of(struct arena *arena, const struct work *work)
{
    if (json_count(work->lines) != work->plan.line_count)
        return NULL;
    const char **groups = arena_array(arena, work->plan.line_count + 1, sizeof *groups);
    for (size_t i = 0; i < work->plan.line_count; i++)
        groups[i] = json_text(json_at(work->lines, i), "taxCode");
    return groups;
}

static void describe(const struct work *work, struct difference difference, struct buf *text)
{
    char theirs[DECIMAL_TEXT], ours[DECIMAL_TEXT], evened[DECIMAL_TEXT];
    int places = work->plan.places;
    decimal_format_fixed(work->plan.total, places, theirs);
    decimal_format_fixed(work->erp_total, places, ours);
    decimal_format_fixed(work->plan.evened, places, evened);
    if (difference.reason != DIFFERENCE_NONE)
        buf_printf(text, "Shopify %s, Business Central %s", theirs, ours);
    else if (decimal_sign(work->plan.evened) != 0)
        buf_printf(text, "%s posted to the rounding account", evened);
}

/* An amount and the tax on it, in whole cents, make not every total. */
static bool is_unit(const struct work *work, struct decimal amount)
{
    const struct decimal unit = {1, work->plan.places};
    return decimal_sign(amount) != 0 && decimal_cmp(decimal_abs(amount), unit) <= 0;
}

/* A person is asked for what nothing explains, and for money that stands nowhere; not for a
 * rounding that is what it has to be. */
struct difference work_difference(struct orders_process *process, const struct work *work,
                                  struct buf *text, bool *need)
{
    struct difference difference = {DIFFERENCE_NONE, DECIMAL_ZERO};
    OWN(arena) struct arena *arena = arena_new();
    *need = false;
    if (!work->has_total)
        return difference;
    difference = order_difference(&work->plan, work->erp_total, groups_of(arena, work));
    if (work->balanced_with_tax && is_unit(work, difference.amount))
        difference.reason = DIFFERENCE_TAX_BY_GROUP;
    describe(work, difference, text);
    bool large = decimal_cmp(decimal_abs(difference.amount), process->shop->tolerance) > 0;
    *need = difference.reason == DIFFERENCE_UNEXPLAINED ||
            (large && difference.reason == DIFFERENCE_DUTY_OR_FEE);
    if (difference.reason == DIFFERENCE_NONE)
        difference.reason = (enum difference_reason)work->plan.evened_for;
    if (difference.reason == DIFFERENCE_UNEXPLAINED) {
        log_warn("order.totals", TEXT("order", work->name), TEXT("document", work->number),
                 TEXT("totals", buf_str(text)));
        if (work->created && process->unexplained++ == 0)
            snprintf(process->first_unexplained, sizeof process->first_unexplained, "%s",
                     work->name);
    }
    return difference;
}

/* Into the list of documents that differ and the group of why, or out of all of them. */
static void list_difference(struct orders_process *process, const struct work *work,
                            enum difference_reason why)
{
    static const enum difference_reason NEED[] = {DIFFERENCE_UNEXPLAINED, DIFFERENCE_DUTY_OR_FEE};
    char now[32];
    OWN_TEXT char *index = mem_printf("differences:%s", process->shop->code);
    snprintf(now, sizeof now, "%" PRId64, process_now_ms(process));
    if (why != DIFFERENCE_NONE)
        write_add(process->write, "ZADD", index, now, work->id, NULL);
    else
        write_add(process->write, "ZREM", index, work->id, NULL);
    for (size_t i = 0; i < COUNT(NEED); i++) {
        OWN_TEXT char *group =
            mem_printf("differences-of:%s:%s", process->shop->code, difference_code(NEED[i]));
        if (why == NEED[i])
            write_add(process->write, "ZADD", group, now, work->id, NULL);
        else
            write_add(process->write, "ZREM", group, work->id, NULL);
    }
}

/* Only what agrees, or differs for a known reason, may be posted. */
static void write_totals(struct orders_process *process, const struct work *work,
                         const char *created)
{
    bool need;
    OWN_BUF struct buf text = {0};
    OWN_TEXT char *key = mem_printf("order:%s", work->id);
    OWN_TEXT char *ready = mem_printf("ready:%s", process->shop->code);
    struct difference difference = work_difference(process, work, &text, &need);
    if (text.size > 0) {
        write_add(process->write, "HSET", key, "difference", buf_str(&text), "difference_reason",
                  difference_code(difference.reason), NULL);
        stage_life(process->write, work->id, "difference", "%s: %s",
                   difference_code(difference.reason), buf_str(&text));
    } else
        write_add(process->write, "HDEL", key, "difference", "difference_reason", NULL);
    list_difference(process, work, need ? difference.reason : DIFFERENCE_NONE);
    bool shipped = strcmp(work->kind, "salesShipment") == 0; /* posted already */
    if (!shipped && difference.reason != DIFFERENCE_UNEXPLAINED)
        write_add(process->write, "ZADD", ready, created, work->id, NULL);
    else
        write_add(process->write, "ZREM", ready, work->id, NULL);
}

static void write_follow_ups(struct orders_process *process, const struct work *work,
                             const char *created)
{
    OWN_TEXT char *attributes = mem_printf("attributes:%s", process->shop->code);
    if (process->shop->order_attributes_to_shopify)
        write_add(process->write, "ZADD", attributes, created, work->id, NULL);
    stage_refunds(process->write, process->shop->code, &work->order);
}

struct named {
    struct orders_process *process;
    const char *order;
};

static void write_title(void *state, const char *setting, const char *title)
{
    const struct named *named = state;
    OWN_TEXT char *key = mem_printf("titles:%s:%s", setting, named->process->shop->code);
    write_add(named->process->write, "HSET", key, title, named->order, NULL);
}

static void end_processed(struct orders_process *process, const struct work *work)
{
    char created[32], total[DECIMAL_TEXT];
    int64_t created_ms = 0, updated_ms = 0;
    OWN_BUF struct buf snapshot = {0};
    OWN_TEXT char *key = mem_printf("order:%s", work->id);
    OWN_TEXT char *unprocessed = mem_printf("unprocessed:%s", process->shop->code);
    OWN_TEXT char *processed = mem_printf("processed:%s", process->shop->code);
    if (!time_parse(work->order.created, &created_ms))
        created_ms = 0;
    if (!time_parse(work->order.updated, &updated_ms))
        updated_ms = 0;
    snprintf(created, sizeof created, "%" PRId64, created_ms);
    order_snapshot(&work->order, &snapshot);
    decimal_format(work->erp_total, total);
    write_link(process, work, "processed");
    stage_life(process->write, work->id, "processed", "%s %s in Business Central", total,
               work->plan.currency);
    write_add(process->write, "HSET", key, "snapshot", buf_str(&snapshot), "erp_total", total,
              "currency_used", work->plan.currency, "handling_used",
              work->plan.side == MONEY_PRESENTMENT ? "presentment" : "shop", "reason", "", "waits",
              "", "tries", "0", NULL);
    write_add(process->write, "ZREM", unprocessed, work->id, NULL);
    write_add(process->write, "ZADD", processed, created, work->id, NULL);
    stage_archive(process->write, process->shop->code, work->id);
    if (*work->skip.reason)
        stage_skip_gone(process->write, work->id);
    write_totals(process, work, created);
    write_follow_ups(process, work, created);
    plan_titles(&work->order, process->shop, write_title, &(struct named){process, work->name});
    /* One that waited for a person is late by no fault of ours. */
    if (!*work->was_reason && !*work->waits)
        attempt_fresh(process->attempt, FRESH_ORDERS, AT_SHOPIFY,
                      work->created ? created_ms : updated_ms);
    if (work->created)
        process->attempt->counts.created++;
    else
        process->attempt->counts.updated++;
}

bool work_finish(struct orders_process *process, struct work *work, struct err *err)
{
    if (work->done || work->leave)
        return true;
    if (work->refund)
        return refund_finish(process, work, err);
    OWN_TEXT char *skipped = mem_printf("skipped:%s", process->shop->code);
    stop_waiting(process, work);
    write_add(process->write, "SREM", skipped, work->id, NULL);
    if (work->reason == REASON_NONE)
        end_processed(process, work);
    else if (reason_row(work->reason)->class == CLASS_WAITS)
        end_waiting(process, work);
    else
        end_skipped(process, work);
    work->done = true;
    process->done++;
    return process_flush(process, *work->document != 0, err);
}

/* orders_customer_locks.c - while one run looks for a customer and makes him, no other does: by the
 * keys under which he would be found, whatever record of Shopify asks for him
 * (schemas/staging/lock.md).
 */
#include <string.h>

#include "operations/operations_table.h"
#include "operations/orders_customers.h"
#include "store/staging.h"

enum {
    LOOK_MS = 10000,       /* so long the last look may take before others are let in */
    LEAST_PAUSE_MS = 2000, /* before one that another run is making is looked for again */
    MADE_S = 24 * 60 * 60, /* longer than a run, whose list of phones may be as old */
};

static void add_key(struct asker *asker, const char *what, const char *text, struct arena *arena)
{
    char digest[FIND_DIGEST];
    if (find_digest(text, digest))
        asker->locks[asker->lock_count++] = arena_printf(arena, "customer:%s:%s", what, digest);
}

/* The last digits: numbers that match have these in common. "" = too few. */
static const char *phone_end(const struct asker *asker, struct arena *arena)
{
    char digits[PHONE_DIGITS_MAX + 1];
    phone_digits(asker->phone, digits);
    size_t size = strlen(digits);
    return size < PHONE_DIGITS_MIN ? "" : arena_text(arena, digits + size - PHONE_DIGITS_MIN);
}

static const char *made_key(const struct asker *asker, struct arena *arena)
{
    char digest[FIND_DIGEST];
    const char *end = phone_end(asker, arena);
    return find_digest(end, digest) ? arena_printf(arena, "made:customer:phone:%s", digest) : "";
}

/* Ever later, as long as the other run goes on: a call that got no answer may take minutes. */
static bool other_until(struct orders_process *process, const struct asker *asker,
                        struct arena *arena, int64_t *out, struct err *err)
{
    static const char *const FIELDS[] = {"since"};
    const char *keys[CUSTOMER_LOCKS];
    int64_t now_ms = process_now_ms(process), longest_ms = LEAST_PAUSE_MS;
    OWN(store_rows) struct store_rows *rows = NULL;
    for (size_t i = 0; i < asker->lock_count; i++)
        keys[i] = arena_printf(arena, "lock:%s", asker->locks[i]);
    if (!store_read(process->attempt->ledger, process->company, keys, asker->lock_count, FIELDS,
                    COUNT(FIELDS), &rows, err))
        return false;
    for (size_t i = 0; i < asker->lock_count; i++) {
        int64_t since_ms = store_int(rows, i, 0);
        if (since_ms > 0 && now_ms - since_ms > longest_ms)
            longest_ms = now_ms - since_ms;
    }
    *out = now_ms + longest_ms;
    return true;
}

bool customer_lock(struct orders_process *process, struct window *window, struct asker *asker,
                   const char *name, struct err *err)
{
    bool refused = false;
    OWN(write) struct write *write = write_new();
    add_key(asker, "email", asker->email, window->arena);
    add_key(asker, "phone", phone_end(asker, window->arena), window->arena);
    add_key(asker, "name", name, window->arena);
    add_key(asker, "tax", asker->tax_id, window->arena);
    for (size_t i = 0; i < asker->lock_count; i++)
        write_lock(write, asker->locks[i], process_now_ms(process) + LOOK_MS);
    if (!attempt_write(process->attempt, write, &refused, err))
        return err_wrap(err, "lock the customer of %s", asker->work->name);
    asker->locked = !refused;
    return !refused || other_until(process, asker, window->arena, &asker->free_ms, err);
}

void customer_keep(struct write *write, const struct asker *asker)
{
    for (size_t i = 0; i < asker->lock_count; i++)
        write_keep(write, asker->locks[i], asker->look_until_ms);
}

void customer_unlock(struct orders_process *process, struct asker *asker)
{
    for (size_t i = 0; asker->locked && i < asker->lock_count; i++)
        if (!asker->shared[i])
            write_unlock(process->write, asker->locks[i]);
    asker->locked = false;
}

static bool has_lock(const struct asker *asker, const char *lock)
{
    for (size_t i = 0; i < asker->lock_count; i++)
        if (strcmp(asker->locks[i], lock) == 0)
            return true;
    return false;
}

void customers_share_locks(struct asker askers[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < askers[i].lock_count; k++)
            for (size_t n = 0; n < count; n++)
                askers[i].shared[k] |= n != i && has_lock(&askers[n], askers[i].locks[k]);
}

void customers_unlock_shared(struct orders_process *process, const struct asker askers[],
                             size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < askers[i].lock_count; k++) {
            bool kept = !askers[i].shared[k];
            for (size_t n = 0; n < count && !kept; n++)
                kept = askers[n].in_flight && has_lock(&askers[n], askers[i].locks[k]);
            if (!kept)
                write_unlock(process->write, askers[i].locks[k]);
        }
}

/* ---- what was made ---- */

bool customers_made(struct orders_process *process, struct window *window, struct asker askers[],
                    size_t count, struct err *err)
{
    static const char *const FIELDS[] = {"erp_id", "phone"};
    OWN(store_rows) struct store_rows *rows = NULL;
    const char *keys[ASKERS];
    struct asker *asking[ASKERS];
    size_t some = 0;
    for (size_t i = 0; i < count; i++) {
        const char *key = askers[i].locked ? made_key(&askers[i], window->arena) : "";
        if (!*key || askers[i].billing.address)
            continue;
        asking[some] = &askers[i];
        keys[some++] = key;
    }
    if (some == 0)
        return true;
    if (!store_read(process->attempt->ledger, process->company, keys, some, FIELDS, COUNT(FIELDS),
                    &rows, err))
        return false;
    for (size_t i = 0; i < some; i++) {
        if (!phones_match(store_text(rows, i, 1), asking[i]->phone))
            continue;
        asking[i]->made_id = arena_text(window->arena, store_text(rows, i, 0));
        lookup_want(window->lookup, LOOKUP_CUSTOMER_ID, asking[i]->made_id);
    }
    return true;
}

void customer_was_made(struct orders_process *process, const struct asker *asker, const char *id,
                       const char *number, const char *phone)
{
    OWN(arena) struct arena *arena = arena_new();
    const char *key = made_key(asker, arena);
    if (!*key)
        return;
    write_add(process->write, "HSET", key, "erp_id", id, "number", number, "phone", phone, NULL);
    write_expire(process->write, key, MADE_S);
}

/* orders_taken.c - an order, or a refund of one, is in the hands of one run at a time
 * (schemas/staging/lock.md).
 *
 * The note of a create in flight guards what may be on its way. It does not guard what is over: a
 * run that has looked before another made the document would note after that, and make it again.
 */
#include "base/log.h"
#include "operations/operations_table.h"
#include "operations/orders_process.h"

enum {
    HAND_MS = 60000, /* renewed before each create */
    AGAIN_MS = 2000, /* then one that another run had in hand is looked at again */
};

static bool take(struct orders_process *process, struct work *works[], size_t count, bool *refused,
                 struct err *err)
{
    int64_t until_ms = process_now_ms(process) + HAND_MS;
    OWN(write) struct write *write = write_new();
    for (size_t i = 0; i < count; i++)
        write_lock(write, works[i]->record, until_ms);
    if (!attempt_write(process->attempt, write, refused, err))
        return err_wrap(err, "take orders in hand");
    for (size_t i = 0; i < count; i++)
        works[i]->taken = !*refused;
    return true;
}

bool window_take(struct orders_process *process, struct window *window, struct err *err)
{
    struct work *works[WINDOW];
    bool refused = false;
    for (size_t i = 0; i < window->count; i++)
        works[i] = &window->works[i];
    if (!take(process, works, window->count, &refused, err))
        return false;
    for (size_t i = 0; refused && i < window->count; i++) {
        bool one = false;
        if (!take(process, &works[i], 1, &one, err))
            return false;
        if (!one)
            continue;
        works[i]->leave = true;
        undone_look(&process->awaited, works[i]->name, process_now_ms(process) + AGAIN_MS);
    }
    return true;
}

void work_retake(struct write *write, const struct work *work, int64_t now_ms)
{
    write_renew(write, work->record, now_ms + HAND_MS);
}

/* At the end, also one that is no good: then nobody has to wait until it ends by itself. */
void window_release(struct orders_process *process, struct window *window)
{
    bool refused;
    struct err why;
    OWN(write) struct write *write = write_new();
    for (size_t i = 0; i < window->count; i++)
        if (window->works[i].taken)
            write_unlock(write, window->works[i].record);
    if (write_count(write) > 0 && !attempt_write(process->attempt, write, &refused, &why))
        log_info("orders.not_released", TEXT("why", why.text));
}

/* batch.c - $batch: many small calls in one request. It always answers 200; what happened stands
 * with each member, matched by id. */
#include <stdlib.h>
#include <string.h>

#include "bc/answer.h"
#include "bc/room.h"

enum { BATCH_MOST = 100 };

static json *member_json(const struct bc *bc, const struct bc_call *member, size_t id)
{
    json *object = json_new_object(), *headers = json_new_object();
    OWN_TEXT char *number = mem_printf("%zu", id);
    OWN_TEXT char *url =
        mem_printf("%s%s", member->path[0] == '/' ? "" : bc->below[member->root] + 1,
                   member->path[0] == '/' ? member->path + 1 : member->path);
    json_set_text(object, "id", number);
    json_set_text(object, "method", member->method);
    json_set_text(object, "url", url);
    if (member->body) {
        json_set_text(headers, "content-type", "application/json");
        json_set(object, "body", json_copy(member->body));
    }
    if (member->if_match)
        json_set_text(headers, "if-match", member->if_match);
    if (member->primary)
        json_set_text(headers, "data-access-intent", "ReadWrite");
    json_set(object, "headers", headers);
    return object;
}

static bool is_read(const struct bc_call *member)
{
    return strcmp(member->method, "GET") == 0;
}

static struct bc_call batch_call(const struct bc *bc, const struct bc_call *members, size_t count)
{
    json *requests = json_new_array(), *body = json_new_object();
    bool reads = true, primary = false;
    int timeout_ms = 0;
    for (size_t i = 0; i < count; i++) {
        json_add(requests, member_json(bc, &members[i], i));
        reads = reads && (is_read(&members[i]) || members[i].repeatable);
        primary = primary || members[i].primary;
        if (members[i].timeout_ms > timeout_ms)
            timeout_ms = members[i].timeout_ms;
    }
    json_set(body, "requests", requests);
    return (struct bc_call){
        .method = "POST",
        .root = members[0].root,
        .path = "/$batch",
        .body = body,
        .primary = primary,
        .repeatable = reads,
        .keep_going = true,
        .weight = (int)count,
        .timeout_ms = timeout_ms,
    };
}

static void read_member(const struct bc_call *batch, size_t id, struct bc_call *member)
{
    OWN_TEXT char *number = mem_printf("%zu", id);
    OWN_TEXT char *doing = mem_printf("%s %.60s", member->method, member->path);
    const json *responses = json_get(batch->answer, "responses");
    struct bc_answer answer;

    doing[strcspn(doing, "(?")] = 0;
    member->ms = batch->ms;
    member->date_ms = batch->date_ms;
    for (size_t i = 0; i < json_count(responses); i++) {
        const json *response = json_at(responses, i);
        if (strcmp(json_text(response, "id"), number) != 0)
            continue;
        json *body = json_get(response, "body");
        member->status = (int)json_int(response, "status", 0);
        member->answer = body ? json_copy(body) : NULL;
        bc_answer_read(member->status, body, -1, doing, &answer);
        member->err = answer.err;
        if (answer.verdict == BC_BROKEN && !is_read(member) && !member->repeatable)
            member->err.kind = ERR_UNCERTAIN;
        return;
    }
    err_set(&member->err, is_read(member) ? ERR_RETRY : ERR_UNCERTAIN, 0,
            "%s: the batch holds no answer for it", doing);
}

static void spread(const struct bc_call *batch, struct bc_call *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        err_clear(&members[i].err);
        if (batch->err.kind == ERR_NONE)
            read_member(batch, i, &members[i]);
        else
            members[i].err = batch->err;
        if (members[i].err.kind == ERR_UNCERTAIN && is_read(&members[i]))
            members[i].err.kind = ERR_RETRY;
        json_free(members[i].body);
        members[i].body = NULL;
    }
}

bool bc_batch(struct attempt *attempt, struct bc_call *members, size_t count, struct err *err)
{
    struct bc *bc;
    if (!bc_of(attempt, &bc, err))
        return false;
    size_t batches = (count + BATCH_MOST - 1) / BATCH_MOST;
    struct bc_call *calls = mem_array(batches, sizeof *calls);
    for (size_t i = 0; i < batches; i++) {
        size_t left = count - i * BATCH_MOST;
        calls[i] = batch_call(bc, members + i * BATCH_MOST, left < BATCH_MOST ? left : BATCH_MOST);
    }
    bool ok = bc_run(bc, calls, batches, err);
    for (size_t i = 0; i < batches; i++) {
        size_t left = count - i * BATCH_MOST;
        spread(&calls[i], members + i * BATCH_MOST, left < BATCH_MOST ? left : BATCH_MOST);
        bc_call_drop(&calls[i]);
    }
    free(calls);
    return ok || err_wrap(err, "batch of %zu", count);
}

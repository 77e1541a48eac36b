/* compare.c - replies as text, in their order or in order of the alphabet. */
#include "compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void write_list(const redisReply *reply, bool in_order, struct buf *out)
{
    char **rows = mem_array(reply->elements + 1, sizeof(char *));
    for (size_t i = 0; i < reply->elements; i++) {
        OWN_BUF struct buf row = {0};
        reply_write(reply->element[i], in_order, &row);
        rows[i] = mem_text(buf_str(&row));
    }
    if (!in_order)
        qsort(rows, reply->elements, sizeof *rows, by_text);
    buf_add(out, "[", 1);
    for (size_t i = 0; i < reply->elements; i++) {
        buf_add(out, " ", i > 0);
        buf_add(out, rows[i], strlen(rows[i]));
        free(rows[i]);
    }
    buf_add(out, "]", 1);
    free(rows);
}

void reply_write(const redisReply *reply, bool in_order, struct buf *out)
{
    char text[64];
    switch (reply->type) {
    case REDIS_REPLY_ARRAY:
        write_list(reply, in_order, out);
        break;
    case REDIS_REPLY_INTEGER:
        snprintf(text, sizeof text, ":%lld", reply->integer);
        buf_add(out, text, strlen(text));
        break;
    case REDIS_REPLY_NIL:
        buf_add(out, "nil", 3);
        break;
    case REDIS_REPLY_ERROR: /* the words are Redis' business, its kind is what we look at */
        buf_add(out, "-", 1);
        buf_add(out, reply->str, strcspn(reply->str, " "));
        break;
    default:
        buf_add(out, reply->type == REDIS_REPLY_STATUS ? "+\"" : "\"",
                reply->type == REDIS_REPLY_STATUS ? 2 : 1);
        for (size_t i = 0; i < (size_t)reply->len; i++) {
            unsigned char c = (unsigned char)reply->str[i];
            snprintf(text, sizeof text, c < 32 || c > 126 ? "\\x%02x" : "%c", c);
            buf_add(out, text, strlen(text));
        }
        buf_add(out, "\"", 1);
    }
}

static bool no_order(const struct words *words, const char *script)
{
    static const char *const COMMANDS[] = {"HGETALL", "HKEYS", "HVALS", "SMEMBERS", "KEYS"};
    for (size_t i = 0; i < COUNT(COMMANDS); i++)
        if (strcasecmp(words->argv[0], COMMANDS[i]) == 0)
            return true;
    return script && strcmp(script, "due") == 0; /* its rows are HGETALL */
}

bool compare_replies(const struct words *words, const char *script, const redisReply *ours,
                     const redisReply *theirs)
{
    OWN_BUF struct buf a = {0};
    OWN_BUF struct buf b = {0};
    const bool is_script = strcasecmp(words->argv[0], "EVALSHA") == 0;
    const bool in_order = !no_order(words, is_script ? script : NULL);
    if (strcasecmp(words->argv[0], "TIME") == 0 || strcasecmp(words->argv[0], "SRANDMEMBER") == 0)
        return ours->type == theirs->type; /* another clock, another chance */
    reply_write(ours, in_order, &a);
    reply_write(theirs, in_order, &b);
    if (strcmp(buf_str(&a), buf_str(&b)) == 0)
        return true;
    fprintf(stderr, "the store and Redis differ%s%s:", is_script ? " in " : "",
            is_script && script ? script : "");
    for (int i = is_script ? 3 : 0; i < words->argc; i++)
        fprintf(stderr, " %.*s", (int)words->sizes[i], words->argv[i]);
    fprintf(stderr, "\n  store %s\n  Redis %s\n", buf_str(&a), buf_str(&b));
    if (ours->type == REDIS_REPLY_ERROR || theirs->type == REDIS_REPLY_ERROR)
        fprintf(stderr, "  words %s | %s\n", ours->str ? ours->str : "",
                theirs->str ? theirs->str : "");
    return false;
}

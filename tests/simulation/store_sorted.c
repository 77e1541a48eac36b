/* store_sorted.c - sorted sets: an array in order of (score, member). */
#include <math.h>
#include <string.h>

#include "store_inside.h"

static int compare(const struct member *a, double score, const char *name, size_t size)
{
    if (a->score != score)
        return a->score < score ? -1 : 1;
    size_t least = a->name.size < size ? a->name.size : size;
    int order = memcmp(a->name.text, name, least);
    return order ? order : (a->name.size > size) - (a->name.size < size);
}

static void insert(struct store *store, struct value *value, double score, const char *name,
                   size_t size)
{
    size_t low = 0, high = value->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (compare(&value->members[middle], score, name, size) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    struct member *member = member_add(store, value, low);
    bytes_put(store, &member->name, name, size);
    member->score = score;
}

struct add_options {
    bool only_new, only_known, greater, less, count_changes;
};

static int read_options(const struct words *words, struct add_options *out)
{
    const struct {
        const char *word;
        bool *flag;
    } OPTIONS[] = {
        {"NX", &out->only_new     },
        {"XX", &out->only_known   },
        {"GT", &out->greater      },
        {"LT", &out->less         },
        {"CH", &out->count_changes},
    };
    for (int at = 2;; at++) {
        size_t i = 0;
        while (i < COUNT(OPTIONS) && !word_is(words, at, OPTIONS[i].word))
            i++;
        if (i == COUNT(OPTIONS))
            return at;
        *OPTIONS[i].flag = true;
    }
}

static struct answer *run_zadd(struct store *store, const struct words *words)
{
    struct add_options options = {0};
    int64_t fresh = 0, changed = 0;
    double score;
    bool wrong;
    const int first = read_options(words, &options);
    struct value *value = value_get(store, words, 1, KIND_SORTED, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    if (first >= words->argc || (words->argc - first) % 2)
        return answer_error(store, SYNTAX);
    for (int i = first; i < words->argc; i += 2)
        if (!word_score(words->argv[i], words->sizes[i], &score))
            return answer_error(store, "ERR value is not a valid float");
    if (!value && options.only_known)
        return answer_number(store, 0);
    value = value_make(store, words, 1, KIND_SORTED);
    for (int i = first; i < words->argc; i += 2) {
        const char *name = words->argv[i + 1];
        const size_t size = words->sizes[i + 1];
        struct member *member = member_find(value, name, size);
        word_score(words->argv[i], words->sizes[i], &score);
        if (member ? options.only_new || score == member->score ||
                         (options.greater && score < member->score) ||
                         (options.less && score > member->score)
                   : options.only_known)
            continue;
        fresh += member == NULL;
        changed += member != NULL;
        if (member)
            member_remove(value, (size_t)(member - value->members));
        insert(store, value, score, name, size);
    }
    return answer_number(store, options.count_changes ? fresh + changed : fresh);
}

static struct answer *run_zrem(struct store *store, const struct words *words)
{
    return remove_members(store, words, KIND_SORTED);
}

static struct answer *run_zscore(struct store *store, const struct words *words)
{
    bool wrong;
    const struct value *value = value_get(store, words, 1, KIND_SORTED, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    const struct member *member = member_find(value, words->argv[2], words->sizes[2]);
    return member ? answer_score(store, member->score) : answer_nil(store);
}

static struct answer *run_zrank(struct store *store, const struct words *words)
{
    bool wrong;
    const struct value *value = value_get(store, words, 1, KIND_SORTED, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    const struct member *member = member_find(value, words->argv[2], words->sizes[2]);
    return member ? answer_number(store, member - value->members) : answer_nil(store);
}

static struct answer *run_zcard(struct store *store, const struct words *words)
{
    bool wrong;
    const struct value *value = value_get(store, words, 1, KIND_SORTED, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    return answer_number(store, value ? (int64_t)value->count : 0);
}

/* ---- ranges ---- */

struct range { /* members first <= i < end */
    size_t first, end;
    int64_t skip, most; /* LIMIT; most -1 = all */
    bool scores, down;
};

static struct answer *list_range(struct store *store, const struct value *value,
                                 const struct range *range)
{
    size_t count = value && range->end > range->first ? range->end - range->first : 0;
    struct answer *list = answer_list(store, count * 2);
    for (size_t i = (size_t)range->skip; i < count; i++) {
        if (range->most >= 0 && i - (size_t)range->skip >= (size_t)range->most)
            break;
        const struct member *member =
            &value->members[range->down ? range->end - 1 - i : range->first + i];
        answer_add_bytes(list, &member->name);
        if (range->scores)
            answer_add_score(store, list, member->score);
    }
    return list;
}

static bool bound(const struct words *words, int at, double *score, bool *open)
{
    const char *text = words->argv[at];
    size_t size = words->sizes[at];
    *open = size && *text == '(';
    return word_score(text + *open, size - *open, score);
}

static bool score_range(const struct words *words, int least_at, int most_at,
                        const struct value *value, struct range *out)
{
    double least, most;
    bool least_open, most_open;
    if (!bound(words, least_at, &least, &least_open) || !bound(words, most_at, &most, &most_open))
        return false;
    size_t count = value ? value->count : 0;
    for (out->first = 0; out->first < count; out->first++) {
        double score = value->members[out->first].score;
        if (least_open ? score > least : score >= least)
            break;
    }
    for (out->end = out->first; out->end < count; out->end++) {
        double score = value->members[out->end].score;
        if (most_open ? score >= most : score > most)
            break;
    }
    return true;
}

static bool tail_options(const struct words *words, int at, struct range *range, bool *by_score)
{
    range->most = -1;
    for (; at < words->argc; at++) {
        if (word_is(words, at, "WITHSCORES"))
            range->scores = true;
        else if (by_score && word_is(words, at, "BYSCORE"))
            *by_score = true;
        else if (by_score && word_is(words, at, "REV"))
            range->down = true;
        else if (word_is(words, at, "LIMIT") && word_number(words, at + 1, &range->skip) &&
                 word_number(words, at + 2, &range->most))
            at += 2;
        else
            return false;
    }
    return range->skip >= 0;
}

static struct answer *by_score(struct store *store, const struct words *words, bool down)
{
    struct range range = {.down = down};
    bool wrong;
    const struct value *value = value_get(store, words, 1, KIND_SORTED, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    if (!tail_options(words, 4, &range, NULL))
        return answer_error(store, SYNTAX);
    if (!score_range(words, down ? 3 : 2, down ? 2 : 3, value, &range))
        return answer_error(store, "ERR min or max is not a float");
    return list_range(store, value, &range);
}

static struct answer *run_zrangebyscore(struct store *store, const struct words *words)
{
    return by_score(store, words, false);
}

static struct answer *run_zrevrangebyscore(struct store *store, const struct words *words)
{
    return by_score(store, words, true);
}

static struct answer *by_rank(struct store *store, const struct words *words, bool down)
{
    struct range range = {.down = down};
    int64_t from, to;
    size_t first, last;
    bool wrong, scores = false;
    const struct value *value = value_get(store, words, 1, KIND_SORTED, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    if (!tail_options(words, 4, &range, &scores))
        return answer_error(store, SYNTAX);
    if (scores) {
        if (!score_range(words, range.down ? 3 : 2, range.down ? 2 : 3, value, &range))
            return answer_error(store, "ERR min or max is not a float");
        return list_range(store, value, &range);
    }
    if (!word_number(words, 2, &from) || !word_number(words, 3, &to))
        return answer_error(store, NO_NUMBER);
    if (value && range_of(from, to, value->count, &first, &last)) {
        range.first = range.down ? value->count - 1 - last : first;
        range.end = range.down ? value->count - first : last + 1;
    }
    return list_range(store, value, &range);
}

static struct answer *run_zrange(struct store *store, const struct words *words)
{
    return by_rank(store, words, false);
}

static struct answer *run_zrevrange(struct store *store, const struct words *words)
{
    return by_rank(store, words, true);
}

static struct answer *run_zcount(struct store *store, const struct words *words)
{
    struct range range = {0};
    bool wrong;
    const struct value *value = value_get(store, words, 1, KIND_SORTED, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    if (!score_range(words, 2, 3, value, &range))
        return answer_error(store, "ERR min or max is not a float");
    return answer_number(store, (int64_t)(range.end - range.first));
}

static struct answer *cut(struct store *store, struct value *value, size_t first, size_t end)
{
    if (!value || end <= first)
        return answer_number(store, 0);
    memmove(value->members + first, value->members + end,
            (value->count - end) * sizeof *value->members);
    value->count -= end - first;
    value_tidy(store, value);
    return answer_number(store, (int64_t)(end - first));
}

static struct answer *run_zremrangebyrank(struct store *store, const struct words *words)
{
    int64_t from, to;
    size_t first, last;
    bool wrong;
    struct value *value = value_get(store, words, 1, KIND_SORTED, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    if (!word_number(words, 2, &from) || !word_number(words, 3, &to))
        return answer_error(store, NO_NUMBER);
    if (!value || !range_of(from, to, value->count, &first, &last))
        return answer_number(store, 0);
    return cut(store, value, first, last + 1);
}

static struct answer *run_zremrangebyscore(struct store *store, const struct words *words)
{
    struct range range = {0};
    bool wrong;
    struct value *value = value_get(store, words, 1, KIND_SORTED, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    if (!score_range(words, 2, 3, value, &range))
        return answer_error(store, "ERR min or max is not a float");
    return cut(store, value, range.first, range.end);
}

/* One member: scripts ask for no more. */
static struct answer *run_zpopmin(struct store *store, const struct words *words)
{
    bool wrong;
    struct value *value = value_get(store, words, 1, KIND_SORTED, &wrong);
    if (wrong)
        return answer_error(store, WRONG_TYPE);
    struct answer *list =
        list_range(store, value, &(struct range){.end = value ? 1 : 0, .most = 1, .scores = true});
    cut(store, value, 0, 1);
    return list;
}

const struct command STORE_SORTED[] = {
    {"ZADD",             4, COMMAND_WRITES | COMMAND_GROWS, run_zadd            },
    {"ZREM",             3, COMMAND_WRITES,                 run_zrem            },
    {"ZSCORE",           3, 0,                              run_zscore          },
    {"ZRANK",            3, 0,                              run_zrank           },
    {"ZCARD",            2, 0,                              run_zcard           },
    {"ZCOUNT",           4, 0,                              run_zcount          },
    {"ZRANGE",           4, 0,                              run_zrange          },
    {"ZREVRANGE",        4, 0,                              run_zrevrange       },
    {"ZRANGEBYSCORE",    4, 0,                              run_zrangebyscore   },
    {"ZREVRANGEBYSCORE", 4, 0,                              run_zrevrangebyscore},
    {"ZPOPMIN",          2, COMMAND_WRITES,                 run_zpopmin         },
    {"ZREMRANGEBYRANK",  4, COMMAND_WRITES,                 run_zremrangebyrank },
    {"ZREMRANGEBYSCORE", 4, COMMAND_WRITES,                 run_zremrangebyscore},
    {NULL,               0, 0,                              NULL                },
};

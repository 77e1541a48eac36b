/* suggest.c - see suggest.h. */
#include "plan/suggest.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "plan/phone.h"

enum { TEXT_MOST = 64, VALUES_MOST = 16, WORDS_MOST = 12 };
enum { LIKE_EMAIL = 2, LIKE_CODE = 1, LIKE_NAME = 2, LIKE_LEAST = 6 };
/* What is far enough to be sure, and how far the second has to be behind. */
enum { SURE_POINTS = 90, SURE_AHEAD = 35, WORTH_POINTS = 30 };

static const struct {
    const char *word;
    int points;
} WHYS[WHY_COUNT] = {
    [WHY_EMAIL] = {"same-email",     100},
      [WHY_TAX_ID] = {"same-tax-id",    100},
    [WHY_BARCODE] = {"same-barcode",   100},
      [WHY_SKU] = {"same-sku",       95 },
    [WHY_PHONE] = {"same-phone",     60 },
      [WHY_NAME] = {"same-name",      45 },
    [WHY_EMAIL_LIKE] = {"like-email",     55 },
      [WHY_SKU_LIKE] = {"like-sku",       45 },
    [WHY_NAME_LIKE] = {"like-name",      25 },
      [WHY_STREET] = {"same-street",    20 },
    [WHY_POST_CODE] = {"same-post-code", 15 },
};

const char *suggest_word(enum suggest_why why)
{
    return WHYS[why].word;
}

/* ---- texts as they are compared ---- */

struct text { /* lower case; `letters` has a bit for each that occurs */
    const char *chars;
    size_t size;
    unsigned letters;
};
struct texts {
    struct text items[VALUES_MOST];
    size_t count;
};
struct prepared {
    struct texts emails, codes, barcodes;
    struct text name, street, zip, tax_id;
    char phone[PHONE_DIGITS_MAX + 1];
};
struct suggest_index {
    struct prepared *records;
    size_t count;
};

static unsigned letters_of(const char *chars)
{
    unsigned letters = 0;
    for (; *chars; chars++)
        letters |= 1u << ((unsigned char)*chars & 31);
    return letters;
}

static struct text text_of(const char *chars, size_t size, struct arena *arena)
{
    const char *kept = arena_printf(arena, "%.*s", (int)size, chars);
    return (struct text){kept, size, letters_of(kept)};
}

/* Letters and digits alone: of a code, a number, a street. Bytes of other letters stay. */
static struct text plain(const char *from, size_t size, struct arena *arena)
{
    char chars[TEXT_MOST];
    size_t used = 0;
    for (size_t i = 0; i < size && used < sizeof chars; i++) {
        unsigned char c = (unsigned char)from[i];
        if (c >= 0x80 || isalnum(c))
            chars[used++] = (char)(c < 0x80 ? tolower(c) : c);
    }
    return text_of(chars, used, arena);
}

static struct text lower(const char *from, size_t size, struct arena *arena)
{
    char chars[TEXT_MOST];
    size_t used = 0;
    for (size_t i = 0; i < size && used < sizeof chars; i++)
        if (!isspace((unsigned char)from[i]))
            chars[used++] = (char)tolower((unsigned char)from[i]);
    return text_of(chars, used, arena);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Words in the order of their letters, so that "Smith, Ann" is "ann smith". */
static struct text words_of(const char *from, struct arena *arena)
{
    const char *words[WORDS_MOST];
    size_t count = 0;
    while (*from && count < WORDS_MOST) {
        size_t size = 0;
        while (from[size] && ((unsigned char)from[size] >= 0x80 ||
                              isalnum((unsigned char)from[size]) || from[size] == '\''))
            size++;
        if (size > 0)
            words[count++] = plain(from, size, arena).chars;
        from += size ? size : 1;
    }
    qsort(words, count, sizeof *words, by_text);
    char chars[TEXT_MOST];
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        for (const char *at = words[i]; *at && used < sizeof chars; at++)
            chars[used++] = *at;
    return text_of(chars, used, arena);
}

static void lines_of(const char *text, bool code, struct arena *arena, struct texts *out)
{
    out->count = 0;
    while (*text && out->count < VALUES_MOST) {
        size_t size = strcspn(text, "\n");
        struct text line = code ? plain(text, size, arena) : lower(text, size, arena);
        if (line.size > 0)
            out->items[out->count++] = line;
        text += size + (text[size] == '\n');
    }
}

static void prepare(const struct suggest_record *record, struct arena *arena, struct prepared *out)
{
    lines_of(record->emails, false, arena, &out->emails);
    lines_of(record->codes, true, arena, &out->codes);
    lines_of(record->barcodes, true, arena, &out->barcodes);
    out->name = words_of(record->name, arena);
    out->street = plain(record->street, strlen(record->street), arena);
    out->zip = plain(record->zip, strlen(record->zip), arena);
    out->tax_id = plain(record->tax_id, strlen(record->tax_id), arena);
    phone_digits(record->phone, out->phone);
}

struct suggest_index *suggest_index_new(const struct suggest_record *records, size_t count,
                                        struct arena *arena)
{
    struct suggest_index *index = arena_array(arena, 1, sizeof *index);
    index->records = arena_array(arena, count + 1, sizeof *index->records);
    index->count = count;
    for (size_t i = 0; i < count; i++)
        prepare(&records[i], arena, &index->records[i]);
    return index;
}

/* ---- alike ---- */

static bool same(const struct text *left, const struct text *right)
{
    return left->size > 0 && left->size == right->size &&
           memcmp(left->chars, right->chars, left->size) == 0;
}

/* Letters that are put in, left out, others, or two that have changed places; more than `most` are
 * most + 1. */
static int distance(const struct text *left, const struct text *right, int most)
{
    int rows[3][TEXT_MOST + 1];
    int *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t k = 0; k <= right->size; k++)
        above[k] = (int)k;
    for (size_t i = 1; i <= left->size; i++) {
        int least = row[0] = (int)i;
        for (size_t k = 1; k <= right->size; k++) {
            int other = above[k - 1] + (left->chars[i - 1] != right->chars[k - 1]);
            int one = (above[k] < row[k - 1] ? above[k] : row[k - 1]) + 1;
            row[k] = other < one ? other : one;
            bool turned = i > 1 && k > 1 && left->chars[i - 1] == right->chars[k - 2] &&
                          left->chars[i - 2] == right->chars[k - 1];
            if (turned && before[k - 2] + 1 < row[k])
                row[k] = before[k - 2] + 1;
            least = row[k] < least ? row[k] : least;
        }
        if (least > most)
            return most + 1;
        int *free_row = before;
        before = above, above = row, row = free_row;
    }
    return above[right->size];
}

/* Most pairs are told apart by their lengths and by which letters they have. */
static bool alike(const struct text *left, const struct text *right, int most)
{
    size_t gap = left->size > right->size ? left->size - right->size : right->size - left->size;
    if (left->size < LIKE_LEAST || right->size < LIKE_LEAST || gap > (size_t)most ||
        __builtin_popcount(left->letters ^ right->letters) > 2 * most)
        return false;
    return distance(left, right, most) <= most;
}

static bool any_same(const struct texts *left, const struct texts *right)
{
    for (size_t i = 0; i < left->count; i++)
        for (size_t k = 0; k < right->count; k++)
            if (same(&left->items[i], &right->items[k]))
                return true;
    return false;
}

static bool any_alike(const struct texts *left, const struct texts *right, int most)
{
    for (size_t i = 0; i < left->count; i++)
        for (size_t k = 0; k < right->count; k++)
            if (alike(&left->items[i], &right->items[k], most))
                return true;
    return false;
}

/* ---- points ---- */

static unsigned why_of(const struct prepared *left, const struct prepared *right)
{
    unsigned why = 0;
    bool email = any_same(&left->emails, &right->emails);
    bool code = any_same(&left->codes, &right->codes), name = same(&left->name, &right->name);
    why |= (unsigned)email << WHY_EMAIL;
    why |= (unsigned)same(&left->tax_id, &right->tax_id) << WHY_TAX_ID;
    why |= (unsigned)any_same(&left->barcodes, &right->barcodes) << WHY_BARCODE;
    why |= (unsigned)code << WHY_SKU;
    why |= (unsigned)(*left->phone && *right->phone && phones_match(left->phone, right->phone))
           << WHY_PHONE;
    why |= (unsigned)name << WHY_NAME;
    why |= (unsigned)(!email && any_alike(&left->emails, &right->emails, LIKE_EMAIL))
           << WHY_EMAIL_LIKE;
    why |= (unsigned)(!code && any_alike(&left->codes, &right->codes, LIKE_CODE)) << WHY_SKU_LIKE;
    why |= (unsigned)(!name && alike(&left->name, &right->name, LIKE_NAME)) << WHY_NAME_LIKE;
    why |= (unsigned)same(&left->street, &right->street) << WHY_STREET;
    why |= (unsigned)same(&left->zip, &right->zip) << WHY_POST_CODE;
    return why;
}

static int points_of(unsigned why)
{
    int points = 0;
    for (int i = 0; i < WHY_COUNT; i++)
        points += why & 1u << i ? WHYS[i].points : 0;
    return points;
}

/* What only one has, or his name and number: of a household everything else is alike, and of a
 * father and his son the name is, too, but not their addresses. */
static bool is_itself(const struct prepared *left, const struct prepared *right, unsigned why)
{
    const unsigned own = 1u << WHY_EMAIL | 1u << WHY_TAX_ID | 1u << WHY_BARCODE | 1u << WHY_SKU;
    const unsigned both = 1u << WHY_PHONE | 1u << WHY_NAME;
    bool other_email =
        left->emails.count > 0 && right->emails.count > 0 && !(why & 1u << WHY_EMAIL_LIKE);
    return (why & own) != 0 || ((why & both) == both && !other_email);
}

static void keep_best(struct suggestions *out, struct suggestion one)
{
    size_t at = out->count;
    while (at > 0 && out->items[at - 1].points < one.points)
        at--;
    if (at == SUGGEST_MOST)
        return;
    size_t last = out->count < SUGGEST_MOST ? out->count++ : SUGGEST_MOST - 1;
    for (; last > at; last--)
        out->items[last] = out->items[last - 1];
    out->items[at] = one;
}

void suggest(const struct suggest_index *index, const struct suggest_record *record,
             struct suggestions *out)
{
    OWN(arena) struct arena *arena = arena_new();
    struct prepared wanted;
    prepare(record, arena, &wanted);
    *out = (struct suggestions){.count = 0};
    for (size_t i = 0; i < index->count; i++) {
        unsigned why = why_of(&wanted, &index->records[i]);
        int points = points_of(why);
        if (points >= WORTH_POINTS)
            keep_best(out, (struct suggestion){i, points, why});
    }
    int first = out->count > 0 ? out->items[0].points : 0;
    int second = out->count > 1 ? out->items[1].points : 0;
    out->sure = first >= SURE_POINTS && first - second >= SURE_AHEAD &&
                is_itself(&wanted, &index->records[out->items[0].record], out->items[0].why);
}

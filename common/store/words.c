/* words.c - the words by which people look for records that stand in a list. */
#include <ctype.h>
#include <string.h>

#include "store/staging.h"

enum { WORDS_MOST = 12, WORD_MOST = 40, PHONE_DIGITS = 7 };

/* Upper case of one letter; scripts whose pairs lie apart by a constant, or side by side. */
static unsigned upper(unsigned c)
{
    static const struct {
        unsigned first, last, less;
    } APART[] = {
        {0xE0,  0xF6,  0x20},
        {0xF8,  0xFE,  0x20},
        {0x3AD, 0x3AF, 0x25},
        {0x3B1, 0x3C1, 0x20},
        {0x3C3, 0x3CB, 0x20},
        {0x430, 0x44F, 0x20},
        {0x450, 0x45F, 0x50},
    };
    static const struct {
        unsigned first, last, odd; /* which of the two is the lower one */
    } BESIDE[] = {
        {0x100, 0x137, 1},
        {0x139, 0x148, 0},
        {0x14A, 0x177, 1},
        {0x179, 0x17E, 0},
        {0x460, 0x481, 1},
        {0x48A, 0x4BF, 1},
    };
    for (size_t i = 0; i < COUNT(APART); i++)
        if (c >= APART[i].first && c <= APART[i].last)
            return c - APART[i].less;
    for (size_t i = 0; i < COUNT(BESIDE); i++)
        if (c >= BESIDE[i].first && c <= BESIDE[i].last && c % 2 == BESIDE[i].odd)
            return c - 1;
    return c == 0x3AC ? 0x386 : c == 0x3C2 ? 0x3A3 : c;
}

/* One character in upper case; how many bytes it took. A byte that begins none stays as it is. */
static size_t take(const char *text, char out[static 3])
{
    const unsigned char *at = (const unsigned char *)text;
    if (*at >= 0xC2 && *at <= 0xDF && (at[1] & 0xC0) == 0x80) {
        unsigned c = upper((*at & 0x1Fu) << 6 | (at[1] & 0x3Fu));
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        out[2] = 0;
        return 2;
    }
    out[0] = *at < 0x80 ? (char)toupper(*at) : *text;
    out[1] = 0;
    return 1;
}

static void add(struct buf *words, const char *word)
{
    if (*word)
        buf_printf(words, "%s%s", words->size ? " " : "", word);
}

void find_words(const char *text, struct buf *words)
{
    char word[WORD_MOST + 3] = "", letter[3];
    size_t size = 0, count = 0;
    while (*text && count < WORDS_MOST) {
        unsigned char c = (unsigned char)*text;
        text += take(text, letter);
        if (c >= 0x80 || isalnum(c)) {
            if (size + strlen(letter) <= WORD_MOST) {
                strcpy(word + size, letter);
                size += strlen(letter);
            }
            if (*text)
                continue;
        }
        add(words, word);
        count += size > 0;
        word[size = 0] = 0;
    }
}

void find_word(const char *text, struct buf *words)
{
    char word[WORD_MOST + 3] = "", letter[3];
    size_t size = 0;
    while (*text && size + 2 <= WORD_MOST) {
        bool blank = isspace((unsigned char)*text);
        text += take(text, letter);
        if (blank)
            continue;
        strcpy(word + size, letter);
        size += strlen(letter);
    }
    add(words, word);
}

static void add_digest(char mark, const char *text, struct buf *words)
{
    char digest[FIND_DIGEST], word[FIND_DIGEST + 1];
    if (!find_digest(text, digest))
        return;
    word[0] = mark;
    strcpy(word + 1, digest);
    add(words, word);
}

void find_address(const char *email, struct buf *words)
{
    add_digest('@', email, words);
}

void find_phone(const char *phone, struct buf *words)
{
    char digits[PHONE_DIGITS + 1] = "";
    size_t size = 0;
    for (const char *at = phone + strlen(phone); at > phone && size < PHONE_DIGITS; at--)
        if (isdigit((unsigned char)at[-1]))
            digits[size++] = at[-1];
    if (size == PHONE_DIGITS)
        add_digest('+', digits, words);
}

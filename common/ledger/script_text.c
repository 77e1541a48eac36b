/* script_text.c - of the prelude each script gets the pieces that it uses, and those that these
 * use.
 *
 * All that stands in front of a script is made anew in each call: a hundred functions cost more
 * than many a script itself. A piece begins with a line that begins with `local` or `function`, and
 * ends where the next one begins; its names are those of that line. Names are found by their words
 * alone, so a local variable with the name of a piece takes it along: that costs a little and harms
 * nothing. Comments that begin a line are left out.
 */
#include "ledger/script_text.h"

#include <stdio.h>
#include <string.h>

#include "base/embed.h"

enum { PIECES = 256, NAMES = 512 };

struct word {
    const char *text;
    size_t size;
};

struct prelude {
    struct {
        const char *text;
        size_t size;
        bool wanted;
    } pieces[PIECES];
    struct {
        struct word word; /* `name`, or `L.name` */
        size_t piece;
    } names[NAMES];
    size_t piece_count, name_count;
    bool ledger; /* something of `L` is wanted */
};

/* ---- words ---- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_part(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9');
}

/* Behind a text in quotes or a comment that begins here; `at` itself where there is none. */
static const char *behind_text(const char *at, const char *end)
{
    if (at + 1 < end && at[0] == '-' && at[1] == '-') {
        while (at < end && *at != '\n')
            at++;
    } else if (*at == '\'' || *at == '"') {
        const char quote = *at++;
        while (at < end && *at != quote)
            at += *at == '\\' ? 2 : 1;
        at++;
    }
    return at < end ? at : end;
}

/* The next name that is no field of something (`e.status`), but for those of `L`. */
static bool word_next(const char **from, const char *end, struct word *out)
{
    const char *const first = *from;
    const char *at = first;
    while (at < end) {
        const char *behind = behind_text(at, end);
        if (behind != at) {
            at = behind;
            continue;
        }
        const char *begun = at;
        while (at < end && is_part(*at))
            at++;
        if (at == begun) {
            at++;
            continue;
        }
        const bool is_field =
            begun > first && begun[-1] == '.' && (begun - 1 == first || begun[-2] != '.');
        if (at - begun == 1 && *begun == 'L' && at + 1 < end && *at == '.' && is_letter(at[1]))
            for (at++; at < end && is_part(*at);)
                at++;
        *from = at;
        *out = (struct word){begun, (size_t)(at - begun)};
        if (is_letter(*begun) && !is_field)
            return true;
    }
    return false;
}

/* ---- pieces ---- */

static bool begins(const char *line, const char *word)
{
    return strncmp(line, word, strlen(word)) == 0;
}

/* `local a, b = ...`, `local function a(...)`, `function L.a(...)` */
static void add_names(struct prelude *prelude, const char *line, const char *end)
{
    const bool is_function = begins(line, "function ") || begins(line, "local function ");
    const char *at = line + strlen(begins(line, "local function ") ? "local function "
                                   : is_function                   ? "function "
                                                                   : "local ");
    const char *stop = memchr(at, is_function ? '(' : '=', (size_t)(end - at));
    struct word word;
    while (word_next(&at, stop ? stop : end, &word)) {
        assert(prelude->name_count < NAMES);
        prelude->names[prelude->name_count].word = word;
        prelude->names[prelude->name_count++].piece = prelude->piece_count - 1;
    }
}

static void cut(struct prelude *prelude, const char *text, size_t size)
{
    const char *const end = text + size;
    for (const char *line = text, *next; line < end; line = next) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        next = newline ? newline + 1 : end;
        if (begins(line, "local ") || begins(line, "function ")) {
            assert(prelude->piece_count < PIECES);
            prelude->pieces[prelude->piece_count++].text = line;
            add_names(prelude, line, next);
        } else if (begins(line, "--") || *line == '\n') {
            continue;
        }
        assert(prelude->piece_count); /* nothing else stands between the pieces */
        size_t last = prelude->piece_count - 1;
        prelude->pieces[last].size = (size_t)(next - prelude->pieces[last].text);
    }
}

static void want_words(struct prelude *prelude, const char *text, size_t size);

static void want(struct prelude *prelude, struct word word)
{
    for (size_t i = 0; i < prelude->name_count; i++) {
        const struct word *name = &prelude->names[i].word;
        size_t piece = prelude->names[i].piece;
        if (name->size != word.size || memcmp(name->text, word.text, word.size) != 0 ||
            prelude->pieces[piece].wanted)
            continue;
        prelude->pieces[piece].wanted = true;
        want_words(prelude, prelude->pieces[piece].text, prelude->pieces[piece].size);
    }
}

static void want_words(struct prelude *prelude, const char *text, size_t size)
{
    struct word word;
    for (const char *at = text; word_next(&at, text + size, &word);) {
        want(prelude, word);
        if (word.size > 1 && word.text[1] == '.') {
            want(prelude, (struct word){word.text, 1});
            prelude->ledger = true;
        }
    }
}

/* ---- the script ---- */

static void add_wanted(const struct prelude *prelude, struct buf *out)
{
    for (size_t i = 0; i < prelude->piece_count; i++)
        if (prelude->pieces[i].wanted)
            buf_add(out, prelude->pieces[i].text, prelude->pieces[i].size);
}

void script_text(const char *name, struct buf *out)
{
    static const char FRONT[] = "local function script()\n",
                      BACK[] = "\nend\nlocal answer = script()\nL.flush()\nreturn answer\n";
    char file[128];
    snprintf(file, sizeof file, "%s.lua", name);
    const struct embedded *script = embed_find(EMBED_redis_scripts, file);
    const struct embedded *shared = embed_find(EMBED_redis_scripts, "_prelude.lua");
    assert(script && shared);
    const char *newline = begins(script->text, "#!") ? strchr(script->text, '\n') : NULL;
    const size_t first = newline ? (size_t)(newline - script->text) + 1 : 0;
    const char *const body = script->text + first;
    const size_t size = script->size - first;
    const char *flag = strstr(script->text, "no-writes");

    struct prelude prelude = {0};
    cut(&prelude, shared->text, shared->size);
    want_words(&prelude, body, size);
    const bool keeps = prelude.ledger && (!flag || flag >= body);
    if (keeps)
        want_words(&prelude, BACK, sizeof BACK - 1);
    buf_add(out, script->text, first);
    add_wanted(&prelude, out);
    if (keeps)
        buf_text(out, FRONT);
    buf_add(out, body, size);
    if (keeps)
        buf_text(out, BACK);
}

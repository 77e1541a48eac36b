/* catalogue_pictures.c - the one picture that an item or a variant may have.
 *
 * Business Central tells neither a digest nor a time of it: whoever compares keeps the digest of
 * the bytes. Setting the same bytes twice leaves one picture, and removing what is gone is done
 * already: so both may be sent again after no answer.
 */
#include "bc/catalogue_room.h"

static const char *path_of(struct attempt *attempt, const struct bc_picture *picture,
                           const char *below)
{
    return arena_printf(attempt->arena, "%s(%s)/picture%s",
                        picture->of_variant ? "itemVariants" : "items", picture->id, below);
}

/* ---- what there is ---- */

struct reading {
    bool of_variants;
    bool (*row)(void *state, const struct bc_picture *picture, struct err *err);
    void *state;
    int64_t latest_ms; /* time of change */
};

/* A page is a tree of 19 times its text, and a row with its links has nearly a thousand letters. */
enum { PICTURES_PAGE = 500 };

static bool take_picture(void *state, const json *row, struct err *err)
{
    struct reading *reading = state;
    const json *picture = json_get(row, "picture"); /* NULL, or of 0 by 0, where there is none */
    struct bc_picture taken = {
        .id = json_text(row, "id"),
        .of_variant = reading->of_variants,
        .item = json_text(row, reading->of_variants ? "itemId" : "id"),
        .width = (int)json_int(picture, "width", 0),
        .height = (int)json_int(picture, "height", 0),
        .type = json_text(picture, "contentType"),
    };
    if (!time_parse(json_text(row, "lastModifiedDateTime"), &taken.changed_ms))
        taken.changed_ms = 0;
    if (taken.changed_ms > reading->latest_ms)
        reading->latest_ms = taken.changed_ms;
    return !*taken.id || reading->row(reading->state, &taken, err);
}

static char *listing(bool of_variants)
{
    return mem_printf("%s?$select=id,%slastModifiedDateTime&$expand=picture($select=width,height,"
                      "contentType)",
                      of_variants ? "itemVariants" : "items", of_variants ? "itemId," : "");
}

static bool read_all(struct attempt *attempt, const struct bc_pictures_want *want,
                     struct reading *reading, int64_t *seen_ms, struct err *err)
{
    OWN_TEXT char *path = listing(want->of_variants);
    OWN_TEXT char *whole = NULL;
    int64_t asked_ms = -1;
    if (want->since_ms > 0) {
        char since[32];
        time_format(want->since_ms - BC_OVERLAP_MS, true, since);
        whole = mem_printf("%s&$filter=lastModifiedDateTime%%20gt%%20%s", path, since);
    }
    if (!bc_list_pages(attempt, BC_API, whole ? whole : path, PICTURES_PAGE, false, take_picture,
                       reading, &asked_ms, err))
        return false;
    int64_t next_ms = bc_next_since_ms(want->since_ms, asked_ms, reading->latest_ms);
    if (seen_ms && next_ms > *seen_ms)
        *seen_ms = next_ms;
    return true;
}

static bool read_some(struct attempt *attempt, const struct bc_pictures_want *want,
                      struct reading *reading, int64_t *seen_ms, struct err *err)
{
    OWN_TEXT char *path = listing(want->of_variants);
    int64_t asked_ms = -1;
    for (size_t at = 0; at < want->item_count; at += BC_IDS_A_CALL) {
        OWN_BUF struct buf some = {0};
        size_t left = want->item_count - at;
        buf_printf(&some, "%s&$filter=", path);
        bc_filter_ids(&some, want->of_variants ? "itemId" : "id", want->items + at,
                      left < BC_IDS_A_CALL ? left : BC_IDS_A_CALL);
        if (!bc_list_pages(attempt, BC_API, buf_str(&some), PICTURES_PAGE, false, take_picture,
                           reading, at == 0 ? &asked_ms : NULL, err))
            return false;
    }
    int64_t next_ms = bc_next_since_ms(0, asked_ms, reading->latest_ms);
    if (seen_ms && next_ms > *seen_ms)
        *seen_ms = next_ms;
    return true;
}

bool bc_pictures_each(struct attempt *attempt, const struct bc_pictures_want *want,
                      bool (*row)(void *state, const struct bc_picture *picture, struct err *err),
                      void *state, int64_t *seen_ms, struct err *err)
{
    struct reading reading = {.of_variants = want->of_variants, .row = row, .state = state};
    bool ok = want->items ? read_some(attempt, want, &reading, seen_ms, err)
                          : read_all(attempt, want, &reading, seen_ms, err);
    return ok || err_wrap(err, "see which pictures there are");
}

/* ---- one of them ---- */

bool bc_picture_read(struct attempt *attempt, const struct bc_picture *picture, struct buf *bytes,
                     struct err *err)
{
    struct bc_call call = {
        .method = "GET",
        .path = path_of(attempt, picture, "/pictureContent"),
        .raw = bytes,
    };
    bool ok = bc_ask(attempt, &call, err);
    bc_call_drop(&call);
    return ok || err_wrap(err, "read the picture of %s", picture->id);
}

bool bc_picture_write(struct attempt *attempt, const struct bc_picture *picture, const void *bytes,
                      size_t size, struct err *err)
{
    struct bc_call call = {
        .method = size > 0 ? "PATCH" : "DELETE",
        .path = path_of(attempt, picture, size > 0 ? "/pictureContent" : ""),
        .if_match = "*",
        .bytes = size > 0 ? bytes : NULL,
        .bytes_size = size,
        .repeatable = true,
    };
    if (!attempt_may_write(attempt, err))
        return false;
    bool ok = bc_ask(attempt, &call, err);
    bc_call_drop(&call);
    return ok || err_wrap(err, "set the picture of %s", picture->id);
}

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

static void read_picture(struct attempt *attempt, struct bc_call *call, struct bc_picture *picture)
{
    picture->err = call->err;
    picture->width = (int)json_int(call->answer, "width", 0);
    picture->height = (int)json_int(call->answer, "height", 0);
    picture->type = arena_text(attempt->arena, json_text(call->answer, "contentType"));
}

bool bc_pictures(struct attempt *attempt, struct bc_picture *pictures, size_t count,
                 struct err *err)
{
    if (count == 0)
        return true;
    struct bc_call *members = arena_array(attempt->arena, count, sizeof *members);
    for (size_t i = 0; i < count; i++)
        members[i] = (struct bc_call){.method = "GET", .path = path_of(attempt, &pictures[i], "")};
    bool ok = bc_batch(attempt, members, count, err);
    for (size_t i = 0; i < count; i++) {
        read_picture(attempt, &members[i], &pictures[i]);
        bc_call_drop(&members[i]);
    }
    return ok || err_wrap(err, "look at %zu pictures", count);
}

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

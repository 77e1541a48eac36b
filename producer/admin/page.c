/* page.c - the page's files: embedded, compressed once, kept by browsers for good under their
 * digest.
 *
 * index.html names them as web/<digest of all files>/…; whatever changes has another address. So
 * only index.html is asked for again. Another digest's address answers today's file, without
 * letting it be kept: a page that was opened before an upgrade goes on until it is loaded again.
 */
#include <microhttpd.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "admin/packed.h"
#include "admin/routes.h"
#include "base/buf.h"
#include "base/embed.h"
#include "base/ids.h"

enum { FILES_MOST = 64, VERSION = 8 };
static const char MARK[] = "@version@";

static const struct {
    const char *ending, *type;
} TYPES[] = {
    {".html", "text/html; charset=utf-8"      },
    {".mjs",  "text/javascript; charset=utf-8"},
    {".css",  "text/css; charset=utf-8"       },
    {".json", "application/json"              },
    {".svg",  "image/svg+xml"                 },
};

struct page_file {
    const char *name, *type;
    struct buf plain, packed; /* for as long as the process lives */
    char etag[2 * VERSION + 3];
};
static struct page_file files[FILES_MOST];
static char version[2 * VERSION + 1];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const char *type_of(const char *name)
{
    size_t size = strlen(name);
    for (size_t i = 0; i < COUNT(TYPES); i++) {
        size_t ending = strlen(TYPES[i].ending);
        if (size > ending && strcmp(name + size - ending, TYPES[i].ending) == 0)
            return TYPES[i].type;
    }
    return "application/octet-stream";
}

/* index.html alone names the version; in the others there is no mark. */
static void fill_in(const struct embedded *file, struct buf *out)
{
    const char *at = file->text, *mark;
    while ((mark = strstr(at, MARK))) {
        buf_add(out, at, (size_t)(mark - at));
        buf_add(out, version, strlen(version));
        at = mark + strlen(MARK);
    }
    buf_add(out, at, file->size - (size_t)(at - file->text));
}

static void prepare(void)
{
    OWN_BUF struct buf digests = {0};
    size_t count = 0;
    for (const struct embedded *row = EMBED_web_pages; row->name; row++) {
        char digest[2 * VERSION + 1];
        digest_hex(row->text, row->size, VERSION, digest);
        buf_printf(&digests, "%s %s\n", row->name, digest);
    }
    digest_hex(digests.data, digests.size, VERSION, version);
    for (const struct embedded *row = EMBED_web_pages; row->name && count < FILES_MOST; row++) {
        struct page_file *file = &files[count++];
        char digest[2 * VERSION + 1];
        file->name = row->name;
        file->type = type_of(row->name);
        fill_in(row, &file->plain);
        (void)!gzip_pack(file->plain.data, file->plain.size, PACK_SMALL, &file->packed);
        digest_hex(file->plain.data, file->plain.size, VERSION, digest);
        snprintf(file->etag, sizeof file->etag, "\"%s\"", digest);
    }
}

static const char *header_of(const struct api_call *call, const char *name)
{
    const char *value = MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, name);
    return value ? value : "";
}

static bool answer_file(struct api_call *call, const struct page_file *file, bool for_good)
{
    bool packed = file->packed.size && gzip_taken(call->connection);
    const struct buf *bytes = packed ? &file->packed : &file->plain;
    if (strstr(header_of(call, MHD_HTTP_HEADER_IF_NONE_MATCH), file->etag)) {
        api_static(call, file->type, "", 0);
        call->status = MHD_HTTP_NOT_MODIFIED;
    } else {
        api_static(call, file->type, bytes->data, bytes->size);
        if (packed)
            MHD_add_response_header(call->response, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
    }
    MHD_add_response_header(call->response, MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT_ENCODING);
    MHD_add_response_header(call->response, MHD_HTTP_HEADER_ETAG, file->etag);
    if (for_good)
        MHD_add_response_header(call->response, MHD_HTTP_HEADER_CACHE_CONTROL,
                                "public, max-age=31536000, immutable");
    return true;
}

/* "/" or "/web/<version>/<path>" */
bool page_file(struct api_call *call, struct err *err)
{
    const char *name = "index.html", *asked = call->path + strlen("/web/");
    pthread_once(&once, prepare);
    bool root = strcmp(call->path, "/") == 0;
    bool current = !root && strncmp(asked, version, strlen(version)) == 0;
    if (!root)
        name = strchr(asked, '/') + 1; /* the route's path has one */
    for (size_t i = 0; i < FILES_MOST && files[i].name; i++)
        if (strcmp(files[i].name, name) == 0)
            return answer_file(call, &files[i], current);
    return err_set(err, ERR_FATAL, MHD_HTTP_NOT_FOUND,
                   "this build's page has no file %.80s; load the page again", name);
}

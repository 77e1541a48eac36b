/* client.c - libcurl's easy interface behind the promise of client.h. */
#include "client.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CONNECT_MS = 5000, SILENT_S = 90, ANSWER_MAX = 32 << 20 };

struct client {
    CURL *curl;
    char *url, *token, *ca_file;
    bool (*leaving)(void);
};

struct taking { /* an answer on its way in */
    CURL *curl;
    struct buf bytes; /* the whole, or the line begun */
    client_line on_line;
    void *state;
    bool too_large;
};

void client_answer_drop(struct client_answer *answer)
{
    json_free(answer->body);
    *answer = (struct client_answer){0};
}

struct client *client_new(const char *url, const char *token, bool (*leaving)(void))
{
    struct client *client = mem_new(sizeof *client);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    client->curl = curl_easy_init();
    assert(client->curl);
    client->url = mem_text(url);
    client->token = mem_text(token);
    client->leaving = leaving;
    size_t size = strlen(client->url);
    while (size && client->url[size - 1] == '/')
        client->url[--size] = 0;
    return client;
}

void client_trust(struct client *client, const char *ca_file)
{
    free(client->ca_file);
    client->ca_file = mem_text(ca_file);
}

void client_free(struct client *client)
{
    if (!client)
        return;
    curl_easy_cleanup(client->curl);
    free(client->url);
    free(client->token);
    free(client->ca_file);
    free(client);
}

static void take_lines(struct taking *taking)
{
    char *start = taking->bytes.data, *end;
    size_t left = taking->bytes.size;
    while (left && (end = memchr(start, '\n', left))) {
        size_t size = (size_t)(end - start);
        json *line = NULL;
        struct err ignored = {0};
        /* A blank line only says that the connection is alive. */
        if (size && json_parse(start, size, &line, &ignored))
            taking->on_line(taking->state, line);
        json_free(line);
        left -= size + 1;
        start = end + 1;
    }
    if (left)
        memmove(taking->bytes.data, start, left);
    taking->bytes.size = left;
}

static bool in_lines(const struct taking *taking)
{
    const char *type = NULL;
    curl_easy_getinfo(taking->curl, CURLINFO_CONTENT_TYPE, &type);
    return taking->on_line && type && strncasecmp(type, "application/x-ndjson", 20) == 0;
}

static size_t on_bytes(char *bytes, size_t one, size_t count, void *state)
{
    struct taking *taking = state;
    size_t size = one * count;
    if (taking->bytes.size + size > ANSWER_MAX) {
        taking->too_large = true;
        return 0;
    }
    buf_add(&taking->bytes, bytes, size);
    if (in_lines(taking))
        take_lines(taking);
    return size;
}

static int on_progress(void *state, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct client *client = state;
    (void)a, (void)b, (void)c, (void)d;
    return client->leaving && client->leaving();
}

static struct curl_slist *headers_of(const struct client *client)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    headers = curl_slist_append(headers, "Expect:"); /* bodies are small; do not ask before */
    if (client->token) {
        OWN_TEXT char *line = mem_printf("Authorization: Bearer %s", client->token);
        headers = curl_slist_append(headers, line);
    }
    return headers;
}

static bool outcome(struct client *client, CURLcode code, const struct taking *taking,
                    const char *problem, struct err *err)
{
    if (code == CURLE_OK)
        return true;
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return err_set(err, ERR_CANCELLED, 0, "left");
    if (taking->too_large)
        return err_set(err, ERR_FATAL, 0, "the answer is larger than %d bytes", ANSWER_MAX);
    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
        return err_set(err, ERR_FATAL, code,
                       "the certificate of %s is not trusted: %s; name the one that it is trusted "
                       "by with --ca-file or CARTAGE_CA_FILE",
                       client->url, *problem ? problem : curl_easy_strerror(code));
    return err_set(err, ERR_RETRY, code,
                   "no answer from %s: %s; is a producer running there? (--url or CARTAGE_URL)",
                   client->url, *problem ? problem : curl_easy_strerror(code));
}

bool client_call(struct client *client, const char *method, const char *path, const json *body,
                 client_line on_line, void *state, struct client_answer *out, struct err *err)
{
    CURL *curl = client->curl;
    char problem[CURL_ERROR_SIZE] = "";
    struct taking taking = {.curl = curl, .on_line = on_line, .state = state};
    OWN_TEXT char *url = mem_printf("%s%s", client->url, path);
    struct curl_slist *headers = headers_of(client);

    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    if (client->ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, client->ca_file);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "cartage/" CARTAGE_VERSION);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    /* No limit on the whole: a followed run lasts. A silent connection ends. */
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)SILENT_S);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, problem);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &taking);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, client);
    if (strcmp(method, "GET") != 0) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body ? json_write(body) : "");
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    }
    CURLcode code = curl_easy_perform(curl);
    bool good = outcome(client, code, &taking, problem, err);
    if (good) {
        long status = 0;
        struct err ignored = {0};
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        out->status = (int)status;
        out->body = NULL;
        if (taking.bytes.size &&
            !json_parse(taking.bytes.data, taking.bytes.size, &out->body, &ignored))
            out->body = NULL;
    }
    curl_slist_free_all(headers);
    buf_drop(&taking.bytes);
    return good;
}

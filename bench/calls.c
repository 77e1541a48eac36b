/* calls.c - asks an HTTP API many times at once and says how long each answer took.
 *
 *   bench-calls URL TOKEN-FILE AT-A-TIME REQUESTS < LINES
 *
 * A line is a case: its name and the paths that are asked in turn, a tab between. Prints of each,
 * as a line of JSON, {"case", "p50_ms", "p99_ms", "max_ms", "a_second", "bytes", "refused"}.
 * Connections stay open, as a browser's would.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"

enum { PATHS_MOST = 64, TURNS_MOST = 64 };

struct turn { /* one of those on their way at once */
    CURL *easy;
    int64_t began_us;
};

struct bench {
    const char *url;
    struct curl_slist *headers;
    CURLM *multi;
    struct turn turns[TURNS_MOST];
    int at_once, requests;
    double *took; /* ms, one a request */
    int sent, done, refused;
    int64_t bytes;
};

static int64_t now_us(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

static size_t take(char *data, size_t size, size_t count, void *state)
{
    struct bench *bench = state;
    (void)data;
    bench->bytes += (int64_t)(size * count);
    return size * count;
}

static void send_next(struct bench *bench, struct turn *turn, char *const paths[], int path_count)
{
    OWN_TEXT char *url = mem_printf("%s%s", bench->url, paths[bench->sent % path_count]);
    curl_easy_setopt(turn->easy, CURLOPT_URL, url);
    curl_easy_setopt(turn->easy, CURLOPT_HTTPHEADER, bench->headers);
    curl_easy_setopt(turn->easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(turn->easy, CURLOPT_WRITEDATA, bench);
    curl_easy_setopt(turn->easy, CURLOPT_PRIVATE, turn);
    turn->began_us = now_us();
    bench->sent++;
    curl_multi_add_handle(bench->multi, turn->easy);
}

static void end(struct bench *bench, struct turn *turn)
{
    long status = 0;
    curl_easy_getinfo(turn->easy, CURLINFO_RESPONSE_CODE, &status);
    bench->took[bench->done++] = (double)(now_us() - turn->began_us) / 1000;
    bench->refused += status != 200;
    curl_multi_remove_handle(bench->multi, turn->easy);
}

static void run(struct bench *bench, char *const paths[], int path_count)
{
    bench->sent = bench->done = bench->refused = 0;
    bench->bytes = 0;
    for (int i = 0; i < bench->at_once && bench->sent < bench->requests; i++)
        send_next(bench, &bench->turns[i], paths, path_count);
    while (bench->done < bench->requests) {
        int running, left;
        curl_multi_perform(bench->multi, &running);
        for (CURLMsg *message; (message = curl_multi_info_read(bench->multi, &left));) {
            struct turn *turn = NULL;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &turn);
            end(bench, turn);
            if (bench->sent < bench->requests)
                send_next(bench, turn, paths, path_count);
        }
        curl_multi_poll(bench->multi, NULL, 0, 1000, NULL);
    }
}

static int shorter(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static void measure(struct bench *bench, char *line)
{
    char *words[PATHS_MOST + 1], *rest = NULL;
    int count = 0;
    for (char *word = strtok_r(line, "\t\n", &rest); word && count <= PATHS_MOST;
         word = strtok_r(NULL, "\t\n", &rest))
        words[count++] = word;
    if (count < 2)
        return;
    int64_t began_us = now_us();
    run(bench, words + 1, count - 1);
    double seconds = (double)(now_us() - began_us) / 1e6;
    qsort(bench->took, (size_t)bench->done, sizeof *bench->took, shorter);
    printf("{\"case\":\"%s\",\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"max_ms\":%.2f,\"a_second\":%.0f,"
           "\"bytes\":%lld,\"refused\":%d}\n",
           words[0], bench->took[bench->done / 2], bench->took[bench->done * 99 / 100],
           bench->took[bench->done - 1], bench->done / seconds,
           (long long)(bench->bytes / bench->done), bench->refused);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    char token[512] = "", *line = NULL;
    size_t size = 0;
    FILE *file = argc == 5 ? fopen(argv[2], "r") : NULL;
    if (!file || !fgets(token, sizeof token, file)) {
        fprintf(stderr, "bench-calls URL TOKEN-FILE AT-A-TIME REQUESTS\n");
        return 2;
    }
    fclose(file);
    token[strcspn(token, "\r\n")] = 0;
    OWN_TEXT char *bearer = mem_printf("Authorization: Bearer %s", token);
    struct bench bench = {.url = argv[1],
                          .headers = curl_slist_append(NULL, bearer),
                          .multi = curl_multi_init(),
                          .at_once = atoi(argv[3]),
                          .requests = atoi(argv[4])};
    if (bench.at_once < 1 || bench.at_once > TURNS_MOST || bench.requests < 1)
        return 2;
    bench.took = mem_array((size_t)bench.requests, sizeof *bench.took);
    for (int i = 0; i < bench.at_once; i++)
        bench.turns[i].easy = curl_easy_init();
    while (getline(&line, &size, stdin) > 0)
        measure(&bench, line);
    free(line);
    for (int i = 0; i < bench.at_once; i++)
        curl_easy_cleanup(bench.turns[i].easy);
    curl_multi_cleanup(bench.multi);
    curl_slist_free_all(bench.headers);
    free(bench.took);
    return 0;
}

/* notices_send.c - webhooks with a signature, programs with a limit, mails through sendmail. */
#include "notices_send.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "child.h"
#include "notices_text.h"

enum { WEBHOOK_MS = 15000, PROGRAM_MS = 30000, LOOK_MS = 200, LEAVE_MS = 3000 };
enum { ANSWER_MOST = 64 << 10 };

/* ---- a webhook ---- */

void notice_sign(const char *secret, int64_t timestamp, const char *body, size_t size,
                 char out[static NOTICE_SIGNATURE_TEXT])
{
    crypto_auth_hmacsha256_state state;
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    char head[32];
    int length = snprintf(head, sizeof head, "%" PRId64 ".", timestamp);
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)head, (size_t)length);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)body, size);
    crypto_auth_hmacsha256_final(&state, mac);
    memcpy(out, "sha256=", 7);
    sodium_bin2hex(out + 7, NOTICE_SIGNATURE_TEXT - 7, mac, sizeof mac);
    sodium_memzero(&state, sizeof state);
}

static bool exchange(const struct notice_sender *sender, struct http_call *call, struct err *err)
{
    int64_t leave_ms = 0; /* whoever answers soon is not asked twice */
    http_start(sender->http, call);
    while (!http_wait(sender->http, LOOK_MS)) {
        int64_t now_ms = clock_mono_ms(sender->clock);
        if (!leave_ms && atomic_load(sender->ending))
            leave_ms = now_ms + LEAVE_MS;
        if (leave_ms && now_ms > leave_ms)
            return err_set(err, ERR_CANCELLED, 0, "this producer ends");
    }
    if (call->err.kind != ERR_NONE) {
        *err = call->err;
        return false;
    }
    if (call->status >= 200 && call->status < 300)
        return true;
    err_set(err, ERR_RETRY, call->status, "it answered %d", call->status);
    err->retry_after_ms = http_retry_after_ms(call);
    return false;
}

static bool send_webhook(const struct notice_sender *sender, const struct notify_target *target,
                         const struct outbox_taken *notice, struct err *err)
{
    OWN_SECRET char *secret = NULL;
    OWN_BUF struct buf body = {0};
    char id[80], key[80], stamp[64], signature[NOTICE_SIGNATURE_TEXT + 24] = "";
    int64_t now_s = clock_now_ms(sender->clock) / 1000;
    if (target->secret && !secret_resolve(target->secret_way, target->secret, &secret, err))
        return false;
    notice_json(notice, sender->environment, &body);
    snprintf(id, sizeof id, "Cartage-Notice-Id: %s", notice->id);
    snprintf(key, sizeof key, "Idempotency-Key: %s", notice->id);
    snprintf(stamp, sizeof stamp, "Cartage-Timestamp: %" PRId64, now_s);
    if (secret) {
        char mac[NOTICE_SIGNATURE_TEXT];
        notice_sign(secret, now_s, body.data, body.size, mac);
        snprintf(signature, sizeof signature, "Cartage-Signature: %s", mac);
    }
    const char *const headers[] = {"Content-Type: application/json", id,  key, stamp,
                                   secret ? signature : NULL,        NULL};
    struct http_call call = {.method = "POST",
                             .url = target->address[0],
                             .headers = headers,
                             .body = body.data,
                             .body_size = body.size,
                             .timeout_ms = WEBHOOK_MS,
                             .max_answer = ANSWER_MOST,
                             .label = "notice"};
    bool good = exchange(sender, &call, err);
    http_call_drop(&call);
    return good;
}

/* ---- programs ---- */

static bool run(const struct notice_sender *sender, const struct outbox_taken *notice,
                const char *const argv[], const struct buf *input, struct err *err)
{
    OWN_TEXT char *id = mem_printf("CARTAGE_NOTICE_ID=%s", notice->id);
    OWN_TEXT char *event = mem_printf("CARTAGE_NOTICE_EVENT=%s", notice->why);
    const char *const variables[] = {
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", id,
        event, NULL};
    const struct child child = {.argv = argv,
                                .variables = variables,
                                .input = input->data,
                                .input_size = input->size,
                                .timeout_ms = PROGRAM_MS,
                                .clock = sender->clock,
                                .ending = sender->ending};
    return child_run(&child, err);
}

static bool send_command(const struct notice_sender *sender, const struct notify_target *target,
                         const struct outbox_taken *notice, struct err *err)
{
    OWN_BUF struct buf input = {0};
    const char *argv[NOTIFY_ARGS_MOST + 1] = {NULL};
    if (!*sender->commands)
        return err_set(err, ERR_FATAL, 0,
                       "this producer runs no commands; name their folder with NOTIFY_COMMANDS");
    OWN_TEXT char *path = mem_printf("%s/%s", sender->commands, target->address[0]);
    argv[0] = path;
    for (size_t i = 1; i < target->address_count; i++)
        argv[i] = target->address[i];
    notice_json(notice, sender->environment, &input);
    return run(sender, notice, argv, &input, err);
}

static bool send_mail(const struct notice_sender *sender, const struct notify_target *target,
                      const struct outbox_taken *notice, struct err *err)
{
    OWN_BUF struct buf mail = {0};
    const char *const argv[] = {sender->sendmail, "-t", "-i", NULL};
    notice_mail(notice, sender->environment, target->address[0], &mail);
    return run(sender, notice, argv, &mail, err);
}

bool notice_send(const struct notice_sender *sender, const struct notify_target *target,
                 const struct outbox_taken *notice, struct err *err)
{
    static bool (*const WAYS[])(const struct notice_sender *, const struct notify_target *,
                                const struct outbox_taken *, struct err *) = {
        [NOTIFY_WEBHOOK] = send_webhook,
        [NOTIFY_COMMAND] = send_command,
        [NOTIFY_MAILBOX] = send_mail,
    };
    if (atomic_load(sender->ending))
        return err_set(err, ERR_CANCELLED, 0, "this producer ends");
    return WAYS[target->kind](sender, target, notice, err) ||
           err_wrap(err, "tell %s", target->name);
}

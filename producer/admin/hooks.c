/* hooks.c - notices that the peers send by themselves: webhooks of Shopify, and of Business
 * Central what its subscriptions have seen.
 *
 * Whoever sends has no token of ours. A webhook of Shopify is known by its address, which nobody
 * guesses, and by its signature, which is checked over the bytes as they came; its headers are not
 * signed, so what they say only narrows what is taken. It is a hint: Redis is asked to wake the
 * entries, and the answer goes out. What nobody wants is answered like what somebody took, because
 * Shopify deletes a subscription after eight answers that are no 2xx.
 */
#include "admin/hooks.h"

#include <microhttpd.h>
#include <string.h>

#include "admin/routes.h"
#include "base/log.h"
#include "base/secret.h"
#include "companies.h"
#include "metrics/metrics.h"
#include "model/webhooks.h"
#include "store/hooks.h"
#include "store/privacy.h"
#include "trace/trace.h"
#include "triggers.h"

/* A double is known for a day (ledger/wake.h); what is older may be one that is not. Shopify gives
 * up after four hours. Clocks may differ by some minutes. */
enum { OLDEST_MS = 86400000, AHEAD_MS = 600000, DOMAIN = 128 };

bool call_is_hook(const struct api_call *call)
{
    return call->route &&
           (call->route->handle == hooks_shopify || call->route->handle == hooks_bc ||
            call->route->handle == hooks_bc_token);
}

static const char *header(const struct api_call *call, const char *name)
{
    const char *value = MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, name);
    return value ? value : "";
}

/* The same words whatever of the address is wrong. */
static bool unknown_address(struct err *err)
{
    return err_set(err, ERR_FATAL, MHD_HTTP_NOT_FOUND,
                   "there is no such address for webhooks; `cartage webhooks check` registers the "
                   "right ones");
}

/* Our own trouble is told here, and not to whoever sent this. */
static bool not_now(const struct api_call *call, const struct err *why, struct err *err)
{
    log_warn("hook.unread", TEXT("company", call->params[0]), TEXT("shop", call->params[1]),
             TEXT("error", why->text));
    return err_set(err, ERR_RETRY, 0, "not now; send it again");
}

static bool key_fits(const struct hook_secrets *secrets, const char *company, const char *shop,
                     const char *given)
{
    bool fits = false;
    for (size_t i = 0; i < secrets->count; i++) {
        char key[HOOK_KEY];
        hook_key(secrets->texts[i], company, shop, key);
        fits |= secret_same(key, given);
    }
    return fits;
}

static bool is_signed(const struct hook_secrets *secrets, const struct api_call *call)
{
    bool fits = false;
    for (size_t i = 0; i < secrets->count; i++) {
        char wanted[SECRET_SIGNED_TEXT];
        secret_sign(secrets->texts[i], call->text, call->size, wanted);
        fits |= secret_same(wanted, header(call, "X-Shopify-Hmac-Sha256"));
    }
    return fits;
}

/* ---- Shopify ---- */

static bool read_shop(struct api_call *call, json **shop, struct hook_secrets *secrets,
                      struct err *err)
{
    struct err why = {0};
    const char *company = call->params[0], *code = call->params[1];
    if (!shop_read(call->ledger, company, code, shop, &why))
        return why.kind == ERR_FATAL ? unknown_address(err) : not_now(call, &why, err);
    if (!hook_secrets_read(call->ledger, json_text(*shop, "credential"), secrets, &why))
        return why.code == MHD_HTTP_NOT_FOUND ? unknown_address(err) : not_now(call, &why, err);
    return key_fits(secrets, company, code, call->params[2]) || unknown_address(err);
}

static bool is_recent(const struct api_call *call, struct err *err)
{
    int64_t at_ms, now_ms = clock_now_ms(call->config->clock);
    const char *at = header(call, "X-Shopify-Triggered-At");
    if (!time_parse(at, &at_ms))
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "X-Shopify-Triggered-At: want a time like 2027-01-31T06:00:00Z");
    if (at_ms < now_ms - OLDEST_MS)
        return err_set(err, ERR_FATAL, MHD_HTTP_CONFLICT,
                       "triggered at %.40s, more than a day ago: a repetition, which is not taken",
                       at);
    return at_ms <= now_ms + AHEAD_MS ||
           err_set(err, ERR_FATAL, MHD_HTTP_CONFLICT,
                   "triggered at %.40s, which lies ahead; is this machine's clock right?", at);
}

static bool is_ours(struct api_call *call, const json *shop, const struct hook_secrets *secrets,
                    struct err *err)
{
    const char *topic = header(call, "X-Shopify-Topic");
    if (!is_signed(secrets, call))
        return err_set(err, ERR_FATAL, MHD_HTTP_UNAUTHORIZED,
                       "X-Shopify-Hmac-Sha256 does not fit the body and this shop's secret");
    if (strcmp(header(call, "X-Shopify-Shop-Domain"), json_text(shop, "store")) != 0)
        return err_set(err, ERR_FATAL, MHD_HTTP_FORBIDDEN,
                       "X-Shopify-Shop-Domain is not the store of this address");
    if (!is_recent(call, err))
        return false;
    return webhook_is_known(topic) || privacy_topic(topic) ||
           err_set(err, ERR_FATAL, MHD_HTTP_UNPROCESSABLE_CONTENT,
                   "X-Shopify-Topic \"%.60s\" wakes nothing here; `cartage webhooks check` removes "
                   "its subscription",
                   topic);
}

/* What a second delivery of the same is known by. Shopify repeats the body as it was; one event may
 * be behind many bodies, and the same body behind two events (held, released, held again). */
static void event_id(const struct api_call *call, char out[static 33])
{
    OWN_BUF struct buf text = {0};
    const char *event = header(call, "X-Shopify-Event-Id");
    buf_printf(&text, "%s %s ", header(call, "X-Shopify-Topic"),
               *event ? event : header(call, "X-Shopify-Webhook-Id"));
    buf_add(&text, call->text, call->size);
    digest_hex(text.data, text.size, 16, out);
}

/* Our own write to an order is told of, too; its time stands with the order
 * (schemas/staging/order.md). A change by somebody else within the same second is found by the
 * entry's next walk. */
static bool is_echo(struct api_call *call, const json *body, bool *echo, struct err *err)
{
    static const char *const FIELDS[] = {"echo"};
    OWN(store_rows) struct store_rows *rows = NULL;
    OWN_TEXT char *key = mem_printf("order:%lld", (long long)json_int(body, "id", 0));
    const char *const keys[] = {key};
    int64_t ours_ms, told_ms;
    *echo = false;
    if (strcmp(header(call, "X-Shopify-Topic"), "orders/updated") != 0)
        return true;
    if (!store_read(call->ledger, call->params[0], keys, 1, FIELDS, 1, &rows, err))
        return false;
    *echo = time_parse(store_text(rows, 0, 0), &ours_ms) &&
            time_parse(json_text(body, "updated_at"), &told_ms) && ours_ms == told_ms;
    return true;
}

static bool wake(struct api_call *call, const json *shop, const json *body, struct triggered *done,
                 struct err *err)
{
    char id[33];
    const char *topic = header(call, "X-Shopify-Topic");
    bool echo;
    if (!is_echo(call, body, &echo, err))
        return false;
    if (echo)
        return true;
    event_id(call, id);
    for (size_t i = 0; i < SHOPIFY_WEBHOOK_COUNT; i++) {
        const struct webhook *row = &SHOPIFY_WEBHOOKS[i];
        if (strcmp(row->topic, topic) != 0)
            continue;
        const struct notice notice = {.type = topic,
                                      .company = call->params[0],
                                      .operation = row->operation,
                                      .shop = json_text(shop, "code"),
                                      .record = row->record ? json_path(body, row->record) : NULL,
                                      .source = json_text(shop, "store"),
                                      .id = id};
        if (!triggers_notice(call->ledger, &notice, done, err))
            return false;
    }
    return true;
}

/* One trace a request, whatever it wakes: the sender's, where he says one. */
struct request_span {
    struct span span;
    char traceparent[TRACEPARENT_TEXT];
};

static void request_begin(const struct api_call *call, const char *name,
                          struct request_span *request, struct triggered *done)
{
    span_begin(&request->span, header(call, "traceparent"), NULL, SPAN_SERVER, name);
    span_traceparent(&request->span, request->traceparent);
    done->traceparent = request->traceparent;
}

static void hand_over(struct api_call *call, const struct triggered *done)
{
    for (size_t i = 0; i < done->granted.count; i++)
        tickets_add(&call->granted, &done->granted.items[i]);
}

/* Nothing of what was woken: whoever sends knows no entry of ours. */
static bool answer_taken(struct api_call *call, const struct triggered *done)
{
    json *answer = json_new_object();
    json_set_int(answer, "woken", (int64_t)done->taken);
    json_set_int(answer, "doubles", (int64_t)done->doubles);
    return api_answer(call, MHD_HTTP_OK, answer);
}

static bool take(struct api_call *call, struct err *err)
{
    OWN_HOOK_SECRETS struct hook_secrets secrets = {0};
    OWN_JSON json *shop = NULL, *body = NULL;
    OWN_TRIGGERED struct triggered done = {.woken = json_new_array()};
    struct err why = {0};
    if (!read_shop(call, &shop, &secrets, err) || !is_ours(call, shop, &secrets, err))
        return false;
    if (!json_parse(call->text, call->size, &body, &why) || !json_is_object(body))
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "the body is signed, but no JSON object");
    if (privacy_topic(header(call, "X-Shopify-Topic"))) { /* also of a shop that is off */
        if (!privacy_webhook(call->ledger, call->params[0], json_text(shop, "code"),
                             header(call, "X-Shopify-Topic"), body, &why))
            return why.kind == ERR_FATAL
                       ? err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST, "%s", why.text)
                       : not_now(call, &why, err);
    } else if (json_flag(shop, "enabled", false)) {
        struct request_span request;
        request_begin(call, "POST /v1/hooks/shopify", &request, &done);
        bool good = wake(call, shop, body, &done, &why);
        span_end(&request.span, good ? NULL : why.text);
        hand_over(call, &done);
        if (!good)
            return not_now(call, &why, err);
    }
    log_info("hook.taken", TEXT("topic", header(call, "X-Shopify-Topic")),
             TEXT("shop", json_text(shop, "code")),
             TEXT("event", header(call, "X-Shopify-Event-Id")), NUM("woken", done.taken),
             NUM("doubles", done.doubles), NUM("refused", done.refused));
    return answer_taken(call, &done);
}

/* What is refused is told to people as well: it is somebody else, or a setting is wrong. */
static bool told(struct api_call *call, bool good, const char *what, const struct err *err)
{
    if (!good && err->kind == ERR_FATAL) {
        metric_add(METRIC_EVENTS_BAD, 1);
        log_warn("hook.refused", TEXT("what", what),
                 TEXT("store", header(call, "X-Shopify-Shop-Domain")),
                 TEXT("from", call->caller.from), TEXT("reason", err->text));
    }
    return good;
}

bool hooks_shopify(struct api_call *call, struct err *err)
{
    return told(call, take(call, err), header(call, "X-Shopify-Topic"), err);
}

/* ---- Business Central ---- */

static bool read_company(struct api_call *call, struct hook_secrets *secrets, struct err *err)
{
    OWN_JSON json *settings = NULL;
    struct err why = {0};
    const char *company = call->params[0];
    if (!ledger_settings_get(call->ledger, company, "company", &settings, &why))
        return not_now(call, &why, err);
    if (!settings)
        return unknown_address(err);
    if (!hook_secrets_read(call->ledger, json_text(settings, "bc_credential"), secrets, &why))
        return not_now(call, &why, err);
    return key_fits(secrets, company, "", call->params[1]) || unknown_address(err);
}

static bool is_state(const struct hook_secrets *secrets, const char *company, const char *given)
{
    bool fits = false;
    for (size_t i = 0; i < secrets->count; i++) {
        char state[HOOK_KEY];
        hook_client_state(secrets->texts[i], company, state);
        fits |= secret_same(state, given);
    }
    return fits;
}

/* Is it about this set: "api/v2.0/companies(GUID)/items(GUID)", "...)/items?$filter=...". */
static bool is_about(const char *resource, const char *set)
{
    const char *at = strstr(resource, "companies(");
    at = at ? strstr(at, ")/") : NULL;
    size_t size = strlen(set);
    return at && strncmp(at + 2, set, size) == 0 && strchr("(?", at[2 + size]);
}

/* Once for each operation, whatever the number of its notices. */
static bool wake_all(struct api_call *call, const json *notices, struct triggered *done,
                     struct err *err)
{
    char id[33];
    digest_hex(call->text, call->size, 16, id);
    for (size_t i = 0; i < BC_WEBHOOK_COUNT; i++) {
        const struct webhook *row = &BC_WEBHOOKS[i];
        bool about = false;
        for (size_t k = 0; k < json_count(notices) && !about; k++)
            about = is_about(json_text(json_at(notices, k), "resource"), row->topic);
        const struct notice notice = {.type = row->topic,
                                      .company = call->params[0],
                                      .operation = row->operation,
                                      .shop = "",
                                      .source = HOOKS_BC,
                                      .id = id};
        if (about && !triggers_notice(call->ledger, &notice, done, err))
            return false;
    }
    return true;
}

/* Those that carry what we gave the subscription; another's are left out. */
static json *own_notices(const struct api_call *call, const struct hook_secrets *secrets,
                         const json *body)
{
    const json *value = json_get(body, "value");
    json *own = json_new_array();
    for (size_t i = 0; i < json_count(value); i++)
        if (is_state(secrets, call->params[0], json_text(json_at(value, i), "clientState")))
            json_add(own, json_copy(json_at(value, i)));
    return own;
}

static bool take_notices(struct api_call *call, struct err *err)
{
    OWN_HOOK_SECRETS struct hook_secrets secrets = {0};
    OWN_JSON json *body = NULL, *own = NULL;
    OWN_TRIGGERED struct triggered done = {.woken = json_new_array()};
    struct err why = {0};
    if (!read_company(call, &secrets, err))
        return false;
    if (!json_parse(call->text, call->size, &body, &why) || !json_is_array(json_get(body, "value")))
        return err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST,
                       "want {\"value\": [notice, ...]}, as Business Central sends them");
    own = own_notices(call, &secrets, body);
    if (!json_count(own) && json_count(json_get(body, "value")))
        return err_set(err, ERR_FATAL, MHD_HTTP_FORBIDDEN,
                       "clientState is not that of our subscriptions; `cartage webhooks check` "
                       "makes them anew");
    struct request_span request;
    request_begin(call, "POST /v1/hooks/business-central", &request, &done);
    bool good = wake_all(call, own, &done, &why);
    span_end(&request.span, good ? NULL : why.text);
    hand_over(call, &done);
    if (!good)
        return not_now(call, &why, err);
    log_info("hook.taken", TEXT("topic", "business-central"), TEXT("company", call->params[0]),
             NUM("notices", json_count(own)), NUM("woken", done.taken),
             NUM("doubles", done.doubles), NUM("refused", done.refused));
    return answer_taken(call, &done);
}

/* The handshake: whoever knows the address may hear his own token, as it came; NULL = there is
 * none. */
static bool answer_token(struct api_call *call, const char *token, struct err *err)
{
    OWN_HOOK_SECRETS struct hook_secrets secrets = {0};
    if (!read_company(call, &secrets, err))
        return false;
    return token ? api_text(call, "text/plain", token)
                 : err_set(err, ERR_FATAL, MHD_HTTP_BAD_REQUEST, "validationToken is missing");
}

bool hooks_bc(struct api_call *call, struct err *err)
{
    const char *token = api_query(call, "validationToken");
    return told(call, token ? answer_token(call, token, err) : take_notices(call, err),
                "business-central", err);
}

bool hooks_bc_token(struct api_call *call, struct err *err)
{
    return told(call, answer_token(call, api_query(call, "validationToken"), err),
                "business-central", err);
}

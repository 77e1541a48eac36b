/* webhooks.h - which of a peer's notices wake which operation. Pure.
 *
 * A notice is a hint: the run reads what it is about. Sources: topics of Shopify's Admin API, and
 * resources of Business Central's API v2.0.
 */
#ifndef CARTAGE_WEBHOOKS_H
#define CARTAGE_WEBHOOKS_H

#include "model/settings.h"

struct webhook {           /* a topic that wakes several operations has a row for each */
    const char *topic;     /* "orders/create"; "items" of Business Central */
    const char *operation; /* "orders.sync" */
    /* Where its body names the record: "order_edit.order_id". "id": nothing but that and the time
     * is asked to be sent, because whole orders may be larger than what is taken. NULL = no matter.
     */
    const char *record;
    bool (*wanted)(const struct shop *shop); /* NULL = by every shop that has an entry of it */
};
extern const struct webhook SHOPIFY_WEBHOOKS[], BC_WEBHOOKS[];
extern const size_t SHOPIFY_WEBHOOK_COUNT, BC_WEBHOOK_COUNT;
enum { SHOPIFY_WEBHOOK_MOST = 64 };

/* As GraphQL calls it: "orders/create" -> "ORDERS_CREATE". */
enum { WEBHOOK_TOPIC = 80 };
void webhook_topic_name(const char *topic, char out[static WEBHOOK_TOPIC]);
bool webhook_is_known(const char *topic); /* of Shopify's */

#endif

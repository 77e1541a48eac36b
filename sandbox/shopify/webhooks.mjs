// Sends webhooks: a signed POST for each subscription of a topic, five seconds for an answer, eight repetitions over four
// hours of bucket time, and the end of a subscription of which one message failed all of them. The order is not
// promised, and a message may come twice. What waits to be sent does not outlive a restart.
import crypto, {randomUUID} from 'node:crypto';
import {bodiesOf} from './webhook-bodies.mjs';
import {subscriptionsOf} from './webhook-input.mjs';
import {gid} from './store.mjs';

const ANSWER_MS = 5000;
const REPETITIONS = 8;
/** 1, 2, 4, … of these are four hours. */
const STEP_MS = (4 * 3_600_000) / (2 ** REPETITIONS - 1);
const AT_ONCE = 32;
const KEPT = 2000;

export const WEBHOOK_FAULTS = ['webhook_double', 'webhook_late', 'webhook_lost', 'webhook_forged', 'webhook_old'];

export class Webhooks {
  #waiting = new Set(); // {message, due}
  #ready = [];
  #flying = 0;
  #timer = null;

  constructor({clock, faults, latency, touch}) {
    Object.assign(this, {clock, faults, latency, touch});
    this.reset();
  }

  reset() {
    clearTimeout(this.#timer);
    this.#waiting.clear();
    this.#ready = [];
    this.deliveries = []; // what became of the latest attempts
    this.closed = false;
  }

  close() {
    this.reset();
    this.closed = true;
  }

  /** An action has changed something; all messages of it have one event id. */
  tell({store, action, changes}) {
    const subscriptions = subscriptionsOf(store);
    if (!subscriptions.length) return;
    const event = randomUUID();
    for (const change of changes)
      for (const {topic, body} of bodiesOf(change, action)) this.send(store, subscriptions, {topic, body, event});
  }

  send(store, subscriptions, {topic, body, event = randomUUID()}) {
    for (const subscription of subscriptions.filter(entry => entry.event === topic))
      this.#add({
        store,
        subscription,
        event,
        topic,
        id: randomUUID(),
        triggeredAt: new Date().toISOString().replace('Z', '000000Z'),
        text: JSON.stringify(trimmed(body, subscription.includeFields)),
        failures: 0,
      });
  }

  #add(message) {
    const fault = this.faults.choose({
      path: `/${message.topic}`,
      method: 'POST',
      operation: 'webhook',
      roots: [],
    });
    if (fault?.kind === 'webhook_lost') return;
    if (fault?.kind === 'webhook_forged') message.forged = true;
    if (fault?.kind === 'webhook_old')
      message.triggeredAt = new Date(Date.now() - (fault.ms ?? 90_000_000)).toISOString();
    const ms = this.latency.draw('webhook');
    this.#wait(message, ms + (fault?.kind === 'webhook_late' ? (fault.ms ?? 60_000) : 0));
    if (fault?.kind === 'webhook_double') this.#wait({...message, id: randomUUID()}, ms + (fault.ms ?? 0));
  }

  #wait(message, ms) {
    if (ms > 0) this.#waiting.add({message, due: this.clock.bucketMs() + ms});
    else this.#ready.push(message);
    this.look();
  }

  /** Sends what is due; called again when bucket time jumps. */
  look() {
    if (this.closed) return;
    const now = this.clock.bucketMs();
    for (const entry of this.#waiting) {
      if (entry.due > now) continue;
      this.#waiting.delete(entry);
      this.#ready.push(entry.message);
    }
    while (this.#ready.length && this.#flying < AT_ONCE) {
      this.#flying++;
      this.#deliver(this.#ready.shift()).finally(() => {
        this.#flying--;
        this.look();
      });
    }
    clearTimeout(this.#timer);
    const next = Math.min(...[...this.#waiting].map(entry => entry.due));
    if (!Number.isFinite(next)) return;
    this.#timer = setTimeout(() => this.look(), Math.max(1, Math.min(60_000, (next - now) / this.clock.scale)));
    this.#timer.unref();
  }

  async #deliver(message) {
    const {store, subscription} = message;
    if (store.get(gid('WebhookSubscription', subscription.id)) !== subscription) return;
    const status = await this.#post(message);
    this.#note(message, status);
    if (status >= 200 && status < 300) return;
    if (++message.failures <= REPETITIONS) return this.#wait(message, STEP_MS * 2 ** (message.failures - 1));
    if (store.get(gid('WebhookSubscription', subscription.id)) !== subscription) return;
    store.perform('dropWebhook', gid('WebhookSubscription', subscription.id));
    this.touch();
  }

  /** The status, or 0 when there was none within five seconds. */
  async #post({store, subscription, event, topic, id, triggeredAt, text, forged}) {
    const secret = forged ? 'somebody else' : store.clientSecret;
    try {
      const response = await fetch(subscription.uri, {
        method: 'POST',
        redirect: 'manual',
        signal: AbortSignal.timeout(ANSWER_MS),
        body: text,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Shopify-Captain-Hook',
          'x-shopify-topic': topic,
          'x-shopify-hmac-sha256': crypto.createHmac('sha256', secret).update(text, 'utf8').digest('base64'),
          'x-shopify-shop-domain': store.domain,
          'x-shopify-api-version': subscription.version,
          'x-shopify-webhook-id': id,
          'x-shopify-event-id': event,
          'x-shopify-triggered-at': triggeredAt,
          ...(subscription.name ? {'x-shopify-name': subscription.name} : {}),
        },
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return 0;
    }
  }

  #note({topic, id, event, text, failures, triggeredAt, subscription}, status) {
    this.deliveries.push({topic, id, event, status, try: failures + 1, triggered_at: triggeredAt, uri: subscription.uri, text});
    if (this.deliveries.length > KEPT) this.deliveries.shift();
  }

  toJSON() {
    return {
      waiting: this.#waiting.size + this.#ready.length + this.#flying,
      deliveries: this.deliveries,
    };
  }
}

/** The fields that a subscription wants, also inside others ("order.id"); none named = all. */
function trimmed(body, fields) {
  if (!fields?.length) return body;
  const out = {};
  for (const path of fields) {
    const names = path.split('.');
    let [from, to] = [body, out];
    for (const [i, name] of names.entries()) {
      if (from?.[name] === undefined) break;
      if (i === names.length - 1) to[name] = from[name];
      else [from, to] = [from[name], (to[name] ??= {})];
    }
  }
  return out;
}

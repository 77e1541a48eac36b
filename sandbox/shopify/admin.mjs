// The admin side under /_sandbox/: what a merchant, a test or a demo does to the stores. Never part of the
// imitated surface.
import {HttpError, readJson, sendJson} from '../lib/http.mjs';
import {PROFILES} from '../lib/latency.mjs';
import {CATALOGUE_ROUTES} from './admin-catalogue.mjs';
import {CUSTOMER_ROUTES} from './admin-customers.mjs';
import {actOnOrder, placeOrder, plainly, showOrder, storeOf, touchOrder} from './admin-orders.mjs';
import {payments, showPayments} from './admin-payments.mjs';
import {CATALOG_ROUTES} from './admin-catalogs.mjs';
import {COMPANY_ROUTES} from './admin-companies.mjs';
import {subscriptionsOf} from './webhook-input.mjs';

export class Admin {
  constructor(shopify) {
    this.shopify = shopify;
  }

  async handle(request, response, url) {
    const path = url.pathname.slice('/_sandbox/'.length);
    for (const [method, pattern, act] of ROUTES) {
      const match = method === request.method && pattern.exec(path);
      if (!match) continue;
      const body = method === 'POST' ? await readJson(request) : null;
      return sendJson(response, 200, await refusing(() => act(this.shopify, body, match, url)));
    }
    throw new HttpError(404, {errors: `no such admin call: ${request.method} ${path}`});
  }
}

/** What the sandbox says no to is the caller's mistake: 400 with the reason. */
async function refusing(act) {
  try {
    return await act();
  } catch (error) {
    throw error instanceof HttpError ? error : new HttpError(400, {errors: error.message});
  }
}

const ROUTES = [
  ['GET', /^health$/, () => ({ok: true, peer: 'shopify'})],
  ['GET', /^ledger$/, shopify => shopify.ledger],
  ['DELETE', /^ledger$/, shopify => (shopify.ledger.reset(), shopify.state.touch(), {ok: true})],
  ['GET', /^faults$/, shopify => ({...shopify.faults.toJSON(), delayed: shopify.delayed.size})],
  ['POST', /^faults$/, (shopify, {rules}) => (shopify.faults.set(rules), shopify.faults)],
  ['DELETE', /^faults$/, shopify => (shopify.faults.set([]), {ok: true})],
  ['GET', /^time$/, timeOf],
  ['POST', /^time$/, setTime],
  ['POST', /^latency$/, setLatency],
  ['POST', /^reset$/, shopify => shopify.reset()],
  ['GET', /^dump$/, dump],
  ['GET', /^webhooks$/, listWebhooks],
  ['POST', /^plan$/, (shopify, body) => (shopify.changePlan(storeOf(shopify, body.store), body), {ok: true})],
  ['GET', /^scopes$/, shopify => ({scopes: shopify.tokens.scopes})],
  ['POST', /^scopes$/, approveScopes],
  ['POST', /^drain$/, drain],
  ['POST', /^replay$/, replay],
  ['POST', /^orders$/, placeOrder],
  ['POST', /^orders\/([^/]+)\/([a-z-]+)$/, actOnOrder],
  ['GET', /^orders\/([^/]+)$/, showOrder],
  ['POST', /^orders\/([^/]+)$/, touchOrder],
  ...CATALOGUE_ROUTES,
  ...CUSTOMER_ROUTES,
  ...CATALOG_ROUTES,
  ...COMPANY_ROUTES,
  ['GET', /^payments$/, showPayments],
  ['POST', /^payments\/([a-z-]+)$/, payments],
  ['GET', /^bulk$/, shopify => ({operations: shopify.bulk.seen()})],
  ['POST', /^bulk$/, (shopify, body) => (shopify.bulk.steer(body), {ok: true})],
];

/** What is subscribed, what waits to be sent, and what became of the latest deliveries. */
function listWebhooks(shopify) {
  const subscriptions = [...shopify.stores.values()].flatMap(store =>
    subscriptionsOf(store).map(({event, uri, version, includeFields}) => ({
      store: store.domain,
      topic: event,
      uri,
      version,
      fields: includeFields,
    })),
  );
  return {subscriptions, ...shopify.webhooks.toJSON()};
}

function timeOf({clock}) {
  return {business: clock.businessText(), bucket_ms: Math.floor(clock.bucketMs())};
}

/** {"business": time} jumps, never back; {"bucket_ms": n} lets n milliseconds of bucket time pass at once. */
function setTime(shopify, {business, bucket_ms: bucketMs}) {
  if (business !== undefined) {
    const ms = Date.parse(business);
    if (Number.isNaN(ms)) throw new Error(`business: not a time: ${business}`);
    if (!shopify.clock.jump(ms))
      throw new Error(`business: ${business} lies before ${shopify.clock.businessText()}; time never goes back`);
    for (const store of shopify.stores.values()) store.flushIndexes();
    shopify.state.touch();
  }
  if (bucketMs !== undefined) shopify.clock.advanceBucket(bucketMs);
  shopify.webhooks.look();
  return timeOf(shopify);
}

function approveScopes(shopify, {scopes}) {
  if (!Array.isArray(scopes) || !scopes.every(scope => /^(read|write)_[a-z_]+$/.test(scope)))
    throw new Error('scopes: want a list of access scopes');
  shopify.tokens.approve(scopes);
  return {scopes};
}

function setLatency(shopify, {profile}) {
  if (!PROFILES.includes(profile)) throw new Error(`profile: want one of ${PROFILES.join(', ')}`);
  shopify.latency.profile = profile;
  return {profile};
}

function replay(shopify, {until}) {
  if (!/^\d{4}-\d\d-\d\d$/.test(until ?? '')) throw new Error('until: want YYYY-MM-DD');
  return shopify.replay(until);
}

function drain(shopify, {store: domain, client_id: clientId}) {
  const store = storeOf(shopify, domain);
  shopify.bucketOf(store, clientId ?? store.clientId).drain();
  return {ok: true};
}

const DUMPED = new Set(['Order', 'Product', 'ProductVariant', 'Customer', 'Location']);

/** Everything the stores hold; what belongs to an order stands in it. */
function dump(shopify) {
  const stores = [...shopify.stores.values()].map(store => ({
    domain: store.domain,
    plan: store.plan,
    objects: [...store.objects]
      .filter(([, record]) => DUMPED.has(record.__typename))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, record]) => record),
  }));
  return plainly({time: timeOf(shopify), stores});
}

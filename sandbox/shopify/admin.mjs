// The admin side under /_sandbox/: what a merchant, a test or a demo does to the stores. Never part of the
// imitated surface.
import {HttpError, readJson, sendJson} from '../lib/http.mjs';
import {PROFILES} from '../lib/latency.mjs';
import {isoSeconds} from '../lib/clock.mjs';
import {gid} from './store.mjs';

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
  ['GET', /^faults$/, shopify => shopify.faults],
  ['POST', /^faults$/, (shopify, {rules}) => (shopify.faults.set(rules), shopify.faults)],
  ['DELETE', /^faults$/, shopify => (shopify.faults.set([]), {ok: true})],
  ['GET', /^time$/, timeOf],
  ['POST', /^time$/, setTime],
  ['POST', /^latency$/, setLatency],
  ['POST', /^reset$/, shopify => shopify.reset()],
  ['GET', /^dump$/, dump],
  ['POST', /^plan$/, (shopify, body) => (shopify.changePlan(storeOf(shopify, body.store), body), {ok: true})],
  ['POST', /^drain$/, drain],
  ['POST', /^replay$/, replay],
  ['POST', /^orders$/, placeOrder],
  ['POST', /^orders\/([^/]+)\/cancel$/, cancelOrder],
  ['POST', /^orders\/([^/]+)\/refund$/, refundOrder],
  ['POST', /^orders\/([^/]+)$/, touchOrder],
  ['POST', /^products$/, addProduct],
  ['POST', /^customers$/, addCustomer],
];

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
  return timeOf(shopify);
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

function placeOrder(shopify, {store: domain, ...form}) {
  const order = storeOf(shopify, domain).placeOrder(form);
  shopify.ledger.effect('order', gid('Order', order.id), {name: order.name});
  shopify.state.touch();
  return summaryOf(order);
}

function touchOrder(shopify, {store: domain, ...fields}, [, key]) {
  const store = storeOf(shopify, domain);
  const order = orderOf(store, key);
  const unknown = Object.keys(fields).find(name => !CHANGEABLE.has(name));
  if (unknown) throw new Error(`${unknown}: not a field that can be changed here; want ${[...CHANGEABLE].join(', ')}`);
  if (fields.closed !== undefined) {
    fields.closedAt = fields.closed ? isoSeconds(shopify.clock.business()) : null;
    delete fields.closed;
  }
  store.change(order, fields);
  shopify.state.touch();
  return summaryOf(order);
}

const CHANGEABLE = new Set([
  'note',
  'tags',
  'email',
  'phone',
  'poNumber',
  'financialStatus',
  'fulfillmentStatus',
  'closed',
  'test',
]);

function cancelOrder(shopify, {store: domain, reason}, [, key]) {
  const store = storeOf(shopify, domain);
  const order = orderOf(store, key);
  store.cancel(order, {reason});
  shopify.state.touch();
  return summaryOf(order);
}

function refundOrder(shopify, {store: domain, ...form}, [, key]) {
  const store = storeOf(shopify, domain);
  const order = orderOf(store, key);
  const refund = store.refund(order, form);
  shopify.state.touch();
  return {...summaryOf(order), refund: gid('Refund', refund.id)};
}

function addProduct(shopify, {store: domain, ...form}) {
  storeOf(shopify, domain).placeProduct(form);
  shopify.state.touch();
  return {id: gid('Product', form.id)};
}

function addCustomer(shopify, {store: domain, ...form}) {
  storeOf(shopify, domain).placeCustomer(form);
  shopify.state.touch();
  return {id: gid('Customer', form.id)};
}

function storeOf(shopify, domain) {
  const store = domain ? shopify.stores.get(domain) : shopify.stores.values().next().value;
  if (!store) throw new HttpError(404, {errors: `no store ${domain}`});
  return store;
}

/** By numeric id, global id or name (%231001). */
function orderOf(store, key) {
  const text = decodeURIComponent(key);
  const order = store.get(text) ?? store.get(gid('Order', text)) ?? [...store.ordersByName(text)][0];
  if (!order) throw new HttpError(404, {errors: `no order ${text}`});
  return order;
}

const summaryOf = order => ({
  id: gid('Order', order.id),
  name: order.name,
  createdAt: order.createdAt,
  updatedAt: order.updatedAt,
  total: order.totals.total,
});

/** Everything the stores hold, without the links that make circles. */
function dump(shopify) {
  const plain = (key, value) =>
    key === 'order' || key === 'product' || key === 'refund' || key === 'parent' || key === 'lineItem'
      ? value?.id
      : value;
  const stores = [...shopify.stores.values()].map(store => ({
    domain: store.domain,
    plan: store.plan,
    objects: [...store.objects]
      .filter(([, record]) => record.__typename !== 'Refund')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, record]) => record),
  }));
  return JSON.parse(JSON.stringify({time: timeOf(shopify), stores}, plain));
}

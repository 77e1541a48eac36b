// The orders' part of the admin side: what a merchant does to an order by hand. Every call is one action of
// actions.mjs, so a restart repeats it.
import {HttpError} from '../lib/http.mjs';
import {gid} from './store.mjs';

export function placeOrder(shopify, {store: domain, ...form}) {
  const order = storeOf(shopify, domain).perform('placeOrder', null, form);
  shopify.ledger.effect('order', gid('Order', order.id), {name: order.name});
  shopify.state.touch();
  return summaryOf(order);
}

/** Fields that are set as they come, and what stands for an action. */
const FIELDS = new Set(['note', 'tags', 'email', 'phone', 'poNumber', 'test']);
const STATES = {
  closed: value => (value ? 'close' : 'reopen'),
  financialStatus: value => (value === 'PAID' ? 'pay' : null),
  fulfillmentStatus: value => (value === 'FULFILLED' ? 'fulfil' : null),
};

export function touchOrder(shopify, {store: domain, ...fields}, [, key]) {
  const store = storeOf(shopify, domain);
  const order = orderOf(store, key);
  const id = gid('Order', order.id);
  for (const [name, value] of Object.entries(fields)) {
    if (!FIELDS.has(name) && !STATES[name])
      throw new Error(
        `${name}: not a field that can be changed here; want ${[...FIELDS, ...Object.keys(STATES)].join(', ')}`,
      );
    if (STATES[name] && !STATES[name](value)) throw new Error(`${name}: ${value} cannot be set by hand`);
  }
  const plain = Object.fromEntries(Object.entries(fields).filter(([name]) => FIELDS.has(name)));
  if (plain.tags) plain.tags = [...plain.tags].sort();
  store.perform('set', id, plain);
  for (const [name, value] of Object.entries(fields)) if (STATES[name]) store.perform(STATES[name](value), id);
  shopify.state.touch();
  return summaryOf(order);
}

/** What may stand behind `orders/KEY/`. */
export const ORDER_ACTIONS = {
  cancel: 'cancel',
  refund: 'refund',
  'settle-refund': 'settleRefund',
  edit: 'edit',
  pay: 'pay',
  capture: 'capture',
  archive: 'close',
  reopen: 'reopen',
  fulfil: 'fulfil',
  hold: 'hold',
  release: 'release',
  schedule: 'schedule',
  move: 'move',
  request: 'requestFulfillment',
  return: 'openReturn',
  'approve-return': 'approveReturn',
  'decline-return': 'declineReturn',
  'close-return': 'closeReturn',
  'reopen-return': 'reopenReturn',
  'cancel-return': 'cancelReturn',
  dispose: 'dispose',
  'refund-return': 'refundReturn',
  'give-back': 'giveBack',
};

export function actOnOrder(shopify, {store: domain, ...args}, [, key, name]) {
  const store = storeOf(shopify, domain);
  const order = orderOf(store, key);
  const action = ORDER_ACTIONS[name];
  if (!action) throw new HttpError(404, {errors: `no such thing to do with an order: ${name}`});
  const made = store.perform(action, gid('Order', order.id), args);
  shopify.state.touch();
  if (made?.isEdit) return summaryOf(order);
  return {
    ...summaryOf(order),
    ...(made?.__typename ? {[made.__typename.toLowerCase()]: gid(made.__typename, made.id)} : {}),
  };
}

/** The order as the store holds it, its fulfilment orders and refunds with it. */
export function showOrder(shopify, body, [, key], url) {
  return plainly(orderOf(storeOf(shopify, url.searchParams.get('store')), key));
}

export function storeOf(shopify, domain) {
  const store = domain ? shopify.stores.get(domain) : shopify.stores.values().next().value;
  if (!store) throw new HttpError(404, {errors: `no store ${domain}`});
  return store;
}

/** By numeric id, global id or name (%231001). */
export function orderOf(store, key) {
  const text = decodeURIComponent(key);
  const order = store.get(text) ?? store.get(gid('Order', text)) ?? store.ordersByName(text)[0];
  if (order?.__typename !== 'Order') throw new HttpError(404, {errors: `no order ${text}`});
  return order;
}

const summaryOf = order => ({
  id: gid('Order', order.id),
  name: order.name,
  createdAt: order.createdAt,
  updatedAt: order.updatedAt,
  total: order.totals.total[0],
  financialStatus: order.financialStatus,
  fulfillmentStatus: order.fulfillmentStatus,
});

/** An order's totals in whole minor units of the shop's money. */
const shopMoneyOf = totals => Object.fromEntries(Object.entries(totals).map(([name, [units]]) => [name, units]));

/** Links back to what a record belongs to, of which only the id is shown. */
const LINKS = new Set([
  'order',
  'product',
  'variant',
  'option',
  'owner',
  'refund',
  'parent',
  'lineItem',
  'fo',
  'entry',
  'fulfillment',
  'location',
  'source',
  'returnLine',
  'return',
  'shippingLine',
]);

/** A record without the links that make circles. */
export const plainly = value =>
  JSON.parse(
    JSON.stringify(value, (key, part) => {
      if (key === 'sources') return part.map(entry => entry.id);
      if (key === 'totals') return shopMoneyOf(part);
      return LINKS.has(key) && part?.id ? part.id : part;
    }),
  );

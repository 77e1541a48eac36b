// What has to be shipped, from where, and what has been: fulfilment orders per location, fulfilments, and the
// states that follow from both. Amounts do not occur here.
//
// An order is routed once, when it is placed: its lines go to the location they name (default: the store's first
// one), one fulfilment order per location and way of delivery. Gift cards ship themselves as soon as the order is
// paid; tips are never shipped.
import {Refusal} from './refusal.mjs';
import {gid} from './store.mjs';

const GIFT_CARDS = 'NONE'; // how a thing is delivered that nobody carries
const UNFULFILLABLE = new Set(['CLOSED', 'CANCELLED', 'ON_HOLD', 'SCHEDULED', 'INCOMPLETE']);

// ---- routing -----------------------------------------------------------------------------------

/** Gives an order that was just placed its fulfilment orders, and what its form says is shipped already. */
export function routeOrder(store, order, form = {}) {
  order.fulfillmentOrders = [];
  order.fulfillments = [];
  for (const line of order.lines) routeLine(store, order, line, order.createdAt);
  if (isPaid(order)) shipGiftCards(store, order, order.createdAt);
  const wanted = form.fulfillmentStatus ?? 'UNFULFILLED';
  if (wanted === 'FULFILLED') fulfilAll(store, order, {at: form.fulfilledAt ?? order.createdAt});
  if (wanted === 'PARTIALLY_FULFILLED') fulfilOne(store, order, {at: form.fulfilledAt ?? order.createdAt});
  for (const entry of form.fulfillments ?? [])
    fulfilByHand(store, order, {...entry, at: entry.createdAt ?? order.createdAt});
  if (form.hold) holdOrder(store, order, {reason: form.hold, at: order.createdAt});
  settle(order);
}

/** Puts a line's units on the fulfilment order that its location got at the same time, or on a new one: what comes later waits apart. */
export function routeLine(store, order, line, at) {
  if (line.tip) return;
  const location = line.giftCard ? store.locations[0] : line.location;
  const method = line.giftCard ? GIFT_CARDS : line.deliveryMethod;
  let fo = order.fulfillmentOrders.find(
    entry =>
      entry.location === location &&
      entry.method === method &&
      entry.status === 'OPEN' &&
      entry.createdAt === at &&
      !hasProgress(entry),
  );
  if (!fo) fo = openFulfillmentOrder(store, order, {location, method, at});
  addLine(store, fo, line, line.currentQuantity);
  fo.updatedAt = at;
  store.put(fo);
}

function openFulfillmentOrder(store, order, {location, method, at}) {
  const fo = {
    __typename: 'FulfillmentOrder',
    id: store.nextId('FulfillmentOrder'),
    order,
    location,
    method,
    status: 'OPEN',
    requestStatus: 'UNSUBMITTED',
    fulfillAt: `${at.slice(0, 13)}:00:00Z`,
    createdAt: at,
    updatedAt: at,
    lines: [],
    holds: [],
    requests: [],
  };
  order.fulfillmentOrders.push(fo);
  return fo;
}

function addLine(store, fo, line, quantity) {
  const entry = {
    __typename: 'FulfillmentOrderLineItem',
    id: store.nextId('FulfillmentOrderLineItem'),
    fo,
    lineItem: line,
    total: quantity,
    remaining: quantity,
  };
  fo.lines.push(entry);
  return entry;
}

const hasProgress = fo => fo.lines.some(entry => entry.remaining < entry.total);
const isPaid = order => ['PAID', 'PARTIALLY_REFUNDED', 'REFUNDED'].includes(order.financialStatus);

/** Gift cards of a paid order are sent by e-mail at once. */
export function shipGiftCards(store, order, at) {
  for (const fo of order.fulfillmentOrders)
    if (fo.method === GIFT_CARDS && fo.status === 'OPEN') fulfilGroups(store, order, [wholeOf(fo)], {at});
}

// ---- what may be done --------------------------------------------------------------------------

/** The actions of a fulfilment order, in Shopify's order. */
export function actionsOf(fo) {
  const isService = fo.location.service !== null;
  switch (fo.status) {
    case 'OPEN':
      if (isService) return SERVICE_ACTIONS[fo.requestStatus] ?? [];
      return ['CREATE_FULFILLMENT', 'REPORT_PROGRESS', 'MOVE', 'HOLD', ...(unitsOf(fo) > 1 ? ['SPLIT'] : [])];
    case 'IN_PROGRESS':
      return isService
        ? ['CREATE_FULFILLMENT', 'REQUEST_CANCELLATION']
        : ['CREATE_FULFILLMENT', 'HOLD', 'MARK_AS_OPEN'];
    case 'ON_HOLD':
      return ['RELEASE_HOLD', 'HOLD', 'MOVE'];
    case 'SCHEDULED':
      return ['MARK_AS_OPEN'];
    default:
      return [];
  }
}

const SERVICE_ACTIONS = {
  UNSUBMITTED: ['REQUEST_FULFILLMENT', 'MOVE', 'HOLD'],
  REJECTED: ['REQUEST_FULFILLMENT', 'MOVE', 'HOLD'],
  SUBMITTED: ['CANCEL_FULFILLMENT_ORDER'],
};
const unitsOf = fo => fo.lines.reduce((sum, entry) => sum + entry.remaining, 0);

/** How a token may see a fulfilment order: through the scope of whoever manages its location. */
export function scopeOf(fo, token) {
  const {service} = fo.location;
  if (!service) return 'merchant_managed_fulfillment_orders';
  return service.clientId === token.clientId ? 'assigned_fulfillment_orders' : 'third_party_fulfillment_orders';
}

export const maySee = (fo, token) => token.scopes.some(scope => scope.endsWith(`_${scopeOf(fo, token)}`));
export const mayWrite = (fo, token) => token.scopes.includes(`write_${scopeOf(fo, token)}`);

// ---- fulfilling --------------------------------------------------------------------------------

/**
 * The checks of fulfillmentCreate, in the order in which Shopify makes them; answers the groups to fulfil, throws a
 * Refusal. `input` is the FulfillmentInput.
 */
export function groupsOf(store, input, token) {
  const wanted = input.lineItemsByFulfillmentOrder;
  wanted.forEach((group, i) =>
    (group.fulfillmentOrderLineItems ?? []).forEach((entry, k) => {
      if (entry.quantity > 0) return;
      const path = ['lineItemsByFulfillmentOrder', i, 'fulfillmentOrderLineItems', k, 'quantity'];
      throw new Refusal(['fulfillment', ...path.map(String)], 'Quantity must be greater than 0');
    }),
  );
  const refuse = message => {
    throw new Refusal(['fulfillment'], message);
  };
  if (!wanted.length) refuse('Line items by fulfillment order is required.');
  const orders = wanted.map(group => store.get(group.fulfillmentOrderId));
  if (orders.some(fo => fo?.__typename !== 'FulfillmentOrder' || !mayWrite(fo, token)))
    refuse('Fulfillment order does not exist.');
  const ids = list => [...new Set(list)].join(', ');
  if (new Set(orders.map(fo => fo.order)).size > 1)
    refuse(
      `All fulfillment orders must belong to the same order. Multiple orders with ids [${ids(orders.map(fo => fo.order.id))}] were found.`,
    );
  if (new Set(orders.map(fo => fo.location)).size > 1)
    refuse(
      `All fulfillment orders must be assigned to a single location. Multiple locations with ids [${ids(orders.map(fo => fo.location.id))}] were found.`,
    );
  for (const fo of orders) {
    if (UNFULFILLABLE.has(fo.status))
      refuse(`Fulfillment order ${fo.id} has an unfulfillable status= ${fo.status.toLowerCase()}.`);
    if (!actionsOf(fo).includes('CREATE_FULFILLMENT'))
      refuse(`Fulfillment order ${fo.id} has an unfulfillable request status= ${fo.requestStatus.toLowerCase()}.`);
  }
  return wanted.map((group, i) => groupOf(orders[i], group, refuse));
}

function groupOf(fo, group, refuse) {
  if (!group.fulfillmentOrderLineItems?.length) return wholeOf(fo);
  const units = new Map(); // a line may be named twice: both together must not exceed what is left
  for (const {id, quantity} of group.fulfillmentOrderLineItems) {
    const entry = fo.lines.find(line => gid('FulfillmentOrderLineItem', line.id) === id);
    if (!entry) refuse('Fulfillment order line item does not exist.');
    units.set(entry, (units.get(entry) ?? 0) + quantity);
  }
  for (const [entry, quantity] of units)
    if (quantity > entry.remaining) refuse('Invalid fulfillment order line item quantity requested.');
  return {fo, units};
}

/** Everything a fulfilment order still has. */
const wholeOf = fo => ({
  fo,
  units: new Map(fo.lines.filter(entry => entry.remaining > 0).map(entry => [entry, entry.remaining])),
});

/** Carries out a fulfilment of checked groups; answers it. */
export function fulfilGroups(store, order, groups, {at, tracking, notifyCustomer = false, message = null}) {
  const {location} = groups[0].fo;
  const number = order.fulfillments.length + 1;
  const fulfillment = {
    __typename: 'Fulfillment',
    id: store.nextId('Fulfillment'),
    order,
    name: `${order.name}-F${number}`,
    status: 'SUCCESS',
    displayStatus: 'FULFILLED',
    createdAt: at,
    updatedAt: at,
    location,
    tracking: trackingOf(tracking),
    notified: notifyCustomer,
    message,
    sources: groups.map(group => group.fo),
    lines: [],
  };
  for (const {fo, units} of groups) {
    for (const [entry, quantity] of units) {
      entry.remaining -= quantity;
      fulfillment.lines.push({
        __typename: 'FulfillmentLineItem',
        id: store.nextId('FulfillmentLineItem'),
        fulfillment,
        entry,
        lineItem: entry.lineItem,
        quantity,
      });
    }
    advance(fo, at);
    store.put(fo);
  }
  order.fulfillments.push(fulfillment);
  store.put(fulfillment);
  return fulfillment;
}

/** A fulfilment order after units left it: closed when nothing is left, in progress while something is. */
function advance(fo, at) {
  fo.updatedAt = at;
  if (unitsOf(fo) > 0) return void (hasProgress(fo) && fo.status === 'OPEN' && (fo.status = 'IN_PROGRESS'));
  fo.status = 'CLOSED';
  if (fo.requestStatus === 'ACCEPTED') fo.requestStatus = 'CLOSED';
}

/** One entry per parcel; a carrier that Shopify knows brings its own address. */
export function trackingOf(input) {
  if (!input) return [];
  const numbers = input.numbers?.length ? input.numbers : input.number ? [input.number] : [];
  const urls = input.urls?.length ? input.urls : input.url ? [input.url] : [];
  return Array.from({length: Math.max(numbers.length, urls.length)}, (_, i) => ({
    company: input.company ?? null,
    number: numbers[i] ?? null,
    url: urls[i] ?? CARRIERS[input.company]?.replace('{}', numbers[i] ?? '') ?? null,
  }));
}

const CARRIERS = {
  UPS: 'https://www.ups.com/WebTracking?loc=en_US&requester=ST&trackNums={}',
  'DHL Express': 'https://www.dhl.com/global-en/home/tracking.html?submit=1&tracking-id={}',
  FedEx: 'https://www.fedex.com/fedextrack/?trknbr={}',
  'Royal Mail': 'https://www.royalmail.com/track-your-item#/tracking-results/{}',
  USPS: 'https://tools.usps.com/go/TrackConfirmAction.action?tLabels={}',
};

/** The units of a cancelled fulfilment can be fulfilled again: where they came from, or on a new fulfilment order. */
export function cancelFulfillment(store, fulfillment, {at}) {
  const {order} = fulfillment;
  Object.assign(fulfillment, {status: 'CANCELLED', displayStatus: 'CANCELED', updatedAt: at});
  const reopened = new Map(); // closed fulfilment order → the new one
  for (const {entry, quantity} of fulfillment.lines) {
    const {fo} = entry;
    if (fo.status === 'CLOSED' || fo.status === 'CANCELLED') {
      entry.total -= quantity;
      if (!reopened.has(fo))
        reopened.set(fo, openFulfillmentOrder(store, order, {location: fo.location, method: fo.method, at}));
      addLine(store, reopened.get(fo), entry.lineItem, quantity);
    } else {
      entry.remaining += quantity;
      if (!hasProgress(fo) && fo.status === 'IN_PROGRESS' && fo.requestStatus !== 'ACCEPTED') fo.status = 'OPEN';
      fo.updatedAt = at;
      store.put(fo);
    }
  }
  for (const fo of reopened.values()) store.put(fo);
  store.put(fulfillment);
  settle(order);
}

/** Units that were taken off an order (edit, refund, cancel) need not be shipped: `quantity` of a line at most. */
export function withdraw(store, line, quantity, at) {
  for (const fo of [...line.order.fulfillmentOrders].reverse())
    for (const entry of fo.lines) {
      if (entry.lineItem !== line || quantity === 0 || fo.status === 'CLOSED') continue;
      const taken = Math.min(quantity, entry.remaining);
      if (taken === 0) continue;
      entry.remaining -= taken;
      entry.total -= taken;
      quantity -= taken;
      advance(fo, at);
      store.put(fo);
    }
  settle(line.order);
}

/** A cancelled order ships nothing more. */
export function closeFulfillmentOrders(store, order, at) {
  for (const fo of order.fulfillmentOrders) {
    if (fo.status === 'CLOSED') continue;
    Object.assign(fo, {status: 'CLOSED', updatedAt: at, holds: []});
    store.put(fo);
  }
  settle(order);
}

// ---- by hand of the merchant -------------------------------------------------------------------

/** Everything that can be shipped, one fulfilment per location; a fulfilment service is asked to no more. */
export function fulfilAll(store, order, {at, tracking, notifyCustomer}) {
  const byLocation = new Map();
  for (const fo of order.fulfillmentOrders) {
    if (!['OPEN', 'IN_PROGRESS'].includes(fo.status) || unitsOf(fo) === 0) continue;
    byLocation.set(fo.location, [...(byLocation.get(fo.location) ?? []), wholeOf(fo)]);
  }
  const made = [...byLocation.values()].map(groups =>
    fulfilGroups(store, order, groups, {at, tracking, notifyCustomer}),
  );
  settle(order);
  return made;
}

function fulfilOne(store, order, {at}) {
  const entry = order.fulfillmentOrders.flatMap(fo => fo.lines).find(line => line.remaining > 0);
  if (entry) fulfilGroups(store, order, [{fo: entry.fo, units: new Map([[entry, 1]])}], {at});
}

/** {lines: [{line: index, quantity}], tracking: {company, number, url}, notifyCustomer}; without lines everything. */
export function fulfilByHand(store, order, {at, lines, tracking, notifyCustomer = false}) {
  if (!lines) return fulfilAll(store, order, {at, tracking, notifyCustomer});
  const byFo = new Map();
  for (const {line: index, quantity} of lines) {
    const line = order.lines[index];
    if (!line) throw new Error(`lines: the order has no line ${index}`);
    let left = quantity ?? remainingOf(line);
    for (const fo of order.fulfillmentOrders)
      for (const entry of fo.lines) {
        if (entry.lineItem !== line || !left || !['OPEN', 'IN_PROGRESS'].includes(fo.status)) continue;
        const taken = Math.min(left, entry.remaining);
        if (!taken) continue;
        left -= taken;
        if (!byFo.has(fo)) byFo.set(fo, {fo, units: new Map()});
        byFo.get(fo).units.set(entry, taken);
      }
    if (left > 0) throw new Error(`lines: of line ${index} only ${quantity - left} can be fulfilled`);
  }
  const byLocation = new Map();
  for (const group of byFo.values())
    byLocation.set(group.fo.location, [...(byLocation.get(group.fo.location) ?? []), group]);
  const made = [...byLocation.values()].map(groups =>
    fulfilGroups(store, order, groups, {at, tracking, notifyCustomer}),
  );
  settle(order);
  return made;
}

/** {reason, notes, location?}: what is open goes on hold. */
export function holdOrder(store, order, {at, reason = 'OTHER', notes = null, location}) {
  const open = order.fulfillmentOrders.filter(
    fo => fo.status === 'OPEN' && (!location || fo.location === store.locationBy(location)),
  );
  if (!open.length) throw new Error('hold: nothing of the order is open');
  for (const fo of open) {
    fo.holds.push({__typename: 'FulfillmentHold', id: store.nextId('FulfillmentHold'), reason, reasonNotes: notes});
    Object.assign(fo, {status: 'ON_HOLD', updatedAt: at});
    store.put(fo);
  }
  settle(order);
}

export function releaseOrder(store, order, {at}) {
  const held = order.fulfillmentOrders.filter(fo => fo.status === 'ON_HOLD');
  if (!held.length) throw new Error('release: nothing of the order is on hold');
  for (const fo of held) {
    Object.assign(fo, {status: hasProgress(fo) ? 'IN_PROGRESS' : 'OPEN', holds: [], updatedAt: at});
    store.put(fo);
  }
  settle(order);
}

/** {until}: what is open ships only from then on; {until: null} opens it. */
export function scheduleOrder(store, order, {at, until}) {
  for (const fo of order.fulfillmentOrders) {
    if (!['OPEN', 'SCHEDULED'].includes(fo.status)) continue;
    Object.assign(fo, {status: until ? 'SCHEDULED' : 'OPEN', fulfillAt: until ?? at, updatedAt: at});
    store.put(fo);
  }
  settle(order);
}

/** The merchant asks the fulfilment service of a location for its fulfilment orders. */
export function requestFulfillment(store, order, {at, message = null}) {
  const open = order.fulfillmentOrders.filter(
    fo => fo.location.service && fo.status === 'OPEN' && ['UNSUBMITTED', 'REJECTED'].includes(fo.requestStatus),
  );
  if (!open.length) throw new Error('request: no open fulfilment order at a fulfilment service');
  for (const fo of open) {
    fo.requests.push({__typename: 'FulfillmentOrderMerchantRequest', kind: 'FULFILLMENT_REQUEST', message});
    Object.assign(fo, {requestStatus: 'SUBMITTED', updatedAt: at});
    store.put(fo);
  }
  settle(order);
}

/** Its service says yes, or no. */
export function answerRequest(store, fo, {at, accept, message = null}) {
  Object.assign(fo, {
    requestStatus: accept ? 'ACCEPTED' : 'REJECTED',
    status: accept ? 'IN_PROGRESS' : 'OPEN',
    updatedAt: at,
    answer: message,
  });
  store.put(fo);
  settle(fo.order);
}

/** Everything open goes to another location. */
export function moveOrder(store, order, {at, location}) {
  const target = store.locationBy(location);
  for (const fo of [...order.fulfillmentOrders]) {
    if (fo.status !== 'OPEN' || fo.location === target || fo.method === GIFT_CARDS) continue;
    Object.assign(fo, {location: target, requestStatus: 'UNSUBMITTED', updatedAt: at});
    store.put(fo);
  }
  settle(order);
}

// ---- what follows ------------------------------------------------------------------------------

const sum = (list, of) => list.reduce((total, entry) => total + of(entry), 0);

/** Units of a line that wait on a fulfilment order which is not closed. */
export const remainingOf = line =>
  sum(line.order.fulfillmentOrders, fo =>
    fo.status === 'CLOSED' ? 0 : sum(fo.lines, entry => (entry.lineItem === line ? entry.remaining : 0)),
  );
export const fulfilledOf = line =>
  sum(line.order.fulfillments, made =>
    made.status === 'SUCCESS' ? sum(made.lines, entry => (entry.lineItem === line ? entry.quantity : 0)) : 0,
  );

/** Brings the order's own status in line with its fulfilment orders. */
export function settle(order) {
  order.fulfillmentStatus = displayStatusOf(order);
}

function displayStatusOf(order) {
  const open = order.fulfillmentOrders.filter(fo => !['CLOSED', 'CANCELLED'].includes(fo.status) && unitsOf(fo) > 0);
  const isShipped = order.fulfillments.some(made => made.status === 'SUCCESS');
  if (isShipped) return open.length ? 'PARTIALLY_FULFILLED' : 'FULFILLED';
  if (!order.lines.some(line => !line.tip)) return 'FULFILLMENT_NOT_REQUIRED';
  if (!open.length) return 'UNFULFILLED';
  if (open.every(fo => fo.status === 'ON_HOLD')) return 'ON_HOLD';
  if (open.every(fo => fo.status === 'SCHEDULED')) return 'SCHEDULED';
  if (open.every(fo => fo.status === 'IN_PROGRESS')) return 'IN_PROGRESS';
  if (open.some(fo => fo.requestStatus === 'SUBMITTED')) return 'PENDING_FULFILLMENT';
  if (open.some(fo => fo.requestStatus === 'REJECTED')) return 'REQUEST_DECLINED';
  return 'UNFULFILLED';
}

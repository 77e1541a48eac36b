// Returns: what customers send back, and what they get instead. A return is of units that were fulfilled; it is
// requested and approved or opened at once, its goods come back on reverse fulfilment orders, a refund may belong to it.
// Exchange items are ordinary lines of the order, named by the return.
import {settle} from './fulfillment.mjs';
import {lineFrom, valueOf} from './orders.mjs';
import {addLine, refund} from './refunds.mjs';
import {less, sumOf, total} from './sums.mjs';
import {reckon} from './totals.mjs';
import {unitsText} from '../lib/money.mjs';

/** {lines: [{line: index, quantity, reason, note, customerNote}], unverified: [{unitPrice, quantity, …}], exchange: [line], requested}. */
export function openReturn(store, order, {at, lines = [], unverified = [], exchange = [], requested = false}) {
  if (order.cancelledAt) throw new Error('return: the order is cancelled');
  const units = lines.flatMap(entry => unitsOf(order, entry));
  const forms = exchange.map((form, i) => ({form, check: exchangeLine(store, order, form, i)})); // a bad one is refused now
  const made = {
    __typename: 'Return',
    id: store.nextId('Return'),
    order,
    name: `${order.name}-R${order.returns.length + 1}`,
    status: requested ? 'REQUESTED' : 'OPEN',
    createdAt: at,
    approvedAt: requested ? null : at,
    closedAt: null,
    decline: null,
    refunds: [],
    exchange: [],
    exchangeForms: forms.map(entry => entry.form),
    reverse: [],
  };
  made.lines = [
    ...units.map(unit => returnLine(store, made, unit)),
    ...unverified.map(entry => returnLine(store, made, {...entry, unitPrice: sumOf(order.money, entry.unitPrice)})),
  ];
  if (!made.lines.length) throw new Error('return: want lines');
  order.returns.push(made);
  store.put(made);
  if (!requested) start(store, made, at);
  return made;
}

/** A line's units over the fulfilments that brought them, less what other returns took. */
function unitsOf(order, {line: index, quantity, ...rest}) {
  const line = order.lines[index];
  if (!line) throw new Error(`return: the order has no line ${index}`);
  const units = [];
  let left = quantity;
  for (const made of order.fulfillments.filter(entry => entry.status === 'SUCCESS'))
    for (const source of made.lines) {
      if (source.lineItem !== line) continue;
      const taken = Math.min(left, source.quantity - returnedOf(order, source));
      if (taken <= 0) continue;
      left -= taken;
      units.push({source, quantity: taken, ...rest});
    }
  if (left > 0 || !(quantity > 0))
    throw new Error(`return of line ${index}: Return line item has an invalid quantity.`);
  return units;
}

const isAlive = entry => !['DECLINED', 'CANCELED'].includes(entry.status);
const returnedOf = (order, source) =>
  order.returns
    .filter(isAlive)
    .flatMap(entry => entry.lines)
    .reduce((sum, line) => sum + (line.source === source ? line.quantity : 0), 0);

function returnLine(
  store,
  made,
  {source = null, unitPrice = null, quantity, reason = 'UNWANTED', note = '', customerNote = null},
) {
  const line = {
    __typename: source ? 'ReturnLineItem' : 'UnverifiedReturnLineItem',
    id: store.nextId('ReturnLineItem'),
    return: made,
    source,
    unitPrice,
    quantity,
    refunded: 0,
    reason,
    note,
    customerNote,
  };
  store.put(line);
  return line;
}

function exchangeLine(store, order, form, i) {
  return lineFrom(form, `exchange[${i}]`, {order, store, index: order.lines.length + i});
}

/** An open return: goods are awaited per location, what is given instead is added to the order. */
function start(store, made, at) {
  const {order} = made;
  const byLocation = new Map();
  for (const line of made.lines.filter(entry => entry.source)) {
    const {location} = line.source.fulfillment;
    byLocation.set(location, [...(byLocation.get(location) ?? []), line]);
  }
  for (const lines of byLocation.values()) {
    const reverse = {
      __typename: 'ReverseFulfillmentOrder',
      id: store.nextId('ReverseFulfillmentOrder'),
      order,
      status: 'OPEN',
    };
    reverse.lines = lines.map(line => ({
      __typename: 'ReverseFulfillmentOrderLineItem',
      id: store.nextId('ReverseFulfillmentOrderLineItem'),
      returnLine: line,
      total: line.quantity,
      dispositions: [],
    }));
    made.reverse.push(reverse);
  }
  for (const form of made.exchangeForms) {
    const line = exchangeLine(store, order, form, 0);
    addLine(store, order, line, at);
    made.exchange.push({
      __typename: 'ExchangeLineItem',
      id: store.nextId('ExchangeLineItem'),
      lineItem: line,
      quantity: line.quantity,
    });
  }
  reckon(order);
  settle(order);
}

// ---- one return --------------------------------------------------------------------------------

/** By its place in the order (1 is the first), its name or its id; without a key the latest. */
export function returnOf(order, key) {
  const found =
    key === undefined
      ? order.returns.at(-1)
      : (order.returns[key - 1] ??
        order.returns.find(
          entry => [entry.id, entry.name].includes(String(key).split('/').at(-1)) || entry.name === key,
        ));
  if (!found) throw new Error('Return not found.');
  return found;
}

const inState = (made, states, message = 'Return status is invalid.') => {
  if (!states.includes(made.status)) throw new Error(message);
};

export function approveReturn(store, order, {at, return: key}) {
  const made = returnOf(order, key);
  inState(made, ['REQUESTED'], 'Return is not approvable. Only returns with status REQUESTED can be approved.');
  Object.assign(made, {status: 'OPEN', approvedAt: at});
  start(store, made, at);
}

/** {reason, note}: what the customer is told. */
export function declineReturn(store, order, {return: key, reason = 'OTHER', note = null}) {
  const made = returnOf(order, key);
  if (made.status === 'DECLINED') throw new Error('The return is already declined.');
  inState(
    made,
    ['REQUESTED'],
    'Return is not declinable. Only non-refunded returns with status REQUESTED can be declined.',
  );
  Object.assign(made, {status: 'DECLINED', decline: {__typename: 'ReturnDecline', reason, note}});
}

export function closeReturn(store, order, {at, return: key}) {
  const made = returnOf(order, key);
  inState(made, ['OPEN']);
  Object.assign(made, {status: 'CLOSED', closedAt: at});
  for (const reverse of made.reverse) reverse.status = 'CLOSED';
}

export function reopenReturn(store, order, {return: key}) {
  const made = returnOf(order, key);
  inState(made, ['CLOSED']);
  Object.assign(made, {status: 'OPEN', closedAt: null});
  for (const reverse of made.reverse) reverse.status = 'OPEN';
}

export function cancelReturn(store, order, {return: key}) {
  const made = returnOf(order, key);
  const isTouched =
    made.refunds.length ||
    made.exchange.length ||
    made.reverse.some(entry => entry.lines.some(line => line.dispositions.length));
  if (isTouched || !['OPEN', 'REQUESTED'].includes(made.status)) throw new Error('Return is not cancelable.');
  made.status = 'CANCELED';
  for (const reverse of made.reverse) reverse.status = 'CANCELED';
}

const DISPOSITIONS = ['RESTOCKED', 'NOT_RESTOCKED', 'MISSING', 'PROCESSING_REQUIRED'];

/** {lines: [{line: index of the return, quantity, type, location}]}: the goods arrived; without lines all of them, restocked. */
export function dispose(store, order, {at, return: key, lines, type = 'RESTOCKED', location}) {
  const made = returnOf(order, key);
  inState(made, ['OPEN', 'CLOSED']);
  const rows = made.reverse.flatMap(reverse => reverse.lines);
  const open = row => row.total - row.dispositions.reduce((sum, entry) => sum + entry.quantity, 0);
  const wanted = lines ?? rows.map((row, i) => ({line: i, quantity: open(row)}));
  const checked = wanted.map(entry => {
    const row = rows[entry.line];
    const quantity = entry.quantity ?? (row ? open(row) : 0);
    const kind = entry.type ?? type;
    if (!row || !(quantity > 0) || quantity > open(row))
      throw new Error(`dispose: of line ${entry.line} ${row ? open(row) : 0} are awaited`);
    if (!DISPOSITIONS.includes(kind)) throw new Error(`dispose: type: want one of ${DISPOSITIONS.join(', ')}`);
    const place = entry.location ?? location;
    return {
      row,
      quantity,
      kind,
      place: place === undefined ? row.returnLine.source.fulfillment.location : store.locationBy(place),
    };
  });
  for (const {row, quantity, kind, place} of checked)
    row.dispositions.push({
      __typename: 'ReverseFulfillmentOrderDisposition',
      id: store.nextId('ReverseFulfillmentOrderDisposition'),
      quantity,
      type: kind,
      location: place,
      createdAt: at,
    });
}

/**
 * A refund that belongs to a return: {return, lines: [{line: index of the return, quantity, restock}], …} and what refund() takes;
 * without lines all that is not refunded yet. What is given in exchange is taken off the money.
 */
export function refundReturn(store, order, {at, return: key, lines, ...form}) {
  const made = returnOf(order, key);
  inState(made, ['OPEN', 'CLOSED']);
  const wanted = (lines ?? made.lines.map((line, i) => ({line: i}))).map(entry => ({
    entry,
    line: made.lines[entry.line],
    quantity: entry.quantity ?? (made.lines[entry.line]?.quantity ?? 0) - (made.lines[entry.line]?.refunded ?? 0),
  }));
  for (const {line, quantity, entry} of wanted)
    if (!line || quantity > line.quantity - line.refunded)
      throw new Error(
        `refund: of line ${entry.line} of the return ${line ? line.quantity - line.refunded : 0} are left`,
      );
  const rows = wanted.filter(({line, quantity}) => line.source && quantity > 0);
  const refunded = refund(store, order, {
    ...form,
    at,
    lines: rows.map(({line, quantity, entry}) => ({
      line: order.lines.indexOf(line.source.lineItem),
      quantity,
      restock: entry.restock ?? 'RETURN',
      ...(entry.location ? {location: entry.location} : {}),
    })),
    ...exchanged(order, made, rows, form),
  });
  for (const {line, quantity} of wanted) line.refunded += quantity;
  refunded.return = made;
  made.refunds.push(refunded);
  return refunded;
}

/** The money of a refund with exchange items: what came back is worth, less what went out; never below nothing. */
function exchanged(order, made, rows, form) {
  if (form.amount !== undefined || !made.exchange.length || made.refunds.length) return {};
  const back = total(rows, ({line, quantity}) => {
    const {lineItem} = line.source;
    return less(valueOf(lineItem, lineItem.currentQuantity), valueOf(lineItem, lineItem.currentQuantity - quantity));
  });
  const out = total(made.exchange, entry => valueOf(entry.lineItem, entry.quantity));
  const owed = Math.max(0, less(back, out)[0]);
  return {amount: unitsText(owed, order.money.shop.digits), keepsBalance: true};
}

/**
 * What a customer brings back to a merchant who takes it at once: {lines: [{line, quantity, restock}], shipping}. Units that were
 * shipped are a return, received and closed; units that were not are just taken off and refunded.
 */
export function giveBack(store, order, {at, lines, ...form}) {
  const shipped = new Map();
  for (const made of order.fulfillments.filter(entry => entry.status === 'SUCCESS'))
    for (const source of made.lines) {
      const index = order.lines.indexOf(source.lineItem);
      shipped.set(index, (shipped.get(index) ?? 0) + source.quantity - returnedOf(order, source));
    }
  if (!lines.length || lines.some(entry => entry.quantity > (shipped.get(entry.line) ?? 0)))
    return refund(store, order, {...form, at, lines});
  const refunded = refund(store, order, {...form, at, lines}); // first, for it alone may be refused
  const made = openReturn(store, order, {at, lines: lines.map(({line, quantity}) => ({line, quantity}))});
  dispose(store, order, {at, return: made.id});
  closeReturn(store, order, {at, return: made.id});
  for (const line of made.lines) line.refunded = line.quantity;
  refunded.return = made;
  made.refunds.push(refunded);
  return refunded;
}

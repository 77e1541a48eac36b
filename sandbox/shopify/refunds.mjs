// What takes units off an order, and money back: refunds, edits (which Shopify records as refunds of nothing) and
// cancelling. Quantities only go down; what was sold stays on the line.
import {
  fulfilledOf,
  remainingOf,
  routeLine,
  settle,
  shipGiftCards,
  withdraw,
  closeFulfillmentOrders,
} from './fulfillment.mjs';
import {lineFrom, shippingTax, shippingValue, taxLine, taxOf, valueOf} from './orders.mjs';
import {payBack, refundable, voidAuthorization} from './payments.mjs';
import {NOTHING, isNothing, less, plus, sumOf, total} from './sums.mjs';
import {isStaying, reckon} from './totals.mjs';
import {unitsText} from '../lib/money.mjs';

const REFUND_STEP = 10_000_000_000_000n;
const RESTOCKS = ['RETURN', 'NO_RESTOCK', 'CANCEL', 'LEGACY_RESTOCK'];

/**
 * {lines: [{line: index, quantity, restock, location}], shipping: amount | [{line: index, amount}], amount, note, status, rounding,
 * reason, createdAt}. Money goes back as the lines are worth unless `amount` says otherwise; without lines `amount` alone.
 */
export function refund(store, order, {at, ...form}) {
  const made = refundOf(order, form.createdAt ?? at, form);
  made.lines = linesOf(store, order, made, form.lines ?? []);
  made.shippingLines = shippingOf(order, made, form.shipping);
  made.worth = worthOf(order, made);
  const limit = refundable(order);
  const sum = exactly(form.amount === undefined ? made.worth : sumOf(order.money, form.amount), made.worth, limit);
  if (sum[0] > limit[0])
    throw new Error(`Refund amount ${text(order, sum)} is greater than net payment received ${text(order, limit)}`);
  takeOff(store, order, made);
  made.adjustment = form.keepsBalance ? NOTHING : less(made.worth, sum);
  made.adjustmentReason = form.reason ?? 'REFUND_DISCREPANCY';
  made.transactions = isNothing(sum)
    ? []
    : payBack(store, order, made, {sum, status: form.status, rounding: form.rounding, createdAt: made.createdAt});
  return finish(store, order, made);
}

/**
 * {lines: [{line: index, quantity: what is left}], add: [line], removeShipping: [index], restock, note}: the merchant edits an
 * order. What is taken off becomes a refund of nothing.
 */
export function edit(store, order, {at, lines = [], add = [], removeShipping = [], restock = false, note}) {
  if (order.cancelledAt) throw new Error('edit: the order is cancelled');
  const taken = lines.map(({line: index, quantity}) => {
    const line = order.lines[index];
    if (!line) throw new Error(`lines: the order has no line ${index}`);
    const quantityTaken = line.currentQuantity - quantity;
    if (!Number.isInteger(quantity) || quantity < 0 || quantityTaken < 1)
      throw new Error(`lines: of line ${index} there are ${line.currentQuantity}; an edit leaves fewer, 0 at least`);
    if (quantityTaken > remainingOf(line))
      throw new Error(`lines: of line ${index} only ${remainingOf(line)} are not fulfilled yet`);
    return {line: index, quantity: quantityTaken, restock: restock ? 'CANCEL' : 'NO_RESTOCK'};
  });
  const gone = removeShipping.map(index => {
    const line = order.shippingLines[index];
    if (!line || line.isRemoved) throw new Error(`removeShipping: the order has no shipping line ${index}`);
    return line;
  });
  const more = add.map((form, i) => lineFrom(form, `add[${i}]`, {order, store, index: order.lines.length + i}));
  let made = null;
  if (taken.length) {
    made = refundOf(order, at, {note});
    Object.assign(made, {isEdit: true, lines: linesOf(store, order, made, taken), shippingLines: [], transactions: []});
    made.worth = worthOf(order, made);
    takeOff(store, order, made);
  }
  for (const line of gone) line.isRemoved = true;
  for (const line of more) addLine(store, order, line, at);
  order.edited = true;
  if (made) return finish(store, order, made);
  reckon(order);
  settle(order);
  return null;
}

export function addLine(store, order, line, at) {
  taxLine(order, line);
  order.lines.push(line);
  store.put(line);
  routeLine(store, order, line, at);
}

/**
 * {reason, refund, restock, staffNote}: everything leaves the order. With `refund` what was paid goes back; an order nobody paid gets a
 * refund of nothing, a paid one without `refund` none at all.
 */
export function cancel(
  store,
  order,
  {at, reason = 'CUSTOMER', refund: isRefunded = false, restock = false, staffNote = null},
) {
  if (order.cancelledAt) throw new Error('Cannot cancel an order that has already been canceled');
  if (order.fulfillments.some(made => made.status === 'SUCCESS' && made.lines.some(line => !line.lineItem.giftCard)))
    throw new Error('Cannot cancel an order that has outstanding fulfillments');
  const restockType = restock ? 'CANCEL' : 'NO_RESTOCK';
  const left = order.lines
    .map((line, i) => ({line: i, quantity: line.currentQuantity, restock: restockType}))
    .filter(entry => entry.quantity > 0);
  const owed = refundable(order);
  voidAuthorization(store, order, at);
  let made = null;
  if ((isRefunded && owed[0] > 0) || order.totals.received[0] === 0) {
    made = refundOf(order, at, {});
    made.lines = linesOf(store, order, made, left);
    made.shippingLines = shippingOf(
      order,
      made,
      order.shippingLines.filter(isStaying).map(line => ({line: order.shippingLines.indexOf(line)})),
    );
    made.worth = worthOf(order, made);
    takeOff(store, order, made, {withdraws: restock});
    made.isEdit = owed[0] === 0;
    made.transactions = owed[0] > 0 ? payBack(store, order, made, {sum: owed, createdAt: at}) : [];
    made.adjustment = made.isEdit ? NOTHING : less(made.worth, owed);
    made.adjustmentReason = 'REFUND_DISCREPANCY';
  }
  empty(order);
  Object.assign(order, {
    cancelledAt: at,
    cancelReason: reason,
    staffNote,
    closedAt: order.closedAt ?? at,
    isVoid: order.totals.received[0] === 0,
  });
  closeFulfillmentOrders(store, order, at);
  if (made) return finish(store, order, made);
  reckon(order);
  return null;
}

/** Nothing is left on the order. */
export function empty(order) {
  for (const line of order.lines) line.currentQuantity = 0;
  order.isEmpty = true;
}

// ---- the steps of a refund ---------------------------------------------------------------------

function refundOf(order, createdAt, {note}) {
  const number = BigInt(order.refunds.length + 1);
  return {
    __typename: 'Refund',
    id: String(BigInt(order.id) + number * REFUND_STEP),
    order,
    createdAt,
    updatedAt: createdAt,
    note: note ?? null,
    isEdit: false,
    return: null,
    adjustment: NOTHING,
    adjustmentReason: null,
  };
}

/** The refund's lines; a unit costs what the units that leave last cost, so that all of them add up to the line. */
function linesOf(store, order, made, entries) {
  const left = new Map(order.lines.map(line => [line, line.currentQuantity]));
  return entries.map(({line: index, quantity, restock = 'RETURN', location}, i) => {
    const line = order.lines[index];
    if (!line) throw new Error(`refund: no line ${index}`);
    const now = left.get(line);
    if (!Number.isInteger(quantity) || quantity < 1 || quantity > now)
      throw new Error(`refund of line ${index}: want 1 to ${now} units; cannot refund more items than were purchased`);
    if (!RESTOCKS.includes(restock))
      throw new Error(`refund of line ${index}: restock: want one of ${RESTOCKS.join(', ')}`);
    left.set(line, now - quantity);
    return {
      __typename: 'RefundLineItem',
      id: String(BigInt(made.id) * 1000n + BigInt(i + 1)),
      order,
      lineItem: line,
      quantity,
      restock,
      location: restock === 'NO_RESTOCK' ? null : location === undefined ? line.location : store.locationBy(location),
      price: line.price,
      subtotal: less(valueOf(line, now), valueOf(line, now - quantity)),
      tax: less(taxOf(line, now), taxOf(line, now - quantity)),
    };
  });
}

/** An amount goes over the shipping lines in their order; {line} without an amount gives back all that is left. */
function shippingOf(order, made, given) {
  if (given === undefined || given === null) return [];
  const open = line => less(shippingValue(line), line.refunded);
  const entries = [];
  if (Array.isArray(given)) {
    for (const {line: index, amount} of given) {
      const line = order.shippingLines[index];
      if (!line || line.isRemoved) throw new Error(`refund.shipping: no shipping line ${index}`);
      entries.push([line, amount === undefined ? open(line) : sumOf(order.money, amount)]);
    }
  } else {
    let left = sumOf(order.money, given);
    for (const line of order.shippingLines.filter(isStaying)) {
      const share = [0, 1].map(i => Math.min(left[i], open(line)[i]));
      entries.push([line, share]);
      left = less(left, share);
    }
    if (left[0] > 0)
      throw new Error(`refund.shipping: only ${text(order, less(sumOf(order.money, given), left))} are left`);
  }
  return entries
    .filter(([, amount]) => !isNothing(amount))
    .map(([line, amount], i) => {
      const until = plus(line.refunded, amount);
      if (until[0] > shippingValue(line)[0]) throw new Error('refund.shipping: more than it cost');
      return {
        __typename: 'RefundShippingLine',
        id: String(BigInt(made.id) * 100n + BigInt(i + 1)),
        order,
        shippingLine: line,
        amount,
        tax: less(shippingTax(line, until), shippingTax(line, line.refunded)),
      };
    });
}

/** What a refund's lines and shipping are worth, with the taxes on top of them. */
function worthOf(order, {lines, shippingLines}) {
  const tax = plus(
    total(lines, line => line.tax),
    total(shippingLines, line => line.tax),
  );
  const amounts = plus(
    total(lines, line => line.subtotal),
    total(shippingLines, line => line.amount),
  );
  return order.taxesIncluded ? amounts : plus(amounts, tax);
}

/** Takes a refund's units and shipping off the order; units that nobody shipped yet need not be shipped any more. */
function takeOff(store, order, made, {withdraws = true} = {}) {
  for (const {lineItem: line, quantity, restock} of made.lines) {
    line.currentQuantity -= quantity;
    if (restock === 'CANCEL' || made.isEdit) line.cancelled = (line.cancelled ?? 0) + quantity;
  }
  for (const {shippingLine, amount} of made.shippingLines) shippingLine.refunded = plus(shippingLine.refunded, amount);
  if (!withdraws) return;
  for (const line of new Set(made.lines.map(entry => entry.lineItem))) {
    const cancelled = line.cancelled ?? 0;
    const returned = line.quantity - line.currentQuantity - cancelled;
    const open = Math.max(0, line.quantity - cancelled - Math.max(returned, fulfilledOf(line)));
    const excess = remainingOf(line) - open;
    if (excess > 0) withdraw(store, line, excess, made.createdAt);
  }
}

function finish(store, order, made) {
  order.refunds.push(made);
  store.put(made);
  reckon(order);
  settle(order);
  return made;
}

/** The same amount of the shop's money is the same sum: conversion must not leave a cent of the other currency. */
const exactly = (sum, ...known) => known.find(other => other[0] === sum[0]) ?? sum;

export const afterPayment = (store, order, at) => {
  if (order.totals.outstanding[0] > 0) return;
  shipGiftCards(store, order, at);
  settle(order);
};

const text = (order, sum) => `${unitsText(sum[0], order.money.shop.digits)} ${order.money.shop.code}`;

// What follows from an order's lines, refunds and payments: its totals, as sold and as they are now, and its
// financial state. Reckoned afresh after every change, never adjusted.
import {discountOf, shippingTax, shippingValue, taxOf, valueOf} from './orders.mjs';
import {NOTHING, isNothing, less, negative, part, plus, total} from './sums.mjs';

const isGoods = line => !line.tip;
export const isStaying = line => !line.isRemoved;

/**
 * Everything about an order's money that nobody wrote down; leaves it in `order.totals` and `order.financialStatus`. `kept` is no
 * figure of Shopify's: what a document of the order comes to elsewhere.
 */
export function reckon(order) {
  const before = soldTotals(order);
  const now = currentTotals(order);
  const paid = paidTotals(order);
  order.totals = {...before, ...now, ...paid};
  const {totals} = order;
  totals.net = less(totals.received, totals.refunded);
  // what a refund gave more or less than its lines are worth is settled with it
  const adjusted = total(order.refunds, refund => refund.adjustment);
  totals.outstanding = order.cancelledAt ? NOTHING : plus(less(now.currentTotal, totals.net), adjusted);
  const isGone = order.isEmpty && !order.refunds.some(refund => refund.transactions.length);
  const sold = less(less(totals.total, editedAway(order)), exchangedFor(order));
  totals.kept = isGone ? NOTHING : plus(sold, totals.paymentRounding);
  order.financialStatus = financialStatusOf(order);
}

/** The order with all its units, those that left it among them; shipping that an edit removed is not part of it. */
function soldTotals(order) {
  const shippingLines = order.shippingLines.filter(isStaying);
  const subtotal = total(order.lines.filter(isGoods), line => valueOf(line, line.quantity));
  const tips = total(
    order.lines.filter(line => line.tip),
    line => valueOf(line, line.quantity),
  );
  const shipping = total(shippingLines, shippingValue);
  const tax = plus(
    total(order.lines, line => taxOf(line, line.quantity)),
    total(shippingLines, line => total(line.taxLines, entry => entry.amount)),
  );
  const discounts = plus(total(order.lines, discountOf), total(shippingLines, discountOf));
  return {subtotal, tips, shipping, tax, discounts, total: sumUp(order, [subtotal, tips, shipping], tax)};
}

/** The order with the units that are still on it. */
function currentTotals(order) {
  const shippingLines = order.shippingLines.filter(isStaying);
  const now = line => valueOf(line, line.currentQuantity);
  const goods = total(order.lines.filter(isGoods), now);
  const tips = total(
    order.lines.filter(line => line.tip),
    now,
  );
  const shipping = total(shippingLines, line => less(shippingValue(line), line.refunded));
  const tax = plus(
    total(order.lines, line => taxOf(line, line.currentQuantity)),
    total(shippingLines, line => less(shippingTax(line, shippingValue(line)), shippingTax(line, line.refunded))),
  );
  const discounts = plus(
    total(order.lines, line => part(discountOf(line), line.currentQuantity, line.quantity)),
    total(shippingLines, discountOf),
  );
  return {
    currentSubtotal: goods,
    currentShipping: order.isEmpty ? NOTHING : shipping,
    currentTax: order.isEmpty ? NOTHING : tax,
    currentDiscounts: discounts,
    currentTotal: order.isEmpty ? NOTHING : sumUp(order, [goods, tips, shipping], tax),
  };
}

const feesOf = order => total(order.fees, fee => fee.amount);
const sumUp = (order, parts, tax) =>
  total([...parts, order.duties, feesOf(order), order.taxesIncluded ? NOTHING : tax]);

const succeeded = (order, ...kinds) =>
  order.transactions.filter(payment => payment.status === 'SUCCESS' && kinds.includes(payment.kind));

function paidTotals(order) {
  const received = succeeded(order, 'SALE', 'CAPTURE');
  const refunds = succeeded(order, 'REFUND');
  const isVoided = payment => order.transactions.some(other => other.kind === 'VOID' && other.parent === payment);
  const authorized = succeeded(order, 'AUTHORIZATION').filter(payment => !isVoided(payment));
  const captured = total(succeeded(order, 'CAPTURE'), payment => payment.amount);
  return {
    received: total(received, payment => payment.amount),
    refunded: total(refunds, payment => payment.amount),
    refundedShipping: total(order.refunds, refund => total(refund.shippingLines, line => line.amount)),
    capturable: authorized.length
      ? less(
          total(authorized, payment => payment.amount),
          captured,
        )
      : NOTHING,
    paymentRounding: total(received, payment => payment.rounding),
    refundRounding: total(refunds, payment => payment.rounding),
  };
}

/** What refunds took off an order without giving money back: edits, and the cancelling of an order nobody paid. */
const editedAway = order =>
  total(
    order.refunds.filter(refund => refund.isEdit),
    refund => refund.worth,
  );

/** What is given in exchange is sold by the refund's document, not by the order's. */
const exchangedFor = order =>
  total(
    order.returns.flatMap(entry => entry.exchange),
    ({lineItem: line}) =>
      plus(valueOf(line, line.quantity), order.taxesIncluded ? NOTHING : taxOf(line, line.quantity)),
  );

function financialStatusOf(order) {
  const {received, refunded, total: sold, outstanding, capturable} = order.totals;
  if (order.isExpired) return 'EXPIRED';
  if (received[0] === 0) {
    if (order.isVoid) return 'VOIDED';
    if (sold[0] === 0) return 'PAID';
    return capturable[0] > 0 ? 'AUTHORIZED' : 'PENDING';
  }
  if (refunded[0] > 0) return refunded[0] >= received[0] ? 'REFUNDED' : 'PARTIALLY_REFUNDED';
  return outstanding[0] > 0 ? 'PARTIALLY_PAID' : 'PAID';
}

export const isPaidInFull = order =>
  !order.isVoid && order.totals.outstanding[0] <= 0 && (order.totals.received[0] > 0 || order.totals.total[0] === 0);

export const returnStatusOf = order => {
  const has = (...states) => order.returns.some(entry => states.includes(entry.status));
  if (has('REQUESTED')) return 'RETURN_REQUESTED';
  if (has('OPEN')) return 'IN_PROGRESS';
  return has('CLOSED') ? 'RETURNED' : 'NO_RETURN';
};

/** The tax lines of the whole order, one per name and rate; `share(entry, tax)` is what an entry brings of one. */
export function taxLinesOf(order, isNow) {
  const found = new Map();
  const add = (tax, amount) => {
    const key = `${tax.title} ${tax.rate} ${tax.channelLiable}`;
    const entry = found.get(key) ?? {...tax, amount: NOTHING};
    entry.amount = plus(entry.amount, amount);
    found.set(key, entry);
  };
  for (const line of order.lines)
    for (const tax of line.taxLines)
      add(tax, isNow ? part(tax.amount, line.currentQuantity, line.quantity) : tax.amount);
  for (const line of order.shippingLines.filter(isStaying))
    for (const tax of line.taxLines) {
      const gone = isNow ? shippingTax({...line, taxLines: [tax]}, line.refunded) : NOTHING;
      add(tax, isNothing(gone) ? tax.amount : plus(tax.amount, negative(gone)));
    }
  return [...found.values()];
}

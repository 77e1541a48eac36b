// The money of an order: sales, authorizations and captures, refunds of them, voids; gift cards as payment, cash
// with its rounding. Only what succeeded counts in the totals.
import {NOTHING, isNothing, less, part, plus, sumOf, total} from './sums.mjs';
import {reckon} from './totals.mjs';

const MANUAL = new Set(['manual', 'cash', 'Bank Deposit', 'Cash on Delivery (COD)', 'Money Order']);
export const isManual = payment => payment.manual ?? MANUAL.has(payment.gateway);

/** What was paid when the order was placed: `payments` of its form, or what its `financialStatus` stands for. */
export function payAtFirst(store, order, form) {
  reckon(order);
  const status = form.financialStatus ?? 'PAID';
  if (form.payments) {
    for (const entry of form.payments) addPayment(store, order, entry);
  } else {
    const make = FIRST_PAYMENTS[status];
    if (!make) throw new Error(`financialStatus: want one of ${Object.keys(FIRST_PAYMENTS).join(', ')}, or payments`);
    if (!isNothing(order.totals.total)) for (const entry of make(order.totals.total)) addPayment(store, order, entry);
  }
  if (status === 'VOIDED') order.isVoid = true;
  if (status === 'EXPIRED') order.isExpired = true;
  if (form.cashRounding && order.transactions[0])
    order.transactions[0].rounding = sumOf(order.money, form.cashRounding);
  reckon(order);
}

const FIRST_PAYMENTS = {
  PAID: amount => [{kind: 'SALE', sum: amount}],
  PENDING: amount => [{kind: 'SALE', status: 'PENDING', sum: amount}],
  AUTHORIZED: amount => [{kind: 'AUTHORIZATION', sum: amount}],
  EXPIRED: amount => [{kind: 'AUTHORIZATION', sum: amount}],
  PARTIALLY_PAID: amount => [{kind: 'SALE', sum: part(amount, 1, 2)}],
  VOIDED: () => [],
};

/**
 * {kind, status, gateway, amount | sum, createdAt, parent: index, errorCode, message, rounding, card: {company, number, bin, avs,
 * cvv}, giftCard: {id, last}, manual, test}: one more transaction of an order.
 */
export function addPayment(store, order, entry) {
  const {giftCard = null, card = null} = entry;
  const payment = {
    __typename: 'OrderTransaction',
    id: order.transactions.length ? store.nextId('OrderTransaction') : String(BigInt(order.id) + 1_000_000_000_000n),
    order,
    kind: entry.kind ?? 'SALE',
    status: entry.status ?? 'SUCCESS',
    gateway: entry.gateway ?? (giftCard ? 'gift_card' : order.gateway),
    amount: entry.sum ?? sumOf(order.money, entry.amount),
    rounding: entry.rounding ? sumOf(order.money, entry.rounding) : NOTHING,
    processedAt: entry.createdAt ?? order.createdAt,
    parent: entry.parent === undefined ? null : (order.transactions[entry.parent] ?? entry.parent),
    refund: entry.refund ?? null,
    errorCode: entry.errorCode ?? null,
    message: entry.message ?? null,
    test: entry.test ?? order.test,
    card,
    giftCard,
    ...(entry.manual === undefined ? {} : {manual: entry.manual}),
  };
  order.transactions.push(payment);
  store.put(payment);
  return payment;
}

// ---- later -------------------------------------------------------------------------------------

/** The provider says that pending money came ({status: 'SUCCESS'}) or did not; {amount, gateway} pays a part of what is due. */
export function payLater(store, order, {at, status = 'SUCCESS', amount, gateway}) {
  const pending = order.transactions.find(entry => entry.kind === 'SALE' && entry.status === 'PENDING');
  if (pending && amount === undefined) Object.assign(pending, {status, processedAt: at});
  else {
    const sum = amount === undefined ? order.totals.outstanding : sumOf(order.money, amount);
    if (sum[0] <= 0) throw new Error('pay: nothing is outstanding');
    addPayment(store, order, {kind: 'SALE', sum, status, gateway, createdAt: at});
  }
  reckon(order);
}

/** orderMarkAsPaid: captures what is authorized, or enters what is due as received by hand. */
export function markAsPaid(store, order, {at}) {
  const {capturable, outstanding} = order.totals;
  if (capturable[0] > 0) return capture(store, order, {at});
  addPayment(store, order, {kind: 'SALE', sum: outstanding, gateway: 'manual', createdAt: at});
  return reckon(order);
}

/** {amount}: of what is authorized; without one all of it. */
export function capture(store, order, {at, amount}) {
  const {capturable} = order.totals;
  const sum = amount === undefined ? capturable : sumOf(order.money, amount);
  if (sum[0] <= 0 || sum[0] > capturable[0])
    throw new Error('capture: want more than 0 and at most what is authorized');
  const parent = order.transactions.find(entry => entry.kind === 'AUTHORIZATION' && entry.status === 'SUCCESS');
  addPayment(store, order, {kind: 'CAPTURE', sum, gateway: parent.gateway, parent, createdAt: at});
  reckon(order);
}

/** Lets go of what is authorized and not captured. */
export function voidAuthorization(store, order, at) {
  const parent = order.transactions.find(entry => entry.kind === 'AUTHORIZATION' && entry.status === 'SUCCESS');
  if (!parent || order.totals.capturable[0] <= 0) return;
  addPayment(store, order, {
    kind: 'VOID',
    sum: order.totals.capturable,
    gateway: parent.gateway,
    parent,
    createdAt: at,
  });
}

/** Gives `sum` back the way it came, latest payment first, gift cards last; answers the transactions. */
export function payBack(store, order, refund, {sum, status = 'SUCCESS', rounding, createdAt}) {
  const made = [];
  let left = sum;
  const sources = order.transactions.filter(
    entry => entry.status === 'SUCCESS' && ['SALE', 'CAPTURE'].includes(entry.kind),
  );
  sources.reverse().sort((a, b) => Number(a.giftCard !== null) - Number(b.giftCard !== null));
  for (const parent of sources) {
    const open = less(parent.amount, paidBackOf(order, parent));
    if (open[0] <= 0 || left[0] <= 0) continue;
    const share = left[0] >= open[0] ? open : left;
    left = less(left, share);
    made.push(
      addPayment(store, order, {
        kind: 'REFUND',
        status,
        sum: share,
        gateway: parent.gateway,
        giftCard: parent.giftCard,
        card: parent.card,
        manual: parent.manual,
        rounding: made.length === 0 ? rounding : undefined,
        parent,
        refund,
        createdAt,
      }),
    );
  }
  const last = made.at(-1);
  if (last) last.amount = plus(last.amount, left); // what the other currency's rounding leaves
  return made;
}

const paidBackOf = (order, parent) =>
  total(
    order.transactions.filter(
      entry => entry.kind === 'REFUND' && entry.parent === parent && entry.status !== 'FAILURE',
    ),
    entry => entry.amount,
  );

/** What can still be given back: received, less what was or is being given back. */
export const refundable = order =>
  less(
    order.totals.received,
    total(
      order.transactions.filter(entry => entry.kind === 'REFUND' && entry.status !== 'FAILURE'),
      entry => entry.amount,
    ),
  );

/** A pending refund goes through, or fails. */
export function settleRefund(store, order, {at, status = 'SUCCESS'}) {
  const pending = order.transactions.filter(entry => entry.kind === 'REFUND' && entry.status === 'PENDING');
  if (!pending.length) throw new Error('settle: no refund is pending');
  for (const payment of pending) {
    Object.assign(payment, {status, processedAt: at});
    Object.assign(payment.refund, {updatedAt: at});
  }
  reckon(order);
}

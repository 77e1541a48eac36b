// Shopify Payments of a store: the lines of its balance, the payouts that gather them, disputes. Lines of sales and
// refunds come from the orders' transactions when they are booked; all others, and lines that come late or out of
// order, are entered by hand. What is paid out, fails and is tried again is told by lines as well, so that the net of
// a payout is always the sum of its lines.
import {digitsOf, minorUnits, share} from '../lib/money.mjs';

const GATEWAY = 'shopify_payments';
export const TERMINAL = ['ACCEPTED', 'CHARGE_REFUNDED', 'LOST', 'PREVENTED', 'WON'];
const OPEN = ['NEEDS_RESPONSE', 'UNDER_REVIEW'];
const STATUSES = ['SCHEDULED', 'IN_TRANSIT', 'PAID', 'FAILED', 'CANCELED'];
const DAY = 86_400_000;

/** What the account of a world may say: null = the store has none. */
export const accountOf = (id, currency, form = {}) =>
  form === null
    ? null
    : {
        __typename: 'ShopifyPaymentsAccount',
        id,
        currencies: form.currencies ?? [currency],
        rate: form.rate ?? 29, // thousandths of what is charged
        flat: form.flat ?? '0.30',
        disputeFee: form.disputeFee ?? '15.00',
      };

function accountIn(store) {
  if (!store.payments) throw new Error('payments: this store has no Shopify Payments');
  return store.payments;
}

// ---- lines -------------------------------------------------------------------------------------

/** The side of a payment that it is settled in: the customer's where the account has that currency. */
function settled(account, {amount, order}) {
  const {shop, shown} = order.money;
  const side = account.currencies.includes(shown.code) ? 1 : 0;
  const {code, digits} = side ? shown : shop;
  return {currency: code, digits, units: amount[side]};
}

const isCharge = payment => ['SALE', 'CAPTURE'].includes(payment.kind);
const isSettled = payment =>
  payment.gateway === GATEWAY && payment.status === 'SUCCESS' && (isCharge(payment) || payment.kind === 'REFUND');

/** What Shopify keeps of a payment; nothing of a refund. */
export function feeOf(store, payment) {
  const account = store.payments;
  if (!account || !isSettled(payment) || !isCharge(payment)) return null;
  const {currency, digits, units} = settled(account, payment);
  return {currency, digits, units: share(units, account.rate, 1000) + minorUnits(account.flat, digits)};
}

function addLine(store, form) {
  const id = form.id ?? store.nextId('ShopifyPaymentsBalanceTransaction');
  if (store.get(`gid://shopify/ShopifyPaymentsBalanceTransaction/${id}`)) throw new Error(`id: line ${id} exists`);
  const line = {
    __typename: 'ShopifyPaymentsBalanceTransaction',
    test: false,
    fee: 0,
    sourceType: null,
    sourceId: null,
    sourceOrderTransactionId: null,
    adjustmentReason: null,
    order: null,
    payout: null,
    ...form,
    id,
  };
  store.put(line);
  return line;
}

/** Lines of all payments and refunds that have none yet; `backwards` gives the latest the lowest id. */
export function book(store, {backwards = false} = {}) {
  const account = accountIn(store);
  const booked = new Set(linesOf(store).map(line => line.sourceOrderTransactionId));
  const due = [...store.objects.values()]
    .filter(entry => entry.__typename === 'OrderTransaction' && isSettled(entry) && !booked.has(entry.id))
    .sort((a, b) => (a.processedAt < b.processedAt ? -1 : a.processedAt > b.processedAt ? 1 : a.id - b.id));
  if (backwards) due.reverse();
  return due.map(payment => {
    const {currency, units} = settled(account, payment);
    const charge = isCharge(payment);
    return addLine(store, {
      type: charge ? 'CHARGE' : 'REFUND',
      sourceType: charge ? 'CHARGE' : 'REFUND',
      sourceId: payment.id,
      sourceOrderTransactionId: payment.id,
      transactionDate: payment.processedAt,
      amount: charge ? units : -units,
      fee: feeOf(store, payment)?.units ?? 0,
      currency,
      order: payment.order,
      test: payment.test,
    });
  });
}

/** A line of any type, its amounts as text; with an `id` of its own it comes late, between others; `newer` = no schema knows its type yet. */
export function enterLine(store, form) {
  const account = accountIn(store);
  const currency = form.currency ?? account.currencies[0];
  const digits = digitsOf(currency);
  if (!/^[A-Z_]+$/.test(form.type ?? '')) throw new Error('type: wanted, as SHIPPING_LABEL');
  const order = form.order ? orderOf(store, form.order) : null;
  const payout = form.payout ? payoutOf(store, form.payout) : null;
  return addLine(store, {
    ...(form.id ? {id: String(form.id)} : {}),
    type: form.type,
    isNewer: form.newer === true,
    sourceType: form.sourceType ?? 'ADJUSTMENT',
    adjustmentReason: form.reason ?? null,
    transactionDate: form.at,
    amount: minorUnits(form.amount, digits),
    fee: minorUnits(form.fee ?? '0', digits),
    currency,
    order,
    payout,
  });
}

/** Another fee, amount or payout of a line than it had: what Shopify corrects late. */
export function correctLine(store, line, {fee, amount, payout}) {
  const digits = digitsOf(line.currency);
  if (fee !== undefined) line.fee = minorUnits(fee, digits);
  if (amount !== undefined) line.amount = minorUnits(amount, digits);
  if (payout !== undefined) line.payout = payout === null ? null : payoutOf(store, payout);
  store.put(line);
  return line;
}

const linesOf = store =>
  [...store.objects.values()].filter(entry => entry.__typename === 'ShopifyPaymentsBalanceTransaction');

export const netOf = line => line.amount - line.fee;
export const isTransfer = line => line.type === 'TRANSFER';

// ---- payouts -----------------------------------------------------------------------------------

/** Gathers the lines that no payout has, up to `until`, into one payout a currency; answers them. */
export function payOut(store, {at, until = null, status = 'SCHEDULED', trace = null, id = null}) {
  checkStatus(status);
  book(store);
  const due = linesOf(store).filter(line => !line.payout && (!until || line.transactionDate < until));
  const currencies = [...new Set(due.map(line => line.currency))].sort();
  return currencies.map(currency => {
    const lines = due.filter(line => line.currency === currency);
    const payout = {
      __typename: 'ShopifyPaymentsPayout',
      id: id === null ? store.nextId('ShopifyPaymentsPayout') : String(id),
      issuedAt: at,
      status,
      currency,
      trace,
      lines,
      net: lines.reduce((sum, line) => sum + netOf(line), 0),
    };
    for (const line of lines) {
      line.payout = payout;
      store.put(line);
    }
    store.put(payout);
    addLine(store, {
      type: 'TRANSFER',
      sourceType: 'TRANSFER',
      sourceId: payout.id,
      transactionDate: at,
      amount: -payout.net,
      currency,
      payout,
    });
    return payout;
  });
}

/** What becomes of a payout; the money of one that failed or was cancelled waits for the next. */
export function changePayout(store, payout, {at, status, trace}) {
  checkStatus(status);
  const isBack = ['FAILED', 'CANCELED'].includes(status);
  if (isBack && ['FAILED', 'CANCELED'].includes(payout.status)) throw new Error(`status: it is ${payout.status} already`);
  payout.status = status;
  if (trace !== undefined) payout.trace = trace;
  store.put(payout);
  if (isBack)
    addLine(store, {
      type: status === 'FAILED' ? 'TRANSFER_FAILURE' : 'TRANSFER_CANCEL',
      sourceType: 'TRANSFER',
      sourceId: payout.id,
      transactionDate: at,
      amount: payout.net,
      currency: payout.currency,
    });
  return payout;
}

function checkStatus(status) {
  if (!STATUSES.includes(status)) throw new Error(`status: want one of ${STATUSES.join(', ')}`);
}

const PARTS = {
  charges: line => line.type === 'CHARGE',
  refunds: line => line.type === 'REFUND',
  reservedFunds: line => line.type.startsWith('RESERVED_FUNDS'),
  retriedPayouts: line => ['TRANSFER_FAILURE', 'TRANSFER_CANCEL'].includes(line.type),
  advance: line => line.type.startsWith('ADVANCE'),
};

/** {charges: {gross, fee}, …}; what is of no other part is an adjustment. */
export function partsOf(payout) {
  const parts = Object.fromEntries([...Object.keys(PARTS), 'adjustments'].map(name => [name, {gross: 0, fee: 0}]));
  for (const line of payout.lines) {
    const name = Object.keys(PARTS).find(part => PARTS[part](line)) ?? 'adjustments';
    parts[name].gross += line.amount;
    parts[name].fee += line.fee;
  }
  return parts;
}

// ---- disputes ----------------------------------------------------------------------------------

/** The customer's bank asks (INQUIRY) or takes the money back (CHARGEBACK). */
export function openDispute(store, order, form) {
  const account = accountIn(store);
  const payment = order.transactions.find(entry => isSettled(entry) && isCharge(entry));
  if (!payment) throw new Error('dispute: nothing of this order was paid with Shopify Payments');
  const {currency, digits, units} = settled(account, payment);
  const dispute = {
    __typename: 'ShopifyPaymentsDispute',
    id: store.nextId('ShopifyPaymentsDispute'),
    type: form.type ?? 'CHARGEBACK',
    status: 'NEEDS_RESPONSE',
    amount: form.amount === undefined ? units : minorUnits(form.amount, digits),
    currency,
    reason: form.reason ?? 'FRAUDULENT',
    code: form.code ?? null,
    initiatedAt: form.at,
    evidenceDueBy: form.dueBy ?? new Date(Date.parse(form.at) + 10 * DAY).toISOString().replace('.000Z', 'Z'),
    evidenceSentOn: null,
    finalizedOn: null,
    order,
    payment,
  };
  if (!['INQUIRY', 'CHARGEBACK'].includes(dispute.type)) throw new Error('type: want INQUIRY or CHARGEBACK');
  store.put(dispute);
  if (dispute.type === 'CHARGEBACK') takeBack(store, dispute, form.at);
  return dispute;
}

function disputeLine(store, dispute, gives, form) {
  const digits = digitsOf(dispute.currency);
  const fee = minorUnits(accountIn(store).disputeFee, digits);
  return addLine(store, {
    sourceType: 'DISPUTE',
    sourceId: dispute.id,
    sourceOrderTransactionId: dispute.payment.id,
    currency: dispute.currency,
    order: dispute.order,
    ...form,
    fee: gives * fee,
  });
}

const takeBack = (store, dispute, at) =>
  disputeLine(store, dispute, 1, {type: 'DISPUTE_WITHDRAWAL', amount: -dispute.amount, transactionDate: at});

/** {status, type}: evidence is sent (UNDER_REVIEW), an inquiry becomes a chargeback, it ends. */
export function changeDispute(store, dispute, {at, status = dispute.status, type = dispute.type}) {
  if (TERMINAL.includes(dispute.status)) throw new Error(`dispute: it is ${dispute.status} already`);
  if (![...OPEN, ...TERMINAL].includes(status)) throw new Error(`status: want one of ${[...OPEN, ...TERMINAL].join(', ')}`);
  const escalates = type === 'CHARGEBACK' && dispute.type === 'INQUIRY';
  if (status === 'UNDER_REVIEW') dispute.evidenceSentOn ??= at;
  if (TERMINAL.includes(status)) dispute.finalizedOn = at;
  Object.assign(dispute, {status, type});
  store.put(dispute);
  if (escalates) takeBack(store, dispute, at);
  if (status === 'WON' && dispute.type === 'CHARGEBACK')
    disputeLine(store, dispute, -1, {type: 'DISPUTE_REVERSAL', amount: dispute.amount, transactionDate: at});
  return dispute;
}

// ---- by hand -----------------------------------------------------------------------------------

function recordOf(store, type, key) {
  const found = store.get(String(key).startsWith('gid:') ? key : `gid://shopify/${type}/${key}`);
  if (found?.__typename !== type) throw new Error(`no ${type} ${key} in this store`);
  return found;
}

const payoutOf = (store, key) => recordOf(store, 'ShopifyPaymentsPayout', key);
const orderOf = (store, key) => store.ordersByName(key)[0] ?? recordOf(store, 'Order', key);

/** All that happens to the money, as actions of a store: `at` is when. */
export const PAYMENT_ACTIONS = {
  /** {off: true} = the store has no Shopify Payments; {currencies, rate, flat, disputeFee} = how it settles. */
  setAccount(store, key, {off = false, ...form}) {
    store.payments = accountOf(store.id, store.currency, off ? null : form);
    return [];
  },
  book: (store, key, args) => book(store, args),
  enterLine: (store, key, args) => enterLine(store, {at: store.now(), ...args}),
  correctLine: (store, key, args) =>
    correctLine(store, recordOf(store, 'ShopifyPaymentsBalanceTransaction', args.id), args),
  payOut: (store, key, args) => payOut(store, {at: store.now(), ...args}),
  changePayout: (store, key, args) => changePayout(store, payoutOf(store, args.id), {at: store.now(), ...args}),
  openDispute: (store, key, args) => openDispute(store, orderOf(store, args.order), {at: store.now(), ...args}),
  changeDispute: (store, key, args) =>
    changeDispute(store, recordOf(store, 'ShopifyPaymentsDispute', args.id), {at: store.now(), ...args}),
};

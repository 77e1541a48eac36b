// From the simple form of an order (data/world.mjs, POST /_sandbox/orders) to the record the store
// keeps: discounts spread over lines, tax taken out of (or put on) prices, refunds applied, totals summed.
// All amounts in a record are whole pennies of the shop's currency.
import {pennies, share, taxInside} from '../lib/money.mjs';

const LINE_ID_FACTOR = 10_000; // 55…0001 → line 55…00010001: past 2^53, as real ids are

/**
 * `find.variant(id)` answers {variant, product} of the store's goods, or null.
 * Throws with the field's name when the form does not hold together.
 */
export function orderFrom(form, {id, number, name, now, find, store}) {
  const {currency} = store;
  const createdAt = form.createdAt ?? now;
  const order = {
    __typename: 'Order',
    id,
    number,
    name: form.name ?? name,
    createdAt,
    processedAt: form.processedAt ?? createdAt,
    updatedAt:
      form.updatedAt ??
      latest(createdAt, form.cancelledAt, form.closedAt, ...(form.refunds ?? []).map(refund => refund.createdAt)),
    cancelledAt: form.cancelledAt ?? null,
    cancelReason: form.cancelledAt ? (form.cancelReason ?? 'OTHER') : null,
    closedAt: form.closedAt ?? null,
    confirmed: form.confirmed ?? true,
    test: form.test ?? false,
    edited: form.edited ?? false,
    email: form.email ?? null,
    phone: form.phone ?? null,
    note: form.note ?? null,
    poNumber: form.poNumber ?? null,
    tags: [...(form.tags ?? [])].sort(),
    sourceName: form.sourceName ?? 'web',
    taxesIncluded: form.taxesIncluded ?? true,
    channelLiable: form.channelLiable ?? false,
    taxExempt: false,
    attributes: Object.entries(form.attributes ?? {}).map(([key, value]) => ({key, value})),
    currency,
    presentment: presentmentOf(form, currency),
    discountCodes: form.discountCode ? [form.discountCode] : [],
    customer: form.customer ?? null,
    company: form.company ?? null,
    shippingAddress: addressOf(form.shippingAddress, `${id}1`),
    billingAddress: addressOf(form.billingAddress ?? form.shippingAddress, `${id}2`),
    financialStatus: form.financialStatus ?? 'PAID',
    fulfillmentStatus: form.fulfillmentStatus ?? 'UNFULFILLED',
    gateway: form.gateway ?? 'shopify_payments',
    returnStatus: form.returnStatus ?? 'NO_RETURN',
    riskLevel: form.risk ?? null,
    cashRounding: pennies(form.cashRounding ?? 0),
    duties: pennies(form.duties ?? 0),
    additionalFees: pennies(form.additionalFees ?? 0),
    taxRate: form.taxRate ?? (form.shippingAddress && form.shippingAddress.countryCode !== 'GB' ? 0 : 20),
  };
  order.lines = (form.lines ?? []).map((line, i) => lineFrom(line, i, {order, find, store}));
  if (form.discount) spread(order.lines, pennies(form.discount), name);
  for (const line of order.lines) line.tax = line.taxable ? taxOf(order, netOf(line, line.quantity)) : 0;
  order.shippingLines = (form.shipping ?? []).map((line, i) => shippingFrom(line, i, order));
  order.refunds = [];
  order.totals = totalsOf(order);
  Object.assign(order.totals, currentTotals(order));
  order.transactions = paymentsOf(order);
  for (const refund of form.refunds ?? []) applyRefund(order, refund);
  if (order.cancelledAt) cancelLines(order);
  return order;
}

function lineFrom(line, i, {order, find, store}) {
  const where = `lines[${i}]`;
  const goods = line.variant ? find.variant(line.variant) : line.sku ? find.sku(line.sku) : null;
  if ((line.variant || line.sku) && !goods)
    throw new Error(`${where}: no variant ${line.variant ?? line.sku} in this store`);
  const title = line.title ?? goods?.product.title;
  if (!title) throw new Error(`${where}.title: wanted for a line without a variant`);
  if (!Number.isInteger(line.quantity) || line.quantity < 1)
    throw new Error(`${where}.quantity: want a whole number from 1`);
  const price = pennies(line.price ?? goods?.variant.price ?? 'none');
  const discount = pennies(line.discount ?? 0);
  if (price < 0 || discount < 0 || discount > price * line.quantity)
    throw new Error(`${where}.discount: want 0 to the line's amount`);
  return {
    __typename: 'LineItem',
    id: String(BigInt(order.id) * BigInt(LINE_ID_FACTOR) + BigInt(i + 1)),
    order,
    variant: goods?.variant ?? null,
    product: goods?.product ?? null,
    sku: goods?.variant.sku ?? line.sku ?? null,
    title,
    vendor: goods?.product.vendor ?? null,
    quantity: line.quantity,
    currentQuantity: line.currentQuantity ?? line.quantity,
    price,
    discounts: discount ? [{amount: discount, code: null}] : [],
    giftCard: line.giftCard ?? false,
    tip: line.tip ?? false,
    taxable: !(line.giftCard || line.tip),
    location: line.location === undefined ? (store.locations[0] ?? null) : find.location(line.location),
    deliveryMethod: line.deliveryMethod ?? 'SHIPPING',
    properties: Object.entries(line.properties ?? {}).map(([key, value]) => ({key, value})),
  };
}

function shippingFrom(line, i, order) {
  const price = pennies(line.price);
  const discount = pennies(line.discount ?? 0);
  if (discount < 0 || discount > price) throw new Error(`shipping[${i}].discount: want 0 to the price`);
  return {
    __typename: 'ShippingLine',
    id: String(BigInt(order.id) * 100n + BigInt(i + 1)),
    order,
    title: line.title,
    code: line.code ?? line.title,
    price,
    discounts: discount ? [{amount: discount, code: null}] : [],
    tax: taxOf(order, price - discount),
    isRemoved: line.isRemoved ?? false,
  };
}

/** Spreads an order's discount over its goods by value; the last of them takes what rounding leaves. */
function spread(lines, amount, code) {
  const goods = lines.filter(line => !line.giftCard && !line.tip);
  const value = goods.reduce((sum, line) => sum + grossOf(line), 0);
  if (amount === 0) return;
  if (amount > value) throw new Error('discount: more than the goods cost');
  let given = 0;
  let seen = 0;
  for (const line of goods) {
    seen += grossOf(line);
    const upToHere = share(amount, seen, value);
    if (upToHere > given) line.discounts.push({amount: upToHere - given, code});
    given = upToHere;
  }
}

const discountOf = entry => entry.discounts.reduce((sum, discount) => sum + discount.amount, 0);
const grossOf = line => line.price * line.quantity - discountOf(line);
/** What `quantity` units of a line cost after its discounts. */
const netOf = (line, quantity) => line.price * quantity - share(discountOf(line), quantity, line.quantity);

/** The tax on an amount: inside it when prices include taxes, on top of it otherwise. */
const taxOf = (order, amount) =>
  order.taxesIncluded ? taxInside(amount, order.taxRate) : share(amount, Math.round(order.taxRate * 100), 10_000);

const sumOf = (list, value) => list.reduce((total, entry) => total + value(entry), 0);

function totalsOf(order) {
  const shipping = sumOf(order.shippingLines, line => line.price - discountOf(line));
  const subtotal = sumOf(goodsOf(order), grossOf);
  const tips = sumOf(
    order.lines.filter(line => line.tip),
    grossOf,
  );
  const tax = sumOf(order.lines, line => line.tax) + sumOf(order.shippingLines, line => line.tax);
  const extras = order.duties + order.additionalFees + (order.taxesIncluded ? 0 : tax);
  const total = subtotal + shipping + tips + extras;
  return {
    subtotal,
    shipping,
    discounts: sumOf(order.lines, discountOf) + sumOf(order.shippingLines, discountOf),
    tax,
    tips,
    total,
    refunded: 0,
    refundedShipping: 0,
    received: order.financialStatus === 'PAID' ? total : 0,
  };
}

/** The same sums for what is left of the order after edits and refunds. */
function currentTotals(order) {
  const {totals} = order;
  const shipping = totals.shipping - totals.refundedShipping;
  const left = line => netOf(line, line.currentQuantity);
  const lineTax = line => share(line.tax, line.currentQuantity, line.quantity);
  const shippingTax = sumOf(order.shippingLines, line => line.tax);
  const tax = sumOf(order.lines, lineTax) + (totals.shipping ? share(shippingTax, shipping, totals.shipping) : 0);
  const extras = order.duties + order.additionalFees + (order.taxesIncluded ? 0 : tax);
  return {
    currentSubtotal: sumOf(goodsOf(order), left),
    currentTotal: sumOf(order.lines, left) + shipping + extras,
    currentDiscounts:
      sumOf(order.lines, line => share(discountOf(line), line.currentQuantity, line.quantity)) +
      sumOf(order.shippingLines, discountOf),
    currentTax: tax,
  };
}

const goodsOf = order => order.lines.filter(line => !line.tip);

function paymentsOf(order) {
  if (order.totals.total === 0 || !['PAID', 'PENDING'].includes(order.financialStatus)) return [];
  return [
    {
      __typename: 'OrderTransaction',
      id: String(BigInt(order.id) + 1_000_000_000_000n),
      order,
      kind: 'SALE',
      gateway: order.gateway,
      status: order.financialStatus === 'PAID' ? 'SUCCESS' : 'PENDING',
      amount: order.totals.total,
      processedAt: order.createdAt,
      refund: null,
    },
  ];
}

/**
 * Adds a refund: {createdAt, note, lines: [{line: index, quantity, restock, amount?}], shipping?: amount}. Goods come
 * back at the price they were sold at unless `amount` says otherwise. A refund of nothing is what Shopify makes of an
 * edit.
 */
export function applyRefund(order, form) {
  const number = order.refunds.length + 1;
  const refund = {
    __typename: 'Refund',
    id: String(BigInt(order.id) + BigInt(number) * 10_000_000_000_000n),
    order,
    createdAt: form.createdAt,
    updatedAt: form.createdAt,
    note: form.note ?? null,
    shipping: pennies(form.shipping ?? 0),
  };
  refund.lines = (form.lines ?? []).map((entry, i) => refundLine(order, refund, entry, i));
  const tax = sumOf(refund.lines, line => line.tax) + (order.taxesIncluded ? 0 : taxOf(order, refund.shipping));
  refund.total = sumOf(refund.lines, line => line.subtotal) + refund.shipping + (order.taxesIncluded ? 0 : tax);
  order.refunds.push(refund);
  const {totals} = order;
  totals.refunded += refund.total;
  totals.refundedShipping += refund.shipping;
  Object.assign(totals, currentTotals(order));
  if (refund.total > 0) {
    const [sale] = order.transactions;
    refund.transaction = {
      __typename: 'OrderTransaction',
      id: String(BigInt(refund.id) + 1_000_000_000_000n),
      order,
      kind: 'REFUND',
      gateway: order.gateway,
      status: 'SUCCESS',
      amount: refund.total,
      processedAt: form.createdAt,
      parent: sale ?? null,
      refund,
    };
    order.transactions.push(refund.transaction);
    order.financialStatus = totals.refunded >= totals.total ? 'REFUNDED' : 'PARTIALLY_REFUNDED';
  }
  order.updatedAt = latest(order.updatedAt, form.createdAt);
  return refund;
}

function refundLine(order, refund, entry, i) {
  const line = order.lines[entry.line];
  if (!line) throw new Error(`refund: no line ${entry.line}`);
  if (!(entry.quantity >= 1 && entry.quantity <= line.currentQuantity + (order.edited ? line.quantity : 0)))
    throw new Error(`refund of line ${entry.line}: want 1 to ${line.currentQuantity} units`);
  const isEdit = entry.amount !== undefined && pennies(entry.amount) === 0;
  if (!isEdit) line.currentQuantity -= entry.quantity;
  return {
    __typename: 'RefundLineItem',
    id: String(BigInt(refund.id) * 1000n + BigInt(i + 1)),
    lineItem: line,
    quantity: entry.quantity,
    restock: entry.restock ?? 'RETURN',
    order,
    price: line.price,
    subtotal: entry.amount !== undefined ? pennies(entry.amount) : netOf(line, entry.quantity),
    tax: isEdit ? 0 : share(line.tax, entry.quantity, line.quantity),
  };
}

/** Cancelling takes all units off the order; the money of a paid one goes back. */
export function cancelLines(order) {
  for (const line of order.lines) line.currentQuantity = 0;
  Object.assign(order.totals, {currentTotal: 0, currentSubtotal: 0, currentDiscounts: 0, currentTax: 0});
}

function presentmentOf(form, currency) {
  if (!form.presentment) return {currency, numerator: 1, denominator: 1};
  const [whole, fraction = ''] = String(form.presentment.rate).split('.');
  return {currency: form.presentment.currency, numerator: Number(whole + fraction), denominator: 10 ** fraction.length};
}

const addressOf = (address, id) => (address ? {__typename: 'MailingAddress', id, ...address} : null);
const latest = (...times) => times.filter(Boolean).sort().at(-1);
export {discountOf, netOf, taxOf};

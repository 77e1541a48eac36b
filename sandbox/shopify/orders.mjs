// From the simple form of an order (data/world.mjs, POST /_sandbox/orders) to the record the store keeps: lines,
// shipping, discounts spread over lines, tax taken out of (or put on) prices. What is paid stands in payments.mjs,
// what follows from all of it in totals.mjs.
import {isDefault, titleOf} from './catalogue.mjs';
import {NOTHING, currenciesOf, less, part, partBy, plus, sumOf, times, total} from './sums.mjs';
import {share} from '../lib/money.mjs';

const LINE_ID_FACTOR = 10_000; // 55…0001 → line 55…00010001: past 2^53, as real ids are
const PERCENT = 1_000_000; // tax rates are kept in millionths: 8.875 % is 88,750

const FIELDS = new Set(
  `id kind name createdAt processedAt updatedAt cancelledAt cancelReason closedAt confirmed test email phone note poNumber tags
  sourceName taxesIncluded taxExempt taxRate taxes channelLiable attributes presentment discount discountCode customer company staff
  paymentTerms shippingAddress billingAddress gateway risk dutiesIncluded duties additionalFees lines shipping payments financialStatus
  cashRounding fulfillmentStatus fulfilledAt fulfillments hold refunds history`.split(/\s+/),
);

/** Throws with the field's name when the form does not hold together. */
export function orderFrom(form, {id, number, name, now, store}) {
  const unknown = Object.keys(form).find(field => !FIELDS.has(field));
  if (unknown) throw new Error(`${unknown}: not a field of an order's form; its README names them`);
  const createdAt = form.createdAt ?? now;
  const order = {
    __typename: 'Order',
    id,
    number,
    name: form.name ?? name,
    createdAt,
    processedAt: form.processedAt ?? createdAt,
    updatedAt: form.updatedAt ?? latest(createdAt, form.cancelledAt, form.closedAt),
    cancelledAt: form.cancelledAt ?? null,
    cancelReason: form.cancelledAt ? (form.cancelReason ?? 'OTHER') : null,
    staffNote: null,
    closedAt: form.closedAt ?? null,
    confirmed: form.confirmed ?? true,
    test: form.test ?? false,
    edited: false,
    email: form.email ?? null,
    phone: form.phone ?? null,
    note: form.note ?? null,
    poNumber: form.poNumber ?? null,
    tags: [...(form.tags ?? [])].sort(),
    sourceName: form.sourceName ?? 'web',
    taxesIncluded: form.taxesIncluded ?? store.taxesIncluded ?? true,
    taxExempt: form.taxExempt ?? false,
    attributes: Object.entries(form.attributes ?? {}).map(([key, value]) => ({key, value})),
    money: currenciesOf(store.currency, form.presentment),
    discountCodes: form.discountCode ? [form.discountCode] : [],
    customer: form.customer ?? null,
    company: form.company ?? null,
    staff: form.staff ?? null,
    paymentTerms: form.paymentTerms ?? null,
    shippingAddress: addressOf(form.shippingAddress, `${id}1`),
    billingAddress: addressOf(form.billingAddress ?? form.shippingAddress, `${id}2`),
    gateway: form.gateway ?? 'shopify_payments',
    risk: riskOf(form.risk),
    taxes: taxesOf(form),
    dutiesIncluded: form.dutiesIncluded ?? false,
  };
  order.duties = sumOf(order.money, form.duties ?? 0);
  order.fees = feesOf(form, order);
  order.lines = (form.lines ?? []).map((line, i) => lineFrom(line, `lines[${i}]`, {order, store, index: i}));
  if (form.discount) spread(order.lines, sumOf(order.money, form.discount), form.discountCode ?? name);
  for (const line of order.lines) taxLine(order, line);
  order.shippingLines = (form.shipping ?? []).map((line, i) => shippingFrom(line, i, order));
  Object.assign(order, {refunds: [], returns: [], transactions: []});
  return order;
}

/** A line by its form; its place in the order gives its id. */
export function lineFrom(line, where, {order, store, index}) {
  const {find} = store;
  const goods = line.variant ? find.variant(line.variant) : line.sku ? find.sku(line.sku) : null;
  if ((line.variant || line.sku) && !goods)
    throw new Error(`${where}: no variant ${line.variant ?? line.sku} in this store`);
  const title = line.title ?? goods?.product.title;
  if (!title) throw new Error(`${where}.title: wanted for a line without a variant`);
  if (!Number.isInteger(line.quantity) || line.quantity < 1)
    throw new Error(`${where}.quantity: want a whole number from 1`);
  const price = sumOf(order.money, line.price ?? goods?.variant.price ?? 'none');
  const discount = sumOf(order.money, line.discount ?? 0);
  if (price[0] < 0 || discount[0] < 0 || discount[0] > price[0] * line.quantity)
    throw new Error(`${where}.discount: want 0 to the line's amount`);
  const giftCard = line.giftCard ?? goods?.product.isGiftCard ?? false;
  return {
    __typename: 'LineItem',
    id: String(BigInt(order.id) * BigInt(LINE_ID_FACTOR) + BigInt(index + 1)),
    order,
    variant: goods?.variant ?? null,
    product: goods?.product ?? null,
    variantTitle: goods && !isDefault(goods.product) ? titleOf(goods.variant) : null,
    sku: goods?.variant.sku ?? line.sku ?? null,
    title,
    vendor: goods?.product.vendor ?? null,
    quantity: line.quantity,
    currentQuantity: line.quantity,
    price,
    discounts: discount[0] ? [{amount: discount, code: null}] : [],
    giftCard,
    tip: line.tip ?? false,
    taxable: line.taxable ?? !(giftCard || line.tip),
    taxes: line.taxes || line.taxRate !== undefined ? taxesOf(line) : null,
    location: line.location === undefined ? (store.locations[0] ?? null) : find.location(line.location),
    deliveryMethod: line.deliveryMethod ?? 'SHIPPING',
    properties: Object.entries(line.properties ?? {}).map(([key, value]) => ({key, value})),
  };
}

/** The tax lines of a line for all its units, those that leave the order later among them. */
export function taxLine(order, line) {
  line.taxLines = line.taxable ? taxLinesOn(order, line.taxes ?? order.taxes, valueOf(line, line.quantity)) : [];
}

function shippingFrom(line, i, order) {
  const price = sumOf(order.money, line.price);
  const discount = sumOf(order.money, line.discount ?? 0);
  if (discount[0] < 0 || discount[0] > price[0]) throw new Error(`shipping[${i}].discount: want 0 to the price`);
  return {
    __typename: 'ShippingLine',
    id: String(BigInt(order.id) * 100n + BigInt(i + 1)),
    order,
    title: line.title,
    code: line.code ?? line.title,
    source: line.source ?? 'shopify',
    price,
    discounts: discount[0] ? [{amount: discount, code: null}] : [],
    taxLines: taxLinesOn(order, line.taxes ? taxesOf(line) : order.taxes, less(price, discount)),
    refunded: NOTHING,
    isRemoved: line.isRemoved ?? false,
  };
}

/** Spreads an order's discount over its goods by value; the last of them takes what rounding leaves. */
function spread(lines, amount, code) {
  const goods = lines.filter(line => !line.giftCard && !line.tip);
  const value = total(goods, line => valueOf(line, line.quantity));
  if (amount[0] > value[0]) throw new Error('discount: more than the goods cost');
  let given = NOTHING;
  let seen = NOTHING;
  for (const line of goods) {
    seen = plus(seen, valueOf(line, line.quantity));
    const upToHere = partBy(amount, seen, value);
    const own = less(upToHere, given);
    if (own[0] > 0 || own[1] > 0) line.discounts.push({amount: own, code});
    given = upToHere;
  }
}

export const discountOf = entry => total(entry.discounts, discount => discount.amount);

/** What the first `quantity` units of a line cost after its discounts: the difference of two is what units between cost. */
export const valueOf = (line, quantity) =>
  less(times(line.price, quantity), part(discountOf(line), quantity, line.quantity));

/** The tax on the first `quantity` units of a line. */
export const taxOf = (line, quantity) => total(line.taxLines, tax => part(tax.amount, quantity, line.quantity));

/** What shipping costs after its discounts, and the tax on a part of that. */
export const shippingValue = line => less(line.price, discountOf(line));
export const shippingTax = (line, amount) => {
  const whole = shippingValue(line);
  return total(line.taxLines, tax => partBy(tax.amount, amount, whole));
};

/** Tax on an amount by several rates: inside it when prices include taxes, on top of it otherwise. */
function taxLinesOn(order, taxes, amount) {
  const whole = order.taxesIncluded ? taxes.reduce((sum, tax) => sum + tax.rate, PERCENT) : PERCENT;
  return order.taxExempt
    ? []
    : taxes.map(tax => ({...tax, amount: amount.map(units => share(units, tax.rate, whole))}));
}

/** {taxRate: percent} or {taxes: [{title, rate: percent, channelLiable}]}; rates are kept in millionths. */
function taxesOf(form) {
  const channelLiable = form.channelLiable ?? false;
  const list =
    form.taxes ??
    (() => {
      const isHome = !form.shippingAddress || form.shippingAddress.countryCode === 'GB';
      const rate = form.taxRate ?? (isHome ? 20 : 0);
      return rate > 0 ? [{title: 'GB VAT', rate, channelLiable}] : [];
    })();
  return list.map(tax => ({
    title: tax.title ?? 'VAT',
    rate: Math.round(Number(tax.rate) * 10_000),
    channelLiable: tax.channelLiable ?? channelLiable,
  }));
}

/** `additionalFees` is an amount, or a list of {name, price}. */
function feesOf({additionalFees}, order) {
  if (!additionalFees) return [];
  const list = Array.isArray(additionalFees) ? additionalFees : [{name: 'Import fee', price: additionalFees}];
  return list
    .map(fee => ({name: fee.name ?? 'Fee', amount: sumOf(order.money, fee.price)}))
    .filter(fee => fee.amount[0] !== 0);
}

/** 'HIGH', or {recommendation, assessments: [{level, provider, facts: [{description, sentiment}]}]}. */
function riskOf(risk) {
  if (!risk) return null;
  return typeof risk === 'string' ? {assessments: [{level: risk, provider: null, facts: []}]} : risk;
}

const addressOf = (address, id) => (address ? {__typename: 'MailingAddress', id, ...address} : null);
const latest = (...times) => times.filter(Boolean).sort().at(-1);

// balance.mjs - compares what the simulated Shopify sold with what stands in the simulated ERP. Pure.
//
//   balance({orders, documents, shipments, reasons, …}) → the `balance` of the demo's summary
//     orders:    [{name, total, refunds, refunded, paid, fulfillments, fulfilled, returned}]  amounts as text, e.g. "127.43"; every
//                order the store holds now; total is what was sold, refunded what was given back (left out = nothing);
//                fulfilled and returned are units of goods
//     documents: [{external, kind, total, number, posted}]  every sales document; `external` is the order's name, of a
//                credit memo with "-R" and the refund's number behind it
//     shipments: [{number, external, units}]  every posted shipment; units of goods
//     reasons:   Map name → why cartage left the order, the document or the shipment alone
//     differing: Map name → why the total of the order's documents is not Shopify's
//     warnings:  Map name → why Shopify was told of other units than were shipped
//
// Both sides are read from the peers themselves, never from cartage: a balance of cartage's own figures
// would prove nothing. Only the reasons are cartage's, and a difference without one is `unexplained`.

const SCALE = 2; // the demo's currency is GBP; amounts with more decimals would not be comparable

function pennies(text) {
  const [, sign, whole, fraction = ''] = String(text).match(/^(-?)(\d+)(?:\.(\d+))?$/) ?? [];
  if (whole === undefined || /[1-9]/.test(fraction.slice(SCALE))) throw new Error(`"${text}" is no amount of two decimals`);
  return Number(`${sign}${whole}${fraction.slice(0, SCALE).padEnd(SCALE, '0')}`);
}

export function amountText(value) {
  const digits = String(Math.abs(value)).padStart(SCALE + 1, '0');
  return `${value < 0 ? '-' : ''}${digits.slice(0, -SCALE)}.${digits.slice(-SCALE)}`;
}

const sum = (values) => values.reduce((total, value) => total + value, 0);
const count = (table, reason) => { table[reason] = (table[reason] ?? 0) + 1; };

const isMemo = (document) => document.kind === 'credit_memo';
const orderOf = (document) => (isMemo(document) ? document.external.replace(/-R\d+$/, '') : document.external);
const valueOf = (document) => (isMemo(document) ? -pennies(document.total) : pennies(document.total));
const keptOf = (order) => pennies(order.total) - pennies(order.refunded ?? '0');

const ordersByName = (documents) => groupBy(documents, orderOf);
const missing = (order, documents = []) => keptOf(order) - sum(documents.map(valueOf));

/** The orders whose documents come to another total: cartage is to say why. */
export function differing({ orders, documents }) {
  const byOrder = ordersByName(documents);
  return orders.filter((order) => byOrder.has(order.name) && missing(order, byOrder.get(order.name)) !== 0);
}

export function balance({
  orders, documents, shipments = [], reasons, differing: whys = new Map(), warnings = new Map(), notShopData = {}, returns = {}, currency = 'GBP',
}) {
  const skips = {};
  const differences = {};
  const differ = (reason, name, amount) => {
    const entry = (differences[reason] ??= { orders: 0, amount: 0 });
    entry.orders += 1;
    entry.amount += amount;
    if (reason === 'unexplained') (entry.names ??= []).push(name);
  };

  const byOrder = ordersByName(documents);
  for (const order of orders) {
    const found = byOrder.get(order.name) ?? [];
    byOrder.delete(order.name);
    const amount = missing(order, found);
    const reason = whys.get(order.name) ?? reasons.get(order.name);
    const sales = found.filter((d) => !isMemo(d)).length;
    if (sales === 0) count(skips, reason ?? 'unexplained');
    // An order of nothing without a document changes no total, yet must have its reason.
    if (sales > 1) differ('unexplained', order.name, amount);
    else if (amount !== 0 || (sales === 0 && !reason)) differ(reason ?? 'unexplained', order.name, amount);
  }
  for (const [name, strays] of byOrder) differ('unexplained', name, -sum(strays.map(valueOf)));

  for (const entry of Object.values(differences)) entry.amount = amountText(entry.amount);
  const memos = documents.filter(isMemo);
  return {
    orders: orders.length,
    documents: documents.length - memos.length,
    refunds: sum(orders.map((o) => o.refunds ?? 0)),
    credit_memos: memos.length,
    skips,
    not_shop_data: notShopData,
    returns,
    shop_total: amountText(sum(orders.map(keptOf))),
    erp_total: amountText(sum(documents.map(valueOf))),
    shop_sold: amountText(sum(orders.map((o) => pennies(o.total)))),
    erp_sold: amountText(sum(documents.filter((d) => !isMemo(d)).map((d) => pennies(d.total)))),
    shop_refunded: amountText(sum(orders.map((o) => pennies(o.refunded ?? '0')))),
    erp_credited: amountText(sum(memos.map((d) => pennies(d.total)))),
    differences,
    currency,
    ...postingOf(orders, documents, reasons),
    ...shippingOf(orders, shipments, { reasons, warnings }),
  };
}

/** Documents that are posted, and why others are not. */
function postingOf(orders, documents, reasons) {
  const unposted = {};
  const paid = new Map(orders.map((order) => [order.name, order.paid]));
  for (const document of documents.filter((d) => !d.posted)) {
    const name = orderOf(document);
    const waits = paid.get(name) === false ? 'not paid yet' : 'unexplained';
    count(unposted, reasons.get(document.number) ?? reasons.get(name) ?? waits);
  }
  return { posted: documents.filter((d) => d.posted).length, unposted };
}

const unitsOf = (shipments) => sum(shipments.map((shipment) => shipment.units));
const shipmentsByOrder = (shipments) => groupBy(shipments, (shipment) => shipment.external);
/** Shipped, and not fulfilled; what was given back before need not be shipped any more. */
const openUnits = (order, shipments) => unitsOf(shipments) - (order.fulfilled ?? 0);
const isGivenBack = (order, open) => open >= 0 && open <= (order.returned ?? 0);

/** The orders that Shopify was told other units of than were shipped: cartage is to say why. */
export function shippedOtherwise({ orders, shipments }) {
  const byOrder = shipmentsByOrder(shipments);
  return orders.filter((order) => byOrder.has(order.name) && !isGivenBack(order, openUnits(order, byOrder.get(order.name))));
}

/** Shipments that Shopify was told of, and their units of goods. */
function shippingOf(orders, shipments, { reasons, warnings }) {
  const untold = {};
  const units = { shipped: 0, fulfilled: 0, given_back_first: 0, other: {}, unexplained: [] };
  const byOrder = shipmentsByOrder(shipments);
  let told = 0;
  for (const order of orders) {
    const made = byOrder.get(order.name) ?? [];
    byOrder.delete(order.name);
    if (made.length === 0) continue; // what people ship by hand at Shopify is none of the ERP's
    const isTold = order.fulfillments > 0;
    for (const shipment of made) {
      if (isTold && !reasons.has(shipment.number)) told += 1;
      else count(untold, reasons.get(shipment.number) ?? 'unexplained');
    }
    const open = openUnits(order, made);
    const why = warnings.get(order.name) ?? made.map((shipment) => reasons.get(shipment.number)).find(Boolean);
    units.shipped += unitsOf(made);
    units.fulfilled += order.fulfilled ?? 0;
    if (isGivenBack(order, open)) units.given_back_first += open;
    else if (why) units.other[why] = (units.other[why] ?? 0) + open;
    else units.unexplained.push(order.name);
  }
  for (const strays of byOrder.values()) for (const { number } of strays) count(untold, reasons.get(number) ?? 'unexplained');
  return {
    shipments: shipments.length,
    shipments_told: told,
    shipments_untold: untold,
    fulfillments: sum(orders.map((o) => o.fulfillments ?? 0)),
    units,
  };
}

// Node 18 and 20 have no Map.groupBy.
function groupBy(list, key) {
  const groups = new Map();
  for (const item of list) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

/** True when every difference has a reason and the totals differ by exactly those. */
export function closes(sheet) {
  const explained = sum(Object.values(sheet.differences).map((d) => pennies(d.amount)));
  return ![sheet.differences, sheet.skips, sheet.unposted, sheet.shipments_untold].some((table) => table.unexplained)
    && sheet.units.unexplained.length === 0
    && pennies(sheet.shop_total) - pennies(sheet.erp_total) === explained;
}

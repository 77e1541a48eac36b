// balance.mjs - compares what the simulated Shopify sold with what stands in the simulated ERP. Pure.
//
//   balance({orders, documents, reasons, notShopData}) → the `balance` of the demo's summary
//     orders:    [{name, total, refunds, refunded}]  amounts as text, e.g. "127.43"; every order the store holds now;
//                total is what was sold, refunded what was given back (left out = nothing)
//     documents: [{external, kind, total}]  every sales document; `external` is the order's name, of a credit memo with
//                "-R" and the refund's number behind it
//     reasons:   Map name → why cartage left the order alone, or why its document's total differs
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

export function balance({ orders, documents, reasons, notShopData = {}, currency = 'GBP' }) {
  const skips = {};
  const differences = {};
  const differ = (reason, name, amount) => {
    const entry = (differences[reason] ??= { orders: 0, amount: 0 });
    entry.orders += 1;
    entry.amount += amount;
    if (reason === 'unexplained') (entry.names ??= []).push(name);
  };

  const byOrder = groupBy(documents, orderOf);
  for (const order of orders) {
    const found = byOrder.get(order.name) ?? [];
    byOrder.delete(order.name);
    const amount = keptOf(order) - sum(found.map(valueOf));
    const reason = reasons.get(order.name);
    const sales = found.filter((d) => !isMemo(d)).length;
    if (sales === 0) count(skips, reason ?? 'unexplained');
    // An order of nothing without a document changes no total, yet must have its reason.
    if (sales > 1) differ('unexplained', order.name, amount);
    else if (amount !== 0 || (sales === 0 && !reason)) differ(reason ?? 'unexplained', order.name, amount);
  }
  for (const [name, strays] of byOrder) differ('unexplained', name, -sum(strays.map(valueOf)));

  for (const entry of Object.values(differences)) entry.amount = amountText(entry.amount);
  return {
    orders: orders.length,
    documents: documents.filter((d) => !isMemo(d)).length,
    refunds: sum(orders.map((o) => o.refunds ?? 0)),
    credit_memos: documents.filter(isMemo).length,
    skips,
    not_shop_data: notShopData,
    shop_total: amountText(sum(orders.map(keptOf))),
    erp_total: amountText(sum(documents.map(valueOf))),
    differences,
    currency,
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
  return !sheet.differences.unexplained && !sheet.skips.unexplained
    && pennies(sheet.shop_total) - pennies(sheet.erp_total) === explained;
}

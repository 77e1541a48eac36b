// peers.mjs - what the two simulated peers hold, in the form that the balance takes.
import { amountText } from './balance.mjs';

// Shopify shows "#1001"; the number without its prefix is what both sides can agree on.
const plain = (name) => String(name).replace(/^#/, '');

const sum = (values) => values.reduce((total, value) => total + value, 0);
// Only goods are shipped on both sides: a gift card ships itself, a line without a product is an account's there.
const goodsOf = (order) => order.lines.filter((line) => line.variant && !line.giftCard);
const PAID = ['PAID', 'PARTIALLY_REFUNDED', 'REFUNDED'];

export function fulfilmentOf(order) {
  const goods = new Set(goodsOf(order).map((line) => line.id));
  const giftCards = new Set(order.lines.filter((line) => line.giftCard).map((line) => line.id));
  const made = order.fulfillments
    .filter((fulfillment) => fulfillment.status === 'SUCCESS')
    .map(({ lines }) => lines.filter((line) => !giftCards.has(line.lineItem)))
    .filter((lines) => lines.length > 0);
  return { fulfillments: made.length, fulfilled: sum(made.flat().filter((line) => goods.has(line.lineItem)).map((line) => line.quantity)) };
}

export async function ordersOf(shopify) {
  const { stores } = await shopify.get('dump');
  return stores.flatMap((store) => store.objects).filter((object) => object.__typename === 'Order').map((order) => ({
    // What a document of the order is about: edits count, but a refund is a document of its own, which also sells what an exchange gives. Cash counts as it was rounded.
    name: plain(order.name), id: order.id, refunds: order.refunds.filter((refund) => !refund.isEdit).length,
    total: amountText(order.totals.kept), refunded: amountText(order.totals.refunded + order.totals.refundRounding),
    paid: PAID.includes(order.financialStatus), ...fulfilmentOf(order),
    returned: sum(goodsOf(order).map((line) => line.quantity - line.currentQuantity)),
  }));
}

export async function documentsOf(erp) {
  const { documents } = await erp.get('documents');
  return documents.map(({ kind, number, status, ...document }) => ({
    kind, number, posted: kind !== 'order' && status !== 'Draft',
    external: plain(document.externalDocumentNumber), total: String(document.totalAmountIncludingTax),
  }));
}

export async function shipmentsOf(erp) {
  const { shipments } = await erp.get('shipments');
  return shipments.map(({ number, externalDocumentNumber, lines }) => ({
    number, external: plain(externalDocumentNumber),
    units: sum(lines.filter((line) => line.lineType === 'Item').map((line) => Number(line.quantity))),
  }));
}

const NO_CHANGE = ['order', 'bulkOperationRunQuery']; // placed on the admin side; only reads

/** Changes that somebody made at Shopify through its API. */
export async function effectCount(shopify) {
  const { effects } = await shopify.get('ledger');
  return effects.filter(({ kind }) => !NO_CHANGE.includes(kind)).length;
}

/** Record → why it was left alone: an order, a refund of it, a document, a shipment; cartage names a record by its name or its id. */
export function reasonsOf(orders, skips) {
  const nameOf = new Map(orders.map((order) => [String(order.id), order.name]));
  const record = (skip) => plain(skip.record).replace(/^.*\//, '').replace(/-R\d+$/, '');
  return new Map(skips.map((skip) => [nameOf.get(record(skip)) ?? record(skip), skip.reason]));
}

/** What cartage tells of each of these orders: why its totals differ, and what its shipments could not tell Shopify. */
export async function storiesOf(api, orders) {
  const differing = new Map();
  const warnings = new Map();
  for (const { id, name } of orders) {
    const { totals = {}, refunds = [], shipments = [] } = await api.get(`orders/${id}`);
    const reason = [totals, ...refunds].map((part) => part.difference_reason).find(Boolean);
    const warning = shipments.map((shipment) => shipment.warning).find(Boolean);
    if (reason) differing.set(name, reason);
    if (warning) warnings.set(name, warning.replace(/[; ]+$/, ''));
  }
  return { differing, warnings };
}

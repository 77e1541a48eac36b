// peers.mjs - what the two simulated peers hold, in the form that the balance takes.
import { amountText } from './balance.mjs';

// Shopify shows "#1001"; the number without its prefix is what both sides can agree on.
const plain = (name) => String(name).replace(/^#/, '');

export async function ordersOf(shopify) {
  const { stores } = await shopify.get('dump');
  return stores.flatMap((store) => store.objects).filter((object) => object.__typename === 'Order').map((order) => ({
    // What a document of the order is about: edits count, but a refund is a document of its own, which also sells what an exchange gives. Cash counts as it was rounded.
    name: plain(order.name), id: order.id, refunds: order.refunds.filter((refund) => !refund.isEdit).length,
    total: amountText(order.totals.kept), refunded: amountText(order.totals.refunded + order.totals.refundRounding),
  }));
}

export async function documentsOf(erp) {
  const { documents } = await erp.get('documents');
  return documents.map((document) => ({
    kind: document.kind, external: plain(document.externalDocumentNumber), total: String(document.totalAmountIncludingTax),
  }));
}

/** Changes that somebody made at Shopify through its API; orders that the admin side placed are none. */
export async function effectCount(shopify) {
  const { effects } = await shopify.get('ledger');
  return effects.filter((effect) => effect.kind !== 'order').length;
}

/** Order → why it, or a refund of it, was left alone; cartage names the record by the order's name or by its id. */
export function reasonsOf(orders, skips) {
  const byRecord = new Map(skips.map((skip) => [plain(skip.record).replace(/^.*\//, '').replace(/-R\d+$/, ''), skip.reason]));
  return new Map(orders.flatMap((order) => {
    const reason = byRecord.get(order.name) ?? byRecord.get(String(order.id));
    return reason ? [[order.name, reason]] : [];
  }));
}

// The reference documents that concern orders, where they are at hand: each is answered with data, at the price it
// names, and none of them meets anything that is not simulated.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {ROOT, startPeer} from './peer.mjs';

const FOLDER = process.env.SHOPIFY_QUERIES ?? path.join(ROOT, '../shared/shopify/queries');
const SINCE = "updated_at:>='2026-10-20T00:00:00Z'";

/** Document → its variables, from one order that everything happened to. */
const DOCUMENTS = {
  'fulfillment-orders-delta': () => ({query: SINCE, includeClosed: true}),
  'fulfillment-orders-of-order': ({id}) => ({id}),
  'fulfillments-of-order': ({id}) => ({id}),
  'locations-list': () => ({}),
  'order-detail': ({id}) => ({id}),
  'order-lines-page': ({id}) => ({id, first: 250}),
  'order-refund': ({refund}) => ({id: refund}),
  'order-returns': ({id}) => ({id}),
  'order-transactions': ({id}) => ({id}),
  'orders-by-ids': ({id}) => ({ids: [id]}),
  'orders-delta': () => ({query: SINCE}),
  'shop-info': () => ({}),
  'customers-by-ids': () => ({ids: ['gid://shopify/Customer/7300000000003']}),
  'api-versions': () => ({}),
  'tags-add': ({id}) => ({id, tags: ['seen']}),
  'fulfillment-request-accept': ({requested}) => ({id: requested}),
  'fulfillment-create': ({open}) => ({fulfillment: {lineItemsByFulfillmentOrder: [{fulfillmentOrderId: open}]}}),
  'fulfillment-tracking-update': ({made}) => ({id: made, tracking: {number: '1', company: 'UPS'}}),
  'fulfillment-cancel': ({made}) => ({id: made}),
  'order-mark-paid': ({unpaid}) => ({id: unpaid}),
  'order-close': ({id}) => ({id}),
  'staged-uploads-create': () => ({
    input: [{resource: 'BULK_MUTATION_VARIABLES', filename: 'a', mimeType: 'text/jsonl', httpMethod: 'POST'}],
  }),
  'bulk-list': () => ({}),
};

/** An order with a part shipped, a refund and a request; another that waits for its money. */
async function things(client) {
  const order = await client.admin('POST', 'orders', {
    customer: '7300000000003',
    lines: [
      {sku: '1896-S', quantity: 2, price: '10.00'},
      {sku: '1900-S', quantity: 1, price: '20.00', location: 'High Street Shop'},
      {sku: '1906-S', quantity: 1, price: '5.00', location: 'ERP Warehouse'},
    ],
    shipping: [{title: 'Standard', price: '4.95'}],
  });
  const key = order.id.split('/').at(-1);
  await client.admin('POST', `orders/${key}/fulfil`, {lines: [{line: 0}]});
  await client.admin('POST', `orders/${key}/request`);
  const {refund} = await client.admin('POST', `orders/${key}/refund`, {
    lines: [{line: 0, quantity: 1}],
    shipping: '1.00',
  });
  const text = `query ($id: ID!) { order(id: $id) { fulfillments { id } fulfillmentOrders(first: 10) { nodes { id status requestStatus } } } }`;
  const {fulfillments, fulfillmentOrders} = (await client.ask(text, {id: order.id})).data.order;
  const unpaid = await client.admin('POST', 'orders', {
    lines: [{sku: '1896-S', quantity: 1}],
    financialStatus: 'PENDING',
  });
  return {
    id: order.id,
    refund,
    made: fulfillments[0].id,
    open: fulfillmentOrders.nodes.find(fo => fo.status === 'OPEN' && fo.requestStatus === 'UNSUBMITTED').id,
    requested: fulfillmentOrders.nodes.find(fo => fo.requestStatus === 'SUBMITTED').id,
    unpaid: unpaid.id,
  };
}

test('every reference document about orders is answered', async t => {
  if (!fs.existsSync(FOLDER))
    return t.skip(`no reference documents in ${FOLDER} (SHOPIFY_QUERIES names another folder)`);
  const client = await startPeer(t);
  const found = await things(client);
  for (const [name, variables] of Object.entries(DOCUMENTS))
    await t.test(name, async () => {
      const text = fs.readFileSync(path.join(FOLDER, `${name}.graphql`), 'utf8');
      const {data, extensions} = await client.ask(text, variables(found));
      for (const root of Object.values(data)) {
        assert.ok(root, 'no data');
        assert.deepEqual(root.userErrors ?? [], []);
      }
      if (!/first=/.test(text.split('\n')[0]) || !/first/.test(JSON.stringify(variables(found))))
        assert.equal(extensions.cost.requestedQueryCost, Number(/^# cost (\d+)/.exec(text)[1]));
    });
});

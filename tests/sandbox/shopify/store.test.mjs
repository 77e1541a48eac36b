// What the store promises: a late index, time that never goes back, cursors that hold, changes that are kept.
import assert from 'node:assert/strict';
import path from 'node:path';
import {test} from 'node:test';
import {folderOf} from '../end.mjs';
import {world} from '../../../sandbox/data/world.mjs';
import {Shopify} from '../../../sandbox/shopify/server.mjs';
import {documentText, readOrder, startPeer} from './peer.mjs';

const newest = async (client, first = 1) =>
  (await client.ask(`{ orders(first: ${first}, sortKey: UPDATED_AT, reverse: true) { nodes { id name updatedAt } } }`))
    .data.orders.nodes;
const SIMPLE = {lines: [{sku: '1896-S', quantity: 2, price: '10.00'}], shipping: [{title: 'Standard', price: '4.95'}]};

test('searches see a change after the lag, reads by id at once', async t => {
  const client = await startPeer(t, {indexLag: 3_600_000});
  const {id, name} = await client.admin('POST', 'orders', SIMPLE);
  assert.equal(name, '#1241');
  assert.equal((await client.ask('query ($id: ID!) { order(id: $id) { name } }', {id})).data.order.name, '#1241');
  assert.notEqual((await newest(client))[0].name, name, 'not in the index yet');
  await client.admin('POST', 'time', {bucket_ms: 3_000_000});
  assert.notEqual((await newest(client))[0].name, name);
  await client.admin('POST', 'time', {bucket_ms: 600_000});
  assert.equal((await newest(client))[0].name, name);
  const second = await client.admin('POST', 'orders', SIMPLE);
  await client.admin('POST', 'time', {business: '2026-11-03T00:00:00Z'});
  assert.equal((await newest(client))[0].name, second.name, 'a jump of business time leaves the lag behind');
});

test('every change moves updatedAt, never backwards', async t => {
  const client = await startPeer(t);
  const id = 'gid://shopify/Order/5500000000003';
  const updatedAt = async () =>
    (await client.ask('query ($id: ID!) { order(id: $id) { updatedAt } }', {id})).data.order.updatedAt;
  let before = await updatedAt();
  const changes = [
    () => client.ask(documentText('tags-add'), {id, tags: ['one']}),
    () => client.ask(documentText('order-update'), {id, customAttributes: [{key: 'a', value: 'b'}]}),
    () => client.ask(documentText('order-close'), {id}),
    () => client.admin('POST', 'orders/5500000000003', {note: 'hello'}),
    () => client.admin('POST', 'orders/%231004/refund', {lines: [{line: 0, quantity: 1}]}),
    () => client.admin('POST', 'orders/5500000000003/cancel', {reason: 'INVENTORY'}),
  ];
  for (const [i, change] of changes.entries()) {
    await client.admin('POST', 'time', {business: `2026-11-02T1${i}:00:00Z`});
    await change();
    const after = await updatedAt();
    assert.ok(after >= `2026-11-02T1${i}:00:00Z` && after > before, `${after} after ${before}`);
    assert.equal((await newest(client))[0].id, id, 'at the end of the walk');
    before = after;
  }
  await assert.rejects(client.admin('POST', 'time', {business: '2026-11-01T00:00:00Z'}), /never goes back/);
});

test('orderUpdate replaces all attributes; setting the same twice is the same', async t => {
  const client = await startPeer(t);
  const id = 'gid://shopify/Order/5500000000000';
  const set = list => client.ask(documentText('order-update'), {id, customAttributes: list});
  await set([
    {key: 'a', value: '1'},
    {key: 'b', value: '2'},
  ]);
  await set([{key: 'BC Doc. No.', value: '101005'}]);
  await set([{key: 'BC Doc. No.', value: '101005'}]);
  const {data} = await client.ask('query ($id: ID!) { order(id: $id) { customAttributes { key value } } }', {id});
  assert.deepEqual(data.order.customAttributes, [{key: 'BC Doc. No.', value: '101005'}]);
  const {effects} = await client.admin('GET', 'ledger');
  assert.deepEqual(
    effects.map(effect => [effect.n, effect.kind, effect.name]),
    [
      [1, 'orderUpdate', '#1001'],
      [2, 'orderUpdate', '#1001'],
      [3, 'orderUpdate', '#1001'],
    ],
  );
});

test('a walk by cursor sees every order once, and holds against orders that come and move', async t => {
  const client = await startPeer(t);
  const seen = [];
  let after = null;
  do {
    const {data} = await client.ask(
      'query ($after: String) { orders(first: 50, sortKey: UPDATED_AT, after: $after) { nodes { name updatedAt } pageInfo { hasNextPage endCursor } } }',
      {after},
    );
    seen.push(...data.orders.nodes);
    after = data.orders.pageInfo.hasNextPage ? data.orders.pageInfo.endCursor : null;
    if (seen.length === 100) {
      await client.admin('POST', 'orders', SIMPLE);
      await client.admin('POST', 'orders/%231002', {note: 'seen already, and now at the end'});
    }
  } while (after);
  assert.equal(seen.length, 242);
  assert.equal(new Set(seen.map(node => node.name)).size, 241);
  assert.deepEqual(
    seen.map(node => node.updatedAt),
    seen.map(node => node.updatedAt).sort(),
  );
});

test('right after a write a full page may promise a next one that is empty', async t => {
  const client = await startPeer(t, {indexLag: 3_600_000});
  const page = async after => {
    const query =
      'query ($after: String) { orders(first: 240, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }';
    return (await client.ask(query, {after})).data.orders;
  };
  assert.equal((await page(null)).pageInfo.hasNextPage, false);
  await client.admin('POST', 'orders', SIMPLE);
  const full = await page(null);
  assert.deepEqual([full.nodes.length, full.pageInfo.hasNextPage], [240, true]);
  assert.deepEqual(await page(full.pageInfo.endCursor), {nodes: [], pageInfo: {hasNextPage: false, endCursor: null}});
});

test('pages backwards, edges and nested pages with ids past 2^53', async t => {
  const client = await startPeer(t);
  const id = 'gid://shopify/Order/5500000000017';
  const page = async args =>
    (
      await client.ask(
        `query ($id: ID!) { order(id: $id) { lineItems(${args}) { edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`,
        {id},
      )
    ).data.order.lineItems;
  const all = (await page('first: 250')).edges.map(edge => edge.node.id);
  assert.equal(all.length, 60);
  assert.ok(Number(all[0].split('/').at(-1)) > Number.MAX_SAFE_INTEGER);
  const first = await page('first: 25');
  const second = await page(`first: 25, after: "${first.pageInfo.endCursor}"`);
  const third = await page(`first: 25, after: "${second.pageInfo.endCursor}"`);
  assert.deepEqual(
    [...first.edges, ...second.edges, ...third.edges].map(edge => edge.node.id),
    all,
  );
  assert.deepEqual(
    [
      first.pageInfo.hasNextPage,
      third.pageInfo.hasNextPage,
      first.pageInfo.hasPreviousPage,
      third.pageInfo.hasPreviousPage,
    ],
    [true, false, false, true],
  );
  const last = await page(`last: 5, before: "${third.edges[0].cursor}"`);
  assert.deepEqual(
    last.edges.map(edge => edge.node.id),
    all.slice(45, 50),
  );
  const reversed = await page('first: 2, reverse: true');
  assert.deepEqual(
    reversed.edges.map(edge => edge.node.id),
    all.slice(-2).reverse(),
  );
  const cursor = JSON.parse(Buffer.from(first.edges[0].cursor, 'base64').toString());
  assert.deepEqual(Object.keys(cursor), ['last_id', 'last_value']);
});

test('orders placed by hand: amounts, discounts, tax, refunds, cancelling', async t => {
  const client = await startPeer(t);
  const {id} = await client.admin('POST', 'orders', {
    email: 'someone@example.com',
    lines: [
      {sku: '1896-S', quantity: 3, price: '10.00', discount: '3.00'},
      {sku: '1900-S', quantity: 1, price: '20.01'},
      {title: 'Tip', quantity: 1, price: '2.00', tip: true},
    ],
    shipping: [{title: 'Express', price: '9.50', discount: '1.00'}],
    discount: '10.00',
    discountCode: 'TEN',
  });
  const read = () => readOrder(client, id);
  const amount = set => set.shopMoney.amount;
  let order = await read();
  // goods 27.00 and 20.01; 10.00 off: 5.74 and 4.26; shipping 8.50, tip 2.00
  assert.deepEqual(
    order.lineItems.nodes.map(line => line.discountAllocations.map(entry => amount(entry.allocatedAmountSet))),
    [['3.0', '5.74'], ['4.26'], []],
  );
  assert.deepEqual(
    [
      order.subtotalPriceSet,
      order.totalShippingPriceSet,
      order.totalDiscountsSet,
      order.totalTipReceivedSet,
      order.totalPriceSet,
    ].map(amount),
    ['37.01', '8.5', '14.0', '2.0', '47.51'],
  );
  // 20 % inside 21.26, 15.75 and 8.50
  assert.deepEqual(
    [...order.lineItems.nodes.map(line => line.taxLines.map(tax => amount(tax.priceSet))), amount(order.totalTaxSet)],
    [['3.54'], ['2.63'], [], '7.59'],
  );
  assert.deepEqual(
    order.transactions.map(payment => [payment.kind, payment.status, amount(payment.amountSet)]),
    [['SALE', 'SUCCESS', '47.51']],
  );

  await client.admin('POST', `orders/${encodeURIComponent(order.name)}/refund`, {
    lines: [{line: 0, quantity: 1}],
    shipping: '2.00',
  });
  order = await read();
  // a third of 21.26 is 7.09 after rounding the discount's share
  assert.deepEqual(
    order.refunds.map(refund => amount(refund.totalRefundedSet)),
    ['9.09'],
  );
  assert.deepEqual(
    [
      order.displayFinancialStatus,
      amount(order.currentTotalPriceSet),
      amount(order.totalPriceSet),
      order.lineItems.nodes[0].currentQuantity,
    ],
    ['PARTIALLY_REFUNDED', '38.42', '47.51', 2],
  );

  await client.admin('POST', `orders/${order.legacyResourceId}/cancel`, {reason: 'FRAUD'});
  order = await read();
  assert.deepEqual(
    [order.cancelReason, amount(order.currentTotalPriceSet), order.lineItems.nodes.map(line => line.currentQuantity)],
    ['FRAUD', '0.0', [0, 0, 0]],
  );

  for (const [form, message] of [
    [{lines: [{sku: 'NOPE', quantity: 1}]}, /lines\[0\]: no variant NOPE/],
    [{lines: [{sku: '1896-S', quantity: 0}]}, /lines\[0\].quantity/],
    [{lines: [{quantity: 1, price: '1.00'}]}, /lines\[0\].title/],
    [{lines: [], customer: '17'}, /customer: no customer 17/],
    [{lines: [], discount: '1.00'}, /discount: more than/],
  ])
    await assert.rejects(client.admin('POST', 'orders', form), message);
});

test('orders of the rare kinds show what makes them so', async t => {
  const client = await startPeer(t);
  const {id} = await client.admin('POST', 'orders', {
    ...SIMPLE,
    taxesIncluded: false,
    channelLiable: true,
    risk: 'HIGH',
    duties: '5.00',
    additionalFees: '1.50',
    cashRounding: '0.02',
    gateway: 'gift_card',
    company: {id: '1', locationId: '2', contactId: '3'},
  });
  const order = await readOrder(client, id);
  const amount = set => set.shopMoney.amount;
  // 20.00 and 4.95 net, 20 % on top: 4.00 and 0.99
  assert.deepEqual(
    [order.taxesIncluded, amount(order.totalTaxSet), amount(order.totalPriceSet), amount(order.currentTotalPriceSet)],
    [false, '4.99', '36.44', '36.44'],
  );
  const extras = [
    order.currentTotalDutiesSet,
    order.currentTotalAdditionalFeesSet,
    order.totalCashRoundingAdjustment.paymentSet,
  ];
  assert.deepEqual(extras.map(amount), ['5.0', '1.5', '0.02']);
  assert.deepEqual(order.risk, {recommendation: 'CANCEL', assessments: [{riskLevel: 'HIGH'}]});
  assert.equal(order.taxLines[0].channelLiable, true);
  assert.equal(order.transactions[0].gateway, 'gift_card');
  assert.equal(order.purchasingEntity.company.id, 'gid://shopify/Company/1');
  await client.admin('POST', `orders/${order.legacyResourceId}/refund`, {lines: [{line: 0, quantity: 1}]});
  const after = await readOrder(client, id);
  assert.deepEqual(
    [amount(after.totalRefundedSet), amount(after.currentTotalPriceSet), amount(after.currentTotalTaxSet)],
    ['12.0', '24.44', '2.99'],
  );
});

test("presentment money is the same order in the customer's currency", async t => {
  const client = await startPeer(t);
  const {id} = await client.admin('POST', 'orders', {...SIMPLE, presentment: {currency: 'EUR', rate: '1.17'}});
  const {data} = await client.ask(
    'query ($id: ID!) { order(id: $id) { presentmentCurrencyCode totalPriceSet { shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } } } }',
    {id},
  );
  assert.deepEqual(data.order, {
    presentmentCurrencyCode: 'EUR',
    totalPriceSet: {
      shopMoney: {amount: '24.95', currencyCode: 'GBP'},
      presentmentMoney: {amount: '29.19', currencyCode: 'EUR'},
    },
  });
});

test('a restart finds its changes, its ledger, its tokens and its time', async t => {
  const folder = folderOf(t);
  const options = {state: path.join(folder, 'state.json')};
  const first = await startPeer(t, options);
  const granted = first.peer.tokens.grant(first.peer.stores.get('demo.myshopify.com'), {
    grant_type: 'client_credentials',
    client_id: 'cartage-demo',
    client_secret: 'sandbox-secret',
  });
  await first.admin('POST', 'time', {business: '2026-11-05T00:00:00Z'});
  const {id} = await first.admin('POST', 'orders', {...SIMPLE, name: '#9000'});
  await first.ask(documentText('tags-add'), {id: 'gid://shopify/Order/5500000000003', tags: ['kept']});
  await first.admin('POST', 'orders/%231004/refund', {lines: [{line: 0, quantity: 1}]});
  await first.admin('POST', 'orders/%231005/cancel', {});
  await first.admin('POST', 'customers', {
    id: '42',
    firstName: 'New',
    lastName: 'Customer',
    email: 'new@example.com',
    phone: null,
    createdAt: '2026-11-05T00:00:00Z',
    updatedAt: '2026-11-05T00:00:00Z',
    addresses: [],
  });
  const dump = await first.admin('GET', 'dump');
  await first.peer.close();

  const second = await startPeer(t, options);
  const again = await second.admin('GET', 'dump');
  assert.deepEqual(again.stores, dump.stores);
  assert.ok(again.time.business >= dump.time.business);
  assert.equal((await second.admin('GET', 'ledger')).effects.length, 2);
  const {data} = await second
    .as({token: granted.body.access_token})
    .ask('query ($id: ID!) { order(id: $id) { name } }', {id});
  assert.equal(data.order.name, '#9000');

  await second.admin('POST', 'reset');
  assert.equal((await second.admin('GET', 'ledger')).effects.length, 0);
  assert.equal((await second.ask('query ($id: ID!) { order(id: $id) { name } }', {id})).data.order, null);
  await second.peer.close();
  assert.throws(
    () => new Shopify({...options, seed: 2}, world({seed: 2})).state.load(),
    /is of shopify synthetic 1, not of shopify synthetic 2/,
  );
});

test('the world is the same for a seed, and holds every kind of trouble', () => {
  assert.deepEqual(world({seed: 7}), world({seed: 7}));
  assert.notDeepEqual(world({seed: 7}).stores[0].orders, world({seed: 8}).stores[0].orders);
  const {
    stores: [store],
    companies: [company],
  } = world({seed: 1, companies: 3});
  const kinds = {};
  for (const order of store.orders) kinds[order.kind] = (kinds[order.kind] ?? 0) + 1;
  for (const kind of [
    'unknown_customer',
    'unknown_product',
    'cancelled',
    'wholesale',
    'blocked_customer',
    'no_customer',
  ])
    assert.ok(kinds[kind] >= 10 && kinds[kind] <= 14, `${kind}: ${kinds[kind]}`);
  const rare =
    `gift_card tip refunded edited b2b presentment test closed two_locations third_party on_hold shipped shipped_in_part
    amount_refunded not_restocked returned return_declined refund_pending paid_by_gift_card cash duties tax_on_top paid_in_part
    authorized cancelled_unpaid cancelled_refunded line_added risky terms many_parcels`.split(/\s+/);
  for (const kind of rare) assert.equal(kinds[kind], 1, kind);
  const numbers = new Set(company.items.map(item => item.number));
  const gtins = new Set(company.items.map(item => item.gtin));
  const known = variant => numbers.has(variant.sku) || gtins.has(variant.barcode);
  const variants = new Map(store.products.flatMap(product => product.variants.map(variant => [variant.id, variant])));
  const emails = new Set(company.customers.map(customer => customer.email));
  const phones = new Set(company.customers.map(customer => customer.phone.replace(/\D/g, '').replace(/^0+/, '')));
  for (const order of store.orders) {
    const goods = order.lines.filter(line => line.variant).map(line => variants.get(line.variant));
    if (!['unknown_product', 'gift_card'].includes(order.kind)) assert.ok(goods.every(known), order.name);
    if (order.kind === 'unknown_product') assert.ok(!goods.every(known), order.name);
    const customer = store.customers.find(entry => entry.id === order.customer);
    const mapped =
      customer && (emails.has(customer.email) || phones.has(customer.phone.replace(/\D/g, '').replace(/^0+/, '')));
    if (order.kind === 'unknown_customer') assert.ok(customer && !mapped, order.name);
    else if (order.kind === 'no_customer')
      assert.deepEqual([order.customer, order.email, order.phone, order.shippingAddress], [null, null, null, null]);
    else assert.ok(mapped, order.name);
    const blocked = company.customers.find(entry => entry.email === customer?.email)?.blocked;
    assert.equal(blocked === 'All', order.kind === 'blocked_customer', order.name);
  }
});

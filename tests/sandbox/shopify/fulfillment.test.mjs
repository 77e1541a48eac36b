// Fulfilment orders per location, fulfilments and what they do to the order: states, refusals in Shopify's words,
// what a token may see.
import assert from 'node:assert/strict';
import path from 'node:path';
import {test} from 'node:test';
import {folderOf} from '../end.mjs';
import {codeOf, startPeer} from './peer.mjs';

const READ = `query ($id: ID!) { order(id: $id) {
  name updatedAt displayFulfillmentStatus closed
  lineItems(first: 10) { nodes { id unfulfilledQuantity fulfillableQuantity } }
  fulfillmentOrders(first: 10) { nodes {
    id status requestStatus updatedAt fulfillAt orderId orderName
    supportedActions { action } assignedLocation { name location { id isFulfillmentService } } deliveryMethod { methodType }
    fulfillmentHolds { reason reasonNotes displayReason }
    lineItems(first: 10) { nodes { id sku totalQuantity remainingQuantity lineItem { id } } } } }
  fulfillments(first: 10) { id name status displayStatus totalQuantity location { name } service { serviceName type }
    trackingInfo { company number url }
    fulfillmentLineItems(first: 10) { nodes { id quantity lineItem { id isGiftCard } } } } } }`;
const CREATE = `mutation ($fulfillment: FulfillmentInput!, $message: String) {
  fulfillmentCreate(fulfillment: $fulfillment, message: $message) {
    fulfillment { id name status displayStatus trackingInfo { company number url } } userErrors { field message } } }`;
const CANCEL =
  'mutation ($id: ID!) { fulfillmentCancel(id: $id) { fulfillment { id status } userErrors { field message } } }';
const TRACK = `mutation ($id: ID!, $tracking: FulfillmentTrackingInput!) {
  fulfillmentTrackingInfoUpdate(fulfillmentId: $id, trackingInfoInput: $tracking) {
    fulfillment { id trackingInfo { company number url } } userErrors { field message } } }`;
const ACCEPT = `mutation ($id: ID!) { fulfillmentOrderAcceptFulfillmentRequest(id: $id) {
  fulfillmentOrder { id status requestStatus } userErrors { field message } } }`;
const ASSIGNED = `{ assignedFulfillmentOrders(first: 10, assignmentStatus: FULFILLMENT_REQUESTED) { nodes { id orderName } } }`;

/** Two lines at the warehouse, one in the shop, one at another's fulfilment service, one at our own; a tip. */
const SPLIT = {
  lines: [
    {sku: '1896-S', quantity: 3, price: '10.00'},
    {sku: '1900-S', quantity: 1, price: '20.00'},
    {sku: '1906-S', quantity: 2, price: '5.00', location: 'High Street Shop'},
    {sku: '1908-S', quantity: 1, price: '7.00', location: 'Parcel Partner'},
    {sku: '1920-S', quantity: 1, price: '9.00', location: 'ERP Warehouse'},
    {title: 'Tip', quantity: 1, price: '3.00', tip: true},
  ],
};

async function placed(client, form = SPLIT) {
  const {id} = await client.admin('POST', 'orders', form);
  return {id, key: id.split('/').at(-1), read: async () => (await client.ask(READ, {id})).data.order};
}

const whole = fo => ({fulfillmentOrderId: fo.id});
const some = (fo, ...quantities) => ({
  fulfillmentOrderId: fo.id,
  fulfillmentOrderLineItems: quantities.map((quantity, i) => ({id: fo.lineItems.nodes[i].id, quantity})),
});
const create = async (client, ...groups) =>
  (await client.ask(CREATE, {fulfillment: {lineItemsByFulfillmentOrder: groups}})).data.fulfillmentCreate;
const actions = fo => fo.supportedActions.map(entry => entry.action);

test('an order is routed to its locations', async t => {
  const client = await startPeer(t);
  const {read} = await placed(client);
  const order = await read();
  assert.deepEqual(
    order.fulfillmentOrders.nodes.map(fo => [
      fo.assignedLocation.name,
      fo.assignedLocation.location.isFulfillmentService,
      fo.status,
      fo.requestStatus,
      fo.deliveryMethod.methodType,
      fo.lineItems.nodes.map(line => [line.sku, line.totalQuantity, line.remainingQuantity]),
    ]),
    [
      [
        'Main Warehouse',
        false,
        'OPEN',
        'UNSUBMITTED',
        'SHIPPING',
        [
          ['1896-S', 3, 3],
          ['1900-S', 1, 1],
        ],
      ],
      ['High Street Shop', false, 'OPEN', 'UNSUBMITTED', 'SHIPPING', [['1906-S', 2, 2]]],
      ['Parcel Partner', true, 'OPEN', 'UNSUBMITTED', 'SHIPPING', [['1908-S', 1, 1]]],
      ['ERP Warehouse', true, 'OPEN', 'UNSUBMITTED', 'SHIPPING', [['1920-S', 1, 1]]],
    ],
  );
  assert.deepEqual(order.fulfillmentOrders.nodes.map(actions), [
    ['CREATE_FULFILLMENT', 'REPORT_PROGRESS', 'MOVE', 'HOLD', 'SPLIT'],
    ['CREATE_FULFILLMENT', 'REPORT_PROGRESS', 'MOVE', 'HOLD', 'SPLIT'],
    ['REQUEST_FULFILLMENT', 'MOVE', 'HOLD'],
    ['REQUEST_FULFILLMENT', 'MOVE', 'HOLD'],
  ]);
  assert.deepEqual([order.displayFulfillmentStatus, order.fulfillments], ['UNFULFILLED', []]);
  assert.deepEqual(
    order.lineItems.nodes.map(line => line.unfulfilledQuantity),
    [3, 1, 2, 1, 1, 0],
  );
});

test('parts, the rest, tracking that stays, cancelling', async t => {
  const client = await startPeer(t);
  const {read} = await placed(client, {lines: SPLIT.lines.slice(0, 3)});
  let order = await read();
  const [warehouse, shop] = order.fulfillmentOrders.nodes;
  await client.admin('POST', 'time', {business: '2026-11-05T00:00:00Z'});
  const {data} = await client.ask(CREATE, {
    message: 'first parcel',
    fulfillment: {
      notifyCustomer: true,
      trackingInfo: {company: 'Royal Mail', numbers: ['AB1', 'AB2']},
      lineItemsByFulfillmentOrder: [some(warehouse, 2)],
    },
  });
  const first = data.fulfillmentCreate.fulfillment;
  assert.deepEqual(
    [first.name, first.status, first.displayStatus, first.trackingInfo.map(entry => [entry.company, entry.number])],
    [
      `${order.name}-F1`,
      'SUCCESS',
      'FULFILLED',
      [
        ['Royal Mail', 'AB1'],
        ['Royal Mail', 'AB2'],
      ],
    ],
  );
  assert.ok(first.trackingInfo[1].url.endsWith('/AB2'), 'a carrier it knows brings its address');
  order = await read();
  assert.ok(order.updatedAt >= '2026-11-05T00:00:00Z');
  assert.equal(order.displayFulfillmentStatus, 'PARTIALLY_FULFILLED');
  const [progress] = order.fulfillmentOrders.nodes;
  assert.deepEqual(
    [progress.status, progress.lineItems.nodes.map(line => line.remainingQuantity), progress.updatedAt >= '2026-11-05'],
    ['IN_PROGRESS', [1, 1], true],
  );
  assert.ok(actions(progress).includes('CREATE_FULFILLMENT'));

  assert.deepEqual((await create(client, whole(warehouse))).userErrors, []);
  assert.deepEqual((await create(client, whole(shop))).userErrors, []);
  order = await read();
  assert.equal(order.displayFulfillmentStatus, 'FULFILLED');
  assert.equal(order.closed, false, 'nothing archives itself');
  assert.deepEqual(
    order.fulfillments.map(made => [
      made.name,
      made.location.name,
      made.service.serviceName,
      made.totalQuantity,
      made.fulfillmentLineItems.nodes.map(line => line.quantity),
    ]),
    [
      [`${order.name}-F1`, 'Main Warehouse', 'Manual', 2, [2]],
      [`${order.name}-F2`, 'Main Warehouse', 'Manual', 2, [1, 1]],
      [`${order.name}-F3`, 'High Street Shop', 'Manual', 2, [2]],
    ],
  );
  assert.deepEqual(
    order.fulfillmentOrders.nodes.map(fo => [fo.status, actions(fo)]),
    [
      ['CLOSED', []],
      ['CLOSED', []],
    ],
  );

  const {effects} = await client.admin('GET', 'ledger');
  const made = effects.filter(effect => effect.kind === 'fulfillmentCreate');
  assert.deepEqual(
    made.map(effect => [effect.fulfillment, effect.location, effect.notifyCustomer, effect.lines.length]),
    [
      [`${order.name}-F1`, 'Main Warehouse', true, 1],
      [`${order.name}-F2`, 'Main Warehouse', false, 2],
      [`${order.name}-F3`, 'High Street Shop', false, 1],
    ],
  );

  const third = order.fulfillments[2].id;
  const tracking = {company: 'Somebody', number: '77', url: 'https://example.com/77'};
  for (let i = 0; i < 2; i++)
    assert.deepEqual(
      (await client.ask(TRACK, {id: third, tracking})).data.fulfillmentTrackingInfoUpdate.userErrors,
      [],
    );
  assert.deepEqual((await read()).fulfillments[2].trackingInfo, [tracking]);

  assert.equal((await client.ask(CANCEL, {id: third})).data.fulfillmentCancel.fulfillment.status, 'CANCELLED');
  order = await read();
  assert.equal(order.displayFulfillmentStatus, 'PARTIALLY_FULFILLED');
  assert.deepEqual(
    order.fulfillmentOrders.nodes.map(fo => [
      fo.status,
      fo.assignedLocation.name,
      fo.lineItems.nodes.map(line => line.remainingQuantity),
    ]),
    [
      ['CLOSED', 'Main Warehouse', [0, 0]],
      ['CLOSED', 'High Street Shop', [0]],
      ['OPEN', 'High Street Shop', [2]],
    ],
    'what was cancelled waits on a new fulfilment order',
  );
  const again = (await client.ask(CANCEL, {id: third})).data.fulfillmentCancel;
  assert.deepEqual([again.fulfillment, again.userErrors[0].field], [null, ['id']]);
  assert.equal((await client.ask(TRACK, {id: third, tracking})).data.fulfillmentTrackingInfoUpdate.fulfillment, null);
});

test('fulfillmentCreate refuses what Shopify refuses, in its words and its order', async t => {
  const client = await startPeer(t);
  const one = await placed(client);
  const two = await placed(client, {lines: [{sku: '1896-S', quantity: 1}]});
  const [warehouse, shop, partner] = (await one.read()).fulfillmentOrders.nodes;
  const [other] = (await two.read()).fulfillmentOrders.nodes;
  const bare = id => id.split('/').at(-1);
  const missing = {fulfillmentOrderId: 'gid://shopify/FulfillmentOrder/999'};
  const line = (fo, id, quantity) => ({fulfillmentOrderId: fo.id, fulfillmentOrderLineItems: [{id, quantity}]});
  const quantityAt = i => [
    'fulfillment',
    'lineItemsByFulfillmentOrder',
    String(i),
    'fulfillmentOrderLineItems',
    '0',
    'quantity',
  ];
  const rows = [
    [[some(warehouse, 0)], 'Quantity must be greater than 0', quantityAt(0)],
    [[missing, some(warehouse, -1)], 'Quantity must be greater than 0', quantityAt(1)],
    [[whole(warehouse), missing], 'Fulfillment order does not exist.'],
    [
      [whole(warehouse), whole(other)],
      `All fulfillment orders must belong to the same order. Multiple orders with ids [${one.key}, ${two.key}] were found.`,
    ],
    [
      [whole(warehouse), whole(shop)],
      `All fulfillment orders must be assigned to a single location. Multiple locations with ids [70000000001, 70000000002] were found.`,
    ],
    [[line(warehouse, other.lineItems.nodes[0].id, 1)], 'Fulfillment order line item does not exist.'],
    [[some(warehouse, 4)], 'Invalid fulfillment order line item quantity requested.'],
    [
      [
        {
          fulfillmentOrderId: warehouse.id,
          fulfillmentOrderLineItems: [2, 2].map(quantity => ({id: warehouse.lineItems.nodes[0].id, quantity})),
        },
      ],
      'Invalid fulfillment order line item quantity requested.',
    ],
    [[whole(partner)], `Fulfillment order ${bare(partner.id)} has an unfulfillable request status= unsubmitted.`],
  ];
  for (const [groups, message, field = ['fulfillment']] of rows)
    await t.test(message.slice(0, 60), async () =>
      assert.deepEqual(await create(client, ...groups), {fulfillment: null, userErrors: [{field, message}]}),
    );
  assert.equal((await one.read()).fulfillments.length, 0, 'nothing of a refused call happened');

  const states = [
    ['hold', {reason: 'INVENTORY_OUT_OF_STOCK', notes: 'waits for stock'}, 'on_hold'],
    ['schedule', {until: '2026-12-24T08:00:00Z'}, 'scheduled'],
    ['fulfil', {}, 'closed'],
    ['cancel', {reason: 'CUSTOMER'}, 'closed'],
  ];
  for (const [action, body, status] of states)
    await t.test(`${action} makes it ${status}`, async () => {
      const {key, read} = await placed(client, {lines: [{sku: '1896-S', quantity: 1}]});
      await client.admin('POST', `orders/${key}/${action}`, body);
      const [fo] = (await read()).fulfillmentOrders.nodes;
      assert.equal(fo.status.toLowerCase(), status);
      assert.ok(!actions(fo).includes('CREATE_FULFILLMENT'));
      const {userErrors} = await create(client, whole(fo));
      assert.equal(userErrors[0].message, `Fulfillment order ${bare(fo.id)} has an unfulfillable status= ${status}.`);
    });
  const none = {
    fulfillmentCancel: 'Fulfillment not found.',
    fulfillmentTrackingInfoUpdate: 'Fulfillment does not exist.',
  };
  const id = 'gid://shopify/Fulfillment/1';
  for (const [text, variables] of [
    [CANCEL, {id}],
    [TRACK, {id, tracking: {number: '1'}}],
  ]) {
    const [[root, answer]] = Object.entries((await client.ask(text, variables)).data);
    assert.equal(answer.userErrors[0].message, none[root]);
  }
});

test('on hold and released, scheduled and opened, moved', async t => {
  const client = await startPeer(t);
  const {key, read} = await placed(client, {lines: SPLIT.lines.slice(0, 3)});
  const act = (action, body = {}) => client.admin('POST', `orders/${key}/${action}`, body);
  const states = async () => {
    const order = await read();
    return [order.displayFulfillmentStatus, ...order.fulfillmentOrders.nodes.map(fo => fo.status)];
  };
  await act('hold', {reason: 'INCORRECT_ADDRESS', notes: 'no house number', location: 'High Street Shop'});
  assert.deepEqual(await states(), ['UNFULFILLED', 'OPEN', 'ON_HOLD']);
  assert.deepEqual((await read()).fulfillmentOrders.nodes[1].fulfillmentHolds, [
    {reason: 'INCORRECT_ADDRESS', reasonNotes: 'no house number', displayReason: 'Incorrect address'},
  ]);
  await act('hold');
  assert.deepEqual(await states(), ['ON_HOLD', 'ON_HOLD', 'ON_HOLD']);
  await assert.rejects(act('hold'), /nothing of the order is open/);
  await act('release');
  assert.deepEqual(await states(), ['UNFULFILLED', 'OPEN', 'OPEN']);
  await act('schedule', {until: '2026-12-01T00:00:00Z'});
  assert.deepEqual(await states(), ['SCHEDULED', 'SCHEDULED', 'SCHEDULED']);
  await act('schedule', {until: null});
  await act('move', {location: 'High Street Shop'});
  assert.deepEqual(
    (await read()).fulfillmentOrders.nodes.map(fo => fo.assignedLocation.name),
    ['High Street Shop', 'High Street Shop'],
  );
  await act('fulfil', {lines: [{line: 0, quantity: 1}], tracking: {company: 'UPS', number: '1Z'}});
  const order = await read();
  assert.deepEqual(order.fulfillments[0].trackingInfo[0].number, '1Z');
  await assert.rejects(act('fulfil', {lines: [{line: 0, quantity: 3}]}), /only 2 can be fulfilled/);
});

test('a request to our own fulfilment service is seen, accepted and fulfilled; that to another is not ours', async t => {
  const client = await startPeer(t);
  const {key, read} = await placed(client);
  await client.admin('POST', `orders/${key}/request`, {message: 'please'});
  const order = await read();
  assert.equal(order.displayFulfillmentStatus, 'PENDING_FULFILLMENT');
  const [, , partner, own] = order.fulfillmentOrders.nodes;
  assert.deepEqual([partner.requestStatus, own.requestStatus], ['SUBMITTED', 'SUBMITTED']);
  const assigned = (await client.ask(ASSIGNED)).data.assignedFulfillmentOrders.nodes;
  assert.deepEqual(assigned, [{id: own.id, orderName: order.name}]);
  assert.equal((await create(client, whole(own))).fulfillment, null, 'not before it is accepted');
  const refused = (await client.ask(ACCEPT, {id: partner.id})).data.fulfillmentOrderAcceptFulfillmentRequest;
  assert.equal(refused.userErrors[0].message, 'Fulfillment order does not exist.');
  const accepted = (await client.ask(ACCEPT, {id: own.id})).data.fulfillmentOrderAcceptFulfillmentRequest;
  assert.deepEqual(accepted.fulfillmentOrder, {id: own.id, status: 'IN_PROGRESS', requestStatus: 'ACCEPTED'});
  assert.equal(
    (await client.ask(ACCEPT, {id: own.id})).data.fulfillmentOrderAcceptFulfillmentRequest.fulfillmentOrder,
    null,
  );
  assert.deepEqual((await client.ask(ASSIGNED)).data.assignedFulfillmentOrders.nodes, []);
  assert.deepEqual((await create(client, whole(own))).userErrors, []);
  const after = (await read()).fulfillmentOrders.nodes[3];
  assert.deepEqual([after.status, after.requestStatus], ['CLOSED', 'CLOSED']);
});

test('gift cards of a paid order ship themselves, tips never ship', async t => {
  const client = await startPeer(t);
  const lines = [
    {sku: '1896-S', quantity: 1},
    {title: 'Gift Card', quantity: 1, price: '25.00', giftCard: true},
  ];
  const paid = await (await placed(client, {lines})).read();
  assert.deepEqual(
    paid.fulfillmentOrders.nodes.map(fo => [fo.status, fo.deliveryMethod.methodType]),
    [
      ['OPEN', 'SHIPPING'],
      ['CLOSED', 'NONE'],
    ],
  );
  assert.deepEqual(
    [
      paid.displayFulfillmentStatus,
      paid.fulfillments.map(made => made.fulfillmentLineItems.nodes[0].lineItem.isGiftCard),
    ],
    ['PARTIALLY_FULFILLED', [true]],
  );
  const later = await placed(client, {lines, financialStatus: 'PENDING'});
  assert.equal((await later.read()).displayFulfillmentStatus, 'UNFULFILLED');
  await client.admin('POST', `orders/${later.key}/pay`);
  assert.equal((await later.read()).displayFulfillmentStatus, 'PARTIALLY_FULFILLED');
  const tip = await placed(client, {lines: [{title: 'Tip', quantity: 1, price: '3.00', tip: true}]});
  assert.equal((await tip.read()).displayFulfillmentStatus, 'FULFILLMENT_NOT_REQUIRED');
});

test('a token sees the fulfilment orders of the locations that its scopes name', async t => {
  const rows = [
    ['read_merchant_managed_fulfillment_orders', ['Main Warehouse', 'High Street Shop']],
    ['write_third_party_fulfillment_orders', ['Parcel Partner']],
    ['read_assigned_fulfillment_orders', ['ERP Warehouse']],
  ];
  for (const [scope, wanted] of rows)
    await t.test(scope, async t2 => {
      const client = await startPeer(t2, {scopes: `read_orders,read_products,read_locations,read_all_orders,${scope}`});
      const {id} = await client.admin('POST', 'orders', SPLIT);
      const text =
        'query ($id: ID!) { order(id: $id) { fulfillmentOrders(first: 10) { nodes { id assignedLocation { name } } } } }';
      const {nodes} = (await client.ask(text, {id})).data.order.fulfillmentOrders;
      assert.deepEqual(
        nodes.map(fo => fo.assignedLocation.name),
        wanted,
      );
      const listed = (await client.ask('{ fulfillmentOrders(first: 250) { nodes { id assignedLocation { name } } } }'))
        .data;
      assert.deepEqual(
        [...new Set(listed.fulfillmentOrders.nodes.map(fo => fo.assignedLocation.name))].sort(),
        [...wanted].sort(),
      );
      if (scope.startsWith('read_'))
        assert.equal(
          codeOf(await client.send(CREATE, {fulfillment: {lineItemsByFulfillmentOrder: [whole(nodes[0])]}})),
          'ACCESS_DENIED',
        );
    });
  const client = await startPeer(t, {scopes: 'read_orders,read_all_orders'});
  const {body} = await client.send('{ fulfillmentOrders(first: 1) { nodes { id } } }');
  assert.equal(codeOf({body}), 'ACCESS_DENIED');
});

test('locations, and the walk over fulfilment orders by their own time', async t => {
  const client = await startPeer(t);
  const names = async args =>
    (
      await client.ask(`{ locations(first: 50, sortKey: ID${args}) { nodes { name isActive } } }`)
    ).data.locations.nodes.map(node => node.name);
  assert.deepEqual(await names(''), ['Main Warehouse', 'High Street Shop']);
  assert.deepEqual(await names(', includeLegacy: true, includeInactive: true'), [
    'Main Warehouse',
    'High Street Shop',
    'Old Depot',
    'Parcel Partner',
    'ERP Warehouse',
  ]);
  assert.deepEqual(await names(`, includeLegacy: true, query: "name:'Parcel Partner'"`), ['Parcel Partner']);
  await client.admin('POST', 'time', {business: '2026-11-06T00:00:00Z'});
  const {read} = await placed(client);
  const delta = async more =>
    (
      await client.ask(
        `{ fulfillmentOrders(first: 250, sortKey: UPDATED_AT, query: "updated_at:>='2026-11-06T00:00:00Z'"${more}) { nodes { id status } } }`,
      )
    ).data.fulfillmentOrders.nodes;
  assert.equal((await delta('')).length, 4);
  await create(client, whole((await read()).fulfillmentOrders.nodes[1]));
  assert.equal((await delta('')).length, 3, 'closed ones are left out');
  const states = (await delta(', includeClosed: true')).map(node => node.status).sort();
  assert.deepEqual(states, ['CLOSED', 'OPEN', 'OPEN', 'OPEN']);
});

test('a restart finds fulfilments, holds and requests', async t => {
  const folder = folderOf(t);
  const options = {state: path.join(folder, 'state.json')};
  const first = await startPeer(t, options);
  const {read, key, id} = await placed(first);
  await create(first, some((await read()).fulfillmentOrders.nodes[0], 1));
  await first.admin('POST', `orders/${key}/request`);
  await first.admin('POST', `orders/${key}/hold`);
  const before = await read();
  await first.peer.close();
  const second = await startPeer(t, options);
  assert.deepEqual((await second.ask(READ, {id})).data.order, before);
});

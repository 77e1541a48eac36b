// Stock: what lies where, what orders do to it in every order of events, setting it with keys and expectations, what is refused.
import assert from 'node:assert/strict';
import path from 'node:path';
import {test} from 'node:test';
import {folderOf} from '../end.mjs';
import {codeOf, startPeer} from './peer.mjs';
import {HIGH_STREET, MAIN, OLD_DEPOT, aShirt, goods, productOf, set} from './catalogue.mjs';

const INVENTORY_SET = `mutation ($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id reason changes { name delta location { name } } } userErrors { field message code } } }`;
const ADJUST = `mutation ($input: InventoryAdjustQuantitiesInput!, $key: String!) {
  inventoryAdjustQuantities(input: $input) @idempotent(key: $key) { inventoryAdjustmentGroup { id } userErrors { field code } } }`;
const ACTIVATE = `mutation ($item: ID!, $location: ID!, $available: Int, $onHand: Int, $key: String!) {
  inventoryActivate(inventoryItemId: $item, locationId: $location, available: $available, onHand: $onHand) @idempotent(key: $key) {
    inventoryLevel { id isActive quantities(names: ["available", "on_hand"]) { name quantity } } userErrors { field message } } }`;
const TOGGLE = `mutation ($item: ID!, $updates: [InventoryBulkToggleActivationInput!]!) {
  inventoryBulkToggleActivation(inventoryItemId: $item, inventoryItemUpdates: $updates) {
    inventoryItem { id } inventoryLevels { isActive } userErrors { field code } } }`;
const LEVEL = `query ($id: ID!, $location: ID!) { inventoryItem(id: $id) { tracked inventoryLevel(locationId: $location) { id isActive updatedAt
  quantities(names: ["available", "committed", "on_hand", "reserved", "incoming"]) { name quantity updatedAt } } } }`;

let keys = 0;
const key = () => `key-${++keys}`;

async function levelOf(client, id, location = MAIN) {
  const {inventoryLevel: level} = (await client.ask(LEVEL, {id, location})).data.inventoryItem;
  return level && Object.fromEntries(level.quantities.map(({name, quantity}) => [name, quantity]));
}

/** [available, committed, on_hand] */
const three = async (...args) => {
  const level = await levelOf(...args);
  return [level.available, level.committed, level.on_hand];
};

const input = (rows, more = {}) => ({
  name: 'available',
  reason: 'correction',
  quantities: rows.map(([inventoryItemId, quantity, changeFromQuantity = null, locationId = MAIN]) => ({
    inventoryItemId,
    locationId,
    quantity,
    changeFromQuantity,
  })),
  ...more,
});
const put = async (client, rows, more, as = key()) =>
  (await client.ask(INVENTORY_SET, {input: input(rows, more), key: as})).data.inventorySetQuantities;

test('a quantity is set, on hand or available; the other follows', async t => {
  const client = await startPeer(t);
  const {itemId} = await goods(client);
  await put(client, [[itemId, 10]]);
  const committed = (await levelOf(client, itemId)).committed;
  const {inventoryAdjustmentGroup: group} = await put(client, [[itemId, 12, 10]]);
  assert.deepEqual(
    group.changes.map(change => [change.name, change.delta, change.location.name]),
    [
      ['available', 2, 'Main Warehouse'],
      ['on_hand', 2, 'Main Warehouse'],
    ],
  );
  await put(client, [[itemId, 30 + committed]], {name: 'on_hand'});
  assert.deepEqual(await three(client, itemId), [30, committed, 30 + committed]);
  const nothing = await put(client, [[itemId, 30]]);
  assert.deepEqual(nothing, {inventoryAdjustmentGroup: null, userErrors: []}, 'what is so already makes no group');
  const {inventoryItem} = (await client.ask(LEVEL, {id: itemId, location: MAIN})).data;
  const times = Object.fromEntries(inventoryItem.inventoryLevel.quantities.map(row => [row.name, row.updatedAt]));
  assert.equal(times.on_hand, null);
  assert.ok(times.available >= '2026-11-02T08:00:00Z');
});

test('what is refused changes nothing at all, and names the entry', async t => {
  const client = await startPeer(t);
  const {itemId} = await goods(client);
  const other = (await goods(client, '1906-S')).itemId;
  await put(client, [
    [itemId, 5],
    [other, 5],
  ]);
  const none = 'gid://shopify/InventoryItem/1';
  const rows = [
    [
      'a stale one',
      [
        [other, 6, 5],
        [itemId, 6, 4],
      ],
      {},
      'CHANGE_FROM_QUANTITY_STALE',
      ['1', 'changeFromQuantity'],
    ],
    [
      'an unknown item',
      [
        [other, 6],
        [none, 1],
      ],
      {},
      'INVALID_INVENTORY_ITEM',
      ['1', 'inventoryItemId'],
    ],
    ['an unknown place', [[itemId, 6, null, 'gid://shopify/Location/1']], {}, 'INVALID_LOCATION', ['0', 'locationId']],
    ['a closed place', [[itemId, 6, null, OLD_DEPOT]], {}, 'INVALID_LOCATION', ['0', 'locationId']],
    [
      'not stocked there',
      [[itemId, 6, null, 'gid://shopify/Location/70000000005']],
      {},
      'INVALID_LOCATION',
      ['0', 'locationId'],
    ],
    [
      'the same twice',
      [
        [itemId, 6],
        [itemId, 7],
      ],
      {},
      'NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR',
      ['0', 'locationId'],
    ],
    ['too many', [[itemId, 1_000_000_001]], {}, 'INVALID_QUANTITY_TOO_HIGH', ['0', 'quantity']],
    ['a negative one on hand', [[itemId, -1]], {name: 'on_hand'}, 'INVALID_QUANTITY_NEGATIVE', ['0', 'quantity']],
  ];
  for (const [name, list, more, code, place] of rows)
    await t.test(name, async () => {
      const {inventoryAdjustmentGroup, userErrors} = await put(client, list, more);
      assert.deepEqual([inventoryAdjustmentGroup, userErrors[0].code], [null, code]);
      assert.deepEqual(userErrors[0].field, ['input', 'quantities', ...place]);
    });
  for (const [more, code] of [
    [{name: 'committed'}, 'INVALID_NAME'],
    [{reason: 'whim'}, 'INVALID_REASON'],
    [{referenceDocumentUri: 'no uri'}, 'INVALID_REFERENCE_DOCUMENT'],
  ])
    assert.equal((await put(client, [[itemId, 6]], more)).userErrors[0].code, code);
  assert.equal((await levelOf(client, itemId)).available, 5);
  assert.equal((await levelOf(client, other)).available, 5);
  await client.admin('POST', 'bundle', {sku: '1896-S'});
  assert.equal((await put(client, [[itemId, 6]])).userErrors[0].code, 'NON_MUTABLE_INVENTORY_ITEM');
  const old = await client.as({version: '2026-04'}).ask(INVENTORY_SET, {
    input: input([[other, 6, null, 'gid://shopify/Location/70000000005']]),
    key: key(),
  });
  assert.equal(
    old.data.inventorySetQuantities.userErrors[0].code,
    'ITEM_NOT_STOCKED_AT_LOCATION',
    'an older version has a code for it',
  );
});

test('a key and an expectation are wanted; 250 quantities a call', async t => {
  const client = await startPeer(t);
  const {itemId} = await goods(client);
  const bare = INVENTORY_SET.replace('@idempotent(key: $key)', '').replace(', $key: String!', '');
  assert.equal(codeOf(await client.send(bare, {input: input([[itemId, 1]])})), 'BAD_REQUEST');
  const {changeFromQuantity, ...without} = input([[itemId, 1]]).quantities[0];
  assert.equal(changeFromQuantity, null);
  const missing = await client.send(INVENTORY_SET, {input: {...input([]), quantities: [without]}, key: key()});
  assert.deepEqual([codeOf(missing), missing.body.data], ['INVALID_FIELD_ARGUMENTS', {inventorySetQuantities: null}]);
  const many = await client.send(INVENTORY_SET, {
    input: input(Array.from({length: 251}, () => [itemId, 1])),
    key: key(),
  });
  assert.equal(codeOf(many), 'MAX_INPUT_SIZE_EXCEEDED');
});

test('a key is used once: the same again is answered as before, other arguments are refused, a day later it is new', async t => {
  const client = await startPeer(t);
  const {itemId} = await goods(client);
  await put(client, [[itemId, 5]]);
  const first = await put(client, [[itemId, 6, 5]], {}, 'one');
  await put(client, [[itemId, 9]]);
  assert.deepEqual(await put(client, [[itemId, 6, 5]], {}, 'one'), first, 'not stale, not done again');
  assert.equal((await levelOf(client, itemId)).available, 9);
  assert.equal(
    (await put(client, [[itemId, 7, 5]], {}, 'one')).userErrors[0].code,
    'IDEMPOTENCY_KEY_PARAMETER_MISMATCH',
  );
  const stale = await put(client, [[itemId, 7, 5]], {}, 'two');
  await put(client, [[itemId, 5]]);
  assert.deepEqual(await put(client, [[itemId, 7, 5]], {}, 'two'), stale, 'a refusal is an answer too');
  const later = new Date(client.peer.clock.business() + 25 * 3_600_000).toISOString();
  await client.admin('POST', 'time', {business: later});
  assert.deepEqual((await put(client, [[itemId, 6, 5]], {}, 'one')).userErrors, []);
  await client.faults({match: {root: 'inventorySetQuantities'}, times: 1, action: {kind: 'internal_before'}});
  assert.equal(
    codeOf(await client.send(INVENTORY_SET, {input: input([[itemId, 8]]), key: 'three'})),
    'INTERNAL_SERVER_ERROR',
  );
  assert.equal(
    (await put(client, [[itemId, 8]], {}, 'three')).userErrors[0].code,
    'IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED',
  );
  await client.faults({match: {root: 'inventorySetQuantities'}, times: 1, action: {kind: 'internal_after'}});
  assert.equal(
    codeOf(await client.send(INVENTORY_SET, {input: input([[itemId, 8]]), key: 'four'})),
    'INTERNAL_SERVER_ERROR',
  );
  await put(client, [[itemId, 3]]);
  assert.deepEqual((await put(client, [[itemId, 8]], {}, 'four')).userErrors, []);
  assert.equal((await levelOf(client, itemId)).available, 3, 'it had been done');
});

test('two requests with one key at a time: the second has to wait', async t => {
  const client = await startPeer(t, {latency: 'real'});
  const {itemId} = await goods(client);
  const ask = () => put(client, [[itemId, 6]], {}, 'both');
  const codes = (await Promise.all([ask(), ask()])).map(answer => answer.userErrors[0]?.code ?? 'done').sort();
  assert.deepEqual(codes, ['IDEMPOTENCY_CONCURRENT_REQUEST', 'done']);
  assert.deepEqual((await ask()).userErrors, []);
});

test('keys and stock survive a restart', async t => {
  const folder = folderOf(t);
  const options = {state: path.join(folder, 'state.json')};
  const first = await startPeer(t, options);
  const id = await set(first, aShirt());
  const before = await productOf(first, id);
  const {itemId} = await goods(first);
  const done = await put(first, [[itemId, 6]], {}, 'kept');
  await first.admin('POST', 'orders', {lines: [{sku: '1896-S', quantity: 2}]});
  const stock = await first.admin('GET', 'stock');
  await first.peer.close();
  const second = await startPeer(t, options);
  assert.deepEqual(await productOf(second, id), before);
  assert.deepEqual(await second.admin('GET', 'stock'), stock);
  await put(second, [[itemId, 9]]);
  assert.deepEqual(await put(second, [[itemId, 6]], {}, 'kept'), done);
  assert.equal((await levelOf(second, itemId)).available, 9);
});

test('an order commits, a shipment takes away, giving up gives back or not', async t => {
  const client = await startPeer(t);
  const {itemId} = await goods(client);
  const begin = async () => {
    const {committed} = await levelOf(client, itemId);
    await put(client, [[itemId, 10]]);
    const order = await client.admin('POST', 'orders', {lines: [{sku: '1896-S', quantity: 4}]});
    const place = `orders/${encodeURIComponent(order.name)}`;
    const now = async () => {
      const [available, held, onHand] = await three(client, itemId);
      return [available, held - committed, onHand - committed];
    };
    return {act: (name, body = {}) => client.admin('POST', `${place}/${name}`, body), now};
  };
  const steps = [
    ['placed', [], [6, 4, 10]],
    ['shipped', [['fulfil']], [6, 0, 6]],
    ['shipped in part', [['fulfil', {lines: [{line: 0, quantity: 1}]}]], [6, 3, 9]],
    ['cancelled with restock', [['cancel', {restock: true}]], [10, 0, 10]],
    ['cancelled without', [['cancel', {restock: false}]], [6, 0, 6]],
    ['cancelled, refunded and restocked', [['cancel', {refund: true, restock: true}]], [10, 0, 10]],
    ['edited with restock', [['edit', {lines: [{line: 0, quantity: 1}], restock: true}]], [9, 1, 10]],
    ['edited without', [['edit', {lines: [{line: 0, quantity: 1}]}]], [6, 1, 7]],
    ['a line added', [['edit', {add: [{sku: '1896-S', quantity: 2}]}]], [4, 6, 10]],
    ['refunded before it was shipped', [['refund', {lines: [{line: 0, quantity: 3, restock: 'CANCEL'}]}]], [9, 1, 10]],
    ['refunded, not restocked', [['refund', {lines: [{line: 0, quantity: 3, restock: 'NO_RESTOCK'}]}]], [6, 1, 7]],
    [
      'shipped and taken back',
      [['fulfil'], ['refund', {lines: [{line: 0, quantity: 3, restock: 'RETURN'}]}]],
      [9, 0, 9],
    ],
    [
      'part shipped, all refunded',
      [
        ['fulfil', {lines: [{line: 0, quantity: 1}]}],
        ['refund', {lines: [{line: 0, quantity: 4, restock: 'RETURN'}]}],
      ],
      [10, 0, 10],
    ],
    ['given back', [['fulfil'], ['give-back', {lines: [{line: 0, quantity: 2}]}]], [8, 0, 8]],
    [
      'returned: arrived, then refunded as returned',
      [['fulfil'], ['return', {lines: [{line: 0, quantity: 2}]}], ['dispose'], ['refund-return']],
      [8, 0, 8],
    ],
    [
      'returned: damaged',
      [['fulfil'], ['return', {lines: [{line: 0, quantity: 2}]}], ['dispose', {type: 'NOT_RESTOCKED'}]],
      [6, 0, 6],
    ],
    ['moved', [['move', {location: 'High Street Shop'}]], [10, 0, 10]],
    ['on hold and released', [['hold', {reason: 'OTHER'}], ['release']], [6, 4, 10]],
  ];
  for (const [name, actions, wanted] of steps)
    await t.test(name, async () => {
      const {act, now} = await begin();
      for (const [action, body] of actions) await act(action, body);
      assert.deepEqual(await now(), wanted);
    });
});

test('a cancelled shipment is committed again; what is not tracked holds nothing', async t => {
  const client = await startPeer(t);
  const {itemId, variantId} = await goods(client);
  await put(client, [[itemId, 10]]);
  const before = await three(client, itemId);
  const order = await client.admin('POST', 'orders', {lines: [{variant: variantId.split('/').at(-1), quantity: 4}]});
  const made = await client.admin('POST', `orders/${encodeURIComponent(order.name)}/fulfil`, {});
  assert.ok(made);
  const {data} = await client.ask('query ($id: ID!) { order(id: $id) { fulfillments(first: 1) { id } } }', {
    id: order.id,
  });
  await client.ask('mutation ($id: ID!) { fulfillmentCancel(id: $id) { userErrors { message } } }', {
    id: data.order.fulfillments[0].id,
  });
  assert.deepEqual(await three(client, itemId), [6, before[1] + 4, before[2]]);
  await client.ask(
    'mutation ($id: ID!) { inventoryItemUpdate(id: $id, input: {tracked: false}) { inventoryItem { tracked } userErrors { message } } }',
    {id: itemId},
  );
  const untracked = await three(client, itemId);
  await client.admin('POST', 'orders', {lines: [{sku: '1896-S', quantity: 4}]});
  assert.deepEqual(await three(client, itemId), untracked);
});

test('everything that is committed is what waits on fulfilment orders', async t => {
  const client = await startPeer(t);
  const store = client.peer.stores.get('demo.myshopify.com');
  const waiting = new Map();
  for (const record of store.objects.values()) {
    if (record.__typename !== 'FulfillmentOrder' || ['CLOSED', 'CANCELLED'].includes(record.status)) continue;
    for (const {lineItem, remaining} of record.lines) {
      const level = lineItem.variant?.item.tracked && lineItem.variant.item.levels.get(record.location.id);
      if (level) waiting.set(level, (waiting.get(level) ?? 0) + remaining);
    }
  }
  let total = 0;
  for (const location of store.locations)
    for (const level of store.stock.levelsAt(location)) {
      assert.equal(level.committed, waiting.get(level) ?? 0, `${level.item.variant.sku} at ${location.name}`);
      total += level.committed;
    }
  assert.ok(total > 100);
});

test('an item is stocked at a place, and not any more; a fresh level can begin with a quantity', async t => {
  const client = await startPeer(t);
  const id = await set(client, aShirt());
  const {id: item} = (await productOf(client, id)).variants.nodes[0].inventoryItem;
  const activate = async (more, as = key()) =>
    (await client.ask(ACTIVATE, {item, location: HIGH_STREET, key: as, ...more})).data.inventoryActivate;
  assert.equal(await levelOf(client, item, HIGH_STREET), null);
  const both = await activate({available: 1, onHand: 1});
  assert.deepEqual(
    both.userErrors.map(error => error.field),
    [['available'], ['onHand']],
  );
  const {inventoryLevel, userErrors} = await activate({onHand: 8}, 'start');
  assert.deepEqual([userErrors, inventoryLevel.quantities.map(row => row.quantity)], [[], [8, 8]]);
  assert.deepEqual((await activate({onHand: 8}, 'start')).inventoryLevel, inventoryLevel, 'the key was used');
  assert.match((await activate({onHand: 9})).userErrors[0].message, /already active/);
  assert.deepEqual((await activate({})).userErrors, [], 'without a quantity there is nothing to mind');
  const toggle = async (...updates) =>
    (await client.ask(TOGGLE, {item, updates: updates.map(([locationId, on]) => ({locationId, activate: on}))})).data
      .inventoryBulkToggleActivation;
  assert.deepEqual((await toggle([HIGH_STREET, false])).userErrors, []);
  assert.equal((await toggle([MAIN, false])).userErrors[0].code, 'CANNOT_DEACTIVATE_FROM_ONLY_LOCATION');
  assert.equal((await toggle(['gid://shopify/Location/1', true])).userErrors[0].code, 'LOCATION_NOT_FOUND');
  assert.deepEqual((await toggle([HIGH_STREET, true])).inventoryLevels, [{isActive: true}]);
  assert.equal((await levelOf(client, item, HIGH_STREET)).available, 0, 'it comes back empty');
  await client.admin('POST', 'stock', {sku: 'SHIRT-BLUE', quantity: 5});
  await client.admin('POST', 'orders', {lines: [{sku: 'SHIRT-BLUE', quantity: 1}]});
  assert.equal((await toggle([MAIN, false])).userErrors[0].code, 'COMMITTED_INVENTORY_AT_LOCATION');
});

test('quantities are adjusted by their name, with a document where one is wanted', async t => {
  const client = await startPeer(t);
  const {itemId} = await goods(client);
  await put(client, [[itemId, 10]]);
  const before = await levelOf(client, itemId);
  const adjust = async (name, delta, more = {}) =>
    (
      await client.ask(ADJUST, {
        input: {
          name,
          reason: 'correction',
          changes: [{inventoryItemId: itemId, locationId: MAIN, delta, changeFromQuantity: null, ...more}],
        },
        key: key(),
      })
    ).data.inventoryAdjustQuantities.userErrors;
  assert.deepEqual(await adjust('available', -3, {changeFromQuantity: 10}), []);
  assert.deepEqual(await adjust('reserved', 2, {ledgerDocumentUri: 'erp://reservation/1'}), []);
  assert.deepEqual(await adjust('incoming', 5, {ledgerDocumentUri: 'erp://purchase/1'}), []);
  const {available, on_hand: onHand, reserved, incoming} = await levelOf(client, itemId);
  assert.deepEqual([available, reserved, incoming, onHand], [7, 2, 5, before.on_hand - 1]);
  assert.equal((await adjust('available', 1, {changeFromQuantity: 10}))[0].code, 'CHANGE_FROM_QUANTITY_STALE');
  assert.equal((await adjust('on_hand', 1))[0].code, 'INVALID_QUANTITY_NAME');
  assert.equal((await adjust('reserved', 1))[0].code, 'INVALID_QUANTITY_DOCUMENT');
  assert.equal((await adjust('available', 1, {ledgerDocumentUri: 'erp://x/1'}))[0].code, 'INVALID_AVAILABLE_DOCUMENT');
});

test('a change of tracked stock moves the product, not the variant; levels are found by time and item', async t => {
  const client = await startPeer(t);
  const {id, variantId, itemId} = await goods(client);
  await client.admin('POST', 'time', {business: '2026-11-20T08:00:00Z'});
  await put(client, [[itemId, 77]]);
  const {data} = await client.ask(
    `query ($id: ID!, $variant: ID!, $item: ID!) { product(id: $id) { updatedAt } productVariant(id: $variant) { updatedAt } inventoryItem(id: $item) { updatedAt } }`,
    {id, variant: variantId, item: itemId},
  );
  assert.ok(data.product.updatedAt >= '2026-11-20T08:00:00Z');
  assert.ok(data.productVariant.updatedAt < '2026-11-20T08:00:00Z');
  assert.ok(data.inventoryItem.updatedAt < '2026-11-20T08:00:00Z');
  const LEVELS = `query ($id: ID!, $query: String, $after: String) { location(id: $id) { inventoryLevels(first: 20, query: $query, after: $after) {
    pageInfo { hasNextPage endCursor } nodes { id item { id } quantities(names: ["available"]) { quantity } } } } }`;
  const changed = (await client.ask(LEVELS, {id: MAIN, query: "updated_at:>='2026-11-20T00:00:00Z'"})).data.location
    .inventoryLevels;
  assert.deepEqual(
    changed.nodes.map(level => [level.item.id, level.quantities[0].quantity]),
    [[itemId, 77]],
  );
  const {data: byId} = await client.ask(
    'query ($id: ID!) { inventoryLevel(id: $id) { item { id } location { id } } }',
    {id: changed.nodes[0].id},
  );
  assert.deepEqual(byId.inventoryLevel, {item: {id: itemId}, location: {id: MAIN}});
  const seen = new Set();
  for (let after = null; ;) {
    const page = (await client.ask(LEVELS, {id: MAIN, after})).data.location.inventoryLevels;
    for (const level of page.nodes) seen.add(level.id);
    if (!page.pageInfo.hasNextPage) break;
    after = page.pageInfo.endCursor;
  }
  assert.equal(seen.size, client.peer.stores.get('demo.myshopify.com').stock.levelsAt({id: '70000000001'}).length);
});

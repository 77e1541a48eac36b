// Bulk imports: the file, the storage, the operation over time, what came of each line, and what is refused.
import assert from 'node:assert/strict';
import path from 'node:path';
import {test} from 'node:test';
import {folderOf} from '../end.mjs';
import {aShirt} from './catalogue.mjs';
import {documentText, staged, startPeer} from './peer.mjs';

const RUN = `mutation ($mutation: String!, $path: String!, $client: String) {
  bulkOperationRunMutation(mutation: $mutation, stagedUploadPath: $path, clientIdentifier: $client) {
    bulkOperation { id status } userErrors { field message code } } }`;
const STATUS = `query ($id: ID!) { bulkOperation(id: $id) { id type status errorCode objectCount rootObjectCount fileSize completedAt url partialDataUrl } }`;
const order = n => `gid://shopify/Order/${5500000000000 + n}`;

const run = async (client, mutation, path, more = {}) =>
  (await client.ask(RUN, {mutation, path, ...more})).data.bulkOperationRunMutation;

async function finished(client, id) {
  const end = Date.now() + 5000;
  for (;;) {
    const {bulkOperation} = (await client.ask(STATUS, {id})).data;
    if (bulkOperation.completedAt) return bulkOperation;
    assert.ok(Date.now() < end, `still ${bulkOperation.status}`);
  }
}

test('lines are run one by one, answered one by one, and cost nothing but the start', async t => {
  const client = await startPeer(t, {plan: 'basic'});
  const lines = [
    ...Array.from({length: 120}, (_, n) => ({id: order(n), customAttributes: [{key: 'BC Doc. No.', value: `10${n}`}]})),
    {id: order(9999), customAttributes: []},
    {wrong: true},
  ];
  const text = `${lines.map(line => JSON.stringify(line)).join('\n')}\nnot json\n`;
  const {bulkOperation, userErrors} = await run(client, documentText('order-update'), await staged(client, text));
  assert.deepEqual([bulkOperation.status, userErrors], ['CREATED', []]);
  const done = await finished(client, bulkOperation.id);
  assert.deepEqual(
    [done.type, done.status, done.objectCount, done.errorCode, done.partialDataUrl],
    ['MUTATION', 'COMPLETED', '123', null, null],
  );
  const file = await fetch(done.url);
  const body = await file.text();
  assert.equal(Number(done.fileSize), body.length);
  const rows = body
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  assert.notEqual(rows[0].__lineNumber, 0, 'nobody promises that answers come in the order of the lines');
  rows.sort((a, b) => a.__lineNumber - b.__lineNumber);
  assert.deepEqual(
    rows.map(row => row.__lineNumber),
    Array.from({length: 123}, (_, i) => i),
  );
  assert.deepEqual(rows[0].data.orderUpdate.userErrors, []);
  assert.equal(rows[120].data.orderUpdate.userErrors[0].message, 'Order does not exist');
  assert.equal(rows[121].errors[0].extensions.code, 'INVALID_VARIABLE');
  assert.match(rows[122].errors[0].message, /invalid JSON/);
  const {effects, points} = await client.admin('GET', 'ledger');
  assert.equal(effects.filter(effect => effect.kind === 'orderUpdate').length, 120);
  assert.ok(points < 200, `${points} points`);
  const refused = await fetch(done.url, {headers: {'x-shopify-access-token': client.token}});
  assert.equal(refused.status, 400, 'the token has no business at the storage');
  assert.equal((await fetch(`${done.url}0`)).status, 403);
  const {nodes} = (
    await client.ask('{ bulkOperations(first: 5, query: "status:completed operation_type:mutation") { nodes { id } } }')
  ).data.bulkOperations;
  assert.deepEqual(nodes, [{id: bulkOperation.id}]);
});

test('what is refused: the file, the mutation, the sixth at a time; a running one can be cancelled', async t => {
  const client = await startPeer(t, {latency: 'real', timeScale: 10});
  const close = documentText('order-close');
  const path = await staged(client, Array.from({length: 2000}, (_, n) => JSON.stringify({id: order(n)})).join('\n'));
  const rows = [
    ['no file', close, 'tmp/none', 'NO_SUCH_FILE'],
    ['an empty file', close, await staged(client, '\n'), 'INVALID_STAGED_UPLOAD_FILE'],
    ['a query', '{ shop { id } }', path, 'INVALID_MUTATION'],
    [
      'two mutations',
      'mutation ($id: ID!) { a: orderClose(input: {id: $id}) { userErrors { message } } b: orderClose(input: {id: $id}) { userErrors { message } } }',
      path,
      'INVALID_MUTATION',
    ],
    ['nonsense', 'mutation {', path, 'INVALID_MUTATION'],
  ];
  for (const [name, mutation, place, code] of rows)
    await t.test(name, async () => {
      const {bulkOperation, userErrors} = await run(client, mutation, place);
      assert.deepEqual([bulkOperation, userErrors.map(error => error.code)], [null, [code]]);
    });
  const short = await run(client, close, path, {client: 'short'});
  assert.deepEqual(short.userErrors[0].field, ['clientIdentifier']);
  const ids = [];
  await client.admin('POST', 'bulk', {hold: true});
  for (let i = 0; i < 5; i++) ids.push((await run(client, close, path)).bulkOperation.id);
  const sixth = await run(client, close, path);
  assert.equal(sixth.userErrors[0].code, 'OPERATION_IN_PROGRESS');
  assert.ok(sixth.userErrors[0].message.includes(ids[4]));
  const CANCEL =
    'mutation ($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { status } userErrors { message } } }';
  const stopped = (await client.ask(CANCEL, {id: ids[4]})).data.bulkOperationCancel;
  assert.deepEqual([stopped.bulkOperation.status, stopped.userErrors], ['CANCELING', []]);
  await client.admin('POST', 'bulk', {});
  assert.equal((await finished(client, ids[4])).status, 'CANCELED');
  assert.equal((await client.ask(CANCEL, {id: ids[4]})).data.bulkOperationCancel.bulkOperation, null);
  const bad = await fetch(`${client.url}/storage/`, {method: 'POST', body: new FormData()});
  assert.ok(bad.status >= 400);
});

test('a test steers what becomes of operations: kept waiting, broken off, without a place', async t => {
  const client = await startPeer(t);
  const close = documentText('order-close');
  const path = await staged(client, Array.from({length: 4}, (_, n) => JSON.stringify({id: order(n)})).join('\n'));
  const steer = body => client.admin('POST', 'bulk', body);
  const textOf = async url => (await (await fetch(url)).text()).trim().split('\n').length;
  await steer({hold: true});
  const {id} = (await run(client, close, path)).bulkOperation;
  const status = async () => (await client.ask(STATUS, {id})).data.bulkOperation.status;
  assert.equal(await status(), 'CREATED');
  await steer({});
  assert.equal((await finished(client, id)).status, 'COMPLETED');
  for (const [end, code] of [
    ['FAILED', 'INTERNAL_SERVER_ERROR'],
    ['CANCELED', null],
    ['EXPIRED', null],
  ]) {
    await steer({end, after: 3});
    const done = await finished(client, (await run(client, close, path)).bulkOperation.id);
    assert.deepEqual([done.status, done.errorCode, done.url], [end, code, null]);
    if (end === 'EXPIRED') assert.equal(done.partialDataUrl, null);
    else assert.equal(await textOf(done.partialDataUrl), 3);
  }
  await steer({refuse: 2});
  const {url} = await finished(client, (await run(client, close, path)).bulkOperation.id);
  const lines = (await (await fetch(url)).text())
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  lines.sort((a, b) => a.__lineNumber - b.__lineNumber);
  assert.deepEqual(
    lines.map(line => line.data.orderClose.userErrors.length),
    [0, 0, 1, 0],
  );
  await steer({taken: 5});
  assert.equal((await run(client, close, path)).userErrors[0].code, 'OPERATION_IN_PROGRESS');
  await steer({taken: 4});
  assert.equal((await run(client, close, path)).bulkOperation.status, 'CREATED');
});

test('a restart finds what has ended, with its file; what it interrupted has failed', async t => {
  const folder = folderOf(t);
  const options = {state: path.join(folder, 'state.json')};
  const first = await startPeer(t, options);
  const file = () => staged(first, `${JSON.stringify({id: order(0), customAttributes: []})}\n`);
  const ended = await run(first, documentText('order-update'), await file());
  const before = await finished(first, ended.bulkOperation.id);
  await first.admin('POST', 'bulk', {hold: true});
  const held = await run(first, documentText('order-update'), await file());
  await first.peer.close();
  const second = await startPeer(t, options);
  const {url, ...after} = await finished(second, ended.bulkOperation.id);
  assert.deepEqual({...after, url: before.url}, before);
  assert.equal((await fetch(url)).status, 200);
  const {status, errorCode} = await finished(second, held.bulkOperation.id);
  assert.deepEqual([status, errorCode], ['FAILED', 'INTERNAL_SERVER_ERROR']);
});

test('products are imported line by line: a bad line hurts no other, and nothing runs in the background', async t => {
  const client = await startPeer(t);
  const PRODUCT_SET = `mutation ($input: ProductSetInput!) { productSet(input: $input, synchronous: false) {
    product { id variants(first: 5) { nodes { sku } } } productSetOperation { id } userErrors { field code } } }`;
  const lines = [aShirt(), aShirt({title: ''}), aShirt({handle: 'another'})].map(input => JSON.stringify({input}));
  const {bulkOperation} = await run(client, PRODUCT_SET, await staged(client, lines.join('\n')));
  const {url} = await finished(client, bulkOperation.id);
  const rows = (await (await fetch(url)).text())
    .trim()
    .split('\n')
    .map(line => JSON.parse(line).data.productSet);
  assert.deepEqual(
    rows.map(row => [
      row.product?.variants.nodes.map(variant => variant.sku) ?? null,
      row.productSetOperation,
      row.userErrors.length,
    ]),
    [
      [['SHIRT-BLUE', 'SHIRT-BLACK'], null, 0],
      [null, null, 1],
      [['SHIRT-BLUE', 'SHIRT-BLACK'], null, 0],
    ],
  );
  const {effects} = await client.admin('GET', 'ledger');
  assert.equal(effects.filter(effect => effect.kind === 'productSet').length, 2);
});

test('stock is imported with a key of its own on each line', async t => {
  const client = await startPeer(t);
  const INVENTORY_SET = `mutation ($input: InventorySetQuantitiesInput!, $key: String!) { inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id } userErrors { code } } }`;
  const [{id}] = (await client.ask('{ inventoryItems(first: 1) { nodes { id } } }')).data.inventoryItems.nodes;
  const quantity = n => ({
    inventoryItemId: id,
    locationId: 'gid://shopify/Location/70000000001',
    quantity: n,
    changeFromQuantity: null,
  });
  const lines = [
    {key: 'a', input: {name: 'available', reason: 'correction', quantities: [quantity(4)]}},
    {key: 'b', input: {name: 'available', reason: 'correction', quantities: [quantity(5)]}},
    {key: 'a', input: {name: 'available', reason: 'correction', quantities: [quantity(4)]}},
    {input: {name: 'available', reason: 'correction', quantities: [quantity(6)]}},
  ];
  const path = await staged(client, lines.map(line => JSON.stringify(line)).join('\n'));
  const {url} = await finished(client, (await run(client, INVENTORY_SET, path)).bulkOperation.id);
  const rows = (await (await fetch(url)).text())
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
    .sort((a, b) => a.__lineNumber - b.__lineNumber);
  assert.deepEqual(
    rows.map(row => row.data?.inventorySetQuantities.userErrors.length ?? row.errors[0].extensions.code),
    [0, 0, 0, 'INVALID_VARIABLE'],
  );
  const level = await client.ask(
    'query ($id: ID!) { inventoryItem(id: $id) { inventoryLevel(locationId: "gid://shopify/Location/70000000001") { quantities(names: ["available"]) { quantity } } } }',
    {id},
  );
  assert.equal(level.data.inventoryItem.inventoryLevel.quantities[0].quantity, 5, 'the first key was used up');
});

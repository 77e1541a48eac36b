// Bulk exports: lines of records and of their children, what is refused, five at a time, how they end.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {startPeer} from './peer.mjs';
import {aShirt, set} from './catalogue.mjs';

const RUN = `mutation ($query: String!, $grouped: Boolean! = false) { bulkOperationRunQuery(query: $query, groupObjects: $grouped) {
  bulkOperation { id status type } userErrors { field message code } } }`;
const STATUS = `query ($id: ID!) { bulkOperation(id: $id) { status errorCode objectCount rootObjectCount fileSize completedAt url partialDataUrl } }`;
const PRODUCTS = `{ products { edges { node { id title variants { edges { node { id sku
  inventoryItem { id tracked } } } } media { edges { node { ... on MediaImage { id fileStatus } } } } } } } }`;

const run = async (client, query, more = {}) => (await client.ask(RUN, {query, ...more})).data.bulkOperationRunQuery;

async function ended(client, id) {
  for (const end = Date.now() + 5000; ;) {
    const {bulkOperation} = (await client.ask(STATUS, {id})).data;
    if (bulkOperation.completedAt) return bulkOperation;
    assert.ok(Date.now() < end, bulkOperation.status);
  }
}

const linesAt = async url =>
  (await (await fetch(url)).text())
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));

async function linesOf(client, query, more) {
  const {bulkOperation, userErrors} = await run(client, query, more);
  assert.deepEqual([userErrors, bulkOperation.status, bulkOperation.type], [[], 'CREATED', 'QUERY']);
  const done = await ended(client, bulkOperation.id);
  assert.equal(done.status, 'COMPLETED');
  return {done, lines: done.url ? await linesAt(done.url) : []};
}

test('each record is a line, its children lines of their own; nothing is charged but the start', async t => {
  const client = await startPeer(t, {plan: 'basic'});
  await set(client, aShirt());
  await client.admin('DELETE', 'ledger');
  const {done, lines} = await linesOf(client, PRODUCTS);
  const roots = lines.filter(line => !line.__parentId);
  const variants = lines.filter(line => line.__parentId);
  const {data} = await client.ask('{ productsCount { count } }');
  assert.equal(roots.length, data.productsCount.count);
  assert.deepEqual([Number(done.objectCount), Number(done.rootObjectCount)], [lines.length, roots.length]);
  const shirt = roots.find(line => line.title === 'Shirt');
  assert.deepEqual(Object.keys(shirt), ['id', 'title'], 'no connections in it');
  assert.deepEqual(
    variants.filter(line => line.__parentId === shirt.id).map(line => line.sku),
    ['SHIRT-BLUE', 'SHIRT-BLACK'],
  );
  assert.equal(
    lines.findIndex(line => line.__parentId),
    roots.length,
    'children do not follow their parent',
  );
  const grouped = (await linesOf(client, PRODUCTS, {grouped: true})).lines;
  const at = grouped.findIndex(line => line.id === shirt.id);
  assert.deepEqual(
    grouped.slice(at + 1, at + 3).map(line => line.__parentId),
    [shirt.id, shirt.id],
  );
  const levels = await linesOf(
    client,
    '{ inventoryItems { edges { node { id sku inventoryLevels { edges { node { id location { id } quantities(names: ["available", "on_hand"]) { name quantity } } } } } } } }',
  );
  const store = client.peer.stores.get('demo.myshopify.com');
  assert.equal(
    levels.lines.filter(line => line.__parentId).length,
    store.locations.reduce((sum, location) => sum + store.stock.levelsAt(location).length, 0),
  );
  const filtered = await linesOf(client, '{ products(query: "status:draft", first: 1) { edges { node { id } } } }');
  assert.deepEqual(filtered.lines, [{id: shirt.id}]);
  const none = await linesOf(client, '{ products(query: "status:archived") { edges { node { id } } } }');
  assert.equal(none.done.url, null);
  const {points, by_operation: by} = await client.admin('GET', 'ledger');
  assert.ok(points < 100 + Object.values(by).reduce((sum, entry) => sum + entry.calls, 0), `${points} points`);
});

test('a list ends at the depth of paging, whatever there is behind; a bulk query does not', async t => {
  const client = await startPeer(t, {pagingDepth: 5});
  const PAGE = `query ($after: String, $first: Int!) { orders(first: $first, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }`;
  const page = async (first, after) => (await client.ask(PAGE, {first, after})).data.orders;
  const one = await page(3);
  assert.equal(one.pageInfo.hasNextPage, true);
  const two = await page(3, one.pageInfo.endCursor);
  assert.deepEqual([two.nodes.length, two.pageInfo.hasNextPage], [2, false]);
  assert.equal((await page(3, two.pageInfo.endCursor)).nodes.length, 0);
  const {lines} = await linesOf(client, '{ orders { edges { node { id } } } }');
  assert.ok(lines.length > 5, `${lines.length} orders`);
});

test('what a bulk query may not be', async t => {
  const client = await startPeer(t);
  const nested = (depth, inner = 'id') =>
    depth === 0
      ? inner
      : `id ${['collections', 'products', 'variants', 'metafields'][4 - depth]} { edges { node { ${nested(depth - 1)} } } }`;
  const rows = [
    ['no connection', '{ shop { id } }', /must contain at least one connection/],
    ['a mutation', 'mutation { productCreate(product: {title: "x"}) { product { id } } }', /Only `query` operations/],
    ['nonsense', '{', /^Invalid bulk query: syntax error/],
    [
      'nodes',
      '{ products { nodes { id } } }',
      /Selecting via 'nodes' is not supported. Invalid connection fields: 'products'/,
    ],
    ['a top node', '{ node(id: "gid://shopify/Product/1") { id } }', /top level `node`/],
    [
      'no id of the parent',
      '{ products { edges { node { title variants { edges { node { id } } } } } } }',
      /Connection fields without 'id': products/,
    ],
    ['three levels below', `{ ${nested(4).slice(3)} }`, /nesting depth greater than 2/],
    [
      'a connection in a list',
      '{ orders { edges { node { id fulfillments { fulfillmentLineItems { edges { node { id } } } } } } } }',
      /within a list field/,
    ],
    [
      'six connections',
      `{ products { edges { node { id ${['variants', 'metafields', 'collections', 'media', 'resourcePublicationsV2']
        .map(name => `${name} { edges { node { ${name === 'resourcePublicationsV2' ? 'isPublished' : 'id'} } } }`)
        .join(' ')} } } } }`,
      /more than 5 connections/,
    ],
    ['a long text', `{ products { edges { node { id } } } } #${'x'.repeat(65_500)}`, /Query is too large/],
  ];
  for (const [name, query, message] of rows)
    await t.test(name, async () => {
      const {bulkOperation, userErrors} = await run(client, query);
      assert.equal(bulkOperation, null);
      assert.match(userErrors[0].message, message);
      assert.deepEqual([userErrors[0].field, userErrors[0].code], [['query'], 'INVALID']);
    });
});

test('five at a time beside five imports; an end as a test wants it; missing access ends it', async t => {
  const client = await startPeer(t);
  await client.admin('POST', 'bulk', {hold: true});
  const ids = [];
  for (let i = 0; i < 5; i++) ids.push((await run(client, PRODUCTS)).bulkOperation.id);
  const sixth = await run(client, PRODUCTS);
  assert.deepEqual([sixth.userErrors[0].code, sixth.userErrors[0].field], ['OPERATION_IN_PROGRESS', null]);
  assert.ok(sixth.userErrors[0].message.includes(ids[4]));
  await client.admin('POST', 'bulk', {});
  for (const id of ids) await ended(client, id);
  await client.admin('POST', 'bulk', {end: 'FAILED', after: 7});
  const failed = await ended(client, (await run(client, PRODUCTS)).bulkOperation.id);
  assert.deepEqual([failed.status, failed.errorCode, failed.url], ['FAILED', 'INTERNAL_SERVER_ERROR', null]);
  assert.equal((await linesAt(failed.partialDataUrl)).length, 7);
  await client.admin('POST', 'bulk', {});
  await client.admin('POST', 'scopes', {
    scopes: client.peer.tokens.scopes.filter(scope => !scope.endsWith('_inventory')),
  });
  const denied = await run(
    client,
    '{ inventoryItems { edges { node { id inventoryLevels { edges { node { id } } } } } } }',
  );
  const {status, errorCode} = await ended(client, denied.bulkOperation.id);
  assert.deepEqual([status, errorCode], ['FAILED', 'ACCESS_DENIED']);
});

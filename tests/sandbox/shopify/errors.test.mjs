// What the peer refuses, and how it says so.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {codeOf, startPeer} from './peer.mjs';

const ID = 'gid://shopify/Order/5500000000000';

const REFUSED = [
  ['unknown field', 'undefinedField', '{ order(id: "x") { nonsense } }'],
  ['unknown argument', 'argumentNotAccepted', '{ orders(first: 1, colour: "red") { nodes { id } } }'],
  ['argument missing', 'missingRequiredArguments', '{ order { id } }'],
  ['literal of another type', 'argumentLiteralsIncompatible', '{ orders(first: "ten") { nodes { id } } }'],
  ['variable of another type', 'variableMismatch', 'query ($n: String) { orders(first: $n) { nodes { id } } }'],
  ['variable not declared', 'variableNotDefined', 'query Q { orders(first: $n) { nodes { id } } }'],
  ['variable not used', 'variableNotUsed', 'query Q($n: Int) { shop { id } }'],
  ['object without fields', 'selectionMismatch', '{ shop }'],
  ['fragment not defined', 'useAndDefineFragment', '{ shop { ...Missing } }'],
  ['variable without a value', 'INVALID_VARIABLE', 'query ($id: ID!) { order(id: $id) { id } }'],
  [
    'variable of a wrong shape',
    'INVALID_VARIABLE',
    'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
    {ids: [{no: 1}]},
  ],
  ['page over 250', 'BAD_REQUEST', '{ orders(first: 251) { nodes { id } } }'],
  ['no page size', 'BAD_REQUEST', '{ orders { nodes { id } } }'],
  ['first and last', 'BAD_REQUEST', '{ orders(first: 1, last: 1) { nodes { id } } }'],
  [
    'nested page over 250',
    'BAD_REQUEST',
    `query ($n: Int!) { order(id: "${ID}") { lineItems(first: $n) { nodes { id } } } }`,
    {n: 251},
  ],
  [
    'too many ids',
    'MAX_INPUT_SIZE_EXCEEDED',
    'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
    {ids: Array(251).fill(ID)},
  ],
  [
    'key of idempotency missing',
    'BAD_REQUEST',
    'mutation { refundCreate(input: {orderId: "gid://shopify/Order/1"}) { userErrors { message } } }',
  ],
  ['id that is no global id', 'RESOURCE_NOT_FOUND', '{ order(id: "17") { id } }'],
  ['root that is not simulated', 'NOT_SIMULATED', '{ giftCards(first: 1) { nodes { id } } }'],
  [
    'mutation that is not simulated',
    'NOT_SIMULATED',
    'mutation { orderOpen(input: {id: "gid://shopify/Order/1"}) { userErrors { message } } }',
  ],
  [
    'search field that exists but is not simulated',
    'NOT_SIMULATED',
    '{ orders(first: 1, query: "risk_level:high") { nodes { id } } }',
  ],
  ['sort that is not simulated', 'NOT_SIMULATED', '{ orders(first: 1, sortKey: DESTINATION) { nodes { id } } }'],
  ['cursor that is none', 'INVALID_CURSOR', '{ orders(first: 1, after: "bm9uc2Vuc2U=") { nodes { id } } }'],
];

test('refusals carry the code and are HTTP 200', async t => {
  const client = await startPeer(t, {
    scopes:
      'read_all_orders,write_orders,read_products,read_customers,read_gift_cards,write_merchant_managed_fulfillment_orders',
  });
  for (const [name, code, query, variables] of REFUSED)
    await t.test(name, async () => {
      const {status, body} = await client.send(query, variables);
      assert.deepEqual([status, codeOf({body})], [200, code], JSON.stringify(body));
    });
  const {body} = await client.send('query Mine { order(id: "x") { nonsense } }');
  assert.deepEqual(body.errors[0], {
    message: "Field 'nonsense' doesn't exist on type 'Order'",
    locations: [{line: 1, column: 31}],
    path: ['query Mine', 'order', 'nonsense'],
    extensions: {code: 'undefinedField', typeName: 'Order', fieldName: 'nonsense'},
  });
  assert.equal((await client.send('{ shop { id ')).body.errors[0].message.startsWith('syntax error'), true);
});

test('an invalid variable says where', async t => {
  const client = await startPeer(t);
  const {body} = await client.send('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {ids: [ID, {no: 1}]});
  const [{message, extensions}] = body.errors;
  assert.equal(message, 'Variable $ids of type [ID!]! was provided invalid value for 1');
  assert.deepEqual(extensions.problems[0].path, ['1']);
});

test('outside GraphQL errors are a text, not a list', async t => {
  const client = await startPeer(t);
  const refused = await client.as({token: 'shpat_wrong'}).send('{ shop { id } }');
  assert.equal(refused.status, 401);
  assert.equal(typeof refused.body.errors, 'string');
  assert.ok(refused.headers.get('x-request-id'));
  const bearer = await client
    .as({token: ''})
    .send('{ shop { id } }', {}, {headers: {authorization: 'Bearer shpat_sandbox'}});
  assert.equal(bearer.status, 401, 'a bearer header counts for nothing');
  assert.equal((await client.send('{ shop { id } }', {}, {path: '/admin/api/2026-10/orders.json'})).status, 404);
  const response = await fetch(`${client.url}/admin/api/2026-10/graphql.json`, {
    method: 'POST',
    body: '{"query"',
    headers: {'x-shopify-access-token': 'shpat_sandbox'},
  });
  assert.equal(response.status, 400);
});

test('a missing scope is partial data', async t => {
  const client = await startPeer(t, {scopes: 'read_orders,read_products'});
  const {status, body} = await client.send(`{ order(id: "${ID}") { name customer { id } } shop { name } }`);
  assert.equal(status, 200);
  assert.deepEqual(
    body.data,
    {order: {name: '#1001', customer: null}, shop: {name: 'Demo Shop'}},
    'the other fields still come',
  );
  assert.equal(codeOf({body}), 'ACCESS_DENIED');
  assert.match(body.errors[0].extensions.requiredAccess, /read_customers/);
  assert.deepEqual(body.errors[0].path, ['order', 'customer']);
  const denied = await client.send(
    `mutation { orderClose(input: {id: "${ID}"}) { order { id } userErrors { message } } }`,
  );
  assert.equal(codeOf(denied), 'ACCESS_DENIED');
});

test('without read_all_orders the orders of the last sixty days are all there is, and nothing says so', async t => {
  const limited = await startPeer(t, {scopes: 'read_orders,read_customers'});
  const full = await startPeer(t);
  for (const client of [limited, full]) await client.admin('POST', 'time', {business: '2026-12-15T00:00:00Z'});
  const count = async client => (await client.ask('{ orders(first: 250) { nodes { id } } }')).data.orders.nodes.length;
  assert.equal(await count(full), 240);
  const seen = await count(limited);
  assert.ok(seen > 0 && seen < 240, `${seen} orders seen`);
  assert.equal((await limited.ask(`{ order(id: "${ID}") { id } }`)).data.order, null);
});

test('an unknown id of a mutation is a user error', async t => {
  const client = await startPeer(t);
  const {data} = await client.ask(
    'mutation { orderClose(input: {id: "gid://shopify/Order/1"}) { order { id } userErrors { field message } } }',
  );
  assert.deepEqual(data.orderClose, {order: null, userErrors: [{field: ['id'], message: 'Order does not exist'}]});
});

// ---- search ------------------------------------------------------------------------------------

const names = async (client, query) => {
  const body = await client.ask(
    'query ($q: String) { orders(first: 250, sortKey: ID, query: $q) { nodes { name } } }',
    {q: query},
  );
  return [body.data.orders.nodes.map(node => node.name), body.extensions.search];
};

test('search: terms, connectives, comparators, quotes', async t => {
  const client = await startPeer(t);
  const all = (await names(client, ''))[0];
  assert.equal(all.length, 240);
  const count = async query => (await names(client, query))[0].length;
  assert.deepEqual((await names(client, 'name:#1001'))[0], ['#1001']);
  assert.deepEqual((await names(client, 'name:#1001 OR name:#1002'))[0], ['#1001', '#1002']);
  assert.equal(await count('tag:wholesale'), await count("tag:'wholesale' AND status:any"));
  assert.equal((await count('tag:wholesale')) + (await count('-tag:wholesale')), 240);
  assert.equal(await count('NOT tag:wholesale'), await count('-tag:wholesale'));
  assert.equal(
    await count('(tag:wholesale OR status:cancelled) test:false'),
    (await count('tag:wholesale')) + (await count('status:cancelled')),
  );
  assert.equal(
    (await count('status:open')) + (await count('status:closed -status:cancelled')) + (await count('status:cancelled')),
    240,
  );
  const [day] = await Promise.all([count("created_at:>='2026-10-20T00:00:00Z' created_at:<'2026-10-21T00:00:00Z'")]);
  assert.equal(await count('created_at:2026-10-20'), day);
  assert.ok(day > 0);
});

test('search: bounds of time are inclusive to the second', async t => {
  const client = await startPeer(t);
  const {data} = await client.ask(
    '{ orders(first: 1, sortKey: UPDATED_AT, reverse: true) { nodes { name updatedAt } } }',
  );
  const [{name, updatedAt}] = data.orders.nodes;
  assert.deepEqual((await names(client, `updated_at:>='${updatedAt}'`))[0], [name]);
  assert.deepEqual((await names(client, `updated_at:>'${updatedAt}'`))[0], []);
});

test('search: what is not understood is ignored, and only the warnings tell', async t => {
  const client = await startPeer(t);
  const [found, search] = await names(client, 'colour:red name:#1001');
  assert.deepEqual(found, ['#1001']);
  assert.deepEqual(search, [
    {
      path: ['orders'],
      query: 'colour:red name:#1001',
      parsed: 'name:#1001',
      warnings: [{field: 'colour', message: 'Invalid search field for this query.', code: 'invalid_field'}],
    },
  ]);
  const [everything, warned] = await names(client, "updated_at:>='yesterday'");
  assert.equal(everything.length, 240);
  assert.equal(warned[0].warnings[0].code, 'invalid_value');
});

test('search: an unquoted time breaks at its colons and finds nothing, without a word', async t => {
  const client = await startPeer(t);
  const [quoted] = await names(client, "updated_at:>='2026-10-20T07:00:00Z'");
  const [unquoted, search] = await names(client, 'updated_at:>=2026-10-20T07:00:00Z');
  assert.ok(quoted.length > 0);
  assert.deepEqual(unquoted, []);
  assert.equal(search, undefined);
});

test('search: a SKU is words, so more than the wanted one may come', async t => {
  const client = await startPeer(t, {}, made => {
    made.stores[0].products[0].variants[0].sku = 'A-1';
    made.stores[0].products[1].variants[0].sku = 'a 1 B';
  });
  const {data} = await client.ask(`{ productVariants(first: 10, query: "sku:'A-1'") { nodes { sku } } }`);
  assert.deepEqual(data.productVariants.nodes.map(node => node.sku).sort(), ['A-1', 'a 1 B']);
});

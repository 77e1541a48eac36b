// Prices: recorded figures of real stores, worked examples, and (where they are at hand) every document of the
// reference, each with the price it names. The model under test is the peer's own.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {pageFactor} from '../../../sandbox/shopify/cost.mjs';
import {Documents} from '../../../sandbox/shopify/documents.mjs';
import {Schemas} from '../../../sandbox/shopify/schema.mjs';
import {LATEST, ROOT, codeOf, startPeer} from './peer.mjs';

const documents = new Documents(new Schemas());

function priceOf(text, variables = {}) {
  const prepared = documents.prepare(LATEST, text);
  return prepared.plan.requestedCost(documents.variablesOf(prepared, variables));
}

test('the page factor', () => {
  const rows = [
    [0, 0],
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 2],
    [5, 3],
    [7, 3],
    [8, 4],
    [12, 4],
    [13, 5],
    [20, 5],
    [21, 6],
    [33, 6],
    [34, 7],
    [54, 7],
    [55, 8],
    [90, 8],
    [91, 9],
    [148, 9],
    [149, 10],
    [244, 10],
    [245, 11],
    [250, 11],
  ];
  for (const [size, factor] of rows) assert.equal(pageFactor(size), factor, `page of ${size}`);
});

const PRICES = [
  ['250 flat rows', 13, '{ orders(first: 250) { nodes { id } pageInfo { hasNextPage } } }'],
  ['50 flat rows', 9, '{ orders(first: 50) { nodes { id } } }'],
  ['edges cost what nodes cost', 9, '{ orders(first: 50) { edges { cursor node { id } } } }'],
  [
    'two levels of 250, as measured',
    156,
    '{ orders(first: 250) { nodes { id lineItems(first: 250) { nodes { id } } } } }',
  ],
  [
    'orders loaded by id',
    7,
    'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Order { lineItems(first: 10) { nodes { id } } } } }',
    {ids: ['gid://shopify/Order/1']},
  ],
  [
    'money is free, tax lines are not',
    2,
    '{ order(id: "gid://shopify/Order/1") { totalPriceSet { shopMoney { amount } } taxLines { priceSet { shopMoney { amount } } } } }',
  ],
  ['the default address is free', 1, '{ customer(id: "gid://shopify/Customer/1") { defaultAddress { id } } }'],
  ['a count of the root', 10, '{ ordersCount(query: "status:open") { count precision } }'],
  ['scalars and enums', 1, '{ shop { id name currencyCode weightUnit } }'],
  [
    'dearest type of an interface',
    3,
    '{ node(id: "gid://shopify/Order/1") { id ... on Order { customer { id } shippingAddress { city } } ... on Product { seo { title } } } }',
  ],
  [
    'a mutation and its payload',
    10,
    'mutation { tagsAdd(id: "gid://shopify/Order/1", tags: ["a"]) { node { id } userErrors { field message } } }',
  ],
  [
    'below the payload',
    11,
    'mutation { orderUpdate(input: {id: "gid://shopify/Order/1"}) { order { customer { id } } userErrors { message } } }',
  ],
  [
    'tracking, dearer since May 2026',
    51,
    'mutation { fulfillmentTrackingInfoUpdate(fulfillmentId: "gid://shopify/Fulfillment/1", trackingInfoInput: {number: "1"}) { fulfillment { trackingInfo { number } } userErrors { message } } }',
  ],
  [
    'a shipment, with its tracking',
    11,
    'mutation ($f: FulfillmentInput!) { fulfillmentCreate(fulfillment: $f) { fulfillment { id trackingInfo { number } } userErrors { field message } } }',
    {f: {lineItemsByFulfillmentOrder: []}},
  ],
  [
    'a shipment undone',
    10,
    'mutation { fulfillmentCancel(id: "gid://shopify/Fulfillment/1") { fulfillment { id status } userErrors { message } } }',
  ],
  [
    'a request accepted',
    10,
    'mutation { fulfillmentOrderAcceptFulfillmentRequest(id: "gid://shopify/FulfillmentOrder/1") { fulfillmentOrder { id status } userErrors { message } } }',
  ],
  [
    'paid by hand',
    10,
    'mutation { orderMarkAsPaid(input: {id: "gid://shopify/Order/1"}) { order { displayFinancialStatus } userErrors { message } } }',
  ],
  [
    'archived',
    10,
    'mutation { orderClose(input: {id: "gid://shopify/Order/1"}) { order { closed } userErrors { message } } }',
  ],
  [
    'cancelled',
    10,
    'mutation { orderCancel(orderId: "gid://shopify/Order/1", reason: OTHER, restock: true) { job { id } orderCancelUserErrors { message code } } }',
  ],
  [
    'a place for a file',
    11,
    'mutation ($i: [StagedUploadInput!]!) { stagedUploadsCreate(input: $i) { stagedTargets { url parameters { name value } } userErrors { message } } }',
    {i: []},
  ],
  [
    'a bulk import started',
    10,
    'mutation { bulkOperationRunMutation(mutation: "x", stagedUploadPath: "y") { bulkOperation { id } userErrors { message code } } }',
  ],
  ['its state', 1, '{ bulkOperation(id: "gid://shopify/BulkOperation/1") { id status url } }'],
  [
    'ten fulfilment orders of fifty lines',
    83,
    '{ order(id: "gid://shopify/Order/1") { fulfillmentOrders(first: 10) { nodes { id supportedActions { action } assignedLocation { location { id } } lineItems(first: 50) { nodes { id remainingQuantity lineItem { id } } } } } } }',
  ],
  [
    'fifty fulfilments of fifty lines',
    20,
    '{ order(id: "gid://shopify/Order/1") { fulfillments(first: 50) { id location { id } trackingInfo { number } fulfillmentLineItems(first: 50) { nodes { id lineItem { id } } } } } }',
  ],
  [
    'files',
    20,
    'mutation { fileCreate(files: [{originalSource: "https://example.com/a.png"}]) { files { id } userErrors { message } } }',
  ],
  [
    'prices of 250 variants',
    60,
    'mutation ($v: [ProductVariantsBulkInput!]!) { productVariantsBulkUpdate(productId: "gid://shopify/Product/1", variants: $v) { productVariants { id } userErrors { message } } }',
    {v: Array.from({length: 250}, (_, i) => ({id: `gid://shopify/ProductVariant/${i + 1}`}))},
  ],
  [
    'prices of 100 variants',
    30,
    'mutation ($v: [ProductVariantsBulkInput!]!) { productVariantsBulkUpdate(productId: "gid://shopify/Product/1", variants: $v) { userErrors { message } } }',
    {v: Array.from({length: 100}, (_, i) => ({id: `gid://shopify/ProductVariant/${i + 1}`}))},
  ],
];

test('recorded and worked prices', async t => {
  for (const [name, price, text, variables] of PRICES)
    await t.test(name, () => assert.equal(priceOf(text, variables), price));
});

test('the number of ids does not matter', () => {
  const [text, ids] = [
    'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Order { id lineItems(first: 50) { nodes { id } } } } }',
    n => Array.from({length: n}, (_, i) => `gid://shopify/Order/${i}`),
  ];
  assert.equal(priceOf(text, {ids: ids(1)}), priceOf(text, {ids: ids(250)}));
});

test('every document of the reference costs what it names', t => {
  const folder = process.env.SHOPIFY_QUERIES ?? path.join(ROOT, '../shared/shopify/queries');
  if (!fs.existsSync(folder))
    return t.skip(`no reference documents in ${folder} (SHOPIFY_QUERIES names another folder)`);
  let compared = 0;
  for (const name of fs.readdirSync(folder).filter(file => file.endsWith('.graphql'))) {
    const text = fs.readFileSync(path.join(folder, name), 'utf8');
    const [, cost, , sizes = ''] = /^# cost (\d+)( \| page ([^|]*))?/.exec(text) ?? [];
    if (cost === undefined) continue; // inner documents of bulk operations have no price
    const {plan} = documents.prepare(LATEST, text);
    const variables = defaultsOf(plan);
    for (const [, variable, size] of sizes.matchAll(/(\w+)=(\d+)/g))
      if (Array.isArray(variables[variable])) variables[variable] = Array.from({length: Number(size)}, () => ({}));
      else if (variable in variables) variables[variable] = Number(size);
    assert.equal(plan.requestedCost(variables), Number(cost), name);
    compared++;
  }
  assert.ok(compared > 80, `${compared} documents compared`);
});

/** Defaults of an operation's variables; others are absent, which is legal for pricing. */
function defaultsOf(plan) {
  const entries = (plan.operation.variableDefinitions ?? []).map(({variable, type, defaultValue}) => {
    const required = {ID: 'gid://shopify/Order/1', String: 'text', Int: 1, Boolean: true}[type.type?.name?.value];
    return [
      variable.name.value,
      defaultValue
        ? Number(defaultValue.value)
        : (required ?? (type.kind === 'NonNullType' ? (type.type.kind === 'ListType' ? [] : {}) : undefined)),
    ];
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

test('over a thousand points is refused in its own shape, and nothing is charged', async t => {
  const client = await startPeer(t, {plan: 'basic'});
  const three =
    '{ orders(first: 250) { nodes { lineItems(first: 250) { nodes { product { variants(first: 250) { nodes { id } } } } } } } }';
  const {status, body} = await client.send(three);
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body), ['errors'], 'neither data nor extensions');
  assert.deepEqual([body.errors[0].extensions.code, body.errors[0].extensions.maxCost], ['MAX_COST_EXCEEDED', 1000]);
  assert.equal(body.errors[0].extensions.cost, priceOf(three));
  const {extensions} = await client.ask('{ shop { id } }');
  assert.ok(extensions.cost.throttleStatus.currentlyAvailable >= 1999, 'the shop alone was charged');
});

test('actual cost: nulls cost their own point, pages cost their share, empty pages are not given back', async t => {
  const client = await startPeer(t);
  const actual = async (text, variables) => {
    const {requestedQueryCost, actualQueryCost} = (await client.ask(text, variables)).extensions.cost;
    return [requestedQueryCost, actualQueryCost];
  };
  assert.deepEqual(
    await actual('{ order(id: "gid://shopify/Order/1") { customer { id } shippingAddress { city } } }'),
    [3, 1],
    'null object',
  );
  // ten of 250 asked: 2 + ceil(11 * 10 * 1 / 250)
  assert.deepEqual(
    await actual('{ customers(first: 250, query: "first_name:Alice") { nodes { id } } }'),
    [13, 3],
    'one node of 250',
  );
  assert.deepEqual(
    await actual('{ customers(first: 250, query: "first_name:Nobody") { nodes { id } } }'),
    [13, 13],
    'empty page',
  );
  assert.deepEqual(await actual('{ orders(first: 240) { nodes { id } } }'), [12, 12], 'full page');
  // 60 customers of 250 asked, each 1 + 1 (the address is free, its node 1 + page 2): 2 + ceil(11 * 60 * 2 / 250)
  assert.deepEqual(
    await actual('{ customers(first: 250) { nodes { id defaultEmailAddress { emailAddress } } } }'),
    [24, 2 + Math.ceil((11 * 60 * 2) / 250)],
    'part of a page',
  );
});

test('the debug header prices each field', async t => {
  const client = await startPeer(t);
  const {body} = await client.send(
    '{ orders(first: 50) { nodes { id customer { id } } } }',
    {},
    {headers: {'shopify-graphql-cost-debug': '1'}},
  );
  const fields = Object.fromEntries(body.extensions.cost.fields.map(field => [field.path.join('.'), field]));
  assert.deepEqual([fields.orders.definedCost, fields.orders.requestedTotalCost], [2, 16]);
  assert.equal(fields['orders.nodes.customer'].definedCost, 1);
  const plain = await client.ask('{ shop { id } }');
  assert.equal(plain.extensions.cost.fields, undefined);
  assert.equal(codeOf({body: plain}), undefined);
});

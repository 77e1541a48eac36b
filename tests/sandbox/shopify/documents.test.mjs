// Every document of the programs and of these tests runs on the real schema, costs what it says, and the peer's own walk answers
// exactly what graphql-js's executor would answer.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import path from 'node:path';
import {test} from 'node:test';
import {Documents} from '../../../sandbox/shopify/documents.mjs';
import {Query} from '../../../sandbox/shopify/roots.mjs';
import {SUPPORTED, SCHEMA_FOLDER, servedVersion} from '../../../sandbox/shopify/schema.mjs';
import {gid} from '../../../sandbox/shopify/store.mjs';
import {TYPES} from '../../../sandbox/shopify/types.mjs';
import {catalogueFacts, catalogueVariables, paysByElement} from './catalogue-variables.mjs';
import {
  LATEST,
  ROOT,
  DOCUMENTS,
  documentNames,
  documentText,
  sandboxRequire,
  staged,
  startPeer,
  UPLOAD,
} from './peer.mjs';

const {buildClientSchema, execute, getIntrospectionQuery, printSchema} = sandboxRequire('graphql');

const ORDER = 'gid://shopify/Order/5500000000017'; // sixty lines
const ORDERS = Array.from({length: 25}, (_, i) => `gid://shopify/Order/${5500000000000 + i * 9}`);
const CUSTOMER = 'gid://shopify/Customer/7300000000003';
const [COMPANY, COMPANY_LOCATION, CONTACT] = ['Company/2100000001', 'CompanyLocation/2200000001', 'CompanyContact/2300000001'].map(
  id => `gid://shopify/${id}`,
);
const VARIABLES = {
  'fulfillment-orders-by-order-ids': {ids: ORDERS},
  'fulfillments-by-order-ids': {ids: ORDERS},
  'fulfillment-orders-of-order': {id: ORDER},
  'orders-delta': {query: "updated_at:>='2026-10-20T00:00:00Z'"},
  'orders-count': {query: "updated_at:>='2026-10-20T00:00:00Z'"},
  'orders-by-ids': {ids: ORDERS},
  'orders-facts': {ids: ORDERS},
  'orders-refunds': {ids: ORDERS},
  'orders-returns': {ids: ORDERS},
  'order-attributes': {ids: ORDERS},
  'orders-receipts': {ids: ORDERS},
  'orders-staff': {ids: ORDERS},
  'order-lines-page': {id: ORDER, first: 20},
  'order-shipping-page': {id: ORDER},
  'order-fulfillment-page': {id: ORDER},
  'order-returns-page': {id: ORDER},
  'customers-by-ids': {
    ids: ['gid://shopify/Customer/7300000000003', 'gid://shopify/Customer/7300000000004', 'gid://shopify/Customer/1'],
  },
  'customers-named': {ids: ['gid://shopify/Customer/7300000000003', 'gid://shopify/Customer/1']},
  'customer-by-identifier': {identifier: {id: CUSTOMER}},
  'customers-by-bc-id': Object.fromEntries(Array.from({length: 25}, (_, i) => [`c${i}`, {id: CUSTOMER}])),
  'customer-set': {identifier: {email: 'new@example.com'}, input: {email: 'new@example.com', lastName: 'New'}},
  'customer-change': {
    input: {id: CUSTOMER, lastName: 'Renamed'},
    customer: CUSTOMER,
    addressId: 'gid://shopify/MailingAddress/73000000000031',
    address: {city: 'Wells'},
  },
  'company-roles': {id: COMPANY},
  'location-catalogs': {id: COMPANY_LOCATION},
  'catalog-create': {input: {title: 'Own', status: 'ACTIVE', context: {companyLocationIds: [COMPANY_LOCATION]}}},
  'price-list-create': {
    input: {
      name: 'Own 20010',
      currency: 'GBP',
      parent: {adjustment: {type: 'PERCENTAGE_DECREASE', value: 0}, settings: {compareAtMode: 'NULLIFY'}},
    },
  },
  'companies-by-external-id': {query: "external_id:'20010' OR external_id:'20020'"},
  'company-locations-by-external-id': {query: "external_id:'20010' OR external_id:'20020'"},
  'contact-by-identifier': {identifier: {emailAddress: 'purchasing@adatum.example'}},
  'company-contact-create': {company: COMPANY, input: {email: 'new-contact@example.com'}},
  'companies-page': {query: "updated_at:>='2026-01-01T00:00:00Z'"},
  'companies-named': {ids: [COMPANY, 'gid://shopify/Company/1']},
  'company-locations-changed': {query: "updated_at:>='2026-01-01T00:00:00Z'"},
  'company-create': {
    input: {
      company: {name: 'New company'},
      companyContact: {email: 'new-company@example.com'},
      companyLocation: {shippingAddress: {address1: '1 Road', countryCode: 'GB'}, billingSameAsShipping: true},
    },
  },
  'company-contact-assign': {company: COMPANY, customer: CUSTOMER},
  'company-main-contact': {company: COMPANY, contact: CONTACT},
  'company-contact-roles': {
    contact: CONTACT,
    roles: [{companyContactRoleId: 'gid://shopify/CompanyContactRole/2500000002', companyLocationId: COMPANY_LOCATION}],
  },
  'company-location-create': {company: COMPANY, input: {name: 'Depot'}},
  'company-change': {
    company: COMPANY,
    input: {name: 'Renamed'},
    location: COMPANY_LOCATION,
    address: {address1: '2 Road', countryCode: 'GB'},
    taxId: 'GB1',
    card: {phone: '+442079460999'},
    firm: true,
    place: true,
    tax: true,
    terms: true,
  },
  'order-close': {id: ORDER},
  'order-update': {id: ORDER, customAttributes: [{key: 'BC Doc. No.', value: '101005'}]},
  'products-by-bc-id': Object.fromEntries(Array.from({length: 25}, (_, i) => [`p${i}`, {handle: `item-${i}`}])),
  'product-set': {
    identifier: {handle: 'new-chair'},
    input: {
      title: 'New chair',
      handle: 'new-chair',
      productOptions: [{name: 'Title', values: [{name: 'Default Title'}]}],
      variants: [{optionValues: [{optionName: 'Title', name: 'Default Title'}], price: '49.90'}],
    },
  },
  'variants-by-sku': {query: 'sku:"1896-S" OR barcode:"5000000000017"'},
  'bc-id-definition': {
    definition: {name: 'Item', namespace: 'cartage', key: 'bc_id', type: 'id', ownerType: 'PRODUCT'},
  },
  'tags-add': {id: ORDER, tags: ['taken-over']},
  'webhook-create': {topic: 'ORDERS_CREATE', subscription: {uri: 'https://app.example.com/hook', format: 'JSON'}},
};

/** The world has none. */
function madeReturn(store) {
  const id = 'gid://shopify/Order/5500000000000';
  store.perform('fulfil', id);
  const made = store.perform('openReturn', id, {lines: [{line: 0, quantity: 1}]});
  return `gid://shopify/Return/${made.id}`;
}

/** What the documents that ship want: an order of the merchant's own, one asked of our service, one that is shipped. */
function shippingOf(name, store) {
  const all = [...store.objects.values()].filter(record => record.__typename === 'Order');
  const open = all.find(order =>
    order.fulfillmentOrders.some(
      fo => fo.status === 'OPEN' && !fo.location.service && fo.lines.some(line => line.remaining),
    ),
  );
  const key = gid('Order', open.id);
  const [fo] = open.fulfillmentOrders.filter(entry => entry.status === 'OPEN');
  switch (name) {
    case 'fulfillment-create':
      return {fulfillment: {lineItemsByFulfillmentOrder: [{fulfillmentOrderId: gid('FulfillmentOrder', fo.id)}]}};
    case 'fulfillment-request-accept':
      store.perform('move', key, {location: 'ERP Warehouse'});
      store.perform('requestFulfillment', key, {});
      return {id: gid('FulfillmentOrder', fo.id)};
    default: {
      const [made] = all.flatMap(order => order.fulfillments);
      return {id: gid('Fulfillment', made.id), tracking: {number: '77', company: 'UPS'}};
    }
  }
}

/** Variables of a document; those of variants need ids of the world. */
function variablesOf(name, peer) {
  const store = peer.stores.get('demo.myshopify.com');
  if (name.startsWith('fulfillment-') && !VARIABLES[name] && name !== 'fulfillment-lines-page')
    return shippingOf(name, store);
  const ofType = {
    'fulfillment-lines-page': 'FulfillmentOrder',
    'refund-lines-page': 'Refund',
    'return-lines-page': 'Return',
    'return-exchanges-page': 'Return',
  }[name];
  if (ofType) return {id: [...store.objects.keys()].find(id => id.includes(`/${ofType}/`)) ?? madeReturn(store)};
  if (name === 'variants-by-ids')
    return {
      ids: [...peer.stores.get('demo.myshopify.com').products]
        .slice(0, 9)
        .map(product => `gid://shopify/ProductVariant/${product.variants[0].id}`),
    };
  if (name === 'product-change') {
    const [product] = store.products;
    const variants = [{id: gid('ProductVariant', product.variants[0].id), price: '12.50'}];
    const id = gid('Product', product.id);
    return {product: {id, title: 'Renamed'}, id, variants, fields: true, some: true};
  }
  if (name.startsWith('catalog-prices-')) {
    const list = [...store.objects.values()].find(record => record.__typename === 'PriceList');
    const variantId = gid('ProductVariant', [...store.products][0].variants[0].id);
    const price = {amount: '12.5', currencyCode: list.currency};
    const prices = [{variantId, price, compareAtPrice: null}];
    const none = {pricesToDeleteByVariantId: [], quantityPriceBreaksToDelete: [], quantityRulesToAdd: [], quantityRulesToDeleteByVariantId: []};
    const input = {...none, pricesToAdd: prices, quantityPriceBreaksToAdd: [{variantId, minimumQuantity: 10, price}]};
    return {list: gid('PriceList', list.id), ...(name === 'catalog-prices-add' ? {prices} : {input})};
  }
  if (name === 'product-links') return {id: gid('Product', [...store.products][0].id)};
  if (VARIABLES[name]) return VARIABLES[name];
  const text = documentText(name); // a document that is new here is asked about the orders, or one of them
  return {...(/\$ids: \[ID!\]!/.test(text) && {ids: ORDERS}), ...(/\$id: ID!/.test(text) && {id: ORDER})};
}

/** What the documents of bulk operations want: a file, and an operation over it. */
async function bulkOf(client) {
  const mutation = documentText('order-close');
  const run = {mutation, path: await staged(client, JSON.stringify({id: ORDER})), clientIdentifier: 'documents-1'};
  const {data} = await client.ask(documentText('bulk-run-mutation'), run);
  const webhook = {topic: 'ORDERS_UPDATED', subscription: {uri: 'https://app.example.com/hook'}};
  const {webhookSubscription} = (await client.ask(documentText('webhook-create'), webhook)).data
    .webhookSubscriptionCreate;
  return {
    'staged-uploads-create': {input: [UPLOAD]},
    'bulk-run-mutation': run,
    'bulk-run-query': {query: '{ products { edges { node { id } } } }'},
    'webhook-delete': {id: webhookSubscription.id},
    'bulk-status': {id: data.bulkOperationRunMutation.bulkOperation.id},
  };
}

test('every document is answered with data and at the price it names', async t => {
  const client = await startPeer(t);
  const bulk = await bulkOf(client);
  const facts = await catalogueFacts(client);
  for (const name of documentNames()) {
    const text = documentText(name);
    if (/^# bulk/.test(text)) {
      const started = await client.ask(documentText('bulk-run-query'), {query: text});
      assert.deepEqual(started.data.bulkOperationRunQuery.userErrors, [], name);
      continue;
    }
    const variables = bulk[name] ?? catalogueVariables(name, facts) ?? variablesOf(name, client.peer);
    const {data, extensions} = await client.ask(text, variables);
    const [root] = Object.values(data);
    assert.ok(root !== null && root !== undefined, `${name}: no data`);
    if (root.userErrors) assert.deepEqual(root.userErrors, [], name);
    // a document names its price at the page sizes of its defaults
    const price = Number(/^# cost (\d+)/.exec(text)[1]);
    if (name !== 'order-lines-page' && !paysByElement(name))
      assert.equal(extensions.cost.requestedQueryCost, price, name);
    assert.ok(extensions.cost.actualQueryCost <= extensions.cost.requestedQueryCost, `${name}: actual over requested`);
  }
});

test('the walk answers what graphql-js answers, in every supported version', async t => {
  const client = await startPeer(t);
  const bulk = await bulkOf(client);
  const facts = await catalogueFacts(client);
  const documents = new Documents(client.peer.schemas);
  const store = client.peer.stores.get('demo.myshopify.com');
  const resolvers = {...TYPES, QueryRoot: Query};
  const fieldResolver = (source, args, context, {parentType, fieldName}) => {
    const resolve = resolvers[parentType.name]?.[fieldName];
    return resolve ? resolve(source, args, context) : source[fieldName];
  };
  for (const version of SUPPORTED)
    for (const name of documentNames()) {
      const [head] = documentText(name).split('\n');
      const [, since = version] = /\bsince (\d{4}-\d\d)\b/.exec(head) ?? [];
      if (since > version || /^# bulk/.test(head)) continue;
      const prepared = documents.prepare(version, documentText(name));
      if (prepared.plan.isMutation) continue; // the same selections, and an effect that would happen twice
      const given = bulk[name] ?? catalogueVariables(name, facts) ?? variablesOf(name, client.peer);
      const variables = documents.variablesOf(prepared, given);
      const context = {
        store,
        token: {scopes: ['read_all_orders'], clientId: store.clientId},
        bulk: client.peer.bulk,
        ...client.peer.graphql.reach,
        filters: client.peer.schemas.get(version).filters,
        searches: [],
      };
      const ours = prepared.plan.run({variables, context});
      const theirs = execute({
        schema: prepared.schema,
        document: prepared.document,
        variableValues: variables,
        rootValue: {},
        contextValue: context,
        fieldResolver,
        typeResolver: value => value.__typename,
      });
      assert.equal(theirs.errors, undefined, `${version} ${name}`);
      assert.equal(JSON.stringify(ours.data), JSON.stringify(theirs.data), `${version} ${name}`);
    }
});

test('directives, aliases, fragments and nulls in places that must not be null', async t => {
  const client = await startPeer(t);
  const query = `query Q($with: Boolean!, $id: ID!) {
    a: order(id: $id) { name ...F @include(if: $with) note @skip(if: $with) }
    b: order(id: "gid://shopify/Order/1") { name }
    node(id: $id) { __typename id ... on Order { name } }
  } fragment F on Order { test }`;
  const id = 'gid://shopify/Order/5500000000000';
  assert.deepEqual((await client.ask(query, {with: true, id})).data, {
    a: {name: '#1001', test: false},
    b: null,
    node: {__typename: 'Order', id, name: '#1001'},
  });
  assert.deepEqual((await client.ask(query, {with: false, id})).data.a, {name: '#1001', note: null});

  const {body} = await client.send(
    `{ order(id: "${id}") { name lineItems(first: 1) { nodes { id weight { value } } } merchantEditable } }`,
  );
  assert.equal(body.data.order, null, 'a missing Boolean! takes the order with it');
  assert.deepEqual(
    body.errors.map(error => [error.extensions.code, error.path.join('.')]),
    [
      ['NOT_SIMULATED', 'order.lineItems.nodes.0.weight'],
      ['NOT_SIMULATED', 'order.merchantEditable'],
    ],
  );
});

test('every document is valid in every supported version, by the project validator', () => {
  for (const version of SUPPORTED) {
    const schema = path.join(SCHEMA_FOLDER, `admin_${version}.json.gz`);
    const output = execFileSync(
      process.execPath,
      [path.join(ROOT, 'tests/sandbox/validate.mjs'), schema, ...DOCUMENTS],
      {cwd: path.join(ROOT, 'sandbox'), encoding: 'utf8'},
    );
    assert.match(output, new RegExp(`^${documentNames().length} passed, 0 failed$`, 'm'), version);
  }
});

test('old versions fall forward to the oldest supported one, unknown ones do not exist', async t => {
  const client = await startPeer(t);
  for (const [asked, served] of [
    [LATEST, LATEST],
    ['2026-04', '2026-04'],
    ['2025-01', '2026-01'],
    ['2024-10', '2026-01'],
  ]) {
    assert.equal(servedVersion(asked), served);
    const {status, headers} = await client.as({version: asked}).send('{ shop { id } }');
    assert.deepEqual([status, headers.get('x-shopify-api-version')], [200, served], asked);
  }
  const bare = await client.send('{ shop { id } }', {}, {path: '/admin/api/graphql.json'});
  assert.equal(bare.headers.get('x-shopify-api-version'), '2026-01', 'a path without a version is the oldest one');
  assert.equal((await client.as({version: '2031-01'}).send('{ shop { id } }')).status, 404);
  assert.equal((await client.as({version: 'latest'}).send('{ shop { id } }')).status, 404);
});

test('the schema it tells about itself is the published one', async t => {
  const client = await startPeer(t);
  const {data} = await client.ask(
    getIntrospectionQuery({inputValueDeprecation: true, oneOf: true, specifiedByUrl: true}),
  );
  const {schema} = client.peer.schemas.get(LATEST);
  assert.ok(printSchema(buildClientSchema(data)) === printSchema(schema), 'the printed schemas differ');
});

test('25 orders of 20 lines take little of the processor', async t => {
  const client = await startPeer(t, {}, made => {
    const [store] = made.stores;
    const lines = store.products.slice(0, 20).map(product => ({variant: product.variants[0].id, quantity: 2}));
    for (const order of store.orders) Object.assign(order, {lines, history: [], payments: undefined});
  });
  const documents = new Documents(client.peer.schemas);
  const store = client.peer.stores.get('demo.myshopify.com');
  const context = {store, token: {scopes: ['read_all_orders']}, filters: new Map(), searches: []};
  const cpu = [];
  for (let i = 0; i < 9; i++) {
    const start = process.cpuUsage();
    const prepared = documents.prepare(LATEST, documentText('orders-by-ids'));
    const {data, errors} = prepared.plan.run({variables: documents.variablesOf(prepared, {ids: ORDERS}), context});
    const text = JSON.stringify(data);
    assert.deepEqual([errors.length, data.nodes[24].lineItems.nodes.length, text.length > 400_000], [0, 20, true]);
    cpu.push(process.cpuUsage(start).user / 1000);
  }
  const median = cpu.sort((a, b) => a - b)[4];
  assert.ok(median < 50, `${median} ms`);
});

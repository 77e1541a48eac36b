// Webhooks of the simulated Shopify: subscriptions, signatures (checked by Shopify's own library), repetitions, and the end
// of a subscription that nobody answers.
import assert from 'node:assert/strict';
import http from 'node:http';
import {test} from 'node:test';
import {atEnd} from '../end.mjs';
import {documentText, sandboxRequire, startPeer} from './peer.mjs';

sandboxRequire('@shopify/shopify-api/adapters/node');
const {shopifyApi, ApiVersion, LogSeverity} = sandboxRequire('@shopify/shopify-api');

/** What an app with this secret makes of a delivery, in the words of Shopify's own library. */
const validator = secret =>
  shopifyApi({
    apiKey: 'cartage-demo',
    apiSecretKey: secret,
    apiVersion: ApiVersion.July25,
    hostName: 'app.example.com',
    isEmbeddedApp: false,
    logger: {level: LogSeverity.Error},
  });
const validate = (secret, {body, headers}) =>
  validator(secret).webhooks.validate({rawBody: body, rawRequest: {method: 'POST', url: '/hook', headers}, rawResponse: {}});

/** An app's server: keeps what comes, answers `status`. */
async function listen(t, status = 200) {
  const got = [];
  const receiver = {got, status};
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', chunk => chunks.push(chunk));
    request.on('end', () => {
      got.push({headers: request.headers, body: Buffer.concat(chunks).toString('utf8')});
      response.writeHead(receiver.status).end();
    });
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  atEnd(t, () => (server.closeAllConnections(), server.close()));
  receiver.url = `http://127.0.0.1:${server.address().port}/hook`;
  return receiver;
}

async function until(what, look) {
  const end = Date.now() + 5000;
  for (;;) {
    const value = await look();
    if (value) return value;
    assert.ok(Date.now() < end, `not within 5 s: ${what}`);
    await new Promise(setImmediate);
  }
}

const subscribe = async (client, topic, uri, more = {}) =>
  (await client.ask(documentText('webhook-create'), {topic, subscription: {uri, ...more}})).data
    .webhookSubscriptionCreate;
const place = client => client.admin('POST', 'orders', {lines: [{title: 'Work', quantity: 1, price: '5.00'}]});

test('an order is told of, signed as the own library of Shopify wants it', async t => {
  const client = await startPeer(t);
  const app = await listen(t);
  assert.deepEqual((await subscribe(client, 'ORDERS_CREATE', app.url)).userErrors, []);
  const {id} = await place(client);
  const [delivery] = await until('a delivery', () => app.got.length && app.got);
  const checked = await validate('sandbox-secret', delivery);
  assert.deepEqual(
    [checked.valid, checked.topic, checked.domain, checked.apiVersion],
    [true, 'ORDERS_CREATE', 'demo.myshopify.com', '2026-10'], // the library calls topics by the schema's names
  );
  assert.equal(JSON.parse(delivery.body).admin_graphql_api_id, id);
  assert.equal((await validate('another secret', delivery)).valid, false);
  assert.equal((await validate('sandbox-secret', {...delivery, body: `${delivery.body} `})).valid, false);
  for (const name of ['event-id', 'webhook-id', 'triggered-at'])
    assert.ok(delivery.headers[`x-shopify-${name}`], name);
});

test('only the fields that are wanted are sent', async t => {
  const client = await startPeer(t);
  const app = await listen(t);
  await subscribe(client, 'ORDERS_CREATE', app.url, {includeFields: ['id', 'updated_at', 'customer.id', 'no_such']});
  await client.admin('POST', 'orders', {
    customer: '7300000000001',
    lines: [{title: 'Work', quantity: 1, price: '5.00'}],
  });
  const [{body}] = await until('a delivery', () => app.got.length && app.got);
  assert.deepEqual(Object.keys(JSON.parse(body)), ['id', 'updated_at', 'customer']);
});

test('what is no subscription is refused in words', async t => {
  const client = await startPeer(t, {scopes: 'read_orders'});
  const uri = 'https://app.example.com/hook';
  assert.deepEqual((await subscribe(client, 'ORDERS_CREATE', uri)).userErrors, []);
  const refusals = [
    ['the same again', 'ORDERS_CREATE', uri, 'Address for this topic has already been taken'],
    ['not encrypted', 'ORDERS_UPDATED', 'http://app.example.com/hook', 'Address protocol http:// is not supported'],
    ['no address', 'ORDERS_UPDATED', 'nowhere', 'Address is invalid'],
    ['a scope is missing', 'PRODUCTS_UPDATE', uri, /do not have permission.*products\/update.*read_products/],
  ];
  for (const [what, topic, address, message] of refusals) {
    const {webhookSubscription, userErrors} = await subscribe(client, topic, address);
    assert.equal(webhookSubscription, null, what);
    if (message instanceof RegExp) assert.match(userErrors[0].message, message, what);
    else assert.equal(userErrors[0].message, message, what);
  }
  const {nodes} = (await client.ask(documentText('webhooks-list'))).data.webhookSubscriptions;
  assert.deepEqual(
    nodes.map(node => [node.topic, node.uri, node.apiVersion.handle]),
    [['ORDERS_CREATE', uri, '2026-10']],
  );
  const gone = (await client.ask(documentText('webhook-delete'), {id: nodes[0].id})).data.webhookSubscriptionDelete;
  assert.deepEqual([gone.deletedWebhookSubscriptionId, gone.userErrors], [nodes[0].id, []]);
  const twice = (await client.ask(documentText('webhook-delete'), {id: nodes[0].id})).data.webhookSubscriptionDelete;
  assert.equal(twice.userErrors[0].message, 'Webhook subscription does not exist');
});

test('an answer that is no 2xx is followed by eight repetitions over four hours, then by the end', async t => {
  const client = await startPeer(t);
  const app = await listen(t, 503);
  await subscribe(client, 'ORDERS_CREATE', app.url);
  await place(client);
  for (let n = 1; n <= 9; n++) {
    await until(`try ${n}`, async () => (await client.admin('GET', 'webhooks')).deliveries.length === n);
    const {subscriptions} = await client.admin('GET', 'webhooks');
    if (n < 9) assert.equal(subscriptions.length, 1, `after try ${n}`);
    await client.admin('POST', 'time', {bucket_ms: (4 * 3_600_000 * 2 ** (n - 1)) / 255 + 1});
  }
  await until('the end', async () => !(await client.admin('GET', 'webhooks')).subscriptions.length);
  const [first, ...again] = app.got;
  assert.ok(again.every(({body, headers}) => body === first.body && headers['x-shopify-event-id'] === first.headers['x-shopify-event-id']));
});

test('faults: twice, late, never, with another signature, of yesterday', async t => {
  const client = await startPeer(t);
  const app = await listen(t);
  await subscribe(client, 'ORDERS_CREATE', app.url);
  const one = async action => {
    app.got.length = 0;
    await client.faults({match: {operation: 'webhook'}, times: 1, action});
    await place(client);
  };
  await one({kind: 'webhook_double'});
  await until('two', () => app.got.length === 2);
  const [first, second] = app.got.map(({headers}) => headers);
  assert.equal(first['x-shopify-event-id'], second['x-shopify-event-id']);
  assert.notEqual(first['x-shopify-webhook-id'], second['x-shopify-webhook-id']);
  await one({kind: 'webhook_forged'});
  await until('one', () => app.got.length === 1);
  assert.equal((await validate('sandbox-secret', app.got[0])).valid, false);
  await one({kind: 'webhook_old'});
  await until('one', () => app.got.length === 1);
  assert.ok(Date.parse(app.got[0].headers['x-shopify-triggered-at']) < Date.now() - 86_400_000);
  await one({kind: 'webhook_late', ms: 60_000});
  assert.equal((await client.admin('GET', 'webhooks')).waiting, 1);
  await client.admin('POST', 'time', {bucket_ms: 60_001});
  await until('one', () => app.got.length === 1);
  await one({kind: 'webhook_lost'});
  assert.equal((await client.admin('GET', 'webhooks')).waiting, 0);
});

test('each kind of change has its topics, and one event id', async t => {
  const client = await startPeer(t);
  const app = await listen(t);
  const topics = ['ORDERS_UPDATED', 'ORDERS_CANCELLED', 'ORDERS_EDITED', 'REFUNDS_CREATE', 'FULFILLMENTS_CREATE',
    'FULFILLMENT_ORDERS_PLACED_ON_HOLD', 'PRODUCTS_UPDATE', 'PRODUCTS_DELETE', 'INVENTORY_LEVELS_UPDATE', 'CUSTOMERS_CREATE',
    'COMPANIES_CREATE', 'COMPANIES_UPDATE', 'COMPANIES_DELETE', 'COMPANY_LOCATIONS_CREATE', 'COMPANY_LOCATIONS_UPDATE',
    'COMPANY_LOCATIONS_DELETE', 'COMPANY_CONTACTS_CREATE', 'COMPANY_CONTACTS_DELETE', 'COMPANY_CONTACT_ROLES_ASSIGN', 'COMPANY_CONTACT_ROLES_REVOKE'];
  for (const topic of topics) assert.deepEqual((await subscribe(client, topic, app.url)).userErrors, [], topic);
  const {name} = await client.admin('POST', 'orders', {lines: [{sku: '1896-S', quantity: 2, price: '5.00'}]});
  const key = encodeURIComponent(name);
  const told = async (wanted, act) => {
    await until('all is sent', async () => !(await client.admin('GET', 'webhooks')).waiting);
    app.got.length = 0;
    await act();
    const seen = await until(`${wanted}`, () => {
      const all = new Set(app.got.map(({headers}) => headers['x-shopify-topic']));
      return wanted.every(topic => all.has(topic)) && app.got;
    });
    assert.equal(new Set(seen.map(({headers}) => headers['x-shopify-event-id'])).size, 1);
  };
  await told(['fulfillment_orders/placed_on_hold', 'orders/updated'], () => client.admin('POST', `orders/${key}/hold`, {}));
  await client.admin('POST', `orders/${key}/release`, {});
  await told(['orders/edited', 'orders/updated'], () => client.admin('POST', `orders/${key}/edit`, {lines: [{line: 0, quantity: 1}]}));
  await told(['fulfillments/create', 'inventory_levels/update'], () => client.admin('POST', `orders/${key}/fulfil`, {}));
  await told(['refunds/create'], () => client.admin('POST', `orders/${key}/refund`, {amount: '1.00'}));
  let company;
  await told(['companies/create', 'company_locations/create', 'company_contacts/create', 'company_contact_roles/assign'], async () => {
    company = await client.admin('POST', 'companies', {
      name: 'Told Ltd.',
      contact: {email: 'told@example.com', firstName: 'Tia'},
      role: 'Ordering only',
      locations: [{name: 'One'}, {name: 'Two'}],
    });
  });
  const at = `companies/${company.id}`;
  await told(['companies/update'], () => client.admin('POST', at, {name: 'Told Group'}));
  const [one] = company.locations;
  await told(['company_locations/update'], () => client.admin('POST', `${at}/locations/${one.id}`, {phone: '+442079460000'}));
  await told(['company_locations/delete', 'company_contact_roles/revoke'], () => client.admin('DELETE', `${at}/locations/${one.id}`));
  await told(['companies/delete', 'company_contacts/delete'], () => client.admin('DELETE', at));
});

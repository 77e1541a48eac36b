// Clients that others wrote accept the peer: Shopify's own admin-api-client, and shopify-api-node, which reads
// extensions.cost and waits out a THROTTLED by itself.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {documentText, sandboxRequire, startPeer} from './peer.mjs';

/** A development package, or a skipped test when only the peer itself is installed. */
function packageOf(t, name) {
  try {
    return sandboxRequire(name);
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    t.skip(`${name} is not installed; run npm ci in sandbox/`);
    return null;
  }
}

test('@shopify/admin-api-client reads orders', async t => {
  const found = packageOf(t, '@shopify/admin-api-client');
  if (!found) return;
  const peer = await startPeer(t);
  const client = found.createAdminApiClient({
    storeDomain: 'demo.myshopify.com',
    apiVersion: '2026-10',
    accessToken: 'shpat_sandbox',
    retries: 1,
    customFetchApi: (url, init) =>
      fetch(url.replace('https://demo.myshopify.com', peer.url), {
        ...init,
        headers: {...init.headers, 'x-forwarded-host': 'demo.myshopify.com'},
      }),
  });
  const list = await client.request(documentText('orders-delta'), {
    variables: {query: "updated_at:>='2026-10-25T00:00:00Z'", first: 5},
  });
  assert.equal(list.errors, undefined, JSON.stringify(list.errors));
  assert.equal(list.data.orders.nodes.length, 5);
  assert.equal(list.extensions.cost.requestedQueryCost, 2 + 3);
  const details = await client.request(documentText('orders-by-ids'), {
    variables: {ids: list.data.orders.nodes.map(node => node.id)},
  });
  assert.deepEqual(
    details.data.nodes.map(node => node.name),
    list.data.orders.nodes.map(node => node.name),
  );

  const wrong = await client.request('{ shop { nonsense } }');
  assert.equal(wrong.errors.graphQLErrors[0].extensions.code, 'undefinedField');
  await peer.faults({match: {root: 'shop'}, nth: 1, action: {kind: 'status', status: 503}});
  const retried = await client.request('{ shop { name } }');
  assert.equal(retried.data.shop.name, 'Demo Shop', 'it repeats a 503 by itself');
});

test('shopify-api-node reads and waits out the throttle', async t => {
  const Shopify = packageOf(t, 'shopify-api-node');
  if (!Shopify) return;
  const peer = await startPeer(t, {plan: 'basic'});
  const shop = new Shopify({
    shopName: 'demo',
    accessToken: 'shpat_sandbox',
    apiVersion: '2026-10',
    autoLimit: false,
    maxRetries: 3,
  });
  const {hostname, port} = new URL(peer.url);
  shop.baseUrl = {protocol: 'http:', hostname, port};
  const limits = [];
  shop.on('callGraphqlLimits', seen => limits.push(seen));

  const answer = await shop.graphql('{ shop { name } orders(first: 3) { nodes { name } } }');
  assert.deepEqual(
    answer.orders.nodes.map(node => node.name),
    ['#1001', '#1002', '#1003'],
  );
  assert.deepEqual([limits[0].max, limits[0].restoreRate, limits[0].actualQueryCost], [2000, 100, 1 + 2 + 2]);

  await peer.admin('POST', 'plan', {rate: 200}); // so that the wait is short
  await peer.admin('DELETE', 'ledger');
  const start = performance.now();
  await peer.admin('POST', 'drain', {});
  const {orders} = await shop.graphql('{ orders(first: 250) { nodes { lineItems(first: 250) { nodes { id } } } } }');
  assert.equal(orders.nodes.length, 240);
  const waited = performance.now() - start;
  assert.ok(waited > 500, `${waited} ms: 156 points come back in 780 ms`);
  const {throttled, calls} = await peer.admin('GET', 'ledger');
  assert.equal(throttled, calls - 1, 'it was refused until it had waited, and then served');
  assert.ok(throttled >= 1);

  await assert.rejects(shop.graphql('{ shop { nonsense } }'), /doesn't exist on type 'Shop'/);
});

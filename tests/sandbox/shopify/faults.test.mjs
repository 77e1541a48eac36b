// Faults by rule and by request: what happened, what was answered, and that a mutation hit by one either took
// effect or did not, as the fault says.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {codeOf, documentText, startPeer} from './peer.mjs';

const ID = 'gid://shopify/Order/5500000000003';
const CLOSE = documentText('order-close');

/** Sends the mutation under a fault; answers what came back and whether it took effect. */
async function closing(client, action) {
  const before = (await client.admin('GET', 'ledger')).effects.length;
  const answer = await client
    .send(CLOSE, {id: ID}, {headers: {'x-sandbox-fault': JSON.stringify(action)}})
    .catch(error => ({failed: error.cause?.code ?? error.cause?.message ?? error.message}));
  return {answer, happened: (await client.admin('GET', 'ledger')).effects.length > before};
}

test('faults before and after the effect', async t => {
  const client = await startPeer(t);
  const rows = [
    [{kind: 'status', status: 503}, false, answer => assert.equal(answer.status, 503)],
    [
      {kind: 'status', status: 429, headers: {'retry-after': '4.0'}, body: '{"errors":"slow down"}'},
      false,
      answer => assert.deepEqual([answer.status, answer.headers.get('retry-after')], [429, '4.0']),
    ],
    [{kind: 'status', status: 430}, false, answer => assert.equal(answer.status, 430)],
    [
      {kind: 'internal_before'},
      false,
      answer =>
        assert.deepEqual([answer.status, codeOf(answer), answer.body.data], [200, 'INTERNAL_SERVER_ERROR', null]),
    ],
    [{kind: 'throttled'}, false, answer => assert.equal(codeOf(answer), 'THROTTLED')],
    [{kind: 'reset_before'}, false, answer => assert.ok(answer.failed)],
    [{kind: 'status_after', status: 504}, true, answer => assert.equal(answer.status, 504)],
    [{kind: 'internal_after'}, true, answer => assert.equal(codeOf(answer), 'INTERNAL_SERVER_ERROR')],
    [{kind: 'reset_after'}, true, answer => assert.ok(answer.failed)],
    [{kind: 'truncate'}, true, answer => assert.ok(answer.failed)],
    [{kind: 'hang_after', ms: 30}, true, answer => assert.equal(answer.status, 200)],
    [{kind: 'slow_body', ms: 30}, true, answer => assert.equal(answer.status, 200)],
    [{kind: 'late', ms: 30}, true, answer => assert.equal(answer.status, 200)],
    [
      {kind: 'headers', headers: {'x-shopify-api-version': '2026-07', 'x-shopify-api-deprecated-reason': 'https://x'}},
      true,
      answer => {
        assert.equal(answer.headers.get('x-shopify-api-version'), '2026-07');
        assert.equal(answer.headers.get('x-shopify-api-deprecated-reason'), 'https://x');
      },
    ],
    [{kind: 'revoke_token'}, false, answer => assert.equal(answer.status, 401)],
  ];
  for (const [action, happens, check] of rows)
    await t.test(action.kind, async () => {
      await client.admin('POST', 'time', {bucket_ms: 60_000}); // after a storm the bucket is empty
      const {answer, happened} = await closing(client, action);
      check(answer);
      assert.equal(happened, happens);
    });
  assert.equal((await client.send('{ shop { id } }')).status, 401, 'a revoked token stays revoked');
});

/** Gives up on a call after `ms`, and waits until the peer is done with it. */
async function giveUp(client, action, ms) {
  await fetch(`${client.url}/admin/api/2026-10/graphql.json`, {
    method: 'POST',
    body: JSON.stringify({query: CLOSE, variables: {id: ID}}),
    signal: AbortSignal.timeout(ms),
    headers: {'x-shopify-access-token': client.token, 'x-sandbox-fault': JSON.stringify(action)},
  }).then(
    () => assert.fail('answered'),
    error => assert.equal(error.name, 'TimeoutError'),
  );
}

test('a call given up on: nothing happens after hang_before, all happens after late', async t => {
  const client = await startPeer(t);
  const effects = async () => (await client.admin('GET', 'ledger')).effects.length;
  const calls = async () => (await client.admin('GET', 'ledger')).calls;
  await giveUp(client, {kind: 'hang_before', ms: 1000}, 400);
  await until(async () => (await calls()) === 1);
  assert.equal(await effects(), 0);
  await giveUp(client, {kind: 'late', ms: 1000}, 400);
  await until(async () => (await calls()) === 2);
  assert.equal(await effects(), 1);
});

test('an effect that comes only when the caller gave up and looked once', async t => {
  const client = await startPeer(t);
  const isClosed = async () =>
    (await client.ask('query Look ($id: ID!) { order(id: $id) { closed } }', {id: ID})).data.order.closed;
  const waiting = async () => (await client.admin('GET', 'faults')).delayed;
  await client.faults({match: {operation: 'OrderClose'}, nth: 1, action: {kind: 'later', match: '^Look '}});
  await assert.rejects(client.send(CLOSE, {id: ID}));
  await client.ask('{ shop { id } }');
  assert.equal(await waiting(), 1, 'another query is no look');
  assert.equal(await isClosed(), false, 'the look finds nothing');
  await until(async () => (await waiting()) === 0);
  assert.equal(await isClosed(), true, 'and there it is');
  assert.equal((await client.admin('GET', 'ledger')).effects.length, 1);
  await client.faults({action: {kind: 'later', looks: 1000, bucket_ms: 20}});
  await assert.rejects(client.send(documentText('tags-add'), {id: ID, tags: ['late']}));
  await client.ask('{ shop { id } }'); // a read is not hit
  await until(async () => (await client.admin('GET', 'ledger')).effects.length === 2);
});

test('rules choose calls by root, operation, path and count', async t => {
  const client = await startPeer(t);
  const statuses = async (n, query = '{ shop { id } }', variables) => {
    const list = [];
    for (let i = 0; i < n; i++) list.push((await client.send(query, variables)).status);
    return list;
  };
  const fail = {kind: 'status', status: 502};
  await client.faults({match: {root: 'shop'}, nth: 2, action: fail});
  assert.deepEqual(await statuses(3), [200, 502, 200]);
  await client.faults({match: {root: 'shop'}, every: 2, action: fail});
  assert.deepEqual(await statuses(4), [200, 502, 200, 502]);
  await client.faults({match: {root: 'orders'}, times: 1, action: fail});
  assert.deepEqual(await statuses(1), [200]);
  assert.deepEqual(await statuses(2, '{ orders(first: 1) { nodes { id } } }'), [502, 200]);
  await client.faults({match: {operation: 'OrderClose'}, action: fail});
  assert.deepEqual([...(await statuses(1)), ...(await statuses(1, CLOSE, {id: ID}))], [200, 502]);
  await client.faults({match: {path: 'oauth'}, action: {kind: 'status', status: 500}});
  assert.equal((await fetch(`${client.url}/admin/oauth/access_token`, {method: 'POST'})).status, 500);
  await client.faults({match: {}, probability: 0.5, action: fail});
  const first = await statuses(40);
  await client.faults({match: {}, probability: 0.5, action: fail});
  assert.deepEqual(await statuses(40), first, 'drawn by seed');
  assert.ok(first.includes(200) && first.includes(502));
  await client.admin('DELETE', 'faults');
  assert.deepEqual(await statuses(1), [200]);
  await assert.rejects(client.faults({action: {kind: 'explode'}}), /rules\[0\].action.kind: want one of/);
});

test('tokens: by client credentials, side by side, expiring, sharing a budget', async t => {
  const client = await startPeer(t, {tokenLife: 3600, timeScale: 3600 * 20}); // an hour passes in 50 ms
  const grant = (form, type) =>
    fetch(`${client.url}/admin/oauth/access_token`, {
      method: 'POST',
      body: type === 'json' ? JSON.stringify(form) : new URLSearchParams(form),
      headers: type === 'json' ? {'content-type': 'application/json'} : {},
    });
  const good = {grant_type: 'client_credentials', client_id: 'cartage-demo', client_secret: 'sandbox-secret'};
  const [first, second] = [await (await grant(good)).json(), await (await grant(good, 'json')).json()];
  assert.deepEqual([first.expires_in, typeof first.scope], [3600, 'string']);
  assert.notEqual(first.access_token, second.access_token);
  assert.equal((await grant({...good, client_secret: 'wrong'})).status, 400);
  assert.equal((await grant({...good, grant_type: 'password'})).status, 400);
  const asToken = client.as({token: first.access_token});
  await until(async () => (await asToken.send('{ shop { id } }')).status === 401);
  assert.equal((await client.send('{ shop { id } }')).status, 200, 'the static token has no end');
});

test('the real profile takes its time, scaled', async t => {
  const client = await startPeer(t, {latency: 'real', timeScale: 5, indexLag: 0});
  const timed = async (query, variables) => {
    const start = performance.now();
    await client.ask(query, variables);
    return (performance.now() - start) * 5;
  };
  const read = await timed('{ shop { id } }');
  assert.ok(read >= 75, `${read} ms for a read of 150 ± 50 %`);
  const write = await timed(CLOSE, {id: ID});
  assert.ok(write >= 150, `${write} ms for a mutation of 300 ± 50 %`);
  await client.admin('POST', 'latency', {profile: 'none'});
  await assert.rejects(client.admin('POST', 'latency', {profile: 'slow'}), /want one of none, real/);
});

/** Waits until something holds, at most five seconds. */
async function until(holds) {
  const deadline = Date.now() + 5000;
  while (!(await holds())) assert.ok(Date.now() < deadline, 'waited five seconds in vain');
}

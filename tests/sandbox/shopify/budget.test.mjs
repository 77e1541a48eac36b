// The leaky bucket: per store and app, on bucket time, never giving out more than it holds and refills.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Bucket} from '../../../sandbox/shopify/bucket.mjs';
import {PLANS} from '../../../sandbox/shopify/plans.mjs';
import {world} from '../../../sandbox/data/world.mjs';
import {codeOf, startPeer} from './peer.mjs';

const handClock = () => ({
  now: 0,
  bucketMs() {
    return this.now;
  },
});

test('the bucket refills at its rate and stops at its size', () => {
  const clock = handClock();
  const bucket = new Bucket({clock, limits: PLANS.basic});
  assert.ok(bucket.take(1900));
  assert.ok(!bucket.take(101), 'only 100 left');
  clock.now = 1000;
  assert.ok(bucket.take(200), '100 came back within a second');
  clock.now = 3_600_000;
  assert.deepEqual(bucket.status(), {maximumAvailable: 2000, currentlyAvailable: 2000, restoreRate: 100});
  bucket.take(500);
  bucket.giveBack(900);
  assert.equal(bucket.status().currentlyAvailable, 2000, 'giving back does not overfill');
  bucket.limit({maximum: 1000, rate: 50});
  assert.equal(bucket.status().currentlyAvailable, 1000, 'a reduction cuts what is there');
});

const DEAR = '{ orders(first: 250) { nodes { id lineItems(first: 250) { nodes { id } } } } }';

test('an empty bucket refuses, says what it holds, and charges nothing', async t => {
  const client = await startPeer(t, {plan: 'basic'});
  await client.admin('POST', 'plan', {rate: 1});
  await client.admin('POST', 'drain', {});
  await client.admin('DELETE', 'ledger');
  const {status, body} = await client.send(
    'mutation { tagsAdd(id: "gid://shopify/Order/5500000000000", tags: ["x"]) { userErrors { message } } }',
  );
  assert.equal(status, 200);
  assert.equal(body.data, undefined);
  assert.equal(codeOf({body}), 'THROTTLED');
  assert.equal(body.extensions.cost.requestedQueryCost, 10);
  assert.equal(body.extensions.cost.actualQueryCost, null);
  assert.equal(body.extensions.cost.throttleStatus.restoreRate, 1);
  const {throttled, points, effects} = await client.admin('GET', 'ledger');
  assert.deepEqual([throttled, points, effects.length], [1, 0, 0], 'nothing ran');
  await client.admin('POST', 'time', {bucket_ms: 10_000});
  await client.ask(
    'mutation { tagsAdd(id: "gid://shopify/Order/5500000000000", tags: ["x"]) { userErrors { message } } }',
  );
});

test('plans, and a reduction for a while', async t => {
  const client = await startPeer(t, {plan: 'plus'});
  const limits = async () => {
    const {maximumAvailable, restoreRate} = (await client.ask('{ shop { id } }')).extensions.cost.throttleStatus;
    return [maximumAvailable, restoreRate];
  };
  assert.deepEqual(await limits(), [20000, 1000]);
  await client.admin('POST', 'plan', {plan: 'advanced'});
  assert.deepEqual(await limits(), [4000, 200]);
  await client.admin('POST', 'plan', {plan: 'basic', rate: 50});
  assert.deepEqual(await limits(), [2000, 50]);
  await assert.rejects(client.admin('POST', 'plan', {plan: 'gold'}), /want one of/);
});

test('each store has its own bucket', async t => {
  const client = await startPeer(t, {plan: 'basic', world: world({stores: 2})});
  const other = client.as({domain: 'demo-2.myshopify.com'});
  await client.admin('POST', 'drain', {store: 'demo-2.myshopify.com'});
  assert.equal(codeOf(await other.send(DEAR)), 'THROTTLED');
  assert.equal(codeOf(await client.send(DEAR)), undefined);
  assert.equal((await client.as({domain: 'nobody.myshopify.com'}).send(DEAR)).status, 404);
});

test('sixteen clients at once never get more than bucket and refill', async t => {
  // Sixteen clients of a busy machine must ask for more than the bucket gives: so it gives 400 points a second of ours.
  const scale = 4;
  const soak = 20_000; // of bucket time: five seconds of ours
  const client = await startPeer(t, {plan: 'basic', timeScale: scale});
  const {clock} = client.peer;
  const start = clock.bucketMs();
  let spent = 0;
  let refused = 0;
  const run = async () => {
    while (clock.bucketMs() - start < soak) {
      const {body} = await client.send(DEAR);
      if (codeOf({body}) === 'THROTTLED') {
        refused++;
        const {requestedQueryCost, throttleStatus} = body.extensions.cost;
        await clock.sleep(
          ((requestedQueryCost - throttleStatus.currentlyAvailable) / throttleStatus.restoreRate) * 1000,
        );
      } else spent += body.extensions.cost.actualQueryCost;
      const allowed = 2000 + (100 * (clock.bucketMs() - start)) / 1000;
      assert.ok(spent <= allowed, `${spent} points spent, ${allowed} allowed`);
    }
  };
  await Promise.all(Array.from({length: 16}, run));
  assert.ok(refused > 0, 'the soak met the limit');
  const available = 2000 + (100 * soak) / 1000;
  assert.ok(
    spent > available * 0.6,
    `${spent} of ${available} points used: a bucket that gives too little is wrong too`,
  );
  assert.equal((await client.admin('GET', 'ledger')).points, spent, 'the ledger counted the same');
});

// summary.mjs first|second|replay FILE [DAYS | https] - does a summary of ./demo --once hold what it promises?
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { closes } from '../../sandbox/demo/balance.mjs';
import { demoOperations } from './operations.mjs';

const [which, file, more] = process.argv.slice(2);
const days = more ?? '3';
const scheme = more === 'https' ? 'https' : 'http';
// What the file of sales holds, counted by itself; at most one order in a hundred may be a skip.
const REPLAYS = {
  3: { orders: 352, covered: 5, partly: 1 },
  30: { orders: 1629, covered: 131, partly: 17 },
};
const summary = JSON.parse(readFileSync(file, 'utf8'));
const { tasks, cues, balance } = summary;
const total = (name) => tasks.reduce((sum, task) => sum + task.counts[name], 0);

assert.equal(summary.ok, true);
assert.match(summary.dashboard, new RegExp(`^${scheme}://127\\.0\\.0\\.1:\\d+/$`));
assert.deepEqual(new Set(tasks.map((task) => task.operation)), new Set(demoOperations()));
for (const task of tasks) {
  assert.equal(task.outcome, 'ok', JSON.stringify(task));
  // These look at the company, too, and then at no shop.
  assert.ok(task.company && (task.shop || ['doctor.probe', 'webhooks.check'].includes(task.operation)), 'company and shop of a task');
  for (const name of ['read', 'created', 'updated', 'skipped', 'failed']) assert.equal(typeof task.counts[name], 'number', name);
  for (const name of ['ms', 'points', 'calls']) assert.equal(typeof task[name], 'number', name);
}
assert.ok(balance.orders >= 200, `${balance.orders} orders`);
assert.ok(closes(balance), JSON.stringify(balance.differences));
assert.ok(balance.documents > 0.5 * balance.orders, `${balance.documents} documents`);

if (which === 'first') {
  assert.ok(total('read') >= 200, `${total('read')} read`);
  // The new shop's store was empty: each item is a product there now, with its price, its stock and its picture.
  const shelf = (operation, name) => tasks.filter((task) => task.shop === 'NEW' && task.operation === operation).reduce((sum, task) => sum + task.counts[name], 0);
  const products = shelf('products.add', 'created');
  assert.ok(products >= 50, `${products} products in the new shop`);
  assert.ok(shelf('inventory.sync', 'updated') > 20, 'stock in the new shop');
  assert.ok(shelf('images.sync', 'created') > 20, 'pictures in the new shop');
  // Five kinds of trouble are in the world; each must be told apart.
  assert.ok(Object.keys(balance.skips).length >= 5, JSON.stringify(balance.skips));
  assert.ok(Object.values(cues).some((value) => value > 0), 'not all cues are green');
} else if (which === 'replay') {
  const { orders, ...returns } = REPLAYS[days];
  const skipped = Object.values(balance.skips).reduce((sum, count) => sum + count, 0);
  assert.equal(balance.orders, orders);
  assert.deepEqual(balance.returns, returns);
  assert.ok(skipped <= orders / 100, JSON.stringify(balance.skips));
  assert.equal(balance.documents, orders - skipped);
  assert.equal(balance.credit_memos, balance.refunds);
  assert.ok(balance.refunds >= returns.covered + returns.partly, `${balance.refunds} refunds`);
  assert.equal(balance.posted, balance.documents + balance.credit_memos);
  assert.deepEqual(balance.unposted, {});
  assert.equal(balance.shipments_told + Object.values(balance.shipments_untold).reduce((sum, count) => sum + count, 0), balance.shipments);
  assert.equal(balance.units.fulfilled + balance.units.given_back_first, balance.units.shipped);
  assert.equal(cues.shipment_errors, 0);
} else {
  assert.equal(total('created'), 0, 'a second run creates nothing');
  assert.equal(summary.shopify_writes, 0, 'a second run writes nothing to Shopify');
  assert.equal(tasks.filter((task) => task.operation === 'orders.sync').reduce((sum, task) => sum + task.counts.read, 0), 0,
    'a second run reads no order again');
}

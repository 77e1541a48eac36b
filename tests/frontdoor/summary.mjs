// summary.mjs first|second|replay FILE - does a summary of ./demo --once hold what it promises?
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { closes } from '../../sandbox/demo/balance.mjs';

const [which, file] = process.argv.slice(2);
const summary = JSON.parse(readFileSync(file, 'utf8'));
const { tasks, cues, balance } = summary;
const total = (name) => tasks.reduce((sum, task) => sum + task.counts[name], 0);

assert.equal(summary.ok, true);
assert.match(summary.dashboard, /^http:\/\/127\.0\.0\.1:\d+\/$/);
assert.deepEqual(new Set(tasks.map((task) => task.operation)), new Set(['orders.sync', 'orders.process', 'sales-orders.post', 'sales-invoices.post', 'shipments.sync']));
for (const task of tasks) {
  assert.equal(task.outcome, 'ok', JSON.stringify(task));
  assert.ok(task.company && task.shop, 'company and shop of a task');
  for (const name of ['read', 'created', 'updated', 'skipped', 'failed']) assert.equal(typeof task.counts[name], 'number', name);
  for (const name of ['ms', 'points', 'calls']) assert.equal(typeof task[name], 'number', name);
}
assert.ok(balance.orders >= 200, `${balance.orders} orders`);
assert.ok(closes(balance), JSON.stringify(balance.differences));
assert.ok(balance.documents > 0.5 * balance.orders, `${balance.documents} documents`);

if (which === 'first') {
  assert.ok(total('read') >= 200, `${total('read')} read`);
  // Five kinds of trouble are in the world; each must be told apart.
  assert.ok(Object.keys(balance.skips).length >= 5, JSON.stringify(balance.skips));
  assert.ok(Object.values(cues).some((value) => value > 0), 'not all cues are green');
} else if (which === 'replay') {
  assert.equal(balance.orders, 352);
  assert.ok(balance.documents >= 349, `${balance.documents} documents`);
  assert.equal(Object.values(balance.skips).reduce((sum, count) => sum + count, 0), 352 - balance.documents);
} else {
  assert.equal(total('created'), 0, 'a second run creates nothing');
  assert.equal(tasks.filter((task) => task.operation === 'orders.sync').reduce((sum, task) => sum + task.counts.read, 0), 0,
    'a second run reads no order again');
}

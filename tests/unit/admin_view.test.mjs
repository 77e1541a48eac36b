// admin_view.test.mjs - what the page says about entries and runs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countsText, entryRow, isOpen, rhythmText, runRow, spanText, taskText, whenText } from '../../web/view.mjs';

const NOW = 1_800_000_000_000;

test('spans of time', () => {
  const spans = [[0, '0 ms'], [412, '412 ms'], [3400, '3.4 s'], [59_000, '59 s'], [90_000, '1 min'], [3_600_000, '1 h'], [200_000_000, '2 d']];
  for (const [ms, text] of spans) assert.equal(spanText(ms), text);
});

test('times are told from now', () => {
  const times = [[0, '–'], [NOW, 'now'], [NOW + 34_200, 'in 34 s'], [NOW - 5000, '5 s ago'], [NOW - 600_000, '10 min ago']];
  for (const [at, text] of times) assert.equal(whenText(at, NOW), text);
});

test('a task says what it does or waits for', () => {
  assert.equal(taskText({ state: 'gated' }), 'waits: its category is busy');
  assert.equal(taskText({ state: 'granted' }), 'waits for a free worker');
  assert.equal(taskText({ state: 'rest' }), 'waits for a person to approve');
  assert.equal(taskText({ state: 'running', attempt: 1, progress: { step: 'orders', done: 3, total: 9 } }), 'orders 3 of 9');
  assert.equal(taskText({ state: 'running', attempt: 2, progress: { step: 'orders', done: 3, total: 0 } }), 'orders 3, try 2');
  assert.equal(taskText({ state: 'running', attempt: 1 }), 'running');
  assert.ok(isOpen({ state: 'rest' }) && !isOpen({ state: 'finished' }));
});

test('counts name only what is there', () => {
  assert.equal(countsText({ read: 240, created: 198, skipped: 0, failed: 2 }), 'read 240, created 198, failed 2');
  assert.equal(countsText({}), 'nothing to do');
  assert.equal(countsText(undefined), 'nothing to do');
});

test('an entry says when it runs', () => {
  assert.equal(rhythmText({ schedule: 'at' }), 'once');
  assert.equal(rhythmText({ schedule: 'every', every_ms: 900_000, days: 'mon-fri', window: '08:00-18:00' }), '15 min mon-fri 08:00-18:00');
  assert.equal(rhythmText({ schedule: 'formula', formula: '1D+CM', at_time: '06:00' }), '1D+CM 06:00');
});

test('an entry and a run as rows', () => {
  const entry = {
    id: 'x', description: 'read orders', operation: 'orders.sync', arguments: { shop: 'DEMO' }, schedule: 'every', every_ms: 60_000,
    status: 'Error', sub: 'rest', due_ms: 0, error: 'the store is closed', last: { run: 7, outcome: 'fatal', finished_ms: NOW - 2000 },
  };
  assert.deepEqual(entryRow(entry, NOW), {
    name: 'read orders', shop: 'DEMO', operation: 'orders.sync', every: '1 min', status: 'Error', tone: 'bad', next: '–',
    last: 'run 7 fatal, 2 s ago', error: 'the store is closed',
  });
  assert.equal(entryRow({ ...entry, status: 'In Process', sub: 'running' }, NOW).next, 'runs now');
  assert.deepEqual(runRow({ outcome: 'ok', arguments: {}, started_ms: NOW - 5000, finished_ms: NOW - 1000 }, NOW),
    { shop: '', outcome: 'ok', tone: 'good', started: '5 s ago', took: '4.0 s' });
});

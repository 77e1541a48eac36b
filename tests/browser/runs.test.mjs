// runs.test.mjs - what runs, how far it is, what it waits for; its log; one run with its attempts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fineForAll, noEnglish, onlyKeyboard, open, untold } from './browser.mjs';
import { COMPANY, stack, until } from './stack.mjs';

const sync = (s, operation) => s.api('POST', `sync?company=${COMPANY}`, { operation, arguments: { shop: 'DEMO' }, detach: true });

test('a run and the one behind it are seen, and cancelled by keyboard', async (t) => {
  const s = await stack();
  const release = await s.hold(t);
  const first = await sync(s, 'orders.sync');
  const second = await sync(s, 'orders.process');
  const page = await open(t, { path: '#/runs' });
  const keys = await onlyKeyboard(page);
  await page.locator(`[data-run="${first.no}"] progress`).waitFor();
  await page.locator(`[data-run="${second.no}"] .why`).filter({ hasText: String(first.no) }).waitFor();
  for (const run of [second, first]) {
    await keys.activate(page.locator(`[data-run="${run.no}"]`).getByRole('button', { name: /^Cancel/ }));
    if (run === first) await s.stopping(first.task).then(release);
    const ended = await until(`run ${run.no} ends`, async () => { const now = await s.api('GET', `runs/${run.no}?company=${COMPANY}`); return now.state === 'finished' && now; }, 40_000);
    assert.equal(ended.outcome, 'cancelled');
  }
  await until('nothing runs any more', async () => await page.locator('[data-run]').count() === 0);
});

test('while a run goes on, only what has not ended is read at each look', async (t) => {
  const s = await stack();
  const release = await s.hold(t);
  const { no, task } = await sync(s, 'orders.sync');
  for (const path of ['#/runs', '']) {
    const page = await open(t, { path });
    await page.locator('progress').first().waitFor();
    const asked = { open: 0, all: 0 }, from = Date.now();
    page.on('response', (answer) => {
      const { pathname, searchParams } = new URL(answer.url());
      if (pathname === '/v1/runs' && !searchParams.has('before')) asked[searchParams.get('open') === 'true' ? 'open' : 'all'] += 1;
    });
    await until('it is looked at four times', () => asked.open >= 4, 60_000);
    const most = 1 + Math.floor((Date.now() - from) / 5000); // it is read anew each five seconds
    assert.ok(asked.all <= most, `the whole list was read ${asked.all} times in ${asked.open} looks`);
  }
  await s.api('POST', `runs/${encodeURIComponent(task)}/cancel?company=${COMPANY}`);
  await s.stopping(task).then(release);
  await until('it ends', async () => (await s.api('GET', `runs/${no}?company=${COMPANY}`)).state === 'finished', 40_000);
});

for (const cut of [false, true]) {
  test(`a run tells of itself until its end, ${cut ? 'read again where events are cut' : 'by events'}`, async (t) => {
    const s = await stack();
    const release = await s.hold(t);
    const { no } = await sync(s, 'orders.sync');
    const page = await open(t);
    const asked = { events: 0, run: 0 };
    page.on('request', (request) => {
      const { pathname } = new URL(request.url());
      if (/\/runs\/[^/]+\/events$/.test(pathname)) asked.events += 1;
      else if (/\/runs\/[^/]+$/.test(pathname)) asked.run += 1;
    });
    if (cut) await page.route('**/events?*', (route) => route.abort());
    await page.goto(`${s.url}/#/log/${no}?company=${COMPANY}`);
    await page.locator('#progress, progress').first().waitFor();
    await release();
    await page.locator('.facts').first().getByText('done', { exact: true }).or(page.locator('.facts').first().getByText('nothing to do', { exact: true })).waitFor({ timeout: 20_000 });
    assert.ok(asked.events > 0);
    if (!cut) assert.ok(asked.events === 1 && asked.run <= 3, `told of each change, the page asked ${asked.run} times all the same`);
  });
}

test('what ends the wait of a run is offered in the reader\'s language', async (t) => {
  const s = await stack();
  const pause = (paused) => s.api('PATCH', `categories/SHPFY?company=${COMPANY}`, { paused });
  await pause(true);
  t.after(() => pause(false));
  const { no } = await sync(s, 'orders.process');
  const page = await open(t, { path: '#/runs', language: 'ru' });
  const end = page.locator(`[data-run="${no}"] .why`).getByRole('button', { name: 'Снять паузу' });
  await end.waitFor();
  await noEnglish(page);
  assert.deepEqual(await untold(page), []);
  await end.click();
  await until('it has ended', async () => (await s.api('GET', `runs/${no}?company=${COMPANY}`)).state === 'finished', 20_000);
});

test('the log is filtered, paged and leads to a run with its attempts', async (t) => {
  const s = await stack();
  await s.shopify('POST', 'faults', { rules: [{ match: { root: 'orders' }, action: { kind: 'status', status: 403, body: '{"errors":"no"}' } }] });
  t.after(() => s.shopify('DELETE', 'faults'));
  const failed = await s.syncWaiting('orders.sync');
  assert.ok(failed.error, `it has not failed: ${failed.outcome}`);
  await s.shopify('DELETE', 'faults');
  await s.sync('orders.process');
  const page = await open(t, { path: '#/log' });
  const rows = page.locator('main tbody tr');
  await rows.first().waitFor();
  const all = await rows.count();
  await page.getByLabel('Kind').selectOption('hold');
  await until('fewer are left', async () => await rows.count() < all);
  await page.getByLabel('Kind').selectOption('attempt');
  await page.getByRole('link', { name: String(failed.no), exact: true }).first().click();
  await page.getByRole('heading', { level: 1, name: `Run ${failed.no}` }).waitFor();
  await page.locator('#attempts tbody tr').first().waitFor();
  assert.match(await page.locator('main').textContent(), /403/);
});

test('runs, the log and one run are fine for all', async (t) => {
  const s = await stack();
  const { no } = await s.sync('orders.sync');
  await fineForAll(t, '#/runs', 'runs', (page) => page.locator('#recent tbody tr').first().waitFor());
  await fineForAll(t, '#/log', 'log', (page) => page.locator('main tbody tr').first().waitFor());
  await fineForAll(t, `#/log/${no}?company=${COMPANY}`, 'run', (page) => page.locator('#attempts tbody tr').first().waitFor());
});

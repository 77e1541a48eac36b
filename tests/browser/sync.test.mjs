// sync.test.mjs - the toggle in the browser: on, off, busy, left; and all of two shops, each its way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PHONE, fineForAll, onlyKeyboard, open } from './browser.mjs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMPANY, ROOT, stack, until } from './stack.mjs';

const SECOND_MS = 1000;
const toggle = (s, on, shop = 'DEMO') => s.api('PATCH', `shops/${shop}?company=${COMPANY}`, { background: on });
const button = (page, name) => page.getByRole('button', { name, exact: true });
const job = (page, operation) => page.locator(`#jobs li[data-operation="${operation}"]`).first();
const inState = (page, operation, state) => page.locator(`#jobs li[data-operation="${operation}"][data-state="${state}"]`).first();
const runNo = async (item) => Number((await item.getByRole('link', { name: /Log of run/ }).getAttribute('href')).match(/log\/(\d+)/)[1]);
const run = (s, no) => s.api('GET', `runs/${no}?company=${COMPANY}`);
const entryCount = async (s) => (await s.api('GET', 'entries')).entries.length;

/** One sync in the background, by keyboard: how long until its number stands there, and until it runs, in ms. */
async function inBackground(t, s) {
  const page = await open(t, { size: PHONE, path: '#/sync' });
  const keys = await onlyKeyboard(page);
  const release = await s.hold(t);
  await keys.to(button(page, 'Sync orders from Shopify: DEMO'));
  const start = Date.now();
  await keys.press('Enter');
  await job(page, 'orders.sync').getByRole('link', { name: /Log of run/ }).waitFor();
  const answered = Date.now() - start;
  const no = await runNo(job(page, 'orders.sync'));
  const { started_ms: started } = await until('it runs', async () => { const now = await run(s, no); return now.state === 'running' && now; });
  await release();
  await page.locator('.toast').filter({ hasText: `run ${no}` }).waitFor({ timeout: 15_000 });
  assert.equal((await run(s, no)).outcome, 'ok');
  return { answered, runs: started - start };
}

test('on: its number and log within a second, running within two, a note when it ends', async (t) => {
  const s = await stack();
  await toggle(s, true);
  const seen = []; // of what else this machine does the best of three is free
  const fits = ({ answered, runs }) => answered < SECOND_MS && runs <= 2 * SECOND_MS;
  while (seen.length < 3 && !seen.some(fits)) seen.push(await inBackground(t, s));
  assert.ok(fits(seen.at(-1)), JSON.stringify(seen));
});

test('off: progress, then counts; or the error with its next step; no entry is left', async (t) => {
  const s = await stack();
  await toggle(s, false);
  t.after(() => toggle(s, true));
  const before = await entryCount(s);
  await s.place('#7001');
  const page = await open(t, { path: '#/sync' });
  await button(page, 'Sync orders from Shopify: DEMO').click();
  const done = inState(page, 'orders.sync', 'finished');
  await done.waitFor();
  assert.match(await done.textContent(), /1 created/);
  await s.shopify('POST', 'faults', { rules: [{ match: { root: 'orders' }, action: { kind: 'status', status: 403, body: '{"errors":"no"}' } }] });
  t.after(() => s.shopify('DELETE', 'faults'));
  await button(page, 'Sync orders from Shopify: DEMO').click();
  await until('it has failed', async () => /Next: /.test(await inState(page, 'orders.sync', 'finished').textContent()), 20_000);
  assert.equal(await entryCount(s), before);
});

test('off while its category is busy: says which task it waits for', async (t) => {
  const s = await stack();
  await toggle(s, false);
  t.after(() => toggle(s, true));
  const release = await s.hold(t);
  const first = await s.api('POST', `sync?company=${COMPANY}`, { operation: 'orders.sync', arguments: { shop: 'DEMO' }, detach: true });
  const page = await open(t, { path: '#/sync' });
  await button(page, 'Process orders: DEMO').click();
  const why = job(page, 'orders.process').locator('.why');
  await why.filter({ hasText: String(first.no) }).waitFor();
  assert.match(await why.textContent(), /SHPFY/);
  await release();
  await inState(page, 'orders.process', 'finished').waitFor({ timeout: 20_000 });
});

/** The run that was left ends as the person chose. */
async function endsAs(way, s, no, release) {
  if (way === 'Cancel it') await s.stopping((await run(s, no)).task);
  await release();
  const ended = await until('the run ends', async () => { const now = await run(s, no); return now.state === 'finished' && now; }, 20_000);
  assert.equal(ended.outcome, way === 'Cancel it' ? 'cancelled' : 'ok');
}

for (const way of ['Let it go on', 'Cancel it']) {
  test(`leaving for another page: ${way.toLowerCase()}`, async (t) => {
    const s = await stack();
    await toggle(s, false);
    t.after(() => toggle(s, true));
    const release = await s.hold(t);
    const before = await entryCount(s);
    const page = await open(t, { path: '#/sync' });
    const keys = await onlyKeyboard(page);
    await keys.activate(button(page, 'Sync orders from Shopify: DEMO'));
    await inState(page, 'orders.sync', 'running').waitFor();
    const no = await runNo(job(page, 'orders.sync'));
    await keys.activate(page.getByRole('link', { name: 'Entries' }), { back: true });
    await keys.activate(page.getByRole('dialog').getByRole('button', { name: way }));
    await page.getByRole('heading', { level: 1, name: 'Entries' }).waitFor();
    await endsAs(way, s, no, release);
    assert.equal(await entryCount(s), before);
  });

  test(`the window is closed: ${way.toLowerCase()}`, async (t) => {
    const s = await stack();
    await toggle(s, false);
    t.after(() => toggle(s, true));
    const release = await s.hold(t);
    const before = await entryCount(s);
    const page = await open(t, { path: '#/sync' });
    page.on('dialog', (asked) => asked.accept());
    await button(page, 'Sync orders from Shopify: DEMO').click();
    await inState(page, 'orders.sync', 'running').waitFor();
    const no = await runNo(job(page, 'orders.sync'));
    await page.getByLabel('When this page is closed').selectOption({ label: way });
    await page.close({ runBeforeUnload: true });
    await endsAs(way, s, no, release);
    assert.equal(await entryCount(s), before);
  });
}

test('orders and shipments of two shops, one on, one off: each its way', async (t) => {
  const s = await stack();
  await toggle(s, true, 'DEMO');
  await toggle(s, false, 'SECOND');
  t.after(() => toggle(s, true, 'SECOND'));
  // Of what was asked for here; what is due by itself comes and goes.
  const runs = async () => (await s.api('GET', `runs?company=${COMPANY}&limit=100`)).runs.filter((row) => ['immediate', 'foreground'].includes(row.kind));
  const last = Math.max(0, ...(await runs()).map((row) => row.no));
  const page = await open(t, { path: '#/sync' });
  await button(page, 'Orders and shipments of 2 shops').click();
  const ended = await until('all four of each shop have ended', async () => {
    const mine = (await runs()).filter((row) => row.no > last);
    return mine.length === 8 && mine.every((row) => row.state === 'finished') && mine;
  }, 60_000);
  for (const row of ended) {
    assert.equal(row.kind, row.arguments.shop === 'DEMO' ? 'immediate' : 'foreground', `${row.operation} of ${row.arguments.shop}`);
    assert.ok(['ok', 'idle'].includes(row.outcome), `${row.operation}: ${row.outcome} ${row.error}`);
  }
});

test('sync all of two shops, one on, one off, is one wish: all is followed to its end, each its way', async (t) => {
  const s = await stack();
  await toggle(s, false, 'SECOND');
  t.after(() => toggle(s, true, 'SECOND'));
  const runs = async () => (await s.api('GET', `runs?company=${COMPANY}&limit=100`)).runs.filter((row) => ['immediate', 'foreground'].includes(row.kind));
  const last = Math.max(0, ...(await runs()).map((row) => row.no));
  const page = await open(t, { path: '#/sync' });
  const asked = page.waitForRequest((request) => request.url().includes('/v1/sync/all'));
  await button(page, 'Sync all of 2 shops').click();
  const body = (await asked).postDataJSON();
  assert.deepEqual({ ...body, shops: body.shops.sort() }, { shops: ['DEMO', 'SECOND'], on_leave: 'goes-on' });
  const all = { DEMO: [], SECOND: [] };
  const ended = await until('each step of both shops has ended', async () => {
    const mine = (await runs()).filter((row) => row.no > last);
    for (const shop of Object.keys(all)) all[shop] = mine.filter((row) => row.arguments.shop === shop);
    return all.DEMO.length >= 5 && all.DEMO.length === all.SECOND.length && mine.every((row) => row.state === 'finished') && mine;
  }, 60_000);
  for (const row of ended) {
    assert.equal(row.kind, row.arguments.shop === 'DEMO' ? 'immediate' : 'foreground', `${row.operation} of ${row.arguments.shop}`);
    assert.ok(['ok', 'idle'].includes(row.outcome), `${row.operation}: ${row.outcome} ${row.error}`);
    await page.locator(`#jobs li[data-operation="${row.operation}"][data-state=finished]`).filter({ hasText: row.arguments.shop }).first().waitFor();
  }
});

test('whatever brings a shop in step is offered by hand, by the API\'s list, and runs', async (t) => {
  const s = await stack();
  const titles = JSON.parse(readFileSync(join(ROOT, 'web/texts/en.json'), 'utf8'));
  const { operations } = await s.api('GET', 'operations');
  const syncs = operations.map((row) => row.name).filter((name) => name.endsWith('.sync'));
  assert.ok(syncs.includes('customers.sync') && syncs.length >= 10, `${syncs}`);
  const page = await open(t, { path: '#/sync' });
  for (const name of syncs) await button(page, `${titles[`operation.${name}`]}: DEMO`).waitFor();
  await toggle(s, false);
  t.after(() => toggle(s, true));
  await button(page, 'Sync customers: DEMO').click();
  const done = inState(page, 'customers.sync', 'finished');
  await done.waitFor({ timeout: 20_000 });
  assert.doesNotMatch(await done.textContent(), /Next: /);
});

test('the page of syncs is fine for all', async (t) => {
  await fineForAll(t, '#/sync', 'sync', (page) => page.getByRole('heading', { level: 2, name: /SECOND/ }).waitFor());
});

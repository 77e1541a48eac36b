// overview.test.mjs - the first page: what it weighs, how soon it shows its tiles, how soon a change is seen and heard.
import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { PHONE, expectFits, expectNoSerious, noEnglish, open, screenshot } from './browser.mjs';
import { stack, until } from './stack.mjs';

const MOST_BYTES = 100 * 1024;
const MOST_MS = 1000;
const LINE = { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 1.6e6 / 8 };
const LOOKS = 5;
const MOST_LOOKS = 20;
const LOOK_MS = 60_000; // a look that a busy machine has kept is no worse than a slow one: the best one counts

/** Opens the page as a stranger's browser would, over a slow line: {ms until the tiles stand, bytes}. */
async function firstLook(t) {
  const { url, token } = await stack();
  const page = await open(t, { token: '' });
  await page.evaluate((text) => localStorage.setItem('cartage.token', text), token);
  await page.addInitScript(() => {
    new MutationObserver(() => {
      if (document.querySelectorAll('.tile').length) window.tilesAt ??= performance.now();
    }).observe(document, { childList: true, subtree: true });
  });
  await page.goto('about:blank');
  const line = await page.context().newCDPSession(page);
  let bytes = 0;
  line.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength; });
  await line.send('Network.enable');
  await line.send('Network.setCacheDisabled', { cacheDisabled: true });
  await line.send('Network.emulateNetworkConditions', LINE);
  await page.goto(`${url}/`, { waitUntil: 'commit' });
  await page.locator('.tile').first().waitFor({ timeout: LOOK_MS });
  const ms = await page.evaluate(() => window.tilesAt);
  await page.locator('#running').waitFor({ timeout: LOOK_MS }); // the rest of the first page
  return { ms, bytes };
}

test('the first page shows its tiles within a second on a slow line, from at most 100 KB', async (t) => {
  const looks = [];
  // The line is the same each time; what else this machine does is not, so the best look is the page's own time.
  const best = () => Math.min(...looks.map(({ ms }) => ms));
  while (looks.length < LOOKS || (looks.length < MOST_LOOKS && best() > MOST_MS)) looks.push(await firstLook(t));
  t.diagnostic(`tiles after ${looks.map(({ ms }) => Math.round(ms)).join(', ')} ms, ${looks[0].bytes} bytes`);
  assert.ok(best() <= MOST_MS, `tiles after ${Math.round(best())} ms at best`);
  for (const { bytes } of looks) assert.ok(bytes > 1000 && bytes <= MOST_BYTES, `${bytes} bytes`);
});

test('a second visit loads nothing but the first file', async (t) => {
  const { url } = await stack();
  const page = await open(t);
  await page.locator('.tile').first().waitFor();
  const asked = [];
  page.on('response', (answer) => { if (!answer.fromServiceWorker() && !answer.url().includes('/v1/')) asked.push(answer); });
  await page.goto(`${url}/`);
  await page.locator('.tile').first().waitFor();
  const fromServer = [];
  for (const answer of asked) if ((await answer.request().timing()).connectStart >= 0 || answer.url() === `${url}/`) fromServer.push(answer.url());
  assert.ok(fromServer.length <= 1, fromServer.join(' '));
});

/** One more product that is not mapped: how long the tile takes to say what the API counts, in ms. */
async function told(t, here, page, n) {
  const tile = page.locator('[data-cue=unmapped_products]');
  await here.product(`880000000010${n}`, 'Sun hat', `HAT-10${n}`);
  const before = Number(await tile.locator('.value').textContent());
  await here.place(`#210${n}`, { lines: [{ sku: `HAT-10${n}`, quantity: 1, price: '9.00' }] });
  await here.sync('orders.sync');
  t.after(() => here.api('PUT', `mappings/products/880000000010${n}`, { number: '1896-S' })); // nothing is left for other tests
  const process = here.sync('orders.process');
  await until('the API counts it', async () => (await here.api('GET', 'cues')).cues.find((cue) => cue.name === 'unmapped_products').value === before + 1);
  const from = Date.now();
  await until('the tile says so', async () => Number(await tile.locator('.value').textContent()) === before + 1);
  const ms = Date.now() - from;
  assert.match(await page.locator('#live').textContent(), /Unmapped products: \d+, look at it/);
  await process;
  return ms;
}

test('a change of a tile is seen and heard within two seconds, without a reload', async (t) => {
  const here = await stack();
  const page = await open(t);
  await page.evaluate(() => { window.same = true; });
  const seen = []; // of what else this machine does the best of three is free
  while (seen.length < 3 && !seen.some((ms) => ms <= 2000)) seen.push(await told(t, here, page, 1 + seen.length));
  assert.ok(seen.at(-1) <= 2000, `after ${seen} ms`);
  assert.ok(await page.evaluate(() => window.same), 'the page was loaded again');
});

test('a tile tells how long changes take to arrive, and turns red beyond the target', async (t) => {
  const page = await open(t, { path: '#/runs' });
  const row = { company: '11111111-1111-4111-8111-111111111111', shop: 'DEMO', count: 50, p50_ms: 2000, target_ms: 75_000 };
  let stock = { ...row, kind: 'stock', late: 0, p99_ms: 60_000, colour: 'green' };
  await page.route(/\/v1\/freshness/, (route) => route.fulfill({ json: { freshness: [{ ...row, kind: 'orders', late: 1, p99_ms: 5000, colour: 'yellow' }, stock] } }));
  await page.getByRole('link', { name: 'Overview' }).click();
  const tile = page.locator('[data-tile=freshness]');
  await until('it shows the kind that is late', async () => /Orders, DEMO: 1 of 50 late/.test(await tile.textContent()));
  assert.match(await tile.getAttribute('class'), /\byellow\b/);
  stock = { ...stock, late: 9, p99_ms: 300_000, colour: 'red' };
  await until('stock is later', async () => /^5 min.*Stock, DEMO: 9 of 50 late/.test(await tile.textContent()));
  assert.match(await tile.getAttribute('class'), /\bred\b/);
  await page.locator('#freshness tbody tr').nth(1).waitFor();
  await expectNoSerious(page);
});

for (const theme of ['light', 'dark']) {
  test(`the overview is sound in Russian on a phone: ${theme}`, async (t) => {
    const page = await open(t, { language: 'ru', theme, size: PHONE });
    await page.locator('#running').waitFor();
    await expectFits(page);
    await noEnglish(page);
    await expectNoSerious(page);
    await screenshot(page, `overview-ru-${theme}`);
  });
}

test('an answer travels packed to whoever takes it, and says the same', async () => {
  const { url, token } = await stack();
  const ask = (more) => new Promise((done, fail) => {
    http.get(`${url}/v1/settings`, { headers: { authorization: `Bearer ${token}`, ...more } }, async (answer) => {
      const parts = [];
      for await (const part of answer) parts.push(part);
      done({ headers: answer.headers, body: Buffer.concat(parts) });
    }).on('error', fail);
  });
  const plain = await ask({}), packed = await ask({ 'accept-encoding': 'gzip' });
  assert.equal(plain.headers['content-encoding'], undefined);
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.equal(gunzipSync(packed.body).toString(), plain.body.toString());
  assert.equal(packed.headers.etag, plain.headers.etag);
  assert.ok(packed.body.length * 3 < plain.body.length, `${packed.body.length} of ${plain.body.length} bytes`);
});

test('the plot of what was handled reaches back behind the newest runs', async (t) => {
  const here = await stack();
  const { company, ...done } = await here.sync('orders.sync');
  const page = await open(t, { path: '#/runs' });
  let asked = 0;
  await page.route(/\/v1\/runs\?.*before=/, (route) => {
    asked += 1;
    const older = { ...done, company, no: 0, task: 'an older one', finished_ms: Date.now() - 3_600_000, counts: { read: 54_321 } };
    return route.fulfill({ json: { runs: [older], next: 0 } });
  });
  await page.reload(); // the overview has been looked at: what it knows is forgotten
  await page.getByRole('link', { name: 'Overview' }).click();
  const text = page.locator('#throughput .plot').filter({ hasText: 'DEMO' }).or(page.locator('#throughput .plot')).first().locator('p');
  await until('the older run is in the sum', async () => /\b54,[3-9]\d\d\b/.test(await text.textContent()));
  const before = asked;
  for (let i = 0; i < 3; i++) await page.waitForResponse((answer) => answer.url().includes('/v1/runs?limit'));
  assert.equal(asked, before, 'what is known is read again');
});

/** Work for both shops, some of it for a person, and a run that takes its time. */
async function busyShops(here) {
  await here.product('8800000000111', 'Linen shirt', 'LINEN-1');
  for (let n = 0; n < 24; n++) await here.place(`#2${200 + n}`);
  for (let n = 0; n < 3; n++) await here.place(`#2${230 + n}`, { store: 'demo-2.myshopify.com', customer: undefined });
  await here.place('#2240', { lines: [{ sku: 'LINEN-1', quantity: 1, price: '9.00' }] });
  await here.place('#2241', { shipping: [{ title: 'Courier', price: '4.00' }], lines: [{ sku: 'LINEN-1', quantity: 2, price: '9.00' }] });
  for (const shop of ['DEMO', 'SECOND']) {
    await here.sync('orders.sync', shop);
    await here.sync('orders.process', shop);
  }
}

test('the picture of the README: work under way, and what needs a person', async (t) => {
  const here = await stack();
  await busyShops(here);
  t.after(async () => {
    await here.api('PUT', 'mappings/products/8800000000111', { number: '1896-S' });
    await here.sync('orders.process');
  });
  for (let n = 0; n < 40; n++) await here.place(`#2${300 + n}`);
  await here.bc('POST', 'latency', { profile: 'real' });
  t.after(() => here.bc('POST', 'latency', { profile: 'none' }));
  await here.sync('orders.sync');
  const page = await open(t);
  const run = here.sync('orders.process');
  await until('a bar of progress moves', async () => await page.locator('#running progress[value]').count() > 0, 30_000);
  await page.locator('#throughput .bar').first().waitFor();
  await expectNoSerious(page);
  await screenshot(page, 'dashboard');
  await here.bc('POST', 'latency', { profile: 'none' });
  await run;
});

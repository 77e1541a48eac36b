// russian.test.mjs - every page in Russian, with something on it: no sentence in English is left, and no code without a text.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noEnglish, open, untold } from './browser.mjs';
import { COMPANY, ROOT, stack, until } from './stack.mjs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names of things at Shopify, at Redis and at Microsoft, of access levels, and words that are typed as they are. */
const NAMES = ['Admin API Express Net Plus Advanced Visa DHL Doc No California extension odata-page Paid Partially Pending Voided Unfulfilled Fulfilled New',
  'Update Online Store Point of Sale tag wholesale disabled available appendonly appendfsync yes no always Apache',
  'number website salespersonCode creditLimit currencyCode taxRegistrationNumber'];
const CUES = readFileSync(join(ROOT, 'producer/admin/cue_table.c'), 'utf8').match(/^ {4}\{"(\w+)", +"/gm).map((row) => row.match(/"(\w+)"/)[1]);

/** What is done, what waits for a person, what has failed: each list has a row where this version can give it one. */
async function work(t, s) {
  await s.product('8800000000601', 'Corduroy cap', 'CORD-1');
  await s.place('#6101');
  await s.place('#6102', { lines: [{ sku: 'CORD-1', quantity: 1, price: '9.00' }] });
  await s.place('#6103', { test: true });
  await s.sync('orders.sync');
  await s.sync('orders.process');
  await s.shopify('POST', 'faults', { rules: [{ match: { root: 'orders' }, action: { kind: 'status', status: 403, body: '{"errors":"no"}' } }] });
  const failed = await s.syncWaiting('orders.sync');
  await s.shopify('DELETE', 'faults');
  const { id } = await s.api('POST', `entries?company=${COMPANY}`, { operation: 'orders.process', shop: 'DEMO', description: 'стоит', every_ms: 86_400_000, on_hold: true });
  t.after(async () => {
    await s.api('DELETE', `entries/${id}?company=${COMPANY}`);
    await s.api('PUT', 'mappings/products/8800000000601', { number: '1896-S' });
    await s.sync('orders.process');
  });
  return { failed, entry: id };
}

test('what is said without a code is told in Russian: the detail of a skip, a refusal of what was typed', async (t) => {
  const s = await stack();
  await work(t, s);
  const page = await open(t, { language: 'ru', path: '#/cues/unmapped_products' });
  await page.locator('tbody tr').filter({ hasText: 'CORD-1' }).getByText('ни у одного товара номер не равен этому артикулу').waitFor();
  await page.goto(`${s.url}/#/orders`);
  await page.locator('input[name=find]').fill('#6102');
  await page.locator('input[name=find]').press('Enter');
  await page.getByRole('link', { name: '#6102' }).click();
  await page.locator('.life li').filter({ hasText: 'ни у одного товара номер не равен этому артикулу' }).first().waitFor();
  await page.goto(`${s.url}/#/entry`);
  await page.locator('#operation').selectOption('orders.sync');
  await page.locator('#argument-shop').selectOption('DEMO');
  await page.locator('#kind').selectOption('formula');
  await page.locator('#formula').fill('CM');
  await page.locator('button.primary').click();
  await page.locator('#formula-error').getByText('она не ведёт к более поздней дате').waitFor();
  assert.equal(await page.locator('main .quote').count(), 0, 'it stands there in English, too');
  await noEnglish(page, NAMES);
});

test('every page is Russian from top to bottom', async (t) => {
  const s = await stack();
  const { failed, entry } = await work(t, s);
  const own = `?company=${COMPANY}`;
  const page = await open(t, { language: 'ru' });
  const order = (await s.api('GET', `orders?find=%236102&company=${COMPANY}`)).orders[0].id;
  const paths = ['', 'sync', 'entries', `entry/${entry}${own}`, 'entry', 'runs', 'log', `log/${failed.no}${own}`, 'shops', `shops/DEMO${own}`, 'doctor', 'orders', 'money',
    `orders/${order}`, ...CUES.map((cue) => `cues/${cue}`), 'nowhere'];
  const menu = await page.locator('nav a').evaluateAll((links) => links.map((link) => link.getAttribute('href').slice(2)));
  assert.deepEqual(menu.filter((path) => !paths.includes(path)), [], 'a page of the menu is not looked at');
  const wrong = [];
  for (const path of paths) {
    const heading = await page.locator('h1').first().textContent();
    await page.goto(`${s.url}/#/${path}`);
    if (path) await until(`${path} stands`, async () => await page.locator('h1').first().textContent() !== heading || path === 'nowhere');
    await page.evaluate(() => document.querySelectorAll('main details').forEach((node) => { node.open = true; }));
    await noEnglish(page, NAMES).catch((problem) => wrong.push(`${path}: ${problem.message.split('\n').filter((line) => line.includes("'")).join(' ')}`));
    wrong.push(...(await untold(page)).map((code) => `${path}: ${code}`));
  }
  assert.deepEqual([...new Set(wrong)], []);
});

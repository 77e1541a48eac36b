// lists.test.mjs - the lists behind the tiles: pages, search, the cure of a whole reason, thresholds, who may what, and what
// the original would count.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PHONE, expectFits, expectNoSerious, noEnglish, onlyKeyboard, open, screenshot, untold } from './browser.mjs';
import { COMPANY, stack, until } from './stack.mjs';

const MANY = 52; // a page has 50
const NAMES = ['CRONUS UK Ltd.', 'Rain coat no.'];

/** Products that nobody has mapped, all on one order. */
async function manyUnmapped(here) {
  const lines = [];
  for (let n = 0; n < MANY; n++) {
    const sku = `COAT-${100 + n}`;
    await here.product(String(8800000000400 + n), `Rain coat no. ${n}`, sku);
    lines.push({ sku, quantity: 1, price: '9.00' });
  }
  await here.place('#3201', { lines });
  await here.sync('orders.sync');
  await here.sync('orders.process');
}

const cueOf = async (here, name) => (await here.api('GET', 'cues')).cues.find((cue) => cue.name === name);
const valueOf = async (here, name) => (await cueOf(here, name)).value;

test('a long list has pages, a search, and one cure for all of a reason', async (t) => {
  const here = await stack();
  await manyUnmapped(here);
  t.after(async () => { for (let n = 0; n < MANY; n++) await here.api('PUT', `mappings/products/${8800000000400 + n}`, { number: '1896-S' }); });
  const page = await open(t);
  const tile = page.locator('[data-cue=unmapped_products]');
  await until('the tile is red', async () => (await tile.getAttribute('class')).includes('red') && (await tile.textContent()).includes('act'));
  await screenshot(page, 'overview-red');
  await tile.click();
  const rows = page.locator('tbody tr');
  await until('a page of fifty', async () => await rows.count() === 50);
  await expectNoSerious(page);
  await page.getByRole('button', { name: 'Next page' }).click();
  await until('the rest', async () => await rows.count() === MANY - 50);
  await page.getByRole('button', { name: 'First page' }).click();
  await page.getByLabel('Search by number, name or e-mail').fill('coat 17');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await until('one is found', async () => await rows.count() === 1 && (await rows.textContent()).includes('Rain coat no. 17'));
  await page.getByLabel('Search by number, name or e-mail').fill('');
  await page.getByRole('button', { name: 'Search', exact: true }).click();

  const group = page.locator('.group').filter({ hasText: 'No item in Business Central fits the SKU' });
  await group.getByLabel('Number in Business Central').fill('1896-S');
  await group.getByRole('button', { name: /^Map all to one/ }).click();
  await until('the list is empty', async () => await page.locator('#count').textContent() === '0' && await rows.count() === 0);
  await page.locator('#next').getByRole('button', { name: 'Process the orders' }).click();
  await until('no order waits', async () => await valueOf(here, 'unprocessed_orders') === 0, 30_000);
});

test('a company sets when a colour changes, for everybody but who has set it for themselves', async (t) => {
  const here = await stack();
  await here.product('8800000000494', 'Parasol', 'PAR-1');
  await here.place('#3211', { lines: [{ sku: 'PAR-1', quantity: 1, price: '9.00' }] });
  await here.sync('orders.sync');
  await here.sync('orders.process');
  const { token } = await here.api('POST', 'tokens', { name: 'sees-the-companys', role: 'view' });
  t.after(async () => {
    await here.api('PUT', 'mappings/products/8800000000494', { number: '1896-S' });
    await here.api('PUT', `thresholds?company=${COMPANY}`, { cues: { unmapped_products: null } });
    await here.api('DELETE', 'tokens/sees-the-companys');
  });
  const path = '#/cues/unmapped_products';
  const admin = await open(t, { path }), viewer = await open(t, { token, path });
  const isNow = (page, wanted) => until(`it is ${wanted}`, async () => (await page.locator('.verdict .sign').getAttribute('class')).includes(wanted));
  const set = async (page, yellow, whose) => {
    await page.locator('details.thresholds').evaluate((node) => { node.open = true; });
    await page.getByLabel('Yellow from').fill(yellow);
    await page.getByLabel('Red from').fill('90');
    if (whose) await page.getByLabel('For whom').selectOption(whose);
    await page.getByRole('button', { name: 'Set', exact: true }).click();
  };
  await Promise.all([isNow(admin, 'yellow'), isNow(viewer, 'yellow')]);
  await set(admin, '50', COMPANY);
  await Promise.all([isNow(admin, 'green'), isNow(viewer, 'green')]);
  await viewer.getByText('They are set for the company.').waitFor({ state: 'attached' });
  assert.equal(await viewer.getByLabel('For whom').locator('option').count(), 1, 'who may only look sets it for others');
  await set(viewer, '1');
  await isNow(viewer, 'yellow');
  await isNow(admin, 'green');
  await admin.getByLabel('For whom').selectOption(COMPANY);
  await admin.getByRole('button', { name: 'As usual' }).click();
  await isNow(admin, 'yellow');
});

test('a person sets when a colour changes, and takes it back', async (t) => {
  const here = await stack();
  await here.product('8800000000490', 'Umbrella', 'UMB-1');
  await here.place('#3202', { lines: [{ sku: 'UMB-1', quantity: 1, price: '9.00' }] });
  await here.sync('orders.sync');
  await here.sync('orders.process');
  t.after(() => here.api('PUT', 'mappings/products/8800000000490', { number: '1896-S' }));
  const page = await open(t, { path: '#/cues/unmapped_products' });
  const colour = () => page.locator('.verdict .sign').getAttribute('class');
  await until('it is yellow', async () => (await colour()).includes('yellow'));
  await page.getByText('When the colour changes').click();
  await page.getByLabel('Yellow from').fill('3');
  await page.getByLabel('Red from').fill('7');
  await page.getByRole('button', { name: 'Set', exact: true }).click();
  await until('one is no reason to look', async () => (await colour()).includes('green'));
  assert.deepEqual((({ yellow_from, red_from, of }) => [yellow_from, red_from, of])((await cueOf(here, 'unmapped_products')).thresholds), [3, 7, 'user']);
  await page.getByRole('button', { name: 'As usual' }).click();
  await until('it is yellow again', async () => (await colour()).includes('yellow'));
});

test('what can never be done is one click away, with its reasons', async (t) => {
  const here = await stack();
  await here.place('#3203', { test: true });
  await here.sync('orders.sync');
  await here.sync('orders.process');
  for (const language of ['en', 'ru']) {
    const page = await open(t, { language, size: PHONE, path: '#/cues/unprocessed_orders' });
    await page.locator('a[href="#/cues/left_alone"]').click();
    await page.locator('tbody tr').filter({ hasText: '#3203' }).waitFor();
    await page.locator('.group').filter({ hasText: { en: 'A test order', ru: 'Тестовый заказ' }[language] }).waitFor();
    await expectFits(page);
    await expectNoSerious(page);
    if (language === 'ru') await noEnglish(page, NAMES);
    assert.deepEqual(await untold(page), []);
  }
});

test('who it might be is told with the reason, and a press maps it', async (t) => {
  const here = await stack();
  await here.product('8800000000495', 'Bench by another spelling', '1896s'); // Business Central has 1896-S
  await here.place('#3212', { lines: [{ sku: '1896s', quantity: 1, price: '9.00' }] });
  await here.sync('orders.sync');
  await here.sync('orders.process');
  await here.sync('unmapped.suggest');
  t.after(() => here.api('PUT', 'mappings/products/8800000000495', { number: '1896-S' }));
  const russian = await open(t, { language: 'ru', size: PHONE, path: '#/cues/unmapped_products' });
  await russian.locator('.suggested li').filter({ hasText: 'тот же артикул' }).waitFor();
  await expectFits(russian);
  await noEnglish(russian, [...NAMES, 'Bench by another spelling', 'ATHENS Desk']);
  assert.deepEqual(await untold(russian), []);

  const page = await open(t, { path: '#/cues/unmapped_products' });
  const keys = await onlyKeyboard(page);
  const row = page.locator('tbody tr').filter({ hasText: 'Bench by another spelling' });
  const first = row.getByRole('list', { name: 'Who it might be' }).getByRole('listitem').first();
  await first.filter({ hasText: '1896-S' }).waitFor();
  assert.match(await first.textContent(), /^Most likely 1896-S .*: the same item number/);
  await expectNoSerious(page);
  await screenshot(page, 'suggestion');
  await keys.activate(first.getByRole('button', { name: 'Take it: Bench by another spelling, 1896-S' }));
  await until('it is mapped', async () => await row.count() === 0 && await valueOf(here, 'unmapped_products') === 0);
  await keys.activate(page.locator('#next').getByRole('button', { name: 'Process the orders' }));
  await until('its order is a document', async () => (await here.api('GET', 'orders?find=%233212')).orders[0].document, 20_000);
});

test('a company that nobody knows is found in its list, and mapped there', async (t) => {
  const here = await stack();
  const reads = (which) => here.api('PATCH', `shops/DEMO?company=${COMPANY}`, { company_import: which });
  await reads('all');
  t.after(() => reads('with-order'));
  for (const [n, name] of ['Proseware Mills', 'Fabrikam Weaving'].entries()) {
    await here.shopify('POST', 'companies', { name, contact: { email: `buyer${n}@proseware.example` },
      locations: [{ address: { address1: `${n} Mill Lane`, city: 'York' } }] });
  }
  await here.sync('companies.sync');
  const russian = await open(t, { language: 'ru', path: '#/cues/unmapped_companies' });
  await russian.locator('tbody tr').filter({ hasText: 'Fabrikam Weaving' }).waitFor();
  await noEnglish(russian, [...NAMES, 'Proseware Mills', 'Fabrikam Weaving']);
  assert.deepEqual(await untold(russian), []);

  const page = await open(t);
  await page.locator('[data-cue=unmapped_companies].yellow').click();
  await page.locator('.group').filter({ hasText: 'No customer in Business Central has the e-mail or phone' }).waitFor();
  await page.getByLabel('Search by number, name or e-mail').fill('buyer1@proseware.example');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  const rows = page.locator('tbody tr');
  await until('one is found', async () => await rows.count() === 1 && (await rows.textContent()).includes('Fabrikam Weaving'));
  await expectNoSerious(page);
  await rows.getByLabel('Number in Business Central: Fabrikam Weaving').fill('10000');
  await rows.getByRole('button', { name: 'Map: Fabrikam Weaving' }).click();
  await until('it is no longer listed', async () => await rows.count() === 0);
  await page.getByLabel('Search by number, name or e-mail').fill('');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await rows.getByLabel('Number in Business Central: Proseware Mills').fill('20000');
  await rows.getByRole('button', { name: 'Map: Proseware Mills' }).click();
  await page.locator('.brand').click();
  await page.locator('[data-cue=unmapped_companies].green').waitFor();
});

test('who may only look has no buttons', async (t) => {
  const here = await stack();
  await here.product('8800000000491', 'Galoshes', 'GAL-1');
  await here.place('#3204', { lines: [{ sku: 'GAL-1', quantity: 1, price: '9.00' }] });
  await here.sync('orders.sync');
  await here.sync('orders.process');
  t.after(() => here.api('PUT', 'mappings/products/8800000000491', { number: '1896-S' }));
  const { token } = await here.api('POST', 'tokens', { name: 'viewer-of-lists', role: 'view' });
  const page = await open(t, { token, path: '#/cues/unmapped_products' });
  await page.locator('tbody tr').filter({ hasText: 'Galoshes' }).waitFor();
  assert.deepEqual(await page.locator('main .actions, main form.line').count(), 0);
});

test('an order is found by its name and told whole, in both languages', async (t) => {
  const here = await stack();
  await here.place('#3205');
  await here.sync('orders.sync');
  await here.sync('orders.process');
  for (const language of ['en', 'ru']) {
    const page = await open(t, { language, path: '#/orders' });
    await page.locator('input[name=find]').fill('#3205');
    await page.locator('input[name=find]').press('Enter');
    await expectNoSerious(page);
    await page.getByRole('link', { name: '#3205' }).click();
    await page.locator('.life li').nth(3).waitFor();
    await expectNoSerious(page);
    if (language === 'ru') await noEnglish(page, NAMES);
    assert.deepEqual(await untold(page), []);
    await screenshot(page, `order-${language}`);
  }
  assert.ok((await here.api('GET', `orders?find=%233205&company=${COMPANY}`)).orders[0].document);
});

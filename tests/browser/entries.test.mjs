// entries.test.mjs - the job queue by hand: an entry is added, previewed, changed, held, run and deleted, by keyboard alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PHONE, fineForAll, onlyKeyboard, open } from './browser.mjs';
import { COMPANY, stack, until } from './stack.mjs';

/** Shopify's own words, which a filter is written in. */
const FILTER_WORDS = ['Paid Partially Pending Voided Unfulfilled Fulfilled New Update Online Store Point of Sale tag wholesale'];
const WEEK = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const row = (page, name) => page.locator('main tbody tr').filter({ has: page.locator('th', { hasText: name }) });
const button = (scope, name) => scope.getByRole('button', { name });

test('an entry is added by keyboard at 360 pixels, with the ten runs it will have', async (t) => {
  const { api } = await stack().then((s) => ({ api: s.api.bind(s) }));
  const page = await open(t, { size: PHONE, path: '#/entries' });
  const keys = await onlyKeyboard(page);
  await keys.activate(page.getByRole('link', { name: 'Add an entry' }));
  await keys.choose(page.getByLabel('Operation', { exact: true }), 'Process orders');
  await keys.choose(page.getByLabel('Shop', { exact: true }).last(), 'DEMO');
  await keys.fill(page.getByLabel('Name', { exact: true }), 'twice an hour');
  await keys.fill(page.getByLabel('Every', { exact: true }), '30');
  // the day after the next in Tokyo, and the one behind it: the first run is at 08:00 whenever this is
  const days = [2, 3].map((ahead) => new Intl.DateTimeFormat('en', { weekday: 'short', timeZone: 'Asia/Tokyo' }).format(Date.now() + ahead * 86_400_000));
  for (const day of days) await keys.tick(page.getByLabel(day, { exact: true }));
  await keys.to(page.getByLabel('From', { exact: true }));
  await page.keyboard.type('0800AM');
  await keys.to(page.getByLabel('To', { exact: true }));
  await page.keyboard.type('0900AM');
  await keys.fill(page.getByLabel('Time zone'), 'Asia/Tokyo');
  const times = page.locator('#preview time');
  await until('ten runs are previewed, the first at 08:00 in Tokyo', async () => await times.count() === 10 && /0?8:00/.test(await times.first().textContent()) && /T23:00/.test(await times.first().getAttribute('datetime')));
  const weekdays = new Set((await times.allTextContents()).map((text) => text.slice(0, 3)));
  assert.deepEqual([...weekdays].sort(), [...days].sort());
  const first = await times.first().getAttribute('datetime');
  await keys.activate(button(page, 'Save'));
  await row(page, 'twice an hour').waitFor();

  const { entries } = await api('GET', 'entries');
  const entry = entries.find((one) => one.description === 'twice an hour');
  assert.deepEqual([entry.every_ms, entry.days, entry.window, entry.zone, entry.arguments.shop], [1_800_000, WEEK.filter((day) => days.includes(day)).join().toLowerCase(), '08:00-09:00', 'Asia/Tokyo', 'DEMO']);
  const planned = await until('the queue has planned it', async () => (await api('GET', `entries/${entry.id}`)).due_ms);
  assert.equal(new Date(planned).toISOString(), first, 'the queue plans another time than the form has shown');
  await api('DELETE', `entries/${entry.id}?company=${COMPANY}`);
});

test('a refusal stands at its field, is announced, and nothing that was typed is lost', async (t) => {
  const page = await open(t, { path: '#/entry' });
  const keys = await onlyKeyboard(page);
  await keys.choose(page.getByLabel('Operation', { exact: true }), 'Sync orders from Shopify');
  await keys.choose(page.getByLabel('Shop', { exact: true }).last(), 'DEMO');
  await keys.fill(page.getByLabel('Name', { exact: true }), 'month end');
  await keys.choose(page.getByLabel('It runs', { exact: true }), 'by a date formula of Business Central');
  const formula = page.getByLabel('Date formula');
  await keys.fill(formula, 'CM');
  await keys.activate(button(page, 'Save'));
  await page.getByRole('alert').filter({ hasText: 'Not saved' }).waitFor();
  assert.equal(await formula.getAttribute('aria-invalid'), 'true');
  assert.ok(await formula.evaluate((node) => node === document.activeElement), 'the focus is not where the mistake is');
  assert.match(await page.locator('#formula-error').textContent(), /1D\+CM/);
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'month end');
  assert.equal(await formula.inputValue(), 'CM');
});

test('an entry is held, made ready, run, changed and deleted', async (t) => {
  const s = await stack();
  await s.api('POST', `entries?company=${COMPANY}`, { operation: 'orders.process', shop: 'DEMO', description: 'by hand', every_ms: 86_400_000, start_ms: 4_070_908_800_000 });
  const page = await open(t, { path: '#/entries' });
  const keys = await onlyKeyboard(page);
  const mine = row(page, 'by hand');
  await keys.activate(button(mine, 'Hold: by hand'));
  await mine.getByText('on hold').waitFor();
  await keys.activate(button(mine, 'Set ready: by hand'));
  await mine.getByText('ready', { exact: true }).waitFor();
  await keys.activate(button(mine, 'Run now: by hand'));
  await page.getByRole('link', { name: /Log of run \d+/ }).first().waitFor();
  await until('its single run has ended and left no entry', async () =>
    (await s.api('GET', `entries?company=${COMPANY}`)).entries.filter((entry) => entry.description === 'by hand').length === 1 && await mine.count() === 1);

  await keys.activate(mine.locator('summary'));
  await keys.activate(mine.getByRole('link', { name: 'Edit: by hand' }));
  await keys.fill(page.getByLabel('Every', { exact: true }), '2');
  await keys.activate(button(page, 'Save'));
  await until('it is changed', async () => (await s.entry('by hand')).every_ms === 2 * 86_400_000);
  await row(page, 'by hand').waitFor();

  await keys.activate(mine.locator('summary'));
  await keys.activate(button(mine, 'Delete: by hand'));
  await keys.activate(page.getByRole('dialog').getByRole('button', { name: 'Delete' }));
  await until('it is gone', async () => await mine.count() === 0);
});

test('the form counts what its parameters match now, and names some of it', async (t) => {
  const s = await stack();
  await s.place('#6501');
  await s.place('#6502', { lines: [{ sku: '1896-S', quantity: 2, price: '12.50' }] });
  await s.sync('orders.sync');
  t.after(() => s.sync('orders.process'));
  const page = await open(t, { path: '#/entry' });
  const counted = page.locator('#matches');
  await page.getByLabel('Operation', { exact: true }).selectOption('orders.process');
  await page.getByLabel('Shop', { exact: true }).last().selectOption('DEMO');
  await counted.getByText(/It would take \d+ orders now/).waitFor();
  await page.getByText(/^Filters and options/).click();
  await page.getByLabel('Order number').fill('#6502');
  await counted.getByText('It would take 1 order now').waitFor();
  await counted.getByText('#6502').waitFor();
  await page.getByLabel('Order number').fill('#99');
  await counted.getByText('It would take 0 orders now').waitFor();
  await page.getByLabel('Amount', { exact: true }).fill('>=a lot');
  await counted.locator('.quote').waitFor();
  await page.getByLabel('Operation', { exact: true }).selectOption('doctor.probe');
  await counted.getByText(/Not counted/).waitFor();
});

test('somebody else has changed the entry meanwhile: the form says so and keeps what was typed', async (t) => {
  const s = await stack();
  const { id } = await s.api('POST', `entries?company=${COMPANY}`, { operation: 'orders.process', shop: 'DEMO', description: 'for two', every_ms: 86_400_000, start_ms: 4_070_908_800_000 });
  const page = await open(t, { path: `#/entry/${id}?company=${COMPANY}` });
  await page.getByLabel('Name', { exact: true }).fill('mine');
  await s.api('PUT', `entries/${id}?company=${COMPANY}`, { operation: 'orders.process', shop: 'DEMO', description: 'theirs', every_ms: 86_400_000 });
  await button(page, 'Save').click();
  await page.getByRole('alert').filter({ hasText: 'Not saved' }).waitFor();
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'mine');
  await button(page, 'Read again what stands now').click();
  await until('what stands is shown', async () => await page.getByLabel('Name', { exact: true }).inputValue() === 'theirs');
  await s.api('DELETE', `entries/${id}?company=${COMPANY}`);
});

test('somebody else has changed the entry meanwhile: field by field, mine is kept or theirs taken, by keyboard', async (t) => {
  const s = await stack();
  const path = (id) => `entries/${id}?company=${COMPANY}`;
  const given = { operation: 'orders.process', shop: 'DEMO', every_ms: 86_400_000, start_ms: 4_070_908_800_000 };
  const { id } = await s.api('POST', `entries?company=${COMPANY}`, { ...given, description: 'of both' });
  t.after(() => s.api('DELETE', path(id)));
  const page = await open(t, { path: `#/entry/${id}?company=${COMPANY}` });
  const keys = await onlyKeyboard(page);
  const field = (label) => page.getByLabel(label, { exact: true });
  await keys.fill(field('Name'), 'mine');
  await keys.fill(field('Every'), '3');
  await s.api('PUT', path(id), { ...given, description: 'theirs', every_ms: 2 * 86_400_000, days: 'mon,tue' });
  await keys.activate(button(page, 'Save'));
  const changes = page.locator('#merge li');
  await until('what has changed is told', async () => await changes.count() === 3);
  assert.match(await changes.filter({ hasText: 'Weekdays' }).textContent(), /taken over.*Mon, Tue/);
  assert.match(await changes.filter({ hasText: 'Name' }).textContent(), /theirs.*mine/);
  assert.equal(await field('Name').inputValue(), 'mine');
  await keys.activate(button(page, 'Keep mine: Name'));
  await keys.activate(button(page, 'Take theirs: Every'));
  await until('theirs is in the field', async () => await field('Every').inputValue() === '2');
  assert.equal(await field('Name').inputValue(), 'mine');
  await keys.activate(button(page, 'Save'));
  await until('both have had their way', async () => {
    const now = await s.api('GET', path(id));
    return now.description === 'mine' && now.every_ms === 2 * 86_400_000 && now.days === 'mon,tue';
  });
});

test('orders in one category, customers in another: the form, the overview and doctor name both, and a press there ends it', async (t) => {
  const s = await stack();
  const auto = (on) => s.api('PATCH', `shops/DEMO?company=${COMPANY}`, { auto_create_customers: on });
  await auto(true);
  t.after(async () => {
    await auto(false);
    await s.api('DELETE', `entries/${(await s.entry('customers beside')).id}?company=${COMPANY}`);
  });
  const warned = async () => (await s.api('GET', `warnings?company=${COMPANY}`)).warnings.length;
  const page = await open(t, { path: '#/entry' });
  await page.getByLabel('Operation', { exact: true }).selectOption('customers.sync');
  await page.getByLabel('Shop', { exact: true }).last().selectOption('DEMO');
  await page.getByLabel('Name', { exact: true }).fill('customers beside');
  await page.getByLabel('First run').fill('2099-01-01T06:00');
  await page.getByText('Finer settings').click();
  await page.getByLabel('Category', { exact: true }).fill('OTHER');
  await button(page, 'Save').click();
  const whole = async (item) => {
    const text = await item.textContent();
    for (const named of ['customers beside', 'make sales orders', 'OTHER', 'SHPFY', 'both change customers', 'Auto Create Unknown Customers', 'DEMO'])
      assert.ok(text.includes(named), `it does not name ${named}: ${text}`);
  };
  const inForm = page.getByRole('list', { name: 'Warnings' }).getByRole('listitem').filter({ hasText: 'customers' });
  await inForm.waitFor();
  await whole(inForm);
  await button(inForm, 'Put “customers beside” into category SHPFY').click();
  await until('it is gone', async () => await warned() === 0);

  const { id } = await s.entry('customers beside');
  for (const [path, place] of [['#/', '#warnings li'], ['#/doctor', '#findings li[data-check=category-conflict]']]) {
    await s.api('PATCH', `entries/${id}?company=${COMPANY}`, { category: 'OTHER' });
    await auto(true);
    await page.goto(`${s.url}/${path}`);
    await page.reload();
    await page.locator(place).first().waitFor();
    if (path === '#/') await whole(page.locator(place).first());
    await page.locator(place).getByRole('button', { name: /^Turn “Auto Create Unknown Customers” off in shop DEMO/ }).first().click();
    await until('with the setting off there is nothing', async () => await warned() === 0 && await page.locator(place).count() === 0, 15_000);
  }
});

test('filters, and a category that is paused', async (t) => {
  const s = await stack();
  const page = await open(t, { path: '#/entries' });
  await page.locator('#entries-operation').selectOption('shipments.sync');
  await until('one is left', async () => await page.locator('main table').first().locator('tbody tr').count() === 1);
  await page.locator('#entries-operation').selectOption('');
  const lane = row(page, 'SHPFY');
  await button(lane, 'Pause: SHPFY').click();
  await lane.getByText('paused').waitFor();
  assert.equal((await s.api('GET', `categories/SHPFY?company=${COMPANY}`)).paused, true);
  await button(lane, 'End the pause: SHPFY').click();
  await lane.getByText('open').waitFor();
});

test('many entries: the producer filters and searches, and the list is read as far as somebody looks', async (t) => {
  const s = await stack();
  const added = await Promise.all(Array.from({ length: 70 }, (_, index) => s.api('POST', `entries?company=${COMPANY}`,
    { operation: 'orders.process', shop: 'DEMO', description: `many ${index ? String(index) : 'zebras'}`, manual: true })));
  t.after(() => Promise.all(added.map(({ id }) => s.api('DELETE', `entries/${id}?company=${COMPANY}`))));
  const page = await open(t, { path: '#/entries' });
  const asked = [];
  page.on('request', (request) => { if (/\/v1\/entries\?/.test(request.url())) asked.push(new URL(request.url()).searchParams); });
  const rows = page.locator('main table').first().locator('tbody tr');
  const keys = await onlyKeyboard(page);
  await keys.fill(page.getByLabel('Search by name or operation'), 'many');
  await keys.press('Enter');
  await until('the first fifty are shown', async () => await rows.count() === 50);
  await page.getByText('50 entries shown').waitFor();
  await keys.activate(button(page, 'Show more'));
  await until('all seventy are shown', async () => await rows.count() === 70);
  await keys.fill(page.getByLabel('Search by name or operation'), 'many zebras');
  await keys.press('Enter');
  await until('one is left', async () => await rows.count() === 1);
  await row(page, 'many zebras').waitFor();
  assert.deepEqual([...new Set(asked.map((query) => query.get('search')).filter(Boolean))], ['many', 'many zebras']);
  assert.ok(asked.every((query) => Number(query.get('limit')) <= 100), 'more is asked for than is shown');
});

test('entries that rest are found among the others', async (t) => {
  const s = await stack();
  const { id } = await s.api('POST', `entries?company=${COMPANY}`, { operation: 'orders.process', shop: 'DEMO', description: 'rests', every_ms: 86_400_000, on_hold: true });
  t.after(() => s.api('DELETE', `entries/${id}?company=${COMPANY}`));
  const page = await open(t, { path: '#/entries' });
  await page.locator('#entries-status').selectOption({ label: 'on hold' });
  await until('only what is on hold is shown', async () => {
    const texts = await page.locator('main table').first().locator('tbody tr').allTextContents();
    return texts.length > 0 && texts.every((text) => text.includes('on hold'));
  });
  await row(page, 'rests').waitFor();
});

test('the entries and their form are fine for all', async (t) => {
  const s = await stack();
  const { id } = await s.entry('read orders');
  await fineForAll(t, '#/entries', 'entries', (page) => row(page, 'read orders').waitFor());
  await fineForAll(t, `#/entry/${id}?company=${COMPANY}`, 'entry', (page) => page.locator('#preview time').first().waitFor(), FILTER_WORDS);
});

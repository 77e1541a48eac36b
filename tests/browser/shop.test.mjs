// shop.test.mjs - the shop card: explained, changed, refused where settings contradict each other; times moved back.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PHONE, fineForAll, noEnglish, onlyKeyboard, open, untold } from './browser.mjs';
import { COMPANY, stack, until } from './stack.mjs';

/** Names of things at Shopify, of access levels, and words that are typed as they are. */
const NAMES = ['Admin API Express Net Plus Advanced Visa DHL Doc No California extension odata-page disabled available',
  'number website salespersonCode creditLimit currencyCode taxRegistrationNumber'];
const CARD = `#/shops/SECOND?company=${COMPANY}`;
const setting = (page, name) => page.locator(`#setting-${name}`);
const shop = (s) => s.api('GET', `shops/SECOND?company=${COMPANY}`);

test('a setting is found, read, changed and saved by keyboard at 360 pixels', async (t) => {
  const s = await stack();
  const page = await open(t, { size: PHONE, path: CARD });
  const keys = await onlyKeyboard(page);
  await keys.fill(page.getByLabel('Find a setting'), 'shipping confirmation');
  const box = setting(page, 'send_shipping_confirmation');
  const before = Boolean((await shop(s)).send_shipping_confirmation);
  await box.waitFor();
  const about = await box.getAttribute('aria-describedby');
  assert.match(await page.locator(`#${about.split(' ')[0]}`).textContent(), /Shopify/);
  await keys.tick(box);
  await keys.activate(page.getByRole('button', { name: 'Save' }));
  await until('it is stored', async () => (await shop(s)).send_shipping_confirmation === !before);
  await page.getByText('Shop SECOND: saved.').first().waitFor();
});

test('what contradicts is refused at its setting, and nothing that was changed is lost', async (t) => {
  const s = await stack();
  const page = await open(t, { path: CARD });
  await page.locator('#group-items > summary').click();
  await page.locator('#group-accounts > summary').click();
  await setting(page, 'sku_mapping').selectOption('item-no-variant');
  await setting(page, 'sku_separator').fill('');
  await setting(page, 'tip_account').fill('6620');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').filter({ hasText: 'Not saved' }).waitFor();
  const wrong = page.locator('[aria-invalid=true]');
  assert.equal(await wrong.count(), 1);
  assert.ok(['setting-sku_mapping', 'setting-sku_separator'].includes(await wrong.getAttribute('id')));
  assert.equal(await setting(page, 'tip_account').inputValue(), '6620');
  assert.notEqual((await shop(s)).tip_account, '6620');

  await page.getByLabel('SKU Field Separator').fill('|');
  await page.getByRole('button', { name: 'Save' }).click();
  await until('both are stored', async () => { const now = await shop(s); return now.tip_account === '6620' && now.sku_mapping === 'item-no-variant'; });
  await s.api('PATCH', `shops/SECOND?company=${COMPANY}`, { sku_mapping: 'item-no' });
});

test('somebody else has changed the card meanwhile: what changed is told, and mine kept or theirs taken', async (t) => {
  const s = await stack();
  const page = await open(t, { path: CARD });
  await page.locator('#group-accounts > summary').click();
  await setting(page, 'tip_account').fill('6701');
  await setting(page, 'shipping_account').fill('6702');
  await s.api('PATCH', `shops/SECOND?company=${COMPANY}`, { tip_account: '6711', shipping_account: '6712', gift_card_account: '6713' });
  await page.getByRole('button', { name: 'Save' }).click();
  const changes = page.locator('#merge li');
  await until('three differences are told', async () => await changes.count() === 3);
  const of = (name) => page.locator(`#merge li[data-field=${name}]`);
  assert.match(await of('gift_card_account').textContent(), /6713/);
  assert.equal(await of('gift_card_account').getByRole('button').count(), 0);
  assert.match(await of('tip_account').textContent(), /6711.*6701/);
  await of('tip_account').getByRole('button', { name: /^Keep mine/ }).click();
  await of('shipping_account').getByRole('button', { name: /^Take theirs/ }).click();
  await until('theirs is in its field', async () => await setting(page, 'shipping_account').inputValue() === '6712');
  assert.equal(await setting(page, 'tip_account').inputValue(), '6701');
  await page.getByRole('button', { name: 'Save' }).click();
  await until('both are stored', async () => { const now = await shop(s); return now.tip_account === '6701' && now.shipping_account === '6712' && now.gift_card_account === '6713'; });
  await until('nothing is left to say', async () => await page.locator('#merge').count() === 0);
});

test('what contradicts is refused in the reader\'s language', async (t) => {
  const page = await open(t, { path: CARD, language: 'ru' });
  await page.locator('#group-items > summary').click();
  await setting(page, 'sku_mapping').selectOption('item-no-variant');
  await setting(page, 'sku_separator').fill('');
  await page.getByRole('button', { name: 'Сохранить' }).click();
  await page.getByRole('alert').filter({ hasText: 'Вместе нельзя' }).waitFor();
  await noEnglish(page, NAMES);
  assert.deepEqual(await untold(page), []);
});

test('a table of pairs is written a line each', async (t) => {
  const s = await stack();
  const page = await open(t, { path: CARD });
  await page.locator('#group-customers > summary').click();
  await setting(page, 'country_customers').fill('GB = 10000\nIE = 20000');
  await page.getByRole('button', { name: 'Save' }).click();
  await until('it is stored', async () => JSON.stringify((await shop(s)).country_customers) === JSON.stringify({ GB: '10000', IE: '20000' }));
});

test('what was changed and not saved is undone', async (t) => {
  const page = await open(t, { path: CARD });
  const box = setting(page, 'allow_writes'), text = setting(page, 'currency');
  const before = [await box.isChecked(), await text.inputValue()];
  await box.click();
  await text.fill('XYZ');
  await page.getByText('2 changes not saved').first().waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await until('all is as before', async () => JSON.stringify([await box.isChecked(), await text.inputValue()]) === JSON.stringify(before));
  assert.equal(await page.getByRole('button', { name: 'Save' }).count(), 0);
});

test('every setting, parameter and unit that the API brings is told in Russian, too', async () => {
  const s = await stack();
  const told = JSON.parse(readFileSync(new URL('../../web/more.ru.json', import.meta.url), 'utf8'));
  const { groups, settings } = await s.api('GET', 'settings');
  const { operations } = await s.api('GET', 'operations');
  const card = settings.filter(({ name }) => !['code', 'enabled'].includes(name));
  const wanted = [...groups.map(({ code }) => `group.${code}`), ...card.flatMap((row) => [`title.${row.name}`, `explain.${row.name}`,
    ...(row.unit ? [`unit.${row.unit}`] : []), ...row.choices.map((word) => (told[`word.${row.name}.${word}`] ? `word.${row.name}.${word}` : `word.${word}`))]),
  ...operations.flatMap((row) => row.arguments).filter((row) => row.type !== 'shop').map((row) => `parameter.${row.name}`)];
  assert.ok(wanted.length > 150);
  assert.deepEqual(wanted.filter((code) => !told[code]), []);
});

test('a shop is disabled and enabled, and its time moved back', async (t) => {
  const s = await stack();
  const page = await open(t, { path: CARD });
  await page.getByRole('button', { name: 'Disable: SECOND' }).click();
  await until('it is off', async () => !(await shop(s)).enabled);
  await page.getByRole('button', { name: 'Enable: SECOND' }).click();
  await until('it is on', async () => (await shop(s)).enabled);
  await page.getByLabel('Time in UTC: Sync orders from Shopify').fill('2026-11-01T06:00');
  await page.getByRole('button', { name: 'Move: Sync orders from Shopify' }).click();
  await until('the time is moved', async () => (await s.api('GET', `shops/SECOND/times?company=${COMPANY}`)).times.some((row) => row.reset.startsWith('2026-11-01T06:00')));
});

test('the shops and a card are fine for all', async (t) => {
  await fineForAll(t, '#/shops', 'shops', (page) => page.getByRole('link', { name: 'SECOND' }).waitFor());
  await fineForAll(t, CARD, 'shop', (page) => setting(page, 'credential').waitFor(), NAMES);
});

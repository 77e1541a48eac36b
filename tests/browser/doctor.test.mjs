// doctor.test.mjs - what doctor finds, on its page: the worst first, with what to do and the button that does it, in every language.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fineForAll, onlyKeyboard, open, untold } from './browser.mjs';
import { COMPANY, stack, until } from './stack.mjs';

/** What Redis, Microsoft and Shopify call their settings and pages. */
const NAMES = ['appendonly appendfsync yes no always everysec noeviction Apache Microsoft Entra Applications Setup Dev Dashboard tzdata chrony'];
const found = (page, check, state) => page.locator(`li[data-check="${check}"]${state ? `[data-state=${state}]` : ''}`);

/** An entry that rests: a finding of which a button is the cure. */
async function resting(t, s, description) {
  const { id } = await s.api('POST', `entries?company=${COMPANY}`, { operation: 'orders.process', shop: 'DEMO', description, every_ms: 86_400_000,
    start_ms: 4_070_908_800_000, on_hold: true });
  t.after(() => s.api('DELETE', `entries/${id}?company=${COMPANY}`));
  return id;
}

test('a finding is told with its advice, and its button cures it', async (t) => {
  const s = await stack();
  const id = await resting(t, s, 'left behind');
  const page = await open(t, { path: '#/doctor' });
  const keys = await onlyKeyboard(page);
  const mine = found(page, 'entries', 'warn').filter({ hasText: 'left behind' });
  await mine.waitFor();
  const { checks } = await s.api('GET', 'doctor');
  for (const { code } of checks) assert.ok(await found(page, code).count() > 0, `${code} is not on the page`);
  const states = await page.locator('li[data-check]').evaluateAll((nodes) => nodes.map((node) => node.dataset.state));
  assert.deepEqual(states, [...states].sort((a, b) => ['bad', 'warn', 'ok'].indexOf(a) - ['bad', 'warn', 'ok'].indexOf(b)), 'the worst does not come first');
  await keys.activate(mine.getByRole('button').first());
  await until('it is ready again', async () => (await s.api('GET', `entries/${id}?company=${COMPANY}`)).status === 'Ready');
  await until('the finding is gone', async () => await mine.count() === 0, 20_000);
});

test('the peers are looked at on demand', async (t) => {
  const s = await stack();
  const page = await open(t, { path: '#/doctor' });
  await page.getByRole('button', { name: 'Look at Shopify and Business Central now' }).click();
  await page.locator('.toast').filter({ hasText: 'They were looked at.' }).waitFor({ timeout: 60_000 });
  await found(page, 'shopify.store', 'ok').first().waitFor();
  await found(page, 'bc.company', 'ok').first().waitFor();
  assert.ok((await s.api('GET', 'doctor')).checks.some((row) => row.code === 'bc.token'));
});

test('somebody who may only look has no button', async (t) => {
  const s = await stack();
  await resting(t, s, 'not for me');
  const { token } = await s.api('POST', 'tokens', { name: 'doctor-viewer', role: 'view' });
  t.after(() => s.api('DELETE', 'tokens/doctor-viewer'));
  const page = await open(t, { token, path: '#/doctor' });
  await found(page, 'entries', 'warn').first().waitFor();
  assert.equal(await page.locator('main button').count(), 0);
});

test('doctor is fine for all, and says nothing in English elsewhere', async (t) => {
  const s = await stack();
  await resting(t, s, 'rests for all');
  await fineForAll(t, '#/doctor', 'doctor', async (page) => {
    await found(page, 'entries', 'warn').first().waitFor();
    assert.deepEqual(await untold(page), []);
  }, NAMES);
});

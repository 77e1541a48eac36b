// page.test.mjs - the page as a whole: who may look, that it works on a phone, with a keyboard and for a screen reader.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DESK, PHONE, expectFits, expectNoSerious, onlyKeyboard, open, screenshot } from './browser.mjs';
import { stack } from './stack.mjs';

test('the page asks for a token, refuses a wrong one aloud and keeps the right one', async (t) => {
  const { token } = await stack();
  const page = await open(t, { token: '' });
  const field = page.locator('input[type=password]');
  const keys = await onlyKeyboard(page);
  await expectNoSerious(page);
  await keys.fill(field, 'not-the-token');
  await keys.press('Enter');
  await page.getByRole('alert').filter({ hasText: /\S/ }).waitFor();
  await keys.fill(field, token);
  await keys.press('Enter');
  await page.locator('main').waitFor();
  await page.reload();
  await page.locator('main').waitFor();
  assert.ok(!await field.isVisible(), 'a reload asks again');
  assert.ok(!page.url().includes(token), 'the address carries the token');
});

for (const [name, size] of [['desk', DESK], ['phone', PHONE]]) {
  test(`nothing serious for axe, nothing too wide: ${name}`, async (t) => {
    const page = await open(t, { size });
    await page.locator('.tile').first().waitFor();
    await expectFits(page);
    await expectNoSerious(page);
    await screenshot(page, `start-${name}`);
  });
}

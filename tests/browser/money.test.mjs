// money.test.mjs - the books of a day on their page: what does not agree is named, a payout with its parts, disputes with the
// days that are left; also as a table for a spreadsheet, and in every language.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fineForAll, open, untold } from './browser.mjs';
import { stack } from './stack.mjs';

/** What Shopify and the programs call their states and reasons. */
const NAMES = ['CSV Shopify SCHEDULED CHARGEBACK NEEDS_RESPONSE FRAUDULENT new'];

let made;
/** A sale that is paid out and disputed, and has no document. */
async function sold(s) {
  made ??= (async () => {
    const order = await s.place('#7701');
    const { business } = await s.shopify('GET', 'time');
    await s.shopify('POST', 'payments/payout', {});
    await s.shopify('POST', 'payments/dispute', { order: order.name, dueBy: new Date(Date.now() + 2.5 * 86_400_000).toISOString().slice(0, 19) + 'Z' });
    for (const operation of ['orders.sync', 'payouts.sync', 'disputes.sync']) assert.equal((await s.sync(operation)).outcome, 'ok', operation);
    return { name: order.name, id: order.id.replace(/.*\//, ''), path: `#/money?shop=DEMO&day=${business.slice(0, 10)}` };
  })();
  return made;
}

test('what does not agree is named, with its order; the payout and the dispute are told', async (t) => {
  const s = await stack();
  const { name, path } = await sold(s);
  const page = await open(t, { path });
  const row = page.locator('#differences tbody tr').filter({ hasText: name });
  await row.waitFor();
  assert.match(await row.innerText(), /no posted invoice/);
  await page.locator('#payouts tbody tr').filter({ hasText: 'fees' }).first().waitFor();
  const dispute = page.locator('#disputes tbody tr').filter({ hasText: name });
  assert.match(await dispute.innerText(), /due in 2 days/);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save as CSV' }).click()]);
  const lines = readFileSync(await download.path(), 'utf8').trim().split('\r\n');
  assert.equal(lines[0], 'payout,id,type,order_name,at,currency,amount,fee,net,invoice,memo');
  assert.ok(lines.some((line) => line.includes(`,CHARGE,${name},`)), lines.join('\n'));
  await row.getByRole('link').click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
  const paid = page.locator('#payments tbody tr').first();
  await paid.waitFor();
  assert.match(await paid.innerText(), /^Sale\s+Shopify Payments\s+GBP\s12\.50\s+GBP\s0\.66\s+\d+/, 'by what it was paid, what was kept of it, and the payout');
});

test('an order whose money has moved is told in every language', async (t) => {
  const { id } = await sold(await stack());
  await fineForAll(t, `#/orders/${id}`, 'order-money', async (page) => {
    await page.locator('#payments tbody tr').first().waitFor();
    assert.deepEqual(await untold(page), []);
  }, NAMES);
});

test('the page is fine for all, and says nothing in English elsewhere', async (t) => {
  const { path } = await sold(await stack());
  await fineForAll(t, path, 'money', async (page) => {
    await page.locator('#disputes tbody tr').first().waitFor();
    assert.deepEqual(await untold(page), []);
  }, NAMES);
});

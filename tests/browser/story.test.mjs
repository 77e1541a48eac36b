// story.test.mjs - from a yellow tile to a document: an unmapped product, the order that it blocks, mapped there and
// processed. By mouse, by keyboard alone, on a phone, and in Russian.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DESK, PHONE, expectFits, expectNoSerious, noEnglish, onlyKeyboard, open, screenshot, untold } from './browser.mjs';
import { stack, until } from './stack.mjs';

const COMPANY_NAME = 'CRONUS UK Ltd.';
const ITEM = '1896-S'; // an item that Business Central has
const WORDS = {
  en: { list: 'Unmapped products', map: 'Map', number: 'Number in Business Central', process: 'Process the orders', yellow: 'look at it', green: 'nothing to do' },
  ru: { list: 'Несопоставленные товары', map: 'Сопоставить', number: 'Номер в Business Central', process: 'Обработать заказы', yellow: 'взгляните', green: 'делать нечего' },
};
const STORIES = [
  { name: 'by mouse', n: 1 },
  { name: 'by keyboard alone', n: 2, keyboard: true },
  { name: 'on a phone', n: 3, size: PHONE },
  { name: 'in Russian', n: 4, language: 'ru' },
  { name: 'in Russian, by keyboard, on a dark phone', n: 5, language: 'ru', keyboard: true, size: PHONE, theme: 'dark' },
];

/** An order that waits for a product that nobody has mapped. */
async function blocked(here, n, t) {
  const [order, title, sku] = [`#31${n}`, `Straw hat no. ${n}`, `HAT-3${n}`];
  await here.product(`880000000030${n}`, title, sku);
  t.after(() => here.api('PUT', `mappings/products/880000000030${n}`, { number: ITEM })); // whatever happens, the next story begins at 0
  await here.place(order, { lines: [{ sku, quantity: 1, price: '12.50' }] });
  await here.sync('orders.sync');
  await here.sync('orders.process');
  const { orders: [found] } = await here.api('GET', `orders?find=${encodeURIComponent(order)}`);
  return { order, title, id: found.id };
}

/** What a hand does, by mouse or by keyboard. */
async function handOf(page, keyboard) {
  if (keyboard) {
    const keys = await onlyKeyboard(page);
    return { press: (target) => keys.activate(target), write: (target, text) => keys.fill(target, text) };
  }
  return { press: (target) => target.click(), write: (target, text) => target.fill(text) };
}

const expectTile = (page, words, value, colour) => until(`the tile is ${colour}`, async () => {
  const tile = page.locator('[data-cue=unmapped_products]');
  return await tile.locator('.value').textContent() === value && (await tile.textContent()).includes(words[colour]) && (await tile.getAttribute('class')).includes(colour);
});

for (const { name, n, language = 'en', size = DESK, theme = 'light', keyboard = false } of STORIES) {
  test(`an unmapped product becomes a document: ${name}`, async (t) => {
    const here = await stack();
    const words = WORDS[language];
    const sound = async (place) => {
      await expectFits(page);
      await expectNoSerious(page);
      await screenshot(page, `story-${n}-${place}`);
      if (language === 'ru') await noEnglish(page, [title, COMPANY_NAME]);
      assert.deepEqual(await untold(page), [], 'texts that nobody has translated');
    };
    const { order, title, id } = await blocked(here, n, t);
    const page = await open(t, { language, size, theme });
    const hand = await handOf(page, keyboard);

    await expectTile(page, words, '1', 'yellow');
    await hand.press(page.locator('[data-cue=unmapped_products]'));
    const row = page.locator('tbody tr').filter({ hasText: title });
    await row.getByRole('link', { name: order }).waitFor();
    assert.equal(await page.locator('h1').textContent(), words.list);
    await sound('list');

    await hand.write(row.getByLabel(words.number), ITEM);
    await hand.press(row.getByRole('button', { name: words.map }));
    const process = page.locator('#next').getByRole('button', { name: words.process });
    await process.waitFor();
    await sound('next');
    await hand.press(process);

    await until('the order is a document', async () => (await here.api('GET', `orders/${id}`)).document?.number, 20_000);
    await hand.press(page.locator('.brand'));
    await expectTile(page, words, '0', 'green');
    await sound('green');
    const { document: { number } } = await here.api('GET', `orders/${id}`);
    await page.evaluate((to) => { location.hash = to; }, `#/orders/${id}`);
    await page.locator('.facts').getByText(number).waitFor();
    await sound('order');
  });
}

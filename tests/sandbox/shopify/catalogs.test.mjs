// Catalogs and their price lists: who they are for, which prices an app may fix, and what is refused.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {documentText, startPeer} from './peer.mjs';

const LISTED = `query ($id: ID!) { priceList(id: $id) { currency fixedPricesCount prices(first: 5, originType: FIXED) { nodes {
  price { amount } compareAtPrice { amount } variant { id } } } } }`;

async function open(t) {
  const client = await startPeer(t);
  const made = await client.admin('POST', 'catalogs', {
    title: 'Gold',
    currency: 'GBP',
    locations: [
      {name: 'London', company: 'Adatum'},
      {name: 'Leeds', company: 'Adatum'},
    ],
  });
  const store = client.peer.stores.get('demo.myshopify.com');
  const variants = [...store.products].slice(0, 2).map(({variants}) => `gid://shopify/ProductVariant/${variants[0].id}`);
  const list = `gid://shopify/PriceList/${made.priceList.id}`;
  const fix = async prices => (await client.ask(documentText('catalog-prices-add'), {list, prices})).data.priceListFixedPricesAdd;
  return {client, list, variants, fix};
}

// What the schema wants to be there.
const NO_CHANGE = {pricesToAdd: [], pricesToDeleteByVariantId: [], quantityPriceBreaksToAdd: [], quantityPriceBreaksToDelete: [], quantityRulesToAdd: [],
  quantityRulesToDeleteByVariantId: []};

const pounds = amount => ({amount, currencyCode: 'GBP'});

test('catalogs of companies come with their locations, those of markets with their markets', async t => {
  const {client} = await open(t);
  const {data} = await client.ask(documentText('catalogs-company'), {});
  const gold = data.catalogs.nodes.find(({title}) => title === 'Gold');
  assert.equal(gold.companyLocations.nodes.length, 2);
  assert.equal(gold.priceList.currency, 'GBP');
  assert.equal(gold.publication, null);
  const markets = (await client.ask(documentText('catalogs-market'), {})).data.catalogs.nodes;
  assert.ok(markets.length > 0 && markets.every(({title}) => title !== 'Gold'));
});

test('a fixed price is replaced whole, and one bad row refuses all', async t => {
  const {client, list, variants, fix} = await open(t);
  const [variantId, other] = variants;
  assert.deepEqual((await fix([{variantId, price: pounds('9.5'), compareAtPrice: pounds('12')}])).userErrors, []);
  await fix([{variantId, price: pounds('9')}]);
  const [row] = (await client.ask(LISTED, {id: list})).data.priceList.prices.nodes;
  assert.equal(Number(row.price.amount), 9);
  assert.equal(row.compareAtPrice, null);
  const refused = await fix([
    {variantId: other, price: pounds('8')},
    {variantId: 'gid://shopify/ProductVariant/1', price: pounds('8')},
    {variantId, price: {amount: '8', currencyCode: 'EUR'}},
  ]);
  assert.deepEqual(
    refused.userErrors.map(({field, code}) => [field.slice(0, 2).join('.'), code]),
    [
      ['prices.1', 'VARIANT_NOT_FOUND'],
      ['prices.2', 'PRICE_LIST_CURRENCY_MISMATCH'],
    ],
  );
  assert.equal((await client.ask(LISTED, {id: list})).data.priceList.fixedPricesCount, 1);
});

test('quantity price breaks are set with their prices; deletes come first, and one bad row refuses all', async t => {
  const {client, list, variants: [variantId, other]} = await open(t);
  const set = async input => (await client.ask(documentText('catalog-prices-breaks'), {list, input: {...NO_CHANGE, ...input}})).data.quantityPricingByVariantUpdate;
  const step = (minimumQuantity, amount, variant = variantId) => ({variantId: variant, minimumQuantity, price: pounds(amount)});
  const shown = async () => Object.values((await client.admin('GET', 'catalogs/Gold')).priceList.prices).map(({price, breaks}) => [price, breaks]);
  const pricesToAdd = [{variantId, price: pounds('9')}];
  assert.deepEqual((await set({pricesToAdd, quantityPriceBreaksToAdd: [step(10, '8'), step(50, '7')]})).userErrors, []);
  assert.deepEqual(await shown(), [['9', {10: '8', 50: '7'}]]);
  const again = {quantityPriceBreaksToDeleteByVariantId: [variantId], quantityPriceBreaksToAdd: [step(20, '6')]};
  for (let n = 0; n < 2; n++) assert.deepEqual((await set(again)).userErrors, []);
  assert.deepEqual(await shown(), [['9', {20: '6'}]]);
  const refused = await set({
    pricesToAdd: [{variantId, price: pounds('1')}, {variantId, price: pounds('1')}],
    quantityPriceBreaksToAdd: [
      step(20, '5'), step(30, '5', other), step(40, '5', 'gid://shopify/ProductVariant/1'), {...step(60, '5'), price: {amount: '5', currencyCode: 'EUR'}},
    ],
  });
  assert.deepEqual(
    refused.userErrors.map(({field, code}) => [field.slice(1, 3).join('.'), code]),
    [
      ['pricesToAdd.1', 'PRICE_ADD_DUPLICATE_INPUT_FOR_VARIANT'],
      ['quantityPriceBreaksToAdd.0', 'QUANTITY_PRICE_BREAK_ADD_DUPLICATE_INPUT_FOR_VARIANT_AND_MIN'],
      ['quantityPriceBreaksToAdd.1', 'QUANTITY_PRICE_BREAK_ADD_PRICE_LIST_PRICE_NOT_FOUND'],
      ['quantityPriceBreaksToAdd.2', 'QUANTITY_PRICE_BREAK_ADD_VARIANT_NOT_FOUND'],
      ['quantityPriceBreaksToAdd.3', 'QUANTITY_PRICE_BREAK_ADD_CURRENCY_MISMATCH'],
    ],
  );
  const many = await set({quantityPriceBreaksToAdd: Array.from({length: 10}, (_, n) => step(100 + n, '1'))});
  assert.equal(many.userErrors[0].code, 'QUANTITY_PRICE_BREAK_ADD_LIMIT_EXCEEDED');
  assert.deepEqual(await shown(), [['9', {20: '6'}]]);
});

test('another currency empties a list; a list that is gone is said so', async t => {
  const {client, list, variants, fix} = await open(t);
  await fix([{variantId: variants[0], price: pounds('9')}]);
  await client.admin('POST', 'catalogs/Gold', {currency: 'EUR'});
  const {data} = await client.ask(LISTED, {id: list});
  assert.deepEqual([data.priceList.currency, data.priceList.fixedPricesCount], ['EUR', 0]);
  await client.admin('DELETE', 'catalogs/Gold');
  assert.equal((await fix([{variantId: variants[0], price: pounds('9')}])).userErrors[0].code, 'PRICE_LIST_NOT_FOUND');
});

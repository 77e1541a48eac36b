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

test('another currency empties a list; a list that is gone is said so', async t => {
  const {client, list, variants, fix} = await open(t);
  await fix([{variantId: variants[0], price: pounds('9')}]);
  await client.admin('POST', 'catalogs/Gold', {currency: 'EUR'});
  const {data} = await client.ask(LISTED, {id: list});
  assert.deepEqual([data.priceList.currency, data.priceList.fixedPricesCount], ['EUR', 0]);
  await client.admin('DELETE', 'catalogs/Gold');
  assert.equal((await fix([{variantId: variants[0], price: pounds('9')}])).userErrors[0].code, 'PRICE_LIST_NOT_FOUND');
});

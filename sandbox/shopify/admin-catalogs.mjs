// The catalogs' part of the admin side: what a merchant does to them by hand.
import {HttpError} from '../lib/http.mjs';
import {storeOf} from './admin-orders.mjs';
import {catalogsOf} from './catalogs.mjs';
import {gid} from './store.mjs';

const idOf = record => gid(record.__typename, record.id);

/** By id, global id or title. */
function catalogAt(store, key) {
  const text = decodeURIComponent(key);
  const found = catalogsOf(store).find(catalog => [catalog.id, idOf(catalog), catalog.title].includes(text));
  if (!found) throw new HttpError(404, {errors: `no catalog ${text}`});
  return found;
}

const shown = ({priceList, ...catalog}) => ({
  ...catalog,
  gid: idOf(catalog),
  publication: catalog.publication && idOf(catalog.publication),
  contexts: catalog.contexts.map(({id, name}) => ({id, name})),
  priceList: priceList && {
    id: priceList.id,
    currency: priceList.currency,
    prices: Object.fromEntries(
      [...priceList.fixed].map(([id, {price, compareAtPrice}]) => [
        id,
        {
          price: price.amount,
          compareAt: compareAtPrice?.amount ?? null,
          currency: price.currencyCode,
          breaks: Object.fromEntries((priceList.breaks?.get(id) ?? []).map(row => [row.minimumQuantity, row.price.amount])),
        },
      ]),
    ),
  },
});

const acting = name => (shopify, {store: domain, ...form}, [, key]) => {
  const store = storeOf(shopify, domain);
  const made = store.perform(name, key && idOf(catalogAt(store, key)), form);
  shopify.state.touch();
  return made ? shown(made) : {ok: true};
};

export const CATALOG_ROUTES = [
  ['POST', /^catalogs$/, acting('addCatalog')],
  ['POST', /^catalogs\/([^/]+)$/, acting('editCatalog')],
  ['DELETE', /^catalogs\/([^/]+)$/, (shopify, body, path, url) => acting('deleteCatalog')(shopify, {store: url.searchParams.get('store')}, path)],
  ['GET', /^catalogs$/, (shopify, body, path, url) => catalogsOf(storeOf(shopify, url.searchParams.get('store'))).map(shown)],
  ['GET', /^catalogs\/([^/]+)$/, (shopify, body, [, key], url) => shown(catalogAt(storeOf(shopify, url.searchParams.get('store')), key))],
];

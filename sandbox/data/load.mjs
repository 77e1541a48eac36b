// The world that the flags of a peer ask for.
import {articlesOf, manyArticles} from './catalogue.mjs';
import {shopProducts} from './shop-products.mjs';
import {storeIdentity, world} from './world.mjs';

export async function loadWorld(options) {
  const made = await readWorld(options);
  const {items = 0, itemVariants = 0, catalogue = '', products = '', noProducts = false, emptyStore = false} = options;
  for (const company of made.companies)
    company.items.push(...manyArticles(items, itemVariants), ...(catalogue ? articlesOf(catalogue) : []));
  if (noProducts) for (const store of made.stores) Object.assign(store, {products: [], orders: []});
  if (products) made.stores[0].products.push(...shopProducts(products.split(',')));
  if (emptyStore) made.stores.push(newStore(made.stores.length));
  return made;
}

async function readWorld({data, orders, days, from, seed, companies, stores}) {
  if (data === 'retail') {
    const {retail} = await import('./retail.mjs');
    return retail({file: orders, days, from, seed, companies, stores});
  }
  const made = world({seed, companies, stores});
  if (data === 'none') for (const store of made.stores) Object.assign(store, {orders: []});
  return made;
}

/** A store that has just been opened. */
const newStore = i => ({
  ...storeIdentity(i),
  domain: 'empty.myshopify.com',
  name: 'Empty Shop',
  products: [],
  customers: [],
  orders: [],
});

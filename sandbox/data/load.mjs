// The world that the flags of a peer ask for.
import {articlesOf, manyArticles} from './catalogue.mjs';
import {world} from './world.mjs';

export async function loadWorld(options) {
  const made = await readWorld(options);
  const {items = 0, itemVariants = 0, catalogue = ''} = options;
  for (const company of made.companies)
    company.items.push(...manyArticles(items, itemVariants), ...(catalogue ? articlesOf(catalogue) : []));
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

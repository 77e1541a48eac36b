// The world that the flags of a peer ask for.
import {world} from './world.mjs';

export async function loadWorld({data, orders, days, from, seed, companies, stores}) {
  if (data === 'retail') {
    const {retail} = await import('./retail.mjs');
    return retail({file: orders, days, from, seed, companies, stores});
  }
  const made = world({seed, companies, stores});
  if (data === 'none') for (const store of made.stores) Object.assign(store, {orders: []});
  return made;
}

// The world this peer starts with: the demo's companies, those of a retail replay, or bare ones.
import {world} from '../data/world.mjs';

export async function loadWorld(options) {
  const demo = world({seed: options.seed, companies: options.companies, stores: options.stores});
  if (options.data === 'synthetic') return demo;
  const bare = {now: demo.now, companies: demo.companies.map(company => ({...company, items: [], customers: []}))};
  if (options.data === 'none') return bare;
  const {retailWorld} = await import('../data/retail.mjs');
  return retailWorld(options);
}

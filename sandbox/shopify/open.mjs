// A simulated Shopify as its flags ask for it: of this process alone, or one of several in it, as tests have them.
import {loadWorld} from '../data/load.mjs';
import {parseOptions} from '../lib/options.mjs';
import {PLANS} from './plans.mjs';
import {Shopify} from './server.mjs';

const FLAGS = {
  plan: {type: 'text', fallback: 'plus', oneOf: Object.keys(PLANS), help: 'plan of the stores: their budget of points, and what they may have'},
  'index-lag': {type: 'number', fallback: 2000, help: 'milliseconds until a search sees a change'},
  'media-lag': {type: 'number', fallback: 1500, help: 'milliseconds until an image has been worked on'},
  'paging-depth': {type: 'number', fallback: 25_000, help: 'rows of a list beyond which nobody pages'},
  'token-life': {type: 'number', fallback: 86_399, help: 'seconds an access token lives'},
  'no-products': {type: 'flag', help: 'no products in any store, and so no orders'},
  products: {
    type: 'text',
    help: 'files in the form in which Shopify exports products, separated by commas: for the first store',
  },
  'empty-store': {type: 'flag', help: 'one more store without anything: empty.myshopify.com'},
  scopes: {type: 'text', help: 'access scopes of the app, separated by commas (default: what this project needs)'},
  'schema-dir': {type: 'text', help: 'folder of the Admin schemas (default: var/cache/shopify)'},
};

/** Answers what runs: {url, close()}, and what there is to say. */
export async function open(flags) {
  const options = parseOptions(flags, {program: 'sandbox/shopify', extra: FLAGS});
  const shopify = new Shopify(options, await loadWorld(options));
  const {url} = await shopify.start();
  const said = options.quiet ? '' : `shopify sandbox at ${url}: ${[...shopify.stores.keys()].join(', ')}`;
  return {url, said, close: () => shopify.close()};
}

// Starts the simulated Shopify: node sandbox/shopify/main.mjs --help
import {endOnSignal} from '../lib/http.mjs';
import {parseOptions} from '../lib/options.mjs';
import {loadWorld} from '../data/load.mjs';
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

const options = parseOptions(process.argv.slice(2), {program: 'sandbox/shopify', extra: FLAGS});
try {
  const shopify = new Shopify(options, await loadWorld(options));
  const {url} = await shopify.start();
  endOnSignal(() => shopify.close());
  if (!options.quiet) console.log(`shopify sandbox at ${url}: ${[...shopify.stores.keys()].join(', ')}`);
} catch (error) {
  console.error(`sandbox/shopify: ${error.message}`);
  process.exit(1);
}

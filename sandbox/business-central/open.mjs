// A simulated Business Central as its flags ask for it: of this process alone, or one of several in it, as tests have them.
import {loadWorld} from '../data/load.mjs';
import {parseOptions} from '../lib/options.mjs';
import {Server} from './server.mjs';

const FLAGS = {
  'token-life': {type: 'number', fallback: 3599, help: 'seconds (real time) that an access token lives'},
  'page-cap': {type: 'number', fallback: 20000, help: 'largest page of a listing'},
  'replica-lag': {type: 'number', fallback: 500, help: 'ms that reads without Data-Access-Intent: ReadWrite are behind'},
  'commit-lag': {type: 'number', fallback: 0, help: 'ms by which stamps may be older than what they stamp became visible'},
  'field-order': {type: 'text', fallback: 'json', oneOf: ['json', 'page'], help: 'order in which fields are validated'},
  'max-running': {type: 'number', fallback: 5, help: 'requests of one user that run at a time'},
  'max-queued': {type: 'number', fallback: 95, help: 'requests of one user that wait'},
  'rate-limit': {type: 'number', fallback: 6000, help: 'requests of one user in a window'},
  'rate-window': {type: 'number', fallback: 300, help: 'the window in seconds of bucket time'},
  'retry-after': {type: 'number', fallback: 0, help: 'Retry-After of a 429 in seconds; 0 leaves the header out'},
  'batch-counts': {type: 'text', fallback: 'members', oneOf: ['members', 'one'], help: 'what a $batch counts for the rate'},
  'lock-conflict': {
    type: 'text',
    fallback: 'wait',
    oneOf: ['wait', 'deadlock'],
    help: 'what a second write to a document meets while the first one runs',
  },
  'max-query': {type: 'number', fallback: 2048, help: 'longest query string of a URL; longer ones are refused at the gateway'},
  level: {
    type: 'text',
    fallback: 'api',
    oneOf: ['api', 'extension', 'odata-page'],
    help: "what is offered beside API v2.0: nothing, the extension's contract, published pages",
  },
  items: {type: 'number', fallback: 0, help: 'articles made up beside those of the world'},
  'item-variants': {type: 'number', fallback: 0, help: 'variants of each of them'},
  catalogue: {type: 'text', fallback: '', help: "a folder of product files in Shopify's CSV format, as more articles"},
  instance: {type: 'text', fallback: 'BC', help: 'server instance of the on-premises root'},
  'basic-user': {type: 'text', fallback: 'cartage', help: 'user of the on-premises root'},
  'basic-key': {type: 'text', fallback: 'sandbox-bc-key', help: 'its web service access key'},
  'public-url': {
    type: 'text',
    fallback: '',
    help: 'scheme and host that links in answers carry (default: those of the request)',
  },
};

/** Answers what runs: {url, close()}, and what there is to say. */
export async function open(flags) {
  const options = parseOptions(flags, {program: 'business-central', extra: FLAGS});
  const {url, close} = await new Server({options, world: await loadWorld(options)}).start();
  return {url, said: options.quiet ? '' : `business-central: ${url}`, close};
}

// Starts the simulated Shopify: node sandbox/shopify/main.mjs --help
import {endOnSignal} from '../lib/http.mjs';
import {open} from './open.mjs';

try {
  const {said, close} = await open(process.argv.slice(2));
  endOnSignal(close);
  if (said) console.log(said);
} catch (error) {
  console.error(`sandbox/shopify: ${error.message}`);
  process.exit(1);
}

#!/usr/bin/env node
// A simulated Business Central: API v2.0 for what a shop's orders need. See README.md in this folder.
import {endOnSignal} from '../lib/http.mjs';
import {open} from './open.mjs';

try {
  const {said, close} = await open(process.argv.slice(2));
  endOnSignal(close);
  if (said) console.log(said);
} catch (error) {
  console.error(`business-central: ${error.message}`);
  process.exit(1);
}

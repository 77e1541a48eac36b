#!/usr/bin/env node
// api.mjs - the HTTP API against its own description: each route with each role, wrong bodies, too large ones, and then
// whatever chance makes of the document.
//
//     CARTAGE_BUILD=build/asan tests/fuzz/api.mjs [--seconds 15] [--seed N]
import { dirname, resolve as absolute } from 'node:path';
import { fileURLToPath } from 'node:url';

import { fault, operationsOf } from './answers.mjs';
import { House } from './house.mjs';
import { strike } from './strike.mjs';
import { checkBodies, checkLarge, checkRoles, checkTraces } from './described.mjs';

const ROOT = absolute(dirname(fileURLToPath(import.meta.url)), '../..');

function option(name, otherwise) {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
}

const long = process.env.CARTAGE_TEST_LONG === '1';
const seconds = option('--seconds', long ? 120 : 15);
const seed = option('--seed', long ? Date.now() % 1000000 : 1);
const house = new House(absolute(ROOT, process.env.CARTAGE_BUILD ?? 'build/release'));

async function test(counts, name, body) {
  const faults = [];
  try {
    await body(faults);
  } catch (error) {
    faults.push(error.stack);
  }
  counts[faults.length ? 'failed' : 'passed']++;
  console.log(`${faults.length ? 'FAIL' : 'ok  '} ${name}`);
  for (const line of faults.slice(0, 60)) console.log(`     ${line}`);
  if (faults.length > 60) console.log(`     and ${faults.length - 60} more`);
}

const counts = { passed: 0, failed: 0 };
try {
  await house.start();
  const operations = operationsOf(house.document);
  await test(counts, 'each route asks for its role', (faults) => checkRoles(house, operations, faults));
  await test(counts, 'a body that does not fit is refused', (faults) => checkBodies(house, operations, faults));
  await test(counts, 'a body too large is refused', (faults) => checkLarge(house, operations, faults));
  await test(counts, `${seconds} s of requests by chance, seed ${seed}`, (faults) => strike(house, operations, { seconds, seed }, faults));
  await test(counts, 'no secret is in the log or in Redis', (faults) => checkTraces(house, faults));
} catch (error) {
  counts.failed++;
  console.log(`FAIL ${error.stack}`);
} finally {
  await house.stop();
}
await test(counts, 'the producer ends as it should', (faults) => {
  if (house.producerEnded !== 0) faults.push(`it ended with ${house.producerEnded}\n${house.log('producer').slice(-3000)}`);
});
if (counts.failed) console.log(`logs are in ${house.dir}`);
else house.remove();
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed ? 1 : 0;

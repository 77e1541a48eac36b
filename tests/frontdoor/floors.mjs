#!/usr/bin/env node
// floors.mjs - an include may only point down. Reads every #include "…" of the project's C sources.
//
// A room is a folder; files of worker/ itself are its loops, but for attempt, which the rooms above
// it stand on. Rooms of one floor do not see each other. Pure rooms see pure rooms and base only.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

// Top to bottom. `main` is any main.c; `loops` are producer/, worker/ and ctl/ themselves.
const FLOORS = [
  ['main'],
  ['producer', 'worker', 'ctl'],
  ['worker/operations'],
  ['worker/plan', 'worker/shopify', 'worker/bc'],
  ['worker/attempt'],
  ['common/store', 'common/limiter'],
  ['common/ledger', 'common/bus', 'common/trace'],
  ['common/wire'],
  ['common/model'],
  ['common/queue'],
  ['common/calendar', 'common/http', 'common/config', 'common/pricing'],
  ['common/metrics'],
  ['common/base'],
];
const PURE = ['common/calendar', 'common/pricing', 'common/queue', 'common/model', 'worker/plan'];
const BUILDINGS = ['common', 'producer', 'worker', 'ctl'];
const floorOf = new Map(FLOORS.flatMap((rooms, floor) => rooms.map((room) => [room, floor])));

function roomOf(file) {
  const parts = relative(ROOT, file).split('/');
  if (parts.at(-1) === 'main.c') return 'main';
  if (parts[0] === 'common') return parts.slice(0, 2).join('/');
  if (parts[0] !== 'worker') return parts[0]; // producer/admin is a part of the producer
  if (parts.length > 2) return parts.slice(0, 2).join('/');
  return /^attempt(_\w+)?\.[ch]$/.test(parts[1]) ? 'worker/attempt' : 'worker';
}

function sources(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.[ch]$/.test(entry.name) ? [path] : [];
  });
}

const includesOf = (text) => [...text.matchAll(/^\s*#\s*include\s+"([^"]+)"/gm)].map((m) => m[1]);

// As the compiler looks: beside the file, then in the building that it may see.
function target(file, name) {
  const roots = [dirname(file), ...BUILDINGS.map((building) => join(ROOT, building)), ROOT];
  return roots.map((root) => join(root, name)).find(existsSync);
}

function complaint(from, to) {
  const a = floorOf.get(from);
  const b = floorOf.get(to);
  if (from === to) return null;
  if (a === undefined || b === undefined) return `room ${a === undefined ? from : to} stands on no floor`;
  if (PURE.includes(from) && !PURE.includes(to) && to !== 'common/base') return `${from} is pure, ${to} is not`;
  if (from.startsWith('worker') && to === 'producer') return 'worker and producer never include each other';
  // These loops stand above the worker's rooms, yet are another building.
  if (['producer', 'ctl'].includes(from) && to.startsWith('worker')) return 'another program\'s room';
  if (b <= a) return `${from} (floor ${a}) may not look up or across to ${to} (floor ${b})`;
  return null;
}

let passed = 0;
const failures = [];
const verdict = (what, reason) => (reason ? failures.push(`${what}: ${reason}`) : (passed += 1));

// The rules refuse what they must, or a clean house would prove nothing.
for (const [from, to, refused] of [
  ['common/base', 'common/metrics', true], ['common/ledger', 'common/bus', true],
  ['common/queue', 'common/config', true], ['worker/operations', 'producer', true],
  ['producer', 'worker/plan', true], ['common/ledger', 'common/wire', false],
  ['worker/plan', 'common/model', false], ['main', 'producer', false],
]) {
  verdict(`rule ${from} -> ${to}`, (complaint(from, to) !== null) === refused ? null : 'is judged wrongly');
}

for (const file of BUILDINGS.flatMap((building) => sources(join(ROOT, building)))) {
  const reasons = [];
  for (const name of includesOf(readFileSync(file, 'utf8'))) {
    const found = target(file, name);
    // Nothing found: a header made by the build, such as the embedded files' tables.
    const reason = found && complaint(roomOf(file), roomOf(found));
    if (reason) reasons.push(`"${name}": ${reason}`);
  }
  verdict(relative(ROOT, file), reasons.join('; ') || null);
}

// What is checked or simulated shares nothing with what checks or simulates it.
for (const folder of ['sandbox', 'tests/checker']) {
  for (const file of sources(join(ROOT, folder)).filter((path) => !path.includes('node_modules'))) {
    const outside = includesOf(readFileSync(file, 'utf8')).filter((name) => {
      const found = target(file, name);
      return found && !relative(join(ROOT, folder), found).match(/^[^.]/);
    });
    verdict(relative(ROOT, file), outside.length ? `includes ${outside.join(', ')} of the house` : null);
  }
}

for (const failure of failures) console.log(failure);
console.log(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length ? 1 : 0;

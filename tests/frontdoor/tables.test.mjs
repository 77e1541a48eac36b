// What is said of operations in several places is the same in all: the table that programs are built
// from, the README's, the demo's entries and runs. And what the original does wrong has its mutants.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { demoOperations, operationRows, operations } from './operations.mjs';

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const named = (text, pattern) => [...text.matchAll(pattern)].map(([, name]) => name);
const sorted = (list) => [...list].sort();

// | `a`, `b` | 296 Title, 297 Title | state |; rows of what is to come name no operation.
const readme = read('README.md').split('\n').filter((line) => line.startsWith('| `')).map((line) => line.split('|').map((cell) => cell.trim()))
  .filter(([, names]) => /^`[a-z-]+\.[a-z-]+`/.test(names))
  .flatMap(([, names, reports]) => named(names, /`([a-z-]+\.[a-z-]+)`/g).map((name, i) => ({ name, report: Number(named(reports, /(\d+) \w/g)[i] ?? 0) })));

test('the README lists each operation once, with its report', () => {
  const rows = (list) => sorted(list.map(({ name, report }) => `${name} ${report}`));
  assert.deepEqual(rows(readme), rows(operationRows()));
});

test('the README names only settings that there are', () => {
  const known = new Set(named(read('common/model/settings.c'), /^ {4}\{"(\w+)", +SETTING_/gm));
  const rows = read('README.md').split('\n').filter((line) => /^\| `[a-z-]+\.[a-z-]+`/.test(line)).map((line) => line.split(' | ')[3]);
  const settings = rows.flatMap((cell) => named(cell, /`(\w+)`/g));
  assert.ok(settings.length > 30, `${settings.length}`);
  assert.deepEqual(settings.filter((name) => !known.has(name)), []);
});

test('the README does not promise for later what stands', () => {
  const toCome = read('README.md').split('\n').find((line) => line.endsWith('| to come |'));
  const later = toCome ? named(toCome, /(\d{3,5})/g).map(Number) : [];
  assert.deepEqual(operationRows().filter(({ report }) => later.includes(report)), []);
});

test('the demo runs each operation: as an entry, or at its end', () => {
  const entries = named(read('sandbox/demo/demo.yaml'), /^\s+operation: (\S+)/gm);
  const asked = named(read('sandbox/demo/again.mjs'), /operation: '([^']+)'/g);
  assert.deepEqual(sorted(new Set([...entries, ...asked])), sorted(demoOperations()));
});

test('each operation has the file that runs it', () => {
  assert.deepEqual(sorted(named(read('worker/operations/operations.c'), /"([a-z-]+\.[a-z-]+)"/g)), sorted(operations()));
});

// The third is about disputes: its mutants are due with the operation that reads them.
test('each fault of the original is put in by a mutant', () => {
  const wanted = Array.from({ length: 14 }, (_, i) => String(i + 1)).filter((number) => number !== '3' || operations().includes('disputes.sync'));
  assert.deepEqual([...new Set(named(read('tests/mutation/list'), /^\[defect-(\d+)/gm))].sort((a, b) => a - b), wanted);
});

test('each mutant finds the text that it changes, once', () => {
  const lost = read('tests/mutation/list').split(/^\[/m).slice(1).filter((mutant) => {
    const old = named(mutant, /^- (.*)/gm).join('\n');
    return read(/^file: (\S+)/m.exec(mutant)[1]).split(old).length !== 2;
  });
  assert.deepEqual(lost.map((mutant) => mutant.split(']')[0]), []);
});

test('what the mutants were noticed by stands in their table', () => {
  const results = read('tests/mutation/results.md');
  const defects = named(read('tests/mutation/list'), /^\[(defect-\S+)\]/gm);
  assert.deepEqual(defects.filter((name) => !results.includes(`\n| ${name} |`)), []);
});

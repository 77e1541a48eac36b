// What ./test counts: nothing that failed, crashed or was cut off may pass.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const TALLY = fileURLToPath(new URL('../../scripts/tally.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tally-'));
after(() => rmSync(folder, { recursive: true }));

function tally(kind, log, more) {
  const file = join(folder, 'log');
  writeFileSync(file, log);
  if (kind === 'tap') writeFileSync(join(folder, 'tap'), more);
  const { stdout, stderr } = spawnSync(process.execPath, [TALLY, kind, file, kind === 'tap' ? join(folder, 'tap') : more], { encoding: 'utf8' });
  return { counts: stdout.trim(), said: stderr };
}

const CTEST_GOOD = `1: ok 1 - a\n1: ok 2 - b\n1/2 Test #1: unit/base .......   Passed    0.01 sec\n`;

for (const [name, log, status, counts, said] of [
  ['each test of a program counts', CTEST_GOOD, '0', '2 0 0', ''],
  ['a program that speaks no TAP counts once', `1/1 Test #1: simulation/seeds ...   Passed    3.00 sec\n`, '0', '1 0 0', ''],
  ['a failed test is named', `1: ok 1 - a\n1: not ok 2 - b\n1/1 Test #1: unit/base ...***Failed    0.01 sec\n`, '8', '1 1 0', 'unit/base'],
  ['a crash after good tests is a failure', `1: ok 1 - a\n1/1 Test #1: unit/base ...***Exception: SegFault  0.01 sec\n`, '8', '1 1 0', 'SegFault'],
  ['a time-out is a failure', `1: ok 1 - a\n1/1 Test #1: unit/base ...***Timeout  600.01 sec\n`, '8', '1 1 0', 'Timeout'],
  ['a program that is missing is a failure', `1/1 Test #1: unit/base ...***Not Run   0.00 sec\n`, '8', '0 1 0', 'Not Run'],
  ['a skip is neither', `1: ok 1 - a\n1: ok 2 - b # SKIP no Kafka\n1/1 Test #1: unit/base ...   Passed    0.01 sec\n`, '0', '1 0 1', ''],
  ['a ctest that was stopped is a failure', CTEST_GOOD, '143', '2 1 0', 'ended early'],
  ['no tests are no failure', 'Test project x\n', '0', '0 0 0', ''],
]) {
  test(`ctest: ${name}`, () => {
    const got = tally('ctest', log, status);
    assert.equal(got.counts, counts);
    if (said) assert.match(got.said, new RegExp(said));
    else assert.equal(got.said, '');
  });
}

for (const [name, log, status, counts, said] of [
  ['each test counts', 'TAP version 13\n1..2\nok 1 - a\nok 2 - b\n', '0', '2 0 0', ''],
  ['a failed test is shown', 'ok 1 - a\nnot ok 2 - b\n# b.c:12: 1 != 2\n', '1', '1 1 0', 'b.c:12'],
  ['a crash after good tests is a failure', 'ok 1 - a\n', '139', '1 1 0', 'it ended with 139'],
  ['one that is missing is a failure', '', '127', '0 1 0', 'it ended with 127'],
  ['a skip is neither', 'ok 1 - a\nok 2 - b # SKIP no Kafka\n', '0', '1 0 1', ''],
]) {
  test(`program: ${name}`, () => {
    const got = tally('program', log, status);
    assert.equal(got.counts, counts);
    if (said) assert.match(got.said, new RegExp(said));
    else assert.equal(got.said, '');
  });
}

for (const [name, log, counts] of [
  ['the last line counts', 'x\n3 passed, 0 failed\n', '3 0 0'],
  ['with skips', '3 passed, 1 failed, 2 skipped\n', '3 1 2'],
  ['no count is a failure', 'Segmentation fault\n', '0 1 0'],
  ['unittest', '..s\nRan 3 tests in 0.1s\n\nOK (skipped=1)\n', '2 0 1'],
  ['unittest that failed', '.FE\nRan 3 tests in 0.1s\n\nFAILED (failures=1, errors=1)\n', '1 2 0'],
]) {
  test(`lines: ${name}`, () => assert.equal(tally('lines', log).counts, counts));
}

test('tap: the summary counts, cancelled tests as failures', () => {
  const tap = '# tests 5\n# suites 0\n# pass 2\n# fail 1\n# cancelled 1\n# skipped 1\n# todo 0\n';
  assert.equal(tally('tap', 'failing tests:\nx', tap).counts, '2 2 1');
});

test('tap: a runner that died is a failure', () => assert.equal(tally('tap', 'out of memory', 'TAP version 13\n').counts, '0 1 0'));

// tally.mjs KIND LOG [MORE] - prints "PASSED FAILED SKIPPED" of a suite, and on standard error what failed.
//
// Kinds: ctest (the log of ctest -V whose programs speak TAP; MORE is its exit status), program (one of them alone), tap (node --test; LOG
// is for people, MORE the TAP for us), lines (the last "N passed, N failed[, N skipped]" counts). A program that dies counts as
// one failure even when each of its tests had said ok.
import { readFileSync } from 'node:fs';

const [kind, logFile, more] = process.argv.slice(2);
const lines = (file) => readFileSync(file, 'utf8').split('\n');
const LINES_SHOWN = 40;

function show(title, text) {
  process.stderr.write(`  FAILED: ${title}\n`);
  for (const line of text.slice(-LINES_SHOWN)) process.stderr.write(`    ${line}\n`);
}

// What one program said in TAP, added to the counts.
function tallyProgram(counts, title, passed, text) {
  const skips = text.filter((t) => /^(not )?ok\b.*# SKIP/i.test(t)).length;
  const good = text.filter((t) => /^ok\b/.test(t) && !/# SKIP/i.test(t)).length;
  const bad = text.filter((t) => /^not ok\b/.test(t) && !/# SKIP/i.test(t)).length;
  counts[0] += passed ? Math.max(good, skips ? 0 : 1) : good;
  counts[1] += passed ? bad : Math.max(bad, 1);
  counts[2] += skips;
  // From the first failure on: what a sanitizer adds afterwards would push it out of sight.
  const from = text.findIndex((t) => /^not ok\b/.test(t));
  if (!passed || bad) show(title, from < 0 ? text : text.slice(Math.max(from - 3, 0), from - 3 + LINES_SHOWN));
  return counts;
}

// ctest prefixes what test 12 prints by "12: " and ends each with a line "3/40 Test #12: name ... Passed".
function tallyCtest(log, status) {
  const counts = [0, 0, 0];
  const output = new Map();
  for (const line of log) {
    const said = line.match(/^(\d+): (.*)$/);
    if (said) {
      if (!output.has(said[1])) output.set(said[1], []);
      output.get(said[1]).push(said[2]);
      continue;
    }
    const end = line.match(/^\s*\d+\/\d+ Test\s+#(\d+): (\S+) \.+\s*(\**\S.*?)\s+[\d.]+ sec/);
    if (!end) continue;
    const [, number, name, verdict] = end;
    if (/Skipped/.test(verdict)) counts[2] += 1;
    else tallyProgram(counts, `${name}: ${verdict}`, verdict === 'Passed', output.get(number) ?? []);
  }
  // A ctest that was stopped, or could not start, must not pass as "nothing to do".
  if (status !== 0 && counts[1] === 0) {
    show('ctest ended early', log.slice(-10));
    counts[1] += 1;
  }
  return counts;
}

function tallyTap(log, tap) {
  const number = (word) => Number(tap.find((line) => line.startsWith(`# ${word} `))?.split(' ')[2] ?? NaN);
  const failed = number('fail') + number('cancelled');
  const counts = [number('pass'), failed, number('skipped') + number('todo')];
  for (const [, name, why] of tap.map((line) => line.match(/^\s*ok \d+ - (.*?) # SKIP ?(.*)$/)).filter(Boolean)) {
    process.stderr.write(`  skipped: ${name}${why ? `: ${why}` : ''}\n`);
  }
  if (counts.some(Number.isNaN)) {
    show('node ended early', log.slice(-20));
    return [0, 1, 0];
  }
  if (failed) {
    const from = log.findIndex((line) => /failing tests/.test(line));
    show('node --test', from < 0 ? log : log.slice(from, from + LINES_SHOWN * 3));
  }
  return counts;
}

// Python's unittest ends with "Ran 5 tests in 1.2s", an empty line and "FAILED (failures=1, skipped=2)".
function tallyUnittest(log) {
  const ran = log.map((line) => line.match(/^Ran (\d+) tests? in /)).filter(Boolean).pop();
  const end = log.filter((line) => /^(OK|FAILED)\b/.test(line)).pop();
  if (!ran || !end) return null;
  const number = (word) => Number(end.match(new RegExp(`\\b${word}=(\\d+)`))?.[1] ?? 0);
  const failed = number('failures') + number('errors') + number('unexpected successes');
  const skipped = number('skipped');
  return [Number(ran[1]) - failed - skipped, end.startsWith('FAILED') ? Math.max(failed, 1) : failed, skipped];
}

function tallyLines(log) {
  const unittest = tallyUnittest(log);
  if (unittest) {
    if (unittest[1]) show('unittest', log);
    return unittest;
  }
  const last = log.filter((line) => /^\d+ passed, \d+ failed/.test(line)).pop();
  if (!last) {
    show('no count on the last line', log);
    return [0, 1, 0];
  }
  const counts = last.match(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?/).slice(1, 4).map((n) => Number(n ?? 0));
  if (counts[1]) show('what it said', log.filter((line) => line && line !== last));
  else log.filter((line) => /^skipped/.test(line)).forEach((line) => process.stderr.write(`  ${line}\n`));
  return counts;
}

const log = lines(logFile);
const counts = { ctest: () => tallyCtest(log, Number(more)), program: () => tallyProgram([0, 0, 0], `it ended with ${more}`, more === '0', log), tap: () => tallyTap(log, lines(more)), lines: () => tallyLines(log) }[kind]();
console.log(counts.join(' '));

// web_codes.test.mjs - whatever the API says by a code can be said in every language: each code of the tables has its texts.
//
// What few pages show stands in web/more.LANGUAGE.json, in English in the answer itself; all else in web/texts, in both.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const ROOT = new URL('../../', import.meta.url);
const read = (path) => readFileSync(new URL(path, ROOT), 'utf8');
const filesIn = (folder) => readdirSync(new URL(folder, ROOT)).map((file) => `${folder}/${file}`);
const tagsOf = (files, pattern) => files.flatMap((file) => file.match(pattern)?.[1] ?? []);
const named = (text, pattern) => [...new Set([...text.matchAll(pattern)].map(([, code]) => code))];

const TEXTS = Object.fromEntries(tagsOf(filesIn('web/texts'), /(\w+)\.json$/).map((tag) => [tag, JSON.parse(read(`web/texts/${tag}.json`))]));
const MORE = Object.fromEntries(tagsOf(filesIn('web'), /more\.(\w+)\.json$/).map((tag) => [tag, JSON.parse(read(`web/more.${tag}.json`))]));
const { schemas } = JSON.parse(read('schemas/openapi/openapi.json')).components;
/** Of what an entry can ask for; `connect` asks its own. */
const operations = filesIn('common/model').filter((file) => /\.c$/.test(file)).map(read).join('\n').replace(/CONNECT_\w+\[\] = \{[\s\S]*?\n\};/g, '');

/** Which of these codes some language lacks. */
function missing(codes, least, texts = TEXTS) {
  assert.ok(codes.length >= least, `only ${codes.length} codes are found: ${codes}`);
  return codes.flatMap((code) => Object.keys(texts).filter((tag) => !(code in texts[tag])).map((tag) => `${tag} ${code}`));
}

test('there is more than one language, and each but English has its file of explanations', () => {
  assert.deepEqual(Object.keys(MORE).sort(), Object.keys(TEXTS).filter((tag) => tag !== 'en').sort());
});

const families = () => named(read('common/model/families.c'), /^ {4}\[FAMILY_\w+\] = \{"([\w-]+)",/gm);
test('the families that a warning may name are those of the table', () => assert.deepEqual(schemas.Warning.properties.family.enum, families()));

const TABLES = [
  ['reasons', () => named(read('common/model/reasons.c'), /\] = \{"([\w-]+)",/g).map((code) => `reason.${code}`), 40],
  ['cures of reasons', () => named(read('docs/skips.md'), /^\| `([\w-]+)` \|[^|]*\| (?!nothing \|)/gm).map((code) => `cure.${code}`), 30],
  ['what a run waits for', () => schemas.Why.properties.code.enum.map((code) => `why.${code}`), 20],
  ['warnings', () => named(read('producer/admin/warnings.c'), /"code", "([\w-]+)"/g).filter((code) => !code.includes('.')).map((code) => `warning.${code}`), 1],
  ['families of records', () => families().map((code) => `family.${code}`), 13],
  ['contradictions of settings', () => named(read('common/model/settings_card.c'), /^ {4}\{"([\w-]+)", "\w+", .*, \w+,$/gm).map((code) => `problem.${code}`), 8],
  ['refusals', () => named(filesIn('producer/admin').filter((file) => file.endsWith('.c')).map(read).join('\n'), /api_problem\(call, "([\w-]+)"/g).map((code) => `problem.${code}`), 0],
  ['statuses of refusals', () => named(read('producer/admin/admin.c'), /\{(4\d\d|5\d\d), "/g).map((code) => `problem.status_${code}`), 8],
  ['operations', () => named(operations, /\.name = "([\w.-]+)"/g).map((code) => `operation.${code}`), 9],
  ['names of parameters', () => named(operations, /\{"(\w+)",\s*PARAMETER_/g).map((code) => `parameter.${code}`), 40],
  ['cues', () => named(read('producer/admin/cue_table.c'), /^ {4}\{"(\w+)", +"/gm).flatMap((code) => [`cue.${code}`, `cue.${code}.what`]), 18],
  ['records that parameters match', () => named(read('producer/admin/matches.c'), /^ {4}\{"([\w-]+)", *\n?/gm).map((code) => `matches.${code}`), 6],
  ['outcomes', () => named(read('common/ledger/ledger.c').match(/OUTCOMES\[\] = \{([^}]*)/)[1], /"(\w+)"/g).map((code) => `outcome.${code}`), 6],
  ['kinds of log records', () => schemas.LogKind.enum.filter((code) => code !== 'audit').map((code) => `log.kind_${code}`), 8],
  ['states of an entry', () => named(read('common/queue/entry.c').match(/entry_status_name[^{]*\{\s*static[^{]*\{([^}]*)/)[1], /"([A-Z][\w ]+)"/g).map((word) => `status.${word.toLowerCase().replaceAll(' ', '-')}`), 6],
];
for (const [what, codes, least] of TABLES) test(`every language has a text for all ${what}`, () => assert.deepEqual(missing(codes(), least), []));

/** Codes of doctor's checks, wherever a row of them is made. */
function checks() {
  const source = filesIn('producer/admin').filter((file) => /\/(doctor\w*|warnings)\.c$/.test(file)).map(read).join('\n');
  const list = source.match(/CODES\[\] = \{([^}]*)\}/)[1];
  return [...new Set([
    ...named(source, /\b(?:doctor_add|found)\([\w>.&-]+,\s*"([\w.-]+)"/g), ...named(source, /doctor_unseen\([\w>.&-]+, "([\w.-]+)"/g),
    ...named(source, /CODE\[\] = "([\w.-]+)"/g), ...named(source, /\{"\w+",\s*"(bc\.\w+)",/g), ...named(list, /"([\w.-]+)"/g)])];
}

const EXPLAINED = [
  ['settings', () => named(read('docs/settings.md'), /^### .*\(`(\w+)`\)$/gm).filter((code) => !['code', 'enabled'].includes(code)).flatMap((code) => [`title.${code}`, `explain.${code}`]), 100],
  ['parameters', () => named(operations, /\{"(\w+)",\s*PARAMETER_(?!SHOP)/g).map((code) => `parameter.${code}`), 40],
  ['checks of doctor', () => checks().map((code) => `check.${code}`), 30],
];
for (const [what, codes, least] of EXPLAINED) test(`every language but English explains all ${what}`, () => assert.deepEqual(missing(codes(), least, MORE), []));

test('every language but English has the units of settings, and the words to choose from', () => {
  const rows = [...read('docs/settings.md').matchAll(/^### .*\(`(\w+)`\)$[\s\S]*?^- value: (.*)$/gm)].map(([, name, value]) => ({ name, value: value.split('; ')[0] }));
  const units = rows.filter(({ value }) => /^(text|number|map|amount), /.test(value)).map(({ value }) => `unit.${value.slice(value.indexOf(', ') + 2)}`);
  assert.deepEqual(missing([...new Set(units)], 20, MORE), []);
  const choices = rows.flatMap(({ name, value }) => named(value, /`([\w-]+)`/g).map((word) => [`word.${word}`, `word.${name}.${word}`]));
  assert.ok(choices.length > 20);
  for (const [tag, texts] of Object.entries(MORE)) assert.deepEqual(choices.filter((codes) => !codes.some((code) => code in texts)), [], tag);
});

test('a check of doctor is told in each state that it is told in any language, with advice unless it is well', () => {
  for (const [tag, texts] of Object.entries(MORE)) {
    const told = Object.keys(texts).filter((code) => code.startsWith('check.') && /\.(ok|warn|bad)(\.|$)/.test(code));
    for (const code of checks()) assert.ok(told.some((one) => one.startsWith(`check.${code}.`)), `${tag} says ${code} in no state`);
    const advised = told.filter((code) => !/\.ok(\.|$)/.test(code)).map((code) => code.replace('check.', 'advice.'));
    assert.deepEqual(advised.filter((code) => !(code in texts)), [], tag);
  }
});

// web_said.test.mjs - sentences without a code are found again in another language: each that a person can meet on the page
// has its text, with the same names in it, and what comes of it holds them.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compile, find } from '../../web/said.mjs';

const ROOT = new URL('../../', import.meta.url);
const read = (path) => readFileSync(new URL(path, ROOT), 'utf8');
const SAID = JSON.parse(read('web/said.ru.json'));

/** Whose refusals a person meets on the page; of the others (start, tokens, credentials, files) the reader is whoever runs cartage. */
const REFUSALS = ['producer/admin/balance.c', 'producer/admin/call.c', 'producer/admin/checks.c', 'producer/admin/cue_cure.c', 'producer/admin/definitions.c',
  'producer/admin/edits.c', 'producer/admin/entries.c', 'producer/admin/fits.c', 'producer/admin/mappings.c', 'producer/admin/orders.c', 'producer/admin/plans.c',
  'producer/admin/postings.c', 'producer/admin/runs.c', 'producer/admin/schedules.c', 'producer/admin/settings.c', 'producer/admin/sync.c',
  'producer/admin/sync_all.c', 'producer/admin/thresholds.c', 'producer/admin/times.c', 'common/calendar/formula.c', 'common/calendar/words.c', 'common/ledger/commands.c',
  'common/ledger/wake.c', 'common/model/catalog_terms.c', 'common/model/fields.c', 'common/model/filter.c', 'common/model/item_settings.c', 'common/model/operations.c',
  'common/model/posting.c', 'common/model/product_settings.c', 'common/model/settings.c', 'common/model/stock_settings.c', 'common/model/sync_times.c',
  'common/store/people.c', 'common/store/plans.c', 'common/store/postings.c', 'common/store/shipments.c', 'common/store/updates.c'];
const DETAILS = ['worker/operations', 'worker/plan'].flatMap((folder) => readdirSync(new URL(folder, ROOT)).filter((file) => file.endsWith('.c')).map((file) => `${folder}/${file}`));
/** What records the detail of a skip, or of a change of an order. */
const TELLS = /^(?:\w+_stop|(?:\w+_)?skip|\w*refuse|refused|put_off|stop_without_item|no_account|tell)$/;

const STRING = /"(?:[^"\\\n]|\\.)*"/g;
const literal = (text) => JSON.parse(text.replace(/\\x[0-9a-f]{2}|\\[0-7]{1,3}/g, ''));
/** The formats in a piece of C: adjacent strings are one, a number's PRI word stands for it; {} for what is put in. */
function formats(code) {
  const found = [];
  for (const [run] of code.matchAll(/"(?:[^"\\\n]|\\.)*"(?:\s*(?:PRI\w+\s*)?"(?:[^"\\\n]|\\.)*"|\s*PRI\w+)*/g)) {
    const text = run.replace(/PRI\w+/g, '"d"').match(STRING).map(literal).join('');
    found.push(text.replaceAll('%%', '\0').replace(/%[-0-9.*]*(?:hh|ll|[hlzj])?[sduxc]/g, '{}').replaceAll('\0', '%'));
  }
  return found.filter((text) => / /.test(text) && /[a-z]{3}/i.test(text.replaceAll('{}', '')));
}

/** The arguments of each call of a function whose name fits. */
function* calls(source, wanted) {
  for (const { 1: name, index, 0: head } of source.matchAll(/\b(\w+)\(/g)) {
    if (!wanted.test(name)) continue;
    let depth = 1, at = index + head.length;
    for (; depth && at < source.length; at += 1) {
      if (source[at] === '"') { STRING.lastIndex = 0; at += source.slice(at).match(/^"(?:[^"\\\n]|\\.)*"/)[0].length - 1; }
      else if (source[at] === '(') depth += 1;
      else if (source[at] === ')') depth -= 1;
    }
    yield source.slice(index, at);
  }
}

const codeOf = (file) => read(file).replace(/\/\*[\s\S]*?\*\//g, ' ');
const inCalls = (files, wanted) => [...new Set(files.flatMap((file) => [...calls(codeOf(file), wanted)].flatMap(formats)))];

const untold = (texts, least) => {
  assert.ok(texts.length >= least, `only ${texts.length} are found`);
  return texts.filter((text) => !(text.trim() in SAID) && !(text in SAID));
};

test('every refusal of what is asked for on the page is told', () => assert.deepEqual(untold(inCalls(REFUSALS, /^(?:err_set|refuse)$/), 150), []));

test('every detail of a skip that is ours is told', () => assert.deepEqual(untold(inCalls(DETAILS, TELLS), 35), []));

test('what is told holds the same names, each once', () => {
  for (const [english, own] of Object.entries(SAID)) {
    const names = english.split('{}').length - 1, told = own.match(/\{\d*\}/g) ?? [];
    assert.equal(told.length, names, english);
    assert.equal(new Set(told.filter((name) => name !== '{}')).size, told.filter((name) => name !== '{}').length, english);
  }
});

const SENTENCES = [
  ['item 1896-S has no description', 'у товара ‹1896-S› нет описания'],
  ['max_retry: want a number from -1 to 100', '‹max_retry›: нужно число от ‹-1› до ‹100›'],
  ['window: its end is its start; write 08:00- for "from 08:00 on"', '‹window›: конец равен началу; для "с 08:00" напишите `08:00-`'],
  ['"Wool cap", SKU "CAP-9": no item has this SKU as its number, none its bar code',
    '"‹Wool cap›", артикул "‹CAP-9›": ни у одного товара номер не равен этому артикулу, штрихкода тоже ни у кого'],
  ['"Cap" (CAP-9) was added: 2; shipping: 4.00 before, 5.00 now', '"‹Cap›"‹ (CAP-9)›: добавлено ‹2›; доставка: было ‹4.00›, стало ‹5.00›'],
  ['document 1001 stands, but could not be corrected: The field Location Code is blank.',
    'документ ‹1001› есть, но исправить его не удалось: ‹The field Location Code is blank.›'],
  ['entry month end: formula "CM": it names no date; write one like 1M or 1D+CM', 'запись ‹month end›: формула "‹CM›": ‹it names no date›; напишите вида `1M` или `1D+CM`'],
];
test('a sentence is found again, and what stands in it', () => {
  const patterns = compile(SAID);
  for (const [english, own] of SENTENCES) {
    const parts = (find(patterns, english) ?? ['nothing']).map((part) => (part.value === undefined ? part : `‹${part.value}›`));
    assert.equal(parts.join(''), own);
  }
  for (const other of ['The field Location Code must not be blank.', '503 Service Unavailable', '']) assert.equal(find(patterns, other), null, other);
});

test('a hundred sentences are found in no time', () => {
  const patterns = compile(SAID);
  const start = performance.now();
  for (let n = 0; n < 100; n++) find(patterns, `document ${n} stands, but could not be corrected: ${'Application_DialogException '.repeat(20)}`);
  assert.ok(performance.now() - start < 2000, `${performance.now() - start} ms`);
});

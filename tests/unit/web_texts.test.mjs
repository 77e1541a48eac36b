// web_texts.test.mjs - the page's languages say the same: every code that a module or a table of the API names has a text in each.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const ROOT = new URL('../../', import.meta.url);
const read = (path) => readFileSync(new URL(path, ROOT), 'utf8');
const LANGUAGES = readdirSync(new URL('web/texts', ROOT)).map((file) => file.slice(0, -5));
const texts = Object.fromEntries(LANGUAGES.map((tag) => [tag, JSON.parse(read(`web/texts/${tag}.json`))]));
const forms = (text) => (typeof text === 'string' ? [text] : Object.values(text));
const places = (text) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

test('every language has the codes of English, and no others', () => {
  assert.ok(LANGUAGES.includes('en') && LANGUAGES.length > 1);
  for (const tag of LANGUAGES) assert.deepEqual(Object.keys(texts[tag]).sort(), Object.keys(texts.en).sort(), tag);
});

test('no code stands twice in a file', () => {
  for (const tag of LANGUAGES) {
    const codes = [...read(`web/texts/${tag}.json`).matchAll(/^ {2}"([^"]+)":/gm)].map(([, code]) => code);
    assert.deepEqual(codes.filter((code, index) => codes.indexOf(code) !== index), [], tag);
  }
});

test('a text has its values in every language, and a plural every form that the language has', () => {
  for (const tag of LANGUAGES) {
    const wanted = new Intl.PluralRules(tag).resolvedOptions().pluralCategories.sort();
    for (const [code, text] of Object.entries(texts[tag])) {
      const english = new Set(forms(texts.en[code]).flatMap(places));
      for (const form of forms(text)) {
        assert.ok(form.trim(), `${tag} ${code} is empty`);
        for (const place of places(form)) assert.ok(english.has(place), `${tag} ${code} names ${place}, English does not`);
      }
      for (const place of english) assert.ok(forms(text).some((form) => form.includes(place)), `${tag} ${code} lacks ${place}`);
      if (typeof text !== 'string') assert.deepEqual(Object.keys(text).sort(), wanted, `${tag} ${code}`);
    }
  }
});

test('every code that a module of the page names has a text', () => {
  const modules = readdirSync(new URL('web', ROOT), { recursive: true }).filter((path) => path.endsWith('.mjs'));
  const named = modules.flatMap((path) => [...read(`web/${path}`).matchAll(/\bt\('([\w.-]+)'/g)].map(([, code]) => [path, code]));
  assert.ok(named.length > 50);
  assert.deepEqual(named.filter(([, code]) => !(code in texts.en)).map(String), []);
});

test('every reason of the published list has a text', () => {
  const codes = [...read('docs/skips.md').matchAll(/^\| `([\w-]+)` \|/gm)].map(([, code]) => `reason.${code}`);
  assert.ok(codes.length > 30);
  assert.deepEqual(codes.filter((code) => !(code in texts.en)), []);
});

test('every step that a run tells has a text', () => {
  const sources = readdirSync(new URL('worker', ROOT), { recursive: true }).filter((path) => path.endsWith('.c'));
  const steps = sources.flatMap((path) => [...read(`worker/${path}`).matchAll(/attempt_progress\([^";]*"([^"]+)"/g)].map(([, step]) => `step.${step}`));
  assert.ok(steps.length > 10);
  assert.deepEqual(steps.filter((code) => !(code in texts.en)), []);
});

// text.mjs - what the page says, in the reader's language. A language is one file in texts/.
import { kept } from './api.mjs';

export const LANGUAGES = { en: 'English', ru: 'Русский' };

/** The language that the reader chose here, or the first one of the browser's that there is a file for. */
function chosen() {
  const wished = [kept.get('language'), ...navigator.languages.map((tag) => tag.slice(0, 2))];
  return wished.find((tag) => tag in LANGUAGES) ?? 'en';
}

export let language = chosen();
let texts = {};
let plural;
export let locale = language; // with the reader's own country where the browser says one: en-GB

export async function loadTexts(wanted = language) {
  const answer = await fetch(new URL(`texts/${wanted}.json`, import.meta.url));
  if (!answer.ok) throw new Error(`texts/${wanted}.json: ${answer.status}`);
  texts = await answer.json();
  language = wanted;
  locale = navigator.languages.find((tag) => tag.startsWith(wanted)) ?? wanted;
  plural = new Intl.PluralRules(wanted);
  document.documentElement.lang = wanted;
}

export const has = (code) => code in texts;

/** Codes that no file knows, for the tests: each is a text that somebody forgot. */
export const missing = new Set();

function pattern(code, values, otherwise) {
  const found = texts[code];
  if (typeof found === 'string') return found;
  if (found) return found[plural.select(Math.abs(Number(values.n ?? 0)))] ?? found.other;
  missing.add(code);
  return otherwise ?? code;
}

const shown = (value) => (typeof value === 'number' ? number(value) : String(value ?? ''));

/** "3 runs": the text of this code with its values; numbers as the language writes them, plural by `n`. */
export function t(code, values = {}, otherwise) {
  return pattern(code, values, otherwise).replace(/\{(\w+)\}/g, (_, name) => shown(values[name]));
}

/** The same as parts, each value as `show` has it: for values that are nodes, or names of records. */
export const parts = (code, values, show) => pattern(code, values).split(/\{(\w+)\}/).map((part, index) => (index % 2 ? show(values[part] ?? '') : part));

// ---- what comes in English and without a code ----

let said = null; // {language, find}: read when the first such text is to be shown
async function readSaid(wanted) {
  const own = { language: wanted, find: () => null };
  said = own;
  try {
    own.find = await (await import('./said.mjs')).readSaid(wanted);
    dispatchEvent(new Event('said')); // what stands is to be drawn again
  } catch {
    if (said === own) said = null; // asked for again with the next
  }
}

/** The same in the reader's language, as parts: texts, and {value} of each name. Null in English, where no language has it, and until it is read. */
export function told(text) {
  if (language === 'en' || !text) return null;
  if (said?.language !== language) readSaid(language);
  return said?.find(text) ?? null;
}

// ---- numbers and times ----

const formats = new Map();
function format(kind, options) {
  const key = `${locale} ${kind.name} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new kind(locale, options));
  return formats.get(key);
}

export const number = (value, options = {}) => format(Intl.NumberFormat, options).format(value);
export const percent = (part) => number(part, { style: 'percent', maximumFractionDigits: 0 });

/** An amount as the API gives it: decimal text and a currency. */
export const money = (amount, currency) =>
  (currency ? number(amount, { style: 'currency', currency, currencyDisplay: 'code' }) : number(amount, { minimumFractionDigits: 2 }));

const UNITS = [[86_400_000, 'day'], [3_600_000, 'hour'], [60_000, 'minute'], [1000, 'second'], [1, 'millisecond']];
const unitOf = (ms) => UNITS.find(([size]) => ms >= size) ?? UNITS.at(-1);

/** "1.4 s", "3 min" */
export function span(ms) {
  const [size, unit] = unitOf(Math.max(0, ms));
  const digits = unit === 'second' && ms < 10_000 ? 1 : 0;
  const count = digits ? ms / size : Math.floor(ms / size);
  return number(count, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: digits });
}

/** "in 5 sec.", "2 min. ago", "now" */
export function when(at, now = Date.now()) {
  if (!at) return '–';
  const away = Math.abs(at - now);
  const [size, unit] = unitOf(Math.max(1000, away));
  const count = away < 1000 ? 0 : Math.floor(away / size);
  return format(Intl.RelativeTimeFormat, { style: 'short', numeric: count ? 'always' : 'auto' })
    .format(at >= now ? count : -count, unit);
}

/** "26 Nov 2026, 04:03:11" in the reader's zone, or the zone given. */
export const moment = (at, timeZone) =>
  (at ? format(Intl.DateTimeFormat, { dateStyle: 'medium', timeStyle: 'medium', timeZone }).format(at) : '–');
export const clock = (at, timeZone) => format(Intl.DateTimeFormat, { timeStyle: 'short', timeZone }).format(at);
export const list = (words) => format(Intl.ListFormat, { type: 'conjunction' }).format(words);

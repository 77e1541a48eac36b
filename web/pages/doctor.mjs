// doctor.mjs - what keeps it from working: every check, the worst first, with what to do about it.
import { language, number, span, t } from '../text.mjs';
import { actions } from '../actions.mjs';
import { button, el, name, problemText, quiet, quote, say, section, sign, status, toast } from '../ui.mjs';
import { brought, broughtParts, loadMore } from '../more.mjs';
import { cureOf, readTitles } from '../warnings.mjs';

export const every = 10_000;
const TONES = { ok: 'good', warn: 'warn', bad: 'bad' };
const COLOURS = { ok: 'green', warn: 'yellow', bad: 'red' };
const ORDER = ['bad', 'warn', 'ok'];
let probing = false;

export async function load(view) {
  const [answer] = await Promise.all([view.get('doctor'), loadMore()]);
  if (answer.checks.some(({ actions: cures }) => cures.some(({ values }) => values?.setting))) await readTitles(view);
  return answer;
}

// ---- what a check says ----

/** Whose it is: a shop's or a company's; nothing where it is the fleet's. */
function place(view, { shop, company }) {
  const found = view.companies.find((row) => row.id === company);
  return shop ? name(shop) : found && name(found.name);
}

/** "shop DEMO" in the reader's language. */
function ofWhom(text) {
  const [kind, ...rest] = text.split(' ');
  return [t(`doctor.${kind}`, { name: '' }).trim(), ' ', name(rest.join(' '))];
}

function shown(key, value) {
  if (key === 'family') return t(`family.${value}`, {}, value);
  if (key === 'of') return ofWhom(value);
  if (key.endsWith('_ms')) return span(Math.abs(value));
  if (key.endsWith('category') && !value) return t('entries.no_category');
  return typeof value === 'number' ? number(value) : name(String(value));
}

/** Of several texts that fit, the one that fits best. */
function told(kind, { code, state, case: finding, values }) {
  const codes = finding === 'unseen' ? [`${kind}.unseen`] : [finding && `${kind}.${code}.${state}.${finding}`, `${kind}.${code}.${state}`];
  for (const known of codes.filter(Boolean)) {
    const parts = broughtParts(known, values, shown);
    if (parts) return parts;
  }
  return null;
}

/** As it came: in English that is the text, in another language one that somebody forgot. */
const asItCame = (text, code) => (language === 'en' ? text : el('span', { lang: 'en', class: 'untold', 'data-code': code }, text));

function said(row) {
  const parts = told('check', row);
  if (!parts) return el('p', {}, asItCame(row.text, `check.${row.code}.${row.state}`));
  return el('p', {}, parts, row.values.error && [': ', quote(row.values.error)]);
}

const advice = (row) => row.advice && el('p', { class: 'advice' }, told('advice', row) ?? asItCame(row.advice, `advice.${row.code}.${row.state}`));

const commands = (row) => row.actions.filter((action) => !action.method && action.command).map((action) =>
  el('p', { class: 'command' }, el('code', { translate: 'no' }, action.command)));

function check(view, row, index) {
  return el('li', { key: `${row.code} ${row.values.company ?? ''} ${row.values.shop ?? ''} ${index}`, 'data-check': row.code, 'data-state': row.state },
    el('div', { class: 'line' }, el('h3', {}, brought(`check.${row.code}`, row.code), ' ', place(view, row.values)),
      status(TONES[row.state], t(`doctor.state_${row.state}`))),
    said(row), advice(row), commands(row),
    actions(view, row.actions.filter((action) => action.method).map(cureOf), { about: brought(`check.${row.code}`, row.code) }));
}

// ---- looking at the peers ----

async function probe(view) {
  probing = true;
  say(t('doctor.probing'));
  view.redraw();
  try {
    await view.send('POST', 'checks', { operation: 'doctor.probe', arguments: {} });
    toast(t('doctor.probed'));
  } catch (problem) {
    toast([`${t('doctor.probe')}: `, problemText(problem)], { tone: 'bad' });
  }
  probing = false;
  view.refresh();
}

export function draw(view, { state, checks }) {
  const rows = [...checks].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  const wrong = rows.filter((row) => row.state !== 'ok'), fine = rows.filter((row) => row.state === 'ok');
  return [
    el('div', { class: 'verdict', key: 'verdict' }, sign(COLOURS[state]), el('div', {}, el('h1', {}, t('page.doctor')), el('p', {}, t(`doctor.${state}`)))),
    view.may('operate') && el('div', { class: 'actions', key: 'probe' },
      button(t('doctor.probe'), () => probe(view), { 'aria-busy': probing ? 'true' : undefined, disabled: probing || undefined }), probing && quiet(t('doctor.probing'))),
    wrong.length > 0 && section('findings', t('doctor.findings'), el('ul', { class: 'rows' }, wrong.map((row, index) => check(view, row, index)))),
    section('fine', t('doctor.fine', { n: fine.length }), el('ul', { class: 'rows' }, fine.map((row, index) => check(view, row, index)))),
  ];
}

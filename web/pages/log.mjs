// log.mjs - what ran, what did not, and why; newest first. With a run's number: that run with all its attempts.
import { moment, number, span, t, when } from '../text.mjs';
import { choice } from '../fields.mjs';
import { button, el, link, name, quiet, quote, status, table } from '../ui.mjs';
import { countText, operationTitle, outcome } from '../task.mjs';
import * as run from './run.mjs';

export const every = (view) => (view.params[0] ? run.every() : 3000);
const KINDS = ['attempt', 'lost', 'dropped', 'skip', 'defer', 'expire', 'hold', 'fail', 'anomaly', 'notice', 'reset'];
const TONES = { lost: 'warn', dropped: 'warn', skip: 'waits', defer: 'waits', expire: 'waits', hold: 'waits', fail: 'bad', anomaly: 'warn', notice: 'good', reset: 'waits' };
const ROWS = 50;
const ENTRIES = 200; // so many to choose from; a further one is named by the address
const DAY_MS = 86_400_000;
const SINCE = [['', 0], ['hour', 3_600_000], ['day', DAY_MS], ['week', 7 * DAY_MS]];

/** The log is a company's: the one that is asked for, else the first. */
const companyOf = (view, companies) => view.query.get('company') || view.company || companies[0]?.id;

/** The entries to choose from, and the one that is chosen. */
async function choices(view, company) {
  const wanted = view.query.get('entry');
  const { entries } = await view.get(`entries?company=${company}&limit=${ENTRIES}`);
  if (!wanted || entries.some((row) => row.id === wanted)) return entries;
  const named = await view.getOr(null, `entries/${encodeURIComponent(wanted)}?company=${company}`);
  return [...entries, ...(named ? [named] : [])];
}

export async function load(view) {
  if (view.params[0]) return run.load(view);
  const { companies } = await view.get('companies');
  const company = companyOf(view, companies);
  if (!company) return { companies, records: [], entries: [] };
  const ask = new URLSearchParams({ limit: String(ROWS) });
  for (const key of ['kind', 'entry', 'before']) if (view.query.get(key)) ask.set(key, view.query.get(key));
  const [, back] = SINCE.find(([word]) => word === (view.query.get('since') ?? '')) ?? SINCE[0];
  // To the minute, so that the same question has the same address.
  if (back) ask.set('since', String(Math.floor((Date.now() - back) / 60_000) * 60_000));
  const [{ records, next }, entries] = await Promise.all([
    view.get(`companies/${company}/log?${ask}`), choices(view, company)]);
  return { companies, company, entries, next, records: records.filter((row) => !view.shop || !row.arguments?.shop || row.arguments.shop === view.shop) };
}

function filters(view, { companies, company, entries }) {
  const use = (event) => view.ask({ [event.target.name]: event.target.value, before: '' });
  const pick = (key, title, choices, value = view.query.get(key)) => choice(`log-${key}`, title, choices, { name: key, value, onchange: use });
  return el('div', { class: 'tools', role: 'search', key: 'filters', 'aria-label': t('log.filters') },
    companies.length > 1 && pick('company', t('entries.company'), companies.map((row) => [row.id, row.name, { translate: 'no' }]), company),
    pick('kind', t('log.kind'), [['', t('entries.any')], ...KINDS.map((word) => [word, t(`log.kind_${word}`)])]),
    pick('entry', t('entries.entry'), [['', t('entries.any')], ...entries.map((row) => [row.id, row.description, { translate: 'no' }])]),
    pick('since', t('log.since'), SINCE.map(([word]) => [word, t(`log.since_${word || 'ever'}`)])));
}

const what = (row) => (row.kind === 'attempt'
  ? outcome(row.outcome)
  : status(TONES[row.kind] ?? 'waits', t(`log.kind_${row.kind}`)));

function said(row) {
  const slots = row.kind === 'skip' && row.since_ms
    ? t(row.until_ms > row.since_ms ? 'log.slots' : 'log.slot', { from: moment(row.since_ms), to: moment(row.until_ms) }) : null;
  return [
    slots && el('p', {}, slots),
    row.error && el('p', { class: 'error' }, quote(row.error)),
    !row.error && row.why && el('p', {}, quote(row.why)),
    row.kind === 'attempt' && !row.error && el('p', {}, countText(row.counts)),
    row.times > 1 && el('p', { class: 'quiet' }, t('log.times', { n: row.times })),
    row.target && el('p', { class: 'quiet' }, name(row.target)),
  ];
}

export function draw(view, data) {
  if (view.params[0]) return run.draw(view, data);
  const { records, company, next } = data;
  return [
    el('h1', { key: 'h1' }, t('page.log')),
    filters(view, data),
    el('div', { key: 'rows' }, table({
      caption: t('page.log'), rows: records, key: (row) => row.id, none: t('log.none'),
      columns: [
        { title: t('log.time'), cell: (row) => [el('time', { datetime: new Date(row.at_ms).toISOString() }, moment(row.at_ms)), el('br'), el('span', { class: 'quiet' }, when(row.at_ms))] },
        { title: t('log.what'), cell: what },
        { title: t('entries.entry'), head: true, cell: (row) => [name(row.description || ''), row.operation && [' ', el('span', { class: 'quiet' }, operationTitle(row.operation))]] },
        { title: t('log.said'), cell: said },
        { title: t('log.took'), number: true, cell: (row) => row.took_ms > 0 && span(row.took_ms) },
        { title: t('log.run'), number: true, cell: (row) => row.no > 0 && link(`#/log/${row.no}?company=${company}`, number(row.no, { useGrouping: false })) },
      ],
    })),
    el('div', { class: 'pager', key: 'pager' },
      view.query.get('before') && button(t('ui.first_page'), () => view.ask({ before: '' })),
      next > 0 && button(t('log.older'), () => view.ask({ before: String(next) }))),
    !company && quiet(t('log.no_company')),
  ];
}

// entries.mjs - the job queue: each entry with its next run, its last result, and what a person can do with it.
import { moment, number, t, when } from '../text.mjs';
import { actionButton } from '../actions.mjs';
import { choice, input } from '../fields.mjs';
import { button, el, link, name, quote, section, status, table } from '../ui.mjs';
import { readWarnings, warningItem } from '../warnings.mjs';
import { rhythm } from '../schedule.mjs';
import { operationTitle, outcome } from '../task.mjs';

const PAGE = 50; // rows that are read at first, and added by "show more"
const MOST = 500; // more in one page would make each look slow; the next page follows
const STATUSES = ['Ready', 'In Process', 'Waiting', 'On Hold', 'On Hold with Inactivity Timeout', 'Error', 'Finished'];
const TONES = { Ready: 'good', 'In Process': 'good', Waiting: 'waits', 'On Hold': 'waits', 'On Hold with Inactivity Timeout': 'waits',
  Finished: 'good', Error: 'bad' };
const company = (entry) => `?company=${entry.company}`;
const at = (entry, verb) => `/v1/entries/${entry.id}${verb ? `/${verb}` : ''}${company(entry)}`;

const rowsOf = (view) => Math.min(MOST, Number(view.query.get('rows')) || PAGE);

/** The producer filters, searches and pages: what is not shown is not sent. */
function listOf(view) {
  const asked = new URLSearchParams({ limit: rowsOf(view) });
  for (const key of ['status', 'operation', 'search', 'after']) if (view.query.get(key)) asked.set(key, view.query.get(key));
  return view.get(`entries?${asked}${view.scope}`);
}

export async function load(view) {
  const scope = view.company ? `?company=${view.company}` : '';
  const [{ entries, next }, { companies }, { operations }, { categories }, warnings] = await Promise.all([
    listOf(view), view.get('companies'), view.get('operations'), view.get(`categories${scope}`), readWarnings(view, scope)]);
  return { entries, next, operations, categories, warnings, zones: new Map(companies.map((row) => [row.id, row.time_zone || 'UTC'])) };
}

// ---- which are shown ----

const statusCode = (entry) => `status.${entry.status.toLowerCase().replaceAll(' ', '-')}`;

function filters(view, operations) {
  const use = (event) => view.ask({ [event.target.name]: event.target.value, after: '', rows: '' });
  return el('form', { class: 'tools', role: 'search', key: 'filters', onsubmit: (event) => {
    event.preventDefault();
    view.ask({ search: event.currentTarget.elements.search.value.trim(), after: '', rows: '' });
  } },
  input('entries-search', t('entries.search'), { name: 'search', type: 'search', value: view.query.get('search') ?? '' }),
  choice('entries-status', t('entries.status'), [['', t('entries.any')], ...STATUSES.map((word) => [word, t(statusCode({ status: word }))])],
    { name: 'status', value: view.query.get('status'), onchange: use }),
  choice('entries-operation', t('entries.operation'), [['', t('entries.any')], ...operations.map((row) => [row.name, operationTitle(row.name)])],
    { name: 'operation', value: view.query.get('operation'), onchange: use }),
  el('button', {}, t('ui.search')));
}

// ---- one entry ----

function nextRun(entry, zone) {
  if (entry.sub === 'running') return link(`#/log/${entry.run}${company(entry)}`, t('entries.runs_now'));
  if (!entry.due_ms || entry.schedule === 'manual') return t('entries.no_next');
  return [el('time', { datetime: new Date(entry.due_ms).toISOString() }, moment(entry.due_ms, zone)), el('br'),
    el('span', { class: 'quiet' }, `${when(entry.due_ms)}, `, name(zone))];
}

const lastRun = (entry) => [
  entry.last
    ? [outcome(entry.last.outcome), ' ', link(`#/log/${entry.last.run}${company(entry)}`, t('ui.run_no', { run: String(entry.last.run) })), ' ',
      el('span', { class: 'quiet' }, when(entry.last.finished_ms))]
    : el('span', { class: 'quiet' }, t('entries.never')),
  (entry.error || entry.last?.error) && el('p', { class: 'error' }, quote(entry.error || entry.last.error)),
];

/** What may be done with it as it stands: the likely first. */
function offered(entry) {
  const command = (verb, more) => ({ method: 'POST', path: at(entry, verb), code: `entry.${verb}`, ...more });
  const rests = ['On Hold', 'Error', 'On Hold with Inactivity Timeout'].includes(entry.status);
  const first = entry.status === 'Error' ? command('restart') : command('run');
  const stop = command('hold', { code: 'entry.stop', body: { stop: true } });
  return {
    first: [first, ...(rests ? [command('ready')] : [command('hold')])],
    more: [...(entry.sub === 'running' ? [stop] : []), ...(entry.status === 'Error' ? [command('run')] : [command('restart')]),
      { method: 'DELETE', path: at(entry), code: 'entry.delete' }],
  };
}

function entryActions(view, entry) {
  const edit = link(`#/entry/${entry.id}${company(entry)}`, t('entries.edit'));
  edit.setAttribute('aria-label', `${t('entries.edit')}: ${entry.description}`);
  if (!view.may('operate')) return null;
  const { first, more } = offered(entry);
  const buttons = (list) => list.map((action) => actionButton(view, action, { about: entry.description }));
  return [el('div', { class: 'actions' }, buttons(first)),
    el('details', { class: 'more' }, el('summary', { 'aria-label': `${t('entries.more')}: ${entry.description}` }, t('entries.more')),
      el('div', { class: 'actions' }, edit, buttons(more)))];
}

function entryTable(view, rows, zones) {
  return table({
    caption: t('page.entries'), rows, key: (entry) => entry.id, none: t('entries.none'),
    columns: [
      { title: t('entries.entry'), head: true, cell: (entry) => [name(entry.description), entry.arguments?.shop && [' ', name(entry.arguments.shop, { class: 'quiet' })]] },
      { title: t('entries.operation'), cell: (entry) => operationTitle(entry.operation) },
      { title: t('entries.when'), cell: (entry) => rhythm(entry) },
      { title: t('entries.status'), cell: (entry) => status(TONES[entry.status] ?? 'bad', t(statusCode(entry), {}, entry.status)) },
      { title: t('entries.next'), cell: (entry) => nextRun(entry, entry.zone || zones.get(entry.company)) },
      { title: t('entries.last'), cell: lastRun },
      { title: t('word.actions'), cell: (entry) => entryActions(view, entry) },
    ],
  });
}

/** More rows below those that stand; the next page where they are many, or where the producer has looked at enough for one answer. */
function pager(view, shown, next) {
  const here = view.query.get('after'), rows = rowsOf(view);
  if (!next && !here) return null;
  return el('div', { class: 'pager', key: 'pager' },
    here && button(t('ui.first_page'), () => view.ask({ after: '', rows: '' })),
    next && (shown === rows && rows < MOST
      ? button(t('ui.more'), () => view.ask({ rows: String(rows + PAGE) }))
      : button(t('ui.next_page'), () => view.ask({ after: next, rows: '' }))),
    el('span', { class: 'quiet' }, t('entries.shown', { n: shown })));
}

// ---- categories: what runs one after the other ----

function categoryTable(view, categories) {
  const path = (row) => `/v1/categories/${row.category || '-'}?company=${row.company}`;
  const patch = (row, code, body, asks) => ({ method: 'PATCH', path: path(row), code, body, asks });
  return section('categories', t('entries.categories'), el('p', { class: 'quiet' }, t('entries.categories_help')), table({
    caption: t('entries.categories'), rows: categories, key: (row) => `${row.company} ${row.category}`, none: t('entries.no_categories'),
    columns: [
      { title: t('entries.category'), head: true, cell: (row) => (row.category ? name(row.category) : t('entries.no_category')) },
      { title: t('entries.status'), cell: (row) => (row.paused ? status('warn', t('entries.paused')) : status('good', t('entries.open'))) },
      { title: t('entries.permits'), number: true, cell: (row) => number(row.permits) },
      { title: t('entries.waiting'), number: true, cell: (row) => number(row.waiting ?? 0) },
      { title: t('entries.holders'), cell: (row) => (row.holders ?? []).map((run) =>
        el('div', {}, link(`#/log/${run.run}?company=${row.company}`, operationTitle(run.operation)))) },
      { title: t('word.actions'), cell: (row) => view.may('operate') && el('div', { class: 'actions' },
        actionButton(view, row.paused ? patch(row, 'category.resume', { paused: false }) : patch(row, 'category.pause', { paused: true }), { about: row.category }),
        actionButton(view, patch(row, 'category.permits', {}, [{ name: 'permits', kind: 'integer', value: String(row.permits) }]), { about: row.category })) },
    ],
  }));
}

export function draw(view, { entries, next, operations, categories, warnings, zones }) {
  return [
    el('div', { class: 'top', key: 'top' }, el('h1', {}, t('page.entries')),
      view.may('operate') && link('#/entry', t('entries.add'))),
    warnings.length > 0 && el('ul', { class: 'rows', key: 'warnings', 'aria-label': t('home.warnings') }, warnings.map((warning) => warningItem(view, warning))),
    filters(view, operations),
    el('div', { key: 'entries' }, entryTable(view, entries, zones)),
    pager(view, entries.length, next),
    categoryTable(view, categories.filter((row) => !view.company || row.company === view.company)),
  ];
}

// run.mjs - one run: how it stands or ended, what it waits for, its attempts with the last calls before an error.
import { moment, number, span, t } from '../text.mjs';
import { actionButton, actions } from '../actions.mjs';
import { el, link, name, quiet, quote, said, section, status, table } from '../ui.mjs';
import { followRun } from '../live.mjs';
import { cancelOf, countText, ending, operationTitle, outcome, paceText, progressBar, taskState } from '../task.mjs';

const scope = (view) => {
  const company = view.query.get('company') || view.company;
  return company ? `?company=${company}` : '';
};

// ---- while it is open, the producer tells of each change ----

let live = null; // {task, run as last told, controller}
/** Told of every change, the rest of the page has time. */
export const every = () => (live?.run ? 10_000 : 2000);

function listen(view, { task, company }) {
  if (live?.task === task) return;
  live?.controller.abort();
  const mine = { task, run: null, controller: new AbortController() };
  live = mine;
  followRun({ task, company }, (run) => {
    mine.run = run;
    if (run.state === 'finished') view.refresh();
    else view.redraw();
  }, mine.controller.signal).catch(() => {}).finally(() => { if (live === mine) live = null; });
}
addEventListener('hashchange', () => { live?.controller.abort(); live = null; });

export async function load(view) {
  const no = encodeURIComponent(view.params[0]);
  const run = await view.get(`runs/${no}${scope(view)}`);
  const own = `?company=${run.company}`;
  const open = run.state !== 'finished';
  if (open) listen(view, run);
  const [why, log, preview] = await Promise.all([
    open && !live?.run ? view.getOr(null, `runs/${no}/why${own}`) : null,
    view.getOr({ records: [] }, `companies/${run.company}/log?limit=200&traces=true&entry=${run.entry}`),
    run.arguments?.preview ? view.getOr(null, `runs/${no}/preview${own}`) : null,
  ]);
  return { run, why, preview, records: log.records.filter((row) => row.no === run.no) };
}

const OF_ENTRY = ['scheduled', 'catch-up', 'wake']; // others leave no entry behind
const fact = (title, ...children) => el('div', {}, el('dt', {}, title), el('dd', {}, ...children));

function facts(run) {
  const given = Object.entries(run.arguments ?? {});
  return el('dl', { class: 'facts', key: 'facts' },
    fact(t('entries.status'), run.state === 'finished' ? ending(run) : status('waits', taskState(run))),
    run.description && fact(t('entries.entry'), OF_ENTRY.includes(run.kind) ? link(`#/entry/${run.entry}?company=${run.company}`, name(run.description)) : name(run.description)),
    run.category && fact(t('entries.category'), name(run.category)),
    given.length > 0 && fact(t('runs.arguments'), given.map(([key, value]) => el('div', {}, t(`parameter.${key}`, {}, key), ': ', name(String(value))))),
    run.started_ms > 0 && fact(t('runs.started'), moment(run.started_ms)),
    run.finished_ms > 0 && fact(t('runs.ended'), moment(run.finished_ms), run.started_ms > 0 && ` (${span(run.finished_ms - run.started_ms)})`),
    run.kind && fact(t('runs.kind'), t(`kind.${run.kind}`, {}, run.kind)),
    run.worker && fact(t('runs.worker'), name(run.worker)));
}

/** What keeps it from running, and what helps. */
export function whyText(view, why) {
  if (!why) return null;
  const { code, values = {}, action } = why;
  const given = { ...values, until: moment(values.until_ms), run: String(values.run ?? ''), category: values.category || t('entries.no_category'),
    operation: values.operation && operationTitle(values.operation) };
  return el('div', { class: 'why' },
    el('p', {}, said('why', { ...why, values: given }), values.error && [' ', quote(values.error)]),
    ['POST', 'PATCH', 'PUT'].includes(action?.method) && actions(view, [action]),
    code === 'category_busy' && link(`#/log/${values.run}${scope(view)}`, t('ui.log_of', { run: String(values.run) })));
}

function progress(run) {
  if (run.state !== 'running') return null;
  return el('div', { class: 'sheet', key: 'progress' }, el('p', {}, taskState(run)), progressBar(run, operationTitle(run.operation)),
    el('p', { class: 'quiet' }, paceText(run)));
}

function attempts(run, records) {
  const rows = run.attempts ?? [];
  if (!rows.length) return null;
  const trace = (row) => records.find((record) => record.attempt === row.attempt && record.trace)?.trace;
  return section('attempts', t('runs.attempts'), table({
    caption: t('runs.attempts'), rows, key: (row) => row.attempt,
    columns: [
      { title: t('runs.attempt'), head: true, cell: (row) => number(row.attempt) },
      { title: t('log.what'), cell: (row) => outcome(row.outcome) },
      { title: t('runs.started'), cell: (row) => moment(row.started_ms) },
      { title: t('log.took'), number: true, cell: (row) => row.finished_ms > 0 && span(row.finished_ms - row.started_ms) },
      { title: t('log.said'), cell: (row) => [
        row.error ? el('p', { class: 'error' }, quote(row.error)) : el('p', {}, countText(row.counts)),
        row.why && el('p', {}, quote(row.why)),
        trace(row) && el('details', {}, el('summary', {}, t('runs.trace')), el('pre', { translate: 'no' }, trace(row)))] },
    ],
  }));
}

function traffic({ counts = {} }) {
  const rows = [['calls', counts.calls], ['points', counts.points], ['erp_calls', counts.erp_calls]].filter(([, value]) => value);
  return rows.length > 0 && el('dl', { class: 'facts', key: 'traffic' }, rows.map(([key, value]) => fact(t(`runs.${key}`), number(value))));
}

function previewed(view, preview) {
  if (!preview) return null;
  return section('previewed', t('runs.preview'), table({
    caption: t('runs.preview'), rows: preview.documents ?? [], key: (row) => row.number ?? row.document, none: t('runs.nothing'),
    columns: [
      { title: t('word.document'), head: true, cell: (row) => name(row.number ?? row.document ?? '') },
      { title: t('word.order'), cell: (row) => row.order && name(row.order) },
      { title: t('word.reason'), cell: (row) => row.reason && said('reason', { code: row.reason, text: row.text ?? row.detail }) },
    ],
  }));
}

export function draw(view, data) {
  const { preview, records } = data;
  const told = data.run.state !== 'finished' && live?.task === data.run.task ? live.run : null;
  const run = told ?? data.run, why = told ? told.waits : data.why;
  const open = run.state !== 'finished';
  return [
    el('p', { key: 'back' }, link('#/log', `← ${t('page.log')}`)),
    el('h1', { key: 'h1' }, t('runs.title', { run: String(run.no) }), ' ', el('span', { class: 'quiet' }, operationTitle(run.operation))),
    facts(run),
    !open && !run.error && el('p', { key: 'counts' }, countText(run.counts)),
    run.error && el('p', { class: 'error', key: 'error' }, quote(run.error)),
    open && run.state !== 'running' && el('div', { class: 'sheet', key: 'why' }, whyText(view, why)),
    progress(run),
    open && run.cancel && quiet(t('runs.cancelling')),
    open && !run.cancel && view.may('operate') && el('div', { class: 'actions', key: 'actions' }, actionButton(view, cancelOf(run), { about: t('runs.title', { run: String(run.no) }) })),
    attempts(run, records), traffic(run), previewed(view, preview),
  ];
}

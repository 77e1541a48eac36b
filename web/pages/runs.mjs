// runs.mjs - what runs and waits at this moment, how fast and how long still, and what has ended lately.
import { number, span, t, when } from '../text.mjs';
import { actionButton } from '../actions.mjs';
import { button, el, link, name, quiet, quote, section, table } from '../ui.mjs';
import { cancelOf, countText, ending, forgetOthers, operationTitle, paceText, progressBar, runTitle, taskState } from '../task.mjs';
import { readRunning } from '../running.mjs';
import { whyText } from './run.mjs';

export const every = 1000;
const RUNS = 100;
const WHY_MOST = 10; // so many waiting runs are asked what they wait for

// ---- loading ----

export async function load(view) {
  const before = view.query.get('before');
  const company = view.query.get('company') || view.company;
  const ask = `limit=${RUNS}${company ? `&company=${company}` : ''}`;
  const { open: all, runs } = await readRunning(view, ask);
  const listed = before ? (await view.get(`runs?${ask}&before=${before}`)).runs : runs;
  const open = all.filter((run) => !view.shop || run.arguments?.shop === view.shop);
  const waiting = open.filter((run) => run.state !== 'running').slice(0, WHY_MOST);
  const whys = await Promise.all(waiting.map((run) => view.getOr(null, `runs/${encodeURIComponent(run.task)}/why?company=${run.company}`)));
  forgetOthers(open);
  const ended = listed.filter((run) => run.state === 'finished' && (!view.shop || run.arguments?.shop === view.shop));
  // Run numbers count one company, so only its list has further pages.
  const more = new Set(runs.map((run) => run.company)).size === 1 && listed.length === RUNS;
  return { open, whys: new Map(waiting.map((run, index) => [run.task, whys[index]])), ended, next: more ? listed.at(-1) : null };
}

// ---- drawing ----

const address = (run) => `#/log/${run.no}?company=${run.company}`;

function openRun(view, run, why) {
  const about = `${operationTitle(run.operation)}, ${t('ui.run_no', { run: String(run.no) })}`;
  return el('li', { key: run.task, 'data-run': run.no },
    el('div', { class: 'line' }, el('div', {}, runTitle(run), ' ', link(address(run), t('ui.run_no', { run: String(run.no) }))),
      view.may('operate') && (run.cancel ? el('span', { class: 'quiet' }, t('runs.cancelling')) : actionButton(view, cancelOf(run), { about }))),
    el('div', { class: 'quiet' }, [taskState(run), paceText(run), run.attempt > 1 && t('runs.attempt_no', { n: run.attempt })].filter(Boolean).join(' · ')),
    progressBar(run, about),
    whyText(view, why));
}

function recent(view, ended, next) {
  return section('recent', t('runs.recent'), table({
    caption: t('runs.recent'), rows: ended, key: (run) => run.task, none: t('runs.none'),
    columns: [
      { title: t('log.run'), head: true, cell: (run) => link(address(run), number(run.no, { useGrouping: false })) },
      { title: t('entries.operation'), cell: (run) => [operationTitle(run.operation), run.arguments?.shop && [' ', name(run.arguments.shop, { class: 'quiet' })]] },
      { title: t('log.what'), cell: (run) => ending(run) },
      { title: t('runs.ended'), cell: (run) => when(run.finished_ms) },
      { title: t('log.took'), number: true, cell: (run) => run.started_ms > 0 && span(run.finished_ms - run.started_ms) },
      { title: t('log.said'), cell: (run) => (run.error ? el('span', { class: 'error' }, quote(run.error)) : countText(run.counts)) },
    ],
  }), el('div', { class: 'pager' },
    view.query.get('before') && button(t('ui.first_page'), () => view.ask({ before: '' })),
    next && button(t('log.older'), () => view.ask({ before: String(next.no), company: next.company }))));
}

export function draw(view, { open, whys, ended, next }) {
  return [
    el('h1', { key: 'h1' }, t('page.runs')),
    section('open', t('runs.open', { n: open.length }),
      open.length ? el('ul', { class: 'rows' }, open.map((run) => openRun(view, run, whys.get(run.task)))) : quiet(t('home.idle'))),
    recent(view, ended, next),
  ];
}

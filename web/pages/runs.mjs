// runs.mjs - what runs and waits at this moment, how fast and how long still, and what has ended lately.
import { number, span, t, when } from '../text.mjs';
import { actionButton } from '../actions.mjs';
import { button, el, link, name, quiet, quote, section, table } from '../ui.mjs';
import { countText } from '../schedule.mjs';
import { ending, operationTitle } from './entries.mjs';
import { taskState } from './home.mjs';
import { whyText } from './run.mjs';

export const every = 1000;
const RUNS = 100;
const WHY_MOST = 10; // so many waiting runs are asked what they wait for

// ---- how fast: from what has been seen of the same step ----

const seen = new Map(); // task -> {step, at, done, last}
const WINDOW_MS = 30_000;

/** {rate: records a second, left: ms} as far as two looks at the same step tell. */
export function pace(run, now = Date.now()) {
  const { step = '', done = 0, total = 0 } = run.progress ?? {};
  const before = seen.get(run.task);
  if (!before || before.step !== step || done < before.done) {
    seen.set(run.task, { step, marks: [{ at: now, done }], done });
    return {};
  }
  before.done = done;
  before.marks.push({ at: now, done });
  while (before.marks.length > 2 && now - before.marks[0].at > WINDOW_MS) before.marks.shift();
  const [first] = before.marks;
  const passed = now - first.at;
  const rate = passed >= 1000 ? ((done - first.done) * 1000) / passed : 0;
  return rate > 0 ? { rate, left: total > done ? ((total - done) / rate) * 1000 : 0 } : {};
}
const forget = (runs) => { for (const task of seen.keys()) if (!runs.some((run) => run.task === task)) seen.delete(task); };

export const paceText = ({ rate, left }) => [
  rate && t('runs.rate', { rate: number(rate, { maximumFractionDigits: rate < 10 ? 1 : 0 }) }),
  left && t('runs.left', { span: span(left) }),
].filter(Boolean).join(', ');

// ---- loading ----

export async function load(view) {
  const before = view.query.get('before');
  const company = view.query.get('company') || view.company;
  const ask = `limit=${RUNS}${company ? `&company=${company}` : ''}`;
  const { runs } = await view.get(`runs?${ask}`);
  const past = before ? await view.get(`runs?${ask}&before=${before}`) : null;
  const open = runs.filter((run) => run.state !== 'finished' && (!view.shop || run.arguments?.shop === view.shop));
  const waiting = open.filter((run) => run.state !== 'running').slice(0, WHY_MOST);
  const whys = await Promise.all(waiting.map((run) => view.getOr(null, `runs/${encodeURIComponent(run.task)}/why?company=${run.company}`)));
  forget(open);
  const ended = (past?.runs ?? runs).filter((run) => run.state === 'finished' && (!view.shop || run.arguments?.shop === view.shop));
  // Run numbers count one company, so only its list has further pages.
  const last = (past ?? { runs }).runs.at(-1);
  const more = new Set(runs.map((run) => run.company)).size === 1 && (past?.runs ?? runs).length === RUNS;
  return { open, whys: new Map(waiting.map((run, index) => [run.task, whys[index]])), ended, next: more ? last : null };
}

// ---- drawing ----

const title = (run) => [el('strong', {}, operationTitle(run.operation)), ' ', run.arguments?.shop && name(run.arguments.shop, { class: 'quiet' })];
const address = (run) => `#/log/${run.no}?company=${run.company}`;

function openRun(view, run, why) {
  const { done = 0, total = 0 } = run.progress ?? {};
  const cancel = { method: 'POST', path: `/v1/runs/${encodeURIComponent(run.task)}/cancel?company=${run.company}`, code: 'run.cancel' };
  const about = `${operationTitle(run.operation)}, ${t('ui.run_no', { run: String(run.no) })}`;
  return el('li', { key: run.task, 'data-run': run.no },
    el('div', { class: 'line' }, el('div', {}, title(run), ' ', link(address(run), t('ui.run_no', { run: String(run.no) }))),
      view.may('operate') && (run.cancel ? el('span', { class: 'quiet' }, t('runs.cancelling')) : actionButton(view, cancel, { about }))),
    el('div', { class: 'quiet' }, [taskState(run), paceText(pace(run)), run.attempt > 1 && t('runs.attempt_no', { n: run.attempt })].filter(Boolean).join(' · ')),
    run.state === 'running' && el('progress', { 'aria-label': about, max: total || undefined, value: total ? Math.min(done, total) : undefined }),
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

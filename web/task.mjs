// task.mjs - what several pages say of a run: its operation, how it stands or has ended, how far and how fast it is.
import { number, span, t } from './text.mjs';
import { el, link, name, status } from './ui.mjs';

export const operationTitle = (operation) => t(`operation.${operation}`, {}, operation);
export const runTitle = (run) => [el('strong', {}, operationTitle(run.operation)), ' ', run.arguments?.shop && name(run.arguments.shop, { class: 'quiet' })];
export const logLink = (no, company) => link(`#/log/${no}?company=${company}`, t('ui.log_of', { run: String(no) }));
export const cancelOf = (run) => ({ method: 'POST', path: `/v1/runs/${encodeURIComponent(run.task)}/cancel?company=${run.company}`, code: 'run.cancel' });

// ---- how it has ended ----

const OUTCOMES = { ok: 'good', idle: 'good', retry: 'warn', park: 'waits', cancelled: 'waits', fatal: 'bad', timeout: 'bad', lost: 'warn' };

export const outcome = (word) => (word ? status(OUTCOMES[word] ?? 'bad', t(`outcome.${word}`, {}, word)) : null);
/** How a run ended: one that may not be tried again has failed. */
export const ending = (run) => outcome(run.state === 'finished' && run.outcome === 'retry' ? 'fatal' : run.outcome);
export const endedWell = (run) => OUTCOMES[run.outcome] === 'good';

/** "3 read, 1 created" */
export const countText = (counts = {}) => {
  const shown = ['read', 'created', 'updated', 'skipped', 'failed'].filter((key) => counts[key]);
  return shown.length ? shown.map((key) => t(`runs.count_${key}`, { n: counts[key], count: number(counts[key]) })).join(', ') : t('runs.nothing');
};

// ---- how it stands ----

export const taskState = (run) => {
  if (run.state !== 'running') return t(`state.${run.state}`);
  const { step = '', done = 0, total = 0 } = run.progress ?? {};
  const figures = total ? t('run.of', { done, total }) : done ? number(done) : '';
  return [t('state.running'), step && t(`step.${step}`, {}, step), figures].filter(Boolean).join(' · ');
};

/** Of a run that runs; `about` tells a screen reader which. */
export function progressBar(run, about) {
  if (run.state !== 'running') return null;
  const { done = 0, total = 0 } = run.progress ?? {};
  return el('progress', { 'aria-label': about, max: total || undefined, value: total ? Math.min(done, total) : undefined });
}

// ---- how fast: from what has been seen of the same step ----

const seen = new Map(); // task -> {step, marks: [{at, done}], done}
const WINDOW_MS = 30_000;

/** {rate: records a second, left: ms} as far as two looks at the same step tell. */
function pace(run, now = Date.now()) {
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

/** "4.2 a second, about 3 min left" */
export function paceText(run) {
  const { rate, left } = pace(run);
  return [
    rate && t('runs.rate', { rate: number(rate, { maximumFractionDigits: rate < 10 ? 1 : 0 }) }),
    left && t('runs.left', { span: span(left) }),
  ].filter(Boolean).join(', ');
}

/** Keeps what has been seen of these runs and of no other. */
export const forgetOthers = (runs) => { for (const task of seen.keys()) if (!runs.some((run) => run.task === task)) seen.delete(task); };

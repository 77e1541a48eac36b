// view.mjs - what the page says about entries and runs. Pure: values and a time in, texts out.

const UNITS = [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'min'], [1000, 's']];

export function spanText(ms) {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const [size, name] = UNITS.find(([unit]) => ms >= unit);
  return size === 1000 && ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(ms / size)} ${name}`;
}

export function whenText(at, now) {
  if (!at) return '–';
  const away = Math.abs(at - now);
  if (away < 1000) return 'now';
  const span = spanText(away - (away % 1000)).replace('.0 s', ' s');
  return at > now ? `in ${span}` : `${span} ago`;
}

export const isOpen = (run) => run.state !== 'finished';

const WAITING = { due: 'waits for its time', gated: 'waits: its category is busy', granted: 'waits for a free worker',
  rest: 'waits for a person to approve' };

export function taskText(run) {
  if (run.state !== 'running') return WAITING[run.state] ?? run.state;
  const { step, done = 0, total = 0 } = run.progress ?? {};
  const figures = total ? ` ${done} of ${total}` : done ? ` ${done}` : '';
  return `${step || 'running'}${figures}${run.attempt > 1 ? `, try ${run.attempt}` : ''}`;
}

const COUNTED = ['read', 'created', 'updated', 'skipped', 'failed'];

export function countsText(counts) {
  const parts = COUNTED.filter((name) => counts?.[name]).map((name) => `${name} ${counts[name]}`);
  return parts.join(', ') || 'nothing to do';
}

const TONES = {
  ok: 'good', idle: 'good', park: 'waits', retry: 'waits', 'In Process': 'good', Ready: 'good', Waiting: 'waits', 'On Hold': 'waits',
};

/** "15 min mon-fri 08:00-18:00", "1D+CM 06:00", "once". */
export function rhythmText(entry) {
  if (entry.schedule === 'at') return 'once';
  const parts = entry.formula ? [entry.formula, entry.at_time] : [spanText(entry.every_ms), entry.days, entry.window];
  return parts.filter(Boolean).join(' ');
}

export function entryRow(entry, now) {
  const running = entry.sub === 'running';
  return {
    name: entry.description || entry.id,
    shop: entry.arguments?.shop ?? '',
    operation: entry.operation,
    every: rhythmText(entry),
    status: entry.status,
    tone: TONES[entry.status] ?? 'bad',
    next: running ? 'runs now' : whenText(entry.due_ms, now),
    last: entry.last ? `run ${entry.last.run} ${entry.last.outcome}, ${whenText(entry.last.finished_ms, now)}` : 'none yet',
    error: entry.error || entry.last?.error || '',
  };
}

export function runRow(run, now) {
  return {
    shop: run.arguments?.shop ?? '',
    outcome: run.outcome || '–',
    tone: TONES[run.outcome] ?? 'bad',
    started: whenText(run.started_ms, now),
    took: run.finished_ms && run.started_ms ? spanText(run.finished_ms - run.started_ms) : '–',
  };
}

// summary.mjs - the demo's runs as rows, and the summary as text for people. Pure.
import { curesOf } from './cures.mjs';

const GOOD = ['ok', 'idle'];

/** One row a task: its last attempt's outcome, its counts, the time from its first start to its end. */
export function taskRows(runs) {
  const tasks = new Map();
  for (const run of runs.filter((r) => r.state === 'finished')) {
    const first = tasks.get(run.task)?.started ?? run.started_ms;
    tasks.set(run.task, { started: Math.min(first, run.started_ms), run });
  }
  return [...tasks.values()].map(({ started, run }) => {
    const { points = 0, calls = 0, ...counts } = run.counts ?? {};
    const count = (name) => counts[name] ?? 0;
    return {
      operation: run.operation, company: run.company, shop: run.arguments?.shop ?? '',
      outcome: GOOD.includes(run.outcome) ? 'ok' : 'error',
      ...(GOOD.includes(run.outcome) ? {} : { error: run.error ?? run.outcome }),
      counts: { read: count('read'), created: count('created'), updated: count('updated'), skipped: count('skipped'), failed: count('failed') },
      ms: run.finished_ms - started, points, calls, erp_calls: count('erp_calls'),
    };
  });
}

const COLUMNS = [
  ['task', (t) => t.operation], ['shop', (t) => t.shop], ['outcome', (t) => t.outcome],
  ['read', (t) => t.counts.read], ['created', (t) => t.counts.created], ['updated', (t) => t.counts.updated],
  ['skipped', (t) => t.counts.skipped], ['failed', (t) => t.counts.failed],
  ['ms', (t) => t.ms], ['points', (t) => t.points], ['Shopify calls', (t) => t.calls], ['ERP calls', (t) => t.erp_calls],
];

function table(columns, rows) {
  const cells = [columns.map(([name]) => name), ...rows.map((row) => columns.map(([, value]) => String(value(row))))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i].length)));
  const numeric = columns.map(([, value]) => rows.length > 0 && rows.every((row) => typeof value(row) === 'number'));
  return cells.map((line) => `  ${line.map((cell, i) => (numeric[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  ')}`.trimEnd());
}

const indented = (lines) => lines.map((line) => `                  ${line}`);

function cueLines(cues, numbers) {
  return cues.flatMap((cue) => [
    `  ${cue.colour.padEnd(6)}  ${String(cue.value).padStart(4)}  ${cue.title ?? cue.name}`,
    ...indented(curesOf(cue, numbers)),
  ]);
}

function leftLines(left) {
  return Object.entries(left).flatMap(([reason, { orders, cure }]) => [
    `  -       ${String(orders.length).padStart(4)}  Orders left alone: ${reason}`, ...indented([cure]),
  ]);
}

function balanceLines(sheet) {
  const lines = [
    `  ${sheet.orders} orders at Shopify, together ${sheet.shop_total} ${sheet.currency}`,
    `  ${sheet.documents} sales documents in Business Central, together ${sheet.erp_total} ${sheet.currency}`,
  ];
  for (const [reason, { orders, amount, names }] of Object.entries(sheet.differences)) {
    const which = names ? ` (${names.slice(0, 5).join(' ')}${names.length > 5 ? ' …' : ''})` : '';
    lines.push(`  ${amount.padStart(12)} ${sheet.currency} in ${orders} ${orders === 1 ? 'order' : 'orders'}: ${reason}${which}`);
  }
  for (const [reason, count] of Object.entries(sheet.not_shop_data)) lines.push(`  ${count} rows of the file are no shop data: ${reason}`);
  lines.push(sheet.differences.unexplained || sheet.skips.unexplained ? '  It does NOT agree.' : '  It agrees to the penny.');
  return lines;
}

/** `numbers`: product id → ERP number, where the demo knows what a person would; `left`: see leftAlone. */
export function summaryText(summary, cues, { numbers = new Map(), left = {} } = {}) {
  const failures = summary.tasks.filter((task) => task.error).map((task) => `  ${task.operation}: ${task.error}`);
  return [
    '', 'What ran', ...table(COLUMNS, summary.tasks), ...failures,
    '', 'What needs a person, and the command that cures it', ...cueLines(cues, numbers), ...leftLines(left),
    '', 'The money', ...balanceLines(summary.balance),
    '', `Dashboard: ${summary.dashboard}`,
  ].join('\n');
}

// summary.mjs - the demo's runs as rows, and the summary as text for people. Pure.
import { closes } from './balance.mjs';
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

function table(columns, rows, right) {
  const cells = [columns.map(([name]) => name), ...rows.map((row) => columns.map(([, value]) => String(value(row))))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i].length)));
  const numeric = right ?? columns.map(([, value]) => rows.length > 0 && rows.every((row) => typeof value(row) === 'number'));
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

const total = (table) => Object.values(table).reduce((all, count) => all + count, 0);
const listed = (table) => Object.entries(table).map(([reason, count]) => `${count} ${reason}`).join(', ');
const withReasons = (text, table) => `  ${text}${total(table) > 0 ? `: ${listed(table)}` : ''}`;

// Each row: what, Shopify's count and amount, Business Central's.
function sidesTable(sheet) {
  const rows = [
    ['orders, their documents', sheet.orders, sheet.shop_sold, sheet.documents, sheet.erp_sold],
    ['refunds, credit memos', sheet.refunds, sheet.shop_refunded, sheet.credit_memos, sheet.erp_credited],
    ['kept after refunds', '', sheet.shop_total, '', sheet.erp_total],
    ['fulfillments, posted shipments', sheet.fulfillments, '', sheet.shipments, ''],
    ['units of goods', sheet.units.fulfilled, '', sheet.units.shipped, ''],
  ];
  const HEADS = ['', 'Shopify', sheet.currency, 'ERP', sheet.currency];
  return table(HEADS.map((head, i) => [head, (row) => String(row[i])]), rows, [false, true, true, true, true]);
}

function balanceLines(sheet) {
  const { covered = 0, partly = 0 } = sheet.returns;
  const { unexplained, other, given_back_first: givenBack } = sheet.units;
  const lines = [
    ...sidesTable(sheet),
    withReasons(`${total(sheet.skips)} orders without a document`, sheet.skips),
    withReasons(`${sheet.posted} documents are posted, ${total(sheet.unposted)} are not`, sheet.unposted),
    withReasons(`${sheet.shipments_told} shipments are fulfillments, ${total(sheet.shipments_untold)} are not`, sheet.shipments_untold),
  ];
  if (givenBack > 0) lines.push(`  ${givenBack} units were given back before their shipment was told: Shopify ships them no more`);
  for (const [why, units] of Object.entries(other)) lines.push(`  ${units} units were shipped, and Shopify was not told: ${why}`);
  if (unexplained.length > 0) lines.push(`  other units at Shopify than were shipped: ${unexplained.slice(0, 5).join(' ')}`);
  if (covered + partly > 0) lines.push(`  ${covered} cancellations of the file and the covered lines of ${partly} more became those refunds`);
  for (const [reason, { orders, amount, names }] of Object.entries(sheet.differences)) {
    const which = names ? ` (${names.slice(0, 5).join(' ')}${names.length > 5 ? ' …' : ''})` : '';
    lines.push(`  ${amount.padStart(12)} ${sheet.currency} in ${orders} ${orders === 1 ? 'order' : 'orders'}: ${reason}${which}`);
  }
  for (const [reason, count] of Object.entries(sheet.not_shop_data)) lines.push(`  ${count} invoices of the file are no shop data: ${reason}`);
  const agrees = Object.keys(sheet.differences).length > 0 ? 'It agrees but for what has its reason.' : 'It agrees to the penny.';
  lines.push(closes(sheet) ? `  ${agrees}` : '  It does NOT agree.');
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

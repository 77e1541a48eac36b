// rounds.mjs --since MS [--json FILE] [--days N] [--seed N] - what ./demo does once everything runs.
//
// One round = the shop's orders arrive, then every entry of the demo company has run after them. The
// made-up store has one round; a replay has one a day, and then rounds until one changes nothing. Entries are recurring and belong to the scheduler:
// this program waits for their runs, and only pulls an entry forward whose next slot is not now.
// Ends with the summary; exit 1 when a task did not end ok or the money does not agree.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { countAgain, doctorSays } from './again.mjs';
import { cartage, peer } from './api.mjs';
import { balance, closes, differing, shippedOtherwise } from './balance.mjs';
import { leftAlone, numbersOf } from './cures.mjs';
import { documentsOf, effectCount, ordersOf, reasonsOf, shipmentsOf, storiesOf } from './peers.mjs';
import { summaryText, taskRows } from './summary.mjs';

const STALL_SECONDS = 180; // longer than any lease, retry of the first rank or call of the peers
const LOOK_MS = 100;
const QUIET_ROUNDS = 5; // more than this many would hide a loop
// What reads comes before what works on it; entries of other operations run after these.
const POSTS = ['sales-orders.post', 'sales-invoices.post'];
const ORDER = ['orders.sync', 'companies.sync', 'orders.process', ...POSTS, 'shipments.sync'];

const { values: flags } = parseArgs({
  options: { since: { type: 'string' }, json: { type: 'string', default: '' }, days: { type: 'string' }, seed: { type: 'string', default: '1' } },
});
const api = cartage();
const shopify = peer(process.env.SHOPIFY_URL);
const erp = peer(process.env.BUSINESS_CENTRAL_URL);
const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

const finished = (run) => run.state === 'finished';
const entriesNow = async () => (await api.get('entries')).entries;
// What somebody started once, or holds back, comes and goes as they please: no round waits for it.
const inRounds = (entry) => entry.schedule === 'every' && entry.status !== 'On Hold';

/** Runs since the start of this demo, oldest first. */
async function runsSince(since) {
  const runs = [];
  for (let before = 0; ;) {
    const page = await api.get(`runs?limit=100${before ? `&before=${before}` : ''}`);
    runs.push(...page.runs.filter((run) => (run.started_ms ?? 0) >= since || !finished(run)));
    before = page.next;
    if (!before || page.runs.some((run) => finished(run) && run.started_ms < since)) return runs.reverse();
  }
}

/** The entry's first finished run that started at or after `after`; pulls the entry forward once. */
async function runAfter(entryId, after) {
  let seen = '';
  let changed = Date.now();
  let pulled = false;
  for (;;) {
    const runs = (await runsSince(after)).filter((run) => run.entry === entryId);
    const run = runs.find((r) => finished(r) && r.started_ms >= after);
    if (run) return run;

    const entry = (await entriesNow()).find((e) => e.id === entryId);
    if (!entry) throw new Error(`the entry ${entryId} is gone`);
    // A run that has begun and waits, for Shopify's own time say, comes back by itself: a restart would end it.
    const waits = runs.some((r) => !finished(r) && r.attempt > 1);
    if (!pulled && !waits && Date.now() >= after && entry.sub === 'due' && !entry.started_ms && entry.due_ms > Date.now() + 1000) {
      await api.post(`entries/${entryId}/restart?company=${entry.company}`);
      pulled = true;
    }
    const state = JSON.stringify([entry, runs]);
    if (state !== seen) changed = Date.now();
    seen = state;
    if (Date.now() - changed > STALL_SECONDS * 1000) {
      throw new Error(`${entry.operation} has not moved for ${STALL_SECONDS} s: ${entry.status}, ${entry.sub}${entry.error ? `, ${entry.error}` : ''}`);
    }
    await pause(LOOK_MS);
  }
}

/** Every entry once, in the order of the work; how much that changed. `lagMs`: a posting is seen by others only after that. */
async function round(since, lagMs) {
  const rank = (entry) => (ORDER.indexOf(entry.operation) + ORDER.length) % ORDER.length + (ORDER.includes(entry.operation) ? 0 : ORDER.length);
  const entries = (await entriesNow()).filter(inRounds).sort((a, b) => rank(a) - rank(b));
  if (entries.length === 0) throw new Error('the demo company has no recurring entry that is not on hold');
  let after = since;
  let changes = 0;
  for (const entry of entries) {
    const run = await runAfter(entry.id, after);
    const { created = 0, updated = 0 } = run.counts ?? {};
    console.log(`  ${run.operation}: ${run.outcome}, run ${run.no}`);
    changes += created + updated;
    after = Math.max(after, run.finished_ms + (POSTS.includes(run.operation) && created > 0 ? lagMs : 0));
  }
  return changes;
}

const dayAfter = (day, days) => new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** How far the replay of this state folder has come: days that have arrived never arrive again. */
function progressFile() {
  const file = join(process.env.DEMO_DIR, 'sandbox', 'replay.json');
  return {
    load: async () => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8'))
      : { first: (await shopify.get('time')).business.slice(0, 10), days: 0, not_shop_data: {}, returns: {} }),
    save: (progress) => writeFileSync(file, JSON.stringify(progress)),
  };
}

function add(to, counts) {
  for (const [name, count] of Object.entries(counts)) to[name] = (to[name] ?? 0) + count;
}

async function replay(days, since, lagMs) {
  const file = progressFile();
  const progress = await file.load();
  if (progress.days >= days) {
    console.log(`demo: ${progress.days} days have arrived in an earlier run`);
    await round(since, lagMs);
  }
  for (let start = since; progress.days < days; start = Date.now()) {
    const day = dayAfter(progress.first, progress.days);
    const { orders, not_shop_data: notShopData, returns_covered: covered, returns_partly: partly } = await shopify.post('replay', { until: dayAfter(day, 1) });
    console.log(`demo: ${day}: ${orders} orders arrive`);
    add(progress.not_shop_data, notShopData);
    add(progress.returns, { covered, partly });
    await payOutDay(`${dayAfter(day, 1)}T00:00:00Z`);
    progress.days += 1;
    file.save(progress);
    await round(start, lagMs);
  }
  for (let left = QUIET_ROUNDS; left > 0; left--) {
    console.log('demo: does anything remain to be done?');
    if (await round(Date.now(), lagMs) === 0) break;
  }
  return progress;
}

/** At the end of a replayed day Shopify pays out what has come; what it sent the day before has arrived. */
async function payOutDay(end) {
  for (const { id, status } of (await shopify.get('payments')).payouts) {
    if (status === 'SCHEDULED') await shopify.post('payments/change-payout', { id, status: 'PAID' });
  }
  await shopify.post('payments/payout', { until: end, at: end });
}

const BALANCE_DAYS = 90; // of one answer
const UNEVEN = ['uneven-payout', 'wrong-fee', 'unknown-type', 'not-imported'];
/** The payouts of the replayed days, each beside its lines; throws where one does not agree. */
async function tellPayouts({ first, days }) {
  const { shops } = await api.get('shops');
  const books = [];
  for (let day = 0; day < days; day += BALANCE_DAYS) {
    const to = dayAfter(first, Math.min(days, day + BALANCE_DAYS));
    books.push(await api.get(`balance?company=${shops[0].company}&shop=${shops[0].code}&from=${dayAfter(first, day + 1)}&to=${to}`));
  }
  const paid = (await shopify.get('payments')).payouts.length;
  const payouts = books.flatMap((book) => book.payouts), wrong = books.flatMap((book) => book.differences).filter((row) => UNEVEN.includes(row.kind));
  if (wrong.length) throw new Error(`payouts and their lines: ${wrong.slice(0, 5).map((row) => `${row.kind} of ${row.record}, ${row.amount}`).join('; ')}`);
  if (payouts.length !== paid) throw new Error(`Shopify has paid out ${paid} times, the books name ${payouts.length} (cartage balance)`);
  console.log(`demo: ${payouts.length} payouts, each the sum of its lines, each line of an order that is known (cartage balance)`);
}

/** Shopify pays out what has come, a payout a week, and a bank asks about one sale: once in the life of this state folder. */
async function payOut() {
  if ((await shopify.get('payments')).payouts.length > 0) return;
  const { business } = await shopify.get('time');
  const weeks = [3, 2, 1].map((back) => new Date(Date.parse(business) - back * 7 * 86_400_000).toISOString().replace('.000Z', 'Z'));
  for (const until of weeks) {
    const { made } = await shopify.post('payments/payout', { until, at: until });
    for (const { id } of made) await shopify.post('payments/change-payout', { id, status: 'PAID' });
  }
  const sale = (await shopify.get('payments')).lines.find((line) => line.order);
  if (sale) await shopify.post('payments/dispute', { order: sale.order });
}

async function tellAgain() {
  for (const shop of new Set((await entriesNow()).map((entry) => entry.arguments?.shop).filter(Boolean))) {
    const { from, counts } = await countAgain(api, shop);
    console.log(`demo: shop ${shop}, set back to ${from}, would read ${counts.map(([what, count]) => `${count} ${what}`).join(' and ')} (cartage reset sync)`);
  }
}

async function tellDoctor() {
  const rows = await doctorSays(api);
  console.log(`demo: doctor ${rows.length ? `says\n${rows.map((row) => `demo:   ${row}`).join('\n')}` : 'finds nothing amiss'} (cartage doctor)`);
}

/** What both peers hold now, and what cartage says of it. */
async function sheetOf(skips, { not_shop_data: notShopData, returns }) {
  const both = { orders: await ordersOf(shopify), documents: await documentsOf(erp), shipments: await shipmentsOf(erp) };
  const stories = await storiesOf(api, new Set([...differing(both), ...shippedOtherwise(both)]));
  return balance({ ...both, ...stories, reasons: reasonsOf(both.orders, skips), notShopData, returns });
}

async function main() {
  const since = Number(flags.since);
  const before = await effectCount(shopify);
  const { replicaLagMs: lagMs } = await erp.get('settings');
  let progress = {};
  if (!flags.days) await payOut();
  if (flags.days) {
    progress = await replay(Number(flags.days), since, lagMs);
    await tellPayouts(progress);
  } else {
    console.log('demo: waiting for the entries of the demo company');
    await round(since, lagMs);
  }

  await tellAgain();
  await tellDoctor().catch((error) => console.log(`demo: doctor says nothing: ${error.message}`));

  const tasks = taskRows(await runsSince(since));
  const { cues } = await api.get('cues');
  const { skips } = await api.get('skips');
  const sheet = await sheetOf(skips, progress);
  const ok = tasks.length > 0 && tasks.every((task) => task.outcome !== 'error') && closes(sheet);
  const summary = {
    ok, dashboard: `${api.url}/`, tasks, cues: Object.fromEntries(cues.map((cue) => [cue.name, cue.value])), balance: sheet,
    shopify_writes: (await effectCount(shopify)) - before,
  };
  if (flags.json) writeFileSync(flags.json, `${JSON.stringify(summary, null, 2)}\n`);
  const numbers = flags.days ? new Map() : numbersOf(Number(flags.seed));
  console.log(summaryText(summary, cues, { numbers, left: leftAlone(skips, await entriesNow()) }));
  process.exitCode = ok ? 0 : 1;
}

main().catch((error) => {
  console.error(`demo: ${error.message}`);
  if (flags.json) writeFileSync(flags.json, `${JSON.stringify({ ok: false, error: error.message })}\n`);
  process.exitCode = 1;
});

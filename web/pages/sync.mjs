// sync.mjs - a sync by hand, by the shop's toggle. On: its number and log at once. Off: the person waits, sees progress, and
// then counts, or the error.
//
// Who waits may leave: the run goes on, or is cancelled, as the person says. While this page stands, another page of
// ours asks first; a window that is closed does what stands in the choice, for there is no time left to ask.
import { span, t } from '../text.mjs';
import { button, dialog, el, link, name, problemText, quiet, quote, say, section, sign, status, toast } from '../ui.mjs';
import { Problem } from '../api.mjs';
import { choice } from '../fields.mjs';
import { countText, endedWell, ending, logLink, operationTitle, paceText, progressBar, taskState } from '../task.mjs';
import { eventsOf, EVENTS, followRun } from '../live.mjs';
import { whyText } from './run.mjs';

export const every = 2000;
const LEFT = ['go', 'cancel'];
/** Orders and what becomes of them, in their order. */
const ORDERS = ['orders.sync', 'orders.process', 'shipments.sync', 'inventory.sync'];
/** What "sync all" runs, in the API's order, as far as this version has it. */
const ALL = ['customers.sync', 'products.sync', 'inventory.sync', 'images.sync', 'companies.sync', 'catalog-prices.sync'];

const jobs = []; // newest first: {id, shop, operation, run, why, problem, note, open}
let ids = 0;
let whenLeft = 'go';
let shown = null; // the view that draws

const waited = () => jobs.filter((job) => job.open);
const scope = (shop) => `company=${shop.company}`;
const runPath = (job) => `runs/${encodeURIComponent(job.run.task)}`;
const redraw = () => { if (document.getElementById('jobs')) shown?.redraw(); };

export async function load(view) {
  const [{ shops }, { operations }] = await Promise.all([view.get('shops'), view.get('operations')]);
  return { shops, operations };
}

// ---- a run that somebody waits for ----

function ended(job) {
  job.open = false;
  const { run } = job;
  say(`${operationTitle(job.operation)}, ${t(`outcome.${run.outcome}`, {}, run.outcome)}. ${endedWell(run) ? countText(run.counts) : run.error ?? ''}`);
  redraw();
}

/** The run as it stands, and what it waits for. */
function heard(job, run) {
  job.run = run;
  job.why = run.waits ?? null;
  if (job.open && run.state === 'finished') ended(job);
  redraw();
}

/** Each event is a run as it stands: which job's, `jobOf` says. What is cut off goes on, and is followed by itself. */
async function follow(answer, jobOf) {
  const waiting = new Set();
  try {
    for await (const { run } of eventsOf(answer)) {
      const job = jobOf(run);
      if (job.open) waiting.add(job);
      heard(job, run);
    }
  } catch { /* cut: each is followed below */ }
  const left = [...waiting].filter((job) => job.open);
  if (!waiting.size) throw new Problem(0, { code: 'sync_broken', detail: 'The connection ended before the run did; it goes on.' });
  await Promise.all(left.map((job) => followRun(job.run, (run) => heard(job, run))));
}

/** The run of the background, in a note of its own when it has ended. */
async function watch(job) {
  await followRun(job.run, (run) => heard(job, run));
  const { run } = job;
  const good = endedWell(run);
  toast([t('sync.ended', { operation: operationTitle(job.operation), run: String(run.no), shop: job.shop.code }), ' ', good ? countText(run.counts) : quote(run.error ?? ''), ' ',
    logLink(run.no, job.shop.company)], { tone: good ? 'good' : 'bad' });
  redraw();
}

/** One operation for one shop, its way; answers once it may be followed by the next: at once, or when it has ended. */
async function start(view, shop, operation) {
  const job = { id: (ids += 1), shop, operation, open: false };
  jobs.unshift(job);
  redraw();
  try {
    const answer = await view.open('POST', `sync?${scope(shop)}`, { operation, arguments: { shop: shop.code }, on_leave: 'goes-on' },
      { headers: EVENTS });
    if (!answer.ok) throw await refusal(answer);
    if (answer.status !== 202) {
      job.open = true;
      await follow(answer, () => job);
      return;
    }
    job.run = await answer.json();
    say(t('sync.started', { operation: operationTitle(operation), run: String(job.run.no) }));
    redraw();
    watch(job).catch((problem) => { job.problem = problem; redraw(); });
  } catch (problem) {
    job.problem = problem;
    job.open = false;
    say(`${operationTitle(operation)}: ${problem.message}`);
    redraw();
  }
}

const refusal = async (answer) => new Problem(answer.status, await answer.json().catch(() => ({})));

/** Sync all, as the API has it: the shops that run in background at once, the others one run after the other. */
async function startAll(view, shops) {
  const [{ company }] = shops;
  const jobOf = (run) => {
    let job = jobs.find((row) => row.run?.task === run.task);
    if (job) return job;
    const shop = shops.find((row) => row.code === run.arguments?.shop);
    job = { id: (ids += 1), shop, operation: run.operation, run, open: shop.background === false };
    jobs.unshift(job);
    if (!job.open) watch(job).catch((problem) => { job.problem = problem; redraw(); });
    return job;
  };
  try {
    const answer = await view.open('POST', `sync/all?company=${company}`, { shops: shops.map((shop) => shop.code), on_leave: 'goes-on' }, { headers: EVENTS });
    if (!answer.ok) throw await refusal(answer);
    if (answer.status === 202) (await answer.json()).runs.forEach(jobOf);
    else await follow(answer, jobOf);
  } catch (problem) {
    toast([`${t('sync.all')}: `, problemText(problem)], { tone: 'bad' });
  }
  redraw();
}

/** Orders and what becomes of them, in their order; the next begins when the one before is in the queue, or has ended. */
async function startOrders(view, shop, operations) {
  for (const operation of operations) {
    await start(view, shop, operation);
    if (jobs.some((job) => job.shop === shop && job.problem)) return;
  }
}

// ---- leaving ----

const cancel = (view, job) => view.send('POST', `${runPath(job)}/cancel?${scope(job.shop)}`).catch((problem) => toast(problemText(problem), { tone: 'bad' }));

function letGo(view, way) {
  whenLeft = way;
  for (const job of waited()) {
    if (!job.run) continue;
    if (way === 'cancel') cancel(view, job);
    else toast([t('sync.goes_on', { operation: operationTitle(job.operation) }), ' ', logLink(job.run.no, job.shop.company)]);
  }
}

async function beforeLink(event) {
  const anchor = event.target.closest?.('a[href^="#"]');
  if (!anchor || !document.getElementById('jobs') || !waited().length || anchor.hash.startsWith('#/sync') || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const way = await dialog(t('sync.leave_title'), (close) => [
    el('p', {}, t('sync.leave_text', { n: waited().length })),
    el('div', { class: 'buttons' }, button(t('sync.leave_stay'), () => close(), { autofocus: true }),
      button(t('sync.left_cancel'), () => close('cancel'), { class: 'danger' }), button(t('sync.left_go'), () => close('go'), { class: 'primary' })),
  ]);
  if (!way) return;
  letGo(shown, way);
  location.hash = anchor.hash;
}
addEventListener('click', beforeLink, true);
addEventListener('beforeunload', (event) => { if (waited().length) event.preventDefault(); });
addEventListener('pagehide', () => {
  if (whenLeft !== 'cancel') return;
  for (const job of waited()) if (job.run) shown.open('POST', `${runPath(job)}/cancel?${scope(job.shop)}`, undefined, { keepalive: true }).catch(() => {});
});

// ---- drawing ----

function jobState(view, job) {
  const { run, problem } = job;
  if (problem) return el('p', { class: 'error' }, sign('red'), ' ', problemText(problem));
  if (!run) return el('p', { class: 'quiet' }, t('sync.asked'));
  if (run.state === 'finished') {
    const good = endedWell(run);
    return [el('p', {}, ending(run), ' ', good ? countText(run.counts) : null, run.started_ms ? el('span', { class: 'quiet' }, ` (${span(run.finished_ms - run.started_ms)})`) : null),
      run.error && el('p', { class: 'error' }, quote(run.error)), !good && el('p', {}, t(`sync.next_${run.outcome === 'cancelled' ? 'cancelled' : 'failed'}`))];
  }
  return [el('p', {}, run.state === 'running' ? [taskState(run), paceText(run)].filter(Boolean).join(' · ') : status('waits', taskState(run))),
    run.state !== 'running' && whyText(view, job.why), progressBar(run, operationTitle(job.operation))];
}

function jobItem(view, job) {
  const open = job.run && job.run.state !== 'finished';
  return el('li', { key: job.id, 'data-operation': job.operation, 'data-state': job.problem ? 'refused' : job.run?.state ?? 'asked' },
    el('div', { class: 'line' }, el('div', {}, el('strong', {}, operationTitle(job.operation)), ' ', name(job.shop.code, { class: 'quiet' }), ' ',
      job.run && logLink(job.run.no, job.shop.company)),
    open && button(t('action.run.cancel'), () => cancel(view, job), { 'aria-label': `${t('action.run.cancel')}: ${operationTitle(job.operation)}` })),
    jobState(view, job));
}

const ordersOf = (operations) => ORDERS.filter((row) => operations.some((known) => known.name === row));
/** Whatever brings a shop in step and asks for nothing but the shop: orders first, then in the order of "sync all". */
const placeOf = (operation) => { const place = [...ORDERS, ...ALL].indexOf(operation); return place < 0 ? Infinity : place; };
const asksForShop = (row) => row.arguments.some(({ name: one }) => one === 'shop') && row.arguments.every(({ name: one, required }) => !required || one === 'shop');
const syncsOf = (operations) => operations.filter((row) => (ORDERS.includes(row.name) || row.name.endsWith('.sync')) && asksForShop(row))
  .map((row) => row.name).sort((a, b) => placeOf(a) - placeOf(b));

const hasAll = (operations) => operations.some((row) => ALL.includes(row.name));

/** The same for several shops, each its way. */
function together(view, shops, operations) {
  const n = shops.length;
  if (n < 2) return null;
  const companies = [...new Set(shops.map((shop) => shop.company))];
  return el('div', { class: 'actions', key: 'together' },
    button(t('sync.orders_of', { n }), () => shops.forEach((shop) => startOrders(view, shop, ordersOf(operations)))),
    hasAll(operations) && button(t('sync.all_of', { n }), () => companies.forEach((company) => startAll(view, shops.filter((shop) => shop.company === company)))));
}

function shopPart(view, shop, operations) {
  const about = (text) => ({ 'aria-label': `${text}: ${shop.code}` });
  return el('section', { class: 'sheet', key: `${shop.company} ${shop.code}`, 'aria-label': shop.code },
    el('h2', {}, name(shop.code), ' ', el('span', { class: 'quiet' }, shop.background === false ? t('sync.waits') : t('sync.background'))),
    shop.enabled ? el('div', { class: 'actions' },
      button(t('sync.orders'), () => startOrders(view, shop, ordersOf(operations)), about(t('sync.orders'))),
      hasAll(operations) && button(t('sync.all'), () => startAll(view, [shop]), about(t('sync.all'))),
      syncsOf(operations).map((operation) => button(operationTitle(operation), () => start(view, shop, operation), about(operationTitle(operation)))))
      : el('p', {}, status('warn', t('shop.off')), ' ', link(`#/shops/${shop.code}?${scope(shop)}`, t('sync.to_card'))));
}

export function draw(view, { shops, operations }) {
  shown = view;
  const mine = shops.filter((shop) => (!view.company || shop.company === view.company) && (!view.shop || shop.code === view.shop));
  const n = waited().length;
  return [
    el('h1', { key: 'h1' }, t('page.sync')),
    el('p', { key: 'about', class: 'quiet' }, t('sync.about')),
    !view.may('operate') && quiet(t('sync.role')),
    view.may('operate') && together(view, mine.filter((shop) => shop.enabled), operations),
    view.may('operate') && el('div', { class: 'columns', key: 'shops' }, mine.map((shop) => shopPart(view, shop, operations))),
    section('jobs', t('sync.jobs', { n: jobs.length }),
      n > 0 && choice('when-left', t('sync.when_left'), LEFT.map((word) => [word, t(`sync.left_${word}`)]),
        { value: whenLeft, help: t('sync.when_left_help'), onchange: (event) => { whenLeft = event.target.value; } }),
      jobs.length ? el('ul', { class: 'rows' }, jobs.map((job) => jobItem(view, job))) : quiet(t('sync.none'))),
  ];
}

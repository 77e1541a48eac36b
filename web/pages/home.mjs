// home.mjs - are the shops in step? Tiles first, what runs and how fast behind them.
import { clock, number, percent, span, t, when } from '../text.mjs';
import { el, name, quiet, say, section, sign, status, table } from '../ui.mjs';
import { operationTitle, progressBar, runTitle, taskState } from '../task.mjs';

export const every = 1000; // a tile follows within two seconds

const RUNS = 100;
const worst = (cues) => ['red', 'yellow'].find((colour) => cues.some((cue) => cue.colour === colour)) ?? 'green';
const colourOf = (cue, value) => {
  const { yellow_from: yellow = 1, red_from: red = Infinity } = cue;
  return value >= red ? 'red' : value >= yellow ? 'yellow' : 'green';
};
export const cueTitle = (cue) => t(`cue.${cue.code ?? cue.name}`, {}, cue.title);

// What the tiles can do without is read beside them: the first look at a slow line does not wait for it.
let more = null;
const readMore = async (view) => {
  const [{ warnings, warningItem }, { open, runs, history }, { stores }, { freshness }] = await Promise.all([
    import('../warnings.mjs').then(async ({ readWarnings, warningItem }) => ({ warningItem, warnings: await readWarnings(view, `?${view.scope.slice(1)}`) })),
    import('../running.mjs').then(({ readRunning }) => Promise.all([readRunning(view, `limit=${RUNS}${view.company ? `&company=${view.company}` : ''}`), import('../history.mjs')]))
      .then(async ([{ open, runs }, { readHistory }]) => ({ open, runs, history: await readHistory(view, runs, Date.now()) })),
    view.getOr({ stores: [] }, 'stores'),
    view.getOr({ freshness: [] }, `freshness?${view.scope.slice(1)}`),
  ]);
  more = { warnings: warnings.map((warning) => (now) => warningItem(now, warning)), open, runs, history, stores, freshness };
};

export async function load(view) {
  const [{ cues }] = await Promise.all([view.get(`cues?cures=false${view.scope}`), more && readMore(view)]);
  if (!more) readMore(view).then(() => view.refresh(), () => {});
  return { cues, ...(more ?? { warnings: [], open: [], runs: null, history: [], stores: [], freshness: [] }) };
}

// ---- what changed is said, once ----

let told = null;
function tellChanges(view, cues) {
  const now = new Map(cues.map((cue) => [cue.name, cue.value]));
  const changed = told?.scope === view.scope ? cues.filter((cue) => told.values.get(cue.name) !== cue.value) : [];
  told = { scope: view.scope, values: now };
  if (changed.length) say(changed.map((cue) => `${cueTitle(cue)}: ${number(cue.value)}, ${t(`colour.${cue.colour}`)}`).join('. '));
  return new Set(changed.map((cue) => cue.name));
}

// ---- the parts ----

function verdict(cues, runs) {
  const colour = worst(cues);
  const open = cues.filter((cue) => cue.colour !== 'green');
  const n = open.reduce((sum, cue) => sum + cue.value, 0);
  const last = runs?.find((run) => run.state === 'finished');
  return el('div', { class: 'verdict', key: 'verdict' }, sign(colour), el('div', {},
    el('h1', {}, t(`home.${colour}`, { n })),
    el('p', { class: 'quiet' },
      open.length ? t('home.open', { n: open.length }) : t('home.nothing'), ' ',
      last && t('home.last', { when: when(last.finished_ms) }))));
}

const address = (cue, shop) => `#/cues/${cue.name}${shop ? `?shop=${encodeURIComponent(shop.code)}&company=${shop.company}` : ''}`;

function tile(cue, changed) {
  return el('li', { key: cue.name }, el('a', { class: `tile ${cue.colour}${changed ? ' changed' : ''}`, href: address(cue), 'data-cue': cue.name },
    el('span', { class: 'value' }, number(cue.value)), sign(cue.colour),
    el('span', { class: 'title' }, cueTitle(cue)),
    el('span', { class: 'meaning' }, t(`colour.${cue.colour}`))));
}

const COLOURS = ['green', 'yellow', 'red'];
/** The kind that is furthest from its target, and how long its changes take. */
function freshTile(freshness) {
  const rank = (row) => COLOURS.indexOf(row.colour) * 1e6 + row.p99_ms / row.target_ms;
  const row = freshness.reduce((worst, one) => (rank(one) > rank(worst) ? one : worst));
  return el('li', { key: 'freshness' }, el('div', { class: `tile ${row.colour}`, 'data-tile': 'freshness' },
    el('span', { class: 'value' }, span(row.p99_ms)), sign(row.colour),
    el('span', { class: 'title' }, t('home.fresh')),
    el('span', { class: 'meaning' }, `${t(`fresh.${row.kind}`)}, ${row.shop}: ${t('home.fresh_late', { n: row.late, all: row.count })}`)));
}

function freshTable(view, freshness) {
  return section('freshness', t('home.fresh_how'), table({
    caption: t('home.fresh_how'), rows: freshness, key: (row) => `${row.company} ${row.shop} ${row.kind}`,
    columns: [
      { title: t('word.shop'), head: true, cell: (row) => name(view.shops.find((shop) => shop.company === row.company && shop.code === row.shop)?.title ?? row.shop) },
      { title: t('home.fresh_kind'), cell: (row) => t(`fresh.${row.kind}`) },
      { title: t('home.fresh_half'), cell: (row) => span(row.p50_ms) },
      { title: t('home.fresh_most'), cell: (row) => [sign(row.colour), ' ', span(row.p99_ms), el('span', { class: 'quiet' }, ` (${t('home.fresh_target', { span: span(row.target_ms) })})`)] },
      { title: t('home.fresh_changes'), cell: (row) => t('home.fresh_late', { n: row.late, all: row.count }) },
    ],
  }));
}

/** A shop's open lists; nothing where there is nothing to do. */
function openOf(cues, shop) {
  const open = cues.map((cue) => [cue, cue.shops?.[shop.code] ?? 0]).filter(([, value]) => value > 0);
  if (!open.length) return status('good', t('colour.green'));
  return el('ul', { class: 'chips' }, open.map(([cue, value]) => {
    const colour = colourOf(cue, value);
    return el('li', { key: cue.name }, el('a', { class: `chip ${colour}`, href: address(cue, shop) },
      sign(colour), el('strong', {}, number(value)), ' ', cueTitle(cue), el('span', { class: 'unseen' }, `, ${t(`colour.${colour}`)}`)));
  }));
}

function perShop(view, cues) {
  const shops = view.shops.filter((shop) => !view.shop || shop.code === view.shop);
  if (shops.length < 2) return null;
  return section('shops', t('home.per_shop'), table({
    caption: t('home.per_shop'), rows: shops, key: (shop) => `${shop.company} ${shop.code}`,
    columns: [
      { title: t('word.shop'), head: true, cell: (shop) => [name(shop.title), shop.enabled === false && el('span', { class: 'quiet' }, ` (${t('home.shop_off')})`)] },
      { title: t('home.tiles'), cell: (shop) => openOf(cues, shop) },
    ],
  }));
}

function warningList(view, warnings) {
  return warnings.length > 0 && section('warnings', t('home.warnings'), el('ul', { class: 'rows' }, warnings.map((item) => item(view))));
}

function running(open) {
  return section('running', t('home.running'),
    open.length ? el('ul', { class: 'rows' }, open.slice(0, 6).map((run) => el('li', { key: run.task },
      el('div', {}, runTitle(run)), el('div', { class: 'quiet' }, taskState(run)), progressBar(run, operationTitle(run.operation))))) : quiet(t('home.idle')));
}

// ---- plots ----

const BINS = 24, BIN_MS = 300_000;
/** Records that the shop's runs have handled and failed at, in steps of five minutes of the last two hours. */
function throughput(runs, now) {
  const first = (Math.floor(now / BIN_MS) - BINS + 1) * BIN_MS;
  const shops = new Map();
  for (const run of runs) {
    const bin = Math.floor((run.finished_ms - first) / BIN_MS);
    const code = run.arguments?.shop;
    if (run.state !== 'finished' || !code || bin < 0 || bin >= BINS) continue;
    if (!shops.has(code)) shops.set(code, Array.from({ length: BINS }, () => ({ good: 0, bad: 0 })));
    const { read = 0, created = 0, updated = 0, failed = 0 } = run.counts ?? {};
    const bad = failed, all = Math.max(read, created + updated + failed);
    shops.get(code)[bin].good += all - bad;
    shops.get(code)[bin].bad += bad;
  }
  return { first, shops };
}

function bars(values, most, title) {
  const width = 240, height = 56, each = width / values.length;
  return el('svg', { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': title },
    el('line', { class: 'base', x1: 0, x2: width, y1: height, y2: height }),
    values.map(([value, part], index) => [
      value > 0 && el('rect', { class: 'bar', x: index * each + .8, width: each - 1.6, y: height - Math.max(1.5, value / most * height), height: Math.max(1.5, value / most * height) }),
      part > 0 && el('rect', { class: 'bar part', x: index * each + .8, width: each - 1.6, y: height - Math.max(1.5, part / most * height), height: Math.max(1.5, part / most * height) }),
    ]));
}

function throughputPlots(view, runs, now) {
  const { first, shops } = throughput(runs, now);
  const shown = view.shops.filter((shop) => shops.has(shop.code) && (!view.shop || view.shop === shop.code));
  if (!shown.length) return quiet(t('home.no_records'));
  return el('div', { class: 'plots' }, shown.map((shop) => {
    const bins = shops.get(shop.code);
    const sum = bins.reduce((total, bin) => total + bin.good + bin.bad, 0), failed = bins.reduce((total, bin) => total + bin.bad, 0);
    const text = t('home.records', { n: sum }) + (failed ? ` · ${t('home.records_failed', { n: failed })}` : '');
    return el('div', { class: 'plot', key: shop.code }, el('h3', {}, name(shop.title)), el('p', {}, text),
      bars(bins.map((bin) => [bin.good + bin.bad, bin.bad]), Math.max(1, ...bins.map((bin) => bin.good + bin.bad)), `${shop.title}: ${text}`),
      el('div', { class: 'axis' }, el('span', {}, clock(first)), el('span', {}, t('word.now'))));
  }));
}

function budgetPlots(stores) {
  return el('div', { class: 'plots' }, stores.map((store) => {
    const { minutes } = store, most = Math.max(1, ...minutes);
    const text = t('home.budget_left', { part: percent(store.available / store.maximum), peak: percent(Math.max(...minutes) / (store.rate * 60)) });
    return el('div', { class: 'plot', key: `${store.store} ${store.app}` }, el('h3', {}, name(store.store)), el('p', {}, text),
      bars(minutes.map((points) => [points, 0]), most, `${store.store}: ${text}`),
      el('div', { class: 'axis' }, el('span', {}, t('home.ago', { span: span(minutes.length * 60_000) })), el('span', {}, t('word.now'))));
  }));
}

export function draw(view, { cues, warnings, open, runs, history, stores, freshness }) {
  const changed = tellChanges(view, cues);
  if (!view.shops.length) return [el('h1', {}, t('home.empty')), el('p', {}, t('home.empty_how')), el('p', {}, el('code', {}, 'cartage connect shopify'))];
  return [
    verdict(cues, runs),
    el('ul', { class: 'tiles', key: 'tiles', id: 'tiles', 'aria-label': t('home.tiles') }, cues.map((cue) => tile(cue, changed.has(cue.name))), freshness.length > 0 && freshTile(freshness)),
    warningList(view, warnings),
    perShop(view, cues),
    freshness.length > 0 && freshTable(view, freshness),
    runs && el('div', { class: 'columns', key: 'columns' },
      running(open),
      section('throughput', t('home.throughput'), throughputPlots(view, history, Date.now())),
      stores.length > 0 && section('budget', t('home.budget'), budgetPlots(stores))),
  ];
}

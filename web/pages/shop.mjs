// shop.mjs - the shops, and the card of one: every setting with what it means, changed where it stands.
//
// What a person has changed and not saved lives in `drafts`; a refusal, or the page that is read meanwhile, takes none of it.
import { moment, t } from '../text.mjs';
import { actionButton } from '../actions.mjs';
import { button, el, link, name, problemText, quiet, section, sign, status, table, toast } from '../ui.mjs';
import { etagOf } from '../api.mjs';
import { brought, loadMore } from '../more.mjs';
import { area, check, choice, input, problemField, showAgain } from '../fields.mjs';
import { changesList, differences, focusChanges } from '../merge.mjs';
import { instant } from '../schedule.mjs';
import { operationTitle } from '../task.mjs';

export const every = 5000;
const OWN_WAY = ['code', 'enabled']; // the code stays, enabling is a step of its own
const drafts = new Map(); // "company/CODE" -> {values: {name: text or boolean}, etag, base: the shop as it was seen}
let trouble = null; // {key, field, problem, rows: what somebody else has changed meanwhile}
let sought = '';

const keyOf = (shop) => `${shop.company}/${shop.code}`;
const pathOf = (shop) => `shops/${shop.code}?company=${shop.company}`;

export async function load(view) {
  const [code] = view.params;
  const { shops } = await view.get('shops');
  if (!code) return { shops };
  const company = view.query.get('company') || view.company;
  const found = shops.find((shop) => shop.code === code && (!company || shop.company === company));
  if (!found) return { shops, code };
  const path = pathOf(found);
  const [shop, card, times, named] = await Promise.all([
    view.get(path), view.getOr({ groups: [], settings: [] }, 'settings'), view.getOr({ times: [] }, `shops/${code}/times?company=${found.company}`),
    view.getOr({ titles: [] }, `titles?company=${found.company}&shop=${code}`), loadMore()]);
  for (const row of card.settings) titles.set(row.name, title(row));
  return { shops, code, shop, card, times, path, named: named.titles };
}

// ---- values as texts, and back ----

const pairs = (value) => Object.entries(value ?? {}).map(([key, item]) => `${key} = ${item}`).join('\n');
const ofPairs = (text) => Object.fromEntries(text.split('\n').map((line) => line.split('=')).filter(([key]) => key.trim())
  .map(([key, ...rest]) => [key.trim(), rest.join('=').trim()]));

function shown(row, value) {
  const given = value ?? row.default;
  if (row.type === 'boolean') return given === true || given === 'true';
  return row.type === 'map' ? pairs(given) : String(given ?? '');
}
const sent = (row, value) => (row.type === 'map' ? ofPairs(value) : row.type === 'number' ? Number(value) : value);

const changesOf = (shop) => drafts.get(keyOf(shop))?.values ?? {};
const valueOf = (shop, row) => {
  const values = changesOf(shop);
  return row.name in values ? values[row.name] : shown(row, shop[row.name]);
};

function put(view, shop, row, value) {
  const draft = drafts.get(keyOf(shop)) ?? { values: {}, etag: etagOf(pathOf(shop)), base: shop }; // of what the person has seen
  if (value === shown(row, shop[row.name])) delete draft.values[row.name];
  else draft.values[row.name] = value;
  if (Object.keys(draft.values).length) drafts.set(keyOf(shop), draft);
  else drafts.delete(keyOf(shop));
  view.redraw();
}

// ---- one setting ----

const title = (row) => brought(`title.${row.name}`, row.title ?? row.name);
/** A word of a choice; some mean something else in one setting. */
const wordOf = (row, word) => brought(`word.${row.name}.${word}`) || brought(`word.${word}`, word);

const titles = new Map(); // by name of the setting
/** Names of settings become what people read on the card. */
const needed = (text) => brought(`needs.${text}`, text.replace(/[a-z_]+/g, (word) => (titles.has(word) ? t('shop.quoted', { title: titles.get(word) }) : word)));

function about(row) {
  const needs = (row.needs ?? []).map((need) => (need.level ? t('shop.needs_level', { level: need.level }) : t('shop.needs_settings', { settings: needed(need.settings) })));
  const unit = row.unit && brought(`unit.${row.unit}`, row.unit);
  return [brought(`explain.${row.name}`, row.explain), ...needs, unit && t('shop.unit', { unit })].filter(Boolean).join(' ');
}

/** What orders have named and no row stands for. */
function namedBy(named, row) {
  const titles = named.filter(({ setting }) => setting === row.name).map((one) => `${one.title} (${one.order})`);
  return titles.length ? [' ', t('shop.named'), ' ', name(titles.join(', '))] : null;
}

function settingField(view, { shop, named }, row) {
  const value = valueOf(shop, row), id = `setting-${row.name}`;
  const more = { help: [about(row), namedBy(named, row)], error: trouble?.key === keyOf(shop) && trouble.field === row.name ? problemText(trouble.problem) : undefined,
    disabled: !view.may('admin') || undefined };
  const text = (event) => put(view, shop, row, event.target.value);
  if (row.type === 'boolean') return check(id, title(row), { ...more, checked: value, onchange: (event) => put(view, shop, row, event.target.checked) });
  if (row.type === 'choice') return choice(id, title(row), row.choices.map((word) => [word, wordOf(row, word)]), { ...more, value, onchange: text });
  if (row.type === 'map') return area(id, title(row), { ...more, value, oninput: text, placeholder: row.unit?.replace(': ', ' = '), translate: 'no' });
  return input(id, title(row), { ...more, value, oninput: text, required: row.required || undefined, inputmode: row.type === 'number' ? 'numeric' : undefined, translate: 'no' });
}

const fits = (row) => !sought || `${row.name} ${title(row)} ${about(row)}`.toLowerCase().includes(sought);

function group(view, { shop, card, named }, { code, title: own }) {
  const rows = card.settings.filter((row) => row.group === code && !OWN_WAY.includes(row.name) && fits(row));
  if (!rows.length) return null;
  const count = Object.keys(changesOf(shop)).filter((key) => rows.some((row) => row.name === key)).length;
  return el('details', { class: 'group-of', key: `group-${code}${sought && ' found'}`, id: `group-${code}`, open: code === 'general' || Boolean(sought) }, // a person's choice stays, but for a search
    el('summary', {}, el('h2', {}, brought(`group.${code}`, own)), ' ', count > 0 && el('span', { class: 'status warn' }, t('shop.changed', { n: count }))),
    el('div', { class: 'fields' }, rows.map((row) => settingField(view, { shop, named }, row))));
}

// ---- saving ----

function refused(view, shop, card, problem) {
  const row = problemField(problem, card.settings.map(({ name: setting }) => setting));
  trouble = { key: keyOf(shop), field: row, problem };
  sought = '';
  view.redraw();
  const node = document.getElementById(`setting-${row}`);
  node?.closest('details')?.setAttribute('open', '');
  (node ?? document.getElementById('refusal')).focus();
}

/** Somebody else has saved first: what was changed here stands until the person says otherwise, and is saved over what is there now. */
async function compare(view, shop, card, path, problem) {
  const draft = drafts.get(keyOf(shop));
  const fresh = await view.get(path);
  const texts = (of) => Object.fromEntries(card.settings.map((row) => [row.name, shown(row, of[row.name])]));
  const base = texts(draft.base);
  const rows = differences(base, { ...base, ...draft.values }, texts(fresh));
  drafts.set(keyOf(shop), { ...draft, etag: etagOf(path), base: fresh });
  refused(view, shop, card, problem);
  trouble.rows = rows;
  await view.refresh();
  focusChanges();
}

const rowOf = (card, key) => card.settings.find((row) => row.name === key);
const saidValue = (row, value) => (typeof value === 'boolean' ? t(value ? 'entries.yes' : 'entries.no') : row.type === 'choice' ? wordOf(row, value) : value);

function merge(view, { shop, card }) {
  if (trouble?.key !== keyOf(shop) || !trouble.rows) return null;
  return changesList(trouble.rows, { title: (key) => title(rowOf(card, key)), text: (key, value) => saidValue(rowOf(card, key), value),
    take: (row, theirs) => {
      trouble.rows = trouble.rows.filter((other) => other !== row);
      if (theirs) put(view, shop, rowOf(card, row.key), row.theirs);
      else view.redraw();
      if (theirs) showAgain(document.getElementById(`setting-${row.key}`));
      focusChanges();
    } });
}

async function save(view, { shop, card, path }) {
  const draft = drafts.get(keyOf(shop));
  if (!draft) return;
  const body = Object.fromEntries(Object.entries(draft.values).map(([key, value]) => [key, sent(card.settings.find((row) => row.name === key), value)]));
  try {
    await view.send('PATCH', path, body, { etag: draft.etag });
    drafts.delete(keyOf(shop));
    trouble = null;
    toast(t('shop.saved', { shop: shop.code }));
    view.know();
  } catch (problem) {
    if (problem.status === 412) await compare(view, shop, card, path, problem);
    else refused(view, shop, card, problem);
  }
}

const forget = (view, shop) => {
  drafts.delete(keyOf(shop));
  trouble = null;
  document.getElementById('card')?.reset();
  view.refresh();
};

function saveBar(view, data) {
  const { shop } = data;
  const n = Object.keys(changesOf(shop)).length;
  return [
    el('p', { key: 'refusal', id: 'refusal', class: 'wrong', role: 'alert', tabindex: '-1' },
      trouble?.key === keyOf(shop) && [t('entries.not_saved'), ' ', problemText(trouble.problem)]),
    n > 0 && el('div', { class: 'buttons save-bar', key: 'save' }, el('span', { class: 'quiet' }, t('shop.changed', { n })),
      button(t('shop.undo'), () => forget(view, shop)), el('button', { class: 'primary' }, t('ui.save'))),
  ];
}

// ---- how far it has been read ----

const resetTime = (view, shop, row) => view.may('operate') && el('form', { class: 'line', key: row.name, onsubmit: async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  try {
    await view.send('PUT', `shops/${shop.code}/times/${row.name}?company=${shop.company}`, { to: new Date(instant(form.elements.to.value, 'UTC')).toISOString().replace('.000', '') });
    form.reset();
    toast(t('shop.time_moved', { operation: operationTitle(row.operation) }));
    view.refresh();
  } catch (problem) {
    toast(problemText(problem), { tone: 'bad' });
  }
} },
el('input', { type: 'datetime-local', name: 'to', required: true, 'aria-label': `${t('shop.time_to')}: ${operationTitle(row.operation)}` }),
el('button', { 'aria-label': `${t('shop.time_move')}: ${operationTitle(row.operation)}` }, t('shop.time_move')));

const timeText = (text) => (text ? moment(Date.parse(text), 'UTC') : null);

function timeTable(view, { shop, times }) {
  if (!times.times.length) return null;
  return section('times', t('shop.times'), quiet(t('shop.times_help')), table({
    caption: t('shop.times'), rows: times.times, key: (row) => row.name,
    columns: [
      { title: t('entries.operation'), head: true, cell: (row) => operationTitle(row.operation) },
      { title: t('shop.time_at'), cell: (row) => timeText(row.at) ?? t('shop.time_none') },
      { title: t('shop.time_reset'), cell: (row) => timeText(row.reset) },
      { title: t('word.actions'), cell: (row) => resetTime(view, shop, row) },
    ],
  }));
}

// ---- the pages ----

const enabling = (view, shop) => view.may('admin') && actionButton(view, { method: 'POST', code: shop.enabled ? 'shop.disable' : 'shop.enable',
  path: `/v1/shops/${shop.code}/${shop.enabled ? 'disable' : 'enable'}?company=${shop.company}` }, { about: shop.code });
const enabled = (shop) => (shop.enabled ? status('good', t('shop.on')) : status('warn', t('shop.off')));

function listOf(view, shops) {
  return [
    el('h1', { key: 'h1' }, t('page.shops')),
    table({
      caption: t('page.shops'), rows: shops.filter((shop) => !view.company || shop.company === view.company), key: keyOf, none: t('shop.none'),
      columns: [
        { title: t('word.shop'), head: true, cell: (shop) => link(`#/shops/${shop.code}?company=${shop.company}`, name(shop.code)) },
        { title: t('shop.store'), cell: (shop) => name(shop.store) },
        { title: t('entries.status'), cell: enabled },
        { title: t('shop.background'), cell: (shop) => (shop.background === false ? t('shop.waits') : t('shop.in_background')) },
        { title: t('word.actions'), cell: (shop) => el('div', { class: 'actions' }, link(`#/sync?shop=${shop.code}&company=${shop.company}`, t('page.sync')), enabling(view, shop)) },
      ],
    }),
  ];
}

function seek(view) {
  return el('form', { class: 'tools', role: 'search', key: 'seek', onsubmit: (event) => event.preventDefault() },
    input('seek', t('shop.seek'), { type: 'search', oninput: (event) => { sought = event.target.value.trim().toLowerCase(); view.redraw(); } }));
}

export function draw(view, data) {
  const { shops, shop, code, card } = data;
  if (!code) return listOf(view, shops);
  if (!shop) return [el('h1', { key: 'h1' }, t('page.shops')), el('p', { class: 'wrong' }, t('shop.unknown', { shop: code }))];
  return [
    el('p', { key: 'back' }, link('#/shops', `← ${t('page.shops')}`)),
    el('div', { class: 'top', key: 'top' }, el('h1', {}, t('word.shop'), ' ', name(shop.code)), enabled(shop), enabling(view, shop)),
    el('p', { key: 'store', class: 'quiet' }, name(shop.store)),
    !view.may('admin') && el('p', { key: 'role' }, sign('wait'), ' ', t('shop.role')),
    seek(view), merge(view, data),
    el('form', { key: 'card', id: 'card', class: 'form', novalidate: true, onsubmit: (event) => { event.preventDefault(); save(view, data); } },
      card.groups.map((row) => group(view, data, row)), saveBar(view, data)),
    timeTable(view, data),
  ];
}

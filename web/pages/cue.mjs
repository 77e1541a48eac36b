// cue.mjs - what a tile counts: its records grouped by reason, and what cures each; when the tile changes its colour.
import { moment, number, t, when } from '../text.mjs';
import { actions, answered, nextStep } from '../actions.mjs';
import { choice, input } from '../fields.mjs';
import { button, detailOf, el, link, name, problemText, quiet, said, sign, table, toast } from '../ui.mjs';
import { logLink } from '../task.mjs';
import { cueTitle } from './home.mjs';

const ROWS = 50;
export const every = 1000;

export async function load(view) {
  const [cue] = view.params;
  const asked = new URLSearchParams({ limit: ROWS });
  for (const key of ['reason', 'search', 'after']) if (view.query.has(key)) asked.set(key, view.query.get(key));
  const [{ cues, lists = [] }, list] = await Promise.all([
    view.get(`cues?cures=false${view.scope}`),
    view.get(`cues/${encodeURIComponent(cue)}/rows?${asked}${view.scope}`),
  ]);
  return { ...list, cue: [...cues, ...lists].find((row) => row.name === cue) ?? { name: cue } };
}

// ---- what the list is about ----

/** What the original would count, one click away: it also counts what can never be done. */
function beside({ value, original, historic, name: cue }) {
  return [
    original > value && el('p', { class: 'quiet' }, t('cue.original', { n: original }), ' ', link('#/cues/left_alone', t('cue.left_alone'))),
    historic > 0 && el('p', { class: 'quiet' }, t('cue.historic', { n: historic })),
    cue === 'left_alone' && el('p', { class: 'quiet' }, t('cue.left_alone.why')),
  ];
}

function top(view, cue) {
  const known = cue.colour ?? 'green';
  return el('div', { class: 'verdict', key: 'top' }, sign(known), el('div', {},
    el('h1', {}, cueTitle(cue)),
    el('p', {}, cue.value !== undefined && el('strong', { id: 'count' }, number(cue.value)), cue.colour && [', ', t(`colour.${known}`)], '. ',
      el('span', { class: 'quiet' }, t(`cue.${cue.code ?? cue.name}.what`, {}, ''))),
    beside(cue)));
}

async function setThresholds(view, cue, values) {
  try {
    const { whose, ...numbers } = values;
    await view.send('PUT', `thresholds${whose ? `?company=${encodeURIComponent(whose)}` : ''}`, { cues: { [cue.name]: numbers.yellow_from ? numbers : null } });
    toast(t('ui.done', { title: t('cue.thresholds') }));
    view.refresh();
  } catch (problem) {
    toast([`${t('cue.thresholds')}: `, problemText(problem)], { tone: 'bad' });
  }
}

function thresholds(view, cue) {
  if (!cue.thresholds) return null;
  const { yellow_from: yellow, red_from: red, of } = cue.thresholds;
  const whose = [['', t('cue.for_me')], ...(view.may('admin') ? view.companies.map((company) => [company.id, t('cue.for_company', { company: company.name }), { translate: 'no' }]) : [])];
  const given = (form) => {
    const values = { whose: form.elements.whose.value, yellow_from: Number(form.elements.yellow_from.value) };
    return form.elements.red_from.value ? { ...values, red_from: Number(form.elements.red_from.value) } : values;
  };
  return el('details', { key: 'thresholds', class: 'thresholds' },
    el('summary', {}, t('cue.thresholds')),
    el('form', { class: 'tools', onsubmit: (event) => { event.preventDefault(); setThresholds(view, cue, given(event.currentTarget)); } },
      input('yellow_from', t('cue.yellow_from'), { type: 'number', min: 1, required: true, value: yellow }),
      input('red_from', t('cue.red_from'), { type: 'number', min: 1, value: red }),
      choice('whose', t('cue.for_whom'), whose),
      el('button', {}, t('ui.set')),
      of !== 'default' && button(t('cue.as_usual'), (event) => setThresholds(view, cue, { whose: event.target.form.elements.whose.value }))),
    quiet(t(`cue.set_by_${of}`)));
}

// ---- reasons ----

const why = (row) => [said('reason', row), detailOf(row.values?.detail)];

function group(view, row, several) {
  const reason = row.reason ?? row.code;
  const chosen = view.query.get('reason') === reason;
  return el('li', { class: 'group', key: `${row.company} ${row.shop} ${reason}`, 'aria-current': chosen && 'true' },
    el('span', { class: 'count' }, number(row.count)),
    el('div', { class: 'what' }, said('reason', row), several && row.shop && [' ', name(row.shop, { class: 'quiet' })]),
    button(t(chosen ? 'cue.all_reasons' : 'cue.only_these'), () => view.ask({ reason: chosen ? '' : reason, after: '' }),
      { class: 'plain', 'aria-pressed': String(chosen) }),
    row.action && actions(view, [row.action], { about: t('cue.about_group', { n: row.count }) }));
}

// ---- records ----

function record(row, cue) {
  const title = name(row.name);
  if (cue.name === 'synchronization_errors') return link(`#/entry/${encodeURIComponent(row.id)}?company=${row.company}`, title);
  return row.order ? link(`#/orders/${encodeURIComponent(row.order)}`, title) : title;
}

function blocked({ orders, count = 0 }) {
  if (!orders?.length) return null;
  const more = count - orders.length;
  return el('div', {}, t('cue.blocks'), ' ', orders.map((order, index) => [index > 0 && ', ', link(`#/orders/${encodeURIComponent(order.id)}`, name(order.name))]),
    more > 0 && ` ${t('cue.and_more', { n: more })}`);
}

/** Who it might be, why, and a press that takes it. */
function suggested(view, { suggestions = [], actions: offered = [], name: about }) {
  if (!suggestions.length) return null;
  const map = offered.find((action) => action.code === 'map');
  return el('ul', { class: 'suggested', 'aria-label': t('cue.suggested') }, suggestions.map(({ number: of, name: called, why: reasons, sure }) =>
    el('li', { key: of }, t(sure ? 'cue.suggested_sure' : 'cue.suggested_maybe'), ' ', name(of), ' ', name(called), ': ',
      reasons.map((reason) => t(`suggest.${reason}`)).join(', '), ' ', map && answered(view, map, { number: of }, { title: t('cue.take'), about: `${about}, ${of}` }))));
}

const seen = (at) => at > 0 && el('time', { datetime: new Date(at).toISOString(), title: moment(at) }, when(at));

function rows(view, list, cue) {
  return table({
    caption: cueTitle(cue), rows: list, key: (row) => `${row.company} ${row.shop} ${row.id}`,
    none: view.query.get('search') ? t('cue.none_found') : t('cue.none'),
    columns: [
      { title: t('word.record'), head: true, cell: (row) => [record(row, cue), row.values?.sku && [' ', name(row.values.sku, { class: 'quiet' })]] },
      ...(view.shops.length > 1 ? [{ title: t('word.shop'), cell: (row) => name(row.shop) }] : []),
      { title: t('word.reason'), cell: (row) => [why(row), blocked(row), suggested(view, row),
        row.run > 0 && [' ', logLink(row.run, row.company)]] },
      { title: t('word.seen'), cell: (row) => [seen(row.first_ms), row.last_ms > row.first_ms && [' … ', seen(row.last_ms)]] },
      ...(list.some((row) => !row.orders && row.count > 1) ? [{ title: t('word.count'), number: true, cell: (row) => (row.orders ? null : number(row.count ?? 1)) }] : []),
      { title: t('word.actions'), cell: (row) => actions(view, row.actions, { about: row.name }) },
    ],
  });
}

function tools(view) {
  return el('form', { class: 'tools', role: 'search', key: 'tools', onsubmit: (event) => {
    event.preventDefault();
    view.ask({ search: event.currentTarget.elements.search.value.trim(), after: '' });
  } },
  input('search', t('cue.search'), { type: 'search', value: view.query.get('search') ?? '' }),
  el('button', {}, t('ui.search')));
}

function pager(view, next, shown) {
  const here = view.query.get('after');
  if (!next && !here) return null;
  return el('div', { class: 'pager', key: 'pager' },
    here && button(t('ui.first_page'), () => view.ask({ after: '' })),
    next && button(t('ui.next_page'), () => view.ask({ after: next })),
    el('span', { class: 'quiet' }, t('cue.shown', { n: shown })));
}

export function draw(view, { cue, groups = [], rows: list = [], next }) {
  const several = view.shops.length > 1;
  return [
    el('p', { key: 'back' }, link('#/', `← ${t('page.home')}`)),
    top(view, cue),
    nextStep(view),
    groups.length > 0 && el('ul', { class: 'groups', key: 'groups', 'aria-label': t('cue.groups') }, groups.map((row) => group(view, row, several))),
    tools(view),
    el('div', { key: 'rows' }, rows(view, list, cue)),
    pager(view, next, list.length),
    thresholds(view, cue),
  ];
}

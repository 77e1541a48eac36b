// cue.mjs - what a tile counts: its records grouped by reason, and what cures each.
import { moment, number, t, when } from '../text.mjs';
import { actionCode, actionTitle, actions, button, el, field, heading, link, name, quiet, quote, said, sign, status, table } from '../ui.mjs';
import { cueTitle } from './home.mjs';

const ROWS = 50;
export const every = 1000;

export async function load(view) {
  const [cue] = view.params;
  const asked = new URLSearchParams({ limit: ROWS });
  for (const key of ['reason', 'search', 'after', 'which']) if (view.query.has(key)) asked.set(key, view.query.get(key));
  const [{ cues }, list] = await Promise.all([
    view.get(`cues?${view.scope.slice(1)}`),
    view.get(`cues/${encodeURIComponent(cue)}/rows?${asked}${view.scope}`),
  ]);
  return { cue: cues.find((row) => row.name === cue) ?? { name: cue }, ...list };
}

/** An action in the words of this list: what its first question is about, not which route it takes. */
const TONE = { green: 'good', yellow: 'warn', red: 'bad' };

function top(view, cue) {
  return el('div', { class: 'verdict', key: 'top' }, sign(cue.colour ?? 'green'), el('div', {},
    el('h1', {}, cueTitle(cue)),
    el('p', { class: 'quiet' },
      cue.value !== undefined && el('strong', { id: 'count' }, number(cue.value)), ' ', t(`colour.${cue.colour ?? 'green'}`), '. ',
      t(`cue.${cue.code ?? cue.name}.what`, {}, ''))));
}

function group(view, row) {
  const chosen = view.query.get('reason') === row.code;
  return el('li', { class: 'group', key: `${row.code} ${JSON.stringify(row.values ?? {})}`, 'aria-current': chosen && 'true' },
    el('span', { class: 'count' }, number(row.count)),
    el('div', { class: 'what' }, said('reason', row), row.values?.detail && [' ', quote(row.values.detail)]),
    button(t(chosen ? 'cue.all_reasons' : 'cue.only_these'), () => view.ask({ reason: chosen ? '' : row.code, after: '' }),
      { class: 'plain', 'aria-pressed': String(chosen) }),
    row.action && actions(view, [row.action], { about: t('cue.about_group', { n: row.count }) }));
}

const record = (row) => {
  const title = name(row.name);
  return row.order ? link(`#/orders/${encodeURIComponent(row.order)}`, title) : title;
};

function rows(view, list) {
  const several = view.shops.length > 1;
  return table({
    caption: t('cue.rows'), rows: list, key: (row) => `${row.shop} ${row.id}`,
    none: view.query.get('search') ? t('cue.none_found') : t('cue.none'),
    columns: [
      { title: t('word.record'), head: true, cell: record },
      ...(several ? [{ title: t('word.shop'), cell: (row) => name(row.shop) }] : []),
      { title: t('word.reason'), cell: (row) => [said('reason', row), row.values?.detail && [' ', quote(row.values.detail)],
        row.orders?.length > 0 && el('div', {}, t('cue.blocks'), ' ', row.orders.map((order, index) => [index > 0 && ', ',
          link(`#/orders/${encodeURIComponent(order.id)}`, name(order.name))]))] },
      { title: t('word.first_seen'), cell: (row) => row.first_ms && el('time', { datetime: new Date(row.first_ms).toISOString(), title: moment(row.first_ms) }, when(row.first_ms)) },
      { title: t('word.last_seen'), cell: (row) => row.last_ms && el('time', { datetime: new Date(row.last_ms).toISOString(), title: moment(row.last_ms) }, when(row.last_ms)) },
      { title: t('word.count'), number: true, cell: (row) => number(row.count ?? 1) },
      { title: t('word.actions'), cell: (row) => row.actions?.length > 0 && actions(view, row.actions, { about: row.name }) },
    ],
  });
}

function tools(view, cue, groups) {
  return el('form', { class: 'tools', role: 'search', key: 'tools', onsubmit: (event) => {
    event.preventDefault();
    view.ask({ search: event.currentTarget.elements.search.value.trim(), after: '' });
  } },
  field(t('cue.search'), { name: 'search', type: 'search', value: view.query.get('search') ?? '' }),
  el('button', {}, t('ui.search')));
}

function pager(view, { next, rows: shown }) {
  const here = view.query.get('after');
  if (!next && !here) return null;
  return el('div', { class: 'pager', key: 'pager' },
    here && button(t('ui.first_page'), () => view.ask({ after: '' })),
    next && button(t('ui.next_page'), () => view.ask({ after: next })),
    el('span', { class: 'quiet' }, t('cue.shown', { n: shown.length })));
}

export function draw(view, { cue, groups = [], rows: list = [], next }) {
  return [
    el('p', { key: 'back' }, link('#/', `← ${t('page.home')}`)),
    top(view, cue),
    el('ul', { class: 'groups', key: 'groups', 'aria-label': t('cue.groups') }, groups.map((row) => group(view, row))),
    tools(view, cue, groups),
    el('div', { key: 'rows' }, rows(view, list)),
    pager(view, { next, rows: list }),
  ];
}

// entry.mjs - the form of an entry, new or known: what runs, with which parameters, and when, with its next ten runs.
//
// What a person has typed lives in `draft` until it is saved: a failed save, or a list that is read meanwhile, loses nothing.
import { t } from '../text.mjs';
import { button, el, link, name, patch, problemText, say, section, sign, toast } from '../ui.mjs';
import { etagOf, get } from '../api.mjs';
import { DAYS, dayName, daysOf, daysText, instant, localText, slotText, spanOf, spanParts, UNITS, unitName, zoneKnown } from '../schedule.mjs';
import { check, choice, input, number, problemField } from '../fields.mjs';
import { changesList, differences, focusChanges } from '../merge.mjs';
import { brought, loadMore } from '../more.mjs';
import { readWarnings, warningItem } from '../warnings.mjs';
import { operationTitle } from '../task.mjs';

export const every = 0; // a form is not read again while somebody fills it in
const PREVIEW_MS = 350;
const KINDS = ['every', 'formula', 'at', 'manual'];
const KEPT = ['backoff', 'credential', 'lang', 'notify']; // what the form does not show goes back as it came

let draft = null; // of the entry that is open
let opened = ''; // its address
let seen = {}; // its fields as the person has found them
let fills = 0; // counts what has filled the fields anew: what a person has typed stays in a field until it is another field
let preview = { runs: [] };
let matches = {}; // what its parameters would take now
let trouble = null; // {field, problem, rows: what somebody else has changed meanwhile} of the last refusal
let timer = 0;

// ---- the entry as fields, and back ----

function blank(view) {
  return { company: view.company || view.companies[0]?.id || '', operation: '', arguments: { shop: view.shop || '' }, description: '', kind: 'every',
    every: { count: 15, unit: 'minute' }, days: [], from: '', to: '', formula: '', at_time: '', start: '', zone: '', category: null, priority: '',
    catch_up: 'skip', grace: spanParts(0), max_backlog: '', mode: 'slot', idle: spanParts(0), run_at_start: false, max_retry: '', timeout: spanParts(0),
    expires: '', on_exhausted: 'resume', on_hold: false, kept: {} };
}

function draftOf(entry, zone) {
  const [from = '', to = ''] = (entry.window ?? '').split('-');
  const local = (ms) => localText(ms, zone);
  return { company: entry.company, operation: entry.operation,
    arguments: Object.fromEntries(Object.entries(entry.arguments ?? {}).map(([key, value]) => [key, String(value)])),
    description: entry.description ?? '', kind: entry.schedule, every: spanParts(entry.every_ms || 900_000), days: daysOf(entry.days), from, to,
    formula: entry.formula ?? '', at_time: entry.at_time ?? '', start: entry.schedule === 'manual' ? '' : local(entry.start_ms), zone: entry.zone ?? '',
    category: entry.category, priority: entry.priority, catch_up: entry.catch_up || 'skip', grace: spanParts(entry.grace_ms),
    max_backlog: entry.max_backlog || '', mode: entry.mode || 'slot', idle: spanParts(entry.idle_ms), run_at_start: Boolean(entry.run_at_start),
    max_retry: entry.max_retry ?? '', timeout: spanParts(entry.timeout_ms), expires: local(entry.expires_ms), on_exhausted: entry.on_exhausted || 'resume',
    on_hold: entry.status === 'On Hold', kept: Object.fromEntries(KEPT.filter((key) => entry[key]).map((key) => [key, entry[key]])) };
}

/** Its fields side by side, each parameter one of them. */
const flat = ({ arguments: given, etag, kept, ...fields }) =>
  ({ ...fields, ...Object.fromEntries(Object.entries(given).map(([key, value]) => [`argument-${key}`, value])) });
function put(key, value) {
  if (key.startsWith('argument-')) draft.arguments[key.slice(9)] = value;
  else draft[key] = value;
}

const zoneOf = (data) => (draft.zone && zoneKnown(draft.zone) ? draft.zone : data.zones.get(draft.company) ?? 'UTC');

function slots(body) {
  const { every: span, days, from, to } = draft;
  if (draft.kind === 'every') {
    body.every_ms = spanOf(span.count, span.unit);
    if (days.length) body.days = daysText(days);
    if (from || to) body.window = `${from || '00:00'}-${to}`;
  }
  if (draft.kind === 'formula') {
    body.formula = draft.formula.trim();
    if (draft.at_time) body.at_time = draft.at_time;
  }
  if (draft.catch_up !== 'skip') body.catch_up = draft.catch_up;
  if (draft.catch_up === 'none') body.grace_ms = spanOf(draft.grace.count, draft.grace.unit);
  if (draft.catch_up === 'all' && draft.max_backlog) body.max_backlog = Number(draft.max_backlog);
  if (draft.mode !== 'slot') body.mode = draft.mode;
  if (draft.idle.count) body.idle_ms = spanOf(draft.idle.count, draft.idle.unit);
  if (draft.run_at_start) body.run_at_start = true;
}

/** What the API takes; fields that do not go with the kind of schedule are left out. */
function definition(data) {
  const zone = zoneOf(data);
  const body = { operation: draft.operation, arguments: Object.fromEntries(Object.entries(draft.arguments).filter(([key, value]) => value !== '' &&
    data.operations.find((row) => row.name === draft.operation)?.arguments.some((row) => row.name === key))), ...draft.kept };
  if (draft.kind === 'every' || draft.kind === 'formula') slots(body);
  if (draft.kind === 'manual') body.manual = true;
  else if (draft.start && !body.run_at_start) body.start_ms = instant(draft.start, zone);
  if (draft.description.trim()) body.description = draft.description.trim();
  if (draft.zone.trim()) body.zone = draft.zone.trim();
  if (draft.category !== null) body.category = draft.category.trim() || '-';
  if (draft.priority) body.priority = draft.priority;
  if (draft.max_retry !== '') body.max_retry = Number(draft.max_retry);
  if (draft.timeout.count) body.timeout_ms = spanOf(draft.timeout.count, draft.timeout.unit);
  if (draft.expires) body.expires_ms = instant(draft.expires, zone);
  if (draft.on_exhausted !== 'resume') body.on_exhausted = draft.on_exhausted;
  if (draft.on_hold) body.on_hold = true;
  return body;
}

// ---- the next ten runs ----

function drawPreview() {
  const place = document.getElementById('preview');
  if (!place) return;
  const { runs, zone, end, problem } = preview;
  const lines = runs.map(({ at_ms: ms }) => el('li', {}, el('time', { datetime: new Date(ms).toISOString() }, slotText(ms, zone))));
  patch(place, [
    problem ? el('p', {}, sign('wait'), ' ', t('entries.preview_wrong')) : null,
    !problem && zone && el('p', { class: 'quiet' }, t('entries.preview_zone'), ' ', name(zone)),
    el('ol', { class: 'slots' }, lines),
    !problem && end && el('p', { class: 'quiet' }, t(`entries.end_${end}`)),
  ]);
}

// ---- what its parameters match now ----

function drawMatches() {
  const place = document.getElementById('matches');
  if (!place) return;
  const { code, count, sample = [], unseen, undecided, problem } = matches;
  patch(place, [
    problem && el('p', {}, sign('wait'), ' ', problemText(problem)),
    code && el('p', {}, t(`matches.${code}`, { n: count })),
    sample.length > 0 && el('p', { class: 'quiet' }, t('matches.sample'), ' ', sample.map((row, index) => [index > 0 && ', ', name(row)])),
    unseen > 0 && el('p', { class: 'quiet' }, t('matches.unseen', { n: unseen })),
    undecided > 0 && el('p', { class: 'quiet' }, t('matches.undecided', { n: undecided })),
  ]);
}

/** Asked for as soon as what must be given is given. */
async function count(view, data, { operation, arguments: given }) {
  const wanted = data.operations.find((row) => row.name === operation)?.arguments.filter((row) => row.required) ?? [];
  if (wanted.every((row) => given[row.name])) {
    matches = await view.send('POST', `entries/matches?company=${draft.company}`, { operation, arguments: given }).catch((problem) => ({ problem }));
  } else matches = {};
  drawMatches();
}

async function ask(view, data) {
  if (!draft.operation) return;
  count(view, data, definition(data));
  try {
    const answer = await view.send('POST', `entries/preview?company=${draft.company}`, definition(data));
    preview = answer;
    const [first] = answer.runs;
    if (first) say(t('entries.preview_said', { first: slotText(first.at_ms, answer.zone), n: answer.runs.length }));
  } catch (problem) {
    preview = { runs: [], problem };
  }
  drawPreview();
}

function changed(view, data, redraw = true) {
  clearTimeout(timer);
  timer = setTimeout(() => ask(view, data), PREVIEW_MS);
  if (redraw) view.redraw();
}

// ---- loading ----

export async function load(view) {
  const [id] = view.params;
  const query = view.query.get('company') ? `?company=${view.query.get('company')}` : '';
  const [{ operations }, { companies }, { shops }, entry, warnings] = await Promise.all([
    view.get('operations'), view.get('companies'), view.get('shops'), id ? view.get(`entries/${id}${query}`) : null, id ? readWarnings(view, query) : [], loadMore()]);
  const zones = new Map(companies.map((row) => [row.id, row.time_zone || 'UTC']));
  const mine = warnings.filter((warning) => warning.entries.some((row) => row.id === entry.id));
  const data = { operations, companies, shops, zones, entry, warnings: mine, path: id && `entries/${id}${query}` };
  if (opened !== (id ?? 'new')) {
    opened = id ?? 'new';
    trouble = null;
    preview = { runs: [] };
    matches = {};
    draft = entry ? draftOf(entry, entry.zone || zones.get(entry.company)) : blank({ ...view, companies });
    draft.etag = id && etagOf(data.path); // of what the person has seen, not of what may be read later
    seen = flat(structuredClone(draft));
    if (entry) setTimeout(() => ask(view, data), 0);
  }
  return data;
}
/** Who leaves the form has done with it. */
addEventListener('hashchange', () => { if (!location.hash.startsWith('#/entry')) opened = ''; });

// ---- the parts of the form ----

const wrong = (field) => (trouble?.field === field ? problemText(trouble.problem) : undefined);
const bound = (view, data) => ({
  text: (key, title, more = {}) => input(key, title, { value: draft[key], error: wrong(key), oninput: (event) => { draft[key] = event.target.value; changed(view, data, false); }, ...more }),
  pick: (key, title, choices, more = {}) => choice(key, title, choices, { value: draft[key], error: wrong(key), onchange: (event) => { draft[key] = event.target.value; changed(view, data); }, ...more }),
  tick: (key, title, more = {}) => check(key, title, { checked: draft[key], error: wrong(key), onchange: (event) => { draft[key] = event.target.checked; changed(view, data); }, ...more }),
  span: (key, title, more = {}) => number(key, title, { value: draft[key].count, error: wrong(key), ...more,
    oninput: (event) => { draft[key].count = event.target.value; changed(view, data, false); },
    unit: { value: draft[key].unit, label: t('entries.unit', { field: title }), choices: UNITS.map(([unit]) => [unit, unitName(unit)]),
      onchange: (event) => { draft[key].unit = event.target.value; changed(view, data, false); } } }),
});

function parameter(view, data, row) {
  const key = `argument-${row.name}`;
  const use = (event) => { draft.arguments[row.name] = event.target.value; changed(view, data, false); };
  const title = t(`parameter.${row.name}`, {}, row.name);
  const common = { value: draft.arguments[row.name] ?? '', error: wrong(row.name), required: row.required, help: brought(`parameter.${row.name}`, row.help) };
  const either = row.required ? [] : [['', t('entries.either')]];
  if (row.type === 'shop') {
    const shops = data.shops.filter((shop) => shop.company === draft.company);
    return choice(key, title, [['', row.required ? t('entries.choose') : t('head.all_shops')], ...shops.map((shop) => [shop.code, shop.code, { translate: 'no' }])],
      { ...common, help: undefined, onchange: use });
  }
  if (row.type === 'boolean') return choice(key, title, [...either, ['true', t('entries.yes')], ['false', t('entries.no')]], { ...common, onchange: use });
  if (row.type === 'choice') {
    const words = row.help.split(':')[0].split('|');
    return choice(key, title, [...either, ...words.map((word) => [word, t(`choice.${word}`, {}, word)])], { ...common, onchange: use });
  }
  return input(key, title, { ...common, oninput: use });
}

function what(view, data) {
  const operation = data.operations.find((row) => row.name === draft.operation);
  const { pick, text } = bound(view, data);
  const needed = operation?.arguments.filter((row) => row.required || row.type === 'shop') ?? [];
  const others = operation?.arguments.filter((row) => !needed.includes(row)) ?? [];
  const set = others.filter((row) => draft.arguments[row.name]).length;
  return section('what', t('entries.what'),
    data.companies.length > 1 && !data.entry && pick('company', t('entries.company'), data.companies.map((row) => [row.id, row.name, { translate: 'no' }])),
    pick('operation', t('entries.operation'), [['', t('entries.choose')], ...data.operations.map((row) => [row.name, operationTitle(row.name)])],
      { required: true, autofocus: !data.entry }),
    needed.map((row) => parameter(view, data, row)),
    text('description', t('entries.description'), { help: t('entries.description_help'), maxlength: 250 }),
    others.length > 0 && el('details', { key: 'filters', open: set > 0 },
      el('summary', {}, t('entries.filters', { n: set })), el('div', { class: 'fields' }, others.map((row) => parameter(view, data, row)))),
    el('div', { id: 'matches', key: 'matches', role: 'status', own: true }));
}

function weekdays(view, data) {
  const use = (index) => (event) => {
    draft.days = event.target.checked ? [...draft.days, index].sort() : draft.days.filter((day) => day !== index);
    changed(view, data);
  };
  return el('fieldset', { class: 'days', key: 'days', 'aria-describedby': 'days-help' }, el('legend', {}, t('entries.days')),
    DAYS.map((day, index) => el('label', { key: day }, el('input', { type: 'checkbox', id: `days-${day}`, checked: draft.days.includes(index), onchange: use(index) }), ' ', dayName(index))),
    el('p', { class: 'help', id: 'days-help' }, t('entries.days_help')), wrong('days') && el('p', { class: 'wrong' }, wrong('days')));
}

function whenPart(view, data) {
  const { pick, text, span } = bound(view, data);
  const every_ = draft.kind === 'every', formula = draft.kind === 'formula';
  return section('when', t('entries.when'),
    pick('kind', t('entries.kind'), KINDS.map((kind) => [kind, t(`entries.kind_${kind}`)])),
    every_ && span('every', t('entries.every'), { min: 1, required: true }),
    every_ && weekdays(view, data),
    every_ && el('div', { class: 'pair', key: 'window' }, text('from', t('entries.from'), { type: 'time' }), text('to', t('entries.to'), { type: 'time' })),
    wrong('window') && el('p', { class: 'wrong', key: 'window-wrong' }, wrong('window')),
    formula && text('formula', t('entries.formula'), { help: t('entries.formula_help'), required: true, translate: 'no' }),
    formula && text('at_time', t('entries.at_time'), { type: 'time' }),
    draft.kind !== 'manual' && text('start', draft.kind === 'at' ? t('entries.start_once') : t('entries.start'),
      { type: 'datetime-local', help: t('entries.start_help') }),
    text('zone', t('entries.zone'), { list: 'zones', help: t('entries.zone_help', { zone: data.zones.get(draft.company) ?? 'UTC' }), translate: 'no' }),
    el('datalist', { id: 'zones', own: true, key: 'zones' }, Intl.supportedValuesOf('timeZone').map((zone) => el('option', { value: zone }))));
}

function finer(view, data) {
  const { pick, text, tick, span } = bound(view, data);
  const recurs = draft.kind === 'every' || draft.kind === 'formula';
  const operation = data.operations.find((row) => row.name === draft.operation);
  return el('details', { class: 'finer', key: 'finer' }, el('summary', {}, t('entries.finer')), el('div', { class: 'fields' },
    text('category', t('entries.category'), { value: draft.category ?? operation?.category ?? '', help: t('entries.category_help'), maxlength: 20, translate: 'no' }),
    pick('priority', t('entries.priority'), [['', t('entries.priority_own')], ...['high', 'normal', 'low'].map((word) => [word, t(`entries.priority_${word}`)])]),
    recurs && pick('catch_up', t('entries.catch_up'), ['skip', 'none', 'all'].map((word) => [word, t(`entries.catch_up_${word}`)])),
    recurs && draft.catch_up === 'none' && span('grace', t('entries.grace'), { min: 1 }),
    recurs && draft.catch_up === 'all' && text('max_backlog', t('entries.max_backlog'), { inputmode: 'numeric' }),
    recurs && tick('run_at_start', t('entries.run_at_start'), { help: t('entries.run_at_start_help') }),
    recurs && span('idle', t('entries.idle'), { min: 0, help: t('entries.idle_help') }),
    recurs && pick('mode', t('entries.mode'), ['slot', 'bc'].map((word) => [word, t(`entries.mode_${word}`)])),
    text('max_retry', t('entries.max_retry'), { inputmode: 'numeric', help: t('entries.max_retry_help') }),
    recurs && pick('on_exhausted', t('entries.on_exhausted'), ['resume', 'stop'].map((word) => [word, t(`entries.exhausted_${word}`)])),
    span('timeout', t('entries.timeout'), { min: 0, help: t('entries.timeout_help') }),
    text('expires', t('entries.expires'), { type: 'datetime-local' }),
    tick('on_hold', t('entries.on_hold'), {})));
}

// ---- saving ----

const ALIASES = { every_ms: 'every', start_ms: 'start', expires_ms: 'expires', timeout_ms: 'timeout', grace_ms: 'grace', idle_ms: 'idle', window: 'from' };

function refused(view, data, problem) {
  const own = Object.keys(draft).concat(Object.keys(ALIASES), data.operations.find((row) => row.name === draft.operation)?.arguments.map((row) => row.name) ?? []);
  const field = problemField(problem, own);
  trouble = { field: ALIASES[field] ?? field, problem };
  view.redraw();
  const node = document.getElementById(trouble.field) ?? document.getElementById(`argument-${trouble.field}`);
  node?.closest('details')?.setAttribute('open', '');
  (node ?? document.getElementById('refusal'))?.focus();
}

async function save(view, data) {
  trouble = null;
  const body = definition(data);
  try {
    const answer = data.entry
      ? await view.send('PUT', data.path, body, { etag: draft.etag })
      : await view.send('POST', `entries?company=${draft.company}`, body);
    const title = draft.description || operationTitle(draft.operation);
    const warned = answer.warnings?.length > 0;
    toast([t('entries.saved', { entry: title }), warned && [' ', t('entries.saved_warned')]], { tone: warned ? 'warn' : 'good' });
    opened = '';
    const next = warned ? `#/entry/${answer.id}?company=${draft.company}` : '#/entries'; // the warning stands there, with what ends it
    if (location.hash === next) view.refresh();
    else location.hash = next;
  } catch (problem) {
    if (problem.status === 412) await compare(view, data, problem);
    else refused(view, data, problem);
  }
}

// ---- somebody else has changed it meanwhile ----

/** What only they have changed is taken over; where both have, what was typed stands until the person says otherwise. */
async function compare(view, data, problem) {
  const fresh = await get(data.path);
  const theirs = draftOf(fresh, fresh.zone || data.zones.get(fresh.company));
  const rows = differences(seen, flat(structuredClone(draft)), flat(theirs));
  for (const row of rows) if (!row.both) put(row.key, row.theirs);
  draft.kept = theirs.kept;
  draft.etag = etagOf(data.path);
  seen = flat(structuredClone(theirs));
  trouble = { field: '', problem, rows };
  fills += 1;
  changed(view, data);
  focusChanges();
}

const WORDS = { kind: 'kind', catch_up: 'catch_up', mode: 'mode', on_exhausted: 'exhausted', priority: 'priority' };
function fieldText(key, value) {
  if (typeof value === 'boolean') return t(value ? 'entries.yes' : 'entries.no');
  if (WORDS[key] && value) return t(`entries.${WORDS[key]}_${value}`, {}, value);
  if (key === 'operation') return operationTitle(value);
  if (key === 'days') return value.map((day) => dayName(day)).join(', ');
  if (value && typeof value === 'object') return value.count === '' ? '' : `${value.count} ${unitName(value.unit)}`;
  return String(value ?? '');
}
const fieldTitle = (key) => (key.startsWith('argument-') ? t(`parameter.${key.slice(9)}`, {}, key.slice(9)) : t(`entries.${key}`));

const merge = (view, data) => trouble?.rows && changesList(trouble.rows, { title: fieldTitle, text: fieldText, take: (row, theirs) => {
  trouble.rows = trouble.rows.filter((other) => other !== row);
  if (theirs) put(row.key, row.theirs);
  fills += theirs ? 1 : 0;
  changed(view, data);
  focusChanges();
} });

/** All as it stands now: what was typed goes. */
const readAgain = (view, data) => trouble?.rows && button(t('entries.read_again'), async () => {
  const fresh = await get(data.path);
  draft = draftOf(fresh, fresh.zone || data.zones.get(fresh.company));
  draft.etag = etagOf(data.path);
  seen = flat(structuredClone(draft));
  trouble = null;
  fills += 1;
  changed(view, data);
});

export function draw(view, data) {
  setTimeout(() => { drawPreview(); drawMatches(); }, 0);
  const title = data.entry ? t('entries.edit_title') : t('entries.add_title');
  return [
    el('p', { key: 'back' }, link('#/entries', `← ${t('page.entries')}`)),
    el('h1', { key: 'h1' }, title, data.entry && [' ', name(data.entry.description)]),
    data.warnings.length > 0 && el('ul', { class: 'rows', key: 'warnings', 'aria-label': t('home.warnings') }, data.warnings.map((warning) => warningItem(view, warning))),
    merge(view, data),
    el('form', { key: `form ${fills}`, class: 'form', onsubmit: (event) => { event.preventDefault(); save(view, data); } },
      el('div', { class: 'halves', key: 'halves' },
        el('div', { key: 'left' }, what(view, data)),
        el('div', { key: 'right' }, whenPart(view, data),
          el('section', { key: 'next', 'aria-labelledby': 'next-title', class: 'sheet' },
            el('h2', { id: 'next-title' }, t('entries.preview')), el('div', { id: 'preview', own: true })))),
      finer(view, data),
      el('p', { key: 'refusal', id: 'refusal', role: 'alert', class: 'wrong', tabindex: '-1' }, trouble && [t('entries.not_saved'), ' ', problemText(trouble.problem), ' ', readAgain(view, data)]),
      el('div', { class: 'buttons', key: 'buttons' }, link('#/entries', t('ui.cancel')), el('button', { class: 'primary' }, t('ui.save')))),
  ];
}

// app.mjs - the page: reads the API every two seconds and shows what it says. It changes nothing.
import { countsText, entryRow, isOpen, runRow, spanText, taskText } from './view.mjs';

const EVERY_MS = 2000;
const RUNS = 40;
const at = (id) => document.getElementById(id);

/** A browser that keeps nothing (private window) asks again after a reload. */
const kept = {
  get: () => { try { return localStorage.getItem('cartage.token'); } catch { return null; } },
  set: (text) => { try { localStorage.setItem('cartage.token', text); } catch { /* asked again next time */ } },
  drop: () => { try { localStorage.removeItem('cartage.token'); } catch { /* nothing was kept */ } },
};

/** #token=… is taken once and leaves the address, so that it is not copied along with it. */
function tokenOfAddress() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token) history.replaceState(null, '', location.pathname);
  return token;
}

let token = tokenOfAddress() ?? kept.get();

class Refused extends Error {}

async function get(path) {
  const answer = await fetch(`/v1/${path}`, { headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(10_000) });
  if (answer.status === 401) throw new Refused('This token is not the producer\'s.');
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.detail ?? `the producer answered ${answer.status}`);
  return body;
}

/** el('td', {class: 'x'}, 'text', child): text is always text, never markup. */
function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false && child !== ''));
  return node;
}

const show = (id, nodes, otherwise) => at(id).replaceChildren(...(nodes.length ? nodes : [otherwise]));
const emptyRow = (columns, text) => el('tr', {}, el('td', { colspan: columns, class: 'quiet' }, text));
const cell = (label, ...children) => el('td', { 'data-label': label }, ...children);

function cueTile(cue) {
  return el('li', { class: `tile ${cue.colour}` },
    el('span', { class: 'value' }, String(cue.value)),
    el('span', { class: 'name' }, cue.title ?? cue.name),
    el('span', { class: 'colour' }, { green: 'nothing to do', yellow: 'look at it', red: 'act' }[cue.colour] ?? cue.colour));
}

/** The commands stand still while they stay the same: somebody may be copying one. */
let shownCures = '';
function showCures(cues) {
  const open = cues.filter((cue) => cue.cure?.length);
  const text = JSON.stringify(open);
  if (text === shownCures) return;
  shownCures = text;
  at('cures').hidden = open.length === 0;
  at('cures').replaceChildren(...open.flatMap((cue) => [
    el('h3', {}, cue.title ?? cue.name),
    el('ul', {}, ...cue.cure.map((command) => el('li', {}, el('code', {}, command)))),
  ]));
}

function runningItem(run) {
  const { done = 0, total = 0 } = run.progress ?? {};
  const label = `run ${run.no}, ${run.operation}`;
  return el('li', {},
    el('strong', {}, `Run ${run.no}`), ` ${run.operation} ${run.arguments?.shop ?? ''} `,
    el('span', { class: 'quiet' }, taskText(run)),
    run.state === 'running' ? el('progress', { 'aria-label': label, max: total || false, value: total ? Math.min(done, total) : false }) : null);
}

function entryLine(entry, now) {
  const row = entryRow(entry, now);
  return el('tr', {},
    el('th', { scope: 'row' }, row.name, row.shop && el('span', { class: 'quiet' }, ` ${row.shop}`)),
    cell('Operation', row.operation), cell('Every', row.every),
    cell('Status', el('span', { class: `status ${row.tone}` }, row.status)),
    cell('Next run', row.next), cell('Last result', row.last, row.error && el('span', { class: 'error' }, row.error)));
}

function runLine(run, now) {
  const row = runRow(run, now);
  return el('tr', {},
    el('th', { scope: 'row' }, String(run.no), run.attempt > 1 && el('span', { class: 'quiet' }, ` try ${run.attempt}`)),
    cell('Operation', run.operation, row.shop && el('span', { class: 'quiet' }, ` ${row.shop}`)),
    cell('Outcome', el('span', { class: `status ${row.tone}` }, row.outcome)),
    cell('Started', row.started), cell('Took', row.took),
    cell('Result', run.error ? el('span', { class: 'error' }, run.error) : countsText(run.counts)));
}

async function refresh() {
  const [{ cues }, { entries }, { runs }] = await Promise.all([get('cues'), get('entries'), get(`runs?limit=${RUNS}`)]);
  const now = Date.now();
  const open = runs.filter(isOpen);
  show('cues', cues.map(cueTile), el('li', { class: 'quiet' }, 'No company yet: cartage apply -f FILE adds one.'));
  showCures(cues);
  show('running', open.map(runningItem), el('li', { class: 'quiet' }, 'Nothing runs at this moment.'));
  show('entries', entries.map((entry) => entryLine(entry, now)), emptyRow(6, 'No entry yet: cartage entry add, or cartage apply -f FILE.'));
  show('runs', runs.filter((run) => !isOpen(run)).map((run) => runLine(run, now)), emptyRow(6, 'No run has ended yet.'));
  say(open.length ? `${open.length} running or waiting` : 'Up to date', 'good');
}

function say(text, tone) {
  if (at('state').textContent !== text) at('state').textContent = text; // a reader hears changes only
  at('state').className = tone;
}

function ask(why) {
  at('main').hidden = true;
  at('forget').hidden = true;
  at('enter').hidden = false;
  at('refused').textContent = why;
  say('A token is needed', '');
  at('token').focus();
}

let failures = 0;

async function look() {
  if (!token) return ask('');
  try {
    if (!document.hidden) await refresh();
    failures = 0;
    at('enter').hidden = true;
    at('main').hidden = false;
    at('forget').hidden = false;
  } catch (error) {
    if (error instanceof Refused) {
      kept.drop();
      token = null;
      return ask(error.message);
    }
    failures += 1;
    at('main').hidden = false;
    say(`Not up to date for ${spanText(failures * EVERY_MS)}: ${error.message}`, 'bad');
  }
  return void setTimeout(look, EVERY_MS);
}

at('enter').addEventListener('submit', (event) => {
  event.preventDefault();
  token = at('token').value.trim();
  at('token').value = '';
  kept.set(token);
  look();
});
at('forget').addEventListener('click', () => {
  kept.drop();
  location.reload();
});
if (token) kept.set(token);
look();

// ui.mjs - what pages are made of: nodes that are brought up to date in place, words, signs, tables, dialogs, notes.
import { has, language, parts, t, told } from './text.mjs';

const SVG = new Set(['svg', 'path', 'line', 'rect', 'circle', 'polyline', 'text', 'g']);
const SVG_SPACE = 'http://www.w3.org/2000/svg';
const empty = (child) => child === null || child === undefined || child === false || child === '';

/** el('td', {class: 'x', onclick: f}, 'text', child, [more]): text is always text, never markup. `key` names a node among its siblings. */
export function el(tag, attributes = {}, ...children) {
  const node = SVG.has(tag) ? document.createElementNS(SVG_SPACE, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') listen(node, name.slice(2), value);
    else if (name === 'key') node.key = String(value);
    else if (value !== undefined && value !== null && value !== false) node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat(Infinity).filter((child) => !empty(child)).map((child) => (child instanceof Node ? child : String(child))));
  return node;
}

function heard(event) { this.listeners[event.type]?.call(this, event); }
function listen(node, type, handler) {
  node.listeners ??= {};
  if (!(type in node.listeners)) node.addEventListener(type, heard);
  node.listeners[type] = handler;
}

// ---- bringing what stands up to date ----

const same = (have, want) => have.nodeType === want.nodeType && have.nodeName === want.nodeName && have.key === want.key &&
  have.type === want.type;
/** What a person has changed is theirs: whether a detail is open. */
const theirs = (node, name) => name === 'open' && ['DETAILS', 'DIALOG'].includes(node.nodeName);

function patchNode(have, want) {
  if (have.nodeType !== Node.ELEMENT_NODE) {
    if (have.data !== want.data) have.data = want.data;
    return;
  }
  for (const { name } of [...have.attributes]) {
    if (!want.hasAttribute(name) && !theirs(have, name)) have.removeAttribute(name);
  }
  for (const { name, value } of want.attributes) {
    if (have.getAttribute(name) !== value && !theirs(have, name)) have.setAttribute(name, value);
  }
  for (const [type, handler] of Object.entries(want.listeners ?? {})) listen(have, type, handler);
  for (const type of Object.keys(have.listeners ?? {})) if (!want.listeners?.[type]) delete have.listeners[type];
  if (!want.hasAttribute('own')) patch(have, [...want.childNodes]);
}

/** Makes the children of `parent` what `wanted` says, keeping every node that is the same one. */
export function patch(parent, wanted) {
  const nodes = wanted.flat(Infinity).filter((node) => !empty(node)).map((node) => (node instanceof Node ? node : document.createTextNode(node)));
  const keys = new Set(nodes.map((node) => node.key).filter(Boolean));
  const keyed = new Map([...parent.childNodes].filter((node) => node.key).map((node) => [node.key, node]));
  let at = parent.firstChild;
  for (const want of nodes) {
    while (at?.key && !keys.has(at.key)) { const gone = at; at = at.nextSibling; gone.remove(); }
    const have = want.key ? keyed.get(want.key) : at && !at.key ? at : null;
    if (!have || !same(have, want)) {
      parent.insertBefore(want, at);
      continue;
    }
    if (have === at) at = at.nextSibling;
    else parent.insertBefore(have, at);
    patchNode(have, want);
  }
  while (at) { const gone = at; at = at.nextSibling; gone.remove(); }
}

// ---- words ----

/** An identifier, a number or a name of a record: the same in every language. */
export const name = (text, attributes = {}) => el('span', { translate: 'no', class: 'name', ...attributes }, text);

/** Words of a peer, which stay as they are; or a name. */
const asItIs = (text) => (/[a-z] \w+ \w/i.test(text) ? el('span', { lang: 'en', class: 'quote' }, text) : name(text));
/** What is typed stands between `backticks`. */
const withCode = (text) => text.split('`').map((part, index) => (index % 2 ? el('code', { translate: 'no' }, part) : part));

/** What was said in English: in the reader's language where it is ours; a peer's message as it came. */
export function quote(text, attributes = {}) {
  const parts = told(text);
  return parts ? el('span', attributes, parts.map((part) => (typeof part === 'string' ? withCode(part) : asItIs(part.value))))
    : el('span', { lang: 'en', class: 'quote', ...attributes }, text);
}

/** A text that came with its code: in the reader's language where there is one, else as it came. */
export function said(prefix, { code, text, values }) {
  const full = `${prefix}.${code}`;
  if (code && has(full)) return el('span', {}, t(full, values));
  return el('span', { lang: 'en', class: 'untold', 'data-code': full }, text ?? code ?? '');
}

/** ": what exactly". */
export const detailOf = (detail) => detail && [': ', quote(detail)];

export const section = (id, title, ...children) =>
  el('section', { 'aria-labelledby': `${id}-title`, key: id, id }, el('h2', { id: `${id}-title` }, title), ...children);
export const quiet = (...children) => el('p', { class: 'quiet' }, ...children);
export const link = (href, ...children) => el('a', { href }, ...children);

// ---- signs: a state is a form and a word, never a colour alone ----

const SIGNS = {
  green: ['M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Z', 'M5 8.2 7.2 10.4 11 6'],
  yellow: ['M8 1.6 15 14H1Z', 'M8 6v3.6M8 11.4v1'],
  red: ['M5.2 1.5h5.6l3.7 3.7v5.6l-3.7 3.7H5.2l-3.7-3.7V5.2Z', 'M8 4.4v4.2M8 10.6v1'],
  wait: ['M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Z', 'M8 4.4V8l2.4 1.8'],
};
export const sign = (colour) => {
  const [ground, mark] = SIGNS[colour] ?? SIGNS.wait;
  return el('svg', { class: `sign ${colour}`, viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true', focusable: 'false' },
    el('path', { class: 'ground', d: ground }), el('path', { class: 'mark', d: mark }));
};
const TONES = { good: 'green', waits: 'wait', warn: 'yellow', bad: 'red' };
/** A word of state: tone is good, waits, warn or bad. */
export const status = (tone, ...children) => el('span', { class: `status ${tone}` }, sign(TONES[tone]), el('span', {}, ...children));

// ---- tables: rows become cards on a narrow screen ----

/** columns: [{title, cell: (row) => nodes, head, number}]; `key` names a row. */
export function table({ caption, columns, rows, key, none }) {
  if (!rows.length) return none ? quiet(none) : null;
  return el('table', { class: 'cards' },
    caption && el('caption', { class: 'unseen' }, caption),
    el('thead', {}, el('tr', {}, columns.map(({ title, number }) => el('th', { scope: 'col', class: number && 'number' }, title)))),
    el('tbody', {}, rows.map((row, index) => el('tr', { key: key ? key(row) : index }, columns.map(({ title, cell, head, number }) =>
      el(head ? 'th' : 'td', { scope: head && 'row', 'data-label': title, class: number && 'number' }, cell(row)))))));
}

export const button = (title, onclick, attributes = {}) => el('button', { type: 'button', onclick, ...attributes }, title);

// ---- dialogs ----

let ids = 0;
/** A modal form: `fill(close)` gives its children; answers what close() is given, undefined when it was left. */
export function dialog(title, fill) {
  return new Promise((done) => {
    const id = `d${(ids += 1)}`;
    let result;
    const before = document.activeElement;
    const close = (value) => { result = value; box.close(); };
    const box = el('dialog', { 'aria-labelledby': id, onclose: () => {
      box.remove();
      if (before?.isConnected) before.focus();
      done(result);
    } }, el('h2', { id }, title), fill(close));
    document.body.append(box);
    box.showModal();
  });
}

// ---- what just happened ----

/** Says it to a screen reader; the same text twice in a row is said twice. */
export function say(text) {
  const live = document.getElementById('live');
  live.textContent = live.textContent === text ? `${text}\u00a0` : text;
}

const TOAST_MS = 8000;
/** A note that goes by itself; an error stays until it is closed. */
export function toast(children, { tone = 'good' } = {}) {
  const close = () => note.remove();
  const note = el('div', { class: `toast ${tone}` }, sign(TONES[tone]), el('div', {}, children),
    button('×', close, { class: 'plain', 'aria-label': t('ui.close') }));
  document.getElementById('toasts').append(note);
  say(note.querySelector('div').textContent);
  if (tone !== 'bad') setTimeout(close, TOAST_MS);
}

/** What went wrong, as nodes: in the reader's language when it has a code; else what kind of refusal it is, and the producer's own words. */
export function problemText({ code, values, status, message }) {
  if (code && has(`problem.${code}`)) return el('span', {}, parts(`problem.${code}`, values, (value) => name(value)));
  return language !== 'en' && has(`problem.status_${status}`) ? el('span', {}, t(`problem.status_${status}`), ': ', quote(message)) : quote(message);
}

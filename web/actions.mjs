// actions.mjs - what the API offers to do about something: as buttons, as one question on the spot, as a dialog.
import { has, t } from './text.mjs';
import { button, dialog, el, link, problemText, sign, toast } from './ui.mjs';
import { input } from './fields.mjs';

/** The name of its texts: what it does, and to what where the same word does different things. */
function actionCode({ code, method, path, list }) {
  if (/\/cure(\?|$)/.test(path)) return `all.${code}`;
  if (code === 'open') return `open.${list}`;
  return code ?? `${method} ${path.split('?')[0].replace(/^\/?(v1\/)?([^/]+)(\/[^/]+)?/, '$2')}`; // "/v1/entries/ID/restart" → "entries/restart"
}
const actionTitle = (action) => t(`action.${actionCode(action)}`, action.values, action.title);
const askTitle = (ask) => (has(`ask.${ask.name}`) ? t(`ask.${ask.name}`) : `${t('ask.value')} ${ask.title ?? ask.name}`);

/** What makes a change count, kept in sight until it is done or the page is left. */
let next = null; // {action, place, title}
const placeOf = () => location.hash.split('?')[0];
export function nextStep(view) {
  if (next?.place !== placeOf()) next = null;
  return next && el('div', { class: 'sheet next', key: 'next', id: 'next', role: 'group', 'aria-label': t('ui.next_step') },
    el('p', {}, sign('green'), ' ', t('ui.done', { title: next.title }), ' ', t('ui.next_step')), actions(view, [next.action]));
}

/** The keyboard goes on where the work does, when what had the focus is gone. */
function focusNext() {
  if (document.activeElement === document.body) document.querySelector('#next button')?.focus();
}

/** Nobody waits for a run here: what is offered beside a record always goes to the background. */
const bodyOf = ({ body, path }, given) => {
  if (!body && !Object.keys(given).length) return undefined;
  return { ...body, ...given, ...(/^(\/v1\/)?sync(\?|$)/.test(path) ? { detach: true } : {}) };
};

/** Sends it and says how it went; true when it did. `given` replaces fields of its body. */
async function act(view, action, given = {}) {
  const title = actionTitle(action);
  try {
    const answer = await view.send(action.method, action.path, bodyOf(action, given));
    if (next?.action === action) next = null;
    if (action.then) next = { action: action.then, place: placeOf(), title };
    const run = answer.no ?? answer.run;
    toast(run ? [t('ui.started', { title }), ' ', link(`#/log/${run}`, t('ui.log_of', { run: String(run) }))] : t('ui.done', { title }));
    view.refresh().then(() => { if (next) focusNext(); });
    return true;
  } catch (problem) {
    toast([`${title}: `, problemText(problem)], { tone: 'bad' });
    return false;
  }
}

const askField = (ask) => input(`ask-${ask.name}`, askTitle(ask), { name: ask.name, required: true, value: ask.value });

const given = (form, asks) => Object.fromEntries(asks.map(({ name: field, kind }) => {
  const text = form.elements[field].value.trim();
  return [field, kind === 'integer' ? Number(text) : text];
}));

const command = (action) => action.command && el('details', { class: 'command' },
  el('summary', {}, t('ui.as_command')), el('code', { translate: 'no' }, action.command));

/** Its asks as a small dialog, with the command that does the same. */
async function askFirst(view, action) {
  const title = actionTitle(action);
  await dialog(title, (close) => {
    const form = el('form', { onsubmit: async (event) => {
      event.preventDefault();
      const values = given(form, action.asks ?? []);
      close(true);
      await act(view, action, values);
    } },
    action.asks?.map((ask) => askField({ value: action.body?.[ask.name], ...ask })),
    action.method === 'DELETE' && el('p', {}, t('ui.no_way_back')),
    command(action),
    el('div', { class: 'buttons' },
      button(t('ui.cancel'), () => close(false)),
      el('button', { class: action.method === 'DELETE' ? 'danger' : 'primary' }, title)));
    return form;
  });
}

async function busyWhile(node, work) {
  if (node.getAttribute('aria-busy') === 'true') return;
  node.setAttribute('aria-busy', 'true');
  try { await work(); } finally { node.removeAttribute('aria-busy'); }
}

/** A button that does it; asks first where it has to know something, or when there is no way back. `about`: the record, for readers. */
export function actionButton(view, action, { about } = {}) {
  const title = actionTitle(action);
  const asks = action.asks?.length || action.method === 'DELETE';
  return el('button', {
    type: 'button', key: `${action.method} ${action.path} ${JSON.stringify(action.body ?? '')}`,
    'aria-haspopup': asks ? 'dialog' : undefined, 'aria-label': about ? `${title}: ${about}` : undefined,
    onclick: (event) => busyWhile(event.currentTarget, () => (asks ? askFirst(view, action) : act(view, action))),
  }, title);
}

/** An action with one question, asked on the spot: its field and its button in one line. */
function actionLine(view, action, { about } = {}) {
  const [ask] = action.asks;
  const title = actionTitle(action);
  return el('form', {
    class: 'line', key: `${action.method} ${action.path}`,
    onsubmit: (event) => {
      event.preventDefault();
      const form = event.currentTarget;
      busyWhile(form, async () => { if (await act(view, action, given(form, [ask]))) form.reset(); });
    },
  },
  el('input', { name: ask.name, required: true, 'aria-label': about ? `${askTitle(ask)}: ${about}` : askTitle(ask), placeholder: askTitle(ask),
    value: ask.value ?? action.body?.[ask.name], autocomplete: 'off', spellcheck: 'false', class: 'short' }),
  el('button', { 'aria-label': about ? `${title}: ${about}` : undefined }, title));
}

/** A button that does an action whose question is answered already. `title`: what it does then, `about`: the record, for readers. */
export const answered = (view, action, values, { title, about }) => view.may(action.role ?? 'operate') && el('button', {
  type: 'button', key: `${action.path} ${JSON.stringify(values)}`, 'aria-label': `${title}: ${about}`,
  onclick: (event) => busyWhile(event.currentTarget, () => act(view, action, values)),
}, title);

const toList = (view, action, { about } = {}) => {
  const title = actionTitle(action), shop = new URLSearchParams(action.path.split('?')[1]).get('shop');
  return el('a', { class: 'button', key: action.path, 'aria-label': about ? `${title}: ${about}` : undefined,
    href: `#/cues/${action.list}${shop ? `?shop=${encodeURIComponent(shop)}` : ''}` }, title);
};
const asksOnce = ({ asks }) => asks?.length === 1;

/** All actions of a row, as far as this person may: the first stands out, one question is asked on the spot. */
export const actions = (view, offered = [], options = {}) => {
  const mine = (offered ?? []).filter((action) => view.may(action.role ?? 'operate'));
  return mine.length > 0 && el('div', { class: 'actions' },
    mine.map((action) => (action.method === 'GET' ? toList : asksOnce(action) ? actionLine : actionButton)(view, action, options)));
};

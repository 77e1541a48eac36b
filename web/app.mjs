// app.mjs - the shell: token, language, the page that the address names, and reading it again while somebody looks.
import { askAhead, get, getOr, hasToken, kept, open, Problem, Refused, send, useToken } from './api.mjs';
import { LANGUAGES, language, loadTexts, span, t } from './text.mjs';
import { el, name, patch, problemText, say, sign } from './ui.mjs';
import { find, PAGES } from './pages.mjs';

const EVERY_MS = 2000;
const at = (id) => document.getElementById(id);
const roles = ['view', 'operate', 'admin'];

const state = {
  shops: [], // [{company, code, title}]
  companies: [],
  role: 'admin',
  scope: kept.get('scope') ?? '', // "company" or "company/SHOP"; "" = all
  failing: 0, // ms since the last good answer
  problem: null,
  knowing: null, // promise of know(): asked for once
  ready: false, // the texts are there
  turn: 0, // answers of an earlier turn come too late
};

// ---- light and dark ----

const THEMES = ['auto', 'light', 'dark'];
function useTheme(theme) {
  if (theme === 'auto') kept.drop('theme');
  else kept.set('theme', theme);
  document.documentElement.dataset.theme = theme;
}
useTheme(THEMES.find((theme) => theme === kept.get('theme')) ?? 'auto');

// ---- the head ----

function choice(id, title, choices, value, use) {
  return el('label', { class: 'choice', key: id }, el('span', { class: 'unseen' }, title),
    el('select', { id, onchange: (event) => use(event.target.value) },
      choices.map(([key, label, more]) => el('option', { value: key, selected: key === value, ...more }, label))));
}

function scopeChoices() {
  const several = state.companies.length > 1;
  return [['', t('head.all_shops')],
    ...state.companies.flatMap((company) => [
      ...(several ? [[company.id, company.name, { translate: 'no' }]] : []),
      ...state.shops.filter((shop) => shop.company === company.id).map((shop) =>
        [`${shop.company}/${shop.code}`, several ? `\u2003${shop.title}` : shop.title, { translate: 'no' }]),
    ])];
}

function drawHead(here) {
  const links = hasToken() ? PAGES.filter((page) => page.menu) : [];
  patch(at('head'), [
    el('a', { class: 'skip', href: '#main', key: 'skip', onclick: (event) => { event.preventDefault(); at('main').focus(); } }, t('head.skip')),
    el('a', { class: 'brand', href: '#/', key: 'brand', translate: 'no' }, 'cartage'),
    el('nav', { key: 'menu', 'aria-label': t('head.menu') }, links.map((page) =>
      el('a', { href: `#/${page.path}`, key: `menu ${page.path}`, 'aria-current': page === here.page && 'page' }, t(page.title)))),
    el('div', { class: 'state', key: 'state' }, state.problem && hasToken()
      ? [sign('red'), el('span', { title: state.problem.message }, t('head.stale', { span: span(state.failing) }))]
      : null),
    el('div', { class: 'choices', key: 'choices' },
      state.shops.length > 1 && hasToken() && choice('scope', t('head.scope'), scopeChoices(), state.scope, (scope) => {
        state.scope = scope;
        kept.set('scope', scope);
        look();
      }),
      choice('language', t('head.language'), Object.entries(LANGUAGES).map(([tag, title]) => [tag, title, { lang: tag }]), language, async (tag) => {
        kept.set('language', tag);
        await loadTexts(tag).catch((problem) => say(problem.message));
        look();
      }),
      choice('theme', t('head.theme'), THEMES.map((theme) => [theme, t(`theme.${theme}`)]), document.documentElement.dataset.theme, useTheme),
      hasToken() && el('button', { type: 'button', key: 'leave', class: 'plain', onclick: () => { useToken(null); look(); } }, t('head.leave'))),
  ]);
}

// ---- the token ----

function drawEntrance(why) {
  document.title = `cartage – ${t('enter.title')}`;
  patch(at('main'), [el('form', { class: 'entrance', key: 'entrance', onsubmit: (event) => {
    event.preventDefault();
    useToken(event.currentTarget.elements.token.value.trim());
    state.knowing = null;
    look();
  } },
  el('h1', {}, t('enter.title')),
  el('p', {}, t('enter.about')),
  el('div', { class: 'field' }, el('label', { for: 'token' }, t('enter.token')),
    el('input', { id: 'token', name: 'token', type: 'password', autocomplete: 'off', spellcheck: 'false', required: true })),
  el('button', { class: 'primary' }, t('enter.go')),
  el('p', { role: 'alert', class: 'wrong' }, why))]);
}

// ---- a page ----

/** Who looks, and at which shops: read once, and again by a page that changes them. */
async function know() {
  const [companies, shops, me] = await Promise.all([get('companies'), get('shops'), getOr({}, 'me')]);
  state.companies = (companies.companies ?? []).map((company) => ({ id: company.id, name: company.name ?? company.id }));
  state.shops = (shops.shops ?? []).map((shop) => ({ company: shop.company, code: shop.code, title: shop.name || shop.code, enabled: shop.enabled }))
    .sort((a, b) => a.title.localeCompare(b.title));
  state.role = me.role ?? 'admin';
}

function viewOf({ page, params, query }, signal) {
  const [company = '', shop = ''] = (query.has('shop') ? `${query.get('company') ?? ''}/${query.get('shop')}` : state.scope).split('/');
  return {
    params, query, company, shop,
    shops: state.shops, companies: state.companies,
    /** Whether this role may: view, operate or admin. */
    may: (role) => roles.indexOf(state.role) >= roles.indexOf(role),
    /** "&company=…&shop=…", for a list's address. */
    scope: (company ? `&company=${encodeURIComponent(company)}` : '') + (shop ? `&shop=${encodeURIComponent(shop)}` : ''),
    get: (path) => get(path, signal),
    getOr: (otherwise, path) => getOr(otherwise, path, signal),
    send, open,
    refresh: () => look(),
    /** Draws again from what was read: for choices that the page keeps itself. */
    redraw: () => redraw(),
    know: async () => { state.knowing = null; await look(); },
    /** The same page with these in its query; '' takes one away. Keeps the place in history short. */
    ask: (changes) => {
      const next = new URLSearchParams(query);
      for (const [key, value] of Object.entries(changes)) value ? next.set(key, value) : next.delete(key);
      const path = [page.path, ...params.map(encodeURIComponent)].join('/');
      history.replaceState(null, '', `#/${path}${next.size ? `?${next}` : ''}`);
      look();
    },
  };
}

let early = null; // what the opened page reads before anything is shown
let loading = null; // AbortController of the reading under way
let timer = 0;
let shown = ''; // address whose page stands
let redraw = () => {};

function arrived(place) {
  if (shown === place) return;
  const first = shown === '';
  shown = place;
  scrollTo(0, 0);
  if (!first) at('main').focus({ preventScroll: true });
}

async function show(here, turn, signal) {
  const module = await here.page.module();
  state.knowing ??= know();
  const [data] = await Promise.all([early ?? module.load(viewOf(here, signal)),
    state.knowing.catch((problem) => { state.knowing = null; throw problem; })]);
  early = null;
  if (turn !== state.turn) return EVERY_MS;
  state.problem = null;
  state.failing = 0;
  const view = viewOf(here), place = [here.page.path, ...here.params].join('/');
  if (shown !== place) at('main').replaceChildren();
  redraw = () => {
    drawHead(here);
    patch(at('main'), [module.draw(view, data)]);
  };
  redraw();
  document.title = `${at('main').querySelector('h1')?.textContent ?? t(here.page.title)} – cartage`;
  arrived(place);
  return (typeof module.every === 'function' ? module.every(view) : module.every) ?? EVERY_MS;
}

function failed(here, problem) {
  if (problem instanceof Refused) {
    useToken(null);
    drawHead(here);
    drawEntrance(t('enter.refused'));
    return 0;
  }
  state.problem = problem;
  state.failing += EVERY_MS;
  drawHead(here);
  if (shown !== [here.page.path, ...here.params].join('/') || problem instanceof Problem) {
    patch(at('main'), [el('h1', { key: 'h1' }, t(here.page.title)), el('p', { class: 'wrong', role: 'alert', key: 'alert' }, problemText(problem))]);
  } else if (state.failing === EVERY_MS) say(t('head.stale', { span: span(state.failing) }));
  return EVERY_MS;
}

function drawNowhere(here) {
  drawHead(here);
  patch(at('main'), [el('h1', {}, t('page.none')), el('p', {}, name(location.hash)), el('p', {}, el('a', { href: '#/' }, t('page.home')))]);
}

/** Reads the page that the address names and shows it; then again, as long as somebody looks. */
async function look() {
  if (!state.ready) return; // nothing can be said yet
  clearTimeout(timer);
  loading?.abort();
  loading = new AbortController();
  const turn = (state.turn += 1);
  const here = find(location.hash);
  if (!here.page) return drawNowhere(here);
  if (!hasToken()) {
    drawHead(here);
    return drawEntrance('');
  }
  let next = EVERY_MS;
  if (turn > 1 || location.hash !== openedAt) early = null; // it was read for another page
  try {
    next = await show(here, turn, loading.signal);
  } catch (problem) {
    if (turn !== state.turn) return;
    next = failed(here, problem);
  }
  if (turn === state.turn && next && !document.hidden) timer = setTimeout(look, next);
}

addEventListener('hashchange', look);
addEventListener('said', () => redraw());
document.addEventListener('visibilitychange', () => { if (!document.hidden) look(); });

// The texts and the first answers come beside the page's module: a slow line has one round trip less.
const openedAt = location.hash;
const opened = find(openedAt);
if (hasToken() && opened.page) {
  const view = viewOf(opened);
  if (opened.page.first) askAhead(opened.page.first(view));
  state.knowing = know();
  state.knowing.catch(() => {});
  early = opened.page.module().then((module) => module.load(view));
  early.catch(() => {});
}
/** Without texts there is nothing to say; the reason stands there until they come. */
async function begin() {
  try {
    await loadTexts();
  } catch (problem) {
    at('main').textContent = problem.message;
    setTimeout(begin, EVERY_MS);
    return;
  }
  state.ready = true;
  look();
}
begin();

// pages.mjs - the table of pages. A page is a row here and a module in pages/:
//
//   export const every = 2000;                   how often it is read again, ms (default 2000), or a function of the view
//   export async function load(view) → data      asks the API: view.get(path), view.getOr(otherwise, path)
//   export function draw(view, data) → nodes     pure: the shell changes only what differs, so that focus, typed
//                                                text and open details stay. A node with attribute `own` keeps its inside.
//
// A view: {params (what follows the path), query (URLSearchParams), company, shop (what the head has chosen, '' = all),
// shops [{company, code, title}], companies [{id, name}], may(role), scope, get, getOr, send, open, refresh(), redraw(), know(), ask(changes)}.
// `menu`: it stands in the menu. `title` is a code of texts/*.json. `first`: what it reads first, asked for while its module is on its way.
export const PAGES = [
  { path: '', title: 'page.home', menu: true, module: () => import('./pages/home.mjs'), first: (view) => `cues?cures=false${view.scope}` },
  { path: 'cues', title: 'page.cues', module: () => import('./pages/cue.mjs') },
  { path: 'sync', title: 'page.sync', menu: true, module: () => import('./pages/sync.mjs') },
  { path: 'entries', title: 'page.entries', menu: true, module: () => import('./pages/entries.mjs') },
  { path: 'entry', title: 'page.entry', module: () => import('./pages/entry.mjs') },
  { path: 'runs', title: 'page.runs', menu: true, module: () => import('./pages/runs.mjs') },
  { path: 'log', title: 'page.log', menu: true, module: () => import('./pages/log.mjs') },
  { path: 'shops', title: 'page.shops', menu: true, module: () => import('./pages/shop.mjs') },
  { path: 'orders', title: 'page.orders', menu: true, module: () => import('./pages/orders.mjs') },
  { path: 'money', title: 'page.money', menu: true, module: () => import('./pages/money.mjs') },
  { path: 'doctor', title: 'page.doctor', menu: true, module: () => import('./pages/doctor.mjs') },
];

/** "#/orders/1001?shop=MAIN" → its row, the rest of its path, its query. */
export function find(hash) {
  const [path, query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [first, ...params] = path.split('/').map(decodeURIComponent);
  return { page: PAGES.find((row) => row.path === first), params, query: new URLSearchParams(query) };
}

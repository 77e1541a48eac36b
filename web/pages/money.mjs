// money.mjs - the books of a shop on a day: sold and given back against posted, payouts with their parts, every record that does
// not agree, and disputes with the days that are left.
import { has, money, number, t } from '../text.mjs';
import { choice } from '../fields.mjs';
import { button, el, link, name, quiet, section, status, table } from '../ui.mjs';

export const every = 15_000;
const DAY_MS = 86_400_000;
const PARTS = ['orders', 'refunds', 'fees', 'disputes', 'reserves', 'retried', 'advances', 'adjustments', 'unknown'];
const LINES = ['payout', 'id', 'type', 'order_name', 'at', 'currency', 'amount', 'fee', 'net', 'invoice', 'memo'];

const shopOf = (view) => view.shops.find((row) => row.code === (view.query.get('shop') || view.shop)) ?? view.shops[0];
const yesterday = () => new Date(Date.now() - DAY_MS).toISOString().slice(0, 10);
const dayOf = (view) => (/^\d{4}-\d\d-\d\d$/.test(view.query.get('day') ?? '') ? view.query.get('day') : yesterday());
const question = (view, shop) => new URLSearchParams({ company: shop.company, shop: shop.code, day: dayOf(view) });

export async function load(view) {
  const shop = shopOf(view);
  if (!shop) return null;
  const [balance, { disputes }] = await Promise.all([
    view.get(`balance?${question(view, shop)}`), view.get(`disputes?company=${shop.company}&shop=${shop.code}&limit=50`)]);
  return { shop, balance, disputes };
}

/** A reason of skips, or of totals; a line's type at Shopify is its own word. */
const reasonOf = (code) => (has(`reason.${code}`) ? t(`reason.${code}`) : name(code));

// ---- as a table for a spreadsheet ----

const cell = (text) => (/[",\r\n]|^[=+@\t]/.test(text) ? `"${/^[=+@\t]/.test(text) ? "'" : ''}${text.replaceAll('"', '""')}"` : text);

async function save(view, shop) {
  const ask = question(view, shop);
  ask.set('lines', 'true');
  const { lines } = await view.get(`balance?${ask}`);
  const text = [LINES, ...lines.map((line) => LINES.map((field) => line[field] ?? ''))].map((row) => row.map(cell).join(',')).join('\r\n');
  const href = URL.createObjectURL(new Blob([text, '\r\n'], { type: 'text/csv' }));
  el('a', { href, download: `${shop.code}-${dayOf(view)}.csv` }).click();
  URL.revokeObjectURL(href);
}

// ---- what is shown ----

const tools = (view, shop) => el('div', { class: 'tools', key: 'tools' },
  view.shops.length > 1 && choice('money-shop', t('money.shop'), view.shops.map((row) => [row.code, row.title || row.code, { translate: 'no' }]),
    { name: 'shop', value: shop.code, onchange: (event) => view.ask({ shop: event.target.value }) }),
  el('label', { for: 'money-day' }, t('money.day')),
  el('input', { id: 'money-day', type: 'date', value: dayOf(view), onchange: (event) => view.ask({ day: event.target.value }) }),
  button(t('money.csv'), () => save(view, shop)));

const SIDES = [['sold', 'orders', 'invoiced', 'invoices'], ['given_back', 'refunds', 'credited', 'memos']];

function sales({ currency, open, ...row }) {
  return [
    table({
      caption: t('money.sales'), key: ([word]) => `${currency} ${word}`, rows: SIDES,
      columns: [
        { title: t('money.what'), head: true, cell: ([word]) => t(`money.${word}`) },
        { title: t('money.shopify'), number: true, cell: ([word, count]) => [money(row[word], currency), ' · ', number(row[count])] },
        { title: t('money.posted'), number: true, cell: ([, , word, count]) => [money(row[word], currency), ' · ', number(row[count])] },
      ],
    }),
    open.length > 0 && el('ul', { class: 'plain' }, open.map((each) => el('li', { key: `${each.kind} ${each.reason}` },
      t(`money.${each.kind}`), ': ', number(each.count), ', ', money(each.amount, currency), each.reason && [' · ', reasonOf(each.reason)]))),
  ];
}

const payouts = (rows) => table({
  caption: t('money.payouts'), rows, key: (row) => row.id, none: t('money.no_payouts'),
  columns: [
    { title: t('money.payout'), head: true, cell: (row) => [name(row.id), ' ', el('span', { class: 'quiet' }, name(row.status))] },
    { title: t('money.parts'), cell: (row) => PARTS.filter((part) => Number(row[part]) !== 0).map((part) =>
      el('div', { key: part }, t(`money.part_${part}`), ' ', money(row[part], row.currency))) },
    { title: t('money.net'), number: true, cell: (row) => money(row.net, row.currency) },
    { title: t('money.lines'), number: true, cell: (row) => number(row.lines) },
  ],
});

const orderLink = ({ order, record }) => (order ? link(`#/orders/${encodeURIComponent(order)}`, name(record)) : name(record));

const differences = (rows) => table({
  caption: t('money.differences'), rows, key: (row) => `${row.kind} ${row.record} ${row.line ?? ''}`, none: t('money.agrees'),
  columns: [
    { title: t('money.record'), head: true, cell: orderLink },
    { title: t('money.what'), cell: (row) => [status('bad', t(`money.${row.kind}`)), row.reason && [' ', reasonOf(row.reason)]] },
    { title: t('money.amount'), number: true, cell: (row) => money(row.amount, row.currency) },
  ],
});

function evidence({ open, sent, days_left: left }) {
  if (!open) return null;
  if (sent) return t('money.sent');
  if (left === undefined) return null;
  return status(left < 3 ? 'bad' : 'waits', t(left < 0 ? 'money.late' : 'money.left', { n: Math.abs(left) }));
}

const disputes = (rows) => table({
  caption: t('money.disputes'), rows, key: (row) => row.id, none: t('money.no_disputes'),
  columns: [
    { title: t('money.record'), head: true, cell: (row) => orderLink({ ...row, record: row.order_name }) },
    { title: t('money.what'), cell: (row) => [name(row.type), ' ', name(row.status), ' ', name(row.reason)] },
    { title: t('money.amount'), number: true, cell: (row) => money(row.amount, row.currency) },
    { title: t('money.evidence'), cell: evidence },
  ],
});

export function draw(view, data) {
  const head = el('h1', { key: 'h1' }, t('page.money'));
  if (!data) return [head, quiet(t('money.no_shop'))];
  const { shop, balance } = data;
  return [
    head, tools(view, shop),
    section('differences', t('money.differences'), differences(balance.differences)),
    section('sales', t('money.sales'), balance.sales.length ? balance.sales.map(sales) : quiet(t('money.no_sales'))),
    section('payouts', t('money.payouts'), payouts(balance.payouts)),
    section('disputes', t('money.disputes'), disputes(data.disputes)),
  ];
}
